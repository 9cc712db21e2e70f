/* bench-tap: plays a pipeline until it is interrupted and tells how many packets
 * its sink has rendered. For bench-record.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* GstBaseSink counts buffers by itself, so that nothing is added to the pipeline.
 * Where a buffer is a piece of a file the source, which is to be named "source",
 * says how many packets there were. Usage: bench-tap PIPELINE... */

#include "bench.h"

#include <glib-unix.h>
#include <stdio.h>

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static GstElement *
find_sink (GstElement * pipeline)
{
  g_autoptr (GstIterator) sinks =
      gst_bin_iterate_sinks (GST_BIN (pipeline));
  g_auto (GValue) value = G_VALUE_INIT;

  if (gst_iterator_next (sinks, &value) != GST_ITERATOR_OK)
    bench_fail ("The pipeline has no sink");
  return g_value_dup_object (&value);
}

static guint64
get_stat (GstElement * element, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (element, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, name, &value);
  return value;
}

static guint64
count_packets (GstElement * pipeline, GstElement * sink)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autoptr (GstElement) source = NULL;

  if (caps == NULL || !gst_structure_has_name (gst_caps_get_structure (caps, 0),
          "application/x-pcapng"))
    return get_stat (sink, "rendered");
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  return get_stat (source, "packets-captured");
}

int
main (int argc, char **argv)
{
  static const GOptionEntry options[] = { {NULL} };
  g_autofree gchar *line = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GstElement) pipeline = NULL, sink = NULL;

  bench_init (&argc, &argv, options, "Plays a pipeline until it is interrupted "
      "and tells how many packets its sink has rendered.");
  g_unix_signal_add (SIGINT, quit, loop);
  line = g_strjoinv (" ", argv + 1);
  pipeline = bench_parse_launch ("%s", line);
  sink = find_sink (pipeline);
  bench_play (pipeline);
  g_main_loop_run (loop);
  bench_end (pipeline);
  printf ("%" G_GUINT64_FORMAT "\n", count_packets (pipeline, sink));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return 0;
}
