/* Reading capture files: what the encoder wrote, either byte order, gzip, and
 * files that are cut or corrupt.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapdecoder.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/check/gstcheck.h>

#define N 200

/* valgrind takes some fifty times as long: every so many bytes is enough */
#define STEP (g_getenv ("AFRING_MEMCHECK") != NULL ? 37 : 1)

static const GstCaptureInterface eth = {.id = 0,.link_type = 1,
  .snaplen = 1000,.name = "eth7",.filter = "udp"
};

static void
describe (guint i, guint8 * bytes, GstPcapPacket * packet)
{
  static const GstPacketType types[] = { GST_PACKET_TYPE_HOST,
    GST_PACKET_TYPE_BROADCAST, GST_PACKET_TYPE_MULTICAST,
    GST_PACKET_TYPE_OTHERHOST, GST_PACKET_TYPE_OUTGOING,
    GST_PACKET_TYPE_UNKNOWN
  };

  memset (bytes, i, 256);
  packet->interface_id = 0;
  packet->link_type = 1;
  packet->time = 1700000000123456000 + i;
  packet->type = types[i % G_N_ELEMENTS (types)];
  packet->data = bytes;
  packet->captured_length = i;
  packet->wire_length = i + 3;
}

static GByteArray *
encode (GstPcapFormat format, GstPcapTimestampPrecision precision)
{
  GstPcapEncoder *encoder = gst_pcap_encoder_new (format, precision, "check");
  GByteArray *out = g_byte_array_new ();

  gst_pcap_encoder_append_start (encoder, out);
  gst_pcap_encoder_set_interface (encoder, &eth);
  for (guint i = 0; i < N; i++) {
    GstPcapPacket packet;
    guint8 bytes[256];

    describe (i, bytes, &packet);
    fail_unless (gst_pcap_encoder_append_packet (encoder, out, &packet));
  }
  gst_pcap_encoder_append_end (encoder, out, 1);
  gst_pcap_encoder_free (encoder);
  return out;
}

static gchar *
write_file (const GByteArray * bytes)
{
  gchar *name = NULL;
  gint fd = g_file_open_tmp ("pcapsource-XXXXXX", &name, NULL);

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  fail_unless (g_file_set_contents (name, (const gchar *) bytes->data,
          bytes->len, NULL));
  return name;
}

static void
check_file (const GByteArray * bytes, gboolean pcapng, gboolean nanoseconds)
{
  g_autofree gchar *name = write_file (bytes);
  g_autoptr (GError) error = NULL;
  GstPcapSource *source = gst_pcap_source_new (name, &error);
  GstPcapPacket packet, expected;
  GstCaptureStats stats;
  guint8 data[256];

  fail_unless (source != NULL, "%s", error ? error->message : "");
  fail_unless_equals_int (gst_capture_link_get_link_type
      (gst_capture_source_get_link (GST_CAPTURE_SOURCE (source))), 1);
  for (guint i = 0; i < N; i++) {
    describe (i, data, &expected);
    fail_unless (gst_pcap_source_next (source, &packet, &error));
    fail_unless_equals_int (packet.captured_length, i);
    fail_unless_equals_int (packet.wire_length, i + 3);
    fail_unless (i == 0 || memcmp (packet.data, data, i) == 0);
    fail_unless_equals_uint64 (packet.time, nanoseconds ? expected.time :
        expected.time / 1000 * 1000);
    fail_unless_equals_int (packet.type, pcapng ? expected.type :
        GST_PACKET_TYPE_UNKNOWN);
  }
  for (guint i = 0; i < 2; i++) {
    fail_if (gst_pcap_source_next (source, &packet, &error));
    fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
            GST_CAPTURE_ERROR_END_OF_FILE));
    g_clear_error (&error);
  }
  fail_unless (gst_capture_source_get_stats (GST_CAPTURE_SOURCE (source),
          &stats, NULL));
  fail_unless_equals_int (stats.packets_received, N);
  fail_unless (gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL));
  fail_if (gst_pcap_source_next (source, &packet, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_STOPPED));
  g_object_unref (source);
  g_unlink (name);
}

