/* gst-afring: TCP flows that are put together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowtcp.h"

/* Most of what is out of order is in order again within it; who waits longer waits for a
 * retransmission. */
#define LONGEST_SHARED (50 * GST_MSECOND)

struct _FlowTcpPool
{
  FlowTcpFunc func;
  gpointer user_data;
  guint size;
  /* Those in which segments wait, that whose hole has been open longest first: with the
   * memory of packets, and with memory of their own. */
  GQueue sharing;
  GQueue waiting;
  gsize held;
};

struct _FlowTcp
{
  FlowTcpPool *pool;
  gpointer owner;
  FlowTcp *peer;                /* NULL: it has not been seen */
  GstTcpStream *stream;
  GList link;                   /* in the pool */
  GQueue *queue;                /* which of its, NULL: nothing waits */
  gsize held;                   /* as the pool has counted */
  guint64 offset;               /* where its hole is */
  GstClockTime began;           /* time since when something waits */
  /* When that hole was first seen, or the stream last came nearer to it: who goes on
   * sending what is before it has not lost it. */
  GstClockTime since;
};

FlowTcpPool *
flow_tcp_pool_new (FlowTcpFunc func, gpointer user_data)
{
  FlowTcpPool *self = g_new0 (FlowTcpPool, 1);

  self->func = func;
  self->user_data = user_data;
  return self;
}

void
flow_tcp_pool_free (FlowTcpPool * self)
{
  g_assert (self->size == 0);
  g_free (self);
}

gboolean
flow_tcp_pool_is_empty (const FlowTcpPool * self)
{
  return self->size == 0;
}

gboolean
flow_tcp_pool_is_waiting (const FlowTcpPool * self)
{
  return self->held > 0;
}

static void
take_piece (GstBuffer * piece, gpointer user_data)
{
  FlowTcp *self = user_data;

  self->pool->func (self->owner, piece, self->pool->user_data);
}

FlowTcp *
flow_tcp_new (FlowTcpPool * pool, gpointer owner)
{
  FlowTcp *self = g_new0 (FlowTcp, 1);

  self->pool = pool;
  self->owner = owner;
  self->stream = gst_tcp_stream_new (take_piece, self);
  self->link.data = self;
  pool->size++;
  return self;
}

static void
dequeue (FlowTcp * self)
{
  if (self->queue != NULL)
    g_queue_unlink (self->queue, &self->link);
  self->queue = NULL;
}

/* In order; nearly always it is the youngest. */
static void
enqueue (FlowTcp * self, GQueue * queue)
{
  GList *before = NULL;

  dequeue (self);
  for (GList * i = queue->tail; i != NULL; i = i->prev) {
    if (((FlowTcp *) i->data)->since <= self->since)
      break;
    before = i;
  }
  g_queue_insert_before_link (queue, before, &self->link);
  self->queue = queue;
}

static gboolean
is_longer (GstClockTime since, GstClockTime time, GstClockTime bound)
{
  return GST_CLOCK_TIME_IS_VALID (since) && GST_CLOCK_TIME_IS_VALID (time)
      && time > since && time - since > bound;
}

static void
copy_waiting (FlowTcp * self)
{
  gst_tcp_stream_unshare (self->stream);
  enqueue (self, &self->pool->waiting);
}

/* What waits has changed, at @time, NONE: because a hole was given up. */
static void
update (FlowTcp * self, GstClockTime time)
{
  gsize held = gst_tcp_stream_get_held (self->stream);
  guint64 offset;

  if (G_LIKELY (held == 0 && self->held == 0))
    return;
  self->pool->held += held - self->held;
  self->held = held;
  if (held == 0) {
    dequeue (self);
    return;
  }
  offset = gst_tcp_stream_get_offset (self->stream);
  if (self->queue != NULL && offset == self->offset)
    return;
  if (self->queue == NULL)
    self->began = time;
  self->offset = offset;
  self->since = GST_CLOCK_TIME_IS_VALID (time) ? time :
      gst_tcp_stream_get_waiting_since (self->stream);
  enqueue (self, self->queue != NULL ? self->queue : &self->pool->sharing);
}

