/* gst-afring: the walk over link headers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstlinklayer-private.h"

#include <gst/afring/capture/gstcapturepacket.h>
#include <pcap/pcap.h>

/* LINKTYPE_ numbers that only a file has, and those that some systems wrote for
 * raw IP, https://www.tcpdump.org/linktypes.html */
#define LINK_TYPE_NULL 0
#define LINK_TYPE_PPP 9
#define LINK_TYPE_RAW_BSD 12
#define LINK_TYPE_RAW_OPENBSD 14
#define LINK_TYPE_PPP_HDLC 50
#define LINK_TYPE_PPP_ETHER 51
#define LINK_TYPE_C_HDLC 104
#define LINK_TYPE_LOOP 108
#define LINK_TYPE_LINUX_SLL 113
#define LINK_TYPE_MPLS 219
#define LINK_TYPE_IPV4 228
#define LINK_TYPE_IPV6 229

/* EtherTypes, https://www.iana.org/assignments/ieee-802-numbers */
#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_VLAN_SERVICE 0x88a8
#define TYPE_VLAN_OLD 0x9100
#define TYPE_MPLS 0x8847
#define TYPE_MPLS_MULTICAST 0x8848
#define TYPE_PPPOE_SESSION 0x8864
#define TYPE_CISCO_METADATA 0x8909
#define TYPE_VN_TAG 0x8926
#define TYPE_HSR 0x892f
#define TYPE_E_TAG 0x893f
#define LEAST_TYPE 0x0600       /* what is less is a length */

/* PPP protocol numbers; the first byte is left out if it is 0 and both sides
 * agreed to (RFC 1661 section 6.5). */
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057
#define PPP_MPLS 0x0281

#define NONE GST_CAPTURE_NO_IP_OFFSET

static gboolean
is_vlan (guint16 type)
{
  return type == TYPE_VLAN || type == TYPE_VLAN_SERVICE
      || type == TYPE_VLAN_OLD;
}

/* Where nothing names it, IP is told by its version. */
GstLinkLayerResult
gst_link_layer_walk_unnamed (const guint8 * data, gsize length, gsize offset,
    gsize * network)
{
  guint version;

  if (offset >= length)
    return GST_LINK_LAYER_SHORT;
  version = data[offset] >> 4;
  *network = offset;
  return version == 4 || version == 6 ? GST_LINK_LAYER_IP :
      GST_LINK_LAYER_OTHER;
}

static GstLinkLayerResult
walk_named (gsize length, gsize offset, gsize * network)
{
  *network = offset;
  return offset < length ? GST_LINK_LAYER_IP : GST_LINK_LAYER_SHORT;
}

/* RFC 3032: labels of four bytes, the last has the bottom-of-stack bit. */
static GstLinkLayerResult
walk_mpls (const guint8 * data, gsize length, gsize offset, gsize * network)
{
  while (offset + 4 <= length) {
    gboolean bottom = data[offset + 2] & 1;

    offset += 4;
    if (bottom)
      return gst_link_layer_walk_unnamed (data, length, offset, network);
  }
  return GST_LINK_LAYER_SHORT;
}

static GstLinkLayerResult
walk_ppp_protocol (const guint8 * data, gsize length, gsize offset,
    gsize * network)
{
  guint16 protocol;

  if (offset + 2 > length)
    return GST_LINK_LAYER_SHORT;
  protocol = data[offset++];
  if ((protocol & 1) == 0)
    protocol = protocol << 8 | data[offset++];

  if (protocol == PPP_IPV4 || protocol == PPP_IPV6)
    return walk_named (length, offset, network);
  if (protocol == PPP_MPLS)
    return walk_mpls (data, length, offset, network);
  return GST_LINK_LAYER_OTHER;
}

/* RFC 2516: version, code, session, length, then a PPP protocol number. */
static GstLinkLayerResult
walk_pppoe (const guint8 * data, gsize length, gsize offset, gsize * network)
{
  if (offset + 6 > length)
    return GST_LINK_LAYER_SHORT;
  if (data[offset + 1] != 0)    /* not a session's data */
    return GST_LINK_LAYER_OTHER;
  return walk_ppp_protocol (data, length, offset + 6, network);
}

