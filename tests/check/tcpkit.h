/* Segments of TCP made by hand.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetkit.h"

G_BEGIN_DECLS

#define TCP_FIN 1
#define TCP_SYN 2
#define TCP_RST 4
#define TCP_ACK 16

/* Over IPv4 and Ethernet, between 10.0.0.1 port 40000, the client, and 10.0.0.2 port 80. */
typedef struct
{
  guint32 sequence;             /* as in the header */
  guint flags;
  const gchar *data;            /* NULL: none */
  guint32 acknowledged;
  gboolean from_server;
  GstClockTime time;
  gsize size;                   /* of data, 0: as long as the string is */
  gsize cut;                    /* so many of its bytes were not captured */
  guint16 client_port;          /* 0: 40000 */
} KitSegment;

GstBuffer * kit_make_tcp        (const KitSegment *segment);

/* What has come to a pad, with "[N]" where N bytes are missing, and "[?]" where nobody
 * knows how many; offsets are checked. To be freed. */
gchar *     kit_pad_get_stream  (KitPad           *self);

/* A counter of the flow with that number in stats, the newest is 0. */
guint64     kit_run_get_flow_stat (KitRun         *self,
                                 guint             flow,
                                 const gchar      *field);

G_END_DECLS
