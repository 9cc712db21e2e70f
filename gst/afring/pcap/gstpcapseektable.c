/* gst-afring: where the frames of a compressed file are
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapseektable.h"

#include <gst/gst.h>

/* RFC 8878, section 3.1.2: a skippable frame has a magic number and a size. */
#define SKIPPABLE_MAGIC 0x184d2a5e
#define SKIPPABLE_HEADER 8

/* Zstandard Seekable Format 0.1.0 */
#define SEEKABLE_MAGIC 0x8f92eab1
#define MOST_FRAMES 0x8000000
#define HAS_CHECKSUMS 0x80
#define RESERVED 0x7c
#define ENTRY_SIZE 8
#define CHECKSUM_SIZE 4

/* Where a frame begins, or all end. */
typedef struct
{
  guint64 place;
  guint64 content_place;
} Start;

struct _GstPcapSeekTable
{
  GArray *starts;               /* one more than there are frames */
};

static const Start *
get_start (const GstPcapSeekTable * self, guint i)
{
  return &g_array_index (self->starts, Start, i);
}

guint
gst_pcap_seek_table_get_n_frames (const GstPcapSeekTable * self)
{
  return self->starts->len - 1;
}

GstPcapSeekTable *
gst_pcap_seek_table_new (void)
{
  GstPcapSeekTable *self = g_new (GstPcapSeekTable, 1);
  Start start = { 0, 0 };

  self->starts = g_array_new (FALSE, FALSE, sizeof (Start));
  g_array_append_val (self->starts, start);
  return self;
}

void
gst_pcap_seek_table_free (GstPcapSeekTable * self)
{
  g_array_unref (self->starts);
  g_free (self);
}

void
gst_pcap_seek_table_add (GstPcapSeekTable * self, guint32 size,
    guint32 content_size)
{
  Start end = *get_start (self, gst_pcap_seek_table_get_n_frames (self));

  end.place += size;
  end.content_place += content_size;
  g_array_append_val (self->starts, end);
}

static void
get_frame (const GstPcapSeekTable * self, guint i, GstPcapFramePlace * frame)
{
  const Start *start = get_start (self, i), *end = get_start (self, i + 1);

  *frame = (GstPcapFramePlace) {
    start->place, end->place - start->place, start->content_place,
    end->content_place - start->content_place
  };
}

static void
append_word (GByteArray * out, guint32 word)
{
  guint32 le = GUINT32_TO_LE (word);

  g_byte_array_append (out, (const guint8 *) &le, sizeof (le));
}

GByteArray *
gst_pcap_seek_table_write (const GstPcapSeekTable * self)
{
  guint n = gst_pcap_seek_table_get_n_frames (self);
  GByteArray *out;

  if (n > MOST_FRAMES)
    return NULL;
  out = g_byte_array_new ();
  append_word (out, SKIPPABLE_MAGIC);
  append_word (out, n * ENTRY_SIZE + GST_PCAP_SEEK_TABLE_FOOTER);
  for (guint i = 0; i < n; i++) {
    GstPcapFramePlace frame;

    get_frame (self, i, &frame);
    append_word (out, frame.size);
    append_word (out, frame.content_size);
  }
  append_word (out, n);
  g_byte_array_append (out, (const guint8 *) "", 1);
  append_word (out, SEEKABLE_MAGIC);
  return out;
}

static gsize
get_entry_size (const guint8 * footer)
{
  return ENTRY_SIZE + (footer[4] & HAS_CHECKSUMS ? CHECKSUM_SIZE : 0);
}

gsize
gst_pcap_seek_table_get_size (const guint8 * footer)
{
  guint32 n = GST_READ_UINT32_LE (footer);

  if (GST_READ_UINT32_LE (footer + 5) != SEEKABLE_MAGIC || n > MOST_FRAMES
      || footer[4] & RESERVED)
    return 0;
  return SKIPPABLE_HEADER + n * get_entry_size (footer) +
      GST_PCAP_SEEK_TABLE_FOOTER;
}

GstPcapSeekTable *
gst_pcap_seek_table_read (const guint8 * table, gsize length, guint64 file_size)
{
  const guint8 *footer = table + length - GST_PCAP_SEEK_TABLE_FOOTER;
  const guint8 *entry = table + SKIPPABLE_HEADER;
  GstPcapSeekTable *self;
  gboolean possible = TRUE;

  if (length < SKIPPABLE_HEADER + GST_PCAP_SEEK_TABLE_FOOTER
      || gst_pcap_seek_table_get_size (footer) != length
      || GST_READ_UINT32_LE (table) != SKIPPABLE_MAGIC
      || GST_READ_UINT32_LE (table + 4) != length - SKIPPABLE_HEADER)
    return NULL;
  self = gst_pcap_seek_table_new ();
  for (; entry < footer; entry += get_entry_size (footer)) {
    guint32 size = GST_READ_UINT32_LE (entry);
    guint32 content_size = GST_READ_UINT32_LE (entry + 4);

    possible &= size > 0 || content_size == 0;
    gst_pcap_seek_table_add (self, size, content_size);
  }
  /* files of which each has a table, one behind the other, have none for all */
  if (possible
      && get_start (self, gst_pcap_seek_table_get_n_frames (self))->place
      + length == file_size)
    return self;
  gst_pcap_seek_table_free (self);
  return NULL;
}

guint64
gst_pcap_seek_table_get_content_size (const GstPcapSeekTable * self)
{
  return get_start (self,
      gst_pcap_seek_table_get_n_frames (self))->content_place;
}

guint32
gst_pcap_seek_table_get_most_content (const GstPcapSeekTable * self)
{
  guint32 most = 0;

  for (guint i = 0; i < gst_pcap_seek_table_get_n_frames (self); i++) {
    GstPcapFramePlace frame;

    get_frame (self, i, &frame);
    most = MAX (most, frame.content_size);
  }
  return most;
}

void
gst_pcap_seek_table_truncate (GstPcapSeekTable * self, guint n_frames)
{
  g_array_set_size (self->starts, n_frames + 1);
}

gboolean
gst_pcap_seek_table_find (const GstPcapSeekTable * self,
    guint64 content_place, GstPcapFramePlace * found)
{
  guint low = 0, high = gst_pcap_seek_table_get_n_frames (self);

  if (content_place >= gst_pcap_seek_table_get_content_size (self))
    return FALSE;
  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (get_start (self, middle + 1)->content_place <= content_place)
      low = middle + 1;
    else
      high = middle;
  }
  get_frame (self, low, found);
  return TRUE;
}
