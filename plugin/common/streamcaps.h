/* gst-afring: the caps of packets and of capture streams
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define PACKET_MEDIA_TYPE "application/x-packet"
#define PCAP_MEDIA_TYPE "raw/x-pcap"
#define PCAPNG_MEDIA_TYPE "application/x-pcapng"

#define PACKET_TEMPLATE_CAPS \
    PACKET_MEDIA_TYPE ", link-type = (int) [ 0, 65535 ]"

/* One packet to a buffer. */
GstCaps * stream_caps_new_packets (guint        link_type);

/* Of the packets that come, as the caps in @event say it. FALSE: they do not. */
gboolean  stream_caps_parse_link_type (GstEvent *event,
                                   gint        *link_type);

/* Of a stream that begins with @header, as do a new file and a new client. */
GstCaps * stream_caps_new         (const gchar *media_type,
                                   GstBuffer   *header);

G_END_DECLS
