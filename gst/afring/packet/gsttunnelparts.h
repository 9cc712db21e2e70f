/* gst-afring: the kinds of tunnels (not installed, only for gsttunnel*.c)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpackettunnel.h"

G_BEGIN_DECLS

/* What a tunnel carries in it: its header and what follows. */
typedef struct
{
  const guint8 *data;
  gsize captured;
  gsize wire;                   /* as many or more */
} GstTunnelBytes;

/* What the header says. */
typedef struct
{
  GstPacketTunnel tunnel;       /* set: what it was taken for */
  guint32 id;
  guint link_type;
  gsize offset;                 /* of the packet in the bytes */
  gsize end;                    /* set: all of them */
} GstTunnelHeader;

/* FOUND if the first @n bytes were captured. */
static inline GstTunnelResult
gst_tunnel_bytes_need (const GstTunnelBytes * bytes, gsize n)
{
  if (n <= bytes->captured)
    return GST_TUNNEL_FOUND;
  return n <= bytes->wire ? GST_TUNNEL_TRUNCATED : GST_TUNNEL_MALFORMED;
}

/* An EtherType as tunnels use it: what the packet at @offset is. */
GstTunnelResult gst_tunnel_take_type  (const GstTunnelBytes  *bytes,
                                       guint16                type,
                                       gsize                  offset,
                                       GstTunnelHeader       *header);

/* IP of either version at @offset. */
GstTunnelResult gst_tunnel_take_ip    (const GstTunnelBytes  *bytes,
                                       gsize                  offset,
                                       GstTunnelHeader       *header);

/* Whether bytes look like an Ethernet frame with something known in it. */
gboolean        gst_tunnel_looks_like_ethernet (const guint8 *data,
                                       gsize                  length);

/* Whether they look like an IP packet. */
gboolean        gst_tunnel_looks_like_ip (const guint8       *data,
                                       gsize                  length,
                                       gsize                  wire);

/* Each reads a header at the start of @bytes. */
GstTunnelResult gst_tunnel_read_vxlan     (const GstTunnelBytes *bytes,
                                           GstTunnelHeader      *header);
GstTunnelResult gst_tunnel_read_vxlan_gpe (const GstTunnelBytes *bytes,
                                           GstTunnelHeader      *header);
GstTunnelResult gst_tunnel_read_geneve    (const GstTunnelBytes *bytes,
                                           GstTunnelHeader      *header);
GstTunnelResult gst_tunnel_read_gtp       (const GstTunnelBytes *bytes,
                                           GstTunnelHeader      *header);
GstTunnelResult gst_tunnel_read_tzsp      (const GstTunnelBytes *bytes,
                                           GstTunnelHeader      *header);
GstTunnelResult gst_tunnel_read_mpls      (const GstTunnelBytes *bytes,
                                           GstTunnelHeader      *header);
/* GRE, and ERSPAN in it if that is one of @tunnels. */
GstTunnelResult gst_tunnel_read_gre       (const GstTunnelBytes *bytes,
                                           GstPacketTunnel       tunnels,
                                           GstTunnelHeader      *header);

/* A header between the addresses and the EtherType of Ethernet: @bytes begin
 * behind the EtherType @type. Without a link type in @header there is an EtherType
 * at the offset, else a whole frame. NOT_THERE: it is no such header, or not one of
 * @tunnels. */
GstTunnelResult gst_tunnel_read_shim      (const GstTunnelBytes *bytes,
                                           guint16               type,
                                           GstPacketTunnel       tunnels,
                                           GstTunnelHeader      *header);

/* 802.11 as Ethernet. */
GstTunnelResult gst_tunnel_read_wifi      (const GstTunnelPacket *packet,
                                           GstTunnelFinding     *finding);

G_END_DECLS
