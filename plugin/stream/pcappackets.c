/* gst-afring: packets of a capture stream as buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappackets.h"

#include <gst/afring/packet/gstlinklayer.h>
#include <string.h>

/* Also of a meta that was another packet's. */
static void
describe (GstPacketMeta * meta, const GstPcapPacket * packet)
{
  meta->capture_time = packet->time;
  meta->wire_length = packet->wire_length;
  meta->interface_id = packet->interface_id;
  meta->packet_type = packet->type;
  meta->network_offset = gst_link_layer_get_network_offset (packet->link_type,
      packet->data, packet->captured_length);
  meta->rx_hash = 0;
  meta->flags = GST_PACKET_FLAG_NONE;
  if (!gst_link_layer_is_plain (packet->link_type, packet->data,
          packet->captured_length)
      && gst_link_layer_get_vlan (packet->link_type, packet->data,
          packet->captured_length, &meta->vlan_tpid, &meta->vlan_tci))
    meta->flags |= GST_PACKET_FLAG_VLAN;
  else
    meta->vlan_tpid = meta->vlan_tci = 0;
}

static void
fill (GstAfringSlot * slot, GstAfringLease * lease, const PcapContent * content,
    const GstPcapPacket * packet)
{
  GstBuffer *buffer = slot->buffer;

  gst_afring_memory_set (&slot->memory, lease, (guint8 *) content->data,
      content->size);
  describe (slot->meta, packet);
  GST_MINI_OBJECT_FLAGS (buffer) = 0;
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_OFFSET_END (buffer) = GST_BUFFER_OFFSET_NONE;
}

/* As many as there is room for: one count for all of them. */
static void
begin (PcapPackets * self, PcapPiece * piece)
{
  if (self->made == NULL)
    self->made = gst_afring_slots_new (GST_AFRING_BYTES_FILE, NULL);
  slot_list_begin (&self->slots, self->made);
  self->lease = &piece->lease->lease;
  self->credit = GST_AFRING_SLOTS_LIST_LENGTH;
  gst_afring_lease_ref_many (self->lease, self->credit);
}

static void
end (PcapPackets * self)
{
  if (self->credit > 0)
    gst_afring_lease_unref_many (self->lease, self->credit);
  self->lease = NULL;
  self->credit = 0;
  memset (&self->list, 0, sizeof (self->list));
}

static void
add_other (PcapPackets * self, const GstPcapPacket * packet, GstMemory * memory)
{
  GstBuffer *buffer = gst_buffer_new ();

  if (memory != NULL)
    gst_buffer_append_memory (buffer, memory);
  describe (gst_buffer_add_packet_meta (buffer), packet);
  slot_list_add (&self->slots, buffer);
}

gboolean
pcap_packets_is_full (const PcapPackets * self, const GstPcapPacket * packet,
    const PcapContent * content)
{
  return pcap_list_is_full (&self->list, packet->time)
      || (self->list.list != NULL && content->data != NULL
      && !slot_list_has_room (&self->slots));
}

void
pcap_packets_add (PcapPackets * self, PcapPiece * piece,
    const GstPcapPacket * packet, const PcapContent * content)
{
  if (G_UNLIKELY (content->data == NULL)) {
    add_other (self, packet, content->memory);
  } else {
    if (self->slots.list == NULL)
      begin (self, piece);
    fill (slot_list_take (&self->slots), self->lease, content, packet);
    self->credit--;
  }
  pcap_list_count (&self->list, self->slots.list, packet->time);
}

GstBufferList *
pcap_packets_take (PcapPackets * self)
{
  GstBufferList *list = slot_list_steal (&self->slots);

  end (self);
  return list;
}

void
pcap_packets_drop (PcapPackets * self)
{
  slot_list_clear (&self->slots);
  end (self);
}

void
pcap_packets_clear (PcapPackets * self)
{
  pcap_packets_drop (self);
  if (self->made == NULL)
    return;
  gst_afring_slots_close (self->made);
  g_clear_pointer (&self->made, gst_afring_slots_unref);
}
