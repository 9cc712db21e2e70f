/* gst-afring: the flows of a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowtable.h"

#include <string.h>

/* What a kept packet has besides its bytes: a GstBuffer with two metas and a
 * GstMemory, and what malloc() adds to each. */
#define PACKET_OVERHEAD 768

/* Flows that are found without a hash that nobody can foresee, which takes longer than
 * all else here. Who makes his flows share a place has them looked for as others are. */
#define RECENT 512              /* a power of two */

struct _FlowTable
{
  GHashTable *flows;            /* by key */
  Flow *recent[RECENT];         /* by a part of the key, the last that was there */
  GQueue order;                 /* of Flow, the newest first */
  GQueue holders;               /* of Flow, in the order in which they began to keep */
  gsize held;
  guint made;
  GstClockTime resumed;         /* time of the first packet since the last flush */
};

FlowTable *
flow_table_new (void)
{
  FlowTable *self = g_new0 (FlowTable, 1);

  self->flows = g_hash_table_new (flow_key_hash, flow_key_equal);
  g_queue_init (&self->order);
  g_queue_init (&self->holders);
  self->resumed = GST_CLOCK_TIME_NONE;
  return self;
}

void
flow_table_free (FlowTable * self)
{
  Flow *flow;

  while ((flow = flow_table_get_oldest (self)) != NULL) {
    flow_table_remove (self, flow);
    flow_free (flow);
  }
  g_hash_table_unref (self->flows);
  g_free (self);
}

static Flow **
get_recent (FlowTable * self, const FlowKey * key)
{
  guint32 src, dst, ports;

  memcpy (&src, key->src, sizeof (src));
  memcpy (&dst, key->dst, sizeof (dst));
  ports = (guint32) key->src_port << 16 | key->dst_port;
  return &self->recent[(src * 3 + dst * 5 + ports) * 0x9e3779b1u / (G_MAXUINT32 / RECENT + 1)];
}

Flow *
flow_table_touch (FlowTable * self, const FlowKey * key)
{
  Flow *flow = g_queue_peek_head (&self->order);
  Flow **recent;

  /* packets come in bursts */
  if (flow != NULL && flow_key_equal (&flow->key, key))
    return flow;
  recent = get_recent (self, key);
  flow = *recent;
  if (flow == NULL || !flow_key_equal (&flow->key, key))
    flow = g_hash_table_lookup (self->flows, key);
  if (flow != NULL) {
    *recent = flow;
    g_queue_unlink (&self->order, &flow->link);
    g_queue_push_head_link (&self->order, &flow->link);
  }
  return flow;
}

Flow *
flow_table_look_up (FlowTable * self, const FlowKey * key)
{
  return g_hash_table_lookup (self->flows, key);
}

Flow *
flow_table_add (FlowTable * self, const FlowKey * key)
{
  Flow *flow = g_new0 (Flow, 1);

  flow->key = *key;
  flow->number = self->made++;
  flow->kind = RTP_PROBE_UNDECIDED;
  flow->first_time = flow->last_time = flow->seen = GST_CLOCK_TIME_NONE;
  flow->link.data = flow->holder_link.data = flow;
  g_queue_push_head_link (&self->order, &flow->link);
  g_hash_table_insert (self->flows, &flow->key, flow);
  return flow;
}

guint
flow_table_take_number (FlowTable * self)
{
  return self->made++;
}

guint
flow_table_get_size (FlowTable * self)
{
  return g_queue_get_length (&self->order);
}

Flow *
flow_table_get_oldest (FlowTable * self)
{
  return g_queue_peek_tail (&self->order);
}

GstClockTime
flow_table_get_silence (FlowTable * self, const Flow * flow, GstClockTime now)
{
  GstClockTime seen;

  if (!GST_CLOCK_TIME_IS_VALID (self->resumed))
    self->resumed = now;
  seen = GST_CLOCK_TIME_IS_VALID (flow->seen) ? flow->seen : self->resumed;
  return GST_CLOCK_TIME_IS_VALID (now) && now > seen ? now - seen : 0;
}

void
flow_table_remove (FlowTable * self, Flow * flow)
{
  Flow **recent = get_recent (self, &flow->key);

  if (*recent == flow)
    *recent = NULL;
  flow_table_let_go (self, flow);
  g_queue_unlink (&self->order, &flow->link);
  g_hash_table_remove (self->flows, &flow->key);
}

const GList *
flow_table_get_flows (FlowTable * self)
{
  return self->order.head;
}

const GList *
flow_table_get_last (FlowTable * self)
{
  return self->order.tail;
}

void
flow_table_hold (FlowTable * self, Flow * flow, gsize size)
{
  if (flow->held == 0) {
    g_queue_push_tail_link (&self->holders, &flow->holder_link);
    flow->held_since = flow->last_time;
  }
  flow->held += size + PACKET_OVERHEAD;
  self->held += size + PACKET_OVERHEAD;
}

void
flow_table_let_go (FlowTable * self, Flow * flow)
{
  if (flow->held == 0)
    return;
  g_queue_unlink (&self->holders, &flow->holder_link);
  self->held -= flow->held;
  flow->held = 0;
}

gsize
flow_table_get_held (FlowTable * self)
{
  return self->held;
}

Flow *
flow_table_get_first_holder (FlowTable * self)
{
  return g_queue_peek_head (&self->holders);
}

void
flow_table_flush (FlowTable * self)
{
  for (GList * i = self->order.head; i != NULL; i = i->next) {
    Flow *flow = i->data;

    slot_list_clear (&flow->waiting);
    flow_table_let_go (self, flow);
    flow->is_active = FALSE;
    flow->seen = GST_CLOCK_TIME_NONE;
    if (flow->streams != NULL)
      rtp_streams_restart (flow->streams);
    if (flow->tcp != NULL)
      flow_tcp_restart (flow->tcp);
    flow->ended = FALSE;
    memset (&flow->probe, 0, sizeof (flow->probe));
    flow->channels = 0;
  }
  self->resumed = GST_CLOCK_TIME_NONE;
}
