/* pcapsink and the system: a disk that wants more alignment than it says, what is
 * synced when, and a pipe that nobody opens. Some calls are this program's own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKETS "application/x-packet, link-type=(int)1"
#define ALIGNMENT 4096

static gchar *folder, *location;
static GstElement *sink;
static GstBus *bus;
static GstHarness *harness;

static gint large_sectors;      /* atomic, as all of these */
static gint n_refused;
static gint n_direct;
static gint n_file_syncs;
static gint n_folder_syncs;
static gint n_folder_syncs_named;       /* with the file under its name */

static gboolean
is_direct (int fd)
{
  return (fcntl (fd, F_GETFL) & O_DIRECT) != 0;
}

/* As a disk with sectors of 4096 bytes takes direct writes, of which the system says
 * nothing. Offsets have 64 bits, and so the call has another name. */
__attribute__ ((visibility ("default")))
     ssize_t pwrite (int fd, const void *data, size_t length, off_t offset)
{
  static ssize_t (*next) (int, const void *, size_t, off_t);

  if (next == NULL)
    *(void **) &next = dlsym (RTLD_NEXT, "pwrite64");
  if (is_direct (fd)) {
    g_atomic_int_inc (&n_direct);
    if (g_atomic_int_get (&large_sectors) && ((gsize) data % ALIGNMENT != 0
            || length % ALIGNMENT != 0 || offset % ALIGNMENT != 0)) {
      g_atomic_int_inc (&n_refused);
      errno = EINVAL;
      return -1;
    }
  }
  return next (fd, data, length, offset);
}

__attribute__ ((visibility ("default")))
     int fsync (int fd)
{
  static int (*next) (int);
  struct stat info;

  if (next == NULL)
    *(void **) &next = dlsym (RTLD_NEXT, "fsync");
  if (fstat (fd, &info) == 0 && S_ISDIR (info.st_mode)) {
    g_atomic_int_inc (&n_folder_syncs);
    if (g_access (location, F_OK) == 0)
      g_atomic_int_inc (&n_folder_syncs_named);
  } else {
    g_atomic_int_inc (&n_file_syncs);
  }
  return next (fd);
}

static void
setup (void)
{
  /* a disk, where /tmp may be none */
  folder = folder_new (TRUE);
  bus = gst_bus_new ();
  /* GStreamer syncs its registry */
  n_file_syncs = n_folder_syncs = n_folder_syncs_named = 0;
}

static void
stop (void)
{
  g_clear_pointer (&harness, gst_harness_teardown);
  gst_clear_object (&sink);
  g_clear_pointer (&location, g_free);
}

static void
teardown (void)
{
  stop ();
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
  folder_remove (folder);
}

static void
make (const gchar * name, const gchar * properties)
{
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;

  location = g_build_filename (folder, name, NULL);
  line = g_strdup_printf ("pcapsink location=%s %s", location, properties);
  sink = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_object_ref_sink (sink);
  gst_element_set_bus (sink, bus);
}

static void
play (const gchar * name, const gchar * properties)
{
  make (name, properties);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_use_systemclock (harness);
  gst_harness_set_src_caps_str (harness, PACKETS);
}

static GstFlowReturn
push (guint first, guint n)
{
  GstFlowReturn ret = GST_FLOW_OK;

  for (guint i = first; i < first + n && ret == GST_FLOW_OK; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 1001, NULL);
    GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

    gst_buffer_memset (buffer, 0, i, -1);
    gst_buffer_fill (buffer, 0, &i, sizeof (i));
    meta->capture_time = 1700000000 * GST_SECOND + i;
    meta->wire_length = 1001;
    ret = gst_harness_push (harness, buffer);
  }
  return ret;
}

/* Whole classic records, numbered from 0; how many. */
static guint
count_packets (const guint8 * data, gsize length)
{
  gsize at = 24;
  guint n, number;

  for (n = 0; at < length; n++, at += 16 + 1001) {
    fail_unless (at + 16 + 1001 <= length, "torn at byte %zu", at);
    memcpy (&number, data + at + 16, sizeof (number));
    fail_unless_equals_int (number, n);
    fail_unless_equals_int (data[at + 16 + 1000], n & 0xff);
  }
  return n;
}

static guint
count_in_file (void)
{
  g_autofree gchar *contents = NULL;
  gsize length;

  fail_unless (g_file_get_contents (location, &contents, &length, NULL));
  return count_packets ((guint8 *) contents, length);
}

