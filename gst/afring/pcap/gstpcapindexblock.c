/* gst-afring: the bytes of an index
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapindexblock.h"
#include "gstpcapcrc.h"
#include "gstpcapindexkeys.h"
#include "gstpcapngblock.h"

#include <string.h>

/* The range of types is anybody's: this is what tells ours apart. The text, and bytes
 * that a transfer as text would not leave alone. */
static const guint8 magic[GST_PCAP_INDEX_MAGIC_LENGTH] = {
  'a', 'f', 'r', 'i', 'n', 'g', ' ', 'i', 'n', 'd', 'e', 'x', 0x8a, '\r', '\n', 0x1a
};

#define TYPE_AT 0
#define LENGTH_AT 4
#define MAGIC_AT 8
#define CRC_AT 24
#define VERSION_AT 28           /* what is checked begins there */
#define END_AT 32               /* of the records, in the block */
#define HEADER_AT 36
#define SPANS_AT (HEADER_AT + 4 * 8 + 4 * 4)
#define SHAPE_LENGTH 16

G_STATIC_ASSERT (SPANS_AT + sizeof (guint32) == GST_PCAP_INDEX_FRAME_LENGTH);
G_STATIC_ASSERT (SHAPE_LENGTH == sizeof (GstPcapShape));

static void
append_u16 (GByteArray * out, guint16 value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof (value));
}

static void
append_u32 (GByteArray * out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof (value));
}

static void
append_u64 (GByteArray * out, guint64 value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof (value));
}

/* In the byte order of the section. */
static void
put_length (guint8 * at, guint32 length, gboolean swapped)
{
  gst_pcapng_put_u32 (at, swapped ? GUINT32_SWAP_LE_BE (length) : length);
}

static void
append_header (GByteArray * out, const GstPcapIndexHeader * header)
{
  append_u64 (out, header->start);
  append_u64 (out, header->end);
  append_u64 (out, header->previous);
  append_u64 (out, header->before);
  append_u32 (out, header->n_spans);
  append_u32 (out, header->n_records);
  append_u32 (out, header->spans_first);
  append_u32 (out, header->spans_n);
}

void
gst_pcap_index_block_append (GByteArray * out,
    const GstPcapIndexHeader * header, const GstPcapIndexPlace * spans,
    const GByteArray * records, guint64 place, gsize alignment,
    gboolean swapped)
{
  guint at = out->len, end, length;
  guint32 value;

  append_u32 (out, 0);
  append_u32 (out, 0);
  g_byte_array_append (out, magic, sizeof (magic));
  append_u32 (out, 0);
  append_u16 (out, GST_PCAP_INDEX_VERSION);
  append_u16 (out, SPANS_AT);
  append_u32 (out, 0);
  append_header (out, header);
  for (guint32 i = 0; i < header->n_spans; i++) {
    append_u64 (out, spans[i].start);
    append_u32 (out, spans[i].length);
    append_u32 (out, spans[i].has_header);
  }
  g_byte_array_append (out, records->data, records->len);

  end = out->len - at;
  length = GST_PCAPNG_PADDED (end) + sizeof (guint32);
  /* behind what is torn nothing is aligned, and lengths are multiples of four */
  if (place % 4 == 0)
    length += (alignment - (place + length) % alignment) % alignment;
  g_byte_array_set_size (out, at + length);
  memset (out->data + at + end, 0, length - end);
  put_length (out->data + at + TYPE_AT, GST_PCAP_INDEX_BLOCK_TYPE, swapped);
  put_length (out->data + at + LENGTH_AT, length, swapped);
  put_length (out->data + at + length - sizeof (guint32), length, swapped);
  value = GUINT32_TO_LE (end);
  memcpy (out->data + at + END_AT, &value, sizeof (value));
  value = GUINT32_TO_LE (gst_pcap_crc32c (out->data + at +
          VERSION_AT, end - VERSION_AT));
  memcpy (out->data + at + CRC_AT, &value, sizeof (value));
}

guint32
gst_pcap_index_block_get_length (const guint8 * data)
{
  guint32 type, length;

  memcpy (&type, data + TYPE_AT, sizeof (type));
  memcpy (&length, data + LENGTH_AT, sizeof (length));
  if (memcmp (data + MAGIC_AT, magic, sizeof (magic)) != 0)
    return 0;
  if (type == GUINT32_SWAP_LE_BE (GST_PCAP_INDEX_BLOCK_TYPE))
    length = GUINT32_SWAP_LE_BE (length);
  else if (type != GST_PCAP_INDEX_BLOCK_TYPE)
    return 0;
  return length >= SPANS_AT + sizeof (guint32) && length % 4 == 0
      && length <= GST_PCAP_INDEX_MOST_LENGTH ? length : 0;
}

gsize
gst_pcap_index_block_get_end (const guint8 * block)
{
  return GST_READ_UINT32_LE (block + END_AT);
}

static void
read_header (const guint8 * at, GstPcapIndexHeader * header)
{
  header->start = GST_READ_UINT64_LE (at);
  header->end = GST_READ_UINT64_LE (at + 8);
  header->previous = GST_READ_UINT64_LE (at + 16);
  header->before = GST_READ_UINT64_LE (at + 24);
  header->n_spans = GST_READ_UINT32_LE (at + 32);
  header->n_records = GST_READ_UINT32_LE (at + 36);
  header->spans_first = GST_READ_UINT32_LE (at + 40);
  header->spans_n = GST_READ_UINT32_LE (at + 44);
}

