/* flowdemux by the rules of streams: flushes, gaps, lost packets, returns.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

static gboolean
has_discont (GstBuffer * buffer)
{
  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
}

static void
push_rtp (KitRun * run, guint src_port, guint first, guint n,
    GstClockTime time)
{
  for (guint i = first; i < first + n; i++)
    fail_unless_equals_int (kit_run_push (run, kit_make_rtp (src_port, src_port,
                i, time + i * 20 * GST_MSECOND)), GST_FLOW_OK);
}

/* Nothing from before a flush comes after it, nor does it count: the two packets of
 * RTP before and the two behind it are not three. */
GST_START_TEST (test_flush)
{
  KitRun *run = kit_run_new ("flowdemux");
  KitPacket head = {.fragment = TRUE,.id = 1,.size = 800,.more = TRUE,
    .payload = (const guint8 *) "\0\1\0\1\5\0\0\0" /* and zeros */
  };
  guint8 payload[800] = { 0, 1, 0, 1, 5, 0, };
  KitPacket tail = {.fragment = TRUE,.id = 1,.size = 480,.offset = 800 };
  KitPad *pad;

  kit_run_push_flow (run, 7, 1, 0);
  head.payload = payload;
  fail_unless_equals_int (kit_run_push (run, kit_make (&head)), GST_FLOW_OK);
  push_rtp (run, 1, 0, 2, 0);
  fail_unless_equals_int (kit_run_count_flows (run, "undecided"), 1);
  kit_run_flush (run);
  push_rtp (run, 1, 2, 2, 100 * GST_SECOND);
  fail_unless_equals_int (kit_run_count_flows (run, "undecided"), 1);
  push_rtp (run, 1, 4, 1, 100 * GST_SECOND);
  fail_unless_equals_int (kit_run_count_flows (run, "rtp"), 1);
  pad = kit_run_get_pad (run, 1);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 3);
  fail_unless (GST_BUFFER_PTS (kit_pad_get_buffer (pad, 0)) ==
      100 * GST_SECOND + 40 * GST_MSECOND);
  fail_unless (has_discont (kit_pad_get_buffer (pad, 0)));
  fail_if (has_discont (kit_pad_get_buffer (pad, 1)));

  /* half a datagram neither */
  fail_unless_equals_int (kit_run_push (run, kit_make (&tail)), GST_FLOW_OK);
  fail_unless_equals_int (kit_run_get_stat (run, "reassembled"), 0);
  fail_unless_equals_int (kit_run_get_stat (run, "fragments-expired"), 1);

  /* a pad that was there knows of the flush */
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_FLUSH_STOP), 1);
  kit_pad_forget (pad);
  kit_run_push_flow (run, 7, 2, 101 * GST_SECOND);
  fail_unless (has_discont (kit_pad_get_buffer (pad, 0)));
  fail_if (has_discont (kit_pad_get_buffer (pad, 1)));
  kit_run_free (run);
}
GST_END_TEST

