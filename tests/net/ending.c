/* The end is the end: it comes at once, with every packet, and what is kept keeps
 * nothing of the kernel's.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>

#define PORT 5004
#define SIZE 200
/* Far more than it takes, and far less than a block waits. */
#define AT_ONCE (5 * G_TIME_SPAN_SECOND)
#define LONG_BLOCKS "interface=vb block-size=65536 block-count=16 " \
    "block-timeout=60000"

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

static void
check_buffer (GstBuffer * buffer, guint number)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_int (net_check_frame (map.data, map.size), number);
  gst_buffer_unmap (buffer, &map);
}

static const guint numbers[] = { 0, 1, 100, 3000 };

/* The open block is not waited for, and nothing of it is missing. */
GST_START_TEST (test_eos)
{
  const guint n = numbers[__i__];
  NetCollector *collector = net_collector_new (LONG_BLOCKS, TRUE);
  gint64 asked;

  net_collector_play (collector);
  net_send_frames ("va", 0, n, SIZE, PORT);
  asked = g_get_monotonic_time ();
  net_collector_end (collector);
  fail_unless (g_get_monotonic_time () - asked < AT_ONCE);
  fail_unless_equals_int (collector->n, n);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      n);
  for (guint i = 0; i < n; i++)
    check_buffer (g_ptr_array_index (collector->buffers, i), i);
  net_collector_free (collector);
}
GST_END_TEST

/* While packets come, what was received before it is all there. */
GST_START_TEST (test_eos_under_traffic)
{
  NetCollector *collector = net_collector_new (LONG_BLOCKS, TRUE);
  gint64 asked;
  guint n;

  net_collector_play (collector);
  net_send_frames ("va", 0, 1000, SIZE, PORT);
  asked = g_get_monotonic_time ();
  fail_unless (gst_element_send_event (collector->pipeline,
          gst_event_new_eos ()));
  net_send_frames ("va", 1000, 500, SIZE, PORT);
  {
    g_autoptr (GstBus) bus = gst_element_get_bus (collector->pipeline);
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
        20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

    fail_unless (message != NULL);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  }
  fail_unless (g_get_monotonic_time () - asked < AT_ONCE);
  n = collector->n;
  fail_unless (n >= 1000 && n <= 1500, "%u", n);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      n);
  for (guint i = 0; i < n; i++)
    check_buffer (g_ptr_array_index (collector->buffers, i), i);
  net_collector_free (collector);
}
GST_END_TEST

/* The source set to READY right behind it, with a downstream that still takes packets,
 * throws away nothing that was in the ring. */
GST_START_TEST (test_eos_and_ready)
{
  const guint n = numbers[__i__];
  NetCollector *collector = net_collector_new (LONG_BLOCKS, TRUE);
  gint64 asked;

  net_collector_play (collector);
  net_send_frames ("va", 0, n, SIZE, PORT);
  asked = g_get_monotonic_time ();
  fail_unless (gst_element_send_event (collector->pipeline,
          gst_event_new_eos ()));
  fail_unless (gst_element_set_state (collector->src, GST_STATE_READY) ==
      GST_STATE_CHANGE_SUCCESS);
  fail_unless (g_get_monotonic_time () - asked < AT_ONCE);
  fail_unless_equals_int (collector->n, n);
  fail_unless_equals_int (count_packet_sockets (), 0);
  net_collector_free (collector);
}
GST_END_TEST

/* What is kept after the end reads as it did, and keeps no socket. */

static const gchar *const rings[] = {
  /* all in blocks that are out, some evicted, one small one, the default */
  "block-size=1048576 block-count=8",
  "block-size=65536 block-count=8",
  "block-size=65536 block-count=64 block-timeout=1",
  "",
};

