/* gst-afring: packets of many files as one stream of pcapng
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "findblocks.h"
#include "common/sectionblocks.h"

#include <gst/afring/capture/gstcapturesection.h>
#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/pcap/gstpcapngcopy.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <gst/afring/ring/gstafringslots.h>

/* Statistics that are kept up to the end: of so many captures. */
#define MOST_STATISTICS 4096

/* What sections say besides, of all files together. */
#define MOST_BLOCKS 4096
#define MOST_BYTES (16 * 1024 * 1024)
#define MOST_COMMENTS (1024 * 1024)

/* With more, a new one does not begin a section any more, in which all come once again: it
 * is described where it is needed. */
#define MOST_AT_START 64

struct _FindBlocks
{
  GPtrArray *interfaces;        /* GBytes: the descriptions, by their number */
  GPtrArray *comments;          /* of sections, each once */
  gsize comments_size;          /* bytes of them */
  SectionBlocks said;
  GArray *statistics;           /* GstCaptureStatistics */
  GHashTable *by_capture;       /* their numbers, by interface and start */
  gboolean stale;               /* a section has to begin */
  GByteArray *before;           /* what is new in a section that has begun */
};

FindBlocks *
find_blocks_new (void)
{
  FindBlocks *self = g_new0 (FindBlocks, 1);

  self->interfaces =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->comments = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->comments, NULL);
  section_blocks_init (&self->said, MOST_BYTES, MOST_BLOCKS);
  self->statistics = g_array_new (FALSE, FALSE, sizeof (GstCaptureStatistics));
  self->by_capture = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  self->before = g_byte_array_new ();
  self->stale = TRUE;
  return self;
}

void
find_blocks_free (FindBlocks * self)
{
  g_ptr_array_unref (self->interfaces);
  g_ptr_array_unref (self->comments);
  section_blocks_clear (&self->said);
  g_array_unref (self->statistics);
  g_hash_table_unref (self->by_capture);
  g_byte_array_unref (self->before);
  g_free (self);
}

void
find_blocks_restart (FindBlocks * self)
{
  self->stale = TRUE;
}

/* Packets. */

static GstMemory *
renumber (GstMemory * memory, guint32 id, GstClockTime time)
{
  GstMemory *copy = gst_memory_copy (memory, 0, -1);
  GstMapInfo map;

  gst_memory_map (copy, &map, GST_MAP_READWRITE);
  gst_pcapng_packet_renumber (map.data, id, time);
  gst_memory_unmap (copy, &map);
  return copy;
}

/* Another file may be read from the same bytes once more: they stay as they are. */
static void
number_block (GstBuffer * buffer, guint32 id, GstClockTime time)
{
  GstMemory *memory = gst_buffer_peek_memory (buffer, 0);
  gboolean same;
  GstMapInfo map;

  if (!gst_memory_map (memory, &map, GST_MAP_READ))
    return;
  same = gst_pcapng_packet_is_of (map.data, id, time);
  gst_memory_unmap (memory, &map);
  if (!same)
    gst_buffer_replace_memory (buffer, 0, renumber (memory, id, time));
}

GstBufferList *
find_blocks_number (GstBufferList * list, const FindSection * section)
{
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

    number_block (buffer, find_section_get_id (section, meta->interface_id),
        meta->capture_time);
  }
  return list;
}

static GstBuffer *
begin_run (GstBuffer * first)
{
  GstBuffer *run = gst_buffer_new ();

  GST_BUFFER_PTS (run) = GST_BUFFER_PTS (first);
  GST_BUFFER_DTS (run) = GST_BUFFER_DTS (first);
  return run;
}

/* A packet that lies in a piece of a file, and has been cut by nobody yet; NULL: it is in
 * memory of its own. */
static const GstAfringMemory *
get_place (GstBuffer * buffer)
{
  const GstAfringSlot *slot = gst_afring_slot_peek (buffer);

  return slot != NULL ? &slot->memory : NULL;
}

static gboolean
is_behind (GstBuffer * buffer, GstBuffer * before)
{
  const GstAfringMemory *a = get_place (before), *b = get_place (buffer);

  return a != NULL && b != NULL && a->lease == b->lease
      && a->data + a->mem.size == b->data;
}

/* Packets from @first on are in blocks that lie one behind the other, of @size bytes. */
static GstBuffer *
make_run (GstBuffer * first, gsize size)
{
  const GstAfringMemory *place = get_place (first);
  GstBuffer *run = begin_run (first);

  gst_buffer_append_memory (run, place == NULL ?
      gst_memory_ref (gst_buffer_peek_memory (first, 0)) :
      gst_afring_memory_new (GST_AFRING_BYTES_FILE, place->lease, place->data,
          size));
  return run;
}

GstBufferList *
find_blocks_join (GstBufferList * list, gpointer user_data)
{
  guint n = gst_buffer_list_length (list), from = 0;
  GstBufferList *runs = gst_buffer_list_new ();
  gsize size = 0;

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    size += gst_buffer_get_size (buffer);
    if (i + 1 < n && is_behind (gst_buffer_list_get (list, i + 1), buffer))
      continue;
    gst_buffer_list_add (runs, make_run (gst_buffer_list_get (list, from), size));
    from = i + 1;
    size = 0;
  }
  gst_buffer_list_unref (list);
  return runs;
}

/* What files say. */

