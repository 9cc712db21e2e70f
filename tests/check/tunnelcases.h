/* Packets in tunnels, made by hand, and what comes out.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring.h>

G_BEGIN_DECLS

/* What the header of the tunnel stands behind. */
typedef enum
{
  TUNNEL_OVER_UDP,              /* Ethernet, IPv4, UDP to the number */
  TUNNEL_OVER_IPV4,             /* Ethernet, IPv4 with the number as protocol */
  TUNNEL_OVER_IPV6,
  TUNNEL_OVER_TYPE,             /* Ethernet with the number as its type */
  TUNNEL_BARE                   /* nothing: the number is the link type */
} TunnelOver;

/* What is in it, from where on. */
typedef enum
{
  TUNNEL_OF_ETHERNET,
  TUNNEL_OF_TYPE,               /* the same from its EtherType on */
  TUNNEL_OF_IP,
  TUNNEL_OF_IPV6
} TunnelOf;

typedef struct
{
  const gchar *name;
  TunnelOver over;
  guint number;
  const gchar *header;          /* hexadecimal digits, and spaces */
  TunnelOf of;
  guint trailer;                /* bytes behind it that are no part of it */
  /* What has to be found: */
  const gchar *tunnel;          /* nick; NULL: the packet passes */
  guint32 id;
  guint link_type;
  const gchar *counted;         /* as, "opened" if NULL */
} TunnelCase;

extern const TunnelCase tunnel_cases[];
extern const guint n_tunnel_cases;

/* The packet with its tunnel, and its link type. */
GByteArray * tunnel_case_make         (const TunnelCase *self,
                                       guint            *link_type);

/* What comes out of it. */
GByteArray * tunnel_case_make_inside  (const TunnelCase *self);

/* Appends bytes from hexadecimal digits. */
void         tunnel_append_hex        (GByteArray       *bytes,
                                       const gchar      *text);

/* Puts Ethernet, IPv4 and UDP headers in front of it, or some of them. */
void         tunnel_put_in_udp        (GByteArray       *bytes,
                                       guint16           port);
void         tunnel_put_in_ipv4       (GByteArray       *bytes,
                                       guint8            protocol);
void         tunnel_put_in_ethernet   (GByteArray       *bytes,
                                       guint16           type);

G_END_DECLS
