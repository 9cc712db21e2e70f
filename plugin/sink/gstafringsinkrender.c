/* gst-afring: packets, from the pad of the sender to its socket
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringsink-parts.h"

#include <common/captureerror.h>
#include <gst/afring/packet/gstpacketmeta.h>

/* GstBaseSink's own word for a step that ended a wait. */
#define FLOW_STEP GST_FLOW_CUSTOM_ERROR

static void
begin_pacing (GstAfringSink * self)
{
  GstClockTime spin_time, max_early;
  SinkOnFull on_full;
  SinkOnLinkDown on_link_down;

  GST_OBJECT_LOCK (self);
  spin_time = self->settings.spin_time;
  max_early = self->settings.max_early;
  on_full = self->settings.on_full;
  on_link_down = self->settings.on_link_down;
  GST_OBJECT_UNLOCK (self);
  sink_sender_set_policy (self->sender, on_full, on_link_down);
  sink_pacing_begin (&self->pacing, GST_BASE_SINK (self), spin_time, max_early);
}

/* There was a preroll in between: another base time, another clock. */
static void
renew_pacing (GstAfringSink * self)
{
  sink_pacing_end (&self->pacing);
  begin_pacing (self);
}

/* Whoever unblocked has the lock next, and changes the state or flushes. */
static GstFlowReturn
let_others_in (GstAfringSink * self)
{
  GstFlowReturn ret = gst_base_sink_wait_preroll (GST_BASE_SINK (self));

  if (ret == FLOW_STEP)
    ret = GST_FLOW_OK;
  if (ret == GST_FLOW_OK)
    renew_pacing (self);
  return ret;
}

/* Of the first packet, by its time: now, or when something had stood in its way. */
static void
note_lateness (GstAfringSink * self)
{
  sink_counters_note_lateness (self->counters,
      sink_pacing_get_lateness (&self->pacing, self->batch_due));
}

static GstFlowReturn
send_batch (GstAfringSink * self)
{
  SinkBatch *batch = sink_sender_get_batch (self->sender);
  g_autoptr (GError) error = NULL;
  GstFlowReturn ret = GST_FLOW_OK;

  if (sink_batch_get_left (batch) > 0)
    note_lateness (self);
  while (ret == GST_FLOW_OK && sink_batch_get_left (batch) > 0) {
    switch (sink_sender_send (self->sender, &error)) {
      case SINK_SENDER_SENT:
        if (G_UNLIKELY (sink_sender_take_waited (self->sender)))
          note_lateness (self);
        break;
      case SINK_SENDER_UNBLOCKED:
        ret = let_others_in (self);
        break;
      case SINK_SENDER_FAILED:
        capture_error_post (GST_ELEMENT (self), error);
        ret = GST_FLOW_ERROR;
        break;
    }
  }
  return ret;
}

static gboolean
is_interrupted (gpointer user_data)
{
  GstAfringSink *self = user_data;

  return sink_link_is_unblocked (sink_sender_get_link (self->sender));
}

/* A pause completes only with a preroll, in the middle of a list too. */
static GstFlowReturn
preroll_again (GstAfringSink * self, GstMiniObject * object)
{
  GstFlowReturn ret;

  if (is_interrupted (self))
    return let_others_in (self);
  /* gst_base_sink_do_preroll() would wait for what has been */
  if (GST_PAD_IS_FLUSHING (GST_BASE_SINK_PAD (self)))
    return GST_FLOW_FLUSHING;
  ret = gst_base_sink_do_preroll (GST_BASE_SINK (self), object);
  if (ret == GST_FLOW_OK)
    renew_pacing (self);
  return ret;
}

