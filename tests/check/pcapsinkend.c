/* pcapsink at its ends: what is there before a recording survives it, and what was
 * recorded is told.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"
#include "sinkrun.h"

#include <gst/afring/afring.h>
#include <string.h>

#define EARLIER "what was there before"

static void
push (guint n)
{
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 60, NULL);
    GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

    gst_buffer_memset (buffer, 0, i, -1);
    meta->capture_time = 1700000000 * GST_SECOND + i;
    meta->wire_length = 60;
    fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
  }
}

static GstFlowReturn
push_bytes (gconstpointer data, gsize length)
{
  return gst_harness_push (harness, gst_buffer_new_memdup (data, length));
}

static GstMessage *
pop (GstMessageType types)
{
  return gst_bus_pop_filtered (bus, types);
}

/* The next message for people, which has to be there by now, says that. */
static void
expect (GstMessageType type, const gchar * words)
{
  g_autoptr (GstMessage) message = pop (GST_MESSAGE_ERROR |
      GST_MESSAGE_WARNING | GST_MESSAGE_INFO);
  g_autofree gchar *debug = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL, "nothing says \"%s\"", words);
  fail_unless (GST_MESSAGE_TYPE (message) == type, "%" GST_PTR_FORMAT,
      message);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else if (type == GST_MESSAGE_WARNING)
    gst_message_parse_warning (message, &error, NULL);
  else
    gst_message_parse_info (message, &error, &debug);
  /* which is what gst-launch-1.0 prints */
  fail_unless (debug == NULL || strstr (debug, error->message) != NULL);
  fail_unless (strstr (error->message, words) != NULL, "\"%s\" does not say "
      "\"%s\"", error->message, words);
}

static void
expect_no (GstMessageType types)
{
  g_autoptr (GstMessage) message = pop (types);

  fail_unless (message == NULL, "%" GST_PTR_FORMAT, message);
}

static void
write_earlier (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);

  fail_unless (g_file_set_contents (path, EARLIER, -1, NULL));
}

/* Whether the earlier one stays; else there is a recording. */
static gboolean
is_earlier (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *contents = NULL;

  fail_unless (g_file_get_contents (path, &contents, NULL, NULL), "%s", name);
  return g_str_equal (contents, EARLIER);
}

/* An input that gives no capture replaces nothing, whatever it does instead. */
GST_START_TEST (test_no_input)
{
  static const struct
  {
    const gchar *caps;
    const gchar *bytes;
    const gchar *error;
  } rows[] = {
    {NULL, NULL, NULL},
    {"application/x-pcapng", NULL, NULL},
    {"raw/x-pcap", NULL, NULL},
    {"application/x-pcapng", "\x1f\x8b\x08\x08gzip it is", "gzip"},
    {"raw/x-pcap", "\x28\xb5\x2f\xfdzstd it is", "zstd"},
    {"application/x-pcapng", "neither of the two", "application/x-packet"},
    {NULL, "neither of the two", "no caps"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    write_earlier ("keep.pcapng");
    sink_run_play ("keep.pcapng", "", rows[i].caps);
    if (rows[i].error != NULL) {
      fail_unless (push_bytes (rows[i].bytes, strlen (rows[i].bytes)) <
          GST_FLOW_OK);
      expect (GST_MESSAGE_ERROR, rows[i].error);
    }
    sink_run_push_eos ();
    expect (GST_MESSAGE_WARNING, "stays as it was");
    expect_no (GST_MESSAGE_INFO | GST_MESSAGE_ERROR);
    fail_unless (is_earlier ("keep.pcapng"), "row %u", i);
    sink_run_stop ();
    fail_unless (is_earlier ("keep.pcapng"), "row %u, stopped", i);
    fail_unless_equals_int (folder_count (folder), 1);
  }
}
GST_END_TEST

/* The same behind pcapdec, which says the error. */
GST_START_TEST (test_no_input_decoder)
{
  g_autofree gchar *path = sink_run_path_of ("keep.pcapng");
  g_autofree gchar *input = sink_run_path_of ("input");
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! pcapdec ! "
      "pcapsink location=%s", input, path);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstMessage *message;

  write_earlier ("keep.pcapng");
  fail_unless (g_file_set_contents (input, "this is no capture", -1, NULL));
  gst_element_set_bus (pipeline, bus);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless (is_earlier ("keep.pcapng"));
  fail_unless_equals_int (folder_count (folder), 2);
}
GST_END_TEST

