/* gst-afring: parts of packets as buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetdissector.h"

G_BEGIN_DECLS

/* Buffers for what is in packets of a ring, in the ring: each has a GstPacketMeta and a
 * GstNetAddressMeta that stay on it, and is used for one packet after the other, so that
 * for a packet nothing is allocated, shared or asked. For the streaming thread; buffers
 * come back from any, and can outlive this. */
typedef struct _PacketParts PacketParts;

PacketParts *   packet_parts_new     (void);
void            packet_parts_free    (PacketParts     *self);

/* Whether they are for packets such as @buffer: in a ring, with nothing but what is known
 * of a packet. */
gboolean        packet_parts_suit    (GstBuffer       *buffer);

/* Begins a list of at most @n parts. FALSE if that is more than fit. */
gboolean        packet_parts_begin   (PacketParts     *self,
                                      guint            n);

/* Ends a packet that has been started with the part from @start to @end, as
 * packet_dissector_cut() does, and puts it into the list. Borrowed. */
GstBuffer *     packet_parts_add     (PacketParts     *self,
                                      PacketDissector *dissector,
                                      DissectedPacket *packet,
                                      gsize            start,
                                      gsize            end);

/* Gives the list out, which can be empty, while its packets are still there. */
GstBufferList * packet_parts_finish  (PacketParts     *self);

G_END_DECLS
