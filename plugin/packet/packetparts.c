/* gst-afring: parts of packets as buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetparts.h"

#include <gio/gio.h>
#include <gst/afring/ring/gstafringslots.h>
#include <gst/net/gstnetaddressmeta.h>

struct _PacketParts
{
  GstAfringSlots *slots;
  GstAfringSlotList *list;      /* that has been begun, or NULL */
  guint n;                      /* parts in it */
  GstAfringLease *lease;        /* of the last ones, */
  guint owed;                   /* which have no reference to it yet */
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

gboolean
packet_parts_begin (PacketParts * self, guint n)
{
  if (n > GST_AFRING_SLOTS_LIST_LENGTH)
    return FALSE;
  self->list = gst_afring_slots_take_list (self->slots);
  self->n = 0;
  return TRUE;
}

/* For a list there is one lease, as a rule, and one reference for all of it. */
static void
pay (PacketParts * self)
{
  if (self->owed > 0)
    gst_afring_lease_ref_many (self->lease, self->owed);
  self->owed = 0;
}

static void
owe (PacketParts * self, GstAfringLease * lease)
{
  if (G_UNLIKELY (lease != self->lease)) {
    pay (self);
    self->lease = lease;
  }
  self->owed++;
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

/* What is no slot, where there would be one: those behind it go back. */
static GstBuffer *
add_other (PacketParts * self, GstBuffer * part)
{
  gst_afring_slots_cut_list (self->slots, self->list, self->n++);
  gst_afring_slots_add_other (self->list, part);
  return part;
}

GstBuffer *
packet_parts_add (PacketParts * self, PacketDissector * dissector,
    DissectedPacket * packet, gsize start, gsize end)
{
  GstAfringLease *lease;
  GstAfringSlot *slot;

  if (G_UNLIKELY (packet->map.kind != PACKET_MAP_NOTHING
          || packet->reassembled || packet->meta == NULL
          || has_more_meta (packet->buffer, packet->meta)))
    return add_other (self, packet_dissector_cut (dissector, packet, start,
            end, FALSE));

  lease = gst_afring_memory_get_lease (gst_buffer_peek_memory (packet->buffer,
          0));
  slot = gst_afring_slots_get_slot (self->slots, self->list, self->n++);
  owe (self, lease);
  fill (slot, lease, packet, start, end - start,
      packet_dissector_get_source (dissector, packet));
  return slot->buffer;
}

GstBufferList *
packet_parts_finish (PacketParts * self)
{
  GstBufferList *list = self->list->list;

  pay (self);
  self->lease = NULL;
  gst_afring_slots_cut_list (self->slots, self->list, self->n);
  self->list = NULL;
  return list;
}
