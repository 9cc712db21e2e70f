/* afring-replay: packets at a rate, and so many of them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "retiming.h"

static gboolean
has_rate (const Retiming * self)
{
  return self->mbps > 0 || self->pps > 0;
}

/* From the first packet of the first round on: nothing is rounded twice. */
static GstClockTime
get_time (const Retiming * self)
{
  gdouble seconds = self->pps > 0 ? self->packets / self->pps :
      self->bits / (self->mbps * 1e6);

  return seconds * GST_SECOND;
}

static void
count (Retiming * self, GstBuffer * buffer)
{
  self->packets++;
  self->bits += gst_buffer_get_size (buffer) * 8;
}

static GstBuffer *
retime (Retiming * self, GstBuffer * buffer)
{
  if (has_rate (self)) {
    buffer = gst_buffer_make_writable (buffer);
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = get_time (self);
  }
  count (self, buffer);
  return buffer;
}

static gboolean
retime_one (GstBuffer ** buffer, guint i, gpointer user_data)
{
  *buffer = retime (user_data, *buffer);
  return TRUE;
}

/* All that is left of the limit has passed. */
static GstPadProbeReturn
end (Retiming * self, GstPad * pad, gboolean nothing)
{
  if (nothing && !self->ended) {
    self->ended = TRUE;
    gst_pad_push_event (pad, gst_event_new_eos ());
  }
  return nothing ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
pass_list (Retiming * self, GstPad * pad, GstPadProbeInfo * info)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  guint n = gst_buffer_list_length (list);
  guint64 left = self->limit > 0 ? self->limit - self->packets : n;

  if (left == 0)
    return end (self, pad, TRUE);
  list = gst_buffer_list_make_writable (list);
  if (left < n)
    gst_buffer_list_remove (list, left, n - left);
  gst_buffer_list_foreach (list, retime_one, self);
  GST_PAD_PROBE_INFO_DATA (info) = list;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
pass_buffer (Retiming * self, GstPad * pad, GstPadProbeInfo * info)
{
  if (self->limit > 0 && self->packets == self->limit)
    return end (self, pad, TRUE);
  GST_PAD_PROBE_INFO_DATA (info) =
      retime (self, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_OK;
}

/* At a rate, all rounds are of one segment, which begins with the first. */
static GstPadProbeReturn
pass_event (Retiming * self, GstPadProbeInfo * info)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info), *own;
  GstSegment segment;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT || !has_rate (self))
    return GST_PAD_PROBE_OK;
  if (self->has_segment)
    return GST_PAD_PROBE_DROP;
  self->has_segment = TRUE;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  own = gst_event_new_segment (&segment);
  gst_event_set_seqnum (own, gst_event_get_seqnum (event));
  gst_event_unref (event);
  GST_PAD_PROBE_INFO_DATA (info) = own;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
pass (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Retiming *self = user_data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    return pass_list (self, pad, info);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    return pass_buffer (self, pad, info);
  /* after a flush the segment is said again */
  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) ==
      GST_EVENT_FLUSH_STOP) {
    self->has_segment = self->ended = FALSE;
    self->packets = self->bits = 0;
    return GST_PAD_PROBE_OK;
  }
  return pass_event (self, info);
}

void
retiming_watch (Retiming * self, GstPad * pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM |
      GST_PAD_PROBE_TYPE_EVENT_FLUSH, pass, self, NULL);
}
