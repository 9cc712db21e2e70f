/* gst-afring tests: many sections, flows and layouts in an index
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/pcap/gstpcapngwriter.h>
#include <gst/check/gstcheck.h>

/* Sections, and interfaces that come late: each range can be read alone. */
GST_START_TEST (test_late_interfaces)
{
  g_autoptr (GstPcapIndexBuilder) builder = gst_pcap_index_builder_new (500);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  GRand *rand = g_rand_new_with_seed (13);
  GstPcapIndex *index;
  guint seen = 0;

  for (guint i = 0; i < 800; i++) {
    guint n = i % 100;
    GstCaptureInterface iface = {.link_type = n % 40 == 0 ? 1 : 101,.snaplen =
          65535 };
    KitPacket packet;
    guint at;

    if (n == 0)
      gst_pcapng_append_section_header (file, "afring", NULL);
    if (n % 20 == 0)
      gst_pcapng_append_interface (file, &iface);
    kit_make_packet (rand, &packet);
    at = file->len;
    g_byte_array_set_size (file, at + gst_pcapng_get_packet_size
        (GST_PACKET_TYPE_HOST, packet.captured));
    gst_pcapng_write_packet (file->data + at, n / 20, packet.time,
        GST_PACKET_TYPE_HOST, packet.data, packet.captured, packet.wire);
    gst_pcap_index_builder_add (builder, file->data + seen, file->len - seen);
    if (i % 90 == 89 || i == 799) {
      g_autoptr (GBytes) block = gst_pcap_index_builder_write (builder, 4);

      g_byte_array_append (file, g_bytes_get_data (block, NULL),
          g_bytes_get_size (block));
    }
    seen = file->len;
  }
  index = kit_check_file (file);
  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), 800);
  gst_pcap_index_unref (index);
  g_rand_free (rand);
}

GST_END_TEST;

/* Packets of the kit are few; these are many in one piece. */

static GByteArray *
begin_file (GstPcapIndexBuilder * builder)
{
  GByteArray *file = g_byte_array_new ();
  GstCaptureInterface iface = {.link_type = 1,.snaplen = 65535 };

  gst_pcapng_append_section_header (file, "afring", NULL);
  gst_pcapng_append_interface (file, &iface);
  gst_pcap_index_builder_add (builder, file->data, file->len);
  return file;
}

static void
add_packet (GstPcapIndexBuilder * builder, GByteArray * file,
    const guint8 * data, guint length)
{
  guint at = file->len;

  g_byte_array_set_size (file, at + gst_pcapng_get_packet_size
      (GST_PACKET_TYPE_HOST, length));
  gst_pcapng_write_packet (file->data + at, 0, GST_SECOND, GST_PACKET_TYPE_HOST,
      data, length, length);
  gst_pcap_index_builder_add (builder, file->data + at, file->len - at);
}

static GstPcapIndex *
end_file (GstPcapIndexBuilder * builder, GByteArray * file)
{
  g_autoptr (GBytes) block = gst_pcap_index_builder_write (builder, 4);

  g_byte_array_append (file, g_bytes_get_data (block, NULL),
      g_bytes_get_size (block));
  return kit_open (file);
}

static gboolean
is_chosen (GstPcapIndex * index, const gchar * format, guint number)
{
  g_autofree gchar *text = g_strdup_printf (format, number);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapIndexQuery) query = gst_pcap_index_query_new (text, TRUE,
      GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, &error);
  g_autoptr (GArray) ranges = NULL;

  g_assert_no_error (error);
  ranges = gst_pcap_index_select (index, query);
  return ranges->len > 0;
}

/* A cache that forgets flows must not take one for another: each is found. And what was
 * not there mostly is not. */
static void
check_many_flows (gboolean ipv6, guint n)
{
  g_autoptr (GstPcapIndexBuilder) builder =
      gst_pcap_index_builder_new (1 << 30);
  g_autoptr (GByteArray) file = begin_file (builder);
  g_autoptr (GstPcapIndex) index = NULL;
  guint8 data[80] = { 0, };
  guint wrong = 0;

  GST_WRITE_UINT16_BE (data + 12, ipv6 ? 0x86dd : 0x0800);
  data[14] = ipv6 ? 0x60 : 0x45;
  data[ipv6 ? 20 : 23] = 17;
  for (guint i = 0; i < 2 * n; i++) {
    guint which = i % n * 2;

    GST_WRITE_UINT32_BE (data + (ipv6 ? 34 : 26), which);
    add_packet (builder, file, data, sizeof (data));
  }
  index = end_file (builder, file);
  for (guint i = 0; i < n; i++) {
    const gchar *format = ipv6 ? "ip6[20:4] = %u" : "ip[12:4] = %u";

    fail_unless (is_chosen (index, format, 2 * i));
    wrong += is_chosen (index, format, 2 * i + 1);
  }
  fail_unless (wrong < n / 5, "%u of %u", wrong, n);
}

GST_START_TEST (test_many_flows)
{
  check_many_flows (FALSE, 6000);
  check_many_flows (TRUE, 6000);
}

GST_END_TEST;

/* Too many layouts to name, or too many keys: anything may be there. */
GST_START_TEST (test_too_many)
{
  g_autoptr (GstPcapIndexBuilder) builder =
      gst_pcap_index_builder_new (1 << 30);
  g_autoptr (GByteArray) file = begin_file (builder), flood = NULL;
  g_autoptr (GstPcapIndex) index = NULL, flooded = NULL;
  guint8 data[80] = { 0, };

  for (guint i = 0; i < 100; i++) {
    GST_WRITE_UINT16_BE (data + 12, 0x9000 + i);
    add_packet (builder, file, data, sizeof (data));
  }
  index = end_file (builder, file);
  for (guint i = 0; i < 100; i++)
    fail_unless (is_chosen (index, "ether proto %u", 0x9000 + i));

  gst_pcap_index_builder_restart (builder);
  flood = begin_file (builder);
  GST_WRITE_UINT16_BE (data + 12, 0x0800);
  data[14] = 0x45;
  for (guint i = 0; i < 60000; i++) {
    GST_WRITE_UINT32_BE (data + 26, 0x0a000000 + i * 251);
    add_packet (builder, flood, data, sizeof (data));
  }
  flooded = end_file (builder, flood);
  for (guint i = 0; i < 60000; i += 61) {
    fail_unless (is_chosen (flooded, "ip[12:4] = %u", 0x0a000000 + i * 251));
    fail_unless (is_chosen (flooded, "ip[12:4] & 0xffffff00 = %u",
            (0x0a000000 + i * 251) & 0xffffff00));
  }
  /* what does not take a key is still known */
  fail_if (is_chosen (flooded, "ether proto %u", 0x86dd));
}

GST_END_TEST;

static Suite *
pcap_index_many_suite (void)
{
  Suite *suite = suite_create ("pcapindexmany");
  TCase *tc = tcase_create ("many");

  tcase_set_timeout (tc, 0);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_late_interfaces);
  tcase_add_test (tc, test_many_flows);
  tcase_add_test (tc, test_too_many);
  return suite;
}

GST_CHECK_MAIN (pcap_index_many);
