/* gst-afring: packets and bytes over time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeseries.h"

#include <string.h>

static void
advance (ScopeSeries * self, guint64 bucket)
{
  if (bucket - self->newest >= SCOPE_SLOTS)
    memset (self->slots, 0, sizeof (self->slots));
  else
    for (guint64 i = self->newest + 1; i <= bucket; i++)
      memset (&self->slots[i % SCOPE_SLOTS], 0, sizeof (ScopeCount));
  self->newest = bucket;
}

static gboolean
is_kept (const ScopeSeries * self, guint64 bucket)
{
  return bucket <= self->newest && self->newest - bucket < SCOPE_SLOTS;
}

void
scope_series_add (ScopeSeries * self, guint64 bucket, guint64 packets,
    guint64 bytes)
{
  ScopeCount *slot = &self->slots[bucket % SCOPE_SLOTS];

  if (bucket > self->newest)
    advance (self, bucket);
  else if (!is_kept (self, bucket))
    return;
  slot->packets += packets;
  slot->bytes += bytes;
}

ScopeCount
scope_series_get (const ScopeSeries * self, guint64 bucket)
{
  static const ScopeCount none;

  return is_kept (self, bucket) ? self->slots[bucket % SCOPE_SLOTS] : none;
}

ScopeCount
scope_series_sum (const ScopeSeries * self, guint64 first)
{
  ScopeCount sum = { 0, };

  if (self->newest < first)
    return sum;
  for (guint64 i = first; i <= first + SCOPE_BUCKETS; i++) {
    ScopeCount count = scope_series_get (self, i);

    sum.packets += count.packets;
    sum.bytes += count.bytes;
  }
  return sum;
}
