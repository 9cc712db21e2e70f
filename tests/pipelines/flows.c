/* As gst-launch-1.0 -e, and tells what pads an element brings forth.
 *
 * flows ELEMENT PIPELINE..., where ELEMENT is the name of an element in it: for
 * each of its pads that come while it plays, and for each caps event there, a
 * line with the pad's name, a tab and the caps. An interrupt sends EOS.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib-unix.h>
#include <gst/gst.h>

static GstPadProbeReturn
print_caps (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    g_autofree gchar *text = NULL;
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    text = gst_caps_to_string (caps);
    g_print ("%s\t%s\n", GST_PAD_NAME (pad), text);
  }
  return GST_PAD_PROBE_OK;
}

/* The caps are there already if they were pushed before the pad was added. */
static void
pad_added (GstElement * element, GstPad * pad, gpointer user_data)
{
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_CAPS, 0);

  if (event != NULL) {
    GstPadProbeInfo info = {.type = GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      .data = event
    };

    print_caps (pad, &info, NULL);
  }
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, print_caps,
      NULL, NULL);
}

static gboolean
end (gpointer pipeline)
{
  gst_element_send_event (pipeline, gst_event_new_eos ());
  return G_SOURCE_REMOVE;
}

static gboolean
take_message (GstBus * bus, GstMessage * message, gpointer loop)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_error ("%s: %s", GST_OBJECT_NAME (message->src), error->message);
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    g_main_loop_quit (loop);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GstElement) pipeline = NULL, element = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;

  gst_init (&argc, &argv);
  if (argc < 3) {
    g_printerr ("Usage: %s ELEMENT PIPELINE...\n", argv[0]);
    return 2;
  }
  pipeline = gst_parse_launchv ((const gchar **) argv + 2, &error);
  if (error != NULL)
    g_error ("%s", error->message);
  element = gst_bin_get_by_name (GST_BIN (pipeline), argv[1]);
  g_signal_connect (element, "pad-added", G_CALLBACK (pad_added), NULL);
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, take_message, loop);
  g_unix_signal_add (SIGINT, end, pipeline);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_print ("Setting pipeline to PLAYING\n");
  g_main_loop_run (loop);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  return 0;
}
