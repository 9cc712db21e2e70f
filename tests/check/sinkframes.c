/* Frames for a wire: headers that are changed and made, checksums and segments that are
 * asked of the kernel, and when packets are due.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>
#include <sink/sinkframe.h>
#include <sink/sinkoffload.h>
#include <sink/sinkpacing.h>
#include <string.h>

#define ETHERNET 1
#define RAW 101
#define SLL 113
#define SLL2 276
#define MTU 1500

static const guint8 new_dst[] = { 2, 0, 0, 0, 1, 1 };
static const guint8 new_src[] = { 2, 0, 0, 0, 1, 2 };
static const guint8 own[] = { 2, 0, 0, 0, 1, 3 };

/* Up to the IP header, and of that what finds a transport header. */
#define PACKET(...) (const guint8[]) { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, \
    __VA_ARGS__ }

static gsize
get_bytes (const SinkFrame * frame, guint8 * bytes)
{
  memcpy (bytes, frame->head, frame->head_length);
  memcpy (bytes + frame->head_length, frame->rest, frame->rest_length);
  return sink_frame_get_length (frame);
}

static void
expect_frame (const SinkFraming * framing, const guint8 * data, gsize size,
    const guint8 * expected, gsize expected_size)
{
  SinkFrame frame;
  guint8 bytes[256];

  fail_unless (sink_framing_check (framing) == NULL);
  fail_unless_equals_int (sink_framing_make (framing, data, size, &frame),
      SINK_FRAME_MADE);
  fail_unless_equals_int (get_bytes (&frame, bytes), expected_size);
  fail_unless (memcmp (bytes, expected, expected_size) == 0);
}

GST_START_TEST (test_mac)
{
  const gchar *const wrong[] = { "", "1", "02:00:00:00:00", "02:00:00:00:00:0g",
    "02:00:00:00:00:01:", "02:00:00:00:00:01 ", "02-00-00-00-00-01",
    "02:00:00:00:00:001"
  };
  guint8 mac[SINK_MAC_LENGTH];

  fail_unless (sink_framing_parse_mac ("02:00:00:00:01:01", mac));
  fail_unless (memcmp (mac, new_dst, sizeof (mac)) == 0);
  fail_unless (sink_framing_parse_mac ("FF:ab:0:1:2:3", mac));
  fail_unless (memcmp (mac, "\xff\xab\x00\x01\x02\x03", sizeof (mac)) == 0);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    fail_unless (!sink_framing_parse_mac (wrong[i], mac), "%s", wrong[i]);
}
GST_END_TEST

/* Nothing to change: the packet's own bytes, where they are. */
GST_START_TEST (test_as_it_is)
{
  SinkFraming framing = { ETHERNET, TRUE, .vlan = SINK_VLAN_AS_IS };
  const guint8 *packet = PACKET (0x08, 0x00, 0x45, 0x00);
  SinkFrame frame;

  fail_unless_equals_int (sink_framing_make (&framing, packet, 16, &frame),
      SINK_FRAME_MADE);
  fail_unless_equals_int (frame.head_length, 0);
  fail_unless (frame.rest == packet);
  fail_unless_equals_int (frame.rest_length, 16);
  fail_unless_equals_int (sink_framing_make (&framing, packet, 14, &frame),
      SINK_FRAME_MADE);
  fail_unless_equals_int (sink_framing_make (&framing, packet, 13, &frame),
      SINK_FRAME_SHORT);
  fail_unless_equals_int (sink_framing_make (&framing, packet, 0, &frame),
      SINK_FRAME_SHORT);
}
GST_END_TEST

GST_START_TEST (test_addresses)
{
  SinkFraming framing = { ETHERNET, TRUE, .vlan = SINK_VLAN_AS_IS };
  guint8 expected[16];

  memcpy (expected, PACKET (0x08, 0x00, 0x45, 0x01), 16);
  memcpy (framing.dst, new_dst, 6);
  memcpy (framing.src, new_src, 6);
  framing.has_dst = TRUE;
  memcpy (expected, new_dst, 6);
  expect_frame (&framing, PACKET (0x08, 0x00, 0x45, 0x01), 16, expected, 16);
  framing.has_src = TRUE;
  memcpy (expected + 6, new_src, 6);
  expect_frame (&framing, PACKET (0x08, 0x00, 0x45, 0x01), 16, expected, 16);
}
GST_END_TEST

