/* flowdemux: which flows there are, what is known of them, and when they end.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

#include <string.h>

static void
push (KitRun * run, KitPacket packet)
{
  fail_unless_equals_int (kit_run_push (run, kit_make (&packet)), GST_FLOW_OK);
}

/* A VLAN, a VLAN in it, and an interface make another flow of the same addresses;
 * priority bits and a tag without an id do not. */
GST_START_TEST (test_key)
{
  KitRun *run = kit_run_new ("flowdemux");

  for (guint i = 0; i < 3; i++) {
    push (run, (KitPacket) {.size = 100 });
    push (run, (KitPacket) {.size = 101,.vlans = { 1 } });
    push (run, (KitPacket) {.size = 101,.vlans = { 0xe001 } });
    push (run, (KitPacket) {.size = 102,.vlans = { 2 } });
    push (run, (KitPacket) {.size = 103,.vlans = { 1, 2 } });
    push (run, (KitPacket) {.size = 100,.vlans = { 0xe000 } });
    push (run, (KitPacket) {.size = 104,.interface_id = 3 });
  }
  fail_unless_equals_int (run->pads->len, 5);
  for (guint i = 0; i < 5; i++) {
    KitPad *pad = kit_run_get_pad (run, i);

    fail_unless_equals_int (kit_pad_count_buffers (pad), i < 2 ? 6 : 3);
    for (guint j = 0; j < kit_pad_count_buffers (pad); j++)
      fail_unless_equals_int (gst_buffer_get_size (kit_pad_get_buffer (pad,
                  j)), 100 + i);
  }
  kit_run_free (run);
}
GST_END_TEST

static void
check_field (const GstStructure * flow, const gchar * name, gint expected)
{
  guint value;

  if (expected < 0) {
    fail_if (gst_structure_has_field (flow, name), "%s", name);
    return;
  }
  fail_unless (gst_structure_get_uint (flow, name, &value), "%s", name);
  fail_unless_equals_int (value, expected);
}

/* By the flow's own event, and by stats, an element behind and an application know
 * what the flow is. */
