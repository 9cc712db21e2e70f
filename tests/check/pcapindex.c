/* gst-afring tests: indexes of files that were torn, appended to, and changed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/pcap/gstpcapcrc.h>
#include <gst/afring/pcap/gstpcapindexblock.h>
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

GST_START_TEST (test_whole)
{
  Sample *sample = sample_new (1, 2000, EVERY);
  GstPcapIndex *index = kit_check_file (sample->file);

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
    index = kit_check_file (file);
    fail_unless (length == sample->file->len
        || !gst_pcap_index_is_complete (index));
    /* three of four indexes are there as long as the file is that long */
    if (length > sample->file->len * 19 / 20)
      fail_unless (kit_get_unindexed (index) <= sample->file->len / 3
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
  index = kit_check_file (file);
  fail_unless_equals_uint64 (kit_get_unindexed (index), other->file->len);
  gst_pcap_index_unref (index);
  g_byte_array_set_size (file, at);
  g_byte_array_append (file, sample->file->data + sample->packets[3].offset,
      sample->packets[4].offset - sample->packets[3].offset);
  index = kit_check_file (file);
  fail_unless_equals_int (gst_pcap_index_get_n_ranges (index) > 20, TRUE);
  fail_unless_equals_uint64 (kit_get_unindexed (index), file->len - at);
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
    index = kit_check_file (file);
    /* an index in the middle, in front of what has none, is looked for as far as the
     * start of the file */
    if (parts[2] != samples[1] && parts[1] != samples[1])
      fail_unless_equals_uint64 (kit_get_unindexed (index), without);
    fail_unless (kit_get_unindexed (index) >= without);
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
      index = kit_check_file (sample->file);
      /* of one of four no more is lost than it covers, and what it covers is read */
      fail_unless (gst_pcap_index_get_packets (index) == PACKETS
          || kit_get_unindexed (index) > 0);
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
    index = kit_check_file (sample->file);
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
    gst_pcap_index_unref (kit_check_file (less));
    g_byte_array_append (more, sample->file->data, at + length);
    g_byte_array_append (more, sample->file->data + at, sample->file->len - at);
    gst_pcap_index_unref (kit_check_file (more));
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
  index = kit_check_file (file);
  fail_unless (gst_pcap_index_is_complete (index));
  fail_unless_equals_uint64 (gst_pcap_index_get_packets (index), PACKETS);
  gst_pcap_index_unref (index);
  sample_free (sample);
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

GST_START_TEST (test_checksum)
{
  const guint8 numbers[] = "123456789";
  guint8 zeros[32] = { 0, };

  /* RFC 3720, appendix B.4; the check value of the catalogue of CRCs */
  fail_unless_equals_uint64 (gst_pcap_crc32c (numbers, 9), 0xe3069283);
  fail_unless_equals_uint64 (gst_pcap_crc32c (zeros, 32), 0x8a9136aa);
}

GST_END_TEST;

/* Beside a file that ends in the middle of a block. */
GST_START_TEST (test_made_of_torn)
{
  Sample *sample = sample_new (15, 2000, 0);

  for (guint cut = 1; cut < 40; cut++) {
    g_autoptr (GstPcapIndexBuilder) builder = gst_pcap_index_builder_new (2000);
    g_autoptr (GByteArray) file = copy_of (sample->file);
    g_autoptr (GstPcapIndex) index = NULL;
    g_autoptr (GBytes) block = NULL;

    g_byte_array_set_size (file, file->len - cut);
    gst_pcap_index_builder_add (builder, file->data, file->len);
    block = gst_pcap_index_builder_write (builder, 512);
    g_byte_array_append (file, g_bytes_get_data (block, NULL),
        g_bytes_get_size (block));
    index = kit_open (file);
    fail_unless (gst_pcap_index_get_packets (index) >= PACKETS - 2);
    fail_unless (!gst_pcap_index_is_complete (index));
  }
  sample_free (sample);
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
  tcase_add_test (tc, test_gives_up);
  tcase_add_test (tc, test_made_of_torn);
  tcase_add_test (tc, test_checksum);
  tcase_add_test (tc, test_errors);
  return suite;
}

GST_CHECK_MAIN (pcap_index);
