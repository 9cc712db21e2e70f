/* gst-afring: when a file of a recording has had its time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* After so long, or when the clock on the wall says so. */
typedef struct
{
  GstClockTime max_duration;    /* 0: no limit, as for the other */
  GstClockTime rotate_at;

  gint64 end;                   /* monotonic, microseconds */
  gint64 begun;                 /* microseconds since 1970 */
  gint64 boundary;              /* likewise */
} PcapRotation;

void     pcap_rotation_init         (PcapRotation *self,
                                     GstClockTime  max_duration,
                                     GstClockTime  rotate_at);

/* A file begins now. */
void     pcap_rotation_begin        (PcapRotation *self);

gboolean pcap_rotation_is_due       (PcapRotation *self);

/* When to look again, monotonic, microseconds; G_MAXINT64: never. */
gint64   pcap_rotation_get_next     (PcapRotation *self);

/* The first moment after @now that is a multiple of @interval after the midnight before it,
 * or is a midnight: of the place that @now is of. Microseconds since 1970. */
gint64   pcap_rotation_get_boundary (GDateTime    *now,
                                     GstClockTime  interval);

G_END_DECLS
