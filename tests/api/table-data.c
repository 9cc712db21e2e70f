/* Packets, links, files and ring memory, by the table.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "table.h"

#include <string.h>
#include <unistd.h>

void
test_packet (void)
{
  static const guint8 v4[] = { 10, 0, 0, 1, 10, 0, 0, 2 };
  static const guint8 ports[] = { 0x12, 0x34, 0x56, 0x78 };
  static const guint8 bytes[] = { 1, 2, 3, 4, 0x45, 6, 7, 8 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCapturePacket) packet = gst_capture_packet_new (bytes,
      sizeof (bytes), GST_PACKET_TYPE_OUTGOING, 1500, 4);
  g_autoptr (GstCapturePacket) built = NULL;
  g_autoptr (GstCapturePacket) built6 = NULL;
  const guint8 *data;
  gsize length;

  check (g_type_is_a (GST_TYPE_CAPTURE_PACKET, G_TYPE_BOXED),
      "GstCapturePacket is boxed");
  data = gst_capture_packet_get_payload (packet, &length);
  check (length == sizeof (bytes) && data != bytes
      && memcmp (data, bytes, length) == 0, "packet_new copies the bytes");
  data = gst_capture_packet_get_ip_layer (packet, &length);
  check (length == 4 && data[0] == 0x45, "packet: the IP layer");
  check (gst_capture_packet_get_length (packet) == sizeof (bytes)
      && gst_capture_packet_get_total_length (packet) == 1500
      && gst_capture_packet_get_ip_offset (packet) == 4
      && gst_capture_packet_get_packet_type (packet) ==
      GST_PACKET_TYPE_OUTGOING, "packet: the getters");
  check (!gst_capture_packet_is_inbound (packet), "OUTGOING is not inbound");

  built = gst_capture_packet_build ("10.0.0.1", "10.0.0.2", 0x1234, 0x5678, 17,
      bytes, sizeof (bytes), GST_PACKET_TYPE_HOST, 200, &error);
  check (built != NULL, "packet_build, IPv4");
  data = gst_capture_packet_get_ip_layer (built, &length);
  check (length > 24 && data[0] == 0x45 && data[9] == 17
      && memcmp (data + 12, v4, 8) == 0 && memcmp (data + 20, ports, 4) == 0,
      "build: IPv4 addresses, protocol and ports");
  check (memcmp (data + length - sizeof (bytes), bytes, sizeof (bytes)) == 0,
      "build: the extra bytes");
  check (gst_capture_packet_get_length (built) ==
      gst_capture_packet_get_ip_offset (built) + length
      && gst_capture_packet_get_total_length (built) == 200,
      "build: the lengths");
  check (gst_capture_packet_is_inbound (built), "HOST is inbound");

  built6 = gst_capture_packet_build ("2001:db8::1", "2001:db8::2", 0x1234,
      0x5678, 6, bytes, sizeof (bytes), GST_PACKET_TYPE_OTHERHOST, 0, &error);
  check (built6 != NULL, "packet_build, IPv6");
  data = gst_capture_packet_get_ip_layer (built6, &length);
  check (length > 44 && data[0] >> 4 == 6 && data[6] == 6 && data[8] == 0x20
      && data[23] == 1 && data[39] == 2 && memcmp (data + 40, ports, 4) == 0,
      "build: IPv6 addresses, protocol and ports");
  check (gst_capture_packet_get_packet_type (built6) ==
      GST_PACKET_TYPE_OTHERHOST, "build: the type");

  check (gst_capture_packet_build ("10.0.0.256", "10.0.0.2", 1, 2, 17, NULL, 0,
          GST_PACKET_TYPE_HOST, 100, &error) == NULL && error != NULL,
      "build: an address that is none is an error");
}

void
test_link (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCaptureLink) link = gst_capture_link_new ("lo", &error);

  check (link != NULL, "link_new");
  check_link (link, "lo");
  check (gst_capture_link_get_index (link) > 0, "link: index");
  check_error (gst_capture_link_new ("nosuch", &error) != NULL, &error,
      NOT_FOUND, "link_new of no interface");
  check_error (gst_afring_source_new ("nosuch", &error, NULL) != NULL, &error,
      NOT_FOUND, "afring_source_new of no interface");
}

/* A classic pcap file of numbered packets, the first one cut by the snaplen
 * and an ARP frame before the fourth. */
