/* gst-afring: what happens to a stream besides packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scoperun-private.h"
#include "common/streamcaps.h"

/* What has come and is not in a frame yet. */
static GstFlowReturn
push_rest (ScopeRun * self)
{
  GstFlowReturn ret = scope_output_prepare (self->output);
  GstClockTime last;

  g_mutex_lock (&self->lock);
  last = scope_traffic_get_last_time (self->traffic);
  g_mutex_unlock (&self->lock);
  if (!GST_CLOCK_TIME_IS_VALID (last))
    return ret;
  if (!scope_output_is_started (self->output))
    scope_output_start (self->output, last);
  while (ret == GST_FLOW_OK && scope_output_get_start (self->output) <= last)
    ret = scope_run_push_frame (self);
  return ret;
}

/* At its place behind caps. The end goes on whatever became of the rest. */
GstFlowReturn
scope_run_give_event (ScopeRun * self, GstEvent * event)
{
  GstFlowReturn ret = GST_FLOW_OK;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      ret = scope_output_prepare (self->output);
      if (ret == GST_FLOW_OK)
        return scope_output_set_segment (self->output, event);
      gst_event_unref (event);
      return ret;
    case GST_EVENT_EOS:
    case GST_EVENT_SEGMENT_DONE:
      ret = push_rest (self);
      break;
    default:
      break;
  }
  gst_pad_push_event (self->src_pad, event);
  return ret;
}

/* Takes it. What the clock's thread has given up pushing goes nowhere. */
static gboolean
pass_event (ScopeRun * self, GstEvent * event)
{
  gboolean queued;

  g_mutex_lock (&self->lock);
  queued = self->pace == SCOPE_PACE_OF_CLOCK;
  if (queued && self->flow == GST_FLOW_OK) {
    g_queue_push_tail (&self->events, event);
    scope_run_wake_clock (self);
  } else if (queued) {
    gst_event_unref (event);
  }
  g_mutex_unlock (&self->lock);
  return queued || scope_run_give_event (self, event) == GST_FLOW_OK;
}

/* Whether there are packets without a clock is known when the stream begins. */
static void
decide_pace (ScopeRun * self)
{
  GstClockTime latency = 0;
  gboolean live = FALSE;
  GstQuery *query;

  if (self->pace != SCOPE_PACE_UNDECIDED)
    return;
  query = gst_query_new_latency ();
  if (gst_pad_peer_query (self->sink_pad, query))
    gst_query_parse_latency (query, &live, &latency, NULL);
  gst_query_unref (query);
  g_mutex_lock (&self->lock);
  self->pace = live ? SCOPE_PACE_OF_CLOCK : SCOPE_PACE_OF_PACKETS;
  self->latency = live ? latency : 0;
  live = live && !self->flushing;
  g_mutex_unlock (&self->lock);
  if (live)
    scope_run_start_clock (self);
}

static gboolean
take_caps (ScopeRun * self, GstEvent * event)
{
  gint link_type;
  gboolean ok;

  ok = stream_caps_parse_link_type (event, &link_type);
  gst_event_unref (event);
  if (!ok)
    return FALSE;
  g_mutex_lock (&self->lock);
  scope_traffic_set_link_type (self->traffic, link_type);
  g_mutex_unlock (&self->lock);
  decide_pace (self);
  return TRUE;
}

/* Nothing that was shown is shown any more. */
static void
restart (ScopeRun * self)
{
  scope_output_restart (self->output);
  g_mutex_lock (&self->lock);
  scope_traffic_restart (self->traffic, self->duration);
  g_mutex_unlock (&self->lock);
}

/* A stream behind another can begin at 0 again. Live, running time is that of the clock,
 * which does not go back. */
static gboolean
take_segment (ScopeRun * self, GstEvent * event)
{
  const GstSegment *segment;

  decide_pace (self);
  gst_event_parse_segment (event, &segment);
  if (segment->format != GST_FORMAT_TIME) {
    GST_ELEMENT_ERROR (self->element, STREAM, FORMAT, ("Packets come without "
            "times: put pcapdec in front of packetscope"),
        ("segment in %s", gst_format_get_name (segment->format)));
    gst_event_unref (event);
    return FALSE;
  }
  if (self->new_stream && self->pace == SCOPE_PACE_OF_PACKETS
      && scope_output_is_started (self->output)
      && segment->base < scope_output_get_start (self->output))
    restart (self);
  self->new_stream = FALSE;
  gst_segment_copy_into (segment, &self->segment);
  return pass_event (self, event);
}

