/* gst-afring: what became of packets, in words and numbers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetcounts.h"

void
packet_counts_describe (const PacketCounts * self, GstStructure * structure)
{
  const PacketDissectorStats *stats = &self->dissected;

  gst_structure_set (structure,
      "packets", G_TYPE_UINT64, stats->packets,
      "not-matched", G_TYPE_UINT64, self->not_matched + stats->not_ip,
      "malformed", G_TYPE_UINT64, stats->malformed + stats->truncated,
      "truncated", G_TYPE_UINT64, stats->truncated,
      "fragments", G_TYPE_UINT64, stats->fragments,
      "reassembled", G_TYPE_UINT64, stats->reassembled,
      "fragments-expired", G_TYPE_UINT64, stats->fragments_expired, NULL);
}

gchar *
packet_counts_explain (const PacketCounts * self)
{
  const PacketDissectorStats *stats = &self->dissected;
  const struct
  {
    guint64 count;
    const gchar *what;
  } parts[] = {
    {stats->not_ip, "without IP"},
    {self->not_matched, "that do not match the properties"},
    {stats->truncated, "of which not all was captured (snaplen)"},
    {stats->malformed, "with headers that make no sense"},
    {stats->fragments_expired, "fragments without the others"},
  };
  GString *text = g_string_new (NULL);
  const gchar *before = ": ";

  if (stats->packets == 0) {
    g_string_append (text, "No packet has come");
    return g_string_free (text, FALSE);
  }
  g_string_append_printf (text, "%" G_GUINT64_FORMAT " packets have come",
      stats->packets);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    if (parts[i].count == 0)
      continue;
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " %s", before,
        parts[i].count, parts[i].what);
    before = ", ";
  }
  return g_string_free (text, FALSE);
}

void
packet_counts_warn_link_type (GstElement * element, guint32 link_type)
{
  GST_ELEMENT_WARNING (element, STREAM, WRONG_TYPE,
      ("Packets of link type %u (%s) cannot be taken apart: none of them matches",
          link_type, gst_link_layer_get_name (link_type)),
      ("https://www.tcpdump.org/linktypes.html"));
}
