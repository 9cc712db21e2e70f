/* gst-afring: a block of the ring as pcapng, where it lies
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringinplace.h"

#include <gst/afring/packet/gstlinklayer.h>
#include <gst/afring/pcap/gstpcapngblock.h>
#include <gst/afring/pcap/gstpcapngwriter.h>

/* A packet stays where it is unless the filler in front of it would be more than
 * this part of it. Moving costs a copy of the packet, which is small then; filler
 * costs room on the disk, and time to write it. */
#define MOST_FILLER_PART 8

/* What a packet may need behind its bytes. */
#define MOST_BEHIND (3 + FLAGS_LENGTH + GST_PCAPNG_CLOSING_LENGTH)
#define FLAGS_LENGTH (sizeof (GstPcapngOption) + sizeof (guint32))

typedef struct
{
  guint8 *window;               /* the ring block, and its end */
  guint8 *limit;
  guint8 *block;                /* the pcapng block being made, or NULL */
  guint8 *options;              /* where its options begin, or go on */
  guint32 flags;                /* the option that is not written yet, or 0 */
} Writer;

/* What a record says of itself, read before it is written over. */
typedef struct
{
  guint8 *data;
  guint32 captured_length;
  guint32 wire_length;
  GstClockTime time;
  guint32 flags;
} Packet;

/* Where the next block can begin at the earliest. */
static inline guint8 *
get_cursor (const Writer * self)
{
  return self->options + GST_PCAPNG_CLOSING_LENGTH
      + (self->flags != 0 ? FLAGS_LENGTH : 0);
}

/* What stands behind a packet's bytes may lie over the kernel's header of the next
 * packet: this is called when that has been read. */
static inline void
close_block (Writer * self, guint8 * end)
{
  if (self->block == NULL)
    return;
  if (self->flags != 0) {
    gst_pcapng_put_option (self->options, GST_PCAPNG_EPB_FLAGS,
        sizeof (self->flags));
    gst_pcapng_put_u32 (self->options + sizeof (GstPcapngOption), self->flags);
    self->options += FLAGS_LENGTH;
  }
  gst_pcapng_close_block (self->block, self->options, end);
}

static void
begin (Writer * self, const GstAfringInPlace * config,
    const GstAfringWalk * walk)
{
  self->window = walk->block;
  self->limit = walk->block + walk->block_size;
  self->block = self->options = NULL;
  self->flags = 0;
  if (config->statistics == NULL)
    return;
  self->block = self->window + GST_AFRING_IN_PLACE_ALIGNMENT;
  gst_pcapng_write_statistics (self->block, 0, config->statistics);
  self->options = self->block + GST_PCAPNG_STATISTICS_LENGTH
      - GST_PCAPNG_CLOSING_LENGTH;
}

static inline void
read_packet (Packet * self, const GstAfringRecord * record, gsize skip)
{
  self->data = record->data + skip;
  self->captured_length = record->captured_length - skip;
  self->wire_length = MAX (record->wire_length - skip, self->captured_length);
  self->time = gst_afring_record_get_capture_time (record);
  self->flags =
      gst_pcapng_get_flags (gst_afring_record_get_packet_type (record));
}

/* Where its block would begin if the packet stayed where it is; NULL if it has to
 * be moved. */
static inline guint8 *
get_place (const Writer * self, const Packet * packet)
{
  guint8 *place = packet->data - sizeof (GstPcapngPacket);
  gsize length = packet->captured_length;
  /* a first block leaves out what is in front of it */
  gsize filler = self->block != NULL ? place - get_cursor (self) : 0;

  if (((gsize) place & 3) != 0
      || packet->data + length + MOST_BEHIND > self->limit)
    return NULL;
  if (filler > length / MOST_FILLER_PART || filler > GST_PCAPNG_MOST_FILLER)
    return NULL;
  return place;
}

/* A first block stays within the packet's own room: what is in front of it may be
 * in use. */
static guint8 *
move_packet (const Writer * self, const Packet * packet)
{
  guint8 *place = self->block != NULL ? get_cursor (self) :
      packet->data - sizeof (GstPcapngPacket) - GST_PCAPNG_PADDED (MOST_BEHIND);

  place -= (gsize) place & 3;
  memmove (place + sizeof (GstPcapngPacket), packet->data,
      packet->captured_length);
  return place;
}

/* Of a packet of @length bytes that is padded up to @end. Without a call, which would
 * be one for each packet. */
static inline void
clear_padding (guint8 * end, gsize length)
{
  guint32 *last = (guint32 *) (end - sizeof (guint32));

  *last &= GUINT32_TO_LE (G_MAXUINT32 >> 8 * (-length & 3));
}

static inline void
put_packet (Writer * self, const Packet * packet)
{
  gsize length = packet->captured_length;
  guint8 *place = get_place (self, packet);

  if (place == NULL)
    place = move_packet (self, packet);
  close_block (self, place);

  gst_pcapng_put_packet (place, 0, packet->time, packet->captured_length,
      packet->wire_length);
  self->block = place;
  self->options = place + sizeof (GstPcapngPacket)
      + GST_PCAPNG_PADDED (length);
  self->flags = packet->flags;
  clear_padding (self->options, length);
}

/* A whole block ends where the next one can follow it on a disk. */
static guint8 *
end (Writer * self)
{
  guint8 *end = get_cursor (self);
  gsize used = end - self->window;

  if (used >= GST_AFRING_IN_PLACE_LEAST_WHOLE)
    end = self->window + GST_ROUND_UP_N (used,
        (gsize) GST_AFRING_IN_PLACE_ALIGNMENT);
  close_block (self, end);
  gst_afring_block_set_length (self->window, end - self->window);
  return end;
}

static void
put_packets (Writer * self, const GstAfringInPlace * config,
    GstAfringWalk * walk, GstAfringInPlacePiece * piece)
{
  GstAfringRecord record;
  Packet packet;

  while (piece->packets < config->most && gst_afring_walk_next (walk, &record)) {
    gsize skip = 0;

    if (config->layer == GST_CAPTURE_LAYER_NETWORK)
      skip = gst_link_layer_get_network_offset (config->link_type, record.data,
          record.captured_length);
    if (skip == GST_CAPTURE_NO_IP_OFFSET)
      continue;
    read_packet (&packet, &record, skip);
    put_packet (self, &packet);
    if (piece->packets++ == 0) {
      piece->data = self->block;
      piece->first_time = packet.time;
    }
    piece->last_time = packet.time;
    piece->bytes += packet.captured_length;
  }
}

void
gst_afring_in_place_convert (const GstAfringInPlace * self,
    GstAfringWalk * walk, GstAfringInPlacePiece * piece)
{
  Writer writer;

  memset (piece, 0, sizeof (*piece));
  piece->first_time = piece->last_time = GST_CLOCK_TIME_NONE;
  if (walk->left > 0 && walk->offset < GST_AFRING_FIRST_PACKET_OFFSET)
    gst_afring_walk_stop_corrupt (walk);

  begin (&writer, self, walk);
  put_packets (&writer, self, walk, piece);
  if (piece->packets == 0)
    return;
  if (self->statistics != NULL)
    piece->data = writer.window + GST_AFRING_IN_PLACE_ALIGNMENT;
  piece->length = end (&writer) - piece->data;
}
