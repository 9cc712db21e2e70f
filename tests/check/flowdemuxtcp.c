/* flowdemux tcp-reassembly: what segments become.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tcpkit.h"

#include <string.h>

#define MOST_SEGMENTS 10

/* Segments, what the client's flow is then, and one of its counters. Sequence numbers
 * count from @first on. */
typedef struct
{
  const gchar *name;
  guint32 first;
  KitSegment segments[MOST_SEGMENTS];   /* up to the first with nothing */
  const gchar *before_eos;      /* NULL: the same */
  const gchar *stream;
  const gchar *counter;
  guint64 count;
} TcpCase;

static const TcpCase cases[] = {
  {"in order", 1000, {{0, TCP_SYN}, {1, TCP_ACK, "ab"}, {3, TCP_ACK, "cd"}},
      NULL, "abcd", "delivered", 4},
  {"out of order", 0, {{0, TCP_SYN}, {3, TCP_ACK, "cd"}, {5, TCP_ACK, "ef"},
          {1, TCP_ACK, "ab"}}, NULL, "abcdef", "out-of-order", 2},
  {"backwards", 0, {{0, TCP_SYN}, {5, TCP_ACK, "ef"}, {3, TCP_ACK, "cd"},
          {1, TCP_ACK, "ab"}}, NULL, "abcdef", "holes", 0},
  {"sent again", 0, {{0, TCP_SYN}, {1, TCP_ACK, "abcd"}, {1, TCP_ACK, "abcd"},
          {5, TCP_ACK, "e"}, {0, TCP_SYN}}, NULL, "abcde", "retransmitted", 4},
  {"what came first counts", 0, {{0, TCP_SYN}, {1, TCP_ACK, "abcd"},
          {3, TCP_ACK, "XXef"}}, NULL, "abcdef", "overlapping", 2},
  {"also what waits", 0, {{0, TCP_SYN}, {4, TCP_ACK, "de"},
          {8, TCP_ACK, "h"}, {2, TCP_ACK, "bcXXfgXi"}, {1, TCP_ACK, "a"}},
      "abcdefghi", "abcdefghi", "overlapping", 3},
  {"sent again while it waits", 0, {{0, TCP_SYN}, {3, TCP_ACK, "cd"},
          {3, TCP_ACK, "XX"}, {1, TCP_ACK, "ab"}}, NULL, "abcd",
      "retransmitted", 2},
  {"keep-alives", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"}, {2, TCP_ACK, "X"},
          {2, TCP_ACK}, {3, TCP_ACK, "c"}}, NULL, "abc", "keep-alives", 2},
  {"a probe of a closed window", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {3, TCP_ACK, "c"}, {3, TCP_ACK, "cde"}}, NULL, "abcde",
      "overlapping", 1},
  {"data in SYN", 0, {{0, TCP_SYN, "ab"}, {3, TCP_ACK, "cd"}}, NULL, "abcd",
      "delivered", 4},
  {"data with FIN, before the rest", 0, {{0, TCP_SYN},
          {3, TCP_ACK | TCP_FIN, "cd"}, {1, TCP_ACK, "ab"}}, NULL, "abcd",
      "delivered", 4},
  {"data behind FIN", 0, {{0, TCP_SYN}, {1, TCP_ACK | TCP_FIN, "ab"},
          {4, TCP_ACK, "X"}}, NULL, "ab", "strays", 1},
  {"data with RST", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {3, TCP_RST, "no"}}, NULL, "abno", "delivered", 4},
  {"numbers that wrap", 0xfffffffd, {{0, TCP_SYN}, {5, TCP_ACK, "ef"},
          {1, TCP_ACK, "abcd"}, {7, TCP_ACK, "g"}}, NULL, "abcdefg",
      "delivered", 7},
  {"from the middle on", 77, {{50, TCP_ACK, "ab"}, {40, TCP_ACK, "XX"},
          {52, TCP_ACK, "cd"}}, NULL, "abcd", "retransmitted", 2},
  {"from a keep-alive on", 77, {{50, TCP_ACK}, {51, TCP_ACK, "ab"}}, NULL,
      "ab", "holes", 0},
  {"lost", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"}, {6, TCP_ACK, "fg"}}, "ab",
      "ab[3]fg", "missing", 3},
  {"lost, and acknowledged", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {6, TCP_ACK, "fg"}, {0, TCP_ACK, NULL, 8, TRUE},
          {3, TCP_ACK, "cde"}, {8, TCP_ACK, "h"}}, "ab[3]fgh", "ab[3]fgh",
      "retransmitted", 3},
  {"acknowledged first", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {0, TCP_ACK, NULL, 8, TRUE}, {6, TCP_ACK, "fg"}}, "ab[3]fg",
      "ab[3]fg", "holes", 1},
  {"acknowledged, but not captured", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {0, TCP_ACK, NULL, 9, TRUE}}, "ab", "ab", "missing", 6},
  {"an end that is acknowledged is none missing", 0, {{0, TCP_SYN},
          {1, TCP_ACK | TCP_FIN, "ab"}, {0, TCP_ACK, NULL, 4, TRUE}}, "ab",
      "ab", "missing", 0},
  {"not all captured", 0, {{0, TCP_SYN}, {1, TCP_ACK, "abXX",.cut = 2},
          {5, TCP_ACK, "ef"}}, "ab[2]ef", "ab[2]ef", "missing", 2},
  {"not all captured of what waits", 0, {{0, TCP_SYN},
          {3, TCP_ACK, "cXX",.cut = 2}, {6, TCP_ACK, "f"}, {1, TCP_ACK, "ab"}},
      "abc[2]f", "abc[2]f", "holes", 1},
  {"one stray", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {0x20000000, TCP_ACK, "XX"}, {3, TCP_ACK, "cd"}}, "abcd", "abcd",
      "strays", 1},
  {"two in a row", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {0x20000000, TCP_ACK, "cd"}, {0x20000002, TCP_ACK, "ef"}},
      "ab[536870909]cdef", "ab[536870909]cdef", "strays", 0},
  {"two in a row, before", 0, {{0, TCP_SYN}, {1, TCP_ACK, "ab"},
          {0xd0000000, TCP_ACK, "cd"}, {0xd0000002, TCP_ACK, "ef"}},
      "ab[?]cdef", "ab[?]cdef", "delivered", 6},
  /* a hole of known size beside one of which nobody knows it */
  {"two in a row, before, and one not captured", 0, {{0, TCP_SYN},
          {1, TCP_ACK, "ab"}, {0xd0000000, TCP_ACK, "XX",.cut = 2},
          {0xd0000002, TCP_ACK, "ef"}}, "ab[?]ef", "ab[?]ef", "missing", 2},
};

