/* gst-afring: packets into their flows, and flows for them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowset-parts.h"
#include "flowrtp.h"

/* Memory with which a flow waits for it to become known what it is. */
#define MOST_HELD_BY_ONE (256 * 1024)

/* Memory of packets of which it is not known yet what they are; when there is more,
 * the flow that has waited longest is judged by what it has shown. */
#define MOST_HELD (16 * 1024 * 1024)

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
    ret = flow_set_remove (self, oldest);
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
  *ret = flow_set_remove (self, flow);
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

static void
note_payload (FlowSet * self, Flow * flow, GstBuffer * payload)
{
  flow->packets++;
  flow->bytes += gst_buffer_get_size (payload);
  flow->heard = GST_BUFFER_PTS (payload);
  if (flow->disconts != self->disconts) {
    flow->disconts = self->disconts;
    GST_BUFFER_FLAG_SET (payload, GST_BUFFER_FLAG_DISCONT);
  }
}

SlotList *
flow_set_get_list (FlowSet * self, Flow * flow)
{
  return flow->kind != RTP_PROBE_UNDECIDED ? &flow->waiting : NULL;
}

void
flow_set_note_added (FlowSet * self, Flow * flow, GstBuffer * payload)
{
  note_payload (self, flow, payload);
  flow_set_activate (self, flow);
}

void
flow_set_add (FlowSet * self, Flow * flow, GstBuffer * payload)
{
  note_payload (self, flow, payload);
  if (flow->kind == RTP_PROBE_UNDECIDED)
    payload = keep_copy (self, flow, payload);
  else
    flow_set_activate (self, flow);
  slot_list_add (&flow->waiting, payload);

  if (flow->held > MOST_HELD_BY_ONE)
    flow_set_judge (self, flow);
  while (flow_table_get_held (self->table) > MOST_HELD
      && (flow = flow_table_get_first_holder (self->table)) != NULL)
    flow_set_judge (self, flow);
}

void
flow_set_take_piece (gpointer owner, GstBuffer * piece, gpointer user_data)
{
  FlowSet *self = user_data;
  Flow *flow = owner;

  flow->heard = GST_BUFFER_PTS (piece);
  flow_set_activate (self, flow);
  slot_list_add (&flow->waiting, piece);
}

void
flow_set_add_segment (FlowSet * self, Flow * flow,
    const GstTcpSegment * segment, GstBuffer * data, const FlowRules * rules)
{
  flow->packets++;
  flow->bytes += segment->captured;
  flow_tcp_take (flow->tcp, segment, data, &rules->tcp);
  if (G_UNLIKELY (!flow->ended && flow_tcp_has_ended (flow->tcp)))
    flow_set_activate (self, flow);
}
