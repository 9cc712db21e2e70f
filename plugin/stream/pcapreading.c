/* gst-afring: reading a capture, from its bytes to its end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapreading.h"
#include "pcapfeed.h"
#include "pcapseek.h"
#include "pcapstream.h"

#define READ_SIZE (256 * 1024)

/* So far into a file a seek reads it through, and with it all that it says of its
 * interfaces. */
#define NEAR (64 * 1024 * 1024)

struct _PcapReading
{
  GstElement *element;          /* borrowed, and so is the pad */
  GstPad *sink_pad;

  PcapBytes *bytes;             /* pull mode */
  PcapFeed *feed;
  PcapStream *stream;
  PcapTimeline *timeline;
  gboolean flushed;             /* and no segment has come since */

  guint64 offset;               /* pull mode: of the next piece */
  gboolean jumped;              /* not all of the file before it was read */
  gboolean sequential;          /* seeks go through the file from its start */

  gint compressed;              /* atomic */
};

/* What the stream consists of. */

static GstFlowReturn
set_link_type (guint32 link_type, gpointer user_data)
{
  return pcap_timeline_set_link_type (((PcapReading *) user_data)->timeline,
      link_type);
}

static GstFlowReturn
push_packets (GstBufferList * list, gpointer user_data)
{
  return pcap_timeline_push (((PcapReading *) user_data)->timeline, list);
}

static void
push_event (GstEvent * event, gpointer user_data)
{
  pcap_timeline_push_event (((PcapReading *) user_data)->timeline, event);
}

static void
begin_file (gpointer user_data)
{
  pcap_timeline_begin_file (((PcapReading *) user_data)->timeline);
}

static void
warn_of_left_out (gpointer user_data)
{
  GST_ELEMENT_WARNING (((PcapReading *) user_data)->element, STREAM, DECODE,
      ("The capture says more of its packets than is passed on: names, secrets or "
          "custom blocks, of which there is more than 16 MiB or 4096 blocks"),
      (NULL));
}

static void
tell_of_unreadable (gpointer user_data)
{
  GST_ELEMENT_INFO (((PcapReading *) user_data)->element, STREAM, DECODE,
      ("The capture has custom blocks of the other byte order, whose bytes only "
          "their maker can turn; they are not passed on"), (NULL));
}

PcapReading *
pcap_reading_new (GstElement * element, GstPad * sink_pad, GstPad * src_pad)
{
  static const PcapStreamFuncs funcs = { set_link_type, push_packets,
    push_event, begin_file, warn_of_left_out, tell_of_unreadable
  };
  PcapReading *self = g_new0 (PcapReading, 1);

  self->element = element;
  self->sink_pad = sink_pad;
  self->bytes = pcap_bytes_new (sink_pad);
  self->feed = pcap_feed_new ();
  self->stream = pcap_stream_new (&funcs, self);
  self->timeline = pcap_timeline_new (element, src_pad);
  return self;
}

void
pcap_reading_free (PcapReading * self)
{
  pcap_bytes_free (self->bytes);
  pcap_feed_free (self->feed);
  pcap_stream_free (self->stream);
  pcap_timeline_free (self->timeline);
  g_free (self);
}

PcapTimeline *
pcap_reading_get_timeline (PcapReading * self)
{
  return self->timeline;
}

PcapBytes *
pcap_reading_get_bytes (PcapReading * self)
{
  return self->bytes;
}

gboolean
pcap_reading_is_compressed (PcapReading * self)
{
  return g_atomic_int_get (&self->compressed);
}

/* Of the file: what is before the segment is left out. */
static void
read_from_start (PcapReading * self)
{
  pcap_feed_reset (self->feed);
  pcap_stream_reset (self->stream);
  self->offset = 0;
  self->jumped = self->flushed = FALSE;
}

void
pcap_reading_reset (PcapReading * self, GstClockTime latency)
{
  pcap_bytes_reset (self->bytes);
  read_from_start (self);
  pcap_timeline_reset (self->timeline, latency);
  self->sequential = FALSE;
  g_atomic_int_set (&self->compressed, FALSE);
}

/* What can be wrong with it: what was whole has gone downstream by now. */

static guint64
get_position (PcapReading * self)
{
  return gst_pcap_decoder_get_position (pcap_stream_get_decoder
      (self->stream));
}

