/* gst-afring: the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_PCAP_SINK (gst_pcap_sink_get_type ())
G_DECLARE_FINAL_TYPE (GstPcapSink, gst_pcap_sink, GST, PCAP_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE (pcapsink)

G_END_DECLS
