/* gst-afring: what a TCP header says of the bytes behind it (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketparser.h>

G_BEGIN_DECLS

/* RFC 9293 section 3.1, which names them so. */
typedef enum
{
  GST_TCP_FIN = 1 << 0,
  GST_TCP_SYN = 1 << 1,
  GST_TCP_RST = 1 << 2,
  GST_TCP_ACK = 1 << 4
} GstTcpFlags;

typedef struct
{
  guint32 sequence;             /* of the first byte of data, behind a SYN */
  guint32 acknowledged;         /* with GST_TCP_ACK */
  gsize length;                 /* of the data on the wire */
  gsize captured;               /* of these, the first ones that are there */
  GstTcpFlags flags;
  GstClockTime time;            /* when it was captured, for who keeps it */
} GstTcpSegment;

/* Of a packet that gst_packet_parse() has found to be TCP, with all of its TCP header;
 * of its payload @available bytes of the packet and no more are there. */
static inline void
gst_tcp_segment_read (GstTcpSegment * self, const guint8 * data,
    gsize available, const GstPacketHeaders * headers)
{
  const guint8 *tcp = data + headers->transport;

  self->time = GST_CLOCK_TIME_NONE;
  self->flags = (GstTcpFlags) (tcp[13] & (GST_TCP_FIN | GST_TCP_SYN |
          GST_TCP_RST | GST_TCP_ACK));
  self->sequence = GST_READ_UINT32_BE (tcp + 4);
  /* it stands for a byte of its own, before the data */
  if (self->flags & GST_TCP_SYN)
    self->sequence++;
  self->acknowledged = GST_READ_UINT32_BE (tcp + 8);
  self->length = headers->end - headers->payload;
  self->captured = MIN (headers->end, available) - headers->payload;
}

G_END_DECLS
