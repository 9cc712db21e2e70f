/* gst-afring: the packets that have come last
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetrecent.h"

#define NONE G_MAXUINT32

typedef struct
{
  PacketDigest digest;
  GstClockTime time;
  guint32 next;                 /* in its bucket: one that came before, or NONE */
} Entry;

struct _PacketRecent
{
  Entry *entries;               /* a ring */
  guint most;
  guint first;                  /* the oldest */
  guint n;
  guint32 *buckets;             /* the newest entry of each, or NONE */
  guint mask;
};

PacketRecent *
packet_recent_new (guint most)
{
  PacketRecent *self = g_new0 (PacketRecent, 1);
  guint n_buckets = 1;

  while (n_buckets < most)
    n_buckets *= 2;
  self->most = most;
  self->mask = n_buckets - 1;
  self->entries = g_new (Entry, most);
  self->buckets = g_new (guint32, n_buckets);
  packet_recent_clear (self);
  return self;
}

void
packet_recent_free (PacketRecent * self)
{
  g_free (self->entries);
  g_free (self->buckets);
  g_free (self);
}

void
packet_recent_clear (PacketRecent * self)
{
  self->first = self->n = 0;
  for (guint i = 0; i <= self->mask; i++)
    self->buckets[i] = NONE;
}

/* A digest is a hash already, which nobody can foresee. */
static guint32 *
get_bucket (PacketRecent * self, const PacketDigest * digest)
{
  return &self->buckets[digest->values[0] & self->mask];
}

/* It is the last one of its bucket. */
static void
forget_oldest (PacketRecent * self)
{
  guint32 *at = get_bucket (self, &self->entries[self->first].digest);

  while (*at != self->first)
    at = &self->entries[*at].next;
  *at = NONE;
  self->first = (self->first + 1) % self->most;
  self->n--;
}

static void
remember (PacketRecent * self, const PacketDigest * digest, GstClockTime time)
{
  guint32 *bucket = get_bucket (self, digest);
  guint32 i = (self->first + self->n) % self->most;

  self->entries[i] = (Entry) {
  *digest, time, *bucket};
  *bucket = i;
  self->n++;
}

/* Neighbours can be out of order, and clocks are set. */
static gboolean
is_within (GstClockTime a, GstClockTime b, GstClockTime window)
{
  if (!GST_CLOCK_TIME_IS_VALID (a) || !GST_CLOCK_TIME_IS_VALID (b))
    return a == b;
  return (a < b ? b - a : a - b) <= window;
}

gboolean
packet_recent_check (PacketRecent * self, const PacketDigest * digest,
    GstClockTime time, GstClockTime window)
{
  while (self->n > 0
      && !is_within (self->entries[self->first].time, time, window))
    forget_oldest (self);
  for (guint32 i = *get_bucket (self, digest); i != NONE;
      i = self->entries[i].next) {
    if (packet_digest_equal (&self->entries[i].digest, digest)
        && is_within (self->entries[i].time, time, window))
      return TRUE;
  }
  if (self->n == self->most)
    forget_oldest (self);
  remember (self, digest, time);
  return FALSE;
}
