/* GstCapturePacket: what it holds and what it builds.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

GST_START_TEST (test_holds)
{
  guint8 bytes[64];
  GstCapturePacket *packet, *copy;
  const guint8 *data;
  gsize length;

  for (guint i = 0; i < sizeof (bytes); i++)
    bytes[i] = i;
  packet = gst_capture_packet_new (bytes, sizeof (bytes),
      GST_PACKET_TYPE_OUTGOING, 1500, 14);
  memset (bytes, 0, sizeof (bytes));
  copy = gst_capture_packet_copy (packet);
  gst_capture_packet_set (packet, bytes, 4, GST_PACKET_TYPE_HOST, 4,
      GST_CAPTURE_NO_IP_OFFSET);

  data = gst_capture_packet_get_payload (copy, &length);
  fail_unless_equals_int (length, 64);
  for (guint i = 0; i < 64; i++)
    fail_unless_equals_int (data[i], i);
  data = gst_capture_packet_get_ip_layer (copy, &length);
  fail_unless_equals_int (length, 50);
  fail_unless_equals_int (data[0], 14);
  fail_unless_equals_int (gst_capture_packet_get_total_length (copy), 1500);
  fail_unless_equals_int (gst_capture_packet_get_length (copy), 64);
  fail_unless_equals_int (gst_capture_packet_get_ip_offset (copy), 14);
  fail_if (gst_capture_packet_is_inbound (copy));

  fail_unless (gst_capture_packet_is_inbound (packet));
  fail_unless_equals_int (gst_capture_packet_get_length (packet), 4);
  fail_unless (gst_capture_packet_get_ip_layer (packet, &length) == NULL);
  fail_unless_equals_int (length, 0);

  gst_capture_packet_free (copy);
  gst_capture_packet_free (packet);
}
GST_END_TEST

GST_START_TEST (test_boxed)
{
  GValue value = G_VALUE_INIT;
  GstCapturePacket *packet =
      gst_capture_packet_new ((const guint8 *) "abc", 3, GST_PACKET_TYPE_HOST,
      3, 0);

  g_value_init (&value, GST_TYPE_CAPTURE_PACKET);
  g_value_take_boxed (&value, packet);
  packet = g_value_dup_boxed (&value);
  g_value_unset (&value);
  fail_unless_equals_int (gst_capture_packet_get_length (packet), 3);
  gst_capture_packet_free (packet);
}
GST_END_TEST

GST_START_TEST (test_build_ipv4)
{
  const guint8 extra[] = { 1, 2, 3 };
  g_autoptr (GError) error = NULL;
  GstCapturePacket *packet = gst_capture_packet_build ("10.1.2.3",
      "192.168.0.1", 53, 4711, 17, extra, sizeof (extra),
      GST_PACKET_TYPE_HOST, 0, &error);
  const guint8 *ip;
  guint32 sum = 0;
  gsize length;

  fail_unless (packet != NULL);
  ip = gst_capture_packet_get_ip_layer (packet, &length);
  fail_unless_equals_int (length, 20 + 4 + 3);
  fail_unless_equals_int (gst_capture_packet_get_total_length (packet), 41);
  fail_unless_equals_int (ip[0], 0x45);
  fail_unless_equals_int (GST_READ_UINT16_BE (ip + 2), 27);
  fail_unless_equals_int (ip[9], 17);
  fail_unless_equals_int (GST_READ_UINT32_BE (ip + 12), 0x0a010203);
  fail_unless_equals_int (GST_READ_UINT16_BE (ip + 20), 53);
  fail_unless_equals_int (GST_READ_UINT16_BE (ip + 22), 4711);
  fail_unless_equals_int (ip[26], 3);
  for (guint i = 0; i < 20; i += 2)
    sum += GST_READ_UINT16_BE (ip + i);
  fail_unless_equals_int ((sum & 0xffff) + (sum >> 16), 0xffff);
  gst_capture_packet_free (packet);
}
GST_END_TEST

GST_START_TEST (test_build_ipv6)
{
  g_autoptr (GError) error = NULL;
  GstCapturePacket *packet = gst_capture_packet_build ("fe80::1", "ff02::2", 0,
      0, 58, NULL, 0, GST_PACKET_TYPE_MULTICAST, 100, &error);
  const guint8 *ip;
  gsize length;

  fail_unless (packet != NULL);
  ip = gst_capture_packet_get_ip_layer (packet, &length);
  fail_unless_equals_int (length, 40);
  fail_unless_equals_int (ip[0] >> 4, 6);
  fail_unless_equals_int (GST_READ_UINT16_BE (ip + 4), 100 - 14 - 40);
  fail_unless_equals_int (ip[6], 58);
  fail_unless_equals_int (ip[39], 2);
  gst_capture_packet_free (packet);
}
GST_END_TEST

GST_START_TEST (test_build_refuses)
{
  g_autoptr (GError) error = NULL;

  fail_unless (gst_capture_packet_build ("10.0.0.1", "fe80::1", 1, 1, 17, NULL,
          0, GST_PACKET_TYPE_HOST, 0, &error) == NULL);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_FAILED));
  g_clear_error (&error);
  fail_unless (gst_capture_packet_build ("nonsense", "10.0.0.1", 1, 1, 17,
          NULL, 0, GST_PACKET_TYPE_HOST, 0, &error) == NULL);
  fail_unless (error != NULL);
}
GST_END_TEST

static Suite *
capturepacket_suite (void)
{
  Suite *suite = suite_create ("capturepacket");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_holds);
  tcase_add_test (tc, test_boxed);
  tcase_add_test (tc, test_build_ipv4);
  tcase_add_test (tc, test_build_ipv6);
  tcase_add_test (tc, test_build_refuses);
  return suite;
}

GST_CHECK_MAIN (capturepacket)
