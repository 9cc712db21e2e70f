/* pcapsrc: the packets of many files in the order of their times, and which of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

#define STEP (10 * GST_MSECOND)

/* Every second packet from @first on. */
static GByteArray *
make_every_second (guint first, guint n)
{
  GByteArray *out = g_byte_array_new ();

  capture_put_header (out, 1);
  for (guint i = first; i < first + 2 * n; i += 2)
    capture_put_record (out, CAPTURE_START + i * STEP, i);
  return out;
}

/* Names do not say when files are from. */
GST_START_TEST (test_one_behind_the_other)
{
  find_write ("c.pcap", find_make (FALSE, 0, 50, STEP));
  find_write ("a.pcapng", find_make (TRUE, 50, 50, STEP));
  find_write ("b.pcap", find_make (FALSE, 100, 50, STEP));
  find_launch (NULL, "");
  find_run ();
  capture_watch_check (find_watch, 0, 150);
  for (guint i = 0; i < 150; i++)
    fail_unless_equals_uint64 (g_array_index (find_watch->times, GstClockTime,
            i), i * STEP);
  fail_unless_equals_uint64 (find_get_stat ("packets"), 150);
  fail_unless_equals_uint64 (find_get_stat ("bytes"), 150 * CAPTURE_SIZE);
  fail_unless_equals_uint64 (find_get_stat ("files"), 3);
  find_check_no_message ();
}

GST_END_TEST;

GST_START_TEST (test_interleaved)
{
  find_write ("a.pcap", make_every_second (1, 500));
  find_write ("b.pcap", make_every_second (0, 500));
  find_launch (NULL, "");
  find_run ();
  capture_watch_check (find_watch, 0, 1000);
  fail_unless (find_watch->longest <= GST_MSECOND);
}

GST_END_TEST;

/* A clock that went back: the file's packets stay in their order, and a merge of heads has
 * those behind the jump right behind it. */
GST_START_TEST (test_order_in_a_file)
{
  static const guint order[] = { 0, 1, 10, 11, 2, 3, 12 };
  GByteArray *out = g_byte_array_new (), *other = g_byte_array_new ();

  capture_put_header (out, 1);
  capture_put_header (other, 1);
  for (guint i = 0; i < 2; i++)
    capture_put_record (out, CAPTURE_START + i * STEP, i);
  capture_put_record (other, CAPTURE_START + 5 * STEP, 10);
  capture_put_record (other, CAPTURE_START + 6 * STEP, 11);
  capture_put_record (out, CAPTURE_START + 8 * STEP, 2);
  capture_put_record (out, CAPTURE_START + 3 * STEP, 3);
  capture_put_record (other, CAPTURE_START + 9 * STEP, 12);
  find_write ("a.pcap", out);
  find_write ("b.pcap", other);
  find_launch (NULL, "");
  find_run ();
  find_check_order (order, G_N_ELEMENTS (order));
  /* timestamps never go back */
  for (guint i = 1; i < G_N_ELEMENTS (order); i++)
    fail_unless (g_array_index (find_watch->times, GstClockTime, i) >=
        g_array_index (find_watch->times, GstClockTime, i - 1));
}

GST_END_TEST;

/* What matches in a large file can be older than its first packet: it is merged by its
 * own time. */
GST_START_TEST (test_order_of_what_matches)
{
  static const guint order[] = { 258, 512, 259, 513 };
  GByteArray *out = g_byte_array_new (), *other = g_byte_array_new ();

  capture_put_header (out, 1);
  capture_put_header (other, 1);
  for (guint i = 0; i < 5000; i++)
    capture_put_record (out, CAPTURE_START + 1000 * STEP, 0);
  for (guint i = 512; i < 514; i++)
    capture_put_record (out, CAPTURE_START + i * STEP, i);
  capture_put_record (other, CAPTURE_START + 500 * STEP, 258);
  capture_put_record (other, CAPTURE_START + 512 * STEP + STEP / 2, 259);
  fail_unless (out->len > 256 * 1024);
  find_write ("a.pcap", out);
  find_write ("b.pcap", other);
  find_launch (NULL, "filter=\"ether[1] != 0\"");
  find_run ();
  find_check_order (order, G_N_ELEMENTS (order));
}

GST_END_TEST;

