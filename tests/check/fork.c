/* A fork is somebody else: what a child does to its copies of mock sources and of
 * buffers is nothing to the parent.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "child.h"
#include "mockrun.h"

#define N_PACKETS 600
#define HEADERS 38              /* Ethernet, IPv4 and the ports */
#define LENGTH 60

static GstCapturePacket *
make_packet (guint number)
{
  guint8 extra[LENGTH - HEADERS] = { 0, };

  GST_WRITE_UINT32_BE (extra, number);
  return gst_capture_packet_build ("10.0.0.1", "10.0.0.2", 1, 2, 17, extra,
      sizeof (extra), GST_PACKET_TYPE_HOST, LENGTH, NULL);
}

static void
add_packets (GstAfringMockSource * mock, guint first, guint n)
{
  for (guint i = first; i < first + n; i++) {
    g_autoptr (GstCapturePacket) packet = make_packet (i);
    g_autoptr (GError) error = NULL;

    fail_unless (gst_afring_mock_source_add_packet (mock, packet, &error),
        "%s", error ? error->message : "");
  }
}

static GstAfringMockSource *
make_mock (void)
{
  g_autoptr (GError) error = NULL;
  GstAfringMockSource *mock = gst_afring_mock_source_new ("mock", &error,
      "block-size", 65536, "block-count", 8, NULL);

  fail_unless (mock != NULL, "%s", error ? error->message : "");
  return mock;
}

static void
check_payload (const guint8 * payload, gsize length, guint number)
{
  g_autoptr (GstCapturePacket) packet = make_packet (number);
  gsize expected;
  const guint8 *bytes = gst_capture_packet_get_payload (packet, &expected);

  fail_unless_equals_int (length, expected);
  fail_unless (memcmp (payload, bytes, length) == 0, "packet %u", number);
}

static const guint8 *
read_view (GstAfringMockSource * mock, guint number)
{
  g_autoptr (GError) error = NULL;
  const guint8 *payload;
  gsize length;

  fail_unless (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (mock), &payload, &length, NULL, NULL,
          &error), "packet %u: %s", number, error ? error->message : "");
  check_payload (payload, length, number);
  return payload;
}

static void
read_packets (GstAfringMockSource * mock, guint first, guint n)
{
  for (guint i = first; i < first + n; i++)
    read_view (mock, i);
}

/* What the children do. */

static void
drop (gpointer mock)
{
  g_object_unref (mock);
}

static void
do_nothing (gpointer mock)
{
}

static void
call_all (gpointer data)
{
  GstAfringMockSource *mock = data;
  GstCapturePacket *packet = make_packet (1);
  GstAfringMockSource *other = gst_afring_mock_source_new ("other", NULL, NULL);
  GError *error = NULL;

  child_check_stopped (GST_CAPTURE_SOURCE (mock));
  child_check (child_is_stopped (gst_afring_mock_source_add_packet (mock,
              packet, &error), &error));
  child_check (child_is_stopped (gst_afring_mock_source_run (mock, &error),
          &error));
  child_check (child_is_stopped (gst_afring_mock_source_wait (mock, &error),
          &error));
  child_check (other != NULL);
  child_check (child_is_stopped (gst_afring_mock_source_pipe (mock,
              GST_CAPTURE_SOURCE (other), &error), &error));
  child_check (!gst_afring_mock_source_can_add_packets (mock));
  gst_afring_mock_source_finalize_block (mock, TRUE);
  gst_afring_mock_source_force_block_release (mock);
  gst_afring_mock_source_force_blocks_unavailable (mock);
  gst_afring_mock_source_done (mock);
  g_object_unref (other);
  gst_capture_packet_free (packet);
  g_object_unref (mock);
}

/* A ring of its own works as ever. */
static void
use_own (gpointer mock)
{
  GstAfringMockSource *own = gst_afring_mock_source_new ("own", NULL, NULL);
  GstCapturePacket *packet = make_packet (5), *found = NULL;

  child_check (own != NULL);
  child_check (gst_afring_mock_source_add_packet (own, packet, NULL));
  child_check (gst_afring_mock_source_run (own, NULL));
  child_check (gst_capture_source_next_packet (GST_CAPTURE_SOURCE (own), &found,
          NULL));
  child_check (gst_capture_packet_get_length (found) == LENGTH);
  gst_capture_packet_free (found);
  gst_capture_packet_free (packet);
  gst_afring_mock_source_done (own);
  child_check (gst_afring_mock_source_wait (own, NULL));
  g_object_unref (own);
  g_object_unref (mock);
}

