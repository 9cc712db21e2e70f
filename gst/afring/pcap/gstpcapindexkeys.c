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

#define FIRST_CAPACITY 1024

/* An open hash table; 0 is a free place. Mostly it is nearly empty. */
struct _GstPcapKeys
{
  guint64 *places;
  guint capacity;               /* a power of two */
  guint64 *list;                /* those that are in it, with room for all places */
  guint n;
  guint n_brought;              /* keys of prefixes that they may bring */
  gboolean no_prefixes;
  gboolean full;
};

GstPcapKeys *
gst_pcap_keys_new (void)
{
  GstPcapKeys *self = g_new0 (GstPcapKeys, 1);

  self->capacity = FIRST_CAPACITY;
  self->places = g_new0 (guint64, self->capacity);
  self->list = g_new (guint64, self->capacity);
  return self;
}

void
gst_pcap_keys_free (GstPcapKeys * self)
{
  g_free (self->places);
  g_free (self->list);
  g_free (self);
}

void
gst_pcap_keys_clear (GstPcapKeys * self)
{
  if (self->n > 0)
    memset (self->places, 0, self->capacity * sizeof (*self->places));
  self->n = self->n_brought = 0;
  self->no_prefixes = self->full = FALSE;
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

static inline void
insert (GstPcapKeys * self, guint64 key)
{
  guint at = mix (key) & (self->capacity - 1);

  while (self->places[at] != 0) {
    if (self->places[at] == key)
      return;
    at = (at + 1) & (self->capacity - 1);
  }
  self->places[at] = key;
  self->list[self->n++] = key;
  if (GST_PCAP_KEY_GET_KIND (key) == GST_PCAP_KEY_IPV4)
    self->n_brought += GST_PCAP_MOST_PREFIXES;
  else if (GST_PCAP_KEY_GET_KIND (key) == GST_PCAP_KEY_IPV6_WORD_1)
    self->n_brought++;
}

static void
rebuild (GstPcapKeys * self, guint capacity)
{
  g_autofree guint64 *list = self->list;
  guint n = self->n;

  g_free (self->places);
  self->places = g_new0 (guint64, capacity);
  self->list = g_new (guint64, capacity);
  self->capacity = capacity;
  self->n = self->n_brought = 0;
  for (guint i = 0; i < n; i++) {
    if (!self->no_prefixes || !gst_pcap_key_is_prefix (list[i]))
      insert (self, list[i]);
  }
}

static void
make_room (GstPcapKeys * self)
{
  if (self->n >= MANY_KEYS && !self->no_prefixes) {
    self->no_prefixes = TRUE;
    rebuild (self, self->capacity);
  }
  if (self->n >= MOST_KEYS) {
    self->full = TRUE;
  } else if (self->n >= self->capacity / 2) {
    rebuild (self, self->capacity * 2);
  }
}

void
gst_pcap_keys_add (GstPcapKeys * self, guint64 key)
{
  if (self->full || (self->no_prefixes && gst_pcap_key_is_prefix (key)))
    return;
  insert (self, key);
  if (G_UNLIKELY (self->n >= MIN (self->capacity / 2, MANY_KEYS)))
    make_room (self);
}

/* Once for each address, not for each flow that it has. */
void
gst_pcap_keys_add_prefixes (GstPcapKeys * self)
{
  g_autofree guint64 *keys = g_memdup2 (self->list,
      self->n * sizeof (*self->list));
  guint n = self->n;

  for (guint i = 0; i < n; i++) {
    guint64 prefixes[GST_PCAP_MOST_PREFIXES];
    guint n_prefixes = gst_pcap_key_get_prefixes (keys[i], prefixes);

    for (guint j = 0; j < n_prefixes; j++)
      gst_pcap_keys_add (self, prefixes[j]);
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
  gsize n = self->n + self->n_brought + more * (1 + GST_PCAP_MOST_PREFIXES);

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
