/* gst-afring: STUN, and data that TURN carries
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A part of a payload. */
typedef struct
{
  gsize offset;
  gsize size;
} PayloadPart;

/* RFC 8489, or RFC 3489, which has no cookie. */
gboolean stun_message_check     (const guint8 *data,
                                 gsize         size);

/* RFC 8656 sections 11.5 and 11.6: the payload in a Send or Data indication. Nothing
 * else has its cookie, length and attributes. */
gboolean stun_message_open      (const guint8 *data,
                                 gsize         size,
                                 PayloadPart  *part);

/* Section 12.4: what ChannelData carries. Its header is a number and a length, which
 * others can have by chance. */
gboolean turn_channel_open      (const guint8 *data,
                                 gsize         size,
                                 PayloadPart  *part,
                                 guint16      *channel);

G_END_DECLS
