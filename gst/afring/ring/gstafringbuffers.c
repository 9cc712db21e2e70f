/* gst-afring: the packets of a block as buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringbuffers.h"
#include "gstafringinplace.h"
#include "gstafringslots.h"

#include <gst/afring/packet/gstlinklayer.h>
#include <gst/afring/packet/gstpacketblockmeta.h>

static GstCaps *
get_unix_reference (void)
{
  static GstCaps *caps = NULL;

  if (g_once_init_enter (&caps)) {
    GstCaps *made = gst_caps_new_empty_simple ("timestamp/x-unix");

    GST_MINI_OBJECT_FLAG_SET (made, GST_MINI_OBJECT_FLAG_MAY_BE_LEAKED);
    g_once_init_leave (&caps, made);
  }
  return caps;
}

/* Running time of a packet: now, less its age. Neighbouring packets can be out
 * of order by some microseconds, because the kernel stamps them before it takes
 * the lock of the ring; buffers must not be. A packet that is older than the
 * pipeline's time, or from the future by a clock that was set, is put at the
 * edge. */
static GstClockTime
stamp (GstAfringStamper * self, GstClockTime capture_time)
{
  GstClockTime time = self->running_time;

  /* a flush has set the running time back */
  if (!self->replay && self->last != GST_CLOCK_TIME_NONE
      && time < self->last)
    self->last = GST_CLOCK_TIME_NONE;

  if (self->replay) {
    if (self->first == GST_CLOCK_TIME_NONE)
      self->first = capture_time;
    time = capture_time > self->first ? capture_time - self->first : 0;
  } else if (time == GST_CLOCK_TIME_NONE) {
    return GST_CLOCK_TIME_NONE;
  } else if (capture_time < self->real_time) {
    GstClockTime age = self->real_time - capture_time;

    time = time > age ? time - age : 0;
  }
  if (self->last != GST_CLOCK_TIME_NONE && time < self->last)
    time = self->last;
  self->last = time;
  return time;
}

static void
fill_slot (GstAfringBuffers * self, GstAfringSlot * slot,
    const GstAfringRecord * record, GstAfringLease * lease,
    guint8 network_offset)
{
  gsize skip = self->layer == GST_CAPTURE_LAYER_NETWORK ? network_offset : 0;
  GstBuffer *buffer = slot->buffer;
  GstPacketMeta *meta = slot->meta;

  gst_afring_memory_set (&slot->memory, lease, record->data + skip,
      record->captured_length - skip);
  gst_afring_record_fill_meta (record, self->link_type, meta);
  meta->wire_length -= skip;
  /* the tag has gone with the link header */
  if (skip > 0)
    meta->flags &= ~(GST_PACKET_FLAG_VLAN_RESTORED |
        GST_PACKET_FLAG_MADE_HEADER);
  meta->network_offset = network_offset;
  if (network_offset != GST_CAPTURE_NO_IP_OFFSET)
    meta->network_offset -= skip;

  GST_MINI_OBJECT_FLAGS (buffer) = 0;
  /* a network adapter's own clock says nothing about the age of a packet */
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = stamp (&self->stamper,
      meta->flags & GST_PACKET_FLAG_HARDWARE_TIMESTAMP ?
      self->stamper.real_time : meta->capture_time);
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = self->offset++;
  GST_BUFFER_OFFSET_END (buffer) = self->offset;
  if (self->reference_timestamps)
    gst_buffer_add_reference_timestamp_meta (buffer, get_unix_reference (),
        meta->capture_time, GST_CLOCK_TIME_NONE);
}

/* The rest of a block goes into lists of about the same length: a list that is used
 * for more or fewer packets than the last time has to be changed. */
static guint
get_list_length (const GstAfringWalk * walk)
{
  guint lists = (walk->left + GST_AFRING_SLOTS_LIST_LENGTH - 1)
      / GST_AFRING_SLOTS_LIST_LENGTH;

  return lists > 0 ? (walk->left + lists - 1) / lists : 0;
}

GstBufferList *
gst_afring_buffers_make_list (GstAfringBuffers * self, GstAfringWalk * walk,
    GstAfringLease * lease, guint most, guint64 * bytes)
{
  GstAfringSlots *slots = gst_afring_slots_get (lease->ring);
  GstAfringSlotList *list = gst_afring_slots_take_list (slots);
  GstAfringRecord record;
  guint n = 0;

  most = MIN (most, get_list_length (walk));
  while (n < most && gst_afring_walk_next (walk, &record)) {
    guint8 network_offset = gst_link_layer_get_network_offset (self->link_type,
        record.data, record.captured_length);
    GstAfringSlot *slot;

    if (self->layer == GST_CAPTURE_LAYER_NETWORK
        && network_offset == GST_CAPTURE_NO_IP_OFFSET)
      continue;
    slot = n < list->length ? list->slots[n] :
        gst_afring_slots_grow_list (slots, list);
    fill_slot (self, slot, &record, lease, network_offset);
    *bytes += slot->memory.mem.size;
    n++;
  }
  if (n == 0) {
    gst_afring_slots_put_back (slots, list);
    return NULL;
  }
  gst_afring_slots_cut_list (slots, list, n);
  gst_afring_lease_ref_many (lease, n);
  return list->list;
}

static GstBuffer *
new_block_buffer (const GstAfringInPlacePiece * piece, GstAfringLease * lease)
{
  GstBuffer *buffer = gst_buffer_new ();

  gst_buffer_append_memory (buffer, gst_afring_memory_new (GST_AFRING_BYTES_RING,
          lease, piece->data, piece->length));
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_TAG_MEMORY);
  gst_buffer_add_packet_block_meta (buffer, piece->packets, piece->first_time,
      piece->last_time);
  return buffer;
}

GstBuffer *
gst_afring_buffers_make_block (GstAfringBuffers * self, GstAfringWalk * walk,
    GstAfringLease * lease, guint most,
    const GstCaptureStatistics * statistics, guint64 * bytes)
{
  const GstAfringInPlace in_place = { self->link_type, self->layer, most,
    statistics
  };
  GstAfringInPlacePiece piece;
  GstBuffer *buffer;

  gst_afring_in_place_convert (&in_place, walk, &piece);
  if (piece.length == 0)
    return NULL;

  buffer = new_block_buffer (&piece, lease);
  GST_BUFFER_OFFSET (buffer) = self->offset;
  self->offset += piece.packets;
  GST_BUFFER_OFFSET_END (buffer) = self->offset;
  *bytes += piece.bytes;
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = stamp (&self->stamper,
      piece.first_time);
  if (GST_BUFFER_PTS_IS_VALID (buffer))
    GST_BUFFER_DURATION (buffer) = stamp (&self->stamper, piece.last_time)
        - GST_BUFFER_PTS (buffer);
  if (self->reference_timestamps)
    gst_buffer_add_reference_timestamp_meta (buffer, get_unix_reference (),
        piece.first_time, GST_CLOCK_TIME_NONE);
  return buffer;
}
