/* afringsink: what is sent is what came, at its time, and each packet is counted.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"
#include "wiresender.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <string.h>
#include <unistd.h>

#define ETHERNET 1
#define SIZE 120
#define MANY 5000

static void
setup (void)
{
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  net_remove ("va");
}

static NetCollector *
new_receiver (const gchar * properties)
{
  NetCollector *receiver = net_collector_new (properties, TRUE);

  net_collector_play (receiver);
  return receiver;
}

static GstBuffer *
get_frame (NetCollector * receiver, guint i)
{
  return g_ptr_array_index (receiver->buffers, i);
}

/* All numbers from @start on, in order. */
static void
check_frames (NetCollector * receiver, guint start, guint n)
{
  fail_unless_equals_int (receiver->n, n);
  for (guint i = 0; i < n; i++) {
    GstMapInfo map;

    fail_unless (gst_buffer_map (get_frame (receiver, i), &map, GST_MAP_READ));
    fail_unless_equals_int64 (net_check_frame (map.data, map.size), start + i);
    gst_buffer_unmap (get_frame (receiver, i), &map);
  }
}

/* received = sent = what the interface says; lists and single packets, with batches that
 * are full and not. */
GST_START_TEST (test_conservation)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  guint64 before = wire_get_transmitted ("va");

  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, MANY, SIZE,
              0)), GST_FLOW_OK);
  for (guint i = 0; i < 100; i++) {
    GstBufferList *list = wire_frames (MANY + i, 1, SIZE, 0);

    fail_unless_equals_int (gst_pad_push (sender->pad,
            gst_buffer_ref (gst_buffer_list_get (list, 0))), GST_FLOW_OK);
    gst_buffer_list_unref (list);
  }
  net_collector_wait (receiver, MANY + 100);
  net_collector_end (receiver);
  check_frames (receiver, 0, MANY + 100);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"),
      MANY + 100);
  fail_unless_equals_int64 (wire_sender_get (sender, "bytes-sent"),
      (MANY + 100) * SIZE);
  fail_unless_equals_int64 (wire_get_transmitted ("va") - before, MANY + 100);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), MANY + 100);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Buffers of several memories, of another capture's ring: 64 packets out of its blocks. */
GST_START_TEST (test_memories)
{
  NetCollector *first, *receiver;
  GstBufferList *list = gst_buffer_list_new ();
  WireSender *sender;
  GstBuffer *parts;

  first = new_receiver ("interface=vb");
  net_send_frames ("va", 0, 100, SIZE, 5004);
  net_collector_wait (first, 100);
  for (guint i = 0; i < 100; i++)
    gst_buffer_list_add (list, gst_buffer_ref (get_frame (first, i)));
  parts = gst_buffer_copy_region (get_frame (first, 0),
      GST_BUFFER_COPY_MEMORY, 0, 20);
  parts = gst_buffer_append (parts, gst_buffer_copy_region (get_frame (first,
              0), GST_BUFFER_COPY_MEMORY, 20, SIZE - 20));
  fail_unless_equals_int (gst_buffer_n_memory (parts), 2);
  gst_buffer_list_insert (list, 0, parts);

  receiver = new_receiver ("interface=va direction=in");
  sender = wire_sender_new ("interface=vb sync=false", ETHERNET);
  fail_unless_equals_int (wire_sender_push (sender, list), GST_FLOW_OK);
  net_collector_wait (receiver, 101);
  net_collector_end (receiver);
  fail_unless_equals_int (receiver->n, 101);
  fail_unless (gst_buffer_get_size (get_frame (receiver, 0)) == SIZE);
  for (guint i = 1; i < 101; i++) {
    GstMapInfo map;

    gst_buffer_map (get_frame (receiver, i), &map, GST_MAP_READ);
    fail_unless_equals_int64 (net_check_frame (map.data, map.size), i - 1);
    gst_buffer_unmap (get_frame (receiver, i), &map);
  }
  wire_sender_free (sender);
  net_collector_free (receiver);
  net_collector_free (first);
}
GST_END_TEST

