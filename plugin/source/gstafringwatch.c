/* gst-afring: what a source element tells the application of lost packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringwatch.h"

#include <string.h>

#define LOOK_INTERVAL G_TIME_SPAN_SECOND
#define WARNING_INTERVAL (5 * G_TIME_SPAN_SECOND)

void
gst_afring_watch_init (GstAfringWatch * self, GstElement * element,
    GstAfringSource * source)
{
  memset (self, 0, sizeof (*self));
  self->element = element;
  self->source = source;
  self->next_look = g_get_monotonic_time () + LOOK_INTERVAL;
}

static void
post_qos (GstAfringWatch * self, const GstAfringTotals * totals)
{
  GstClockTime running_time =
      gst_element_get_current_running_time (self->element);
  GstMessage *message = gst_message_new_qos (GST_OBJECT (self->element), TRUE,
      running_time, running_time, running_time, GST_CLOCK_TIME_NONE);

  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS,
      totals->packets_received, totals->packets_dropped);
  gst_element_post_message (self->element, message);
}

static gchar *
describe_drops (GstAfringWatch * self, guint64 dropped)
{
  gsize kept =
      gst_afring_ring_get_evicted_bytes (gst_afring_source_get_ring
      (self->source));

  if (self->bound)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " packets were dropped because "
        "downstream keeps more than max-evicted-bytes allows (%" G_GSIZE_FORMAT
        " bytes now); let it keep less, or set max-evicted-bytes higher",
        dropped, kept);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " packets were dropped because the "
      "ring was full; a larger block-count or a filter helps", dropped);
}

static void
post_warning (GstAfringWatch * self, const GstAfringTotals * totals)
{
  g_autofree gchar *text = describe_drops (self,
      totals->packets_dropped - self->dropped_warned);

  GST_ELEMENT_WARNING (self->element, RESOURCE, READ, ("%s", text),
      ("%" G_GUINT64_FORMAT " dropped and %" G_GUINT64_FORMAT
          " received since the start", totals->packets_dropped,
          totals->packets_received));
  self->dropped_warned = totals->packets_dropped;
  self->bound = FALSE;
}

static void
post_drops (GstAfringWatch * self)
{
  gint64 now = g_get_monotonic_time ();
  GstAfringTotals totals;

  gst_afring_source_get_totals (self->source, &totals);
  if (totals.packets_dropped != self->dropped)
    post_qos (self, &totals);
  self->dropped = totals.packets_dropped;
  if (totals.packets_dropped != self->dropped_warned
      && now >= self->next_warning) {
    self->next_warning = now + WARNING_INTERVAL;
    post_warning (self, &totals);
  }
}

void
gst_afring_watch_look (GstAfringWatch * self, GstAfringRoom room, gint error)
{
  gint64 now = g_get_monotonic_time ();

  if (room == GST_AFRING_ROOM_BOUND)
    self->bound = TRUE;
  if (room == GST_AFRING_ROOM_FAILED && !self->failed) {
    self->failed = TRUE;
    GST_ELEMENT_WARNING (self->element, RESOURCE, NO_SPACE_LEFT,
        ("There is no memory to move packets to that downstream keeps: %s; from "
            "now on the capture waits for downstream where it has to. A higher "
            "memory limit helps, or a higher vm.max_map_count (sysctl)",
            g_strerror (error)), (NULL));
  }
  if (now < self->next_look)
    return;
  self->next_look = now + LOOK_INTERVAL;
  post_drops (self);
}

void
gst_afring_watch_end (GstAfringWatch * self)
{
  self->next_warning = 0;
  post_drops (self);
}
