/* gst-afring: a piece of a capture file on its way to the disk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapchunk.h"

#include <gst/afring/pcap/gstpcapngblock.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_RECORDS 64

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
  return self;
}

void
pcap_chunk_free (PcapChunk * self)
{
  gst_clear_buffer (&self->buffer);
  g_free (self->records);
  free (self->memory);
  g_free (self);
}

void
pcap_chunk_reset (PcapChunk * self, guint64 offset)
{
  gst_clear_buffer (&self->buffer);
  self->offset = offset;
  self->start = offset % PCAP_CHUNK_ALIGNMENT;
  self->length = 0;
  self->n_records = 0;
}

static void
ensure_memory (PcapChunk * self, gsize used, gsize end)
{
  guint8 *memory;

  if (end > self->capacity)
    self->capacity = GST_ROUND_UP_N (MAX (2 * self->capacity, end),
        (gsize) PCAP_CHUNK_ALIGNMENT);
  else if (self->memory != NULL)
    return;
  memory = allocate (self->capacity);
  if (self->memory != NULL)
    memcpy (memory, self->memory, used);
  free (self->memory);
  self->memory = memory;
}

guint8 *
pcap_chunk_extend (PcapChunk * self, gsize size)
{
  gsize used = self->start + self->length;

  if (G_UNLIKELY (used + size > self->capacity || self->memory == NULL))
    ensure_memory (self, used, used + size);
  self->length += size;
  return self->memory + used;
}

guint8 *
pcap_chunk_get_bytes (PcapChunk * self)
{
  return pcap_chunk_extend (self, 0) - self->length;
}

void
pcap_chunk_move (PcapChunk * self, guint64 offset)
{
  gsize start = offset % PCAP_CHUNK_ALIGNMENT;

  ensure_memory (self, self->start + self->length, start + self->length);
  memmove (self->memory + start, self->memory + self->start, self->length);
  self->offset = offset;
  self->start = start;
}

void
pcap_chunk_grow_records (PcapChunk * self)
{
  self->max_records = MAX (2 * self->max_records, LEAST_RECORDS);
  self->records = g_renew (PcapRecord, self->records, self->max_records);
}

void
pcap_chunk_borrow (PcapChunk * self, GstBuffer * buffer)
{
  self->buffer = gst_buffer_ref (buffer);
  self->length = gst_buffer_get_size (buffer);
}

void
pcap_chunk_own (PcapChunk * self)
{
  GstBuffer *buffer = g_steal_pointer (&self->buffer);
  gsize size = self->length;

  self->length = 0;
  gst_buffer_extract (buffer, 0, pcap_chunk_extend (self, size), size);
  gst_buffer_unref (buffer);
}

/* A buffer is whole blocks of pcapng in this machine's byte order. */
void
pcap_chunk_itemize (PcapChunk * self)
{
  GstMapInfo map;
  gsize at = 0, next;

  if (self->buffer == NULL || !gst_buffer_map (self->buffer, &map, GST_MAP_READ))
    return;
  self->n_records = self->length = 0;
  for (; at + sizeof (GstPcapngPacket) <= map.size; at = next) {
    GstPcapngPacket block;

    memcpy (&block, map.data + at, sizeof (block));
    next = at + MAX (block.length, sizeof (GstPcapngBlock));
    if (block.type != GST_PCAPNG_BLOCK_PACKET)
      continue;
    self->length = next;
    pcap_chunk_end_record (self, 1,
        (guint64) block.time_high << 32 | block.time_low);
  }
  self->length = map.size;
  gst_buffer_unmap (self->buffer, &map);
}
