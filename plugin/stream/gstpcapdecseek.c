/* gst-afring: places in a capture stream: queries and seeks
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdec-private.h"
#include "pcapplaces.h"
#include "pcapseek.h"

/* Here and there, as a file can be. */
static gboolean
can_be_read_anywhere (GstPcapDec * self)
{
  gboolean pulling;

  GST_OBJECT_LOCK (self);
  pulling = self->pulling;
  GST_OBJECT_UNLOCK (self);
  return pulling && !pcap_reading_is_compressed (self->reading);
}

static GstClockTime
find_duration (GstPcapDec * self)
{
  PcapBytes *bytes = pcap_reading_get_bytes (self->reading);
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();
  GstClockTime first, last = GST_CLOCK_TIME_NONE;
  guint64 start;

  gst_pcap_decoder_set_stepping (decoder, TRUE);
  if (pcap_seek_learn_start (bytes, decoder, &start, &first))
    last = pcap_seek_find_last (bytes, decoder, start, first);
  gst_pcap_decoder_free (decoder);
  if (last == GST_CLOCK_TIME_NONE)
    return GST_CLOCK_TIME_NONE;
  return last > first ? last - first : 0;
}

/* NONE if it is not known. */
static GstClockTime
get_duration (gpointer user_data)
{
  GstPcapDec *self = user_data;
  GstClockTime duration;

  GST_OBJECT_LOCK (self);
  duration = self->duration;
  GST_OBJECT_UNLOCK (self);
  if (duration != GST_CLOCK_TIME_NONE || !can_be_read_anywhere (self))
    return duration;
  duration = find_duration (self);
  GST_OBJECT_LOCK (self);
  self->duration = duration;
  GST_OBJECT_UNLOCK (self);
  return duration;
}

/* Upstream's, and how late packets may come. */
static gboolean
query_latency (GstPcapDec * self, GstQuery * query)
{
  GstClockTime min = 0, max = GST_CLOCK_TIME_NONE;
  gboolean live;

  if (!self->is_live)
    return gst_pad_query_default (self->src_pad, GST_OBJECT (self), query);
  if (gst_pad_peer_query (self->sink_pad, query)) {
    gst_query_parse_latency (query, &live, &min, &max);
    if (!live)
      min = 0;
  }
  /* what waits is in the pipe */
  gst_query_set_latency (query, TRUE, min + self->latency,
      GST_CLOCK_TIME_NONE);
  return TRUE;
}

gboolean
gst_pcap_dec_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_POSITION:
    case GST_QUERY_DURATION:
    case GST_QUERY_SEGMENT:
      return pcap_places_query (self->timeline, query, get_duration, self);
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      if (format != GST_FORMAT_TIME)
        return FALSE;
      gst_query_set_seeking (query, format, can_be_read_anywhere (self), 0,
          -1);
      return TRUE;
    case GST_QUERY_LATENCY:
      return query_latency (self, query);
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static void
push_flush (GstPcapDec * self, GstEvent * event, guint32 seqnum)
{
  gst_event_set_seqnum (event, seqnum);
  gst_pad_push_event (self->sink_pad, gst_event_ref (event));
  gst_pad_push_event (self->src_pad, event);
}

/* NULL, or why not. Without a flush, what is on its way goes on to where it is going:
 * the list at hand, not more. */
static const gchar *
seek (GstPcapDec * self, const PcapSeeking * seeking)
{
  gboolean flush = (seeking->flags & GST_SEEK_FLAG_FLUSH) != 0;
  const gchar *reason = NULL;
  GstSegment segment;

  pcap_timeline_get_segment (self->timeline, &segment);
  if (!pcap_seeking_apply (seeking, &segment))
    return "it would begin behind its end";

  /* a task that pauses itself, as a flush makes it do, or that has to be told */
  if (flush) {
    push_flush (self, gst_event_new_flush_start (), seeking->seqnum);
  } else {
    g_atomic_int_set (&self->seeking, TRUE);
    gst_pad_pause_task (self->sink_pad);
  }
  GST_PAD_STREAM_LOCK (self->sink_pad);
  g_atomic_int_set (&self->seeking, FALSE);
  if (flush)
    push_flush (self, gst_event_new_flush_stop (TRUE), seeking->seqnum);

  /* it may have gone on meanwhile */
  pcap_timeline_get_segment (self->timeline, &segment);
  if (pcap_seeking_apply (seeking, &segment)) {
    pcap_timeline_set_segment (self->timeline, &segment, seeking->seqnum);
    pcap_reading_move (self->reading, &segment);
  } else {
    reason = "it has gone on beyond the end";
  }
  gst_pad_start_task (self->sink_pad, gst_pcap_dec_loop, self, NULL);
  GST_PAD_STREAM_UNLOCK (self->sink_pad);
  return reason;
}

static gboolean
handle_seek (GstPcapDec * self, GstEvent * event)
{
  const gchar *reason;
  PcapSeeking seeking;

  if (!can_be_read_anywhere (self))
    reason = "its input is not a file, or is compressed";
  else
    reason = pcap_seeking_init (&seeking, event, get_duration, self);
  if (reason == NULL)
    reason = seek (self, &seeking);
  if (reason == NULL)
    return TRUE;
  GST_ELEMENT_INFO (self, RESOURCE, SEEK, ("Cannot seek so: %s", reason),
      (NULL));
  return FALSE;
}

gboolean
gst_pcap_dec_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);
  guint32 seqnum = gst_event_get_seqnum (event);
  gboolean done;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (pad, parent, event);
  g_mutex_lock (&self->seek_lock);
  if (seqnum != self->seek_seqnum) {
    self->seek_seqnum = seqnum;
    self->seek_done = handle_seek (self, event);
  }
  done = self->seek_done;
  g_mutex_unlock (&self->seek_lock);
  gst_event_unref (event);
  return done;
}
