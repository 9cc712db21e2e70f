/* gst-afring: a ring block as the kernel lays it out (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <linux/if_packet.h>

G_BEGIN_DECLS

/* linux/if_packet.h, TPACKET_V3. A block begins with a tpacket_block_desc; each
 * packet in it is a tpacket3_hdr, a sockaddr_ll, a gap and the bytes. All words
 * of a block but the status are plain data once the status says USER. */

#define GST_AFRING_FRAME_HEADER_LENGTH \
    (TPACKET_ALIGN (sizeof (struct tpacket3_hdr)) + sizeof (struct sockaddr_ll))

/* Ahead of its first packet a block has room that the kernel leaves alone
 * (tp_sizeof_priv), for a piece of pcapng to begin in (gstafringinplace.h). */
#define GST_AFRING_BLOCK_HEADER_LENGTH 48
#define GST_AFRING_FIRST_PACKET_OFFSET 592

static inline guint32
gst_afring_block_get_status (const guint8 * block)
{
  const struct tpacket_block_desc *desc = (gconstpointer) block;

  return __atomic_load_n (&desc->hdr.bh1.block_status, __ATOMIC_ACQUIRE);
}

static inline void
gst_afring_block_set_status (guint8 * block, guint32 status)
{
  struct tpacket_block_desc *desc = (gpointer) block;

  __atomic_store_n (&desc->hdr.bh1.block_status, status, __ATOMIC_RELEASE);
}

/* Counts hand-overs from 1 on; tells a refilled block from one not given back. */
static inline guint64
gst_afring_block_get_sequence (const guint8 * block)
{
  return ((const struct tpacket_block_desc *) (gconstpointer)
      block)->hdr.bh1.seq_num;
}

static inline guint32
gst_afring_block_get_packets (const guint8 * block)
{
  return ((const struct tpacket_block_desc *) (gconstpointer)
      block)->hdr.bh1.num_pkts;
}

static inline guint32
gst_afring_block_get_first_offset (const guint8 * block)
{
  return ((const struct tpacket_block_desc *) (gconstpointer)
      block)->hdr.bh1.offset_to_first_pkt;
}

/* Bytes of the block that are in use, from its start on. */
static inline guint32
gst_afring_block_get_length (const guint8 * block)
{
  return ((const struct tpacket_block_desc *) (gconstpointer)
      block)->hdr.bh1.blk_len;
}

/* For whoever lays something else than packets into a block; the kernel sets it
 * anew. */
static inline void
gst_afring_block_set_length (guint8 * block, guint32 length)
{
  ((struct tpacket_block_desc *) (gpointer) block)->hdr.bh1.blk_len = length;
}

G_END_DECLS
