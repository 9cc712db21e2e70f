/* gst-afring: flows that come and go, and their pads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowset-parts.h"
#include "flowrtp.h"

/* How long, in the time of the capture, a flow waits for it to become known what it is. */
#define LONGEST_HELD (10 * GST_SECOND)

FlowSet *
flow_set_new (GstElement * element, GstPad * sink_pad,
    GstPadTemplate * template, FlowCapsFunc rtp_caps)
{
  FlowSet *self = g_new0 (FlowSet, 1);

  g_mutex_init (&self->lock);
  self->table = flow_table_new ();
  self->losses = flow_losses_new ();
  self->tcp = flow_tcp_pool_new (flow_set_take_piece, self);
  self->output.lock = &self->lock;
  self->output.losses = self->losses;
  self->output.origin.element = element;
  self->output.origin.sink_pad = sink_pad;
  self->output.origin.template = template;
  self->output.rtp_caps = rtp_caps;
  self->active = g_ptr_array_new ();
  flow_records_init (&self->output.records);
  flow_set_new_segment (self);
  return self;
}

void
flow_set_free (FlowSet * self)
{
  flow_table_free (self->table);
  flow_tcp_pool_free (self->tcp);
  g_ptr_array_unref (self->active);
  flow_records_clear (&self->output.records);
  flow_losses_free (self->losses);
  g_free (self->output.origin.stream_id);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
flow_set_list (FlowSet * self, GValue * list)
{
  g_mutex_lock (&self->lock);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, flow_make_structure (i->data));
    gst_value_list_append_and_take_value (list, &value);
  }
  g_mutex_unlock (&self->lock);
}

guint
flow_set_count_pads (FlowSet * self)
{
  return self->output.pads;
}

/* Pushing. */

/* All packets of flows go through here. */
static GstFlowReturn
push_flow (FlowSet * self, Flow * flow)
{
  GstFlowReturn ret = GST_FLOW_OK;

  flow->is_active = FALSE;
  if (flow->waiting.list != NULL) {
    flow_table_let_go (self->table, flow);
    ret = flow_output_push (&self->output, flow);
  }
  if (flow->tcp != NULL && flow_tcp_has_ended (flow->tcp))
    flow_output_finish (&self->output, flow);
  return ret;
}

/* Without the lock: who hears of a new pad may ask for stats. */
GstFlowReturn
flow_set_push (FlowSet * self)
{
  GstFlowReturn ret = GST_FLOW_OK;

  for (guint i = 0; i < self->active->len; i++) {
    Flow *flow = g_ptr_array_index (self->active, i);

    if (ret == GST_FLOW_OK) {
      ret = push_flow (self, flow);
    } else {
      slot_list_clear (&flow->waiting);
      flow->is_active = FALSE;
    }
  }
  g_ptr_array_set_size (self->active, 0);
  return ret;
}

void
flow_set_activate (FlowSet * self, Flow * flow)
{
  if (!flow->is_active)
    g_ptr_array_add (self->active, flow);
  flow->is_active = TRUE;
}

void
flow_set_judge (FlowSet * self, Flow * flow)
{
  flow_rtp_decide (flow);
  flow_table_let_go (self->table, flow);
  if (flow->tcp != NULL)
    flow_tcp_finish (flow->tcp);
  if (flow->waiting.list != NULL)
    flow_set_activate (self, flow);
}

GstFlowReturn
flow_set_settle (FlowSet * self)
{
  GstFlowReturn ret;
  Flow *flow;

  g_mutex_lock (&self->lock);
  while ((flow = flow_table_get_first_holder (self->table)) != NULL)
    flow_set_judge (self, flow);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next)
    if (((Flow *) i->data)->tcp != NULL)
      flow_set_judge (self, i->data);
  g_mutex_unlock (&self->lock);
  ret = flow_set_push (self);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next)
    flow_output_report (&self->output, i->data, TRUE);
  return ret;
}

/* Nobody waits for ever: who has waited for long is judged by what he has shown. */
static GstFlowReturn
settle_old (FlowSet * self, GstClockTime time)
{
  gboolean any = FALSE;
  Flow *flow;

  if (!GST_CLOCK_TIME_IS_VALID (time)
      || flow_table_get_first_holder (self->table) == NULL)
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  while ((flow = flow_table_get_first_holder (self->table)) != NULL
      && GST_CLOCK_TIME_IS_VALID (flow->held_since)
      && time > flow->held_since + LONGEST_HELD) {
    flow_set_judge (self, flow);
    any = TRUE;
  }
  g_mutex_unlock (&self->lock);
  return any ? flow_set_push (self) : GST_FLOW_OK;
}

/* Going. */

