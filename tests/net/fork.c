/* A fork is somebody else: what a child does to its copies of live sources is nothing
 * to the parent, the kernel and a fanout group.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/child.h"
#include "netutil.h"

#include <unistd.h>

#define SIZE 200
#define PORT 5004
#define N 500

static void
setup (void)
{
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  net_remove ("va");
}

/* Of this network namespace. The head of the table is one line more. */
static guint
count_packet_sockets (void)
{
  g_autofree gchar *table = NULL;
  guint n = 0;

  fail_unless (g_file_get_contents ("/proc/net/packet", &table, NULL, NULL));
  for (const gchar * at = table; *at != '\0'; at++)
    n += *at == '\n';
  return n - 1;
}

static GstAfringSource *
open_source (void)
{
  g_autoptr (GError) error = NULL;
  GstAfringSource *source = gst_afring_source_new ("vb", &error, "block-size",
      65536, "block-count", 16, NULL);

  fail_unless (source != NULL, "%s", error ? error->message : "");
  return source;
}

static const guint8 *
read_view (GstAfringSource * source, guint number)
{
  g_autoptr (GError) error = NULL;
  const guint8 *payload;
  gsize length;

  fail_unless (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (source), &payload, &length, NULL, NULL,
          &error), "%s", error ? error->message : "");
  fail_unless_equals_int (net_check_frame (payload, length), number);
  return payload;
}

/* Goes on, with every packet. */
static void
check_captures (GstAfringSource * source, guint number)
{
  net_send_frames ("va", number, N, SIZE, PORT);
  for (guint i = number; i < number + N; i++)
    read_view (source, i);
}

static void
check_end (GstAfringSource * source, guint64 received)
{
  GstCaptureSource *capture = GST_CAPTURE_SOURCE (source);
  GstCaptureStats stats;

  fail_unless (gst_capture_source_get_stats (capture, &stats, NULL));
  fail_unless_equals_uint64 (stats.packets_received, received);
  fail_unless_equals_uint64 (stats.packets_dropped, 0);
  fail_unless (gst_capture_source_close (capture, NULL));
  g_object_unref (source);
}

/* What the children do. */

static void
do_nothing (gpointer source)
{
}

static void
drop (gpointer source)
{
  g_object_unref (source);
}

static void
call_all (gpointer source)
{
  child_check_stopped (source);
  g_object_unref (source);
}

/* Its own socket is none of the parent's. */
static void
use_own (gpointer source)
{
  GstAfringSource *own = gst_afring_source_new ("va", NULL, "block-size", 65536,
      "block-count", 4, NULL);
  GstCaptureStats stats;
  const guint8 *payload;
  gsize length;

  child_check (own != NULL);
  net_send_frames ("vb", 0, 1, SIZE, PORT);
  child_check (gst_capture_source_zero_copy_next_payload
      (GST_CAPTURE_SOURCE_ZERO_COPY (own), &payload, &length, NULL, NULL,
          NULL));
  child_check (net_check_frame (payload, length) == 0);
  child_check (gst_capture_source_get_stats (GST_CAPTURE_SOURCE (own), &stats,
          NULL));
  child_check (stats.packets_received == 1);
  child_check (gst_capture_source_close (GST_CAPTURE_SOURCE (own), NULL));
  g_object_unref (own);
  g_object_unref (source);
}

static const ChildFunc deeds[] = { do_nothing, drop, call_all };

GST_START_TEST (test_idle)
{
  GstAfringSource *source = open_source ();
  Child child;

  child_start (&child, deeds[__i__], source);
  child_wait (&child);
  check_captures (source, 0);
  child_end (&child);
  check_captures (source, N);
  check_end (source, 2 * N);
  fail_unless_equals_int (count_packet_sockets (), 0);
}
GST_END_TEST

