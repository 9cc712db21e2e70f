/* gst-afring: places in many capture files: queries and seeks
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapsrc-private.h"
#include "pcapplaces.h"

/* NONE if it is not known. */
static GstClockTime
get_duration (gpointer user_data)
{
  GstPcapSrc *self = user_data;

  return self->run != NULL ? find_run_get_duration (self->run) :
      GST_CLOCK_TIME_NONE;
}

gboolean
gst_pcap_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstPcapSrc *self = GST_PCAP_SRC (parent);
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
      gst_query_set_seeking (query, format, TRUE, 0, -1);
      return TRUE;
    case GST_QUERY_LATENCY:
      gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
      return TRUE;
    case GST_QUERY_SCHEDULING:
      gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEEKABLE, 1, -1, 0);
      gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static void
push_flush (GstPcapSrc * self, GstEvent * event, guint32 seqnum)
{
  gst_event_set_seqnum (event, seqnum);
  gst_pad_push_event (self->src_pad, event);
}

/* With the stream lock. NULL, or why not. */
static const gchar *
move (GstPcapSrc * self, const PcapSeeking * seeking)
{
  GstSegment segment;

  if (find_run_get_first (self->run) == GST_CLOCK_TIME_NONE)
    return "there is no packet";
  /* it may have gone on meanwhile */
  pcap_timeline_get_segment (self->timeline, &segment);
  if (!pcap_seeking_apply (seeking, &segment))
    return "it has gone on beyond the end";
  pcap_timeline_set_segment (self->timeline, &segment, seeking->seqnum);
  find_run_move (self->run, &segment);
  return NULL;
}

/* NULL, or why not. Without a flush, what is on its way goes on to where it is going:
 * the list at hand, not more. */
static const gchar *
seek (GstPcapSrc * self, const PcapSeeking * seeking)
{
  gboolean flush = (seeking->flags & GST_SEEK_FLAG_FLUSH) != 0;
  const gchar *reason;
  GstSegment segment;

  pcap_timeline_get_segment (self->timeline, &segment);
  if (!pcap_seeking_apply (seeking, &segment))
    return "it would begin behind its end";

  gst_pcap_src_interrupt (self, TRUE);
  if (flush)
    push_flush (self, gst_event_new_flush_start (), seeking->seqnum);
  gst_pad_pause_task (self->src_pad);
  GST_PAD_STREAM_LOCK (self->src_pad);
  gst_pcap_src_interrupt (self, FALSE);
  gst_pcap_src_negotiate (self);
  /* what comes behind a flush wants to know which stream it is of */
  if (!pcap_timeline_has_begun (self->timeline))
    pcap_timeline_begin (self->timeline, NULL);
  if (flush)
    push_flush (self, gst_event_new_flush_stop (TRUE), seeking->seqnum);
  reason = move (self, seeking);
  gst_pad_start_task (self->src_pad, gst_pcap_src_loop, self, NULL);
  GST_PAD_STREAM_UNLOCK (self->src_pad);
  return reason;
}

static gboolean
handle_seek (GstPcapSrc * self, GstEvent * event)
{
  const gchar *reason;
  PcapSeeking seeking;

  if (GST_PAD_MODE (self->src_pad) != GST_PAD_MODE_PUSH || self->run == NULL)
    reason = "the element is not in PAUSED or PLAYING";
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
gst_pcap_src_handle_event (GstPcapSrc * self, GstEvent * event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  gboolean done;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (self->src_pad, GST_OBJECT (self), event);
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

gboolean
gst_pcap_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  return gst_pcap_src_handle_event (GST_PCAP_SRC (parent), event);
}
