/* gst-afring: what a source element has counted
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* Counts from the start to the stop of an element, which can be over several rings: one
 * after the other, where an interface was removed and has come back. */
typedef struct
{
  guint64 packets_received;
  guint64 packets_dropped;
  guint64 queue_freezes;
  guint64 packets_captured;     /* given on */
  guint64 bytes_captured;
  guint64 packets_discarded;    /* that nobody got, because of a stop */
  guint64 blocks;
  guint64 evicted_blocks;
  guint64 copied_blocks;
  guint64 interface_dropped;
} GstAfringTally;

/* Adds what the kernel and the ring of @source have counted. */
void           gst_afring_tally_add_source (GstAfringTally  *self,
                                            GstAfringSource *source);

/* application/x-afring-stats, with what @source is like now; NULL: there is none. */
GstStructure * gst_afring_tally_make_stats (const GstAfringTally *self,
                                            GstAfringSource *source);

G_END_DECLS
