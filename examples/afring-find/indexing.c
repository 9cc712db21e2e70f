/* afring-find: indexes for files of others
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexing.h"

#include "../../plugin/stream/findfolder.h"

#include <gio/gio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapngblock.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static gboolean
fail (const gchar * path, const gchar * words)
{
  g_printerr ("%s: %s: %s\n", g_get_prgname (), path, words);
  return FALSE;
}

static guint32
get_u32 (const guint8 * at, gboolean swapped)
{
  guint32 value;

  memcpy (&value, at, sizeof (value));
  return swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

/* Gives whole blocks to the builder, in pieces. Returns how many bytes of @length are of
 * whole ones. */
static gsize
add_blocks (GstPcapIndexBuilder * builder, const guint8 * data, gsize length)
{
  gboolean swapped = FALSE;
  gsize at = 0;

  while (length - at >= 12) {
    guint32 block;

    if (get_u32 (data + at, FALSE) == GST_PCAPNG_BLOCK_SECTION_HEADER)
      swapped = get_u32 (data + at + 8, FALSE) != GST_PCAPNG_BYTE_ORDER_MAGIC;
    block = get_u32 (data + at + 4, swapped);
    if (block < 12 || block % 4 != 0 || block > length - at)
      break;
    gst_pcap_index_builder_add (builder, data + at, block);
    at += block;
  }
  return at;
}

/* A mapping: the file is read once, as fast as it can be. One that becomes shorter
 * meanwhile ends the program. */
static GMappedFile *
map (const gchar * path)
{
  g_autoptr (GError) error = NULL;
  GMappedFile *file = g_mapped_file_new (path, FALSE, &error);

  if (file == NULL)
    fail (path, error->message);
  else if (g_mapped_file_get_length (file) >= 12
      && get_u32 ((guint8 *) g_mapped_file_get_contents (file), FALSE) ==
      GST_PCAPNG_BLOCK_SECTION_HEADER)
    return file;
  else
    fail (path, "only pcapng that is not compressed can have an index: \"afring-find -r "
        "FILE -w NEW.pcapng\" makes it of anything else");
  if (file != NULL)
    g_mapped_file_unref (file);
  return NULL;
}

static gboolean
write_index (const gchar * path, GBytes * blocks, gboolean append)
{
  g_autofree gchar *beside = g_strconcat (path, FIND_INDEX_SUFFIX, NULL);
  g_autofree gchar *fresh = g_strconcat (beside, ".part", NULL);
  const gchar *name = append ? path : fresh;
  FILE *file = fopen (name, append ? "ab" : "wb");
  gsize length;
  gconstpointer data = g_bytes_get_data (blocks, &length);
  gboolean ok = file != NULL && fwrite (data, 1, length, file) == length;

  if (file != NULL && fclose (file) != 0)
    ok = FALSE;
  if (ok && !append && rename (fresh, beside) != 0)
    ok = FALSE;
  return ok || fail (name, g_strerror (errno));
}

gboolean
indexing_make (const gchar * path, gboolean append)
{
  g_autoptr (GMappedFile) file = map (path);
  g_autoptr (GstPcapIndexBuilder) builder = NULL;
  g_autoptr (GBytes) blocks = NULL;
  gsize length, whole;

  if (file == NULL)
    return FALSE;
  builder = gst_pcap_index_builder_new (0);
  length = g_mapped_file_get_length (file);
  whole = add_blocks (builder, (guint8 *) g_mapped_file_get_contents (file),
      length);
  if (whole < length)
    return fail (path, "its end is torn, or it is being written: an index is for a whole "
        "file");
  blocks = gst_pcap_index_builder_write (builder, 4);
  if (blocks == NULL)
    return fail (path, "there is no packet in it");
  return write_index (path, blocks, append);
}

static GBytes *
read_piece (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  GByteArray *bytes = user_data;

  if (offset >= bytes->len)
    return g_bytes_new (NULL, 0);
  return g_bytes_new (bytes->data + offset, MIN (n, bytes->len - offset));
}

/* What a fresh index says of the piece alone. */
static gboolean
check_piece (GByteArray * piece, const GstPcapIndexRange * range)
{
  g_autoptr (GstPcapIndexBuilder) builder = gst_pcap_index_builder_new (0);
  g_autoptr (GstPcapIndex) index = NULL;
  g_autoptr (GBytes) blocks = NULL;

  if (add_blocks (builder, piece->data, piece->len) != piece->len)
    return FALSE;
  blocks = gst_pcap_index_builder_write (builder, 4);
  if (blocks == NULL)
    return range->packets == 0;
  g_byte_array_append (piece, g_bytes_get_data (blocks, NULL),
      g_bytes_get_size (blocks));
  index = gst_pcap_index_new (read_piece, piece, piece->len, NULL);
  return index != NULL && gst_pcap_index_get_packets (index) == range->packets
      && gst_pcap_index_get_first_time (index) == range->first
      && gst_pcap_index_get_last_time (index) == range->last;
}

static gboolean
verify_range (GstPcapIndex * index, const GstPcapIndexRange * range,
    GByteArray * all, gsize length)
{
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  g_autoptr (GArray) prelude = gst_pcap_index_get_prelude (index, range);

  for (guint i = 0; i < prelude->len; i++) {
    GstPcapIndexSpan *span = &g_array_index (prelude, GstPcapIndexSpan, i);

    if (span->offset + span->length > length)
      return FALSE;
    g_byte_array_append (piece, all->data + span->offset, span->length);
  }
  if (range->offset + range->length > length)
    return FALSE;
  g_byte_array_append (piece, all->data + range->offset, range->length);
  return check_piece (piece, range);
}

gboolean
indexing_verify (const gchar * path)
{
  g_autofree gchar *beside = g_strconcat (path, FIND_INDEX_SUFFIX, NULL);
  g_autoptr (GMappedFile) file = map (path);
  g_autoptr (GMappedFile) index_file = NULL;
  g_autoptr (GByteArray) all = NULL;
  g_autoptr (GstPcapIndex) index = NULL;
  GstPcapIndexRange range;
  guint n_wrong = 0, n_indexed = 0;

  if (file == NULL)
    return FALSE;
  index_file = g_mapped_file_new (beside, FALSE, NULL);
  all = g_byte_array_new ();
  g_byte_array_append (all, (guint8 *) g_mapped_file_get_contents (file),
      g_mapped_file_get_length (file));
  if (index_file != NULL)
    g_byte_array_append (all, (guint8 *) g_mapped_file_get_contents (index_file),
        g_mapped_file_get_length (index_file));
  index = gst_pcap_index_new (read_piece, all, all->len, NULL);
  for (guint i = 0; gst_pcap_index_get_range (index, i, &range); i++) {
    if (!range.indexed)
      continue;
    n_indexed++;
    if (!verify_range (index, &range, all, g_mapped_file_get_length (file))) {
      n_wrong++;
      g_printerr ("%s: %s: the index is not true of %" G_GUINT64_FORMAT
          " bytes at %" G_GUINT64_FORMAT "\n", g_get_prgname (), path,
          range.length, range.offset);
    }
  }
  if (n_indexed == 0)
    return fail (path, "it has no index");
  return n_wrong == 0;
}
