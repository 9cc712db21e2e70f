/* gst-afring: what is in packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetcounts.h"
#include "packetpad.h"
#include "packetselection.h"

G_BEGIN_DECLS

/* Cuts what is wanted out of packets. For the streaming thread. */
typedef struct _PacketCutter PacketCutter;

/* For what is going to be pushed through @out, which learns of what is not. */
PacketCutter *  packet_cutter_new      (gboolean               defragment,
                                        PacketPad             *out);
void            packet_cutter_free     (PacketCutter          *self);

/* As packet_dissector_set_link_type() and packet_dissector_clear(). */
gboolean        packet_cutter_set_link_type (PacketCutter     *self,
                                        guint32                link_type);
void            packet_cutter_clear    (PacketCutter          *self);

/* The part of a packet that goes on, or NULL. It is @buffer itself if that is
 * wanted @in_place. */
GstBuffer *     packet_cutter_cut      (PacketCutter          *self,
                                        const PacketSelection *selection,
                                        GstBuffer             *buffer,
                                        gboolean               in_place);

/* Takes a list of packets, gives one of parts, which can be empty. */
GstBufferList * packet_cutter_cut_list (PacketCutter          *self,
                                        const PacketSelection *selection,
                                        GstBufferList         *list);

void            packet_cutter_get_counts (PacketCutter        *self,
                                        PacketCounts          *counts,
                                        guint64               *forwarded);

G_END_DECLS
