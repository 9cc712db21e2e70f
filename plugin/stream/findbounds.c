/* gst-afring: from when to when a capture file is
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findbounds.h"
#include "pcapfeed.h"
#include "pcapseek.h"

#define PIECE (64 * 1024)

/* Of a file that is read to its end at once. */
#define SMALL (256 * 1024)

/* Of what is before it, so much is kept. */
#define MOST_HEAD (64 * 1024)

/* The first packet is hardly further behind. */
#define LARGEST_HEAD (64 * 1024 * 1024)

typedef struct
{
  FindFile *file;
  PcapBytes *bytes;
  PcapFeed *feed;
  GstPcapDecoder *decoder;
  guint64 offset;
  GByteArray *rest;             /* not decoded yet */
  GByteArray *head;             /* or NULL: what was decoded is kept in it */
  gboolean at_end;
} Look;

static void
look_init (Look * self, FindFile * file)
{
  self->file = file;
  self->bytes = find_file_new_bytes (file);
  self->feed = pcap_feed_new ();
  self->decoder = gst_pcap_decoder_new ();
  gst_pcap_decoder_set_stepping (self->decoder, TRUE);
  self->offset = 0;
  self->rest = g_byte_array_new ();
  self->head = NULL;
  self->at_end = FALSE;
}

static void
look_clear (Look * self)
{
  pcap_bytes_free (self->bytes);
  pcap_feed_free (self->feed);
  gst_pcap_decoder_free (self->decoder);
  g_byte_array_unref (self->rest);
}

static void
append (GByteArray * out, GstBuffer * buffer)
{
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    g_byte_array_append (out, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
}

/* More bytes to decode. FALSE: there are none. */
static gboolean
read_on (Look * self)
{
  GstBuffer *buffer = pcap_feed_pop (self->feed, NULL);

  while (buffer == NULL && !self->at_end) {
    GstFlowReturn ret = pcap_bytes_read (self->bytes, self->offset, PIECE,
        &buffer, NULL);

    if (ret == GST_FLOW_OK) {
      self->offset += gst_buffer_get_size (buffer);
      pcap_feed_push (self->feed, buffer);
    } else {
      pcap_feed_finish (self->feed);
      self->at_end = TRUE;
    }
    buffer = pcap_feed_pop (self->feed, NULL);
  }
  if (buffer == NULL)
    return FALSE;
  append (self->rest, buffer);
  return TRUE;
}

/* One that is longer is none. */
static void
keep_head (Look * self, const guint8 * data, gsize length)
{
  if (self->head == NULL)
    return;
  if (self->head->len + length <= MOST_HEAD)
    g_byte_array_append (self->head, data, length);
  else
    g_clear_pointer (&self->head, g_byte_array_unref);
}

/* FALSE at the end, or where it makes no sense. */
static gboolean
next_packet (Look * self, GstPcapPacket * packet)
{
  GstPcapDecoderResult result;
  gsize at = 0, used = 0;

  do {
    result = gst_pcap_decoder_next (self->decoder, self->rest->data + at,
        self->rest->len - at, &used, packet, NULL);
    if (result == GST_PCAP_DECODER_OTHER)
      keep_head (self, self->rest->data + at, used);
    if (result == GST_PCAP_DECODER_PACKET || result == GST_PCAP_DECODER_OTHER)
      at += used;
    else if (result == GST_PCAP_DECODER_ERROR
        || gst_pcap_decoder_get_position (self->decoder) > LARGEST_HEAD)
      return FALSE;
    else {
      g_byte_array_remove_range (self->rest, 0, at);
      at = 0;
      if (!read_on (self))
        return FALSE;
    }
  } while (result != GST_PCAP_DECODER_PACKET);
  g_byte_array_remove_range (self->rest, 0, at);
  return TRUE;
}

/* One without a time is of any. */
static void
take_time (FindBounds * bounds, GstClockTime time)
{
  if (time == GST_CLOCK_TIME_NONE) {
    bounds->least = 0;
  } else {
    bounds->least = MIN (bounds->least, time);
    bounds->greatest = bounds->greatest == GST_CLOCK_TIME_NONE ? time :
        MAX (bounds->greatest, time);
  }
}

/* All of it, as far as it makes sense: more than that nobody gives. */
static void
read_small (Look * self)
{
  FindBounds *bounds = &self->file->bounds;
  GstPcapPacket packet;

  while (next_packet (self, &packet))
    take_time (bounds, packet.time);
  bounds->exact = bounds->end_read = TRUE;
}

gboolean
find_bounds_read_start (FindFile * file)
{
  FindBounds *bounds = &file->bounds;
  GstPcapPacket packet;
  Look look;

  if (bounds->read)
    return TRUE;
  g_clear_pointer (&file->head, g_bytes_unref);
  *bounds = (FindBounds) { .read = TRUE,.first = GST_CLOCK_TIME_NONE,
    .least = GST_CLOCK_TIME_NONE,.greatest = GST_CLOCK_TIME_NONE
  };
  if (!find_file_get_size (file, &bounds->size))
    return FALSE;
  look_init (&look, file);
  look.head = g_byte_array_new ();
  bounds->has_packets = next_packet (&look, &packet);
  if (look.head != NULL)
    file->head = g_byte_array_free_to_bytes (g_steal_pointer (&look.head));
  bounds->is_capture = bounds->has_packets
      || gst_pcap_decoder_get_position (look.decoder) > 0;
  bounds->seekable = !pcap_feed_is_compressed (look.feed);
  if (bounds->has_packets) {
    bounds->first = packet.time;
    take_time (bounds, packet.time);
    if (bounds->size <= SMALL && bounds->seekable)
      read_small (&look);
    else
      bounds->greatest = GST_CLOCK_TIME_NONE;
  }
  look_clear (&look);
  return TRUE;
}

void
find_bounds_read_end (FindFile * file)
{
  FindBounds *bounds = &file->bounds;
  guint64 start;
  GstClockTime first;
  Look look;

  if (bounds->end_read || !bounds->seekable || !bounds->has_packets)
    return;
  bounds->end_read = TRUE;
  look_init (&look, file);
  if (pcap_seek_learn_start (look.bytes, look.decoder, &start, &first))
    bounds->greatest = pcap_seek_find_last (look.bytes, look.decoder, start,
        first);
  look_clear (&look);
}

gboolean
find_bounds_find_time (FindFile * file, GstClockTime from, guint64 * start,
    guint64 * place)
{
  GstClockTime first;
  gboolean found = FALSE;
  Look look;

  if (!file->bounds.seekable || from <= file->bounds.least)
    return FALSE;
  look_init (&look, file);
  if (pcap_seek_learn_start (look.bytes, look.decoder, start, &first)) {
    *place = pcap_seek_find_time (look.bytes, look.decoder, *start, first,
        from);
    found = *place > *start;
  }
  look_clear (&look);
  return found;
}
