/* rtspdepay: RTP between messages of RTSP, in pieces of any size and with holes.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"

#include <string.h>

#define CAPS "application/octet-stream"
#define SSRC 0x11223344

/* As a camera sends it; a dollar sign is in the description. */
static const gchar answer[] = "RTSP/1.0 200 OK\r\nCSeq: 2\r\n"
    "Content-Type: application/sdp\r\ncontent-length:  27\r\n\r\n"
    "v=0\r\nm=audio 0 RTP/AVP 8\r\n$";
static const gchar played[] = "RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n";

static void
append_frame (GByteArray * bytes, guint channel, const guint8 * data,
    gsize size)
{
  guint8 header[4] = { '$', channel, size >> 8, size };

  g_byte_array_append (bytes, header, sizeof (header));
  g_byte_array_append (bytes, data, size);
}

/* Packet @n of channel 0, as long as @size, with dollar signs in it. */
static void
append_rtp (GByteArray * bytes, guint n, gsize size)
{
  guint8 packet[1000] = { 0x80, 8 };

  g_assert (size <= sizeof (packet));
  GST_WRITE_UINT16_BE (packet + 2, n);
  GST_WRITE_UINT32_BE (packet + 4, 160 * n);
  GST_WRITE_UINT32_BE (packet + 8, SSRC);
  for (gsize i = 12; i < size; i++)
    packet[i] = i % 7 ? i : '$';
  append_frame (bytes, 0, packet, size);
}

static void
append_report (GByteArray * bytes)
{
  static const guint8 report[] = { 0x80, 201, 0, 1, 0x11, 0x22, 0x33, 0x44 };

  append_frame (bytes, 1, report, sizeof (report));
}

static void
append_text (GByteArray * bytes, const gchar * text)
{
  g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
}

/* Ten packets, a report after each fourth, and messages. */
static GByteArray *
make_stream (void)
{
  GByteArray *bytes = g_byte_array_new ();

  append_text (bytes, answer);
  append_text (bytes, played);
  for (guint n = 0; n < 10; n++) {
    append_rtp (bytes, n, 20 + n * 30);
    if (n % 4 == 3)
      append_report (bytes);
    if (n == 6)
      append_text (bytes, "GET_PARAMETER * RTSP/1.0\r\nCSeq: 9\r\n\r\n");
  }
  return bytes;
}

/* Bytes from @at on, at most @size. */
static void
push_part (KitRun * run, const GByteArray * bytes, gsize at, gsize size,
    gboolean discont)
{
  gsize n = MIN (size, bytes->len - at);
  GstBuffer *buffer = gst_buffer_new_memdup (bytes->data + at, n);

  GST_BUFFER_OFFSET (buffer) = at;
  GST_BUFFER_OFFSET_END (buffer) = at + n;
  GST_BUFFER_PTS (buffer) = at * GST_MSECOND;
  if (discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  fail_unless_equals_int (kit_run_push (run, buffer), GST_FLOW_OK);
}

/* A packet of channel 0 is packet @n, as it was appended. */
static void
check_rtp (GstBuffer * buffer, guint n)
{
  g_autoptr (GByteArray) expected = g_byte_array_new ();
  GstMapInfo map;

  fail_unless (buffer != NULL);
  append_rtp (expected, n, 20 + n * 30);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  fail_unless_equals_int (map.size, expected->len - 4);
  fail_unless (memcmp (map.data, expected->data + 4, map.size) == 0);
  gst_buffer_unmap (buffer, &map);
}

static const GstStructure *
get_caps (KitRun * run, guint pad)
{
  GstCaps *caps;

  gst_event_parse_caps (kit_pad_get_event (kit_run_get_pad (run, pad),
          GST_EVENT_CAPS, 0), &caps);
  return gst_caps_get_structure (caps, 0);
}

/* However it comes, what comes out is the same. */
GST_START_TEST (test_pieces)
{
  g_autoptr (GByteArray) bytes = make_stream ();

  for (gsize size = 1; size <= bytes->len; size += 1 + size / 8) {
    KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
    gint rate = 0;

    for (gsize at = 0; at < bytes->len; at += size)
      push_part (run, bytes, at, size, at == 0);
    kit_run_event (run, gst_event_new_eos ());
    fail_unless_equals_int (run->pads->len, 2);
    fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)),
        10);
    fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 1)),
        2);
    for (guint n = 0; n < 10; n++)
      check_rtp (kit_pad_get_buffer (kit_run_get_pad (run, 0), n), n);
    fail_unless (gst_structure_has_name (get_caps (run, 0),
            "application/x-rtp"));
    fail_unless (gst_structure_get_int (get_caps (run, 0), "clock-rate",
            &rate) && rate == 8000);
    fail_unless (gst_structure_has_name (get_caps (run, 1),
            "application/x-rtcp"));
    fail_unless_equals_uint64 (kit_run_get_stat (run, "packets"), 12);
    fail_unless_equals_uint64 (kit_run_get_stat (run, "messages"), 3);
    fail_unless_equals_uint64 (kit_run_get_stat (run, "skipped"), 0);
    fail_unless_equals_uint64 (kit_run_get_stat (run, "resyncs"), 0);
    fail_unless_equals_int (kit_pad_count_events (kit_run_get_pad (run, 0),
            GST_EVENT_EOS), 1);
    kit_run_free (run);
  }
}
GST_END_TEST

