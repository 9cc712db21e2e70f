/* packetdepay and datagrams that an adapter has put together: they become what was sent.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpkit.h"

#include <string.h>

#define SIZE 200

/* So many RTP packets in one datagram, of @size bytes each and the last of @last. */
static GstBuffer *
make_many (guint n, gsize size, gsize last, guint first)
{
  guint8 bytes[20 * SIZE];
  KitPacket packet = {.src_port = 4000,.payload = bytes,.time = GST_SECOND };

  for (guint i = 0; i < n; i++) {
    Payload rtp = make_rtp (SSRC, 96, first + i);

    memset (bytes + packet.size, 0x80, size);
    memcpy (bytes + packet.size, rtp.data, 12);
    packet.size += i == n - 1 ? last : size;
  }
  return kit_make (&packet);
}

static void
check_packets (KitPad * pad, guint n, gsize size, gsize last, guint start)
{
  fail_unless_equals_int (kit_pad_count_buffers (pad), n);
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = kit_pad_get_buffer (pad, i);
    gsize expected = i == n - 1 ? last : size;
    GstMapInfo map;

    gst_buffer_map (buffer, &map, GST_MAP_READ);
    fail_unless_equals_int (map.size, expected);
    fail_unless_equals_int (GST_READ_UINT16_BE (map.data + 2), start + i);
    gst_buffer_unmap (buffer, &map);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), GST_SECOND);
    fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->wire_length,
        expected);
    fail_unless_equals_uint64 (gst_buffer_get_packet_meta
        (buffer)->capture_time, KIT_START + GST_SECOND);
  }
}

/* The size is found, or it is known; the last one can be shorter. The memory is one. */
GST_START_TEST (test_split)
{
  gboolean known = __i__ == 1;
  KitRun *run = kit_run_new (known ? "packetdepay segment-size=200" :
      "packetdepay segment-size=0");
  GstBuffer *many = make_many (9, SIZE, 70, 65530), *two;
  GstMemory *memory = gst_buffer_peek_memory (many, 0);

  kit_run_push (run, many);
  fail_unless_equals_int (run->pads->len, 1);
  /* numbers go over their end */
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 9);
  for (guint i = 0; i < 9; i++)
    fail_unless (gst_buffer_peek_memory (kit_pad_get_buffer (kit_run_get_pad
                (run, 0), i), 0)->parent == memory);
  kit_pad_forget (kit_run_get_pad (run, 0));
  two = make_many (2, SIZE, SIZE, 7);
  kit_run_push (run, two);
  check_packets (kit_run_get_pad (run, 0), 2, SIZE, SIZE, 7);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "split"), 2);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "segments"), 11);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "forwarded"), 2);
  kit_run_free (run);
}
GST_END_TEST

/* One packet, one without a number that goes on, and what is no RTP stay as they are;
 * so does all where nobody has asked, and what is no datagram. */
GST_START_TEST (test_stays)
{
  static const gchar *const lines[] = { "packetdepay segment-size=0",
    "packetdepay", "packetdepay segment-size=100 layer=transport",
    "packetdepay segment-size=100 protocol=any"
  };
  KitRun *run = kit_run_new (lines[__i__]);
  KitPacket other = {.src_port = 4000,.size = 300 };
  guint8 twice[2 * SIZE];
  KitPacket repeated = {.src_port = 4000,.payload = twice,.size =
        sizeof (twice)
  };
  Payload rtp = make_rtp (SSRC, 96, 5);

  memset (twice, 0x80, sizeof (twice));
  memcpy (twice, rtp.data, 12);
  memcpy (twice + SIZE, rtp.data, 12);
  kit_run_push (run, make_many (1, SIZE, SIZE, 5));
  kit_run_push (run, kit_make (&other));
  kit_run_push (run, kit_make (&repeated));
  fail_unless_equals_int (kit_pad_count_buffers (kit_run_get_pad (run, 0)), 3);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "split"), 0);
  kit_run_free (run);
}
GST_END_TEST

/* In a list, between others, in order; DISCONT is of the first. */
GST_START_TEST (test_list)
{
  KitRun *run = kit_run_new ("packetdepay segment-size=0");
  GstBufferList *list = gst_buffer_list_new ();
  GstBuffer *many = make_many (3, SIZE, 100, 2);
  KitPad *pad;

  GST_BUFFER_FLAG_SET (many, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_list_add (list, make_many (1, SIZE, SIZE, 1));
  gst_buffer_list_add (list, many);
  gst_buffer_list_add (list, make_many (1, SIZE, 50, 5));
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  pad = kit_run_get_pad (run, 0);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 5);
  fail_unless_equals_int (pad->lists->len, 1);
  for (guint i = 0; i < 5; i++) {
    GstBuffer *buffer = kit_pad_get_buffer (pad, i);
    guint8 number[2];

    gst_buffer_extract (buffer, 2, number, 2);
    fail_unless_equals_int (GST_READ_UINT16_BE (number), 1 + i);
    if (i > 0)
      fail_unless_equals_int (GST_BUFFER_FLAG_IS_SET (buffer,
              GST_BUFFER_FLAG_DISCONT), i == 1);
  }
  kit_run_free (run);
}
GST_END_TEST

static Suite *
packetsegments_suite (void)
{
  Suite *suite = suite_create ("packetsegments");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_split, 0, 2);
  tcase_add_loop_test (tc, test_stays, 0, 4);
  tcase_add_test (tc, test_list);
  return suite;
}

GST_CHECK_MAIN (packetsegments)
