/* pcapsrc and the index of a file: less is read, and the answer is the same.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapframe.h>
#include <gst/afring/pcap/gstpcapindexblock.h>
#include <gst/afring/pcap/gstpcapindexbuilder-private.h>
#include <gst/afring/pcap/gstpcaprecovery.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <unistd.h>

#define STEP GST_MSECOND
#define N 50000
#define LAST "start-time=@1700000049"   /* 1000 packets */
#define FEW "filter=\"ether[2] == 0 and ether[1] == 0xc3 and ether[0] < 16\""  /* 16 */

/* @name, as pcapsink records it, of many pieces. */
static void
record_as (const gchar * name, const gchar * properties)
{
  g_autofree gchar *from = find_path (".source"), *to = find_path (name);
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! pcapdec ! "
      "pcapsink location=%s %s", from, to, properties);
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

static void
record (const gchar * name)
{
  record_as (name, "");
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

/* Of frames with a table what they hold has an index. Torn it has no table. */
GST_START_TEST (test_compressed)
{
  g_autofree gchar *path = find_path ("a.pcapng.zst");
  guint64 size, read;
  GStatBuf info;

  if (gst_pcap_frame_get_most_level (GST_PCAP_COMPRESSION_ZSTD) == 0)
    return;
  record_as ("a.pcapng.zst", "compression=zstd");
  check (LAST, N - 1000, 1000, N / 2);
  check (FEW, 0xc300, 16, N);
  find_launch (NULL, LAST);
  find_run ();
  fail_unless_equals_uint64 (find_get_stat ("files-indexed"), 1);
  /* both are of the disk */
  fail_unless_equals_int (g_stat (path, &info), 0);
  size = info.st_size;
  read = find_get_stat ("bytes-read");
  fail_unless (read < size * 3 / 4, "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT,
      read, size);
  fail_unless (find_get_stat ("bytes-skipped") > size / 2
      && find_get_stat ("bytes-skipped") < size);

  fail_unless_equals_int (truncate (path, size * 2 / 3), 0);
  find_launch (NULL, "");
  find_run ();
  read = capture_watch_count (find_watch);
  fail_unless (read > 1000);
  find_launch (NULL, "start-time=@1700000001");
  find_run ();
  capture_watch_check (find_watch, 1000, read - 1000);
  fail_unless_equals_uint64 (find_get_stat ("files-indexed"), 0);
}

GST_END_TEST;

/* gzip has no places: it is read from its start, and has no index. */
GST_START_TEST (test_gzip)
{
  record_as ("a.pcapng.gz", "compression=gzip");
  check (LAST, N - 1000, 1000, N);
  fail_unless_equals_uint64 (find_get_stat ("files-indexed"), 0);
}

GST_END_TEST;

static void
recover (const gchar * name, gboolean indexed)
{
  g_autofree gchar *path = find_path (name), *part =
      g_strconcat (path, ".part", NULL);
  g_autofree gchar *aside = NULL;
  GstPcapRecovery report;

  fail_unless_equals_int (g_rename (path, part), 0);
  aside = gst_pcap_recovery_set_aside (part, NULL);
  fail_unless (aside != NULL && gst_pcap_recovery_complete (aside, indexed,
          NULL, &report, NULL));
  fail_unless_equals_int (g_rename (report.location, path), 0);
  g_free (report.location);
}

/* What a crash left gets the index of what has none. */
GST_START_TEST (test_recovered)
{
  const gchar *kinds[] = { "none", "zstd" };
  g_autofree gchar *properties = g_strdup_printf ("compression=%s",
      kinds[__i__ % 2]);
  g_autofree gchar *path = find_path ("a.pcapng");
  gboolean indexed = __i__ < 2;
  GStatBuf info;
  guint left;

  if (gst_pcap_frame_get_most_level (GST_PCAP_COMPRESSION_ZSTD) == 0)
    return;
  record_as ("a.pcapng", properties);
  fail_unless_equals_int (g_stat (path, &info), 0);
  fail_unless_equals_int (truncate (path, info.st_size * 4 / 5), 0);
  recover ("a.pcapng", indexed);
  find_launch (NULL, "use-index=false");
  find_run ();
  left = capture_watch_count (find_watch);
  fail_unless (left > N / 2 && left < N);
  find_launch (NULL, "start-time=@1700000020 stop-time=+1s");
  find_run ();
  capture_watch_check (find_watch, 20000, 1000);
  fail_unless_equals_uint64 (find_get_stat ("files-indexed"), indexed);
  fail_unless ((find_get_stat ("packets-read") < left / 2) == indexed);
}

GST_END_TEST;

/* What is there is found by the index, and what is written then comes all the same: with what
 * was described long before. */
GST_START_TEST (test_follow)
{
  GByteArray *start = find_make (TRUE, 0, 0, STEP);
  GByteArray *more = find_make (TRUE, N, 10, STEP);
  const gchar *wanted = __i__ == 0 ? LAST : "start-time=@1700000050";
  guint n = __i__ == 0 ? 1000 : 0;
  g_autofree gchar *properties = g_strdup_printf ("%s follow=true", wanted);

  record ("a.pcapng");
  find_launch (NULL, properties);
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  while (n == 0 && find_get_stat ("files-indexed") == 0)
    g_usleep (1000);
  find_wait_packets (n);
  g_byte_array_remove_range (more, 0, start->len);
  g_byte_array_unref (start);
  find_append ("a.pcapng", more);
  find_wait_packets (n + 10);
  capture_watch_check (find_watch, N - n, n + 10);
  fail_unless_equals_uint64 (find_get_stat ("files-indexed"), 1);
  fail_unless (find_get_stat ("packets-read") < N / 2);
  gst_element_send_event (find_pipeline, gst_event_new_eos ());
  gst_message_unref (find_wait_message (GST_MESSAGE_EOS));
  find_stop ();
}

GST_END_TEST;

static GBytes *
read_bytes (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  GByteArray *bytes = user_data;

  return g_bytes_new (bytes->data + offset, MIN (n, bytes->len - offset));
}

/* Indexes that stand in a file are not made again, also several in one place. */
GST_START_TEST (test_goes_on)
{
  g_autoptr (GByteArray) file = find_make (TRUE, 0, 500, STEP);
  g_autoptr (GByteArray) more = g_byte_array_new ();
  g_autoptr (GstPcapIndexBuilder) first = gst_pcap_index_builder_new (100);
  g_autoptr (GstPcapIndexBuilder) next = gst_pcap_index_builder_new (100);
  g_autoptr (GstPcapIndex) index = NULL;
  GBytes *blocks;
  guint n = 0, broken = __i__;
  gsize size;

  gst_pcap_index_builder_add (first, file->data, file->len);
  gst_pcap_index_builder_add (next, file->data, file->len);
  blocks = gst_pcap_index_builder_write (first, 512);
  size = file->len;
  g_byte_array_append (file, g_bytes_get_data (blocks, NULL),
      g_bytes_get_size (blocks));
  g_bytes_unref (blocks);
  for (guint32 length; size < file->len; size += length, n++) {
    guint8 *block = file->data + size;

    memcpy (&length, block + 4, sizeof (length));
    if (n + 1 == broken)
      block[100] ^= 1;
    fail_unless (gst_pcap_index_builder_pass (next, block, length) ==
        (broken == 0 || n + 1 < broken));
    if (broken != 0 && n + 1 >= broken)
      gst_pcap_index_builder_add (next, block, length);
  }
  fail_unless (n > 2);

  for (guint i = 500; i < 510; i++)
    capture_put_packet (more, 0, CAPTURE_START + i * STEP, i);
  gst_pcap_index_builder_add (next, more->data, more->len);
  g_byte_array_append (file, more->data, more->len);
  blocks = gst_pcap_index_builder_write (next, 4);
  /* only what is new, or, where that could not be relied on, all */
  fail_unless ((g_bytes_get_size (blocks) < 10000) == (broken == 0));
  g_byte_array_append (file, g_bytes_get_data (blocks, NULL),
      g_bytes_get_size (blocks));
  g_bytes_unref (blocks);
  index = gst_pcap_index_new (read_bytes, file, file->len, NULL);
  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), 510);
}

GST_END_TEST;

static Suite *
pcapsrcindex_suite (void)
{
  Suite *suite = suite_create ("pcapsrcindex");
  TCase *chain = tcase_create ("index");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 300);
  tcase_add_checked_fixture (chain, find_setup, find_teardown);
  tcase_add_test (chain, test_recording);
  tcase_add_test (chain, test_torn);
  tcase_add_test (chain, test_concatenated);
  tcase_add_test (chain, test_compressed);
  tcase_add_test (chain, test_gzip);
  tcase_add_loop_test (chain, test_recovered, 0, 4);
  tcase_add_loop_test (chain, test_follow, 0, 2);
  tcase_add_loop_test (chain, test_goes_on, 0, 4);
  return suite;
}

GST_CHECK_MAIN (pcapsrcindex)
