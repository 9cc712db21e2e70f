/* Capture files as bytes, read back by libpcap and block by block.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/pcap/gstpcapencoder.h>
#include <gst/check/gstcheck.h>
#include <pcap/pcap.h>
#include <stdio.h>

#define APPLICATION "check"

static const GstCaptureInterface eth = {.id = 3,.link_type = 1,
  .snaplen = 1000,.name = "eth7",.filter = "udp"
};

static GstPcapPacket
make_packet (guint32 id, guint32 link_type, guint n)
{
  static guint8 bytes[256];
  GstPcapPacket packet = {.interface_id = id,.link_type = link_type,
    .time = 1700000000123456789 + n,.type = GST_PACKET_TYPE_HOST,
    .data = bytes,.captured_length = n,.wire_length = n + 10
  };

  for (guint i = 0; i < sizeof (bytes); i++)
    bytes[i] = i;
  return packet;
}

static pcap_t *
read_back (GByteArray * bytes, guint precision)
{
  FILE *file = fmemopen (bytes->data, bytes->len, "r");
  gchar message[PCAP_ERRBUF_SIZE];
  pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision (file, precision,
      message);

  fail_unless (pcap != NULL, "%s", message);
  return pcap;
}

/* Every length from none to some: the padding has each of its sizes. */
static void
check_packets (GstPcapFormat format, GstPcapTimestampPrecision precision)
{
  GstPcapEncoder *encoder = gst_pcap_encoder_new (format, precision,
      APPLICATION);
  GByteArray *bytes = g_byte_array_new ();
  gboolean nano = format == GST_PCAP_FORMAT_PCAPNG
      || precision == GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND;
  struct pcap_pkthdr *header;
  const u_char *data;
  pcap_t *pcap;

  gst_pcap_encoder_append_start (encoder, bytes);
  gst_pcap_encoder_set_interface (encoder, &eth);
  for (guint n = 0; n < 100; n++) {
    GstPcapPacket packet = make_packet (3, 1, n);

    fail_unless (gst_pcap_encoder_append_packet (encoder, bytes, &packet));
  }
  gst_pcap_encoder_append_end (encoder, bytes, 1);
  gst_pcap_encoder_free (encoder);

  pcap = read_back (bytes, nano ? PCAP_TSTAMP_PRECISION_NANO :
      PCAP_TSTAMP_PRECISION_MICRO);
  fail_unless_equals_int (pcap_datalink (pcap), DLT_EN10MB);
  fail_unless_equals_int (pcap_snapshot (pcap), 1000);
  for (guint n = 0; n < 100; n++) {
    fail_unless_equals_int (pcap_next_ex (pcap, &header, &data), 1);
    fail_unless_equals_int (header->caplen, n);
    fail_unless_equals_int (header->len, n + 10);
    fail_unless_equals_int (header->ts.tv_sec, 1700000000);
    fail_unless_equals_int (header->ts.tv_usec, nano ? 123456789 + n : 123456);
    for (guint i = 0; i < n; i++)
      fail_unless_equals_int (data[i], i);
  }
  fail_unless_equals_int (pcap_next_ex (pcap, &header, &data),
      PCAP_ERROR_BREAK);
  pcap_close (pcap);
  g_byte_array_unref (bytes);
}

GST_START_TEST (test_pcapng)
{
  check_packets (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);
}
GST_END_TEST

GST_START_TEST (test_pcap_nanosecond)
{
  check_packets (GST_PCAP_FORMAT_PCAP, GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND);
}
GST_END_TEST

GST_START_TEST (test_pcap_microsecond)
{
  check_packets (GST_PCAP_FORMAT_PCAP,
      GST_PCAP_TIMESTAMP_PRECISION_MICROSECOND);
}
GST_END_TEST

static guint32
u32 (const GByteArray * bytes, guint at)
{
  guint32 value;

  fail_unless (at + 4 <= bytes->len);
  memcpy (&value, bytes->data + at, 4);
  return value;
}

/* Where the @n-th block of a type is; lengths at both ends agree. */
static guint
find_block (const GByteArray * bytes, guint32 type, guint n)
{
  guint at = 0;

  while (at < bytes->len) {
    guint32 length = u32 (bytes, at + 4);

    fail_unless (length >= 12 && length % 4 == 0);
    fail_unless_equals_int (u32 (bytes, at + length - 4), length);
    if (u32 (bytes, at) == type && n-- == 0)
      return at;
    at += length;
  }
  fail ("no block of type %u", type);
  return 0;
}

