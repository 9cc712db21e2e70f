/* afringmocksrc: a file through the ring, byte for byte, and synthetic packets.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/check/gstcheck.h>

#define N 3000
#define STEP (100 * GST_USECOND)
#define START (1700000000 * GST_SECOND + 123456789)

static gchar *folder;

static void
setup (void)
{
  folder = folder_new (FALSE);
}

static void
teardown (void)
{
  folder_remove (folder);
}

static guint32
length_of (guint i)
{
  return i % 97 == 0 ? 1 + i % 13 : 60 + i % 1400;
}

/* Of every length, a third of them tagged, in every direction. */
static void
describe (guint i, guint8 * bytes, GstPcapPacket * packet)
{
  packet->interface_id = 0;
  packet->link_type = 1;
  packet->time = START + i * STEP;
  packet->type = i % 5;
  packet->data = bytes;
  packet->captured_length = length_of (i);
  packet->wire_length = length_of (i) + i % 3 * 100;
  memset (bytes, i, 1500);
  GST_WRITE_UINT16_BE (bytes + 12, i % 3 == 0 ? 0x8100 : 0x0800);
  GST_WRITE_UINT16_BE (bytes + 14, i);
}

static gchar *
write_file (const gchar * name, guint n)
{
  GstCaptureInterface iface = {.id = 0,.link_type = 1,.name = "eth7" };
  GstPcapEncoder *encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, "check");
  gchar *location = g_build_filename (folder, name, NULL);
  GByteArray *out = g_byte_array_new ();
  guint8 bytes[1500];

  gst_pcap_encoder_append_start (encoder, out);
  gst_pcap_encoder_set_interface (encoder, &iface);
  for (guint i = 0; i < n; i++) {
    GstPcapPacket packet;

    describe (i, bytes, &packet);
    gst_pcap_encoder_append_packet (encoder, out, &packet);
  }
  gst_pcap_encoder_append_end (encoder, out, 1);
  fail_unless (g_file_set_contents (location, (const gchar *) out->data,
          out->len, NULL));
  gst_pcap_encoder_free (encoder);
  g_byte_array_unref (out);
  return location;
}

/* Runs a pipeline to its EOS; how long that took, in microseconds. */
static gint64
run (const gchar * format, ...)
{
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  GstElement *pipeline;
  GstMessage *message;
  GstBus *bus;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  return g_get_monotonic_time () - start;
}

/* The packets of @rounds times the file of @n, times going on. */
static void
check_file (const gchar * location, guint n, guint rounds)
{
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (location, NULL);
  GstPcapPacket packet, expected;
  guint8 bytes[1500];

  fail_unless (source != NULL);
  for (guint i = 0; i < n * rounds; i++) {
    describe (i % n, bytes, &expected);
    fail_unless (gst_pcap_source_next (source, &packet, NULL), "%u", i);
    fail_unless_equals_int (packet.captured_length, expected.captured_length);
    fail_unless_equals_int (packet.wire_length, expected.wire_length);
    fail_unless (memcmp (packet.data, bytes, packet.captured_length) == 0);
    fail_unless_equals_uint64 (packet.time,
        expected.time + i / n * (n - 1) * STEP);
    fail_unless_equals_int (packet.type, expected.type);
  }
  fail_if (gst_pcap_source_next (source, &packet, NULL));
}

GST_START_TEST (test_file)
{
  static const gchar *rings[] = { "", "block-size=4096 block-count=2",
    "block-size=65536 block-count=1 block-timeout=1"
  };
  g_autofree gchar *in = write_file ("in.pcapng", N);
  g_autofree gchar *out = g_build_filename (folder, "out.pcapng", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rings); i++) {
    run ("afringmocksrc location=%s %s ! pcapsink location=%s", in, rings[i],
        out);
    check_file (out, N, 1);
  }
}
GST_END_TEST

GST_START_TEST (test_loop)
{
  g_autofree gchar *in = write_file ("in.pcapng", 100);
  g_autofree gchar *out = g_build_filename (folder, "out.pcapng", NULL);

  run ("afringmocksrc location=%s loop=7 ! pcapsink location=%s", in, out);
  check_file (out, 100, 7);
  run ("afringmocksrc location=%s loop=-1 num-buffers=1000 ! pcapsink "
      "location=%s", in, out);
  check_file (out, 100, 10);
}
GST_END_TEST

/* 300 milliseconds of packets. */
GST_START_TEST (test_speed)
{
  g_autofree gchar *in = write_file ("in.pcapng", N);
  g_autofree gchar *out = g_build_filename (folder, "out.pcapng", NULL);

  fail_unless (run ("afringmocksrc location=%s speed=1 ! pcapsink location=%s",
          in, out) >= 290000);
  check_file (out, N, 1);
  fail_unless (run ("afringmocksrc location=%s speed=0.5 ! fakesink", in) >=
      590000);
}
GST_END_TEST

