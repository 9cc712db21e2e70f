/* Packets where they lie, with their times, one by one and many at once; copies that
 * know the same; what was granted and what came, of the mock source.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockfeed.h"

#define N 100

static guint64
get_real_time (void)
{
  return g_get_real_time () * GST_USECOND;
}

/* Views. */

GST_START_TEST (test_view)
{
  MockFeed feed;
  GstCaptureView view;
  GstClockTime before = get_real_time (), last = 0;
  g_autoptr (GError) error = NULL;

  mock_feed_init (&feed);
  mock_feed_add (&feed, 0, N);
  mock_feed_start (&feed);
  for (guint i = 0; i < N; i++) {
    memset (&view, 0xff, sizeof (view));
    fail_unless (gst_capture_source_next_view (feed.source, &view, &error));
    fail_unless (error == NULL);
    mock_feed_check_view (&view, i);
    fail_unless (GST_CLOCK_TIME_IS_VALID (view.capture_time));
    fail_unless (view.capture_time >= before);
    fail_unless (view.capture_time <= get_real_time ());
    fail_unless (view.capture_time >= last);
    last = view.capture_time;
  }
  mock_feed_clear (&feed);
}
GST_END_TEST

/* As many as lie ready, all of them valid, and none twice or never, whatever is asked
 * for in between. */
GST_START_TEST (test_views)
{
  static const guint rooms[] = { 1, 7, 1000 };
  const guint room = rooms[__i__], n = 2000;
  g_autofree GstCaptureView *views = g_new (GstCaptureView, room);
  guint most = 0, number = 0;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_add (&feed, 0, n);
  mock_feed_start (&feed);
  while (number < n) {
    g_autoptr (GError) error = NULL;
    guint some = gst_capture_source_next_views (feed.source, views, room,
        &error);

    fail_unless (some > 0 && some <= room, "%s", error ? error->message : "");
    fail_unless (error == NULL);
    for (guint i = 0; i < some; i++)
      mock_feed_check_view (&views[i], number + i);
    number += some;
    most = MAX (most, some);
    if (number < n) {
      fail_unless (gst_capture_source_next_view (feed.source, views, NULL));
      mock_feed_check_view (&views[0], number++);
    }
  }
  fail_unless_equals_int (number, n);
  /* a block of that size has more than 7 of them, and less than 1000 */
  if (room <= 7) {
    fail_unless_equals_int (most, room);
  } else {
    fail_unless (most > 7 && most < 1000, "%u", most);
  }
  mock_feed_clear (&feed);
}
GST_END_TEST

GST_START_TEST (test_views_error)
{
  GstCaptureView views[4];
  GError *error = NULL;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_start (&feed);
  fail_unless (gst_capture_source_unblock (feed.source, NULL));
  fail_unless_equals_int (gst_capture_source_next_views (feed.source, views,
          G_N_ELEMENTS (views), &error), 0);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_UNBLOCKED));
  g_clear_error (&error);
  gst_capture_source_close (feed.source, NULL);
  fail_unless_equals_int (gst_capture_source_next_views (feed.source, views,
          G_N_ELEMENTS (views), &error), 0);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_STOPPED));
  g_clear_error (&error);
  fail_if (gst_capture_source_next_view (feed.source, views, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_STOPPED));
  g_clear_error (&error);
  mock_feed_clear (&feed);
}
GST_END_TEST

/* A copy knows what the view knew. */
GST_START_TEST (test_copied_packet)
{
  g_autoptr (GstCapturePacket) packet = NULL, made = mock_feed_make_packet (1);
  g_autoptr (GstCapturePacket) copy = NULL;
  GstClockTime before = get_real_time ();
  guint16 tci = 1, tpid = 1;
  MockFeed feed;

  /* one that was not captured */
  fail_if (GST_CLOCK_TIME_IS_VALID (gst_capture_packet_get_capture_time
          (made)));
  fail_if (gst_capture_packet_get_vlan (made, &tci, &tpid));
  fail_unless_equals_int (gst_capture_packet_get_flags (made),
      GST_PACKET_FLAG_NONE);

  mock_feed_init (&feed);
  mock_feed_add (&feed, 0, 2);
  mock_feed_start (&feed);
  for (guint i = 0; i < 2; i++) {
    /* the second one goes into the first one's memory */
    fail_unless (gst_capture_source_next_packet (feed.source, &packet,
            NULL));
    fail_unless (gst_capture_packet_get_capture_time (packet) >= before);
    fail_unless (gst_capture_packet_get_capture_time (packet) <=
        get_real_time ());
    fail_if (gst_capture_packet_get_vlan (packet, &tci, &tpid));
    /* both are optional */
    fail_if (gst_capture_packet_get_vlan (packet, NULL, NULL));
  }
  copy = gst_capture_packet_copy (packet);
  fail_unless_equals_uint64 (gst_capture_packet_get_capture_time (copy),
      gst_capture_packet_get_capture_time (packet));
  fail_unless_equals_int (gst_capture_packet_get_interface_id (copy),
      gst_capture_packet_get_interface_id (packet));
  mock_feed_clear (&feed);
}
GST_END_TEST

/* What was granted, and the sums. */

GST_START_TEST (test_granted)
{
  static const struct
  {
    guint asked, granted;
  } sizes[] = {
    {65536, 65536}, {65537, 131072}, {100000, 131072}, {262144, 262144},
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GstAfringMockSource *mock = gst_afring_mock_source_new ("mock", NULL,
        "block-size", sizes[i].asked, "block-count", 3 + i, NULL);
    guint size, count;

    g_object_get (mock, "granted-block-size", &size, "granted-block-count",
        &count, NULL);
    fail_unless_equals_int (size, sizes[i].granted);
    fail_unless_equals_int (count, 3 + i);
    g_object_unref (mock);
  }
}
GST_END_TEST

/* Since the start, whoever clears the counters, and after the end. */
GST_START_TEST (test_totals)
{
  GstCaptureStats stats;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_check_totals (feed.source, 0);
  mock_feed_start (&feed);
  mock_feed_add (&feed, 0, N);
  mock_feed_check_totals (feed.source, N);
  mock_feed_check_totals (feed.source, N);
  fail_unless (gst_capture_source_get_stats (feed.source, &stats, NULL));
  fail_unless_equals_uint64 (stats.packets_received, N);
  mock_feed_add (&feed, N, 1);
  mock_feed_check_totals (feed.source, N + 1);
  fail_unless (gst_capture_source_get_stats (feed.source, &stats, NULL));
  fail_unless_equals_uint64 (stats.packets_received, 1);
  fail_unless (gst_capture_source_close (feed.source, NULL));
  mock_feed_check_totals (feed.source, N + 1);
  fail_if (gst_capture_source_get_stats (feed.source, &stats, NULL));
  mock_feed_check_totals (feed.source, N + 1);
  mock_feed_clear (&feed);
}
GST_END_TEST

static Suite *
captureviews_suite (void)
{
  Suite *suite = suite_create ("captureviews");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_view);
  tcase_add_loop_test (tc, test_views, 0, 3);
  tcase_add_test (tc, test_views_error);
  tcase_add_test (tc, test_copied_packet);
  tcase_add_test (tc, test_granted);
  tcase_add_test (tc, test_totals);
  return suite;
}

GST_CHECK_MAIN (captureviews)
