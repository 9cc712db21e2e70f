/* pcapdec in pull mode: duration, position, and seeking by time, also in files
 * that are too long to be read to their end.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapframe.h>
#include <gst/check/gstcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 1700000000
#define START ((guint64) SECONDS * GST_SECOND)
#define TIME(n, step) (START + (n) * (guint64) (step))
#define MEGABYTE (1024 * 1024)

static gchar *location;
static GArray *numbers;         /* guint32, of the packets that have come */
static GArray *times;           /* guint64, their stream times */
static GMutex lock;
static GstElement *pipeline;
static GstBus *bus;

static void
setup (void)
{
  /* a disk, where /tmp may be none */
  location = g_strdup ("/var/tmp/pcapdec.seek-XXXXXX");
  g_close (g_mkstemp (location), NULL);
  numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  times = g_array_new (FALSE, FALSE, sizeof (guint64));
}

static void
teardown (void)
{
  if (pipeline != NULL)
    gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_clear_object (&bus);
  gst_clear_object (&pipeline);
  g_array_unref (numbers);
  g_array_unref (times);
  g_unlink (location);
  g_free (location);
}

/* Packets of @size bytes, of which only the number is written: the rest is a
 * hole, and so is a custom block of @gap bytes before each. */
static void
make_file (gboolean pcapng, guint n, guint64 step, guint size, guint gap)
{
  const guint32 pcap_header[] = { 0xa1b23c4d, 0x00040002, 0, 0, 16777216, 1 };
  const guint32 pcapng_header[] = { 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, G_MAXUINT32,
    G_MAXUINT32, 28, 1, 32, 1, 0, 0x00010009, 9, 0, 32
  };
  gint fd = open (location, O_WRONLY);
  guint64 at;

  at = pwrite (fd, pcapng ? pcapng_header : pcap_header,
      pcapng ? sizeof (pcapng_header) : sizeof (pcap_header), 0);
  for (guint32 i = 0; i < n; i++) {
    guint64 time = TIME (i, step);
    const guint32 record[] = { time / GST_SECOND, time % GST_SECOND, size, size,
      i
    };
    const guint32 custom[] = { 0x0bad, gap, 32473 };
    const guint32 block[] = { 6, size + 32, 0, time >> 32, time, size, size,
      i
    };

    if (gap > 0) {
      fail_unless (pwrite (fd, custom, sizeof (custom), at) > 0);
      at += gap;
      fail_unless (pwrite (fd, &gap, sizeof (gap), at - 4) > 0);
    }
    fail_unless (pwrite (fd, pcapng ? block : record,
            pcapng ? sizeof (block) : sizeof (record), at) > 0);
    at += (pcapng ? sizeof (block) : sizeof (record)) - 4 + size;
    if (pcapng) {
      fail_unless (pwrite (fd, &block[1], 4, at) == 4);
      at += 4;
    }
  }
  fail_unless_equals_int (ftruncate (fd, at), 0);
  close (fd);
}

static void
take_buffer (GstPad * pad, GstBuffer * buffer)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad,
      GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;
  guint32 number = 0;
  guint64 time;

  gst_event_parse_segment (event, &segment);
  time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
  gst_buffer_extract (buffer, 0, &number, sizeof (number));
  g_array_append_val (numbers, number);
  g_array_append_val (times, time);
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_mutex_lock (&lock);
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    take_buffer (pad, info->data);
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    for (guint i = 0; i < gst_buffer_list_length (info->data); i++)
      take_buffer (pad, gst_buffer_list_get (info->data, i));
  } else if (GST_EVENT_TYPE (info->data) == GST_EVENT_FLUSH_STOP) {
    g_array_set_size (numbers, 0);
    g_array_set_size (times, 0);
  }
  g_mutex_unlock (&lock);
  return GST_PAD_PROBE_OK;
}

static gboolean
is_slow (void)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL;
}

static void
wait_state (void)
{
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          8 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
}

static void
preroll (void)
{
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! pcapdec "
      "name=dec ! fakesink sync=false", location);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) dec = NULL;
  g_autoptr (GstPad) pad = NULL;

  pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  dec = gst_bin_get_by_name (GST_BIN (pipeline), "dec");
  pad = gst_element_get_static_pad (dec, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM
      | GST_PAD_PROBE_TYPE_EVENT_FLUSH, take, NULL, NULL);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  wait_state ();
}