/* RFC 1662: address and control, unless they were left out. */
static GstLinkLayerResult
walk_ppp (const guint8 * data, gsize length, gsize * network)
{
  gsize offset = length >= 2 && data[0] == 0xff && data[1] == 0x03 ? 2 : 0;

  return walk_ppp_protocol (data, length, offset, network);
}

/* Between the addresses and what follows: how long a header of this type is; 0: it is
 * none. They are VN-Tag, E-Tag (IEEE 802.1BR), Cisco metadata with the group tag, and
 * HSR (IEC 62439-3). */
static gsize
get_shim_length (guint16 type)
{
  switch (type) {
    case TYPE_VN_TAG:
    case TYPE_HSR:
      return 4;
    case TYPE_E_TAG:
    case TYPE_CISCO_METADATA:
      return 6;
    default:
      return 0;
  }
}

static GstLinkLayerResult
walk_ethertype (const guint8 * data, gsize length, guint16 type, gsize offset,
    gsize * network)
{
  gsize shim;

  while ((shim = is_vlan (type) ? 2 : get_shim_length (type)) > 0) {
    if (offset + shim + 2 > length)
      return GST_LINK_LAYER_SHORT;
    type = GST_READ_UINT16_BE (data + offset + shim);
    offset += shim + 2;
  }
  /* RFC 1042: LLC and SNAP without an organisation, then an EtherType */
  if (type < LEAST_TYPE && offset + 8 <= length
      && GST_READ_UINT32_BE (data + offset) == 0xaaaa0300
      && GST_READ_UINT16_BE (data + offset + 4) == 0) {
    type = GST_READ_UINT16_BE (data + offset + 6);
    offset += 8;
  }

  switch (type) {
    case TYPE_IPV4:
    case TYPE_IPV6:
      return walk_named (length, offset, network);
    case TYPE_MPLS:
    case TYPE_MPLS_MULTICAST:
      return walk_mpls (data, length, offset, network);
    case TYPE_PPPOE_SESSION:
      return walk_pppoe (data, length, offset, network);
    default:
      return GST_LINK_LAYER_OTHER;
  }
}

/* An EtherType at @type_at, and what it names at @offset. */
static GstLinkLayerResult
walk_typed (const guint8 * data, gsize length, gsize type_at, gsize offset,
    gsize * network)
{
  if (length < offset)
    return GST_LINK_LAYER_SHORT;
  return walk_ethertype (data, length, GST_READ_UINT16_BE (data + type_at),
      offset, network);
}

/* An address family of the system that wrote it, in its byte order; 2 is IPv4
 * everywhere, IPv6 has five numbers. */
static GstLinkLayerResult
walk_null (const guint8 * data, gsize length, gsize * network)
{
  guint32 family;

  if (length < 4)
    return GST_LINK_LAYER_SHORT;
  family = GST_READ_UINT32_LE (data);
  if (family > G_MAXUINT16)
    family = GUINT32_SWAP_LE_BE (family);
  /* some have an EtherType in the second half */
  if (family != 2 && family != 10 && family != 24 && family != 28
      && family != 30)
    return walk_typed (data, length, 2, 4, network);
  return gst_link_layer_walk_unnamed (data, length, 4, network);
}

GstLinkLayerResult
gst_link_layer_walk_type (const guint8 * data, gsize length, gsize type_at,
    gsize * network_offset)
{
  return walk_typed (data, length, type_at, type_at + 2, network_offset);
}

gboolean
gst_link_layer_get_type_at (guint link_type, gsize * type_at,
    gsize * payload)
{
  switch (link_type) {
    case GST_CAPTURE_LINK_TYPE_ETHERNET:
      *type_at = 12;
      break;
    case LINK_TYPE_LINUX_SLL:
      *type_at = 14;
      break;
    case LINK_TYPE_C_HDLC:
      *type_at = 2;
      break;
    case GST_CAPTURE_LINK_TYPE_LINUX_SLL2:
      *type_at = 0;
      *payload = 20;
      return TRUE;
    default:
      return FALSE;
  }
  *payload = *type_at + 2;
  return TRUE;
}

