/* gst-afring: what became of packets, in words and numbers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetdissector.h"

G_BEGIN_DECLS

typedef struct
{
  PacketDissectorStats dissected;
  guint64 not_matched;          /* of those that were dissected */
} PacketCounts;

/* Sets packets, not-matched, malformed, truncated, fragments, reassembled,
 * fragments-expired. */
void    packet_counts_describe   (const PacketCounts *self,
                                  GstStructure       *structure);

/* Why nothing went on, for who reads it: "100 packets have come: 97 without IP, 3
 * malformed". */
gchar * packet_counts_explain    (const PacketCounts *self);

/* Posts a warning: no packet of this link type can match. */
void    packet_counts_warn_link_type (GstElement     *element,
                                  guint32             link_type);

G_END_DECLS
