/* gst-afring: the packets that have come last
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetdigest.h"

G_BEGIN_DECLS

/* The digests of the last packets, and when they were captured. All memory is there from
 * the beginning. For one thread. */
typedef struct _PacketRecent PacketRecent;

PacketRecent * packet_recent_new   (guint               most);
void           packet_recent_free  (PacketRecent       *self);
void           packet_recent_clear (PacketRecent       *self);

/* Whether there is one with that digest that was captured not more than @window before
 * @time, or behind it; if not, it is remembered. Without a time, only those count that
 * have none. */
gboolean       packet_recent_check (PacketRecent       *self,
                                    const PacketDigest *digest,
                                    GstClockTime        time,
                                    GstClockTime        window);

G_END_DECLS
