/* gst-afring: the times of packets that come as they are captured
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Packets that were captured elsewhere come some time later, which is not always the
 * same: whoever sends them gathers them first. How long the fastest one took is not
 * known either, and is taken for nothing: a packet's time is when it came, and if it
 * took longer than the fastest, by so much earlier. It is never later than when it
 * came, and, as a sink waits for the latency, not too late unless it took longer
 * than that. Then all from there on are later: clocks go apart, and senders stall. */
typedef struct
{
  GstClockTime latency;
  gboolean begun;
  gint64 offset;                /* from capture time to running time */
  guint64 n_late;
} PcapArrival;

void         pcap_arrival_init     (PcapArrival  *self,
                                    GstClockTime  latency);

/* The running time of a packet that was captured at @captured and comes at running
 * time @now. */
GstClockTime pcap_arrival_get_time (PcapArrival  *self,
                                    GstClockTime  captured,
                                    GstClockTime  now);

G_END_DECLS
