/* gst-afring: blocks of a ring as the lists that a source element pushes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringstream.h"

#include <string.h>

void
gst_afring_stream_init (GstAfringStream * self, guint link_type,
    GstCaptureLayer layer, gboolean reference_timestamps)
{
  memset (self, 0, sizeof (*self));
  self->now.buffers.link_type = link_type;
  self->now.buffers.layer = layer;
  self->now.buffers.reference_timestamps = reference_timestamps;
  self->now.buffers.stamper.last = GST_CLOCK_TIME_NONE;
}

void
gst_afring_stream_set_block (GstAfringStream * self, GstAfringSource * source,
    GstAfringLease * lease)
{
  gst_afring_stream_drop_block (self);
  self->lease = lease;
  gst_afring_source_start_walk (source, lease, &self->now.walk, &self->filter);
}

void
gst_afring_stream_drop_block (GstAfringStream * self)
{
  g_clear_pointer (&self->lease, gst_afring_lease_unref);
  g_clear_pointer (&self->filter, gst_capture_filter_unref);
}

GstBufferList *
gst_afring_stream_make_list (GstAfringStream * self, guint most,
    GstClockTime running_time, GstClockTime real_time)
{
  GstBufferList *list;

  self->before = self->now;
  self->now.buffers.stamper.running_time = running_time;
  self->now.buffers.stamper.real_time = real_time;
  list = gst_afring_buffers_make_list (&self->now.buffers, &self->now.walk,
      self->lease, most, &self->now.bytes);
  if (list == NULL)
    return NULL;

  if (self->discont)
    GST_BUFFER_FLAG_SET (gst_buffer_list_get (list, 0),
        GST_BUFFER_FLAG_DISCONT);
  self->in_flight = TRUE;
  return list;
}

void
gst_afring_stream_list_pushed (GstAfringStream * self)
{
  self->in_flight = FALSE;
  self->discont = FALSE;
}

void
gst_afring_stream_take_back (GstAfringStream * self)
{
  if (!self->in_flight)
    return;
  self->now = self->before;
  self->in_flight = FALSE;
}
