/* gst-afring: times and places in a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapseek.h"

/* Bytes to look at at a place; more if no packet is seen in them. */
#define WINDOW (64 * 1024)
#define LARGEST_WINDOW (16 * 1024 * 1024)

/* The first packet of a file is hardly further behind. */
#define LARGEST_HEAD (64 * 1024 * 1024)

/* From here on it is read through. */
#define NEAR (1024 * 1024)

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

static gboolean
find_packet (Search * self, guint64 from, guint64 to, Found * found)
{
  for (gsize window = WINDOW; window <= LARGEST_WINDOW; window *= 4) {
    if (look (self, from, to, window, FALSE, found))
      return TRUE;
    if (from + window >= to)
      break;
  }
  return FALSE;
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

guint64
pcap_seek_find_time (PcapBytes * bytes, GstPcapDecoder * decoder, guint64 start,
    GstClockTime first, GstClockTime time)
{
  guint64 low = start, high;
  Search search;
  Found found;

  if (!init_search (&search, bytes, decoder, first) || time <= first)
    return start;
  high = search.size;
  while (high > low + NEAR) {
    guint64 middle = low + (high - low) / 2;

    if (find_packet (&search, middle, high, &found) && found.time < time)
      low = found.place;
    else
      high = middle;
  }
  return low;
}
