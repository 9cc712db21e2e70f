/* gst-afring: the gate between a source's ring and its push
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringgate.h"

/* How long a pause waits for what was made to be pushed, and how often it looks.
 * Microseconds. */
#define PAUSE_LIMIT (500 * G_TIME_SPAN_MILLISECOND)
#define PAUSE_POLL 50

void
gst_afring_gate_init (GstAfringGate * self)
{
  g_atomic_int_set (&self->unlocked, FALSE);
  g_atomic_int_set (&self->shut, FALSE);
  g_atomic_int_set (&self->leaving, FALSE);
}

void
gst_afring_gate_shut (GstAfringGate * self)
{
  gint64 limit = g_get_monotonic_time () + PAUSE_LIMIT;

  g_atomic_int_set (&self->shut, TRUE);
  while (g_atomic_int_get (&self->leaving)
      && g_get_monotonic_time () < limit)
    g_usleep (PAUSE_POLL);
}

void
gst_afring_gate_open (GstAfringGate * self)
{
  g_atomic_int_set (&self->shut, FALSE);
}

void
gst_afring_gate_unlock (GstAfringGate * self)
{
  g_atomic_int_set (&self->unlocked, TRUE);
}

void
gst_afring_gate_lock (GstAfringGate * self)
{
  g_atomic_int_set (&self->unlocked, FALSE);
}

static gboolean
is_closed (GstAfringGate * self)
{
  return g_atomic_int_get (&self->shut) || g_atomic_int_get (&self->unlocked);
}

GstFlowReturn
gst_afring_gate_wait (GstAfringGate * self, GstBaseSrc * src)
{
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean running;

  while (ret == GST_FLOW_OK && is_closed (self)) {
    g_mutex_lock (&src->live_lock);
    running = src->live_running;
    g_mutex_unlock (&src->live_lock);

    if (GST_PAD_IS_FLUSHING (src->srcpad))
      ret = GST_FLOW_FLUSHING;
    else if (!running)
      ret = gst_base_src_wait_playing (src);
    else if (g_atomic_int_get (&self->shut))
      g_usleep (PAUSE_POLL);    /* the pause is on its way */
    else
      g_atomic_int_set (&self->unlocked, FALSE);        /* it is over */
  }
  return ret;
}

gboolean
gst_afring_gate_enter (GstAfringGate * self)
{
  g_atomic_int_set (&self->leaving, TRUE);
  if (!is_closed (self))
    return TRUE;
  g_atomic_int_set (&self->leaving, FALSE);
  return FALSE;
}

void
gst_afring_gate_leave (GstAfringGate * self)
{
  g_atomic_int_set (&self->leaving, FALSE);
}
