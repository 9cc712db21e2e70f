/* gst-afring: the indexes in a file, from its end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The last length in a file leads to its last index, and each says where the one before
 * it is. Files are torn, and appended to, and changed: nothing is believed of an index
 * but what its checksum holds, and of where it says it is only what something else in
 * the file bears out: what it covers begins with a section header, or where the index
 * before it ends, or what that covers; and the descriptions are where it says. Whoever has
 * put something in or taken it out has moved one of them. */

#include "gstpcapindexregions.h"
#include "gstpcapngblock.h"

#include <string.h>

/* Indexes are nearer to each other than that, and to where a recording was torn. */
#define MOST_SEARCHED (G_GUINT64_CONSTANT (128) * 1024 * 1024)
#define SEARCHED_AT_ONCE (4 * 1024 * 1024)

/* In the header of a file that this project has written. */
#define OUR_NAME "afring"
#define LOOKED_AT_FOR_NAME 4096

#define LEAST_LENGTH 12
#define MOST_DESCRIPTION (16 * 1024 * 1024)

typedef struct
{
  GstPcapIndexRead read;
  gpointer user_data;
  guint64 size;
  GError *error;
  GArray *regions;
  GHashTable *descriptions;     /* places that were looked at, and what was there */
} Reader;

/* Exactly so many bytes; NULL if they are not there, or with the error set. */
static GBytes *
read_bytes (Reader * self, guint64 offset, guint64 n)
{
  GBytes *bytes;

  if (self->error != NULL || offset > self->size || n > self->size - offset)
    return NULL;
  bytes = self->read (offset, n, self->user_data, &self->error);
  if (bytes != NULL && g_bytes_get_size (bytes) != n)
    g_clear_pointer (&bytes, g_bytes_unref);
  return bytes;
}

static gboolean
read_into (Reader * self, guint64 offset, gpointer to, gsize n)
{
  g_autoptr (GBytes) bytes = read_bytes (self, offset, n);

  if (bytes != NULL)
    memcpy (to, g_bytes_get_data (bytes, NULL), n);
  return bytes != NULL;
}

static gboolean
is_section_header (Reader * self, guint64 offset)
{
  guint32 words[3];

  return read_into (self, offset, words, sizeof (words))
      && words[0] == GST_PCAPNG_BLOCK_SECTION_HEADER
      && (words[2] == GST_PCAPNG_BYTE_ORDER_MAGIC
      || words[2] == GUINT32_SWAP_LE_BE (GST_PCAPNG_BYTE_ORDER_MAGIC));
}

/* The length of what looks like an index there, all of it in front of @end; 0: nothing
 * does. */
static guint32
look_at (Reader * self, guint64 place, guint64 end)
{
  guint8 start[GST_PCAP_INDEX_START_LENGTH];
  guint32 length = 0;

  if (read_into (self, place, start, sizeof (start)))
    length = gst_pcap_index_block_get_length (start);
  return place <= end && length <= end - place ? length : 0;
}

static gboolean
read_region (Reader * self, guint64 place, guint64 end,
    GstPcapIndexRegion * region)
{
  guint32 length = look_at (self, place, end);

  memset (region, 0, sizeof (*region));
  region->block = length > 0 ? read_bytes (self, place, length) : NULL;
  if (region->block == NULL)
    return FALSE;
  if (gst_pcap_index_block_read (g_bytes_get_data (region->block, NULL), length,
          &region->header, &region->spans_at)
      && region->header.start <= place) {
    region->place = place;
    region->start = place - region->header.start;
    region->end = place - region->header.end;
    return TRUE;
  }
  g_clear_pointer (&region->block, g_bytes_unref);
  return FALSE;
}

static guint64
get_block_end (const GstPcapIndexRegion * self)
{
  return self->place + g_bytes_get_size (self->block);
}

