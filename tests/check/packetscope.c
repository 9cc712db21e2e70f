/* packetscope: what is drawn of known traffic, and when.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeharness.h"

/* The next event of a type; others go. */
static GstEvent *
pull_event (GstHarness * harness, GstEventType type)
{
  GstEvent *event;

  while ((event = gst_harness_pull_event (harness)) != NULL) {
    if (GST_EVENT_TYPE (event) == type)
      return event;
    gst_event_unref (event);
  }
  fail ("no %s", gst_event_type_get_name (type));
  return NULL;
}

static void
check_frame (GstHarness * harness, GstClockTime time, gboolean discont)
{
  GstBuffer *frame = gst_harness_pull (harness);

  fail_unless_equals_uint64 (GST_BUFFER_PTS (frame), time);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (frame), SCOPE_BAR);
  fail_unless_equals_int (!!GST_BUFFER_FLAG_IS_SET (frame,
          GST_BUFFER_FLAG_DISCONT), discont);
  gst_buffer_unref (frame);
}

/* One each 100 ms of packets, and one for the rest. */
GST_START_TEST (test_frames)
{
  GstHarness *harness = scope_new ("rate", FALSE);

  for (guint i = 0; i < 10; i++)
    scope_push_bar (harness, i, 3);
  fail_unless_equals_int (gst_harness_buffers_received (harness), 9);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (gst_harness_buffers_received (harness), 10);
  for (guint i = 0; i < 10; i++)
    check_frame (harness, i * SCOPE_BAR, i == 0);
  fail_unless_equals_int (scope_get_stat (harness, "frames"), 10);
  fail_unless_equals_int (scope_get_stat (harness, "packets"), 30);
  gst_event_unref (pull_event (harness, GST_EVENT_EOS));
  gst_harness_teardown (harness);
}
GST_END_TEST

/* The first frame is that of the first packet; a gap is time, too. Positions are those
 * of the segment, which goes on as it is. */
GST_START_TEST (test_segment)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  const GstSegment *found;
  GstSegment segment;
  GstEvent *event;
  guint32 seqnum;

  gst_event_unref (pull_event (harness, GST_EVENT_STREAM_START));
  gst_event_unref (pull_event (harness, GST_EVENT_CAPS));
  gst_event_unref (pull_event (harness, GST_EVENT_SEGMENT));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 5 * GST_SECOND;
  event = gst_event_new_segment (&segment);
  seqnum = gst_event_get_seqnum (event);
  fail_unless (gst_harness_push_event (harness, event));
  event = pull_event (harness, GST_EVENT_SEGMENT);
  fail_unless_equals_int (gst_event_get_seqnum (event), seqnum);
  gst_event_parse_segment (event, &found);
  fail_unless (gst_segment_is_equal (found, &segment));
  gst_event_unref (event);

  scope_push (harness, 4 * GST_SECOND, 1, 50);  /* is not in it */
  fail_unless_equals_int (scope_get_stat (harness, "packets"), 0);
  scope_push (harness, 5 * GST_SECOND + 250 * GST_MSECOND, 1, 50);
  fail_unless_equals_int (gst_harness_buffers_received (harness), 0);
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_gap (5300 * GST_MSECOND, 150 * GST_MSECOND)));
  check_frame (harness, 5200 * GST_MSECOND, TRUE);
  check_frame (harness, 5300 * GST_MSECOND, FALSE);
  fail_unless_equals_int (gst_harness_buffers_in_queue (harness), 0);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* 100 packets/s are as high as a chart whose scale goes up to 100, 50 half as high; of
 * bits it goes up to 100 k, and 92 bytes a packet are 73.6 k and 36.8 k. */
GST_START_TEST (test_rate)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  GstBuffer *frame;

  for (guint i = 0; i < 120; i++)
    if (i != 60)
      scope_push_bar (harness, i, i < 90 ? 10 : 5);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (scope_pull_last (harness, &frame), 120);
  for (guint i = 0; i < 120; i++) {
    guint rate = i == 60 ? 0 : i < 90 ? 100 : 50;

    assert_lines (scope_count (frame, 0, i, SCOPE_GREEN),
        SCOPE_CHART * rate / 100);
    assert_lines (scope_count (frame, 1, i, SCOPE_GREEN),
        SCOPE_CHART * rate * 736 / 100000);
  }
  fail_unless_equals_int (scope_count_all (frame, SCOPE_RED), 0);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* The picture goes to the left; what is older than it is not in the scale either. */
