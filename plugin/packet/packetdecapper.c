/* gst-afring: packets taken out of tunnels
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetdecapper.h"
#include "decapfirsts.h"
#include "packetlink.h"
#include "common/packetbuffer.h"

#include <gst/afring/afring.h>
#include <gst/afring/packet/gstpacketdefrag.h>
#include <string.h>

/* What is known of headers that have gone. */
#define OF_OUTER_HEADERS (GST_PACKET_FLAG_VLAN | GST_PACKET_FLAG_VLAN_RESTORED | \
    GST_PACKET_FLAG_MADE_HEADER | GST_PACKET_FLAG_CHECKSUM_VALID)

struct _PacketDecapper
{
  DecapConfig config;
  GstPacketDefrag *defrag;
  DecapFirsts *firsts;
  DecapStats stats;
};

/* A packet that is being opened. */
typedef struct
{
  GstBuffer *buffer;            /* the one that went in, or a reassembled one */
  gboolean reassembled;
  GstPacketMeta *meta;          /* its own, NULL if it has none */
  PacketMap map;                /* of the buffer */
  GstPacketTunnelLayer layers[GST_PACKET_TUNNEL_MOST_LAYERS];
  guint n_layers;
  GstTunnelFinding finding;     /* inner: the packet at hand */
} Opening;

typedef enum
{
  FRAGMENT_PASSES,
  FRAGMENT_IS_KEPT,
  FRAGMENT_COMPLETES
} FragmentResult;

PacketDecapper *
packet_decapper_new (const DecapConfig * config)
{
  PacketDecapper *self = g_new0 (PacketDecapper, 1);

  self->config = *config;
  self->defrag = gst_packet_defrag_new ();
  self->firsts = decap_firsts_new ();
  return self;
}

void
packet_decapper_free (PacketDecapper * self)
{
  gst_packet_defrag_free (self->defrag);
  decap_firsts_free (self->firsts);
  g_free (self);
}

void
packet_decapper_clear (PacketDecapper * self)
{
  gst_packet_defrag_clear (self->defrag);
  decap_firsts_clear (self->firsts);
}

void
packet_decapper_get_stats (PacketDecapper * self, DecapStats * stats)
{
  GstPacketDefragStats defrag;

  gst_packet_defrag_get_stats (self->defrag, &defrag);
  *stats = self->stats;
  stats->fragments_expired = defrag.expired;
  stats->fragments_rejected = defrag.rejected;
}

/* Fragments. */

static GstClockTime
get_time (const Opening * opening)
{
  if (opening->meta != NULL
      && opening->meta->capture_time != GST_CLOCK_TIME_NONE)
    return opening->meta->capture_time;
  return GST_BUFFER_PTS (opening->buffer);
}

/* Packets of two networks with equal addresses are not put together. */
static guint64
get_link (const Opening * opening)
{
  const GstTunnelPacket *packet = &opening->finding.inner;
  const GstPacketTunnelMeta *before =
      gst_buffer_get_packet_tunnel_meta (opening->buffer);
  GstPacketTunnelLayer layers[GST_PACKET_TUNNEL_MOST_LAYERS];
  PacketLink link = { 0, };
  const guint8 *data;
  guint16 ids[2] = { 0, };
  gsize length;
  guint n = 0;

  data = gst_tunnel_packet_get_bytes (packet, &length);
  if (opening->meta != NULL)
    link.interface_id = opening->meta->interface_id;
  if (!packet->typed)
    gst_link_layer_get_vlan_ids (packet->link_type, data, length, ids,
        G_N_ELEMENTS (ids));
  link.vlan = ids[0];
  link.inner_vlan = ids[1];
  for (guint i = 0; before != NULL && i < before->n_layers; i++)
    layers[n++] = before->layers[i];
  for (guint i = 0; n < G_N_ELEMENTS (layers) && i < opening->n_layers; i++)
    layers[n++] = opening->layers[i];
  packet_link_add_tunnels (&link, layers, n);
  return packet_link_get_number (&link);
}

static void
take_buffer (Opening * opening, GstBuffer * buffer)
{
  opening->buffer = buffer;
  opening->meta = gst_buffer_get_packet_meta (buffer);
}

/* What was reassembled is a packet of raw IP, captured when its last part was. */
static void
take_reassembled (Opening * opening, GByteArray * bytes)
{
  gsize size = bytes->len;
  GstBuffer *buffer =
      gst_buffer_new_wrapped (g_byte_array_free (bytes, FALSE), size);

  gst_buffer_copy_into (buffer, opening->buffer, GST_BUFFER_COPY_FLAGS |
      GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META, 0, -1);
  packet_buffer_unmap (opening->buffer, &opening->map);
  if (opening->reassembled)
    gst_buffer_unref (opening->buffer);
  opening->reassembled = TRUE;
  take_buffer (opening, buffer);
  packet_buffer_map (buffer, &opening->map);
  gst_tunnel_packet_init (&opening->finding.inner, GST_CAPTURE_LINK_TYPE_RAW,
      opening->map.data, opening->map.size, opening->map.size);
}

