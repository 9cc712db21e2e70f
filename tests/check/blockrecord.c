/* pcapsink with blocks of the ring: files are as full as they may be, each
 * is whole, and together they are what the source gave.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "blockrun.h"
#include "folder.h"

#include <gst/afring/pcap/gstpcapsource-private.h>
#include <string.h>

#define N_PACKETS (block_is_slow () ? 1000U : 6000U)

static gchar *folder;
static Capture *capture;
static BlockRun *run;
static GPtrArray *closed;       /* GstStructure of messages */

/* Packets of all lengths, each with a time that is later. */
static void
setup (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);
  guint8 data[9000];

  folder = folder_new (TRUE);
  closed = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  capture = capture_new (1);
  for (guint i = 0; i < sizeof (data); i++)
    data[i] = g_rand_int (random);
  for (guint i = 0; i < N_PACKETS; i++) {
    guint length = g_rand_int_range (random, 0, 3) ?
        g_rand_int_range (random, 60, 200) : i % 500 == 7 ? 9000 :
        g_rand_int_range (random, 60, 1514);

    memcpy (data, &i, sizeof (i));
    capture_add (capture, data, length, length + i % 2, i * 100000,
        i % 5);
  }
  capture_save (capture);
}

static void
teardown (void)
{
  block_run_free (run);
  capture_free (capture);
  folder_remove (folder);
  g_ptr_array_unref (closed);
}

/* On the thread that writes. */
static void
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  if (gst_message_has_name (message, "GstPcapSinkFileClosed"))
    g_ptr_array_add (closed, gst_structure_copy (gst_message_get_structure
            (message)));
}

static void
start (const gchar * source, const gchar * sink)
{
  g_autoptr (GstElement) recorder = NULL;

  run = block_run_new ("afringmocksrc name=src location=%s %s ! "
      "application/x-pcapng ! pcapsink name=file location=%s/%%05d.pcapng %s",
      capture->location, source, folder, sink);
  gst_bus_enable_sync_message_emission (run->bus);
  g_signal_connect (run->bus, "sync-message::element",
      G_CALLBACK (take_message), NULL);
  recorder = gst_bin_get_by_name (GST_BIN (run->pipeline), "file");
  gst_tag_setter_add_tags (GST_TAG_SETTER (recorder), GST_TAG_MERGE_REPLACE,
      GST_TAG_TITLE, "Rack 7", GST_TAG_COMMENT, "f\303\274r Anna", NULL);
}

static guint64
get_number (guint i, const gchar * field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (g_ptr_array_index (closed, i), field,
          &value), "%s", field);
  return value;
}

/* One file, in which there are the packets from number @first on. */
static PcapngWalk *
check_file (guint i, guint first)
{
  const gchar *location = gst_structure_get_string (g_ptr_array_index (closed,
          i), "location");
  PcapngWalk *file = pcapng_walk_file (location);
  guint n = file->packets->len;

  fail_unless_equals_int (file->sections, 1);
  fail_unless (n == 0 || file->interfaces == 1);
  fail_unless (strstr (file->section->str, "Rack 7") != NULL);
  fail_unless (strstr (file->section->str, "f\303\274r Anna") != NULL);
  fail_unless (strstr (file->section->str, "gst-afring") != NULL);
  fail_unless (first + n <= run->walk->packets->len);
  fail_unless_equals_uint64 (get_number (i, "packets"), n);
  fail_unless_equals_uint64 (get_number (i, "bytes"), file->length);
  fail_unless_equals_uint64 (get_number (i, "first-time"), n == 0 ?
      GST_CLOCK_TIME_NONE : pcapng_walk_get (file, 0)->time);
  fail_unless_equals_uint64 (get_number (i, "last-time"), n == 0 ?
      GST_CLOCK_TIME_NONE : pcapng_walk_get (file, n - 1)->time);
  for (guint j = 0; j < n; j++) {
    const WalkedPacket *a = pcapng_walk_get (file, j);
    const WalkedPacket *b = pcapng_walk_get (run->walk, first + j);

    fail_unless (a->captured == b->captured && a->wire == b->wire
        && a->time == b->time && a->flags == b->flags
        && memcmp (a->data, b->data, a->captured) == 0, "%s: packet %u",
        location, j);
  }
  return file;
}

