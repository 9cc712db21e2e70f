/* What an index costs: to make it, a packet; its part of a file; to ask it.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"
#include "meter.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <string.h>

/* Blocks as a ring has them: one is still in the processor's cache when it is seen, of many
 * each has left it. */
#define BLOCK_SIZE (1024 * 1024)

static gint rounds = 5;
static gint megabytes = 256;
static gint flows = 1000;
static gint records = 102400;
static gint only;

static const GOptionEntry options[] = {
  {"rounds", 'r', 0, G_OPTION_ARG_INT, &rounds, "Rounds of each row", "N"},
  {"megabytes", 'm', 0, G_OPTION_ARG_INT, &megabytes, "Packets to see", "MIB"},
  {"flows", 'f', 0, G_OPTION_ARG_INT, &flows, "Flows that they are of", "N"},
  {"only", 'o', 0, G_OPTION_ARG_INT, &only, "Only this row, from 1 on", "N"},
  {"records", 'n', 0, G_OPTION_ARG_INT, &records, "Records to ask: a MiB each",
      "N"},
  {NULL,}
};

static guint32 state = 1;

static guint32
get_random (void)
{
  state = state * 1664525 + 1013904223;
  return state >> 8;
}

static void
make_packet (guint8 * data, guint length, guint32 flow)
{
  static const guint8 start[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
    0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 17
  };

  memset (data, 0, length);
  memcpy (data, start, sizeof (start));
  data[23] = flow % 3 == 0 ? 6 : 17;
  GST_WRITE_UINT32_BE (data + 26, 0x0a000000 + flow % 250);
  GST_WRITE_UINT32_BE (data + 30, 0xc0000200 + flow * 7 % 60000);
  GST_WRITE_UINT16_BE (data + 34, 1024 + flow);
  GST_WRITE_UINT16_BE (data + 36, flow % 5 == 0 ? 443 : 5004);
}

typedef struct
{
  guint8 *bytes;
  gsize *lengths;               /* of the blocks */
  guint n;
  guint packets;                /* in all */
} Blocks;

static void
fill_block (Blocks * self, guint i, guint length, guint n_flows)
{
  guint8 *block = self->bytes + (gsize) i * BLOCK_SIZE, packet[1514];
  gsize size = gst_pcapng_get_packet_size (GST_PACKET_TYPE_HOST, length), at = 0;

  for (; at + size <= BLOCK_SIZE; at += size, self->packets++) {
    make_packet (packet, length, get_random () % n_flows);
    gst_pcapng_write_packet (block + at, 0, self->packets * GST_MSECOND,
        GST_PACKET_TYPE_HOST, packet, length, length);
  }
  self->lengths[i] = at;
}

static void
make_blocks (Blocks * self, guint n, guint length, guint n_flows)
{
  self->n = n;
  self->packets = 0;
  self->bytes = g_malloc ((gsize) n * BLOCK_SIZE);
  self->lengths = g_new (gsize, n);
  for (guint i = 0; i < n; i++)
    fill_block (self, i, length, n_flows);
}

static void
free_blocks (Blocks * self)
{
  g_free (self->bytes);
  g_free (self->lengths);
}

static GstPcapIndexBuilder *
begin_file (GByteArray * file)
{
  GstPcapIndexBuilder *builder = gst_pcap_index_builder_new (0);
  GstCaptureInterface iface = {.link_type = 1,.snaplen = 65535 };

  gst_pcapng_append_section_header (file, "afring bench", NULL);
  gst_pcapng_append_interface (file, &iface);
  gst_pcap_index_builder_add (builder, file->data, file->len);
  return builder;
}

/* Returns nanoseconds a packet; *@part: of the index in the file. */
static gdouble
see_all (const Blocks * blocks, guint n, gdouble * part)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GstPcapIndexBuilder) builder = begin_file (file);
  guint64 packets = 0, bytes = 0, index = 0;
  BenchTime start, end;

  bench_get_time (&start);
  for (guint i = 0; i < n; i++) {
    guint which = i % blocks->n;
    g_autoptr (GBytes) block = NULL;

    gst_pcap_index_builder_add (builder, blocks->bytes +
        (gsize) which * BLOCK_SIZE, blocks->lengths[which]);
    bytes += blocks->lengths[which];
    packets += blocks->packets / blocks->n;
    if (!gst_pcap_index_builder_is_due (builder) && i + 1 < n)
      continue;
    block = gst_pcap_index_builder_write (builder, 512);
    index += block != NULL ? g_bytes_get_size (block) : 0;
  }
  bench_get_time (&end);
  *part = 100.0 * index / bytes;
  return (gdouble) (end.cpu - start.cpu) / packets;
}

