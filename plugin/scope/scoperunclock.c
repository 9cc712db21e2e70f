/* gst-afring: frames at the pace of the clock
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scoperun-private.h"

void
scope_run_wake_clock (ScopeRun * self)
{
  if (self->wait != NULL)
    gst_clock_id_unschedule (self->wait);
  g_cond_broadcast (&self->changed);
}

/* Lock. Whether there is something else to do than to draw. */
static gboolean
is_called (ScopeRun * self)
{
  return self->flushing || !g_queue_is_empty (&self->events);
}

/* Lock, which it lets go while it waits. All packets of a frame have come when the
 * latency of upstream has passed. @come: the running time of which all have, if it is
 * late. FALSE: it was woken. */
static gboolean
wait_until_due (ScopeRun * self, GstClock * clock, GstClockTime * come)
{
  GstClockTime base = gst_element_get_base_time (self->element);
  GstClockTime time = gst_clock_get_time (clock), due;
  GstClockReturn ret;

  time = time > base ? time - base : 0;
  if (!scope_output_is_started (self->output))
    scope_output_start (self->output, time);
  due = scope_output_get_end (self->output) + self->latency;
  if (due <= time) {
    *come = time - self->latency;
    return TRUE;
  }
  self->wait = gst_clock_new_single_shot_id (clock, base + due);
  g_mutex_unlock (&self->lock);
  ret = gst_clock_id_wait (self->wait, NULL);
  g_mutex_lock (&self->lock);
  gst_clock_id_unref (self->wait);
  self->wait = NULL;
  return ret == GST_CLOCK_OK || ret == GST_CLOCK_EARLY;
}

/* FALSE if there is something else to do. What is left out is told of without the lock:
 * who hears of it may ask for stats. */
static gboolean
wait_for_frame (ScopeRun * self)
{
  GstClockTime come = GST_CLOCK_TIME_NONE;
  GstClock *clock = NULL;
  gboolean due = FALSE;

  g_mutex_lock (&self->lock);
  while (!is_called (self) && (!self->playing
          || (clock = gst_element_get_clock (self->element)) == NULL))
    g_cond_wait (&self->changed, &self->lock);
  if (!is_called (self))
    due = wait_until_due (self, clock, &come) && !is_called (self)
        && self->playing;
  g_mutex_unlock (&self->lock);
  if (due && GST_CLOCK_TIME_IS_VALID (come))
    scope_output_skip (self->output, come);
  gst_clear_object (&clock);
  return due;
}

static GstFlowReturn
take_turn (ScopeRun * self, gboolean * ended)
{
  GstFlowReturn ret;
  GstEvent *event;

  g_mutex_lock (&self->lock);
  ret = self->flushing ? GST_FLOW_FLUSHING : GST_FLOW_OK;
  event = ret == GST_FLOW_OK ? g_queue_pop_head (&self->events) : NULL;
  g_mutex_unlock (&self->lock);
  if (event != NULL) {
    gboolean eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;

    ret = scope_run_give_event (self, event);
    *ended = eos && ret == GST_FLOW_OK;
    return *ended ? GST_FLOW_EOS : ret;
  }
  if (ret == GST_FLOW_OK)
    ret = scope_output_prepare (self->output);
  if (ret == GST_FLOW_OK && wait_for_frame (self))
    ret = scope_run_push_frame (self);
  return ret;
}

/* Who brings packets gets what downstream returned. It may bring none for long, so that
 * downstream is told here that this was the last. */
static void
loop (gpointer data)
{
  ScopeRun *self = data;
  gboolean ended = FALSE;
  GstFlowReturn ret = take_turn (self, &ended);

  if (ret == GST_FLOW_OK)
    return;
  gst_pad_pause_task (self->src_pad);
  if (!ended && ret != GST_FLOW_FLUSHING) {
    if (ret != GST_FLOW_EOS)
      GST_ELEMENT_FLOW_ERROR (self->element, ret);
    gst_pad_push_event (self->src_pad, gst_event_new_eos ());
  }
  g_mutex_lock (&self->lock);
  if (!self->flushing)
    self->flow = ret;
  g_mutex_unlock (&self->lock);
}

void
scope_run_start_clock (ScopeRun * self)
{
  gst_pad_start_task (self->src_pad, loop, self, NULL);
}
