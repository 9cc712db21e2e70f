/* gst-afring: many capture files as one timeline
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PCAP_SRC (gst_pcap_src_get_type ())
G_DECLARE_FINAL_TYPE (GstPcapSrc, gst_pcap_src, GST, PCAP_SRC, GstElement)

GST_ELEMENT_REGISTER_DECLARE (pcapsrc);

G_END_DECLS