static void
push_segments (KitRun * run, const TcpCase * one)
{
  for (guint i = 0; i < MOST_SEGMENTS; i++) {
    KitSegment segment = one->segments[i];

    if (segment.flags == 0)
      break;
    segment.time = i * GST_MSECOND;
    segment.sequence += one->first;
    segment.acknowledged += one->first;
    fail_unless_equals_int (kit_run_push (run, kit_make_tcp (&segment)),
        GST_FLOW_OK);
  }
}

static guint
find_client (KitRun * run)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;
  guint port;

  g_object_get (run->element, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  for (guint i = 0; i < gst_value_list_get_size (flows); i++)
    if (gst_structure_get_uint (gst_value_get_structure
            (gst_value_list_get_value (flows, i)), "dst-port", &port)
        && port == 80)
      return i;
  fail ("no flow of the client");
  return 0;
}

GST_START_TEST (test_cases)
{
  const TcpCase *one = &cases[__i__];
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true");
  g_autofree gchar *before = NULL, *stream = NULL;
  guint64 count;
  KitPad *pad;

  push_segments (run, one);
  before = kit_pad_get_stream (kit_run_get_pad (run, 0));
  fail_unless (g_str_equal (before, one->before_eos != NULL ?
          one->before_eos : one->stream), "%s: %s", one->name, before);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_int (run->pads->len, 1);
  pad = kit_run_get_pad (run, 0);
  stream = kit_pad_get_stream (pad);
  fail_unless (g_str_equal (stream, one->stream), "%s: %s", one->name, stream);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 1);
  count = kit_run_get_flow_stat (run, find_client (run), one->counter);
  fail_unless (count == one->count, "%s: %" G_GUINT64_FORMAT " %s", one->name,
      count, one->counter);
  fail_unless_equals_uint64 (kit_run_get_flow_stat (run, find_client (run),
          "waiting"), 0);
  kit_run_free (run);
}
GST_END_TEST

