/* gst-afring: parts of packets as buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetparts.h"

#include <gio/gio.h>
#include <gst/net/gstnetaddressmeta.h>

struct _PacketParts
{
  GstAfringSlots *slots[GST_AFRING_N_BYTES];    /* or NULL */
  GstAfringBytes bytes;         /* of the packets at hand */
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
  return g_new0 (PacketParts, 1);
}

void
packet_parts_free (PacketParts * self)
{
  for (guint i = 0; i < GST_AFRING_N_BYTES; i++) {
    if (self->slots[i] == NULL)
      continue;
    gst_afring_slots_close (self->slots[i]);
    gst_afring_slots_unref (self->slots[i]);
  }
  g_free (self);
}

gboolean
packet_parts_suit (GstBuffer * buffer)
{
  const GstAfringSlot *slot = gst_afring_slot_peek (buffer);

  return slot != NULL && !gst_afring_slot_has_more_meta (slot);
}

/* For a list there is one lease, as a rule, and so one count for all of its parts. It is
 * ahead of them: a part can be gone before the next is made. */
void
packet_parts_begin (PacketParts * self, GstBufferList * list)
{
  GstMemory *memory = gst_buffer_peek_memory (gst_buffer_list_get (list, 0), 0);

  self->bytes = gst_afring_memory_get_bytes (memory);
  if (self->slots[self->bytes] == NULL)
    self->slots[self->bytes] = gst_afring_slots_new (self->bytes, add_address);
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

GstBuffer *
packet_parts_add (PacketParts * self, SlotList * list,
    PacketDissector * dissector, DissectedPacket * packet, gsize start,
    gsize end)
{
  GstAfringSlots *slots = self->slots[self->bytes];
  gboolean suits = packet->map.slot != NULL
      && gst_afring_memory_get_bytes (&packet->map.slot->memory.mem) == self->bytes
      && !gst_afring_slot_has_more_meta (packet->map.slot);
  GstAfringLease *lease;
  GstAfringSlot *slot;
  GstBuffer *part;

  if (list->list == NULL)
    slot_list_begin (list, slots);
  if (G_UNLIKELY (!suits || !slot_list_has_room (list)
          || list->slots->owner != slots)) {
    part = packet_dissector_cut (dissector, packet, start, end, FALSE);
    slot_list_add (list, part);
    return part;
  }
  lease = packet->map.slot->memory.lease;
  slot = slot_list_take (list);
  take_reference (self, lease);
  fill (slot, lease, packet, start, end - start,
      packet_dissector_get_source (dissector, packet));
  return slot->buffer;
}
