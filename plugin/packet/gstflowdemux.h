/* gst-afring: packets to one pad for each flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_FLOW_DEMUX (gst_flow_demux_get_type ())
G_DECLARE_FINAL_TYPE (GstFlowDemux, gst_flow_demux, GST, FLOW_DEMUX, GstElement)

GST_ELEMENT_REGISTER_DECLARE (flowdemux)

G_END_DECLS
