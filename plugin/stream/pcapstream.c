/* gst-afring: pieces of a capture stream as packet buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapstream.h"

#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/packet/gstlinklayer.h>
#include <gst/afring/packet/gstpacketmeta.h>
#include <string.h>

#define NO_LINK_TYPE G_MAXUINT32

/* A GstMiniObject counts who shares it in 16 bits; what comes behind so many
 * packets of one piece is copied. */
#define MOST_SHARES 32768

/* Packets in a list, at most. */
#define MOST_PACKETS 8192

struct _PcapStream
{
  PcapStreamFuncs funcs;
  gpointer user_data;

  GstPcapDecoder *decoder;
  GByteArray *rest;             /* the start of a record that goes on */
  guint32 link_type;
  GstBufferList *list;          /* being put together, or NULL */
};

static GstPcapDecoder *
make_decoder (void)
{
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();

  gst_pcap_decoder_set_stepping (decoder, TRUE);
  return decoder;
}

PcapStream *
pcap_stream_new (const PcapStreamFuncs * funcs, gpointer user_data)
{
  PcapStream *self = g_new0 (PcapStream, 1);

  self->funcs = *funcs;
  self->user_data = user_data;
  self->decoder = make_decoder ();
  self->rest = g_byte_array_new ();
  self->link_type = NO_LINK_TYPE;
  return self;
}

void
pcap_stream_free (PcapStream * self)
{
  gst_pcap_decoder_free (self->decoder);
  g_byte_array_unref (self->rest);
  g_clear_pointer (&self->list, gst_buffer_list_unref);
  g_free (self);
}

gsize
pcap_stream_get_rest (PcapStream * self)
{
  return self->rest->len;
}

static void
forget (PcapStream * self)
{
  g_byte_array_set_size (self->rest, 0);
  g_clear_pointer (&self->list, gst_buffer_list_unref);
  self->link_type = NO_LINK_TYPE;
}

void
pcap_stream_reset (PcapStream * self)
{
  forget (self);
  gst_pcap_decoder_free (self->decoder);
  self->decoder = make_decoder ();
}

void
pcap_stream_jump (PcapStream * self, guint64 position)
{
  forget (self);
  gst_pcap_decoder_jump (self->decoder, position);
}

GstPcapDecoder *
pcap_stream_get_decoder (PcapStream * self)
{
  return self->decoder;
}

static GstFlowReturn
give_packets (PcapStream * self)
{
  if (self->list == NULL)
    return GST_FLOW_OK;
  return self->funcs.packets (g_steal_pointer (&self->list), self->user_data);
}

static GstFlowReturn
give_event (PcapStream * self, GstEvent * event)
{
  GstFlowReturn ret = give_packets (self);

  self->funcs.event (event, self->user_data);
  return ret;
}

static GstFlowReturn
handle_other (PcapStream * self)
{
  GstCaptureInterface iface;

  switch (gst_pcap_decoder_get_piece (self->decoder)) {
    case GST_PCAP_PIECE_INTERFACE:
      iface = *gst_pcap_decoder_get_last_interface (self->decoder);
      /* files have packets that are longer than they say */
      iface.snaplen = 0;
      return give_event (self, gst_event_new_capture_interface (&iface));
    case GST_PCAP_PIECE_STATISTICS:
      return give_event (self,
          gst_event_new_capture_statistics (gst_pcap_decoder_get_statistics
              (self->decoder)));
    case GST_PCAP_PIECE_HEADER:
    case GST_PCAP_PIECE_UNKNOWN:
    default:
      return GST_FLOW_OK;
  }
}

static void
add_meta (GstBuffer * buffer, const GstPcapPacket * packet)
{
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  meta->capture_time = packet->time;
  meta->wire_length = packet->wire_length;
  meta->interface_id = packet->interface_id;
  meta->packet_type = packet->type;
  meta->network_offset = gst_link_layer_get_network_offset (packet->link_type,
      packet->data, packet->captured_length);
  if (gst_link_layer_get_vlan (packet->link_type, packet->data,
          packet->captured_length, &meta->vlan_tpid, &meta->vlan_tci))
    meta->flags |= GST_PACKET_FLAG_VLAN;
  else
    meta->vlan_tpid = meta->vlan_tci = 0;
}

static GstMemory *
copy_bytes (const guint8 * data, gsize size)
{
  GstMemory *memory = gst_allocator_alloc (NULL, size, NULL);
  GstMapInfo map;

  gst_memory_map (memory, &map, GST_MAP_WRITE);
  memcpy (map.data, data, size);
  gst_memory_unmap (memory, &map);
  return memory;
}

