/* gst-afring: what tells a packet from another, from the network layer on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketparser.h>

G_BEGIN_DECLS

/* Two values of a polynomial whose coefficients are the bytes, at two secret points of
 * GF(2^61-1) that are drawn by lot for each key: two packets of 64 KiB or less that
 * differ have the same digest with a chance of less than 2^-94, whatever they are and
 * whoever made them. So nobody can make a recorder drop a packet, and nothing of the
 * packets has to be kept for a comparison. */
typedef struct
{
  guint64 values[2];
} PacketDigest;

typedef struct
{
  guint64 points[2];
} PacketDigestKey;

void packet_digest_key_init (PacketDigestKey        *self);

/* Of an IP packet, up to where it ends or was cut: of all its bytes but TTL or hop limit
 * and the checksum of an IPv4 header, which a router changes. What is in front of it,
 * such as VLAN tags, does not count. */
void packet_digest_init     (PacketDigest           *self,
                             const PacketDigestKey  *key,
                             const guint8           *data,
                             gsize                   captured,
                             const GstPacketHeaders *headers);

static inline gboolean
packet_digest_equal (const PacketDigest * a, const PacketDigest * b)
{
  return a->values[0] == b->values[0] && a->values[1] == b->values[1];
}

G_END_DECLS