/* What the sum is, in words; the place of a comma is the same everywhere. */
GST_START_TEST (test_told)
{
  static const gchar *const properties[] = { "", "max-file-packets=100",
    "sync-mode=never max-file-size=4000"
  };
  GstCaptureStatistics statistics = {.id = 0,.start_time = 1,.time = 2,
    .packets_received = 1110,.packets_dropped = 1200
  };
  g_autofree gchar *words = NULL, *location = NULL;
  g_autoptr (GstStructure) stats = NULL;
  guint64 files, bytes;

  sink_run_play ("told.pcapng", properties[__i__], PACKETS);
  push (1110);
  gst_harness_push_event (harness,
      gst_event_new_capture_statistics (&statistics));
  statistics.packets_dropped = 1234567;
  gst_harness_push_event (harness,
      gst_event_new_capture_statistics (&statistics));
  expect_no (GST_MESSAGE_INFO);
  sink_run_push_eos ();

  files = sink_run_get_stat ("files");
  bytes = sink_run_get_stat ("bytes");
  fail_unless (bytes > 100000 && bytes < 1000000);
  g_object_get (sink, "stats", &stats, NULL);
  location = g_strdup (gst_structure_get_string (stats, "location"));
  fail_unless (__i__ == 0 ? files == 1 : files > 10);
  words = files == 1 ? g_strdup_printf ("%s: 1,110 packets, %u,%03u bytes, "
      "1,234,567 dropped", location, (guint) bytes / 1000,
      (guint) bytes % 1000) : g_strdup_printf ("%u files up to %s: 1,110 "
      "packets, %u,%03u bytes, 1,234,567 dropped", (guint) files, location,
      (guint) bytes / 1000, (guint) bytes % 1000);
  expect (GST_MESSAGE_INFO, words);
  expect_no (GST_MESSAGE_INFO | GST_MESSAGE_WARNING);
  fail_unless_equals_uint64 (sink_run_get_stat ("dropped"), 1234567);
}
GST_END_TEST

static void
push_time (GstClockTime time)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 60, NULL);

  gst_buffer_memset (buffer, 0, 0, -1);
  gst_buffer_add_packet_meta (buffer)->capture_time = time;
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
}

/* A time that the format does not have is warned of once, and counted. */
GST_START_TEST (test_times)
{
  gboolean classic = __i__;

  sink_run_play (classic ? "a.pcap" : "a.pcapng", "", PACKETS);
  push_time (0);
  push_time ((G_GUINT64_CONSTANT (1) << 32) * GST_SECOND - 1);
  expect_no (GST_MESSAGE_WARNING);
  push_time ((G_GUINT64_CONSTANT (1) << 32) * GST_SECOND);
  push_time (GST_CLOCK_TIME_NONE);
  push_time (GST_CLOCK_TIME_NONE);
  expect (GST_MESSAGE_WARNING, "time that the file cannot hold");
  sink_run_push_eos ();
  /* the next of both: there is no other warning */
  expect (GST_MESSAGE_INFO, classic ? "3 without their time" :
      "2 without their time");
  fail_unless_equals_uint64 (sink_run_get_stat ("bad-times"), classic ? 3 : 2);
  fail_unless_equals_uint64 (sink_run_get_stat ("packets"), 5);
}
GST_END_TEST

