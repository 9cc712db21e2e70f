/* packetdepay: what downstream is told besides the payloads, and what is refused.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

#include <string.h>

static gboolean
has_discont (GstBuffer * buffer)
{
  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
}

static GstBuffer *
make (guint dst_port, GstClockTime time)
{
  KitPacket packet = {.size = 50,.dst_port = dst_port,.time = time };

  return kit_make (&packet);
}

static GstBuffer *
make_discont (guint dst_port)
{
  GstBuffer *buffer = make (dst_port, 0);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

static void
push (KitRun * run, GstBuffer * buffer)
{
  fail_unless_equals_int (kit_run_push (run, buffer), GST_FLOW_OK);
}

static void
push_list (KitRun * run, GstBufferList * list)
{
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
}

/* DISCONT of what does not go on is on the next that does, once, in lists and out of
 * them, changed in place or copied. */
GST_START_TEST (test_discont)
{
  KitRun *run = kit_run_new ("packetdepay dst-port=5");
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBufferList *list, *shared = NULL;
  gboolean expected[] = { TRUE, FALSE, TRUE, FALSE, FALSE, TRUE, FALSE };

  push (run, make (5, 0));
  push (run, make (5, 0));
  push (run, make_discont (6));
  push (run, make (5, 0));
  push (run, make (5, 0));
  list = gst_buffer_list_new ();
  gst_buffer_list_add (list, make (5, 0));
  gst_buffer_list_add (list, make_discont (6));
  gst_buffer_list_add (list, make (6, 0));
  gst_buffer_list_add (list, make (5, 0));
  gst_buffer_list_add (list, make (5, 0));
  if (__i__)
    shared = gst_buffer_list_ref (list);
  push_list (run, list);
  fail_unless_equals_int (kit_pad_count_buffers (pad), G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    fail_unless (has_discont (kit_pad_get_buffer (pad, i)) == expected[i], "%u",
        i);
  /* who shares it sees nothing of it */
  if (shared != NULL) {
    fail_if (has_discont (gst_buffer_list_get (shared, 3)));
    gst_buffer_list_unref (shared);
  }
  kit_run_free (run);
}
GST_END_TEST

/* Where nothing matches a sink gets something all the same, before the queue of
 * another branch is full, and then each tenth of a second. */
GST_START_TEST (test_gap)
{
  KitRun *run = kit_run_new ("packetdepay dst-port=5");
  KitPad *pad = kit_run_get_pad (run, 0);
  GstClockTime time, duration, position;
  guint n;

  for (guint i = 0; i < 200; i++) {
    push (run, make (6, i * GST_USECOND));
    fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP),
        i < 99 ? 0 : 1);
  }
  gst_event_parse_gap (kit_pad_get_event (pad, GST_EVENT_GAP, 0), &time,
      &duration);
  fail_unless (time == 0 && duration == 99 * GST_USECOND);
  position = duration;

  for (guint i = 1; i <= 1000; i++)
    push (run, make (6, i * GST_MSECOND));
  n = kit_pad_count_events (pad, GST_EVENT_GAP);
  fail_unless (n >= 9 && n <= 11, "%u", n);
  for (guint i = 1; i < n; i++) {
    gst_event_parse_gap (kit_pad_get_event (pad, GST_EVENT_GAP, i), &time,
        &duration);
    fail_unless (time == position && duration >= 100 * GST_MSECOND);
    position += duration;
  }

  /* what comes is not silence */
  kit_pad_forget (pad);
  for (guint i = 0; i < 100; i++)
    push (run, make (i % 5 == 0 ? 5 : 6, GST_SECOND + i * 10 * GST_MSECOND));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 0);
  kit_run_free (run);
}
GST_END_TEST

/* Few packets that do not match are waited out: the first thing that comes is data,
 * with its caps. Later than a tenth of a second it is silence. */
GST_START_TEST (test_first_gap)
{
  KitRun *run = kit_run_new ("packetdepay dst-port=5");
  KitPad *pad = kit_run_get_pad (run, 0);

  for (guint i = 0; i < 50; i++)
    push (run, make (6, i * GST_MSECOND));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 0);
  push (run, make (5, 50 * GST_MSECOND));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 0);

  kit_run_flush (run);
  push (run, make (6, 0));
  push (run, make (6, 99 * GST_MSECOND));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 0);
  push (run, make (6, 100 * GST_MSECOND));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 1);
  kit_run_free (run);
}
GST_END_TEST

/* Behind a depayloader nobody has a segment before the first buffer: a muxer, and what
 * else joins streams, gets no GAP so early, a sink does. */
