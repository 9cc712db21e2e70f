/* flowdemux and RTP of which packets are missing: whose loss it is, and who is told.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpkit.h"

static void
push_statistics (KitRun * run, guint32 id, guint64 dropped, GstClockTime time)
{
  GstCaptureStatistics statistics = {.id = id,.start_time = KIT_START,
    .time = KIT_START + time,.packets_received = 1000,.packets_dropped = dropped
  };

  kit_run_event (run, gst_event_new_capture_statistics (&statistics));
}

static void
check_losses (KitRun * run, guint by_capture, guint by_network)
{
  fail_unless_equals_uint64 (get_number (run, "lost"), by_capture + by_network);
  fail_unless_equals_uint64 (get_number (run, "lost-by-capture"), by_capture);
  fail_unless_equals_uint64 (get_number (run, "lost-by-network"), by_network);
}

/* The counters come before or behind the hole, and explain what they tell of, and
 * once. */
GST_START_TEST (test_lost_by_whom)
{
  KitRun *run = kit_run_new ("flowdemux");

  push_statistics (run, 0, 0, 0);
  for (guint n = 0; n < 5; n++)
    push_rtp (run, n);
  push_rtp (run, 15);           /* 10 are missing */
  check_losses (run, 0, 10);
  push_statistics (run, 0, 4, GST_SECOND);
  check_losses (run, 4, 6);
  push_statistics (run, 0, 9, GST_SECOND);      /* no hole is open for these, yet */
  check_losses (run, 4, 6);
  push_rtp (run, 19);
  check_losses (run, 7, 6);
  push_rtp (run, 25);
  check_losses (run, 9, 9);
  push_rtp (run, 30);
  check_losses (run, 9, 13);
  push_statistics (run, 7, 100, GST_SECOND);    /* of another interface */
  check_losses (run, 9, 13);
  push_rtp (run, 24);           /* late */
  check_losses (run, 9, 12);
  kit_run_free (run);
}
GST_END_TEST

/* What was dropped long before a packet came is not what is missing behind it. */
GST_START_TEST (test_lost_later)
{
  KitRun *run = kit_run_new ("flowdemux");

  push_statistics (run, 0, 0, 0);
  push_statistics (run, 0, 50, GST_SECOND);
  for (guint n = 0; n < 200; n++)
    push_rtp (run, n);
  push_rtp (run, 210);
  check_losses (run, 0, 10);
  kit_run_free (run);
}
GST_END_TEST

/* Without counters there is the mark that upstream has lost something. */
GST_START_TEST (test_lost_with_mark)
{
  KitRun *run = kit_run_new ("flowdemux");
  Payload payload = make_rtp (SSRC, 0, 9);
  KitPacket packet = {.src_port = 4000,.payload = payload.data,.size =
        payload.size
  };
  GstBuffer *buffer = kit_make (&packet);

  for (guint n = 0; n < 5; n++)
    push_rtp (run, n);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  kit_run_push (run, buffer);
  check_losses (run, 4, 0);
  push_rtp (run, 12);
  check_losses (run, 4, 2);
  kit_run_free (run);
}
GST_END_TEST

/* Nothing is missing on the other side of a seek. */
GST_START_TEST (test_flush)
{
  KitRun *run = kit_run_new ("flowdemux");

  for (guint n = 0; n < 5; n++)
    push_rtp (run, n);
  kit_run_flush (run);
  for (guint n = 500; n < 505; n++)
    push_rtp (run, n);
  check_losses (run, 0, 0);
  fail_unless_equals_int (count_streams (run), 1);
  kit_run_free (run);
}
GST_END_TEST

static GstStructure *
pop_loss (KitRun * run)
{
  GstMessage *message = kit_run_pop (run, GST_MESSAGE_ELEMENT);
  GstStructure *structure;

  if (message == NULL)
    return NULL;
  fail_unless (gst_message_has_name (message, "GstFlowDemuxLoss"));
  structure = gst_structure_copy (gst_message_get_structure (message));
  gst_message_unref (message);
  return structure;
}

static void
check_message (KitRun * run, guint64 lost, guint64 total)
{
  g_autoptr (GstStructure) loss = pop_loss (run);
  guint64 value;
  guint ssrc;

  fail_unless (loss != NULL);
  fail_unless (gst_structure_get_uint64 (loss, "lost", &value));
  fail_unless_equals_uint64 (value, lost);
  fail_unless (gst_structure_get_uint64 (loss, "total-lost", &value));
  fail_unless_equals_uint64 (value, total);
  fail_unless (gst_structure_get_uint64 (loss, "lost-by-network", &value));
  fail_unless_equals_uint64 (value, lost);
  fail_unless (gst_structure_get_uint (loss, "ssrc", &ssrc));
  fail_unless_equals_int (ssrc, SSRC);
  assert_equals_string (gst_structure_get_string (loss, "src-ip"), "10.0.0.1");
  assert_equals_string (gst_structure_get_string (loss, "pad"), "src_0");
}

/* Told when it is not just late, once a second at most, and all of it. */
GST_START_TEST (test_message)
{
  KitRun *run = kit_run_new ("flowdemux");

  for (guint n = 0; n < 5; n++)
    push_rtp (run, n);
  /* late, but not lost */
  push_rtp (run, 6);
  push_rtp (run, 5);
  for (guint n = 7; n < 20; n++)
    push_rtp (run, n);
  fail_unless (pop_loss (run) == NULL);
  push_rtp (run, 22);
  push_rtp (run, 23);
  push_rtp (run, 24);
  fail_unless (pop_loss (run) == NULL);
  push_rtp (run, 25);
  check_message (run, 2, 2);
  for (guint n = 27; n < 75; n += 2)
    push_rtp (run, n);
  fail_unless (pop_loss (run) == NULL);
  push_rtp (run, 76);
  check_message (run, 26, 28);
  push_rtp (run, 80);
  kit_run_event (run, gst_event_new_eos ());
  check_message (run, 3, 31);
  fail_unless (pop_loss (run) == NULL);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
flowdemuxlosses_suite (void)
{
  Suite *suite = suite_create ("flowdemuxlosses");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_lost_by_whom);
  tcase_add_test (tc, test_lost_later);
  tcase_add_test (tc, test_lost_with_mark);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_message);
  return suite;
}

GST_CHECK_MAIN (flowdemuxlosses)