/* Stopped while it waits for a packet's turn, or for room in the ring. */
GST_START_TEST (test_stop)
{
  static const gchar *properties[] = { "speed=0.001", "loop=-1", "drain=false",
    "loop=-1 filter=\"tcp port 1\""
  };
  g_autofree gchar *in = write_file ("in.pcapng", N);

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    g_autofree gchar *line = g_strdup_printf ("afringmocksrc location=%s %s "
        "block-size=65536 block-count=2 ! fakesink", in, properties[i]);
    GstElement *pipeline = gst_parse_launch (line, NULL);
    gint64 start;

    gst_element_set_state (pipeline, i == 1 ? GST_STATE_PAUSED :
        GST_STATE_PLAYING);
    g_usleep (50000);
    start = g_get_monotonic_time ();
    gst_element_set_state (pipeline, GST_STATE_NULL);
    fail_unless (g_get_monotonic_time () - start < G_TIME_SPAN_SECOND);
    gst_object_unref (pipeline);
  }
}
GST_END_TEST

static GstPadProbeReturn
check_synthetic (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  guint *n = user_data;

  for (guint i = 0; i < gst_buffer_list_length (list); i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    guint8 bytes[46];

    fail_unless_equals_int (gst_buffer_get_size (buffer), 200);
    fail_unless (gst_is_afring_memory (gst_buffer_peek_memory (buffer, 0)));
    gst_buffer_extract (buffer, 0, bytes, sizeof (bytes));
    fail_unless_equals_int (GST_READ_UINT32_BE (bytes + 42), (*n)++);
    fail_unless_equals_int (gst_buffer_get_packet_meta
        (buffer)->network_offset, 14);
  }
  return GST_PAD_PROBE_OK;
}

GST_START_TEST (test_synthetic)
{
  GstElement *pipeline = gst_parse_launch ("afringmocksrc name=src "
      "packet-size=200 num-buffers=20000 ! fakesink", NULL);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstPad *pad = gst_element_get_static_pad (src, "src");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  guint n = 0;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, check_synthetic, &n,
      NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND, GST_MESSAGE_EOS);
  fail_unless (message != NULL);
  fail_unless_equals_int (n, 20000);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pad);
  gst_object_unref (src);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* The same blocks again and again, more packets than the ring can have. */
GST_START_TEST (test_no_drain)
{
  g_autofree gchar *out = g_build_filename (folder, "out.pcapng", NULL);
  g_autoptr (GstPcapSource) source = NULL;
  GstPcapPacket packet;
  guint32 first = 0, n = 0, in_ring = 0;

  run ("afringmocksrc drain=false block-size=16384 block-count=4 "
      "num-buffers=5000 ! pcapsink location=%s", out);
  source = gst_pcap_source_new (out, NULL);
  while (gst_pcap_source_next (source, &packet, NULL)) {
    guint32 number = GST_READ_UINT32_BE (packet.data + 42);

    if (n == 0)
      first = number;
    else if (number == first && in_ring == 0)
      in_ring = n;
    fail_unless_equals_int (number, in_ring ? n % in_ring : n);
    n++;
  }
  fail_unless_equals_int (n, 5000);
  fail_unless (in_ring > 100 && in_ring < 1000);
}
GST_END_TEST

/* What is whole comes before the error. */
GST_START_TEST (test_corrupt_file)
{
  g_autofree gchar *in = write_file ("in.pcapng", 100);
  g_autofree gchar *contents = NULL, *line = NULL;
  GstElement *pipeline, *src;
  GstMessage *message;
  g_autoptr (GstStructure) stats = NULL;
  guint64 captured;
  gsize length;
  GstBus *bus;

  fail_unless (g_file_get_contents (in, &contents, &length, NULL));
  memset (contents + length / 2, 0xff, length / 2);
  fail_unless (g_file_set_contents (in, contents, length, NULL));

  line = g_strdup_printf ("afringmocksrc name=src location=%s ! fakesink", in);
  pipeline = gst_parse_launch (line, NULL);
  src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 5 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_ERROR);
  gst_message_unref (message);
  g_object_get (src, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "packets-captured", &captured));
  fail_unless (captured > 20, "%" G_GUINT64_FORMAT, captured);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (src);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
afringmocksrc_suite (void)
{
  Suite *suite = suite_create ("afringmocksrc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_file);
  tcase_add_test (tc, test_loop);
  tcase_add_test (tc, test_speed);
  tcase_add_test (tc, test_stop);
  tcase_add_test (tc, test_synthetic);
  tcase_add_test (tc, test_no_drain);
  tcase_add_test (tc, test_corrupt_file);
  return suite;
}

GST_CHECK_MAIN (afringmocksrc)
