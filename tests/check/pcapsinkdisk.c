/* pcapsink and the disk: what can be read while it records, direct I/O, that it
 * keeps no packet, and a reader that does not read.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <poll.h>
#include <unistd.h>

/* Files are in the byte order of this machine. */
#define U32(p) (G_BYTE_ORDER == G_LITTLE_ENDIAN ? GST_READ_UINT32_LE (p) : \
    GST_READ_UINT32_BE (p))
/* What a slow machine may add to an interval, in microseconds. */
#define SLACK (is_slow () ? 6000000 : 1000000)

static gchar *folder, *location, *part;
static GstElement *sink;
static GstHarness *harness;
static guint n_pushed;
static gint n_released;         /* atomic: memories */

static gboolean
is_slow (void)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL;
}

static void
setup (void)
{
  /* a disk, where /tmp may be none */
  folder = folder_new (TRUE);
}

static void
stop (void)
{
  g_clear_pointer (&harness, gst_harness_teardown);
  gst_clear_object (&sink);
  g_clear_pointer (&location, g_free);
  g_clear_pointer (&part, g_free);
  n_pushed = n_released = 0;
}

static void
teardown (void)
{
  stop ();
  folder_remove (folder);
}

static void
play (const gchar * name, const gchar * direct, const gchar * properties)
{
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;

  location = g_build_filename (folder, name, NULL);
  part = g_strconcat (location, ".part", NULL);
  line = g_strdup_printf ("pcapsink location=%s direct-io=%s %s", location,
      direct, properties);
  sink = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_object_ref_sink (sink);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_use_systemclock (harness);
  gst_harness_set_src_caps_str (harness,
      "application/x-packet, link-type=(int)1");
}

static gboolean
can_direct (void)
{
  g_autofree gchar *path = g_build_filename (folder, "direct", NULL);
  gint fd = open (path, O_CREAT | O_WRONLY | O_DIRECT, 0600);

  if (fd < 0) {
    g_print ("left out: direct-io=always, which %s cannot do\n", folder);
    return FALSE;
  }
  close (fd);
  return g_unlink (path) == 0;
}

/* Both formats, each in all ways to write it that there are. */

#define N_WAYS 6
#define OFTEN "flush-interval=100000000"
#define NEVER "flush-interval=3600000000000"

static const gchar *
get_direct (guint way)
{
  static const gchar *modes[] = { "never", "auto", "always" };

  return way / 2 == 2 && !can_direct ()? "never" : modes[way / 2];
}

static void
play_way (guint way, const gchar * properties)
{
  play (way % 2 == 0 ? "a.pcapng" : "a.pcap", get_direct (way), properties);
}

static void
release (gpointer data)
{
  g_free (data);
  g_atomic_int_inc (&n_released);
}

/* Its number four bytes long, then the last byte of that. */
static GstBuffer *
make_packet (guint n, gsize size)
{
  guint8 *data = g_malloc (size);
  GstBuffer *buffer = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY,
      data, size, 0, size, data, release);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  memset (data, n, size);
  GST_WRITE_UINT32_LE (data, n);
  meta->capture_time = 1700000000 * GST_SECOND + n;
  meta->wire_length = size;
  meta->interface_id = 5 + n % 2;
  return buffer;
}

static GstFlowReturn
push_list (guint length, gsize size)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < length; i++, n_pushed++)
    gst_buffer_list_add (list, make_packet (n_pushed,
            size ? size : 60 + n_pushed * 37 % 1441));
  return gst_pad_push_list (harness->srcpad, list);
}

static void
push (guint length)
{
  fail_unless_equals_int (push_list (length, 0), GST_FLOW_OK);
}

/* How many whole packets have been written: those from 0 on, of two interfaces.
 * @torn: whether something is behind them that is not whole. */
static guint
count_whole (const guint8 * bytes, gsize length, gboolean * torn)
{
  gboolean classic = length >= 4 && U32 (bytes) == 0xa1b23c4d;
  gsize at = classic ? 24 : 0, record, header = classic ? 16 : 28;
  guint n = 0, n_interfaces = 0;

  for (; at + header <= length; at += record) {
    gsize size = U32 (bytes + at + (classic ? 8 : 20));

    record = classic ? 16 + size : U32 (bytes + at + 4);
    fail_unless (record >= 12 && record < 200000, "byte %zu", at);
    if (record > length - at)
      break;
    if (!classic && U32 (bytes + at) != 6) {
      n_interfaces += U32 (bytes + at) == 1;
      continue;
    }
    fail_unless (classic || U32 (bytes + at + 8) == n % 2);
    fail_unless (size >= 60 && header + size <= record, "byte %zu", at);
    fail_unless_equals_int (GST_READ_UINT32_LE (bytes + at + header), n);
    fail_unless_equals_int (bytes[at + header + size - 1], n & 0xff);
    n++;
  }
  fail_unless (n_interfaces <= 2);
  *torn = at != length;
  return n;
}

