/* Prints the flows of UDP that flowdemux finds in capture files, and what they are.
 *
 * rtp-flows CHAIN FILE..., such as rtp-flows "pcapdec" a.pcap: for each file a pipeline
 * "filesrc ! CHAIN ! flowdemux", and lines of fields with tabs between them:
 *   F  file
 *   U  source address and port, destination address and port, kind, packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "demuxrun.h"

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

int
main (int argc, char **argv)
{
  static const DemuxRun run = {.properties = "",.end = print_flows };

  return demux_run_main (&run, argc, argv);
}