static GstClockTime
get_capture_time (NetCollector * receiver, guint i)
{
  return gst_buffer_get_packet_meta (get_frame (receiver, i))->capture_time;
}

/* How late the most punctual of @n packets is, beside the first packet of all. */
static GstClockTimeDiff
get_least_lateness (NetCollector * receiver, guint start, guint n)
{
  GstClockTimeDiff least = G_MAXINT64;

  for (guint i = start; i < start + n; i++)
    least = MIN (least, GST_CLOCK_DIFF (i * GST_MSECOND,
            get_capture_time (receiver, i) - get_capture_time (receiver, 0)));
  return least;
}

/* Each packet of one list at its time: over three seconds nothing adds up. How late a
 * packet is is the machine's affair; of a second's packets one at least is in time. */
GST_START_TEST (test_times)
{
  const gchar *properties[] = { "interface=va", "interface=va spin-time=200000" };
  const guint n = 3000;
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new (properties[__i__], ETHERNET);
  GstClockTimeDiff before, after;

  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, n, SIZE,
              GST_MSECOND)), GST_FLOW_OK);
  net_collector_wait (receiver, n);
  net_collector_end (receiver);
  check_frames (receiver, 0, n);
  before = get_least_lateness (receiver, 0, 1000);
  after = get_least_lateness (receiver, n - 1000, 1000);
  fail_unless (ABS (after - before) < 100 * GST_MSECOND, "%" G_GINT64_FORMAT
      " then %" G_GINT64_FORMAT, before, after);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), n);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* What is due soon leaves with what is due. */
GST_START_TEST (test_max_early)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va max-early=1000000000",
      ETHERNET);

  /* 10 a second: the first is due at once and the next nine leave with it */
  wire_sender_begin (sender, wire_frames (0, 31, SIZE, 100 * GST_MSECOND));
  net_collector_wait (receiver, 31);
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_OK);
  net_collector_end (receiver);
  /* not nine tenths of a second, as they would by themselves */
  fail_unless (get_capture_time (receiver, 9) - get_capture_time (receiver,
          0) < 800 * GST_MSECOND);
  check_frames (receiver, 0, 31);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Half of them are a minute late when they come. */
GST_START_TEST (test_max_lateness)
{
  WireSender *sender = wire_sender_new ("interface=va max-lateness=10000000000 "
      "ts-offset=-60000000000", ETHERNET);
  GstBufferList *list = wire_frames (0, 20, SIZE, 0);

  for (guint i = 10; i < 20; i++)
    GST_BUFFER_PTS (gst_buffer_list_get (list, i)) = 61 * GST_SECOND;
  fail_unless_equals_int (wire_sender_push (sender, list), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "late"), 10);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 10);
  fail_unless (wire_sender_get (sender, "max-lateness") < 10 * GST_SECOND);
  wire_sender_free (sender);
}
GST_END_TEST

/* Completes in the middle of a list, stops there, and goes on. */
GST_START_TEST (test_pause)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va", ETHERNET);
  guint64 sent;

  for (guint round = 1; round <= 3; round++) {
    if (round == 1)
      wire_sender_begin (sender, wire_frames (0, 300, SIZE, 5 * GST_MSECOND));
    wire_sender_wait (sender, "packets-sent", round * 20);
    fail_unless (gst_element_set_state (sender->pipeline, GST_STATE_PAUSED) !=
        GST_STATE_CHANGE_FAILURE);
    fail_unless_equals_int (gst_element_get_state (sender->pipeline, NULL,
            NULL, 20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
    sent = wire_sender_get (sender, "packets-sent");
    g_usleep (100000);          /* twenty could leave */
    fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), sent);
    gst_element_set_state (sender->pipeline, GST_STATE_PLAYING);
  }
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_OK);
  net_collector_wait (receiver, 300);
  net_collector_end (receiver);
  check_frames (receiver, 0, 300);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 300);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* What was not sent is flushed, and the next list is sent. */
