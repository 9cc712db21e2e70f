/* Files with indexes of strangers: pieces that lie in the file, one behind the other, all of
 * it, and whatever is asked of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapcrc.h>
#include <gst/afring/pcap/gstpcapindexblock.h>

/* Of an index block: what is checked by a sum would hide all that is behind it. */
#define CRC_AT 24
#define CHECKED_AT 28

static GBytes *
read_file (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  GByteArray *file = user_data;

  fuzz_check (offset <= file->len && n <= file->len - offset);
  return g_bytes_new (file->data + offset, n);
}

/* Makes the sums right, of some of them. */
static void
mend_sums (GByteArray * file, guint8 which)
{
  for (gsize at = 0; at + GST_PCAP_INDEX_START_LENGTH < file->len; at += 4) {
    guint8 *block = file->data + at;
    guint32 length = gst_pcap_index_block_get_length (block), sum;
    gsize end;

    if (length == 0 || length > file->len - at)
      continue;
    end = gst_pcap_index_block_get_end (block);
    if (end <= CHECKED_AT || end > length || !(which & 1))
      continue;
    sum = GUINT32_TO_LE (gst_pcap_crc32c (block + CHECKED_AT,
            end - CHECKED_AT));
    memcpy (block + CRC_AT, &sum, sizeof (sum));
    which >>= 1;
  }
}

static void
check_ranges (GArray * ranges, guint64 size)
{
  guint64 end = 0;

  for (guint i = 0; i < ranges->len; i++) {
    const GstPcapIndexRange *range = &g_array_index (ranges, GstPcapIndexRange,
        i);

    fuzz_check (range->offset >= end && range->offset <= size
        && range->length <= size - range->offset);
    end = range->offset + range->length;
  }
}

static void
check_preludes (GstPcapIndex * index, guint64 size)
{
  GstPcapIndexRange range;

  for (guint i = 0; gst_pcap_index_get_range (index, i, &range); i++) {
    g_autoptr (GArray) prelude = gst_pcap_index_get_prelude (index, &range);

    for (guint j = 0; j < prelude->len; j++) {
      const GstPcapIndexSpan *span = &g_array_index (prelude, GstPcapIndexSpan,
          j);

      fuzz_check (span->offset <= size && span->length <= size - span->offset);
    }
  }
}

/* Whatever a file is, its index can be made and read. */
static void
check_builder (const GByteArray * file)
{
  g_autoptr (GstPcapIndexBuilder) builder = gst_pcap_index_builder_new (512);
  g_autoptr (GByteArray) both = g_byte_array_new ();
  g_autoptr (GstPcapIndex) index = NULL;
  g_autoptr (GBytes) block = NULL;

  gst_pcap_index_builder_add (builder, file->data, file->len);
  block = gst_pcap_index_builder_write (builder, 512);
  if (block == NULL)
    return;
  g_byte_array_append (both, file->data, file->len);
  g_byte_array_append (both, g_bytes_get_data (block, NULL),
      g_bytes_get_size (block));
  fuzz_check (file->len % 4 != 0 || both->len % 512 == 0);
  index = gst_pcap_index_new (read_file, both, both->len, NULL);
  fuzz_check (gst_pcap_index_get_packets (index) > 0);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const gchar *const filters[] = { NULL, "host 10.0.0.1",
    "udp port 53 or vlan", "ip6 net 2001:db8::/48", "ip[6:2] & 0x1fff != 0"
  };
  FuzzInput input = { data, size };
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GstPcapIndex) index = NULL;
  g_autofree guint8 *bytes = NULL;
  guint8 which, filter;
  gsize length;

  fuzz_init ();
  which = fuzz_take_byte (&input);
  filter = fuzz_take_byte (&input);
  bytes = fuzz_take (&input, input.size, &length);
  g_byte_array_append (file, bytes, length);
  mend_sums (file, which);
  index = gst_pcap_index_new (read_file, file, file->len, NULL);
  fuzz_check (index != NULL);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstPcapIndexQuery) query = gst_pcap_index_query_new
        (filters[filter % G_N_ELEMENTS (filters)], i, 5, filter * GST_SECOND,
        NULL);
    g_autoptr (GArray) ranges = gst_pcap_index_select (index, query);

    check_ranges (ranges, file->len);
  }
  check_preludes (index, file->len);
  check_builder (file);
  return 0;
}
