/* gst-afring: the bytes of a recording, chunk by chunk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapwriter.h"

#include <gst/afring/afring.h>

G_BEGIN_DECLS

/* One record can need so many chunks: one for an index in front of it, one in which there
 * is room for it, the first of a file that it begins, one behind a filler, and one for a
 * buffer of its own. They are taken before it is begun, so that nobody waits for the disk
 * in the middle of it. */
#define PCAP_OUTPUT_SPARES 5

/* Buffers that are written from where they lie begin at a multiple of that in the file,
 * as they do in memory. */
#define PCAP_OUTPUT_ALIGNMENT 512

/* Locked by the recorder. */
typedef struct
{
  PcapWriter *writer;           /* borrowed */
  PcapChunk *chunk;             /* being filled, or NULL */
  PcapChunk *spares[PCAP_OUTPUT_SPARES];
  guint n_spares;
  GstClockTime flush_interval;
  gint64 flush_due;             /* monotonic, microseconds; G_MAXINT64: never */

  guint64 size;                 /* of the file, as far as it has been made */
  guint64 packets;
  guint64 total_size;           /* of all files */
  guint64 total_packets;

  GstPcapIndexBuilder *index;   /* NULL: no file has one */
  gboolean indexed;             /* this file has */
  gboolean index_due;           /* one is to be written, before anything else */
  gsize seen;                   /* of the chunk, by the index */
} PcapOutput;

/* What is looked at at once for the index: it is in the processor's cache still. */
#define PCAP_OUTPUT_GLANCE 16384

void        pcap_output_init     (PcapOutput   *self,
                                  PcapWriter   *writer,
                                  GstClockTime  flush_interval);

void        pcap_output_clear    (PcapOutput   *self);

/* Does not wait. FALSE if there are not enough chunks just now, or never again. */
gboolean    pcap_output_fill     (PcapOutput   *self);

gboolean    pcap_output_take     (PcapOutput   *self);

/* Makes a chunk with room for @size bytes, whatever that takes. FALSE if the writing
 * has failed. */
static inline gboolean
pcap_output_ensure (PcapOutput * self, gsize size)
{
  return G_LIKELY (self->chunk != NULL && (self->chunk->length == 0
          || pcap_chunk_get_room (self->chunk) >= size))
      || pcap_output_take (self);
}

/* Room for @size bytes, which count from now on. */
static inline guint8 *
pcap_output_extend (PcapOutput * self, gsize size)
{
  self->size += size;
  self->total_size += size;
  return pcap_chunk_extend (self->chunk, size);
}

void        pcap_output_put      (PcapOutput   *self,
                                  const GByteArray *bytes);

/* Files from now on have an index, or not. */
void        pcap_output_set_indexed (PcapOutput *self,
                                  gboolean      indexed);

/* Shows the index what was appended: whole blocks. */
void        pcap_output_see      (PcapOutput   *self);

/* Writes the index of what was appended since the last one, if there is something to say.
 * The file goes on at a multiple of @alignment. */
void        pcap_output_put_index (PcapOutput  *self,
                                  gsize         alignment);

/* More than the index would take, with @packets in @size bytes more in the file. What it has not seen
 * yet counts as if there were as much to say of it as can be. */
gsize       pcap_output_get_index_size (PcapOutput *self,
                                  gsize         size,
                                  guint         packets);

/* What has been appended since the last time is so many packets. */
static inline void
pcap_output_end_records (PcapOutput * self, guint packets, GstClockTime time)
{
  pcap_chunk_end_record (self->chunk, packets, time);
  self->packets += packets;
  self->total_packets += packets;
  if (G_UNLIKELY (self->chunk->length - self->seen >= PCAP_OUTPUT_GLANCE))
    pcap_output_see (self);
}

/* An empty chunk at an aligned place, behind a filler of pcapng if need be, whose bytes
 * are those of @buffer. */
gboolean    pcap_output_borrow   (PcapOutput   *self,
                                  GstBuffer    *buffer);

void        pcap_output_submit   (PcapOutput   *self,
                                  gboolean      flush);

/* The next file: nothing is in it, and its header is to be there soon. */
void        pcap_output_restart  (PcapOutput   *self);

/* Monotonic, microseconds. */
gint64      pcap_output_time_after (GstClockTime interval);

G_END_DECLS