static guint
read_part (gsize * length, gboolean * torn)
{
  g_autofree gchar *contents = NULL;

  fail_unless (g_file_get_contents (part, &contents, length, NULL));
  return count_whole ((const guint8 *) contents, *length, torn);
}

static void
expect_readable (void)
{
  gboolean torn;
  gsize length;

  fail_unless_equals_int (read_part (&length, &torn), n_pushed);
  fail_if (torn);
}

static void
push_eos (void)
{
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  g_free (part);
  part = g_strdup (location);
  expect_readable ();
}

/* Nothing has to come for what came to be written, and it is whole. */
GST_START_TEST (test_flush_interval)
{
  static const guint lengths[] = { 3, 1, 400, 2 };
  gboolean torn;
  gsize length;

  play_way (__i__, "flush-interval=200000000");
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    gint64 start = g_get_monotonic_time ();

    push (lengths[i]);
    while (read_part (&length, &torn) < n_pushed) {
      fail_unless (g_get_monotonic_time () - start < 200000 + SLACK);
      g_usleep (20000);
    }
    expect_readable ();
  }
  push_eos ();
}
GST_END_TEST

/* While packets come: half a record is seen at most while it is written. */
GST_START_TEST (test_half_records)
{
  static const gchar *modes[] = { OFTEN " sync-mode=never",
    OFTEN " sync-mode=file", OFTEN " sync-mode=interval"
  };
  gint64 end = g_get_monotonic_time () + 700000, torn_since = 0;
  gsize length, torn_length = 0;
  gboolean torn;
  guint n = 0;

  play_way (__i__, modes[__i__ % 3]);
  while (g_get_monotonic_time () < end) {
    guint found;

    push (1 + n_pushed % 3);
    g_usleep (2000);
    found = read_part (&length, &torn);
    fail_unless (found >= n, "%u packets, %u before", found, n);
    n = found;
    if (!torn || length != torn_length) {
      torn_since = g_get_monotonic_time ();
      torn_length = torn ? length : 0;
    }
    fail_unless (g_get_monotonic_time () - torn_since < 50000 || is_slow (),
        "half a record behind packet %u", n);
  }
  push_eos ();
}
GST_END_TEST

/* No packet is kept, not even until it is written. */
GST_START_TEST (test_flush)
{
  play_way (__i__, NEVER);
  for (guint i = 0; i < (is_slow ()? 5 : 20); i++) {
    push (1 + i * i % 300);
    gst_harness_push (harness, make_packet (n_pushed++, 61));
    fail_unless_equals_int (g_atomic_int_get (&n_released), n_pushed);
    g_signal_emit_by_name (sink, "flush");
    expect_readable ();
  }
  push_eos ();
}
GST_END_TEST

/* Whether the file is open for direct writes. */
static gboolean
is_direct (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  gboolean direct = FALSE;
  const gchar *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree gchar *link = g_build_filename ("/proc/self/fd", name, NULL);
    g_autofree gchar *target = g_file_read_link (link, NULL);

    if (g_strcmp0 (target, part) == 0)
      direct |= (fcntl (atoi (name), F_GETFL) & O_DIRECT) != 0;
  }
  g_dir_close (dir);
  return direct;
}

/* The same bytes in the file, however they came there. */
GST_START_TEST (test_direct_io)
{
  g_autoptr (GBytes) first = NULL;

  for (guint way = __i__; way < N_WAYS; way += 2) {
    g_autoptr (GBytes) bytes = NULL;
    gchar *contents = NULL;
    gsize length = 0;

    play_way (way, NEVER);
    for (guint i = 0; i < (is_slow ()? 10 : 30); i++) {
      push (1 + i * i * 7);
      if (i % 4 == 1)
        g_signal_emit_by_name (sink, "flush");
    }
    /* so much that not all of it can still be on its way */
    for (guint i = 0; i < 8; i++) {
      fail_unless_equals_int (push_list (10, 99999), GST_FLOW_OK);
    }
    if (way / 2 != 1) {
      fail_unless (is_direct () == g_str_equal (get_direct (way), "always"));
    }
    push_eos ();
    fail_unless (g_file_get_contents (location, &contents, &length, NULL));
    bytes = g_bytes_new_take (contents, length);
    if (first == NULL)
      first = g_bytes_ref (bytes);
    fail_unless (g_bytes_equal (first, bytes), "%s", get_direct (way));
    stop ();
  }
}
GST_END_TEST