/* A packet has the time of where it begins, and lies in the memory it came in. */
GST_START_TEST (test_time_and_memory)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
  GstBuffer *buffer;
  GstMemory *memory;
  KitPad *pad;

  for (guint n = 0; n < 3; n++)
    append_rtp (bytes, n, 20 + n * 30);
  buffer = gst_buffer_new_memdup (bytes->data, bytes->len - 10);
  memory = gst_buffer_peek_memory (buffer, 0);
  GST_BUFFER_PTS (buffer) = 7;
  gst_buffer_add_packet_meta (buffer)->capture_time = 77;
  kit_run_push (run, buffer);
  buffer = gst_buffer_new_memdup (bytes->data + bytes->len - 10, 10);
  GST_BUFFER_PTS (buffer) = 8;
  gst_buffer_add_packet_meta (buffer)->capture_time = 88;
  kit_run_push (run, buffer);

  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 3);
  for (guint n = 0; n < 3; n++) {
    buffer = kit_pad_get_buffer (pad, n);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 7);
    fail_unless_equals_uint64 (gst_buffer_get_packet_meta
        (buffer)->capture_time, 77);
    fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->wire_length,
        20 + n * 30);
    fail_unless (gst_buffer_peek_memory (buffer, 0)->parent == memory);
    fail_unless_equals_int (gst_buffer_n_memory (buffer), n == 2 ? 2 : 1);
    check_rtp (buffer, n);
  }
  kit_run_free (run);
}
GST_END_TEST

/* Wherever a capture begins, what is whole in it is found, and no more. */
GST_START_TEST (test_middle)
{
  g_autoptr (GByteArray) bytes = make_stream ();
  const gsize first = strlen (answer) + strlen (played);

  for (gsize start = first; start < bytes->len; start += 5) {
    KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
    gsize place = first;
    guint begun = 0;

    for (; place < start && begun < 10; begun++) {
      place += 4 + 20 + begun * 30;
      if (begun % 4 == 3)
        place += 4 + 8;
      if (begun == 6)
        place += 37;
    }
    push_part (run, bytes, start, 100, TRUE);
    if (start + 100 < bytes->len)
      push_part (run, bytes, start + 100, G_MAXSIZE, FALSE);
    kit_run_event (run, gst_event_new_eos ());
    if (begun == 10) {
      kit_run_free (run);
      break;
    }
    fail_unless (run->pads->len > 0);
    for (guint i = 0; i < 2; i++) {
      KitPad *pad = i < run->pads->len ? kit_run_get_pad (run, i) : NULL;
      guint n = pad != NULL ? kit_pad_count_buffers (pad) : 0;

      if (pad == NULL || strcmp (GST_PAD_NAME (GST_PAD_PEER (pad->pad)),
              "src_0") != 0)
        continue;
      fail_unless_equals_int (n, 10 - begun);
      for (guint at = 0; at < n; at++)
        check_rtp (kit_pad_get_buffer (pad, at), begun + at);
    }
    kit_run_free (run);
  }
}
GST_END_TEST

