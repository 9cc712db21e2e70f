/* gst-afring: packets that match an expression
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PACKET_FILTER (gst_packet_filter_get_type ())
G_DECLARE_FINAL_TYPE (GstPacketFilter, gst_packet_filter, GST, PACKET_FILTER,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (packetfilter)

G_END_DECLS