GST_START_TEST (test_scroll)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  GstBuffer *frame;

  scope_push_bar (harness, 0, 100);
  scope_push_bar (harness, 100, 10);
  scope_push_bar (harness, 130, 1);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (scope_pull_last (harness, &frame), 131);
  for (guint i = 0; i < 119; i++)
    assert_lines (scope_count (frame, 0, i, SCOPE_GREEN),
        i == 89 ? SCOPE_CHART : 0);
  assert_lines (scope_count (frame, 0, 119, SCOPE_GREEN), SCOPE_CHART / 10);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* 50 lost in the first second lie on 100 packets/s, below 200. */
GST_START_TEST (test_drops)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  GstBuffer *frame;

  scope_push_lost (harness, 0, 7);      /* before the picture begins */
  for (guint i = 0; i < 120; i++) {
    scope_push_bar (harness, i, 10);
    if (i == 0 || i == 10)
      scope_push_lost (harness, i * SCOPE_BAR, i == 0 ? 7 : 57);
  }
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  scope_pull_last (harness, &frame);
  for (guint i = 1; i < 120; i++) {
    assert_lines (scope_count (frame, 0, i, SCOPE_GREEN), SCOPE_CHART / 2);
    assert_lines (scope_count (frame, 0, i, SCOPE_RED),
        i <= 10 ? SCOPE_CHART / 4 : 0);
    fail_unless_equals_int (scope_count (frame, 1, i, SCOPE_RED), 0);
  }
  fail_unless_equals_int (scope_get_stat (harness, "packets-dropped"), 57);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* They are in the picture, as something else. */
GST_START_TEST (test_malformed)
{
  static const gchar *styles[] = { "rate", "flows", "sizes" };
  static const guint8 bytes[60] = {[12] = 0x08,[14] = 0x4f };
  GstHarness *harness = scope_new (styles[__i__], FALSE);
  GstBuffer *frame;

  for (guint i = 0; i < 60; i++)
    scope_push_bytes (harness, i * GST_MSECOND, bytes, i);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (scope_pull_last (harness, &frame), 1);
  fail_unless_equals_int (scope_get_stat (harness, "packets"), 60);
  fail_unless (scope_get_stat (harness, "malformed") > 0);
  if (__i__ == 0)             /* 600 of 1000 a second */
    assert_lines (scope_count (frame, 0, 119, SCOPE_TEAL),
        SCOPE_CHART * 6 / 10);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* The one that sends more is the lower one; many others are the rest, in grey. */
GST_START_TEST (test_flows)
{
  GstHarness *harness = scope_new ("flows", FALSE);
  GstBuffer *frame;

  for (guint i = 0; i < 120; i++)
    for (guint j = 0; j < 80; j++)
      scope_push (harness, i * SCOPE_BAR + j * GST_MSECOND, j < 50 ? 1 :
          j < 70 ? 2 : 100 + i * 10 + j, 50);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  scope_pull_last (harness, &frame);
  for (guint i = 10; i < 120; i++) {
    assert_lines (scope_count (frame, 0, i, SCOPE_BLUE), SCOPE_CHART / 2);
    assert_lines (scope_count (frame, 0, i, SCOPE_GREEN), SCOPE_CHART / 5);
  }
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* Nine bars over 240 pixels, the last one of what was lost. 40 packets have up to 63
 * bytes, 20 up to 127. */
GST_START_TEST (test_sizes)
{
  GstHarness *harness = scope_new ("sizes", FALSE);
  guint area;
  GstBuffer *frame;

  scope_push_lost (harness, 0, 0);
  for (guint i = 0; i < 60; i++)
    scope_push (harness, i * SCOPE_BAR, 1, i < 40 ? 21 : 22);
  scope_push_lost (harness, 60 * SCOPE_BAR, 10);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  scope_pull_last (harness, &frame);
  /* all is on one chart: 97 lines of which 40 are the top; 0.7 of 240 / 9 wide */
  area = 97 * 240 / 9 * 7 / 10;
  fail_unless (ABS ((gint) scope_count_all (frame, SCOPE_GREEN)
          - (gint) (area + area / 2)) < (gint) area / 10);
  fail_unless (ABS ((gint) scope_count_all (frame, SCOPE_RED)
          - (gint) area / 4) < (gint) area / 10);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* Nothing of before is shown, and time begins again. */
GST_START_TEST (test_flush)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  GstSegment segment;
  GstBuffer *frame;

  for (guint i = 0; i < 20; i++)
    scope_push_bar (harness, i, 10);
  scope_pull_last (harness, &frame);
  fail_unless (scope_count_all (frame, SCOPE_GREEN) > 0);
  gst_buffer_unref (frame);
  fail_unless (gst_harness_push_event (harness, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_flush_stop (TRUE)));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (harness,
          gst_event_new_segment (&segment)));
  scope_push_bar (harness, 3, 1);
  scope_push_bar (harness, 4, 1);
  frame = gst_harness_pull (harness);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (frame), 3 * SCOPE_BAR);
  assert_lines (scope_count (frame, 0, 119, SCOPE_GREEN), SCOPE_CHART);
  fail_unless_equals_int (scope_count (frame, 0, 118, SCOPE_GREEN), 0);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* Another size, another rate: frames go on where they were. */
GST_START_TEST (test_renegotiation)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  GstBuffer *frame;

  for (guint i = 0; i < 4; i++)
    scope_push_bar (harness, i, 2);
  fail_unless_equals_int (scope_pull_last (harness, &frame), 3);
  gst_buffer_unref (frame);
  gst_harness_set_sink_caps_str (harness, "video/x-raw, format=(string)BGRA, "
      "width=(int)640, height=(int)400, framerate=(fraction)20/1");
  scope_push_bar (harness, 4, 2);
  fail_unless_equals_int (gst_harness_buffers_in_queue (harness), 3);
  for (guint i = 0; i < 3; i++) {
    frame = gst_harness_pull (harness);
    fail_unless_equals_int (gst_buffer_get_size (frame), 640 * 400 * 4);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (frame),
        3 * SCOPE_BAR + i * SCOPE_BAR / 2);
    fail_unless_equals_uint64 (GST_BUFFER_DURATION (frame), SCOPE_BAR / 2);
    gst_buffer_unref (frame);
  }
  gst_harness_teardown (harness);
}
GST_END_TEST

