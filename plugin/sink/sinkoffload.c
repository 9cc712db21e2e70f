/* gst-afring: what the kernel is to do to a frame before it leaves
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkoffload.h"

#include <gst/afring/packet/gstpacketparser.h>
#include <linux/if_ether.h>
#include <string.h>

#define VLAN_TAG 4
#define IPV6_HEADER 40
#define IPV6_FRAGMENT_HEADER 8
#define TCP_CHECKSUM_AT 16
#define UDP_CHECKSUM_AT 6
#define TCP_FLAGS_AT 13
#define TCP_CWR 0x80

/* Bytes of a frame at most. An 802.1Q tag does not count against the MTU, one of 802.1ad
 * does (af_packet.c, packet_extra_vlan_len_allowed). */
static gsize
get_limit (const SinkOffload * self, const SinkFrame * frame)
{
  const guint8 *start = frame->head_length > 0 ? frame->head : frame->rest;

  if (!self->ethernet)
    return self->mtu;
  return self->mtu + ETH_HLEN
      + (GST_READ_UINT16_BE (start + 12) == ETH_P_8021Q ? VLAN_TAG : 0);
}

static guint32
add_words (guint32 sum, const guint8 * data, gsize length)
{
  for (gsize i = 0; i < length; i += 2)
    sum += GST_READ_UINT16_BE (data + i);
  return sum;
}

/* RFC 9293, 3.1, and RFC 8200, 8.1: not inverted, as Linux leaves it for devices. */
static guint16
get_pseudo_sum (const GstPacketHeaders * headers)
{
  gsize length = gst_packet_headers_get_address_length (headers);
  gsize transport_length = headers->end - headers->transport;
  guint32 sum = headers->protocol + (transport_length >> 16)
      + (transport_length & 0xffff);

  sum = add_words (sum, headers->src, length);
  sum = add_words (sum, headers->dst, length);
  sum = (sum >> 16) + (sum & 0xffff);
  return sum + (sum >> 16);
}

static gsize
get_checksum_at (const GstPacketHeaders * headers)
{
  return headers->protocol == GST_IP_PROTOCOL_TCP ? TCP_CHECKSUM_AT :
      UDP_CHECKSUM_AT;
}

/* All of a TCP segment or UDP datagram is there, and of nothing else. */
static gboolean
is_whole (const SinkOffload * self, const guint8 * data, gsize size,
    gsize wire_length, GstPacketHeaders * headers)
{
  return gst_packet_parse (self->link_type, data, size,
      MAX (wire_length, size), headers) == GST_PACKET_PARSED
      && (headers->protocol == GST_IP_PROTOCOL_TCP
      || headers->protocol == GST_IP_PROTOCOL_UDP)
      && headers->end == headers->network_end && headers->end <= size;
}

/* What is behind the IP packet would be summed up with it; zeroes are nothing to a sum. */
static void
leave_padding_off (const guint8 * data, gsize size, gsize end,
    SinkFrame * frame)
{
  for (gsize i = end; i < size; i++) {
    if (data[i] != 0) {
      frame->rest_length -= MIN (size - end, frame->rest_length);
      return;
    }
  }
}

/* @transport: where it begins in the frame. */
static gboolean
ask_checksum (SinkFrame * frame, const GstPacketHeaders * headers,
    gsize transport, guint16 stands, guint16 sum)
{
  gsize at = transport + get_checksum_at (headers);

  if (stands != sum) {
    if (!sink_frame_pull (frame, at + 2))
      return FALSE;
    GST_WRITE_UINT16_BE (frame->head + at, sum);
  }
  frame->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  frame->vnet.csum_start = transport;
  frame->vnet.csum_offset = get_checksum_at (headers);
  return TRUE;
}

/* The kernel cuts what is IP behind tags (skb_mac_gso_segment), and does not look through
 * PPPoE, MPLS or SNAP. */
static gboolean
is_behind_tags (const SinkOffload * self, const guint8 * data, gsize network)
{
  gsize at = 12;
  guint16 type;

  if (!self->ethernet || self->link_type != GST_CAPTURE_LINK_TYPE_ETHERNET)
    return TRUE;
  for (;;) {
    if (at + 2 > network)
      return FALSE;
    type = GST_READ_UINT16_BE (data + at);
    if (type != ETH_P_8021Q && type != ETH_P_8021AD)
      break;
    at += VLAN_TAG;
  }
  return (type == ETH_P_IP || type == ETH_P_IPV6) && at + 2 == network;
}

