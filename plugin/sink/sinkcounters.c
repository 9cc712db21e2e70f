/* gst-afring: what became of the packets that were to be sent
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkcounters.h"

#include <string.h>

struct _SinkCounters
{
  GMutex lock;
  guint64 fates[SINK_N_FATES];
  guint64 bytes_sent;
  guint64 max_lateness;
};

static const gchar *const names[SINK_N_FATES] = {
  [SINK_SENT] = "packets-sent",
  [SINK_TOO_BIG] = "too-big",
  [SINK_TOO_SHORT] = "too-short",
  [SINK_NO_FRAME] = "no-frame",
  [SINK_QUEUE_FULL] = "queue-full",
  [SINK_REFUSED] = "refused",
  [SINK_LINK_DOWN] = "link-down",
  [SINK_LATE] = "late",
  [SINK_OUTSIDE_SEGMENT] = "outside-segment",
  [SINK_FLUSHED] = "flushed",
  [SINK_CUT] = "cut",
  [SINK_CHECKSUMMED] = "checksummed",
  [SINK_SEGMENTED] = "segmented",
};

SinkCounters *
sink_counters_new (void)
{
  SinkCounters *self = g_new0 (SinkCounters, 1);

  g_mutex_init (&self->lock);
  return self;
}

void
sink_counters_free (SinkCounters * self)
{
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
sink_counters_reset (SinkCounters * self)
{
  g_mutex_lock (&self->lock);
  memset (self->fates, 0, sizeof (self->fates));
  self->bytes_sent = self->max_lateness = 0;
  g_mutex_unlock (&self->lock);
}

void
sink_counters_add (SinkCounters * self, SinkFate fate, guint64 n)
{
  g_mutex_lock (&self->lock);
  self->fates[fate] += n;
  g_mutex_unlock (&self->lock);
}

void
sink_counters_add_sent (SinkCounters * self, const SinkSent * sent)
{
  g_mutex_lock (&self->lock);
  self->fates[SINK_SENT] += sent->packets;
  self->bytes_sent += sent->bytes;
  self->fates[SINK_CUT] += sent->cut;
  self->fates[SINK_CHECKSUMMED] += sent->checksummed;
  self->fates[SINK_SEGMENTED] += sent->segmented;
  g_mutex_unlock (&self->lock);
}

void
sink_counters_note_lateness (SinkCounters * self, GstClockTime lateness)
{
  if (lateness <= self->max_lateness)
    return;                     /* nobody else writes it */
  g_mutex_lock (&self->lock);
  self->max_lateness = lateness;
  g_mutex_unlock (&self->lock);
}

guint64
sink_counters_get_settled (SinkCounters * self)
{
  guint64 sum = 0;

  for (guint i = 0; i <= SINK_FLUSHED; i++)
    sum += self->fates[i];
  return sum;
}

GstStructure *
sink_counters_get_stats (SinkCounters * self)
{
  GstStructure *stats =
      gst_structure_new_empty ("application/x-afring-sink-stats");

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < SINK_N_FATES; i++)
    gst_structure_set (stats, names[i], G_TYPE_UINT64, self->fates[i], NULL);
  gst_structure_set (stats, "bytes-sent", G_TYPE_UINT64, self->bytes_sent,
      "max-lateness", G_TYPE_UINT64, self->max_lateness, NULL);
  g_mutex_unlock (&self->lock);
  return stats;
}