static void
skip (FlowTcp * self)
{
  gst_tcp_stream_skip (self->stream);
  update (self, GST_CLOCK_TIME_NONE);
}

/* The one whose hole has been open longest, or NULL. */
static FlowTcp *
get_oldest (FlowTcpPool * self)
{
  FlowTcp *sharing = g_queue_peek_head (&self->sharing);
  FlowTcp *waiting = g_queue_peek_head (&self->waiting);

  if (sharing == NULL || waiting == NULL)
    return sharing != NULL ? sharing : waiting;
  return sharing->since < waiting->since ? sharing : waiting;
}

void
flow_tcp_pool_expire (FlowTcpPool * self, GstClockTime time,
    const FlowTcpRules * rules)
{
  FlowTcp *oldest;

  while ((oldest = get_oldest (self)) != NULL
      && (is_longer (oldest->since, time, rules->longest)
          || rules->longest == 0))
    skip (oldest);
  while ((oldest = g_queue_peek_head (&self->sharing)) != NULL
      && is_longer (oldest->began, time, LONGEST_SHARED))
    copy_waiting (oldest);
}

void
flow_tcp_set_peer (FlowTcp * self, FlowTcp * peer)
{
  self->peer = peer;
  peer->peer = self;
}

void
flow_tcp_free (FlowTcp * self)
{
  if (self->peer != NULL)
    self->peer->peer = NULL;
  dequeue (self);
  self->pool->held -= self->held;
  self->pool->size--;
  gst_tcp_stream_free (self->stream);
  g_free (self);
}

gboolean
flow_tcp_is_over (const FlowTcp * self, const GstTcpSegment * segment)
{
  return gst_tcp_stream_is_over (self->stream, segment);
}

static void
keep_to_rules (FlowTcp * self, GstClockTime time, const FlowTcpRules * rules)
{
  FlowTcpPool *pool = self->pool;

  while (self->held > rules->most_by_one)
    skip (self);
  while (pool->held > rules->most)
    skip (get_oldest (pool));
  if (self->queue == &pool->sharing
      && is_longer (self->began, time, LONGEST_SHARED))
    copy_waiting (self);
}

void
flow_tcp_take (FlowTcp * self, const GstTcpSegment * segment, GstBuffer * data,
    const FlowTcpRules * rules)
{
  GstClockTime time = segment->time;
  FlowTcp *peer = self->peer;

  gst_tcp_stream_take (self->stream, segment, data);
  update (self, time);
  if (peer != NULL && (segment->flags & GST_TCP_ACK)) {
    gst_tcp_stream_acknowledge (peer->stream, segment->acknowledged);
    update (peer, time);
  }
  if (G_UNLIKELY (self->held > 0))
    keep_to_rules (self, time, rules);
}

void
flow_tcp_finish (FlowTcp * self)
{
  gst_tcp_stream_finish (self->stream);
  update (self, GST_CLOCK_TIME_NONE);
}

void
flow_tcp_restart (FlowTcp * self)
{
  gst_tcp_stream_restart (self->stream);
  update (self, GST_CLOCK_TIME_NONE);
}

gboolean
flow_tcp_has_ended (const FlowTcp * self)
{
  return gst_tcp_stream_has_ended (self->stream);
}

gboolean
flow_tcp_is_waiting (const FlowTcp * self)
{
  return self->held > 0;
}

void
flow_tcp_describe (const FlowTcp * self, GstStructure * structure)
{
  const GstTcpStreamStats *stats = gst_tcp_stream_get_stats (self->stream);

  gst_structure_set (structure,
      "delivered", G_TYPE_UINT64, stats->bytes,
      "retransmitted", G_TYPE_UINT64, stats->retransmitted,
      "overlapping", G_TYPE_UINT64, stats->overlapping,
      "missing", G_TYPE_UINT64, stats->missing,
      "holes", G_TYPE_UINT64, stats->holes,
      "out-of-order", G_TYPE_UINT64, stats->out_of_order,
      "keep-alives", G_TYPE_UINT64, stats->keep_alives,
      "strays", G_TYPE_UINT64, stats->strays,
      "waiting", G_TYPE_UINT64, (guint64) self->held, NULL);
}