/* A hole costs the packets that it is in: where it ends within one, and its size is known,
 * only that; else what comes until another begins. */
GST_START_TEST (test_hole)
{
  gboolean known = __i__ == 0;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
  const gsize third = 4 + 20 + 4 + 50, size = 4 + 80;
  GstBuffer *buffer;
  KitPad *pad;

  for (guint n = 0; n < 6; n++)
    append_rtp (bytes, n, 20 + n * 30);
  /* of the third packet 20 bytes are missing, of the last the end */
  if (known) {
    push_part (run, bytes, 0, third + 10, TRUE);
    push_part (run, bytes, third + 30, bytes->len - third - 40, TRUE);
  } else {
    buffer = gst_buffer_new_memdup (bytes->data, third + 10);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    kit_run_push (run, buffer);
    buffer = gst_buffer_new_memdup (bytes->data + third + 30,
        bytes->len - third - 40);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    kit_run_push (run, buffer);
  }
  kit_run_event (run, gst_event_new_eos ());
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 4);
  for (guint i = 0; i < 4; i++) {
    buffer = kit_pad_get_buffer (pad, i);
    check_rtp (buffer, i < 2 ? i : i + 1);
    fail_unless_equals_int (GST_BUFFER_FLAG_IS_SET (buffer,
            GST_BUFFER_FLAG_DISCONT), i % 2 == 0);
  }
  fail_unless_equals_uint64 (kit_run_get_stat (run, "cut"), 2);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "resyncs"), known ? 0 : 1);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "skipped"),
      known ? 0 : size - 30);
  kit_run_free (run);
}
GST_END_TEST

/* More than the packet is missing: the next one is looked for. */
GST_START_TEST (test_large_hole)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);

  for (guint n = 0; n < 9; n++)
    append_rtp (bytes, n, 20 + n * 30);
  push_part (run, bytes, 0, 60, TRUE);
  push_part (run, bytes, 400, G_MAXSIZE, TRUE);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_uint64 (kit_run_get_stat (run, "cut"), 1);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "resyncs"), 1);
  /* 4 + 20, 54, 84, 114, 144: the sixth begins at 420 */
  fail_unless_equals_uint64 (kit_run_get_stat (run, "skipped"), 20);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 5);
  check_rtp (kit_pad_get_buffer (kit_run_get_pad (run, 0), 1), 5);
  kit_run_free (run);
}
GST_END_TEST

/* What makes no sense is stepped over and counted. */
GST_START_TEST (test_nonsense)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);

  append_rtp (bytes, 0, 20);
  append_text (bytes, "RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n");
  append_text (bytes, "\r\n\r\nHTTP/1.0 200 OK\r\n\r\n$$$$");
  append_rtp (bytes, 1, 50);
  append_rtp (bytes, 2, 80);
  append_text (bytes, "\r\n");
  append_rtp (bytes, 3, 110);
  push_part (run, bytes, 0, G_MAXSIZE, TRUE);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 4);
  for (guint n = 0; n < 4; n++)
    check_rtp (kit_pad_get_buffer (kit_run_get_pad (run, 0), n), n);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "resyncs"), 1);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "skipped"), 27);
  kit_run_free (run);
}
GST_END_TEST

/* A message without an end, and packets that are none, are neither waited for nor kept for
 * ever. */
