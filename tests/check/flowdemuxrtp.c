/* flowdemux and RTP as a mirror port shows it: what stands before and between it, and
 * what carries it.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpkit.h"

#include <string.h>

static GstStructure *
get_caps (KitRun * run, guint n)
{
  GstCaps *caps;
  GstEvent *event = NULL;

  for (guint i = 0; kit_pad_get_event (kit_run_get_pad (run, n),
          GST_EVENT_CAPS, i) != NULL; i++)
    event = kit_pad_get_event (kit_run_get_pad (run, n), GST_EVENT_CAPS, i);
  gst_event_parse_caps (event, &caps);
  return gst_caps_get_structure (caps, 0);
}

static void
check_caps (KitRun * run, guint pad, guint32 ssrc, gint payload_type)
{
  const GstStructure *caps = get_caps (run, pad);
  guint found_ssrc = 0;
  gint found_type = -1;

  fail_unless (gst_structure_has_name (caps, "application/x-rtp"));
  gst_structure_get_uint (caps, "ssrc", &found_ssrc);
  gst_structure_get_int (caps, "payload", &found_type);
  fail_unless_equals_int (found_ssrc, ssrc);
  fail_unless_equals_int (found_type, payload_type);
}

/* What there is before RTP, and how often; the flow is of RTP from the start. */
static const struct
{
  const gchar *hex;
  gsize size;
  guint n;
} before[] = {
  {"", 0, 0},
  {"80c8000611223344", 66, 1},  /* SRTCP */
  {"80cd000511223344", 62, 1},  /* and feedback in it */
  {"00010008616263640102030405060708090a0b0c8022000461626364", 28, 1},  /* RFC 3489 */
  {"000100002112a4420102030405060708090a0b0c", 20, 12}, /* STUN */
  {"16fefd0000000000000000", 100, 12},  /* DTLS */
  {"1000000a5a5254501122334450", 60, 3},        /* ZRTP */
  {"000100460000004d", 74, 1},  /* discovery */
  {"00000100000000", 7, 1},     /* UDPTL */
  {"0d0a0d0a", 4, 5},           /* keep-alives */
};

GST_START_TEST (test_before)
{
  KitRun *run = kit_run_new ("flowdemux");

  for (guint i = 0; i < before[__i__].n; i++)
    push_hex (run, before[__i__].hex, before[__i__].size);
  fail_unless_equals_int (run->pads->len, 0);
  for (guint n = 100; n < 103; n++)
    push_rtp (run, n);
  fail_unless_equals_int (run->pads->len, 1);
  check_caps (run, 0, SSRC, 0);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)),
      3 + before[__i__].n);
  fail_unless_equals_int (kit_run_count_flows (run, "rtp"), 1);
  kit_run_free (run);
}
GST_END_TEST

/* Padding of which nobody knows the length, as the first packet has it. */
GST_START_TEST (test_padding)
{
  KitRun *run = kit_run_new ("flowdemux");
  Payload payload = make_rtp (SSRC, 111, 100);

  payload.data[0] = 0xa0;
  push_payload (run, &payload, 0);
  push_rtp_at (run, SSRC, 111, 101, 0);
  push_rtp_at (run, SSRC, 111, 102, 0);
  check_caps (run, 0, SSRC, 111);
  kit_run_free (run);
}
GST_END_TEST

/* Comfort noise in turn with what it stands for. */
GST_START_TEST (test_payload_types)
{
  KitRun *run = kit_run_new ("flowdemux");

  for (guint n = 100; n < 110; n++)
    push_rtp_at (run, SSRC, n % 2 ? 8 : 13, n, n * 20 * GST_MSECOND);
  check_caps (run, 0, SSRC, 8);
  fail_unless_equals_uint64 (get_number (run, "lost"), 0);
  fail_unless_equals_uint64 (get_number (run, "jitter"), 0);
  kit_run_free (run);
}
GST_END_TEST

/* Requests that look for devices, whose lengths are near each other. */
GST_START_TEST (test_bacnet)
{
  static const gchar *ranges[] = { "09011909", "0a01001a0200", "09011a0200" };
  KitRun *run = kit_run_new ("flowdemux");

  for (guint i = 0; i < 9; i++) {
    gsize size = 12 + strlen (ranges[i % 3]) / 2;
    g_autofree gchar *hex = g_strdup_printf ("810b%04x0120ffff00ff1008%s",
        (guint) size, ranges[i % 3]);

    push_hex (run, hex, size);
  }
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_int (kit_run_count_flows (run, "other"), 1);
  kit_run_free (run);
}
GST_END_TEST

