/* gst-afring: link headers that are met in files, or on other systems
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstlinklayer-private.h"

/* https://www.tcpdump.org/linktypes.html */
#define LINK_TYPE_TOKEN_RING 6
#define LINK_TYPE_FDDI 10
#define LINK_TYPE_ATM_RFC1483 100
#define LINK_TYPE_FRELAY 107
#define LINK_TYPE_ENC 109
#define LINK_TYPE_PFLOG 117
#define LINK_TYPE_IP_OVER_FC 122
#define LINK_TYPE_NFLOG 239
#define LINK_TYPE_PKTAP 258

/* Network layer protocol identifiers, ISO/IEC TR 9577. */
#define NLPID_SNAP 0x80
#define NLPID_IPV6 0x8e
#define NLPID_IPV4 0xcc

#define LLC_UNNUMBERED 0x03

#define NFLOG_HEADER_LENGTH 4
#define NFLOG_PAYLOAD 9

#define PKTAP_LEAST_LENGTH 12
#define PKTAP_PACKET 1

/* An organisation and its type: EtherTypes, and frames of Ethernet that go over
 * something else (RFC 2684 section 5.2). */
static GstLinkLayerResult
walk_snap (const guint8 * data, gsize length, gsize offset, gsize * network)
{
  guint32 organisation;
  guint16 type;

  if (offset + 5 > length)
    return GST_LINK_LAYER_SHORT;
  organisation = GST_READ_UINT24_BE (data + offset);
  type = GST_READ_UINT16_BE (data + offset + 3);
  if (organisation == 0)
    return gst_link_layer_walk_type (data, length, offset + 3, network);
  if (organisation != 0x0080c2 || (type != 0x0001 && type != 0x0007))
    return GST_LINK_LAYER_OTHER;
  offset += 5 + 2;              /* padding, then the frame */
  return gst_link_layer_walk_type (data, length, offset + 12, network);
}

static GstLinkLayerResult
walk_identifier (const guint8 * data, gsize length, gsize offset,
    gsize * network)
{
  if (offset >= length)
    return GST_LINK_LAYER_SHORT;
  switch (data[offset]) {
    case NLPID_IPV4:
    case NLPID_IPV6:
      return gst_link_layer_walk_unnamed (data, length, offset + 1, network);
    case NLPID_SNAP:
      return walk_snap (data, length, offset + 1, network);
    default:
      return GST_LINK_LAYER_OTHER;
  }
}

static GstLinkLayerResult
walk_llc (const guint8 * data, gsize length, gsize offset, gsize * network)
{
  if (offset + 3 > length)
    return GST_LINK_LAYER_SHORT;
  switch (GST_READ_UINT24_BE (data + offset)) {
    case 0xaaaa03:
      return walk_snap (data, length, offset + 3, network);
    case 0xfefe03:
      return walk_identifier (data, length, offset + 3, network);
    case 0x060603:
      return gst_link_layer_walk_unnamed (data, length, offset + 3, network);
    default:
      return GST_LINK_LAYER_OTHER;
  }
}

/* IEEE 802.5: access and frame control, addresses, and the route if the first bit
 * of the source says so. */
static GstLinkLayerResult
walk_token_ring (const guint8 * data, gsize length, gsize * network)
{
  gsize offset = 14;

  if (offset > length)
    return GST_LINK_LAYER_SHORT;
  if ((data[1] & 0xc0) != 0x40)
    return GST_LINK_LAYER_OTHER;
  if (data[8] & 0x80) {
    if (offset >= length)
      return GST_LINK_LAYER_SHORT;
    offset += data[offset] & 0x1f;
  }
  return walk_llc (data, length, offset, network);
}

/* ISO 9314-2: frame control and addresses. */
static GstLinkLayerResult
walk_fddi (const guint8 * data, gsize length, gsize * network)
{
  if (length < 13)
    return GST_LINK_LAYER_SHORT;
  if ((data[0] & 0x70) != 0x50)
    return GST_LINK_LAYER_OTHER;
  return walk_llc (data, length, 13, network);
}

/* RFC 2427: an address of two to four bytes, the last of which has a bit, control,
 * maybe padding, an identifier. Some leave all but the address out, for an EtherType. */
