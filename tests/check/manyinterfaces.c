/* Captures that describe very many interfaces: what is done for each is little, and does
 * not grow with how many there are. Work is counted here, not time.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturefeed.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapencoder.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#define MANY 20000
#define MOST_KEPT 64

static guint
count_sticky (GstPad * pad)
{
  guint n = 0;

  while (TRUE) {
    GstEvent *event = gst_pad_get_sticky_event (pad,
        GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, n);

    if (event == NULL)
      return n;
    gst_event_unref (event);
    n++;
  }
}

/* All are told of, in order, and a pad keeps a few. */
GST_START_TEST (test_events)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  CaptureFeed *feed = capture_feed_new ("pcapdec");
  guint n = 0;

  capture_put_section (bytes);
  for (guint i = 0; i < MANY; i++) {
    capture_put_interface (bytes, 1);
    if (__i__)                  /* and not all in front */
      capture_put_packet (bytes, i, CAPTURE_START, i);
  }
  if (!__i__)
    capture_put_packet (bytes, MANY - 1, CAPTURE_START, 0);
  capture_feed_begin_segment (feed, 0);
  capture_feed_push_all (feed, bytes, 100000);
  capture_feed_check_no_more (feed);
  fail_unless_equals_int (count_sticky (feed->watch->pad), MOST_KEPT);
  for (guint i = 0; i < feed->watch->events->len; i++) {
    GstEvent *event = g_ptr_array_index (feed->watch->events, i);
    GstCaptureInterface iface;

    if (gst_event_parse_capture_interface (event, &iface)) {
      fail_unless_equals_int (iface.id, n);
      n++;
    }
  }
  fail_unless_equals_int (n, MANY);
  capture_feed_free (feed);
}
GST_END_TEST

static GstPcapEncoder *
make_encoder (void)
{
  return gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, "test");
}

static GstPcapPacket
make_packet (guint32 id)
{
  static const guint8 data[4];
  GstPcapPacket packet = {.interface_id = id,.link_type = 1,.data = data,
    .captured_length = sizeof (data),.wire_length = sizeof (data)
  };

  return packet;
}

static guint
count_blocks (GByteArray * bytes, guint32 type)
{
  guint n = 0;

  for (gsize at = 0; at < bytes->len;) {
    guint32 words[2];

    memcpy (words, bytes->data + at, sizeof (words));
    n += words[0] == type;
    at += words[1];
  }
  return n;
}

/* Described, used, described otherwise, counted: a look or two for each of these. */
GST_START_TEST (test_encoder)
{
  GstPcapEncoder *encoder = make_encoder ();
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  GstPcapInterfaces *interfaces = gst_pcap_encoder_get_interfaces (encoder);

  gst_pcap_encoder_append_start (encoder, bytes);
  for (guint round = 0; round < 2; round++) {
    for (guint32 i = 0; i < MANY; i++) {
      GstCaptureInterface iface = {.id = i,.link_type = 1,.snaplen = round };
      GstCaptureStatistics statistics = {.id = i,.packets_received = 1 };
      GstPcapPacket packet = make_packet (i);

      gst_pcap_encoder_set_interface (encoder, &iface);
      gst_pcap_encoder_set_statistics (encoder, &statistics);
      gst_pcap_encoder_append_packet (encoder, bytes, &packet);
    }
  }
  gst_pcap_encoder_append_end (encoder, bytes, 1);
  /* set, retired, found by a packet; and what lies in the same place of a table */
  fail_unless (gst_pcap_interfaces_get_looks (interfaces) < 2 * MANY * 10,
      "%" G_GUINT64_FORMAT, gst_pcap_interfaces_get_looks (interfaces));
  fail_unless_equals_int (count_blocks (bytes, 1), 2 * MANY);
  fail_unless_equals_int (count_blocks (bytes, 6), 2 * MANY);
  fail_unless_equals_int (count_blocks (bytes, 5), 2 * MANY);
  gst_pcap_encoder_free (encoder);
}
GST_END_TEST

/* The first file has all, each of the others a few and those that it needs. */
GST_START_TEST (test_rotated)
{
  GstPcapEncoder *encoder = make_encoder ();

  for (guint32 i = 0; i < MANY; i++) {
    GstCaptureInterface iface = {.id = i,.link_type = 1 };

    gst_pcap_encoder_set_interface (encoder, &iface);
  }
  for (guint file = 0; file < 5; file++) {
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    GstPcapPacket packet = make_packet (MANY - 1 - file);
    gsize most;

    gst_pcap_encoder_append_start (encoder, bytes);
    fail_unless_equals_int (count_blocks (bytes, 1), GST_PCAP_MOST_AT_START);
    gst_pcap_encoder_append_packet (encoder, bytes, &packet);
    most = bytes->len + gst_pcap_encoder_get_end_size (encoder);
    gst_pcap_encoder_append_end (encoder, bytes, 1);
    fail_unless (bytes->len <= most);
    fail_unless_equals_int (count_blocks (bytes, 1), file == 0 ? MANY :
        GST_PCAP_MOST_AT_START + 1);
    gst_pcap_encoder_restart (encoder);
  }
  gst_pcap_encoder_free (encoder);
}
GST_END_TEST

/* What is not UTF-8 is no string for GStreamer. */
GST_START_TEST (test_not_utf8)
{
  const GstCaptureInterface iface = {.id = 7,.link_type = 1,
    .name = "eth\xff" "7",.filter = "udp \xc3"
  };
  g_autoptr (GstEvent) event = gst_event_new_capture_interface (&iface);
  GstCaptureInterface parsed;

  fail_unless (gst_event_parse_capture_interface (event, &parsed));
  assert_equals_string (parsed.name, "eth\xef\xbf\xbd" "7");
  assert_equals_string (parsed.filter, "udp \xef\xbf\xbd");
}
GST_END_TEST

/* EOS before all else: the header has caps and a segment before it. */
GST_START_TEST (test_pcapenc_ends_first)
{
  GstHarness *harness = gst_harness_new ("pcapenc");
  g_autoptr (GstBuffer) header = NULL;
  g_autoptr (GstEvent) caps = NULL, segment = NULL;

  gst_harness_play (harness);
  if (__i__)
    gst_harness_set_src_caps_str (harness,
        "application/x-packet, link-type=(int)101");
  else
    gst_harness_push_event (harness, gst_event_new_stream_start ("packets"));
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  header = gst_harness_pull (harness);
  fail_unless (gst_buffer_get_size (header) > 0);
  caps = gst_pad_get_sticky_event (harness->sinkpad, GST_EVENT_CAPS, 0);
  segment = gst_pad_get_sticky_event (harness->sinkpad, GST_EVENT_SEGMENT, 0);
  fail_unless (caps != NULL && segment != NULL);
  gst_harness_teardown (harness);
}
GST_END_TEST

static Suite *
manyinterfaces_suite (void)
{
  Suite *suite = suite_create ("manyinterfaces");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_events, 0, 2);
  tcase_add_test (tc, test_encoder);
  tcase_add_test (tc, test_rotated);
  tcase_add_test (tc, test_not_utf8);
  tcase_add_loop_test (tc, test_pcapenc_ends_first, 0, 2);
  return suite;
}

GST_CHECK_MAIN (manyinterfaces)
