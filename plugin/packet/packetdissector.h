/* gst-afring: packet buffers taken apart
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "addresscache.h"
#include "packetlink.h"
#include "common/packetbuffer.h"

#include <gst/afring/packet/gstpacketdefrag.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/* What became of packets that went in. */
typedef struct
{
  guint64 packets;
  guint64 not_ip;
  guint64 malformed;
  guint64 truncated;            /* the snaplen has cut what would be needed */
  guint64 fragments;
  guint64 reassembled;          /* packets that were made of fragments */
  guint64 fragments_expired;
} PacketDissectorStats;

/* Parses packets, and puts fragments together. For one thread. */
typedef struct _PacketDissector PacketDissector;

/* A packet whose layers are known. */
typedef struct
{
  GstBuffer *buffer;            /* the one that went in, or a reassembled one */
  gboolean reassembled;
  GstPacketMeta *meta;          /* its own, NULL if it has none */
  GstPacketHeaders headers;
  PacketMap map;                /* of the buffer: headers point into it */
  GSocketAddress *source;       /* its sender, where that is known; borrowed */
  PacketLink link;              /* of a reassembled one */
} DissectedPacket;

PacketDissector * packet_dissector_new   (gboolean               defragment);
void              packet_dissector_free  (PacketDissector       *self);

/* What packets are from now on. FALSE if nothing is known of this type, so that no
 * packet of it can match, and that has not been said before. */
gboolean          packet_dissector_set_link_type (PacketDissector *self,
                                          guint32                link_type);

/* Whether a TCP packet of which the snaplen has cut off payload goes on too: with an end
 * behind what was captured. */
void              packet_dissector_set_cut_tcp (PacketDissector *self,
                                          gboolean               goes_on);

/* Gives up fragments that wait for others, and counts them as expired. */
void              packet_dissector_clear (PacketDissector       *self);

/* TRUE if @buffer is a packet up to its payload, or the fragment that completes
 * one, or, without defragmentation, a fragment; then packet_dissector_finish() has
 * to follow. */
gboolean          packet_dissector_start (PacketDissector       *self,
                                          GstBuffer             *buffer,
                                          DissectedPacket       *packet);

/* Ends it without a result. */
void              packet_dissector_finish (PacketDissector      *self,
                                          DissectedPacket       *packet);

/* The same, because not all of what is wanted was captured. */
void              packet_dissector_finish_truncated (PacketDissector *self,
                                          DissectedPacket       *packet);

/* Ends it with a buffer that is the part from @start to @end, in the same memory,
 * with the times of the packet, its meta, and its source as GstNetAddressMeta. It
 * is the one that went in if @in_place, else a new one. */
GstBuffer *       packet_dissector_cut   (PacketDissector       *self,
                                          DissectedPacket       *packet,
                                          gsize                  start,
                                          gsize                  end,
                                          gboolean               in_place);

/* For who cuts a packet by himself: its sender, borrowed until the next call, and what its
 * meta says of a part. */
GSocketAddress *  packet_dissector_get_source (PacketDissector  *self,
                                          const DissectedPacket *packet);
void              packet_dissector_adjust_meta (GstPacketMeta   *meta,
                                          const GstPacketHeaders *headers,
                                          gsize                  start,
                                          gsize                  size);

/* Of a packet that has been started. */
PacketLink        packet_dissector_get_link (PacketDissector    *self,
                                          const DissectedPacket *packet);

void              packet_dissector_get_stats (PacketDissector   *self,
                                          PacketDissectorStats  *stats);

/* When it was captured, as packet_buffer_get_time(). */
static inline GstClockTime
dissected_packet_get_time (const DissectedPacket * self)
{
  if (self->meta != NULL && self->meta->capture_time != GST_CLOCK_TIME_NONE)
    return self->meta->capture_time;
  return GST_BUFFER_PTS (self->buffer);
}

static inline gboolean
dissected_packet_is_fragment (const DissectedPacket * self)
{
  return self->headers.more_fragments || self->headers.fragment_offset > 0;
}

G_END_DECLS