/* Of equal times the first file comes first, as with mergecap. */
GST_START_TEST (test_equal_times)
{
  static const guint order[] = { 0, 1, 10, 11 };
  GByteArray *a = g_byte_array_new (), *b = g_byte_array_new ();

  capture_put_header (a, 1);
  capture_put_header (b, 1);
  for (guint i = 0; i < 2; i++) {
    capture_put_record (a, CAPTURE_START, i);
    capture_put_record (b, CAPTURE_START, 10 + i);
  }
  find_write ("a.pcap", a);
  find_write ("b.pcap", b);
  find_launch (NULL, "");
  find_run ();
  find_check_order (order, G_N_ELEMENTS (order));
}

GST_END_TEST;

GST_START_TEST (test_pattern)
{
  find_write ("a1.pcap", find_make (FALSE, 0, 10, STEP));
  find_write ("b1.pcap", find_make (FALSE, 10, 10, STEP));
  find_write ("a2.pcap", find_make (FALSE, 20, 10, STEP));
  find_launch ("a?.pcap", "");
  find_run ();
  fail_unless_equals_int (capture_watch_count (find_watch), 20);
  find_launch ("b1.pcap", "");
  find_run ();
  capture_watch_check (find_watch, 10, 10);
}

GST_END_TEST;

/* A file that is meant twice is read once. */
GST_START_TEST (test_locations)
{
  g_autofree gchar *a = find_path ("a.pcap");
  const gchar *locations[] = { a, find_folder, NULL };

  find_write ("a.pcap", find_make (FALSE, 0, 10, STEP));
  find_write ("b.pcap", find_make (FALSE, 10, 10, STEP));
  find_launch (NULL, "");
  g_object_set (find_source, "locations", locations, NULL);
  find_run ();
  capture_watch_check (find_watch, 0, 20);
}

GST_END_TEST;

GST_START_TEST (test_times)
{
  static const struct
  {
    const gchar *properties;
    guint first, n;
  } ranges[] = {
    {"start-time=1700000000500000000", 50, 50},
    {"stop-time=1700000000500000000", 0, 50},
    {"start-time=@1700000000.2 stop-time=@1700000000.5", 20, 30},
    {"start-time=2023-11-14T22:13:20.3Z stop-time=2023-11-14T22:13:20.31Z", 30, 1},
    {"start-time=2023-11-14T23:13:20.3+01:00 stop-time=+100ms", 30, 10},
    {"start-time=\"2023-11-14 22:13:20.99Z\" stop-time=+5m", 99, 1},
    {"start-time=2023-11-15Z", 0, 0},
  };

  find_write ("a.pcap", find_make (FALSE, 0, 40, STEP));
  find_write ("b.pcapng", find_make (TRUE, 40, 60, STEP));
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++) {
    find_launch (NULL, ranges[i].properties);
    find_run ();
    fail_unless_equals_int (capture_watch_count (find_watch), ranges[i].n);
    if (ranges[i].n > 0) {
      capture_watch_check (find_watch, ranges[i].first, ranges[i].n);
      fail_unless_equals_uint64 (g_array_index (find_watch->times,
              GstClockTime, 0), 0);
    }
  }
}

GST_END_TEST;

/* A clock that jumped to and fro: what an end of a file shows is not what is in it. */
GST_START_TEST (test_times_behind_a_jump)
{
  GByteArray *out = g_byte_array_new ();

  capture_put_header (out, 1);
  for (guint i = 0; i < 10000; i++)
    capture_put_record (out, CAPTURE_START + (i == 5000 ? 3600 * GST_SECOND :
            i * GST_MSECOND), i);
  find_write ("a.pcap", out);
  find_launch (NULL, "start-time=1700003000000000000");
  find_run ();
  capture_watch_check (find_watch, 5000, 1);
  /* unless somebody says that it is in order */
  find_launch (NULL, "start-time=1700003000000000000 trust-order=true");
  find_run ();
  fail_unless_equals_int (capture_watch_count (find_watch), 0);
  fail_unless_equals_uint64 (find_get_stat ("packets-read"), 0);
}

GST_END_TEST;

/* The first bytes of a packet, its destination, have its number. */
GST_START_TEST (test_filter)
{
  find_write ("a.pcap", find_make (FALSE, 0, 256, STEP));
  find_write ("b.pcapng", find_make (TRUE, 256, 256, STEP));
  find_launch (NULL, "filter=\"ether[1] == 1 and ether[0] < 4\"");
  find_run ();
  capture_watch_check (find_watch, 256, 4);
  fail_unless_equals_uint64 (find_get_stat ("packets-read"), 512);
  find_check_no_message ();
}

