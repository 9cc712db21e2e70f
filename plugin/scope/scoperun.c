/* gst-afring: from packets to frames
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scoperun-private.h"

ScopeRun *
scope_run_new (GstElement * element, GstPad * sink_pad, GstPad * src_pad)
{
  ScopeRun *self = g_new0 (ScopeRun, 1);

  self->element = element;
  self->sink_pad = sink_pad;
  self->src_pad = src_pad;
  self->output = scope_output_new (element, src_pad);
  self->view = g_new0 (ScopeView, 1);
  self->traffic = scope_traffic_new ();
  self->flushing = TRUE;
  g_queue_init (&self->events);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  return self;
}

static void
clear_events (ScopeRun * self)
{
  g_queue_clear_full (&self->events, (GDestroyNotify) gst_event_unref);
}

void
scope_run_free (ScopeRun * self)
{
  clear_events (self);
  scope_output_free (self->output);
  scope_traffic_free (self->traffic);
  g_free (self->view);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

/* States. */

void
scope_run_start (ScopeRun * self, GstClockTime duration)
{
  self->duration = duration;
  self->new_stream = FALSE;
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  scope_output_reset (self->output);
  g_mutex_lock (&self->lock);
  scope_traffic_restart (self->traffic, duration);
  scope_traffic_clear_totals (self->traffic);
  self->pace = SCOPE_PACE_UNDECIDED;
  self->flow = GST_FLOW_OK;
  g_mutex_unlock (&self->lock);
}

/* Counters stay to be read. */
void
scope_run_stop (ScopeRun * self)
{
  g_mutex_lock (&self->lock);
  clear_events (self);
  scope_traffic_restart (self->traffic, self->duration);
  g_mutex_unlock (&self->lock);
  scope_output_stop (self->output);
}

void
scope_run_set_playing (ScopeRun * self, gboolean playing)
{
  g_mutex_lock (&self->lock);
  self->playing = playing;
  scope_run_wake_clock (self);
  g_mutex_unlock (&self->lock);
}

void
scope_run_note_clock (ScopeRun * self)
{
  g_mutex_lock (&self->lock);
  scope_run_wake_clock (self);
  g_mutex_unlock (&self->lock);
}

gboolean
scope_run_set_active (ScopeRun * self, gboolean active)
{
  g_mutex_lock (&self->lock);
  self->flushing = !active;
  scope_run_wake_clock (self);
  g_mutex_unlock (&self->lock);
  scope_output_set_flushing (self->output, !active);
  return active || gst_pad_stop_task (self->src_pad);
}

void
scope_run_set_style (ScopeRun * self, ScopeStyle style)
{
  g_mutex_lock (&self->lock);
  scope_traffic_set_style (self->traffic, style);
  g_mutex_unlock (&self->lock);
}

/* Frames. */

GstFlowReturn
scope_run_push_frame (ScopeRun * self)
{
  g_mutex_lock (&self->lock);
  scope_traffic_look (self->traffic, scope_output_get_end (self->output),
      self->view);
  g_mutex_unlock (&self->lock);
  return scope_output_push (self->output, self->view);
}

GstFlowReturn
scope_run_push_until (ScopeRun * self, GstClockTime time)
{
  GstFlowReturn ret = scope_output_prepare (self->output);

  if (ret == GST_FLOW_OK && !scope_output_is_started (self->output))
    scope_output_start (self->output, time);
  while (ret == GST_FLOW_OK && scope_output_get_end (self->output) <= time) {
    ret = scope_run_push_frame (self);
    /* downstream may have asked for something else */
    if (ret == GST_FLOW_OK)
      ret = scope_output_prepare (self->output);
  }
  return ret;
}

/* Packets. */

static gboolean
is_frame_due (ScopeRun * self, GstClockTime time)
{
  return self->pace == SCOPE_PACE_OF_PACKETS && GST_CLOCK_TIME_IS_VALID (time)
      && (!scope_output_is_started (self->output)
      || scope_output_get_end (self->output) <= time);
}

/* With the lock, which it lets go to push. What is not in the segment is not to be
 * seen. */
static GstFlowReturn
take_packet (ScopeRun * self, GstBuffer * buffer)
{
  GstClockTime time = gst_segment_to_running_time (&self->segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  GstFlowReturn ret = self->flow;

  if (!GST_CLOCK_TIME_IS_VALID (time) && GST_BUFFER_PTS_IS_VALID (buffer))
    return ret;
  if (G_UNLIKELY (is_frame_due (self, time))) {
    g_mutex_unlock (&self->lock);
    ret = scope_run_push_until (self, time);
    g_mutex_lock (&self->lock);
  }
  if (ret == GST_FLOW_OK)
    scope_traffic_add (self->traffic, buffer, time);
  return ret;
}

GstFlowReturn
scope_run_take_packet (ScopeRun * self, GstBuffer * buffer)
{
  GstFlowReturn ret;

  g_mutex_lock (&self->lock);
  ret = take_packet (self, buffer);
  g_mutex_unlock (&self->lock);
  gst_buffer_unref (buffer);
  return ret;
}

GstFlowReturn
scope_run_take_packets (ScopeRun * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstFlowReturn ret = GST_FLOW_OK;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n && ret == GST_FLOW_OK; i++)
    ret = take_packet (self, gst_buffer_list_get (list, i));
  g_mutex_unlock (&self->lock);
  gst_buffer_list_unref (list);
  return ret;
}

/* The source pad. */

void
scope_run_note_qos (ScopeRun * self, GstEvent * event)
{
  scope_output_note_qos (self->output, event);
}

/* A frame is there when it has ended. */
gboolean
scope_run_answer_latency (ScopeRun * self, GstQuery * query)
{
  GstClockTime duration = scope_output_get_duration (self->output), min, max;
  gboolean live;

  if (!gst_pad_peer_query (self->sink_pad, query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);
  g_mutex_lock (&self->lock);
  if (self->pace == SCOPE_PACE_OF_CLOCK && live)
    self->latency = min;
  g_mutex_unlock (&self->lock);
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += duration;
  gst_query_set_latency (query, live, min + duration, max);
  return TRUE;
}

GstStructure *
scope_run_make_stats (ScopeRun * self)
{
  guint64 packets, malformed, lost, frames, dropped;

  g_mutex_lock (&self->lock);
  scope_traffic_get_totals (self->traffic, &packets, &malformed, &lost);
  g_mutex_unlock (&self->lock);
  scope_output_get_counts (self->output, &frames, &dropped);
  return gst_structure_new ("application/x-packetscope-stats",
      "packets", G_TYPE_UINT64, packets,
      "malformed", G_TYPE_UINT64, malformed,
      "packets-dropped", G_TYPE_UINT64, lost,
      "frames", G_TYPE_UINT64, frames,
      "frames-dropped", G_TYPE_UINT64, dropped, NULL);
}