GST_START_TEST (test_no_gap_to_joiner)
{
  static const struct
  {
    const gchar *description;
    guint gaps;                 /* before the first buffer */
  } runs[] = {
    {"packetdepay caps=application/x-rtp dst-port=5 ! identity ! funnel", 0},
    {"packetdepay caps=application/x-rtp dst-port=5 ! identity", 1},
    {"packetdepay caps=video/mpegts dst-port=5 ! identity ! funnel", 1},
    {"packetfilter filter=\"udp dst port 5\" ! packetdepay "
          "caps=application/x-rtp ! identity ! funnel", 0},
  };
  KitRun *run = kit_run_new (runs[__i__].description);
  KitPad *pad = kit_run_get_pad (run, 0);

  for (guint i = 0; i < 2; i++) {
    push (run, make (6, 0));
    push (run, make (6, 100 * GST_MSECOND));
    fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP),
        runs[__i__].gaps);

    push (run, make (5, 200 * GST_MSECOND));
    kit_pad_forget (pad);
    push (run, make (6, 300 * GST_MSECOND));
    fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 1);

    kit_run_flush (run);
    kit_pad_forget (pad);
  }
  kit_run_free (run);
}
GST_END_TEST

/* No list spans more than a millisecond, or ten where packets are dense; one that is
 * short enough is not touched. */
GST_START_TEST (test_lists)
{
  KitRun *run = kit_run_new ("packetdepay");
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBufferList *list = gst_buffer_list_new ();

  for (guint i = 0; i < 1000; i++)
    gst_buffer_list_add (list, make (5, i * GST_USECOND));
  push_list (run, list);
  fail_unless_equals_int (pad->lists->len, 1);
  kit_pad_forget (pad);

  for (guint n = 2000; n <= 4000; n += 2000) {
    list = gst_buffer_list_new ();
    for (guint i = 0; i < n; i++)
      gst_buffer_list_add (list, make (5, i * 5 * GST_USECOND));
    push_list (run, list);
    fail_unless_equals_int (kit_pad_count_buffers (pad), n);
    fail_unless_equals_int (pad->lists->len, n == 2000 ? 1 : (n + 200) / 201);
    kit_pad_forget (pad);
  }

  list = gst_buffer_list_new ();
  for (guint i = 0; i < 1000; i++)
    gst_buffer_list_add (list, make (5, i * 150 * GST_USECOND));
  push_list (run, list);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1000);
  /* 0 to 900 us */
  fail_unless_equals_int (pad->lists->len, (1000 + 6) / 7);
  for (guint i = 0; i < pad->lists->len - 1; i++)
    fail_unless_equals_int (g_array_index (pad->lists, guint, i), 7);
  for (guint i = 0; i < 1000; i++)
    fail_unless (GST_BUFFER_PTS (kit_pad_get_buffer (pad, i)) ==
        i * 150 * GST_USECOND);
  kit_run_free (run);
}
GST_END_TEST

static void
push_fragment (KitRun * run, guint id, gboolean first, guint vlan)
{
  guint8 payload[160] = { 0, 1, 0, 5, 0, 240, };
  KitPacket packet = {.fragment = TRUE,.id = id,.vlans = { vlan },
    .size = first ? 160 : 80,.offset = first ? 0 : 160,.more = first
  };

  if (first)
    packet.payload = payload;
  push (run, kit_make (&packet));
}

/* Fragments of one datagram come on one link; a flush ends it. */
GST_START_TEST (test_fragments)
{
  KitRun *run = kit_run_new ("packetdepay");
  KitPad *pad = kit_run_get_pad (run, 0);

  push_fragment (run, 1, TRUE, 10);
  push_fragment (run, 1, FALSE, 20);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 0);
  push_fragment (run, 1, FALSE, 10);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1);
  fail_unless_equals_int (gst_buffer_get_size (kit_pad_get_buffer (pad, 0)),
      232);
  push_fragment (run, 1, TRUE, 20);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 2);

  push_fragment (run, 2, TRUE, 0);
  kit_run_flush (run);
  push_fragment (run, 2, FALSE, 0);
  fail_unless_equals_int (kit_run_get_stat (run, "reassembled"), 2);

  /* what is still incomplete at the end is lost, and counted */
  fail_unless_equals_int (kit_run_get_stat (run, "fragments-expired"), 1);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_int (kit_run_get_stat (run, "fragments-expired"), 2);
  kit_run_free (run);
}
GST_END_TEST

/* What was refused while it ran does not keep it from running again; what was refused
 * when nobody could hear of it does, until it is set right. */