/* Takes @memory, which is NULL for a packet without bytes. */
static GstFlowReturn
handle_packet (PcapStream * self, const GstPcapPacket * packet,
    GstMemory * memory)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstFlowReturn ret = GST_FLOW_OK;

  if (memory != NULL)
    gst_buffer_append_memory (buffer, memory);
  add_meta (buffer, packet);

  if (packet->link_type != self->link_type) {
    ret = give_packets (self);
    if (ret == GST_FLOW_OK)
      ret = self->funcs.link_type (packet->link_type, self->user_data);
    /* nothing goes on under the caps of another type */
    if (ret != GST_FLOW_OK) {
      gst_buffer_unref (buffer);
      return ret;
    }
    self->link_type = packet->link_type;
  }
  if (self->list == NULL)
    self->list = gst_buffer_list_new ();
  gst_buffer_list_add (self->list, buffer);
  if (ret == GST_FLOW_OK
      && gst_buffer_list_length (self->list) == MOST_PACKETS)
    ret = give_packets (self);
  return ret;
}

/* Goes on with the record whose start has been kept: it gets as many bytes as it
 * says that it needs, and no memory for more than there are. Returns how many. */
static gsize
complete_rest (PcapStream * self, const guint8 * data, gsize length,
    GstFlowReturn * ret, GError ** error)
{
  GstPcapPacket packet;
  gsize taken = 0, used;

  while (*ret == GST_FLOW_OK && self->rest->len > 0) {
    switch (gst_pcap_decoder_next (self->decoder, self->rest->data,
            self->rest->len, &used, &packet, error)) {
      case GST_PCAP_DECODER_MORE:
      {
        gsize more = MIN (used - self->rest->len, length - taken);

        g_byte_array_append (self->rest, data + taken, more);
        taken += more;
        if (more == 0)
          return taken;
        break;
      }
      case GST_PCAP_DECODER_PACKET:
        *ret = handle_packet (self, &packet, packet.captured_length == 0 ? NULL
            : copy_bytes (packet.data, packet.captured_length));
        g_byte_array_remove_range (self->rest, 0, used);
        break;
      case GST_PCAP_DECODER_OTHER:
        *ret = handle_other (self);
        g_byte_array_remove_range (self->rest, 0, used);
        break;
      case GST_PCAP_DECODER_ERROR:
      default:
        *ret = GST_FLOW_ERROR;
        break;
    }
  }
  return taken;
}

static GstMemory *
get_bytes (GstMemory * memory, const guint8 * data, gsize offset, gsize size,
    guint * shares)
{
  if (size == 0)
    return NULL;
  if (*shares >= MOST_SHARES || GST_MEMORY_IS_NO_SHARE (memory))
    return copy_bytes (data + offset, size);
  (*shares)++;
  return gst_memory_share (memory, offset, size);
}

/* The records that lie in one piece. Returns how many bytes they are. */
static gsize
decode_piece (PcapStream * self, GstMemory * memory, const guint8 * data,
    gsize start, gsize length, GstFlowReturn * ret, GError ** error)
{
  GstPcapPacket packet;
  gsize at = start, used;
  guint shares = 0;

  while (*ret == GST_FLOW_OK) {
    switch (gst_pcap_decoder_next (self->decoder, data + at, length - at, &used,
            &packet, error)) {
      case GST_PCAP_DECODER_PACKET:
        *ret = handle_packet (self, &packet, get_bytes (memory, data,
                packet.data - data, packet.captured_length, &shares));
        at += used;
        break;
      case GST_PCAP_DECODER_OTHER:
        *ret = handle_other (self);
        at += used;
        break;
      case GST_PCAP_DECODER_MORE:
        return at;
      case GST_PCAP_DECODER_ERROR:
      default:
        *ret = GST_FLOW_ERROR;
        break;
    }
  }
  return at;
}

GstFlowReturn
pcap_stream_append (PcapStream * self, GstBuffer * buffer, GError ** error)
{
  GstMemory *memory = gst_buffer_get_all_memory (buffer);
  GstFlowReturn ret = GST_FLOW_OK, given;
  GstMapInfo map;
  gsize at;

  gst_buffer_unref (buffer);
  if (memory == NULL)
    return GST_FLOW_OK;
  if (!gst_memory_map (memory, &map, GST_MAP_READ)) {
    gst_memory_unref (memory);
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
        "Cannot map a piece of the stream");
    return GST_FLOW_ERROR;
  }

  at = complete_rest (self, map.data, map.size, &ret, error);
  if (ret == GST_FLOW_OK && self->rest->len == 0) {
    at = decode_piece (self, memory, map.data, at, map.size, &ret, error);
    if (ret == GST_FLOW_OK)
      g_byte_array_append (self->rest, map.data + at, map.size - at);
  }
  gst_memory_unmap (memory, &map);
  gst_memory_unref (memory);

  given = give_packets (self);
  return ret == GST_FLOW_OK ? given : ret;
}
