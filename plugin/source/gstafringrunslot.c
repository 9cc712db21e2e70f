/* gst-afring: where an element has its run
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringrunslot.h"

void
gst_afring_run_slot_init (GstAfringRunSlot * self)
{
  g_mutex_init (&self->lock);
}

void
gst_afring_run_slot_clear (GstAfringRunSlot * self)
{
  g_clear_pointer (&self->run, gst_afring_run_unref);
  g_clear_pointer (&self->last_stats, gst_structure_free);
  g_mutex_clear (&self->lock);
}

void
gst_afring_run_slot_put (GstAfringRunSlot * self, GstAfringRun * run)
{
  g_mutex_lock (&self->lock);
  self->run = run;
  g_mutex_unlock (&self->lock);
}

GstAfringRun *
gst_afring_run_slot_take (GstAfringRunSlot * self)
{
  GstAfringRun *run;

  g_mutex_lock (&self->lock);
  run = g_steal_pointer (&self->run);
  g_mutex_unlock (&self->lock);
  return run;
}

void
gst_afring_run_slot_put_past (GstAfringRunSlot * self, GstStructure * stats,
    const GstAfringTally * tally)
{
  const GstAfringTally none = { 0, };

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->last_stats, gst_structure_free);
  self->last_stats = stats;
  self->past = tally != NULL ? *tally : none;
  g_mutex_unlock (&self->lock);
}

void
gst_afring_run_slot_forget_past (GstAfringRunSlot * self)
{
  const GstAfringTally none = { 0, };

  g_mutex_lock (&self->lock);
  self->past = none;
  g_mutex_unlock (&self->lock);
}

void
gst_afring_run_slot_get_past (GstAfringRunSlot * self, GstAfringTally * tally)
{
  g_mutex_lock (&self->lock);
  *tally = self->past;
  g_mutex_unlock (&self->lock);
}

GstAfringRun *
gst_afring_run_slot_get (GstAfringRunSlot * self)
{
  GstAfringRun *run;

  g_mutex_lock (&self->lock);
  run = self->run != NULL ? gst_afring_run_ref (self->run) : NULL;
  g_mutex_unlock (&self->lock);
  return run;
}

/* Those of a run are asked for without the lock. */
GstStructure *
gst_afring_run_slot_make_stats (GstAfringRunSlot * self)
{
  g_autoptr (GstAfringRun) run = gst_afring_run_slot_get (self);
  const GstAfringTally none = { 0, };
  GstStructure *stats = NULL;

  if (run != NULL)
    return gst_afring_run_make_stats (run);
  g_mutex_lock (&self->lock);
  if (self->last_stats != NULL)
    stats = gst_structure_copy (self->last_stats);
  g_mutex_unlock (&self->lock);
  return stats != NULL ? stats : gst_afring_tally_make_stats (&none, NULL);
}
