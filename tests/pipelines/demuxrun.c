/* gst-afring tests: capture files through flowdemux.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "demuxrun.h"

#define TIME_LIMIT (30 * GST_SECOND)

static void
play (GstElement * pipeline, const gchar * file)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  g_object_set (source, "location", file, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, TIME_LIMIT,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message == NULL)
    g_error ("%s does not end", file);
}

static void
read_file (const DemuxRun * self, const gchar * chain, const gchar * file)
{
  g_autofree gchar *text = g_strdup_printf ("filesrc name=file ! %s ! "
      "flowdemux name=demux %s flow-timeout=0 max-flows=100000 "
      "require-flow=false", chain, self->properties);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline, *demux;
  gpointer state = NULL;

  g_print ("F\t%s\n", file);
  pipeline = gst_parse_launch (text, &error);
  if (error != NULL)
    g_error ("%s", error->message);
  demux = gst_bin_get_by_name (GST_BIN (pipeline), "demux");
  if (self->begin != NULL)
    state = self->begin (demux);
  play (pipeline, file);
  if (self->end != NULL)
    self->end (demux);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (demux);
  gst_object_unref (pipeline);
  if (self->gone != NULL)
    self->gone (state);
}

int
demux_run_main (const DemuxRun * self, int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc < 3) {
    g_printerr ("Usage: %s CHAIN FILE...\n", argv[0]);
    return 2;
  }
  for (gint i = 2; i < argc; i++)
    read_file (self, argv[1], argv[i]);
  return 0;
}
