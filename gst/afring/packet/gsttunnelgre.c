/* gst-afring: GRE and ERSPAN
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttunnelparts.h"

#define GRE_HEADER_LENGTH 4
#define GRE_CHECKSUM 0x8000
#define GRE_ROUTING 0x4000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000
#define GRE_VERSION 0x0007

#define GRE_TYPE_ERSPAN 0x88be
#define GRE_TYPE_ERSPAN_III 0x22eb

#define ERSPAN_II_LENGTH 8
#define ERSPAN_III_LENGTH 12
#define ERSPAN_SUBHEADER_LENGTH 8

/* draft-foschiano-erspan-03. Type I has no header, type II one of 8 bytes. */
static GstTunnelResult
read_erspan (const GstTunnelBytes * bytes, gsize offset, gboolean has_header,
    GstTunnelHeader * header)
{
  const guint8 *data = bytes->data + offset;
  GstTunnelResult result;

  header->tunnel = GST_PACKET_TUNNEL_ERSPAN;
  header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  header->offset = offset;
  header->id = 0;
  if (!has_header)
    return GST_TUNNEL_FOUND;
  result = gst_tunnel_bytes_need (bytes, offset + ERSPAN_II_LENGTH);
  if (result != GST_TUNNEL_FOUND)
    return result;
  if (data[0] >> 4 != 1)
    return GST_TUNNEL_UNKNOWN;
  header->id = GST_READ_UINT16_BE (data + 2) & 0x3ff;
  header->offset += ERSPAN_II_LENGTH;
  return GST_TUNNEL_FOUND;
}

/* The last 16 bits: P, frame type (5 bits), hardware id (6), direction, granularity
 * of the timestamp (2), and whether there is a subheader of the platform. */
static GstTunnelResult
read_erspan_iii (const GstTunnelBytes * bytes, gsize offset,
    GstTunnelHeader * header)
{
  const guint8 *data = bytes->data + offset;
  GstTunnelResult result;
  guint16 word;

  header->tunnel = GST_PACKET_TUNNEL_ERSPAN;
  result = gst_tunnel_bytes_need (bytes, offset + ERSPAN_III_LENGTH);
  if (result != GST_TUNNEL_FOUND)
    return result;
  if (data[0] >> 4 != 2)
    return GST_TUNNEL_UNKNOWN;
  header->id = GST_READ_UINT16_BE (data + 2) & 0x3ff;
  word = GST_READ_UINT16_BE (data + 10);
  offset += ERSPAN_III_LENGTH;
  if (word & 1)
    offset += ERSPAN_SUBHEADER_LENGTH;
  header->offset = offset;
  switch (word >> 10 & 0x1f) {
    case 0:
      header->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
      return GST_TUNNEL_FOUND;
    case 2:
      return gst_tunnel_take_ip (bytes, offset, header);
    default:
      return GST_TUNNEL_UNKNOWN;
  }
}

/* RFC 2784, 2890; 7637 for the key of NVGRE. Version 1 is that of PPTP (RFC 2637),
 * whose PPP frames are cut into pieces; routing (RFC 1701) has gone from use. */
GstTunnelResult
gst_tunnel_read_gre (const GstTunnelBytes * bytes, GstPacketTunnel tunnels,
    GstTunnelHeader * header)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, GRE_HEADER_LENGTH);
  gsize offset = GRE_HEADER_LENGTH, key_at;
  guint16 flags, type;

  if (result != GST_TUNNEL_FOUND)
    return result;
  flags = GST_READ_UINT16_BE (bytes->data);
  type = GST_READ_UINT16_BE (bytes->data + 2);
  if ((flags & GRE_VERSION) != 0 || (flags & GRE_ROUTING) != 0)
    return GST_TUNNEL_UNKNOWN;
  if (flags & GRE_CHECKSUM)
    offset += 4;
  key_at = offset;
  if (flags & GRE_KEY)
    offset += 4;
  if (flags & GRE_SEQUENCE)
    offset += 4;
  result = gst_tunnel_bytes_need (bytes, offset);
  if (result != GST_TUNNEL_FOUND)
    return result;
  if (flags & GRE_KEY)
    header->id = GST_READ_UINT32_BE (bytes->data + key_at);

  if (type == GRE_TYPE_ERSPAN || type == GRE_TYPE_ERSPAN_III) {
    if (!(tunnels & GST_PACKET_TUNNEL_ERSPAN))
      return GST_TUNNEL_NOT_THERE;
    return type == GRE_TYPE_ERSPAN ?
        read_erspan (bytes, offset, (flags & GRE_SEQUENCE) != 0, header) :
        read_erspan_iii (bytes, offset, header);
  }
  if (!(tunnels & GST_PACKET_TUNNEL_GRE))
    return GST_TUNNEL_NOT_THERE;
  return gst_tunnel_take_type (bytes, type, offset, header);
}
