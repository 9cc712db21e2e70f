/* gst-afring: the header of an RTP packet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpheader.h"

#define VERSION 2
#define EXTENSION 0x10
#define SHORTEST_REPORT 8

/* RFC 5761 section 4: what is a packet type of RTCP, and what no RTP packet beside it
 * has as marker and payload type. */
static gboolean
is_report_type (guint8 byte)
{
  return byte >= 192 && byte <= 223;
}

gboolean
rtp_header_read (RtpHeader * self, const guint8 * data, gsize size)
{
  gsize length;

  if (size < RTP_HEADER_SIZE || data[0] >> 6 != VERSION
      || is_report_type (data[1]))
    return FALSE;
  length = RTP_HEADER_SIZE + 4 * (data[0] & 0xf);
  if (data[0] & EXTENSION) {
    if (length + 4 > size)
      return FALSE;
    length += 4 + 4 * GST_READ_UINT16_BE (data + length + 2);
  }
  if (length > size)
    return FALSE;
  self->payload_type = data[1] & 0x7f;
  self->seqnum = GST_READ_UINT16_BE (data + 2);
  self->timestamp = GST_READ_UINT32_BE (data + 4);
  self->ssrc = GST_READ_UINT32_BE (data + 8);
  return TRUE;
}

gboolean
rtcp_header_read (guint32 * ssrc, const guint8 * data, gsize size)
{
  gsize length;

  if (size < SHORTEST_REPORT || data[0] >> 6 != VERSION
      || !is_report_type (data[1]))
    return FALSE;
  length = 4 * (GST_READ_UINT16_BE (data + 2) + 1);
  if (length < SHORTEST_REPORT || length > size)
    return FALSE;
  *ssrc = GST_READ_UINT32_BE (data + 4);
  return TRUE;
}
