/* gst-afring: what packets of one flow have in common
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetdissector.h"

G_BEGIN_DECLS

/* One direction of a connection, on one interface, in one VLAN, in one tunnel.
 * Compared as bytes. */
typedef struct
{
  guint8 src[16];
  guint8 dst[16];
  PacketLink link;
  guint16 src_port;
  guint16 dst_port;
  guint8 protocol;
  guint8 version;
  guint8 zero[2];
} FlowKey;

void         flow_key_init         (FlowKey                *self,
                                    const GstPacketHeaders *headers,
                                    PacketLink              link);

/* That of the other direction. */
void         flow_key_reverse      (const FlowKey          *self,
                                    FlowKey                *reverse);

/* As GHashTable wants them. */
guint        flow_key_hash         (gconstpointer           self);
gboolean     flow_key_equal        (gconstpointer           a,
                                    gconstpointer           b);

/* Sets src-ip, dst-ip, src-port, dst-port, protocol, protocol-number, interface,
 * and vlan, inner-vlan, tunnel and tunnel-id where there are any. */
void         flow_key_describe     (const FlowKey          *self,
                                    GstStructure           *structure);

G_END_DECLS