/* A file ended because this packet found no room in it. */
static void
check_full (guint i, guint n, guint packets, guint bytes,
    const WalkedPacket * next)
{
  if (packets > 0) {
    fail_unless_equals_int (n, packets);
  }
  if (bytes > 0) {
    /* what an index might have taken, in a file that is large enough for one */
    guint index = bytes >= 1024 * 1024 ? 2048 : 0;

    fail_unless (get_number (i, "bytes") + next->size + index > bytes,
        "file %u is of %" G_GUINT64_FORMAT " bytes, and the next packet had "
        "taken %u", i, get_number (i, "bytes"), next->size);
  }
}

/* Files, messages and statistics account for each packet; @packets and
 * @bytes are what a file has at most, 0: any number. */
static void
check_files (guint packets, guint bytes)
{
  guint n = 0, in_file = 0;
  guint64 total = 0, received = 0;

  fail_unless_equals_int (folder_count (folder), closed->len);
  for (guint i = 0; i < closed->len; i++) {
    PcapngWalk *file = check_file (i, n);

    if (i > 0 && file->packets->len > 0)
      check_full (i - 1, in_file, packets, bytes, pcapng_walk_get (file, 0));
    in_file = file->packets->len;
    fail_unless (bytes == 0 || file->length <= bytes || in_file == 1,
        "file %u has %" G_GSIZE_FORMAT " bytes", i, file->length);
    n += in_file;
    total += file->length;
    /* a last file that was begun behind the last statistics has none */
    received = MAX (received, file->received);
    fail_unless_equals_uint64 (file->dropped, 0);
    pcapng_walk_free (file);
  }
  fail_unless_equals_int (n, run->walk->packets->len);
  fail_unless_equals_uint64 (received, run->walk->received);
  fail_unless_equals_uint64 (block_run_get_stat (run, "file", "packets"), n);
  fail_unless_equals_uint64 (block_run_get_stat (run, "file", "bytes"), total);
  fail_unless_equals_uint64 (block_run_get_stat (run, "file", "files"),
      closed->len);
  fail_unless_equals_uint64 (block_run_get_stat (run, "file",
          "packets-in-file"), in_file);
}

static const gchar *sources[] = { "block-size=65536", "block-size=262144",
  "block-size=1048576", "block-size=4096 snaplen=100"
};

static const gchar *direct[] = { "direct-io=never", "direct-io=auto",
  "direct-io=always"
};

/* Plays it to the end; FALSE where the filesystem cannot do that. */
static gboolean
record (const gchar * source, const gchar * sink, const gchar * io)
{
  g_autofree gchar *properties = g_strconcat (sink, " ", io, NULL);
  g_autoptr (GstMessage) message = NULL;

  start (source, properties);
  fail_unless (gst_element_set_state (run->pipeline, GST_STATE_PLAYING) !=
      GST_STATE_CHANGE_FAILURE || io == direct[2]);
  message = gst_bus_timed_pop_filtered (run->bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "neither the end nor an error");
  if (io == direct[2] && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      && run->walk->packets->len == 0)
    return FALSE;
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  fail_unless (run->wrong == NULL, "%s", run->wrong);
  fail_unless (run->ended);
  fail_unless_equals_int (run->walk->packets->len, N_PACKETS);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  return TRUE;
}

/* One file, by all ways to the disk. */
GST_START_TEST (test_one_file)
{
  if (!record (sources[__i__ % 4], "", direct[__i__ / 4]))
    return;
  fail_unless_equals_int (closed->len, 1);
  check_files (0, 0);
}
GST_END_TEST

/* A block is cut where a file is full. */
GST_START_TEST (test_size)
{
  static const guint limits[] = { 4000, 60000, 100000, 300001, 1048576 };
  const guint row = BLOCK_ROW (__i__), limit = limits[row / 12];
  g_autofree gchar *sink = g_strdup_printf ("max-file-size=%u", limit);

  if (!record (sources[row % 4], sink, direct[row / 4 % 3]))
    return;
  fail_unless (closed->len > (limit < 300000 ? 5 : 1) || row % 4 == 3
      || block_is_slow ());
  check_files (0, limit);
}
GST_END_TEST

GST_START_TEST (test_packets)
{
  static const guint limits[] = { 64, 777, 999, 5000 };
  const guint limit = limits[__i__ / 4];
  g_autofree gchar *sink = g_strdup_printf ("max-file-packets=%u", limit);

  if (!record (sources[__i__ % 4], sink, direct[__i__ % 3]))
    return;
  fail_unless_equals_int (closed->len, (N_PACKETS + limit - 1) / limit);
  check_files (limit, 0);
}
GST_END_TEST

