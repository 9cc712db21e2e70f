/* gst-afring: the pad of a flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowpad.h"

#define EVENT_NAME "GstPacketFlow"

#define START_POLL 1000         /* microseconds */

struct _FlowPad
{
  GstElement *element;          /* borrowed: it has the pad, and not longer */
  GstPad *pad;
  PacketPad out;
  GstFlowReturn last;
  gboolean shown;
};

/* Events. */

static GstEvent *
make_stream_start (const FlowPad * self, const FlowPadOrigin * origin)
{
  g_autofree gchar *stream_id = NULL;
  GstEvent *event;

  if (origin->stream_id != NULL)
    stream_id = g_strdup_printf ("%s/%s", origin->stream_id,
        GST_PAD_NAME (self->pad));
  else
    stream_id = gst_pad_create_stream_id (self->pad, origin->element,
        GST_PAD_NAME (self->pad));
  event = gst_event_new_stream_start (stream_id);
  gst_event_set_group_id (event, origin->group_id);
  return event;
}

static gboolean
copy_sticky_event (GstPad * pad, GstEvent ** event, gpointer user_data)
{
  switch (GST_EVENT_TYPE (*event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_EOS:
      break;
    default:
      gst_pad_push_event (user_data, gst_event_ref (*event));
      break;
  }
  return TRUE;
}

void
flow_pad_copy_events (GstPad * from, GstPad * to)
{
  gst_pad_sticky_events_foreach (from, copy_sticky_event, to);
}

/* The pad. */

FlowPad *
flow_pad_new (const FlowPadOrigin * origin, guint number, GstCaps * caps,
    GstStructure * description)
{
  g_autofree gchar *name = g_strdup_printf ("src_%u", number);
  FlowPad *self = g_new0 (FlowPad, 1);

  self->element = origin->element;
  self->pad = gst_object_ref_sink (gst_pad_new_from_template (origin->template,
          name));
  packet_pad_init (&self->out, self->pad);
  self->last = GST_FLOW_OK;

  gst_pad_use_fixed_caps (self->pad);
  gst_pad_set_active (self->pad, TRUE);
  gst_pad_push_event (self->pad, make_stream_start (self, origin));
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  flow_pad_copy_events (origin->sink_pad, self->pad);
  gst_structure_set_name (description, EVENT_NAME);
  gst_pad_push_event (self->pad,
      gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_STICKY, description));
  return self;
}

/* Between READY and PAUSED. */
static gboolean
is_starting (GstElement * element)
{
  g_autoptr (GstObject) bin = gst_object_get_parent (GST_OBJECT (element));
  gboolean starting;

  if (!GST_IS_ELEMENT (bin))
    return FALSE;
  GST_OBJECT_LOCK (bin);
  starting = GST_STATE (bin) == GST_STATE_READY
      && GST_STATE_NEXT (bin) == GST_STATE_PAUSED;
  GST_OBJECT_UNLOCK (bin);
  return starting;
}

static gboolean
leads_nowhere_yet (FlowPad * self)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (self->pad);

  return peer != NULL && GST_PAD_MODE (peer) == GST_PAD_MODE_NONE
      && !GST_PAD_IS_FLUSHING (self->pad) && is_starting (self->element);
}

/* A bin starts what is downstream first, but sees by links what that is: without a pad
 * this element looks like a sink. So the source can be at work before what is linked now
 * takes anything, and a push would say FLUSHING, after which nobody begins anew. Nothing
 * tells when a pad becomes active. */
static void
await_downstream (FlowPad * self)
{
  while (leads_nowhere_yet (self))
    g_usleep (START_POLL);
}

void
flow_pad_show (FlowPad * self)
{
  self->shown = TRUE;
  gst_element_add_pad (self->element, self->pad);
  await_downstream (self);
}

void
flow_pad_free (FlowPad * self)
{
  gst_pad_set_active (self->pad, FALSE);
  if (self->shown)
    gst_element_remove_pad (self->element, self->pad);
  gst_object_unref (self->pad);
  g_free (self);
}

GstPad *
flow_pad_get_pad (const FlowPad * self)
{
  return self->pad;
}

GstFlowReturn
flow_pad_push_list (FlowPad * self, GstBufferList * list)
{
  self->last = packet_pad_push_list (&self->out, list);
  return self->last;
}

GstFlowReturn
flow_pad_get_last (const FlowPad * self)
{
  return self->last;
}

void
flow_pad_end (FlowPad * self)
{
  gst_pad_push_event (self->pad, gst_event_new_eos ());
}

void
flow_pad_advance (FlowPad * self, GstClockTime now)
{
  if (self->last == GST_FLOW_OK)
    packet_pad_advance (&self->out, now, 0);
}

void
flow_pad_reset (FlowPad * self)
{
  packet_pad_reset (&self->out);
  self->last = GST_FLOW_OK;
}

void
flow_pad_restart (FlowPad * self, const FlowPadOrigin * origin)
{
  gst_pad_push_event (self->pad, make_stream_start (self, origin));
  flow_pad_reset (self);
}

void
flow_pad_new_segment (FlowPad * self)
{
  packet_pad_new_segment (&self->out);
}

/* What they say. */

void
flow_returns_add (FlowReturns * self, GstFlowReturn ret)
{
  self->pads++;
  self->ended += ret == GST_FLOW_EOS;
  self->not_linked += ret == GST_FLOW_NOT_LINKED;
}

void
flow_returns_remove (FlowReturns * self, GstFlowReturn ret)
{
  self->pads--;
  self->ended -= ret == GST_FLOW_EOS;
  self->not_linked -= ret == GST_FLOW_NOT_LINKED;
}

GstFlowReturn
flow_returns_combine (const FlowReturns * self, GstFlowReturn ret)
{
  if (ret != GST_FLOW_OK && ret != GST_FLOW_NOT_LINKED && ret != GST_FLOW_EOS)
    return ret;
  if (self->ended > 0 && self->ended + self->not_linked == self->pads)
    return GST_FLOW_EOS;
  return GST_FLOW_OK;
}
