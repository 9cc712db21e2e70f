/* gst-afring: a piece of a capture file on its way to the disk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapchunk.h"

#include <stdlib.h>
#include <string.h>

static guint8 *
allocate (gsize size)
{
  void *memory = NULL;

  if (posix_memalign (&memory, PCAP_CHUNK_ALIGNMENT, size) != 0)
    g_error ("no memory for %" G_GSIZE_FORMAT " bytes of a capture file", size);
  return memory;
}

PcapChunk *
pcap_chunk_new (gsize capacity)
{
  PcapChunk *self = g_new0 (PcapChunk, 1);

  self->capacity = capacity;
  self->memory = allocate (capacity);
  self->records = g_array_new (FALSE, FALSE, sizeof (PcapRecord));
  return self;
}

void
pcap_chunk_free (PcapChunk * self)
{
  g_array_unref (self->records);
  free (self->memory);
  g_free (self);
}

void
pcap_chunk_reset (PcapChunk * self, guint64 offset)
{
  self->offset = offset;
  self->start = offset % PCAP_CHUNK_ALIGNMENT;
  self->length = 0;
  g_array_set_size (self->records, 0);
}

guint8 *
pcap_chunk_extend (PcapChunk * self, gsize size)
{
  gsize end = self->start + self->length;

  if (G_UNLIKELY (end + size > self->capacity)) {
    gsize capacity = MAX (2 * self->capacity, end + size);
    guint8 *memory;

    capacity = GST_ROUND_UP_N (capacity, PCAP_CHUNK_ALIGNMENT);
    memory = allocate (capacity);
    memcpy (memory, self->memory, end);
    free (self->memory);
    self->memory = memory;
    self->capacity = capacity;
  }
  self->length += size;
  return self->memory + end;
}

void
pcap_chunk_end_record (PcapChunk * self, GstClockTime time)
{
  PcapRecord record = { self->length, time };

  g_array_append_val (self->records, record);
}
