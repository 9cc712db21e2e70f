/* gst-afring: caps of RTP flows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "rtpprobe.h"

G_BEGIN_DECLS

/* application/x-rtp with the SSRC and the payload type of @probe, the fields of
 * @asked, and, if that does not name the encoding, those that RFC 3551 gives to
 * the payload type and those of @fixed. Both can be NULL; of several structures
 * that one counts which has the payload type, or none. */
GstCaps * rtp_caps_new (const RtpProbe *probe,
                        const GstCaps  *asked,
                        const GstCaps  *fixed);

G_END_DECLS
