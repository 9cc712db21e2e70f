/* pcapdec fed with bytes: flushes, files one behind the other, files of others, and
 * none at all.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturefeed.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#define STEP (10 * GST_MSECOND)
#define HEADER 24
#define RECORD (16 + CAPTURE_SIZE)

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

static void
flush (void)
{
  gst_harness_push_event (feed->harness, gst_event_new_flush_start ());
  gst_harness_push_event (feed->harness, gst_event_new_flush_stop (TRUE));
}

/* The half record of before is forgotten, wherever the cut is. */
GST_START_TEST (test_flush)
{
  g_autoptr (GByteArray) bytes = capture_make (0, 20, STEP);
  g_autoptr (GstEvent) segment = NULL;
  const GstSegment *out;
  gsize cut = HEADER + 7 * RECORD + 3 * __i__;

  capture_feed_begin_segment (feed, 0);
  capture_feed_push (feed, bytes, 0, cut);
  capture_watch_check (watch, 0, 7);
  flush ();
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, 1000);
  capture_watch_check (watch, 0, 20);

  /* from a record in the middle, too */
  flush ();
  capture_feed_begin_segment (feed, HEADER + 12 * RECORD);
  capture_feed_push (feed, bytes, HEADER + 12 * RECORD, bytes->len);
  capture_feed_end (feed);
  capture_watch_check (watch, 12, 8);
  segment = capture_watch_get_event (watch, GST_EVENT_SEGMENT);
  gst_event_parse_segment (segment, &out);
  fail_unless_equals_uint64 (out->start, 12 * STEP);
  fail_unless_equals_uint64 (g_array_index (watch->times, GstClockTime, 0),
      12 * STEP);
  capture_feed_check_no_more (feed);
}
GST_END_TEST

/* One behind the other: whatever the kinds. */
static GByteArray *
make_files (guint kinds)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint file = 0; file < 3; file++) {
    GstClockTime time = CAPTURE_START + file * 5 * STEP;

    if (kinds >> file & 1) {
      capture_put_section (bytes);
      capture_put_interface (bytes, 1 + file);
    } else {
      capture_put_header (bytes, 1 + file);
    }
    for (guint i = 0; i < 5; i++, time += STEP) {
      if (kinds >> file & 1)
        capture_put_packet (bytes, 0, time, file * 5 + i);
      else
        capture_put_record (bytes, time, file * 5 + i);
    }
  }
  return bytes;
}

GST_START_TEST (test_files)
{
  static const gsize sizes[] = { 1, 61, 100000 };
  g_autoptr (GByteArray) bytes = make_files (__i__ % 8);

  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, sizes[__i__ / 8]);
  capture_feed_end (feed);
  capture_feed_check_no_more (feed);
  capture_watch_check (watch, 0, 15);
  fail_unless_equals_int (capture_watch_count_events (watch, GST_EVENT_CAPS),
      3);
  for (guint i = 0; i < 15; i++)
    fail_unless_equals_uint64 (g_array_index (watch->times, GstClockTime, i),
        i * STEP);
}
GST_END_TEST

/* The second was recorded before the first: it is played behind it. */
GST_START_TEST (test_earlier_file)
{
  g_autoptr (GByteArray) bytes = capture_make (1000, 10, STEP);
  g_autoptr (GByteArray) earlier = capture_make (0, 10, STEP);

  g_byte_array_append (bytes, earlier->data, earlier->len);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, bytes->len);
  fail_unless_equals_int (watch->times->len, 20);
  for (guint i = 0; i < 20; i++)
    fail_unless_equals_uint64 (g_array_index (watch->times, GstClockTime, i),
        (i < 10 ? i : i - 1) * STEP);
}
GST_END_TEST

/* DTS never goes backwards, nor does PTS: capture times of neighbours may. */
GST_START_TEST (test_disorder)
{
  static const gint order[] = { 5, 7, 6, 4, 8, 9 }, times[] = { 0, 2, 2, 2, 3,
    4
  };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  capture_put_header (bytes, 1);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    capture_put_record (bytes, CAPTURE_START + order[i] * GST_USECOND, i);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, bytes->len);
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    fail_unless_equals_uint64 (g_array_index (watch->times, GstClockTime, i),
        times[i] * GST_USECOND);
}
GST_END_TEST

/* As concat says that the next file begins; the first one was cut off. */
GST_START_TEST (test_next_segment)
{
  g_autoptr (GByteArray) first = capture_make (0, 10, STEP);
  g_autoptr (GByteArray) second = capture_make (10, 10, STEP);

  capture_feed_begin_segment (feed, 0);
  capture_feed_push (feed, first, 0, first->len - __i__);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, second, 333);
  capture_feed_end (feed);
  if (__i__ > 0) {
    capture_feed_check_message (feed, "warning", "cut off");
    fail_unless_equals_int (watch->numbers->len, 19);
  } else {
    capture_watch_check (watch, 0, 20);
  }
  capture_feed_check_no_more (feed);
}
GST_END_TEST

/* Ctrl-C before the first byte is an end; a part of a header is no capture. */
GST_START_TEST (test_empty)
{
  g_autoptr (GByteArray) bytes = capture_make (0, 1, STEP);

  capture_feed_begin_segment (feed, 0);
  if (__i__ > 0)
    capture_feed_push (feed, bytes, 0, __i__);
  capture_feed_end (feed);
  if (__i__ > 0)
    capture_feed_check_message (feed, "error", "before its header");
  else
    capture_feed_check_message (feed, "warning", "first byte");
  capture_feed_check_no_more (feed);
  fail_unless_equals_int (capture_watch_count_events (watch, GST_EVENT_CAPS),
      0);
}
GST_END_TEST

