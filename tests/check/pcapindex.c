/* gst-afring tests: indexes of files that were torn, appended to, and changed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/pcap/gstpcapcrc.h>
#include <gst/afring/pcap/gstpcapdecoder.h>
#include <gst/afring/pcap/gstpcapindexblock.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#define PACKETS 600
#define EVERY 150               /* packets to an index */

typedef struct
{
  KitPacket packets[PACKETS];
  GByteArray *file;
} Sample;

static Sample *
sample_new (guint32 seed, gsize block_size, guint every)
{
  Sample *self = g_new0 (Sample, 1);
  GRand *rand = g_rand_new_with_seed (seed);
  g_autoptr (GstPcapIndexBuilder) builder =
      gst_pcap_index_builder_new (block_size);

  for (guint i = 0; i < PACKETS; i++) {
    kit_make_packet (rand, &self->packets[i]);
    self->packets[i].time = (i + 1) * GST_SECOND;
  }
  self->file = kit_make_file (self->packets, PACKETS, builder, every);
  g_rand_free (rand);
  return self;
}

static void
sample_free (Sample * self)
{
  g_byte_array_unref (self->file);
  g_free (self);
}

static GByteArray *
copy_of (const GByteArray * file)
{
  GByteArray *copy = g_byte_array_sized_new (file->len);

  return g_byte_array_append (copy, file->data, file->len);
}

/* Reading. */

typedef struct
{
  guint64 packets;
  guint64 sum;                  /* of their bytes and times */
  gboolean whole;               /* it ended where it was to */
} Seen;

static void
see (Seen * seen, const GstPcapPacket * packet)
{
  seen->packets++;
  for (guint i = 0; i < packet->captured_length; i++)
    seen->sum = seen->sum * 31 + packet->data[i];
  seen->sum = seen->sum * 31 + packet->time + packet->link_type;
}

static void
read_on (GstPcapDecoder * decoder, const guint8 * data, gsize length,
    Seen * seen)
{
  GstPcapDecoderResult result;
  GstPcapPacket packet;
  gsize at = 0, used;

  for (;;) {
    g_autoptr (GError) error = NULL;

    result = gst_pcap_decoder_next (decoder, data + at, length - at, &used,
        &packet, &error);
    if (result == GST_PCAP_DECODER_MORE || result == GST_PCAP_DECODER_ERROR)
      break;
    if (result == GST_PCAP_DECODER_PACKET)
      see (seen, &packet);
    at += used;
  }
  seen->whole = at == length;
}

static void
read_all (const GByteArray * file, Seen * seen)
{
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();

  memset (seen, 0, sizeof (*seen));
  read_on (decoder, file->data, file->len, seen);
  gst_pcap_decoder_free (decoder);
}

/* Each range by itself, as somebody does who reads only some: with what has to be read
 * before it. */
static void
read_range (GstPcapIndex * index, const GByteArray * file,
    const GstPcapIndexRange * range, Seen * seen)
{
  g_autoptr (GArray) prelude = gst_pcap_index_get_prelude (index, range);
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();

  fail_unless (range->offset + range->length <= file->len);
  for (guint i = 0; i < prelude->len; i++) {
    const GstPcapIndexSpan *span = &g_array_index (prelude, GstPcapIndexSpan, i);

    fail_unless (span->offset + span->length <= file->len);
    read_on (decoder, file->data + span->offset, span->length, seen);
    fail_unless (seen->whole);
  }
  read_on (decoder, file->data + range->offset, range->length, seen);
  gst_pcap_decoder_free (decoder);
}

/* All ranges, one by one, are all packets of the file. Where a block is broken whoever
 * reads it from its beginning gets no farther. */
