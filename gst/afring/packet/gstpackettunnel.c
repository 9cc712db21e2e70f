/* gst-afring: packets in packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttunnelparts.h"

#include <string.h>

#define PROTOCOL_IPV4 4
#define PROTOCOL_IPV6 41
#define PROTOCOL_GRE 47

#define TYPE_VLAN 0x8100
#define TYPE_VLAN_SERVICE 0x88a8
#define TYPE_VLAN_OLD 0x9100
#define TYPE_MPLS 0x8847
#define TYPE_MPLS_MULTICAST 0x8848
#define VLAN_LENGTH 4

#define UDP_HEADER_LENGTH 8

void
gst_tunnel_packet_init (GstTunnelPacket * packet, guint link_type,
    const guint8 * data, gsize captured_length, gsize wire_length)
{
  packet->data = data;
  packet->captured = captured_length;
  packet->start = 0;
  packet->end = MAX (captured_length, wire_length);
  packet->link_type = link_type;
  packet->front_length = 0;
  packet->typed = FALSE;
}

/* Goes on with what a header has said of bytes that begin at @at in the packet. */
static GstTunnelResult
enter (GstTunnelFinding * finding, gsize at, const GstTunnelBytes * bytes,
    const GstTunnelHeader * header, GstTunnelResult result)
{
  GstTunnelPacket *inner = &finding->inner;

  finding->layer = (GstPacketTunnelLayer) { header->tunnel, header->id };
  if (result != GST_TUNNEL_FOUND)
    return result;
  /* an empty packet is none */
  if (header->offset >= header->end)
    return GST_TUNNEL_MALFORMED;
  result = gst_tunnel_bytes_need (bytes, header->offset + 1);
  if (result != GST_TUNNEL_FOUND)
    return result;
  inner->end = inner->start + at + header->end;
  inner->start += at + header->offset;
  if (header->link_type == 0)
    return GST_TUNNEL_FOUND;
  inner->link_type = header->link_type;
  inner->front_length = 0;
  inner->typed = FALSE;
  return GST_TUNNEL_FOUND;
}

/* Addresses and tags stay, the header behind them goes. */
static GstTunnelResult
enter_shim (GstTunnelFinding * finding, const guint8 * data, gsize type_at,
    const GstTunnelBytes * bytes, const GstTunnelHeader * header)
{
  GstTunnelPacket *inner = &finding->inner;

  finding->layer = (GstPacketTunnelLayer) { header->tunnel, header->id };
  if (inner->front_length + type_at > GST_TUNNEL_MOST_FRONT)
    return GST_TUNNEL_UNKNOWN;
  if (header->offset + 2 > header->end)
    return GST_TUNNEL_MALFORMED;
  memcpy (inner->front + inner->front_length, data, type_at);
  inner->front_length += type_at;
  inner->typed = TRUE;
  return enter (finding, type_at + 2, bytes, header, GST_TUNNEL_FOUND);
}

/* What EtherTypes lead to. */
static GstTunnelResult
find_by_type (const GstTunnelConfig * config, GstTunnelFinding * finding,
    const guint8 * data, gsize length, gsize type_at, gsize payload)
{
  gsize wire = finding->inner.end - finding->inner.start;
  GstTunnelHeader header = { 0, };
  GstTunnelResult result;
  GstTunnelBytes bytes;
  guint16 type;

  if (payload > length)
    return GST_TUNNEL_NOT_THERE;
  type = GST_READ_UINT16_BE (data + type_at);
  while (type == TYPE_VLAN || type == TYPE_VLAN_SERVICE
      || type == TYPE_VLAN_OLD) {
    if (payload + VLAN_LENGTH > length)
      return GST_TUNNEL_NOT_THERE;
    type_at = payload + 2;
    payload += VLAN_LENGTH;
    type = GST_READ_UINT16_BE (data + type_at);
  }
  bytes = (GstTunnelBytes) { data + payload, length - payload, wire - payload };
  header.end = bytes.wire;
  if (type == TYPE_MPLS || type == TYPE_MPLS_MULTICAST) {
    if (!(config->tunnels & GST_PACKET_TUNNEL_PSEUDOWIRE))
      return GST_TUNNEL_NOT_THERE;
    header.tunnel = GST_PACKET_TUNNEL_PSEUDOWIRE;
    result = gst_tunnel_read_mpls (&bytes, &header);
    return enter (finding, payload, &bytes, &header, result);
  }
  result = gst_tunnel_read_shim (&bytes, type, config->tunnels, &header);
  if (result == GST_TUNNEL_FOUND && header.link_type == 0
      && payload == type_at + 2)
    return enter_shim (finding, data, type_at, &bytes, &header);
  if (result == GST_TUNNEL_FOUND && header.link_type == 0)
    result = GST_TUNNEL_NOT_THERE;
  return enter (finding, payload, &bytes, &header, result);
}