/* A later fragment that comes before the first can be of a tunnel or not. It passes
 * as it is, and is remembered in case. */
static FragmentResult
take_fragment (PacketDecapper * self, Opening * opening)
{
  const GstPacketHeaders *headers = &opening->finding.headers;
  GstTunnelFragment kind = gst_tunnel_judge_fragment (&self->config.tunnels,
      &opening->finding.inner, headers);
  GByteArray *bytes;
  const guint8 *data;
  guint64 link;
  gsize length;

  if (kind == GST_TUNNEL_FRAGMENT_NO && headers->fragment_offset > 0)
    return FRAGMENT_PASSES;
  link = get_link (opening);
  kind = decap_firsts_judge (self->firsts, headers, link, kind);
  if (kind == GST_TUNNEL_FRAGMENT_NO)
    return FRAGMENT_PASSES;

  data = gst_tunnel_packet_get_bytes (&opening->finding.inner, &length);
  bytes = gst_packet_defrag_add (self->defrag, data, headers, link,
      get_time (opening));
  if (bytes == NULL && kind == GST_TUNNEL_FRAGMENT_AS_FIRST)
    return FRAGMENT_PASSES;
  self->stats.fragments++;
  if (bytes == NULL)
    return FRAGMENT_IS_KEPT;
  self->stats.reassembled++;
  take_reassembled (opening, bytes);
  return FRAGMENT_COMPLETES;
}

/* The packet that was found. */

static guint8
find_network_offset (const GstTunnelPacket * packet)
{
  const guint8 *data;
  gsize length, network;

  data = gst_tunnel_packet_get_bytes (packet, &length);
  if (packet->front_length == 0)
    return gst_link_layer_get_network_offset (packet->link_type, data, length);
  if (!packet->typed
      || gst_link_layer_walk_type (data, length, 0, &network) !=
      GST_LINK_LAYER_IP
      || packet->front_length + network >= GST_CAPTURE_NO_IP_OFFSET)
    return GST_CAPTURE_NO_IP_OFFSET;
  return packet->front_length + network;
}

/* What the meta says of the bytes, which have to be mapped for that. */
typedef struct
{
  guint8 network_offset;
  gboolean has_vlan;
  guint16 vlan_tpid;
  guint16 vlan_tci;
} Description;

/* The outermost tag, behind addresses that are in front or not. */
static gboolean
find_vlan (const GstTunnelPacket * packet, guint16 * tpid, guint16 * tci)
{
  guint8 header[GST_TUNNEL_MOST_FRONT + 4];
  const guint8 *data;
  gsize length, n = packet->front_length;

  data = gst_tunnel_packet_get_bytes (packet, &length);
  if (n == 0)
    return gst_link_layer_get_vlan (packet->link_type, data, length,
        tpid, tci);
  memcpy (header, packet->front, n);
  length = MIN (length, sizeof (header) - n);
  memcpy (header + n, data, length);
  return gst_link_layer_get_vlan (packet->link_type, header, n + length, tpid,
      tci);
}

static void
describe (const GstTunnelPacket * packet, Description * description)
{
  description->network_offset = find_network_offset (packet);
  description->has_vlan = find_vlan (packet, &description->vlan_tpid,
      &description->vlan_tci);
}

/* Time, direction and interface are those of the outer packet. What the adapter and
 * the kernel said of its bytes is not true of these. */
static void
adjust_meta (GstPacketMeta * meta, const GstTunnelPacket * packet,
    const Description * description)
{
  if (meta == NULL)
    return;
  meta->wire_length = packet->end - packet->start + packet->front_length;
  meta->network_offset = description->network_offset;
  meta->rx_hash = 0;
  meta->flags &= ~OF_OUTER_HEADERS;
  meta->flags |= GST_PACKET_FLAG_TUNNEL;
  meta->vlan_tci = meta->vlan_tpid = 0;
  if (!description->has_vlan)
    return;
  meta->flags |= GST_PACKET_FLAG_VLAN;
  meta->vlan_tci = description->vlan_tci;
  meta->vlan_tpid = description->vlan_tpid;
}

