/* gst-afring: what EtherTypes and labels in front of packets mean
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttunnelparts.h"

#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define TYPE_TRANSPARENT_ETHERNET 0x6558
#define TYPE_VLAN 0x8100
#define TYPE_IPV6 0x86dd
#define TYPE_PPP 0x880b
#define TYPE_MPLS 0x8847
#define TYPE_MPLS_MULTICAST 0x8848
#define TYPE_VLAN_SERVICE 0x88a8
#define LEAST_TYPE 0x0600

#define ETHERNET_HEADER_LENGTH 14
#define IPV4_HEADER_LENGTH 20
#define IPV6_HEADER_LENGTH 40
#define LABEL_LENGTH 4
#define CONTROL_WORD_LENGTH 4

GstTunnelResult
gst_tunnel_take_ip (const GstTunnelBytes * bytes, gsize offset,
    GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, offset + 1);
  guint version;

  if (result != GST_TUNNEL_FOUND)
    return result;
  version = bytes->data[offset] >> 4;
  if (version != 4 && version != 6)
    return GST_TUNNEL_MALFORMED;
  header->link_type = GST_CAPTURE_LINK_TYPE_RAW;
  header->offset = offset;
  return GST_TUNNEL_FOUND;
}

GstTunnelResult
gst_tunnel_take_type (const GstTunnelBytes * bytes, guint16 type,
    gsize offset, GstTunnelHeader * header)
{
  header->offset = offset;
  switch (type) {
    case TYPE_IPV4:
    case TYPE_IPV6:
      return gst_tunnel_take_ip (bytes, offset, header);
    case TYPE_TRANSPARENT_ETHERNET:
      header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
      break;
    case TYPE_MPLS:
    case TYPE_MPLS_MULTICAST:
      header->link_type = GST_TUNNEL_LINK_TYPE_MPLS;
      break;
    case TYPE_PPP:
      header->link_type = GST_TUNNEL_LINK_TYPE_PPP;
      break;
    default:
      return GST_TUNNEL_UNKNOWN;
  }
  return gst_tunnel_bytes_need (bytes, offset);
}

static guint16
checksum (const guint8 * data, gsize length)
{
  guint32 sum = 0;

  for (gsize i = 0; i + 1 < length; i += 2)
    sum += GST_READ_UINT16_BE (data + i);
  while (sum > G_MAXUINT16)
    sum = (sum & G_MAXUINT16) + (sum >> 16);
  return ~sum;
}

/* A checksum of 0 is one that a network adapter is to fill in. */
gboolean
gst_tunnel_looks_like_ip (const guint8 * data, gsize length, gsize wire)
{
  gsize header_length;

  if (length < 1)
    return FALSE;
  if (data[0] >> 4 == 6)
    return length < 6 || (wire >= IPV6_HEADER_LENGTH
        && GST_READ_UINT16_BE (data + 4) <= wire - IPV6_HEADER_LENGTH);
  if (data[0] >> 4 != 4)
    return FALSE;
  header_length = (data[0] & 15) * 4;
  if (header_length < IPV4_HEADER_LENGTH)
    return FALSE;
  if (length < header_length)
    return TRUE;
  return GST_READ_UINT16_BE (data + 2) <= wire
      && (GST_READ_UINT16_BE (data + 10) == 0
      || checksum (data, header_length) == 0);
}

gboolean
gst_tunnel_looks_like_ethernet (const guint8 * data, gsize length)
{
  guint16 type;

  if (length <= ETHERNET_HEADER_LENGTH)
    return FALSE;
  type = GST_READ_UINT16_BE (data + 12);
  switch (type) {
    case TYPE_IPV4:
      return data[14] >> 4 == 4;
    case TYPE_IPV6:
      return data[14] >> 4 == 6;
    case TYPE_ARP:
    case TYPE_VLAN:
    case TYPE_VLAN_SERVICE:
    case TYPE_MPLS:
    case TYPE_MPLS_MULTICAST:
      return TRUE;
    default:
      /* LLC: of spanning tree, of SNAP, of IS-IS */
      return type < LEAST_TYPE && length >= ETHERNET_HEADER_LENGTH + 2
          && (GST_READ_UINT16_BE (data + 14) == 0x4242
          || GST_READ_UINT16_BE (data + 14) == 0xaaaa
          || GST_READ_UINT16_BE (data + 14) == 0xfefe);
  }
}

/* RFC 4448 section 4.6: the control word begins with 16 bits that are 0, then comes a
 * sequence number. A frame whose address begins so is told from it by what it holds. */
static gboolean
has_control_word (const guint8 * data, gsize length)
{
  if (length < CONTROL_WORD_LENGTH || GST_READ_UINT16_BE (data) != 0)
    return FALSE;
  return gst_tunnel_looks_like_ethernet (data + CONTROL_WORD_LENGTH,
      length - CONTROL_WORD_LENGTH)
      || !gst_tunnel_looks_like_ethernet (data, length);
}

/* RFC 3032, 4928: labels, the last with a bit, then IP or something else. What follows
 * has no name: who made the label knows. The first four bits tell IP, but addresses of
 * Ethernet begin with 4 and 6 too. */
GstTunnelResult
gst_tunnel_read_mpls (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  gsize offset = 0, length;
  const guint8 *data;
  gboolean bottom;
  guint first;

  do {
    GstTunnelResult result =
        gst_tunnel_bytes_need (bytes, offset + LABEL_LENGTH);

    if (result != GST_TUNNEL_FOUND)
      return result;
    header->id = GST_READ_UINT32_BE (bytes->data + offset) >> 12;
    bottom = bytes->data[offset + 2] & 1;
    offset += LABEL_LENGTH;
  } while (!bottom);

  data = bytes->data + offset;
  length = bytes->captured - offset;
  if (length == 0)
    return gst_tunnel_bytes_need (bytes, offset + 1);
  first = data[0] >> 4;
  if ((first == 4 || first == 6)
      && (gst_tunnel_looks_like_ip (data, length, bytes->wire - offset)
          || !gst_tunnel_looks_like_ethernet (data, length)))
    return GST_TUNNEL_NOT_THERE;
  header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  header->offset = offset;
  if (has_control_word (data, length))
    header->offset += CONTROL_WORD_LENGTH;
  else if (first == 1 || (first == 0 && !gst_tunnel_looks_like_ethernet (data,
              length)))
    return GST_TUNNEL_UNKNOWN;  /* a channel of its own, or another pseudowire */
  return GST_TUNNEL_FOUND;
}
