/* gst-afring: whether ring memory is written from where it lies
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaplending.h"

#include <gst/afring/ring/gstafringmemory-private.h>

/* Less is copied, and packed with its neighbours. */
#define LEAST_BYTES (64 * 1024)

/* Traffic is fast if so many buffers take less than so long, in nanoseconds: with
 * blocks of 1 MiB that is more than a gigabit link carries in packets of full size. What
 * is slower takes a fiftieth of a processor to copy. */
#define N_BUFFERS 8
#define FAST_TIME (N_BUFFERS * 7 * GST_MSECOND)

/* Four blocks wait and four are being written. */
#define LEAST_RING 32

/* By capture times: what has waited comes faster than it was. */
static void
take_time (PcapLending * self, GstClockTime time)
{
  if (self->n++ % N_BUFFERS != 0)
    return;
  self->fast = self->n > 1 && time < self->since + FAST_TIME;
  self->since = time;
}

gboolean
pcap_lending_look (PcapLending * self, GstBuffer * buffer, GstClockTime time)
{
  GstMemory *memory;

  take_time (self, time);
  if (!self->fast || gst_buffer_n_memory (buffer) != 1
      || gst_buffer_get_size (buffer) < LEAST_BYTES)
    return FALSE;
  memory = gst_buffer_peek_memory (buffer, 0);
  return gst_is_afring_memory (memory)
      && gst_afring_memory_get_ring_blocks (memory) >= LEAST_RING;
}
