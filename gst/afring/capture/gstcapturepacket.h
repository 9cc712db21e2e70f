/* gst-afring: one captured packet, copied out of its source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GstPacketType:
 * @GST_PACKET_TYPE_HOST: addressed to this host
 * @GST_PACKET_TYPE_BROADCAST: sent to all on the link
 * @GST_PACKET_TYPE_MULTICAST: sent to a group
 * @GST_PACKET_TYPE_OTHERHOST: addressed to another host, seen because the
 *   interface is promiscuous
 * @GST_PACKET_TYPE_OUTGOING: sent by this host
 * @GST_PACKET_TYPE_UNKNOWN: the source does not tell
 *
 * Where a packet was going, as the kernel saw it (the PACKET_ numbers of
 * linux/if_packet.h).
 */
typedef enum
{
  GST_PACKET_TYPE_HOST = 0,
  GST_PACKET_TYPE_BROADCAST = 1,
  GST_PACKET_TYPE_MULTICAST = 2,
  GST_PACKET_TYPE_OTHERHOST = 3,
  GST_PACKET_TYPE_OUTGOING = 4,
  GST_PACKET_TYPE_UNKNOWN = 255
} GstPacketType;

/**
 * GstPacketFlags:
 * @GST_PACKET_FLAG_NONE: none of the below
 * @GST_PACKET_FLAG_VLAN: the packet has a VLAN tag; `vlan_tci` and `vlan_tpid`
 *   are valid
 * @GST_PACKET_FLAG_CHECKSUM_NOT_READY: the transport checksum in the bytes is
 *   not filled in yet, because a device was to do it (checksum offload)
 * @GST_PACKET_FLAG_CHECKSUM_VALID: the transport checksum has been verified
 * @GST_PACKET_FLAG_GSO: several packets of the wire in one, put together by
 *   receive offload or not yet cut by send offload
 * @GST_PACKET_FLAG_HARDWARE_TIMESTAMP: the capture time is that of the network
 *   adapter's own clock
 * @GST_PACKET_FLAG_VLAN_RESTORED: the kernel had the outermost VLAN tag beside the
 *   bytes, as of what it receives; it was put back to where it stood on the wire.
 *   Filters see such a packet without it, as a live capture of tcpdump does
 * @GST_PACKET_FLAG_MADE_HEADER: the link header was not on the wire, but was made by the
 *   capture (on `any`). Filters do not count it in the packet's length, as a live capture
 *   of tcpdump does not
 * @GST_PACKET_FLAG_TUNNEL: the packet was taken out of a tunnel; which one says its
 *   #GstPacketTunnelMeta
 *
 * What the kernel says of a packet.
 */
typedef enum
{
  GST_PACKET_FLAG_NONE = 0,
  GST_PACKET_FLAG_VLAN = (1 << 0),
  GST_PACKET_FLAG_CHECKSUM_NOT_READY = (1 << 1),
  GST_PACKET_FLAG_CHECKSUM_VALID = (1 << 2),
  GST_PACKET_FLAG_GSO = (1 << 3),
  GST_PACKET_FLAG_HARDWARE_TIMESTAMP = (1 << 4),
  GST_PACKET_FLAG_VLAN_RESTORED = (1 << 5),
  GST_PACKET_FLAG_MADE_HEADER = (1 << 6),
  GST_PACKET_FLAG_TUNNEL = (1 << 7)
} GstPacketFlags;

/**
 * GST_CAPTURE_NO_IP_OFFSET:
 *
 * The IP offset of a packet that has no IP header.
 */
#define GST_CAPTURE_NO_IP_OFFSET 255

#define GST_TYPE_CAPTURE_PACKET (gst_capture_packet_get_type ())

/**
 * GstCapturePacket:
 *
 * A packet that owns its bytes. Opaque; not thread-safe.
 */
typedef struct _GstCapturePacket GstCapturePacket;

GST_AFRING_API
GType             gst_capture_packet_get_type         (void);

GST_AFRING_API
GstCapturePacket *gst_capture_packet_new              (const guint8           *payload,
                                                       gsize                   length,
                                                       GstPacketType           type,
                                                       guint32                 total_length,
                                                       guint8                  ip_offset);

GST_AFRING_API
GstCapturePacket *gst_capture_packet_build            (const gchar            *src_ip,
                                                       const gchar            *dst_ip,
                                                       guint16                 src_port,
                                                       guint16                 dst_port,
                                                       guint8                  protocol,
                                                       const guint8           *extra,
                                                       gsize                   extra_length,
                                                       GstPacketType           type,
                                                       guint32                 total_length,
                                                       GError                **error);

GST_AFRING_API
GstCapturePacket *gst_capture_packet_new_sized        (gsize                   capacity);

GST_AFRING_API
GstCapturePacket *gst_capture_packet_copy             (const GstCapturePacket *packet);

GST_AFRING_API
void              gst_capture_packet_free             (GstCapturePacket       *packet);

GST_AFRING_API
void              gst_capture_packet_set              (GstCapturePacket       *packet,
                                                       const guint8           *payload,
                                                       gsize                   length,
                                                       GstPacketType           type,
                                                       guint32                 total_length,
                                                       guint8                  ip_offset);

GST_AFRING_API
const guint8 *    gst_capture_packet_get_payload      (const GstCapturePacket *packet,
                                                       gsize                  *length);

GST_AFRING_API
const guint8 *    gst_capture_packet_get_ip_layer     (const GstCapturePacket *packet,
                                                       gsize                  *length);

GST_AFRING_API
guint32           gst_capture_packet_get_total_length (const GstCapturePacket *packet);

GST_AFRING_API
gsize             gst_capture_packet_get_length       (const GstCapturePacket *packet);

GST_AFRING_API
guint8            gst_capture_packet_get_ip_offset    (const GstCapturePacket *packet);

GST_AFRING_API
GstPacketType     gst_capture_packet_get_packet_type  (const GstCapturePacket *packet);

GST_AFRING_API
GstClockTime      gst_capture_packet_get_capture_time (const GstCapturePacket *packet);

GST_AFRING_API
guint32           gst_capture_packet_get_interface_id (const GstCapturePacket *packet);

GST_AFRING_API
gboolean          gst_capture_packet_get_vlan         (const GstCapturePacket *packet,
                                                       guint16                *tci,
                                                       guint16                *tpid);

GST_AFRING_API
GstPacketFlags    gst_capture_packet_get_flags        (const GstCapturePacket *packet);

GST_AFRING_API
gboolean          gst_capture_packet_is_inbound       (const GstCapturePacket *packet);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstCapturePacket, gst_capture_packet_free)

G_END_DECLS