gboolean
gst_pcap_index_block_read (const guint8 * block, gsize length,
    GstPcapIndexHeader * header, gsize * spans_at)
{
  gsize end;

  if (length < SPANS_AT + sizeof (guint32)
      || gst_pcap_index_block_get_length (block) != length
      || memcmp (block + LENGTH_AT, block + length - 4, 4) != 0)
    return FALSE;
  end = gst_pcap_index_block_get_end (block);
  if (GST_READ_UINT16_LE (block + VERSION_AT) != GST_PCAP_INDEX_VERSION
      || end < SPANS_AT || end > length - sizeof (guint32)
      || GST_READ_UINT32_LE (block + CRC_AT) != gst_pcap_crc32c (block +
          VERSION_AT, end - VERSION_AT))
    return FALSE;
  read_header (block + HEADER_AT, header);
  *spans_at = GST_READ_UINT16_LE (block + VERSION_AT + 2);
  return *spans_at >= SPANS_AT && *spans_at <= end
      && header->n_spans <= (end - *spans_at) / GST_PCAP_INDEX_SPAN_LENGTH
      && (guint64) header->spans_first + header->spans_n <= header->n_spans
      && header->end <= header->start;
}

void
gst_pcap_index_block_read_span (const guint8 * block, gsize spans_at,
    guint32 n, GstPcapIndexPlace * span)
{
  const guint8 *at = block + spans_at + (gsize) n * GST_PCAP_INDEX_SPAN_LENGTH;

  span->start = GST_READ_UINT64_LE (at);
  span->length = GST_READ_UINT32_LE (at + 8);
  span->has_header = GST_READ_UINT32_LE (at + 12) != 0;
}

void
gst_pcap_index_block_append_record (GByteArray * records,
    const GstPcapIndexRecord * record, const GstPcapShape * shapes)
{
  append_u64 (records, record->offset);
  append_u64 (records, record->length);
  append_u64 (records, record->first);
  append_u64 (records, record->last);
  append_u32 (records, record->packets);
  append_u32 (records, record->flags);
  append_u32 (records, record->spans_first);
  append_u32 (records, record->spans_n);
  append_u32 (records, record->n_shapes);
  append_u32 (records, record->bloom_length);
  for (guint32 i = 0; i < record->n_shapes; i++) {
    const GstPcapShape *shape = &shapes[i];
    const guint8 bytes[] = { shape->flags, shape->n_tags };
    const guint8 more[] = { shape->first, shape->protocol };

    append_u16 (records, shape->link_type);
    g_byte_array_append (records, bytes, sizeof (bytes));
    for (guint j = 0; j < GST_PCAP_SHAPE_MOST_TAGS; j++)
      append_u16 (records, shape->tags[j]);
    append_u16 (records, shape->ether_type);
    g_byte_array_append (records, more, sizeof (more));
    append_u32 (records, 0);
  }
}

gboolean
gst_pcap_index_block_read_record (const guint8 * block, gsize end, gsize * at,
    GstPcapIndexRecord * record, gsize * shapes_at, gsize * bloom_at)
{
  const guint8 *from = block + *at;

  if (end < *at || end - *at < GST_PCAP_INDEX_RECORD_LENGTH)
    return FALSE;
  record->offset = GST_READ_UINT64_LE (from);
  record->length = GST_READ_UINT64_LE (from + 8);
  record->first = GST_READ_UINT64_LE (from + 16);
  record->last = GST_READ_UINT64_LE (from + 24);
  record->packets = GST_READ_UINT32_LE (from + 32);
  record->flags = GST_READ_UINT32_LE (from + 36);
  record->spans_first = GST_READ_UINT32_LE (from + 40);
  record->spans_n = GST_READ_UINT32_LE (from + 44);
  record->n_shapes = GST_READ_UINT32_LE (from + 48);
  record->bloom_length = GST_READ_UINT32_LE (from + 52);
  *shapes_at = *at + GST_PCAP_INDEX_RECORD_LENGTH;
  if (record->n_shapes > (end - *shapes_at) / SHAPE_LENGTH)
    return FALSE;
  *bloom_at = *shapes_at + record->n_shapes * SHAPE_LENGTH;
  if (record->bloom_length > end - *bloom_at
      || record->bloom_length > GST_PCAP_BLOOM_MOST)
    return FALSE;
  *at = *bloom_at + record->bloom_length;
  return TRUE;
}

void
gst_pcap_index_block_read_shape (const guint8 * block, gsize shapes_at,
    guint32 n, GstPcapShape * shape)
{
  const guint8 *at = block + shapes_at + (gsize) n * SHAPE_LENGTH;

  shape->link_type = GST_READ_UINT16_LE (at);
  shape->flags = at[2];
  shape->n_tags = at[3];
  for (guint i = 0; i < GST_PCAP_SHAPE_MOST_TAGS; i++)
    shape->tags[i] = GST_READ_UINT16_LE (at + 4 + 2 * i);
  shape->ether_type = GST_READ_UINT16_LE (at + 8);
  shape->first = at[10];
  shape->protocol = at[11];
  shape->generation = 0;
}