static void
take_gap (ScopeRun * self, GstEvent * event)
{
  GstClockTime time, duration;

  decide_pace (self);
  gst_event_parse_gap (event, &time, &duration);
  gst_event_unref (event);
  if (GST_CLOCK_TIME_IS_VALID (duration))
    time += duration;
  time = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME, time);
  if (self->pace == SCOPE_PACE_OF_PACKETS && GST_CLOCK_TIME_IS_VALID (time))
    scope_run_push_until (self, time);
}

/* What has been lost, up to now. */
static void
take_statistics (ScopeRun * self, const GstCaptureStatistics * statistics)
{
  GstClockTime now = GST_CLOCK_TIME_NONE;

  g_mutex_lock (&self->lock);
  if (self->pace == SCOPE_PACE_OF_CLOCK)
    now = gst_element_get_current_running_time (self->element);
  if (!GST_CLOCK_TIME_IS_VALID (now))
    now = scope_traffic_get_last_time (self->traffic);
  scope_traffic_add_statistics (self->traffic, statistics,
      GST_CLOCK_TIME_IS_VALID (now) ? now : 0);
  g_mutex_unlock (&self->lock);
}

/* What is said of a capture says nothing to who gets pictures. */
static gboolean
is_of_capture (GstEvent * event)
{
  const GstStructure *structure = gst_event_get_structure (event);

  return structure != NULL && GST_EVENT_IS_DOWNSTREAM (event)
      && g_str_has_prefix (gst_structure_get_name (structure), "GstCapture");
}

static gboolean
take_custom (ScopeRun * self, GstEvent * event)
{
  GstCaptureStatistics statistics;

  if (gst_event_parse_capture_statistics (event, &statistics))
    take_statistics (self, &statistics);
  if (!is_of_capture (event))
    return pass_event (self, event);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
start_flush (ScopeRun * self, GstEvent * event)
{
  gboolean ok = gst_pad_push_event (self->src_pad, event);

  g_mutex_lock (&self->lock);
  self->flushing = TRUE;
  scope_run_wake_clock (self);
  g_mutex_unlock (&self->lock);
  scope_output_set_flushing (self->output, TRUE);
  gst_pad_pause_task (self->src_pad);
  return ok;
}

/* The name of a stream that has not been told yet has to be. */
static void
drop_events (ScopeRun * self)
{
  GstEvent *event, *start = NULL;

  while ((event = g_queue_pop_head (&self->events)) != NULL)
    if (GST_EVENT_TYPE (event) == GST_EVENT_STREAM_START)
      gst_event_take (&start, event);
    else
      gst_event_unref (event);
  if (start != NULL)
    g_queue_push_tail (&self->events, start);
}

static gboolean
stop_flush (ScopeRun * self, GstEvent * event)
{
  gboolean ok = gst_pad_push_event (self->src_pad, event), live;

  restart (self);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  scope_output_set_flushing (self->output, FALSE);
  g_mutex_lock (&self->lock);
  drop_events (self);
  self->flow = GST_FLOW_OK;
  self->flushing = FALSE;
  live = self->pace == SCOPE_PACE_OF_CLOCK;
  g_mutex_unlock (&self->lock);
  if (live)
    scope_run_start_clock (self);
  return ok;
}

gboolean
scope_run_take_event (ScopeRun * self, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      self->new_stream = TRUE;
      return pass_event (self, event);
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_SEGMENT:
      return take_segment (self, event);
    case GST_EVENT_GAP:
      take_gap (self, event);
      return TRUE;
    case GST_EVENT_FLUSH_START:
      return start_flush (self, event);
    case GST_EVENT_FLUSH_STOP:
      return stop_flush (self, event);
    case GST_EVENT_EOS:
      decide_pace (self);
      return pass_event (self, event);
    default:
      break;
  }
  if (!GST_EVENT_IS_SERIALIZED (event))
    return gst_pad_push_event (self->src_pad, event);
  return take_custom (self, event);
}