/* What its last block says is its length, in either byte order. */
static gboolean
read_region_before (Reader * self, guint64 end, GstPcapIndexRegion * region)
{
  guint32 length;

  if (end < LEAST_LENGTH || !read_into (self, end - sizeof (length), &length,
          sizeof (length)))
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    if (length >= LEAST_LENGTH && length <= GST_PCAP_INDEX_MOST_LENGTH
        && length <= end && read_region (self, end - length, end, region)) {
      if (get_block_end (region) == end)
        return TRUE;
      g_clear_pointer (&region->block, g_bytes_unref);
    }
    length = GUINT32_SWAP_LE_BE (length);
  }
  return FALSE;
}

/* Descriptions. */

static gboolean
is_interface (Reader * self, guint64 place)
{
  guint32 words[2];

  return read_into (self, place, words, sizeof (words))
      && ((words[0] == GST_PCAPNG_BLOCK_INTERFACE && words[1] <= MOST_DESCRIPTION)
      || (words[0] == GUINT32_SWAP_LE_BE (GST_PCAPNG_BLOCK_INTERFACE)
          && GUINT32_SWAP_LE_BE (words[1]) <= MOST_DESCRIPTION));
}

/* Most indexes of a file name the same ones. */
static gboolean
check_description (Reader * self, guint64 place, gboolean has_header)
{
  enum
  { HEADER = 1, INTERFACE, NEITHER };
  gpointer known = g_hash_table_lookup (self->descriptions, &place);

  if (known == NULL) {
    known = GINT_TO_POINTER (is_section_header (self, place) ? HEADER :
        is_interface (self, place) ? INTERFACE : NEITHER);
    g_hash_table_insert (self->descriptions, g_memdup2 (&place, sizeof (place)),
        known);
  }
  return known == GINT_TO_POINTER (has_header ? HEADER : INTERFACE);
}

static gboolean
check_descriptions (Reader * self, const GstPcapIndexRegion * region)
{
  const guint8 *block = g_bytes_get_data (region->block, NULL);

  for (guint32 i = 0; i < region->header.n_spans; i++) {
    GstPcapIndexPlace span;

    gst_pcap_index_block_read_span (block, region->spans_at, i, &span);
    if (span.start > region->place || span.length > span.start
        || !check_description (self, region->place - span.start,
            span.has_header))
      return FALSE;
  }
  return TRUE;
}

/* Chains. */

static gboolean
follows (const GstPcapIndexRegion * self, const GstPcapIndexRegion * before)
{
  return self->start == get_block_end (before) || self->start == before->end;
}

/* One that is broken still shows where it ends. */
static gboolean
follows_broken (Reader * self, const GstPcapIndexRegion * region)
{
  guint64 place = region->place - region->header.previous;
  guint32 length = look_at (self, place, region->place);
  guint32 head, tail;

  return length > 0 && place + length == region->start
      && read_into (self, place + 4, &head, sizeof (head))
      && read_into (self, region->start - 4, &tail, sizeof (tail))
      && head == tail;
}

static gboolean
read_distant (Reader * self, const GstPcapIndexRegion * region,
    guint64 distance, GstPcapIndexRegion * before)
{
  return distance > 0 && distance <= region->place
      && read_region (self, region->place - distance, region->place, before);
}

static void
clear_region (gpointer region)
{
  g_clear_pointer (&((GstPcapIndexRegion *) region)->block, g_bytes_unref);
}

/* The one that @region says is before it, past one that is broken if need be. FALSE if
 * there is none; *@believed: whether @region is where it says. */
static gboolean
step_back (Reader * self, const GstPcapIndexRegion * region,
    GstPcapIndexRegion * before, gboolean * believed)
{
  const GstPcapIndexHeader *header = &region->header;

  *believed = FALSE;
  if (header->previous == 0) {
    *believed = is_section_header (self, region->start);
    return FALSE;
  }
  if (read_distant (self, region, header->previous, before)) {
    *believed = follows (region, before) && before->end <= region->start;
    if (*believed)
      return TRUE;
    clear_region (before);
    return FALSE;
  }
  *believed = header->previous <= region->place
      && follows_broken (self, region);
  if (*believed && header->before > header->previous
      && read_distant (self, region, header->before, before)) {
    if (before->end <= region->start)
      return TRUE;
    clear_region (before);
  }
  return FALSE;
}

