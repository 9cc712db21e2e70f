/* gst-afring: what comes on a port of RTP beside it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpcompany.h"
#include "stunmessage.h"

#define KEEP_ALIVE 4            /* bytes: nothing, or CRLF twice (RFC 5626) */

/* RFC 6189 section 5: a preamble, and a cookie where RTP has its timestamp. */
#define ZRTP_COOKIE 0x5a525450

/* Longer packets of fax do not come first. */
#define LONGEST_UDPTL 128

/* RFC 7983 */
static gboolean
is_dtls (const guint8 * data, gsize size)
{
  /* a content type and a version, 1.0 to 1.3 */
  return size >= 13 && data[0] >= 20 && data[0] < 64 && data[1] == 0xfe
      && data[2] >= 0xfc;
}

static gboolean
is_zrtp (const guint8 * data, gsize size)
{
  return size >= 12 && data[0] >> 4 == 1
      && GST_READ_UINT32_BE (data + 4) == ZRTP_COOKIE;
}

/* A voice client asks its server for its own address: a type, 1 or 2, a length, and so
 * many bytes; the server answers the same. */
static gboolean
is_discovery (const guint8 * data, gsize size)
{
  guint16 type = size > 4 ? GST_READ_UINT16_BE (data) : 0;

  return (type == 1 || type == 2)
      && (gsize) GST_READ_UINT16_BE (data + 2) + 4 == size;
}

/* ITU-T T.38 section 9.1: a number, a packet with its length, and packets or parity to
 * recover earlier ones. A call begins with small numbers. */
static gboolean
is_udptl (const guint8 * data, gsize size)
{
  return size >= 6 && size <= LONGEST_UDPTL && data[0] == 0 && data[2] > 0
      && data[2] < 0x80 && (gsize) data[2] + 3 + 2 <= size
      && (data[3 + data[2]] & 0x3f) == 0;
}

gboolean
rtp_company_is_known (const guint8 * data, gsize size)
{
  return size <= KEEP_ALIVE || stun_message_check (data, size)
      || is_dtls (data, size) || is_zrtp (data, size)
      || is_discovery (data, size) || is_udptl (data, size);
}
