/* gst-afring: a piece of a capture file on its way to the disk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What O_DIRECT wants memory, offsets and lengths to be a multiple of; enough for
 * all disks there are. */
#define PCAP_CHUNK_ALIGNMENT 4096

/* Packets that end together: mostly one. */
typedef struct
{
  guint32 end;                  /* in the chunk; from its first byte on */
  guint32 packets;
  GstClockTime time;
} PcapRecord;

/* Whole records, one behind the other: in aligned memory of its own, or in a buffer
 * that somebody else made. In its own memory the first byte lies as far behind an
 * aligned address as its place in the file is behind an aligned offset; the file
 * fills the gap with what it has kept back of the chunk before. */
typedef struct
{
  guint8 *memory;               /* NULL until it is needed */
  gsize capacity;
  GstBuffer *buffer;            /* in which the bytes are instead, or NULL */
  guint64 offset;               /* in the file, of the first byte */
  gsize start;                  /* in memory, of the first byte */
  gsize length;
  PcapRecord *records;
  guint n_records;
  guint max_records;
} PcapChunk;

/* @capacity: of the memory that it is to have. */
PcapChunk * pcap_chunk_new     (gsize          capacity);
void        pcap_chunk_free    (PcapChunk     *self);

/* Empties it, for the place @offset in a file. */
void        pcap_chunk_reset   (PcapChunk     *self,
                                guint64        offset);

/* Room for @size bytes at the end, more than there was if need be; they count
 * from now on. */
guint8 *    pcap_chunk_extend  (PcapChunk     *self,
                                gsize          size);

/* They are in memory of its own. */
guint8 *    pcap_chunk_get_bytes (PcapChunk     *self);

/* Makes the place of the first byte in the file another one, whose memory is its own. */
void        pcap_chunk_move    (PcapChunk     *self,
                                guint64        offset);

void        pcap_chunk_grow_records (PcapChunk *self);

/* What has been appended since the last record, or nothing more, is so many packets
 * of that time. */
static inline void
pcap_chunk_end_record (PcapChunk * self, guint packets, GstClockTime time)
{
  if (G_UNLIKELY (self->n_records == self->max_records))
    pcap_chunk_grow_records (self);
  self->records[self->n_records++] = (PcapRecord) {
    self->length, packets, time
  };
}

/* Makes the bytes of an empty chunk those of @buffer, which is referenced until the
 * chunk is emptied. */
void        pcap_chunk_borrow  (PcapChunk     *self,
                                GstBuffer     *buffer);

/* Copies them into memory of its own. */
void        pcap_chunk_own     (PcapChunk     *self);

/* Gives each packet of a buffer a record of its own. */
void        pcap_chunk_itemize (PcapChunk     *self);

static inline gsize
pcap_chunk_get_room (const PcapChunk * self)
{
  return self->capacity - self->start - self->length;
}

G_END_DECLS
