/* packetfilter: what downstream is told besides the packets that pass.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

static gboolean
has_discont (GstBuffer * buffer)
{
  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
}

static GstBuffer *
make (guint dst_port, GstClockTime time, gboolean discont)
{
  KitPacket packet = {.size = 50,.dst_port = dst_port,.time = time };
  GstBuffer *buffer = kit_make (&packet);

  if (discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

static void
push (KitRun * run, guint dst_port, GstClockTime time, gboolean discont)
{
  fail_unless_equals_int (kit_run_push (run, make (dst_port, time, discont)),
      GST_FLOW_OK);
}

/* A list, as "+" a packet that passes, "-" one that does not, "!" one that does not
 * and says DISCONT. */
static void
push_list (KitRun * run, const gchar * what)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (; *what != '\0'; what++)
    gst_buffer_list_add (list, make (*what == '+' ? 5 : 6, 0, *what == '!'));
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
}

/* What has come since the last look: "D" with DISCONT, "d" without. */
static void
check (KitPad * pad, const gchar * expected)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < kit_pad_count_buffers (pad); i++)
    g_string_append_c (found, has_discont (kit_pad_get_buffer (pad, i)) ? 'D' :
        'd');
  assert_equals_string (found->str, expected);
  kit_pad_forget (pad);
}

GST_START_TEST (test_discont)
{
  KitRun *run = kit_run_new ("packetfilter filter=\"dst port 5\"");
  KitPad *pad = kit_run_get_pad (run, 0);

  push (run, 5, 0, FALSE);
  push (run, 5, 0, FALSE);
  check (pad, "Dd");
  push (run, 6, 0, TRUE);
  push (run, 5, 0, FALSE);
  check (pad, "D");
  push_list (run, "++!-++");
  check (pad, "ddDd");
  push_list (run, "!");
  push_list (run, "+++");
  check (pad, "Ddd");
  push_list (run, "!");
  push_list (run, "+!+");
  check (pad, "DD");
  push_list (run, "-++");
  check (pad, "dd");
  kit_run_free (run);
}
GST_END_TEST

/* Marking a packet does not change it for others who have it. */
GST_START_TEST (test_discont_shared)
{
  KitRun *run = kit_run_new ("packetfilter");
  GstBufferList *list = gst_buffer_list_new ();
  GstBuffer *buffer = make (5, 0, FALSE);

  gst_buffer_list_add (list, gst_buffer_ref (buffer));
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  fail_unless (has_discont (kit_pad_get_buffer (kit_run_get_pad (run, 0), 0)));
  fail_if (has_discont (buffer));
  gst_buffer_unref (buffer);
  kit_run_free (run);
}
GST_END_TEST

GST_START_TEST (test_gap)
{
  KitRun *run = kit_run_new ("packetfilter filter=\"dst port 5\"");
  KitPad *pad = kit_run_get_pad (run, 0);
  GstClockTime time, duration;

  for (guint i = 0; i < 99; i++)
    push (run, 6, i, FALSE);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 0);
  push (run, 6, 99, FALSE);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 1);
  push (run, 5, GST_SECOND, FALSE);
  push_list (run, "----");
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 1);
  push (run, 6, GST_SECOND + 100 * GST_MSECOND, FALSE);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 2);
  gst_event_parse_gap (kit_pad_get_event (pad, GST_EVENT_GAP, 1), &time,
      &duration);
  fail_unless (time == GST_SECOND && duration == 100 * GST_MSECOND);

  /* upstream's own goes through, and counts */
  kit_run_event (run, gst_event_new_gap (GST_SECOND, GST_SECOND));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 3);
  push (run, 6, 2 * GST_SECOND + 50 * GST_MSECOND, FALSE);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 3);
  kit_run_free (run);
}
GST_END_TEST

/* The link type of one run says nothing of the next. */
GST_START_TEST (test_link_type)
{
  KitRun *run = kit_run_new ("packetfilter filter=udp");
  g_autofree gchar *filter = NULL;

  push (run, 5, 0, FALSE);
  gst_element_set_state (run->element, GST_STATE_NULL);
  g_object_set (run->element, "filter", "wlan type mgt", NULL);
  fail_unless (kit_run_pop (run, GST_MESSAGE_WARNING) == NULL);
  g_object_get (run->element, "filter", &filter, NULL);
  assert_equals_string (filter, "wlan type mgt");
  kit_run_free (run);
}
GST_END_TEST

/* What downstream returns is returned. */
GST_START_TEST (test_return)
{
  KitRun *run = kit_run_new ("packetfilter filter=\"dst port 5\"");

  kit_run_get_pad (run, 0)->ret = GST_FLOW_EOS;
  fail_unless_equals_int (kit_run_push (run, make (5, 0, FALSE)),
      GST_FLOW_EOS);
  fail_unless_equals_int (kit_run_push (run, make (6, 0, FALSE)), GST_FLOW_OK);
  kit_run_free (run);
}
GST_END_TEST

static void
set_type (GstBuffer * buffer, GstPacketType type)
{
  gst_buffer_get_packet_meta (buffer)->packet_type = type;
}

/* What asks for the direction of packets of which nobody knows it is an error that says
 * so; also when inverted. What is known before goes on. */
GST_START_TEST (test_unknown)
{
  KitRun *run = kit_run_new (__i__ < 2 ? "packetfilter filter=outbound" :
      "packetfilter filter=outbound invert=true");
  GstBuffer *known = make (5, 0, FALSE), *unknown = make (5, 0, FALSE);
  GstBufferList *list = gst_buffer_list_new ();
  g_autofree gchar *text = NULL;
  g_autoptr (GError) error = NULL;
  GstMessage *message;

  set_type (known, __i__ < 2 ? GST_PACKET_TYPE_OUTGOING : GST_PACKET_TYPE_HOST);
  set_type (unknown, GST_PACKET_TYPE_UNKNOWN);
  if (__i__ % 2 == 0) {
    fail_unless_equals_int (kit_run_push (run, known), GST_FLOW_OK);
    fail_unless_equals_int (kit_run_push (run, unknown), GST_FLOW_ERROR);
    gst_buffer_list_unref (list);
  } else {
    gst_buffer_list_add (list, known);
    gst_buffer_list_add (list, unknown);
    fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
        GST_FLOW_ERROR);
  }
  check (kit_run_get_pad (run, 0), "D");
  message = kit_run_pop (run, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, &text);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT));
  fail_unless (strstr (error->message, "inbound, outbound") != NULL, "%s",
      error->message);
  gst_message_unref (message);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
packetfilter_suite (void)
{
  Suite *suite = suite_create ("packetfilter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_discont);
  tcase_add_test (tc, test_discont_shared);
  tcase_add_test (tc, test_gap);
  tcase_add_test (tc, test_link_type);
  tcase_add_test (tc, test_return);
  tcase_add_loop_test (tc, test_unknown, 0, 4);
  return suite;
}

GST_CHECK_MAIN (packetfilter)
