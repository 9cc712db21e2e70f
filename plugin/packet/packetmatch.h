/* gst-afring: packets by protocol, addresses and ports
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gst/afring/packet/gstpacketparser.h>

G_BEGIN_DECLS

typedef enum
{
  PACKET_PROTOCOL_UDP,
  PACKET_PROTOCOL_TCP,
  PACKET_PROTOCOL_ANY
} PacketProtocol;

#define TYPE_PACKET_PROTOCOL (packet_protocol_get_type ())
GType packet_protocol_get_type (void);

gboolean packet_protocol_matches (PacketProtocol          self,
                                  const GstPacketHeaders *headers);

/* An IP address, or all that begin with the same bits (10.0.0.0/8). */
typedef struct
{
  guint8 bytes[16];
  guint8 length;                /* of an address in bytes; 0: any address */
  guint8 bits;                  /* that have to be the same */
} PacketAddress;

/* NULL and "" stand for any address. */
gboolean packet_address_parse    (PacketAddress          *self,
                                  const gchar            *text,
                                  GError                **error);

/* NULL if it is any address. */
gchar *  packet_address_format   (const PacketAddress    *self);

gboolean packet_address_matches  (const PacketAddress    *self,
                                  const guint8           *address,
                                  gsize                   length);

G_END_DECLS
