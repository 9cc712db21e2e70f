/* gst-afring: the statistics of a source element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* Counters since the start, and, when stopped, those at the end. Locked by the
 * element. */
typedef struct
{
  guint64 packets_captured;     /* given on */
  guint64 bytes_captured;
  guint32 interface_before;     /* the interface's drops before the start */
  guint32 interface_dropped;    /* since then, as far as is known */
  GstStructure *last;
} GstAfringStats;

void           gst_afring_stats_start          (GstAfringStats  *self,
                                                GstAfringSource *source);

void           gst_afring_stats_stop           (GstAfringStats  *self,
                                                GstAfringSource *source);

void           gst_afring_stats_clear          (GstAfringStats  *self);

/* application/x-afring-stats. @source NULL: stopped. */
GstStructure * gst_afring_stats_make_structure (GstAfringStats  *self,
                                                GstAfringSource *source);

G_END_DECLS
