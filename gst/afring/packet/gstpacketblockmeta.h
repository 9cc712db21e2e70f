/* gst-afring: what is known of a block of packets besides its bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturepacket.h>

G_BEGIN_DECLS

/**
 * GstPacketBlockMeta:
 * @meta: the parent structure
 * @packets: how many packets are in the buffer
 * @first_time: capture time of the first packet, nanoseconds since 1970-01-01 UTC
 * @last_time: capture time of the last packet
 *
 * On a buffer of `application/x-pcapng` that is a block of a capture ring. Whoever
 * stores blocks knows by it what is in one without reading it. It survives copies
 * of the whole buffer, and no others.
 */
typedef struct
{
  GstMeta meta;

  guint32 packets;
  GstClockTime first_time;
  GstClockTime last_time;
} GstPacketBlockMeta;

#define GST_PACKET_BLOCK_META_API_TYPE (gst_packet_block_meta_api_get_type ())
#define GST_PACKET_BLOCK_META_INFO (gst_packet_block_meta_get_info ())

GST_AFRING_API
GType                gst_packet_block_meta_api_get_type (void);

GST_AFRING_API
const GstMetaInfo *  gst_packet_block_meta_get_info     (void);

GST_AFRING_API
GstPacketBlockMeta * gst_buffer_add_packet_block_meta   (GstBuffer    *buffer,
                                                         guint32       packets,
                                                         GstClockTime  first_time,
                                                         GstClockTime  last_time);

GST_AFRING_API
GstPacketBlockMeta * gst_buffer_get_packet_block_meta   (GstBuffer    *buffer);

G_END_DECLS
