/* gst-afring: the walk over link headers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstlinklayer.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstcapturepacket.h>

/* EtherTypes, https://www.iana.org/assignments/ieee-802-numbers */
#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define TYPE_VLAN_SERVICE 0x88a8
#define TYPE_VLAN_OLD 0x9100
#define TYPE_MPLS 0x8847
#define TYPE_PPPOE_SESSION 0x8864

/* PPP protocol numbers */
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057

#define NONE GST_CAPTURE_NO_IP_OFFSET

static gboolean
is_vlan (guint16 type)
{
  return type == TYPE_VLAN || type == TYPE_VLAN_SERVICE
      || type == TYPE_VLAN_OLD;
}

static guint8
offset_if_ip (const guint8 * data, gsize length, gsize offset)
{
  guint version;

  if (offset >= length || offset >= NONE)
    return NONE;
  version = data[offset] >> 4;
  return version == 4 || version == 6 ? offset : NONE;
}

/* RFC 3032: labels of four bytes, the last has the bottom-of-stack bit. What
 * follows is not named; IP is told by its version. */
static guint8
walk_mpls (const guint8 * data, gsize length, gsize offset)
{
  while (offset + 4 <= length) {
    gboolean bottom = data[offset + 2] & 1;

    offset += 4;
    if (bottom)
      return offset_if_ip (data, length, offset);
  }
  return NONE;
}

/* RFC 2516: version, code, session, length, then a PPP protocol number. */
static guint8
walk_pppoe (const guint8 * data, gsize length, gsize offset)
{
  guint16 protocol;

  if (offset + 8 > length)
    return NONE;
  protocol = GST_READ_UINT16_BE (data + offset + 6);
  if (protocol != PPP_IPV4 && protocol != PPP_IPV6)
    return NONE;
  return offset_if_ip (data, length, offset + 8);
}

static guint8
walk_ethertype (const guint8 * data, gsize length, guint16 type, gsize offset)
{
  while (is_vlan (type)) {
    if (offset + 4 > length)
      return NONE;
    type = GST_READ_UINT16_BE (data + offset + 2);
    offset += 4;
  }

  switch (type) {
    case TYPE_IPV4:
    case TYPE_IPV6:
      return offset < length && offset < NONE ? offset : NONE;
    case TYPE_MPLS:
      return walk_mpls (data, length, offset);
    case TYPE_PPPOE_SESSION:
      return walk_pppoe (data, length, offset);
    default:
      return NONE;
  }
}

guint8
gst_link_layer_get_network_offset (guint link_type, const guint8 * data,
    gsize length)
{
  switch (link_type) {
    case GST_CAPTURE_LINK_TYPE_ETHERNET:
      if (length < 14)
        return NONE;
      return walk_ethertype (data, length, GST_READ_UINT16_BE (data + 12), 14);
    case GST_CAPTURE_LINK_TYPE_LINUX_SLL2:
      if (length < 20)
        return NONE;
      return walk_ethertype (data, length, GST_READ_UINT16_BE (data), 20);
    case GST_CAPTURE_LINK_TYPE_RAW:
      return offset_if_ip (data, length, 0);
    default:
      return NONE;
  }
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
