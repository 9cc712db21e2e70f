/* gst-afring: waiting for PLAYING
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapgate.h"

void
pcap_gate_init (PcapGate * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->open = self->flushing = FALSE;
}

void
pcap_gate_clear (PcapGate * self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
set (PcapGate * self, gboolean * flag, gboolean value)
{
  g_mutex_lock (&self->lock);
  *flag = value;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
pcap_gate_set_open (PcapGate * self, gboolean open)
{
  set (self, &self->open, open);
}

void
pcap_gate_set_flushing (PcapGate * self, gboolean flushing)
{
  set (self, &self->flushing, flushing);
}

gboolean
pcap_gate_wait (PcapGate * self)
{
  gboolean flushing;

  g_mutex_lock (&self->lock);
  while (!self->open && !self->flushing)
    g_cond_wait (&self->cond, &self->lock);
  flushing = self->flushing;
  g_mutex_unlock (&self->lock);
  return !flushing;
}