/* The child sends a packet itself, from the other end, which the parent sees go. */
GST_START_TEST (test_child_captures)
{
  GstAfringSource *source = open_source ();

  child_run (use_own, source);
  read_view (source, 0);
  check_captures (source, 1);
  check_end (source, N + 1);
}
GST_END_TEST

/* Packets that wait in the ring at the fork are counted for the parent, and read by
 * it. */
GST_START_TEST (test_waiting_packets)
{
  GstAfringSource *source = open_source ();

  net_send_frames ("va", 0, N, SIZE, PORT);
  child_run (deeds[__i__], source);
  for (guint i = 0; i < N; i++)
    read_view (source, i);
  check_captures (source, N);
  check_end (source, 2 * N);
}
GST_END_TEST

typedef struct
{
  GstAfringSource *source;
  const guint8 *view;
} Viewed;

static void
drop_with_own_memory (gpointer data)
{
  Viewed *viewed = data;
  gsize size;
  guint8 *memory = child_map_at (viewed->view, &size);

  child_check_stopped (GST_CAPTURE_SOURCE (viewed->source));
  child_check (child_is_untouched (memory, size));
  g_object_unref (viewed->source);
  child_check (child_is_untouched (memory, size));
}

GST_START_TEST (test_view_in_hand)
{
  GstAfringSource *source = open_source ();
  Viewed viewed = {.source = source };

  net_send_frames ("va", 0, N, SIZE, PORT);
  viewed.view = read_view (source, 0);
  if (__i__ < (gint) G_N_ELEMENTS (deeds))
    child_run (deeds[__i__], source);
  else
    child_run (drop_with_own_memory, &viewed);
  fail_unless_equals_int (net_check_frame (viewed.view, SIZE), 0);
  for (guint i = 1; i < N; i++)
    read_view (source, i);
  check_captures (source, N);
  check_end (source, 2 * N);
}
GST_END_TEST

/* A child that lives on and does nothing does not keep the socket. */
GST_START_TEST (test_child_outlives_source)
{
  GstAfringSource *source = open_source ();
  Child child;

  check_captures (source, 0);
  child_start (&child, do_nothing, source);
  child_wait (&child);
  fail_unless_equals_int (count_packet_sockets (), 1);
  check_end (source, N);
  fail_unless_equals_int (count_packet_sockets (), 0);
  child_end (&child);
}
GST_END_TEST

/* Nor a place in a fanout group, whose share nobody would get. */
GST_START_TEST (test_fanout)
{
  const gchar *properties = "interface=vb block-size=65536 block-count=16 "
      "fanout-group=77 fanout-mode=load-balance";
  NetCollector *a = net_collector_new (properties, FALSE);
  NetCollector *b = net_collector_new (properties, FALSE);
  guint before;
  Child child;

  net_collector_play (a);
  net_collector_play (b);
  child_start (&child, do_nothing, NULL);
  child_wait (&child);
  net_send_frames ("va", 0, N, SIZE, PORT);
  net_collector_wait (a, N / 2);
  net_collector_wait (b, N / 2);
  net_collector_end (a);
  net_collector_free (a);
  fail_unless_equals_int (count_packet_sockets (), 1);

  before = net_collector_get_count (b);
  net_send_frames ("va", 0, N, SIZE, PORT);
  net_collector_wait (b, before + N);
  net_collector_end (b);
  net_collector_free (b);
  fail_unless_equals_int (count_packet_sockets (), 0);
  child_end (&child);
}
GST_END_TEST

static void
drop_buffers (gpointer data)
{
  NetCollector *collector = data;

  for (guint i = 0; i < collector->buffers->len; i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstMapInfo map;

    /* cannot be read, or reads as what it is */
    if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
      child_check (net_check_frame (map.data, map.size) == (gint64) i);
      gst_buffer_unmap (buffer, &map);
    }
    gst_buffer_unref (buffer);
  }
}

static void
read_stats (gpointer data)
{
  NetCollector *collector = data;
  GstStructure *stats = NULL;

  g_object_get (collector->src, "stats", &stats, NULL);
  child_check (stats != NULL);
  gst_structure_free (stats);
}