static const ChildFunc deeds[] = { do_nothing, drop, call_all, use_own };

static void
check_rest (GstAfringMockSource * mock, guint number, guint n)
{
  GstCaptureStats stats;

  read_packets (mock, number, n);
  fail_unless (gst_capture_source_get_stats (GST_CAPTURE_SOURCE (mock), &stats,
          NULL));
  fail_unless_equals_uint64 (stats.packets_received, number + n);
  fail_unless_equals_uint64 (stats.packets_dropped, 0);
  gst_afring_mock_source_done (mock);
  fail_unless (gst_afring_mock_source_wait (mock, NULL));
  fail_unless (gst_capture_source_close (GST_CAPTURE_SOURCE (mock), NULL));
  g_object_unref (mock);
}

/* Open, with packets in it or not, and nobody at work. */
GST_START_TEST (test_open)
{
  GstAfringMockSource *mock = make_mock ();

  child_run (deeds[__i__], mock);
  add_packets (mock, 0, N_PACKETS / 2);
  child_run (deeds[__i__], mock);
  fail_unless (gst_afring_mock_source_run (mock, NULL));
  check_rest (mock, 0, N_PACKETS / 2);
}
GST_END_TEST

/* The mock's kernel at work, on a thread that the child does not have. */
GST_START_TEST (test_running)
{
  GstAfringMockSource *mock = make_mock ();
  Child child;

  fail_unless (gst_afring_mock_source_run (mock, NULL));
  add_packets (mock, 0, 100);
  child_start (&child, deeds[__i__], mock);
  /* while it lives */
  read_packets (mock, 0, 50);
  add_packets (mock, 100, 100);
  read_packets (mock, 50, 50);
  child_end (&child);
  check_rest (mock, 100, 100);
}
GST_END_TEST

typedef struct
{
  GstAfringMockSource *mock;
  const guint8 *view;
} Viewed;

/* What lies at the ring's addresses is the child's own. */
static void
drop_with_own_memory (gpointer data)
{
  Viewed *viewed = data;
  gsize size;
  guint8 *memory = child_map_at (viewed->view, &size);
  GError *error = NULL;
  const guint8 *payload;
  gsize length;

  child_check (child_is_stopped (gst_capture_source_zero_copy_next_payload
          (GST_CAPTURE_SOURCE_ZERO_COPY (viewed->mock), &payload, &length, NULL,
              NULL, &error), &error));
  child_check (child_is_untouched (memory, size));
  g_object_unref (viewed->mock);
  child_check (child_is_untouched (memory, size));
}

/* A packet in hand stays as it is, whatever the child does. */
GST_START_TEST (test_view_in_hand)
{
  GstAfringMockSource *mock = make_mock ();
  Viewed viewed = {.mock = mock };

  add_packets (mock, 0, N_PACKETS);
  fail_unless (gst_afring_mock_source_run (mock, NULL));
  viewed.view = read_view (mock, 0);
  if (__i__ < (gint) G_N_ELEMENTS (deeds))
    child_run (deeds[__i__], mock);
  else
    child_run (drop_with_own_memory, &viewed);
  check_payload (viewed.view, LENGTH, 0);
  check_rest (mock, 1, N_PACKETS - 1);
}
GST_END_TEST

static void
drop_both (gpointer data)
{
  GstAfringMockSource **mocks = data;

  child_check_stopped (GST_CAPTURE_SOURCE (mocks[0]));
  child_check_stopped (GST_CAPTURE_SOURCE (mocks[1]));
  g_object_unref (mocks[1]);
  g_object_unref (mocks[0]);
}

/* From one mock into another, on a thread that waits for more. */
GST_START_TEST (test_piped)
{
  GstAfringMockSource *mocks[2] = { make_mock (), make_mock () };

  fail_unless (gst_afring_mock_source_run (mocks[0], NULL));
  fail_unless (gst_afring_mock_source_pipe (mocks[1],
          GST_CAPTURE_SOURCE (mocks[0]), NULL));
  add_packets (mocks[0], 0, 100);
  read_packets (mocks[1], 0, 50);
  child_run (drop_both, mocks);
  add_packets (mocks[0], 100, 100);
  read_packets (mocks[1], 50, 150);
  gst_capture_source_close (GST_CAPTURE_SOURCE (mocks[0]), NULL);
  fail_unless (gst_afring_mock_source_wait (mocks[1], NULL));
  g_object_unref (mocks[1]);
  g_object_unref (mocks[0]);
}
GST_END_TEST