static void
note_flow (GstElement * element, GstPad * pad, GstStructure * flow,
    GString * text)
{
  g_string_append_printf (text, "%s %s ", GST_PAD_NAME (pad),
      gst_structure_get_string (flow, "kind"));
}

/* A flow that was something else gets another pad when it is RTP, and the first one
 * ends. */
GST_START_TEST (test_turn)
{
  gboolean reports = __i__ == 1;
  KitRun *run = kit_run_new ("flowdemux");
  g_autoptr (GString) text = g_string_new (NULL);

  g_signal_connect (run->element, "new-flow", G_CALLBACK (note_flow), text);
  g_signal_connect (run->element, "flow-removed", G_CALLBACK (note_flow), text);
  for (guint i = 0; i < 3; i++)
    push_hex (run, reports ? "80c8000611223344" : "6b656570616c697665", 66);
  for (guint n = 100; n < 110; n++)
    push_rtp (run, n);
  fail_unless_equals_int (run->pads->len, 2);
  fail_unless_equals_int (run->element->numsrcpads, 1);
  assert_equals_string (text->str, reports ?
      "src_0 rtcp src_0 rtcp src_1 rtp " : "src_0 other src_0 other src_1 rtp ");
  check_caps (run, 1, SSRC, 0);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 5);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 1)), 8);
  fail_unless_equals_int (kit_pad_count_events (kit_run_get_pad (run, 0),
          GST_EVENT_EOS), 1);
  fail_unless_equals_uint64 (get_number (run, "packets"), 13);

  /* the next flow has the next number */
  kit_run_push_flow (run, 9, 1, 0);
  fail_unless (g_str_has_suffix (text->str, "src_2 other "), "%s", text->str);
  kit_run_free (run);
}
GST_END_TEST

/* All of it in one list, as packets that are close come: the same pads with the same. */
GST_START_TEST (test_turn_in_list)
{
  KitRun *run = kit_run_new ("flowdemux");
  g_autoptr (GString) text = g_string_new (NULL);
  GstBufferList *list = gst_buffer_list_new ();

  g_signal_connect (run->element, "new-flow", G_CALLBACK (note_flow), text);
  g_signal_connect (run->element, "flow-removed", G_CALLBACK (note_flow), text);
  for (guint i = 0; i < 6; i++) {
    KitPacket packet = {.src_port = 4000,.payload = (const guint8 *) "keep alive",
      .size = 10
    };

    gst_buffer_list_add (list, kit_make (&packet));
  }
  for (guint n = 100; n < 110; n++)
    gst_buffer_list_add (list, kit_make_rtp (4000, SSRC, n, 0));
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  assert_equals_string (text->str, "src_0 other src_0 other src_1 rtp ");
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 8);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 1)), 8);
  fail_unless_equals_int (kit_pad_count_events (kit_run_get_pad (run, 0),
          GST_EVENT_EOS), 1);
  kit_run_free (run);
}
GST_END_TEST

/* What is not known is not waited for, neither in time nor in memory. */
GST_START_TEST (test_bounds)
{
  KitRun *run = kit_run_new ("flowdemux");
  KitPacket other = {.size = 30,.src_port = 1 };

  push_rtp_at (run, SSRC, 0, 1, 0);
  other.time = 9 * GST_SECOND;
  kit_run_push (run, kit_make (&other));
  fail_unless_equals_int (kit_run_count_flows (run, "undecided"), 1);
  other.time = 11 * GST_SECOND;
  kit_run_push (run, kit_make (&other));
  fail_unless_equals_int (kit_run_count_flows (run, "undecided"), 0);
  kit_run_free (run);

  run = kit_run_new ("flowdemux");
  for (guint i = 0; i < 40; i++)
    push_hex (run, "000100002112a442", 20);
  fail_unless_equals_int (kit_run_count_flows (run, "other"), 1);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 40);
  kit_run_free (run);
}
GST_END_TEST

/* Several senders. */

/* Two from the start have caps that say what is true of both. */
GST_START_TEST (test_bundle)
{
  gboolean alike = __i__ == 1;
  KitRun *run = kit_run_new ("flowdemux");
  g_autoptr (GstStructure) stats = NULL;

  for (guint n = 0; n < 10; n++) {
    push_rtp_at (run, SSRC, 111, 100 + n, 0);
    push_rtp_at (run, OTHER_SSRC, alike ? 111 : 96, 5000 + n, 0);
  }
  fail_unless_equals_int (run->pads->len, 1);
  check_caps (run, 0, 0, alike ? 111 : -1);
  fail_unless_equals_int (count_streams (run), 2);
  g_object_get (run->element, "stats", &stats, NULL);
  fail_if (gst_structure_has_field (get_flow (stats, 0), "ssrc"));
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 20);
  kit_run_free (run);
}
GST_END_TEST