static GstPcapIndex *
check_file (const GByteArray * file)
{
  GstPcapIndex *index = kit_open ((GByteArray *) file);
  guint n = gst_pcap_index_get_n_ranges (index);
  Seen all, pieces = { 0, };

  read_all (file, &all);
  for (guint i = 0; i < n; i++) {
    GstPcapIndexRange range;
    guint64 before = pieces.packets;

    fail_unless (gst_pcap_index_get_range (index, i, &range));
    read_range (index, file, &range, &pieces);
    if (range.indexed) {
      fail_unless (pieces.whole);
      fail_unless_equals_uint64 (pieces.packets - before, range.packets);
    }
  }
  fail_unless (pieces.packets >= all.packets);
  if (all.whole || n == 1) {
    fail_unless_equals_uint64 (pieces.packets, all.packets);
    fail_unless_equals_uint64 (pieces.sum, all.sum);
  }
  return index;
}

static guint64
get_unindexed (GstPcapIndex * index)
{
  guint64 bytes = 0;
  GstPcapIndexRange range;

  for (guint i = 0; gst_pcap_index_get_range (index, i, &range); i++)
    bytes += range.indexed ? 0 : range.length;
  return bytes;
}

GST_START_TEST (test_whole)
{
  Sample *sample = sample_new (1, 2000, EVERY);
  GstPcapIndex *index = check_file (sample->file);

  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), PACKETS);
  fail_unless_equals_uint64 (gst_pcap_index_get_first_time (index), GST_SECOND);
  fail_unless_equals_uint64 (gst_pcap_index_get_last_time (index),
      PACKETS * GST_SECOND);
  fail_unless (gst_pcap_index_get_n_ranges (index) > 20);
  gst_pcap_index_unref (index);
  sample_free (sample);
}

GST_END_TEST;

GST_START_TEST (test_times)
{
  Sample *sample = sample_new (2, 2000, EVERY);
  g_autoptr (GstPcapIndex) index = kit_open (sample->file);

  for (guint i = 0; i < PACKETS; i += 7) {
    GstClockTime time = sample->packets[i].time;
    g_autoptr (GstPcapIndexQuery) query = gst_pcap_index_query_new (NULL, TRUE,
        time, time, NULL);
    g_autoptr (GArray) ranges = gst_pcap_index_select (index, query);
    const GstPcapIndexRange *range = &g_array_index (ranges, GstPcapIndexRange,
        0);

    /* one piece, and it is in there */
    fail_unless_equals_int (ranges->len, 1);
    fail_unless (sample->packets[i].offset >= range->offset
        && sample->packets[i].offset < range->offset + range->length);
    fail_unless (range->first <= time && time <= range->last);
    fail_unless (range->length < 4000);
  }
  sample_free (sample);
}

GST_END_TEST;

/* Only what no index covers any more is read. */
GST_START_TEST (test_torn)
{
  Sample *sample = sample_new (3, 2000, EVERY);
  g_autoptr (GByteArray) file = copy_of (sample->file);

  for (guint length = sample->file->len; length > 0;
      length = length > 97 ? length - 97 : 0) {
    GstPcapIndex *index;

    g_byte_array_set_size (file, length);
    index = check_file (file);
    fail_unless (length == sample->file->len
        || !gst_pcap_index_is_complete (index));
    /* three of four indexes are there as long as the file is that long */
    if (length > sample->file->len * 19 / 20)
      fail_unless (get_unindexed (index) <= sample->file->len / 3
          && gst_pcap_index_get_packets (index) >= 3 * EVERY);
    gst_pcap_index_unref (index);
  }
  sample_free (sample);
}

GST_END_TEST;

GST_START_TEST (test_appended)
{
  Sample *sample = sample_new (4, 2000, EVERY);
  Sample *other = sample_new (5, 3000, 0);
  g_autoptr (GByteArray) file = copy_of (sample->file);
  guint64 at = file->len;
  GstPcapIndex *index;

  /* a section of somebody else, and packets of the section that is there */
  g_byte_array_append (file, other->file->data, other->file->len);
  index = check_file (file);
  fail_unless_equals_uint64 (get_unindexed (index), other->file->len);
  gst_pcap_index_unref (index);
  g_byte_array_set_size (file, at);
  g_byte_array_append (file, sample->file->data + sample->packets[3].offset,
      sample->packets[4].offset - sample->packets[3].offset);
  index = check_file (file);
  fail_unless_equals_int (gst_pcap_index_get_n_ranges (index) > 20, TRUE);
  fail_unless_equals_uint64 (get_unindexed (index), file->len - at);
  gst_pcap_index_unref (index);
  sample_free (sample);
  sample_free (other);
}

