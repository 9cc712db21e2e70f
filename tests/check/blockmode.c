/* Block mode of the mock ring: the packets that packet mode has, byte for
 * byte, in a stream in which nothing else is.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "blockrun.h"

#include <string.h>

#define BLOCKS "application/x-pcapng"
#define SINK "fakesink name=sink async=false sync=false " \
    "enable-last-sample=false"
#define MAX_LENGTH 65535

static const guint lengths[] = { 0, 1, 2, 3, 4, 13, 14, 15, 16, 17, 18, 19, 20,
  21, 22, 31, 32, 33, 34, 38, 42, 46, 59, 60, 61, 62, 63, 64, 65, 66, 67, 100,
  127, 128, 129, 200, 255, 256, 257, 511, 512, 513, 999, 1000, 1001, 1024, 1442,
  1500, 1514, 1518
};

static const GstPacketType types[] = { GST_PACKET_TYPE_HOST,
  GST_PACKET_TYPE_BROADCAST, GST_PACKET_TYPE_MULTICAST,
  GST_PACKET_TYPE_OTHERHOST, GST_PACKET_TYPE_OUTGOING, GST_PACKET_TYPE_UNKNOWN
};

static guint8 data[MAX_LENGTH];

/* UDP of which @length bytes are there: Ethernet with up to two tags, or raw
 * IP. */
static void
make_packet (GRand * random, guint length, guint link_type, guint n_tags,
    guint port)
{
  static const guint16 tpids[] = { 0x8100, 0x88a8 };
  guint8 head[64] = { 0, };
  guint at = 0;

  for (guint i = 0; i < length; i++)
    data[i] = g_rand_int (random);
  if (link_type == 1) {
    memcpy (head, "\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01", 12);
    for (at = 12; n_tags > 0; n_tags--, at += 4) {
      GST_WRITE_UINT16_BE (head + at, n_tags == 2 ? 0x88a8 :
          tpids[g_rand_int_range (random, 0, 2)]);
      GST_WRITE_UINT16_BE (head + at + 2, (g_rand_int (random) & 0xe000) | 100);
    }
    GST_WRITE_UINT16_BE (head + at, 0x0800);
    at += 2;
  }
  head[at] = 0x45;
  GST_WRITE_UINT16_BE (head + at + 2, MAX (length, at) - at);
  head[at + 8] = 64;
  head[at + 9] = 17;
  memcpy (head + at + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
  GST_WRITE_UINT16_BE (head + at + 20, 1000);
  GST_WRITE_UINT16_BE (head + at + 22, port);
  memcpy (data, head, MIN (length, at + 28));
}

/* Times grow, but for the odd one. */
static void
add_packet (Capture * capture, GRand * random, guint length)
{
  GstClockTime time = 10 + capture->n * 1000 - g_rand_int_range (random, 0, 9);
  guint more = g_rand_int_range (random, 0, 8) == 0 ? 100 : 0;

  capture_add (capture, data, length, length + more, time,
      types[g_rand_int_range (random, 0, G_N_ELEMENTS (types))]);
}

/* A length, mostly of those that are close to something. */
static guint
choose_length (GRand * random, guint most)
{
  guint n = g_rand_int_range (random, 0, 100);

  if (n < 75)
    n = lengths[g_rand_int_range (random, 0, G_N_ELEMENTS (lengths))];
  else if (n < 97)
    n = g_rand_int_range (random, 0, 3000);
  else
    n = n == 97 ? MAX_LENGTH : g_rand_int_range (random, 0, MAX_LENGTH);
  return MIN (n, most);
}

static Capture *
make_capture (guint seed, guint n, guint link_type, guint most)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  Capture *capture = capture_new (link_type);

  for (guint i = 0; i < n; i++) {
    guint length = choose_length (random, most);

    make_packet (random, length, link_type, seed % 2 ?
        g_rand_int_range (random, 0, 3) : 0, 5004 + i % 2);
    add_packet (capture, random, length);
  }
  capture_save (capture);
  return capture;
}