GST_START_TEST (test_refused)
{
  KitRun *run = kit_run_new ("packetdepay src-ip=10.0.0.1");
  g_autofree gchar *text = NULL, *now = NULL, *error = NULL;

  g_object_set (run->element, "src-ip", "bogus", NULL);
  text = kit_run_pop_error (run, GST_MESSAGE_WARNING);
  fail_unless (text != NULL && strstr (text, "src-ip") != NULL, "%s", text);
  g_object_get (run->element, "src-ip", &now, NULL);
  assert_equals_string (now, "10.0.0.1");
  gst_element_set_state (run->element, GST_STATE_NULL);
  fail_unless_equals_int (gst_element_set_state (run->element,
          GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);

  gst_element_set_state (run->element, GST_STATE_NULL);
  g_object_set (run->element, "dst-ip", "bogus", NULL);
  fail_unless_equals_int (gst_element_set_state (run->element,
          GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
  error = kit_run_pop_error (run, GST_MESSAGE_ERROR);
  fail_unless (error != NULL && strstr (error, "dst-ip") != NULL, "%s", error);
  gst_element_set_state (run->element, GST_STATE_NULL);
  g_object_set (run->element, "dst-ip", NULL, NULL);
  fail_unless_equals_int (gst_element_set_state (run->element,
          GST_STATE_PLAYING), GST_STATE_CHANGE_SUCCESS);
  kit_run_free (run);
}
GST_END_TEST

static const gchar *const open_caps[] = {
  "application/x-rtp, clock-rate=(int){ 8000, 16000 }", "ANY", "EMPTY",
  "application/x-rtp; video/mpegts"
};

/* Caps that leave something open cannot be those of a pad. */
GST_START_TEST (test_open_caps)
{
  GstElement *element = gst_check_setup_element ("packetdepay");
  g_autoptr (GstBus) bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (element, bus);
  gst_util_set_object_arg (G_OBJECT (element), "caps", open_caps[__i__]);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_bus_set_flushing (bus, TRUE);
  gst_element_set_bus (element, NULL);
  gst_check_teardown_element (element);
}
GST_END_TEST

static gboolean
wants_rtp (GstPad * pad, GstObject * parent, GstQuery * query)
{
  g_autoptr (GstCaps) caps = NULL;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CAPS)
    return gst_pad_query_default (pad, parent, query);
  caps = gst_caps_from_string ("application/x-rtp, "
      "clock-rate=(int)[ 1, 2147483647 ]");
  gst_query_set_caps_result (query, caps);
  return TRUE;
}

/* Who has to say what is in the packets is told so. */
GST_START_TEST (test_caps_needed)
{
  KitRun *run = kit_run_new_with_caps ("packetdepay", NULL);
  g_autofree gchar *error = NULL;
  g_autoptr (GstCaps) caps = NULL;

  gst_pad_set_query_function (kit_run_get_pad (run, 0)->pad, wants_rtp);
  gst_harness_push_event (run->harness, gst_event_new_stream_start ("a"));
  caps = gst_caps_from_string (KIT_CAPS);
  gst_harness_push_event (run->harness, gst_event_new_caps (caps));
  error = kit_run_pop_error (run, GST_MESSAGE_ERROR);
  fail_unless (error != NULL
      && strstr (error, "set caps=application/x-rtp,media=") != NULL, "%s",
      error);
  kit_run_free (run);
}
GST_END_TEST

GST_START_TEST (test_unknown_link_type)
{
  KitRun *run = kit_run_new_with_caps ("packetdepay",
      "application/x-packet, link-type=(int)127");
  g_autofree gchar *text = kit_run_pop_error (run, GST_MESSAGE_WARNING);

  fail_unless (text != NULL
      && strstr (text, "127 (IEEE802_11_RADIO)") != NULL, "%s", text);
  gst_harness_set_src_caps_str (run->harness, KIT_CAPS);
  fail_unless (kit_run_pop (run, GST_MESSAGE_WARNING) == NULL);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
packetdepay_suite (void)
{
  Suite *suite = suite_create ("packetdepay");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_discont, 0, 2);
  tcase_add_test (tc, test_gap);
  tcase_add_test (tc, test_first_gap);
  tcase_add_loop_test (tc, test_no_gap_to_joiner, 0, 4);
  tcase_add_test (tc, test_lists);
  tcase_add_test (tc, test_fragments);
  tcase_add_test (tc, test_refused);
  tcase_add_loop_test (tc, test_open_caps, 0, G_N_ELEMENTS (open_caps));
  tcase_add_test (tc, test_caps_needed);
  tcase_add_test (tc, test_unknown_link_type);
  return suite;
}

GST_CHECK_MAIN (packetdepay)
