/* gst-afring: the keys of a piece of a file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapindexkeys.h"
#include "gstpcapindexshape.h"

#include <gst/gst.h>

#include <string.h>

/* Bits of a filter for each key, and how many of them a key sets: one key of 46 that is
 * not there seems to be. */
#define BITS_PER_KEY 8
#define PROBES 5

/* A full filter has three bits a key: below that it answers little. */
#define MOST_KEYS (GST_PCAP_BLOOM_MOST * 8 / 3)
/* From there on prefixes are dropped. */
#define MANY_KEYS (GST_PCAP_BLOOM_MOST * 8 / BITS_PER_KEY)

#define FIRST_CAPACITY 4096

/* An open hash table. Most places are free: what is there is mostly the key, or nothing.
 * A key leaves 24 bits: in them is a generation, and what has another one is free. So
 * nothing has to be cleared. */
struct _GstPcapKeys
{
  guint64 *places;
  guint capacity;               /* a power of two */
  guint64 multiplier;           /* odd, and nobody can know it */
  guint shift;                  /* of a product, for a place */
  guint64 generation;           /* in its bits of a key; not 0 */
  guint64 *list;                /* those that are in it, with room for ROOM() */
  guint n;
  gboolean no_prefixes;
  gboolean full;
};

#define GENERATION_ONE (G_GUINT64_CONSTANT (1) << 32)
#define GENERATION_BITS (G_GUINT64_CONSTANT (0xffffff) << 32)

/* So many may be in it: of a flood half, as it would not fit the cache. */
#define ROOM(capacity) ((capacity) > 16384 ? (capacity) / 2 : (capacity) / 4)

static void
set_capacity (GstPcapKeys * self, guint capacity)
{
  self->capacity = capacity;
  self->shift = 64 - g_bit_storage (capacity - 1);
  self->places = g_new0 (guint64, capacity);
  self->list = g_new (guint64, ROOM (capacity));
  self->generation = GENERATION_ONE;
  self->n = 0;
}

GstPcapKeys *
gst_pcap_keys_new (void)
{
  GstPcapKeys *self = g_new0 (GstPcapKeys, 1);

  self->multiplier = (guint64) g_random_int () << 32 | g_random_int () | 1;
  set_capacity (self, FIRST_CAPACITY);
  return self;
}

static void
drop (GstPcapKeys * self)
{
  g_free (self->places);
  g_free (self->list);
}

void
gst_pcap_keys_free (GstPcapKeys * self)
{
  drop (self);
  g_free (self);
}

/* What a flood has made large gets small again: it would not stay in the processor's
 * cache. */
void
gst_pcap_keys_clear (GstPcapKeys * self)
{
  if (self->capacity > FIRST_CAPACITY && self->n < ROOM (self->capacity) / 8) {
    drop (self);
    set_capacity (self, self->capacity / 2);
  }
  self->n = 0;
  self->no_prefixes = self->full = FALSE;
  self->generation = (self->generation + GENERATION_ONE) & GENERATION_BITS;
  if (self->generation == 0) {
    memset (self->places, 0, self->capacity * sizeof (*self->places));
    self->generation = GENERATION_ONE;
  }
}

/* The finalizer of MurmurHash3: every bit of a key moves every bit of the hash. */
static inline guint64
mix (guint64 key)
{
  key ^= key >> 33;
  key *= G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  key ^= key >> 33;
  key *= G_GUINT64_CONSTANT (0xc4ceb9fe1a85ec53);
  return key ^ key >> 33;
}

/* TRUE if it is new. Whether it is nobody can guess: without jumps, but where another key
 * has the place. */
static inline gboolean
insert (GstPcapKeys * self, guint64 key)
{
  guint64 stored = key | self->generation, there;
  guint at = key * self->multiplier >> self->shift;
  gboolean is_free;

  for (;;) {
    there = self->places[at];
    is_free = ((there ^ stored) & GENERATION_BITS) != 0;
    if (G_LIKELY (is_free | (there == stored)))
      break;
    at = (at + 1) & (self->capacity - 1);
  }
  self->places[at] = stored;
  self->list[self->n] = key;
  self->n += is_free;
  return is_free;
}

