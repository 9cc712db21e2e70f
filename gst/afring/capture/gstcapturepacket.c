/* gst-afring: one captured packet, copied out of its source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstcapturepacket
 * @title: GstCapturePacket
 * @short_description: one captured packet, copied out of its source
 *
 * What gst_capture_source_next_packet() fills: the bytes from the link header
 * on, where the IP header starts among them, how long the packet was on the
 * wire and which way it went. A packet given to that function again is filled
 * again, without an allocation once it is big enough.
 */

#include "gstcapturepacket.h"
#include "gstcapturepacket-private.h"

#include <gio/gio.h>
#include <string.h>

#include "gstcaptureerror.h"

#define ETHERNET_LENGTH 14
#define IPV4_LENGTH 20
#define IPV6_LENGTH 40
#define PORTS_LENGTH 4
#define DEFAULT_TTL 64

struct _GstCapturePacket
{
  guint8 *payload;
  gsize length;
  gsize capacity;
  guint32 total_length;
  GstPacketType type;
  guint8 ip_offset;
  guint16 vlan_tci;
  guint16 vlan_tpid;
  guint32 interface_id;
  GstPacketFlags flags;
  GstClockTime capture_time;
  guint8 first[];               /* the room that it was made with */
};

/* G_DEFINE_BOXED_TYPE passes its functions through a union that ISO C does not
 * have */
