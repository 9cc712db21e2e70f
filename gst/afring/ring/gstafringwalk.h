/* gst-afring: the walk over the packets of a block (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

/* A walk yields records: packets as they were on the wire. What the kernel took
 * out of the bytes (a VLAN tag) or does not give (the link header of a cooked
 * socket) is put back in place, into the room in front of the bytes. A block
 * can be walked again; what was done to it is noted in it. */
typedef struct
{
  guint8 *block;
  gsize block_size;
  gsize offset;                 /* of the next packet's tpacket3_hdr */
  guint32 left;                 /* packets not walked yet */

  guint link_type;
  gboolean cooked;              /* the link header has to be made */
  guint32 snaplen;
  guint32 tag_allowance;        /* bytes that a tagged packet may have more */
  /* Packets that this does not match are passed over; NULL for none. Borrowed. */
  GstCaptureFilter *filter;
} GstAfringWalk;

typedef struct
{
  const struct tpacket3_hdr *header;
  const struct sockaddr_ll *address;
  guint8 *data;
  guint32 captured_length;
  guint32 wire_length;
} GstAfringRecord;

GST_AFRING_API
void         gst_afring_walk_init     (GstAfringWalk         *self,
                                       GstAfringLease        *lease,
                                       guint                  link_type,
                                       gboolean               cooked,
                                       guint32                snaplen,
                                       guint32                tag_allowance,
                                       GstCaptureFilter      *filter);

/* FALSE at the end of the block, or where it is not what the kernel writes. */
GST_AFRING_API
gboolean     gst_afring_walk_next     (GstAfringWalk         *self,
                                       GstAfringRecord       *record);

/* The kernel has numbers beyond those of GstPacketType; they are UNKNOWN. */
static inline GstPacketType
gst_afring_record_get_packet_type (const GstAfringRecord * self)
{
  return self->address->sll_pkttype <= PACKET_OUTGOING ?
      (GstPacketType) self->address->sll_pkttype : GST_PACKET_TYPE_UNKNOWN;
}

GST_AFRING_API
GstClockTime gst_afring_record_get_capture_time (const GstAfringRecord *self);

/* Fills everything but network_offset. */
GST_AFRING_API
void         gst_afring_record_fill_meta (const GstAfringRecord *self,
                                       guint                  link_type,
                                       GstPacketMeta         *meta);

G_END_DECLS