static void
push (KitRun * run, guint32 sequence, guint flags, const gchar * data,
    GstClockTime time)
{
  KitSegment segment = { sequence, flags, data,.time = time };

  fail_unless_equals_int (kit_run_push (run, kit_make_tcp (&segment)),
      GST_FLOW_OK);
}

static void
check_stream (KitRun * run, guint pad, const gchar * expected)
{
  g_autofree gchar *stream = kit_pad_get_stream (kit_run_get_pad (run, pad));

  assert_equals_string (stream, expected);
}

/* The same ports, another connection: another pad, and what waited comes out before. */
GST_START_TEST (test_port_reuse)
{
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true");

  push (run, 0, TCP_SYN, NULL, 0);
  push (run, 1, TCP_ACK, "ab", 1);
  push (run, 4, TCP_ACK, "d", 2);
  push (run, 5000, TCP_SYN, NULL, 3);
  check_stream (run, 0, "ab[1]d");
  fail_unless_equals_int (kit_pad_count_events (kit_run_get_pad (run, 0),
          GST_EVENT_EOS), 1);
  fail_unless_equals_int (run->removed, 1);
  push (run, 5001, TCP_ACK, "new", 4);
  check_stream (run, 1, "new");
  fail_unless_equals_int (kit_run_count_flows (run, NULL), 1);
  kit_run_free (run);
}
GST_END_TEST

/* Who ends a stream has ended it, and not when the input ends. */
GST_START_TEST (test_fin)
{
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true");
  KitPad *pad;

  push (run, 0, TCP_SYN, NULL, 0);
  push (run, 1, TCP_ACK, "ab", 1);
  pad = kit_run_get_pad (run, 0);
  push (run, 4, TCP_ACK | TCP_FIN, NULL, 2);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 0);
  push (run, 3, TCP_ACK, "c", 3);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 1);
  /* an acknowledgement is no new flow */
  push (run, 5, TCP_ACK, NULL, 4);
  fail_unless_equals_int (run->pads->len, 1);
  kit_run_flush (run);
  push (run, 100, TCP_ACK, "after", 5);
  kit_pad_forget (pad);
  push (run, 105, TCP_ACK, "more", 6);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1);
  kit_run_free (run);
}
GST_END_TEST

/* What waits is given up when it is too much, or has waited for too long. */
GST_START_TEST (test_bounds)
{
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true "
      "tcp-max-bytes=4096 tcp-max-wait=1000000000");

  push (run, 0, TCP_SYN, NULL, 0);
  push (run, 1, TCP_ACK, "a", 0);
  push (run, 3, TCP_ACK, "c", 0);
  push (run, 5, TCP_ACK, "e", 0);
  push (run, 7, TCP_ACK, "g", 0);
  check_stream (run, 0, "a");
  /* with what is kept besides the bytes, these are more than 4096 */
  push (run, 9, TCP_ACK, "i", 0);
  check_stream (run, 0, "a[1]c");
  fail_unless (kit_run_get_flow_stat (run, 0, "waiting") <= 4096);
  push (run, 4, TCP_ACK, "d", GST_SECOND);
  check_stream (run, 0, "a[1]cde");
  /* the stream has come to the hole behind e one second ago */
  push (run, 11, TCP_ACK, "k", 2 * GST_SECOND);
  check_stream (run, 0, "a[1]cde");
  push (run, 11, TCP_ACK, "k", 2 * GST_SECOND + 1);
  /* and that behind i is young */
  check_stream (run, 0, "a[1]cde[1]g[1]i");
  kit_run_free (run);
}
GST_END_TEST

/* A hole in a flow of which nothing comes any more is closed, too. */
GST_START_TEST (test_silent)
{
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true");
  KitSegment other = { 1, TCP_ACK, "x",.time = 4 * GST_SECOND,
    .client_port = 7
  };

  push (run, 1, TCP_ACK, "a", 0);
  push (run, 3, TCP_ACK, "c", 0);
  check_stream (run, 0, "a");
  kit_run_push (run, kit_make_tcp (&other));
  check_stream (run, 0, "a[1]c");
  kit_run_free (run);
}
GST_END_TEST