/* The value of an option in a block whose options start at @from. */
static const guint8 *
find_option (const GByteArray * bytes, guint block, guint from, guint code,
    guint * length)
{
  guint end = block + u32 (bytes, block + 4) - 4;
  guint at = block + from;

  while (at < end) {
    guint32 head = u32 (bytes, at);

    *length = head >> 16;
    if ((head & 0xffff) == code)
      return bytes->data + at + 4;
    fail_if ((head & 0xffff) == 0, "no option %u", code);
    at += 4 + ((*length + 3) & ~3);
  }
  fail ("no option %u", code);
  return NULL;
}

#define SHB 0x0a0d0d0a
#define IDB 1
#define ISB 5
#define EPB 6

GST_START_TEST (test_pcapng_blocks)
{
  static const struct
  {
    GstPacketType type;
    guint32 flags;
  } directions[] = {
    {GST_PACKET_TYPE_HOST, 1 | 1 << 2},
    {GST_PACKET_TYPE_MULTICAST, 1 | 2 << 2},
    {GST_PACKET_TYPE_BROADCAST, 1 | 3 << 2},
    {GST_PACKET_TYPE_OTHERHOST, 1 | 4 << 2},
    {GST_PACKET_TYPE_OUTGOING, 2},
  };
  GstPcapEncoder *encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, APPLICATION);
  GstCaptureStatistics statistics = {.id = 3,.start_time = 1000,.time = 2000,
    .packets_received = 77,.packets_dropped = 5
  };
  GByteArray *bytes = g_byte_array_new ();
  const guint8 *value;
  guint block, length;
  guint64 counter;

  gst_pcap_encoder_append_start (encoder, bytes);
  gst_pcap_encoder_set_interface (encoder, &eth);
  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    GstPcapPacket packet = make_packet (3, 1, 61);

    packet.type = directions[i].type;
    gst_pcap_encoder_append_packet (encoder, bytes, &packet);
  }
  gst_pcap_encoder_set_statistics (encoder, &statistics);
  gst_pcap_encoder_append_end (encoder, bytes, 1);

  block = find_block (bytes, SHB, 0);
  fail_unless_equals_int (block, 0);
  fail_unless_equals_int (u32 (bytes, 8), 0x1a2b3c4d);
  value = find_option (bytes, block, 24, 4, &length);
  fail_unless (length == 5 && memcmp (value, APPLICATION, 5) == 0);

  block = find_block (bytes, IDB, 0);
  fail_unless_equals_int (u32 (bytes, block + 8), 1);
  fail_unless_equals_int (u32 (bytes, block + 12), 1000);
  value = find_option (bytes, block, 16, 2, &length);
  fail_unless (length == 4 && memcmp (value, "eth7", 4) == 0);
  value = find_option (bytes, block, 16, 9, &length);
  fail_unless (length == 1 && value[0] == 9);
  value = find_option (bytes, block, 16, 11, &length);
  fail_unless (length == 4 && memcmp (value, "\0udp", 4) == 0);

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    guint32 flags;

    block = find_block (bytes, EPB, i);
    value = find_option (bytes, block, 28 + 64, 2, &length);
    fail_unless_equals_int (length, 4);
    memcpy (&flags, value, 4);
    fail_unless_equals_int (flags, directions[i].flags);
    /* padding is zero */
    fail_unless_equals_int (bytes->data[block + 28 + 61], 0);
    fail_unless_equals_int (bytes->data[block + 28 + 63], 0);
  }

  block = find_block (bytes, ISB, 0);
  fail_unless_equals_int (u32 (bytes, block + 8), 0);
  fail_unless_equals_int (u32 (bytes, block + 16), 2000);
  memcpy (&counter, find_option (bytes, block, 20, 4, &length), 8);
  fail_unless_equals_int (counter, 77);
  memcpy (&counter, find_option (bytes, block, 20, 5, &length), 8);
  fail_unless_equals_int (counter, 5);

  gst_pcap_encoder_free (encoder);
  g_byte_array_unref (bytes);
}
GST_END_TEST

