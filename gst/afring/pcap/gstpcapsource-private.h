/* gst-afring: what the mock element uses of a pcap source (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>
#include <gst/afring/pcap/gstpcapsource.h>

G_BEGIN_DECLS

/* The next packet with its time, valid until the next call. Errors as those of
 * gst_capture_source_next_packet(). */
GST_AFRING_API
gboolean gst_pcap_source_next (GstPcapSource  *self,
                               GstPcapPacket  *packet,
                               GError        **error);

G_END_DECLS
