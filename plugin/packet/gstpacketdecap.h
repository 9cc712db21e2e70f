/* gst-afring: packets out of tunnels
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PACKET_DECAP (gst_packet_decap_get_type ())
G_DECLARE_FINAL_TYPE (GstPacketDecap, gst_packet_decap, GST, PACKET_DECAP,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (packetdecap)

G_END_DECLS
