/* gst-afring: the thread that turns the ring of a source element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringeviction.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* Takes blocks off the kernel in order, keeps enough of the ring free, and queues
 * the blocks for the streaming thread, so that a push that blocks does not stop
 * the capture. Nothing crosses threads per packet. */
typedef struct _GstAfringKeeper GstAfringKeeper;

/* Called on the keeper's thread. */
typedef struct
{
  /* after each wait for a block, a few times a second at least */
  void (*waited) (GstElement   *element);
  /* the source cannot go on, or its link is down */
  void (*failed) (GstElement   *element,
                  const GError *error);
} GstAfringKeeperFuncs;

/* Starts the thread. @element is borrowed. */
GstAfringKeeper * gst_afring_keeper_new   (GstElement                    *element,
                                           GstAfringSource               *source,
                                           const GstAfringEvictionPolicy *policy,
                                           const GstAfringKeeperFuncs    *funcs);

/* Ends the thread and gives back what is queued. */
void              gst_afring_keeper_free  (GstAfringKeeper               *self);

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