static void
rebuild (GstPcapKeys * self, guint capacity)
{
  g_autofree guint64 *list = self->list;
  guint n = self->n;

  g_free (self->places);
  set_capacity (self, capacity);
  for (guint i = 0; i < n; i++) {
    if (!self->no_prefixes || !gst_pcap_key_is_prefix (list[i]))
      insert (self, list[i]);
  }
}

/* One place in the list is always free. */
static void
make_room (GstPcapKeys * self)
{
  if (self->n >= MANY_KEYS && !self->no_prefixes) {
    gboolean has_some = FALSE;

    self->no_prefixes = TRUE;
    for (guint i = 0; i < self->n && !has_some; i++)
      has_some = gst_pcap_key_is_prefix (self->list[i]);
    if (has_some)
      rebuild (self, self->capacity);
  }
  if (self->n >= MOST_KEYS)
    self->full = TRUE;
  else if (self->n + 1 >= ROOM (self->capacity))
    rebuild (self, self->capacity * 2);
}

static inline gboolean
add (GstPcapKeys * self, guint64 key)
{
  gboolean is_new = insert (self, key);

  if (G_UNLIKELY (self->n + 1 >= MIN (ROOM (self->capacity), MANY_KEYS)))
    make_room (self);
  return is_new;
}

void
gst_pcap_keys_add (GstPcapKeys * self, const guint64 * keys, guint n)
{
  for (guint i = 0; i < n && !self->full; i++) {
    if (!self->no_prefixes || !gst_pcap_key_is_prefix (keys[i]))
      add (self, keys[i]);
  }
}

/* Once for each address, not for each flow that it has. Of a prefix that is there the
 * shorter ones are, too. */
void
gst_pcap_keys_add_prefixes (GstPcapKeys * self)
{
  guint n = self->n;

  for (guint i = 0; i < n && !self->no_prefixes; i++) {
    guint64 prefixes[GST_PCAP_MOST_PREFIXES];
    guint n_prefixes = gst_pcap_key_get_prefixes (self->list[i], prefixes);

    for (guint j = 0; j < n_prefixes && !self->no_prefixes; j++) {
      if (!add (self, prefixes[j]))
        break;
    }
  }
}

gboolean
gst_pcap_keys_is_full (const GstPcapKeys * self)
{
  return self->full;
}

gboolean
gst_pcap_keys_has_prefixes (const GstPcapKeys * self)
{
  return !self->no_prefixes;
}

gsize
gst_pcap_keys_get_bound (const GstPcapKeys * self, gsize more)
{
  gsize n = (self->n + more) * (1 + GST_PCAP_MOST_PREFIXES);

  return MIN (n * BITS_PER_KEY / 8 + 8, GST_PCAP_BLOOM_MOST);
}

guint64
gst_pcap_bloom_hash (guint64 key)
{
  return mix (key);
}

static inline guint32
get_bit (guint64 hash, guint probe, guint32 length)
{
  guint32 start = hash, step = (guint32) (hash >> 32) | 1;

  return (guint64) (start + probe * step) * ((guint64) length * 8) >> 32;
}

void
gst_pcap_keys_append_bloom (const GstPcapKeys * self, GByteArray * out)
{
  guint32 length = GST_ROUND_UP_N (self->n, 8 * 8 / BITS_PER_KEY)
      * BITS_PER_KEY / 8;
  guint8 *bloom;

  if (self->full || self->n == 0)
    return;
  length = MIN (length, GST_PCAP_BLOOM_MOST);
  g_byte_array_set_size (out, out->len + length);
  bloom = out->data + out->len - length;
  memset (bloom, 0, length);
  for (guint i = 0; i < self->n; i++) {
    guint64 hash = mix (self->list[i]);

    for (guint probe = 0; probe < PROBES; probe++) {
      guint32 bit = get_bit (hash, probe, length);

      bloom[bit / 8] |= 1 << bit % 8;
    }
  }
}

gboolean
gst_pcap_bloom_has (const guint8 * bloom, guint32 length, guint64 hash)
{
  for (guint probe = 0; probe < PROBES; probe++) {
    guint32 bit = get_bit (hash, probe, length);

    if (!(bloom[bit / 8] & 1 << bit % 8))
      return FALSE;
  }
  return TRUE;
}
