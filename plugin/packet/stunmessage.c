/* gst-afring: STUN, and data that TURN carries
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stunmessage.h"

#define HEADER_SIZE 20
#define COOKIE 0x2112a442       /* RFC 8489 section 5 */

#define SEND_INDICATION 0x0016
#define DATA_INDICATION 0x0017
#define ATTRIBUTE_DATA 0x0013

#define CHANNEL_HEADER 4
#define FIRST_CHANNEL 0x4000    /* RFC 8656 section 12 */
#define LAST_CHANNEL 0x4fff

static gboolean
has_cookie (const guint8 * data)
{
  return GST_READ_UINT32_BE (data + 4) == COOKIE;
}

/* RFC 3489 section 11.1: requests, responses and errors of its two methods. */
static gboolean
is_old (const guint8 * data, gsize size)
{
  guint method = data[1] & 0xf, kind = data[0] << 8 | (data[1] & 0xf0);

  return (method == 1 || method == 2)
      && (kind == 0 || kind == 0x100 || kind == 0x110)
      && (gsize) GST_READ_UINT16_BE (data + 2) + HEADER_SIZE == size
      && size % 4 == 0;
}

gboolean
stun_message_check (const guint8 * data, gsize size)
{
  return size >= HEADER_SIZE && data[0] < 0x40
      && (has_cookie (data) || is_old (data, size));
}

gboolean
stun_message_open (const guint8 * data, gsize size, PayloadPart * part)
{
  guint16 type;
  gsize at = HEADER_SIZE;

  if (size < HEADER_SIZE || data[0] != 0)
    return FALSE;
  type = GST_READ_UINT16_BE (data);
  if ((type != SEND_INDICATION && type != DATA_INDICATION)
      || !has_cookie (data)
      || (gsize) GST_READ_UINT16_BE (data + 2) + HEADER_SIZE != size)
    return FALSE;
  while (at + 4 <= size) {
    gsize length = GST_READ_UINT16_BE (data + at + 2);

    if (length > size - at - 4)
      return FALSE;
    if (GST_READ_UINT16_BE (data + at) == ATTRIBUTE_DATA) {
      part->offset = at + 4;
      part->size = length;
      return TRUE;
    }
    at += 4 + GST_ROUND_UP_4 (length);
  }
  return FALSE;
}

gboolean
turn_channel_open (const guint8 * data, gsize size, PayloadPart * part,
    guint16 * channel)
{
  gsize length;

  if (size < CHANNEL_HEADER || data[0] >> 4 != FIRST_CHANNEL >> 12)
    return FALSE;
  length = GST_READ_UINT16_BE (data + 2);
  /* padding need not be there over UDP */
  if (size - CHANNEL_HEADER != length
      && size - CHANNEL_HEADER != GST_ROUND_UP_4 (length))
    return FALSE;
  *channel = GST_READ_UINT16_BE (data);
  part->offset = CHANNEL_HEADER;
  part->size = length;
  return *channel <= LAST_CHANNEL;
}
