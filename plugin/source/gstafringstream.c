/* gst-afring: blocks of a ring as what a source element pushes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringstream.h"

#include <string.h>

void
gst_afring_stream_init (GstAfringStream * self,
    const GstAfringSettings * settings, guint link_type, gboolean replay,
    GstAfringReport * report)
{
  memset (self, 0, sizeof (*self));
  self->num_buffers = settings->num_buffers;
  self->buffers.link_type = link_type;
  self->buffers.layer = settings->layer;
  self->buffers.reference_timestamps = settings->reference_timestamps;
  self->buffers.stamper.replay = replay;
  self->buffers.stamper.first = GST_CLOCK_TIME_NONE;
  self->buffers.stamper.last = GST_CLOCK_TIME_NONE;
  gst_afring_section_init (&self->section, report);
}

void
gst_afring_stream_follow (GstAfringStream * self, guint64 packets,
    guint64 bytes)
{
  self->buffers.offset = packets;
  self->bytes = bytes;
  self->discont = packets > 0;
}

void
gst_afring_stream_clear (GstAfringStream * self)
{
  gst_afring_stream_drop_block (self);
  gst_afring_section_clear (&self->section);
}

void
gst_afring_stream_give_packets (GstAfringStream * self)
{
  self->gives_blocks = FALSE;
}

GstCaps *
gst_afring_stream_give_blocks (GstAfringStream * self)
{
  self->gives_blocks = TRUE;
  return gst_afring_section_begin (&self->section);
}

gboolean
gst_afring_stream_is_stale (GstAfringStream * self)
{
  return self->gives_blocks && gst_afring_section_is_stale (&self->section);
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

static guint
get_most (GstAfringStream * self)
{
  return self->num_buffers < 0 ? G_MAXUINT :
      self->num_buffers - self->buffers.offset;
}

static GstBufferList *
make_list (GstAfringStream * self)
{
  return gst_afring_buffers_make_list (&self->buffers, &self->walk,
      self->lease, get_most (self), &self->bytes);
}

/* Statistics have no place in a block of which packets are in use already. */
static GstBuffer *
make_block (GstAfringStream * self)
{
  return gst_afring_buffers_make_block (&self->buffers, &self->walk,
      self->lease, get_most (self), self->begun ? NULL :
      gst_afring_section_get_statistics (&self->section, self->lease),
      &self->bytes);
}

static void
mark_discont (GstAfringStream * self, GstBuffer * first)
{
  if (self->discont)
    GST_BUFFER_FLAG_SET (first, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
}

GstMiniObject *
gst_afring_stream_make_next (GstAfringStream * self,
    GstClockTime running_time, GstClockTime real_time)
{
  GstBuffer *buffer = NULL;
  GstBufferList *list = NULL;

  if (self->gives_blocks)
    buffer = gst_afring_section_take_header (&self->section);
  if (buffer != NULL)
    return GST_MINI_OBJECT_CAST (buffer);

  self->buffers.stamper.running_time = running_time;
  self->buffers.stamper.real_time = real_time;
  /* the block is changed where it lies, which an eviction must not miss */
  gst_afring_lease_pin (self->lease);
  if (self->gives_blocks)
    buffer = make_block (self);
  else
    list = make_list (self);
  gst_afring_lease_unpin (self->lease);
  self->begun = TRUE;

  if (list == NULL)
    gst_afring_stream_drop_block (self);
  else
    buffer = gst_buffer_list_get (list, 0);
  if (buffer != NULL)
    mark_discont (self, buffer);
  return list != NULL ? GST_MINI_OBJECT_CAST (list) :
      (GstMiniObject *) buffer;
}

GstMiniObject *
gst_afring_stream_make_last (GstAfringStream * self)
{
  GstBuffer *buffer = NULL;

  gst_afring_stream_drop_block (self);
  if (self->gives_blocks)
    buffer = gst_afring_section_take_header (&self->section);
  if (self->gives_blocks && buffer == NULL)
    buffer = gst_afring_section_end (&self->section);
  return (GstMiniObject *) buffer;
}