/* Added, replaced with its priority kept, taken off; the outermost of two. */
GST_START_TEST (test_vlan)
{
  SinkFraming framing = { ETHERNET, TRUE, .vlan = 7 };

  expect_frame (&framing, PACKET (0x08, 0x00, 0x45, 0x01), 16,
      PACKET (0x81, 0x00, 0x00, 0x07, 0x08, 0x00, 0x45, 0x01), 20);
  expect_frame (&framing, PACKET (0x81, 0x00, 0xe1, 0x23, 0x08, 0x00, 0x45), 19,
      PACKET (0x81, 0x00, 0xe0, 0x07, 0x08, 0x00, 0x45), 19);
  expect_frame (&framing, PACKET (0x88, 0xa8, 0x00, 0x01, 0x81, 0x00, 0x00,
          0x02, 0x08, 0x00), 22, PACKET (0x88, 0xa8, 0x00, 0x07, 0x81, 0x00,
          0x00, 0x02, 0x08, 0x00), 22);
  framing.vlan = SINK_VLAN_NONE;
  expect_frame (&framing, PACKET (0x08, 0x00, 0x45, 0x01), 16,
      PACKET (0x08, 0x00, 0x45, 0x01), 16);
  expect_frame (&framing, PACKET (0x81, 0x00, 0xe1, 0x23, 0x08, 0x00, 0x45), 19,
      PACKET (0x08, 0x00, 0x45), 15);
  expect_frame (&framing, PACKET (0x88, 0xa8, 0x00, 0x01, 0x81, 0x00, 0x00,
          0x02, 0x08, 0x00), 22, PACKET (0x81, 0x00, 0x00, 0x02, 0x08, 0x00), 18);
}
GST_END_TEST

/* It ends in the tag. */
GST_START_TEST (test_cut_tag)
{
  SinkFraming framing = { ETHERNET, TRUE, .vlan = __i__ };
  SinkFrame frame;

  fail_unless_equals_int (sink_framing_make (&framing, PACKET (0x81, 0x00, 0x00,
              0x01, 0x08), 17, &frame), SINK_FRAME_SHORT);
}
GST_END_TEST

/* Headers that are made: the destination has to be said, the source is what is known. */
GST_START_TEST (test_other_link_types)
{
  SinkFraming framing = { SLL, TRUE, .vlan = SINK_VLAN_AS_IS };
  guint8 sll[] = { 0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9, 0, 0, 0x08, 0x00, 0x45 };
  guint8 sll2[] = { 0x08, 0x00, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 9,
    0, 0, 0x45
  };
  guint8 expected[15] = { 2, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0, 9, 0x08, 0, 0x45 };
  SinkFrame frame;

  fail_unless (strstr (sink_framing_check (&framing), "dst-mac") != NULL);
  framing.has_dst = TRUE;
  memcpy (framing.dst, new_dst, 6);
  memcpy (framing.own, own, 6);
  expect_frame (&framing, sll, sizeof (sll), expected, 15);
  framing.link_type = SLL2;
  expect_frame (&framing, sll2, sizeof (sll2), expected, 15);
  /* an address that is none of Ethernet */
  sll2[11] = 0;
  memcpy (expected + 6, own, 6);
  expect_frame (&framing, sll2, sizeof (sll2), expected, 15);
  framing.has_src = TRUE;
  memcpy (framing.src, new_src, 6);
  memcpy (expected + 6, new_src, 6);
  expect_frame (&framing, sll2, sizeof (sll2), expected, 15);
  framing.link_type = RAW;
  expect_frame (&framing, sll2 + 20, 1, expected, 15);

  fail_unless_equals_int (sink_framing_make (&framing, sll, 1, &frame),
      SINK_FRAME_IMPOSSIBLE);
  framing.link_type = SLL2;
  fail_unless_equals_int (sink_framing_make (&framing, sll2, 19, &frame),
      SINK_FRAME_SHORT);
  sll2[8] = 824 >> 8;
  sll2[9] = 824 & 0xff;         /* netlink */
  fail_unless_equals_int (sink_framing_make (&framing, sll2, sizeof (sll2),
          &frame), SINK_FRAME_IMPOSSIBLE);
  framing.link_type = 105;
  fail_unless (sink_framing_check (&framing) != NULL);
}
GST_END_TEST

GST_START_TEST (test_bare_ip)
{
  SinkFraming framing = { RAW, FALSE, .vlan = SINK_VLAN_AS_IS };

  fail_unless (sink_framing_check (&framing) == NULL);
  expect_frame (&framing, (const guint8[]) { 0x45, 1 }, 2, (const guint8[]) {
        0x45, 1}, 2);
  framing.has_dst = TRUE;
  fail_unless (sink_framing_check (&framing) != NULL);
  framing.has_dst = FALSE;
  framing.link_type = ETHERNET;
  fail_unless (sink_framing_check (&framing) != NULL);
}
GST_END_TEST

