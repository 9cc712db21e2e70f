/* gst-afring: what a source element tells downstream of its capture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringreport.h"

#include <gst/afring/afring.h>
#include <string.h>

#define LOOK_INTERVAL G_TIME_SPAN_SECOND

void
gst_afring_report_init (GstAfringReport * self, GstPad * pad,
    GstAfringSource * source, guint link_type)
{
  memset (self, 0, sizeof (*self));
  self->pad = pad;
  self->source = source;
  self->link_type = link_type;
  self->start_time = g_get_real_time () * GST_USECOND;
  self->next_look = g_get_monotonic_time () + LOOK_INTERVAL;
}

static GstCaptureLink *
get_link (GstAfringReport * self)
{
  return gst_capture_source_get_link (GST_CAPTURE_SOURCE (self->source));
}

void
gst_afring_report_get_interface (GstAfringReport * self,
    GstCaptureInterface * iface, gchar ** filter)
{
  GstCaptureLink *link = get_link (self);

  g_object_get (self->source, "filter", filter, NULL);
  iface->id = gst_capture_link_get_index (link);
  iface->link_type = self->link_type;
  iface->snaplen = gst_afring_source_get_snaplen (self->source);
  iface->name = gst_capture_link_get_name (link);
  iface->filter = *filter;
}

static void
make_statistics (GstAfringReport * self, const GstAfringTotals * totals,
    GstCaptureStatistics * statistics)
{
  statistics->id = gst_capture_link_get_index (get_link (self));
  statistics->start_time = self->start_time;
  statistics->time = g_get_real_time () * GST_USECOND;
  statistics->packets_received = totals->packets_received;
  statistics->packets_dropped = totals->packets_dropped;
}

void
gst_afring_report_get_statistics (GstAfringReport * self,
    GstCaptureStatistics * statistics)
{
  GstAfringTotals totals;

  gst_afring_source_get_totals (self->source, &totals);
  make_statistics (self, &totals, statistics);
}

void
gst_afring_report_interface (GstAfringReport * self)
{
  guint changes = gst_afring_source_get_filter_changes (self->source);
  g_autofree gchar *filter = NULL;
  GstCaptureInterface iface;

  if (self->described && changes == self->filter_changes)
    return;

  gst_afring_report_get_interface (self, &iface, &filter);
  gst_pad_push_event (self->pad, gst_event_new_capture_interface (&iface));
  self->described = TRUE;
  self->filter_changes = changes;
}

static void
push_statistics (GstAfringReport * self, const GstAfringTotals * totals)
{
  GstCaptureStatistics statistics;

  make_statistics (self, totals, &statistics);
  gst_pad_push_event (self->pad,
      gst_event_new_capture_statistics (&statistics));
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
  gst_afring_report_interface (self);
  push_statistics (self, &totals);
}