GST_START_TEST (test_defaults)
{
  static const gchar *rows[][2] = {
    {"format", "auto"}, {"timestamp-precision", "nanosecond"},
    {"max-file-size", "0"}, {"max-file-duration", "0"},
    {"max-file-packets", "0"}, {"max-files", "0"}, {"direct-io", "auto"},
    {"sync-mode", "file"}, {"flush-interval", "1000000000"},
    {"on-disk-full", "error"},
  };

  sink = gst_object_ref_sink (gst_element_factory_make ("pcapsink", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GValue value = G_VALUE_INIT;
    g_autofree gchar *found = NULL;

    g_object_get_property (G_OBJECT (sink), rows[i][0], &value);
    found = gst_value_serialize (&value);
    fail_unless (g_strcmp0 (found, rows[i][1]) == 0, "%s is %s", rows[i][0],
        found);
    g_value_unset (&value);
  }
}
GST_END_TEST

/* 40 MB into a pipe that nobody reads for now. */

#define PIPE_LISTS 40
#define PIPE_LENGTH 100
#define PIPE_SIZE 10000

static gint pipe_fd, n_lists;   /* atomic: lists that were taken */
static GThread *pusher;

static gpointer
push_into_pipe (gpointer data)
{
  while (n_lists < PIPE_LISTS && push_list (PIPE_LENGTH,
          PIPE_SIZE) == GST_FLOW_OK)
    g_atomic_int_inc (&n_lists);
  return NULL;
}

static void
block_pipe (void)
{
  g_autofree gchar *path = g_build_filename (folder, "pipe", NULL);

  fail_unless_equals_int (mkfifo (path, 0600), 0);
  pipe_fd = open (path, O_RDONLY | O_NONBLOCK);
  fail_unless (pipe_fd >= 0);
  play ("pipe", "auto", "");
  n_lists = 0;
  pusher = g_thread_new ("push", push_into_pipe, NULL);
  g_usleep (G_USEC_PER_SEC);
  fail_unless (g_atomic_int_get (&n_lists) < PIPE_LISTS);
}

/* Until there is no writer any more; how many whole packets came. */
static gpointer
read_pipe (gpointer data)
{
  struct pollfd poller = { pipe_fd, POLLIN, 0 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 chunk[65536];
  gboolean torn;
  gssize n;

  do {
    fail_unless (poll (&poller, 1, 8000) == 1, "nothing comes any more");
    n = read (pipe_fd, chunk, sizeof (chunk));
    fail_unless (n >= 0 || errno == EAGAIN, "%s", g_strerror (errno));
    g_byte_array_append (bytes, chunk, MAX (n, 0));
  } while (n != 0);
  close (pipe_fd);
  return GUINT_TO_POINTER (count_whole (bytes->data, bytes->len, &torn));
}

static guint
get_packets (void)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 packets;

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "packets", &packets));
  return packets;
}

static void
emit_flush (void)
{
  g_signal_emit_by_name (sink, "flush");
}

/* A flush waits as long as it has to, and nothing is lost. */
GST_START_TEST (test_pipe)
{
  GThread *flusher, *reader;

  block_pipe ();
  flusher = g_thread_new ("flush", (GThreadFunc) emit_flush, NULL);
  g_usleep (100000);
  reader = g_thread_new ("read", read_pipe, NULL);
  g_thread_join (flusher);
  g_thread_join (pusher);
  fail_unless_equals_int (n_lists, PIPE_LISTS);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  gst_element_set_state (sink, GST_STATE_NULL);
  fail_unless_equals_int (GPOINTER_TO_UINT (g_thread_join (reader)),
      PIPE_LISTS * PIPE_LENGTH);
  fail_unless_equals_int (get_packets (), PIPE_LISTS * PIPE_LENGTH);
}
GST_END_TEST

/* Stopped, or flushed as by a seek: soon, and what is counted comes out. */
GST_START_TEST (test_pipe_blocked)
{
  gboolean flush = __i__;
  GThread *reader;
  gint64 start;

  block_pipe ();
  start = g_get_monotonic_time ();
  if (flush)
    gst_harness_push_event (harness, gst_event_new_flush_start ());
  else
    gst_element_set_state (sink, GST_STATE_NULL);
  g_thread_join (pusher);
  fail_unless (g_get_monotonic_time () - start < 5000000);
  reader = g_thread_new ("read", read_pipe, NULL);
  if (flush) {
    gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
    fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
    gst_element_set_state (sink, GST_STATE_NULL);
  }
  fail_unless_equals_int (GPOINTER_TO_UINT (g_thread_join (reader)),
      get_packets ());
}
GST_END_TEST

static Suite *
pcapsinkdisk_suite (void)
{
  Suite *suite = suite_create ("pcapsinkdisk");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_flush_interval, 0, N_WAYS);
  tcase_add_loop_test (tc, test_half_records, 0, N_WAYS);
  tcase_add_loop_test (tc, test_flush, 0, N_WAYS);
  tcase_add_loop_test (tc, test_direct_io, 0, 2);
  tcase_add_test (tc, test_defaults);
  tcase_add_test (tc, test_pipe);
  tcase_add_loop_test (tc, test_pipe_blocked, 0, 2);
  return suite;
}

GST_CHECK_MAIN (pcapsinkdisk)