/* TCP or UDP in IPv4, @size bytes in all; what stands in its checksum is the sum of the
 * pseudo-header, plus @more. Returns where that is. */
static gsize
make_packet (guint8 * data, gsize size, guint8 protocol, guint16 more)
{
  gsize at = 34 + (protocol == 6 ? 16 : 6);

  memset (data, 0x11, size);
  memcpy (data, PACKET (0x08, 0x00, 0x45, 0), 16);
  GST_WRITE_UINT16_BE (data + 16, size - 14);
  memset (data + 18, 0, 4);
  data[22] = 64;
  data[23] = protocol;
  memcpy (data + 26, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
  if (protocol == 6)
    data[46] = 0x50;
  else
    GST_WRITE_UINT16_BE (data + 38, size - 34);
  GST_WRITE_UINT16_BE (data + at, 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + protocol
      + (size - 34) + more);
  return at;
}

static SinkOffloadResult
prepare (guint8 * data, gsize size, gsize wire_length, gboolean not_ready,
    gint vlan, SinkFrame * frame)
{
  SinkFraming framing = { ETHERNET, TRUE, .vlan = vlan };
  SinkOffload offload = { ETHERNET, TRUE, MTU, TRUE, TRUE };

  fail_unless_equals_int (sink_framing_make (&framing, data, size, frame),
      SINK_FRAME_MADE);
  return sink_offload_prepare (&offload, data, size, wire_length, not_ready,
      frame);
}

static const guint8 protocols[] = { 6, 17 };

/* Left to a device, as the capture says or as it looks; behind a tag that was added too. */
GST_START_TEST (test_checksum)
{
  guint8 data[100], protocol = protocols[__i__];
  gsize at = make_packet (data, 100, protocol, 0);
  SinkFrame frame;

  fail_unless_equals_int (prepare (data, 100, 100, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_CHECKSUM);
  fail_unless_equals_int (frame.vnet.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
  fail_unless_equals_int (frame.vnet.csum_start, 34);
  fail_unless_equals_int (frame.vnet.csum_offset, at - 34);
  fail_unless_equals_int (frame.head_length, 0);
  fail_unless_equals_int (prepare (data, 100, 100, FALSE, 7, &frame),
      SINK_OFFLOAD_CHECKSUM);
  fail_unless_equals_int (frame.vnet.csum_start, 38);

  /* another one stands there: the packet's own affair, but for what is not ready */
  make_packet (data, 100, protocol, 1);
  fail_unless_equals_int (prepare (data, 100, 100, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_NOTHING);
  fail_unless_equals_int (frame.vnet.flags, 0);
  fail_unless_equals_int (prepare (data, 100, 100, TRUE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_CHECKSUM);
  make_packet (data, 100, protocol, 0);
  fail_unless (memcmp (frame.head, data, frame.head_length) == 0);
  fail_unless (frame.head_length == at + 2);
}
GST_END_TEST

/* Of what is not there there is no sum. */
GST_START_TEST (test_no_checksum)
{
  guint8 data[100], protocol = protocols[__i__];
  SinkOffload as_is = { ETHERNET, TRUE, MTU, FALSE, TRUE };
  SinkFrame frame;

  make_packet (data, 100, protocol, 0);
  fail_unless_equals_int (prepare (data, 90, 100, TRUE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_NOTHING);       /* cut */
  data[20] = 0x20;              /* a fragment */
  fail_unless_equals_int (prepare (data, 100, 100, TRUE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_NOTHING);
  data[20] = 0;
  fail_unless_equals_int (sink_offload_prepare (&as_is, data, 100, 100, TRUE,
          &frame), SINK_OFFLOAD_NOTHING);
}
GST_END_TEST

/* Padding of the link is summed up by the kernel: zeroes stay, other bytes go. */
GST_START_TEST (test_padding)
{
  guint8 data[100];
  SinkFrame frame;

  make_packet (data, 60, 17, 0);
  memset (data + 60, 0, 4);
  fail_unless_equals_int (prepare (data, 64, 64, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_CHECKSUM);
  fail_unless_equals_int (sink_frame_get_length (&frame), 64);
  data[63] = 1;
  fail_unless_equals_int (prepare (data, 64, 64, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_CHECKSUM);
  fail_unless_equals_int (sink_frame_get_length (&frame), 60);
}
GST_END_TEST

GST_START_TEST (test_segments)
{
  guint8 data[4000], protocol = protocols[__i__];
  SinkFrame frame;

  make_packet (data, 1514, protocol, 1);
  fail_unless_equals_int (prepare (data, 1514, 1514, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_NOTHING);
  /* an 802.1Q tag is no part of the MTU */
  fail_unless_equals_int (prepare (data, 1514, 1514, FALSE, 7, &frame),
      SINK_OFFLOAD_NOTHING);
  make_packet (data, 1515, protocol, 1);
  fail_unless_equals_int (prepare (data, 1515, 1515, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_SEGMENTS);

  make_packet (data, 4000, protocol, 1);
  fail_unless_equals_int (prepare (data, 4000, 4000, FALSE, 7, &frame),
      SINK_OFFLOAD_SEGMENTS);
  fail_unless_equals_int (frame.vnet.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
  fail_unless_equals_int (frame.vnet.gso_type, protocol == 6 ?
      VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_UDP);
  fail_unless_equals_int (frame.vnet.gso_size, protocol == 6 ? 1460 : 1480);
  fail_unless_equals_int (frame.vnet.hdr_len, protocol == 6 ? 58 : 46);
  fail_unless_equals_int (frame.vnet.csum_start, 38);

  /* what cannot be cut */
  fail_unless_equals_int (prepare (data, 4000, 4001, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_SEGMENTS);
  fail_unless_equals_int (prepare (data, 3999, 4000, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_TOO_BIG);
  data[20] = 0x20;
  fail_unless_equals_int (prepare (data, 4000, 4000, FALSE, SINK_VLAN_AS_IS,
          &frame), SINK_OFFLOAD_TOO_BIG);
}
GST_END_TEST

/* When packets are due, by a clock that the test turns. */
GST_START_TEST (test_due)
{
  GstElement *sink = gst_check_setup_element ("fakesink");
  GstClock *clock = gst_test_clock_new_with_start_time (100);
  GstTestClock *test_clock = GST_TEST_CLOCK (clock);
  SinkPacing pacing;

  g_object_set (sink, "sync", TRUE, "ts-offset", (gint64) - 5, "max-lateness",
      (gint64) 20, NULL);
  gst_element_set_clock (sink, clock);
  gst_element_set_base_time (sink, 90);
  sink_pacing_begin (&pacing, GST_BASE_SINK (sink), 0, 10);
  fail_unless_equals_uint64 (sink_pacing_get_due (&pacing, 30), 115);
  fail_unless (sink_pacing_get_due (&pacing, GST_CLOCK_TIME_NONE) ==
      GST_CLOCK_TIME_NONE);
  fail_unless (sink_pacing_is_due (&pacing, GST_CLOCK_TIME_NONE, FALSE));
  fail_unless (sink_pacing_is_due (&pacing, 100, FALSE));
  fail_unless (!sink_pacing_is_due (&pacing, 101, FALSE));
  fail_unless (sink_pacing_is_due (&pacing, 110, TRUE));
  fail_unless (!sink_pacing_is_due (&pacing, 111, TRUE));
  gst_test_clock_advance_time (test_clock, 30);
  fail_unless (sink_pacing_is_due (&pacing, 130, FALSE));
  fail_unless_equals_uint64 (sink_pacing_get_lateness (&pacing, 110), 20);
  fail_unless_equals_uint64 (sink_pacing_get_lateness (&pacing, 140), 0);
  fail_unless (!sink_pacing_is_late (&pacing, 110));
  fail_unless (sink_pacing_is_late (&pacing, 109));
  sink_pacing_end (&pacing);

  /* without a time for them they leave as they come */
  g_object_set (sink, "sync", FALSE, NULL);
  sink_pacing_begin (&pacing, GST_BASE_SINK (sink), 0, 0);
  fail_unless (sink_pacing_get_due (&pacing, 30) == GST_CLOCK_TIME_NONE);
  fail_unless (!sink_pacing_is_late (&pacing, GST_CLOCK_TIME_NONE));
  sink_pacing_end (&pacing);
  gst_check_teardown_element (sink);
  gst_object_unref (clock);
}
GST_END_TEST

static Suite *
sinkframes_suite (void)
{
  Suite *suite = suite_create ("sinkframes");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_mac);
  tcase_add_test (tc, test_as_it_is);
  tcase_add_test (tc, test_addresses);
  tcase_add_test (tc, test_vlan);
  tcase_add_loop_test (tc, test_cut_tag, 0, 2);
  tcase_add_test (tc, test_other_link_types);
  tcase_add_test (tc, test_bare_ip);
  tcase_add_loop_test (tc, test_checksum, 0, 2);
  tcase_add_loop_test (tc, test_no_checksum, 0, 2);
  tcase_add_test (tc, test_padding);
  tcase_add_loop_test (tc, test_segments, 0, 2);
  tcase_add_test (tc, test_due);
  return suite;
}

GST_CHECK_MAIN (sinkframes)
