/* gst-afring: packets that have come before are left out
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PACKET_DEDUP (gst_packet_dedup_get_type ())
G_DECLARE_FINAL_TYPE (GstPacketDedup, gst_packet_dedup, GST, PACKET_DEDUP,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (packetdedup)

G_END_DECLS
