/* A block of the ring with any bytes, as a hostile kernel would leave it: the walk yields
 * what lies in the block, and what is made of it in place is well-formed pcapng.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/pcap/gstpcapngblock.h>
#include <gst/afring/ring/gstafringinplace.h>
#include <string.h>

#define BLOCK 16384
/* bytes that nobody may see in a file: what is between packets */
#define GAP 0xa5

static void
init_walk (GstAfringWalk * walk, guint8 * block, guint how)
{
  GstAfringLease lease = {.window = block,.size = BLOCK };

  gst_afring_walk_init (walk, &lease, how & 1 ? GST_CAPTURE_LINK_TYPE_LINUX_SLL2 :
      GST_CAPTURE_LINK_TYPE_ETHERNET, (how & 1) != 0, how & 2 ? 96 : 65536, 8,
      NULL);
}

/* The second one finds what the first one has restored. */
static void
walk_twice (guint8 * block, guint how)
{
  for (guint i = 0; i < 2; i++) {
    GstAfringWalk walk;
    GstAfringRecord record;
    guint n = 0;

    init_walk (&walk, block, how);
    while (gst_afring_walk_next (&walk, &record)) {
      fuzz_check (record.data >= block
          && record.data + record.captured_length <= block + BLOCK);
      fuzz_check (n++ < BLOCK / GST_AFRING_FRAME_HEADER_LENGTH);
    }
  }
}

/* Block by block to the end. */
static guint
count_packets (const guint8 * data, gsize length)
{
  guint packets = 0;

  for (gsize at = 0; at < length;) {
    guint32 type, size, again;

    fuzz_check (length - at >= 12);
    memcpy (&type, data + at, 4);
    memcpy (&size, data + at + 4, 4);
    fuzz_check (size >= 12 && size % 4 == 0 && size <= length - at);
    memcpy (&again, data + at + size - 4, 4);
    fuzz_check (again == size);
    packets += type == GST_PCAPNG_BLOCK_PACKET;
    at += size;
  }
  return packets;
}

static void
convert (guint8 * block, guint how)
{
  GstAfringInPlace config = {.link_type = how & 1 ?
        GST_CAPTURE_LINK_TYPE_LINUX_SLL2 : GST_CAPTURE_LINK_TYPE_ETHERNET,
    .layer = GST_CAPTURE_LAYER_LINK,.most = how & 4 ? 3 : G_MAXUINT
  };
  GstAfringInPlacePiece piece;
  GstAfringWalk walk;

  init_walk (&walk, block, how);
  gst_afring_in_place_convert (&config, &walk, &piece);
  if (piece.length == 0)
    return;
  fuzz_check (piece.data >= block && piece.data + piece.length <= block + BLOCK);
  fuzz_check (count_packets (piece.data, piece.length) == piece.packets);
  fuzz_check (piece.packets <= config.most);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  guint how;
  guint8 *block;

  fuzz_init ();
  how = fuzz_take_byte (&input);
  block = g_aligned_alloc (1, BLOCK, 4096);
  memset (block, GAP, BLOCK);
  memcpy (block, input.data, MIN (input.size, BLOCK));
  walk_twice (block, how);
  memset (block, GAP, BLOCK);
  memcpy (block, input.data, MIN (input.size, BLOCK));
  convert (block, how);
  g_aligned_free (block);
  return 0;
}
