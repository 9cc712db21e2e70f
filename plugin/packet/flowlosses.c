/* gst-afring: what the captures of a stream have lost, for who misses packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowlosses.h"
#include "common/pcapdrops.h"

/* Counters come about once a second. */
#define KEPT 8

/* How far a packet can lie behind the counters that were read before it came, in the time
 * of the capture. */
#define SLACK GST_SECOND

typedef struct
{
  guint32 id;
  GstClockTime time;            /* when the counters were read */
  guint64 left;
} Kept;

struct _FlowLosses
{
  PcapDrops *drops;
  GHashTable *interfaces;       /* ids that counters have come of */
  Kept kept[KEPT];              /* as a ring */
  guint next;
};

FlowLosses *
flow_losses_new (void)
{
  FlowLosses *self = g_new0 (FlowLosses, 1);

  self->drops = pcap_drops_new ();
  self->interfaces = g_hash_table_new (NULL, NULL);
  return self;
}

void
flow_losses_free (FlowLosses * self)
{
  pcap_drops_free (self->drops);
  g_hash_table_unref (self->interfaces);
  g_free (self);
}

guint64
flow_losses_take (FlowLosses * self, const GstCaptureStatistics * statistics)
{
  guint64 before = pcap_drops_get (self->drops);

  g_hash_table_add (self->interfaces, GUINT_TO_POINTER (statistics->id));
  pcap_drops_take (self->drops, statistics, FALSE);
  return pcap_drops_get (self->drops) - before;
}

void
flow_losses_keep (FlowLosses * self, const GstCaptureStatistics * statistics,
    guint64 left)
{
  self->kept[self->next] = (Kept) {
  statistics->id, statistics->time, left};
  self->next = (self->next + 1) % KEPT;
}

/* There are counters of 0, and no others. */
static gboolean
is_alone (FlowLosses * self)
{
  return g_hash_table_size (self->interfaces) == 1
      && g_hash_table_contains (self->interfaces, NULL);
}

gboolean
flow_losses_counts (FlowLosses * self, guint32 interface_id)
{
  return g_hash_table_contains (self->interfaces,
      GUINT_TO_POINTER (interface_id)) || is_alone (self);
}

gboolean
flow_losses_concern (FlowLosses * self, guint32 id, guint32 interface_id)
{
  return id == interface_id || (id == 0 && is_alone (self));
}

static gboolean
is_over (const Kept * kept, GstClockTime since)
{
  return GST_CLOCK_TIME_IS_VALID (since) && GST_CLOCK_TIME_IS_VALID (kept->time)
      && kept->time > 0 && since > kept->time + SLACK;
}

guint64
flow_losses_claim (FlowLosses * self, guint32 interface_id,
    GstClockTime since, guint64 n)
{
  guint64 claimed = 0;

  for (guint i = 0; i < KEPT && claimed < n; i++) {
    Kept *kept = &self->kept[(self->next + i) % KEPT];
    guint64 taken = MIN (kept->left, n - claimed);

    if (taken == 0 || is_over (kept, since)
        || !flow_losses_concern (self, kept->id, interface_id))
      continue;
    kept->left -= taken;
    claimed += taken;
  }
  return claimed;
}

void
flow_losses_forget (FlowLosses * self)
{
  for (guint i = 0; i < KEPT; i++)
    self->kept[i].left = 0;
}
