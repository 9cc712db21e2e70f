/* packetscope behind a live source: frames come when the clock says so.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeharness.h"

/* Lets the time pass that the element waits for. */
static GstBuffer *
pull_next (GstHarness * harness)
{
  fail_unless (gst_harness_crank_single_clock_wait (harness));
  return gst_harness_pull (harness);
}

static void
check_next (GstHarness * harness, GstClockTime time)
{
  GstBuffer *frame = pull_next (harness);

  fail_unless_equals_uint64 (GST_BUFFER_PTS (frame), time);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (frame), SCOPE_BAR);
  gst_buffer_unref (frame);
}

/* Without a packet, each frame when it has ended. */
GST_START_TEST (test_idle)
{
  GstHarness *harness = scope_new ("rate", TRUE);

  for (guint i = 0; i < 20; i++) {
    check_next (harness, i * SCOPE_BAR);
    fail_unless_equals_uint64 (gst_clock_get_time (GST_ELEMENT_CLOCK
            (harness->element)), (i + 1) * SCOPE_BAR);
  }
  gst_harness_teardown (harness);
}
GST_END_TEST

/* A frame waits for what the source has not brought yet, and says so. */
GST_START_TEST (test_latency)
{
  GstHarness *harness = scope_new ("rate", TRUE);

  check_next (harness, 0);
  gst_harness_set_upstream_latency (harness, 30 * GST_MSECOND);
  fail_unless_equals_uint64 (gst_harness_query_latency (harness),
      SCOPE_BAR + 30 * GST_MSECOND);
  check_next (harness, SCOPE_BAR);
  check_next (harness, 2 * SCOPE_BAR);
  fail_unless_equals_uint64 (gst_clock_get_time (GST_ELEMENT_CLOCK
          (harness->element)), 3 * SCOPE_BAR + 30 * GST_MSECOND);
  gst_harness_teardown (harness);
}
GST_END_TEST

GST_START_TEST (test_packets)
{
  GstHarness *harness = scope_new ("rate", TRUE);
  GstBuffer *frame;

  scope_push_bar (harness, 0, 10);
  frame = pull_next (harness);
  assert_lines (scope_count (frame, 0, 119, SCOPE_GREEN), SCOPE_CHART);
  gst_buffer_unref (frame);
  frame = pull_next (harness);
  assert_lines (scope_count (frame, 0, 118, SCOPE_GREEN), SCOPE_CHART);
  fail_unless_equals_int (scope_count (frame, 0, 119, SCOPE_GREEN), 0);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* What is left is drawn at the end, which does not wait for the clock. */
GST_START_TEST (test_eos)
{
  GstHarness *harness = scope_new ("rate", TRUE);
  GstEventType type = GST_EVENT_UNKNOWN;
  GstBuffer *frame;

  check_next (harness, 0);
  scope_push_bar (harness, 1, 10);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  frame = gst_harness_pull (harness);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (frame), SCOPE_BAR);
  assert_lines (scope_count (frame, 0, 119, SCOPE_GREEN), SCOPE_CHART);
  gst_buffer_unref (frame);
  while (type != GST_EVENT_EOS) {
    GstEvent *event = gst_harness_pull_event (harness);

    fail_unless (event != NULL);
    type = GST_EVENT_TYPE (event);
    gst_event_unref (event);
  }
  fail_unless_equals_int (gst_harness_buffers_received (harness), 2);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* An application that asks as soon as it is told. */
static GstBusSyncReply
ask (GstBus * bus, GstMessage * message, gpointer harness)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_QOS)
    fail_unless (scope_get_stat (harness, "frames-dropped") > 0);
  return GST_BUS_PASS;
}

/* Packets go on while downstream takes nothing; frames are left out, counted and told
 * of. */
