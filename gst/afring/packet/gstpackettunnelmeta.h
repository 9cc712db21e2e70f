/* gst-afring: which tunnels a packet came out of
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GstPacketTunnel:
 * @GST_PACKET_TUNNEL_NONE: nothing
 * @GST_PACKET_TUNNEL_VXLAN: VXLAN, RFC 7348; its id is the VNI
 * @GST_PACKET_TUNNEL_VXLAN_GPE: VXLAN-GPE, draft-ietf-nvo3-vxlan-gpe; the VNI
 * @GST_PACKET_TUNNEL_GENEVE: Geneve, RFC 8926; the VNI
 * @GST_PACKET_TUNNEL_GRE: GRE of version 0, RFC 2784 and 2890, with it NVGRE, RFC
 *   7637; the key, or without one a number made of the outer addresses
 * @GST_PACKET_TUNNEL_ERSPAN: ERSPAN of type I, II or III; the session
 * @GST_PACKET_TUNNEL_GTP: GTP-U, 3GPP TS 29.281; the TEID
 * @GST_PACKET_TUNNEL_IP: IP in IP, either version in either, RFC 2003 and 4213; a
 *   number made of the outer addresses
 * @GST_PACKET_TUNNEL_TZSP: TZSP; 0
 * @GST_PACKET_TUNNEL_PSEUDOWIRE: Ethernet over MPLS, RFC 4448; the label
 * @GST_PACKET_TUNNEL_WIFI: an 802.11 data frame; 0
 * @GST_PACKET_TUNNEL_VN_TAG: VN-Tag, EtherType 0x8926; 0
 * @GST_PACKET_TUNNEL_E_TAG: E-Tag, IEEE 802.1BR; 0
 * @GST_PACKET_TUNNEL_CISCO_METADATA: Cisco metadata, EtherType 0x8909; 0
 * @GST_PACKET_TUNNEL_FABRICPATH: FabricPath, EtherType 0x8903; the forwarding tag
 * @GST_PACKET_TUNNEL_HSR: HSR, IEC 62439-3; 0
 * @GST_PACKET_TUNNEL_MAC_IN_MAC: IEEE 802.1ah; the I-SID
 * @GST_PACKET_TUNNEL_MACSEC: IEEE 802.1AE without encryption; 0
 * @GST_PACKET_TUNNEL_ALL: each of them
 *
 * What packets are carried in. As a set, one or more of them.
 */
typedef enum /*< flags >*/
{
  GST_PACKET_TUNNEL_NONE = 0,
  GST_PACKET_TUNNEL_VXLAN = 1 << 0,
  GST_PACKET_TUNNEL_VXLAN_GPE = 1 << 1,
  GST_PACKET_TUNNEL_GENEVE = 1 << 2,
  GST_PACKET_TUNNEL_GRE = 1 << 3,
  GST_PACKET_TUNNEL_ERSPAN = 1 << 4,
  GST_PACKET_TUNNEL_GTP = 1 << 5,
  GST_PACKET_TUNNEL_IP = 1 << 6,
  GST_PACKET_TUNNEL_TZSP = 1 << 7,
  GST_PACKET_TUNNEL_PSEUDOWIRE = 1 << 8,
  GST_PACKET_TUNNEL_WIFI = 1 << 9,
  GST_PACKET_TUNNEL_VN_TAG = 1 << 10,
  GST_PACKET_TUNNEL_E_TAG = 1 << 11,
  GST_PACKET_TUNNEL_CISCO_METADATA = 1 << 12,
  GST_PACKET_TUNNEL_FABRICPATH = 1 << 13,
  GST_PACKET_TUNNEL_HSR = 1 << 14,
  GST_PACKET_TUNNEL_MAC_IN_MAC = 1 << 15,
  GST_PACKET_TUNNEL_MACSEC = 1 << 16,
  GST_PACKET_TUNNEL_ALL = 0x1ffff
} GstPacketTunnel;

/**
 * GST_PACKET_TUNNEL_MOST_LAYERS:
 *
 * So many tunnels in one another can be told of a packet.
 */
#define GST_PACKET_TUNNEL_MOST_LAYERS 8

/**
 * GstPacketTunnelLayer:
 * @tunnel: one tunnel
 * @id: what tells it from others of its kind, see #GstPacketTunnel
 *
 * One of the tunnels that a packet was in.
 */
typedef struct
{
  GstPacketTunnel tunnel;
  guint32 id;
} GstPacketTunnelLayer;

/**
 * GstPacketTunnelMeta:
 * @meta: the parent structure
 * @n_layers: how many of @layers are filled, 1 or more
 * @layers: the tunnels, the outermost first
 *
 * On a buffer of `application/x-packet` that was taken out of a tunnel. Two
 * packets with equal addresses can come from different networks: this says from
 * which. It survives copies.
 */
typedef struct
{
  GstMeta meta;

  guint n_layers;
  GstPacketTunnelLayer layers[GST_PACKET_TUNNEL_MOST_LAYERS];
} GstPacketTunnelMeta;

#define GST_PACKET_TUNNEL_META_API_TYPE (gst_packet_tunnel_meta_api_get_type ())
#define GST_PACKET_TUNNEL_META_INFO (gst_packet_tunnel_meta_get_info ())

GST_AFRING_API
GType                 gst_packet_tunnel_meta_api_get_type (void);

GST_AFRING_API
const GstMetaInfo *   gst_packet_tunnel_meta_get_info     (void);

GST_AFRING_API
gboolean              gst_buffer_add_packet_tunnel        (GstBuffer       *buffer,
                                                           GstPacketTunnel  tunnel,
                                                           guint32          id);

GST_AFRING_API
GstPacketTunnelMeta * gst_buffer_get_packet_tunnel_meta   (GstBuffer       *buffer);

G_END_DECLS
