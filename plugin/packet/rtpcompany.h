/* gst-afring: what comes on a port of RTP beside it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Whether a payload is one that media is often found behind: what sets up its way
 * (STUN, TURN, DTLS, ZRTP), keeps it open, or goes before it (UDPTL). */
gboolean rtp_company_is_known (const guint8 *data,
                               gsize         size);

G_END_DECLS