GST_START_TEST (test_description)
{
  KitRun *run = kit_run_new ("flowdemux");
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;
  const GstStructure *flow;
  GstEvent *event = NULL;
  KitPad *pad;

  push (run, (KitPacket) {.size = 100,.src_port = 7,.vlans = { 5, 6 },
          .interface_id = 3 });
  pad = kit_run_get_pad (run, 0);
  event = kit_pad_get_event (pad, GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, 0);
  fail_unless (event != NULL);
  fail_unless (gst_event_has_name (event, "GstPacketFlow"));
  flow = gst_event_get_structure (event);
  g_object_get (run->element, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  fail_unless_equals_int (gst_value_list_get_size (flows), 1);
  for (guint i = 0; i < 2; i++) {
    assert_equals_string (gst_structure_get_string (flow, "src-ip"),
        "10.0.0.1");
    assert_equals_string (gst_structure_get_string (flow, "dst-ip"),
        "10.0.0.2");
    assert_equals_string (gst_structure_get_string (flow, "kind"), "other");
    check_field (flow, "src-port", 7);
    check_field (flow, "dst-port", 5004);
    check_field (flow, "interface", 3);
    check_field (flow, "vlan", 5);
    check_field (flow, "inner-vlan", 6);
    flow = gst_value_get_structure (gst_value_list_get_value (flows, 0));
  }
  assert_equals_string (gst_structure_get_string (flow, "pad"), "src_0");
  kit_run_free (run);

  run = kit_run_new ("flowdemux");
  push (run, (KitPacket) {.size = 100 });
  event = kit_pad_get_event (kit_run_get_pad (run, 0),
      GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, 0);
  check_field (gst_event_get_structure (event), "interface", 0);
  check_field (gst_event_get_structure (event), "vlan", -1);
  check_field (gst_event_get_structure (event), "inner-vlan", -1);
  kit_run_free (run);
}
GST_END_TEST

/* What is on a link that has no tags in its bytes is known from the meta. */
GST_START_TEST (test_vlan_of_meta)
{
  KitRun *run = kit_run_new_with_caps ("flowdemux",
      "application/x-packet, link-type=(int)101");

  for (guint vlan = 1; vlan <= 2; vlan++) {
    KitPacket packet = {.size = 50 };
    GstBuffer *buffer = kit_make (&packet);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

    gst_buffer_resize (buffer, 14, -1);
    meta->vlan_tci = vlan;
    meta->flags = GST_PACKET_FLAG_VLAN;
    fail_unless_equals_int (kit_run_push (run, buffer), GST_FLOW_OK);
  }
  fail_unless_equals_int (run->pads->len, 2);
  kit_run_free (run);
}
GST_END_TEST

static void
count_pads (GstElement * element, GstPad * pad, guint * most)
{
  *most = MAX (*most, element->numsrcpads);
}

/* Before a new flow comes in, the one that has been silent longest goes, within one
 * list of packets too; and all its packets have come out by then. */
GST_START_TEST (test_max_flows)
{
  KitRun *run = kit_run_new ("flowdemux max-flows=3");
  GstBufferList *list = gst_buffer_list_new ();
  guint most = 0, pads = 0;

  g_signal_connect (run->element, "pad-added", G_CALLBACK (count_pads), &most);
  for (guint i = 0; i < 40; i++) {
    /* port 9 is never silent */
    KitPacket packet = {.size = 40,.src_port = i % 2 ? 9 : 100 + i };

    gst_buffer_list_add (list, kit_make (&packet));
  }
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  fail_unless_equals_int (most, 3);
  fail_unless_equals_int (run->element->numsrcpads, 3);
  fail_unless_equals_int (run->pads->len, 21);
  fail_unless_equals_int (run->removed, 18);
  for (guint i = 0; i < run->pads->len; i++) {
    KitPad *pad = kit_run_get_pad (run, i);
    guint n = kit_pad_count_buffers (pad);

    if (n == 1)
      pads++;
    else
      fail_unless_equals_int (n, 20);
  }
  fail_unless_equals_int (pads, 20);
  kit_run_free (run);
}
GST_END_TEST

/* A flow that falls silent gets EOS and goes; that is not the end of the element,
 * which a pipeline counts among its sinks. */
GST_START_TEST (test_timeout)
{
  KitRun *run = kit_run_new ("flowdemux flow-timeout=1000000000");
  KitPad *pad;
  GstMessage *message;
  GstEvent *eos = gst_event_new_eos ();
  guint seqnum = gst_event_get_seqnum (eos);

  kit_run_push_flow (run, 1, 3, 0);
  pad = kit_run_get_pad (run, 0);
  kit_run_push_flow (run, 2, 1, GST_SECOND);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 0);
  kit_run_push_flow (run, 2, 1, 2 * GST_SECOND);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_EOS), 1);
  fail_unless_equals_int (run->removed, 1);
  fail_unless_equals_int (run->element->numsrcpads, 1);

  fail_unless (GST_OBJECT_FLAG_IS_SET (run->element, GST_ELEMENT_FLAG_SINK));
  fail_unless (kit_run_pop (run, GST_MESSAGE_EOS) == NULL);
  kit_run_event (run, eos);
  message = kit_run_pop (run, GST_MESSAGE_EOS);
  fail_unless (message != NULL);
  fail_unless_equals_int (gst_message_get_seqnum (message), seqnum);
  gst_message_unref (message);

  /* a pipeline forgets it in a pause */
  gst_element_set_state (run->element, GST_STATE_PAUSED);
  fail_unless (kit_run_pop (run, GST_MESSAGE_EOS) == NULL);
  gst_element_set_state (run->element, GST_STATE_PLAYING);
  message = kit_run_pop (run, GST_MESSAGE_EOS);
  fail_unless (message != NULL);
  gst_message_unref (message);
  kit_run_free (run);
}
GST_END_TEST

/* The time that a flush jumps over is nobody's silence. */
GST_START_TEST (test_timeout_after_flush)
{
  KitRun *run = kit_run_new ("flowdemux flow-timeout=1000000000");

  kit_run_push_flow (run, 1, 3, 0);
  kit_run_push_flow (run, 2, 3, 0);
  kit_run_flush (run);
  kit_run_push_flow (run, 1, 1, 100 * GST_SECOND);
  fail_unless_equals_int (run->removed, 0);
  kit_run_push_flow (run, 1, 1, 102 * GST_SECOND);
  fail_unless_equals_int (run->removed, 1);
  kit_run_free (run);
}
GST_END_TEST

/* As the whole of it in a pipeline: it goes on when its only flow has ended, and ends
 * when its input does. */
