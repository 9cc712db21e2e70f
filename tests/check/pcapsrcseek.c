/* pcapsrc: places in very many files.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"

#include <gst/check/gstcheck.h>

#define STEP (10 * GST_MSECOND)
#define FILES 1200
#define EACH 50                 /* packets */
#define N (FILES * EACH)

static void
write_files (void)
{
  for (guint i = 0; i < FILES; i++) {
    g_autofree gchar *name = g_strdup_printf ("%05u.pcap%s", i, i % 2 ? "ng" :
        "");

    find_write (name, find_make (i % 2 == 1, i * EACH, EACH, STEP));
  }
}

static guint
count_descriptors (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n;

  for (n = 0; g_dir_read_name (dir) != NULL; n++);
  g_dir_close (dir);
  return n;
}

static guint most_descriptors, n_looks;

static GstPadProbeReturn
look (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (n_looks++ % EACH == 0)
    most_descriptors = MAX (most_descriptors, count_descriptors ());
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_descriptors)
{
  g_autoptr (GstPad) pad = NULL;
  guint before;

  write_files ();
  find_launch (NULL, "");
  before = most_descriptors = count_descriptors ();
  pad = gst_element_get_static_pad (find_source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, look, NULL, NULL);
  find_play ();
  capture_watch_check (find_watch, 0, N);
  fail_unless (most_descriptors < before + 80, "%u descriptors",
      most_descriptors - before);
  find_stop ();
}

GST_END_TEST;

/* Also if all of them are from the same time. */
GST_START_TEST (test_descriptors_of_files_at_once)
{
  guint before;

  for (guint i = 0; i < 300; i++) {
    g_autofree gchar *name = g_strdup_printf ("%05u.pcap", i);
    GByteArray *out = g_byte_array_new ();

    capture_put_header (out, 1);
    for (guint j = 0; j < 20; j++)
      capture_put_record (out, CAPTURE_START + (j * 300 + i) * STEP, j * 300 + i);
    find_write (name, out);
  }
  find_launch (NULL, "");
  before = count_descriptors ();
  find_wait_state (GST_STATE_PAUSED);
  fail_unless (count_descriptors () < before + 80);
  find_play ();
  capture_watch_check (find_watch, 0, 300 * 20);
  find_stop ();
}

GST_END_TEST;

static void
seek (GstSeekFlags flags, guint from, gint to)
{
  GstEvent *event = gst_event_new_seek (1.0, GST_FORMAT_TIME, flags,
      GST_SEEK_TYPE_SET, from * STEP, GST_SEEK_TYPE_SET,
      to < 0 ? -1 : (gint64) (to * STEP));

  find_seqnum = gst_event_get_seqnum (event);
  fail_unless (gst_element_send_event (find_pipeline, event));
}

static void
check_from (guint from, guint n)
{
  find_play ();
  capture_watch_check (find_watch, from, n);
  for (guint i = 0; i < n; i++)
    fail_unless_equals_uint64 (g_array_index (find_watch->times, GstClockTime,
            i), (from + i) * STEP);
}

GST_START_TEST (test_seek)
{
  gint64 duration, position;

  write_files ();
  find_launch (NULL, "");
  find_wait_state (GST_STATE_PAUSED);
  fail_unless (gst_element_query_duration (find_pipeline, GST_FORMAT_TIME,
          &duration));
  fail_unless_equals_int64 (duration, (N - 1) * STEP);

  seek (GST_SEEK_FLAG_FLUSH, N - 120, -1);
  check_from (N - 120, 120);
  fail_unless (gst_element_query_position (find_pipeline, GST_FORMAT_TIME,
          &position));
  fail_unless_equals_int64 (position, (N - 1) * STEP);
  /* only what is needed is read */
  fail_unless (find_get_stat ("packets-read") < 1000);

  seek (GST_SEEK_FLAG_FLUSH, 777, 1001);
  check_from (777, 224);
  seek (GST_SEEK_FLAG_FLUSH, 0, 120);
  check_from (0, 120);
  find_stop ();
}

GST_END_TEST;