/* Two interfaces, one of them unknown, and one whose filter changes. */
GST_START_TEST (test_interfaces)
{
  GstPcapEncoder *encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, APPLICATION);
  GstCaptureInterface changed = eth;
  GByteArray *bytes = g_byte_array_new ();
  const guint32 ids[] = { 3, 9, 3, 3 }, numbers[] = { 0, 1, 0, 2 };
  guint length;

  changed.filter = "tcp";
  gst_pcap_encoder_append_start (encoder, bytes);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++) {
    GstPcapPacket packet = make_packet (ids[i], ids[i] == 9 ? 101 : 1, 60);

    /* the same again is not a change */
    gst_pcap_encoder_set_interface (encoder, i == 3 ? &changed : &eth);
    fail_unless (gst_pcap_encoder_append_packet (encoder, bytes, &packet));
  }
  gst_pcap_encoder_append_end (encoder, bytes, 1);

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    fail_unless_equals_int (u32 (bytes, find_block (bytes, EPB, i) + 8),
        numbers[i]);
  fail_unless_equals_int (u32 (bytes, find_block (bytes, IDB, 1) + 8), 101);
  fail_unless (memcmp (find_option (bytes, find_block (bytes, IDB, 2), 16, 11,
              &length), "\0tcp", 4) == 0);
  gst_pcap_encoder_free (encoder);
  g_byte_array_unref (bytes);
}
GST_END_TEST

/* "any": number 0 stands for all. */
GST_START_TEST (test_any)
{
  GstPcapEncoder *encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, APPLICATION);
  GstCaptureInterface any = {.id = 0,.link_type = 276,.name = "any" };
  GByteArray *bytes = g_byte_array_new ();

  gst_pcap_encoder_append_start (encoder, bytes);
  gst_pcap_encoder_set_interface (encoder, &any);
  for (guint id = 1; id < 4; id++) {
    GstPcapPacket packet = make_packet (id, 276, 60);

    gst_pcap_encoder_append_packet (encoder, bytes, &packet);
  }
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (u32 (bytes, find_block (bytes, EPB, i) + 8), 0);
  gst_pcap_encoder_free (encoder);
  g_byte_array_unref (bytes);
}
GST_END_TEST

GST_START_TEST (test_pcap_one_link_type)
{
  GstPcapEncoder *encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAP,
      GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, APPLICATION);
  GByteArray *bytes = g_byte_array_new ();
  GstPcapPacket first = make_packet (1, 1, 60), second = make_packet (1, 101,
      60);
  guint length;

  fail_unless (gst_pcap_encoder_append_packet (encoder, bytes, &first));
  length = bytes->len;
  fail_if (gst_pcap_encoder_append_packet (encoder, bytes, &second));
  fail_unless_equals_int (bytes->len, length);
  gst_pcap_encoder_free (encoder);
  g_byte_array_unref (bytes);
}
GST_END_TEST

GST_START_TEST (test_empty)
{
  for (guint format = 0; format < 2; format++) {
    GstPcapEncoder *encoder = gst_pcap_encoder_new (format,
        GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, APPLICATION);
    GByteArray *bytes = g_byte_array_new ();
    GstCaptureInterface raw = {.id = 1,.link_type = 101 };
    struct pcap_pkthdr *header;
    const u_char *data;
    pcap_t *pcap;

    gst_pcap_encoder_append_start (encoder, bytes);
    gst_pcap_encoder_set_interface (encoder, &raw);
    gst_pcap_encoder_append_end (encoder, bytes, 101);
    pcap = read_back (bytes, PCAP_TSTAMP_PRECISION_NANO);
    fail_unless_equals_int (pcap_datalink (pcap), DLT_RAW);
    fail_unless_equals_int (pcap_next_ex (pcap, &header, &data),
        PCAP_ERROR_BREAK);
    pcap_close (pcap);
    gst_pcap_encoder_free (encoder);
    g_byte_array_unref (bytes);
  }
}
GST_END_TEST

static Suite *
pcapencoder_suite (void)
{
  Suite *suite = suite_create ("pcapencoder");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_pcapng);
  tcase_add_test (tc, test_pcap_nanosecond);
  tcase_add_test (tc, test_pcap_microsecond);
  tcase_add_test (tc, test_pcapng_blocks);
  tcase_add_test (tc, test_interfaces);
  tcase_add_test (tc, test_any);
  tcase_add_test (tc, test_pcap_one_link_type);
  tcase_add_test (tc, test_empty);
  return suite;
}

GST_CHECK_MAIN (pcapencoder)
