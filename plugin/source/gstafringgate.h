/* gst-afring: the gate between a source's ring and its push
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/base/gstbasesrc.h>

G_BEGIN_DECLS

/* GstBaseSrc throws away what create() made if it is paused before the push. So a
 * pause first shuts this gate, which keeps create() from making anything more,
 * and lets what is on its way go. */
typedef struct
{
  gint unlocked;                /* atomic: GstBaseSrc wants create() to return */
  gint shut;                    /* atomic: from PLAYING to PAUSED */
  gint leaving;                 /* atomic: a list or a block is on its way to the push */
} GstAfringGate;

void          gst_afring_gate_init     (GstAfringGate *self);

/* Lets what is on its way be pushed, and nothing else. If that takes long it
 * is in the push or in an event before it, where it is safe too. */
void          gst_afring_gate_shut     (GstAfringGate *self);

void          gst_afring_gate_open     (GstAfringGate *self);

/* What GstBaseSrc calls: its live lock is held, and no lock is taken here. */
void          gst_afring_gate_unlock   (GstAfringGate *self);

void          gst_afring_gate_lock     (GstAfringGate *self);

/* Sits a pause out. FLUSHING only if it is for good: GstBaseSrc stops its task for
 * that, and if it has gone back to PLAYING meanwhile, nobody starts it again. */
GstFlowReturn gst_afring_gate_wait     (GstAfringGate *self,
                                        GstBaseSrc    *src);

/* A list or a block is about to be made. FALSE: not now. */
gboolean      gst_afring_gate_enter    (GstAfringGate *self);

/* It was pushed, or there was none. */
void          gst_afring_gate_leave    (GstAfringGate *self);

G_END_DECLS
