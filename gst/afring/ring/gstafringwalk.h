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
  gboolean needs_work;          /* no packet is good as it is */
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

/* What is to be done with a packet that is not as it was on the wire, or has to be
 * matched. FALSE if it is passed over. */
GST_AFRING_API
gboolean     gst_afring_walk_restore  (GstAfringWalk         *self,
                                       struct tpacket3_hdr   *header);

/* Ends the walk: the block is not what the kernel writes. */
GST_AFRING_API
void         gst_afring_walk_stop_corrupt (GstAfringWalk     *self);

/* Bits of a packet's tp_status that the kernel does not use, by which a second
 * walk over the block knows what the first one did. */
#define GST_AFRING_STATUS_RESTORED (1u << 26)
#define GST_AFRING_STATUS_REFUSED (1u << 27)

/* Packets ahead. What is between has to take longer than memory does; measured with
 * 4, 8, 12, 16, 24. */
#define GST_AFRING_WALK_PREFETCH 24
#define GST_AFRING_PACKET_ALIGNMENT 8   /* in a block, af_packet.c */

/* The next packet; NULL at the end of the block, or where it is not what the kernel
 * writes. The ring is memory shared with the kernel: nothing read from it is used as
 * an offset or a length before it is known to lie in the block. */
static inline struct tpacket3_hdr *
gst_afring_walk_peek (const GstAfringWalk * self)
{
  struct tpacket3_hdr *header = (gpointer) (self->block + self->offset);
  gsize room = self->block_size - self->offset;
  guint64 end;                  /* of two numbers that can be anything */

  if (self->left == 0
      || G_UNLIKELY (self->offset + GST_AFRING_FRAME_HEADER_LENGTH >
          self->block_size
          || self->offset % GST_AFRING_PACKET_ALIGNMENT != 0))
    return NULL;
  end = (guint64) header->tp_mac + header->tp_snaplen;
  if (G_UNLIKELY (header->tp_mac < GST_AFRING_FRAME_HEADER_LENGTH
          || end > room))
    return NULL;
  /* what the last one says of a next one does not count */
  if (G_UNLIKELY (header->tp_next_offset < end
          || header->tp_next_offset > room) && self->left > 1)
    return NULL;
  return header;
}

/* Goes on behind what gst_afring_walk_peek() gave. */
static inline void
gst_afring_walk_pass (GstAfringWalk * self, const struct tpacket3_hdr *header)
{
  gsize next = header->tp_next_offset;
  /* Packets are mostly of a size: where the next but some will be. An address
   * outside the block does no harm. */
  const guint8 *ahead = (const guint8 *) header +
      GST_AFRING_WALK_PREFETCH * next;

  self->left--;
  self->offset += next;
  __builtin_prefetch (ahead);
  __builtin_prefetch (ahead + 64);
}

/* TRUE if the packet lies in the block as it was on the wire, and counts. */
static inline gboolean
gst_afring_walk_is_plain (const GstAfringWalk * self,
    const struct tpacket3_hdr *header)
{
  return !(header->tp_status & (TP_STATUS_VLAN_VALID |
          GST_AFRING_STATUS_RESTORED)) && !self->needs_work;
}

static inline void
gst_afring_walk_describe (const GstAfringWalk * self,
    struct tpacket3_hdr *header, GstAfringRecord * record)
{
  guint64 kept = self->snaplen;

  if (header->tp_status & TP_STATUS_VLAN_VALID)
    kept += self->tag_allowance;
  record->header = header;
  record->address = (gconstpointer) ((const guint8 *) header +
      TPACKET_ALIGN (sizeof (struct tpacket3_hdr)));
  record->data = (guint8 *) header + header->tp_mac;
  record->captured_length = MIN (header->tp_snaplen, kept);
  record->wire_length = header->tp_len;
}

/* FALSE at the end of the block, or where it is not what the kernel writes. Inline:
 * a reader that only looks at packets spends more on a call than on this. */
static inline gboolean
gst_afring_walk_next (GstAfringWalk * self, GstAfringRecord * record)
{
  struct tpacket3_hdr *header;

  do {
    header = gst_afring_walk_peek (self);
    if (G_UNLIKELY (header == NULL)) {
      if (self->left > 0)
        gst_afring_walk_stop_corrupt (self);
      return FALSE;
    }
    gst_afring_walk_pass (self, header);
  } while (!gst_afring_walk_is_plain (self, header)
      && !gst_afring_walk_restore (self, header));

  gst_afring_walk_describe (self, header, record);
  return TRUE;
}

/* The kernel has numbers beyond those of GstPacketType; they are UNKNOWN. */
static inline GstPacketType
gst_afring_record_get_packet_type (const GstAfringRecord * self)
{
  return self->address->sll_pkttype <= PACKET_OUTGOING ?
      (GstPacketType) self->address->sll_pkttype : GST_PACKET_TYPE_UNKNOWN;
}

static inline GstClockTime
gst_afring_record_get_capture_time (const GstAfringRecord * self)
{
  return self->header->tp_sec * GST_SECOND + self->header->tp_nsec;
}

#ifndef TP_STATUS_GSO_TCP
#define TP_STATUS_GSO_TCP (1 << 8)      /* since Linux 6.3 */
#endif

/* Those that the kernel tells by the status; VLAN is not among them. Mostly none. */
static inline GstPacketFlags
gst_afring_record_get_flags (const GstAfringRecord * self)
{
  guint32 status = self->header->tp_status;
  guint flags = GST_PACKET_FLAG_NONE;

  if (G_LIKELY (!(status & (TP_STATUS_CSUMNOTREADY | TP_STATUS_CSUM_VALID |
                  TP_STATUS_GSO_TCP | TP_STATUS_TS_RAW_HARDWARE))))
    return GST_PACKET_FLAG_NONE;
  if (status & TP_STATUS_CSUMNOTREADY)
    flags |= GST_PACKET_FLAG_CHECKSUM_NOT_READY;
  if (status & TP_STATUS_CSUM_VALID)
    flags |= GST_PACKET_FLAG_CHECKSUM_VALID;
  if (status & TP_STATUS_GSO_TCP)
    flags |= GST_PACKET_FLAG_GSO;
  if (status & TP_STATUS_TS_RAW_HARDWARE)
    flags |= GST_PACKET_FLAG_HARDWARE_TIMESTAMP;
  return (GstPacketFlags) flags;
}

/* Fills everything but network_offset. */
GST_AFRING_API
void         gst_afring_record_fill_meta (const GstAfringRecord *self,
                                       guint                  link_type,
                                       GstPacketMeta         *meta);

G_END_DECLS
