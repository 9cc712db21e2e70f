/* What hostile traffic makes the elements hold: never more than their pages say, by what
 * malloc() has given out.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tcpkit.h"

#include <malloc.h>
#include <string.h>

#define MIB (1024 * 1024)

/* docs/flowdemux.md: of flows that nobody knows yet, and of TCP; and of fragments. */
#define UNDECIDED (16 * MIB)
#define FRAGMENTS (16 * MIB)

/* A flow with its pad, and a structure that a signal has given, of which 4096 are kept. */
#define FLOW 4096
#define RECORDS (4096 * 1536)

/* Tables and caches, and what belongs to the element. */
#define SLACK (2 * MIB)

typedef struct
{
  GstHarness *harness;
  gsize before;
  gsize most;
  guint pushed;
} Run;

static gsize
get_live (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* Without a bus there are no messages that wait for somebody. */
static Run *
run_new (const gchar * line, const gchar * src)
{
  Run *self = g_new0 (Run, 1);
  g_autoptr (GstElement) element = NULL;
  g_autoptr (GError) error = NULL;

  self->before = get_live ();
  element = gst_parse_bin_from_description_full (line, TRUE, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS | GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS,
      &error);
  fail_unless (error == NULL);
  gst_object_ref_sink (element);
  self->harness = gst_harness_new_with_element (element, "sink", src);
  if (src != NULL)
    gst_harness_set_drop_buffers (self->harness, TRUE);
  gst_harness_play (self->harness);
  gst_harness_set_src_caps_str (self->harness, KIT_CAPS);
  return self;
}

static void
run_free (Run * self)
{
  gst_harness_teardown (self->harness);
  g_free (self);
}

static gsize
get_held (Run * self)
{
  gsize live = get_live ();

  return live > self->before ? live - self->before : 0;
}

static void
push (Run * self, GstBuffer * buffer)
{
  gst_harness_push (self->harness, buffer);
  if (++self->pushed % 256 == 0)
    self->most = MAX (self->most, get_held (self));
}

static guint64
get_stat (Run * self, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (self->harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "%s", name);
  return value;
}

/* Enough was held for the bound to be one, and no more. */
static void
check_most (Run * self, gsize least, gsize bound)
{
  GST_INFO ("at most %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, self->most,
      bound);
  fail_unless (self->most >= least, "only %" G_GSIZE_FORMAT " bytes",
      self->most);
  fail_unless (self->most <= bound, "%" G_GSIZE_FORMAT " bytes of %"
      G_GSIZE_FORMAT, self->most, bound);
}

/* Packets that could be the first of RTP, or stand before it, in many flows: none is ever
 * decided by what comes, which takes one more. */
GST_START_TEST (test_undecided)
{
  static const gsize sizes[] = { 20, 1400 };
  gsize size = sizes[__i__];
  Run *run = run_new ("flowdemux max-flows=100000 flow-timeout=0", NULL);
  const guint n_each = 31;
  guint n = UNDECIDED / (size + 768) * 3;
  g_autofree guint8 *payload = g_malloc0 (size);

  for (guint i = 0; i < n; i++) {
    KitPacket packet = {.time = i,.src_port = 1 + i / n_each,.payload =
          payload,.size = size
    };

    payload[0] = i % 2 ? 0x80 : 0;
    if (i % 2 == 0)
      GST_WRITE_UINT32_BE (payload + 4, 0x2112a442);
    GST_WRITE_UINT32_BE (payload + 8, i << 8);
    push (run, kit_make (&packet));
  }
  /* those that were judged have a pad */
  check_most (run, UNDECIDED * 3 / 4, UNDECIDED + n / n_each * FLOW + RECORDS
      + SLACK);
  run_free (run);
}
GST_END_TEST

/* Flows without end are as many as are allowed. */
GST_START_TEST (test_flows)
{
  Run *run = run_new ("flowdemux max-flows=256", NULL);

  for (guint i = 0; i < 20000; i++) {
    KitPacket packet = {.time = i,.src_port = 1 + i,.payload =
          (const guint8 *) "no rtp",.size = 6
    };

    push (run, kit_make (&packet));
  }
  check_most (run, 0, 256 * FLOW + RECORDS + SLACK);
  run_free (run);
}
GST_END_TEST

/* Senders without end in a flow of RTP. */
GST_START_TEST (test_senders)
{
  Run *run = run_new ("flowdemux", NULL);

  for (guint i = 0; i < 60000; i++)
    push (run, kit_make_rtp (4000, i / 3 * 7919 + 1, i % 3, i));
  check_most (run, 0, FLOW + SLACK);
  run_free (run);
}
GST_END_TEST

/* What flows say that they hold. */
static void
check_waiting (Run * self, guint64 most_by_one, guint64 most)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;
  guint64 sum = 0;

  g_object_get (self->harness->element, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  for (guint i = 0; i < gst_value_list_get_size (flows); i++) {
    guint64 waiting = 0;

    gst_structure_get_uint64 (gst_value_get_structure
        (gst_value_list_get_value (flows, i)), "waiting", &waiting);
    fail_unless (waiting <= most_by_one);
    sum += waiting;
  }
  fail_unless (sum <= most);
}

/* Holes that are never filled, in as many flows as are allowed, with segments of one byte
 * and of many. */
GST_START_TEST (test_holes)
{
  static const gsize sizes[] = { 1, 1400 };
  gsize size = sizes[__i__];
  Run *run = run_new ("flowdemux tcp-reassembly=true protocol=tcp max-flows=64 "
      "tcp-max-bytes=262144 tcp-max-total-bytes=4194304 "
      "tcp-max-wait=3600000000000", NULL);

  for (guint i = 0; i < 40000; i++) {
    KitSegment segment = {.client_port = 1000 + i % 80,.time = i,
      .size = size,.flags = TCP_ACK
    };

    /* each second byte, or packet, is missing */
    segment.sequence = 1000 + i / 80 * 2 * size;
    push (run, kit_make_tcp (&segment));
    if (i % 4000 == 0)
      check_waiting (run, 262144, 4 * MIB);
  }
  check_most (run, 2 * MIB, 4 * MIB + 64 * FLOW + RECORDS + SLACK);
  run_free (run);
}
GST_END_TEST

/* First fragments, and later ones, of packets that never become whole. */
GST_START_TEST (test_fragments)
{
  static const gchar *const lines[] = { "packetdecap", "packetdepay",
    "flowdemux"
  };
  static const gsize sizes[] = { 16, 1400 };
  const gchar *line = lines[__i__ % 3];
  gsize size = sizes[__i__ / 3];
  Run *run = run_new (line, strcmp (line, "flowdemux") == 0 ? NULL : "src");
  guint8 payload[1400] = { 0x10, 0, 4789 >> 8, 4789 & 0xff, 0x40 };

  for (guint i = 0; i < 40000; i++) {
    KitPacket packet = {.time = i,.fragment = TRUE,.more = TRUE,.id = i,
      .payload = payload,.size = size,.interface_id = i >> 16
    };

    push (run, kit_make (&packet));
    packet.offset = 2048 + i % 8 * 4096;
    push (run, kit_make (&packet));
  }
  check_most (run, size == 16 ? MIB : FRAGMENTS / 2, FRAGMENTS + SLACK);
  fail_unless (get_stat (run, "fragments-expired") > 0);
  run_free (run);
}
GST_END_TEST

/* What packetdedup takes it takes at the start: 36 bytes a packet. */
GST_START_TEST (test_dedup)
{
  Run *run = run_new ("packetdedup max-packets=262144 window=3600000000000",
      "src");
  gsize start = get_held (run);

  fail_unless (start >= 262144 * 28 && start <= 262144 * 36 + SLACK / 4);
  for (guint i = 0; i < 300000; i++) {
    KitPacket packet = {.time = i,.src_port = 1 + i % 60000,.dst_port =
          1 + i / 60000,.size = 20
    };

    push (run, kit_make (&packet));
  }
  check_most (run, start, start + SLACK / 4);
  run_free (run);
}
GST_END_TEST

static Suite *
boundedmemory_suite (void)
{
  Suite *suite = suite_create ("boundedmemory");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  /* valgrind has a malloc() of its own */
  if (g_getenv ("AFRING_MEMCHECK") != NULL)
    return suite;
  tcase_add_loop_test (tc, test_undecided, 0, 2);
  tcase_add_test (tc, test_flows);
  tcase_add_test (tc, test_senders);
  tcase_add_loop_test (tc, test_holes, 0, 2);
  tcase_add_loop_test (tc, test_fragments, 0, 6);
  tcase_add_test (tc, test_dedup);
  return suite;
}

GST_CHECK_MAIN (boundedmemory)