/* Refused in the middle too: nothing is lost of what was kept back by then. */
GST_START_TEST (test_large_sectors)
{
  const guint before = __i__ * 37, n = 3000;

  play ("a.pcap", "direct-io=auto flush-interval=3600000000000");
  fail_unless_equals_int (push (0, before), GST_FLOW_OK);
  g_signal_emit_by_name (sink, "flush");
  g_atomic_int_set (&large_sectors, TRUE);
  fail_unless_equals_int (push (before, n), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (count_in_file (), before + n);
  if (g_atomic_int_get (&n_direct) == 0)
    g_print ("left out: direct I/O, which %s cannot do\n", folder);
  else
    fail_unless_equals_int (g_atomic_int_get (&n_refused), 1);
}
GST_END_TEST

/* Asked for, it is an error, and the packets before it are there. */
GST_START_TEST (test_large_sectors_always)
{
  g_autoptr (GstMessage) message = NULL;

  play ("a.pcap", "direct-io=auto");
  gst_element_set_state (sink, GST_STATE_NULL);
  g_clear_pointer (&harness, gst_harness_teardown);
  g_object_set (sink, "direct-io", 2, NULL);
  if (gst_element_set_state (sink, GST_STATE_PAUSED) ==
      GST_STATE_CHANGE_FAILURE) {
    g_print ("left out: direct I/O, which %s cannot do\n", folder);
    return;
  }
  gst_element_set_state (sink, GST_STATE_NULL);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_set_src_caps_str (harness, PACKETS);
  fail_unless_equals_int (push (0, 100), GST_FLOW_OK);
  g_signal_emit_by_name (sink, "flush");
  g_atomic_int_set (&large_sectors, TRUE);
  push (100, 100);
  g_signal_emit_by_name (sink, "flush");
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_element_set_state (sink, GST_STATE_NULL);
  fail_unless_equals_int (count_in_file (), 100);
}
GST_END_TEST

/* A file has its name for good when its folder has been synced with it. */
GST_START_TEST (test_syncs)
{
  static const struct
  {
    const gchar *mode;
    gint files;
    gint folders;
    gint named;
  } rows[] = {
    {"never", 0, 0, 0}, {"file", 1, 1, 1}, {"interval", 1, 2, 1}
  };
  g_autofree gchar *properties = g_strdup_printf ("sync-mode=%s",
      rows[__i__].mode);

  play ("a.pcap", properties);
  fail_unless_equals_int (push (0, 10), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  fail_unless_equals_int (g_atomic_int_get (&n_file_syncs), rows[__i__].files);
  fail_unless_equals_int (g_atomic_int_get (&n_folder_syncs),
      rows[__i__].folders);
  fail_unless_equals_int (g_atomic_int_get (&n_folder_syncs_named),
      rows[__i__].named);
}
GST_END_TEST

static void
make_pipe (void)
{
  g_autofree gchar *path = g_build_filename (folder, "pipe.pcap", NULL);

  fail_unless_equals_int (mkfifo (path, 0600), 0);
}

/* Opened later than the pipeline has started, it has everything from the start on. */
static gpointer
read_pipe (gpointer data)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 piece[65536];
  gssize n;
  int fd = open (location, O_RDONLY);

  fail_unless (fd >= 0);
  while ((n = read (fd, piece, sizeof (piece))) != 0) {
    fail_unless (n > 0);
    g_byte_array_append (bytes, piece, n);
  }
  close (fd);
  return GUINT_TO_POINTER (count_packets (bytes->data, bytes->len));
}

GST_START_TEST (test_pipe_late)
{
  GThread *reader;

  make_pipe ();
  play ("pipe.pcap", "");
  fail_unless_equals_int (push (0, 100), GST_FLOW_OK);
  reader = g_thread_new ("read", read_pipe, NULL);
  fail_unless_equals_int (push (100, 200), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  gst_element_set_state (sink, GST_STATE_NULL);
  fail_unless_equals_int (GPOINTER_TO_UINT (g_thread_join (reader)), 300);
}
GST_END_TEST

/* Never opened, it holds up neither the start nor the stop; with packets, which could
 * still be read, the stop takes two seconds. */
GST_START_TEST (test_pipe_never)
{
  gint64 start;

  make_pipe ();
  play ("pipe.pcap", "");
  if (__i__ > 0)
    fail_unless_equals_int (push (0, 100), GST_FLOW_OK);
  start = g_get_monotonic_time ();
  gst_element_set_state (sink, GST_STATE_NULL);
  fail_unless (g_get_monotonic_time () - start < 20 * G_TIME_SPAN_SECOND);
  fail_unless (g_file_test (location, G_FILE_TEST_EXISTS));
}
GST_END_TEST

static Suite *
pcapsinkcalls_suite (void)
{
  Suite *suite = suite_create ("pcapsinkcalls");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_large_sectors, 0, 4);
  tcase_add_test (tc, test_large_sectors_always);
  tcase_add_loop_test (tc, test_syncs, 0, 3);
  tcase_add_test (tc, test_pipe_late);
  tcase_add_loop_test (tc, test_pipe_never, 0, 2);
  return suite;
}

GST_CHECK_MAIN (pcapsinkcalls)