GST_START_TEST (test_own_files)
{
  GByteArray *bytes = encode (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);

  check_file (bytes, TRUE, TRUE);
  g_byte_array_unref (bytes);
  bytes = encode (GST_PCAP_FORMAT_PCAP,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);
  check_file (bytes, FALSE, TRUE);
  g_byte_array_unref (bytes);
  bytes = encode (GST_PCAP_FORMAT_PCAP,
      GST_PCAP_TIMESTAMP_PRECISION_MICROSECOND);
  check_file (bytes, FALSE, FALSE);
  g_byte_array_unref (bytes);
}
GST_END_TEST

static void
swap (GByteArray * bytes, gsize at, gsize n)
{
  for (gsize i = 0; i < n / 2; i++) {
    guint8 byte = bytes->data[at + i];

    bytes->data[at + i] = bytes->data[at + n - 1 - i];
    bytes->data[at + n - 1 - i] = byte;
  }
}

static guint32
u32 (const GByteArray * bytes, gsize at)
{
  guint32 value;

  memcpy (&value, bytes->data + at, 4);
  return value;
}

/* As a machine of the other byte order would have written it. */
GST_START_TEST (test_swapped_pcap)
{
  GByteArray *bytes = encode (GST_PCAP_FORMAT_PCAP,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);

  for (gsize at = 24; at < bytes->len;) {
    guint32 captured = u32 (bytes, at + 8);

    for (guint i = 0; i < 16; i += 4)
      swap (bytes, at + i, 4);
    at += 16 + captured;
  }
  swap (bytes, 0, 4);
  swap (bytes, 4, 2);
  swap (bytes, 6, 2);
  swap (bytes, 16, 4);
  swap (bytes, 20, 4);
  check_file (bytes, FALSE, TRUE);
  g_byte_array_unref (bytes);
}
GST_END_TEST

static void
swap_options (GByteArray * bytes, gsize at, gsize end)
{
  while (at + 4 <= end) {
    guint32 head = u32 (bytes, at);
    guint code = head & 0xffff, size = head >> 16;

    swap (bytes, at, 2);
    swap (bytes, at + 2, 2);
    if (size == 4 && code == 2)
      swap (bytes, at + 4, 4);
    at += 4 + ((size + 3) & ~3u);
  }
}

GST_START_TEST (test_swapped_pcapng)
{
  GByteArray *bytes = encode (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);

  for (gsize at = 0, length; at < bytes->len; at += length) {
    guint32 type = u32 (bytes, at);

    length = u32 (bytes, at + 4);
    if (type == 1) {
      /* "eth7" must not be taken for a number */
      swap (bytes, at + 8, 2);
      swap (bytes, at + 12, 4);
      swap (bytes, at + 16, 2);
      swap (bytes, at + 18, 2);
      swap_options (bytes, at + 24, at + length - 4);
    } else if (type == 6) {
      guint32 captured = u32 (bytes, at + 20);

      swap_options (bytes, at + 28 + ((captured + 3) & ~3u), at + length - 4);
      for (guint i = 8; i < 28; i += 4)
        swap (bytes, at + i, 4);
    } else {
      swap (bytes, at + 8, 4);
      swap (bytes, at + 12, 2);
      swap (bytes, at + 14, 2);
    }
    swap (bytes, at, 4);
    swap (bytes, at + 4, 4);
    swap (bytes, at + length - 4, 4);
  }
  check_file (bytes, TRUE, TRUE);
  g_byte_array_unref (bytes);
}
GST_END_TEST

GST_START_TEST (test_gzip)
{
  GByteArray *bytes = encode (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);
  g_autoptr (GConverter) gzip =
      G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6));
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream =
      g_converter_output_stream_new (memory, gzip);
  GByteArray *packed = g_byte_array_new ();

  fail_unless (g_output_stream_write_all (stream, bytes->data, bytes->len, NULL,
          NULL, NULL));
  fail_unless (g_output_stream_close (stream, NULL, NULL));
  g_byte_array_append (packed,
      g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
      g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory)));
  fail_unless (packed->len < bytes->len);
  check_file (packed, TRUE, TRUE);
  g_byte_array_unref (packed);
  g_byte_array_unref (bytes);
}
GST_END_TEST