GST_START_TEST (test_pipeline_end)
{
  GstElement *pipeline = gst_parse_launch ("appsrc name=src format=time "
      "caps=" "application/x-packet,link-type=1" " ! "
      "flowdemux flow-timeout=1000000 name=demux ! "
      "fakesink name=sink async=false sync=false", NULL);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  KitPacket packet = {.size = 30 };
  GstMessage *message;
  GstFlowReturn ret;
  gboolean forwarded;

  g_object_set (pipeline, "message-forward", TRUE, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer;

    packet.time = i * GST_SECOND;
    packet.src_port = i;
    buffer = kit_make (&packet);
    g_signal_emit_by_name (src, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
  }
  /* of the sink, forwarded; its pad says so only after that */
  do {
    message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT);
    forwarded = gst_message_has_name (message, "GstBinForwarded");
    gst_message_unref (message);
  } while (!forwarded);
  g_signal_emit_by_name (src, "end-of-stream", &ret);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (src);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
GST_END_TEST

static gboolean
is_linked (GstElement * element, GstPad * pad, gpointer user_data)
{
  return gst_pad_is_linked (pad);
}

static GstPadProbeReturn
count_buffers (GstPad * pad, GstPadProbeInfo * info, gpointer count)
{
  g_atomic_int_add ((gint *) count, info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST ?
      (gint) gst_buffer_list_length (info->data) : 1);
  return GST_PAD_PROBE_OK;
}

/* What is linked to a pad can be started after the source: a bin sees by links what
 * comes first. Packets wait for it, and nothing ends. */
GST_START_TEST (test_late_branch)
{
  /* as long as the other sink waits the pipeline is on its way to PAUSED */
  GstElement *pipeline = gst_parse_launch ("appsrc name=src format=time caps="
      "application/x-packet,link-type=1 ! flowdemux name=demux ! "
      "queue name=late ! fakesink  fakesink", NULL);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstElement *demux = gst_bin_get_by_name (GST_BIN (pipeline), "demux");
  GstElement *late = gst_bin_get_by_name (GST_BIN (pipeline), "late");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  KitPacket packet = {.size = 30 };
  GstBuffer *buffer;
  GstFlowReturn ret;
  gint count = 0;

  gst_element_set_locked_state (late, TRUE);
  gst_pad_add_probe (late->sinkpads->data, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, count_buffers, &count, NULL);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  for (guint i = 0; i < 20; i++) {
    packet.time = i * GST_MSECOND;
    buffer = kit_make (&packet);
    g_signal_emit_by_name (src, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
  }
  while (!gst_element_foreach_src_pad (demux, is_linked, NULL)
      || demux->numsrcpads == 0)
    g_usleep (1000);
  g_usleep (20000);
  fail_unless_equals_int (g_atomic_int_get (&count), 0);
  gst_element_set_locked_state (late, FALSE);
  gst_element_sync_state_with_parent (late);
  while (g_atomic_int_get (&count) < 20)
    g_usleep (1000);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);

  /* nor does it wait for ever for one that is not started */
  gst_element_set_locked_state (late, TRUE);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  buffer = kit_make (&packet);
  g_signal_emit_by_name (src, "push-buffer", buffer, &ret);
  gst_buffer_unref (buffer);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (src);
  gst_object_unref (demux);
  gst_object_unref (late);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* A stream without a flow ends in an error that says what there was, or, if that was
 * asked for, as any other. */
GST_START_TEST (test_no_flow)
{
  gboolean require = __i__ == 0;
  KitRun *run = kit_run_new (require ? "flowdemux protocol=tcp" :
      "flowdemux protocol=tcp require-flow=false");
  g_autofree gchar *error = NULL;
  GstMessage *message;

  kit_run_push_flow (run, 1, 3, 0);
  kit_run_event (run, gst_event_new_eos ());
  error = kit_run_pop_error (run, GST_MESSAGE_ERROR);
  message = kit_run_pop (run, GST_MESSAGE_EOS);
  if (require) {
    fail_unless (error != NULL && message == NULL);
    fail_unless (strstr (error, "no flow") != NULL, "%s", error);
    fail_unless (strstr (error, "3 that do not match") != NULL, "%s", error);
  } else {
    fail_unless (error == NULL && message != NULL);
    gst_message_unref (message);
  }
  kit_run_free (run);
}
GST_END_TEST

/* A flow that has ended was one. */
GST_START_TEST (test_flow_that_was)
{
  KitRun *run = kit_run_new ("flowdemux flow-timeout=1000000000");
  KitPacket other = {.time = 10 * GST_SECOND,.size = 20 };
  GstBuffer *buffer = kit_make (&other);
  guint8 tcp = 6;

  kit_run_push_flow (run, 1, 3, 0);
  gst_buffer_fill (buffer, 14 + 9, &tcp, 1);
  kit_run_push (run, buffer);
  fail_unless_equals_int (run->element->numsrcpads, 0);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless (kit_run_pop_error (run, GST_MESSAGE_ERROR) == NULL);
  kit_run_free (run);
}
GST_END_TEST

/* Said once for each of them, with its number and its name. */
GST_START_TEST (test_unknown_link_type)
{
  KitRun *run = kit_run_new_with_caps ("flowdemux",
      "application/x-packet, link-type=(int)105");
  g_autofree gchar *text = kit_run_pop_error (run, GST_MESSAGE_WARNING);

  fail_unless (text != NULL);
  fail_unless (strstr (text, "105 (IEEE802_11)") != NULL, "%s", text);
  gst_harness_set_src_caps_str (run->harness, KIT_CAPS);
  gst_harness_set_src_caps_str (run->harness,
      "application/x-packet, link-type=(int)105");
  fail_unless (kit_run_pop (run, GST_MESSAGE_WARNING) == NULL);
  kit_run_free (run);
}
GST_END_TEST

static GstCaps *
give_open_caps (GstElement * element, guint ssrc, guint payload)
{
  return gst_caps_from_string ("application/x-rtp, media=(string)audio, "
      "encoding-name=(string)X, clock-rate=(int){ 8000, 16000 }");
}

/* What leaves something open is refused: when it is set, and when it is asked for. */
GST_START_TEST (test_open_caps)
{
  KitRun *run = kit_run_new ("flowdemux");
  g_autoptr (GstCaps) now = NULL;
  g_autofree gchar *text = NULL, *error = NULL;
  GstElement *element;

  gst_util_set_object_arg (G_OBJECT (run->element), "rtp-caps",
      "application/x-rtp, clock-rate=(int)90000");
  fail_unless (kit_run_pop (run, GST_MESSAGE_WARNING) == NULL);
  gst_util_set_object_arg (G_OBJECT (run->element), "rtp-caps",
      "application/x-rtp, clock-rate=(int)[ 1, 90000 ]");
  text = kit_run_pop_error (run, GST_MESSAGE_WARNING);
  fail_unless (text != NULL && strstr (text, "clock-rate") != NULL);
  g_object_get (run->element, "rtp-caps", &now, NULL);
  fail_unless (gst_caps_is_fixed (now));

  g_signal_connect (run->element, "request-pt-map",
      G_CALLBACK (give_open_caps), NULL);
  for (guint i = 0; i < 3; i++) {
    GstFlowReturn ret = kit_run_push (run, kit_make_rtp (1, 1, i, 0));

    fail_unless_equals_int (ret, i < 2 ? GST_FLOW_OK : GST_FLOW_ERROR);
  }
  error = kit_run_pop_error (run, GST_MESSAGE_ERROR);
  fail_unless (error != NULL && strstr (error, "request-pt-map") != NULL
      && strstr (error, "clock-rate") != NULL, "%s", error);
  kit_run_free (run);

  /* when there is nobody to hear of it, it does not start */
  element = gst_check_setup_element ("flowdemux");
  gst_util_set_object_arg (G_OBJECT (element), "rtp-caps",
      "application/x-rtp, clock-rate=(int)[ 1, 90000 ]");
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_util_set_object_arg (G_OBJECT (element), "rtp-caps",
      "application/x-rtp, clock-rate=(int)90000");
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_check_teardown_element (element);
}
GST_END_TEST

static void
keep_record (GstElement * element, GstPad * pad, const GstStructure * record,
    GPtrArray * records)
{
  g_ptr_array_add (records, (gpointer) record);
}

/* What a handler keeps is there when the flow and the run are over. */
GST_START_TEST (test_records)
{
  KitRun *run = kit_run_new ("flowdemux max-flows=2");
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  g_signal_connect (run->element, "new-flow", G_CALLBACK (keep_record),
      records);
  g_signal_connect (run->element, "flow-removed", G_CALLBACK (keep_record),
      records);
  for (guint i = 0; i < 10; i++)
    kit_run_push_flow (run, i, 1, 0);
  gst_element_set_state (run->element, GST_STATE_NULL);
  fail_unless_equals_int (records->len, 18);
  for (guint i = 0; i < records->len; i++)
    check_field (g_ptr_array_index (records, i), "dst-port", 5004);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
flowdemux_suite (void)
{
  Suite *suite = suite_create ("flowdemux");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_key);
  tcase_add_test (tc, test_description);
  tcase_add_test (tc, test_vlan_of_meta);
  tcase_add_test (tc, test_max_flows);
  tcase_add_test (tc, test_timeout);
  tcase_add_test (tc, test_timeout_after_flush);
  tcase_add_test (tc, test_pipeline_end);
  tcase_add_test (tc, test_late_branch);
  tcase_add_loop_test (tc, test_no_flow, 0, 2);
  tcase_add_test (tc, test_flow_that_was);
  tcase_add_test (tc, test_unknown_link_type);
  tcase_add_test (tc, test_open_caps);
  tcase_add_test (tc, test_records);
  return suite;
}

GST_CHECK_MAIN (flowdemux)