/* With pixels that are twice as wide as high, half as many show the same: of 60 bars
 * the right half. */
GST_START_TEST (test_aspect)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  GstBuffer *frame;
  gint found;

  gst_harness_set_sink_caps_str (harness, "video/x-raw, format=(string)BGRx, "
      "width=(int)122, height=(int)100, framerate=(fraction)10/1, "
      "pixel-aspect-ratio=(fraction)2/1");
  for (guint i = 0; i < 60; i++)
    scope_push_bar (harness, i, 10);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  scope_pull_last (harness, &frame);
  found = scope_count_all (frame, SCOPE_GREEN);
  fail_unless (ABS (found - 60 * (SCOPE_CHART + SCOPE_CHART * 736 / 1000))
      <= 2 * 60, "%d", found);
  gst_buffer_unref (frame);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* Downstream was 100 ms late: what would be late again is not drawn, and counted. */
GST_START_TEST (test_qos)
{
  GstHarness *harness = scope_new ("rate", FALSE);

  fail_unless (gst_harness_push_upstream_event (harness,
          gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 0.5, SCOPE_BAR, 0)));
  for (guint i = 0; i < 6; i++)
    scope_push_bar (harness, i, 1);
  check_frame (harness, 3 * SCOPE_BAR, TRUE);
  check_frame (harness, 4 * SCOPE_BAR, FALSE);
  fail_unless_equals_int (scope_get_stat (harness, "frames-dropped"), 3);
  fail_unless_equals_int (scope_get_stat (harness, "packets"), 6);
  gst_harness_teardown (harness);
}
GST_END_TEST

GST_START_TEST (test_no_packets)
{
  GstHarness *harness = scope_new ("rate", FALSE);

  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  gst_event_unref (pull_event (harness, GST_EVENT_CAPS));
  gst_event_unref (pull_event (harness, GST_EVENT_EOS));
  fail_unless_equals_int (gst_harness_buffers_received (harness), 0);
  gst_harness_teardown (harness);
}
GST_END_TEST

/* Who takes no such picture is told what to do. */
GST_START_TEST (test_refused)
{
  GstHarness *harness = scope_new ("rate", FALSE);
  g_autoptr (GstBus) bus = gst_bus_new ();
  KitPacket packet = {.size = 50 };
  g_autoptr (GError) error = NULL;
  GstMessage *message;

  gst_element_set_bus (harness->element, bus);
  gst_harness_set_sink_caps_str (harness, "video/x-raw, format=(string)I420");
  fail_unless_equals_int (gst_harness_push (harness, kit_make (&packet)),
      GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, "videoconvert") != NULL);
  gst_message_unref (message);
  gst_element_set_bus (harness->element, NULL);
  gst_harness_teardown (harness);
}
GST_END_TEST

static Suite *
packetscope_suite (void)
{
  Suite *suite = suite_create ("packetscope");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_frames);
  tcase_add_test (tc, test_segment);
  tcase_add_test (tc, test_rate);
  tcase_add_test (tc, test_scroll);
  tcase_add_test (tc, test_drops);
  tcase_add_loop_test (tc, test_malformed, 0, 3);
  tcase_add_test (tc, test_flows);
  tcase_add_test (tc, test_sizes);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_renegotiation);
  tcase_add_test (tc, test_aspect);
  tcase_add_test (tc, test_qos);
  tcase_add_test (tc, test_no_packets);
  tcase_add_test (tc, test_refused);
  return suite;
}

GST_CHECK_MAIN (packetscope)
