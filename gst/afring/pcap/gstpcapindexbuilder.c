/* gst-afring: an index being made
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapindex.h"
#include "gstpcapdecoder-private.h"
#include "gstpcapindexbuilder-private.h"
#include "gstpcapindexrecord.h"

#define DEFAULT_BLOCK_SIZE (1024 * 1024)

/* An index block is of so many records, or bytes of them. */
#define GROUP_RECORDS 64
#define GROUP_BYTES (4 * 1024 * 1024)

/* Places of descriptions: more are not indexed. */
#define MOST_SPANS 4096
#define MOST_SPAN (1024 * 1024 * 1024)

/* Bytes of the smallest block of a packet, and of an interface. */
#define LEAST_PACKET 16
#define LEAST_INTERFACE 20
/* Of a block behind its records, where the file is to go on at a multiple of 512. */
#define MOST_PADDING 516

#define PACKET_HEADER 28
#define SIMPLE_HEADER 12
#define TRAILER 4
#define AHEAD 4                 /* blocks, that are prefetched */
#define NANOSECONDS 9           /* 10^-9 */

/* Records of one index block. */
typedef struct
{
  guint64 start, end;           /* of what they cover, in the file */
  guint at, length;             /* of their bytes */
  guint n;
} Group;

/* Descriptions; in the file, not a distance. */
typedef struct
{
  guint64 offset;
  guint32 length;
  gboolean has_header;
} Span;

/* Indexes that stand in the file one behind the other. */
typedef struct
{
  guint64 first;                /* place of the first */
  guint64 next;                 /* behind the last */
  guint64 end;                  /* of what they are of */
  guint n;
  guint64 places[2];            /* of the last two */
} GstPcapIndexPassed;

struct _GstPcapIndexBuilder
{
  gatomicrefcount refs;
  gsize block_size;
  GstPcapDecoder *decoder;      /* of descriptions only */
  gboolean begun;               /* something was added */
  gboolean in_section;          /* one has begun, and nothing was wrong since */
  guint64 position;             /* in the file */
  guint32 last_size;            /* of a block */

  GArray *spans;                /* Span, since the last index */
  guint section_first;          /* of the section at hand */

  GstPcapIndexGatherer *gatherer;
  gboolean in_record;
  guint64 record_at;
  guint record_first, record_n; /* spans */

  GByteArray *records;
  GArray *groups;               /* the last one is not full */
  guint64 covered;              /* up to there in the file */
  guint64 indexes[2];           /* places of the last ones, the last first */
  guint n_indexes;
  GstPcapIndexPassed passed;
};

G_DEFINE_BOXED_TYPE (GstPcapIndexBuilder, gst_pcap_index_builder,
    gst_pcap_index_builder_ref, gst_pcap_index_builder_unref)

GstPcapIndexBuilder *
gst_pcap_index_builder_new (gsize block_size)
{
  GstPcapIndexBuilder *self = g_new0 (GstPcapIndexBuilder, 1);

  g_atomic_ref_count_init (&self->refs);
  self->block_size = block_size > 0 ? block_size : DEFAULT_BLOCK_SIZE;
  self->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  self->gatherer = gst_pcap_index_gatherer_new ();
  self->records = g_byte_array_new ();
  self->groups = g_array_new (FALSE, FALSE, sizeof (Group));
  self->decoder = gst_pcap_decoder_new ();
  return self;
}

