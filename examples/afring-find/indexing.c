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

/* Lengths are in the byte order of the section, and of two the one that fits; a length that
 * is as good in both is none. */
guint32
indexing_get_block_length (const guint8 * block, gsize length)
{
  for (guint swapped = 0; length >= 12 && swapped < 2; swapped++) {
    guint32 size = get_u32 (block + 4, swapped);

    if (size >= 12 && size % 4 == 0 && size <= length
        && get_u32 (block + size - 4, swapped) == size)
      return size;
  }
  return 0;
}

gsize
indexing_add_blocks (GstPcapIndexBuilder * builder, const guint8 * data,
    gsize length)
{
  gsize at = 0;
  guint32 size;

  while ((size = indexing_get_block_length (data + at, length - at)) > 0) {
    gst_pcap_index_builder_add (builder, data + at, size);
    at += size;
  }
  return at;
}

/* A mapping: the file is read once, as fast as it can be. One that becomes shorter
 * meanwhile ends the program. */
GMappedFile *
indexing_map (const gchar * path)
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
    fail (path, "only pcapng that is not compressed can be given an index, or verified: "
        "\"afring-find -r FILE -w NEW.pcapng\" makes it of anything else");
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
  g_autoptr (GMappedFile) file = indexing_map (path);
  g_autoptr (GstPcapIndexBuilder) builder = NULL;
  g_autoptr (GBytes) blocks = NULL;
  gsize length, whole;

  if (file == NULL)
    return FALSE;
  builder = gst_pcap_index_builder_new (0);
  length = g_mapped_file_get_length (file);
  whole = indexing_add_blocks (builder, (guint8 *) g_mapped_file_get_contents (file),
      length);
  if (whole < length)
    return fail (path, "its end is torn, or it is being written: an index is for a whole "
        "file");
  blocks = gst_pcap_index_builder_write (builder, 4);
  if (blocks == NULL)
    return fail (path, "there is no packet in it");
  return write_index (path, blocks, append);
}