/* Sends what is due before it, and waits. */
static GstFlowReturn
wait_for_time (GstAfringSink * self, GstMiniObject * object,
    GstClockTime running_time, GstClockTime * due)
{
  SinkBatch *batch = sink_sender_get_batch (self->sender);
  GstFlowReturn ret;

  for (;;) {
    *due = sink_pacing_get_due (&self->pacing, running_time);
    if (sink_pacing_is_due (&self->pacing, *due,
            sink_batch_get_left (batch) > 0))
      return GST_FLOW_OK;
    ret = send_batch (self);
    if (ret != GST_FLOW_OK)
      return ret;
    /* while that was sent it can have become so, or the base time another one */
    *due = sink_pacing_get_due (&self->pacing, running_time);
    if (sink_pacing_is_due (&self->pacing, *due, FALSE)
        || sink_pacing_wait (&self->pacing, *due, is_interrupted, self))
      return GST_FLOW_OK;
    ret = preroll_again (self, object);
    if (ret != GST_FLOW_OK)
      return ret;
  }
}

/* FALSE: not in the segment. GST_CLOCK_TIME_NONE: it leaves at once. */
static gboolean
get_running_time (GstBaseSink * sink, GstBuffer * buffer,
    GstClockTime * running_time)
{
  GstClockTime time = GST_BUFFER_PTS (buffer);

  *running_time = GST_CLOCK_TIME_NONE;
  if (!GST_CLOCK_TIME_IS_VALID (time))
    time = GST_BUFFER_DTS (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (time)
      || sink->segment.format != GST_FORMAT_TIME)
    return TRUE;
  *running_time = gst_segment_to_running_time (&sink->segment, GST_FORMAT_TIME,
      time);
  return GST_CLOCK_TIME_IS_VALID (*running_time);
}

/* What is given up is counted, as what @fate says, and FALSE. */
static gboolean
make_frame (GstAfringSink * self, const PacketMap * map, gsize wire_length,
    gboolean not_ready, SinkFrame * frame, SinkBatchFlags * flags,
    SinkFate * fate)
{
  SinkFrameResult result = sink_framing_make (&self->framing, map->data,
      map->size, frame);

  *fate = result == SINK_FRAME_SHORT ? SINK_TOO_SHORT : SINK_NO_FRAME;
  if (result != SINK_FRAME_MADE)
    return FALSE;
  switch (sink_offload_prepare (&self->offload, map->data, map->size,
          wire_length, not_ready, frame)) {
    case SINK_OFFLOAD_TOO_BIG:
      *fate = SINK_TOO_BIG;
      return FALSE;
    case SINK_OFFLOAD_CHECKSUM:
      *flags |= SINK_BATCH_CHECKSUM;
      break;
    case SINK_OFFLOAD_SEGMENTS:
      *flags |= SINK_BATCH_SEGMENTS;
      break;
    case SINK_OFFLOAD_NOTHING:
      break;
  }
  return TRUE;
}

static void
add_packet (GstAfringSink * self, GstBuffer * buffer)
{
  SinkBatch *batch = sink_sender_get_batch (self->sender);
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  SinkBatchFlags flags = SINK_BATCH_PLAIN;
  gboolean not_ready = FALSE;
  SinkFate fate;
  PacketMap map;
  gsize wire_length;

  if (!packet_buffer_map (buffer, &map)) {
    GST_WARNING_OBJECT (self, "cannot map %" GST_PTR_FORMAT, buffer);
    sink_counters_add (self->counters, SINK_NO_FRAME, 1);
    return;
  }
  wire_length = map.size;
  if (meta != NULL) {
    not_ready = (meta->flags & GST_PACKET_FLAG_CHECKSUM_NOT_READY) != 0;
    if (meta->wire_length > map.size) {
      wire_length = meta->wire_length;
      flags |= SINK_BATCH_CUT;
    }
  }
  if (make_frame (self, &map, wire_length, not_ready,
          sink_batch_get_frame (batch), &flags, &fate)) {
    sink_batch_add (batch, buffer, &map, flags);
    return;
  }
  sink_counters_add (self->counters, fate, 1);
  packet_buffer_unmap (buffer, &map);
}