/* The same packets again and again. */
GST_START_TEST (test_no_drain)
{
  g_autoptr (GError) error = NULL;
  GstAfringMockSourceNoDrain *again = gst_afring_mock_source_no_drain_new
      ("again", &error, "block-size", 65536, "block-count", 2, NULL);
  GstAfringMockSource *mock = GST_AFRING_MOCK_SOURCE (again);
  guint n = 0;

  for (; gst_afring_mock_source_can_add_packets (mock); n++)
    add_packets (mock, n, 1);
  fail_unless (gst_afring_mock_source_no_drain_run (again, 0, &error));
  read_packets (mock, 0, n);
  child_run (deeds[__i__], mock);
  read_packets (mock, 0, n);
  gst_afring_mock_source_done (mock);
  fail_unless (gst_afring_mock_source_wait (mock, NULL));
  gst_capture_source_close (GST_CAPTURE_SOURCE (mock), NULL);
  g_object_unref (mock);
}
GST_END_TEST

/* Buffers. */

/* Cannot be read, or reads as what it is. */
static void
drop_buffers (gpointer data)
{
  MockRun *run = data;

  child_check (run->kept->len > 0);
  for (guint i = 0; i < run->kept->len; i++) {
    MockKept *kept = g_ptr_array_index (run->kept, i);
    GstMapInfo map;

    if (gst_buffer_map (kept->buffer, &map, GST_MAP_READ)) {
      child_check (map.size == kept->size);
      child_check (memcmp (map.data, kept->copy, map.size) == 0);
      gst_buffer_unmap (kept->buffer, &map);
    }
    if (i % 2 == 0)
      gst_buffer_unref (kept->buffer);
  }
}

static void
read_stats (gpointer data)
{
  MockRun *run = data;
  GstStructure *stats = NULL;

  g_object_get (run->src, "stats", &stats, NULL);
  child_check (stats != NULL);
  gst_structure_free (stats);
}

/* Leases out in buffers, in blocks that are evicted, and in ones that are not. */
GST_START_TEST (test_buffers)
{
  const guint n = mock_is_slow () ? 3000 : 40000;
  static const ChildFunc funcs[] = { drop_buffers, read_stats };
  MockRun *run = mock_run_new (1400, 40, "block-size=65536 block-count=16 "
      "num-buffers=%u", n);

  mock_run_play (run);
  mock_run_wait (run, n / 4);
  /* so that nobody has the lock */
  g_mutex_lock (&run->lock);
  child_run (funcs[__i__], run);
  g_mutex_unlock (&run->lock);
  mock_run_check (run);
  mock_run_to_end (run, n);
  mock_run_free (run);
}
GST_END_TEST

/* Of a source that is gone. */
GST_START_TEST (test_kept)
{
  MockRun *run = mock_run_new (1400, 7, "block-size=65536 block-count=16 "
      "num-buffers=2000");
  MockRun of_child = { 0, };

  mock_run_play (run);
  mock_run_to_end (run, 2000);
  of_child.kept = mock_run_free_but_kept (run);
  child_run (drop_buffers, &of_child);
  mock_kept_check (of_child.kept);
  g_ptr_array_unref (of_child.kept);
}
GST_END_TEST

static Suite *
fork_suite (void)
{
  Suite *suite = suite_create ("fork");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_open, 0, G_N_ELEMENTS (deeds));
  tcase_add_test (tc, test_kept);
  /* valgrind's own lock does not always survive the fork of one of several threads */
  if (!mock_is_slow ()) {
    tcase_add_loop_test (tc, test_view_in_hand, 0, G_N_ELEMENTS (deeds) + 1);
    tcase_add_loop_test (tc, test_running, 0, G_N_ELEMENTS (deeds));
    tcase_add_test (tc, test_piped);
    tcase_add_loop_test (tc, test_no_drain, 0, G_N_ELEMENTS (deeds));
    tcase_add_loop_test (tc, test_buffers, 0, 2);
  }
  return suite;
}

GST_CHECK_MAIN (fork)
