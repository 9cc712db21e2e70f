/* gst-afring: what a source element has counted
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringtally.h"

void
gst_afring_tally_add_source (GstAfringTally * self, GstAfringSource * source)
{
  GstAfringRing *ring = gst_afring_source_get_ring (source);
  GstAfringTotals totals;

  gst_afring_source_get_totals (source, &totals);
  self->packets_received += totals.packets_received;
  self->packets_dropped += totals.packets_dropped;
  self->queue_freezes += totals.queue_freezes;
  self->blocks += totals.blocks;
  self->evicted_blocks += gst_afring_ring_get_evicted_blocks (ring);
  self->copied_blocks += gst_afring_ring_get_copied_blocks (ring);
}

static void
set_ring (GstStructure * stats, GstAfringSource * source)
{
  GstAfringRing *ring = gst_afring_source_get_ring (source);

  gst_structure_set (stats,
      "held-blocks", G_TYPE_UINT64,
      (guint64) gst_afring_ring_get_held_blocks (ring),
      "evicted-bytes", G_TYPE_UINT64,
      (guint64) gst_afring_ring_get_evicted_bytes (ring),
      "filter-in-kernel", G_TYPE_BOOLEAN,
      gst_afring_source_is_filter_in_kernel (source),
      "block-size", G_TYPE_UINT, (guint) gst_afring_ring_get_block_size (ring),
      "block-count", G_TYPE_UINT, gst_afring_ring_get_block_count (ring), NULL);
}

GstStructure *
gst_afring_tally_make_stats (const GstAfringTally * self,
    GstAfringSource * source)
{
  GstStructure *stats = gst_structure_new ("application/x-afring-stats",
      "packets-received", G_TYPE_UINT64, self->packets_received,
      "packets-dropped", G_TYPE_UINT64, self->packets_dropped,
      "queue-freezes", G_TYPE_UINT64, self->queue_freezes,
      "bytes-captured", G_TYPE_UINT64, self->bytes_captured,
      "packets-captured", G_TYPE_UINT64, self->packets_captured,
      "packets-discarded", G_TYPE_UINT64, self->packets_discarded,
      "blocks", G_TYPE_UINT64, self->blocks,
      "held-blocks", G_TYPE_UINT64, (guint64) 0,
      "evicted-blocks", G_TYPE_UINT64, self->evicted_blocks,
      "copied-blocks", G_TYPE_UINT64, self->copied_blocks,
      "evicted-bytes", G_TYPE_UINT64, (guint64) 0,
      "interface-dropped", G_TYPE_UINT64, self->interface_dropped,
      "filter-in-kernel", G_TYPE_BOOLEAN, TRUE,
      "block-size", G_TYPE_UINT, 0, "block-count", G_TYPE_UINT, 0, NULL);

  if (source != NULL)
    set_ring (stats, source);
  return stats;
}
