/* pcapdec and captures that are compressed.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturefeed.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#ifdef HAVE_ZSTD
#include <zstd.h>
#endif
#ifdef HAVE_LZ4
#include <lz4frame.h>
#endif

#define STEP (10 * GST_MSECOND)

static CaptureFeed *feed;
static CaptureWatch *watch;

static void
setup (void)
{
  feed = capture_feed_new ("pcapdec");
  watch = feed->watch;
}

static void
teardown (void)
{
  capture_feed_free (feed);
}

static GByteArray *
compress_gzip (GByteArray * bytes)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) gzip =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  g_autoptr (GOutputStream) stream =
      g_converter_output_stream_new (memory, gzip);
  GByteArray *out = g_byte_array_new ();

  fail_unless (g_output_stream_write_all (stream, bytes->data, bytes->len,
          NULL, NULL, NULL));
  fail_unless (g_output_stream_close (stream, NULL, NULL));
  return g_byte_array_append (out, g_memory_output_stream_get_data
      (G_MEMORY_OUTPUT_STREAM (memory)),
      g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
}

/* NULL where there is no library for it. */
static GByteArray *
compress_zstd (GByteArray * bytes)
{
#ifdef HAVE_ZSTD
  GByteArray *out = g_byte_array_new ();

  g_byte_array_set_size (out, ZSTD_compressBound (bytes->len));
  g_byte_array_set_size (out, ZSTD_compress (out->data, out->len, bytes->data,
          bytes->len, 1));
  return out;
#else
  return NULL;
#endif
}

static GByteArray *
compress_lz4 (GByteArray * bytes)
{
#ifdef HAVE_LZ4
  const LZ4F_preferences_t small = {.frameInfo = {.blockSizeID = LZ4F_max64KB}
  };
  GByteArray *out = g_byte_array_new ();

  g_byte_array_set_size (out, LZ4F_compressFrameBound (bytes->len, &small));
  g_byte_array_set_size (out, LZ4F_compressFrame (out->data, out->len,
          bytes->data, bytes->len, &small));
  return out;
#else
  return NULL;
#endif
}

static GByteArray *(*const compressors[]) (GByteArray *) = {
compress_gzip, compress_zstd, compress_lz4};

/* valgrind takes some fifty times as long */
#define FEW (g_getenv ("AFRING_MEMCHECK") != NULL)
#define MANY (FEW ? 4000 : 20000)
#define COMPRESSIONS 3

/* Two members, one of each file, in pieces; then zeros, as on a tape. */
GST_START_TEST (test_compressed)
{
  static const gsize sizes[] = { 1, 4099, 10000000 };
  const guint n = __i__ / COMPRESSIONS == 0 ? 50 : MANY;
  g_autoptr (GByteArray) first = capture_make (0, n, STEP);
  g_autoptr (GByteArray) second = capture_make (n, n, STEP);
  g_autoptr (GByteArray) bytes = compressors[__i__ % COMPRESSIONS] (first);
  g_autoptr (GByteArray) more = compressors[__i__ % COMPRESSIONS] (second);
  const guint8 zeros[512] = { 0 };

  if (bytes == NULL)
    return;
  g_byte_array_append (bytes, more->data, more->len);
  g_byte_array_append (bytes, zeros, sizeof (zeros));
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, sizes[__i__ / COMPRESSIONS]);
  capture_feed_end (feed);
  capture_feed_check_no_more (feed);
  capture_watch_check (watch, 0, 2 * n);
}
GST_END_TEST

/* What pzstd writes in front of each frame. */
GST_START_TEST (test_skippable)
{
  const guint8 skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4 };
  g_autoptr (GByteArray) plain = capture_make (0, 50, STEP);
  g_autoptr (GByteArray) frame = compress_zstd (plain);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (frame == NULL)
    return;
  g_byte_array_append (bytes, skippable, sizeof (skippable));
  g_byte_array_append (bytes, frame->data, frame->len);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, __i__ == 0 ? 1 : 10000);
  capture_feed_end (feed);
  capture_feed_check_no_more (feed);
  capture_watch_check (watch, 0, 50);
}
GST_END_TEST

/* What could be decompressed is given out. */
GST_START_TEST (test_compressed_torn)
{
  g_autoptr (GByteArray) plain = capture_make (0, MANY, STEP);
  g_autoptr (GByteArray) bytes = compressors[__i__ % COMPRESSIONS] (plain);
  gboolean corrupt = __i__ >= COMPRESSIONS;

  if (bytes == NULL)
    return;
  if (corrupt)
    for (guint i = bytes->len * 2 / 3; i < bytes->len; i++)
      bytes->data[i] ^= 0xff;
  else
    g_byte_array_set_size (bytes, bytes->len * 2 / 3);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, 100000);
  capture_feed_end (feed);
  fail_unless (watch->numbers->len > MANY / 4, "%u", watch->numbers->len);
  fail_unless (watch->numbers->len < MANY);
  capture_feed_check_message (feed, corrupt ? "error" : "warning",
      corrupt ? "Corrupt" : "cut off");
  capture_feed_check_no_more (feed);
}
GST_END_TEST

