/* gst-afring: frames, one after the other
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeoutput.h"
#include "scopevideo.h"

struct _ScopeOutput
{
  GstElement *element;
  GstPad *pad;
  ScopeVideo *video;

  gint fps_n;
  gint fps_d;
  GstClockTime origin;          /* running time of frame 0 */
  guint64 n;                    /* of the next frame */
  gboolean started;
  gboolean discont;
  gboolean has_segment;
  GstSegment segment;

  /* Object lock of the element. */
  GstClockTime duration;
  GstClockTime earliest;        /* running time; NONE: downstream is not late */
  guint64 frames;
  guint64 dropped;
};

ScopeOutput *
scope_output_new (GstElement * element, GstPad * pad)
{
  ScopeOutput *self = g_new0 (ScopeOutput, 1);

  self->element = element;
  self->pad = pad;
  self->video = scope_video_new (element, pad);
  scope_output_reset (self);
  return self;
}

void
scope_output_free (ScopeOutput * self)
{
  scope_video_free (self->video);
  g_free (self);
}

void
scope_output_reset (ScopeOutput * self)
{
  scope_video_reset (self->video);
  scope_output_restart (self);
  self->fps_n = 25;
  self->fps_d = 1;
  GST_OBJECT_LOCK (self->element);
  self->duration = GST_SECOND / 25;
  self->frames = self->dropped = 0;
  GST_OBJECT_UNLOCK (self->element);
}

void
scope_output_stop (ScopeOutput * self)
{
  scope_video_reset (self->video);
}

void
scope_output_restart (ScopeOutput * self)
{
  self->origin = 0;
  self->n = 0;
  self->started = FALSE;
  self->discont = TRUE;
  self->has_segment = FALSE;
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  GST_OBJECT_LOCK (self->element);
  self->earliest = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self->element);
}

static GstClockTime
get_time (ScopeOutput * self, guint64 n)
{
  return self->origin + gst_util_uint64_scale (n,
      GST_SECOND * (guint64) self->fps_d, self->fps_n);
}

GstClockTime
scope_output_get_start (ScopeOutput * self)
{
  return get_time (self, self->n);
}

GstClockTime
scope_output_get_end (ScopeOutput * self)
{
  return get_time (self, self->n + 1);
}

/* At another rate frames go on where they are. */
static void
set_rate (ScopeOutput * self, gint fps_n, gint fps_d)
{
  if (fps_n == self->fps_n && fps_d == self->fps_d)
    return;
  if (self->started) {
    self->origin = scope_output_get_start (self);
    self->n = 0;
  }
  self->fps_n = fps_n;
  self->fps_d = fps_d;
  GST_OBJECT_LOCK (self->element);
  self->duration = gst_util_uint64_scale (GST_SECOND, fps_d, fps_n);
  GST_OBJECT_UNLOCK (self->element);
  gst_element_post_message (self->element,
      gst_message_new_latency (GST_OBJECT (self->element)));
}

GstFlowReturn
scope_output_prepare (ScopeOutput * self)
{
  GstFlowReturn ret = scope_video_negotiate (self->video);
  const GstVideoInfo *info = scope_video_get_info (self->video);

  if (ret == GST_FLOW_OK)
    set_rate (self, GST_VIDEO_INFO_FPS_N (info), GST_VIDEO_INFO_FPS_D (info));
  return ret;
}

GstFlowReturn
scope_output_set_segment (ScopeOutput * self, GstEvent * event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  gst_segment_copy_into (segment, &self->segment);
  self->has_segment = TRUE;
  gst_pad_push_event (self->pad, event);
  return GST_FLOW_OK;
}

void
scope_output_start (ScopeOutput * self, GstClockTime time)
{
  self->started = TRUE;
  self->origin = 0;
  self->n = gst_util_uint64_scale (time, self->fps_n,
      GST_SECOND * (guint64) self->fps_d);
  /* rounding */
  while (scope_output_get_end (self) <= time)
    self->n++;
}

gboolean
scope_output_is_started (ScopeOutput * self)
{
  return self->started;
}

/* Frames that are left out. */

