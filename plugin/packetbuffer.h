/* gst-afring: a packet as a buffer, and as a record of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* Fills in all but the data of a packet of @link_type that has @size bytes. */
void packet_buffer_describe (GstBuffer     *buffer,
                             guint32        link_type,
                             gsize          size,
                             GstPcapPacket *packet);

G_END_DECLS