/* In the packets' own time: 0.6 s. */
GST_START_TEST (test_duration)
{
  gint64 begin = g_get_monotonic_time (), time;

  if (!record ("speed=1.0 block-size=65536", "max-file-duration=50000000",
          direct[__i__]))
    return;
  time = g_get_monotonic_time () - begin;
  check_files (0, 0);
  fail_unless (closed->len >= (block_is_slow ()? 2 : 8));
  fail_unless (closed->len <= time / 50000 + 1);
}
GST_END_TEST

static gpointer
rotate_often (gpointer recorder)
{
  for (guint i = 0; i < 20; i++) {
    g_usleep (10000);
    g_signal_emit_by_name (recorder, "rotate");
  }
  return NULL;
}

static void
rotate_while_recording (const gchar * sink)
{
  GThread *thread;
  g_autoptr (GstElement) recorder = NULL;

  start ("speed=1.0 block-size=65536", sink);
  recorder = gst_bin_get_by_name (GST_BIN (run->pipeline), "file");
  block_run_play (run);
  thread = g_thread_new ("rotate", rotate_often, recorder);
  block_run_wait_eos (run);
  g_thread_join (thread);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  fail_unless_equals_int (run->walk->packets->len, N_PACKETS);
}

GST_START_TEST (test_rotate)
{
  rotate_while_recording ("");
  fail_unless (closed->len <= 21);
  fail_unless (closed->len == 21 || block_is_slow ());
  check_files (0, 0);
}
GST_END_TEST

/* All at once. */
GST_START_TEST (test_conservation)
{
  rotate_while_recording ("max-file-size=50000 max-file-packets=170 "
      "max-file-duration=15000000 flush-interval=2000000");
  check_files (0, 0);
  fail_unless (closed->len > N_PACKETS / 170);
}
GST_END_TEST

/* A block that was cut may be somebody else's too. */
GST_START_TEST (test_kept)
{
  start ("block-size=262144 block-count=8", "max-file-packets=111");
  run->keep = TRUE;
  block_run_to_end (run);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  block_run_check_kept (run);
  check_files (111, 0);
}
GST_END_TEST

/* How many packets can be read while it is being written, but for a torn
 * one; or when it has been, on a machine that is slow enough. */
static guint
count_written (void)
{
  g_autofree gchar *part = g_build_filename (folder, "00000.pcapng.part", NULL);
  g_autofree gchar *whole = g_build_filename (folder, "00000.pcapng", NULL);
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (part, NULL);
  GstPcapPacket packet;
  guint n = 0;

  if (source == NULL)
    source = gst_pcap_source_new (whole, NULL);
  while (source != NULL && gst_pcap_source_next (source, &packet, NULL)) {
    const WalkedPacket *walked = pcapng_walk_get (run->walk, n++);

    fail_unless_equals_int (packet.captured_length, walked->captured);
    fail_unless (memcmp (packet.data, walked->data, walked->captured) == 0);
  }
  return n;
}

/* What is older than the interval can be read. */
GST_START_TEST (test_flush)
{
  const gint64 most = (block_is_slow ()? 20 : 1) * G_TIME_SPAN_SECOND;
  gint64 limit;
  guint before, n;

  start ("speed=0.2 block-size=262144", "flush-interval=20000000");
  block_run_play (run);
  for (guint i = 0; i < 4; i++) {
    block_run_wait (run, (i + 1) * N_PACKETS / 10);
    before = run->walk->packets->len;
    limit = g_get_monotonic_time () + most;
    do {
      g_usleep (20000);
      g_mutex_lock (&run->lock);
      n = count_written ();
      g_mutex_unlock (&run->lock);
    } while (n < before && g_get_monotonic_time () < limit);
    fail_unless (n >= before, "%u of %u", n, before);
  }
  gst_element_send_event (run->pipeline, gst_event_new_eos ());
  block_run_wait_eos (run);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  check_files (0, 0);
}
GST_END_TEST

static Suite *
blockrecord_suite (void)
{
  Suite *suite = suite_create ("blockrecord");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_one_file, 0, 12);
  tcase_add_loop_test (tc, test_size, 0, BLOCK_N_ROWS (60));
  tcase_add_loop_test (tc, test_packets, 0, 16);
  tcase_add_loop_test (tc, test_duration, 0, 3);
  tcase_add_test (tc, test_rotate);
  tcase_add_test (tc, test_conservation);
  tcase_add_test (tc, test_kept);
  tcase_add_test (tc, test_flush);
  return suite;
}

GST_CHECK_MAIN (blockrecord)
