/* gst-afring: 802.11 data frames as Ethernet
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttunnelparts.h"

#include <string.h>

#define ADDRESS_LENGTH 6
#define HEADER_LENGTH 24        /* with three addresses */
#define CHECK_LENGTH 4
#define SNAP_LENGTH 6           /* up to the EtherType */

/* Frame control, IEEE 802.11 clause 9.2.4.1: first and second byte. */
#define TYPE_MASK 0x0c
#define TYPE_DATA 0x08
#define SUBTYPE_NO_DATA 0x40
#define SUBTYPE_QOS 0x80
#define TO_DS 0x01
#define FROM_DS 0x02
#define MORE_FRAGMENTS 0x04
#define PROTECTED 0x40
#define HT_CONTROL 0x80

#define QOS_AGGREGATED 0x80

/* Of radiotap, https://www.radiotap.org */
#define RADIOTAP_LENGTH 8
#define RADIOTAP_TSFT 0x00000001
#define RADIOTAP_FLAGS 0x00000002
#define RADIOTAP_MORE 0x80000000
#define RADIOTAP_FLAG_CHECK 0x10
#define RADIOTAP_FLAG_PADDED 0x20
#define RADIOTAP_FLAG_BAD 0x40

#define PPI_LENGTH 8
#define PPI_FIELD_COMMON 2
#define PPI_COMMON_FLAG_CHECK 0x0001
#define PPI_COMMON_FLAG_BAD 0x0004

/* What the capture says of a frame. */
typedef struct
{
  gsize offset;                 /* of the frame */
  gboolean check;               /* it has its check sequence at the end */
  gboolean padded;              /* its header is filled up to 4 bytes */
  gboolean bad;                 /* the check sequence is wrong */
} Frame;

/* Of all the fields only the flags are of interest: the second, if the first, which
 * has 8 bytes, is there or not. */
static GstTunnelResult
read_radiotap (const GstTunnelBytes * bytes, Frame * frame)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, RADIOTAP_LENGTH);
  gsize at = 4, length;
  guint32 present;
  guint8 flags;

  if (result != GST_TUNNEL_FOUND)
    return result;
  if (bytes->data[0] != 0)
    return GST_TUNNEL_UNKNOWN;
  length = GST_READ_UINT16_LE (bytes->data + 2);
  if (length < RADIOTAP_LENGTH)
    return GST_TUNNEL_MALFORMED;
  result = gst_tunnel_bytes_need (bytes, length);
  if (result != GST_TUNNEL_FOUND)
    return result;
  frame->offset = length;

  present = GST_READ_UINT32_LE (bytes->data + at);
  for (guint32 word = present;; word = GST_READ_UINT32_LE (bytes->data + at)) {
    at += 4;
    if (!(word & RADIOTAP_MORE))
      break;
    if (at + 4 > length)
      return GST_TUNNEL_MALFORMED;
  }
  if (!(present & RADIOTAP_FLAGS))
    return GST_TUNNEL_FOUND;
  if (present & RADIOTAP_TSFT)
    at = (at + 7) / 8 * 8 + 8;
  if (at >= length)
    return GST_TUNNEL_MALFORMED;
  flags = bytes->data[at];
  frame->check = (flags & RADIOTAP_FLAG_CHECK) != 0;
  frame->padded = (flags & RADIOTAP_FLAG_PADDED) != 0;
  frame->bad = (flags & RADIOTAP_FLAG_BAD) != 0;
  return GST_TUNNEL_FOUND;
}

/* Fields of a type, a length, and so many bytes. */
static void
read_ppi_fields (const guint8 * data, gsize length, Frame * frame)
{
  gsize at = PPI_LENGTH;

  while (at + 4 <= length) {
    guint16 type = GST_READ_UINT16_LE (data + at);
    gsize size = GST_READ_UINT16_LE (data + at + 2);

    at += 4;
    if (size > length - at)
      return;
    if (type == PPI_FIELD_COMMON && size >= 10) {
      guint16 flags = GST_READ_UINT16_LE (data + at + 8);

      frame->check = (flags & PPI_COMMON_FLAG_CHECK) != 0;
      frame->bad = (flags & PPI_COMMON_FLAG_BAD) != 0;
      return;
    }
    at += size;
  }
}

static GstTunnelResult
read_ppi (const GstTunnelBytes * bytes, Frame * frame, guint32 * link_type)
{
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, PPI_LENGTH);
  gsize length;

  if (result != GST_TUNNEL_FOUND)
    return result;
  if (bytes->data[0] != 0)
    return GST_TUNNEL_UNKNOWN;
  length = GST_READ_UINT16_LE (bytes->data + 2);
  *link_type = GST_READ_UINT32_LE (bytes->data + 4);
  if (length < PPI_LENGTH)
    return GST_TUNNEL_MALFORMED;
  result = gst_tunnel_bytes_need (bytes, length);
  if (result != GST_TUNNEL_FOUND)
    return result;
  frame->offset = length;
  read_ppi_fields (bytes->data, length, frame);
  return GST_TUNNEL_FOUND;
}

/* IEEE 802.11 table 9-30: which of the addresses are those of the ends. */
static void
copy_addresses (const guint8 * data, guint8 * front)
{
  static const struct
  {
    gsize destination, source;
  } places[] = { {4, 10}, {16, 10}, {4, 16}, {16, 24} };
  guint which = data[1] & (TO_DS | FROM_DS);

  memcpy (front, data + places[which].destination, ADDRESS_LENGTH);
  memcpy (front + ADDRESS_LENGTH, data + places[which].source,
      ADDRESS_LENGTH);
}

