/* gst-afring: parts of packets as buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetparts.h"

#include <gio/gio.h>
#include <gst/net/gstnetaddressmeta.h>

struct _PacketParts
{
  GstAfringSlots *slots;
  GstAfringLease *lease;        /* of the packets at hand, or NULL */
  guint credit;                 /* references to it that no part has yet */
};

/* Until a slot is used it has the address of nobody. */
static GstMeta *
add_address (GstBuffer * buffer)
{
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (any, 0);

  return (GstMeta *) gst_buffer_add_net_address_meta (buffer, address);
}

PacketParts *
packet_parts_new (void)
{
  PacketParts *self = g_new0 (PacketParts, 1);

  self->slots = gst_afring_slots_new (add_address);
  return self;
}

void
packet_parts_free (PacketParts * self)
{
  gst_afring_slots_close (self->slots);
  gst_afring_slots_unref (self->slots);
  g_free (self);
}

/* Besides what is known of the packet. */
static gboolean
has_more_meta (GstBuffer * buffer, const GstPacketMeta * meta)
{
  gpointer state = NULL;

  return gst_buffer_iterate_meta (buffer, &state) != &meta->meta
      || gst_buffer_iterate_meta (buffer, &state) != NULL;
}

gboolean
packet_parts_suit (GstBuffer * buffer)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  return meta != NULL && gst_buffer_n_memory (buffer) == 1
      && gst_is_afring_memory (gst_buffer_peek_memory (buffer, 0))
      && !has_more_meta (buffer, meta);
}

/* For a list there is one lease, as a rule, and so one count for all of its parts. It is
 * ahead of them: a part can be gone before the next is made. */
void
packet_parts_begin (PacketParts * self, GstBufferList * list)
{
  GstMemory *memory = gst_buffer_peek_memory (gst_buffer_list_get (list, 0), 0);

  self->lease = gst_afring_memory_get_lease (memory);
  self->credit = gst_buffer_list_length (list);
  gst_afring_lease_ref_many (self->lease, self->credit);
}

void
packet_parts_end (PacketParts * self)
{
  if (self->lease != NULL && self->credit > 0)
    gst_afring_lease_unref_many (self->lease, self->credit);
  self->lease = NULL;
  self->credit = 0;
}

static void
take_reference (PacketParts * self, GstAfringLease * lease)
{
  if (G_LIKELY (lease == self->lease && self->credit > 0))
    self->credit--;
  else
    gst_afring_lease_ref (lease);
}

static void
copy_times (GstBuffer * to, const GstBuffer * from)
{
  GST_MINI_OBJECT_FLAGS (to) =
      GST_MINI_OBJECT_FLAGS (from) & ~GST_BUFFER_FLAG_TAG_MEMORY;
  GST_BUFFER_PTS (to) = GST_BUFFER_PTS (from);
  GST_BUFFER_DTS (to) = GST_BUFFER_DTS (from);
  GST_BUFFER_DURATION (to) = GST_BUFFER_DURATION (from);
  GST_BUFFER_OFFSET (to) = GST_BUFFER_OFFSET (from);
  GST_BUFFER_OFFSET_END (to) = GST_BUFFER_OFFSET_END (from);
}

/* All that a slot has of its last packet is written over. */
static void
fill (GstAfringSlot * slot, GstAfringLease * lease,
    const DissectedPacket * packet, gsize start, gsize size,
    GSocketAddress * source)
{
  GstNetAddressMeta *address = (GstNetAddressMeta *) slot->more;
  GstMeta own = slot->meta->meta;

  gst_afring_memory_set (&slot->memory, lease,
      (guint8 *) packet->map.data + start, size);
  *slot->meta = *packet->meta;
  slot->meta->meta = own;
  packet_dissector_adjust_meta (slot->meta, &packet->headers, start, size);
  /* packets of one sender do not count references to his address */
  if (address->addr != source)
    g_set_object (&address->addr, source);
  copy_times (slot->buffer, packet->buffer);
}

static void
begin_list (PacketParts * self, PacketPartList * list)
{
  list->slots = gst_afring_slots_take_list (self->slots);
  list->list = list->slots->list;
  list->n = 0;
}

GstBuffer *
packet_parts_add (PacketParts * self, PacketPartList * list,
    PacketDissector * dissector, DissectedPacket * packet, gsize start,
    gsize end)
{
  gboolean suits = packet->map.kind == PACKET_MAP_NOTHING
      && !packet->reassembled && packet->meta != NULL
      && !has_more_meta (packet->buffer, packet->meta);
  GstAfringLease *lease;
  GstAfringSlot *slot;
  GstBuffer *part;

  if (list->list == NULL)
    begin_list (self, list);
  if (G_UNLIKELY (!suits || list->slots == NULL
          || list->n == GST_AFRING_SLOTS_LIST_LENGTH)) {
    part = packet_dissector_cut (dissector, packet, start, end, FALSE);
    packet_part_list_add (list, part);
    return part;
  }
  lease = gst_afring_memory_get_lease (gst_buffer_peek_memory (packet->buffer,
          0));
  slot = gst_afring_slots_get_slot (self->slots, list->slots, list->n++);
  take_reference (self, lease);
  fill (slot, lease, packet, start, end - start,
      packet_dissector_get_source (dissector, packet));
  return slot->buffer;
}

/* Behind it there are no slots to be used: the list is one like others. */
void
packet_part_list_add (PacketPartList * self, GstBuffer * buffer)
{
  packet_part_list_close (self);
  if (self->list == NULL)
    self->list = gst_buffer_list_new ();
  gst_buffer_list_add (self->list, buffer);
}

void
packet_part_list_close (PacketPartList * self)
{
  if (self->slots != NULL)
    gst_afring_slots_cut_list (self->slots->owner, self->slots, self->n);
  self->slots = NULL;
}

GstBufferList *
packet_part_list_steal (PacketPartList * self)
{
  packet_part_list_close (self);
  return g_steal_pointer (&self->list);
}

void
packet_part_list_clear (PacketPartList * self)
{
  packet_part_list_close (self);
  g_clear_pointer (&self->list, gst_buffer_list_unref);
}
