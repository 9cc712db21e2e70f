/* RTP packets made by hand, and what flowdemux says of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetkit.h"

G_BEGIN_DECLS

#define SSRC 0x11223344
#define OTHER_SSRC 0x55667788

typedef struct
{
  guint8 data[300];
  gsize size;
} Payload;

/* By bytes: a packet here is an array that words must not be written to. */
void       put              (Payload            *payload,
                             gsize               at,
                             guint               bytes,
                             guint32             value);

/* Encrypted: nothing behind the header is what it would be. */
Payload    make_rtp         (guint32             ssrc,
                             guint8              payload_type,
                             guint               n);

/* Packets from port 4000. */
void       push_payload     (KitRun             *run,
                             const Payload      *payload,
                             GstClockTime        time);
void       push_hex         (KitRun             *run,
                             const gchar        *hex,
                             gsize               size);
void       push_rtp_at      (KitRun             *run,
                             guint32             ssrc,
                             guint8              payload_type,
                             guint               n,
                             GstClockTime        time);
void       push_rtp         (KitRun             *run,
                             guint               n);

/* Of stats: a flow, and a number of the first one. */
const GstStructure * get_flow (const GstStructure *stats,
                             guint               n);
guint64    get_number       (KitRun             *run,
                             const gchar        *field);
guint      count_streams    (KitRun             *run);

G_END_DECLS
