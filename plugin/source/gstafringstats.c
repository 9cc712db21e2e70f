/* gst-afring: the statistics of a source element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringstats.h"

static GstCaptureLink *
get_link (GstAfringSource * source)
{
  return gst_capture_source_get_link (GST_CAPTURE_SOURCE (source));
}

void
gst_afring_stats_start (GstAfringStats * self, GstAfringSource * source)
{
  self->packets_captured = self->bytes_captured = 0;
  self->interface_before = self->interface_dropped = 0;
  gst_capture_link_get_drops (get_link (source), &self->interface_before);
}

void
gst_afring_stats_stop (GstAfringStats * self, GstAfringSource * source)
{
  GstStructure *last = gst_afring_stats_make_structure (self, source);

  gst_afring_stats_clear (self);
  self->last = last;
}

void
gst_afring_stats_clear (GstAfringStats * self)
{
  g_clear_pointer (&self->last, gst_structure_free);
}

GstStructure *
gst_afring_stats_make_structure (GstAfringStats * self,
    GstAfringSource * source)
{
  GstAfringTotals totals = { 0, };
  guint held = 0, evicted = 0, block_count = 0, block_size = 0;
  gsize evicted_bytes = 0;
  guint32 drops;

  if (source == NULL && self->last != NULL)
    return gst_structure_copy (self->last);

  if (source != NULL) {
    GstAfringRing *ring = gst_afring_source_get_ring (source);

    gst_afring_source_get_totals (source, &totals);
    held = gst_afring_ring_get_held_blocks (ring);
    evicted = gst_afring_ring_get_evicted_blocks (ring);
    evicted_bytes = gst_afring_ring_get_evicted_bytes (ring);
    block_size = gst_afring_ring_get_block_size (ring);
    block_count = gst_afring_ring_get_block_count (ring);
    /* an interface that has gone keeps what it had */
    if (gst_capture_link_get_drops (get_link (source), &drops))
      self->interface_dropped = drops - self->interface_before;
  }

  return gst_structure_new ("application/x-afring-stats",
      "packets-received", G_TYPE_UINT64, totals.packets_received,
      "packets-dropped", G_TYPE_UINT64, totals.packets_dropped,
      "queue-freezes", G_TYPE_UINT64, totals.queue_freezes,
      "bytes-captured", G_TYPE_UINT64, self->bytes_captured,
      "packets-captured", G_TYPE_UINT64, self->packets_captured,
      "blocks", G_TYPE_UINT64, totals.blocks,
      "held-blocks", G_TYPE_UINT64, (guint64) held,
      "evicted-blocks", G_TYPE_UINT64, (guint64) evicted,
      "evicted-bytes", G_TYPE_UINT64, (guint64) evicted_bytes,
      "interface-dropped", G_TYPE_UINT64, (guint64) self->interface_dropped,
      "block-size", G_TYPE_UINT, block_size,
      "block-count", G_TYPE_UINT, block_count, NULL);
}