GstLinkLayerResult
gst_link_layer_walk (guint link_type, const guint8 * data, gsize length,
    gsize * network_offset)
{
  switch (link_type) {
    case GST_CAPTURE_LINK_TYPE_ETHERNET:
      return walk_typed (data, length, 12, 14, network_offset);
    case GST_CAPTURE_LINK_TYPE_LINUX_SLL2:
      return walk_typed (data, length, 0, 20, network_offset);
    case LINK_TYPE_LINUX_SLL:
      return walk_typed (data, length, 14, 16, network_offset);
    case LINK_TYPE_C_HDLC:
      return walk_typed (data, length, 2, 4, network_offset);
    case GST_CAPTURE_LINK_TYPE_RAW:
    case LINK_TYPE_RAW_BSD:
    case LINK_TYPE_RAW_OPENBSD:
    case LINK_TYPE_IPV4:
    case LINK_TYPE_IPV6:
      return gst_link_layer_walk_unnamed (data, length, 0, network_offset);
    case LINK_TYPE_NULL:
    case LINK_TYPE_LOOP:
      return walk_null (data, length, network_offset);
    case LINK_TYPE_PPP:
    case LINK_TYPE_PPP_HDLC:
      return walk_ppp (data, length, network_offset);
    case LINK_TYPE_PPP_ETHER:
      return walk_pppoe (data, length, 0, network_offset);
    case LINK_TYPE_MPLS:
      return walk_mpls (data, length, 0, network_offset);
    default:
      return gst_link_layer_walk_rare (link_type, data, length,
          network_offset);
  }
}

guint8
gst_link_layer_find_network_offset (guint link_type, const guint8 * data,
    gsize length)
{
  gsize offset;

  if (gst_link_layer_walk (link_type, data, length, &offset) !=
      GST_LINK_LAYER_IP || offset >= NONE)
    return NONE;
  return offset;
}

gboolean
gst_link_layer_get_vlan (guint link_type, const guint8 * data, gsize length,
    guint16 * tpid, guint16 * tci)
{
  gsize type_at, tci_at;

  if (link_type == GST_CAPTURE_LINK_TYPE_ETHERNET) {
    type_at = 12;
    tci_at = 14;
  } else if (link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2) {
    type_at = 0;
    tci_at = 20;
  } else {
    return FALSE;
  }
  if (length < tci_at + 2)
    return FALSE;
  *tpid = GST_READ_UINT16_BE (data + type_at);
  *tci = GST_READ_UINT16_BE (data + tci_at);
  return is_vlan (*tpid);
}

gboolean
gst_link_layer_is_tagged (guint link_type, const guint8 * data, gsize length)
{
  if (link_type == GST_CAPTURE_LINK_TYPE_ETHERNET)
    return length >= 14 && is_vlan (GST_READ_UINT16_BE (data + 12));
  if (link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2)
    return length >= 20 && is_vlan (GST_READ_UINT16_BE (data));
  return FALSE;
}

guint
gst_link_layer_get_vlan_ids (guint link_type, const guint8 * data,
    gsize length, guint16 * ids, guint n)
{
  gsize tci_at = link_type == GST_CAPTURE_LINK_TYPE_LINUX_SLL2 ? 20 : 14;
  guint16 type, tci;
  guint found = 0;

  if (!gst_link_layer_get_vlan (link_type, data, length, &type, &tci))
    return 0;
  while (found < n && is_vlan (type) && tci_at + 4 <= length) {
    ids[found++] = GST_READ_UINT16_BE (data + tci_at) & 0xfff;
    type = GST_READ_UINT16_BE (data + tci_at + 2);
    tci_at += 4;
  }
  return found;
}

const gchar *
gst_link_layer_get_name (guint link_type)
{
  /* the numbers of files and of libpcap differ for raw IP, which is known */
  const gchar *name = pcap_datalink_val_to_name (link_type);

  return name != NULL ? name : "unknown";
}