/* Tags of a stream are not those of the next, as those of the application are. */
GST_START_TEST (test_tags)
{
  sink = gst_object_ref_sink (gst_element_factory_make ("pcapsink", NULL));
  gst_element_set_bus (sink, bus);
  gst_tag_setter_add_tags (GST_TAG_SETTER (sink), GST_TAG_MERGE_REPLACE,
      GST_TAG_COMMENT, "of the application", NULL);
  for (guint i = 0; i < 2; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);
    g_autofree gchar *path = sink_run_path_of (name);

    g_object_set (sink, "location", path, NULL);
    harness = gst_harness_new_with_element (sink, "sink", NULL);
    gst_harness_set_src_caps_str (harness, PACKETS);
    if (i == 0)
      gst_harness_push_event (harness,
          gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "of the stream",
                  NULL)));
    push (1);
    sink_run_push_eos ();
    g_clear_pointer (&harness, gst_harness_teardown);
    fail_unless (sink_run_has_text (name, "of the application"));
    fail_unless (sink_run_has_text (name, "of the stream") == (i == 0));
  }
}
GST_END_TEST

/* An error says where in the sources it was found. */
GST_START_TEST (test_place)
{
  static const gchar *const lines[][2] = {
    {"fakesrc ! " PACKETS " ! pcapsink", "pcapsinksettings.c"},
    {"fakesrc ! " PACKETS " ! pcapsink location=/proc/a.pcapng",
        "gstpcapsink.c"},
    {"afringsrc interface=no-such-one ! fakesink", "gstafringbasesrcruns.c"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    GstElement *pipeline = gst_parse_launch (lines[i][0], NULL);
    g_autoptr (GstMessage) message = NULL;
    g_autofree gchar *debug = NULL;

    gst_element_set_bus (pipeline, bus);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_ERROR);
    fail_unless (message != NULL);
    gst_message_parse_error (message, NULL, &debug);
    fail_unless (strstr (debug, lines[i][1]) != NULL, "%s", debug);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (pipeline);
    gst_bus_set_flushing (bus, TRUE);
    gst_bus_set_flushing (bus, FALSE);
  }
}
GST_END_TEST

static gpointer
send_gap (gpointer pad)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (PACKETS);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (pad, gst_event_new_stream_start ("gap"));
  gst_pad_send_event (pad, gst_event_new_caps (caps));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  gst_pad_send_event (pad, gst_event_new_gap (0, GST_SECOND));
  return NULL;
}

/* A recorder to which nothing comes holds up no other branch; nor does one that is to
 * preroll, once it hears that nothing comes. */
GST_START_TEST (test_preroll)
{
  g_autofree gchar *path = sink_run_path_of ("a.pcapng");
  GThread *thread;
  GstPad *pad;

  sink = gst_object_ref_sink (gst_element_factory_make ("pcapsink", NULL));
  g_object_set (sink, "location", path, NULL);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (sink, GST_STATE_NULL);

  g_object_set (sink, "async", TRUE, NULL);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PAUSED),
      GST_STATE_CHANGE_ASYNC);
  pad = gst_element_get_static_pad (sink, "sink");
  thread = g_thread_new ("gap", send_gap, pad);
  fail_unless_equals_int (gst_element_get_state (sink, NULL, NULL,
          20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (sink, GST_STATE_NULL);
  g_thread_join (thread);
  gst_object_unref (pad);
}
GST_END_TEST

static Suite *
pcapsinkend_suite (void)
{
  Suite *suite = suite_create ("pcapsinkend");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_test (tc, test_no_input);
  tcase_add_test (tc, test_no_input_decoder);
  tcase_add_loop_test (tc, test_told, 0, 3);
  tcase_add_loop_test (tc, test_times, 0, 2);
  tcase_add_test (tc, test_tags);
  tcase_add_test (tc, test_place);
  tcase_add_test (tc, test_preroll);
  return suite;
}

GST_CHECK_MAIN (pcapsinkend)