/* One packet of the stream, of pcapdec and of packet mode. */
static void
compare_packet (guint n, const WalkedPacket * walked, const SeenPacket * seen,
    const SeenPacket * expected)
{
  fail_unless (walked->captured == expected->length
      && walked->wire == expected->wire, "packet %u: %u of %u bytes, not %u of "
      "%u", n, walked->captured, walked->wire, expected->length,
      expected->wire);
  fail_unless (memcmp (walked->data, expected->data, expected->length) == 0,
      "packet %u of %u bytes: other bytes", n, expected->length);
  fail_unless_equals_uint64 (walked->time, expected->time);
  fail_unless_equals_int_hex (walked->flags,
      block_flags_of (expected->meta.packet_type));

  fail_unless_equals_int (seen->length, expected->length);
  fail_unless (memcmp (seen->data, expected->data, seen->length) == 0);
  fail_unless_equals_uint64 (seen->time, expected->time);
  fail_unless_equals_int (seen->wire, expected->wire);
  fail_unless_equals_int (seen->link_type, expected->link_type);
  fail_unless_equals_int (seen->meta.packet_type, expected->meta.packet_type);
  fail_unless (seen->meta.network_offset == expected->meta.network_offset,
      "packet %u of %u bytes: network offset %u, not %u", n, seen->length,
      seen->meta.network_offset, expected->meta.network_offset);
  /* of a tag that is not there any more only packet mode knows */
  if (expected->link_type == 101)
    return;
  fail_unless_equals_int (seen->meta.flags & GST_PACKET_FLAG_VLAN,
      expected->meta.flags & GST_PACKET_FLAG_VLAN);
  if (seen->meta.flags & GST_PACKET_FLAG_VLAN) {
    fail_unless_equals_int_hex (seen->meta.vlan_tci, expected->meta.vlan_tci);
    fail_unless_equals_int_hex (seen->meta.vlan_tpid, expected->meta.vlan_tpid);
  }
}

/* Plays it in both modes; the run in block mode. */
static BlockRun *
compare (Capture * capture, const gchar * properties)
{
  BlockRun *packets = block_run_new ("afringmocksrc name=src location=%s %s ! "
      SINK, capture->location, properties);
  BlockRun *blocks = block_run_new ("afringmocksrc name=src location=%s %s ! "
      BLOCKS " ! pcapdec ! " SINK, capture->location, properties);

  block_run_play (packets);
  block_run_wait_eos (packets);
  fail_unless_equals_int (packets->walk->sections, 0);
  block_run_to_end (blocks);
  fail_unless_equals_int (blocks->n_headers, 1);
  fail_unless_equals_int (blocks->walk->packets->len, packets->seen->len);
  fail_unless_equals_int (blocks->seen->len, packets->seen->len);
  for (guint i = 0; i < packets->seen->len; i++)
    compare_packet (i, pcapng_walk_get (blocks->walk, i),
        g_ptr_array_index (blocks->seen, i),
        g_ptr_array_index (packets->seen, i));
  fail_unless_equals_uint64 (blocks->walk->received,
      block_run_get_stat (blocks, "src", "packets-received"));
  fail_unless_equals_uint64 (blocks->walk->received,
      block_run_get_stat (packets, "src", "packets-received"));
  fail_unless_equals_uint64 (blocks->walk->dropped, 0);
  block_run_free (packets);
  return blocks;
}

/* All packets of the file are there, as they are in it, but for those that are
 * cut because a block has no room for them. */
static void
check_whole (BlockRun * run, Capture * capture, guint snaplen, guint uncut)
{
  PcapngWalk *file = pcapng_walk_file (capture->location);

  fail_unless_equals_int (file->packets->len, capture->n);
  fail_unless_equals_int (run->walk->packets->len, capture->n);
  for (guint i = 0; i < capture->n; i++) {
    const WalkedPacket *in = pcapng_walk_get (file, i);
    const WalkedPacket *out = pcapng_walk_get (run->walk, i);

    if (in->captured <= uncut) {
      fail_unless_equals_int (out->captured, MIN (in->captured, snaplen));
    } else {
      fail_unless (out->captured >= uncut && out->captured <= in->captured);
    }
    fail_unless_equals_int (out->wire, in->wire);
    fail_unless_equals_uint64 (out->time, in->time);
    fail_unless_equals_int_hex (out->flags, in->flags);
    fail_unless (memcmp (out->data, in->data, out->captured) == 0, "%u", i);
  }
  fail_unless_equals_uint64 (run->walk->received, capture->n);
  pcapng_walk_free (file);
}

