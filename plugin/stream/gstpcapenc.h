/* gst-afring: packets to a capture stream
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_PCAP_ENC (gst_pcap_enc_get_type ())
G_DECLARE_FINAL_TYPE (GstPcapEnc, gst_pcap_enc, GST, PCAP_ENC, GstElement)

GST_ELEMENT_REGISTER_DECLARE (pcapenc)

G_END_DECLS
