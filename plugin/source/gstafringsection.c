/* gst-afring: the pcapng section that a source element makes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "gstafringsection.h"
#include "common/streamcaps.h"

#include <gst/afring/pcap/gstpcapngwriter.h>
#include <gst/afring/ring/gstafringinplace.h>

/* How often statistics stand between small blocks. */
#define STATISTICS_INTERVAL G_TIME_SPAN_SECOND

void
gst_afring_section_init (GstAfringSection * self, GstAfringReport * report)
{
  self->report = report;
  self->header = NULL;
  self->open = FALSE;
  self->statistics_due = 0;
}

void
gst_afring_section_clear (GstAfringSection * self)
{
  gst_clear_buffer (&self->header);
}

/* So long that what follows it is aligned as blocks are. */
static GstBuffer *
make_header (GstAfringSection * self)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autofree gchar *filter = NULL;
  GstCaptureInterface iface;
  GstBuffer *header;
  gsize size;
  guint at;

  gst_afring_report_get_interface (self->report, &iface, &filter);
  gst_pcapng_append_section_header (bytes, APPLICATION, NULL);
  at = bytes->len;
  gst_pcapng_append_interface (bytes, &iface);
  gst_pcapng_pad (bytes, at, GST_AFRING_IN_PLACE_ALIGNMENT);

  size = bytes->len;
  header = gst_buffer_new_wrapped (g_byte_array_free (bytes, FALSE), size);
  GST_BUFFER_FLAG_SET (header, GST_BUFFER_FLAG_HEADER);
  return header;
}

GstCaps *
gst_afring_section_begin (GstAfringSection * self)
{
  gst_clear_buffer (&self->header);
  self->filter_changes =
      gst_afring_source_get_filter_changes (self->report->source);
  self->header = make_header (self);
  self->open = TRUE;
  return stream_caps_new (PCAPNG_MEDIA_TYPE, self->header);
}

gboolean
gst_afring_section_is_stale (GstAfringSection * self)
{
  return self->filter_changes !=
      gst_afring_source_get_filter_changes (self->report->source);
}

GstBuffer *
gst_afring_section_take_header (GstAfringSection * self)
{
  return g_steal_pointer (&self->header);
}

const GstCaptureStatistics *
gst_afring_section_get_statistics (GstAfringSection * self,
    GstAfringLease * lease)
{
  gint64 now = g_get_monotonic_time ();

  if (gst_afring_block_get_length (gst_afring_lease_get_block (lease)) <
      GST_AFRING_IN_PLACE_LEAST_WHOLE && now < self->statistics_due)
    return NULL;
  self->statistics_due = now + STATISTICS_INTERVAL;
  gst_afring_report_get_statistics (self->report, &self->statistics);
  return &self->statistics;
}

GstBuffer *
gst_afring_section_end (GstAfringSection * self)
{
  guint8 *bytes;

  if (!self->open)
    return NULL;
  self->open = FALSE;
  gst_afring_report_get_statistics (self->report, &self->statistics);
  bytes = g_malloc (GST_PCAPNG_STATISTICS_LENGTH);
  gst_pcapng_write_statistics (bytes, 0, &self->statistics);
  return gst_buffer_new_wrapped (bytes, GST_PCAPNG_STATISTICS_LENGTH);
}
