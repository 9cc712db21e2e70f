/* gst-afring: where a reader is, and how long its stream
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapseeking.h"
#include "pcaptimeline.h"

G_BEGIN_DECLS

/* Answers a query for the position, the duration or the segment, all of them in time. FALSE
 * if it cannot, or if it is another query. Any thread. */
gboolean pcap_places_query (PcapTimeline     *timeline,
                            GstQuery         *query,
                            PcapDurationFunc  get_duration,
                            gpointer          user_data);

G_END_DECLS
