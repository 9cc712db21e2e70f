/* gst-afring: the index of a capture file, in it or beside it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findindex.h"
#include "findfolder.h"

typedef struct
{
  PcapBytes *bytes;
  guint64 size;                 /* of them */
  GMappedFile *beside;          /* or NULL */
} Reading;

static GBytes *
take_bytes (GByteArray * bytes)
{
  return g_byte_array_free_to_bytes (bytes);
}

/* Bytes of the file, and behind it those of what is beside it. */
static GBytes *
read_bytes (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  Reading *self = user_data;
  GByteArray *bytes = g_byte_array_sized_new (n);

  while (bytes->len < n && offset < self->size) {
    GstBuffer *buffer;
    GstMapInfo map;

    if (pcap_bytes_pull (self->bytes, offset, MIN (n - bytes->len,
                self->size - offset), &buffer, NULL) != GST_FLOW_OK)
      return take_bytes (bytes);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_byte_array_append (bytes, map.data, map.size);
    offset += map.size;
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  if (bytes->len < n && self->beside != NULL) {
    gsize at = offset - self->size, length =
        g_mapped_file_get_length (self->beside);

    if (at < length)
      g_byte_array_append (bytes, (const guint8 *)
          g_mapped_file_get_contents (self->beside) + at, MIN (n - bytes->len,
              length - at));
  }
  return take_bytes (bytes);
}

static gboolean
covers_anything (GstPcapIndex * index)
{
  GstPcapIndexRange range;
  guint n = gst_pcap_index_get_n_ranges (index);

  for (guint i = 0; i < n; i++)
    if (gst_pcap_index_get_range (index, i, &range) && range.indexed)
      return TRUE;
  return FALSE;
}

static GstPcapIndex *
read_index (Reading * self)
{
  gsize beside = self->beside != NULL ?
      g_mapped_file_get_length (self->beside) : 0;

  if (!pcap_bytes_get_size (self->bytes, &self->size))
    return NULL;
  return gst_pcap_index_new (read_bytes, self, self->size + beside, NULL);
}

/* Of one that is compressed in frames with a table of them, what they hold has the
 * index. */
GstPcapIndex *
find_index_read (FindFile * file, guint64 * size)
{
  g_autofree gchar *path = g_strconcat (file->path, FIND_INDEX_SUFFIX, NULL);
  g_autoptr (GstPcapIndex) index = NULL;
  Reading reading = { NULL, };

  if (!file->bounds.seekable)
    return NULL;
  reading.bytes = find_file_new_bytes (file);
  reading.beside = g_mapped_file_new (path, FALSE, NULL);
  index = read_index (&reading);
  *size = reading.size;
  g_clear_pointer (&reading.beside, g_mapped_file_unref);
  pcap_bytes_free (reading.bytes);
  return index != NULL && covers_anything (index) ? g_steal_pointer (&index) :
      NULL;
}
