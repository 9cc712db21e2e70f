/* gst-afring: the flows that send most
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scopeflows.h"

#include <arpa/inet.h>
#include <gst/afring/packet/gstpackethash.h>
#include <string.h>

/* Compared as bytes. */
typedef struct
{
  guint8 src[16];
  guint8 dst[16];
  guint16 src_port;
  guint16 dst_port;
  guint8 protocol;
  guint8 version;
  guint8 zero[2];
} FlowKey;

typedef struct
{
  FlowKey key;
  GList link;                   /* in the order of the last packet */
  ScopeSeries series;
  guint64 shown;                /* bytes since the first bucket of a picture */
} Flow;

struct _ScopeFlows
{
  GHashTable *flows;            /* by key */
  GQueue order;                 /* the one that sent last is the first */
  Flow *top[SCOPE_TOP_FLOWS];   /* by colour; NULL: free */
};

static guint
hash_key (gconstpointer key)
{
  return gst_packet_hash (key, sizeof (FlowKey));
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (FlowKey)) == 0;
}

ScopeFlows *
scope_flows_new (void)
{
  ScopeFlows *self = g_new0 (ScopeFlows, 1);

  G_STATIC_ASSERT (sizeof (FlowKey) % 8 == 0);
  self->flows = g_hash_table_new_full (hash_key, equal_keys, NULL, g_free);
  return self;
}

void
scope_flows_free (ScopeFlows * self)
{
  g_hash_table_unref (self->flows);
  g_free (self);
}

void
scope_flows_clear (ScopeFlows * self)
{
  g_hash_table_remove_all (self->flows);
  g_queue_init (&self->order);
  memset (self->top, 0, sizeof (self->top));
}

static void
init_key (FlowKey * key, const GstPacketHeaders * headers)
{
  gsize length = gst_packet_headers_get_address_length (headers);

  memset (key, 0, sizeof (*key));
  memcpy (key->src, headers->src, length);
  memcpy (key->dst, headers->dst, length);
  key->src_port = headers->src_port;
  key->dst_port = headers->dst_port;
  key->protocol = headers->protocol;
  key->version = headers->version;
}

static void
remove_oldest (ScopeFlows * self)
{
  Flow *flow = g_queue_peek_tail (&self->order);

  for (guint i = 0; i < SCOPE_TOP_FLOWS; i++)
    if (self->top[i] == flow)
      self->top[i] = NULL;
  g_queue_unlink (&self->order, &flow->link);
  g_hash_table_remove (self->flows, &flow->key);
}

static Flow *
find_flow (ScopeFlows * self, const FlowKey * key)
{
  Flow *flow = g_hash_table_lookup (self->flows, key);

  if (flow != NULL) {
    if (self->order.head != &flow->link) {
      g_queue_unlink (&self->order, &flow->link);
      g_queue_push_head_link (&self->order, &flow->link);
    }
    return flow;
  }
  if (g_hash_table_size (self->flows) == SCOPE_MOST_FLOWS)
    remove_oldest (self);
  flow = g_new0 (Flow, 1);
  flow->key = *key;
  flow->link.data = flow;
  g_hash_table_insert (self->flows, &flow->key, flow);
  g_queue_push_head_link (&self->order, &flow->link);
  return flow;
}

void
scope_flows_add (ScopeFlows * self, const GstPacketHeaders * headers,
    guint64 bucket, gsize bytes)
{
  FlowKey key;

  init_key (&key, headers);
  scope_series_add (&find_flow (self, &key)->series, bucket, 1, bytes);
}

/* Pictures. */

static gboolean
sends_more (const Flow * a, const Flow * b)
{
  if (a->shown != b->shown)
    return a->shown > b->shown;
  /* so that the same packets give the same picture */
  return memcmp (&a->key, &b->key, sizeof (a->key)) < 0;
}

/* The largest, in order; how many there are. */
static guint
find_largest (ScopeFlows * self, guint64 first, Flow ** largest)
{
  guint n = 0;

  for (GList * i = self->order.head; i != NULL; i = i->next) {
    Flow *flow = i->data;
    guint at;

    flow->shown = scope_series_sum (&flow->series, first).bytes;
    if (flow->shown == 0 || (n == SCOPE_TOP_FLOWS
            && !sends_more (flow, largest[n - 1])))
      continue;
    if (n < SCOPE_TOP_FLOWS)
      n++;
    for (at = n - 1; at > 0 && sends_more (flow, largest[at - 1]); at--)
      largest[at] = largest[at - 1];
    largest[at] = flow;
  }
  return n;
}

static gint
find_place (Flow ** places, guint n, const Flow * flow)
{
  for (guint i = 0; i < n; i++)
    if (places[i] == flow)
      return i;
  return -1;
}

/* Who is among the largest stays where he is, others get what is free. */
static void
update_top (ScopeFlows * self, Flow ** largest, guint n)
{
  for (guint i = 0; i < SCOPE_TOP_FLOWS; i++)
    if (self->top[i] != NULL && find_place (largest, n, self->top[i]) < 0)
      self->top[i] = NULL;
  for (guint i = 0; i < n; i++)
    if (find_place (self->top, SCOPE_TOP_FLOWS, largest[i]) < 0)
      self->top[find_place (self->top, SCOPE_TOP_FLOWS, NULL)] = largest[i];
}

static void
append_end (GString * name, const FlowKey * key, const guint8 * address,
    guint16 port)
{
  gchar text[INET6_ADDRSTRLEN];
  gboolean has_port = key->src_port != 0 || key->dst_port != 0;

  inet_ntop (key->version == 4 ? AF_INET : AF_INET6, address, text,
      sizeof (text));
  if (!has_port)
    g_string_append (name, text);
  else if (key->version == 4)
    g_string_append_printf (name, "%s:%u", text, port);
  else
    g_string_append_printf (name, "[%s]:%u", text, port);
}

static void
name_flow (const FlowKey * key, ScopeLayer * layer)
{
  g_autoptr (GString) name = g_string_new (NULL);

  append_end (name, key, key->src, key->src_port);
  g_string_append (name, " > ");
  append_end (name, key, key->dst, key->dst_port);
  g_strlcpy (layer->name, name->str, sizeof (layer->name));
}

static void
subtract (ScopeCount * from, const ScopeCount * count)
{
  from->packets -= MIN (from->packets, count->packets);
  from->bytes -= MIN (from->bytes, count->bytes);
}

void
scope_flows_look (ScopeFlows * self, guint64 first, const ScopeSeries * total,
    ScopeView * view)
{
  ScopeLayer *rest = &view->layers[SCOPE_TOP_FLOWS];
  Flow *largest[SCOPE_TOP_FLOWS];
  guint n = find_largest (self, first, largest);

  update_top (self, largest, n);
  g_strlcpy (rest->name, "the rest", sizeof (rest->name));
  for (guint i = 0; i <= SCOPE_BUCKETS; i++)
    rest->counts[i] = scope_series_get (total, first + i);
  rest->colour = SCOPE_TOP_FLOWS;
  view->n_layers = SCOPE_LAYERS;

  for (guint i = 0; i < SCOPE_TOP_FLOWS; i++) {
    ScopeLayer *layer = &view->layers[i];

    layer->name[0] = '\0';
    layer->colour = i;
    memset (layer->counts, 0, sizeof (layer->counts));
    if (self->top[i] == NULL)
      continue;
    name_flow (&self->top[i]->key, layer);
    for (guint b = 0; b <= SCOPE_BUCKETS; b++) {
      layer->counts[b] = scope_series_get (&self->top[i]->series, first + b);
      subtract (&rest->counts[b], &layer->counts[b]);
    }
  }
}