#define N_SEEDS (block_is_slow () ? 2U : 40U)

/* Anything, in rings of all sizes. */
GST_START_TEST (test_random)
{
  static const guint block_sizes[] = { 131072, 262144, 1048576 };
  static const guint snaplens[] = { 262144, 20, 61, 1000 };

  for (guint seed = 0; seed < N_SEEDS; seed++) {
    Capture *capture = make_capture (1000 * __i__ + seed, 100 + seed % 300, 1,
        MAX_LENGTH);
    g_autofree gchar *properties = g_strdup_printf ("block-size=%u "
        "block-count=%u snaplen=%u", block_sizes[seed % 3], 3 + seed % 5,
        snaplens[__i__]);
    BlockRun *run = compare (capture, properties);

    check_whole (run, capture, snaplens[__i__], G_MAXUINT);
    fail_unless_equals_int (run->walk->snaplen, MIN (snaplens[__i__],
            block_sizes[seed % 3]));
    fail_unless_equals_int (run->walk->link_type, 1);
    block_run_free (run);
    capture_free (capture);
  }
}
GST_END_TEST

/* Blocks of a page, into which packets fit that are not large. */
GST_START_TEST (test_tiny_blocks)
{
  for (guint seed = 0; seed < N_SEEDS; seed++) {
    Capture *capture = make_capture (seed, 400, 1, __i__ ? 200 : 1518);
    g_autofree gchar *properties = g_strdup_printf ("block-size=4096 "
        "block-count=%u", 2 + seed % 30);
    BlockRun *run = compare (capture, properties);

    check_whole (run, capture, G_MAXUINT, G_MAXUINT);
    fail_unless (run->n_blocks > (__i__ ? 5 : 20));
    block_run_free (run);
    capture_free (capture);
  }
}
GST_END_TEST

/* Each length behind one that leaves it less and less room, and alone: some
 * fill their block to the last byte. */
GST_START_TEST (test_filled_blocks)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (__i__);
  const guint step = block_is_slow ()? 37 : 1, longest = 3700;
  Capture *capture = capture_new (1);
  BlockRun *run;

  for (guint length = 0; length < longest; length += step) {
    const guint fill[] = { 60, longest - length, length };

    for (guint i = __i__; i < 3; i++) {
      make_packet (random, fill[i], 1, length % 3, 5004);
      add_packet (capture, random, fill[i]);
    }
  }
  capture_save (capture);
  run = compare (capture, "block-size=4096 block-count=16");
  check_whole (run, capture, G_MAXUINT, 3400);
  fail_unless (run->n_blocks > 2000 / step);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

