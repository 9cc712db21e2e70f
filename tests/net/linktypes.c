/* Interfaces without a link header: raw IP from a tun device.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <fcntl.h>
#include <gst/afring/afring.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SIZE 100

static int tun;

static void
setup (void)
{
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI };

  strcpy (request.ifr_name, "tun7");
  tun = open ("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (tun >= 0) {
    fail_unless_equals_int (ioctl (tun, TUNSETIFF, &request), 0);
    net_run ("ip link set tun7 up");
  }
}

static void
teardown (void)
{
  if (tun >= 0)
    close (tun);
}

/* Gives @n packets to the device, as if they had come through the tunnel. */
static void
write_packets (guint n)
{
  guint8 frame[SIZE + 14];

  for (guint i = 0; i < n; i++) {
    net_make_frame (frame, sizeof (frame), NULL, 5004, i);
    fail_unless_equals_int (write (tun, frame + 14, SIZE), SIZE);
  }
}

static void
check_packet (const guint8 * data, gsize size, guint number)
{
  fail_unless_equals_int (size, SIZE);
  fail_unless_equals_int (data[0], 0x45);
  fail_unless_equals_int (GST_READ_UINT32_BE (data + 28), number);
}

GST_START_TEST (test_source)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  GstAfringSource *source;
  GstCaptureLink *link;

  if (tun < 0)
    return;
  source = gst_afring_source_new ("tun7", &error, "ip-only", TRUE, "filter",
      "udp port 5004", NULL);
  fail_unless (source != NULL, "%s", error ? error->message : "");
  link = gst_capture_source_get_link (GST_CAPTURE_SOURCE (source));
  fail_unless_equals_int (gst_capture_link_get_link_type (link), 101);
  fail_unless_equals_int (gst_capture_link_get_ip_offset (link), 0);
  write_packets (20);
  for (guint i = 0; i < 20; i++) {
    if (i % 2) {
      fail_unless (gst_capture_source_next_payload (GST_CAPTURE_SOURCE (source),
              bytes, NULL, NULL, NULL));
    } else {
      fail_unless (gst_capture_source_next_ip_packet (GST_CAPTURE_SOURCE
              (source), bytes, NULL, NULL, NULL));
    }
    check_packet (bytes->data, bytes->len, i);
  }
  g_object_unref (source);
}
GST_END_TEST

GST_START_TEST (test_element)
{
  NetCollector *collector;
  g_autoptr (GstCaps) caps = NULL;
  gint link_type;

  if (tun < 0)
    return;
  collector = net_collector_new ("interface=tun7 layer=network", TRUE);
  net_collector_play (collector);
  write_packets (20);
  net_collector_wait (collector, 20);
  caps = gst_pad_get_current_caps (collector->pad);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
      &link_type);
  fail_unless_equals_int (link_type, 101);
  for (guint i = 0; i < 20; i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    check_packet (map.data, map.size, i);
    gst_buffer_unmap (buffer, &map);
    fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->network_offset,
        0);
  }
  net_collector_end (collector);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
linktypes_suite (void)
{
  Suite *suite = suite_create ("linktypes");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_source);
  tcase_add_test (tc, test_element);
  return suite;
}

GST_CHECK_MAIN (linktypes)