/* It is quick because hardly anything is read; bench-find has the figure. */
GST_START_TEST (test_seek_reads_little)
{
  write_files ();
  find_launch (NULL, "");
  find_wait_state (GST_STATE_PAUSED);
  for (guint i = 1; i < 10; i++) {
    seek (GST_SEEK_FLAG_FLUSH, N / 10 * i, -1);
    fail_unless_equals_int (gst_element_get_state (find_pipeline, NULL, NULL,
            20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  }
  find_play ();
  capture_watch_check (find_watch, N / 10 * 9, N / 10);
  /* what the last one was for, and a few files at each */
  fail_unless (find_get_stat ("packets-read") < N / 10 + 9 * 1000);
  find_stop ();
}

GST_END_TEST;

GST_START_TEST (test_seek_while_playing)
{
  write_files ();
  find_launch (NULL, "");
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 20; i++)
    seek (GST_SEEK_FLAG_FLUSH, N - 1000 - i, -1);
  check_from (N - 1019, 1019);
  find_stop ();
}

GST_END_TEST;

/* Before anything was read. */
GST_START_TEST (test_seek_at_once)
{
  find_write ("a.pcap", find_make (FALSE, 0, 500, STEP));
  find_write ("b.pcap", find_make (FALSE, 500, 500, STEP));
  find_launch (NULL, "");
  find_wait_state (GST_STATE_PAUSED);
  seek (GST_SEEK_FLAG_FLUSH, 450, 550);
  check_from (450, 100);
  fail_unless_equals_int (capture_watch_count_events (find_watch,
          GST_EVENT_EOS), 1);
  find_stop ();
}

GST_END_TEST;

GST_START_TEST (test_segment)
{
  GstMessage *message;

  find_write ("a.pcap", find_make (FALSE, 0, 500, STEP));
  find_launch (NULL, "");
  find_wait_state (GST_STATE_PAUSED);
  seek (GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT, 100, 200);
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  message = find_wait_message (GST_MESSAGE_SEGMENT_DONE);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message),
      GST_MESSAGE_SEGMENT_DONE);
  gst_message_unref (message);
  capture_watch_check (find_watch, 100, 100);
  /* without a flush it goes on from there */
  seek (GST_SEEK_FLAG_NONE, 200, 300);
  find_play ();
  capture_watch_check (find_watch, 100, 200);
  find_stop ();
}

GST_END_TEST;

/* With start-time, positions are counted from the first packet that is asked for. */
GST_START_TEST (test_seek_in_a_range)
{
  gint64 duration;

  find_write ("a.pcap", find_make (FALSE, 0, 500, STEP));
  find_write ("b.pcap", find_make (FALSE, 500, 500, STEP));
  find_launch (NULL, "start-time=@1700000001 stop-time=@1700000009");
  find_wait_state (GST_STATE_PAUSED);
  fail_unless (gst_element_query_duration (find_pipeline, GST_FORMAT_TIME,
          &duration));
  /* where in the last 10 ms the last packet is, only reading would tell */
  fail_unless (duration >= 799 * (gint64) STEP
      && duration < 800 * (gint64) STEP);
  seek (GST_SEEK_FLAG_FLUSH, 600, -1);
  find_play ();
  capture_watch_check (find_watch, 700, 200);
  find_stop ();
}

GST_END_TEST;

GST_START_TEST (test_refused_seeks)
{
  find_write ("a.pcap", find_make (FALSE, 0, 500, STEP));
  find_launch (NULL, "");
  find_wait_state (GST_STATE_PAUSED);
  fail_if (gst_element_seek (find_pipeline, -1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, -1));
  fail_if (gst_element_seek (find_pipeline, 1.0, GST_FORMAT_BYTES,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, -1));
  find_play ();
  capture_watch_check (find_watch, 0, 500);
  find_stop ();
}

GST_END_TEST;

static Suite *
pcapsrcseek_suite (void)
{
  Suite *suite = suite_create ("pcapsrcseek");
  TCase *chain = tcase_create ("places");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 300);
  tcase_add_checked_fixture (chain, find_setup, find_teardown);
  tcase_add_test (chain, test_descriptors);
  tcase_add_test (chain, test_descriptors_of_files_at_once);
  tcase_add_test (chain, test_seek);
  tcase_add_test (chain, test_seek_reads_little);
  tcase_add_test (chain, test_seek_while_playing);
  tcase_add_test (chain, test_seek_at_once);
  tcase_add_test (chain, test_segment);
  tcase_add_test (chain, test_seek_in_a_range);
  tcase_add_test (chain, test_refused_seeks);
  return suite;
}

GST_CHECK_MAIN (pcapsrcseek)