/* Much larger than a block. */
GST_START_TEST (test_larger_than_block)
{
  Capture *capture = make_capture (7, 300, 1, MAX_LENGTH);
  BlockRun *run = compare (capture, "block-size=4096 block-count=16");
  guint n_cut = 0;

  check_whole (run, capture, G_MAXUINT, 3400);
  for (guint i = 0; i < capture->n; i++) {
    const WalkedPacket *packet = pcapng_walk_get (run->walk, i);

    fail_unless (packet->captured < 4096);
    n_cut += packet->captured > 3400;
  }
  fail_unless (n_cut > 5);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

static const struct
{
  const gchar *properties;
  guint least, most;            /* packets of 1000, half of them tagged */
} filters[] = {
  {"filter=vlan", 200, 800},
  {"filter=\"not vlan\"", 200, 800},
  {"filter=\"vlan 100 and udp port 5005\"", 50, 600},
  {"filter=\"vlan and vlan and greater 1510\"", 1, 150},
  {"filter=\"vlan 4000\"", 0, 0},
  {"filter=\"udp port 5005\"", 100, 700},
  {"filter=\"udp port 9\"", 0, 0},
  {"filter=\"greater 1510\"", 20, 300},
  {"ip-only=true", 200, 999},
  {"ip-only=true ignore-vlans=true snaplen=50", 50, 600},
  {"layer=network", 200, 999},
  {"layer=network filter=vlan", 100, 800},
  {"layer=network snaplen=40", 200, 999},
  {"direction=in", 500, 999},
  {"direction=out filter=vlan", 20, 500},
  {"snaplen-strategy=ipv4-transport", 1000, 1000},
};

/* What is refused leaves no trace, whether the ring has it or not. */
GST_START_TEST (test_selections)
{
  const guint row = BLOCK_ROW (__i__);
  Capture *capture = make_capture (1, 1000, 1, 1518);
  g_autofree gchar *properties = g_strdup_printf ("block-size=65536 %s",
      filters[row].properties);
  BlockRun *run = compare (capture, properties);
  guint n = run->walk->packets->len;

  fail_unless (n >= filters[row].least && n <= filters[row].most,
      "%s: %u packets", filters[row].properties, n);
  fail_unless_equals_int (run->walk->link_type,
      strstr (properties, "network") ? 101 : 1);
  if (strstr (properties, "network")) {
    for (guint i = 0; i < n; i++) {
      fail_unless (pcapng_walk_get (run->walk, i)->captured == 0
          || pcapng_walk_get (run->walk, i)->data[0] == 0x45, "packet %u", i);
    }
  }
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

/* Every kind of packet there is one of. */
GST_START_TEST (test_link_types)
{
  static const guint link_types[] = { 0, 101, 113, 127, 147, 276 };
  Capture *capture = make_capture (4, 500, link_types[__i__], 1500);
  BlockRun *run = compare (capture, "block-size=65536");

  check_whole (run, capture, G_MAXUINT, G_MAXUINT);
  fail_unless_equals_int (run->walk->link_type, link_types[__i__]);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

GST_START_TEST (test_few)
{
  static const guint few[] = { 0, 1, 2, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i += block_is_slow ()? 9 : 1) {
    g_autoptr (GRand) random = g_rand_new_with_seed (i);
    Capture *capture = capture_new (1);
    BlockRun *run;

    for (guint n = 0; n < few[__i__]; n++) {
      make_packet (random, lengths[i], 1, 0, 5004);
      add_packet (capture, random, lengths[i]);
    }
    capture_save (capture);
    run = compare (capture, i % 2 ? "" : "block-size=4096");
    check_whole (run, capture, G_MAXUINT, G_MAXUINT);
    block_run_free (run);
    capture_free (capture);
  }
}
GST_END_TEST

/* It counts packets, wherever in a block that is. */
GST_START_TEST (test_num_buffers)
{
  static const guint numbers[] = { 1, 2, 50, 400, 777, 1999, 2000, 3000 };
  Capture *capture = make_capture (3, 2000, 1, 1518);
  guint n = numbers[__i__];
  g_autofree gchar *properties = g_strdup_printf ("num-buffers=%u "
      "block-size=%u", n, __i__ % 2 ? 65536 : 1048576);
  BlockRun *packets = block_run_new ("afringmocksrc name=src location=%s %s ! "
      SINK, capture->location, properties);
  BlockRun *blocks = block_run_new ("afringmocksrc name=src location=%s %s ! "
      BLOCKS " ! pcapdec ! " SINK, capture->location, properties);

  block_run_play (packets);
  block_run_wait_eos (packets);
  block_run_to_end (blocks);
  fail_unless_equals_int (packets->seen->len, MIN (n, 2000));
  fail_unless_equals_int (blocks->walk->packets->len, MIN (n, 2000));
  fail_unless_equals_int (blocks->seen->len, MIN (n, 2000));
  for (guint i = 0; i < packets->seen->len; i++)
    compare_packet (i, pcapng_walk_get (blocks->walk, i),
        g_ptr_array_index (blocks->seen, i),
        g_ptr_array_index (packets->seen, i));
  block_run_free (packets);
  block_run_free (blocks);
  capture_free (capture);
}
GST_END_TEST

/* The ring is full of a pattern, and then comes what has none of it: outside of
 * packets nobody ever sees it. */
GST_START_TEST (test_stale_bytes)
{
  const guint row = BLOCK_ROW (__i__);
  static const guint sizes[] = { 4096, 65536, 262144 };
  static const guint pattern_lengths[] = { 1400, 60, 3000 };
  const guint size = block_is_slow ()? 4096 : sizes[row % 3], count = 4;
  const guint pattern = pattern_lengths[row / 3];
  g_autoptr (GRand) random = g_rand_new_with_seed (row);
  Capture *capture = capture_new (1);
  g_autofree gchar *properties = g_strdup_printf ("block-size=%u "
      "block-count=%u", size, count);
  guint n_pattern = 0, outside = 0;
  gsize at = 0;
  BlockRun *run;

  /* three rounds of the ring, however few of them find room in a block */
  for (gsize bytes = 0; bytes < 3 * size * count; bytes += pattern) {
    memset (data, 0xa5, pattern);
    capture_add (capture, data, pattern, pattern, 1000 * capture->n,
        GST_PACKET_TYPE_HOST);
    n_pattern++;
  }
  for (gsize bytes = 0; bytes < 3 * size * count;) {
    guint length = g_rand_int_range (random, 0, row % 2 ? 70 : 800);

    memset (data, 0x11, length);
    capture_add (capture, data, length, length, 1000 * capture->n,
        GST_PACKET_TYPE_HOST);
    bytes += length + 100;
  }
  capture_save (capture);
  run = compare (capture, properties);
  check_whole (run, capture, G_MAXUINT, G_MAXUINT);

  for (guint i = 0; i < capture->n; i++) {
    const WalkedPacket *packet = pcapng_walk_get (run->walk, i);

    for (; at < packet->at; at++) {
      guint in_a_row = 0;

      while (at + in_a_row < packet->at
          && run->stream->data[at + in_a_row] == 0xa5)
        in_a_row++;
      outside = MAX (outside, in_a_row);
    }
    at += packet->captured;
    for (guint j = 0; i >= n_pattern && j < packet->captured; j++)
      fail_unless_equals_int_hex (packet->data[j], 0x11);
  }
  /* a time or a length may have one */
  fail_unless (outside < 3, "%u bytes of the pattern in a row", outside);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

/* That the walk would find it: no bit of a block of packets can be another
 * without being wrong or making other packets of it. */
GST_START_TEST (test_walk)
{
  Capture *capture = make_capture (9, 40, 1, 100);
  BlockRun *run = compare (capture, "");
  const guint8 *from = run->stream->data;
  gsize at = pcapng_walk_get (run->walk, 0)->at - 28;
  gsize end = run->stream->len - 76;
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, from, run->stream->len);
  fail_unless_equals_int (bytes->data[end], PCAPNG_STATISTICS);
  for (; at < end; at += block_is_slow ()? 13 : 1) {
    PcapngWalk *walk = pcapng_walk_new ();
    gboolean same;

    bytes->data[at] ^= 1 << at % 8;
    same = pcapng_walk (walk, bytes->data, bytes->len)
        && walk->packets->len == run->walk->packets->len;
    for (guint i = 0; same && i < walk->packets->len; i++) {
      const WalkedPacket *a = pcapng_walk_get (walk, i);
      const WalkedPacket *b = pcapng_walk_get (run->walk, i);

      same = a->captured == b->captured && a->wire == b->wire
          && a->time == b->time && a->flags == b->flags
          && memcmp (a->data, b->data, a->captured) == 0;
    }
    fail_if (same, "another byte at %" G_GSIZE_FORMAT, at);
    bytes->data[at] = from[at];
    pcapng_walk_free (walk);
  }
  g_byte_array_unref (bytes);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

static Suite *
blockmode_suite (void)
{
  Suite *suite = suite_create ("blockmode");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_walk);
  tcase_add_loop_test (tc, test_random, 0, 4);
  tcase_add_loop_test (tc, test_tiny_blocks, 0, 2);
  tcase_add_loop_test (tc, test_filled_blocks, 0, 3);
  tcase_add_test (tc, test_larger_than_block);
  tcase_add_loop_test (tc, test_selections, 0,
      BLOCK_N_ROWS (G_N_ELEMENTS (filters)));
  tcase_add_loop_test (tc, test_link_types, 0, 6);
  tcase_add_loop_test (tc, test_few, 0, 4);
  tcase_add_loop_test (tc, test_num_buffers, 0, 8);
  tcase_add_loop_test (tc, test_stale_bytes, 0, BLOCK_N_ROWS (8));
  return suite;
}

GST_CHECK_MAIN (blockmode)