static void
seek (GstClockTime from, GstClockTime to)
{
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET,
          from, GST_SEEK_TYPE_SET, to));
}

/* Numbers from @first to @last, but for one more on either side. */
static void
play_and_check (guint first, guint last, guint64 step)
{
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 8 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless (numbers->len > 0);
  for (guint i = 0; i < numbers->len; i++) {
    guint32 number = g_array_index (numbers, guint32, i);

    fail_unless_equals_int (number, g_array_index (numbers, guint32, 0) + i);
    fail_unless_equals_uint64 (g_array_index (times, guint64, i),
        number * step);
  }
  fail_unless (ABS ((gint) g_array_index (numbers, guint32, 0) -
          (gint) first) <= 1, "%u", g_array_index (numbers, guint32, 0));
  fail_unless (ABS ((gint) g_array_index (numbers, guint32,
              numbers->len - 1) - (gint) last) <= 1, "%u",
      g_array_index (numbers, guint32, numbers->len - 1));
}

/* The file becomes what pcapsink makes of it in frames. FALSE: it cannot do that. */
static gboolean
compress_file (void)
{
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! pcapdec ! "
      "pcapsink location=%s.zst compression=zstd", location, location);
  g_autofree gchar *compressed = g_strconcat (location, ".zst", NULL);
  g_autoptr (GstElement) copy = gst_parse_launch (line, NULL);
  g_autoptr (GstBus) copy_bus = gst_element_get_bus (copy);
  g_autoptr (GstMessage) message = NULL;

  if (gst_pcap_frame_get_most_level (GST_PCAP_COMPRESSION_ZSTD) == 0)
    return FALSE;
  gst_element_set_state (copy, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (copy_bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_element_set_state (copy, GST_STATE_NULL);
  fail_unless_equals_int (g_rename (compressed, location), 0);
  return TRUE;
}

/* In both formats, and compressed. */
GST_START_TEST (test_seek)
{
  /* more than is read at once */
  const guint n = is_slow ()? 8000 : 50000;
  const gint64 step = GST_MSECOND;
  gint64 duration = 0, position = -1;
  g_autoptr (GstMessage) message = NULL;

  make_file (__i__ % 2, n, step, 200, 0);
  if (__i__ >= 2 && !compress_file ())
    return;
  preroll ();
  fail_unless (gst_element_query_duration (pipeline, GST_FORMAT_TIME,
          &duration));
  fail_unless (ABS (duration - (n - 1) * step) <= step,
      "%" GST_TIME_FORMAT, GST_TIME_ARGS (duration));
  fail_unless (gst_element_query_position (pipeline, GST_FORMAT_TIME,
          &position));
  fail_unless (position >= 0 && position <= step);

  seek (n / 2 * step, GST_CLOCK_TIME_NONE);
  wait_state ();
  fail_unless (gst_element_query_position (pipeline, GST_FORMAT_TIME,
          &position));
  fail_unless (ABS (position - n / 2 * step) <= step,
      "%" GST_TIME_FORMAT, GST_TIME_ARGS (position));
  play_and_check (n / 2, n - 1, step);
  seek (0, GST_CLOCK_TIME_NONE);
  play_and_check (0, n - 1, step);
  seek (n / 5 * step, n / 4 * step);
  play_and_check (n / 5, n / 4, step);
  seek (n / 10 * step, GST_CLOCK_TIME_NONE);
  play_and_check (n / 10, n - 1, step);

  /* behind the end there is nothing, and that at once */
  seek (5 * n * step, GST_CLOCK_TIME_NONE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 8 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  /* a test waits for all threads before its fixtures end */
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (numbers->len <= 1);
}
GST_END_TEST

/* What this process has read of files. */
static guint64
get_bytes_read (void)
{
  g_autofree gchar *contents = NULL;

  fail_unless (g_file_get_contents ("/proc/self/io", &contents, NULL, NULL));
  return g_ascii_strtoull (contents + strlen ("rchar: "), NULL, 10);
}

/* 10 GB: packets of 64 KiB in either format, or blocks of 100 MB to skip. */
GST_START_TEST (test_long)
{
  const guint64 step = 10 * GST_MSECOND;
  guint n = __i__ < 2 ? 150000 : 100;
  gint64 start, took;
  guint64 before, n_read, time;
  guint32 number;

  make_file (__i__ > 0, n, step, __i__ < 2 ? 65536 : 60,
      __i__ < 2 ? 0 : 100 * MEGABYTE);
  before = get_bytes_read ();
  start = g_get_monotonic_time ();
  preroll ();
  seek (n / 2 * step, GST_CLOCK_TIME_NONE);
  wait_state ();
  took = g_get_monotonic_time () - start;
  n_read = get_bytes_read () - before;
  g_mutex_lock (&lock);
  fail_unless (numbers->len > 0);
  number = g_array_index (numbers, guint32, 0);
  time = g_array_index (times, guint64, 0);
  g_mutex_unlock (&lock);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (number, n / 2);
  fail_unless_equals_uint64 (time, n / 2 * step);
  fail_unless (n_read < 1000 * MEGABYTE, "%u MB were read",
      (guint) (n_read / MEGABYTE));
  fail_unless (took < 5 * G_TIME_SPAN_SECOND || is_slow (), "%u ms",
      (guint) (took / 1000));
}
GST_END_TEST

/* 300 MB in frames, of which most are never decompressed. */
GST_START_TEST (test_long_compressed)
{
  const guint64 step = 10 * GST_MSECOND;
  const guint n = is_slow ()? 1500 : 4500;
  guint32 number;

  make_file (__i__, n, step, 65536, 0);
  if (!compress_file ())
    return;
  preroll ();
  seek (n * 9 / 10 * step, GST_CLOCK_TIME_NONE);
  wait_state ();
  g_mutex_lock (&lock);
  fail_unless (numbers->len > 0);
  number = g_array_index (numbers, guint32, 0);
  g_mutex_unlock (&lock);
  fail_unless_equals_int (number, n * 9 / 10);
  play_and_check (n * 9 / 10, n - 1, step);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST

/* A table that is not true of the first frame: the file is read through. */
GST_START_TEST (test_lying_table)
{
  const guint n = 20000;
  guint32 words[4];
  GStatBuf info;
  gint64 duration;
  gint fd;

  make_file (TRUE, n, GST_MSECOND, 200, 0);
  if (!compress_file ())
    return;
  /* the sizes of what the last frame and the first hold, one for the other */
  fd = open (location, O_RDWR);
  fail_unless (fstat (fd, &info) == 0);
  fail_unless_equals_int (pread (fd, words, 4, info.st_size - 9), 4);
  for (guint i = 0; i < 2; i++) {
    goffset entry = info.st_size - 9 - 8 * (i == 0 ? words[0] : 1) + 4;

    fail_unless_equals_int (pread (fd, &words[2], 4, entry), 4);
    words[2] += i == 0 ? 1 : -1;
    fail_unless_equals_int (pwrite (fd, &words[2], 4, entry), 4);
  }
  close (fd);
  preroll ();
  fail_if (gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration));
  play_and_check (0, n - 1, GST_MSECOND);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST

/* A frame that is damaged is named by its place, after all before it. */
GST_START_TEST (test_damaged)
{
  const guint n = 20000;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf info;
  gint fd;

  make_file (TRUE, n, GST_MSECOND, 200, 0);
  if (!compress_file ())
    return;
  fd = open (location, O_RDWR);
  fail_unless (fstat (fd, &info) == 0);
  fail_unless_equals_int (pwrite (fd, "\xff\xff\xff\xff", 4,
          info.st_size / 2), 4);
  close (fd);
  preroll ();
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "error");
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_DECODE));
  fail_unless (strstr (error->message, "frame at byte ") != NULL, "%s",
      error->message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless (numbers->len > n / 4 && numbers->len < n, "%u", numbers->len);
}
GST_END_TEST

static Suite *
pcapdecseek_suite (void)
{
  Suite *suite = suite_create ("pcapdecseek");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_seek, 0, 4);
  tcase_add_loop_test (tc, test_long, 0, 3);
  tcase_add_loop_test (tc, test_long_compressed, 0, 2);
  tcase_add_test (tc, test_lying_table);
  tcase_add_test (tc, test_damaged);
  return suite;
}

GST_CHECK_MAIN (pcapdecseek)
