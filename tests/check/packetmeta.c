/* GstPacketMeta: what happens to it when buffers are copied and cut.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/check/gstcheck.h>

static GstBuffer *
make_buffer (void)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 100, NULL);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  meta->capture_time = 1234567890123456789;
  meta->wire_length = 1514;
  meta->interface_id = 7;
  meta->packet_type = GST_PACKET_TYPE_MULTICAST;
  meta->network_offset = 18;
  meta->vlan_tci = 0x6123;
  meta->vlan_tpid = 0x88a8;
  meta->rx_hash = 0xdeadbeef;
  meta->flags = GST_PACKET_FLAG_VLAN | GST_PACKET_FLAG_GSO;
  return buffer;
}

static void
check_meta (GstBuffer * buffer, guint8 network_offset)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  fail_unless (meta != NULL);
  fail_unless_equals_uint64 (meta->capture_time, 1234567890123456789);
  fail_unless_equals_int (meta->wire_length, 1514);
  fail_unless_equals_int (meta->interface_id, 7);
  fail_unless_equals_int (meta->packet_type, GST_PACKET_TYPE_MULTICAST);
  fail_unless_equals_int (meta->network_offset, network_offset);
  fail_unless_equals_int (meta->vlan_tci, 0x6123);
  fail_unless_equals_int (meta->vlan_tpid, 0x88a8);
  fail_unless (meta->rx_hash == 0xdeadbeef);
  fail_unless_equals_int (meta->flags,
      GST_PACKET_FLAG_VLAN | GST_PACKET_FLAG_GSO);
}

GST_START_TEST (test_defaults)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstPacketMeta *meta;

  fail_unless (gst_buffer_get_packet_meta (buffer) == NULL);
  meta = gst_buffer_add_packet_meta (buffer);
  fail_unless (gst_buffer_get_packet_meta (buffer) == meta);
  fail_unless (meta->capture_time == GST_CLOCK_TIME_NONE);
  fail_unless_equals_int (meta->packet_type, GST_PACKET_TYPE_UNKNOWN);
  fail_unless_equals_int (meta->network_offset, 255);
  fail_unless_equals_int (meta->flags, GST_PACKET_FLAG_NONE);
  gst_buffer_unref (buffer);
}
GST_END_TEST

GST_START_TEST (test_copies)
{
  GstBuffer *buffer = make_buffer ();
  GstBuffer *copy = gst_buffer_copy (buffer);
  GstBuffer *deep = gst_buffer_copy_deep (buffer);

  check_meta (copy, 18);
  check_meta (deep, 18);
  gst_buffer_unref (copy);
  gst_buffer_unref (deep);
  gst_buffer_unref (buffer);
}
GST_END_TEST

static void
check_region (gsize offset, gsize size, guint8 expected)
{
  GstBuffer *buffer = make_buffer ();
  GstBuffer *part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL,
      offset, size);

  check_meta (part, expected);
  check_meta (buffer, 18);
  gst_buffer_unref (part);
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_regions)
{
  check_region (0, 50, 18);     /* the start is kept */
  check_region (14, 50, 4);
  check_region (18, 50, 0);     /* from the IP header on */
  check_region (19, 50, 255);   /* the IP header is cut off */
}
GST_END_TEST

GST_START_TEST (test_copy_onto_existing)
{
  GstBuffer *from = make_buffer (), *to = gst_buffer_new_allocate (NULL, 100,
      NULL);

  gst_buffer_add_packet_meta (to);
  gst_buffer_copy_into (to, from, GST_BUFFER_COPY_META, 0, -1);
  check_meta (to, 18);
  fail_unless_equals_int (gst_buffer_get_n_meta (to, GST_PACKET_META_API_TYPE),
      1);
  gst_buffer_unref (from);
  gst_buffer_unref (to);
}
GST_END_TEST

static Suite *
packetmeta_suite (void)
{
  Suite *suite = suite_create ("packetmeta");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_defaults);
  tcase_add_test (tc, test_copies);
  tcase_add_test (tc, test_regions);
  tcase_add_test (tc, test_copy_onto_existing);
  return suite;
}

GST_CHECK_MAIN (packetmeta)
