/* gst-afring: what the captures of a stream have lost, for who misses packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>

G_BEGIN_DECLS

/* The drops that counters of interfaces have told of. Nobody knows which packets they
 * were: each explains one that is missing, and only one. */
typedef struct _FlowLosses FlowLosses;

FlowLosses * flow_losses_new    (void);
void         flow_losses_free   (FlowLosses                 *self);

/* The counters of an interface. Returns how many it has dropped since the last time. */
guint64      flow_losses_take   (FlowLosses                 *self,
                                 const GstCaptureStatistics *statistics);

/* So many of them have explained nothing yet. The counters are read ahead of the packets
 * that wait in the ring, so that a hole can come later than what explains it. */
void         flow_losses_keep   (FlowLosses                 *self,
                                 const GstCaptureStatistics *statistics,
                                 guint64                     left);

/* @n are missing between a packet of an interface that was captured at @since and the
 * next one. Returns how many of these the capture has dropped. */
guint64      flow_losses_claim  (FlowLosses                 *self,
                                 guint32                     interface_id,
                                 GstClockTime                since,
                                 guint64                     n);

/* Whether counters of that interface have come. */
gboolean     flow_losses_counts (FlowLosses                 *self,
                                 guint32                     interface_id);

/* Whether those of @id are about packets of that interface: one that captures from all
 * has the id 0, and is alone. */
gboolean     flow_losses_concern (FlowLosses                *self,
                                 guint32                     id,
                                 guint32                     interface_id);

/* What is kept explains nothing that comes from now on: after a seek. */
void         flow_losses_forget (FlowLosses                 *self);

G_END_DECLS
