/* pcapsrc and the index of a file: less is read, and the answer is the same.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"

#include <gst/check/gstcheck.h>
#include <unistd.h>

#define STEP GST_MSECOND
#define N 50000
#define LAST "start-time=@1700000049"   /* 1000 packets */
#define FEW "filter=\"ether[2] == 0 and ether[1] == 0xc3 and ether[0] < 16\""  /* 16 */

/* @name, as pcapsink records it, of many pieces. */
static void
record (const gchar * name)
{
  g_autofree gchar *from = find_path (".source"), *to = find_path (name);
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! pcapdec ! "
      "pcapsink location=%s", from, to);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  find_write (".source", find_make (FALSE, 0, N, STEP));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* The same with the index and without; @most packets are looked at with it. */
static void
check (const gchar * properties, guint first, guint n, guint most)
{
  g_autofree gchar *without = g_strdup_printf ("%s use-index=false",
      properties);

  find_launch (NULL, properties);
  find_run ();
  capture_watch_check (find_watch, first, n);
  fail_unless (find_get_stat ("packets-read") <= most, "%" G_GUINT64_FORMAT,
      find_get_stat ("packets-read"));
  find_launch (NULL, without);
  find_run ();
  capture_watch_check (find_watch, first, n);
}

GST_START_TEST (test_recording)
{
  record ("a.pcapng");
  check (LAST, N - 1000, 1000, N / 2);
  fail_unless (find_get_stat ("files-indexed") == 0);
  find_launch (NULL, LAST);
  find_run ();
  fail_unless_equals_uint64 (find_get_stat ("files-indexed"), 1);
  fail_unless (find_get_stat ("bytes-skipped") > 2 * 1024 * 1024);
  check (FEW, 0xc300, 16, N);
}

GST_END_TEST;

GST_START_TEST (test_torn)
{
  g_autofree gchar *path = find_path ("a.pcapng");

  for (guint i = 1; i < 8; i++) {
    guint left;

    record ("a.pcapng");
    fail_unless_equals_int (truncate (path, i * 700000 + 13), 0);
    find_launch (NULL, "use-index=false");
    find_run ();
    left = capture_watch_count (find_watch);
    find_launch (NULL, "start-time=@1700000001");
    find_run ();
    capture_watch_check (find_watch, 1000, left - 1000);
  }
}

GST_END_TEST;

/* What was appended, and what is in front, is not what the index is of. */
GST_START_TEST (test_concatenated)
{
  g_autofree gchar *path = find_path ("a.pcapng");
  GByteArray *more = find_make (TRUE, N, 500, STEP);
  GByteArray *all = find_make (TRUE, 0, 0, STEP);
  gchar *bytes;
  gsize length;

  record ("a.pcapng");
  fail_unless (g_file_get_contents (path, &bytes, &length, NULL));
  g_byte_array_append (all, (guint8 *) bytes, length);
  g_byte_array_append (all, more->data, more->len);
  g_byte_array_unref (more);
  g_free (bytes);
  find_write ("a.pcapng", all);
  check (LAST, N - 1000, 1500, N + 500);
}

GST_END_TEST;

static Suite *
pcapsrcindex_suite (void)
{
  Suite *suite = suite_create ("pcapsrcindex");
  TCase *chain = tcase_create ("index");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 100);
  tcase_add_checked_fixture (chain, find_setup, find_teardown);
  tcase_add_test (chain, test_recording);
  tcase_add_test (chain, test_torn);
  tcase_add_test (chain, test_concatenated);
  return suite;
}

GST_CHECK_MAIN (pcapsrcindex)
