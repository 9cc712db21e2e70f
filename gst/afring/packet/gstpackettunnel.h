/* gst-afring: packets in packets (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketparser.h>
#include <gst/afring/packet/gstpackettunnelmeta.h>

G_BEGIN_DECLS

/* Link types that packets have inside, https://www.tcpdump.org/linktypes.html */
#define GST_TUNNEL_LINK_TYPE_PPP 9
#define GST_TUNNEL_LINK_TYPE_PPI 192
#define GST_TUNNEL_LINK_TYPE_MPLS 219

/* Of a kind of tunnel, and of all. */
#define GST_TUNNEL_MOST_PORTS 16
#define GST_TUNNEL_MOST_ALL_PORTS (5 * GST_TUNNEL_MOST_PORTS)

typedef struct
{
  guint16 port;
  GstPacketTunnel tunnel;
} GstTunnelPort;

/* What is opened: tunnels over UDP where their port is the destination. */
typedef struct
{
  GstPacketTunnel tunnels;
  guint n_ports;
  GstTunnelPort ports[GST_TUNNEL_MOST_ALL_PORTS];
} GstTunnelConfig;

/* Room for what stands in front of a packet and not in its bytes: addresses, and a
 * few tags. */
#define GST_TUNNEL_MOST_FRONT 40

/* A packet within the bytes of another. It is @front and what follows @start. */
typedef struct
{
  const guint8 *data;           /* of the outermost */
  gsize captured;               /* bytes there */
  gsize start;
  gsize end;                    /* on the wire: can be behind @captured */
  guint link_type;
  gsize front_length;
  /* An EtherType stands at @start, and the headers before it are in @front; else
   * there is a whole link header at @start, or, with @front, nothing known. */
  gboolean typed;
  guint8 front[GST_TUNNEL_MOST_FRONT];
} GstTunnelPacket;

typedef enum
{
  GST_TUNNEL_FOUND,             /* a packet, in a tunnel that is to be opened */
  GST_TUNNEL_NOT_THERE,         /* what is there is no tunnel */
  GST_TUNNEL_FRAGMENT,          /* of an IP packet, which may be one */
  /* These are of a tunnel that is known: */
  GST_TUNNEL_UNKNOWN,           /* with contents, or a version, that are not */
  GST_TUNNEL_ENCRYPTED,
  GST_TUNNEL_TRUNCATED,         /* the snaplen has cut its header */
  GST_TUNNEL_MALFORMED          /* its header lies */
} GstTunnelResult;

/* What was found: */
typedef struct
{
  GstPacketTunnelLayer layer;   /* the tunnel, which can be known without a packet */
  GstTunnelPacket inner;        /* of FOUND */
  GstPacketHeaders headers;     /* of FRAGMENT; counted from the start of the packet */
} GstTunnelFinding;

GST_AFRING_API
void            gst_tunnel_packet_init (GstTunnelPacket       *packet,
                                        guint                  link_type,
                                        const guint8          *data,
                                        gsize                  captured_length,
                                        gsize                  wire_length);

/* The first byte at @start, and how many are there of the captured ones. */
static inline const guint8 *
gst_tunnel_packet_get_bytes (const GstTunnelPacket * packet, gsize * length)
{
  *length = MIN (packet->captured, packet->end) - packet->start;
  return packet->data + packet->start;
}

/* Looks for the outermost tunnel of @packet. @finding can hold the packet too. */
GST_AFRING_API
GstTunnelResult gst_tunnel_find        (const GstTunnelConfig *config,
                                        const GstTunnelPacket *packet,
                                        GstTunnelFinding      *finding);

/* Of a FRAGMENT: whether the packet that it is of is to be opened. */
typedef enum
{
  GST_TUNNEL_FRAGMENT_NO,
  GST_TUNNEL_FRAGMENT_YES,
  GST_TUNNEL_FRAGMENT_AS_FIRST  /* the first fragment says it: this is not it */
} GstTunnelFragment;

GST_AFRING_API
GstTunnelFragment gst_tunnel_judge_fragment (const GstTunnelConfig *config,
                                        const GstTunnelPacket *packet,
                                        const GstPacketHeaders *headers);

/* The port's tunnel, NONE: there is none. */
static inline GstPacketTunnel
gst_tunnel_config_get_port (const GstTunnelConfig * self, guint16 port)
{
  for (guint i = 0; i < self->n_ports; i++)
    if (self->ports[i].port == port)
      return self->ports[i].tunnel & self->tunnels;
  return GST_PACKET_TUNNEL_NONE;
}

G_END_DECLS
