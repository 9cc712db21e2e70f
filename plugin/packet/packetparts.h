/* gst-afring: parts of packets as buffers that are used again
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetdissector.h"

#include <gst/afring/ring/gstafringslots.h>

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

/* Between these two all parts are of packets of @list, which is there meanwhile. */
void            packet_parts_begin   (PacketParts     *self,
                                      GstBufferList   *list);
void            packet_parts_end     (PacketParts     *self);

/* A list that is being filled; its owner sets all to 0 before and between. */
typedef struct
{
  GstBufferList *list;          /* NULL: none is begun */
  GstAfringSlotList *slots;     /* it has slots that are to be used, or NULL */
  guint n;                      /* of those, are used */
} PacketPartList;

/* Ends a packet that has been started with the part from @start to @end, as
 * packet_dissector_cut() does, and puts it at the end of @list. Borrowed. */
GstBuffer *     packet_parts_add     (PacketParts     *self,
                                      PacketPartList  *list,
                                      PacketDissector *dissector,
                                      DissectedPacket *packet,
                                      gsize            start,
                                      gsize            end);

/* Puts another buffer there. Takes it. */
void            packet_part_list_add (PacketPartList  *self,
                                      GstBuffer       *buffer);

/* Only what has been added is in the list from now on: before anybody looks. */
void            packet_part_list_close (PacketPartList *self);

/* Closes it and gives it out; NULL if it has not been begun. */
GstBufferList * packet_part_list_steal (PacketPartList *self);

void            packet_part_list_clear (PacketPartList *self);

G_END_DECLS