/* What cannot be read is named, and what to do. */
GST_START_TEST (test_not_read)
{
  static const struct
  {
    const gchar *bytes, *part;
  } rows[] = {
    {"BZh91AY&SY.......................", "bzip2 -dc"},
    {"\xfd" "7zXZ\0\0...................", "xz -dc"},
    {"snoop\0\0\0......................", "editcap"},
    {"just some text that is no capture", "editcap"},
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) rows[__i__].bytes, 24);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, 5);
  capture_feed_check_message (feed, "error", rows[__i__].part);
  fail_unless_equals_int (capture_watch_count_events (watch, GST_EVENT_CAPS),
      0);
}
GST_END_TEST

/* Pulled it is the same, but there are no places in it. */
GST_START_TEST (test_compressed_file)
{
  g_autoptr (GByteArray) plain = capture_make (0, 100, STEP);
  g_autoptr (GByteArray) bytes = compress_gzip (plain);
  g_autofree gchar *location = NULL, *line = NULL;
  g_autoptr (GstElement) pipeline = NULL, dec = NULL;
  g_autoptr (GstBus) messages = NULL;
  g_autoptr (GstMessage) message = NULL;
  CaptureWatch *played;
  gint64 duration;

  g_close (g_file_open_tmp ("pcapdec-XXXXXX", &location, NULL), NULL);
  fail_unless (g_file_set_contents (location, (gchar *) bytes->data,
          bytes->len, NULL));
  line = g_strdup_printf ("filesrc location=%s ! pcapdec name=dec ! fakesink "
      "sync=false", location);
  pipeline = gst_parse_launch (line, NULL);
  dec = gst_bin_get_by_name (GST_BIN (pipeline), "dec");
  messages = gst_element_get_bus (pipeline);
  played = capture_watch_new (dec, "src");
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  fail_if (gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration));
  fail_if (gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, 10 * STEP));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (messages, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  capture_watch_check (played, 0, 100);
  capture_watch_free (played);
  g_unlink (location);
}
GST_END_TEST

/* The library reads them in the same way; a torn one ends. */
GST_START_TEST (test_source)
{
  gboolean torn = __i__ >= COMPRESSIONS;
  /* of a torn one several blocks, of which the first is whole */
  const guint n = torn ? MANY : 500;
  g_autoptr (GByteArray) plain = capture_make (0, n, STEP);
  g_autoptr (GByteArray) bytes = compressors[__i__ % COMPRESSIONS] (plain);
  g_autofree gchar *location = NULL;
  g_autoptr (GstCapturePacket) packet = NULL;
  g_autoptr (GstPcapSource) source = NULL;
  g_autoptr (GError) error = NULL;
  guint count = 0;

  if (bytes == NULL)
    return;
  g_close (g_file_open_tmp ("pcapsource-XXXXXX", &location, NULL), NULL);
  fail_unless (g_file_set_contents (location, (gchar *) bytes->data,
          torn ? bytes->len * 2 / 3 : bytes->len, NULL));
  source = gst_pcap_source_new (location, &error);
  fail_unless (source != NULL, "%s", error ? error->message : "");
  while (gst_capture_source_next_packet (GST_CAPTURE_SOURCE (source), &packet,
          &error))
    count++;
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s", error->message);
  if (torn)
    fail_unless (count > n / 4 && count < n, "%u", count);
  else
    fail_unless_equals_int (count, n);
  g_unlink (location);
}
GST_END_TEST

GST_START_TEST (test_source_not_read)
{
  g_autofree gchar *location = NULL;
  g_autoptr (GError) error = NULL;

  g_close (g_file_open_tmp ("pcapsource-XXXXXX", &location, NULL), NULL);
  fail_unless (g_file_set_contents (location, "BZh91AY&SY", -1, NULL));
  fail_unless (gst_pcap_source_new (location, &error) == NULL);
  fail_unless (strstr (error->message, "bzip2 -dc") != NULL, "%s",
      error->message);
  g_unlink (location);
}
GST_END_TEST

static Suite *
pcapdeccompressed_suite (void)
{
  Suite *suite = suite_create ("pcapdeccompressed");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_compressed, 0, 3 * COMPRESSIONS);
  tcase_add_loop_test (tc, test_skippable, 0, 2);
  tcase_add_loop_test (tc, test_compressed_torn, 0, 2 * COMPRESSIONS);
  tcase_add_loop_test (tc, test_not_read, 0, 4);
  tcase_add_test (tc, test_compressed_file);
  tcase_add_loop_test (tc, test_source, 0, 2 * COMPRESSIONS);
  tcase_add_test (tc, test_source_not_read);
  return suite;
}

GST_CHECK_MAIN (pcapdeccompressed)
