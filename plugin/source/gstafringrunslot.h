/* gst-afring: where an element has its run
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringrun.h"

G_BEGIN_DECLS

/* There is a run from start to stop, or one after the other, and between two of them the
 * statistics of the last one. Stopping is a swap: whoever got the run before has a reference. Any thread. */
typedef struct
{
  GMutex lock;                  /* what follows */
  GstAfringRun *run;            /* or NULL */
  GstStructure *last_stats;     /* or NULL */
  GstAfringTally past;          /* of earlier runs since the start */
} GstAfringRunSlot;

void              gst_afring_run_slot_init           (GstAfringRunSlot *self);
void              gst_afring_run_slot_clear          (GstAfringRunSlot *self);

/* Takes it over. */
void              gst_afring_run_slot_put            (GstAfringRunSlot *self,
                                                      GstAfringRun     *run);

/* The run, which is no more to be had then. */
GstAfringRun *    gst_afring_run_slot_take           (GstAfringRunSlot *self);

/* What a run that has ended leaves. @stats: taken over. @tally: for the runs that follow;
 * NULL: none does. */
void              gst_afring_run_slot_put_past       (GstAfringRunSlot *self,
                                                      GstStructure     *stats,
                                                      const GstAfringTally *tally);

/* None is followed by what comes now. */
void              gst_afring_run_slot_forget_past    (GstAfringRunSlot *self);

void              gst_afring_run_slot_get_past       (GstAfringRunSlot *self,
                                                      GstAfringTally   *tally);

/* A reference to the run, or NULL. */
GstAfringRun *    gst_afring_run_slot_get            (GstAfringRunSlot *self);

/* Those of the run, or the last ones. */
GstStructure *    gst_afring_run_slot_make_stats     (GstAfringRunSlot *self);

G_END_DECLS
