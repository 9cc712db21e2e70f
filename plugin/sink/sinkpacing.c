/* gst-afring: each packet at its time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkpacing.h"

#include <sys/prctl.h>

/* A sleep ends up to so much later, 50 us by default, so that the kernel can do several
 * things at a time (PR_SET_TIMERSLACK). It is the thread's, which is somebody else's: it is
 * put back. */
#define LEAST_SLACK 1

static void
make_punctual (SinkPacing * self)
{
  self->slack = prctl (PR_GET_TIMERSLACK, 0, 0, 0, 0);
  if (self->slack > LEAST_SLACK)
    prctl (PR_SET_TIMERSLACK, LEAST_SLACK, 0, 0, 0);
}

void
sink_pacing_begin (SinkPacing * self, GstBaseSink * sink,
    GstClockTime spin_time, GstClockTime max_early)
{
  gint64 max_lateness = gst_base_sink_get_max_lateness (sink);

  *self = (SinkPacing) {
    .sink = sink,
    .spin_time = spin_time,
    .max_early = max_early,
    .max_lateness = max_lateness < 0 ? GST_CLOCK_TIME_NONE :
        (GstClockTime) max_lateness,
  };
  if (!gst_base_sink_get_sync (sink))
    return;
  self->clock = gst_element_get_clock (GST_ELEMENT (sink));
  if (self->clock == NULL)
    return;
  self->base_time = gst_element_get_base_time (GST_ELEMENT (sink));
  /* the latency has the delay in it, as gst_base_sink_wait() has them */
  self->offset = (GstClockTimeDiff) gst_base_sink_get_latency (sink)
      + gst_base_sink_get_ts_offset (sink)
      - (GstClockTimeDiff) gst_base_sink_get_render_delay (sink);
  make_punctual (self);
}

void
sink_pacing_end (SinkPacing * self)
{
  if (self->clock != NULL && self->slack > LEAST_SLACK)
    prctl (PR_SET_TIMERSLACK, self->slack, 0, 0, 0);
  gst_clear_object (&self->clock);
}

GstClockTime
sink_pacing_get_due (SinkPacing * self, GstClockTime running_time)
{
  GstClockTime due;

  if (self->clock == NULL || !GST_CLOCK_TIME_IS_VALID (running_time))
    return GST_CLOCK_TIME_NONE;
  due = self->base_time + running_time;
  if (self->offset < 0 && due < (GstClockTime) -self->offset)
    return 0;
  return due + self->offset;
}

/* The clock is asked only where what it said last does not do: it goes on. */
gboolean
sink_pacing_is_due (SinkPacing * self, GstClockTime due, gboolean with_others)
{
  GstClockTime early = with_others ? self->max_early : 0;

  if (!GST_CLOCK_TIME_IS_VALID (due) || due <= self->now + early)
    return TRUE;
  self->now = gst_clock_get_time (self->clock);
  return due <= self->now + early;
}

gboolean
sink_pacing_is_late (SinkPacing * self, GstClockTime due)
{
  if (!GST_CLOCK_TIME_IS_VALID (due)
      || !GST_CLOCK_TIME_IS_VALID (self->max_lateness))
    return FALSE;
  return sink_pacing_get_lateness (self, due) > self->max_lateness;
}

gboolean
sink_pacing_wait (SinkPacing * self, GstClockTime due,
    gboolean (*is_interrupted) (gpointer user_data), gpointer user_data)
{
  GstClockTime until = due > self->spin_time ? due - self->spin_time : 0;

  if (until > self->now) {
    GstClockReturn ret = gst_base_sink_wait_clock (self->sink,
        until > self->base_time ? until - self->base_time : 0, NULL);

    if (ret == GST_CLOCK_UNSCHEDULED)
      return FALSE;
    if (ret != GST_CLOCK_OK && ret != GST_CLOCK_EARLY)
      return TRUE;              /* sync was set to FALSE, or the clock has gone */
  }
  while (!sink_pacing_is_due (self, due, FALSE)) {
    if (is_interrupted (user_data))
      return FALSE;
  }
  return TRUE;
}

GstClockTime
sink_pacing_get_lateness (SinkPacing * self, GstClockTime due)
{
  if (!GST_CLOCK_TIME_IS_VALID (due))
    return 0;
  self->now = gst_clock_get_time (self->clock);
  return self->now > due ? self->now - due : 0;
}