/* What waits belongs to the segment and the stream that it came in. */
GST_START_TEST (test_new_stream)
{
  KitRun *run = kit_run_new ("flowdemux");
  const gchar *stream_id, *next_id;
  GstSegment segment;
  GstMessage *message;
  GstEvent *event;
  guint group_id, seqnum;
  KitPad *pad;

  push_rtp (run, 1, 0, 2, 0);
  fail_unless_equals_int (run->pads->len, 0);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.base = GST_SECOND;
  kit_run_event (run, gst_event_new_segment (&segment));
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 2);
  fail_unless (GST_IS_EVENT (g_ptr_array_index (pad->items,
              pad->items->len - 1)));

  gst_event_parse_stream_start (kit_pad_get_event (pad,
          GST_EVENT_STREAM_START, 0), &stream_id);
  kit_run_event (run, gst_event_new_eos ());
  gst_message_unref (kit_run_pop (run, GST_MESSAGE_EOS));
  while ((message = kit_run_pop (run, GST_MESSAGE_STREAM_START)) != NULL)
    gst_message_unref (message);

  event = gst_event_new_stream_start ("another");
  gst_event_set_group_id (event, 77);
  seqnum = gst_event_get_seqnum (event);
  kit_run_event (run, event);
  kit_run_event (run, gst_event_new_segment (&segment));
  event = kit_pad_get_event (pad, GST_EVENT_STREAM_START, 1);
  fail_unless (event != NULL);
  gst_event_parse_stream_start (event, &next_id);
  assert_equals_string (next_id, "another/src_0");
  fail_if (g_str_equal (next_id, stream_id));
  fail_unless (gst_event_parse_group_id (event, &group_id));
  fail_unless_equals_int (group_id, 77);
  message = kit_run_pop (run, GST_MESSAGE_STREAM_START);
  fail_unless (message != NULL);
  fail_unless_equals_int (gst_message_get_seqnum (message), seqnum);
  gst_message_unref (message);

  /* and the pad goes on, after EOS */
  kit_pad_forget (pad);
  push_rtp (run, 1, 2, 1, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1);
  fail_unless (has_discont (kit_pad_get_buffer (pad, 0)));
  kit_run_free (run);
}
GST_END_TEST

/* What waits comes out at the end, and before the pad's flow ends. */
GST_START_TEST (test_eos)
{
  KitRun *run = kit_run_new ("flowdemux");
  KitPad *pad;

  push_rtp (run, 1, 0, 2, 0);
  kit_run_event (run, gst_event_new_eos ());
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 2);
  fail_unless_equals_int (kit_run_count_flows (run, "rtp"), 1);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 1);
  kit_run_free (run);
}
GST_END_TEST

/* Each flow learns that something was lost, though the packet that says so is of
 * another flow, or of none. */
GST_START_TEST (test_discont)
{
  KitRun *run = kit_run_new ("flowdemux");
  KitPacket packet = {.size = 10,.dst_port = 5 };
  GstBuffer *buffer;

  for (guint flow = 0; flow < 3; flow++) {
    kit_run_push_flow (run, flow, 2, 0);
    fail_unless (has_discont (kit_pad_get_buffer (kit_run_get_pad (run, flow),
                0)));
    fail_if (has_discont (kit_pad_get_buffer (kit_run_get_pad (run, flow),
                1)));
    kit_pad_forget (kit_run_get_pad (run, flow));
  }
  for (guint i = 0; i < 2; i++) {
    guint8 tcp = 6;

    buffer = kit_make (&packet);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    gst_buffer_fill (buffer, 14 + 9, &tcp, 1);
    fail_unless_equals_int (kit_run_push (run, buffer), GST_FLOW_OK);
  }
  for (guint flow = 0; flow < 3; flow++) {
    KitPad *pad = kit_run_get_pad (run, flow);

    kit_run_push_flow (run, flow, 2, 0);
    fail_unless (has_discont (kit_pad_get_buffer (pad, 0)));
    fail_if (has_discont (kit_pad_get_buffer (pad, 1)));
  }
  kit_run_free (run);
}
GST_END_TEST

/* A flow that is silent is told every tenth of a second that time passes, without a
 * hole, and the one that speaks is not. */
