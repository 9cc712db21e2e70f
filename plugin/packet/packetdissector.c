/* gst-afring: packet buffers taken apart
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetdissector.h"

#include <gst/afring/afring.h>
#include <gst/net/gstnetaddressmeta.h>

struct _PacketDissector
{
  GstPacketDefrag *defrag;      /* NULL: fragments are what they are */
  AddressCache *addresses;
  guint32 link_type;
  gboolean cut_tcp;             /* goes on */
  GHashTable *unknown;          /* link types that came and are not known */
  PacketDissectorStats stats;
};

PacketDissector *
packet_dissector_new (gboolean defragment)
{
  PacketDissector *self = g_new0 (PacketDissector, 1);

  self->addresses = address_cache_new ();
  self->unknown = g_hash_table_new (NULL, NULL);
  if (defragment)
    self->defrag = gst_packet_defrag_new ();
  return self;
}

void
packet_dissector_free (PacketDissector * self)
{
  address_cache_free (self->addresses);
  g_hash_table_unref (self->unknown);
  g_clear_pointer (&self->defrag, gst_packet_defrag_free);
  g_free (self);
}

gboolean
packet_dissector_set_link_type (PacketDissector * self, guint32 link_type)
{
  self->link_type = link_type;
  return gst_link_layer_is_known (link_type)
      || !g_hash_table_add (self->unknown, GUINT_TO_POINTER (link_type));
}

void
packet_dissector_set_cut_tcp (PacketDissector * self, gboolean goes_on)
{
  self->cut_tcp = goes_on;
}

void
packet_dissector_clear (PacketDissector * self)
{
  if (self->defrag != NULL)
    gst_packet_defrag_clear (self->defrag);
}

void
packet_dissector_get_stats (PacketDissector * self,
    PacketDissectorStats * stats)
{
  GstPacketDefragStats defrag = { 0, };

  *stats = self->stats;
  if (self->defrag != NULL)
    gst_packet_defrag_get_stats (self->defrag, &defrag);
  stats->malformed += defrag.rejected;
  stats->fragments_expired = defrag.expired;
}

static void
add_tunnels (PacketLink * link, GstBuffer * buffer)
{
  const GstPacketTunnelMeta *tunnels =
      gst_buffer_get_packet_tunnel_meta (buffer);

  if (tunnels != NULL)
    packet_link_add_tunnels (link, tunnels->layers, tunnels->n_layers);
}

/* The tags in the bytes; where there are none, because the packet starts at its IP
 * header, the one that the meta remembers. */
static PacketLink
find_link (PacketDissector * self, const DissectedPacket * packet)
{
  const GstPacketMeta *meta = packet->meta;
  PacketLink link = { 0, };
  guint16 ids[2] = { 0, };

  if (meta != NULL)
    link.interface_id = meta->interface_id;
  if (meta != NULL && G_UNLIKELY (meta->flags & GST_PACKET_FLAG_TUNNEL))
    add_tunnels (&link, packet->buffer);
  if (G_LIKELY (gst_link_layer_is_plain (self->link_type, packet->map.data,
              packet->map.size)))
    return link;
  if (gst_link_layer_get_vlan_ids (self->link_type, packet->map.data,
          packet->map.size, ids, G_N_ELEMENTS (ids)) == 0 && meta != NULL
      && (meta->flags & GST_PACKET_FLAG_VLAN))
    ids[0] = meta->vlan_tci & 0xfff;
  link.vlan = ids[0];
  link.inner_vlan = ids[1];
  return link;
}

PacketLink
packet_dissector_get_link (PacketDissector * self,
    const DissectedPacket * packet)
{
  return packet->reassembled ? packet->link : find_link (self, packet);
}

/* What was reassembled is a packet of raw IP, captured when its last part was. */
static GstBuffer *
make_reassembled (GstBuffer * last, GByteArray * bytes)
{
  gsize size = bytes->len;
  GstBuffer *buffer =
      gst_buffer_new_wrapped (g_byte_array_free (bytes, FALSE), size);

  gst_buffer_copy_into (buffer, last, GST_BUFFER_COPY_FLAGS |
      GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_META, 0, -1);
  return buffer;
}

static void
map_reassembled (DissectedPacket * packet)
{
  packet->reassembled = TRUE;
  packet_buffer_map (packet->buffer, &packet->map);
  packet->meta = packet_map_get_meta (&packet->map, packet->buffer);
  if (packet->meta != NULL) {
    packet->meta->wire_length = packet->map.size;
    packet->meta->network_offset = 0;
  }
}