static GstFlowReturn
take_packet (GstAfringSink * self, GstMiniObject * object, GstBuffer * buffer)
{
  SinkBatch *batch = sink_sender_get_batch (self->sender);
  GstClockTime running_time, due;
  GstFlowReturn ret;

  if (!get_running_time (GST_BASE_SINK (self), buffer, &running_time)) {
    sink_counters_add (self->counters, SINK_OUTSIDE_SEGMENT, 1);
    return GST_FLOW_OK;
  }
  ret = wait_for_time (self, object, running_time, &due);
  if (ret != GST_FLOW_OK)
    return ret;
  if (sink_pacing_is_late (&self->pacing, due)) {
    sink_counters_add (self->counters, SINK_LATE, 1);
    return GST_FLOW_OK;
  }
  if (sink_batch_get_left (batch) == 0)
    self->batch_due = due;
  add_packet (self, buffer);
  return sink_batch_is_full (batch) ? send_batch (self) : GST_FLOW_OK;
}

/* What the batch has is of @object, and gone with it. */
static GstFlowReturn
end_packets (GstAfringSink * self, GstFlowReturn ret)
{
  SinkBatch *batch = sink_sender_get_batch (self->sender);

  if (ret == GST_FLOW_OK)
    ret = send_batch (self);
  sink_batch_skip (batch, sink_batch_get_left (batch));
  sink_pacing_end (&self->pacing);
  return ret;
}

GstFlowReturn
gst_afring_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  GstAfringSink *self = GST_AFRING_SINK (sink);

  begin_pacing (self);
  return end_packets (self, take_packet (self, GST_MINI_OBJECT (buffer),
          buffer));
}

GstFlowReturn
gst_afring_sink_render_list (GstBaseSink * sink, GstBufferList * list)
{
  GstAfringSink *self = GST_AFRING_SINK (sink);
  guint n = gst_buffer_list_length (list);
  GstFlowReturn ret = GST_FLOW_OK;

  begin_pacing (self);
  for (guint i = 0; ret == GST_FLOW_OK && i < n; i++)
    ret = take_packet (self, GST_MINI_OBJECT (list),
        gst_buffer_list_get (list, i));
  return end_packets (self, ret);
}

/* Of @n packets that came, what has not been counted did not come to be rendered, or not to
 * its end. */
static GstFlowReturn
settle (GstAfringSink * self, guint64 before, guint n, GstFlowReturn ret)
{
  guint64 settled = sink_counters_get_settled (self->counters) - before;

  if (G_UNLIKELY (settled < n))
    sink_counters_add (self->counters,
        ret == GST_FLOW_OK ? SINK_OUTSIDE_SEGMENT : SINK_FLUSHED, n - settled);
  return ret;
}

static GstFlowReturn
gst_afring_sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstAfringSink *self = GST_AFRING_SINK (parent);
  guint64 before = sink_counters_get_settled (self->counters);

  return settle (self, before, 1, self->chain (pad, parent, buffer));
}

/* GstBaseSink goes by the first packet of a list, and would leave out all of it. */
static GstBufferList *
leave_outside (GstAfringSink * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list), outside = 0;
  GstClockTime running_time;

  while (outside < n && !get_running_time (GST_BASE_SINK (self),
          gst_buffer_list_get (list, outside), &running_time))
    outside++;
  if (outside == 0 || outside == n)
    return list;
  list = gst_buffer_list_make_writable (list);
  gst_buffer_list_remove (list, 0, outside);
  return list;
}

static GstFlowReturn
gst_afring_sink_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstAfringSink *self = GST_AFRING_SINK (parent);
  guint64 before = sink_counters_get_settled (self->counters);
  guint n = gst_buffer_list_length (list);

  list = leave_outside (self, list);
  return settle (self, before, n, self->chain_list (pad, parent, list));
}

void
gst_afring_sink_watch_pad (GstAfringSink * self)
{
  GstPad *pad = GST_BASE_SINK_PAD (self);

  self->chain = GST_PAD_CHAINFUNC (pad);
  self->chain_list = GST_PAD_CHAINLISTFUNC (pad);
  gst_pad_set_chain_function (pad, gst_afring_sink_chain);
  gst_pad_set_chain_list_function (pad, gst_afring_sink_chain_list);
}