/* A header alone is an empty capture. */
GST_START_TEST (test_without_packets)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  if (__i__) {
    capture_put_section (bytes);
    capture_put_interface (bytes, 113);
    capture_put_section (bytes);
  } else {
    capture_put_header (bytes, 113);
  }
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, bytes->len);
  capture_feed_end (feed);
  capture_feed_check_no_more (feed);
  fail_unless_equals_int (capture_watch_count_events (watch, GST_EVENT_CAPS),
      1);
  fail_unless_equals_int (capture_watch_count_events (watch,
          GST_EVENT_SEGMENT), 1);
  fail_unless_equals_int (capture_watch_count_events (watch,
          GST_EVENT_CUSTOM_DOWNSTREAM_STICKY), 1);
}
GST_END_TEST

/* Files of others. */

static void
put_words (GByteArray * bytes, gboolean swapped, const guint32 * words,
    guint n)
{
  for (guint i = 0; i < n; i++) {
    guint32 word = swapped ? GUINT32_SWAP_LE_BE (words[i]) : words[i];

    g_byte_array_append (bytes, (guint8 *) & word, sizeof (word));
  }
}

GST_START_TEST (test_kinds)
{
  static const struct
  {
    guint32 magic;
    guint16 major, minor;
    guint header_words, record_words;
    gboolean turned;
    guint64 unit;
  } rows[] = {
    {0xa1b2c3d4, 2, 4, 6, 4, FALSE, 1000},
    {0xa1b2cd34, 2, 4, 6, 6, FALSE, 1000},
    {0x1c0001ac, 2, 4, 7, 4, FALSE, 1},
    {0x1c0001ab, 2, 4, 7, 4, FALSE, 1000},
    {0xa1b2c3d4, 543, 0, 6, 4, TRUE, 1000},
    {0xa1b2c3d4, 2, 2, 6, 4, TRUE, 1000},
    {0xa1b23c4d, 2, 3, 6, 4, TRUE, 1},
  };
  const guint row = __i__ / 2;
  gboolean swapped = __i__ % 2;
  const gboolean big = (G_BYTE_ORDER == G_BIG_ENDIAN) != swapped;
  const guint32 version = big ? rows[row].major << 16 | rows[row].minor :
      rows[row].minor << 16 | rows[row].major;
  const guint32 header[] = { rows[row].magic, version, 0, 0, 65535, 1, 999 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  put_words (bytes, swapped, header, rows[row].header_words);
  for (guint32 i = 0; i < 10; i++) {
    const guint32 captured = 4, wire = 100;
    guint32 record[] = { 1700000000, i, captured, wire, 7, 0 };

    if (rows[row].turned) {
      record[2] = wire;
      record[3] = captured;
    }
    put_words (bytes, swapped, record, rows[row].record_words);
    g_byte_array_append (bytes, (guint8 *) & i, sizeof (i));
  }
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, 13);
  capture_feed_end (feed);
  capture_feed_check_no_more (feed);
  capture_watch_check (watch, 0, 10);
  for (guint i = 0; i < 10; i++)
    fail_unless_equals_uint64 (g_array_index (watch->times, GstClockTime, i),
        i * rows[row].unit);
}
GST_END_TEST

/* Comments of 17 MiB, which nobody keeps; the length behind them counts. */
GST_START_TEST (test_long_options)
{
  const guint n = 270, option = 65536;
  const guint32 length = 32 + CAPTURE_SIZE + n * option;
  guint32 words[] = { 6, length, 0, CAPTURE_START >> 32,
    (guint32) CAPTURE_START, CAPTURE_SIZE, CAPTURE_SIZE
  }, last = __i__ ? length - 4 : length;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint16 code[] = { 1, option - 4 };

  capture_put_section (bytes);
  capture_put_interface (bytes, 1);
  put_words (bytes, FALSE, words, G_N_ELEMENTS (words));
  g_byte_array_set_size (bytes, bytes->len + CAPTURE_SIZE);
  memset (bytes->data + bytes->len - CAPTURE_SIZE, 0, CAPTURE_SIZE);
  for (guint i = 0; i < n; i++) {
    g_byte_array_append (bytes, (guint8 *) code, sizeof (code));
    g_byte_array_set_size (bytes, bytes->len + option - 4);
    memset (bytes->data + bytes->len - option + 4, 'k', option - 4);
  }
  put_words (bytes, FALSE, &last, 1);
  capture_put_packet (bytes, 0, CAPTURE_START + STEP, 1);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, 100000);
  capture_feed_end (feed);
  if (__i__)
    capture_feed_check_message (feed, "error", "two lengths differ");
  capture_feed_check_no_more (feed);
  capture_watch_check (watch, 0, __i__ ? 1 : 2);
}
GST_END_TEST

static Suite *
pcapdecbytes_suite (void)
{
  Suite *suite = suite_create ("pcapdecbytes");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_flush, 0, 7);
  tcase_add_loop_test (tc, test_files, 0, 24);
  tcase_add_test (tc, test_earlier_file);
  tcase_add_test (tc, test_disorder);
  tcase_add_loop_test (tc, test_next_segment, 0, 3);
  tcase_add_loop_test (tc, test_empty, 0, 3);
  tcase_add_loop_test (tc, test_without_packets, 0, 2);
  tcase_add_loop_test (tc, test_kinds, 0, 14);
  tcase_add_loop_test (tc, test_long_options, 0, 2);
  return suite;
}

GST_CHECK_MAIN (pcapdecbytes)