/* Goes on with the whole packet, if this was its last part. */
static gboolean
reassemble (PacketDissector * self, DissectedPacket * packet)
{
  GstBuffer *last = packet->buffer;
  GByteArray *bytes;

  packet->link = find_link (self, packet);
  bytes = gst_packet_defrag_add (self->defrag, packet->map.data,
      &packet->headers, packet_link_get_number (&packet->link),
      dissected_packet_get_time (packet));
  packet_buffer_unmap (last, &packet->map);
  if (bytes == NULL)
    return FALSE;

  packet->buffer = make_reassembled (last, bytes);
  map_reassembled (packet);
  self->stats.reassembled++;
  if (gst_packet_parse (GST_CAPTURE_LINK_TYPE_RAW, packet->map.data,
          packet->map.size, packet->map.size, &packet->headers) ==
      GST_PACKET_PARSED)
    return TRUE;
  self->stats.malformed++;
  packet_dissector_finish (self, packet);
  return FALSE;
}

static gboolean
drop (DissectedPacket * packet, guint64 * counter)
{
  (*counter)++;
  packet_buffer_unmap (packet->buffer, &packet->map);
  return FALSE;
}

/* All but some of the payload is there. */
static gboolean
is_cut_tcp (const DissectedPacket * packet)
{
  const GstPacketHeaders *headers = &packet->headers;

  return headers->protocol == GST_IP_PROTOCOL_TCP
      && headers->payload > headers->transport
      && headers->payload <= packet->map.size;
}

gboolean
packet_dissector_start (PacketDissector * self, GstBuffer * buffer,
    DissectedPacket * packet)
{
  gsize wire_length;

  self->stats.packets++;
  packet->buffer = buffer;
  packet->reassembled = FALSE;
  packet->source = NULL;
  if (!packet_buffer_map (buffer, &packet->map)) {
    self->stats.malformed++;
    return FALSE;
  }
  packet->meta = packet_map_get_meta (&packet->map, buffer);

  wire_length = packet->map.size;
  if (packet->meta != NULL)
    wire_length = MAX (wire_length, packet->meta->wire_length);
  switch (gst_packet_parse (self->link_type, packet->map.data,
          packet->map.size, wire_length, &packet->headers)) {
    case GST_PACKET_PARSED:
      return TRUE;
    case GST_PACKET_FRAGMENT:
      self->stats.fragments++;
      return self->defrag == NULL || reassemble (self, packet);
    case GST_PACKET_NOT_IP:
      return drop (packet, &self->stats.not_ip);
    case GST_PACKET_TRUNCATED:
      if (self->cut_tcp && is_cut_tcp (packet))
        return TRUE;
      return drop (packet, &self->stats.truncated);
    case GST_PACKET_MALFORMED:
    default:
      return drop (packet, &self->stats.malformed);
  }
}

void
packet_dissector_finish (PacketDissector * self, DissectedPacket * packet)
{
  packet_buffer_unmap (packet->buffer, &packet->map);
  if (packet->reassembled)
    gst_buffer_unref (packet->buffer);
}

void
packet_dissector_finish_truncated (PacketDissector * self,
    DissectedPacket * packet)
{
  self->stats.truncated++;
  packet_dissector_finish (self, packet);
}

/* The meta is about the part now. */
void
packet_dissector_adjust_meta (GstPacketMeta * meta, const GstPacketHeaders * headers,
    gsize start, gsize size)
{
  if (meta == NULL)
    return;
  meta->wire_length = size;
  meta->network_offset = headers->network >= start ? headers->network - start :
      GST_CAPTURE_NO_IP_OFFSET;
}

GSocketAddress *
packet_dissector_get_source (PacketDissector * self,
    const DissectedPacket * packet)
{
  const GstPacketHeaders *headers = &packet->headers;

  if (packet->source != NULL)
    return packet->source;
  return address_cache_get (self->addresses, headers->src,
      gst_packet_headers_get_address_length (headers), headers->src_port);
}

GstBuffer *
packet_dissector_cut (PacketDissector * self, DissectedPacket * packet,
    gsize start, gsize end, gboolean in_place)
{
  const GstPacketHeaders *headers = &packet->headers;
  GSocketAddress *source = packet_dissector_get_source (self, packet);
  GstBuffer *part = packet->buffer;

  packet_buffer_unmap (packet->buffer, &packet->map);
  if (packet->reassembled || in_place) {
    packet_buffer_resize (part, start, end - start);
    packet_dissector_adjust_meta (packet->meta, headers, start,
        end - start);
  } else {
    part = packet_buffer_copy_part (packet->buffer, start, end - start);
    packet_dissector_adjust_meta (gst_buffer_get_packet_meta (part), headers,
        start, end - start);
  }
  gst_buffer_add_net_address_meta (part, source);
  return part;
}
