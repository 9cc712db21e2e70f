/* gst-afring: the gate between a source's ring and its push
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/base/gstbasesrc.h>

G_BEGIN_DECLS

/* GstBaseSrc throws away what create() made if it is paused before the push. So a
 * pause first shuts this gate, which keeps create() from making anything more,
 * and waits for what is on its way. */
typedef struct
{
  GMutex lock;                  /* what follows */
  GCond cond;
  gboolean unlocked;            /* GstBaseSrc wants create() to return */
  gboolean shut;                /* from PLAYING to PAUSED */
  gboolean leaving;             /* a list or a block is on its way to the push */
  gboolean awaited;             /* somebody waits for it */
} GstAfringGate;

void          gst_afring_gate_init     (GstAfringGate *self);
void          gst_afring_gate_clear    (GstAfringGate *self);

/* For a new run. */
void          gst_afring_gate_reset    (GstAfringGate *self);

/* Lets what is on its way be pushed, and nothing else. If that takes long it
 * is in an event before it, where it is safe too. */
void          gst_afring_gate_shut     (GstAfringGate *self);

/* When GstBaseSrc plays again, and not before. */
void          gst_afring_gate_open     (GstAfringGate *self);

/* What GstBaseSrc calls; its live lock can be held. */
void          gst_afring_gate_unlock   (GstAfringGate *self);

void          gst_afring_gate_lock     (GstAfringGate *self);

/* Sits a pause out, for create(). FLUSHING only if it is for good, which is when @pad
 * is flushing: GstBaseSrc stops its task for that, and if it has gone back to PLAYING
 * meanwhile, nobody starts it again. */
GstFlowReturn gst_afring_gate_wait     (GstAfringGate *self,
                                        GstPad        *pad);

/* A list or a block is about to be made. FALSE: not now. */
gboolean      gst_afring_gate_enter    (GstAfringGate *self);

/* It cannot be thrown away any more, or there was none. */
void          gst_afring_gate_leave    (GstAfringGate *self);

G_END_DECLS