/* One that comes later takes the SSRC from the caps, and nothing else. */
GST_START_TEST (test_second_sender)
{
  KitRun *run = kit_run_new ("flowdemux");

  for (guint n = 0; n < 5; n++)
    push_rtp (run, n);
  check_caps (run, 0, SSRC, 0);
  push_rtp_at (run, 0x99999999, 0, 700, 0);     /* a stray one */
  push_rtp (run, 5);
  check_caps (run, 0, SSRC, 0);
  for (guint n = 0; n < 5; n++)
    push_rtp_at (run, OTHER_SSRC, 96, 5000 + n, 0);
  check_caps (run, 0, 0, 0);
  fail_unless_equals_int (gst_structure_has_field (get_caps (run, 0),
          "encoding-name"), TRUE);
  fail_unless_equals_int (kit_pad_count_events (kit_run_get_pad (run, 0),
          GST_EVENT_CAPS), 2);
  fail_unless_equals_int (count_streams (run), 2);
  kit_run_free (run);
}
GST_END_TEST

/* TURN. */

static void
push_relayed (KitRun * run, guint n, gboolean indication)
{
  Payload rtp = make_rtp (SSRC, 0, n), packet = { {0,}, };
  static const guint8 header[] = { 0, 0x17, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
  gsize at = indication ? 20 + 12 + 4 : 4;

  packet.size = at + rtp.size;
  if (indication) {
    memcpy (packet.data, header, sizeof (header));
    put (&packet, 2, 2, packet.size - 20);
    put (&packet, 20, 2, 0x0012);
    put (&packet, 22, 2, 8);
    put (&packet, 32, 2, 0x0013);
    put (&packet, 34, 2, rtp.size);
  } else {
    put (&packet, 0, 2, 0x4000);
    put (&packet, 2, 2, rtp.size);
  }
  memcpy (packet.data + at, rtp.data, rtp.size);
  push_payload (run, &packet, n * 20 * GST_MSECOND);
}

/* Comes out as if nobody had relayed it. */
GST_START_TEST (test_relayed)
{
  KitRun *run = kit_run_new ("flowdemux");
  KitPad *pad;

  push_hex (run, "000100002112a442", 20);
  for (guint n = 100; n < 110; n++)
    push_relayed (run, n, __i__ == 1 || (__i__ == 2 && n % 2));
  check_caps (run, 0, SSRC, 0);
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 11);
  for (guint i = 1; i < 11; i++) {
    GstBuffer *buffer = kit_pad_get_buffer (pad, i);
    Payload rtp = make_rtp (SSRC, 0, 99 + i);

    fail_unless_equals_int (gst_buffer_get_size (buffer), rtp.size);
    fail_unless (gst_buffer_memcmp (buffer, 0, rtp.data, rtp.size) == 0);
    fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->wire_length,
        rtp.size);
  }
  fail_unless_equals_uint64 (get_number (run, "lost"), 0);
  kit_run_free (run);
}
GST_END_TEST

/* What only looks like a channel by one packet is given out as it is. */
GST_START_TEST (test_no_channel)
{
  KitRun *run = kit_run_new ("flowdemux");

  push_hex (run, "4000000461626364", 8);
  push_hex (run, "4100ffff61626364", 8);
  push_hex (run, "4000000461626364", 8);
  kit_run_event (run, gst_event_new_eos ());
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (gst_buffer_get_size (kit_pad_get_buffer
            (kit_run_get_pad (run, 0), i)), 8);
  kit_run_free (run);
}
GST_END_TEST

static Suite *
flowdemuxrtp_suite (void)
{
  Suite *suite = suite_create ("flowdemuxrtp");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_before, 0, G_N_ELEMENTS (before));
  tcase_add_test (tc, test_padding);
  tcase_add_test (tc, test_payload_types);
  tcase_add_test (tc, test_bacnet);
  tcase_add_loop_test (tc, test_turn, 0, 2);
  tcase_add_test (tc, test_turn_in_list);
  tcase_add_test (tc, test_bounds);
  tcase_add_loop_test (tc, test_bundle, 0, 2);
  tcase_add_test (tc, test_second_sender);
  tcase_add_loop_test (tc, test_relayed, 0, 3);
  tcase_add_test (tc, test_no_channel);
  return suite;
}

GST_CHECK_MAIN (flowdemuxrtp)