static void
print_row (guint length, guint n_flows, guint n_blocks)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (gdouble));
  BenchSpread spread;
  gdouble part = 0;
  Blocks blocks;

  make_blocks (&blocks, n_blocks, length, n_flows);
  for (gint i = 0; i < rounds; i++) {
    gdouble value = see_all (&blocks, megabytes, &part);

    g_array_append_val (values, value);
  }
  spread = bench_get_spread (values);
  g_print ("%7u %7u  %-5s %8.1f %8.1f-%-8.1f %8.2f\n", length, n_flows,
      n_blocks == 1 ? "warm" : "cold", spread.median, spread.least, spread.most,
      part);
  free_blocks (&blocks);
}

/* Asking. */

static GBytes *
read_file (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  GByteArray *file = user_data;

  return g_bytes_new_static (file->data + offset, n);
}

/* The blocks are small, so that what is asked is as much as of a hundred GiB. */
static GByteArray *
make_file (void)
{
  GByteArray *file = g_byte_array_new ();
  g_autoptr (GstPcapIndexBuilder) builder = begin_file (file);
  guint8 packet[128];
  guint size = gst_pcapng_get_packet_size (GST_PACKET_TYPE_HOST, 60);

  gst_pcap_index_builder_unref (g_steal_pointer (&builder));
  builder = gst_pcap_index_builder_new (4096);
  gst_pcap_index_builder_add (builder, file->data, file->len);
  for (gint64 i = 0; i < (gint64) records * 4096 / size; i++) {
    guint at = file->len;

    make_packet (packet, 60, get_random () % 60000);
    g_byte_array_set_size (file, at + size);
    gst_pcapng_write_packet (file->data + at, 0, i * GST_MSECOND,
        GST_PACKET_TYPE_HOST, packet, 60, 60);
    gst_pcap_index_builder_add (builder, file->data + at, size);
    if (gst_pcap_index_builder_is_due (builder)) {
      g_autoptr (GBytes) block = gst_pcap_index_builder_write (builder, 4);

      g_byte_array_append (file, g_bytes_get_data (block, NULL),
          g_bytes_get_size (block));
    }
  }
  return file;
}

static void
print_questions (void)
{
  static const gchar *const filters[] = { NULL, "host 10.0.0.7",
    "host 192.0.2.7 and udp port 5004", "net 192.0.0.0/16 and not tcp",
    "tcp[13] & 2 != 0", "ip6", "vlan 100", "portrange 7000-7010"
  };
  g_autoptr (GByteArray) file = make_file ();
  g_autoptr (GstPcapIndex) index = NULL;
  BenchTime start, end;

  bench_get_time (&start);
  index = gst_pcap_index_new (read_file, file, file->len, NULL);
  bench_get_time (&end);
  g_print ("\n%u records opened in %.1f ms\n", gst_pcap_index_get_n_ranges
      (index), (end.wall - start.wall) / 1e6);
  g_print ("%-36s %8s %10s\n", "filter", "ms", "chosen, %");
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++) {
    g_autoptr (GstPcapIndexQuery) query = NULL;
    g_autoptr (GArray) ranges = NULL;
    guint64 bytes = 0;

    bench_get_time (&start);
    query = gst_pcap_index_query_new (filters[i], TRUE, GST_CLOCK_TIME_NONE,
        GST_CLOCK_TIME_NONE, NULL);
    ranges = gst_pcap_index_select (index, query);
    bench_get_time (&end);
    for (guint j = 0; j < ranges->len; j++)
      bytes += g_array_index (ranges, GstPcapIndexRange, j).length;
    g_print ("%-36s %8.1f %10.1f\n", filters[i] != NULL ? filters[i] : "(all)",
        (end.wall - start.wall) / 1e6, 100.0 * bytes / file->len);
  }
}

int
main (int argc, char **argv)
{
  static const guint lengths[] = { 60, 1442 };

  bench_init (&argc, &argv, options, "- what an index of a recording costs");
  bench_print_machine ();
  g_print ("\n%7s %7s  %-5s %8s %17s %8s\n", "bytes", "flows", "", "ns", "",
      "size, %");
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    if (only == 0 || only == 3 * (gint) i + 1)
      print_row (lengths[i], flows, 1);
    if (only == 0 || only == 3 * (gint) i + 2)
      print_row (lengths[i], flows, 128);
    if (only == 0 || only == 3 * (gint) i + 3)
      print_row (lengths[i], 1000000, 128);
  }
  if (only == 0)
    print_questions ();
  return 0;
}
