/* gst-afring: packets to payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PACKET_DEPAY (gst_packet_depay_get_type ())
G_DECLARE_FINAL_TYPE (GstPacketDepay, gst_packet_depay, GST, PACKET_DEPAY,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (packetdepay)

G_END_DECLS