GstPcapIndexBuilder *
gst_pcap_index_builder_ref (GstPcapIndexBuilder * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_pcap_index_builder_unref (GstPcapIndexBuilder * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  gst_pcap_decoder_free (self->decoder);
  g_array_unref (self->spans);
  gst_pcap_index_gatherer_free (self->gatherer);
  g_byte_array_unref (self->records);
  g_array_unref (self->groups);
  g_free (self);
}

static void
forget_records (GstPcapIndexBuilder * self)
{
  g_byte_array_set_size (self->records, 0);
  g_array_set_size (self->groups, 0);
}

void
gst_pcap_index_builder_restart (GstPcapIndexBuilder * self)
{
  gst_pcap_decoder_free (self->decoder);
  self->decoder = gst_pcap_decoder_new ();
  self->begun = self->in_section = self->in_record = FALSE;
  self->position = self->covered = 0;
  self->n_indexes = self->section_first = 0;
  self->passed = (GstPcapIndexPassed) { 0, };
  g_array_set_size (self->spans, 0);
  gst_pcap_index_gatherer_clear (self->gatherer);
  forget_records (self);
}

static Group *
get_group (GstPcapIndexBuilder * self)
{
  Group *group = self->groups->len > 0 ? &g_array_index (self->groups, Group,
      self->groups->len - 1) : NULL;

  if (group == NULL || group->n >= GROUP_RECORDS
      || group->length >= GROUP_BYTES) {
    Group next = { group != NULL ? group->end : self->covered, 0,
      self->records->len, 0, 0
    };

    g_array_append_val (self->groups, next);
    group = &g_array_index (self->groups, Group, self->groups->len - 1);
  }
  return group;
}

/* At the position. */
static void
close_record (GstPcapIndexBuilder * self)
{
  GstPcapIndexRecord record = {
    .length = self->position - self->record_at,
    .spans_first = self->record_first,
    .spans_n = self->record_n
  };
  Group *group;

  if (!self->in_record)
    return;
  self->in_record = FALSE;
  if (gst_pcap_index_gatherer_get_packets (self->gatherer) == 0)
    return;
  group = get_group (self);
  record.offset = self->record_at - group->start;
  gst_pcap_index_gatherer_append (self->gatherer, &record, self->records);
  group->length = self->records->len - group->at;
  group->end = self->position;
  group->n++;
}

static inline void
open_record (GstPcapIndexBuilder * self)
{
  if (G_LIKELY (self->in_record))
    return;
  self->in_record = TRUE;
  self->record_at = self->position;
  self->record_first = self->section_first;
  self->record_n = self->spans->len - self->section_first;
}

/* Nothing from here on is covered, until a section begins. */
static void
give_up (GstPcapIndexBuilder * self)
{
  close_record (self);
  self->in_section = FALSE;
}

/* Blocks. */

static gboolean
decode (GstPcapIndexBuilder * self, const guint8 * block, guint32 length)
{
  GstPcapPacket packet;
  gsize used;

  return gst_pcap_decoder_read_block (self->decoder, block, length, &used,
      &packet, NULL) == GST_PCAP_DECODER_OTHER && used == length;
}

/* What has to be read before packets. */
static void
add_span (GstPcapIndexBuilder * self, guint32 length, gboolean has_header)
{
  Span span = { self->position, length, has_header };
  Span *last = self->spans->len > self->section_first ?
      &g_array_index (self->spans, Span, self->spans->len - 1) : NULL;

  if (last != NULL && last->offset + last->length == self->position
      && last->length < MOST_SPAN)
    last->length += length;
  else
    g_array_append_val (self->spans, span);
}

/* Once it has given up, one more section does not bring it back. */
static void
take_section (GstPcapIndexBuilder * self, const guint8 * block, guint32 length)
{
  gboolean goes_on = self->in_section || !self->begun;

  close_record (self);
  self->in_section = goes_on && decode (self, block, length);
  self->section_first = self->spans->len;
  if (self->in_section)
    add_span (self, length, TRUE);
}

static void
take_interface (GstPcapIndexBuilder * self, const guint8 * block,
    guint32 length)
{
  if (self->spans->len < MOST_SPANS && decode (self, block, length))
    add_span (self, length, FALSE);
  else
    give_up (self);
}

static inline guint32
read_u32 (const GstPcapIndexBuilder * self, const guint8 * data)
{
  return gst_pcap_decoder_read_u32 (self->decoder, data);
}

static inline GstClockTime
get_time (const GstPcapIndexBuilder * self, const GstPcapInterface * interface,
    const guint8 * block)
{
  guint64 ticks = (guint64) read_u32 (self, block + 12) << 32
      | read_u32 (self, block + 16);

  if (G_LIKELY (interface->exponent == NANOSECONDS && !interface->binary
          && interface->offset == 0))
    return ticks;
  return gst_pcap_decoder_ticks_to_time (interface, ticks);
}

/* An enhanced packet, or the obsolete one. */
static inline gboolean
take_packet (GstPcapIndexBuilder * self, const guint8 * block, guint32 length,
    gboolean obsolete)
{
  const GstPcapInterface *interface;
  guint32 id, captured;

  if (G_UNLIKELY (length < PACKET_HEADER + TRAILER))
    return FALSE;
  id = G_UNLIKELY (obsolete) ?
      gst_pcap_decoder_read_u16 (self->decoder, block + 8) :
      read_u32 (self, block + 8);
  captured = read_u32 (self, block + 20);
  if (G_UNLIKELY (id >= self->decoder->interfaces->len
          || captured > length - PACKET_HEADER - TRAILER))
    return FALSE;
  interface = gst_pcap_decoder_get_nth (self->decoder, id);
  gst_pcap_index_gatherer_add (self->gatherer, interface->iface.link_type,
      get_time (self, interface, block), block + PACKET_HEADER, captured);
  return TRUE;
}

static gboolean
take_simple_packet (GstPcapIndexBuilder * self, const guint8 * block,
    guint32 length)
{
  const GstPcapInterface *interface;
  guint32 captured;

  if (length < SIMPLE_HEADER + TRAILER || self->decoder->interfaces->len == 0)
    return FALSE;
  interface = gst_pcap_decoder_get_nth (self->decoder, 0);
  captured = read_u32 (self, block + 8);
  if (interface->iface.snaplen != 0)
    captured = MIN (captured, interface->iface.snaplen);
  if (captured > length - SIMPLE_HEADER - TRAILER)
    return FALSE;
  gst_pcap_index_gatherer_add (self->gatherer, interface->iface.link_type,
      GST_CLOCK_TIME_NONE, block + SIMPLE_HEADER, captured);
  return TRUE;
}

static inline void
end_packet (GstPcapIndexBuilder * self, guint32 length, gboolean ok)
{
  if (G_UNLIKELY (!ok)) {
    give_up (self);
    return;
  }
  self->position += length;
  if (G_UNLIKELY (self->position - self->record_at >= self->block_size))
    close_record (self);
}

/* Every block but a section's header. */
static inline void
take_block (GstPcapIndexBuilder * self, const guint8 * block, guint32 length)
{
  guint32 type = read_u32 (self, block);

  switch (type) {
    case GST_PCAPNG_BLOCK_PACKET:
      open_record (self);
      end_packet (self, length, take_packet (self, block, length, FALSE));
      return;
    case GST_PCAPNG_BLOCK_OBSOLETE_PACKET:
      open_record (self);
      end_packet (self, length, take_packet (self, block, length, TRUE));
      return;
    case GST_PCAPNG_BLOCK_SIMPLE_PACKET:
      open_record (self);
      end_packet (self, length, take_simple_packet (self, block, length));
      return;
    case GST_PCAPNG_BLOCK_INTERFACE:
      take_interface (self, block, length);
      break;
    default:
      /* of others, which are in front of our own */
      if (type != GST_PCAP_INDEX_BLOCK_TYPE)
        open_record (self);
      break;
  }
  if (self->in_section)
    self->position += length;
}

/* A section header says what the lengths are. */
static gboolean
is_section_header (const guint8 * block, gsize length)
{
  return gst_pcap_decoder_is_section_header (block) && length >= 28;
}

/* The next one, and where neighbours are of the same length one that is farther away:
 * memory is slower than what is done with a packet. */
static inline void
prefetch (GstPcapIndexBuilder * self, const guint8 * block, guint32 size)
{
  const guint8 *next = block + (size == self->last_size ? AHEAD * size : size);

  __builtin_prefetch (next);
  __builtin_prefetch (next + 64);
  self->last_size = size;
}

void
gst_pcap_index_builder_add (GstPcapIndexBuilder * self, const guint8 * bytes,
    gsize length)
{
  gsize at = 0;

  while (length - at >= LEAST_BLOCK_LENGTH) {
    const guint8 *block = bytes + at;
    guint32 size = 0;

    if (G_UNLIKELY (is_section_header (block, length - at))) {
      guint32 order, raw;

      memcpy (&order, block + 8, sizeof (order));
      memcpy (&raw, block + 4, sizeof (raw));
      size = order == GST_PCAPNG_BYTE_ORDER_MAGIC ? raw : GUINT32_SWAP_LE_BE (raw);
      if (size < 28 || size > length - at)
        break;
      take_section (self, block, size);
      self->position += self->in_section ? size : 0;
    } else if (G_LIKELY (self->in_section)) {
      size = read_u32 (self, block + 4);
      if (size < LEAST_BLOCK_LENGTH || size % 4 != 0 || size > length - at)
        break;
      prefetch (self, block, size);
      take_block (self, block, size);
    }
    if (G_UNLIKELY (!self->in_section))
      break;
    at += size;
  }
  if (G_UNLIKELY (at < length)) {
    if (self->in_section)
      give_up (self);
    self->position += length - at;
  }
  self->begun |= length > 0;
}

gboolean
gst_pcap_index_builder_is_due (GstPcapIndexBuilder * self)
{
  const Group *group = self->groups->len > 0 ? &g_array_index (self->groups,
      Group, 0) : NULL;

  return self->in_section && group != NULL && (group->n >= GROUP_RECORDS
      || group->length >= GROUP_BYTES);
}

/* As if all that is to come were small packets of a flow each. */
gsize
gst_pcap_index_builder_get_size (GstPcapIndexBuilder * self, gsize size,
    gsize packets, gsize unseen)
{
  gsize records = 1 + (unseen + size) / self->block_size;
  gsize groups = self->groups->len + 1 + records / GROUP_RECORDS;
  gsize spans = self->spans->len + 1 + unseen / LEAST_INTERFACE;

  packets += unseen / LEAST_PACKET;
  return self->records->len
      + records * gst_pcap_index_gatherer_get_bound (self->gatherer, packets)
      + groups * (GST_PCAP_INDEX_FRAME_LENGTH + MOST_PADDING
      + spans * GST_PCAP_INDEX_SPAN_LENGTH);
}

/* Index blocks. */

static GstPcapIndexPlace *
get_places (GstPcapIndexBuilder * self, guint64 place)
{
  GstPcapIndexPlace *places = g_new (GstPcapIndexPlace, self->spans->len + 1);

  for (guint i = 0; i < self->spans->len; i++) {
    const Span *span = &g_array_index (self->spans, Span, i);

    places[i] = (GstPcapIndexPlace) { place - span->offset, span->length,
      span->has_header
    };
  }
  return places;
}

static void
add_index (GstPcapIndexBuilder * self, guint64 place)
{
  self->indexes[1] = self->indexes[0];
  self->indexes[0] = place;
  self->n_indexes = MIN (self->n_indexes + 1, 2);
}

static void
append_group (GstPcapIndexBuilder * self, const Group * group, guint64 place,
    gsize alignment, GByteArray * out)
{
  GstPcapIndexHeader header = {
    .start = place - group->start,
    .end = place - group->end,
    .previous = self->n_indexes > 0 ? place - self->indexes[0] : 0,
    .before = self->n_indexes > 1 ? place - self->indexes[1] : 0,
    .n_spans = self->spans->len,
    .n_records = group->n,
    .spans_first = self->section_first,
    .spans_n = self->spans->len - self->section_first
  };
  g_autofree GstPcapIndexPlace *places = get_places (self, place);
  GByteArray records = {.data = self->records->data + group->at,.len =
      group->length
  };

  gst_pcap_index_block_append (out, &header, places, &records, place,
      alignment, self->decoder->swapped);
  add_index (self, place);
}

/* All up to there is in an index. */
static void
begin_behind (GstPcapIndexBuilder * self, guint64 place)
{
  forget_records (self);
  self->position = self->covered = place;
  g_array_remove_range (self->spans, 0, self->section_first);
  self->section_first = 0;
}

GBytes *
gst_pcap_index_builder_write (GstPcapIndexBuilder * self, gsize alignment)
{
  GByteArray *out;
  guint64 place = self->position;

  close_record (self);
  if (self->groups->len == 0)
    return NULL;
  out = g_byte_array_new ();
  /* up to here it is covered, and there are no more packets */
  if (self->in_section)
    g_array_index (self->groups, Group, self->groups->len - 1).end = place;
  for (guint i = 0; i < self->groups->len; i++) {
    gboolean last = i + 1 == self->groups->len;

    append_group (self, &g_array_index (self->groups, Group, i),
        place + out->len, last ? MAX (alignment, 4) : 4, out);
  }
  begin_behind (self, place + out->len);
  return g_byte_array_free_to_bytes (out);
}

/* The distance of the index before one at @place that goes on with them; 0: it is the first. */
static guint64
get_previous (const GstPcapIndexBuilder * self, guint64 place)
{
  const GstPcapIndexPassed *passed = &self->passed;

  if (passed->n > 0)
    return place - passed->places[(passed->n - 1) % 2];
  return self->n_indexes > 0 ? place - self->indexes[0] : 0;
}

/* Several can stand one behind the other, for one piece of the file each: only with the last
 * of them is all known. */
gboolean
gst_pcap_index_builder_pass (GstPcapIndexBuilder * self, const guint8 * block,
    gsize length)
{
  GstPcapIndexPassed *passed = &self->passed;
  guint64 place = self->position;
  GstPcapIndexHeader header;
  gsize spans_at;

  if (!self->in_section || !gst_pcap_index_block_read (block, length, &header,
          &spans_at) || header.start > place || header.end > place)
    return FALSE;
  close_record (self);
  if (passed->n == 0 || passed->next != place)
    *passed = (GstPcapIndexPassed) { place, place, self->covered, 0 };
  if (place - header.start != passed->end
      || header.previous != get_previous (self, place))
    return FALSE;
  passed->places[passed->n++ % 2] = place;
  passed->end = place - header.end;
  passed->next = self->position = place + length;
  if (passed->end != passed->first && header.end != 0)
    return TRUE;
  if (passed->n > 1)
    add_index (self, passed->places[passed->n % 2]);
  add_index (self, passed->places[(passed->n - 1) % 2]);
  passed->n = 0;
  begin_behind (self, self->position);
  return TRUE;
}
