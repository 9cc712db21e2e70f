/* gst-afring: packets of a capture stream as buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcaplist.h"
#include "pcappiece.h"
#include "common/slotlist.h"

G_BEGIN_DECLS

/* Buffers for packets, in a list that is being put together. Those whose bytes are in the
 * piece at hand are used again when downstream has done with them, so that for a packet
 * nothing is allocated. For one thread; buffers come back from any. */
typedef struct
{
  PcapList list;                /* that is being put together */
  SlotList slots;               /* the same */
  GstAfringSlots *made;         /* or NULL */
  GstAfringLease *lease;        /* of the packets in the list, or NULL */
  guint credit;                 /* references to it that no packet has yet */
} PcapPackets;

/* All zero at first. */
void            pcap_packets_clear (PcapPackets         *self);

/* Whether this packet begins another list. */
gboolean        pcap_packets_is_full (const PcapPackets *self,
                                    const GstPcapPacket *packet,
                                    const PcapContent   *content);

/* At the end of the list, which is not full. Takes the content; that of one list is of one
 * piece. */
void            pcap_packets_add   (PcapPackets         *self,
                                    PcapPiece           *piece,
                                    const GstPcapPacket *packet,
                                    const PcapContent   *content);

/* NULL if there is none. */
GstBufferList * pcap_packets_take  (PcapPackets         *self);

/* The list, with all that is in it. */
void            pcap_packets_drop  (PcapPackets         *self);

G_END_DECLS