GST_END_TEST;

GST_START_TEST (test_concatenated)
{
  Sample *samples[3] = { sample_new (6, 2000, EVERY), sample_new (7, 2000, 0),
    sample_new (8, 1000, EVERY)
  };

  /* with and without an index, in each order */
  for (guint i = 0; i < 27; i++) {
    const Sample *parts[3] = { samples[i % 3], samples[i / 3 % 3],
      samples[i / 9]
    };
    g_autoptr (GByteArray) file = g_byte_array_new ();
    GstPcapIndex *index;
    guint64 without = 0;

    for (guint j = 0; j < 3; j++) {
      g_byte_array_append (file, parts[j]->file->data, parts[j]->file->len);
      without += parts[j] == samples[1] ? parts[j]->file->len : 0;
    }
    index = check_file (file);
    /* an index in the middle, in front of what has none, is looked for as far as the
     * start of the file */
    if (parts[2] != samples[1] && parts[1] != samples[1])
      fail_unless_equals_uint64 (get_unindexed (index), without);
    fail_unless (get_unindexed (index) >= without);
    gst_pcap_index_unref (index);
  }
  for (guint i = 0; i < 3; i++)
    sample_free (samples[i]);
}

GST_END_TEST;

/* Any bit of any index. */
GST_START_TEST (test_flipped)
{
  Sample *sample = sample_new (9, 4000, EVERY);
  guint n = 0;

  for (gsize at = 0; at + GST_PCAP_INDEX_START_LENGTH < sample->file->len;
      at += 4) {
    guint32 length = gst_pcap_index_block_get_length (sample->file->data + at);

    for (guint32 i = 0; i < length; i += n < 3 && i < 256 ? 1 : 61) {
      guint8 *byte = sample->file->data + at + i;
      GstPcapIndex *index;

      *byte ^= 1 << i % 8;
      index = check_file (sample->file);
      /* of one of four no more is lost than it covers, and what it covers is read */
      fail_unless (gst_pcap_index_get_packets (index) == PACKETS
          || get_unindexed (index) > 0);
      gst_pcap_index_unref (index);
      *byte ^= 1 << i % 8;
    }
    n += length > 0;
  }
  fail_unless_equals_int (n, 4);
  sample_free (sample);
}

GST_END_TEST;

/* The one before it says where to go on. */
GST_START_TEST (test_one_broken)
{
  Sample *sample = sample_new (10, 2000, EVERY);

  for (gsize at = 0, n = 0; at + GST_PCAP_INDEX_START_LENGTH <
      sample->file->len; at += 4) {
    GstPcapIndex *index;

    if (gst_pcap_index_block_get_length (sample->file->data + at) == 0)
      continue;
    sample->file->data[at + 40] ^= 1;
    index = check_file (sample->file);
    fail_unless_equals_uint64 (gst_pcap_index_get_packets (index),
        PACKETS - EVERY);
    gst_pcap_index_unref (index);
    sample->file->data[at + 40] ^= 1;
    n++;
  }
  sample_free (sample);
}

GST_END_TEST;

/* What stands in front of an index has another length than when it was made. */
GST_START_TEST (test_edited)
{
  Sample *sample = sample_new (11, 2000, EVERY);

  for (guint i = 0; i < PACKETS - 1; i += 13) {
    guint at = sample->packets[i].offset;
    guint length = sample->packets[i + 1].offset - at;
    g_autoptr (GByteArray) less = copy_of (sample->file);
    g_autoptr (GByteArray) more = g_byte_array_new ();

    if (i % EVERY == EVERY - 1)
      continue;
    /* one packet less, one twice */
    g_byte_array_remove_range (less, at, length);
    gst_pcap_index_unref (check_file (less));
    g_byte_array_append (more, sample->file->data, at + length);
    g_byte_array_append (more, sample->file->data + at, sample->file->len - at);
    gst_pcap_index_unref (check_file (more));
  }
  sample_free (sample);
}

GST_END_TEST;

