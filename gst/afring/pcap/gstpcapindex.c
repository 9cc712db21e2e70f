/* gst-afring: the index in a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapindex.h"
#include "gstpcapindexquery.h"
#include "gstpcapindexregions.h"

/* A piece of the file: a record, or what no index covers. */
typedef struct
{
  guint64 offset, length;
  gint region;                  /* whose descriptions hold; -1: none */
  guint32 spans_first, spans_n;
  gboolean indexed;
  GstPcapIndexRecord record;    /* this, and where its parts are, if it is */
  gsize shapes_at, bloom_at;
} Piece;

struct _GstPcapIndex
{
  gatomicrefcount refs;
  GArray *regions;              /* GstPcapIndexRegion */
  GArray *pieces;               /* Piece */
  gboolean complete;
  guint64 packets;
  GstClockTime first, last;
};

G_DEFINE_BOXED_TYPE (GstPcapIndex, gst_pcap_index, gst_pcap_index_ref,
    gst_pcap_index_unref)

static const GstPcapIndexRegion *
get_region (GstPcapIndex * self, guint n)
{
  return &g_array_index (self->regions, GstPcapIndexRegion, n);
}

static const Piece *
get_piece (GstPcapIndex * self, guint n)
{
  return &g_array_index (self->pieces, Piece, n);
}

/* The records of a region, behind the pieces. FALSE if they are not what they say. */
static gboolean
read_records (GstPcapIndex * self, guint n)
{
  const GstPcapIndexRegion *region = get_region (self, n);
  const guint8 *block = g_bytes_get_data (region->block, NULL);
  gsize end = gst_pcap_index_block_get_end (block);
  gsize at = region->spans_at + region->header.n_spans *
      GST_PCAP_INDEX_SPAN_LENGTH;
  guint64 least = 0, size = region->end - region->start;

  for (guint32 i = 0; i < region->header.n_records; i++) {
    Piece piece = {.region = n,.indexed = TRUE };
    GstPcapIndexRecord *record = &piece.record;

    if (!gst_pcap_index_block_read_record (block, end, &at, record,
            &piece.shapes_at, &piece.bloom_at)
        || record->offset < least || record->offset > size
        || record->length > size - record->offset
        || (guint64) record->spans_first + record->spans_n >
        region->header.n_spans)
      return FALSE;
    least = record->offset + record->length;
    piece.offset = region->start + record->offset;
    piece.length = record->length;
    piece.spans_first = record->spans_first;
    piece.spans_n = record->spans_n;
    g_array_append_val (self->pieces, piece);
  }
  return TRUE;
}

static void
add_gap (GstPcapIndex * self, guint64 start, guint64 end, gint region)
{
  Piece piece = {.offset = start,.length = end - start,.region = region };

  if (region >= 0) {
    piece.spans_first = get_region (self, region)->header.spans_first;
    piece.spans_n = get_region (self, region)->header.spans_n;
  }
  self->complete = FALSE;
  g_array_append_val (self->pieces, piece);
}

/* A place in the file that is known not to be a gap: what a region covers, or the index
 * itself. */
typedef struct
{
  guint64 start, end;
  guint region;
  gboolean is_block;
} Extent;

/* Of two from one place on, the one that says more is the first. */
static gint
compare_extents (gconstpointer a, gconstpointer b)
{
  const Extent *one = a, *other = b;

  if (one->start != other->start)
    return one->start < other->start ? -1 : 1;
  return one->end > other->end ? -1 : one->end < other->end;
}

static GArray *
list_extents (GstPcapIndex * self)
{
  GArray *extents = g_array_new (FALSE, FALSE, sizeof (Extent));

  for (guint i = 0; i < self->regions->len; i++) {
    const GstPcapIndexRegion *region = get_region (self, i);
    Extent covered = { region->start, region->end, i, FALSE };
    Extent block = { region->place,
      region->place + g_bytes_get_size (region->block), i, TRUE
    };

    g_array_append_val (extents, covered);
    g_array_append_val (extents, block);
  }
  g_array_sort (extents, compare_extents);
  return extents;
}

/* What of the file lies where. Regions that are wrong in themselves, or overlap others,
 * are gaps. */
static void
lay_out (GstPcapIndex * self, guint64 size)
{
  g_autoptr (GArray) extents = list_extents (self);
  guint64 at = 0;
  gint last = -1;               /* region that was passed */

  self->complete = TRUE;
  for (guint i = 0; i < extents->len; i++) {
    const Extent *extent = &g_array_index (extents, Extent, i);
    guint n = self->pieces->len;

    if (extent->start < at)
      continue;
    if (extent->start > at) {
      add_gap (self, at, extent->start, last);
      n++;
    }
    at = extent->start;
    if (!extent->is_block && !read_records (self, extent->region)) {
      g_array_set_size (self->pieces, n);
      continue;
    }
    at = extent->end;
    last = extent->region;
  }
  if (at < size)
    add_gap (self, at, size, last);
}

static void
sum_up (GstPcapIndex * self)
{
  self->first = self->last = GST_CLOCK_TIME_NONE;
  for (guint i = 0; i < self->pieces->len; i++) {
    const Piece *piece = get_piece (self, i);

    if (!piece->indexed)
      continue;
    self->packets += piece->record.packets;
    if (piece->record.first > piece->record.last)
      continue;
    self->first = MIN (self->first, piece->record.first);
    self->last = GST_CLOCK_TIME_IS_VALID (self->last) ?
        MAX (self->last, piece->record.last) : piece->record.last;
  }
}

