/* gst-afring: packets taken out of tunnels, in numbers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetdecapper.h"
#include "packetlink.h"

static void
describe_tunnel (const DecapTunnelStats * self, GstPacketTunnel tunnel,
    GstStructure * structure)
{
  GstStructure *own;

  if (self->opened + self->unknown + self->encrypted + self->truncated
      + self->malformed == 0)
    return;
  own = gst_structure_new ("application/x-packetdecap-tunnel-stats",
      "opened", G_TYPE_UINT64, self->opened,
      "unknown", G_TYPE_UINT64, self->unknown,
      "encrypted", G_TYPE_UINT64, self->encrypted,
      "truncated", G_TYPE_UINT64, self->truncated,
      "malformed", G_TYPE_UINT64, self->malformed, NULL);
  gst_structure_set (structure, packet_tunnel_get_name (tunnel),
      GST_TYPE_STRUCTURE, own, NULL);
  gst_structure_free (own);
}

void
decap_stats_describe (const DecapStats * self, GstStructure * structure)
{
  DecapTunnelStats all = { 0, };

  for (guint i = 0; i < DECAP_N_TUNNELS; i++) {
    const DecapTunnelStats *one = &self->tunnels[i];

    all.unknown += one->unknown;
    all.encrypted += one->encrypted;
    all.truncated += one->truncated;
    all.malformed += one->malformed;
    describe_tunnel (one, 1u << i, structure);
  }
  gst_structure_set (structure,
      "packets", G_TYPE_UINT64, self->packets,
      "opened", G_TYPE_UINT64, self->opened,
      "passed", G_TYPE_UINT64, self->passed,
      "dropped", G_TYPE_UINT64, self->dropped,
      "unknown", G_TYPE_UINT64, all.unknown,
      "encrypted", G_TYPE_UINT64, all.encrypted,
      "truncated", G_TYPE_UINT64, all.truncated,
      "malformed", G_TYPE_UINT64, all.malformed + self->fragments_rejected,
      "too-deep", G_TYPE_UINT64, self->too_deep,
      "fragments", G_TYPE_UINT64, self->fragments,
      "reassembled", G_TYPE_UINT64, self->reassembled,
      "fragments-expired", G_TYPE_UINT64, self->fragments_expired, NULL);
}
