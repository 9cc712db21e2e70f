/* gst-afring: flows that come and go, and their pads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowset.h"
#include "flowrtp.h"
#include "flowtable.h"

/* How long, in the time of the capture, and with how much memory a flow waits for it to
 * become known what it is. */
#define LONGEST_HELD (10 * GST_SECOND)
#define MOST_HELD_BY_ONE (256 * 1024)

/* Memory of packets of which it is not known yet what they are; when there is more,
 * the flow that has waited longest is judged by what it has shown. */
#define MOST_HELD (16 * 1024 * 1024)

struct _FlowSet
{
  GMutex lock;                  /* for who wants to see the table */
  FlowTable *table;

  /* Of the streaming thread. */
  FlowOutput output;
  FlowTcpPool *tcp;             /* with the lock */
  FlowLosses *losses;           /* with the lock */
  GPtrArray *active;            /* of Flow: with packets to be pushed */
  guint disconts;               /* in the input */
  GstClockTime now;             /* timestamp to which the stream has come */
  GstClockTime gaps_at;         /* when silent flows were looked for */
};

static void take_piece (gpointer owner, GstBuffer * piece, gpointer user_data);

FlowSet *
flow_set_new (GstElement * element, GstPad * sink_pad,
    GstPadTemplate * template, FlowCapsFunc rtp_caps)
{
  FlowSet *self = g_new0 (FlowSet, 1);

  g_mutex_init (&self->lock);
  self->table = flow_table_new ();
  self->losses = flow_losses_new ();
  self->tcp = flow_tcp_pool_new (take_piece, self);
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
  if (flow->list != NULL) {
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
      g_clear_pointer (&flow->list, gst_buffer_list_unref);
      flow->is_active = FALSE;
    }
  }
  g_ptr_array_set_size (self->active, 0);
  return ret;
}

/* With the lock. */
static void
activate (FlowSet * self, Flow * flow)
{
  if (!flow->is_active)
    g_ptr_array_add (self->active, flow);
  flow->is_active = TRUE;
}

/* With the lock. What a flow is, by what it has shown so far. */
static void
judge (FlowSet * self, Flow * flow)
{
  flow_rtp_decide (flow);
  flow_table_let_go (self->table, flow);
  if (flow->tcp != NULL)
    flow_tcp_finish (flow->tcp);
  if (flow->list != NULL)
    activate (self, flow);
}

GstFlowReturn
flow_set_settle (FlowSet * self)
{
  GstFlowReturn ret;
  Flow *flow;

  g_mutex_lock (&self->lock);
  while ((flow = flow_table_get_first_holder (self->table)) != NULL)
    judge (self, flow);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next)
    if (((Flow *) i->data)->tcp != NULL)
      judge (self, i->data);
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
    judge (self, flow);
    any = TRUE;
  }
  g_mutex_unlock (&self->lock);
  return any ? flow_set_push (self) : GST_FLOW_OK;
}

/* Going. */

/* Takes a flow out of the table and ends what it has downstream. */
static GstFlowReturn
remove_flow (FlowSet * self, Flow * flow)
{
  GstFlowReturn ret;

  g_mutex_lock (&self->lock);
  judge (self, flow);
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
    ret = remove_flow (self, oldest);
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

/* Packets. */

void
flow_set_begin (FlowSet * self)
{
  g_mutex_lock (&self->lock);
}

void
flow_set_finish (FlowSet * self)
{
  g_mutex_unlock (&self->lock);
}

void
flow_set_note_discont (FlowSet * self)
{
  self->disconts++;
}

void
flow_set_take_statistics (FlowSet * self,
    const GstCaptureStatistics * statistics)
{
  guint64 left;

  g_mutex_lock (&self->lock);
  left = flow_losses_take (self->losses, statistics);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    Flow *flow = i->data;

    if (flow->streams != NULL && flow_losses_concern (self->losses,
            statistics->id, flow->key.link.interface_id))
      rtp_streams_explain (flow->streams, &left);
  }
  flow_losses_keep (self->losses, statistics, left);
  g_mutex_unlock (&self->lock);
}

void
flow_set_note_time (FlowSet * self, GstClockTime now)
{
  if (GST_CLOCK_TIME_IS_VALID (now)
      && (!GST_CLOCK_TIME_IS_VALID (self->now) || now > self->now))
    self->now = now;
}

/* With the lock, which it gives up for a while if there is no room: what is to come
 * out before the new flow comes out. */
static GstFlowReturn
make_room (FlowSet * self, guint most)
{
  GstFlowReturn ret = GST_FLOW_OK;

  while (ret == GST_FLOW_OK && flow_table_get_size (self->table) >= most) {
    Flow *oldest = flow_table_get_oldest (self->table);

    g_mutex_unlock (&self->lock);
    ret = remove_flow (self, oldest);
    g_mutex_lock (&self->lock);
  }
  return ret;
}

