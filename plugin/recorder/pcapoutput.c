/* gst-afring: the bytes of a recording, chunk by chunk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapoutput.h"

#include <gst/afring/pcap/gstpcapindexbuilder-private.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <string.h>

gint64
pcap_output_time_after (GstClockTime interval)
{
  return g_get_monotonic_time () + (gint64) GST_TIME_AS_USECONDS (interval);
}

void
pcap_output_init (PcapOutput * self, PcapWriter * writer,
    GstClockTime flush_interval)
{
  memset (self, 0, sizeof (*self));
  self->writer = writer;
  self->flush_interval = flush_interval;
  self->flush_due = pcap_output_time_after (flush_interval);
}

void
pcap_output_clear (PcapOutput * self)
{
  g_clear_pointer (&self->index, gst_pcap_index_builder_unref);
  g_clear_pointer (&self->chunk, pcap_chunk_free);
  while (self->n_spares > 0)
    pcap_chunk_free (self->spares[--self->n_spares]);
}

gboolean
pcap_output_fill (PcapOutput * self)
{
  while (self->n_spares < PCAP_OUTPUT_SPARES) {
    PcapChunk *chunk = pcap_writer_take_chunk (self->writer);

    if (chunk == NULL)
      return FALSE;
    self->spares[self->n_spares++] = chunk;
  }
  return TRUE;
}

/* Another chunk than there may be: one that has been written, whose memory is there
 * and warm, rather than a spare one that may have none yet. */
gboolean
pcap_output_take (PcapOutput * self)
{
  pcap_output_submit (self, FALSE);
  self->chunk = pcap_writer_take_used_chunk (self->writer);
  if (self->chunk == NULL && self->n_spares > 0)
    self->chunk = self->spares[--self->n_spares];
  if (self->chunk == NULL)
    return FALSE;
  pcap_chunk_reset (self->chunk, self->size);
  self->seen = 0;
  self->flush_due = MIN (self->flush_due,
      pcap_output_time_after (self->flush_interval));
  return TRUE;
}

void
pcap_output_put (PcapOutput * self, const GByteArray * bytes)
{
  if (bytes->len > 0)
    memcpy (pcap_output_extend (self, bytes->len), bytes->data, bytes->len);
}

void
pcap_output_set_indexed (PcapOutput * self, gboolean indexed)
{
  self->indexed = indexed;
  if (indexed && self->index == NULL)
    self->index = gst_pcap_index_builder_new (0);
}

static void
show (PcapOutput * self, const guint8 * bytes)
{
  gst_pcap_index_builder_add (self->index, bytes + self->seen,
      self->chunk->length - self->seen);
}

void
pcap_output_see (PcapOutput * self)
{
  GstMapInfo map;

  if (self->seen == self->chunk->length)
    return;
  if (self->indexed && self->chunk->buffer == NULL) {
    show (self, self->chunk->memory + self->chunk->start);
  } else if (self->indexed && gst_buffer_map (self->chunk->buffer, &map,
          GST_MAP_READ)) {
    show (self, map.data);
    gst_buffer_unmap (self->chunk->buffer, &map);
  }
  self->seen = self->chunk->length;
  self->index_due = self->indexed
      && gst_pcap_index_builder_is_due (self->index);
}

void
pcap_output_put_index (PcapOutput * self, gsize alignment)
{
  g_autoptr (GBytes) block = NULL;
  gconstpointer bytes;
  gsize length;

  self->index_due = FALSE;
  if (!self->indexed)
    return;
  if (self->chunk != NULL)
    pcap_output_see (self);
  block = gst_pcap_index_builder_write (self->index, alignment);
  if (block == NULL)
    return;
  bytes = g_bytes_get_data (block, &length);
  if (!pcap_output_ensure (self, length))
    return;
  memcpy (pcap_output_extend (self, length), bytes, length);
  self->seen = self->chunk->length;
  self->index_due = FALSE;
}

gsize
pcap_output_get_index_size (PcapOutput * self, gsize size, guint packets)
{
  gsize unseen = self->chunk != NULL ? self->chunk->length - self->seen : 0;

  return self->indexed ? gst_pcap_index_builder_get_size (self->index,
      size, packets, unseen) : 0;
}

static gboolean
align (PcapOutput * self)
{
  gsize misalignment = self->size % PCAP_OUTPUT_ALIGNMENT;
  gsize missing = PCAP_OUTPUT_ALIGNMENT - misalignment;

  if (misalignment == 0)
    return TRUE;
  if (missing < GST_PCAPNG_LEAST_FILLER)
    missing += PCAP_OUTPUT_ALIGNMENT;
  if (!pcap_output_ensure (self, missing))
    return FALSE;
  gst_pcapng_write_filler (pcap_output_extend (self, missing), missing);
  return TRUE;
}

gboolean
pcap_output_borrow (PcapOutput * self, GstBuffer * buffer)
{
  if (!align (self))
    return FALSE;
  if (self->chunk != NULL && self->chunk->length > 0)
    pcap_output_submit (self, FALSE);
  if (!pcap_output_ensure (self, 0))
    return FALSE;
  pcap_chunk_borrow (self->chunk, buffer);
  pcap_output_see (self);
  self->size += self->chunk->length;
  self->total_size += self->chunk->length;
  return TRUE;
}

void
pcap_output_submit (PcapOutput * self, gboolean flush)
{
  if (self->chunk == NULL)
    return;
  pcap_output_see (self);
  pcap_writer_submit (self->writer, g_steal_pointer (&self->chunk), flush);
  if (flush)
    self->flush_due = G_MAXINT64;
}

void
pcap_output_restart (PcapOutput * self)
{
  self->size = self->packets = 0;
  self->index_due = FALSE;
  if (self->index != NULL)
    gst_pcap_index_builder_restart (self->index);
  self->flush_due = pcap_output_time_after (self->flush_interval);
}
