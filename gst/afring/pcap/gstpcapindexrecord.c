/* gst-afring: a record of an index being made
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* This runs for every packet that is recorded. Most belong to a flow of which there was
 * one before: a cache knows flows exactly, and may forget but never confuse them. Only
 * what is new in a piece is taken apart. */

#include "gstpcapindexrecord.h"
#include "gstpcapindexkeys.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <stdlib.h>
#include <string.h>

/* More layouts than that are not traffic: then nothing is said of any. */
#define MOST_SHAPES 64

#define N_SHORT 2048            /* pairs of flows, powers of two */
#define N_LONG 1024

/* A flow without IPv6 addresses ends behind two words of them. */
#define SHORT_LENGTH (G_STRUCT_OFFSET (GstPcapFlow, addresses) + 8)

typedef struct
{
  guint64 words[4];
} ShortFlow;

/* Of a line of the processor's cache: two that have the same place do not drive out each
 * other. The last one comes first. */
typedef struct
{
  ShortFlow flows[2];
} ShortPair;

typedef struct
{
  guint64 words[7];
  guint64 padding;
} LongFlow;

G_STATIC_ASSERT (SHORT_LENGTH == sizeof (ShortFlow));
G_STATIC_ASSERT (sizeof (GstPcapFlow) == 7 * sizeof (guint64));

struct _GstPcapIndexGatherer
{
  guint32 packets;
  guint32 flags;                /* GstPcapRecordFlags */
  GstClockTime first, last;
  guint32 generation;           /* of what the caches know */
  GstPcapShape shapes[MOST_SHAPES];
  guint n_shapes;
  GstPcapKeys *keys;
  ShortPair *shorts;            /* N_SHORT */
  ShortFlow common[2];          /* of UDP and TCP, without what differs */
  LongFlow longs[N_LONG];
};

/* Where in a word the field is that comes behind another one. */
#define SECOND_HALF (G_BYTE_ORDER == G_LITTLE_ENDIAN ? 32 : 0)

/* Ethernet, IPv4, ports. */
#define COMMON_LENGTH 38

G_STATIC_ASSERT (G_STRUCT_OFFSET (GstPcapShape, generation) == 12);
G_STATIC_ASSERT (G_STRUCT_OFFSET (GstPcapFlow, ports) == 20);

static void
begin (GstPcapIndexGatherer * self)
{
  self->packets = self->flags = 0;
  self->first = G_MAXUINT64;
  self->last = 0;
  self->n_shapes = 0;
  gst_pcap_keys_clear (self->keys);
  /* nothing that is in the caches is of this generation */
  if (++self->generation == 0) {
    memset (self->shorts, 0, N_SHORT * sizeof (*self->shorts));
    memset (self->longs, 0, sizeof (self->longs));
    self->generation = 1;
  }
}

static void
learn_common (ShortFlow * flow, guint8 protocol)
{
  guint8 packet[COMMON_LENGTH] = {[12] = 0x08,[14] = 0x45,[23] = protocol };
  GstPcapFlow made;

  gst_pcap_flow_init (&made, GST_CAPTURE_LINK_TYPE_ETHERNET, packet,
      sizeof (packet));
  memcpy (flow, &made, sizeof (*flow));
}

GstPcapIndexGatherer *
gst_pcap_index_gatherer_new (void)
{
  GstPcapIndexGatherer *self = g_new0 (GstPcapIndexGatherer, 1);

  self->keys = gst_pcap_keys_new ();
  if (posix_memalign ((void **) &self->shorts, sizeof (ShortPair),
          N_SHORT * sizeof (ShortPair)) != 0)
    g_error ("no memory for the flows of an index");
  memset (self->shorts, 0, N_SHORT * sizeof (ShortPair));
  learn_common (&self->common[0], 17);
  learn_common (&self->common[1], 6);
  begin (self);
  return self;
}

void
gst_pcap_index_gatherer_free (GstPcapIndexGatherer * self)
{
  gst_pcap_keys_free (self->keys);
  free (self->shorts);
  g_free (self);
}

void
gst_pcap_index_gatherer_clear (GstPcapIndexGatherer * self)
{
  begin (self);
}

guint32
gst_pcap_index_gatherer_get_packets (const GstPcapIndexGatherer * self)
{
  return self->packets;
}

gsize
gst_pcap_index_gatherer_get_bound (const GstPcapIndexGatherer * self,
    gsize more)
{
  return GST_PCAP_INDEX_RECORD_LENGTH
      + MIN (self->n_shapes + more, MOST_SHAPES) * sizeof (GstPcapShape)
      + gst_pcap_keys_get_bound (self->keys, more * GST_PCAP_MOST_KEYS);
}

static void
add_shape (GstPcapIndexGatherer * self, const GstPcapShape * shape)
{
  GstPcapShape plain = *shape;

  plain.generation = 0;
  for (guint i = 0; i < self->n_shapes; i++) {
    if (gst_pcap_shape_equal (&self->shapes[i], &plain))
      return;
  }
  if (self->n_shapes == MOST_SHAPES)
    self->flags |= GST_PCAP_RECORD_OPAQUE;
  else
    self->shapes[self->n_shapes++] = plain;
}

/* A flow that was not seen in this piece, or was forgotten. */
static void
add_flow (GstPcapIndexGatherer * self, const GstPcapFlow * flow)
{
  guint64 keys[GST_PCAP_MOST_KEYS];
  guint n;

  add_shape (self, &flow->shape);
  if (gst_pcap_keys_is_full (self->keys))
    return;
  n = gst_pcap_flow_get_keys (flow, keys);
  gst_pcap_keys_add (self->keys, keys, n);
}

