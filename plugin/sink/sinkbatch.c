/* gst-afring: frames that leave in one call
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkbatch.h"

#include <sys/socket.h>

/* More does not make a packet any cheaper. */
#define SIZE 64

/* In front of a frame: what the kernel is to do to it. */
#define PARTS 3

typedef struct
{
  SinkFrame frame;
  GstBuffer *buffer;
  PacketMap map;
  SinkBatchFlags flags;
  struct iovec parts[PARTS];
} Slot;

struct _SinkBatch
{
  guint first;                  /* that is left */
  guint n;
  Slot slots[SIZE];
  struct mmsghdr messages[SIZE];
};

SinkBatch *
sink_batch_new (void)
{
  SinkBatch *self = g_new0 (SinkBatch, 1);

  for (guint i = 0; i < SIZE; i++) {
    Slot *slot = &self->slots[i];

    slot->parts[0] = (struct iovec) {
      &slot->frame.vnet, sizeof (slot->frame.vnet)
    };
    self->messages[i].msg_hdr.msg_iov = slot->parts;
  }
  return self;
}

void
sink_batch_free (SinkBatch * self)
{
  sink_batch_skip (self, sink_batch_get_left (self));
  g_free (self);
}

gboolean
sink_batch_is_full (SinkBatch * self)
{
  return self->n == SIZE;
}

guint
sink_batch_get_left (SinkBatch * self)
{
  return self->n - self->first;
}

SinkFrame *
sink_batch_get_frame (SinkBatch * self)
{
  return &self->slots[self->n].frame;
}

SinkBatchFlags
sink_batch_get_flags (SinkBatch * self)
{
  return self->slots[self->first].flags;
}

void
sink_batch_add (SinkBatch * self, GstBuffer * buffer, const PacketMap * map,
    SinkBatchFlags flags)
{
  Slot *slot = &self->slots[self->n];
  struct msghdr *header = &self->messages[self->n].msg_hdr;
  guint n = 1;

  slot->buffer = buffer;
  slot->map = *map;
  slot->flags = flags;
  if (slot->frame.head_length > 0)
    slot->parts[n++] = (struct iovec) {
      slot->frame.head, slot->frame.head_length
    };
  if (slot->frame.rest_length > 0)
    slot->parts[n++] = (struct iovec) {
      (gpointer) slot->frame.rest, slot->frame.rest_length
    };
  header->msg_iovlen = n;
  self->n++;
}

static void
pass (SinkBatch * self, SinkSent * sent)
{
  const Slot *slot = &self->slots[self->first];

  sent->packets++;
  sent->bytes += sink_frame_get_length (&slot->frame);
  sent->cut += (slot->flags & SINK_BATCH_CUT) != 0;
  sent->checksummed += (slot->flags & SINK_BATCH_CHECKSUM) != 0;
  sent->segmented += (slot->flags & SINK_BATCH_SEGMENTS) != 0;
  sink_batch_skip (self, 1);
}

gboolean
sink_batch_send (SinkBatch * self, int fd, SinkSent * sent)
{
  int n = sendmmsg (fd, self->messages + self->first,
      sink_batch_get_left (self), MSG_DONTWAIT);

  *sent = (SinkSent) { 0, };
  for (int i = 0; i < n; i++)
    pass (self, sent);
  return n > 0;
}

void
sink_batch_skip (SinkBatch * self, guint n)
{
  for (; n > 0; n--, self->first++) {
    Slot *slot = &self->slots[self->first];

    packet_buffer_unmap (slot->buffer, &slot->map);
  }
  if (self->first == self->n)
    self->first = self->n = 0;
}