GST_END_TEST;

static void
check_refused (const gchar * name, const gchar * properties, const gchar * part)
{
  find_launch (name, properties);
  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  find_check_message (GST_MESSAGE_ERROR, part);
  find_stop ();
}

GST_START_TEST (test_settings_that_make_no_sense)
{
  find_write ("a.pcap", find_make (FALSE, 0, 10, STEP));
  check_refused (NULL, "filter=\"hots 1.2.3.4\"", "syntax error");
  check_refused (NULL, "start-time=yesterday", "yesterday");
  check_refused (NULL, "start-time=2023-13-14", "is no time");
  check_refused (NULL, "start-time=@1700000001 stop-time=@1700000001",
      "not after");
  check_refused (NULL, "stop-time=+5m", "after the start time");
  check_refused ("nothing.pcap", "", "nothing.pcap");
  check_refused ("*.nothing", "", "pattern");
}

GST_END_TEST;

/* One bad file does not end it; what is no capture by name and content is passed over. */
GST_START_TEST (test_bad_files)
{
  GByteArray *torn = find_make (TRUE, 10, 10, STEP);
  GByteArray *corrupt = find_make (TRUE, 20, 10, STEP);

  g_byte_array_set_size (torn, torn->len - 7);
  memset (corrupt->data + corrupt->len - 92, 0xff, 8);
  find_write ("a.pcap", find_make (FALSE, 0, 10, STEP));
  find_write ("README.txt", g_byte_array_append (g_byte_array_new (),
          (const guint8 *) "no capture", 10));
  find_launch (NULL, "");
  find_run ();
  find_check_no_message ();

  find_write ("z.pcap", g_byte_array_append (g_byte_array_new (),
          (const guint8 *) "no capture", 10));
  find_launch (NULL, "");
  find_run ();
  capture_watch_check (find_watch, 0, 10);
  find_check_message (GST_MESSAGE_WARNING, "z.pcap");
  fail_unless_equals_uint64 (find_get_stat ("files-failed"), 1);

  find_write ("z.pcap", torn);
  find_launch (NULL, "");
  find_run ();
  capture_watch_check (find_watch, 0, 19);
  find_check_message (GST_MESSAGE_WARNING, "cut off");
  fail_unless_equals_uint64 (find_get_stat ("files-torn"), 1);

  find_write ("z.pcap", corrupt);
  find_write ("zz.pcap", find_make (FALSE, 30, 10, STEP));
  find_launch (NULL, "");
  find_run ();
  fail_unless_equals_int (capture_watch_count (find_watch), 29);
  find_check_message (GST_MESSAGE_WARNING, "z.pcap");
  fail_unless_equals_uint64 (find_get_stat ("files-failed"), 1);
}

GST_END_TEST;

GST_START_TEST (test_only_bad_files)
{
  find_write ("a.pcap", g_byte_array_append (g_byte_array_new (),
          (const guint8 *) "no capture", 10));
  check_refused (NULL, "", "Not one");
}

GST_END_TEST;

static GByteArray *
compress_gzip (GByteArray * plain)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) compressor =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1));
  g_autoptr (GOutputStream) stream =
      g_converter_output_stream_new (memory, compressor);

  fail_unless (g_output_stream_write_all (stream, plain->data, plain->len,
          NULL, NULL, NULL));
  fail_unless (g_output_stream_close (stream, NULL, NULL));
  g_byte_array_unref (plain);
  return g_bytes_unref_to_array (g_memory_output_stream_steal_as_bytes
      (G_MEMORY_OUTPUT_STREAM (memory)));
}

GST_START_TEST (test_gzip)
{
  find_write ("a.pcap.gz", compress_gzip (find_make (FALSE, 100, 2000,
              STEP)));
  find_write ("b.pcapng", find_make (TRUE, 0, 100, STEP));
  find_launch (NULL, "");
  find_run ();
  capture_watch_check (find_watch, 0, 2100);
  find_check_no_message ();
}

GST_END_TEST;

/* What downstream knows of: the same interface of two files is one, and of two that are
 * alike in one file each is another. */
static guint
count_interfaces (void)
{
  GstCaptureInterface iface;
  guint n = 0;

  for (guint i = 0; i < find_watch->events->len; i++)
    if (gst_event_parse_capture_interface (g_ptr_array_index
            (find_watch->events, i), &iface)) {
      fail_unless_equals_int (iface.id, n);
      n++;
    }
  return n;
}