static inline guint32
hash (const guint64 * words)
{
  guint64 value = words[3] ^ words[2] * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
      ^ words[1];

  value *= G_GUINT64_CONSTANT (0xff51afd7ed558ccd);
  return value >> 40;
}

static inline gboolean
is_same (const ShortFlow * a, const ShortFlow * b)
{
  return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1])
      | (a->words[2] ^ b->words[2]) | (a->words[3] ^ b->words[3])) == 0;
}

/* TRUE if it was there. */
static inline gboolean
look_up_short (GstPcapIndexGatherer * self, const ShortFlow * key)
{
  ShortPair *pair = &self->shorts[hash (key->words) & (N_SHORT - 1)];

  if (is_same (&pair->flows[0], key) || is_same (&pair->flows[1], key))
    return TRUE;
  pair->flows[1] = pair->flows[0];
  pair->flows[0] = *key;
  return FALSE;
}

static inline gboolean
look_up_long (GstPcapIndexGatherer * self, const GstPcapFlow * flow)
{
  LongFlow key, *found;

  key.padding = 0;
  memcpy (key.words, flow, sizeof (key.words));
  /* what differs between hosts is at the end of an address */
  found = &self->longs[(hash (key.words + 3) ^ hash (key.words + 1))
      & (N_LONG - 1)];
  if (memcmp (found->words, key.words, sizeof (key.words)) == 0)
    return TRUE;
  *found = key;
  return FALSE;
}

/* What gst_pcap_flow_init() makes of UDP and TCP over IPv4 over Ethernet, as words that
 * never lie in memory in smaller parts: the processor would wait for those to get there.
 * FALSE: it is something else. */
static inline gboolean
make_common (const GstPcapIndexGatherer * self, guint link_type,
    const guint8 * data, guint32 length, ShortFlow * key)
{
  guint8 protocol;

  if (G_UNLIKELY (link_type != GST_CAPTURE_LINK_TYPE_ETHERNET
          || length < COMMON_LENGTH))
    return FALSE;
  protocol = data[23];
  if (G_UNLIKELY (GST_READ_UINT24_BE (data + 12) != 0x080045
          || (GST_READ_UINT16_BE (data + 20) & 0x1fff) != 0
          || (protocol != 17 && protocol != 6)))
    return FALSE;
  key->words[0] = self->common[0].words[0];
  key->words[1] = self->common[protocol == 6].words[1] |
      (guint64) self->generation << SECOND_HALF;
  key->words[2] = (guint64) GST_READ_UINT32_BE (data + 34) << SECOND_HALF;
  memcpy (&key->words[3], data + 26, sizeof (key->words[3]));
  return TRUE;
}

static void
add_any (GstPcapIndexGatherer * self, guint link_type, const guint8 * data,
    guint32 captured_length)
{
  GstPcapFlow flow;
  ShortFlow key;
  gboolean known;

  gst_pcap_flow_init (&flow, link_type, data, captured_length);
  flow.shape.generation = self->generation;
  memcpy (&key, &flow, sizeof (key));
  known = flow.shape.flags & GST_PCAP_SHAPE_IPV6 ?
      look_up_long (self, &flow) : look_up_short (self, &key);
  if (!known)
    add_flow (self, &flow);
}

void
gst_pcap_index_gatherer_add (GstPcapIndexGatherer * self, guint link_type,
    GstClockTime time, const guint8 * data, guint32 captured_length)
{
  ShortFlow key;

  self->packets++;
  if (G_LIKELY (time != GST_CLOCK_TIME_NONE)) {
    self->first = MIN (self->first, time);
    self->last = MAX (self->last, time);
  } else {
    self->flags |= GST_PCAP_RECORD_UNTIMED;
  }
  if (G_UNLIKELY (self->flags & GST_PCAP_RECORD_OPAQUE))
    return;
  if (G_UNLIKELY (!make_common (self, link_type, data, captured_length, &key))) {
    add_any (self, link_type, data, captured_length);
  } else if (!look_up_short (self, &key)) {
    GstPcapFlow flow = { {0}, };

    memcpy (&flow, &key, sizeof (key));
    add_flow (self, &flow);
  }
}

void
gst_pcap_index_gatherer_append (GstPcapIndexGatherer * self,
    GstPcapIndexRecord * record, GByteArray * records)
{
  g_autoptr (GByteArray) bloom = g_byte_array_new ();

  if (self->flags & GST_PCAP_RECORD_OPAQUE) {
    self->n_shapes = 0;
  } else {
    gst_pcap_keys_add_prefixes (self->keys);
    gst_pcap_keys_append_bloom (self->keys, bloom);
  }
  if (gst_pcap_keys_is_full (self->keys))
    self->flags |= GST_PCAP_RECORD_NO_KEYS;
  if (!gst_pcap_keys_has_prefixes (self->keys))
    self->flags |= GST_PCAP_RECORD_NO_PREFIXES;
  record->packets = self->packets;
  record->flags = self->flags;
  record->first = self->first;
  record->last = self->last;
  record->n_shapes = self->n_shapes;
  record->bloom_length = bloom->len;
  gst_pcap_index_block_append_record (records, record, self->shapes);
  g_byte_array_append (records, bloom->data, bloom->len);
  begin (self);
}
