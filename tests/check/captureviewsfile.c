/* Packets of files where they lie, with all that the file says of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"
#include "mockfeed.h"

#include <gst/afring/pcap/gstpcapencoder.h>

#define N 100

static const GstCaptureInterface interfaces[] = {
  {.id = 0,.link_type = 1,.snaplen = 1000,.name = "eth7"},
  {.id = 1,.link_type = 101,.snaplen = 1000,.name = "tun7"},
};

/* Packet @i of a file: on Ethernet tagged or not, or raw IP. */
static void
describe (guint i, guint8 * bytes, GstPcapPacket * packet)
{
  gsize at = 0;

  memset (bytes, 0, 256);
  packet->interface_id = i % 3 == 2;
  packet->link_type = interfaces[packet->interface_id].link_type;
  if (packet->interface_id == 0) {
    at = 12;
    if (i % 3 == 1) {
      GST_WRITE_UINT16_BE (bytes + at, i % 2 ? 0x8100 : 0x88a8);
      GST_WRITE_UINT16_BE (bytes + at + 2, 0x2000 + i);
      at += 4;
    }
    GST_WRITE_UINT16_BE (bytes + at, 0x0800);
    at += 2;
  }
  bytes[at] = 0x45;
  bytes[at + 9] = 17;
  packet->time = 1700000000123456789 + i;
  packet->type = i % 2 ? GST_PACKET_TYPE_OUTGOING : GST_PACKET_TYPE_HOST;
  packet->data = bytes;
  packet->captured_length = 60 + i;
  packet->wire_length = 63 + i;
}

static gchar *
write_file (const gchar * folder, GstPcapFormat format)
{
  GstPcapEncoder *encoder = gst_pcap_encoder_new (format,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, "check");
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gchar *name = g_build_filename (folder, "file", NULL);

  gst_pcap_encoder_append_start (encoder, out);
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    gst_pcap_encoder_set_interface (encoder, &interfaces[i]);
  for (guint i = 0; i < N; i++) {
    GstPcapPacket packet;
    guint8 bytes[256];

    describe (i, bytes, &packet);
    fail_unless (gst_pcap_encoder_append_packet (encoder, out, &packet));
  }
  gst_pcap_encoder_free (encoder);
  fail_unless (g_file_set_contents (name, (const gchar *) out->data, out->len,
          NULL));
  return name;
}

static void
check_file_view (const GstCaptureView * view, guint number)
{
  GstPcapPacket packet;
  guint8 bytes[256];
  gboolean tagged = number % 3 == 1;

  describe (number, bytes, &packet);
  fail_unless_equals_uint64 (view->capture_time, packet.time);
  fail_unless_equals_int (view->interface_id, packet.interface_id);
  fail_unless_equals_int (view->type, packet.type);
  fail_unless_equals_int (view->length, packet.captured_length);
  fail_unless_equals_int (view->total_length, packet.wire_length);
  fail_unless (memcmp (view->payload, bytes, view->length) == 0);
  fail_unless_equals_int (view->ip_offset, packet.interface_id == 1 ? 0 :
      tagged ? 18 : 14);
  fail_unless_equals_int ((view->flags & GST_PACKET_FLAG_VLAN) != 0, tagged);
  if (tagged) {
    fail_unless_equals_int (view->vlan_tpid, number % 2 ? 0x8100 : 0x88a8);
    fail_unless_equals_int (view->vlan_tci, 0x2000 + number);
  }
}

/* One by one and many at a time, up to the end, where nobody waits. */
GST_START_TEST (test_file)
{
  gchar *folder = folder_new (FALSE);
  g_autofree gchar *name = write_file (folder, GST_PCAP_FORMAT_PCAPNG);
  g_autoptr (GError) error = NULL;
  GstPcapSource *file = gst_pcap_source_new (name, &error);
  GstCaptureSource *source = GST_CAPTURE_SOURCE (file);
  GstCaptureView views[7];
  guint number = 0;

  fail_unless (file != NULL, "%s", error ? error->message : "");
  gst_capture_source_set_timeout (source, __i__ == 0 ? -1 : 0);
  while (number < N) {
    guint n;

    if (number % 2 == 0) {
      fail_unless (gst_capture_source_next_view (source, views, &error), "%s",
          error ? error->message : "");
      n = 1;
    } else {
      n = gst_capture_source_next_views (source, views, G_N_ELEMENTS (views),
          &error);
      fail_unless (n > 0, "%s", error ? error->message : "");
    }
    for (guint i = 0; i < n; i++)
      check_file_view (&views[i], number + i);
    number += n;
  }
  fail_unless_equals_int (number, N);
  for (guint i = 0; i < 2; i++) {
    fail_unless_equals_int (gst_capture_source_next_views (source, views,
            G_N_ELEMENTS (views), &error), 0);
    fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
            GST_CAPTURE_ERROR_END_OF_FILE));
    g_clear_error (&error);
  }
  mock_feed_check_totals (source, N);
  gst_capture_source_close (source, NULL);
  mock_feed_check_totals (source, N);
  g_object_unref (file);
  folder_remove (folder);
}
GST_END_TEST

GST_START_TEST (test_file_packets)
{
  gchar *folder = folder_new (FALSE);
  g_autofree gchar *name = write_file (folder, GST_PCAP_FORMAT_PCAPNG);
  GstPcapSource *file = gst_pcap_source_new (name, NULL);
  g_autoptr (GstCapturePacket) packet = NULL;

  for (guint i = 0; i < N; i++) {
    GstPcapPacket expected;
    guint8 bytes[256];
    guint16 tci = 0, tpid = 0;

    describe (i, bytes, &expected);
    fail_unless (gst_capture_source_next_packet (GST_CAPTURE_SOURCE (file),
            &packet, NULL));
    fail_unless_equals_uint64 (gst_capture_packet_get_capture_time (packet),
        expected.time);
    fail_unless_equals_int (gst_capture_packet_get_interface_id (packet),
        expected.interface_id);
    /* of one before there is nothing left in it */
    fail_unless_equals_int (gst_capture_packet_get_vlan (packet, &tci, &tpid),
        i % 3 == 1);
    fail_unless_equals_int ((gst_capture_packet_get_flags (packet) &
            GST_PACKET_FLAG_VLAN) != 0, i % 3 == 1);
    if (i % 3 == 1) {
      fail_unless_equals_int (tci, 0x2000 + i);
      fail_unless_equals_int (tpid, i % 2 ? 0x8100 : 0x88a8);
    }
  }
  g_object_unref (file);
  folder_remove (folder);
}
GST_END_TEST

static Suite *
captureviewsfile_suite (void)
{
  Suite *suite = suite_create ("captureviewsfile");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_file, 0, 2);
  tcase_add_test (tc, test_file_packets);
  return suite;
}

GST_CHECK_MAIN (captureviewsfile)