/* Adds a chain from its last @region, which is taken, to its first. Returns where it
 * begins in the file, as far as it is believed. */
static guint64
add_chain (Reader * self, GstPcapIndexRegion * region)
{
  guint64 start = region->place;
  gboolean believed, more = TRUE;

  while (more) {
    GstPcapIndexRegion before = { NULL, };

    more = step_back (self, region, &before, &believed);
    if (believed && self->error == NULL) {
      start = MIN (start, region->start);
      if (check_descriptions (self, region))
        g_array_append_val (self->regions, *region);
      else
        clear_region (region);
    } else {
      clear_region (region);
      if (more)
        clear_region (&before);
      more = FALSE;
    }
    if (more)
      *region = before;
  }
  return start;
}

/* Torn files. */

static gboolean
is_ours (Reader * self)
{
  guint64 n = MIN (self->size, LOOKED_AT_FOR_NAME);
  g_autoptr (GBytes) bytes = read_bytes (self, 0, n);

  return bytes != NULL && memmem (g_bytes_get_data (bytes, NULL), n, OUR_NAME,
      strlen (OUR_NAME)) != NULL;
}

/* What was found in the middle of something may be in a packet. A chain is believed only
 * if it goes back to where the file begins. */
static gboolean
try_chain (Reader * self, guint64 place, guint64 end, guint64 * start)
{
  GstPcapIndexRegion region;
  guint n = self->regions->len;

  if (!read_region (self, place, end, &region))
    return FALSE;
  *start = add_chain (self, &region);
  if (*start == 0 && self->regions->len > n)
    return TRUE;
  g_array_set_size (self->regions, n);
  return FALSE;
}

static gboolean
search_piece (Reader * self, guint64 offset, gsize n, guint64 end,
    guint64 * start)
{
  g_autoptr (GBytes) bytes = read_bytes (self, offset, n);
  const guint8 *data;

  if (bytes == NULL || n < GST_PCAP_INDEX_START_LENGTH)
    return FALSE;
  data = g_bytes_get_data (bytes, NULL);
  for (gsize at = n - GST_PCAP_INDEX_START_LENGTH + 1; at-- > 0;) {
    /* the first byte of the magic, before all of it */
    if (data[at + 8] == 'a' && gst_pcap_index_block_get_length (data + at) > 0
        && try_chain (self, offset + at, end, start))
      return TRUE;
  }
  return FALSE;
}

static gboolean
search (Reader * self, guint64 end, guint64 * start)
{
  guint64 least = end > MOST_SEARCHED ? end - MOST_SEARCHED : 0, at = end;

  while (at > least && self->error == NULL) {
    guint64 from = at - least > SEARCHED_AT_ONCE ? at - SEARCHED_AT_ONCE : least;
    /* one can begin in front of the piece before */
    guint64 to = MIN (at + GST_PCAP_INDEX_START_LENGTH, end);

    if (search_piece (self, from, to - from, end, start))
      return TRUE;
    at = from;
  }
  return FALSE;
}

gboolean
gst_pcap_index_regions_read (GArray * regions, GstPcapIndexRead read,
    gpointer user_data, guint64 size, GError ** error)
{
  g_autoptr (GHashTable) descriptions = g_hash_table_new_full (g_int64_hash,
      g_int64_equal, g_free, NULL);
  Reader self = { read, user_data, size, NULL, regions, descriptions };
  guint64 end = size;
  gboolean found = TRUE;

  g_array_set_clear_func (regions, clear_region);
  while (found && end > 0 && self.error == NULL) {
    GstPcapIndexRegion region;
    guint64 start = end;

    if (read_region_before (&self, end, &region)) {
      start = add_chain (&self, &region);
      /* not believed: it may still be in the place of one */
      found = start < end;
    } else {
      found = is_ours (&self) && search (&self, end, &start);
    }
    end = start;
  }
  if (self.error == NULL)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}