GST_START_TEST (test_gap)
{
  KitRun *run = kit_run_new ("flowdemux");
  KitPad *silent, *loud;
  GstClockTime position = 3 * GST_MSECOND - GST_MSECOND, time, duration;
  guint n;

  kit_run_push_flow (run, 1, 3, 0);
  silent = kit_run_get_pad (run, 0);
  kit_run_push_flow (run, 2, 1000, 0);
  loud = kit_run_get_pad (run, 1);
  fail_unless_equals_int (kit_pad_count_events (loud, GST_EVENT_GAP), 0);
  n = kit_pad_count_events (silent, GST_EVENT_GAP);
  fail_unless (n >= 5 && n <= 10, "%u", n);
  for (guint i = 0; i < n; i++) {
    gst_event_parse_gap (kit_pad_get_event (silent, GST_EVENT_GAP, i), &time,
        &duration);
    fail_unless (time == position);
    fail_unless (duration >= 100 * GST_MSECOND);
    position += duration;
  }
  fail_unless (position >= 800 * GST_MSECOND);

  /* what upstream says of silence is true of all */
  kit_run_event (run, gst_event_new_gap (GST_SECOND, GST_SECOND));
  fail_unless_equals_int (kit_pad_count_events (loud, GST_EVENT_GAP), 1);
  gst_event_parse_gap (kit_pad_get_event (loud, GST_EVENT_GAP, 0), &time,
      &duration);
  fail_unless (time + duration == 2 * GST_SECOND);
  kit_run_free (run);
}
GST_END_TEST

/* A stream that counts bytes has no time that could pass. */
GST_START_TEST (test_no_gap_in_bytes)
{
  KitRun *run = kit_run_new ("flowdemux");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  kit_run_event (run, gst_event_new_segment (&segment));
  kit_run_push_flow (run, 1, 3, 0);
  kit_run_push_flow (run, 2, 500, 0);
  fail_unless_equals_int (kit_pad_count_events (kit_run_get_pad (run, 0),
          GST_EVENT_GAP), 0);
  kit_run_free (run);
}
GST_END_TEST

static GstFlowReturn
push_one (KitRun * run, guint src_port)
{
  KitPacket packet = {.size = 10,.src_port = src_port };

  return kit_run_push (run, kit_make (&packet));
}

/* The end of all that are linked is the end; that of some is not, nor is a pad that
 * nobody wants. */
GST_START_TEST (test_returns)
{
  KitRun *run = kit_run_new ("flowdemux");

  run->unlinked = TRUE;
  fail_unless_equals_int (push_one (run, 0), GST_FLOW_OK);
  fail_unless_equals_int (push_one (run, 0), GST_FLOW_OK);
  run->unlinked = FALSE;
  for (guint i = 1; i <= 2; i++)
    fail_unless_equals_int (push_one (run, i), GST_FLOW_OK);
  kit_run_get_pad (run, 0)->ret = GST_FLOW_EOS;
  fail_unless_equals_int (push_one (run, 1), GST_FLOW_OK);
  fail_unless_equals_int (push_one (run, 0), GST_FLOW_OK);
  kit_run_get_pad (run, 1)->ret = GST_FLOW_EOS;
  fail_unless_equals_int (push_one (run, 2), GST_FLOW_EOS);
  fail_unless_equals_int (push_one (run, 1), GST_FLOW_EOS);

  /* a flush begins anew */
  kit_run_get_pad (run, 0)->ret = kit_run_get_pad (run, 1)->ret = GST_FLOW_OK;
  kit_run_flush (run);
  fail_unless_equals_int (push_one (run, 0), GST_FLOW_OK);
  fail_unless_equals_int (push_one (run, 1), GST_FLOW_OK);
  kit_run_free (run);
}
GST_END_TEST

/* A branch in a state in which it takes nothing, or that fails, ends the work at once:
 * the next flow is not bothered. */
