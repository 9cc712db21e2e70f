/* afring-find: whether indexes are true
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "verifying.h"
#include "indexing.h"

#include "../../plugin/stream/findfolder.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapindexblock.h>
#include <string.h>

/* A file, and behind it what is beside it. */
typedef struct
{
  const gchar *path;
  const guint8 *data;
  gsize length;
  const guint8 *beside;
  gsize beside_length;
  GHashTable *records;          /* Record, by place */
} Verifying;

/* What the index says of one piece: bytes of it, behind where the piece is. */
typedef struct
{
  guint64 place;
  GstPcapIndexRecord record;
  const guint8 *says;           /* shapes and filter */
  gsize says_length;
} Record;

static GBytes *
read_piece (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  Verifying *self = user_data;
  GByteArray *bytes = g_byte_array_sized_new (n);

  if (offset < self->length) {
    g_byte_array_append (bytes, self->data + offset, MIN (n,
            self->length - offset));
    offset += bytes->len;
  }
  if (bytes->len < n && offset - self->length < self->beside_length)
    g_byte_array_append (bytes, self->beside + (offset - self->length),
        MIN (n - bytes->len, self->beside_length - (offset - self->length)));
  return g_byte_array_free_to_bytes (bytes);
}

/* Of an index block that is whole; its records by their places. */
static void
take_records (GHashTable * records, const guint8 * block, gsize length,
    guint64 place)
{
  GstPcapIndexHeader header;
  gsize at, end, spans_at, shapes_at, bloom_at;

  if (!gst_pcap_index_block_read (block, length, &header, &spans_at)
      || header.start > place)
    return;
  end = gst_pcap_index_block_get_end (block);
  at = spans_at + header.n_spans * GST_PCAP_INDEX_SPAN_LENGTH;
  for (guint i = 0; i < header.n_records; i++) {
    Record *record = g_new0 (Record, 1);

    if (!gst_pcap_index_block_read_record (block, end, &at, &record->record,
            &shapes_at, &bloom_at)) {
      g_free (record);
      return;
    }
    record->place = place - header.start + record->record.offset;
    record->says = block + shapes_at;
    record->says_length = at - shapes_at;
    g_hash_table_replace (records, &record->place, record);
  }
}

/* Looks at each block; the magic is what finds an index. */
static void
take_blocks (Verifying * self, const guint8 * data, gsize length,
    guint64 place)
{
  for (gsize at = 0; length - at >= GST_PCAP_INDEX_START_LENGTH;) {
    guint32 block = gst_pcap_index_block_get_length (data + at);

    if (block > 0 && block <= length - at)
      take_records (self->records, data + at, block, place + at);
    block = indexing_get_block_length (data + at, length - at);
    if (block == 0)
      return;
    at += block;
  }
}

/* Whatever it says, it says the same of the same packets. */
static gboolean
says_the_same (const Record * before, const Record * now)
{
  const GstPcapIndexRecord *a = &before->record, *b = &now->record;

  return a->packets == b->packets && a->first == b->first && a->last == b->last
      && a->flags == b->flags && a->n_shapes == b->n_shapes
      && before->says_length == now->says_length
      && memcmp (before->says, now->says, now->says_length) == 0;
}

/* @piece: with what it needs before it. */
static gboolean
check_piece (GByteArray * piece, guint64 at, const Record * before)
{
  g_autoptr (GstPcapIndexBuilder) builder =
      gst_pcap_index_builder_new (G_MAXSIZE / 2);
  g_autoptr (GHashTable) records = g_hash_table_new_full (g_int64_hash,
      g_int64_equal, NULL, g_free);
  g_autoptr (GBytes) blocks = NULL;
  const Record *now;

  if (indexing_add_blocks (builder, piece->data, piece->len) != piece->len)
    return FALSE;
  blocks = gst_pcap_index_builder_write (builder, 4);
  if (blocks == NULL)
    return before->record.packets == 0;
  take_records (records, g_bytes_get_data (blocks, NULL),
      g_bytes_get_size (blocks), piece->len);
  now = g_hash_table_lookup (records, &at);
  return now != NULL && says_the_same (before, now);
}

static gboolean
verify_range (Verifying * self, GstPcapIndex * index,
    const GstPcapIndexRange * range)
{
  const Record *record = g_hash_table_lookup (self->records, &range->offset);
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  g_autoptr (GArray) prelude = gst_pcap_index_get_prelude (index, range);
  guint64 at;

  for (guint i = 0; i < prelude->len; i++) {
    GstPcapIndexSpan *span = &g_array_index (prelude, GstPcapIndexSpan, i);

    if (span->offset + span->length > self->length)
      return FALSE;
    g_byte_array_append (piece, self->data + span->offset, span->length);
  }
  if (record == NULL || range->offset + range->length > self->length)
    return FALSE;
  at = piece->len;
  g_byte_array_append (piece, self->data + range->offset, range->length);
  return check_piece (piece, at, record);
}

static gboolean
verify (Verifying * self)
{
  guint64 size = self->length + self->beside_length;
  g_autoptr (GstPcapIndex) index = gst_pcap_index_new (read_piece, self, size,
      NULL);
  guint n_wrong = 0, n_indexed = 0;
  GstPcapIndexRange range;

  for (guint i = 0; gst_pcap_index_get_range (index, i, &range); i++) {
    if (!range.indexed)
      continue;
    n_indexed++;
    if (verify_range (self, index, &range))
      continue;
    n_wrong++;
    g_printerr ("%s: %s: the index is not true of %" G_GUINT64_FORMAT
        " bytes at %" G_GUINT64_FORMAT "\n", g_get_prgname (), self->path,
        range.length, range.offset);
  }
  if (n_indexed == 0)
    g_printerr ("%s: %s: it has no index\n", g_get_prgname (), self->path);
  return n_indexed > 0 && n_wrong == 0;
}

gboolean
verifying_run (const gchar * path)
{
  g_autofree gchar *beside = g_strconcat (path, FIND_INDEX_SUFFIX, NULL);
  g_autoptr (GMappedFile) file = indexing_map (path);
  g_autoptr (GMappedFile) index_file = NULL;
  Verifying self = { path, };
  gboolean ok;

  if (file == NULL)
    return FALSE;
  index_file = g_mapped_file_new (beside, FALSE, NULL);
  self.data = (guint8 *) g_mapped_file_get_contents (file);
  self.length = g_mapped_file_get_length (file);
  if (index_file != NULL) {
    self.beside = (guint8 *) g_mapped_file_get_contents (index_file);
    self.beside_length = g_mapped_file_get_length (index_file);
  }
  self.records = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
      g_free);
  take_blocks (&self, self.data, self.length, 0);
  take_blocks (&self, self.beside, self.beside_length, self.length);
  ok = verify (&self);
  g_hash_table_unref (self.records);
  return ok;
}
