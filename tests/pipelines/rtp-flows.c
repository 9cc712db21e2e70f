/* Prints the flows of UDP that flowdemux finds in capture files, and what they are.
 *
 * rtp-flows CHAIN FILE..., such as rtp-flows "pcapdec" a.pcap: for each file a pipeline
 * "filesrc ! CHAIN ! flowdemux", and lines of fields with tabs between them:
 *   F  file
 *   U  source address and port, destination address and port, kind, packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/gst.h>

#define TIME_LIMIT (30 * GST_SECOND)

static void
print_flow (const GstStructure * flow)
{
  guint src_port = 0, dst_port = 0;
  guint64 packets = 0;

  gst_structure_get (flow, "src-port", G_TYPE_UINT, &src_port,
      "dst-port", G_TYPE_UINT, &dst_port, "packets", G_TYPE_UINT64, &packets,
      NULL);
  g_print ("U\t%s\t%u\t%s\t%u\t%s\t%" G_GUINT64_FORMAT "\n",
      gst_structure_get_string (flow, "src-ip"), src_port,
      gst_structure_get_string (flow, "dst-ip"), dst_port,
      gst_structure_get_string (flow, "kind"), packets);
}

static void
print_flows (GstElement * demux)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;

  g_object_get (demux, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  for (guint i = 0; i < gst_value_list_get_size (flows); i++)
    print_flow (gst_value_get_structure (gst_value_list_get_value (flows, i)));
}

static void
read_file (const gchar * chain, const gchar * file)
{
  g_autofree gchar *text = g_strdup_printf ("filesrc name=file ! %s ! "
      "flowdemux name=demux flow-timeout=0 max-flows=100000 "
      "require-flow=false", chain);
  g_autoptr (GstElement) pipeline = NULL, source = NULL, demux = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GError) error = NULL;

  g_print ("F\t%s\n", file);
  pipeline = gst_parse_launch (text, &error);
  if (error != NULL)
    g_error ("%s", error->message);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_object_set (source, "location", file, NULL);
  demux = gst_bin_get_by_name (GST_BIN (pipeline), "demux");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, TIME_LIMIT,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message == NULL)
    g_error ("%s does not end", file);
  print_flows (demux);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc < 3) {
    g_printerr ("Usage: %s CHAIN FILE...\n", argv[0]);
    return 2;
  }
  for (gint i = 2; i < argc; i++)
    read_file (argv[1], argv[i]);
  return 0;
}
