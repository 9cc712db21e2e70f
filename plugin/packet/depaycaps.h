/* gst-afring: caps of what packetdepay gives on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetselection.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* What packetdepay has on its pad: @said if that is not NULL, or what must be so with
 * that layer, or what downstream takes if that is one thing, or octets. NULL, and an
 * error on the bus, if downstream takes something else, of which only who made the
 * pipeline knows what it is. */
GstCaps * depay_caps_choose (GstElement    *element,
                             GstPad        *src_pad,
                             PacketLayer    layer,
                             const GstCaps *said);

G_END_DECLS