static GstBuffer *
take_out (Opening * opening, const GstTunnelPacket * packet,
    const Description * description, gboolean in_place)
{
  gsize size = MIN (packet->captured, packet->end) - packet->start;
  GstBuffer *part = opening->buffer;

  if (in_place || opening->reassembled)
    packet_buffer_resize (part, packet->start, size);
  else
    part = packet_buffer_copy_part (part, packet->start, size);
  adjust_meta (gst_buffer_get_packet_meta (part), packet, description);
  for (guint i = 0; i < opening->n_layers; i++)
    gst_buffer_add_packet_tunnel (part, opening->layers[i].tunnel,
        opening->layers[i].id);
  if (packet->front_length > 0) {
    guint8 *front = g_memdup2 (packet->front, packet->front_length);

    gst_buffer_prepend_memory (part, gst_memory_new_wrapped (0, front,
            packet->front_length, 0, packet->front_length, front, g_free));
  }
  return part;
}

/* The search. */

static void
count (PacketDecapper * self, GstTunnelResult result, GstPacketTunnel tunnel)
{
  DecapTunnelStats *stats = &self->stats.tunnels[packet_tunnel_get_index
      (tunnel)];

  switch (result) {
    case GST_TUNNEL_FOUND:
      stats->opened++;
      break;
    case GST_TUNNEL_UNKNOWN:
      stats->unknown++;
      break;
    case GST_TUNNEL_ENCRYPTED:
      stats->encrypted++;
      break;
    case GST_TUNNEL_TRUNCATED:
      stats->truncated++;
      break;
    case GST_TUNNEL_MALFORMED:
      stats->malformed++;
      break;
    default:
      break;
  }
}

/* Opens one tunnel after the other. FALSE: nothing goes on, as the packet is a
 * fragment that waits. @packet is the innermost that was found. */
static gboolean
search (PacketDecapper * self, Opening * opening, GstTunnelPacket * packet)
{
  GstTunnelFinding *finding = &opening->finding;

  for (;;) {
    GstTunnelResult result =
        gst_tunnel_find (&self->config.tunnels, packet, finding);

    if (G_LIKELY (result == GST_TUNNEL_NOT_THERE))
      return TRUE;
    if (result == GST_TUNNEL_FRAGMENT
        && opening->n_layers < self->config.max_depth) {
      switch (take_fragment (self, opening)) {
        case FRAGMENT_IS_KEPT:
          return FALSE;
        case FRAGMENT_COMPLETES:
          *packet = finding->inner;
          continue;
        default:
          return TRUE;
      }
    }
    if (result == GST_TUNNEL_FRAGMENT)
      return TRUE;
    if (opening->n_layers == self->config.max_depth) {
      self->stats.too_deep++;
      return TRUE;
    }
    count (self, result, finding->layer.tunnel);
    if (result != GST_TUNNEL_FOUND)
      return TRUE;
    opening->layers[opening->n_layers++] = finding->layer;
    *packet = finding->inner;
  }
}

static GstBuffer *
refuse (PacketDecapper * self, Opening * opening)
{
  if (self->config.drop_others) {
    self->stats.dropped++;
    if (opening->reassembled)
      gst_buffer_unref (opening->buffer);
    return NULL;
  }
  self->stats.passed++;
  if (opening->reassembled && opening->meta != NULL) {
    opening->meta->wire_length = gst_buffer_get_size (opening->buffer);
    opening->meta->network_offset = 0;
    opening->meta->flags &= ~OF_OUTER_HEADERS;
  }
  return opening->buffer;
}

GstBuffer *
packet_decapper_open (PacketDecapper * self, GstBuffer * buffer,
    gboolean in_place, guint * link_type)
{
  Description description;
  GstTunnelPacket packet;
  Opening opening;
  gboolean goes_on;
  gsize wire;

  self->stats.packets++;
  opening.reassembled = FALSE;
  opening.n_layers = 0;
  take_buffer (&opening, buffer);
  if (!packet_buffer_map (buffer, &opening.map))
    return refuse (self, &opening);
  wire = opening.meta != NULL ? opening.meta->wire_length : 0;
  gst_tunnel_packet_init (&packet, *link_type, opening.map.data,
      opening.map.size, wire);

  goes_on = search (self, &opening, &packet);
  if (goes_on && opening.n_layers > 0)
    describe (&packet, &description);
  packet_buffer_unmap (opening.buffer, &opening.map);
  if (!goes_on) {
    if (opening.reassembled)
      gst_buffer_unref (opening.buffer);
    return NULL;
  }
  *link_type = packet.link_type;
  if (opening.n_layers == 0)
    return refuse (self, &opening);
  self->stats.opened++;
  return take_out (&opening, &packet, &description, in_place);
}
