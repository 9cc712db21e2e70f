/* gst-afring: the header of an RTP packet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define RTP_HEADER_SIZE 12

/* RFC 3550 section 5.1, as far as it is never encrypted. */
typedef struct
{
  guint32 ssrc;
  guint32 timestamp;
  guint16 seqnum;
  guint8 payload_type;
} RtpHeader;

/* FALSE if it cannot be one. Padding is not looked at: SRTP encrypts how much of it
 * there is. */
gboolean rtp_header_read          (RtpHeader    *self,
                                   const guint8 *data,
                                   gsize         size);

/* Whether it can be a report (RFC 3550 section 6), encrypted or not: of those in it only
 * the first 8 bytes are ever plain. */
gboolean rtcp_header_read         (guint32      *ssrc,
                                   const guint8 *data,
                                   gsize         size);

/* Payload types that fill silence beside others: RFC 3551 section 6. */
static inline gboolean
rtp_payload_type_is_noise (guint8 payload_type)
{
  return payload_type == 13 || payload_type == 19;
}

G_END_DECLS