/* Of an element: buffers, and statistics, which the kernel clears for whoever reads
 * them. */
GST_START_TEST (test_element)
{
  static const ChildFunc funcs[] = { do_nothing, drop_buffers, read_stats };
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=16", TRUE);

  net_collector_play (collector);
  net_send_frames ("va", 0, N, SIZE, PORT);
  net_collector_wait (collector, N);
  child_run (funcs[__i__], collector);
  net_send_frames ("va", N, N, SIZE, PORT);
  net_collector_wait (collector, 2 * N);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 2 * N);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      2 * N);
  for (guint i = 0; i < 2 * N; i++) {
    GstMapInfo map;

    fail_unless (gst_buffer_map (g_ptr_array_index (collector->buffers, i),
            &map, GST_MAP_READ));
    fail_unless_equals_int (net_check_frame (map.data, map.size), i);
    gst_buffer_unmap (g_ptr_array_index (collector->buffers, i), &map);
  }
  net_collector_free (collector);
}
GST_END_TEST

/* Packets that nobody has read yet, into a mock, on a thread that waits for more. */
static void
drop_both (gpointer data)
{
  gpointer *sources = data;

  child_check_stopped (sources[0]);
  child_check_stopped (sources[1]);
  g_object_unref (sources[1]);
  g_object_unref (sources[0]);
}

GST_START_TEST (test_piped_into_a_mock)
{
  GstAfringSource *source = open_source ();
  GstAfringMockSource *mock = gst_afring_mock_source_new ("mock", NULL,
      "block-size", 65536, "block-count", 16, NULL);
  gpointer sources[2] = { source, mock };

  fail_unless (gst_afring_mock_source_pipe (mock, GST_CAPTURE_SOURCE (source),
          NULL));
  net_send_frames ("va", 0, N, SIZE, PORT);
  read_view (GST_AFRING_SOURCE (mock), 0);
  child_run (drop_both, sources);
  net_send_frames ("va", N, N, SIZE, PORT);
  for (guint i = 1; i < 2 * N; i++)
    read_view (GST_AFRING_SOURCE (mock), i);
  fail_unless (gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL));
  fail_unless (gst_afring_mock_source_wait (mock, NULL));
  g_object_unref (mock);
  g_object_unref (source);
}
GST_END_TEST

static gpointer
open_and_close (gpointer stop)
{
  while (!g_atomic_int_get ((gint *) stop)) {
    GstAfringSource *source = open_source ();

    gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL);
    g_object_unref (source);
  }
  return NULL;
}

/* The number of a socket that is being closed is somebody else's already: here that of a
 * pipe between this program and a child. */
GST_START_TEST (test_spawn_while_closing)
{
  gint stop = FALSE;
  GThread *thread = g_thread_new ("close", open_and_close, &stop);

  for (guint i = 0; i < 100; i++)
    net_run ("true");
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
}
GST_END_TEST

static Suite *
fork_suite (void)
{
  Suite *suite = suite_create ("fork");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_idle, 0, G_N_ELEMENTS (deeds));
  tcase_add_test (tc, test_child_captures);
  tcase_add_loop_test (tc, test_waiting_packets, 0, G_N_ELEMENTS (deeds));
  tcase_add_loop_test (tc, test_view_in_hand, 0, G_N_ELEMENTS (deeds) + 1);
  tcase_add_test (tc, test_child_outlives_source);
  tcase_add_test (tc, test_spawn_while_closing);
  /* valgrind's own lock does not always survive the fork of one of several threads */
  if (g_getenv ("AFRING_MEMCHECK") == NULL) {
    tcase_add_test (tc, test_fanout);
    tcase_add_loop_test (tc, test_element, 0, 3);
    tcase_add_test (tc, test_piped_into_a_mock);
  }
  return suite;
}

GST_CHECK_MAIN (fork)
