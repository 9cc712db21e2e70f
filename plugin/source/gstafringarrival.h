/* gst-afring: waiting for an interface
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstlinkmonitor.h>

G_BEGIN_DECLS

/* Where a streaming thread waits while there is nothing to capture on. All of it can be
 * called by any thread, but for what is said of it. */
typedef struct
{
  int wake_fd;                  /* fixed, as long as it is used */
  gint ended;                   /* atomic */
  GstLinkMonitor *monitor;      /* of the streaming thread; or NULL */
} GstAfringArrival;

void     gst_afring_arrival_init   (GstAfringArrival *self);
void     gst_afring_arrival_clear  (GstAfringArrival *self);

/* Before a new start. */
void     gst_afring_arrival_reset  (GstAfringArrival *self);

/* Follows the interfaces of a namespace: what changes from now on ends the next wait. TRUE
 * if it has not done so before: what has changed until now nobody has told. Of the streaming
 * thread, as the next two. */
gboolean gst_afring_arrival_follow (GstAfringArrival *self,
                                    GstNetns         *netns);

/* Sleeps until an interface has changed, @timeout milliseconds have gone by (-1: none), or
 * gst_afring_arrival_wake(). */
void     gst_afring_arrival_wait   (GstAfringArrival *self,
                                    gint              timeout);

/* There is nothing to wait for any more. */
void     gst_afring_arrival_stop   (GstAfringArrival *self);

void     gst_afring_arrival_wake   (GstAfringArrival *self);

/* Nothing is to be waited for: the stream is to end. */
void     gst_afring_arrival_end    (GstAfringArrival *self);
gboolean gst_afring_arrival_is_ended (GstAfringArrival *self);

G_END_DECLS
