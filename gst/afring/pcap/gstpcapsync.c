/* gst-afring: finding a packet in the middle of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdecoder-private.h"

#include <string.h>

/* So many records in a row that make sense are not there by chance. */
#define CHAIN 4

/* Longer packets than any link has; what is longer is not taken for one. */
#define LIKELY_LENGTH (512 * 1024)

/* Bytes that are looked at together; a header is at most half as long. */
#define ZEROS 64

/* A packet is hardly older than the first one of its file, or ten years younger. */
#define LIKELY_EARLIER (G_GUINT64_CONSTANT (86400) * GST_SECOND)
#define LIKELY_LATER (10 * 366 * G_GUINT64_CONSTANT (86400) * GST_SECOND)

/* Length of the record at @data, as far as there is one: 0 if there is not. *@time
 * stays if it is not a packet. */
static gsize
look_at_record (const GstPcapDecoder * self, const guint8 * data, gsize length,
    GstClockTime * time)
{
  guint32 captured, wire, fraction;

  if (length < self->record_header)
    return 0;
  fraction = gst_pcap_decoder_read_u32 (self, data + 4);
  gst_pcap_decoder_read_lengths (self, data, &captured, &wire);
  if (fraction >= (self->nanoseconds ? 1000000000u : 1000000u)
      || captured > LIKELY_LENGTH
      || captured > wire)
    return 0;
  *time = gst_pcap_decoder_read_u32 (self, data) * GST_SECOND
      + fraction * (self->nanoseconds ? 1 : GST_USECOND);
  return self->record_header + captured;
}

static gboolean
look_at_packet (const GstPcapDecoder * self, const guint8 * data,
    guint32 block_length, GstClockTime * time)
{
  gboolean obsolete =
      gst_pcap_decoder_read_u32 (self, data) == GST_PCAPNG_BLOCK_OBSOLETE_PACKET;
  guint32 id = obsolete ? gst_pcap_decoder_read_u16 (self, data + 8) :
      gst_pcap_decoder_read_u32 (self, data + 8);

  if (block_length < 32 || id >= self->interfaces->len
      || gst_pcap_decoder_read_u32 (self, data + 20) > block_length - 32)
    return FALSE;
  *time =
      gst_pcap_decoder_ticks_to_time (gst_pcap_decoder_get_nth (self, id),
      (guint64) gst_pcap_decoder_read_u32 (self, data + 12) << 32 |
      gst_pcap_decoder_read_u32 (self, data + 16));
  return TRUE;
}

static gsize
look_at_block (const GstPcapDecoder * self, const guint8 * data, gsize length,
    GstClockTime * time)
{
  guint32 type, block_length;

  if (length < 28)
    return 0;
  type = gst_pcap_decoder_read_u32 (self, data);
  block_length = gst_pcap_decoder_read_u32 (self, data + 4);
  if (block_length < LEAST_BLOCK_LENGTH || block_length % 4 != 0
      || block_length > MAX_LENGTH)
    return 0;
  if (block_length <= length
      && gst_pcap_decoder_read_u32 (self, data + block_length - 4) !=
      block_length)
    return 0;
  if (type == GST_PCAPNG_BLOCK_PACKET
      || type == GST_PCAPNG_BLOCK_OBSOLETE_PACKET)
    return look_at_packet (self, data, block_length, time) ? block_length : 0;
  return block_length;
}

/* A record at @at that is followed by others, as far as can be seen; whether it is
 * a packet itself shows in *@time. */
static gboolean
is_record (const GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize at, gsize * first_size, GstClockTime * time)
{
  GstClockTime ignored;

  *time = GST_CLOCK_TIME_NONE;
  for (guint n = 0; n < CHAIN; n++) {
    gsize size = self->format == CLASSIC ?
        look_at_record (self, data + at, length - at, n > 0 ? &ignored : time) :
        look_at_block (self, data + at, length - at, n > 0 ? &ignored : time);

    if (n == 0)
      *first_size = size;
    if (size == 0)
      return n > 0 && length - at < 28;
    if (size >= length - at)    /* up to the end of what there is, and beyond */
      return n > 0 || size == length - at;
    at += size;
  }
  return TRUE;
}

static gboolean
is_likely (GstClockTime time, GstClockTime first)
{
  return first == GST_CLOCK_TIME_NONE || (time + LIKELY_EARLIER >= first
      && time <= first + LIKELY_LATER);
}

/* Files that have holes are full of zeros, in which no packet begins: 1970 is not likely,
 * and no block has a length of 0. What is left is where a header could begin that ends
 * behind them. */
static gsize
skip_zeros (const guint8 * data, gsize length, gsize at)
{
  guint64 words[ZEROS / 8];

  while (at + ZEROS <= length) {
    guint64 any = 0;

    memcpy (words, data + at, sizeof (words));
    for (guint i = 0; i < G_N_ELEMENTS (words); i++)
      any |= words[i];
    if (any != 0)
      break;
    at += ZEROS / 2;
  }
  return at;
}

gboolean
gst_pcap_decoder_find_packet (GstPcapDecoder * self, GstClockTime first,
    guint64 position, const guint8 * data, gsize length, gsize * at,
    gsize * size, GstClockTime * time)
{
  /* all blocks of a pcapng file are a multiple of 4 long */
  guint step = self->format == CLASSIC ? 1 : 4;

  for (gsize i = (step - position % step) % step; i < length; i += step) {
    if (data[i] == 0 && !is_likely (0, first))
      i = skip_zeros (data, length, i);
    if (is_record (self, data, length, i, size, time)
        && *time != GST_CLOCK_TIME_NONE && is_likely (*time, first)) {
      *at = i;
      return TRUE;
    }
  }
  return FALSE;
}
