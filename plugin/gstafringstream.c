/* gst-afring: blocks of a ring as the lists that a source element pushes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringstream.h"

#include <string.h>

void
gst_afring_stream_init (GstAfringStream * self, guint link_type,
    GstCaptureLayer layer, gboolean reference_timestamps, gboolean replay)
{
  memset (self, 0, sizeof (*self));
  self->buffers.link_type = link_type;
  self->buffers.layer = layer;
  self->buffers.reference_timestamps = reference_timestamps;
  self->buffers.stamper.replay = replay;
  self->buffers.stamper.first = GST_CLOCK_TIME_NONE;
  self->buffers.stamper.last = GST_CLOCK_TIME_NONE;
}

void
gst_afring_stream_set_block (GstAfringStream * self, GstAfringSource * source,
    GstAfringLease * lease)
{
  gst_afring_stream_drop_block (self);
  self->lease = lease;
  self->begun = FALSE;
  gst_afring_source_start_walk (source, lease, &self->walk, &self->filter);
}

void
gst_afring_stream_drop_block (GstAfringStream * self)
{
  if (self->lease != NULL)
    gst_afring_lease_pass_on (self->lease);
  g_clear_pointer (&self->lease, gst_afring_lease_unref);
  g_clear_pointer (&self->filter, gst_capture_filter_unref);
}

/* A walk changes records where they lie, which an eviction must not miss. */
static void
begin (GstAfringStream * self, GstClockTime running_time,
    GstClockTime real_time)
{
  self->buffers.stamper.running_time = running_time;
  self->buffers.stamper.real_time = real_time;
  gst_afring_lease_pin (self->lease);
}

static void
end (GstAfringStream * self, GstBuffer * first)
{
  gst_afring_lease_unpin (self->lease);
  self->begun = TRUE;
  if (first == NULL)
    return;
  if (self->discont)
    GST_BUFFER_FLAG_SET (first, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
}

GstBufferList *
gst_afring_stream_make_list (GstAfringStream * self, guint most,
    GstClockTime running_time, GstClockTime real_time)
{
  GstBufferList *list;

  begin (self, running_time, real_time);
  list = gst_afring_buffers_make_list (&self->buffers, &self->walk,
      self->lease, most, &self->bytes);
  end (self, list != NULL ? gst_buffer_list_get (list, 0) : NULL);
  return list;
}

GstBuffer *
gst_afring_stream_make_block (GstAfringStream * self, guint most,
    const GstCaptureStatistics * statistics, GstClockTime running_time,
    GstClockTime real_time)
{
  GstBuffer *buffer;

  begin (self, running_time, real_time);
  buffer = gst_afring_buffers_make_block (&self->buffers, &self->walk,
      self->lease, most, self->begun ? NULL : statistics, &self->bytes);
  end (self, buffer);
  return buffer;
}
