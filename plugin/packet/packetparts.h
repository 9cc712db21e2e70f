/* gst-afring: parts of packets as buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetdissector.h"
#include "common/slotlist.h"

G_BEGIN_DECLS

/* Buffers for what is in packets of a ring or a file, where they lie: each has a
 * GstPacketMeta and a GstNetAddressMeta that stay on it, and is used for one packet after the other, so that
 * for a packet nothing is allocated, shared or asked. For the streaming thread; buffers
 * come back from any, and can outlive this. */
typedef struct _PacketParts PacketParts;

PacketParts *   packet_parts_new     (void);
void            packet_parts_free    (PacketParts     *self);

/* Whether they are for packets such as @buffer: as their source made them,
 * with nothing but what is known of a packet. */
gboolean        packet_parts_suit    (GstBuffer       *buffer);

/* Between these two all parts are of packets of @list, which is there meanwhile. */
void            packet_parts_begin   (PacketParts     *self,
                                      GstBufferList   *list);
void            packet_parts_end     (PacketParts     *self);

/* Ends a packet that has been started with the part from @start to @end, as
 * packet_dissector_cut() does, and puts it at the end of @list. Borrowed. */
GstBuffer *     packet_parts_add     (PacketParts     *self,
                                      SlotList        *list,
                                      PacketDissector *dissector,
                                      DissectedPacket *packet,
                                      gsize            start,
                                      gsize            end);

G_END_DECLS