static GstLinkLayerResult
walk_frame_relay (const guint8 * data, gsize length, gsize * network)
{
  gsize offset = 0;

  do {
    if (offset >= length)
      return GST_LINK_LAYER_SHORT;
    if (offset == 4)
      return GST_LINK_LAYER_OTHER;
  } while (!(data[offset++] & 1));
  if (offset < 2)
    return GST_LINK_LAYER_OTHER;
  if (offset >= length)
    return GST_LINK_LAYER_SHORT;
  if (data[offset] != LLC_UNNUMBERED)
    return gst_link_layer_walk_type (data, length, offset, network);
  offset++;
  if (offset < length && data[offset] == 0)
    offset++;
  return walk_identifier (data, length, offset, network);
}

/* The length is without the padding up to 4 bytes. */
static GstLinkLayerResult
walk_pflog (const guint8 * data, gsize length, gsize * network)
{
  if (length < 2)
    return GST_LINK_LAYER_SHORT;
  if (data[0] < 2)
    return GST_LINK_LAYER_OTHER;
  return gst_link_layer_walk_unnamed (data, length, (data[0] + 3) / 4 * 4,
      network);
}

/* Fields of a length, which counts itself, a type, and padding up to 4 bytes, in the
 * byte order of the host, which is little nearly everywhere. */
static GstLinkLayerResult
walk_nflog (const guint8 * data, gsize length, gsize * network)
{
  gsize offset = NFLOG_HEADER_LENGTH;

  if (length < NFLOG_HEADER_LENGTH)
    return GST_LINK_LAYER_SHORT;
  if (data[1] != 0)
    return GST_LINK_LAYER_OTHER;        /* the version */
  while (offset + 4 <= length) {
    gsize size = GST_READ_UINT16_LE (data + offset);

    if (size < 4)
      return GST_LINK_LAYER_OTHER;
    if (GST_READ_UINT16_LE (data + offset + 2) == NFLOG_PAYLOAD)
      return gst_link_layer_walk_unnamed (data, length, offset + 4, network);
    offset += (size + 3) / 4 * 4;
  }
  return GST_LINK_LAYER_SHORT;
}

/* A header of its own length, which names the link type of what follows. */
static GstLinkLayerResult
walk_pktap (const guint8 * data, gsize length, gsize * network)
{
  GstLinkLayerResult result;
  guint32 offset, link_type;

  if (length < PKTAP_LEAST_LENGTH)
    return GST_LINK_LAYER_SHORT;
  offset = GST_READ_UINT32_LE (data);
  link_type = GST_READ_UINT32_LE (data + 8);
  if (offset < PKTAP_LEAST_LENGTH
      || GST_READ_UINT32_LE (data + 4) != PKTAP_PACKET
      || link_type == LINK_TYPE_PKTAP)
    return GST_LINK_LAYER_OTHER;
  if (offset > length)
    return GST_LINK_LAYER_SHORT;
  result = gst_link_layer_walk (link_type, data + offset, length - offset,
      network);
  *network += offset;
  return result;
}

GstLinkLayerResult
gst_link_layer_walk_rare (guint link_type, const guint8 * data, gsize length,
    gsize * network)
{
  switch (link_type) {
    case LINK_TYPE_TOKEN_RING:
      return walk_token_ring (data, length, network);
    case LINK_TYPE_FDDI:
      return walk_fddi (data, length, network);
    case LINK_TYPE_ATM_RFC1483:
      return walk_llc (data, length, 0, network);
    case LINK_TYPE_FRELAY:
      return walk_frame_relay (data, length, network);
    case LINK_TYPE_ENC:
      return gst_link_layer_walk_unnamed (data, length, 12, network);
    case LINK_TYPE_PFLOG:
      return walk_pflog (data, length, network);
    case LINK_TYPE_IP_OVER_FC:
      return walk_llc (data, length, 16, network);
    case LINK_TYPE_NFLOG:
      return walk_nflog (data, length, network);
    case LINK_TYPE_PKTAP:
      return walk_pktap (data, length, network);
    default:
      return GST_LINK_LAYER_OTHER;
  }
}