/* All flows together have one bound, and the oldest hole goes first. */
GST_START_TEST (test_bound_of_all)
{
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true "
      "tcp-max-total-bytes=65536");
  guint64 waiting = 0;

  for (guint i = 0; i < 200; i++) {
    KitSegment first = { 1, TCP_ACK, "a",.client_port = i + 1,.time = i };
    KitSegment third = first;

    third.sequence = 3;
    kit_run_push (run, kit_make_tcp (&first));
    kit_run_push (run, kit_make_tcp (&third));
  }
  for (guint i = 0; i < 200; i++)
    waiting += kit_run_get_flow_stat (run, i, "waiting");
  fail_unless (waiting <= 65536 && waiting > 32768, "%" G_GUINT64_FORMAT,
      waiting);
  check_stream (run, 0, "a[1]a");
  check_stream (run, 199, "a");
  kit_run_free (run);
}
GST_END_TEST

/* Timestamps are those of the segments, and do not go back. */
GST_START_TEST (test_times)
{
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true");
  KitPad *pad;

  push (run, 1, TCP_ACK, "a", 10);
  push (run, 3, TCP_ACK, "c", 20);
  push (run, 2, TCP_ACK, "b", 30);
  push (run, 4, TCP_ACK, "d", 40);
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (kit_pad_get_buffer (pad, 0)), 10);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (kit_pad_get_buffer (pad, 1)), 30);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (kit_pad_get_buffer (pad, 2)), 30);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (kit_pad_get_buffer (pad, 3)), 40);
  kit_run_free (run);
}
GST_END_TEST

static const guint8 *
get_address (GstBuffer * buffer)
{
  const guint8 *address;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  address = map.data;
  gst_buffer_unmap (buffer, &map);
  return address;
}

/* Pieces lie in the memory of the packets, a list comes out as one; only what waits for
 * long gets memory of its own, so that it does not keep a block of a ring. */
GST_START_TEST (test_memory)
{
  static const guint32 sequences[] = { 1, 5, 3, 7 };
  KitRun *run = kit_run_new ("flowdemux tcp-reassembly=true");
  GstBufferList *list = gst_buffer_list_new ();
  const guint8 *addresses[4];
  KitSegment late = { 11, TCP_ACK, "kl",.time = 0 };
  GstBuffer *buffer;
  KitPad *pad;

  for (guint i = 0; i < G_N_ELEMENTS (sequences); i++) {
    KitSegment segment = { sequences[i], TCP_ACK, "xy" };

    buffer = kit_make_tcp (&segment);
    addresses[i] = get_address (buffer) + 54;
    gst_buffer_list_add (list, buffer);
  }
  gst_pad_push_list (run->harness->srcpad, list);
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (pad->lists->len, 1);
  fail_unless_equals_int (g_array_index (pad->lists, guint, 0), 4);
  fail_unless (get_address (kit_pad_get_buffer (pad, 0)) == addresses[0]);
  fail_unless (get_address (kit_pad_get_buffer (pad, 1)) == addresses[2]);
  fail_unless (get_address (kit_pad_get_buffer (pad, 2)) == addresses[1]);
  fail_unless (get_address (kit_pad_get_buffer (pad, 3)) == addresses[3]);

  buffer = kit_make_tcp (&late);
  gst_buffer_ref (buffer);
  kit_run_push (run, buffer);
  push (run, 13, TCP_ACK, "mn", 100 * GST_MSECOND);
  push (run, 9, TCP_ACK, "ij", 100 * GST_MSECOND);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 7);
  fail_if (get_address (kit_pad_get_buffer (pad, 5)) ==
      get_address (buffer) + 54);
  gst_buffer_unref (buffer);
  kit_run_free (run);
}
GST_END_TEST

/* Without it, nothing of that. */
GST_START_TEST (test_default)
{
  KitRun *run = kit_run_new ("flowdemux protocol=tcp");
  gboolean reassembles;

  g_object_get (run->element, "tcp-reassembly", &reassembles, NULL);
  fail_if (reassembles);
  push (run, 3, TCP_ACK, "cd", 0);
  push (run, 1, TCP_ACK, "ab", 1);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 2);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
flowdemuxtcp_suite (void)
{
  Suite *suite = suite_create ("flowdemuxtcp");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_cases, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tc, test_port_reuse);
  tcase_add_test (tc, test_fin);
  tcase_add_test (tc, test_bounds);
  tcase_add_test (tc, test_silent);
  tcase_add_test (tc, test_bound_of_all);
  tcase_add_test (tc, test_times);
  tcase_add_test (tc, test_memory);
  tcase_add_test (tc, test_default);
  return suite;
}

GST_CHECK_MAIN (flowdemuxtcp);
