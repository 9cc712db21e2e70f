/* gst-afring: packets from a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturesource.h>

G_BEGIN_DECLS

#define GST_TYPE_PCAP_SOURCE (gst_pcap_source_get_type ())
GST_AFRING_API
G_DECLARE_FINAL_TYPE (GstPcapSource, gst_pcap_source, GST, PCAP_SOURCE, GObject)

GST_AFRING_API
GstPcapSource * gst_pcap_source_new (const gchar  *location,
                                     GError      **error);

G_END_DECLS