static void
post_corrupt (PcapReading * self, const GError * error)
{
  if (pcap_timeline_has_packets (self->timeline) || get_position (self) > 0)
    GST_ELEMENT_ERROR (self->element, STREAM, DECODE, ("%s", error->message),
        (NULL));
  else
    GST_ELEMENT_ERROR (self->element, STREAM, WRONG_TYPE, ("%s",
            error->message), (NULL));
}

/* FALSE: there is no capture at all, not even an empty one. */
static gboolean
post_torn (PcapReading * self)
{
  guint64 position = get_position (self);

  if (position == 0 && pcap_feed_is_torn (self->feed))
    GST_ELEMENT_ERROR (self->element, STREAM, DECODE,
        ("The compressed capture was cut off before anything of it could be "
            "decompressed"), (NULL));
  else if (position == 0)
    GST_ELEMENT_ERROR (self->element, STREAM, WRONG_TYPE,
        ("Neither a pcap nor a pcapng stream: it ends before its header does"),
        (NULL));
  else if (pcap_feed_is_torn (self->feed))
    GST_ELEMENT_WARNING (self->element, STREAM, DECODE,
        ("The capture was cut off: its compressed data, which goes on at byte %"
            G_GUINT64_FORMAT " of the capture, is not whole", position),
        (NULL));
  else
    GST_ELEMENT_WARNING (self->element, STREAM, DECODE,
        ("The capture was cut off: its last record, at byte %" G_GUINT64_FORMAT
            ", is not whole", position), (NULL));
  return position > 0;
}

/* A file without a byte is none. Where bytes are pushed, the application can have
 * ended the stream before the first one. */
static void
post_empty (PcapReading * self)
{
  if (GST_PAD_MODE (self->sink_pad) == GST_PAD_MODE_PULL)
    GST_ELEMENT_ERROR (self->element, STREAM, WRONG_TYPE,
        ("There is nothing in the capture, not even a header"), (NULL));
  else
    GST_ELEMENT_WARNING (self->element, STREAM, WRONG_TYPE,
        ("The stream ended before its first byte: no capture came"), (NULL));
}

/* Going through it. */

static GstFlowReturn
fail (PcapReading * self, const GError * error)
{
  /* what was jumped over can be the description of an interface */
  if (self->jumped) {
    GST_INFO_OBJECT (self->element, "%s; reading the file from its start",
        error->message);
    self->sequential = TRUE;
    read_from_start (self);
    pcap_timeline_rewind (self->timeline);
    return PCAP_STREAM_HUNGRY;
  }
  post_corrupt (self, error);
  pcap_timeline_end (self->timeline);
  return GST_FLOW_ERROR;
}

/* What there is, up to the end of one list. */
static GstFlowReturn
step (PcapReading * self)
{
  g_autoptr (GError) error = NULL;
  GstFlowReturn ret = pcap_stream_next (self->stream, &error);

  while (ret == PCAP_STREAM_HUNGRY) {
    GstBuffer *buffer = pcap_feed_pop (self->feed, &error);

    if (buffer == NULL)
      break;
    if (G_UNLIKELY (pcap_feed_is_compressed (self->feed)))
      g_atomic_int_set (&self->compressed, TRUE);
    if (!pcap_stream_feed (self->stream, buffer, &error))
      break;
    ret = pcap_stream_next (self->stream, &error);
  }
  if (error != NULL)
    return fail (self, error);
  /* downstream or the segment wants no more: what is left of the input is not a
   * torn end */
  if (ret == GST_FLOW_EOS)
    pcap_timeline_end (self->timeline);
  return ret;
}

static GstFlowReturn
go_through (PcapReading * self)
{
  GstFlowReturn ret;

  do
    ret = step (self);
  while (ret == GST_FLOW_OK);
  return ret == PCAP_STREAM_HUNGRY ? GST_FLOW_OK : ret;
}

void
pcap_reading_end (PcapReading * self)
{
  gboolean is_capture = TRUE;

  if (pcap_timeline_has_ended (self->timeline))
    return;
  pcap_feed_finish (self->feed);
  if (go_through (self) != GST_FLOW_OK
      || pcap_timeline_has_ended (self->timeline))
    return;
  if (pcap_stream_is_torn (self->stream) || pcap_feed_is_torn (self->feed)) {
    is_capture = post_torn (self);
  } else if (get_position (self) == 0) {
    post_empty (self);
    is_capture = FALSE;
  }
  /* a capture without packets has caps and a segment too */
  if (is_capture)
    pcap_stream_finish (self->stream);
  pcap_timeline_end (self->timeline);
}

