/* gst-afring: tunnels over UDP
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttunnelparts.h"

#define VXLAN_HEADER_LENGTH 8
#define VXLAN_FLAG_ID 0x08
#define VXLAN_FLAG_PROTOCOL 0x04
#define VXLAN_FLAG_OAM 0x01
#define VXLAN_VERSION 0x30      /* of VXLAN-GPE */

#define GENEVE_HEADER_LENGTH 8
#define GENEVE_FLAG_CONTROL 0x80

#define GTP_HEADER_LENGTH 8
#define GTP_OPTIONAL_LENGTH 4
#define GTP_G_PDU 255           /* a packet of a user */

#define TZSP_HEADER_LENGTH 4
#define TZSP_TAG_PADDING 0
#define TZSP_TAG_END 1

static guint32
read_id (const guint8 * data)
{
  return GST_READ_UINT32_BE (data) >> 8;
}

/* RFC 7348. The flag says that there is an id, and has to be set. */
GstTunnelResult
gst_tunnel_read_vxlan (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, VXLAN_HEADER_LENGTH);

  if (result != GST_TUNNEL_FOUND)
    return result;
  if (!(bytes->data[0] & VXLAN_FLAG_ID))
    return GST_TUNNEL_MALFORMED;
  header->id = read_id (bytes->data + 4);
  header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  header->offset = VXLAN_HEADER_LENGTH;
  return GST_TUNNEL_FOUND;
}

/* draft-ietf-nvo3-vxlan-gpe-13 */
GstTunnelResult
gst_tunnel_read_vxlan_gpe (const GstTunnelBytes * bytes,
    GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_read_vxlan (bytes, header);
  guint8 flags;

  if (result != GST_TUNNEL_FOUND)
    return result;
  flags = bytes->data[0];
  if ((flags & VXLAN_VERSION) || (flags & VXLAN_FLAG_OAM))
    return GST_TUNNEL_UNKNOWN;
  if (!(flags & VXLAN_FLAG_PROTOCOL))
    return GST_TUNNEL_FOUND;
  switch (bytes->data[3]) {
    case 1:
    case 2:
      return gst_tunnel_take_ip (bytes, VXLAN_HEADER_LENGTH, header);
    case 3:
      return GST_TUNNEL_FOUND;
    default:
      return GST_TUNNEL_UNKNOWN;
  }
}

/* RFC 8926. Options are stepped over, the critical ones too: they do not change what
 * is inside. */
GstTunnelResult
gst_tunnel_read_geneve (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, GENEVE_HEADER_LENGTH);
  gsize offset;

  if (result != GST_TUNNEL_FOUND)
    return result;
  header->id = read_id (bytes->data + 4);
  if (bytes->data[0] >> 6 != 0 || (bytes->data[1] & GENEVE_FLAG_CONTROL))
    return GST_TUNNEL_UNKNOWN;
  offset = GENEVE_HEADER_LENGTH + (bytes->data[0] & 0x3f) * 4;
  return gst_tunnel_take_type (bytes, GST_READ_UINT16_BE (bytes->data + 2),
      offset, header);
}

/* 3GPP TS 29.281 section 5.2: the length in units of 4 bytes, the contents, the type
 * of the next one. */
static GstTunnelResult
skip_gtp_extensions (const GstTunnelBytes * bytes, guint8 next, gsize * offset)
{
  while (next != 0) {
    GstTunnelResult result = gst_tunnel_bytes_need (bytes, *offset + 1);
    gsize length;

    if (result != GST_TUNNEL_FOUND)
      return result;
    length = bytes->data[*offset] * 4;
    if (length == 0)
      return GST_TUNNEL_MALFORMED;
    *offset += length;
    result = gst_tunnel_bytes_need (bytes, *offset);
    if (result != GST_TUNNEL_FOUND)
      return result;
    next = bytes->data[*offset - 1];
  }
  return GST_TUNNEL_FOUND;
}