GType
gst_capture_packet_get_type (void)
{
  static GType type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_boxed_type_register_static ("GstCapturePacket",
        (GBoxedCopyFunc) gst_capture_packet_copy,
        (GBoxedFreeFunc) gst_capture_packet_free);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static inline void
clear_details (GstCapturePacket * packet)
{
  packet->capture_time = GST_CLOCK_TIME_NONE;
  packet->interface_id = 0;
  packet->vlan_tci = packet->vlan_tpid = 0;
  packet->flags = GST_PACKET_FLAG_NONE;
}

static inline void
set_bytes (GstCapturePacket * packet, const guint8 * payload, gsize length)
{
  if (G_UNLIKELY (length > packet->capacity)) {
    if (packet->payload != packet->first)
      g_free (packet->payload);
    packet->payload = g_malloc (length);
    packet->capacity = length;
  }
  if (length > 0)
    memcpy (packet->payload, payload, length);
  packet->length = length;
}

/**
 * gst_capture_packet_new_sized:
 * @capacity: bytes of payload to make room for
 *
 * Makes an empty packet, to be filled again and again.
 *
 * Returns: (transfer full): an empty packet that can take @capacity bytes
 *   without another allocation
 */
GstCapturePacket *
gst_capture_packet_new_sized (gsize capacity)
{
  GstCapturePacket *packet = g_malloc (sizeof (GstCapturePacket) + capacity);

  packet->payload = packet->first;
  packet->length = 0;
  packet->capacity = capacity;
  packet->total_length = 0;
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->ip_offset = GST_CAPTURE_NO_IP_OFFSET;
  clear_details (packet);
  return packet;
}

/**
 * gst_capture_packet_set:
 * @packet: a #GstCapturePacket
 * @payload: (array length=length): bytes of the packet
 * @length: number of bytes
 * @type: direction
 * @total_length: bytes on the wire
 * @ip_offset: where in @payload the IP header starts, or
 *   %GST_CAPTURE_NO_IP_OFFSET
 *
 * Copies a packet's bytes in, in place of what @packet held. Nothing else is known of
 * it then: not its capture time, nor its interface, VLAN tag and flags.
 */
void
gst_capture_packet_set (GstCapturePacket * packet, const guint8 * payload,
    gsize length, GstPacketType type, guint32 total_length, guint8 ip_offset)
{
  g_return_if_fail (packet != NULL);
  g_return_if_fail (payload != NULL || length == 0);

  set_bytes (packet, payload, length);
  packet->type = type;
  packet->total_length = total_length;
  packet->ip_offset = ip_offset;
  clear_details (packet);
}

void
gst_capture_packet_set_view (GstCapturePacket * packet,
    const GstCaptureView * view)
{
  set_bytes (packet, view->payload, view->length);
  packet->type = view->type;
  packet->total_length = view->total_length;
  packet->ip_offset = view->ip_offset;
  packet->capture_time = view->capture_time;
  packet->interface_id = view->interface_id;
  packet->vlan_tci = view->vlan_tci;
  packet->vlan_tpid = view->vlan_tpid;
  packet->flags = view->flags;
}

/**
 * gst_capture_packet_new:
 * @payload: (array length=length): bytes of the packet, copied
 * @length: number of bytes
 * @type: direction
 * @total_length: bytes on the wire
 * @ip_offset: where in @payload the IP header starts, or
 *   %GST_CAPTURE_NO_IP_OFFSET
 *
 * Makes a packet of bytes, which are copied.
 *
 * Returns: (transfer full): a new packet
 */
GstCapturePacket *
gst_capture_packet_new (const guint8 * payload, gsize length,
    GstPacketType type, guint32 total_length, guint8 ip_offset)
{
  GstCapturePacket *packet;

  g_return_val_if_fail (payload != NULL || length == 0, NULL);

  packet = gst_capture_packet_new_sized (length);
  gst_capture_packet_set (packet, payload, length, type, total_length,
      ip_offset);
  return packet;
}

static guint16
ipv4_header_checksum (const guint8 * header)
{
  guint32 sum = 0;

  for (guint i = 0; i < IPV4_LENGTH; i += 2)
    sum += GST_READ_UINT16_BE (header + i);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum;
}

static void
fill_ipv4 (guint8 * ip, GInetAddress * src, GInetAddress * dst,
    guint8 protocol, guint ip_length)
{
  ip[0] = 0x45;
  GST_WRITE_UINT16_BE (ip + 2, MIN (ip_length, G_MAXUINT16));
  ip[8] = DEFAULT_TTL;
  ip[9] = protocol;
  memcpy (ip + 12, g_inet_address_to_bytes (src), 4);
  memcpy (ip + 16, g_inet_address_to_bytes (dst), 4);
  GST_WRITE_UINT16_BE (ip + 10, ipv4_header_checksum (ip));
}

static void
fill_ipv6 (guint8 * ip, GInetAddress * src, GInetAddress * dst,
    guint8 protocol, guint ip_length)
{
  guint payload_length = ip_length > IPV6_LENGTH ? ip_length - IPV6_LENGTH : 0;

  ip[0] = 0x60;
  GST_WRITE_UINT16_BE (ip + 4, MIN (payload_length, G_MAXUINT16));
  ip[6] = protocol;
  ip[7] = DEFAULT_TTL;
  memcpy (ip + 8, g_inet_address_to_bytes (src), 16);
  memcpy (ip + 24, g_inet_address_to_bytes (dst), 16);
}

/**
 * gst_capture_packet_build:
 * @src_ip: source address, IPv4 or IPv6, as text
 * @dst_ip: destination address of the same family
 * @src_port: source port; with either port 0 the packet has no ports
 * @dst_port: destination port
 * @protocol: IP protocol number
 * @extra: (array length=extra_length) (nullable): bytes after the ports
 * @extra_length: number of bytes in @extra
 * @type: direction
 * @total_length: bytes on the wire, link header included; 0 for as many as the
 *   packet has
 * @error: return location for a #GError
 *
 * Builds an Ethernet frame with an IP header and, if both ports are given, the
 * four bytes in which UDP and TCP have them. It is meant for tests and for mock
 * sources: the transport header is not complete.
 *
 * Returns: (transfer full) (nullable): a new packet, or %NULL with
 *   %GST_CAPTURE_ERROR_FAILED if the addresses are not two of one family
 */
GstCapturePacket *
gst_capture_packet_build (const gchar * src_ip, const gchar * dst_ip,
    guint16 src_port, guint16 dst_port, guint8 protocol,
    const guint8 * extra, gsize extra_length, GstPacketType type,
    guint32 total_length, GError ** error)
{
  g_autoptr (GInetAddress) src = g_inet_address_new_from_string (src_ip);
  g_autoptr (GInetAddress) dst = g_inet_address_new_from_string (dst_ip);
  GstCapturePacket *packet;
  gboolean v6, with_ports = src_port > 0 && dst_port > 0;
  gsize length, offset;
  guint ip_length;

  if (src == NULL || dst == NULL
      || g_inet_address_get_family (src) != g_inet_address_get_family (dst)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "\"%s\" and \"%s\" are not two IP addresses of one family", src_ip,
        dst_ip);
    return NULL;
  }

  v6 = g_inet_address_get_family (src) == G_SOCKET_FAMILY_IPV6;
  offset = ETHERNET_LENGTH + (v6 ? IPV6_LENGTH : IPV4_LENGTH);
  length = offset + (with_ports ? PORTS_LENGTH : 0) + extra_length;
  if (total_length == 0)
    total_length = length;
  ip_length = MAX (total_length, ETHERNET_LENGTH) - ETHERNET_LENGTH;

  packet = gst_capture_packet_new_sized (length);
  memset (packet->payload, 0, length);
  packet->length = length;
  packet->total_length = total_length;
  packet->type = type;
  packet->ip_offset = ETHERNET_LENGTH;

  GST_WRITE_UINT16_BE (packet->payload + 12, v6 ? 0x86dd : 0x0800);
  (v6 ? fill_ipv6 : fill_ipv4) (packet->payload + ETHERNET_LENGTH, src, dst,
      protocol, ip_length);
  if (with_ports) {
    GST_WRITE_UINT16_BE (packet->payload + offset, src_port);
    GST_WRITE_UINT16_BE (packet->payload + offset + 2, dst_port);
    offset += PORTS_LENGTH;
  }
  if (extra_length > 0)
    memcpy (packet->payload + offset, extra, extra_length);
  return packet;
}