GST_START_TEST (test_slow)
{
  GstHarness *harness = scope_new ("rate", TRUE);
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstMessage *message;
  guint64 dropped;
  GstBuffer *frame;

  gst_bus_set_sync_handler (bus, ask, harness, NULL);
  gst_element_set_bus (harness->element, bus);
  gst_harness_set_blocking_push_mode (harness);
  fail_unless (gst_harness_crank_single_clock_wait (harness));
  /* in a push that does not return */
  while (gst_harness_buffers_in_queue (harness) == 0)
    g_thread_yield ();
  gst_harness_set_time (harness, 20 * SCOPE_BAR);
  for (guint i = 1; i < 20; i++)
    scope_push_bar (harness, i, 10);
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_tag (gst_tag_list_new_empty ())));
  fail_unless_equals_int (scope_get_stat (harness, "packets"), 190);

  gst_buffer_unref (gst_harness_pull (harness));
  frame = gst_harness_pull (harness);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (frame), 19 * SCOPE_BAR);
  fail_unless (GST_BUFFER_FLAG_IS_SET (frame, GST_BUFFER_FLAG_DISCONT));
  gst_buffer_unref (frame);
  fail_unless_equals_int (scope_get_stat (harness, "frames-dropped"), 18);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_QOS);
  fail_unless (message != NULL);
  gst_message_parse_qos_stats (message, NULL, NULL, &dropped);
  fail_unless_equals_uint64 (dropped, 18);
  gst_message_unref (message);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* The thread stops and goes on. */
GST_START_TEST (test_flush)
{
  GstHarness *harness = scope_new ("rate", TRUE);
  GstBuffer *frame;

  scope_push_bar (harness, 0, 10);
  check_next (harness, 0);
  fail_unless (gst_harness_push_event (harness, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_flush_stop (FALSE)));
  frame = pull_next (harness);
  fail_unless_equals_int (scope_count_all (frame, SCOPE_GREEN), 0);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (frame), SCOPE_BAR);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* Nothing waits on in READY, and another run begins from the start. */
GST_START_TEST (test_states)
{
  GstHarness *harness = scope_new ("rate", TRUE);
  GstSegment segment;

  check_next (harness, 0);
  check_next (harness, SCOPE_BAR);
  gst_element_set_state (harness->element, GST_STATE_READY);
  fail_unless_equals_int (scope_get_stat (harness, "frames"), 2);
  gst_element_set_state (harness->element, GST_STATE_PLAYING);
  fail_unless_equals_int (scope_get_stat (harness, "frames"), 0);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_stream_start ("again")));
  gst_harness_set_src_caps_str (harness, KIT_CAPS);
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_segment (&segment)));
  check_next (harness, 2 * SCOPE_BAR);
  gst_element_set_state (harness->element, GST_STATE_PAUSED);
  gst_harness_set_time (harness, 10 * SCOPE_BAR);
  gst_element_set_state (harness->element, GST_STATE_PLAYING);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* What downstream returns, who brings packets gets; and downstream, which may wait for
 * packets in vain, gets the end. */
GST_START_TEST (test_return)
{
  KitRun *run = kit_run_new ("packetscope");
  KitPad *pad = kit_run_get_pad (run, 0);
  KitPacket packet = {.size = 50 };
  GstFlowReturn ret = GST_FLOW_OK;

  pad->ret = GST_FLOW_EOS;
  gst_harness_use_testclock (run->harness);
  fail_unless (gst_harness_crank_single_clock_wait (run->harness));
  while (ret == GST_FLOW_OK)
    ret = kit_run_push (run, kit_make (&packet));
  fail_unless_equals_int (ret, GST_FLOW_EOS);
  gst_element_set_state (run->element, GST_STATE_READY);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 1);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
packetscopelive_suite (void)
{
  Suite *suite = suite_create ("packetscopelive");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_idle);
  tcase_add_test (tc, test_latency);
  tcase_add_test (tc, test_packets);
  tcase_add_test (tc, test_eos);
  tcase_add_test (tc, test_slow);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_states);
  tcase_add_test (tc, test_return);
  return suite;
}

GST_CHECK_MAIN (packetscopelive)
