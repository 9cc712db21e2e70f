/* gst-afring: the walk over the headers of a packet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpacketparser.h"

#include <string.h>

#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_DCCP 33
#define PROTOCOL_ROUTING 43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_AUTHENTICATION 51
#define PROTOCOL_NONE 59
#define PROTOCOL_DESTINATION 60
#define PROTOCOL_SCTP 132
#define PROTOCOL_MOBILITY 135
#define PROTOCOL_UDP_LITE 136
#define PROTOCOL_HIP 139
#define PROTOCOL_SHIM6 140

#define IPV4_HEADER_LENGTH 20
#define IPV6_HEADER_LENGTH 40
#define FRAGMENT_HEADER_LENGTH 8
#define UDP_HEADER_LENGTH 8
#define TCP_HEADER_LENGTH 20
#define SCTP_HEADER_LENGTH 12
#define ICMP_HEADER_LENGTH 8

typedef struct
{
  const guint8 *data;
  gsize captured;
  gsize wire;
  GstPacketHeaders *headers;
} Packet;

/* A header up to @end is needed, of which the IP length knows. */
static GstPacketParseResult
check (const Packet * packet, gsize end)
{
  if (end > packet->headers->end)
    return GST_PACKET_MALFORMED;
  return end > packet->captured ? GST_PACKET_TRUNCATED : GST_PACKET_PARSED;
}

/* The packet ends where IP says, which is within what was on the wire; what comes
 * behind is padding. */
static GstPacketParseResult
set_end (Packet * packet, gsize end)
{
  packet->headers->end = packet->headers->network_end = end;
  return end > packet->wire ? GST_PACKET_MALFORMED : GST_PACKET_PARSED;
}

static GstPacketParseResult
parse_udp (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;
  const guint8 *udp = packet->data + headers->transport;
  GstPacketParseResult result =
      check (packet, headers->transport + UDP_HEADER_LENGTH);
  gsize length;

  if (result != GST_PACKET_PARSED)
    return result;
  headers->src_port = GST_READ_UINT16_BE (udp);
  headers->dst_port = GST_READ_UINT16_BE (udp + 2);
  headers->payload = headers->transport + UDP_HEADER_LENGTH;
  length = GST_READ_UINT16_BE (udp + 4);
  /* RFC 2675: longer than the field can say */
  if (length == 0 && headers->protocol == GST_IP_PROTOCOL_UDP
      && headers->end - headers->transport > G_MAXUINT16)
    return GST_PACKET_PARSED;
  if (headers->protocol != GST_IP_PROTOCOL_UDP)
    return GST_PACKET_PARSED;   /* UDP-Lite has its coverage there */
  if (length < UDP_HEADER_LENGTH
      || length > headers->end - headers->transport)
    return GST_PACKET_MALFORMED;
  headers->end = headers->transport + length;
  return GST_PACKET_PARSED;
}

static GstPacketParseResult
parse_tcp (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;
  const guint8 *tcp = packet->data + headers->transport;
  GstPacketParseResult result =
      check (packet, headers->transport + TCP_HEADER_LENGTH);
  gsize length;

  if (result != GST_PACKET_PARSED)
    return result;
  headers->src_port = GST_READ_UINT16_BE (tcp);
  headers->dst_port = GST_READ_UINT16_BE (tcp + 2);
  length = (tcp[12] >> 4) * 4;
  if (length < TCP_HEADER_LENGTH)
    return GST_PACKET_MALFORMED;
  headers->payload = headers->transport + length;
  return check (packet, headers->payload);
}

/* Ports first, and a header of a fixed length. */
static GstPacketParseResult
parse_ports (Packet * packet, gsize length)
{
  GstPacketHeaders *headers = packet->headers;
  const guint8 *header = packet->data + headers->transport;
  GstPacketParseResult result = check (packet, headers->transport + length);

  if (result != GST_PACKET_PARSED)
    return result;
  headers->src_port = GST_READ_UINT16_BE (header);
  headers->dst_port = GST_READ_UINT16_BE (header + 2);
  headers->payload = headers->transport + length;
  return GST_PACKET_PARSED;
}