GST_START_TEST (test_flush)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va", ETHERNET);
  GstSegment segment;
  guint64 sent;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  wire_sender_begin (sender, wire_frames (0, 10000, SIZE, 5 * GST_MSECOND));
  wire_sender_wait (sender, "packets-sent", 20);
  gst_pad_push_event (sender->pad, gst_event_new_flush_start ());
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_FLUSHING);
  gst_pad_push_event (sender->pad, gst_event_new_flush_stop (TRUE));
  gst_pad_push_event (sender->pad, gst_event_new_segment (&segment));
  sent = wire_sender_get (sender, "packets-sent");
  fail_unless (sent >= 20 && sent < 10000);
  fail_unless_equals_int64 (wire_sender_get (sender, "flushed"), 10000 - sent);

  fail_unless_equals_int (wire_sender_push (sender, wire_frames (sent, 100,
              SIZE, 0)), GST_FLOW_OK);
  net_collector_wait (receiver, sent + 100);
  net_collector_end (receiver);
  check_frames (receiver, 0, sent + 100);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), 10100);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Classic pcap of @n test frames, a millisecond apart. */
static void
write_recording (const gchar * path, guint n)
{
  const guint32 header[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, ETHERNET };
  g_autoptr (GString) bytes = g_string_new_len ((const gchar *) header,
      sizeof (header));

  for (guint i = 0; i < n; i++) {
    const guint32 record[] = { 1700000000 + i / 1000, i % 1000 * 1000, SIZE, SIZE };
    guint8 frame[SIZE];

    net_make_frame (frame, SIZE, NULL, 5004, i);
    g_string_append_len (bytes, (const gchar *) record, sizeof (record));
    g_string_append_len (bytes, (const gchar *) frame, SIZE);
  }
  fail_unless (g_file_set_contents (path, bytes->str, bytes->len, NULL));
}

/* Of a recording, back to its start while it is sent, and at another rate: all of it comes
 * once more, and what had been under way is counted. */
GST_START_TEST (test_seek)
{
  const guint n = 1000;
  g_autofree gchar *folder = g_dir_make_tmp ("afring-XXXXXX", NULL);
  g_autofree gchar *path = g_build_filename (folder, "a.pcap", NULL);
  g_autofree gchar *line = g_strdup_printf ("filesrc location=%s ! pcapdec "
      "! afringsink name=out interface=va", path);
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender sender = { 0, };

  write_recording (path, n);
  sender.pipeline = gst_parse_launch (line, NULL);
  sender.sink = gst_bin_get_by_name (GST_BIN (sender.pipeline), "out");
  gst_element_set_state (sender.pipeline, GST_STATE_PLAYING);
  wire_sender_wait (&sender, "packets-sent", 50);
  fail_unless (gst_element_seek (sender.pipeline, 2, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1));
  gst_message_unref (net_wait_message (sender.pipeline, GST_MESSAGE_EOS));
  net_collector_wait (receiver, wire_sender_get (&sender, "packets-sent"));
  net_collector_end (receiver);
  fail_unless_equals_int64 (receiver->n, wire_sender_get (&sender,
          "packets-sent"));
  fail_unless (receiver->n >= n + 50 && receiver->n <= 2 * n);
  for (guint i = 0; i < n; i++) {
    GstBuffer *frame = get_frame (receiver, receiver->n - n + i);
    GstMapInfo map;

    gst_buffer_map (frame, &map, GST_MAP_READ);
    fail_unless_equals_int64 (net_check_frame (map.data, map.size), i);
    gst_buffer_unmap (frame, &map);
  }
  gst_element_set_state (sender.pipeline, GST_STATE_NULL);
  gst_object_unref (sender.sink);
  gst_object_unref (sender.pipeline);
  net_collector_free (receiver);
  g_unlink (path);
  g_rmdir (folder);
}
GST_END_TEST

/* In the middle of a list, by a state change. */
GST_START_TEST (test_stop)
{
  WireSender *sender = wire_sender_new ("interface=va", ETHERNET);

  wire_sender_begin (sender, wire_frames (0, 10000, SIZE, 5 * GST_MSECOND));
  wire_sender_wait (sender, "packets-sent", 20);
  fail_unless_equals_int (gst_element_set_state (sender->pipeline,
          GST_STATE_READY), GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_FLUSHING);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), 10000);
  wire_sender_free (sender);
}
GST_END_TEST

