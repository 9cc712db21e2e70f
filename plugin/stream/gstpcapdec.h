/* gst-afring: a capture stream to packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PCAP_DEC (gst_pcap_dec_get_type ())
G_DECLARE_FINAL_TYPE (GstPcapDec, gst_pcap_dec, GST, PCAP_DEC, GstElement)

GST_ELEMENT_REGISTER_DECLARE (pcapdec)

G_END_DECLS