/* The type of the packet is not in the header: a user has IP, or since 5G Ethernet. */
static GstTunnelResult
take_unnamed (const GstTunnelBytes * bytes, gsize offset,
    GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, offset + 1);
  gsize length = bytes->captured - offset;
  guint version;

  if (result != GST_TUNNEL_FOUND)
    return result;
  version = bytes->data[offset] >> 4;
  if ((version != 4 && version != 6)
      || !gst_tunnel_looks_like_ip (bytes->data + offset, length,
          header->end > offset ? header->end - offset : 0)) {
    if (gst_tunnel_looks_like_ethernet (bytes->data + offset, length)) {
      header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
      header->offset = offset;
      return GST_TUNNEL_FOUND;
    }
  }
  return gst_tunnel_take_ip (bytes, offset, header);
}

/* 3GPP TS 29.281 section 5.1: version 1. */
GstTunnelResult
gst_tunnel_read_gtp (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, GTP_HEADER_LENGTH);
  gsize offset = GTP_HEADER_LENGTH, end;
  guint8 flags, next = 0;

  if (result != GST_TUNNEL_FOUND)
    return result;
  flags = bytes->data[0];
  if ((flags & 0xf0) != 0x30)
    return GST_TUNNEL_UNKNOWN;
  /* what the nodes say to one another */
  if (bytes->data[1] != GTP_G_PDU)
    return GST_TUNNEL_NOT_THERE;
  header->id = GST_READ_UINT32_BE (bytes->data + 4);
  end = GTP_HEADER_LENGTH + GST_READ_UINT16_BE (bytes->data + 2);
  if (end > bytes->wire)
    return GST_TUNNEL_MALFORMED;
  header->end = end;
  if (flags & 0x07) {
    offset += GTP_OPTIONAL_LENGTH;
    result = gst_tunnel_bytes_need (bytes, offset);
    if (result != GST_TUNNEL_FOUND)
      return result;
    next = flags & 0x04 ? bytes->data[offset - 1] : 0;
  }
  result = skip_gtp_extensions (bytes, next, &offset);
  if (result != GST_TUNNEL_FOUND)
    return result;
  if (offset >= end)
    return GST_TUNNEL_MALFORMED;
  return take_unnamed (bytes, offset, header);
}

/* A tag, a length, and so many bytes; two have no length. */
static GstTunnelResult
skip_tzsp_tags (const GstTunnelBytes * bytes, gsize * offset)
{
  for (;;) {
    GstTunnelResult result = gst_tunnel_bytes_need (bytes, *offset + 1);
    guint8 tag;

    if (result != GST_TUNNEL_FOUND)
      return result;
    tag = bytes->data[(*offset)++];
    if (tag == TZSP_TAG_END)
      return GST_TUNNEL_FOUND;
    if (tag == TZSP_TAG_PADDING)
      continue;
    result = gst_tunnel_bytes_need (bytes, *offset + 1);
    if (result != GST_TUNNEL_FOUND)
      return result;
    *offset += 1 + bytes->data[*offset];
  }
}

/* https://web.archive.org/web/20050404125022/http://www.networkchemistry.com/support/appnotes/an001_tzsp.html */
GstTunnelResult
gst_tunnel_read_tzsp (const GstTunnelBytes * bytes, GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, TZSP_HEADER_LENGTH);
  gsize offset = TZSP_HEADER_LENGTH;

  if (result != GST_TUNNEL_FOUND)
    return result;
  if (bytes->data[0] != 1)
    return GST_TUNNEL_UNKNOWN;
  /* 0: a packet that was received, 1: one to be sent; others have none */
  if (bytes->data[1] > 1)
    return GST_TUNNEL_NOT_THERE;
  result = skip_tzsp_tags (bytes, &offset);
  if (result != GST_TUNNEL_FOUND)
    return result;
  header->offset = offset;
  switch (GST_READ_UINT16_BE (bytes->data + 2)) {
    case 1:
      header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
      return GST_TUNNEL_FOUND;
    case 18:
      header->link_type = GST_CAPTURE_LINK_TYPE_IEEE802_11;
      return GST_TUNNEL_FOUND;
    default:
      return GST_TUNNEL_UNKNOWN;
  }
}