static GstPacketParseResult
parse_transport (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;
  GstPacketParseResult result;

  headers->payload = headers->transport;
  switch (headers->protocol) {
    case GST_IP_PROTOCOL_UDP:
    case PROTOCOL_UDP_LITE:
      result = parse_udp (packet);
      break;
    case GST_IP_PROTOCOL_TCP:
      result = parse_tcp (packet);
      break;
    case PROTOCOL_SCTP:
    case PROTOCOL_DCCP:
      result = parse_ports (packet, SCTP_HEADER_LENGTH);
      break;
    case GST_IP_PROTOCOL_ICMP:
    case GST_IP_PROTOCOL_ICMPV6:
      headers->payload += ICMP_HEADER_LENGTH;
      result = check (packet, headers->payload);
      break;
    default:
      result = GST_PACKET_PARSED;
      break;
  }
  if (result == GST_PACKET_PARSED && headers->end > packet->captured)
    result = GST_PACKET_TRUNCATED;
  return result;
}

static GstPacketParseResult
finish_fragment (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;

  headers->payload = headers->transport;
  if (headers->end > packet->captured)
    return GST_PACKET_TRUNCATED;
  /* all but the last one have a multiple of 8 bytes (RFC 791, RFC 8200) */
  if (headers->more_fragments && (headers->end - headers->transport) % 8 != 0)
    return GST_PACKET_MALFORMED;
  return GST_PACKET_FRAGMENT;
}

/* RFC 4302: the one extension header that IPv4 has too. */
static GstPacketParseResult
parse_authenticated (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;

  while (headers->protocol == PROTOCOL_AUTHENTICATION) {
    const guint8 *header = packet->data + headers->transport;
    GstPacketParseResult result = check (packet, headers->transport + 2);

    if (result != GST_PACKET_PARSED)
      return result;
    headers->protocol = header[0];
    headers->transport += ((gsize) header[1] + 2) * 4;
    result = check (packet, headers->transport);
    if (result != GST_PACKET_PARSED)
      return result;
  }
  return parse_transport (packet);
}

/* RFC 791. A length of 0 is that of a packet that a network adapter is to cut. */
static GstPacketParseResult
parse_ipv4 (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;
  const guint8 *ip = packet->data + headers->network;
  gsize header_length, total;
  GstPacketParseResult result;
  guint16 fragment;

  headers->end = packet->wire;
  result = check (packet, headers->network + IPV4_HEADER_LENGTH);
  if (result != GST_PACKET_PARSED)
    return result;
  header_length = (ip[0] & 15) * 4;
  total = GST_READ_UINT16_BE (ip + 2);
  if (total == 0)
    total = packet->wire - headers->network;
  if (header_length < IPV4_HEADER_LENGTH || total < header_length)
    return GST_PACKET_MALFORMED;
  result = set_end (packet, headers->network + total);
  if (result == GST_PACKET_PARSED)
    result = check (packet, headers->network + header_length);
  if (result != GST_PACKET_PARSED)
    return result;

  headers->src = ip + 12;
  headers->dst = ip + 16;
  headers->protocol = ip[9];
  headers->transport = headers->network + header_length;
  fragment = GST_READ_UINT16_BE (ip + 6);
  headers->more_fragments = (fragment & 0x2000) != 0;
  headers->fragment_offset = (gsize) (fragment & 0x1fff) * 8;
  if (!headers->more_fragments && headers->fragment_offset == 0)
    return parse_authenticated (packet);
  headers->fragment_id = GST_READ_UINT16_BE (ip + 4);
  return finish_fragment (packet);
}

static gboolean
is_extension (guint8 protocol)
{
  return protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING
      || protocol == PROTOCOL_FRAGMENT || protocol == PROTOCOL_AUTHENTICATION
      || protocol == PROTOCOL_DESTINATION || protocol == PROTOCOL_MOBILITY
      || protocol == PROTOCOL_HIP || protocol == PROTOCOL_SHIM6;
}

/* RFC 8200 section 4.5. A packet that is its own only fragment (RFC 6946) is not
 * one. FALSE if there is nothing to put together. */
