/* gst-afring: where a packet was seen
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpackettunnelmeta.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* Where a packet was captured: what else tells it from another with the same
 * addresses. Compared as bytes. */
typedef struct
{
  guint32 interface_id;
  guint16 vlan;                 /* VLAN ids, 0: there is no tag, or an empty one */
  guint16 inner_vlan;
  /* Of a packet that was taken out of tunnels: the id of the innermost that has
   * one, and all of them (packet_link_add_tunnels()). */
  guint32 tunnel_id;
  guint32 tunnel_path;          /* 0: it was in none */
} PacketLink;

/* The tunnels, the outermost first. One alone is told from every other. Several have
 * a hash in the path besides the kind of the innermost: two packets that have the
 * same kind and the same innermost id there, and differ outside, are taken for the
 * same once in 2^26 times, and nobody can choose which. */
void         packet_link_add_tunnels  (PacketLink                 *self,
                                       const GstPacketTunnelLayer *layers,
                                       guint                       n);

/* For who keeps packets of different links apart by a number. */
guint64      packet_link_get_number   (const PacketLink           *self);

/* Sets interface, and vlan, inner-vlan, tunnel and tunnel-id where there are any. */
void         packet_link_describe     (const PacketLink           *self,
                                       GstStructure               *structure);

/* "vxlan" */
const gchar * packet_tunnel_get_name  (GstPacketTunnel             tunnel);

/* Of one tunnel: its place in GstPacketTunnel, from 0 on. */
static inline guint
packet_tunnel_get_index (GstPacketTunnel tunnel)
{
  return __builtin_ctz (tunnel | 1u << 31);
}

G_END_DECLS