static void
write_two_interfaces (const gchar * name, guint second_type, guint first)
{
  GByteArray *out = g_byte_array_new ();

  capture_put_section (out);
  capture_put_interface (out, 1);
  capture_put_interface (out, second_type);
  for (guint i = first; i < first + 10; i++)
    capture_put_packet (out, i % 2, CAPTURE_START + i * STEP, i);
  find_write (name, out);
}

GST_START_TEST (test_interfaces)
{
  write_two_interfaces ("a.pcapng", 1, 0);
  find_launch (NULL, "");
  find_run ();
  fail_unless_equals_int (count_interfaces (), 2);
  write_two_interfaces ("b.pcapng", 1, 10);
  find_launch (NULL, "");
  find_run ();
  fail_unless_equals_int (count_interfaces (), 2);
  write_two_interfaces ("c.pcapng", 101, 20);
  find_launch (NULL, "");
  find_run ();
  fail_unless_equals_int (count_interfaces (), 3);
  capture_watch_check (find_watch, 0, 30);
  /* as pcapdec does for each change: five of each type, in turns, behind the first 20 */
  fail_unless_equals_int (capture_watch_count_events (find_watch,
          GST_EVENT_CAPS), 10);
}

GST_END_TEST;

/* Nothing matches: a stream has caps and a segment all the same. */
GST_START_TEST (test_nothing)
{
  find_write ("a.pcap", find_make (FALSE, 0, 10, STEP));
  find_launch (NULL, "filter=arp");
  find_run ();
  fail_unless_equals_int (capture_watch_count (find_watch), 0);
  fail_unless_equals_int (capture_watch_count_events (find_watch,
          GST_EVENT_CAPS), 1);
  fail_unless_equals_int (capture_watch_count_events (find_watch,
          GST_EVENT_SEGMENT), 1);
}

GST_END_TEST;

GST_START_TEST (test_uri)
{
  g_autofree gchar *uri = NULL, *back = NULL, *location = NULL, *filter = NULL;
  g_autoptr (GstElement) source = NULL;
  g_autoptr (GError) error = NULL;

  source = gst_element_make_from_uri (GST_URI_SRC,
      "pcap:///var/a%20b/*.pcap?filter=udp%20port%2053&follow=true", NULL, &error);
  fail_unless (source != NULL, "%s", error != NULL ? error->message : "");
  g_object_get (source, "location", &location, "filter", &filter, NULL);
  assert_equals_string (location, "/var/a b/*.pcap");
  assert_equals_string (filter, "udp port 53");
  uri = gst_uri_handler_get_uri (GST_URI_HANDLER (source));
  gst_object_unref (source);
  source = gst_element_make_from_uri (GST_URI_SRC, uri, NULL, NULL);
  back = gst_uri_handler_get_uri (GST_URI_HANDLER (source));
  assert_equals_string (uri, back);
  fail_if (gst_uri_handler_set_uri (GST_URI_HANDLER (source),
          "pcap:///a?nothing=1", &error));
  fail_unless (strstr (error->message, "nothing") != NULL);
}

GST_END_TEST;

static Suite *
pcapsrc_suite (void)
{
  Suite *suite = suite_create ("pcapsrc");
  TCase *chain = tcase_create ("files");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 300);
  tcase_add_checked_fixture (chain, find_setup, find_teardown);
  tcase_add_test (chain, test_one_behind_the_other);
  tcase_add_test (chain, test_interleaved);
  tcase_add_test (chain, test_order_in_a_file);
  tcase_add_test (chain, test_order_of_what_matches);
  tcase_add_test (chain, test_equal_times);
  tcase_add_test (chain, test_pattern);
  tcase_add_test (chain, test_locations);
  tcase_add_test (chain, test_times);
  tcase_add_test (chain, test_times_behind_a_jump);
  tcase_add_test (chain, test_filter);
  tcase_add_test (chain, test_settings_that_make_no_sense);
  tcase_add_test (chain, test_bad_files);
  tcase_add_test (chain, test_only_bad_files);
  tcase_add_test (chain, test_gzip);
  tcase_add_test (chain, test_interfaces);
  tcase_add_test (chain, test_nothing);
  tcase_add_test (chain, test_uri);
  return suite;
}

GST_CHECK_MAIN (pcapsrc)