/* With the lock. Also for who acknowledges what the other sends. */
static void
begin_tcp (FlowSet * self, Flow * flow)
{
  FlowKey reverse;
  Flow *peer;

  flow->kind = RTP_PROBE_OTHER;
  flow->tcp = flow_tcp_new (self->tcp, flow);
  flow_key_reverse (&flow->key, &reverse);
  peer = flow_table_look_up (self->table, &reverse);
  if (peer != NULL && peer != flow && peer->tcp != NULL)
    flow_tcp_set_peer (flow->tcp, peer->tcp);
}

Flow *
flow_set_find (FlowSet * self, const FlowKey * key, GstClockTime time,
    const FlowRules * rules, GstFlowReturn * ret)
{
  Flow *flow = flow_table_touch (self->table, key);

  if (flow == NULL) {
    *ret = make_room (self, rules->most);
    if (*ret != GST_FLOW_OK)
      return NULL;
    flow = flow_table_add (self->table, key);
    flow->first_time = time;
    flow->disconts = self->disconts - 1;
    if (rules->reassembles && key->protocol == GST_IP_PROTOCOL_TCP)
      begin_tcp (self, flow);
  }
  flow->last_time = flow->seen = time;
  return flow;
}

/* With the lock, which it gives up for a while, as make_room(). */
Flow *
flow_set_replace (FlowSet * self, Flow * flow, const FlowRules * rules,
    GstFlowReturn * ret)
{
  GstClockTime time = flow->last_time;
  FlowKey key = flow->key;

  g_mutex_unlock (&self->lock);
  *ret = remove_flow (self, flow);
  g_mutex_lock (&self->lock);
  if (*ret != GST_FLOW_OK)
    return NULL;
  return flow_set_find (self, &key, time, rules, ret);
}

/* With the lock. Who knows how long a packet of an undecided flow waits: a whole block
 * of the ring is not kept for it. */
static GstBuffer *
keep_copy (FlowSet * self, Flow * flow, GstBuffer * payload)
{
  GstBuffer *copy = gst_buffer_copy_deep (payload);

  flow_table_hold (self->table, flow, gst_buffer_get_size (payload));
  gst_buffer_unref (payload);
  return copy;
}

PayloadPart
flow_set_look (FlowSet * self, Flow * flow, const DissectedPacket * packet)
{
  const GstPacketHeaders *headers = &packet->headers;
  gboolean turned = flow->turns;
  RtpArrival arrival = {.time = flow->last_time,.disconts = self->disconts,
    .interface_id = flow->key.link.interface_id,.losses = self->losses
  };
  PayloadPart part;

  arrival.hardware = packet->meta != NULL
      && (packet->meta->flags & GST_PACKET_FLAG_HARDWARE_TIMESTAMP);
  part = flow_rtp_look (flow, packet->map.data + headers->payload,
      headers->end - headers->payload, &arrival);
  if (G_UNLIKELY (flow->turns != turned))
    flow->next_number = flow_table_take_number (self->table);
  return part;
}

void
flow_set_add (FlowSet * self, Flow * flow, GstBuffer * payload)
{
  flow->packets++;
  flow->bytes += gst_buffer_get_size (payload);
  flow->heard = GST_BUFFER_PTS (payload);
  if (flow->disconts != self->disconts) {
    flow->disconts = self->disconts;
    GST_BUFFER_FLAG_SET (payload, GST_BUFFER_FLAG_DISCONT);
  }
  if (flow->kind == RTP_PROBE_UNDECIDED)
    payload = keep_copy (self, flow, payload);
  else
    activate (self, flow);
  if (flow->list == NULL)
    flow->list = gst_buffer_list_new ();
  gst_buffer_list_add (flow->list, payload);

  if (flow->held > MOST_HELD_BY_ONE)
    judge (self, flow);
  while (flow_table_get_held (self->table) > MOST_HELD
      && (flow = flow_table_get_first_holder (self->table)) != NULL)
    judge (self, flow);
}

/* With the lock. Takes a piece of a flow that is put together. */
static void
take_piece (gpointer owner, GstBuffer * piece, gpointer user_data)
{
  FlowSet *self = user_data;
  Flow *flow = owner;

  flow->heard = GST_BUFFER_PTS (piece);
  activate (self, flow);
  if (flow->list == NULL)
    flow->list = gst_buffer_list_new ();
  gst_buffer_list_add (flow->list, piece);
}

void
flow_set_add_segment (FlowSet * self, Flow * flow,
    const GstTcpSegment * segment, GstBuffer * data, const FlowRules * rules)
{
  flow->packets++;
  flow->bytes += segment->captured;
  flow_tcp_take (flow->tcp, segment, data, &rules->tcp);
  if (G_UNLIKELY (!flow->ended && flow_tcp_has_ended (flow->tcp)))
    activate (self, flow);
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
