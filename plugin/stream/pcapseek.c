/* gst-afring: times and places in a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapseek.h"

/* Bytes to look at at a place; more if no packet is seen in them. */
#define WINDOW (64 * 1024)
#define LARGEST_WINDOW (16 * 1024 * 1024)

/* The first packet of a file is hardly further behind. */
#define LARGEST_HEAD (64 * 1024 * 1024)

/* What is read on by, where there is no packet in a window; and what of the last one is
 * seen again, so that a packet that lies in both is seen whole. */
#define STEP (256 * 1024)
#define OVERLAP WINDOW

/* From here on it is read through. */
#define NEAR (1024 * 1024)

/* What a guess may be wrong by, as a part of what is left. */
#define DOUBT 256

static gboolean
read_on (PcapBytes * bytes, GByteArray * head)
{
  GstBuffer *buffer = NULL;
  GstMapInfo map;

  if (head->len > LARGEST_HEAD
      || pcap_bytes_pull (bytes, head->len, WINDOW, &buffer,
          NULL) != GST_FLOW_OK)
    return FALSE;
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    g_byte_array_append (head, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
  return TRUE;
}

gboolean
pcap_seek_learn_start (PcapBytes * bytes, GstPcapDecoder * decoder,
    guint64 * start, GstClockTime * first)
{
  g_autoptr (GByteArray) head = g_byte_array_new ();
  GstPcapDecoderResult result = GST_PCAP_DECODER_MORE;
  GstPcapPacket packet;
  gsize at = 0, used = 0;

  while (result != GST_PCAP_DECODER_PACKET && result != GST_PCAP_DECODER_ERROR) {
    *start = gst_pcap_decoder_get_position (decoder);
    result = gst_pcap_decoder_next (decoder, head->data + at, head->len - at,
        &used, &packet, NULL);
    if (result != GST_PCAP_DECODER_MORE)
      at += used;
    else if (!read_on (bytes, head))
      return FALSE;
  }
  *first = packet.time;
  return result == GST_PCAP_DECODER_PACKET
      && packet.time != GST_CLOCK_TIME_NONE;
}

typedef struct
{
  PcapBytes *bytes;
  GstPcapDecoder *decoder;
  guint64 size;                 /* of the file */
  GstClockTime first;
} Search;

static gboolean
init_search (Search * self, PcapBytes * bytes, GstPcapDecoder * decoder,
    GstClockTime first)
{
  self->bytes = bytes;
  self->decoder = decoder;
  self->first = first;
  return pcap_bytes_get_size (bytes, &self->size);
}

typedef struct
{
  guint64 place;                /* of the first packet */
  GstClockTime time;
  GstClockTime latest;          /* of all packets in sight */
} Found;

/* The packets that begin in [@from, @to), as far as they can be told: all those of
 * a window, or only the first. */
static gboolean
look (Search * self, guint64 from, guint64 to, gsize window, gboolean all,
    Found * found)
{
  gsize size = MIN (window, self->size - from), start = 0, at, record;
  GstBuffer *buffer = NULL;
  GstClockTime time;
  GstMapInfo map;

  found->latest = GST_CLOCK_TIME_NONE;
  if (pcap_bytes_pull (self->bytes, from, size, &buffer, NULL) != GST_FLOW_OK)
    return FALSE;
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    while ((all || start == 0) && start < map.size
        && gst_pcap_decoder_find_packet (self->decoder, self->first,
            from + start, map.data + start, map.size - start, &at, &record,
            &time) && from + start + at < to) {
      if (found->latest == GST_CLOCK_TIME_NONE) {
        found->place = from + start + at;
        found->time = found->latest = time;
      }
      found->latest = MAX (found->latest, time);
      /* what looks like a packet inside this one is not */
      start += at + record;
    }
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
  return found->latest != GST_CLOCK_TIME_NONE;
}

/* Nothing is read twice but what overlaps: a file can have long pieces without a packet. */
static gboolean
find_packet (Search * self, guint64 from, guint64 to, Found * found)
{
  guint64 end = MIN (to, from + LARGEST_WINDOW);
  gsize window = WINDOW;

  while (!look (self, from, to, window, FALSE, found)) {
    if (from + window >= end)
      return FALSE;
    from += window - MIN (OVERLAP, window / 2);
    window = STEP;
  }
  return TRUE;
}

/* In ever larger windows at the end. */
GstClockTime
pcap_seek_find_last (PcapBytes * bytes, GstPcapDecoder * decoder, guint64 start,
    GstClockTime first)
{
  Search search;
  Found found;

  if (!init_search (&search, bytes, decoder, first))
    return GST_CLOCK_TIME_NONE;
  for (gsize window = WINDOW; window <= LARGEST_WINDOW; window *= 4) {
    guint64 from = search.size > start + window ? search.size - window : start;

    if (look (&search, from, search.size, window, TRUE, &found))
      return found.latest;
    if (from == start)
      break;
  }
  return GST_CLOCK_TIME_NONE;
}

/* Between two places of which the first has packets before the time, and the second not. */
typedef struct
{
  guint64 low;
  guint64 high;
  GstClockTime low_time;
  GstClockTime high_time;       /* or NONE */
  enum { HALF, BELOW, ABOVE } aim;      /* where the last place was to be */
  gboolean halve;               /* it was not there */
} Bracket;

/* Most recordings are about as dense everywhere: the place is guessed by the time, now a
 * little below and now a little above, so that both ends come near it. Where that was
 * wrong, the next step is the one that is never wrong by more than a half. */
static guint64
choose_place (Bracket * self, guint64 start, GstClockTime first,
    GstClockTime time)
{
  guint64 left = self->high - self->low;
  gdouble doubt = MAX (left / DOUBT, NEAR / 2), guess = -1;

  if (!self->halve && GST_CLOCK_TIME_IS_VALID (self->high_time)
      && self->high_time > self->low_time)
    guess = (gdouble) left * (time - self->low_time)
        / (self->high_time - self->low_time);
  else if (!self->halve && self->low_time > first)
    guess = (gdouble) (self->low - start) * (time - self->low_time)
        / (self->low_time - first);
  if (guess < 0) {
    self->aim = HALF;
    return self->low + left / 2;
  }
  self->aim = self->aim == BELOW ? ABOVE : BELOW;
  guess += self->aim == BELOW ? -doubt : doubt;
  return self->low + CLAMP (guess, NEAR / 2, left - NEAR / 2);
}

guint64
pcap_seek_find_time (PcapBytes * bytes, GstPcapDecoder * decoder, guint64 start,
    GstClockTime first, GstClockTime time)
{
  Bracket bracket = {.low = start,.low_time = first,
    .high_time = GST_CLOCK_TIME_NONE
  };
  Search search;

  if (!init_search (&search, bytes, decoder, first) || time <= first)
    return start;
  bracket.high = search.size;
  while (bracket.high > bracket.low + NEAR) {
    guint64 place = choose_place (&bracket, start, first, time);
    Found found = {.time = GST_CLOCK_TIME_NONE };

    if (find_packet (&search, place, bracket.high, &found)
        && found.time < time) {
      bracket.halve = bracket.aim == ABOVE;
      bracket.low = found.place;
      bracket.low_time = found.time;
    } else {
      bracket.halve = bracket.aim == BELOW;
      bracket.high = place;
      if (GST_CLOCK_TIME_IS_VALID (found.time))
        bracket.high_time = found.time;
    }
  }
  return bracket.low;
}