GstPcapIndex *
gst_pcap_index_new (GstPcapIndexRead read, gpointer user_data, guint64 size,
    GError ** error)
{
  GstPcapIndex *self = g_new0 (GstPcapIndex, 1);

  g_atomic_ref_count_init (&self->refs);
  self->regions = g_array_new (FALSE, FALSE, sizeof (GstPcapIndexRegion));
  self->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  if (!gst_pcap_index_regions_read (self->regions, read, user_data, size,
          error)) {
    gst_pcap_index_unref (self);
    return NULL;
  }
  lay_out (self, size);
  sum_up (self);
  return self;
}

GstPcapIndex *
gst_pcap_index_ref (GstPcapIndex * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_pcap_index_unref (GstPcapIndex * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_array_unref (self->pieces);
  g_array_unref (self->regions);
  g_free (self);
}

guint
gst_pcap_index_get_n_ranges (GstPcapIndex * self)
{
  return self->pieces->len;
}

static void
describe (const Piece * piece, GstPcapIndexRange * range)
{
  *range = (GstPcapIndexRange) { piece->offset, piece->length, 0,
    piece->indexed, GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE
  };
  if (!piece->indexed)
    return;
  range->packets = piece->record.packets;
  if (piece->record.first <= piece->record.last
      && !(piece->record.flags & GST_PCAP_RECORD_UNTIMED)) {
    range->first = piece->record.first;
    range->last = piece->record.last;
  }
}

gboolean
gst_pcap_index_get_range (GstPcapIndex * self, guint n,
    GstPcapIndexRange * range)
{
  if (n >= self->pieces->len)
    return FALSE;
  describe (get_piece (self, n), range);
  return TRUE;
}

gboolean
gst_pcap_index_is_complete (GstPcapIndex * self)
{
  return self->complete;
}

guint64
gst_pcap_index_get_packets (GstPcapIndex * self)
{
  return self->packets;
}

GstClockTime
gst_pcap_index_get_first_time (GstPcapIndex * self)
{
  return self->first;
}

GstClockTime
gst_pcap_index_get_last_time (GstPcapIndex * self)
{
  return self->last;
}

/* TRUE if @next is now part of @range. */
static gboolean
merge (GstPcapIndexRange * range, const GstPcapIndexRange * next)
{
  if (range->indexed != next->indexed
      || range->offset + range->length != next->offset)
    return FALSE;
  range->length += next->length;
  range->packets += next->packets;
  if (GST_CLOCK_TIME_IS_VALID (range->first)
      && GST_CLOCK_TIME_IS_VALID (next->first)) {
    range->first = MIN (range->first, next->first);
    range->last = MAX (range->last, next->last);
  } else {
    range->first = range->last = GST_CLOCK_TIME_NONE;
  }
  return TRUE;
}

static gboolean
accepts (GstPcapIndex * self, const Piece * piece, GstPcapIndexQuery * query)
{
  return query == NULL || !piece->indexed
      || gst_pcap_index_query_accepts (query,
      g_bytes_get_data (get_region (self, piece->region)->block, NULL),
      &piece->record, piece->shapes_at, piece->bloom_at);
}

GArray *
gst_pcap_index_select (GstPcapIndex * self, GstPcapIndexQuery * query)
{
  GArray *ranges = g_array_new (FALSE, FALSE, sizeof (GstPcapIndexRange));

  for (guint i = 0; i < self->pieces->len; i++) {
    const Piece *piece = get_piece (self, i);
    GstPcapIndexRange range;

    if (!accepts (self, piece, query))
      continue;
    describe (piece, &range);
    if (ranges->len == 0 || !merge (&g_array_index (ranges, GstPcapIndexRange,
                ranges->len - 1), &range))
      g_array_append_val (ranges, range);
  }
  return ranges;
}

static const Piece *
find_piece (GstPcapIndex * self, guint64 offset)
{
  guint from = 0, to = self->pieces->len;

  while (from < to) {
    guint middle = from + (to - from) / 2;
    const Piece *piece = get_piece (self, middle);

    if (offset < piece->offset)
      to = middle;
    else if (offset >= piece->offset + piece->length)
      from = middle + 1;
    else
      return piece;
  }
  return NULL;
}

GArray *
gst_pcap_index_get_prelude (GstPcapIndex * self,
    const GstPcapIndexRange * range)
{
  GArray *prelude = g_array_new (FALSE, FALSE, sizeof (GstPcapIndexSpan));
  const Piece *piece = find_piece (self, range->offset);
  const GstPcapIndexRegion *region;

  if (piece == NULL || piece->region < 0)
    return prelude;
  region = get_region (self, piece->region);
  for (guint32 i = 0; i < piece->spans_n; i++) {
    GstPcapIndexPlace place;
    GstPcapIndexSpan span;

    gst_pcap_index_block_read_span (g_bytes_get_data (region->block, NULL),
        region->spans_at, piece->spans_first + i, &place);
    if (place.start > region->place || place.length > place.start)
      continue;
    span = (GstPcapIndexSpan) { region->place - place.start, place.length };
    g_array_append_val (prelude, span);
  }
  return prelude;
}