static void
leave_out (ScopeOutput * self, guint64 n)
{
  GstClockTime time = scope_output_get_start (self);
  guint64 frames, dropped;
  GstMessage *message;

  GST_OBJECT_LOCK (self->element);
  self->dropped += n;
  frames = self->frames;
  dropped = self->dropped;
  GST_OBJECT_UNLOCK (self->element);
  self->n += n;
  self->discont = TRUE;
  message = gst_message_new_qos (GST_OBJECT (self->element), TRUE, time,
      gst_segment_to_stream_time (&self->segment, GST_FORMAT_TIME,
          gst_segment_position_from_running_time (&self->segment,
              GST_FORMAT_TIME, time)), time, scope_output_get_start (self)
      - time);
  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS, frames, dropped);
  gst_element_post_message (self->element, message);
}

void
scope_output_skip (ScopeOutput * self, GstClockTime time)
{
  guint64 n = 0;

  if (time > self->origin)
    n = gst_util_uint64_scale (time - self->origin, self->fps_n,
        GST_SECOND * (guint64) self->fps_d);
  /* as many have ended; the last one is still drawn */
  if (n > self->n + 1)
    leave_out (self, n - self->n - 1);
}

void
scope_output_note_qos (ScopeOutput * self, GstEvent * event)
{
  GstClockTimeDiff diff;
  GstClockTime time;

  gst_event_parse_qos (event, NULL, NULL, &diff, &time);
  GST_OBJECT_LOCK (self->element);
  if (!GST_CLOCK_TIME_IS_VALID (time))
    self->earliest = GST_CLOCK_TIME_NONE;
  else if (diff > 0)
    self->earliest = time + 2 * diff + self->duration;
  else if (-diff < (GstClockTimeDiff) time)
    self->earliest = time + diff;
  else
    self->earliest = 0;
  GST_OBJECT_UNLOCK (self->element);
}

static gboolean
is_late (ScopeOutput * self)
{
  GstClockTime earliest;

  GST_OBJECT_LOCK (self->element);
  earliest = self->earliest;
  GST_OBJECT_UNLOCK (self->element);
  return GST_CLOCK_TIME_IS_VALID (earliest)
      && scope_output_get_start (self) < earliest;
}

/* Frames. */

/* One that begins before the segment does is cut. */
static void
stamp (ScopeOutput * self, GstBuffer * buffer)
{
  guint64 pts = gst_segment_position_from_running_time (&self->segment,
      GST_FORMAT_TIME, scope_output_get_start (self));
  guint64 end = gst_segment_position_from_running_time (&self->segment,
      GST_FORMAT_TIME, scope_output_get_end (self));

  if (!GST_CLOCK_TIME_IS_VALID (pts))
    pts = self->segment.start;
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_IS_VALID (end)
      && end > pts ? end - pts : self->duration;
  GST_BUFFER_OFFSET (buffer) = self->n;
  GST_BUFFER_OFFSET_END (buffer) = self->n + 1;
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  else
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
}

GstFlowReturn
scope_output_push (ScopeOutput * self, const ScopeView * view)
{
  GstBuffer *buffer = NULL;
  GstFlowReturn ret;

  if (is_late (self)) {
    leave_out (self, 1);
    return GST_FLOW_OK;
  }
  /* live, before the first packet */
  if (!self->has_segment)
    scope_output_set_segment (self, gst_event_new_segment (&self->segment));
  ret = scope_video_draw (self->video, view, &buffer);
  if (ret != GST_FLOW_OK)
    return ret;
  stamp (self, buffer);
  self->n++;
  GST_OBJECT_LOCK (self->element);
  self->frames++;
  GST_OBJECT_UNLOCK (self->element);
  return gst_pad_push (self->pad, buffer);
}

void
scope_output_set_flushing (ScopeOutput * self, gboolean flushing)
{
  scope_video_set_flushing (self->video, flushing);
}

GstClockTime
scope_output_get_duration (ScopeOutput * self)
{
  GstClockTime duration;

  GST_OBJECT_LOCK (self->element);
  duration = self->duration;
  GST_OBJECT_UNLOCK (self->element);
  return duration;
}

void
scope_output_get_counts (ScopeOutput * self, guint64 * frames,
    guint64 * dropped)
{
  GST_OBJECT_LOCK (self->element);
  *frames = self->frames;
  *dropped = self->dropped;
  GST_OBJECT_UNLOCK (self->element);
}
