/* gst-afring: the times of packets that come as they are captured
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaparrival.h"

void
pcap_arrival_init (PcapArrival * self, GstClockTime latency)
{
  self->latency = latency;
  self->begun = FALSE;
  self->offset = 0;
  self->n_late = 0;
}

GstClockTime
pcap_arrival_get_time (PcapArrival * self, GstClockTime captured,
    GstClockTime now)
{
  gint64 fastest = (gint64) now - (gint64) captured;
  gint64 time;

  if (captured == GST_CLOCK_TIME_NONE)
    return now;
  if (!self->begun || fastest < self->offset) {
    self->begun = TRUE;
    self->offset = fastest;
  } else if (fastest - self->offset > (gint64) self->latency) {
    self->offset = fastest - (gint64) self->latency;
    self->n_late++;
  }
  time = (gint64) captured + self->offset;
  return MAX (time, 0);
}