static GstTunnelResult
read_udp (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  switch (header->tunnel) {
    case GST_PACKET_TUNNEL_VXLAN:
      return gst_tunnel_read_vxlan (bytes, header);
    case GST_PACKET_TUNNEL_VXLAN_GPE:
      return gst_tunnel_read_vxlan_gpe (bytes, header);
    case GST_PACKET_TUNNEL_GENEVE:
      return gst_tunnel_read_geneve (bytes, header);
    case GST_PACKET_TUNNEL_GTP:
      return gst_tunnel_read_gtp (bytes, header);
    case GST_PACKET_TUNNEL_TZSP:
      return gst_tunnel_read_tzsp (bytes, header);
    default:
      return GST_TUNNEL_NOT_THERE;
  }
}

/* A packet of IP whose headers are known, and which can be cut behind them. */
/* Of a tunnel whose header has no number: one that its two ends have (FNV-1a), and not
 * those of another network whose packets have the same addresses in them. */
static guint32
make_id (const GstPacketHeaders * headers)
{
  gsize length = gst_packet_headers_get_address_length (headers);
  guint32 id = 2166136261u;

  for (gsize i = 0; i < length; i++)
    id = (id ^ headers->src[i]) * 16777619u;
  for (gsize i = 0; i < length; i++)
    id = (id ^ headers->dst[i]) * 16777619u;
  return id;
}

static GstTunnelResult
find_in_ip (const GstTunnelConfig * config, GstTunnelFinding * finding,
    const guint8 * data, gsize length)
{
  const GstPacketHeaders *headers = &finding->headers;
  gsize at = headers->payload;
  GstTunnelHeader header = { 0, };
  GstTunnelResult result;
  GstTunnelBytes bytes;

  if (at > length || at > headers->end)
    return GST_TUNNEL_NOT_THERE;
  bytes = (GstTunnelBytes) { data + at, MIN (length, headers->end) - at,
    headers->end - at
  };
  header.end = bytes.wire;
  switch (headers->protocol) {
    case GST_IP_PROTOCOL_UDP:
      if (at == headers->transport)
        return GST_TUNNEL_NOT_THERE;    /* its ports were cut off */
      header.tunnel = gst_tunnel_config_get_port (config, headers->dst_port);
      if (G_LIKELY (header.tunnel == GST_PACKET_TUNNEL_NONE))
        return GST_TUNNEL_NOT_THERE;
      result = read_udp (&bytes, &header);
      break;
    case PROTOCOL_GRE:
      if (!(config->tunnels & (GST_PACKET_TUNNEL_GRE |
                  GST_PACKET_TUNNEL_ERSPAN)))
        return GST_TUNNEL_NOT_THERE;
      header.tunnel = GST_PACKET_TUNNEL_GRE;
      result = gst_tunnel_read_gre (&bytes, config->tunnels, &header);
      break;
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
      if (!(config->tunnels & GST_PACKET_TUNNEL_IP))
        return GST_TUNNEL_NOT_THERE;
      header.tunnel = GST_PACKET_TUNNEL_IP;
      result = gst_tunnel_take_ip (&bytes, 0, &header);
      break;
    default:
      return GST_TUNNEL_NOT_THERE;
  }
  if (header.id == 0 && (header.tunnel & (GST_PACKET_TUNNEL_IP | GST_PACKET_TUNNEL_GRE)))
    header.id = make_id (headers);
  return enter (finding, at, &bytes, &header, result);
}

static GstTunnelResult
find_by_ip (const GstTunnelConfig * config, GstTunnelFinding * finding,
    const guint8 * data, gsize length)
{
  const GstTunnelPacket *packet = &finding->inner;
  GstPacketHeaders *headers = &finding->headers;
  gsize wire = packet->end - packet->start;
  GstPacketParseResult parsed;

  parsed = packet->typed ?
      gst_packet_parse_type (data, length, wire, headers) :
      gst_packet_parse (packet->link_type, data, length, wire, headers);
  switch (parsed) {
    case GST_PACKET_PARSED:
      return find_in_ip (config, finding, data, length);
    case GST_PACKET_FRAGMENT:
      return GST_TUNNEL_FRAGMENT;
    case GST_PACKET_TRUNCATED:
      if (headers->payload == 0 || headers->more_fragments
          || headers->fragment_offset > 0)
        return GST_TUNNEL_NOT_THERE;
      return find_in_ip (config, finding, data, length);
    default:
      return GST_TUNNEL_NOT_THERE;
  }
}

