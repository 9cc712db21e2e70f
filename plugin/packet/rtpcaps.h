/* gst-afring: caps of RTP flows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* application/x-rtp with an SSRC and a payload type, the fields of
 * @asked, and, if that does not name the encoding, those that RFC 3551 gives to
 * the payload type and those of @fixed. Both can be NULL; of several structures
 * that one counts which has the payload type, or none. */
GstCaps * rtp_caps_new (guint32         ssrc,
                        guint8          payload_type,
                        const GstCaps  *asked,
                        const GstCaps  *fixed);

G_END_DECLS
