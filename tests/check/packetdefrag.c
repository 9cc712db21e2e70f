/* Fragments whose sender means ill: what they cost, and what they hold; and the hash
 * that he cannot foresee.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockrun.h"

#include <gst/afring/packet/gstpacketdefrag.h>
#include <gst/afring/packet/gstpackethash.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#define MIB (1024 * 1024)

/* Behind an IP header of @head bytes, which is not read. */
static GByteArray *
add (GstPacketDefrag * defrag, guint32 id, gsize offset, gsize size,
    gboolean more, gsize head, guint64 link)
{
  static guint8 data[200000];
  static const guint8 addresses[32] = { 0, };
  GstPacketHeaders headers = {.transport = head,.end = head + size,
    .version = head == 20 ? 4 : 6,.protocol = 17,.src = addresses,
    .dst = addresses + 16,.fragment_id = id,.fragment_offset = offset,
    .more_fragments = more,.protocol_at = 6
  };

  memset (data + head, id, size);
  return gst_packet_defrag_add (defrag, data, &headers, link, 0);
}

static void
check_whole (GByteArray * packet, gsize size, guint8 byte)
{
  fail_unless (packet != NULL);
  fail_unless_equals_int (packet->len, 20 + size);
  fail_unless_equals_int (packet->data[20], byte);
  fail_unless (memcmp (packet->data + 20, packet->data + 21, size - 1) == 0);
  g_byte_array_unref (packet);
}

/* As many as a packet can have, in an order that a search would not like, among
 * thousands of others. Its work does not grow with any of it: this takes no time that
 * a test would notice, where walking over all of them took minutes. */
GST_START_TEST (test_order)
{
  GstPacketDefrag *defrag = gst_packet_defrag_new ();
  guint n = 8000, rounds = mock_is_slow () ? 2 : 100;
  GByteArray *packet;

  for (guint i = 0; i < 4000; i++)
    fail_unless (add (defrag, 1000 + i, 8, 8, TRUE, 20, 0) == NULL);
  for (guint round = 0; round < rounds; round++) {
    packet = NULL;
    for (guint i = n; i > 0; i--) {
      fail_unless (packet == NULL);
      packet = add (defrag, round, (i - 1) * 8, 8, i < n, 20, 0);
    }
    check_whole (packet, n * 8, round);
  }
  gst_packet_defrag_free (defrag);
}
GST_END_TEST

static guint64
get_expired (GstPacketDefrag * defrag)
{
  GstPacketDefragStats stats;

  gst_packet_defrag_get_stats (defrag, &stats);
  return stats.expired;
}

/* Bytes that a fragment of that kind holds, and that nobody counts, would show as
 * memory that is not there. */
static const struct
{
  gsize offset, size, head;
} kinds[] = {
  {8, 8, 20},                   /* tiny ones */
  {65000, 8, 20},               /* at the far end */
  {0, 8, 57000},                /* with a long chain of headers */
  {8, 1480, 20},                /* ordinary ones */
};

/* All memory is counted: a bound on payload is none. The oldest go, and are
 * counted. */
GST_START_TEST (test_memory)
{
  GstPacketDefrag *defrag = gst_packet_defrag_new ();
  gsize one;
  guint n = 20000;

  add (defrag, 0, kinds[__i__].offset, kinds[__i__].size, TRUE,
      kinds[__i__].head, 0);
  one = gst_packet_defrag_get_memory (defrag);
  fail_unless (one >= kinds[__i__].size + 256
      + (kinds[__i__].offset == 0 ? kinds[__i__].head : 0));
  fail_unless (one < 4096 + 3 * kinds[__i__].head);
  for (guint i = 1; i < n; i++) {
    add (defrag, i, kinds[__i__].offset, kinds[__i__].size, TRUE,
        kinds[__i__].head, 0);
    fail_unless (gst_packet_defrag_get_memory (defrag) <= 16 * MIB + one);
  }
  fail_unless (get_expired (defrag) >= n - 4097);
  fail_unless (get_expired (defrag) < n);
  gst_packet_defrag_clear (defrag);
  fail_unless_equals_uint64 (get_expired (defrag), n);
  fail_unless_equals_uint64 (gst_packet_defrag_get_memory (defrag), 0);
  gst_packet_defrag_free (defrag);
}
GST_END_TEST

/* Tiny fragments of one packet have the memory of that packet. */
GST_START_TEST (test_tiny)
{
  GstPacketDefrag *defrag = gst_packet_defrag_new ();

  for (guint i = 1; i < 8000; i++)
    add (defrag, 1, i * 8, 8, TRUE, 20, 0);
  fail_unless (gst_packet_defrag_get_memory (defrag) < 80000);
  check_whole (add (defrag, 1, 64000, 8, FALSE, 20, 0) == NULL ?
      add (defrag, 1, 0, 8, TRUE, 20, 0) : NULL, 64008, 1);
  fail_unless_equals_uint64 (gst_packet_defrag_get_memory (defrag), 0);
  gst_packet_defrag_free (defrag);
}
GST_END_TEST

