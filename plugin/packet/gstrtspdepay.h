/* gst-afring: RTP out of a connection of RTSP
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_RTSP_DEPAY (gst_rtsp_depay_get_type ())
G_DECLARE_FINAL_TYPE (GstRtspDepay, gst_rtsp_depay, GST, RTSP_DEPAY,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (rtspdepay)

G_END_DECLS
