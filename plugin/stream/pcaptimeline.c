/* gst-afring: the times of packets, and what goes downstream before them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaptimeline.h"
#include "pcaparrival.h"
#include "common/streamcaps.h"

#include <gst/afring/packet/gstpacketmeta.h>

/* Neighbours can be out of order by less; a file that begins earlier than the one
 * before it ended is another one. */
#define DISORDER GST_SECOND

struct _PcapTimeline
{
  GstElement *element;          /* borrowed, and so is the pad */
  GstPad *src_pad;

  gboolean begun;               /* stream-start was pushed */
  GstCaps *caps;                /* that were pushed last, or NULL */
  gboolean segment_pending;
  gboolean starts_anywhere;     /* the segment: at its first packet */
  gboolean ended;
  gboolean discont;
  gboolean new_file;
  guint32 seqnum;
  GQueue events;                /* for downstream, once there is a segment */
  guint64 packets;
  GstClockTime first;           /* its capture time */
  GstClockTime last;            /* of what was stamped last */

  PcapTimelineArrange arrange;  /* or NULL */
  gpointer user_data;

  gboolean live;
  PcapArrival arrival;

  /* Changed with the object lock of the element. */
  GstSegment segment;
};

PcapTimeline *
pcap_timeline_new (GstElement * element, GstPad * src_pad)
{
  PcapTimeline *self = g_new0 (PcapTimeline, 1);

  self->element = element;
  self->src_pad = src_pad;
  g_queue_init (&self->events);
  pcap_timeline_reset (self, GST_CLOCK_TIME_NONE);
  return self;
}

static void
clear_events (PcapTimeline * self)
{
  g_queue_clear_full (&self->events, (GDestroyNotify) gst_event_unref);
}

void
pcap_timeline_free (PcapTimeline * self)
{
  clear_events (self);
  gst_clear_caps (&self->caps);
  g_free (self);
}

void
pcap_timeline_reset (PcapTimeline * self, GstClockTime latency)
{
  GST_OBJECT_LOCK (self->element);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->segment.position = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self->element);
  pcap_timeline_rewind (self);
  clear_events (self);
  gst_clear_caps (&self->caps);
  self->begun = self->ended = self->new_file = FALSE;
  self->starts_anywhere = FALSE;
  self->segment_pending = self->discont = TRUE;
  self->seqnum = gst_util_seqnum_next ();
  self->packets = 0;
  self->live = GST_CLOCK_TIME_IS_VALID (latency);
  pcap_arrival_init (&self->arrival, latency);
}

/* What comes before a buffer. */

void
pcap_timeline_begin (PcapTimeline * self, GstEvent * upstream)
{
  g_autofree gchar *id = NULL;
  GstEvent *event;
  guint group;

  if (self->begun)
    return;
  self->begun = TRUE;
  if (upstream == NULL || !gst_event_parse_group_id (upstream, &group))
    group = gst_util_group_id_next ();
  id = gst_pad_create_stream_id (self->src_pad, self->element, NULL);
  event = gst_event_new_stream_start (id);
  gst_event_set_group_id (event, group);
  gst_pad_push_event (self->src_pad, event);
}

void
pcap_timeline_take_stream_start (PcapTimeline * self, GstEvent * event)
{
  self->begun = TRUE;
  gst_clear_caps (&self->caps);
  self->segment_pending = TRUE;
  self->ended = FALSE;
  gst_pad_push_event (self->src_pad, event);
}

void
pcap_timeline_set_seqnum (PcapTimeline * self, guint32 seqnum)
{
  self->seqnum = seqnum;
}

void
pcap_timeline_begin_file (PcapTimeline * self)
{
  self->new_file = TRUE;
}

void
pcap_timeline_rewind (PcapTimeline * self)
{
  self->first = GST_CLOCK_TIME_NONE;
  self->last = 0;
  self->new_file = FALSE;
}

void
pcap_timeline_set_first (PcapTimeline * self, GstClockTime captured)
{
  self->first = captured;
}

GstClockTime
pcap_timeline_get_first (PcapTimeline * self)
{
  return self->first;
}

void
pcap_timeline_flush (PcapTimeline * self, gboolean elsewhere)
{
  GST_OBJECT_LOCK (self->element);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->segment.position = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self->element);
  if (!elsewhere)
    pcap_timeline_rewind (self);
  self->starts_anywhere = elsewhere;
  self->last = 0;
  self->segment_pending = self->discont = TRUE;
  self->ended = FALSE;
  pcap_arrival_init (&self->arrival, self->arrival.latency);
}

