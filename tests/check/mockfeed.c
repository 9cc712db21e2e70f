/* A mock source with numbered packets, and all the ways to ask it for one.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockfeed.h"

#define BLOCK_SIZE 65536
/* One may be closed each time that its time is up, with nobody reading. */
#define BLOCK_COUNT 64

GstCapturePacket *
mock_feed_make_packet (guint number)
{
  guint8 extra[64] = { 0, };

  GST_WRITE_UINT32_BE (extra, number);
  return gst_capture_packet_build ("10.0.0.1", "10.0.0.2", 1, 2, 17, extra,
      4 + number % 60, number % 5, 200 + number, NULL);
}

void
mock_feed_init (MockFeed * self)
{
  g_autoptr (GError) error = NULL;

  self->mock = gst_afring_mock_source_new ("mock", &error, "block-size",
      BLOCK_SIZE, "block-count", BLOCK_COUNT, NULL);
  fail_unless (self->mock != NULL, "%s", error ? error->message : "");
  self->source = GST_CAPTURE_SOURCE (self->mock);
}

void
mock_feed_clear (MockFeed * self)
{
  gst_capture_source_close (self->source, NULL);
  g_object_unref (self->mock);
}

void
mock_feed_add (MockFeed * self, guint number, guint n)
{
  for (guint i = number; i < number + n; i++) {
    g_autoptr (GstCapturePacket) packet = mock_feed_make_packet (i);

    fail_unless (gst_afring_mock_source_add_packet (self->mock, packet, NULL));
  }
}

void
mock_feed_start (MockFeed * self)
{
  g_autoptr (GError) error = NULL;

  fail_unless (gst_afring_mock_source_run (self->mock, &error), "%s",
      error ? error->message : "");
}

void
mock_feed_check_view (const GstCaptureView * view, guint number)
{
  g_autoptr (GstCapturePacket) packet = mock_feed_make_packet (number);
  gsize length;
  const guint8 *payload = gst_capture_packet_get_payload (packet, &length);

  fail_unless_equals_int (view->length, length);
  fail_unless (memcmp (view->payload, payload, length) == 0, "packet %u",
      number);
  fail_unless_equals_int (view->total_length, 200 + number);
  fail_unless_equals_int (view->type, number % 5);
  fail_unless_equals_int (view->ip_offset, 14);
  fail_unless_equals_int (view->flags & GST_PACKET_FLAG_VLAN, 0);
}

static gboolean
take_packet (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  return TRUE;
}

/* All the ways to ask for a packet. */
gboolean
mock_feed_ask (GstCaptureSource * source, guint way, GError ** error)
{
  GstCaptureSourceZeroCopy *zero_copy = GST_CAPTURE_SOURCE_ZERO_COPY (source);
  g_autoptr (GstCapturePacket) packet = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  GstCaptureView views[4];
  const guint8 *payload;
  gsize length;

  switch (way) {
    case 0:
      return gst_capture_source_next_packet (source, &packet, error);
    case 1:
      return gst_capture_source_next_payload (source, bytes, NULL, NULL,
          error);
    case 2:
      return gst_capture_source_next_ip_packet (source, bytes, NULL, NULL,
          error);
    case 3:
      return gst_capture_source_next_packet_fn (source, take_packet, NULL,
          error);
    case 4:
      return gst_capture_source_zero_copy_next_payload (zero_copy, &payload,
          &length, NULL, NULL, error);
    case 5:
      return gst_capture_source_zero_copy_next_ip_packet (zero_copy, &payload,
          &length, NULL, NULL, error);
    case 6:
      return gst_capture_source_next_view (source, views, error);
    default:
      return gst_capture_source_next_views (source, views, 1, error) == 1;
  }
}

void
mock_feed_check_totals (GstCaptureSource * source, guint64 received)
{
  GstCaptureTotals totals;

  memset (&totals, 0xff, sizeof (totals));
  gst_capture_source_get_totals (source, &totals);
  fail_unless_equals_uint64 (totals.packets_received, received);
  fail_unless_equals_uint64 (totals.packets_dropped, 0);
}
