/* gst-afring: what is known of a packet besides its bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturepacket.h>

G_BEGIN_DECLS

/**
 * GstPacketMeta:
 * @meta: the parent structure
 * @capture_time: nanoseconds since 1970-01-01 UTC, or %GST_CLOCK_TIME_NONE
 * @wire_length: bytes on the wire; more than the buffer has if the packet was
 *   cut by the snaplen
 * @interface_id: kernel ifindex of a live capture, interface number within a
 *   pcapng file
 * @packet_type: where the packet was going
 * @network_offset: where in the buffer the IP header starts, VLAN tags counted;
 *   255 if there is none
 * @vlan_tci: tag control information of the outermost VLAN tag, host byte order
 * @vlan_tpid: its EtherType, 0x8100 or 0x88a8
 * @rx_hash: the flow hash that the kernel gave, 0 if it gave none
 * @flags: what else is known
 *
 * On every buffer of `application/x-packet`. It survives copies; a copy of a
 * part of the buffer that does not keep its start has @network_offset counted
 * from the new start.
 */
typedef struct
{
  GstMeta meta;

  GstClockTime capture_time;
  guint32 wire_length;
  guint32 interface_id;
  GstPacketType packet_type;
  guint8 network_offset;
  guint16 vlan_tci;
  guint16 vlan_tpid;
  guint32 rx_hash;
  GstPacketFlags flags;
} GstPacketMeta;

#define GST_PACKET_META_API_TYPE (gst_packet_meta_api_get_type ())
#define GST_PACKET_META_INFO (gst_packet_meta_get_info ())

GST_AFRING_API
GType               gst_packet_meta_api_get_type (void);

GST_AFRING_API
const GstMetaInfo * gst_packet_meta_get_info     (void);

GST_AFRING_API
GstPacketMeta *     gst_buffer_add_packet_meta   (GstBuffer *buffer);

GST_AFRING_API
GstPacketMeta *     gst_buffer_get_packet_meta   (GstBuffer *buffer);

G_END_DECLS