static void
push_pending (PcapTimeline * self)
{
  GstEvent *event;

  if (self->segment_pending) {
    event = gst_event_new_segment (&self->segment);
    gst_event_set_seqnum (event, self->seqnum);
    self->segment_pending = FALSE;
    gst_pad_push_event (self->src_pad, event);
  }
  while ((event = g_queue_pop_head (&self->events)) != NULL)
    gst_pad_push_event (self->src_pad, event);
}

GstFlowReturn
pcap_timeline_set_caps (PcapTimeline * self, GstCaps * caps)
{
  if (self->caps != NULL && gst_caps_is_equal (self->caps, caps))
    return GST_FLOW_OK;
  if (!gst_pad_push_event (self->src_pad, gst_event_new_caps (caps)))
    return GST_PAD_IS_FLUSHING (self->src_pad) ? GST_FLOW_FLUSHING :
        GST_FLOW_NOT_NEGOTIATED;
  gst_caps_replace (&self->caps, caps);
  return GST_FLOW_OK;
}

GstFlowReturn
pcap_timeline_set_link_type (PcapTimeline * self, guint32 link_type)
{
  g_autoptr (GstCaps) caps = stream_caps_new_packets (link_type);

  return pcap_timeline_set_caps (self, caps);
}

void
pcap_timeline_set_arrange (PcapTimeline * self, PcapTimelineArrange arrange,
    gpointer user_data)
{
  self->arrange = arrange;
  self->user_data = user_data;
}

void
pcap_timeline_push_event (PcapTimeline * self, GstEvent * event)
{
  if (self->caps != NULL && !self->segment_pending)
    gst_pad_push_event (self->src_pad, event);
  else
    g_queue_push_tail (&self->events, event);
}

/* Times. */

/* The running time of what comes now. */
static GstClockTime
get_running_time (PcapTimeline * self)
{
  GstClock *clock = gst_element_get_clock (self->element);
  GstClockTime now, base;

  if (clock == NULL)
    return 0;
  now = gst_clock_get_time (clock);
  base = gst_element_get_base_time (self->element);
  gst_object_unref (clock);
  return now > base ? now - base : 0;
}

/* Stream time of a packet of a file. Capture times are compared as sequence numbers
 * are: a file that goes on behind others can have a first packet before 1970. */
static inline GstClockTime
get_file_time (PcapTimeline * self, GstClockTime captured)
{
  gint64 time;

  if (G_UNLIKELY (self->first == GST_CLOCK_TIME_NONE))
    self->first = captured;
  time = (gint64) (captured - self->first);
  if (G_UNLIKELY (self->new_file)) {
    self->new_file = FALSE;
    if (time + (gint64) DISORDER < (gint64) self->last)
      self->first = captured - self->last;
  }
  return MAX (time, (gint64) self->last);
}

/* A packet without a time, which pcapng has, has no timestamp. */
static void
stamp_file (PcapTimeline * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    GstClockTime captured = gst_buffer_get_packet_meta (buffer)->capture_time;

    GST_BUFFER_OFFSET (buffer) = self->packets++;
    if (captured == GST_CLOCK_TIME_NONE)
      continue;
    self->last = get_file_time (self, captured);
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->last;
  }
}

static void
stamp_live (PcapTimeline * self, GstBufferList * list)
{
  GstClockTime now = get_running_time (self);
  guint64 n_late = self->arrival.n_late;
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    GstClockTime time = pcap_arrival_get_time (&self->arrival,
        gst_buffer_get_packet_meta (buffer)->capture_time, now);

    self->last = MAX (time, self->last);
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->last;
    GST_BUFFER_OFFSET (buffer) = self->packets++;
  }
  if (n_late == 0 && self->arrival.n_late > 0)
    GST_ELEMENT_WARNING (self->element, STREAM, FAILED,
        ("Packets come more than the latency of %" G_GUINT64_FORMAT " ms later "
            "than others after they were captured; they and those behind them "
            "are played later. A higher \"latency\" has room for them",
            self->arrival.latency / GST_MSECOND), (NULL));
}

/* The packets of a list that are in the segment. *@past: some are behind its end. */
static GstBufferList *
clip (PcapTimeline * self, GstBufferList * list, GstClockTime before,
    gboolean * past)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *inside = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    GstClockTime time = GST_BUFFER_PTS_IS_VALID (buffer) ?
        GST_BUFFER_PTS (buffer) : before;

    before = time;
    if (GST_CLOCK_TIME_IS_VALID (self->segment.stop)
        && time >= self->segment.stop)
      *past = TRUE;
    else if (time >= self->segment.start)
      gst_buffer_list_add (inside, gst_buffer_ref (buffer));
  }
  gst_buffer_list_unref (list);
  return inside;
}

