/* gst-afring: traffic as a picture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PACKET_SCOPE (gst_packet_scope_get_type ())
G_DECLARE_FINAL_TYPE (GstPacketScope, gst_packet_scope, GST, PACKET_SCOPE,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (packetscope)

G_END_DECLS