static gboolean
parse_fragment_header (GstPacketHeaders * headers, const guint8 * header)
{
  guint16 word = GST_READ_UINT16_BE (header + 2);

  headers->fragment_offset = word & 0xfff8;
  headers->more_fragments = word & 1;
  headers->fragment_id = GST_READ_UINT32_BE (header + 4);
  return headers->fragment_offset != 0 || headers->more_fragments;
}

static GstPacketParseResult
parse_extensions (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;

  while (is_extension (headers->protocol)) {
    const guint8 *header = packet->data + headers->transport;
    GstPacketParseResult result =
        check (packet, headers->transport + FRAGMENT_HEADER_LENGTH);
    guint8 protocol = headers->protocol;
    gsize length;

    if (result != GST_PACKET_PARSED)
      return result;
    if (protocol == PROTOCOL_FRAGMENT)
      length = FRAGMENT_HEADER_LENGTH;
    else if (protocol == PROTOCOL_AUTHENTICATION)
      length = ((gsize) header[1] + 2) * 4;
    else
      length = ((gsize) header[1] + 1) * 8;
    result = check (packet, headers->transport + length);
    if (result != GST_PACKET_PARSED)
      return result;

    headers->protocol = header[0];
    headers->transport += length;
    if (protocol == PROTOCOL_FRAGMENT
        && parse_fragment_header (headers, header))
      return finish_fragment (packet);
    headers->protocol_at = header - packet->data;
  }
  return parse_transport (packet);
}

/* RFC 8200. A length of 0 is that of a jumbogram (RFC 2675) or of a packet that a
 * network adapter is to cut. */
static GstPacketParseResult
parse_ipv6 (Packet * packet)
{
  GstPacketHeaders *headers = packet->headers;
  const guint8 *ip = packet->data + headers->network;
  GstPacketParseResult result;
  gsize length;

  headers->end = packet->wire;
  result = check (packet, headers->network + IPV6_HEADER_LENGTH);
  if (result != GST_PACKET_PARSED)
    return result;
  length = GST_READ_UINT16_BE (ip + 4);
  headers->src = ip + 8;
  headers->dst = ip + 24;
  headers->protocol = ip[6];
  headers->protocol_at = headers->network + 6;
  headers->transport = headers->network + IPV6_HEADER_LENGTH;
  if (length == 0 && headers->protocol != PROTOCOL_NONE)
    length = packet->wire - headers->transport;
  result = set_end (packet, headers->transport + length);
  return result == GST_PACKET_PARSED ? parse_extensions (packet) : result;
}

static GstPacketParseResult
parse_ip (Packet * packet, GstLinkLayerResult walked)
{
  switch (walked) {
    case GST_LINK_LAYER_IP:
      break;
    case GST_LINK_LAYER_SHORT:
      return packet->wire > packet->captured ? GST_PACKET_TRUNCATED :
          GST_PACKET_MALFORMED;
    case GST_LINK_LAYER_OTHER:
    default:
      return GST_PACKET_NOT_IP;
  }
  packet->headers->version = packet->data[packet->headers->network] >> 4;
  if (packet->headers->version == 4)
    return parse_ipv4 (packet);
  if (packet->headers->version == 6)
    return parse_ipv6 (packet);
  return GST_PACKET_MALFORMED;
}

GstPacketParseResult
gst_packet_parse (guint link_type, const guint8 * data, gsize captured_length,
    gsize wire_length, GstPacketHeaders * headers)
{
  Packet packet = { data, captured_length, MAX (wire_length, captured_length),
    headers
  };

  memset (headers, 0, sizeof (*headers));
  if (G_LIKELY (gst_link_layer_is_plain (link_type, data, captured_length))) {
    headers->network = GST_LINK_LAYER_PLAIN_OFFSET;
    return parse_ip (&packet, GST_LINK_LAYER_IP);
  }
  return parse_ip (&packet, gst_link_layer_walk (link_type, data,
          captured_length, &headers->network));
}

GstPacketParseResult
gst_packet_parse_type (const guint8 * data, gsize captured_length,
    gsize wire_length, GstPacketHeaders * headers)
{
  Packet packet = { data, captured_length, MAX (wire_length, captured_length),
    headers
  };

  memset (headers, 0, sizeof (*headers));
  return parse_ip (&packet, gst_link_layer_walk_type (data, captured_length, 0,
          &headers->network));
}