static void
check_ended (const gchar * ring, guint n, guint keep_every, gboolean eos)
{
  g_autofree gchar *properties = g_strdup_printf ("interface=vb %s", ring);
  NetCollector *collector = net_collector_new (properties, TRUE);
  g_autoptr (GPtrArray) kept = NULL;

  net_collector_play (collector);
  fail_unless_equals_int (count_packet_sockets (), 1);
  /* not faster than a busy machine can take it */
  for (guint i = 0; i < n; i += 200) {
    net_send_frames ("va", i, MIN (200, n - i), SIZE, PORT);
    net_collector_wait (collector, MIN (i + 200, n));
  }
  if (eos)
    net_collector_end (collector);
  kept = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  for (guint i = 0; i < n; i += keep_every)
    g_ptr_array_add (kept,
        gst_buffer_ref (g_ptr_array_index (collector->buffers, i)));
  net_collector_free (collector);

  fail_unless_equals_int (count_packet_sockets (), 0);
  /* nobody writes into it any more */
  net_send_frames ("va", n, 2000, SIZE, PORT);
  for (guint i = 0; i < kept->len; i++)
    check_buffer (g_ptr_array_index (kept, i), i * keep_every);
}

GST_START_TEST (test_one_is_kept)
{
  check_ended (rings[__i__], 1, 1, FALSE);
  check_ended (rings[__i__], 1, 1, TRUE);
  check_ended (rings[__i__], 500, 500, FALSE);
}
GST_END_TEST

GST_START_TEST (test_many_are_kept)
{
  check_ended (rings[__i__], 2000, 1, FALSE);
  check_ended (rings[__i__], 2000, 1, TRUE);
  check_ended (rings[__i__], 2000, 30, FALSE);
}
GST_END_TEST

/* While a device reads it, it stays where it is, and goes when that has ended. */
GST_START_TEST (test_pinned)
{
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=8", TRUE);
  g_autoptr (GstBuffer) buffer = NULL;
  GstMapInfo map;
  gint64 limit;

  net_collector_play (collector);
  /* a block that is full enough not to be copied */
  net_send_frames ("va", 0, 400, SIZE, PORT);
  net_collector_wait (collector, 400);
  buffer = gst_buffer_ref (g_ptr_array_index (collector->buffers, 0));
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ |
          GST_AFRING_MAP_PINNED));
  net_collector_free (collector);
  fail_unless_equals_int (net_check_frame (map.data, map.size), 0);
  gst_buffer_unmap (buffer, &map);
  gst_clear_buffer (&buffer);
  limit = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  while (count_packet_sockets () > 0 && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless_equals_int (count_packet_sockets (), 0);
}
GST_END_TEST

/* Again and again, with something kept of each time. */
GST_START_TEST (test_again)
{
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=8 block-timeout=1", TRUE);

  for (guint i = 0; i < 20; i++) {
    net_collector_play (collector);
    net_send_frames ("va", i * 50, 50, SIZE, PORT);
    net_collector_wait (collector, (i + 1) * 50);
    fail_unless (gst_element_set_state (collector->pipeline, GST_STATE_NULL) ==
        GST_STATE_CHANGE_SUCCESS);
    fail_unless_equals_int (count_packet_sockets (), 0);
  }
  for (guint i = 0; i < 20 * 50; i++)
    check_buffer (g_ptr_array_index (collector->buffers, i), i);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
ending_suite (void)
{
  Suite *suite = suite_create ("ending");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_eos, 0, G_N_ELEMENTS (numbers));
  tcase_add_test (tc, test_eos_under_traffic);
  tcase_add_loop_test (tc, test_eos_and_ready, 0, G_N_ELEMENTS (numbers));
  tcase_add_loop_test (tc, test_one_is_kept, 0, G_N_ELEMENTS (rings));
  tcase_add_loop_test (tc, test_many_are_kept, 0, G_N_ELEMENTS (rings));
  tcase_add_test (tc, test_pinned);
  tcase_add_test (tc, test_again);
  return suite;
}

GST_CHECK_MAIN (ending)
