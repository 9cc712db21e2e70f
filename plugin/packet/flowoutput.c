/* gst-afring: the way of flows to their pads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowoutput.h"
#include "flowrtp.h"

#define LOSS_MESSAGE "GstFlowDemuxLoss"

/* What is known of RTP. */

/* Without the lock, because it asks the application. */
static gboolean
ask_types (FlowOutput * self, Flow * flow)
{
  guint8 payload_type;
  GstCaps *caps;
  guint32 ssrc;

  while (rtp_streams_find_unknown (flow->streams, &ssrc, &payload_type)) {
    caps = self->rtp_caps (self->origin.element, ssrc, payload_type);
    if (caps == NULL)
      return FALSE;
    g_mutex_lock (self->lock);
    rtp_streams_set_caps (flow->streams, payload_type, caps);
    g_mutex_unlock (self->lock);
  }
  return TRUE;
}

static gboolean
begin_rtp (FlowOutput * self, Flow * flow)
{
  g_mutex_lock (self->lock);
  flow_rtp_begin (flow);
  g_mutex_unlock (self->lock);
  if (!ask_types (self, flow))
    return FALSE;
  g_mutex_lock (self->lock);
  flow_rtp_count (flow, self->losses);
  g_mutex_unlock (self->lock);
  return TRUE;
}

/* NULL if there are to be none. */
static GstCaps *
make_caps (FlowOutput * self, Flow * flow)
{
  switch (flow->kind) {
    case RTP_PROBE_RTP:
      if (!begin_rtp (self, flow))
        return NULL;
      flow->several = rtp_streams_count (flow->streams) > 1;
      return rtp_streams_make_caps (flow->streams);
    case RTP_PROBE_RTCP:
      return gst_caps_new_empty_simple ("application/x-rtcp");
    default:
      return gst_caps_new_empty_simple ("application/octet-stream");
  }
}

/* Another SSRC has come to the one that the caps name. What else they say stays: what is
 * behind the pad has been chosen by it. */
static void
note_several (Flow * flow)
{
  GstPad *pad = flow_pad_get_pad (flow->pad);
  GstCaps *caps = gst_pad_get_current_caps (pad);

  flow->several = TRUE;
  if (caps == NULL)
    return;
  caps = gst_caps_make_writable (caps);
  gst_structure_remove_field (gst_caps_get_structure (caps, 0), "ssrc");
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
}

void
flow_output_report (FlowOutput * self, Flow * flow, gboolean at_end)
{
  GstElement *element = self->origin.element;
  GstStructure *structure = NULL;

  if (flow->streams == NULL
      || !rtp_streams_has_report (flow->streams, at_end))
    return;
  g_mutex_lock (self->lock);
  structure = flow_describe (flow);
  gst_structure_set_name (structure, LOSS_MESSAGE);
  rtp_streams_report (flow->streams, structure);
  g_mutex_unlock (self->lock);
  if (flow->pad != NULL)
    gst_structure_set (structure, "pad", G_TYPE_STRING,
        GST_PAD_NAME (flow_pad_get_pad (flow->pad)), NULL);
  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element), structure));
}

/* Pads. */

static GstStructure *
make_record (FlowOutput * self, const Flow * flow)
{
  GstStructure *structure;

  g_mutex_lock (self->lock);
  structure = flow_make_structure (flow);
  g_mutex_unlock (self->lock);
  return structure;
}

static void
set_pad (FlowOutput * self, Flow * flow, FlowPad * pad)
{
  g_mutex_lock (self->lock);
  flow->pad = pad;
  g_mutex_unlock (self->lock);
}

static gboolean
expose (FlowOutput * self, Flow * flow)
{
  GstCaps *caps = make_caps (self, flow);

  if (caps == NULL)
    return FALSE;
  set_pad (self, flow, flow_pad_new (&self->origin, flow->number, caps,
          flow_describe (flow)));
  gst_caps_unref (caps);
  self->pads++;
  flow_returns_add (&self->returns, GST_FLOW_OK);
  flow_pad_show (flow->pad);
  flow_signals_emit_new (self->origin.element, flow->pad,
      make_record (self, flow), &self->records);
  return TRUE;
}

void
flow_output_conceal (FlowOutput * self, Flow * flow)
{
  FlowPad *pad = flow->pad;

  flow_returns_remove (&self->returns, flow_pad_get_last (pad));
  set_pad (self, flow, NULL);
  flow_pad_free (pad);
}

void
flow_output_finish (FlowOutput * self, Flow * flow)
{
  if (flow->pad == NULL || flow->ended)
    return;
  flow->ended = TRUE;
  flow_pad_end (flow->pad);
}

void
flow_output_end (FlowOutput * self, Flow * flow)
{
  flow_output_report (self, flow, TRUE);
  if (flow->pad == NULL)
    return;
  flow_output_finish (self, flow);
  flow->ended = FALSE;
  flow_signals_emit_removed (self->origin.element, flow->pad,
      make_record (self, flow), &self->records);
  flow_output_conceal (self, flow);
}

/* What is behind a pad has been chosen for what it carried: for RTP there is another
 * one. */
static void
turn (FlowOutput * self, Flow * flow)
{
  flow_output_end (self, flow);
  g_mutex_lock (self->lock);
  flow->kind = RTP_PROBE_RTP;
  flow->turns = FALSE;
  flow->number = flow->next_number;
  g_mutex_unlock (self->lock);
}

static GstFlowReturn
give_up (Flow * flow)
{
  slot_list_clear (&flow->waiting);
  return GST_FLOW_ERROR;
}

static GstFlowReturn
push_list (FlowOutput * self, Flow * flow)
{
  GstFlowReturn before, ret;

  slot_list_close (&flow->waiting);
  if (flow->pad == NULL && !expose (self, flow))
    return give_up (flow);
  if (flow->streams != NULL && !ask_types (self, flow))
    return give_up (flow);
  if (flow->streams != NULL && !flow->several
      && rtp_streams_count (flow->streams) > 1)
    note_several (flow);
  before = flow_pad_get_last (flow->pad);
  ret = flow_pad_push_list (flow->pad,
      slot_list_steal (&flow->waiting));
  if (ret != before) {
    flow_returns_remove (&self->returns, before);
    flow_returns_add (&self->returns, ret);
  }
  flow_output_report (self, flow, FALSE);
  return flow_returns_combine (&self->returns, ret);
}

/* What came before is of the old pad, also where there is none yet. */
static GstFlowReturn
push_before_turn (FlowOutput * self, Flow * flow)
{
  GstFlowReturn ret = GST_FLOW_OK;
  GstBufferList *list, *rest;
  guint n;

  slot_list_close (&flow->waiting);
  list = flow->waiting.list;
  n = gst_buffer_list_length (list);
  rest = gst_buffer_list_new_sized (n - flow->turn_at);
  for (guint i = flow->turn_at; i < n; i++)
    gst_buffer_list_add (rest, gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_buffer_list_remove (list, flow->turn_at, n - flow->turn_at);
  if (flow->turn_at > 0)
    ret = push_list (self, flow);
  slot_list_clear (&flow->waiting);
  flow->waiting.list = rest;
  return ret;
}

GstFlowReturn
flow_output_push (FlowOutput * self, Flow * flow)
{
  GstFlowReturn ret;

  if (G_UNLIKELY (flow->turns)) {
    ret = push_before_turn (self, flow);
    if (ret != GST_FLOW_OK)
      return ret;
    turn (self, flow);
  }
  return push_list (self, flow);
}
