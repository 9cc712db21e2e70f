/* bench-pad: plays a pipeline to its end into a pad that does nothing but count, and
 * tells how many packets came. For bench-read.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Usage: bench-pad PIPELINE..., whose last element is named "last". */

#include "bench.h"

#include <stdio.h>

typedef struct
{
  GMainLoop *loop;
  guint64 packets;
} Counter;

static GstFlowReturn
count_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  ((Counter *) gst_pad_get_element_private (pad))->packets++;
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
count_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  ((Counter *) gst_pad_get_element_private (pad))->packets +=
      gst_buffer_list_length (list);
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    g_main_loop_quit (((Counter *) gst_pad_get_element_private (pad))->loop);
  gst_event_unref (event);
  return TRUE;
}

static GstPad *
link_pad (GstElement * pipeline, Counter * counter)
{
  g_autoptr (GstElement) last = gst_bin_get_by_name (GST_BIN (pipeline), "last");
  g_autoptr (GstPad) pad = NULL;
  GstPad *end = gst_object_ref_sink (gst_pad_new ("end", GST_PAD_SINK));

  if (last != NULL)
    pad = gst_element_get_static_pad (last, "src");
  gst_pad_set_element_private (end, counter);
  gst_pad_set_chain_function (end, count_chain);
  gst_pad_set_chain_list_function (end, count_chain_list);
  gst_pad_set_event_function (end, take_event);
  gst_pad_set_active (end, TRUE);
  if (pad == NULL || gst_pad_link (pad, end) != GST_PAD_LINK_OK)
    bench_fail ("There is no element \"last\" with a source pad");
  return end;
}

static gboolean
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  bench_fail ("%s", error->message);
}

int
main (int argc, char **argv)
{
  static const GOptionEntry options[] = { {NULL} };
  g_autofree gchar *line = NULL;
  Counter counter = { g_main_loop_new (NULL, FALSE), 0 };
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstPad) end = NULL;
  g_autoptr (GstBus) bus = NULL;

  bench_init (&argc, &argv, options, "Plays a pipeline to its end into a pad that "
      "does nothing but count.");
  line = g_strjoinv (" ", argv + 1);
  pipeline = bench_parse_launch ("%s", line);
  end = link_pad (pipeline, &counter);
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, take_message, NULL);
  bench_play (pipeline);
  g_main_loop_run (counter.loop);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  printf ("%" G_GUINT64_FORMAT "\n", counter.packets);
  gst_bus_remove_watch (bus);
  g_main_loop_unref (counter.loop);
  return 0;
}