static gchar *
write_pcap (void)
{
  static const guint32 header[] =
      { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1 };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  gchar *name = NULL;
  guint8 arp[60] = { 0 };
  gint fd = g_file_open_tmp ("afring-api-XXXXXX.pcap", &name, &error);

  g_assert_no_error (error);
  close (fd);
  arp[12] = 0x08;
  arp[13] = 0x06;
  /* version 2.4 as two 16-bit numbers, in this machine's own order */
  g_byte_array_append (file, (const guint8 *) header, sizeof (header));
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    *(guint32 *) (file->data + 4) = 2 << 16 | 4;
  for (guint i = 0; i < N_READING; i++) {
    g_autoptr (GstCapturePacket) packet = numbered_packet (i);
    gsize length;
    const guint8 *data = gst_capture_packet_get_payload (packet, &length);
    guint32 record[] = { 1700000000 + i, i, length, 300 };
    guint32 arp_record[] = { 1700000000 + i, i, sizeof (arp), sizeof (arp) };

    if (i == 3) {
      g_byte_array_append (file, (guint8 *) arp_record, sizeof (arp_record));
      g_byte_array_append (file, arp, sizeof (arp));
    }
    g_byte_array_append (file, (guint8 *) record, sizeof (record));
    g_byte_array_append (file, data, length);
  }
  g_file_set_contents (name, (gchar *) file->data, file->len, &error);
  g_assert_no_error (error);
  return name;
}

void
test_pcap (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *name = write_pcap ();
  g_autoptr (GstCapturePacket) first = numbered_packet (0);
  g_autoptr (GstPcapSource) pcap = gst_pcap_source_new (name, &error);
  g_autoptr (GstPcapSource) again = NULL;
  g_autoptr (GstAfringMockSource) mock = NULL;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  GstCaptureSource *source;
  GstCaptureLink *link;
  GstCaptureStats stats;
  Reader reader;

  check (pcap != NULL, "pcap_source_new");
  source = GST_CAPTURE_SOURCE (pcap);
  link = gst_capture_source_get_link (source);
  check (gst_capture_link_get_link_type (link) == 1
      && gst_capture_link_get_ip_offset (link) == 14, "pcap: the link");
  check_reading (source, 0, GST_PACKET_TYPE_UNKNOWN,
      gst_capture_packet_get_length (first), 300);
  for (guint i = 0; i < 2; i++)
    check_error (gst_capture_source_next_payload (source, bytes, NULL, NULL,
            &error), &error, END_OF_FILE, "pcap: the end of the file");
  check (gst_capture_source_get_stats (source, &stats, &error)
      && stats.packets_received == N_READING + 1, "pcap: get_stats");
  check (gst_capture_source_get_stats (source, &stats, &error)
      && stats.packets_received == 0, "pcap: get_stats clears");
  check (gst_capture_source_close (source, &error), "pcap: close");
  check_stopped (source);

  again = gst_pcap_source_new (name, &error);
  mock = gst_afring_mock_source_new ("mock", &error, NULL);
  check (again && mock, "pcap: once more, and a mock");
  check (gst_afring_mock_source_pipe (mock, GST_CAPTURE_SOURCE (again),
          &error), "pipe a file");
  check (gst_afring_mock_source_wait (mock, &error),
      "the file's end is no error of wait");
  reader_start (&reader, GST_CAPTURE_SOURCE (mock));
  reader_await (&reader, N_READING + 1);
  check (gst_capture_source_close (GST_CAPTURE_SOURCE (mock), &error), "close");
  g_clear_error (&error);
  error = g_thread_join (reader.thread);
  check_error (FALSE, &error, STOPPED, "the file went through the mock");
  unlink (name);

  check_error (gst_pcap_source_new (name, &error) != NULL, &error, NOT_FOUND,
      "pcap_source_new of no file");
}

void
test_memory (void)
{
  GstMemory *memory = gst_allocator_alloc (NULL, 16, NULL);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstSample) sample = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  check (!gst_is_afring_memory (memory), "system memory is no ring memory");
  gst_memory_unref (memory);

  pipeline = gst_parse_launch ("afringmocksrc num-buffers=3 ! "
      "fakesink name=sink enable-last-sample=true", NULL);
  check (pipeline != NULL, "a pipeline with ring memory");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  check (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS, "it runs");
  g_object_get (sink, "last-sample", &sample, NULL);
  check (sample && gst_is_afring_memory (gst_buffer_peek_memory
          (gst_sample_get_buffer (sample), 0)),
      "gst_is_afring_memory knows a packet in the ring");
  g_clear_pointer (&sample, gst_sample_unref);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