/* Push mode. */

/* No segment has said that it goes on elsewhere. */
static void
restart (PcapReading * self)
{
  read_from_start (self);
  pcap_timeline_flush (self->timeline, FALSE);
}

GstFlowReturn
pcap_reading_push (PcapReading * self, GstBuffer * buffer)
{
  if (G_UNLIKELY (self->flushed))
    restart (self);
  if (pcap_timeline_has_ended (self->timeline)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_EOS;
  }
  pcap_feed_push (self->feed, buffer);
  return go_through (self);
}

void
pcap_reading_flush (PcapReading * self)
{
  self->flushed = TRUE;
}

void
pcap_reading_begin_segment (PcapReading * self, guint64 start)
{
  if (self->flushed && start > 0 && get_position (self) > 0
      && !pcap_reading_is_compressed (self)) {
    pcap_feed_flush (self->feed);
    pcap_stream_jump (self->stream, start);
    pcap_timeline_flush (self->timeline, TRUE);
    self->flushed = FALSE;
  } else if (self->flushed) {
    restart (self);
  } else if (start == 0 && (get_position (self) > 0
          || pcap_stream_is_torn (self->stream))) {
    /* a file behind another one */
    if (pcap_stream_is_torn (self->stream))
      post_torn (self);
    read_from_start (self);
    pcap_timeline_begin_file (self->timeline);
  }
}

/* Pull mode. */

static GstFlowReturn
pull_piece (PcapReading * self)
{
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);
  guint64 skipped = gst_pcap_decoder_get_step (decoder);
  g_autoptr (GError) error = NULL;
  GstBuffer *buffer = NULL;
  GstFlowReturn ret;

  /* what would only be stepped over is not read, but for its last byte: that shows
   * whether the file has it */
  if (skipped > READ_SIZE && !pcap_feed_is_compressed (self->feed)) {
    gst_pcap_decoder_step (decoder, skipped - 1);
    self->offset += skipped - 1;
  }
  ret = pcap_bytes_read (self->bytes, self->offset, READ_SIZE, &buffer, &error);
  if (error != NULL)
    ret = fail (self, error);
  if (ret == PCAP_STREAM_HUNGRY)
    return GST_FLOW_OK;         /* from the start once more */
  if (ret != GST_FLOW_OK)
    return ret;
  self->offset += gst_buffer_get_size (buffer);
  pcap_feed_push (self->feed, buffer);
  return GST_FLOW_OK;
}

GstFlowReturn
pcap_reading_pull (PcapReading * self)
{
  GstFlowReturn ret = step (self);

  return ret == PCAP_STREAM_HUNGRY ? pull_piece (self) : ret;
}

/* Where to go on reading for a segment, or 0: from the start. */
static guint64
find_segment (PcapReading * self, const GstSegment * segment)
{
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);
  GstPcapDecoder *head = gst_pcap_decoder_new ();
  GstClockTime first;
  guint64 start, place = 0;

  if (pcap_timeline_has_packets (self->timeline)
      && pcap_seek_learn_start (self->bytes, head, &start, &first))
    place = pcap_seek_find_time (self->bytes, decoder, start, first,
        first + segment->start);
  gst_pcap_decoder_free (head);
  return place > NEAR ? place : 0;
}

/* In a file that describes interfaces all along, as far as that has been seen, only
 * its start is a safe place. */
void
pcap_reading_move (PcapReading * self, const GstSegment * segment)
{
  guint64 place = 0;

  if (gst_pcap_decoder_is_described_late (pcap_stream_get_decoder
          (self->stream)))
    self->sequential = TRUE;
  if (!self->sequential)
    place = find_segment (self, segment);
  if (place == 0) {
    read_from_start (self);
    pcap_timeline_rewind (self->timeline);
  } else {
    pcap_feed_flush (self->feed);
    pcap_stream_jump (self->stream, place);
    self->offset = place;
    self->jumped = TRUE;
  }
}
