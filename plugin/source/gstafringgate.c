/* gst-afring: the gate between a source's ring and its push
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringgate.h"

/* How long a pause waits for what was made to be pushed. */
#define PAUSE_LIMIT (500 * G_TIME_SPAN_MILLISECOND)

void
gst_afring_gate_init (GstAfringGate * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->unlocked = self->shut = self->leaving = self->awaited = FALSE;
}

void
gst_afring_gate_clear (GstAfringGate * self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
set (GstAfringGate * self, gboolean * field, gboolean value)
{
  g_mutex_lock (&self->lock);
  *field = value;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
gst_afring_gate_reset (GstAfringGate * self)
{
  g_mutex_lock (&self->lock);
  self->unlocked = self->shut = self->leaving = FALSE;
  g_mutex_unlock (&self->lock);
}

void
gst_afring_gate_shut (GstAfringGate * self)
{
  gint64 limit = g_get_monotonic_time () + PAUSE_LIMIT;

  g_mutex_lock (&self->lock);
  self->shut = self->awaited = TRUE;
  while (self->leaving && g_cond_wait_until (&self->cond, &self->lock, limit));
  self->awaited = FALSE;
  g_mutex_unlock (&self->lock);
}

void
gst_afring_gate_open (GstAfringGate * self)
{
  set (self, &self->shut, FALSE);
}

void
gst_afring_gate_unlock (GstAfringGate * self)
{
  set (self, &self->unlocked, TRUE);
}

void
gst_afring_gate_lock (GstAfringGate * self)
{
  set (self, &self->unlocked, FALSE);
}

GstFlowReturn
gst_afring_gate_wait (GstAfringGate * self, GstPad * pad)
{
  GstFlowReturn ret = GST_FLOW_OK;

  g_mutex_lock (&self->lock);
  while (self->shut && !GST_PAD_IS_FLUSHING (pad))
    g_cond_wait (&self->cond, &self->lock);
  if (GST_PAD_IS_FLUSHING (pad))
    ret = GST_FLOW_FLUSHING;
  else
    self->unlocked = FALSE;     /* a flush that is over, or none */
  g_mutex_unlock (&self->lock);
  return ret;
}

gboolean
gst_afring_gate_enter (GstAfringGate * self)
{
  g_mutex_lock (&self->lock);
  self->leaving = !self->shut && !self->unlocked;
  g_mutex_unlock (&self->lock);
  return self->leaving;
}

/* For each list: a GCond calls the kernel also where nobody waits. */
void
gst_afring_gate_leave (GstAfringGate * self)
{
  if (!self->leaving)
    return;
  g_mutex_lock (&self->lock);
  self->leaving = FALSE;
  if (self->awaited)
    g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}