/* RFC 1042, and IEEE 802.1H for the few protocols that need it. */
static gboolean
is_snap (const guint8 * data)
{
  return GST_READ_UINT24_BE (data) == 0xaaaa03
      && (GST_READ_UINT24_BE (data + 3) == 0x000000
      || GST_READ_UINT24_BE (data + 3) == 0x0000f8);
}

/* How long the header is; 0: there are no data of anybody behind it. */
static GstTunnelResult
read_frame_header (const GstTunnelBytes * bytes, gsize at, gboolean padded,
    gsize * length)
{
  const guint8 *data = bytes->data + at;
  GstTunnelResult result = gst_tunnel_bytes_need (bytes, at + 2);
  gboolean aggregated = FALSE;

  if (result != GST_TUNNEL_FOUND)
    return result;
  if ((data[0] & TYPE_MASK) != TYPE_DATA || (data[0] & SUBTYPE_NO_DATA))
    return GST_TUNNEL_NOT_THERE;
  *length = HEADER_LENGTH;
  if ((data[1] & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
    *length += ADDRESS_LENGTH;
  if (data[0] & SUBTYPE_QOS)
    *length += data[1] & HT_CONTROL ? 6 : 2;
  result = gst_tunnel_bytes_need (bytes, at + *length);
  if (result != GST_TUNNEL_FOUND)
    return result;
  if (data[1] & PROTECTED)
    return GST_TUNNEL_ENCRYPTED;
  if (data[0] & SUBTYPE_QOS)
    aggregated = data[*length - (data[1] & HT_CONTROL ? 6 : 2)] &
        QOS_AGGREGATED;
  /* several packets, or a part of one */
  if (aggregated || (data[1] & MORE_FRAGMENTS) || (data[22] & 0x0f) != 0)
    return GST_TUNNEL_UNKNOWN;
  if (padded)
    *length = (*length + 3) / 4 * 4;
  return GST_TUNNEL_FOUND;
}

/* What follows the header, LLC, becomes that of Ethernet. */
static GstTunnelResult
convert (const GstTunnelBytes * bytes, const Frame * frame,
    GstTunnelPacket * inner)
{
  gsize end = bytes->wire, length, offset, size;
  GstTunnelResult result;

  if (frame->check) {
    if (end < frame->offset + CHECK_LENGTH)
      return GST_TUNNEL_MALFORMED;
    end -= CHECK_LENGTH;
  }
  result = read_frame_header (bytes, frame->offset, frame->padded, &length);
  if (result != GST_TUNNEL_FOUND)
    return result;
  offset = frame->offset + length;
  result = gst_tunnel_bytes_need (bytes, offset + SNAP_LENGTH + 2);
  if (result != GST_TUNNEL_FOUND)
    return result;
  if (offset + SNAP_LENGTH + 2 > end)
    return GST_TUNNEL_MALFORMED;

  copy_addresses (bytes->data + frame->offset, inner->front);
  inner->front_length = 2 * ADDRESS_LENGTH;
  inner->typed = is_snap (bytes->data + offset);
  size = end - offset;
  if (inner->typed) {
    offset += SNAP_LENGTH;
  } else {
    if (size > 1500)
      return GST_TUNNEL_MALFORMED;
    GST_WRITE_UINT16_BE (inner->front + inner->front_length, size);
    inner->front_length += 2;
  }
  inner->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  inner->end = inner->start + end;
  inner->start += offset;
  return GST_TUNNEL_FOUND;
}

GstTunnelResult
gst_tunnel_read_wifi (const GstTunnelPacket * packet,
    GstTunnelFinding * finding)
{
  guint32 link_type = GST_CAPTURE_LINK_TYPE_IEEE802_11;
  GstTunnelResult result = GST_TUNNEL_FOUND;
  GstTunnelBytes bytes;
  Frame frame = { 0, };

  bytes.data = gst_tunnel_packet_get_bytes (packet, &bytes.captured);
  bytes.wire = packet->end - packet->start;
  if (packet->link_type == GST_CAPTURE_LINK_TYPE_IEEE802_11_RADIOTAP)
    result = read_radiotap (&bytes, &frame);
  else if (packet->link_type == GST_TUNNEL_LINK_TYPE_PPI)
    result = read_ppi (&bytes, &frame, &link_type);
  if (result != GST_TUNNEL_FOUND)
    return result;
  /* the header was for something else, which is what follows */
  if (link_type != GST_CAPTURE_LINK_TYPE_IEEE802_11) {
    /* each new one is said downstream: not whatever somebody sends */
    if (link_type != GST_CAPTURE_LINK_TYPE_IEEE802_11_RADIOTAP
        && !gst_link_layer_is_known (link_type))
      return GST_TUNNEL_UNKNOWN;
    result = gst_tunnel_bytes_need (&bytes, frame.offset + 1);
    if (result != GST_TUNNEL_FOUND)
      return result;
    finding->inner.link_type = link_type;
    finding->inner.start += frame.offset;
    return GST_TUNNEL_FOUND;
  }
  if (frame.bad)
    return GST_TUNNEL_MALFORMED;
  return convert (&bytes, &frame, &finding->inner);
}
