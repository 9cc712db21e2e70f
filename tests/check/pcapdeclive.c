/* pcapdec live: packets that come as they are captured, and the clock decides.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturefeed.h"

#include <gst/check/gstcheck.h>

#define LATENCY (500 * GST_MSECOND)
#define MS GST_MSECOND

static CaptureFeed *feed;
static GByteArray *header;

static void
setup (void)
{
  feed = capture_feed_new ("pcapdec is-live=true latency=500000000");
  gst_harness_use_testclock (feed->harness);
  header = g_byte_array_new ();
  capture_put_header (header, 1);
  capture_feed_begin_segment (feed, 0);
}

static void
teardown (void)
{
  capture_feed_free (feed);
  g_byte_array_unref (header);
}

/* A packet that was captured at @captured comes at @now; milliseconds. Its timestamp
 * is @expected. */
static void
come (guint captured, guint now, guint expected)
{
  g_autoptr (GByteArray) record = g_byte_array_new ();
  GArray *times = feed->watch->times;

  if (header->len > 0)
    g_byte_array_append (record, header->data, header->len);
  g_byte_array_set_size (header, 0);
  capture_put_record (record, CAPTURE_START + captured * MS, times->len);
  gst_harness_set_time (feed->harness, now * MS);
  fail_unless_equals_int (capture_feed_push (feed, record, 0, record->len),
      GST_FLOW_OK);
  fail_unless_equals_uint64 (g_array_index (times, GstClockTime,
          times->len - 1), expected * MS);
}

/* Within the latency they are in the time of their capture. */
GST_START_TEST (test_in_time)
{
  come (0, 1000, 1000);
  come (20, 1400, 1020);
  come (40, 1400, 1040);
  come (400, 1400, 1400);
  come (420, 1900, 1420);
  capture_feed_check_no_more (feed);
}
GST_END_TEST

/* None is from the future: what came faster than the first shows how slow that was. */
GST_START_TEST (test_faster)
{
  come (0, 1000, 1000);
  come (300, 1100, 1100);
  come (320, 1120, 1120);
  come (340, 1300, 1140);
  capture_feed_check_no_more (feed);
}
GST_END_TEST

/* Later than the latency: it is told, once, and all that comes is later. */
GST_START_TEST (test_late)
{
  come (0, 1000, 1000);
  come (20, 2020, 1520);
  capture_feed_check_message (feed, "warning", "latency of 500 ms");
  come (40, 2040, 1540);
  come (60, 3060, 2560);
  capture_feed_check_no_more (feed);
  come (80, 3070, 2580);
  /* a fast one; and nothing goes back */
  come (600, 3080, 3080);
  come (590, 3090, 3080);
}
GST_END_TEST

GST_START_TEST (test_latency)
{
  g_autoptr (GstQuery) query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live;

  fail_unless (gst_pad_query (feed->watch->pad, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless (min >= LATENCY && min < 2 * LATENCY);
  fail_unless_equals_uint64 (max, GST_CLOCK_TIME_NONE);
}
GST_END_TEST

static gpointer
push_one (gpointer data)
{
  GByteArray *bytes = data;

  return GINT_TO_POINTER (capture_feed_push (feed, bytes, 0, bytes->len));
}

/* Without PLAYING there is no running time, and nothing goes on; READY ends that. */
GST_START_TEST (test_paused)
{
  g_autoptr (GByteArray) bytes = capture_make (0, 1, MS);
  GstElement *element = feed->harness->element;
  GThread *thread;

  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_NO_PREROLL);
  gst_harness_set_time (feed->harness, 1000 * MS);
  thread = g_thread_new ("push", push_one, bytes);
  if (__i__) {
    gst_element_set_state (element, GST_STATE_READY);
    fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (thread)),
        GST_FLOW_FLUSHING);
    fail_unless_equals_int (feed->watch->times->len, 0);
  } else {
    gst_element_set_state (element, GST_STATE_PLAYING);
    fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (thread)),
        GST_FLOW_OK);
    fail_unless_equals_int (feed->watch->times->len, 1);
  }
}
GST_END_TEST

/* As pcapsink flushes once a second: whoever drops what is late drops nothing. */
GST_START_TEST (test_bursts)
{
  for (guint burst = 0; burst < 4; burst++) {
    for (guint i = 0; i < 20; i++) {
      guint captured = burst * 400 + i * 20;

      come (captured, burst == 0 && i == 0 ? 0 : (burst + 1) * 400, captured);
    }
  }
  capture_feed_check_no_more (feed);
}
GST_END_TEST

static Suite *
pcapdeclive_suite (void)
{
  Suite *suite = suite_create ("pcapdeclive");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_in_time);
  tcase_add_test (tc, test_faster);
  tcase_add_test (tc, test_late);
  tcase_add_test (tc, test_latency);
  tcase_add_loop_test (tc, test_paused, 0, 2);
  tcase_add_test (tc, test_bursts);
  return suite;
}

GST_CHECK_MAIN (pcapdeclive)
