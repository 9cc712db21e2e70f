/* gst-afring: what a source element tells of its capture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringreport.h"

#include <gst/afring/afring.h>
#include <string.h>

#define LOOK_INTERVAL G_TIME_SPAN_SECOND
#define WARNING_INTERVAL (5 * G_TIME_SPAN_SECOND)

void
gst_afring_report_init (GstAfringReport * self, GstElement * element,
    GstAfringSource * source, guint link_type)
{
  memset (self, 0, sizeof (*self));
  self->element = element;
  self->pad = GST_PAD (element->srcpads->data);
  self->source = source;
  self->link_type = link_type;
  self->start_time = g_get_real_time () * GST_USECOND;
  self->next_look = g_get_monotonic_time () + LOOK_INTERVAL;
}

void
gst_afring_report_clear (GstAfringReport * self)
{
  g_clear_pointer (&self->filter, g_free);
}

static GstCaptureLink *
get_link (GstAfringReport * self)
{
  return gst_capture_source_get_link (GST_CAPTURE_SOURCE (self->source));
}

void
gst_afring_report_interface (GstAfringReport * self)
{
  GstCaptureLink *link = get_link (self);
  g_autofree gchar *filter = NULL;
  GstCaptureInterface iface = {
    .id = gst_capture_link_get_index (link),
    .link_type = self->link_type,
    .snaplen = gst_afring_source_get_snaplen (self->source),
    .name = gst_capture_link_get_name (link),
  };

  g_object_get (self->source, "filter", &filter, NULL);
  if (self->described && g_strcmp0 (filter, self->filter) == 0)
    return;

  iface.filter = filter;
  gst_pad_push_event (self->pad, gst_event_new_capture_interface (&iface));
  self->described = TRUE;
  g_free (self->filter);
  self->filter = g_steal_pointer (&filter);
}

static void
push_statistics (GstAfringReport * self, const GstAfringTotals * totals)
{
  GstCaptureStatistics statistics = {
    .id = gst_capture_link_get_index (get_link (self)),
    .start_time = self->start_time,
    .time = g_get_real_time () * GST_USECOND,
    .packets_received = totals->packets_received,
    .packets_dropped = totals->packets_dropped,
  };

  gst_pad_push_event (self->pad,
      gst_event_new_capture_statistics (&statistics));
}

static void
post_drops (GstAfringReport * self, const GstAfringTotals * totals)
{
  gint64 now = g_get_monotonic_time ();
  GstClockTime running_time =
      gst_element_get_current_running_time (self->element);
  GstMessage *message = gst_message_new_qos (GST_OBJECT (self->element), TRUE,
      running_time, running_time, running_time, GST_CLOCK_TIME_NONE);

  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS,
      totals->packets_received, totals->packets_dropped);
  gst_element_post_message (self->element, message);

  if (now < self->next_warning)
    return;
  self->next_warning = now + WARNING_INTERVAL;
  GST_ELEMENT_WARNING (self->element, RESOURCE, READ,
      ("%" G_GUINT64_FORMAT " packets were dropped because the ring was full; "
          "a larger block-count, a filter or a faster downstream helps",
          totals->packets_dropped - self->dropped_warned),
      ("%" G_GUINT64_FORMAT " dropped and %" G_GUINT64_FORMAT
          " received since the start", totals->packets_dropped,
          totals->packets_received));
  self->dropped_warned = totals->packets_dropped;
}

gboolean
gst_afring_report_counters (GstAfringReport * self)
{
  gint64 now = g_get_monotonic_time ();
  GstAfringTotals totals;
  gboolean dropped;

  if (now < self->next_look)
    return FALSE;
  self->next_look = now + LOOK_INTERVAL;

  gst_afring_source_get_totals (self->source, &totals);
  dropped = totals.packets_dropped != self->dropped;
  if (dropped)
    post_drops (self, &totals);
  self->dropped = totals.packets_dropped;
  if (self->described)
    push_statistics (self, &totals);
  return dropped;
}

void
gst_afring_report_end (GstAfringReport * self)
{
  GstAfringTotals totals;

  gst_afring_source_get_totals (self->source, &totals);
  if (totals.packets_dropped != self->dropped) {
    self->next_warning = 0;
    post_drops (self, &totals);
    self->dropped = totals.packets_dropped;
  }
  gst_afring_report_interface (self);
  push_statistics (self, &totals);
}
