/* gst-afring: the thread that turns the ring of a source element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringwatch.h"

G_BEGIN_DECLS

/* Takes blocks off the kernel in order, keeps enough of the ring free, and queues
 * the blocks for the streaming thread, so that a push that blocks does not stop
 * the capture. Nothing crosses threads per packet, and no code of the application
 * runs on it. */
typedef struct _GstAfringKeeper GstAfringKeeper;

/* @nice: the thread's nice value, where that is allowed. What there is to be told is told
 * to @watch, which is borrowed. */
GstAfringKeeper * gst_afring_keeper_new   (GstAfringSource               *source,
                                           GstAfringWatch                *watch,
                                           const GstAfringEvictionPolicy *policy,
                                           gint                           nice);

/* Starts the thread; FALSE if there can be none. */
gboolean          gst_afring_keeper_start (GstAfringKeeper               *self,
                                           GError                       **error);

/* Ends the thread and gives back what is queued. */
void              gst_afring_keeper_free  (GstAfringKeeper               *self);

/* Gives back what is queued, when the thread has ended. Returns how many packets were
 * in it. */
guint64           gst_afring_keeper_clear (GstAfringKeeper               *self);

/* The next block; NULL at the end (@ended), after @timeout milliseconds, or when
 * woken. For the streaming thread. */
GstAfringLease *  gst_afring_keeper_pop   (GstAfringKeeper               *self,
                                           gint                           timeout,
                                           gboolean                      *ended);

/* Ends a pop, or the next one; any thread. */
void              gst_afring_keeper_wake  (GstAfringKeeper               *self);

/* Lets nothing more into the ring, and ends when it is empty; any thread. */
void              gst_afring_keeper_drain (GstAfringKeeper               *self);

/* Ends at once, whatever is left in the ring, and waits for that. */
void              gst_afring_keeper_stop  (GstAfringKeeper               *self);

G_END_DECLS
