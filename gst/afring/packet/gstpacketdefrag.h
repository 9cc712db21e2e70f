/* gst-afring: putting fragments of IP packets together (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketparser.h>

G_BEGIN_DECLS

/* IPv4 (RFC 791) and IPv6 (RFC 8200) fragments. Fragments that overlap make the
 * whole packet invalid (RFC 5722), in IPv4 too; one that comes twice does not.
 *
 * What is incomplete is given up after 30 s, and the oldest when there are more
 * than 4096 packets or 16 MiB of memory; that is all memory that is held for them,
 * and not only their bytes. What a fragment costs does not depend on how many there
 * are, in which order they come or who made them. For one thread. */
typedef struct _GstPacketDefrag GstPacketDefrag;

typedef struct
{
  guint64 rejected;             /* fragments that overlap, or make no sense */
  guint64 expired;              /* fragments of packets that were given up */
} GstPacketDefragStats;

GST_AFRING_API
GstPacketDefrag * gst_packet_defrag_new  (void);

GST_AFRING_API
void              gst_packet_defrag_free (GstPacketDefrag *self);

/* Takes a fragment, as gst_packet_parse() has found it, captured at @time; copies
 * what it needs. Only fragments of one @link are put together: any number that says
 * where a packet was seen. If the packet is whole now: the packet, from its IP
 * header on, as it was before it was cut; else NULL. */
GST_AFRING_API
GByteArray *      gst_packet_defrag_add  (GstPacketDefrag        *self,
                                          const guint8           *data,
                                          const GstPacketHeaders *headers,
                                          guint64                 link,
                                          GstClockTime            time);

/* Gives up all that is incomplete, and counts it as expired. */
GST_AFRING_API
void              gst_packet_defrag_clear (GstPacketDefrag       *self);

/* Bytes of memory that are held for what is incomplete. */
GST_AFRING_API
gsize             gst_packet_defrag_get_memory (GstPacketDefrag  *self);

GST_AFRING_API
void              gst_packet_defrag_get_stats (GstPacketDefrag   *self,
                                          GstPacketDefragStats   *stats);

G_END_DECLS