/**
 * gst_capture_packet_copy:
 * @packet: a #GstCapturePacket
 *
 * Copies all of a packet.
 *
 * Returns: (transfer full): a packet with bytes of its own
 */
GstCapturePacket *
gst_capture_packet_copy (const GstCapturePacket * packet)
{
  GstCapturePacket *copy;

  g_return_val_if_fail (packet != NULL, NULL);

  copy = gst_capture_packet_new (packet->payload, packet->length, packet->type,
      packet->total_length, packet->ip_offset);
  copy->capture_time = packet->capture_time;
  copy->interface_id = packet->interface_id;
  copy->vlan_tci = packet->vlan_tci;
  copy->vlan_tpid = packet->vlan_tpid;
  copy->flags = packet->flags;
  return copy;
}

/**
 * gst_capture_packet_free:
 * @packet: (transfer full) (nullable): a #GstCapturePacket
 *
 * Frees a packet; %NULL is none.
 */
void
gst_capture_packet_free (GstCapturePacket * packet)
{
  if (packet == NULL)
    return;
  if (packet->payload != packet->first)
    g_free (packet->payload);
  g_free (packet);
}

/**
 * gst_capture_packet_get_payload:
 * @packet: a #GstCapturePacket
 * @length: (out): number of bytes
 *
 * Its bytes from the link header on, as far as they were captured.
 *
 * Returns: (array length=length) (transfer none): the packet from its link
 *   header on
 */
const guint8 *
gst_capture_packet_get_payload (const GstCapturePacket * packet, gsize * length)
{
  g_return_val_if_fail (packet != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  *length = packet->length;
  return packet->payload;
}

/**
 * gst_capture_packet_get_ip_layer:
 * @packet: a #GstCapturePacket
 * @length: (out): number of bytes; 0 if there is no IP layer
 *
 * Its bytes from the IP header on.
 *
 * Returns: (array length=length) (transfer none) (nullable): the packet from
 *   its IP header on, or %NULL if it has none
 */
const guint8 *
gst_capture_packet_get_ip_layer (const GstCapturePacket * packet,
    gsize * length)
{
  g_return_val_if_fail (packet != NULL, NULL);
  g_return_val_if_fail (length != NULL, NULL);

  if (packet->ip_offset == GST_CAPTURE_NO_IP_OFFSET
      || packet->ip_offset > packet->length) {
    *length = 0;
    return NULL;
  }
  *length = packet->length - packet->ip_offset;
  return packet->payload + packet->ip_offset;
}

/**
 * gst_capture_packet_get_total_length:
 * @packet: a #GstCapturePacket
 *
 * Bytes that it had on the wire.
 *
 * Returns: bytes that the packet had on the wire
 */
guint32
gst_capture_packet_get_total_length (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, 0);

  return packet->total_length;
}