GST_START_TEST (test_return_ends_work)
{
  static const GstFlowReturn rets[] =
      { GST_FLOW_FLUSHING, GST_FLOW_NOT_NEGOTIATED, GST_FLOW_ERROR };
  KitRun *run = kit_run_new ("flowdemux");
  GstBufferList *list = gst_buffer_list_new ();
  KitPad *second;

  fail_unless_equals_int (push_one (run, 1), GST_FLOW_OK);
  fail_unless_equals_int (push_one (run, 2), GST_FLOW_OK);
  kit_run_get_pad (run, 0)->ret = rets[__i__];
  second = kit_run_get_pad (run, 1);
  kit_pad_forget (second);
  for (guint i = 1; i <= 2; i++) {
    KitPacket packet = {.size = 10,.src_port = i };

    gst_buffer_list_add (list, kit_make (&packet));
  }
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      rets[__i__]);
  fail_unless_equals_int (kit_pad_count_buffers (second), 0);
  kit_run_get_pad (run, 0)->ret = GST_FLOW_OK;
  fail_unless_equals_int (push_one (run, 2), GST_FLOW_OK);
  fail_unless_equals_int (kit_pad_count_buffers (second), 1);
  kit_run_free (run);
}
GST_END_TEST

/* A list spans no more than a millisecond, flows take turns in it, and where packets
 * are dense it is long. */
GST_START_TEST (test_lists)
{
  KitRun *run = kit_run_new ("flowdemux");
  GstBufferList *list = gst_buffer_list_new ();
  KitPad *pad;

  push_one (run, 1);
  push_one (run, 2);
  pad = kit_run_get_pad (run, 0);
  kit_pad_forget (pad);
  for (guint i = 0; i < 1000; i++) {
    KitPacket packet = {.time = i * (i < 500 ? 1 : 100) * GST_USECOND,
      .size = 10,.src_port = 1 + i % 2
    };

    gst_buffer_list_add (list, kit_make (&packet));
  }
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 500);
  fail_unless_equals_int (g_array_index (pad->lists, guint, 0), 250);
  for (guint i = 1, at = 250; i < pad->lists->len; i++) {
    guint n = g_array_index (pad->lists, guint, i);

    fail_unless (GST_BUFFER_PTS (kit_pad_get_buffer (pad, at + n - 1)) -
        GST_BUFFER_PTS (kit_pad_get_buffer (pad, at)) <= GST_MSECOND);
    at += n;
  }
  for (guint i = 0; i < 500; i++)
    fail_unless (gst_buffer_is_writable (kit_pad_get_buffer (pad, i)));
  kit_run_free (run);
}
GST_END_TEST

/* Packets that wait are bounded by their bytes: who has waited longest has to show
 * what he is. */
GST_START_TEST (test_undecided_bytes)
{
  KitRun *run = kit_run_new ("flowdemux max-flows=10000");
  guint8 *stun = g_malloc0 (60000);
  guint undecided;

  GST_WRITE_UINT16_BE (stun, 1);
  GST_WRITE_UINT32_BE (stun + 4, 0x2112a442);
  for (guint i = 0; i < 900; i++) {
    KitPacket packet = {.src_port = 1000 + i / 3,.payload = stun,
      .size = 60000
    };

    fail_unless_equals_int (kit_run_push (run, kit_make (&packet)),
        GST_FLOW_OK);
  }
  undecided = kit_run_count_flows (run, "undecided");
  fail_unless (undecided > 50 && undecided * 3 * 60000 < 17 * 1024 * 1024, "%u",
      undecided);
  fail_unless_equals_int (kit_run_count_flows (run, "other"), 300 - undecided);
  fail_unless_equals_int (run->pads->len, 300 - undecided);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 3);

  /* all that wait have their turn */
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_int (run->pads->len, 300);
  g_free (stun);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
flowdemuxstream_suite (void)
{
  Suite *suite = suite_create ("flowdemuxstream");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_new_stream);
  tcase_add_test (tc, test_eos);
  tcase_add_test (tc, test_discont);
  tcase_add_test (tc, test_gap);
  tcase_add_test (tc, test_no_gap_in_bytes);
  tcase_add_test (tc, test_returns);
  tcase_add_loop_test (tc, test_return_ends_work, 0, 3);
  tcase_add_test (tc, test_lists);
  tcase_add_test (tc, test_undecided_bytes);
  return suite;
}

GST_CHECK_MAIN (flowdemuxstream)
