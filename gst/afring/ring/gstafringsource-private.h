/* gst-afring: what elements and other sources use of a ring source
 * (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringaccess.h>
#include <gst/afring/ring/gstafringbackend.h>
#include <gst/afring/ring/gstafringfanout-private.h>
#include <gst/afring/ring/gstafringsource.h>
#include <gst/afring/ring/gstafringwalk.h>

G_BEGIN_DECLS

/* Counters since the source was opened. */
typedef struct
{
  guint64 packets_received;
  guint64 packets_dropped;
  guint64 queue_freezes;
  guint64 packets_taken;        /* in blocks that were taken off the kernel */
  guint64 blocks;
} GstAfringTotals;

GST_AFRING_API
void             gst_afring_source_set_config    (GstAfringSource  *self,
                                                  const GstAfringConfig *config);

/* Fixed once the source is open, but for the filter. */
GST_AFRING_API
const GstAfringConfig * gst_afring_source_get_config (GstAfringSource *self);

GST_AFRING_API
void             gst_afring_source_set_fanout    (GstAfringSource  *self,
                                                  const GstAfringFanout *fanout);

GST_AFRING_API
void             gst_afring_source_set_access    (GstAfringSource  *self,
                                                  const GstAfringAccess *access);

GST_AFRING_API
GstAfringRing *  gst_afring_source_get_ring      (GstAfringSource  *self);

/* TRUE if nothing is ever dropped: what finds no free block waits for one. */
GST_AFRING_API
gboolean         gst_afring_source_waits_for_room (GstAfringSource *self);

/* The next block. NULL without an error after @timeout milliseconds (-1: never);
 * NULL with LINK_DOWN once when the interface went down, after which waiting for
 * it is fine; with NOT_FOUND once the interface is gone. */
GST_AFRING_API
GstAfringLease * gst_afring_source_next_lease    (GstAfringSource  *self,
                                                  gint              timeout,
                                                  GError          **error);

/* A file that can be polled, see gst_capture_source_get_fd(); -1: there is none to be
 * had. */
gint             gst_afring_source_get_user_fd   (GstAfringSource  *self);

/* Sets it as it has to be now; @at_hand: there is a packet that was not given yet. */
void             gst_afring_source_update_signal (GstAfringSource  *self,
                                                  gboolean          at_hand);

/* Starts a walk over @lease that yields what this source is to capture.
 * @filter is set to a reference that has to live as long as the walk; NULL if
 * the kernel has done it all. */
GST_AFRING_API
void             gst_afring_source_start_walk    (GstAfringSource   *self,
                                                  GstAfringLease    *lease,
                                                  GstAfringWalk     *walk,
                                                  GstCaptureFilter **filter);

/* Counts changes of the filter; any thread. */
GST_AFRING_API
guint            gst_afring_source_get_filter_changes (GstAfringSource *self);

/* FALSE if the expression is matched in user space; any thread. */
GST_AFRING_API
gboolean         gst_afring_source_is_filter_in_kernel (GstAfringSource *self);

/* Most bytes that a record can have. */
GST_AFRING_API
guint32          gst_afring_source_get_snaplen   (GstAfringSource  *self);

/* No packet enters the ring any more; what is in it can still be taken. */
GST_AFRING_API
void             gst_afring_source_halt          (GstAfringSource  *self);

/* What the kernel had not handed over yet when the source was halted; NULL if there is
 * nothing, or it is not complete yet. For the reader, when it has taken all else. */
GST_AFRING_API
GstAfringLease * gst_afring_source_take_open     (GstAfringSource  *self);

/* TRUE if it is a member of a fanout group. */
GST_AFRING_API
gboolean         gst_afring_source_is_shared     (GstAfringSource  *self);

/* Halts, and gives the ring and its socket back to the kernel, which knows no other
 * way than to unmap the one and close the other: until then a fanout group gives it a
 * share of the packets, which is lost, and every packet of the interface passes it.
 * What is still in use moves out of the ring, and what is unread is gone. FALSE if that
 * cannot be now. Called by the reader, as its last call. */
GST_AFRING_API
gboolean         gst_afring_source_leave         (GstAfringSource  *self);

GST_AFRING_API
void             gst_afring_source_get_totals    (GstAfringSource  *self,
                                                  GstAfringTotals  *totals);

G_END_DECLS