static GstTunnelResult
find_wifi (const GstTunnelConfig * config, GstTunnelFinding * finding)
{
  const GstTunnelPacket packet = finding->inner;

  if (!(config->tunnels & GST_PACKET_TUNNEL_WIFI))
    return GST_TUNNEL_NOT_THERE;
  finding->layer = (GstPacketTunnelLayer) { GST_PACKET_TUNNEL_WIFI, 0 };
  return gst_tunnel_read_wifi (&packet, finding);
}

static GstTunnelResult
find_labelled (const GstTunnelConfig * config, GstTunnelFinding * finding,
    const guint8 * data, gsize length)
{
  gsize wire = finding->inner.end - finding->inner.start;
  GstTunnelBytes bytes = { data, length, wire };
  GstTunnelHeader header = { GST_PACKET_TUNNEL_PSEUDOWIRE,.end = wire };
  GstTunnelResult result;

  if (!(config->tunnels & GST_PACKET_TUNNEL_PSEUDOWIRE))
    return GST_TUNNEL_NOT_THERE;
  result = gst_tunnel_read_mpls (&bytes, &header);
  return enter (finding, 0, &bytes, &header, result);
}

GstTunnelResult
gst_tunnel_find (const GstTunnelConfig * config,
    const GstTunnelPacket * packet, GstTunnelFinding * finding)
{
  gsize length, type_at = 0, payload = 2;
  GstTunnelResult result = GST_TUNNEL_NOT_THERE;
  const guint8 *data;

  if (packet != &finding->inner)
    finding->inner = *packet;
  packet = &finding->inner;
  data = gst_tunnel_packet_get_bytes (packet, &length);
  /* behind a header of LLC nothing is looked for */
  if (packet->front_length > 0 && !packet->typed)
    return GST_TUNNEL_NOT_THERE;

  switch (packet->typed ? 0 : packet->link_type) {
    case GST_CAPTURE_LINK_TYPE_IEEE802_11:
    case GST_CAPTURE_LINK_TYPE_IEEE802_11_RADIOTAP:
    case GST_TUNNEL_LINK_TYPE_PPI:
      return find_wifi (config, finding);
    case GST_TUNNEL_LINK_TYPE_MPLS:
      result = find_labelled (config, finding, data, length);
      break;
    default:
      if (!packet->typed && gst_link_layer_is_plain (packet->link_type, data,
              length))
        break;
      if (packet->typed
          || gst_link_layer_get_type_at (packet->link_type, &type_at,
              &payload))
        result = find_by_type (config, finding, data, length, type_at,
            payload);
      break;
  }
  if (result != GST_TUNNEL_NOT_THERE)
    return result;
  return find_by_ip (config, finding, data, length);
}

GstTunnelFragment
gst_tunnel_judge_fragment (const GstTunnelConfig * config,
    const GstTunnelPacket * packet, const GstPacketHeaders * headers)
{
  const guint8 *data;
  gboolean is_tunnel;
  gsize length;

  data = gst_tunnel_packet_get_bytes (packet, &length);
  switch (headers->protocol) {
    case GST_IP_PROTOCOL_UDP:
      if (config->n_ports == 0)
        return GST_TUNNEL_FRAGMENT_NO;
      if (headers->fragment_offset > 0
          || headers->transport + UDP_HEADER_LENGTH > headers->end)
        return GST_TUNNEL_FRAGMENT_AS_FIRST;
      is_tunnel = gst_tunnel_config_get_port (config,
          GST_READ_UINT16_BE (data + headers->transport + 2)) !=
          GST_PACKET_TUNNEL_NONE;
      break;
    case PROTOCOL_GRE:
      is_tunnel = (config->tunnels & (GST_PACKET_TUNNEL_GRE |
              GST_PACKET_TUNNEL_ERSPAN)) != 0;
      break;
    case PROTOCOL_IPV4:
    case PROTOCOL_IPV6:
      is_tunnel = (config->tunnels & GST_PACKET_TUNNEL_IP) != 0;
      break;
    default:
      is_tunnel = FALSE;
      break;
  }
  return is_tunnel ? GST_TUNNEL_FRAGMENT_YES : GST_TUNNEL_FRAGMENT_NO;
}