static gboolean
ask_segments (SinkFrame * frame, const guint8 * data,
    const GstPacketHeaders * headers, gsize transport, gsize limit)
{
  gsize payload = transport + (headers->payload - headers->transport);
  gsize before;

  if (headers->protocol == GST_IP_PROTOCOL_TCP) {
    frame->vnet.gso_type = headers->version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
        VIRTIO_NET_HDR_GSO_TCPV6;
    if (data[headers->transport + TCP_FLAGS_AT] & TCP_CWR)
      frame->vnet.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
    before = payload;
  } else {
    /* one datagram stays one: it is cut to IP fragments */
    frame->vnet.gso_type = VIRTIO_NET_HDR_GSO_UDP;
    before = transport + (headers->version == 6 ? IPV6_FRAGMENT_HEADER : 0);
  }
  if (limit < before + 8)
    return FALSE;
  frame->vnet.gso_size = limit - before;
  if (headers->protocol == GST_IP_PROTOCOL_UDP)
    frame->vnet.gso_size &= ~7; /* fragments begin at multiples of it */
  frame->vnet.hdr_len = payload;
  return sink_frame_pull (frame, payload);
}

static SinkOffloadResult
segment (const SinkOffload * self, const guint8 * data, gsize size,
    gsize wire_length, gsize made, SinkFrame * frame)
{
  gsize limit = get_limit (self, frame), transport;
  GstPacketHeaders headers;

  if (!self->segments || !is_whole (self, data, size, wire_length, &headers)
      || !is_behind_tags (self, data, headers.network))
    return SINK_OFFLOAD_TOO_BIG;
  /* the kernel does not look for what is between (inet6_gso_segment does, but not for a
   * header of routing, whose last address the sum is of) */
  if (headers.version == 6
      && headers.transport - headers.network != IPV6_HEADER)
    return SINK_OFFLOAD_TOO_BIG;
  transport = headers.transport + made - size;
  if (!ask_segments (frame, data, &headers, transport, limit)
      || !ask_checksum (frame, &headers, transport,
          GST_READ_UINT16_BE (data + headers.transport
              + get_checksum_at (&headers)), get_pseudo_sum (&headers)))
    return SINK_OFFLOAD_TOO_BIG;
  return SINK_OFFLOAD_SEGMENTS;
}

/* What is behind the IP packet, such as the check sequence of the frame, is none of what
 * has to fit, and would become a segment. */
static gsize
leave_rest_off (const SinkOffload * self, const guint8 * data, gsize size,
    gsize wire_length, SinkFrame * frame)
{
  GstPacketHeaders headers;

  if (is_whole (self, data, size, wire_length, &headers))
    frame->rest_length -= MIN (size - headers.end, frame->rest_length);
  return sink_frame_get_length (frame);
}

SinkOffloadResult
sink_offload_prepare (const SinkOffload * self, const guint8 * data,
    gsize size, gsize wire_length, gboolean not_ready, SinkFrame * frame)
{
  gsize made = sink_frame_get_length (frame), limit = get_limit (self, frame);
  GstPacketHeaders headers;
  guint16 stands, sum;

  if (G_UNLIKELY (made > limit)
      && leave_rest_off (self, data, size, wire_length, frame) > limit)
    return segment (self, data, size, wire_length, made, frame);
  if (!self->checksums || !is_whole (self, data, size, wire_length, &headers))
    return SINK_OFFLOAD_NOTHING;

  stands = GST_READ_UINT16_BE (data + headers.transport
      + get_checksum_at (&headers));
  sum = get_pseudo_sum (&headers);
  /* no sum is asked of a tunnel's datagram: what is not ready is in it */
  if (G_LIKELY (stands != sum && (!not_ready
              || (stands == 0 && headers.protocol == GST_IP_PROTOCOL_UDP))))
    return SINK_OFFLOAD_NOTHING;
  leave_padding_off (data, size, headers.end, frame);
  return ask_checksum (frame, &headers, headers.transport + made - size,
      stands, sum) ? SINK_OFFLOAD_CHECKSUM : SINK_OFFLOAD_NOTHING;
}
