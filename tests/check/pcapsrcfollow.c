/* pcapsrc: files that are being written, renamed and removed.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>

#define STEP (10 * GST_MSECOND)

/* Without the header of a file. */
static GByteArray *
make_more (guint first, guint n)
{
  GByteArray *out = g_byte_array_new ();

  for (guint i = first; i < first + n; i++)
    capture_put_packet (out, 0, CAPTURE_START + i * STEP, i);
  return out;
}

static void
rename_file (const gchar * from, const gchar * to)
{
  g_autofree gchar *old = find_path (from), *new = find_path (to);

  fail_unless_equals_int (g_rename (old, new), 0);
}

static void
remove_file (const gchar * name)
{
  g_autofree gchar *path = find_path (name);

  fail_unless_equals_int (g_unlink (path), 0);
}

static void
end (void)
{
  GstMessage *message;

  fail_unless (gst_element_send_event (find_pipeline, gst_event_new_eos ()));
  message = find_wait_message (GST_MESSAGE_EOS);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  find_stop ();
}

/* As pcapsink does: records, some of them in two parts, a new name, another file. */
GST_START_TEST (test_recording)
{
  GByteArray *more = make_more (20, 10), *half = g_byte_array_new ();

  find_write ("a.pcapng.part", find_make (TRUE, 0, 10, STEP));
  find_launch (NULL, "follow=true");
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  find_wait_packets (10);
  find_append ("a.pcapng.part", make_more (10, 10));
  find_wait_packets (20);
  g_byte_array_append (half, more->data, 50);
  g_byte_array_remove_range (more, 0, 50);
  find_append ("a.pcapng.part", half);
  find_append ("a.pcapng.part", more);
  find_wait_packets (30);
  find_append ("a.pcapng.part", make_more (30, 10));
  rename_file ("a.pcapng.part", "a.pcapng");
  find_write ("b.pcapng.part", find_make (TRUE, 40, 10, STEP));
  find_wait_packets (50);
  find_append ("b.pcapng.part", make_more (50, 10));
  find_wait_packets (60);
  end ();
  capture_watch_check (find_watch, 0, 60);
  find_check_no_message ();
}

GST_END_TEST;

GST_START_TEST (test_folder_that_is_empty)
{
  find_launch (NULL, "follow=true");
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  find_write ("a.pcap", find_make (FALSE, 0, 10, STEP));
  find_wait_packets (10);
  end ();
  find_check_no_message ();
}

GST_END_TEST;

/* A file that begins with nothing, as those of tcpdump do. */
GST_START_TEST (test_file_that_is_empty)
{
  GByteArray *bytes = find_make (FALSE, 0, 10, STEP);
  GByteArray *header = g_byte_array_new ();

  g_byte_array_append (header, bytes->data, 24);
  g_byte_array_remove_range (bytes, 0, 24);
  find_write ("a.pcap", g_byte_array_new ());
  find_launch (NULL, "follow=true");
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  find_append ("a.pcap", header);
  find_append ("a.pcap", bytes);
  find_wait_packets (10);
  end ();
  find_check_no_message ();
}

GST_END_TEST;

/* A ring of files: the oldest goes, and nothing is read twice. */
GST_START_TEST (test_ring_of_files)
{
  find_launch (NULL, "follow=true");
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 8; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);
    g_autofree gchar *part = g_strdup_printf ("%s.part", name);

    find_write (part, find_make (TRUE, i * 10, 10, STEP));
    rename_file (part, name);
    find_wait_packets ((i + 1) * 10);
    if (i >= 2) {
      g_autofree gchar *oldest = g_strdup_printf ("%u.pcapng", i - 2);

      remove_file (oldest);
    }
  }
  end ();
  capture_watch_check (find_watch, 0, 80);
  find_check_no_message ();
}

GST_END_TEST;

/* Some have gone when their turn comes, and one has become another. */
GST_START_TEST (test_vanished)
{
  /* more than are kept open */
  for (guint i = 0; i < 100; i++) {
    g_autofree gchar *name = g_strdup_printf ("%02u.pcap", i);

    find_write (name, find_make (FALSE, i * 10, 10, STEP));
  }
  find_launch (NULL, "");
  find_wait_state (GST_STATE_PAUSED);
  remove_file ("03.pcap");
  rename_file ("04.pcap", "four.pcap");
  find_run ();
  fail_unless_equals_int (capture_watch_count (find_watch), 990);
  find_check_message (GST_MESSAGE_WARNING, "03.pcap\" has vanished");
  fail_unless_equals_uint64 (find_get_stat ("files-vanished"), 1);
  find_check_no_message ();
}

GST_END_TEST;

/* While it waits. */
GST_START_TEST (test_seek)
{
  find_write ("a.pcapng", find_make (TRUE, 0, 100, STEP));
  find_launch (NULL, "follow=true");
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  find_wait_packets (100);
  fail_unless (gst_element_seek_simple (find_pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, 40 * STEP));
  find_wait_packets (60);
  find_append ("a.pcapng", make_more (100, 10));
  find_wait_packets (70);
  capture_watch_check (find_watch, 40, 70);
  end ();
}

GST_END_TEST;

/* READY and back, also while it waits. */
GST_START_TEST (test_again)
{
  find_write ("a.pcapng", find_make (TRUE, 0, 10, STEP));
  find_launch (NULL, "follow=true");
  for (guint i = 1; i <= 3; i++) {
    gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
    find_wait_packets (i * 10);
    find_wait_state (GST_STATE_READY);
  }
  find_stop ();
}

GST_END_TEST;

static Suite *
pcapsrcfollow_suite (void)
{
  Suite *suite = suite_create ("pcapsrcfollow");
  TCase *chain = tcase_create ("follow");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 300);
  tcase_add_checked_fixture (chain, find_setup, find_teardown);
  tcase_add_test (chain, test_recording);
  tcase_add_test (chain, test_folder_that_is_empty);
  tcase_add_test (chain, test_file_that_is_empty);
  tcase_add_test (chain, test_ring_of_files);
  tcase_add_test (chain, test_vanished);
  tcase_add_test (chain, test_seek);
  tcase_add_test (chain, test_again);
  return suite;
}

GST_CHECK_MAIN (pcapsrcfollow)