GST_START_TEST (test_endless)
{
  /* such that none of them ends where a packet begins, or all does */
  static const guint8 start[] = { '$', 0, 0xff, 0xfc, 0x80 };
  static const guint8 zeros[65536] = { 0, };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
  gsize n;

  for (guint i = 0; i < 20000; i++) {
    if (__i__ == 0)
      append_text (bytes, "RTSP/");
    else
      g_byte_array_append (bytes, start, sizeof (start));
  }
  if (__i__ == 0)
    g_byte_array_append (bytes, zeros, sizeof (zeros));
  n = bytes->len;
  for (guint i = 0; i < 4; i++)
    append_rtp (bytes, i, 20 + i * 30);
  g_byte_array_append (bytes, zeros, 1);
  for (gsize at = 0; at < bytes->len; at += 100)
    push_part (run, bytes, at, 100, at == 0);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 4);
  for (guint i = 0; i < 4; i++)
    check_rtp (kit_pad_get_buffer (kit_run_get_pad (run, 0), i), i);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "skipped"), n + 1);
  kit_run_free (run);
}
GST_END_TEST

/* A channel of something else, and nobody to hear a pad. */
GST_START_TEST (test_channels)
{
  static const guint8 other[] = "something else";
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);

  append_text (bytes, played);
  append_frame (bytes, 6, other, sizeof (other));
  append_rtp (bytes, 0, 20);
  append_report (bytes);
  run->unlinked = TRUE;
  push_part (run, bytes, 0, G_MAXSIZE, TRUE);
  fail_unless_equals_int (run->element->numsrcpads, 2);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "unknown"), 1);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "packets"), 3);
  kit_run_free (run);
}
GST_END_TEST

/* Who sends the requests sends no RTP. */
GST_START_TEST (test_nothing)
{
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree gchar *text = NULL;

  append_text (bytes, "DESCRIBE rtsp://a/ RTSP/1.0\r\nCSeq: 2\r\n\r\n");
  push_part (run, bytes, 0, G_MAXSIZE, TRUE);
  kit_run_event (run, gst_event_new_eos ());
  text = kit_run_pop_error (run, GST_MESSAGE_ERROR);
  assert_equals_string (text, "There is no RTP in the stream, but 1 messages of "
      "RTSP, and 0 bytes that are neither");
  kit_run_free (run);
}
GST_END_TEST

/* Nothing from before a flush is taken for what comes after it. */
GST_START_TEST (test_flush)
{
  g_autoptr (GByteArray) bytes = make_stream ();
  KitRun *run = kit_run_new_with_caps ("rtspdepay", CAPS);
  const gsize first = strlen (answer) + strlen (played);

  push_part (run, bytes, 0, first + 4 + 20 + 30, TRUE);
  kit_run_flush (run);
  kit_pad_forget (kit_run_get_pad (run, 0));
  push_part (run, bytes, first + 4 + 20, G_MAXSIZE, TRUE);
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 9);
  check_rtp (kit_pad_get_buffer (kit_run_get_pad (run, 0), 0), 1);
  kit_run_free (run);
}
GST_END_TEST

/* What nobody can know is said by rtp-caps. */
GST_START_TEST (test_caps)
{
  KitRun *run = kit_run_new_with_caps ("rtspdepay rtp-caps="
      "\"application/x-rtp,payload=8,media=audio,clock-rate=16000,"
      "encoding-name=X\"", CAPS);
  g_autoptr (GByteArray) bytes = make_stream ();
  const GstStructure *caps;
  gint payload = 0;

  push_part (run, bytes, 0, G_MAXSIZE, TRUE);
  caps = get_caps (run, 0);
  fail_unless (gst_structure_get_int (caps, "payload", &payload)
      && payload == 8);
  fail_if (gst_structure_has_field (caps, "ssrc"));
  kit_run_free (run);
}
GST_END_TEST

static Suite *
rtspdepay_suite (void)
{
  Suite *suite = suite_create ("rtspdepay");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_pieces);
  tcase_add_test (tc, test_time_and_memory);
  tcase_add_test (tc, test_middle);
  tcase_add_loop_test (tc, test_hole, 0, 2);
  tcase_add_test (tc, test_large_hole);
  tcase_add_test (tc, test_nonsense);
  tcase_add_loop_test (tc, test_endless, 0, 2);
  tcase_add_test (tc, test_channels);
  tcase_add_test (tc, test_nothing);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_caps);
  return suite;
}

GST_CHECK_MAIN (rtspdepay)