/**
 * gst_capture_packet_get_length:
 * @packet: a #GstCapturePacket
 *
 * Bytes that it has, which the snaplen can have cut.
 *
 * Returns: bytes that were captured: at most the snaplen
 */
gsize
gst_capture_packet_get_length (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, 0);

  return packet->length;
}

/**
 * gst_capture_packet_get_ip_offset:
 * @packet: a #GstCapturePacket
 *
 * Where in its bytes the IP header starts.
 *
 * Returns: where in the payload the IP header starts, or
 *   %GST_CAPTURE_NO_IP_OFFSET
 */
guint8
gst_capture_packet_get_ip_offset (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, GST_CAPTURE_NO_IP_OFFSET);

  return packet->ip_offset;
}

/**
 * gst_capture_packet_get_packet_type:
 * @packet: a #GstCapturePacket
 *
 * Where it was going: to this machine, out of it, to others.
 *
 * Returns: which way the packet went
 */
GstPacketType
gst_capture_packet_get_packet_type (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, GST_PACKET_TYPE_UNKNOWN);

  return packet->type;
}

/**
 * gst_capture_packet_get_capture_time:
 * @packet: a #GstCapturePacket
 *
 * When the kernel, or the network adapter, saw it; of a file, what that says.
 *
 * Returns: when the packet was captured, nanoseconds since 1970-01-01 UTC;
 *   %GST_CLOCK_TIME_NONE if that is not known
 */
GstClockTime
gst_capture_packet_get_capture_time (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, GST_CLOCK_TIME_NONE);

  return packet->capture_time;
}

/**
 * gst_capture_packet_get_interface_id:
 * @packet: a #GstCapturePacket
 *
 * Which interface it came by: the ifindex of a live capture, the number in a pcapng
 * file.
 *
 * Returns: the kernel's index of the interface (ifindex) for a packet that was
 *   captured, the number of the interface in the file for one that was read from
 *   pcapng; else 0
 */
guint32
gst_capture_packet_get_interface_id (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, 0);

  return packet->interface_id;
}

/**
 * gst_capture_packet_get_vlan:
 * @packet: a #GstCapturePacket
 * @tci: (out) (optional): tag control information of the outermost VLAN tag, in host
 *   byte order: 3 bits of priority, 1 bit of drop eligibility, 12 bits of VLAN id
 * @tpid: (out) (optional): its EtherType, 0x8100 or 0x88a8
 *
 * Its outermost VLAN tag (IEEE 802.1Q), which the kernel has taken out of its bytes.
 *
 * Returns: %FALSE if the packet has no VLAN tag; then both are 0
 */
gboolean
gst_capture_packet_get_vlan (const GstCapturePacket * packet, guint16 * tci,
    guint16 * tpid)
{
  g_return_val_if_fail (packet != NULL, FALSE);

  if (tci != NULL)
    *tci = packet->vlan_tci;
  if (tpid != NULL)
    *tpid = packet->vlan_tpid;
  return (packet->flags & GST_PACKET_FLAG_VLAN) != 0;
}

/**
 * gst_capture_packet_get_flags:
 * @packet: a #GstCapturePacket
 *
 * What else is known of it: that its checksum is good, or not filled in yet, and so
 * on.
 *
 * Returns: what the kernel, or the file, says of the packet
 */
GstPacketFlags
gst_capture_packet_get_flags (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, GST_PACKET_FLAG_NONE);

  return packet->flags;
}

/**
 * gst_capture_packet_is_inbound:
 * @packet: a #GstCapturePacket
 *
 * Whether it came in: anything but what this machine sent.
 *
 * Returns: %TRUE unless this host sent the packet
 */
gboolean
gst_capture_packet_is_inbound (const GstCapturePacket * packet)
{
  g_return_val_if_fail (packet != NULL, FALSE);

  return packet->type != GST_PACKET_TYPE_OUTGOING;
}