/* Made when all of the file was there: behind it, or beside it. */
GST_START_TEST (test_made_later)
{
  Sample *sample = sample_new (12, 100, 0);
  g_autoptr (GstPcapIndexBuilder) builder = gst_pcap_index_builder_new (100);
  g_autoptr (GByteArray) file = copy_of (sample->file);
  g_autoptr (GBytes) blocks = NULL;
  GstPcapIndex *index;

  gst_pcap_index_builder_add (builder, file->data, file->len);
  fail_unless (gst_pcap_index_builder_is_due (builder));
  blocks = gst_pcap_index_builder_write (builder, 4);
  fail_unless (blocks != NULL);
  g_byte_array_append (file, g_bytes_get_data (blocks, NULL),
      g_bytes_get_size (blocks));
  index = check_file (file);
  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), PACKETS);
  gst_pcap_index_unref (index);
  sample_free (sample);
}

GST_END_TEST;

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
  index = check_file (file);
  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), 800);
  gst_pcap_index_unref (index);
  g_rand_free (rand);
}

GST_END_TEST;

/* What is no pcapng any more is not covered, and what was before is. */
GST_START_TEST (test_gives_up)
{
  Sample *sample = sample_new (14, 2000, 0);
  g_autoptr (GstPcapIndexBuilder) builder = gst_pcap_index_builder_new (2000);
  g_autoptr (GByteArray) file = copy_of (sample->file);
  g_autoptr (GBytes) block = NULL;
  const guint8 odd[] = { 6, 0, 0, 0, 13, 0, 0, 0, 1, 2, 3, 4 };
  GstPcapIndexRange range;
  GstPcapIndex *index;

  g_byte_array_append (file, odd, sizeof (odd));
  gst_pcap_index_builder_add (builder, file->data, file->len);
  block = gst_pcap_index_builder_write (builder, 4);
  g_byte_array_append (file, g_bytes_get_data (block, NULL),
      g_bytes_get_size (block));
  index = kit_open (file);
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), PACKETS);
  fail_unless (gst_pcap_index_get_range (index,
          gst_pcap_index_get_n_ranges (index) - 1, &range));
  fail_unless (!range.indexed && range.offset <= sample->file->len);
  gst_pcap_index_unref (index);
  sample_free (sample);
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

GST_START_TEST (test_checksum)
{
  const guint8 numbers[] = "123456789";
  guint8 zeros[32] = { 0, };

  /* RFC 3720, appendix B.4; the check value of the catalogue of CRCs */
  fail_unless_equals_uint64 (gst_pcap_crc32c (numbers, 9), 0xe3069283);
  fail_unless_equals_uint64 (gst_pcap_crc32c (zeros, 32), 0x8a9136aa);
}

GST_END_TEST;

static GBytes *
fail_to_read (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the disk is gone");
  return NULL;
}

GST_START_TEST (test_errors)
{
  g_autoptr (GError) error = NULL;

  fail_unless (gst_pcap_index_new (fail_to_read, NULL, 4096, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED));
  g_clear_error (&error);
  fail_unless (gst_pcap_index_query_new ("no such word", TRUE,
          GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, &error) == NULL);
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_FILTER));
}

GST_END_TEST;

static Suite *
pcap_index_suite (void)
{
  Suite *suite = suite_create ("pcapindex");
  TCase *tc = tcase_create ("index");

  tcase_set_timeout (tc, 0);
  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_whole);
  tcase_add_test (tc, test_times);
  tcase_add_test (tc, test_torn);
  tcase_add_test (tc, test_appended);
  tcase_add_test (tc, test_concatenated);
  tcase_add_test (tc, test_flipped);
  tcase_add_test (tc, test_one_broken);
  tcase_add_test (tc, test_edited);
  tcase_add_test (tc, test_made_later);
  tcase_add_test (tc, test_late_interfaces);
  tcase_add_test (tc, test_gives_up);
  tcase_add_test (tc, test_many_flows);
  tcase_add_test (tc, test_too_many);
  tcase_add_test (tc, test_checksum);
  tcase_add_test (tc, test_errors);
  return suite;
}

GST_CHECK_MAIN (pcap_index);
