/* gst-afring: where a packet was seen
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetlink.h"

#include <gst/afring/afring.h>
#include <gst/afring/packet/gstpackethash.h>
#include <string.h>

/* Of the path: the place of the innermost kind, from 1 on. */
#define KIND_MASK 31

G_STATIC_ASSERT (sizeof (GstPacketTunnelLayer) * GST_PACKET_TUNNEL_MOST_LAYERS
    <= GST_PACKET_HASH_MOST_BYTES);
G_STATIC_ASSERT (sizeof (GstPacketTunnelLayer) % 8 == 0);

void
packet_link_add_tunnels (PacketLink * self,
    const GstPacketTunnelLayer * layers, guint n)
{
  guint32 hash = 0;

  if (n == 0)
    return;
  self->tunnel_id = 0;
  for (guint i = 0; i < n; i++)
    if (layers[i].id != 0)
      self->tunnel_id = layers[i].id;
  if (n > 1)
    hash = gst_packet_hash (layers, n * sizeof (*layers));
  self->tunnel_path = (hash & ~(guint32) KIND_MASK)
      | (packet_tunnel_get_index (layers[n - 1].tunnel) + 1);
}

/* What is XORed has all its bits from one path: of two packets of one path the ids
 * differ, or nothing does. */
guint64
packet_link_get_number (const PacketLink * self)
{
  return ((guint64) self->interface_id | (guint64) self->vlan << 32
      | (guint64) self->inner_vlan << 48)
      ^ ((guint64) self->tunnel_path << 32 | self->tunnel_id);
}

const gchar *
packet_tunnel_get_name (GstPacketTunnel tunnel)
{
  g_autoptr (GTypeClass) klass = g_type_class_ref (GST_TYPE_PACKET_TUNNEL);
  const GFlagsValue *value =
      g_flags_get_first_value ((GFlagsClass *) klass, tunnel);

  return value != NULL ? value->value_nick : "unknown";
}

void
packet_link_describe (const PacketLink * self, GstStructure * structure)
{
  gst_structure_set (structure,
      "interface", G_TYPE_UINT, self->interface_id, NULL);
  if (self->vlan != 0)
    gst_structure_set (structure, "vlan", G_TYPE_UINT, self->vlan, NULL);
  if (self->inner_vlan != 0)
    gst_structure_set (structure,
        "inner-vlan", G_TYPE_UINT, self->inner_vlan, NULL);
  if (self->tunnel_path != 0)
    gst_structure_set (structure,
        "tunnel", G_TYPE_STRING, packet_tunnel_get_name (1u <<
            ((self->tunnel_path & KIND_MASK) - 1)),
        "tunnel-id", G_TYPE_UINT, self->tunnel_id, NULL);
}
