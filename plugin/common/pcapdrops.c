/* gst-afring: how many packets a capture has lost
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapdrops.h"

typedef struct
{
  GstClockTime start_time;
  guint64 dropped;
} Counter;

struct _PcapDrops
{
  GHashTable *counters;         /* by the id of the interface */
  gboolean told;
  guint64 sum;
};

PcapDrops *
pcap_drops_new (void)
{
  PcapDrops *self = g_new0 (PcapDrops, 1);

  self->counters = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

void
pcap_drops_free (PcapDrops * self)
{
  g_hash_table_unref (self->counters);
  g_free (self);
}

static Counter *
get_counter (PcapDrops * self, guint32 id)
{
  Counter *counter = g_hash_table_lookup (self->counters,
      GUINT_TO_POINTER (id));

  if (counter == NULL) {
    counter = g_new0 (Counter, 1);
    g_hash_table_insert (self->counters, GUINT_TO_POINTER (id), counter);
  }
  return counter;
}

void
pcap_drops_take (PcapDrops * self, const GstCaptureStatistics * statistics,
    gboolean stated)
{
  Counter *counter;

  if (stated && self->told)
    return;
  if (!stated && !self->told) {
    self->told = TRUE;
    self->sum = 0;
    g_hash_table_remove_all (self->counters);
  }
  counter = get_counter (self, statistics->id);
  if (counter->start_time != statistics->start_time
      || counter->dropped > statistics->packets_dropped)
    counter->dropped = 0;
  counter->start_time = statistics->start_time;
  self->sum += statistics->packets_dropped - counter->dropped;
  counter->dropped = statistics->packets_dropped;
}

guint64
pcap_drops_get (const PcapDrops * self)
{
  return self->sum;
}
