/* Bytes of a connection of RTSP, or of anything, in pieces of any size and with holes: what
 * is taken for a packet is there, and no byte is counted twice.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"
#include "packet/rtspframer.h"

#include <string.h>

#define PIECE 2048

typedef struct
{
  guint64 packets;
  guint64 bytes;                /* with what is in front of each */
} Found;

static void
take_packet (guint8 channel, GstBuffer * packet, gpointer user_data)
{
  static volatile guint sum;
  Found *found = user_data;
  GstMapInfo map;

  fuzz_check (gst_buffer_map (packet, &map, GST_MAP_READ));
  fuzz_check (map.size > 0 && map.size <= G_MAXUINT16);
  for (gsize i = 0; i < map.size; i++)
    sum += map.data[i];
  found->packets++;
  found->bytes += 4 + map.size;
  gst_buffer_unmap (packet, &map);
  gst_buffer_unref (packet);
}

/* What the input need not spell. */
static GstBuffer *
make_piece (FuzzInput * input, guint kind)
{
  static const gchar *const texts[] = { "RTSP/1.0 200 OK\r\n\r\n",
    "RTSP/1.0 200 OK\r\nContent-Length: 30\r\n\r\n", "PLAY rtsp://a RTSP/1.0\r\n",
    "$\0\0\14\200\10\0\1\0\0\0\0\1\2\3\4", "\r\n\r\n", "$\1\0\10\200\311\0\1"
  };
  static const guint8 sizes[] = { 19, 39, 24, 16, 4, 8 };
  guint which = kind % G_N_ELEMENTS (texts);
  guint8 *bytes;
  gsize size;

  if (kind < 128) {
    size = 1 + fuzz_take_byte (input);
    return gst_buffer_new_memdup (texts[which], MIN (sizes[which], size));
  }
  bytes = fuzz_take (input, fuzz_take_byte (input) * PIECE / 256, &size);
  return gst_buffer_new_wrapped (bytes, size);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  const RtspFramerStats *stats;
  Found found = { 0, };
  RtspFramer *framer;
  guint64 came = 0;
  guint holes = 0;

  fuzz_init ();
  framer = rtsp_framer_new (take_packet, &found);
  stats = rtsp_framer_get_stats (framer);
  while (input.size > 0) {
    guint kind = fuzz_take_byte (&input);
    GstBuffer *piece;

    if (kind == 255) {
      rtsp_framer_note_hole (framer, fuzz_take_byte (&input));
      holes++;
      continue;
    }
    if (kind == 254) {
      rtsp_framer_clear (framer);
      continue;
    }
    piece = make_piece (&input, kind);
    came += gst_buffer_get_size (piece);
    rtsp_framer_take (framer, piece);
    fuzz_check (stats->packets == found.packets);
    fuzz_check (found.bytes + stats->skipped <= came);
  }
  rtsp_framer_finish (framer);
  fuzz_check (found.bytes + stats->skipped <= came);
  fuzz_check (stats->cut <= holes + 1);
  fuzz_check (rtsp_framer_count_holes (framer) == holes);
  rtsp_framer_free (framer);
  return 0;
}
