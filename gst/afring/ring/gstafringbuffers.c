/* gst-afring: the packets of a block as buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringbuffers.h"
#include "gstafringmemory-private.h"

#include <gst/afring/packet/gstlinklayer.h>

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

static GstBuffer *
make_buffer (GstAfringBuffers * self, const GstAfringRecord * record,
    GstMemory * block, guint8 network_offset)
{
  GstBuffer *buffer = gst_buffer_new ();
  gsize skip = self->layer == GST_CAPTURE_LAYER_NETWORK ? network_offset : 0;
  GstPacketMeta *meta;

  gst_buffer_append_memory (buffer, gst_afring_memory_new_packet (block,
          record->data + skip, record->captured_length - skip));

  meta = gst_buffer_add_packet_meta (buffer);
  gst_afring_record_fill_meta (record, self->link_type, meta);
  meta->wire_length -= skip;
  meta->network_offset = network_offset;
  if (network_offset != GST_CAPTURE_NO_IP_OFFSET)
    meta->network_offset -= skip;

  /* a network adapter's own clock says nothing about the age of a packet */
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = stamp (&self->stamper,
      meta->flags & GST_PACKET_FLAG_HARDWARE_TIMESTAMP ?
      self->stamper.real_time : meta->capture_time);
  GST_BUFFER_OFFSET (buffer) = self->offset++;
  GST_BUFFER_OFFSET_END (buffer) = self->offset;
  if (self->reference_timestamps)
    gst_buffer_add_reference_timestamp_meta (buffer, get_unix_reference (),
        meta->capture_time, GST_CLOCK_TIME_NONE);
  return buffer;
}

/* A GstMiniObject counts who shares it in 16 bits, so that one parent memory
 * cannot have more packets; the rest of a block makes another list. */
#define MOST_SHARES 32768

GstBufferList *
gst_afring_buffers_make_list (GstAfringBuffers * self, GstAfringWalk * walk,
    GstAfringLease * lease, guint most, guint64 * bytes)
{
  GstBufferList *list = NULL;
  GstMemory *block = NULL;
  GstAfringRecord record;
  guint n = 0;

  most = MIN (most, MOST_SHARES);
  while (n < most && gst_afring_walk_next (walk, &record)) {
    guint8 network_offset = gst_link_layer_get_network_offset (self->link_type,
        record.data, record.captured_length);
    GstBuffer *buffer;

    if (self->layer == GST_CAPTURE_LAYER_NETWORK
        && network_offset == GST_CAPTURE_NO_IP_OFFSET)
      continue;
    if (list == NULL) {
      list = gst_buffer_list_new_sized (MIN (walk->left + 1, most));
      block = gst_afring_memory_new (lease);
    }
    buffer = make_buffer (self, &record, block, network_offset);
    gst_buffer_list_insert (list, -1, buffer);
    *bytes += gst_buffer_get_size (buffer);
    n++;
  }

  if (block != NULL)
    gst_memory_unref (block);
  return list;
}
