/* gst-afring: a piece of a capture stream, and what packets have of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* All zero at first. */
typedef struct
{
  GstMemory *memory;            /* or NULL: there is none */
  GstMapInfo map;
  guint shares;
  gboolean in_blocks;           /* packets have the block that they are in */
} PcapPiece;

/* Takes @buffer in place of the one before. */
gboolean    pcap_piece_set         (PcapPiece           *self,
                                    GstBuffer           *buffer,
                                    GError             **error);
void        pcap_piece_drop        (PcapPiece           *self);

/* The content of a packet's buffer; NULL: none. @record, which the packet was read from, is
 * in the piece, or (@kept) among bytes that are used again. */
GstMemory * pcap_piece_get_content (PcapPiece           *self,
                                    const guint8        *record,
                                    gsize                length,
                                    const GstPcapPacket *packet,
                                    gboolean             kept);

G_END_DECLS