/* A list that begins before the segment: the rest of it is sent. */
GST_START_TEST (test_segment)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va", ETHERNET);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = 100 * GST_MSECOND;
  segment.stop = 200 * GST_MSECOND;
  gst_pad_push_event (sender->pad, gst_event_new_segment (&segment));
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 300, SIZE,
              GST_MSECOND)), GST_FLOW_OK);
  net_collector_wait (receiver, 100);
  net_collector_end (receiver);
  fail_unless (receiver->n >= 100 && receiver->n <= 101);
  check_frames (receiver, 100, receiver->n);
  fail_unless_equals_int64 (wire_sender_get (sender, "outside-segment"),
      300 - receiver->n);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), 300);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* A socket that somebody else has opened, and bound. */
GST_START_TEST (test_fd)
{
  int fd = net_open_sender ("va");
  g_autofree gchar *properties = g_strdup_printf ("fd=%d sync=false", fd);
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new (properties, ETHERNET);

  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 10, SIZE,
              0)), GST_FLOW_OK);
  net_collector_wait (receiver, 10);
  wire_sender_free (sender);
  net_collector_free (receiver);
  close (fd);
}
GST_END_TEST

GST_START_TEST (test_netns)
{
  NetNamespace *other = net_namespace_new ();
  g_autofree gchar *there = g_strdup_printf ("interface=vb netns=/proc/%d/ns/net",
      net_namespace_get_pid (other));
  NetCollector *receiver;
  WireSender *sender;
  g_autofree gchar *sending = g_strdup_printf ("%s sync=false", there);

  net_run ("ip link set vb netns %d", net_namespace_get_pid (other));
  net_namespace_run (other, "ip link set vb up");
  receiver = new_receiver ("interface=va");
  sender = wire_sender_new (sending, ETHERNET);
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 10, SIZE,
              0)), GST_FLOW_OK);
  net_collector_wait (receiver, 10);
  wire_sender_free (sender);
  net_collector_free (receiver);
  net_namespace_run (other, "ip link set vb netns %d", getpid ());
  net_namespace_free (other);
}
GST_END_TEST

static const struct
{
  const gchar *properties;
  const gchar *words;
} refused[] = {
  {"", "interface"},
  {"interface=nix", "nix"},
  {"interface=any", "any"},
  {"interface=va dst-mac=1:2:3", "dst-mac"},
  {"interface=va src-mac=02:00:00:00:00:01:02", "src-mac"},
  {"interface=va netns=nix", "nix"},
  {"fd=0", "fd"},
};

/* With one error, that says what is wrong. */
GST_START_TEST (test_refused)
{
  WireSender *sender = wire_sender_make (refused[__i__].properties);
  g_autoptr (GstBus) bus = gst_element_get_bus (sender->pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (gst_element_set_state (sender->pipeline,
          GST_STATE_PAUSED), GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (error->domain == GST_RESOURCE_ERROR);
  fail_unless (strstr (error->message, refused[__i__].words) != NULL, "%s",
      error->message);
  gst_clear_message (&message);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message == NULL);
  wire_sender_free (sender);
}
GST_END_TEST

static Suite *
sink_suite (void)
{
  Suite *suite = suite_create ("sink");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_conservation);
  tcase_add_test (tc, test_memories);
  tcase_add_loop_test (tc, test_times, 0, 2);
  tcase_add_test (tc, test_max_early);
  tcase_add_test (tc, test_max_lateness);
  tcase_add_test (tc, test_pause);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_seek);
  tcase_add_test (tc, test_stop);
  tcase_add_test (tc, test_segment);
  tcase_add_test (tc, test_fd);
  tcase_add_test (tc, test_netns);
  tcase_add_loop_test (tc, test_refused, 0, G_N_ELEMENTS (refused));
  return suite;
}

GST_CHECK_MAIN (sink)
