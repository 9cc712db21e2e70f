/* gst-afring: a piece of a capture stream, and what packets have of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>
#include <gst/afring/ring/gstafringlease.h>

G_BEGIN_DECLS

/* Who has a part of the piece has a reference to its lease. */
typedef struct
{
  GstAfringLease lease;
  GstMemory *memory;            /* which nobody else writes to meanwhile, nor uses again */
  gboolean locked;
  GstMapInfo map;
} PcapPieceLease;

/* All zero at first. */
typedef struct
{
  PcapPieceLease *lease;        /* or NULL: there is none */
  gboolean in_blocks;           /* packets have the block that they are in */
} PcapPiece;

/* Takes @buffer in place of the one before. */
gboolean    pcap_piece_set      (PcapPiece           *self,
                                 GstBuffer           *buffer,
                                 GError             **error);
void        pcap_piece_drop     (PcapPiece           *self);

/* What the buffer of a packet has: bytes of the piece, or of memory that has been made for
 * it; none of both for a packet without bytes. */
typedef struct
{
  const guint8 *data;           /* in the piece, or NULL */
  gsize size;
  GstMemory *memory;            /* or NULL */
} PcapContent;

/* @record, which the packet was read from, is in the piece, or (@kept) among bytes that
 * are used again. */
PcapContent pcap_piece_get_content (PcapPiece        *self,
                                 const guint8        *record,
                                 gsize                length,
                                 const GstPcapPacket *packet,
                                 gboolean             kept);

G_END_DECLS
