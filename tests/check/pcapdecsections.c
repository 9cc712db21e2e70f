/* pcapdec, and what a section of pcapng says besides its packets: it is told of before the
 * packets behind it, and in the file or stream that is made of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "capturefeed.h"
#include "folder.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/check/gstcheck.h>
#include <string.h>

static CaptureFeed *feed;

static void
setup (void)
{
  feed = capture_feed_new ("pcapdec");
  out = g_byte_array_new ();
  capture_feed_begin_segment (feed, 0);
}

static void
teardown (void)
{
  capture_feed_free (feed);
  g_byte_array_unref (out);
}

static gboolean
has_text (GBytes * block, const gchar * text)
{
  return memmem (g_bytes_get_data (block, NULL), g_bytes_get_size (block), text,
      strlen (text)) != NULL;
}

/* The last event has blocks with these words, each once and no other. */
static void
check_said (const gchar * first, ...)
{
  g_autoptr (GstEvent) event = capture_watch_get_event (feed->watch,
      GST_EVENT_CUSTOM_DOWNSTREAM_STICKY);
  GPtrArray *blocks;
  va_list words;
  guint n = 0;

  fail_unless (event != NULL);
  fail_unless (gst_event_parse_capture_section (event, &blocks));
  va_start (words, first);
  for (const gchar * word = first; word; word = va_arg (words, const gchar *))
  {
    fail_unless (n < blocks->len, "%s", word);
    fail_unless (has_text (g_ptr_array_index (blocks, n++), word), "%s", word);
  }
  va_end (words);
  fail_unless_equals_int (blocks->len, n);
}

/* What has been made, in pieces of @size bytes. */
static void
push (gsize size)
{
  capture_feed_push_all (feed, out, size);
  g_byte_array_set_size (out, 0);
}

/* As it comes, in whatever pieces; the event is there before the packets behind it. In
 * the other byte order, too, but for custom blocks, which nobody can turn. */
GST_START_TEST (test_events)
{
  static const gsize sizes[] = { 1, 7, 100000 };
  const gsize size = sizes[__i__ / 2];
  guint events;

  swapped = __i__ % 2;
  put_section ();
  put_interface (1);
  put_names ("first.example");
  put_custom (CUSTOM, "custom one");
  put_custom (CUSTOM_NOT_COPIED, "not copied");
  put_packet (0, 0);
  push (size);
  if (swapped)
    capture_feed_check_message (feed, "info", "byte order");
  check_said ("first.example", swapped ? NULL : "custom one", NULL);

  /* behind packets a custom block can be anything; what was said before is not news */
  put_custom (CUSTOM, "custom two");
  put_names ("first.example");
  put_packet (0, 1);
  events = capture_watch_count_events (feed->watch,
      GST_EVENT_CUSTOM_DOWNSTREAM_STICKY);
  push (size);
  fail_unless_equals_int (capture_watch_count_events (feed->watch,
          GST_EVENT_CUSTOM_DOWNSTREAM_STICKY), events);
  put_secrets ("CLIENT_RANDOM 1");
  put_packet (0, 2);
  push (size);
  if (swapped)
    check_said ("first.example", "CLIENT_RANDOM 1", NULL);
  else
    check_said ("first.example", "custom one", "CLIENT_RANDOM 1", NULL);

  /* another section */
  put_section ();
  put_interface (1);
  put_packet (0, 3);
  push (size);
  fail_unless_equals_int (capture_watch_count (feed->watch), 4);
  check_said (NULL, NULL);

  /* at the end, as Wireshark has it */
  put_names ("last.example");
  push (size);
  capture_feed_end (feed);
  check_said ("last.example", NULL);
  capture_feed_check_no_more (feed);
}
GST_END_TEST

/* More than is passed on, of all and of one: said once. */
GST_START_TEST (test_too_much)
{
  const guint n = __i__ ? 1 : 5000;

  swapped = FALSE;
  put_section ();
  put_interface (1);
  put_names ("first.example");
  for (guint i = 0; i < n; i++) {
    g_autofree gchar *text = __i__ ? g_strnfill (20 << 20, 'x') :
        g_strdup_printf ("CLIENT_RANDOM %u", i);

    put_secrets (text);
  }
  put_packet (0, 0);
  push (100000);
  fail_unless_equals_int (capture_watch_count (feed->watch), 1);
  capture_feed_check_message (feed, "warning", "than is passed on");
  capture_feed_end (feed);
  capture_feed_check_no_more (feed);
}
GST_END_TEST

static gboolean
file_has (const gchar * location, const gchar * text)
{
  g_autofree gchar *contents = NULL;
  gsize length;

  fail_unless (g_file_get_contents (location, &contents, &length, NULL));
  return memmem (contents, length, text, strlen (text)) != NULL;
}

static guint
count_packets (const gchar * location)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (location, &error);
  GstPcapPacket packet;
  guint n = 0;

  fail_unless (source != NULL, "%s", error ? error->message : "");
  while (gst_pcap_source_next (source, &packet, &error))
    n++;
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE));
  return n;
}

/* There and back, by the sink and by the encoder; classic pcap cannot have it. */
GST_START_TEST (test_recorded)
{
  static const struct
  {
    const gchar *line;
    gboolean said;
  } rows[] = {
    {"pcapsink location=%s/copy.pcapng", TRUE},
    {"pcapenc ! filesink location=%s/copy.pcapng", TRUE},
    {"pcapsink location=%s/copy.pcap", FALSE},
  };
  gchar *dir = folder_new (FALSE);
  g_autofree gchar *format = NULL, *line = NULL;
  g_autofree gchar *from = g_build_filename (dir, "from.pcapng", NULL);
  g_autofree gchar *copy = g_build_filename (dir, __i__ == 2 ? "copy.pcap" :
      "copy.pcapng", NULL);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstBus) messages = NULL;
  g_autoptr (GstMessage) message = NULL;

  swapped = FALSE;
  put_section ();
  put_interface (1);
  put_custom (CUSTOM, "custom one");
  put_packet (0, 0);
  put_secrets ("CLIENT_RANDOM 1");
  put_packet (0, 1);
  put_names ("last.example");
  fail_unless (g_file_set_contents (from, (gchar *) out->data, out->len, NULL));
  format = g_strdup_printf (rows[__i__].line, dir);
  line = g_strdup_printf ("filesrc location=%s ! pcapdec ! packetfilter ! %s",
      from, format);
  pipeline = gst_parse_launch (line, NULL);
  messages = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (messages, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (count_packets (copy), 2);
  fail_unless (file_has (copy, "custom one") == rows[__i__].said);
  fail_unless (file_has (copy, "CLIENT_RANDOM 1") == rows[__i__].said);
  fail_unless (file_has (copy, "last.example") == rows[__i__].said);
  folder_remove (dir);
}
GST_END_TEST

static Suite *
pcapdecsections_suite (void)
{
  Suite *suite = suite_create ("pcapdecsections");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_events, 0, 6);
  tcase_add_loop_test (tc, test_too_much, 0, 2);
  tcase_add_loop_test (tc, test_recorded, 0, 3);
  return suite;
}

GST_CHECK_MAIN (pcapdecsections)