GST_START_TEST (test_overlap)
{
  GstPacketDefrag *defrag = gst_packet_defrag_new ();
  GstPacketDefragStats stats;

  /* twice the same is nothing */
  add (defrag, 1, 0, 2000, TRUE, 20, 0);
  add (defrag, 1, 0, 2000, TRUE, 20, 0);
  check_whole (add (defrag, 1, 2000, 500, FALSE, 20, 0), 2500, 1);

  /* over the edge of what is there, on either side, and over the end */
  add (defrag, 2, 2000, 800, TRUE, 20, 0);
  add (defrag, 2, 2792, 100, FALSE, 20, 0);
  add (defrag, 3, 2000, 804, FALSE, 20, 0);
  add (defrag, 3, 1992, 16, TRUE, 20, 0);
  add (defrag, 4, 2000, 4, FALSE, 20, 0);
  add (defrag, 4, 2000, 8, TRUE, 20, 0);
  gst_packet_defrag_get_stats (defrag, &stats);
  fail_unless_equals_uint64 (stats.rejected, 6);
  /* and what comes then is too late */
  fail_unless (add (defrag, 2, 0, 2000, TRUE, 20, 0) == NULL);
  gst_packet_defrag_get_stats (defrag, &stats);
  fail_unless_equals_uint64 (stats.rejected, 7);
  gst_packet_defrag_free (defrag);
}
GST_END_TEST

GST_START_TEST (test_links)
{
  GstPacketDefrag *defrag = gst_packet_defrag_new ();

  fail_unless (add (defrag, 1, 0, 8, TRUE, 20, 1) == NULL);
  fail_unless (add (defrag, 1, 8, 8, FALSE, 20, 2) == NULL);
  check_whole (add (defrag, 1, 8, 8, FALSE, 20, 1), 16, 1);
  check_whole (add (defrag, 1, 0, 8, TRUE, 20, 2), 16, 1);
  gst_packet_defrag_free (defrag);
}
GST_END_TEST

/* Keys that the multiplication by 33, and FNV-1a of the last bytes, put into one
 * bucket are spread; so are those that differ in one bit. */
GST_START_TEST (test_hash)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  guint low[256] = { 0, }, n = 0;
  guint8 key[48] = { 0, };

  for (guint i = 0; i < 4096; i++) {
    guint hash;

    for (guint j = 0; j < 6; j++) {
      guint step = i >> 2 * j & 3;

      key[20 + 2 * j] = step;
      key[21 + 2 * j] = 132 - 33 * step;
    }
    hash = gst_packet_hash (key, sizeof (key));
    fail_unless_equals_int (hash, gst_packet_hash (key, sizeof (key)));
    g_hash_table_add (seen, GUINT_TO_POINTER (hash));
    low[hash & 255]++;
  }
  fail_unless (g_hash_table_size (seen) >= 4090);
  /* 16 each */
  for (guint i = 0; i < 256; i++)
    n = MAX (n, low[i]);
  fail_unless (n < 100, "%u", n);

  g_hash_table_remove_all (seen);
  memset (key, 0, sizeof (key));
  for (guint i = 0; i < sizeof (key) * 8; i++) {
    key[i / 8] ^= 1 << i % 8;
    g_hash_table_add (seen, GUINT_TO_POINTER (gst_packet_hash (key,
                sizeof (key))));
    key[i / 8] ^= 1 << i % 8;
  }
  fail_unless (g_hash_table_size (seen) >= sizeof (key) * 8 - 2);
}
GST_END_TEST

/* Addresses in a row do not crowd. */
GST_START_TEST (test_hash_row)
{
  for (guint at = 0; at < 48; at++) {
    guint places[256] = { 0, };
    guint8 key[48] = { 10, 0, 0, };

    for (guint i = 0; i < 256; i++) {
      guint place;

      key[at] = i;
      place = gst_packet_hash (key, sizeof (key)) % 256;
      fail_unless (++places[place] < 14, "byte %u", at);
    }
  }
}
GST_END_TEST

/* Another process draws another one. */
GST_START_TEST (test_seed)
{
  static const guint8 key[16] = { 1, };
  g_autofree gchar *first = NULL, *second = NULL;
  gint status;

  if (g_getenv ("AFRING_TELL_HASH") != NULL) {
    g_print ("hash %u\n", gst_packet_hash (key, sizeof (key)));
    return;
  }
  for (guint i = 0; i < 2; i++) {
    g_auto (GStrv) environment = g_environ_setenv (g_get_environ (),
        "AFRING_TELL_HASH", "1", TRUE);
    gchar *argv[] = { "/proc/self/exe", NULL };
    g_autofree gchar *program = g_file_read_link (argv[0], NULL);
    gchar **output = i == 0 ? &first : &second;

    argv[0] = program;
    environment = g_environ_setenv (environment, "GST_CHECKS", "test_seed",
        TRUE);
    fail_unless (g_spawn_sync (NULL, argv, environment, G_SPAWN_DEFAULT, NULL,
            NULL, output, NULL, &status, NULL));
    fail_unless (strstr (*output, "hash ") != NULL, "%s", *output);
  }
  fail_if (g_str_equal (strstr (first, "hash "), strstr (second, "hash ")));
}
GST_END_TEST

static Suite *
packetdefrag_suite (void)
{
  Suite *suite = suite_create ("packetdefrag");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_order);
  tcase_add_loop_test (tc, test_memory, 0, G_N_ELEMENTS (kinds));
  tcase_add_test (tc, test_tiny);
  tcase_add_test (tc, test_overlap);
  tcase_add_test (tc, test_links);
  tcase_add_test (tc, test_hash);
  tcase_add_test (tc, test_hash_row);
  tcase_add_test (tc, test_seed);
  return suite;
}

GST_CHECK_MAIN (packetdefrag)
