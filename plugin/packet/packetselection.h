/* gst-afring: which packets and what of them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetmatch.h"

G_BEGIN_DECLS

typedef enum
{
  PACKET_LAYER_NETWORK,
  PACKET_LAYER_TRANSPORT,
  PACKET_LAYER_PAYLOAD
} PacketLayer;

/* As one piece: a list of packets is handled by one and the same. */
#define PACKET_ANY_PORT -1

typedef struct
{
  PacketLayer layer;
  PacketProtocol protocol;
  PacketAddress src;
  PacketAddress dst;
  gint src_port;                /* -1: any */
  gint dst_port;
} PacketSelection;

/* Ids of the properties, from the one on that a class gives them. */
typedef enum
{
  PACKET_SELECTION_LAYER,
  PACKET_SELECTION_PROTOCOL,
  PACKET_SELECTION_SRC_IP,
  PACKET_SELECTION_DST_IP,
  PACKET_SELECTION_SRC_PORT,
  PACKET_SELECTION_DST_PORT,
  PACKET_SELECTION_N
} PacketSelectionProperty;

void     packet_selection_install_properties (GObjectClass          *klass,
                                              guint                  first_id);

/* FALSE if @value is not what the property takes: what was there stays. */
gboolean packet_selection_set_property       (PacketSelection       *self,
                                              PacketSelectionProperty id,
                                              const GValue          *value,
                                              GError               **error);

void     packet_selection_get_property       (const PacketSelection *self,
                                              PacketSelectionProperty id,
                                              GValue                *value);

gboolean packet_selection_matches            (const PacketSelection *self,
                                              const GstPacketHeaders *headers);

/* What of a packet goes on. */
void     packet_selection_get_range          (const PacketSelection *self,
                                              const GstPacketHeaders *headers,
                                              gsize                 *start,
                                              gsize                 *end);

G_END_DECLS