/* Decodes from memory that ends where the data does. */
static guint
decode_all (const guint8 * data, gsize length, GstPcapDecoderResult * last)
{
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();
  guint8 *copy = g_memdup2 (data, length);
  GstPcapPacket packet;
  gsize at = 0, used;
  guint n = 0;

  while ((*last = gst_pcap_decoder_next (decoder, copy + at, length - at, &used,
              &packet, NULL)) == GST_PCAP_DECODER_PACKET
      || *last == GST_PCAP_DECODER_OTHER) {
    fail_unless (used <= length - at);
    if (*last == GST_PCAP_DECODER_PACKET) {
      fail_unless (packet.data >= copy + at);
      fail_unless (packet.data + packet.captured_length <= copy + at + used);
      n++;
    }
    at += used;
  }
  g_free (copy);
  gst_pcap_decoder_free (decoder);
  return n;
}

/* Cut at each byte: what is whole is there, and more is asked for. */
GST_START_TEST (test_cut)
{
  GByteArray *bytes = encode (__i__, GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);
  GstPcapDecoderResult last;
  guint before = 0;

  for (gsize length = 0; length < MIN (bytes->len, 3000); length += STEP) {
    guint n = decode_all (bytes->data, length, &last);

    fail_unless_equals_int (last, GST_PCAP_DECODER_MORE);
    fail_unless (n == before || n == before + 1 || STEP > 1);
    before = n;
  }
  fail_unless (before > 20);
  fail_unless_equals_int (decode_all (bytes->data, bytes->len, &last), N);
  g_byte_array_unref (bytes);
}
GST_END_TEST

/* Each byte of the first kilobyte spoilt: nothing beyond the data is read, and
 * an error is an error. */
GST_START_TEST (test_corrupt)
{
  GByteArray *bytes = encode (__i__, GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);
  static const guint8 spoilers[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
  GstPcapDecoderResult last;
  guint errors = 0;

  for (gsize at = 0; at < 1024; at += STEP) {
    guint8 byte = bytes->data[at];

    for (guint i = 0; i < G_N_ELEMENTS (spoilers); i++) {
      bytes->data[at] = spoilers[i];
      fail_unless (decode_all (bytes->data, bytes->len, &last) <= N);
      errors += last == GST_PCAP_DECODER_ERROR;
    }
    bytes->data[at] = byte;
  }
  fail_unless (errors > 0);
  g_byte_array_unref (bytes);
}
GST_END_TEST

GST_START_TEST (test_errors)
{
  GByteArray *nonsense = g_byte_array_new ();
  g_autofree gchar *name = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (gst_pcap_source_new ("/nowhere/at/all.pcap", &error) == NULL);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_NOT_FOUND));
  g_clear_error (&error);

  g_byte_array_append (nonsense, (const guint8 *) "not a capture", 13);
  name = write_file (nonsense);
  fail_unless (gst_pcap_source_new (name, &error) == NULL);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_FAILED));
  fail_unless (strstr (error->message, name) != NULL);
  g_unlink (name);
  g_byte_array_unref (nonsense);
}
GST_END_TEST

static Suite *
pcapsource_suite (void)
{
  Suite *suite = suite_create ("pcapsource");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_own_files);
  tcase_add_test (tc, test_swapped_pcap);
  tcase_add_test (tc, test_swapped_pcapng);
  tcase_add_test (tc, test_gzip);
  tcase_add_loop_test (tc, test_cut, 0, 2);
  tcase_add_loop_test (tc, test_corrupt, 0, 2);
  tcase_add_test (tc, test_errors);
  return suite;
}

GST_CHECK_MAIN (pcapsource)
