/* packetdedup: what is a copy, and what is not.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

#include <string.h>

/* Where the fields are in a packet of the kit without tags. */
#define IP 14

static GstBuffer *
make (GstClockTime time, guint8 content, guint vlan)
{
  KitPacket packet = {.time = time,.src_port = 7,.vlans = {vlan},
    .payload = &content,.size = 1
  };

  return kit_make (&packet);
}

static GstBuffer *
make_with (GstClockTime time, guint at, guint8 value)
{
  GstBuffer *buffer = make (time, 1, 0);

  gst_buffer_memset (buffer, at, value, 1);
  return buffer;
}

static void
push (KitRun * run, GstBuffer * buffer)
{
  fail_unless_equals_int (kit_run_push (run, buffer), GST_FLOW_OK);
}

static guint
count (KitRun * run)
{
  return kit_pad_count_buffers (kit_run_get_pad (run, 0));
}

/* The way through a switch or a router changes the link, the tag, TTL and checksum. */
GST_START_TEST (test_copies)
{
  KitRun *run = kit_run_new ("packetdedup");

  push (run, make (0, 1, 0));
  push (run, make (1, 1, 0));
  push (run, make (2, 1, 12));
  push (run, make_with (3, 0, 0x77));
  push (run, make_with (4, IP + 8, 63));
  push (run, make_with (5, IP + 10, 0x55));
  push (run, make_with (6, IP + 11, 0x55));
  fail_unless_equals_int (count (run), 1);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "packets"), 7);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "duplicates"), 6);
  kit_run_free (run);
}
GST_END_TEST

/* Each byte but those makes another packet. */
GST_START_TEST (test_others)
{
  KitRun *run = kit_run_new ("packetdedup");
  GstBuffer *first = make (0, 1, 0);
  gsize size = gst_buffer_get_size (first);
  guint n = 1;

  push (run, first);
  for (guint at = IP; at < size; at++) {
    /* version, length and fragments, without which it is no such packet */
    if (at == IP || at == IP + 6 || at == IP + 2 || at == IP + 3 || at == IP + 8
        || at == IP + 10 || at == IP + 11 || at == IP + 24 || at == IP + 25)
      continue;
    push (run, make_with (0, at, 0xa5));
    fail_unless_equals_int (count (run), ++n);
  }
  fail_unless_equals_uint64 (kit_run_get_stat (run, "not-compared"), 0);
  kit_run_free (run);
}
GST_END_TEST

GST_START_TEST (test_window)
{
  KitRun *run = kit_run_new ("packetdedup window=1000 max-packets=2");

  push (run, make (0, 1, 0));
  push (run, make (1000, 1, 0));
  fail_unless_equals_int (count (run), 1);
  push (run, make (1001, 1, 0));
  fail_unless_equals_int (count (run), 2);
  /* and before: neighbours can be out of order */
  push (run, make (900, 1, 0));
  fail_unless_equals_int (count (run), 2);
  /* only the last two are known */
  push (run, make (1002, 2, 0));
  push (run, make (1002, 3, 0));
  push (run, make (1002, 1, 0));
  fail_unless_equals_int (count (run), 5);
  push (run, make (1002, 3, 0));
  fail_unless_equals_int (count (run), 5);
  push (run, make (1002, 2, 0));
  fail_unless_equals_int (count (run), 6);
  kit_run_free (run);
}
GST_END_TEST

/* What nobody knows, passes: ARP, and a packet without a meta. */
GST_START_TEST (test_not_compared)
{
  KitRun *run = kit_run_new ("packetdedup");

  for (guint i = 0; i < 2; i++) {
    GstBuffer *buffer = make_with (0, 13, 0x06), *bare = make (0, 1, 0);

    push (run, buffer);
    gst_buffer_remove_meta (bare,
        (GstMeta *) gst_buffer_get_packet_meta (bare));
    push (run, bare);
  }
  fail_unless_equals_int (count (run), 4);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "not-compared"), 4);
  kit_run_free (run);
}
GST_END_TEST

/* A list stays one; in one in which all are new it is the very list. What was lost is
 * told though the packet that said it is a copy. */
GST_START_TEST (test_lists)
{
  KitRun *run = kit_run_new ("packetdedup");
  GstBufferList *list = gst_buffer_list_new ();
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBuffer *copy;

  push (run, make (0, 0, 0));
  gst_buffer_list_add (list, make (0, 1, 0));
  copy = make (0, 1, 0);
  GST_BUFFER_FLAG_SET (copy, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_list_add (list, copy);
  gst_buffer_list_add (list, make (0, 2, 0));
  gst_pad_push_list (run->harness->srcpad, list);
  fail_unless_equals_int (pad->lists->len, 1);
  fail_unless_equals_int (g_array_index (pad->lists, guint, 0), 2);
  fail_unless (GST_BUFFER_FLAG_IS_SET (kit_pad_get_buffer (pad, 2),
          GST_BUFFER_FLAG_DISCONT));
  kit_run_free (run);
}
GST_END_TEST

/* What comes after a flush has not come before. */
GST_START_TEST (test_flush)
{
  KitRun *run = kit_run_new ("packetdedup");

  push (run, make (0, 1, 0));
  kit_run_flush (run);
  push (run, make (0, 1, 0));
  fail_unless_equals_int (count (run), 2);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
packetdedup_suite (void)
{
  Suite *suite = suite_create ("packetdedup");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_copies);
  tcase_add_test (tc, test_others);
  tcase_add_test (tc, test_window);
  tcase_add_test (tc, test_not_compared);
  tcase_add_test (tc, test_lists);
  tcase_add_test (tc, test_flush);
  return suite;
}

GST_CHECK_MAIN (packetdedup);
