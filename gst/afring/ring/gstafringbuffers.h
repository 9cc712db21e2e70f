/* gst-afring: the packets of a block as buffers (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/ring/gstafringwalk.h>

G_BEGIN_DECLS

/* How capture times become running times. The pipeline's running time and
 * CLOCK_REALTIME, read together once a block; the rest is a subtraction. */
typedef struct
{
  GstClockTime running_time;    /* GST_CLOCK_TIME_NONE: no timestamps */
  GstClockTime real_time;       /* nanoseconds since 1970 */
  GstClockTime last;            /* the last timestamp given, or NONE */
  gboolean replay;              /* count from the first packet instead */
  GstClockTime first;           /* its capture time, or NONE */
} GstAfringStamper;

typedef struct
{
  guint link_type;
  GstCaptureLayer layer;
  gboolean reference_timestamps;
  guint64 offset;               /* packets made so far: the next one's number */
  GstAfringStamper stamper;
} GstAfringBuffers;

/* One buffer for each record that @walk still has, @most of them at most, or
 * NULL if there is none. Adds the bytes in them to @bytes. */
GST_AFRING_API
GstBufferList * gst_afring_buffers_make_list (GstAfringBuffers *self,
                                              GstAfringWalk    *walk,
                                              GstAfringLease   *lease,
                                              guint             most,
                                              guint64          *bytes);

/* All records that @walk still has, @most of them at most, as one buffer of pcapng,
 * with a GstPacketBlockMeta; NULL if there is nothing in it. @statistics, if not
 * NULL, stand at its start; they want a new walk. */
GST_AFRING_API
GstBuffer *     gst_afring_buffers_make_block (GstAfringBuffers *self,
                                              GstAfringWalk    *walk,
                                              GstAfringLease   *lease,
                                              guint             most,
                                              const GstCaptureStatistics *statistics,
                                              guint64          *bytes);

G_END_DECLS
