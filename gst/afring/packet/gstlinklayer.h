/* gst-afring: the walk over link headers (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcapturelink.h>

G_BEGIN_DECLS

typedef enum
{
  GST_LINK_LAYER_IP,            /* an IP header follows, of either version */
  GST_LINK_LAYER_OTHER,         /* something else, or an unknown link type */
  GST_LINK_LAYER_SHORT          /* the bytes end before that is known */
} GstLinkLayerResult;

/* Steps over the link header, VLAN tags and the like, PPPoE and MPLS labels, for
 * Ethernet, LINUX_SLL, LINUX_SLL2, raw IP, PPP, C_HDLC, NULL, LOOP, token ring, FDDI,
 * ATM (RFC 2684), frame relay, IP over FC, enc, pflog, nflog and pktap
 * (https://www.tcpdump.org/linktypes.html). */
GST_AFRING_API
GstLinkLayerResult gst_link_layer_walk  (guint         link_type,
                                         const guint8 *data,
                                         gsize         length,
                                         gsize        *network_offset);

/* The same from an EtherType on, which stands at @type_at. */
GST_AFRING_API
GstLinkLayerResult gst_link_layer_walk_type (const guint8 *data,
                                         gsize         length,
                                         gsize         type_at,
                                         gsize        *network_offset);

/* Where packets of this link type have an EtherType, and what it names. FALSE if
 * they have none, or not always at one place. */
gboolean gst_link_layer_get_type_at     (guint         link_type,
                                         gsize        *type_at,
                                         gsize        *payload);

GST_AFRING_API
guint8 gst_link_layer_find_network_offset (guint         link_type,
                                           const guint8 *data,
                                           gsize         length);

/* Ethernet with IP right behind its header, as nearly all packets are. */
#define GST_LINK_LAYER_PLAIN_OFFSET 14

static inline gboolean
gst_link_layer_is_plain (guint link_type, const guint8 * data, gsize length)
{
  return link_type == GST_CAPTURE_LINK_TYPE_ETHERNET
      && length > GST_LINK_LAYER_PLAIN_OFFSET
      && ((data[12] == 0x08 && data[13] == 0x00)
      || (data[12] == 0x86 && data[13] == 0xdd));
}

/* Where the IP header of a packet starts; GST_CAPTURE_NO_IP_OFFSET if it has
 * none, or none within the captured bytes or the first 254. */
static inline guint8
gst_link_layer_get_network_offset (guint link_type, const guint8 * data,
    gsize length)
{
  if (G_LIKELY (gst_link_layer_is_plain (link_type, data, length)))
    return GST_LINK_LAYER_PLAIN_OFFSET;
  return gst_link_layer_find_network_offset (link_type, data, length);
}

/* Whether gst_link_layer_walk() knows anything of packets of this type: of those
 * that it knows, none is there without a byte. */
static inline gboolean
gst_link_layer_is_known (guint link_type)
{
  gsize network;

  return gst_link_layer_walk (link_type, NULL, 0, &network) !=
      GST_LINK_LAYER_OTHER;
}

/* As libpcap calls it, such as "IEEE802_11"; "unknown" if it does not know it. */
GST_AFRING_API
const gchar * gst_link_layer_get_name   (guint         link_type);

/* The VLAN ids of a packet's tags, the outermost first, at most @n; how many there
 * are. The rest is left as it is. */
GST_AFRING_API
guint    gst_link_layer_get_vlan_ids    (guint         link_type,
                                         const guint8 *data,
                                         gsize         length,
                                         guint16      *ids,
                                         guint         n);

/* The outermost VLAN tag of the packet, right behind its addresses. FALSE if it
 * has none. */
GST_AFRING_API
gboolean gst_link_layer_get_vlan        (guint         link_type,
                                         const guint8 *data,
                                         gsize         length,
                                         guint16      *tpid,
                                         guint16      *tci);

/* The same, for who does not want to know which. */
GST_AFRING_API
gboolean gst_link_layer_is_tagged       (guint         link_type,
                                         const guint8 *data,
                                         gsize         length);

G_END_DECLS