GstFlowReturn
flow_set_remove (FlowSet * self, Flow * flow)
{
  GstFlowReturn ret;

  g_mutex_lock (&self->lock);
  flow_set_judge (self, flow);
  g_mutex_unlock (&self->lock);
  ret = flow_set_push (self);

  g_mutex_lock (&self->lock);
  flow_table_remove (self->table, flow);
  g_mutex_unlock (&self->lock);
  flow_output_end (&self->output, flow);
  flow_free (flow);
  return ret;
}

/* Nor is a hole in TCP waited for. */
static GstFlowReturn
close_old_holes (FlowSet * self, GstClockTime time, const FlowRules * rules)
{
  if (!flow_tcp_pool_is_waiting (self->tcp))
    return GST_FLOW_OK;
  g_mutex_lock (&self->lock);
  flow_tcp_pool_expire (self->tcp, time, &rules->tcp);
  g_mutex_unlock (&self->lock);
  return flow_set_push (self);
}

GstFlowReturn
flow_set_expire (FlowSet * self, GstClockTime time, const FlowRules * rules)
{
  GstFlowReturn ret = settle_old (self, time);
  Flow *oldest;

  if (ret == GST_FLOW_OK)
    ret = close_old_holes (self, time, rules);
  while (ret == GST_FLOW_OK
      && (oldest = flow_table_get_oldest (self->table)) != NULL) {
    GstClockTime silence = flow_table_get_silence (self->table, oldest, time);

    if ((rules->timeout == 0 || silence <= rules->timeout)
        && flow_table_get_size (self->table) <= rules->most)
      break;
    ret = flow_set_remove (self, oldest);
  }
  return ret;
}

void
flow_set_push_gaps (FlowSet * self)
{
  const FlowReturns *returns = &self->output.returns;

  if (!GST_CLOCK_TIME_IS_VALID (self->now)
      || returns->ended + returns->not_linked == returns->pads
      || (GST_CLOCK_TIME_IS_VALID (self->gaps_at)
          && self->now < self->gaps_at + PACKET_PAD_SILENCE / 2))
    return;
  self->gaps_at = self->now;
  for (const GList * i = flow_table_get_last (self->table); i != NULL;
      i = i->prev) {
    const Flow *flow = i->data;

    if (GST_CLOCK_TIME_IS_VALID (flow->heard)
        && flow->heard + PACKET_PAD_SILENCE > self->now) {
      /* as have all that are newer, but TCP that only acknowledges */
      if (flow_tcp_pool_is_empty (self->tcp))
        break;
      continue;
    }
    if (flow->pad != NULL && !flow->ended
        && (flow->tcp == NULL || !flow_tcp_is_waiting (flow->tcp)))
      flow_pad_advance (flow->pad, self->now);
  }
}

/* Beginnings. */

static void
reset (FlowSet * self, gboolean restart)
{
  g_mutex_lock (&self->lock);
  flow_table_flush (self->table);
  flow_losses_forget (self->losses);
  g_mutex_unlock (&self->lock);
  g_ptr_array_set_size (self->active, 0);
  self->disconts++;
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    FlowPad *pad = ((Flow *) i->data)->pad;

    if (pad == NULL)
      continue;
    flow_returns_remove (&self->output.returns, flow_pad_get_last (pad));
    flow_returns_add (&self->output.returns, GST_FLOW_OK);
    if (restart)
      flow_pad_restart (pad, &self->output.origin);
    else
      flow_pad_reset (pad);
  }
  flow_set_new_segment (self);
}

void
flow_set_reset (FlowSet * self)
{
  reset (self, FALSE);
}

void
flow_set_restart (FlowSet * self, gchar * stream_id, guint group_id)
{
  g_free (self->output.origin.stream_id);
  self->output.origin.stream_id = stream_id;
  self->output.origin.group_id = group_id;
  reset (self, TRUE);
}

void
flow_set_new_segment (FlowSet * self)
{
  self->now = self->gaps_at = GST_CLOCK_TIME_NONE;
  for (GList * i = (GList *) flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    Flow *flow = i->data;

    flow->heard = GST_CLOCK_TIME_NONE;
    if (flow->pad != NULL)
      flow_pad_new_segment (flow->pad);
  }
}

void
flow_set_clear (FlowSet * self)
{
  FlowTable *table;

  reset (self, FALSE);
  g_clear_pointer (&self->output.origin.stream_id, g_free);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    if (((Flow *) i->data)->pad != NULL)
      flow_output_conceal (&self->output, i->data);
  }
  /* pads are numbered from 0 again */
  g_mutex_lock (&self->lock);
  table = g_steal_pointer (&self->table);
  self->table = flow_table_new ();
  g_mutex_unlock (&self->lock);
  flow_table_free (table);
  self->output.pads = 0;
}
