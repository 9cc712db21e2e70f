/* pcapsink behind a byte stream: where one begins and ends, whatever its caps say.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "sinkrun.h"

#include <gst/afring/afring.h>

/* What has been made from byte @at on. */
static void
push (guint at, guint size)
{
  sink_run_push (out->data + at, out->len - at, size);
}

static const gchar *const kinds[] = { PCAPNG, PCAP };

/* What was begun before a flush is not gone on with behind it. */
GST_START_TEST (test_flush)
{
  gboolean classic = __i__ % 2;
  GstSegment segment;
  guint begun;

  swapped = __i__ / 2;
  put_kind (classic, 0, 10);
  begun = out->len - 3;
  sink_run_play ("a.pcapng", "", kinds[classic]);
  fail_unless_equals_int (gst_harness_push (harness,
          gst_buffer_new_memdup (out->data, begun)), GST_FLOW_OK);
  gst_harness_push_event (harness, gst_event_new_flush_start ());
  gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  g_byte_array_set_size (out, 0);
  put_kind (classic, 9, 20);
  push (0, 1000);
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_WARNING), 0);
  fail_unless_equals_int (sink_run_check_packets ("a.pcapng", 0, 0), 29);
}
GST_END_TEST

/* Files behind each other are one stream, also where each has its own byte order, and
 * however they are cut into pieces. */
GST_START_TEST (test_concatenated)
{
  static const guint sizes[] = { 1, 7, 24, 100000 };
  gboolean classic = __i__ / 4;

  for (guint i = 0; i < 5; i++) {
    swapped = i % 2;
    put_kind (classic, i * 3, 3);
  }
  sink_run_play ("a.pcapng", "", kinds[classic]);
  push (0, sizes[__i__ % 4]);
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_WARNING), 0);
  fail_unless_equals_int (sink_run_check_packets ("a.pcapng", 0, 0), 15);
}
GST_END_TEST

/* Another stream under the same caps: what was left of the one before is said. */
GST_START_TEST (test_next_stream)
{
  gboolean classic = __i__;
  GstSegment segment;
  guint end;

  put_kind (classic, 0, 10);
  sink_run_play ("a.pcapng", "", kinds[classic]);
  fail_unless_equals_int (gst_harness_push (harness,
          gst_buffer_new_memdup (out->data, out->len - 3)), GST_FLOW_OK);
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_WARNING), 0);
  gst_harness_push_event (harness, gst_event_new_stream_start ("second"));
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  fail_unless_equals_int (sink_run_count_messages (GST_MESSAGE_WARNING), 1);
  end = out->len;
  put_kind (classic, 9, 10);
  push (end, 1000);
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_check_packets ("a.pcapng", 0, 0), 19);
}
GST_END_TEST

static void
push_packet (guint n)
{
  GstBuffer *buffer = gst_buffer_new_memdup (&n, 4);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  meta->capture_time = START + n;
  meta->wire_length = 60;
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
}

/* Between sections of either byte order, packets of classic pcap and those that come
 * one by one, each in a section of its own; what the caps say and the bytes do not is
 * no matter. */
GST_START_TEST (test_mixed)
{
  guint n = 0, at;

  sink_run_play ("a.pcapng", "", PCAPNG);
  gst_tag_setter_add_tags (GST_TAG_SETTER (sink), GST_TAG_MERGE_REPLACE,
      GST_TAG_TITLE, "a title", NULL);
  for (guint i = 0; i < 8; i++) {
    swapped = i / 2 % 2;
    gst_harness_set_src_caps_str (harness, kinds[(i + __i__) % 2]);
    at = out->len;
    put_kind (i % 2, n, 5);
    n += 5;
    push (at, 1000);
    if (i % 3 == 2) {
      gst_harness_set_src_caps_str (harness, PACKETS);
      push_packet (n++);
    }
  }
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_check_packets ("a.pcapng", 0, 0), n);
}
GST_END_TEST

/* A stream of blocks goes into a file of another format, and back. */
GST_START_TEST (test_formats)
{
  g_autofree gchar *classic = g_build_filename (folder, "1.pcap", NULL);
  g_autofree gchar *blocks = g_build_filename (folder, "2.pcapng", NULL);
  guint at;

  put_kind (FALSE, 0, 5);
  put_names ("first.example");
  sink_run_play ("0.pcapng", "", PCAPNG);
  push (0, 1000);
  for (guint i = 1; i < 3; i++) {
    g_object_set (sink, "location", i == 1 ? classic : blocks, NULL);
    g_signal_emit_by_name (sink, "rotate");
    at = out->len;
    for (guint j = 0; j < 5; j++)
      put_packet (0, 5 * i + j);
    push (at, 1000);
  }
  sink_run_push_eos ();
  fail_unless_equals_int (sink_run_check_packets ("0.pcapng", 0, 0), 5);
  fail_unless_equals_int (sink_run_check_packets ("1.pcap", 5, 0), 5);
  fail_unless_equals_int (sink_run_check_packets ("2.pcapng", 10, 0), 5);
  fail_unless (sink_run_has_text ("2.pcapng", "first.example"));
}
GST_END_TEST

static Suite *
pcapsinkstreams_suite (void)
{
  Suite *suite = suite_create ("pcapsinkstreams");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_loop_test (tc, test_flush, 0, 4);
  tcase_add_loop_test (tc, test_concatenated, 0, 8);
  tcase_add_loop_test (tc, test_next_stream, 0, 2);
  tcase_add_loop_test (tc, test_mixed, 0, 2);
  tcase_add_test (tc, test_formats);
  return suite;
}

GST_CHECK_MAIN (pcapsinkstreams)