/* A stream that goes on in its middle. */
static void
begin_segment_at (PcapTimeline * self, GstBuffer * first)
{
  GstClockTime time = GST_BUFFER_PTS_IS_VALID (first) ?
      GST_BUFFER_PTS (first) : 0;

  GST_OBJECT_LOCK (self->element);
  self->segment.start = self->segment.time = time;
  GST_OBJECT_UNLOCK (self->element);
  self->starts_anywhere = FALSE;
}

/* What is left out is no place where the stream has been. */
static void
set_position (PcapTimeline * self, gboolean past)
{
  GST_OBJECT_LOCK (self->element);
  self->segment.position = past ? self->segment.stop :
      MAX (self->last, self->segment.start);
  GST_OBJECT_UNLOCK (self->element);
}

GstFlowReturn
pcap_timeline_push (PcapTimeline * self, GstBufferList * list)
{
  GstClockTime before = self->last;
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean past = FALSE;

  if (G_UNLIKELY (self->live))
    stamp_live (self, list);
  else
    stamp_file (self, list);
  if (G_UNLIKELY (self->starts_anywhere))
    begin_segment_at (self, gst_buffer_list_get (list, 0));
  if (self->segment.start > 0 || GST_CLOCK_TIME_IS_VALID (self->segment.stop))
    list = clip (self, list, before, &past);
  set_position (self, past);

  push_pending (self);
  if (gst_buffer_list_length (list) == 0) {
    gst_buffer_list_unref (list);
  } else {
    if (self->arrange != NULL)
      list = self->arrange (list, self->user_data);
    if (self->discont)
      GST_BUFFER_FLAG_SET (gst_buffer_list_get (list, 0),
          GST_BUFFER_FLAG_DISCONT);
    self->discont = FALSE;
    ret = gst_pad_push_list (self->src_pad, list);
  }
  return ret == GST_FLOW_OK && past ? GST_FLOW_EOS : ret;
}

GstFlowReturn
pcap_timeline_push_bytes (PcapTimeline * self, GstBuffer * buffer)
{
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) =
      MAX (self->last, self->segment.start);
  push_pending (self);
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
  return gst_pad_push (self->src_pad, buffer);
}

/* The end. */

static void
push_segment_done (PcapTimeline * self)
{
  GstClockTime position = GST_CLOCK_TIME_IS_VALID (self->segment.stop) ?
      self->segment.stop : self->segment.position;
  GstMessage *message = gst_message_new_segment_done
      (GST_OBJECT (self->element), GST_FORMAT_TIME, position);
  GstEvent *event = gst_event_new_segment_done (GST_FORMAT_TIME, position);

  gst_message_set_seqnum (message, self->seqnum);
  gst_event_set_seqnum (event, self->seqnum);
  gst_pad_push_event (self->src_pad, event);
  gst_element_post_message (self->element, message);
}

void
pcap_timeline_end (PcapTimeline * self)
{
  GstEvent *event;

  if (self->ended)
    return;
  self->ended = TRUE;
  if (self->caps != NULL)
    push_pending (self);
  if (self->segment.flags & GST_SEGMENT_FLAG_SEGMENT) {
    push_segment_done (self);
    return;
  }
  event = gst_event_new_eos ();
  gst_event_set_seqnum (event, self->seqnum);
  gst_pad_push_event (self->src_pad, event);
}

/* Seeks. */

/* Who waits for the end of a segment has to know that there is one. */
static void
post_segment_start (PcapTimeline * self)
{
  GstMessage *message = gst_message_new_segment_start
      (GST_OBJECT (self->element), GST_FORMAT_TIME, self->segment.start);

  gst_message_set_seqnum (message, self->seqnum);
  gst_element_post_message (self->element, message);
}

void
pcap_timeline_set_segment (PcapTimeline * self, const GstSegment * segment,
    guint32 seqnum)
{
  GST_OBJECT_LOCK (self->element);
  self->segment = *segment;
  GST_OBJECT_UNLOCK (self->element);
  self->last = 0;
  self->seqnum = seqnum;
  self->starts_anywhere = FALSE;
  self->segment_pending = self->discont = TRUE;
  self->ended = FALSE;
  if (segment->flags & GST_SEGMENT_FLAG_SEGMENT)
    post_segment_start (self);
}

void
pcap_timeline_get_segment (PcapTimeline * self, GstSegment * segment)
{
  GST_OBJECT_LOCK (self->element);
  *segment = self->segment;
  GST_OBJECT_UNLOCK (self->element);
}

gboolean
pcap_timeline_has_begun (PcapTimeline * self)
{
  return self->begun;
}

gboolean
pcap_timeline_has_packets (PcapTimeline * self)
{
  return self->packets > 0;
}

gboolean
pcap_timeline_has_ended (PcapTimeline * self)
{
  return self->ended;
}