void
find_blocks_take_interface (FindBlocks * self,
    const GstCaptureInterface * iface, GBytes * block)
{
  GByteArray *out = g_byte_array_new ();
  gsize length = 0;
  gconstpointer data = block != NULL ? g_bytes_get_data (block, &length) : NULL;

  gst_pcapng_append_interface_of (out, iface, data, length);
  if (self->interfaces->len < MOST_AT_START)
    self->stale = TRUE;
  if (!self->stale)
    g_byte_array_append (self->before, out->data, out->len);
  g_ptr_array_add (self->interfaces, g_byte_array_free_to_bytes (out));
}

/* The last ones of each capture count, as they do where a file says them again and again:
 * those of others, that were before, stay. */
static void
take_statistics (FindBlocks * self, const GstCaptureStatistics * statistics)
{
  GstClockTime start = statistics->start_time != statistics->time ?
      statistics->start_time : 0;
  gchar *key = g_strdup_printf ("%u %" G_GUINT64_FORMAT, statistics->id, start);
  gpointer number;

  if (g_hash_table_lookup_extended (self->by_capture, key, NULL, &number)) {
    g_array_index (self->statistics, GstCaptureStatistics,
        GPOINTER_TO_UINT (number)) = *statistics;
    g_free (key);
  } else if (self->statistics->len < MOST_STATISTICS) {
    g_hash_table_insert (self->by_capture, key,
        GUINT_TO_POINTER (self->statistics->len));
    g_array_append_val (self->statistics, *statistics);
  } else {
    g_free (key);
  }
}

static gboolean
has_comment (FindBlocks * self, const gchar * comment)
{
  for (guint i = 0; i + 1 < self->comments->len; i++)
    if (g_str_equal (g_ptr_array_index (self->comments, i), comment))
      return TRUE;
  return FALSE;
}

static void
take_comment (FindBlocks * self, const gchar * comment)
{
  gsize size = strlen (comment);

  if (self->comments_size + size > MOST_COMMENTS
      || has_comment (self, comment))
    return;
  self->comments_size += size;
  g_ptr_array_insert (self->comments, self->comments->len - 1,
      g_strdup (comment));
  if (!self->stale)
    gst_pcapng_append_remark (self->before, 0, comment);
}

/* A header that has gone out cannot have more comments: a block of statistics that has
 * nothing else can. */
void
find_blocks_take_header (FindBlocks * self, const guint8 * block,
    gsize length)
{
  g_auto (GStrv) comments = gst_pcapng_get_comments (block, length);

  for (gchar ** at = comments; at != NULL && *at != NULL; at++)
    take_comment (self, *at);
}

static void
take_section (FindBlocks * self, GPtrArray * blocks)
{
  for (guint i = 0; i < blocks->len; i++) {
    GBytes *block = g_ptr_array_index (blocks, i);

    if (section_blocks_add (&self->said, g_bytes_ref (block))
        && !self->stale)
      g_byte_array_append (self->before, g_bytes_get_data (block, NULL),
          g_bytes_get_size (block));
  }
}

void
find_blocks_take_event (FindBlocks * self, GstEvent * event)
{
  GstCaptureStatistics statistics;
  GPtrArray *blocks;

  if (gst_event_parse_capture_statistics (event, &statistics))
    take_statistics (self, &statistics);
  else if (gst_event_parse_capture_section (event, &blocks))
    take_section (self, blocks);
  gst_event_unref (event);
}

/* Buffers. */

static void
append_header (FindBlocks * self, GByteArray * out)
{
  gst_pcapng_append_section_header (out, APPLICATION,
      (const gchar * const *) self->comments->pdata);
  for (guint i = 0; i < self->interfaces->len; i++) {
    GBytes *block = g_ptr_array_index (self->interfaces, i);

    g_byte_array_append (out, g_bytes_get_data (block, NULL),
        g_bytes_get_size (block));
  }
  section_blocks_append (&self->said, out);
}

static GstBuffer *
wrap (GByteArray * bytes)
{
  g_autoptr (GBytes) whole = g_byte_array_free_to_bytes (bytes);

  return gst_buffer_new_wrapped_bytes (whole);
}

GstBuffer *
find_blocks_take_before (FindBlocks * self)
{
  GByteArray *out;
  GstBuffer *buffer;
  gboolean stale = self->stale;

  if (!stale && self->before->len == 0)
    return NULL;
  out = g_steal_pointer (&self->before);
  self->before = g_byte_array_new ();
  if (stale) {
    g_byte_array_set_size (out, 0);
    append_header (self, out);
    self->stale = FALSE;
  }
  buffer = wrap (out);
  if (stale)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
  return buffer;
}

/* In the last section there are all interfaces that anything was said of. */
GstBuffer *
find_blocks_make_end (FindBlocks * self, guint32 link_type)
{
  GByteArray *out = g_byte_array_new ();

  /* libpcap does not open a file without an interface */
  if (self->interfaces->len == 0) {
    const GstCaptureInterface iface = {.link_type = link_type };

    gst_pcapng_append_interface (out, &iface);
  }
  for (guint i = 0; i < self->statistics->len; i++) {
    const GstCaptureStatistics *statistics =
        &g_array_index (self->statistics, GstCaptureStatistics, i);

    if (statistics->id < self->interfaces->len)
      gst_pcapng_append_statistics (out, statistics->id, statistics);
  }
  if (out->len > 0)
    return wrap (out);
  g_byte_array_unref (out);
  return NULL;
}
