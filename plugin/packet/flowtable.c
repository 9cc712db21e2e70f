/* gst-afring: the flows of a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowtable.h"

#include <gio/gio.h>
#include <string.h>

struct _FlowTable
{
  GHashTable *links;            /* key -> GList of order */
  GQueue order;                 /* of Flow, the newest first */
  guint made;
};

/* FNV-1a */
static guint
hash_key (gconstpointer pointer)
{
  const guint8 *bytes = pointer;
  guint32 value = 2166136261u;

  for (gsize i = 0; i < sizeof (FlowKey); i++)
    value = (value ^ bytes[i]) * 16777619u;
  return value ^ value >> 16;
}

static gboolean
equal_keys (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (FlowKey)) == 0;
}

FlowTable *
flow_table_new (void)
{
  FlowTable *self = g_new0 (FlowTable, 1);

  self->links = g_hash_table_new (hash_key, equal_keys);
  g_queue_init (&self->order);
  return self;
}

void
flow_free (Flow * self)
{
  g_clear_pointer (&self->list, gst_buffer_list_unref);
  gst_clear_object (&self->pad);
  g_free (self);
}

void
flow_table_free (FlowTable * self)
{
  g_hash_table_unref (self->links);
  g_queue_clear_full (&self->order, (GDestroyNotify) flow_free);
  g_free (self);
}

static void
fill_key (FlowKey * key, const GstPacketHeaders * headers)
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

Flow *
flow_table_touch (FlowTable * self, const GstPacketHeaders * headers,
    GstClockTime time)
{
  FlowKey key;
  GList *link;
  Flow *flow;

  fill_key (&key, headers);
  link = g_hash_table_lookup (self->links, &key);
  if (link != NULL) {
    flow = link->data;
    if (link != self->order.head) {
      g_queue_unlink (&self->order, link);
      g_queue_push_head_link (&self->order, link);
    }
  } else {
    flow = g_new0 (Flow, 1);
    flow->key = key;
    flow->number = self->made++;
    flow->kind = RTP_PROBE_UNDECIDED;
    flow->first_time = time;
    g_queue_push_head (&self->order, flow);
    g_hash_table_insert (self->links, &flow->key, self->order.head);
  }
  flow->last_time = time;
  return flow;
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

void
flow_table_remove (FlowTable * self, Flow * flow)
{
  GList *link = g_hash_table_lookup (self->links, &flow->key);

  g_hash_table_remove (self->links, &flow->key);
  g_queue_delete_link (&self->order, link);
}

const GList *
flow_table_get_flows (FlowTable * self)
{
  return self->order.head;
}

static gchar *
format_address (const Flow * self, const guint8 * bytes)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (bytes,
      self->key.version == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

  return g_inet_address_to_string (address);
}

static const gchar *
get_protocol_name (const Flow * self)
{
  switch (self->key.protocol) {
    case GST_IP_PROTOCOL_UDP:
      return "udp";
    case GST_IP_PROTOCOL_TCP:
      return "tcp";
    default:
      return "other";
  }
}

static const gchar *
get_kind_name (const Flow * self)
{
  switch (self->kind) {
    case RTP_PROBE_RTP:
      return "rtp";
    case RTP_PROBE_RTCP:
      return "rtcp";
    case RTP_PROBE_UNDECIDED:
      return "undecided";
    case RTP_PROBE_OTHER:
    default:
      return "other";
  }
}

GstStructure *
flow_make_structure (const Flow * self)
{
  g_autofree gchar *src = format_address (self, self->key.src);
  g_autofree gchar *dst = format_address (self, self->key.dst);
  GstStructure *structure = gst_structure_new ("application/x-flow",
      "src-ip", G_TYPE_STRING, src,
      "dst-ip", G_TYPE_STRING, dst,
      "src-port", G_TYPE_UINT, self->key.src_port,
      "dst-port", G_TYPE_UINT, self->key.dst_port,
      "protocol", G_TYPE_STRING, get_protocol_name (self),
      "protocol-number", G_TYPE_UINT, self->key.protocol,
      "kind", G_TYPE_STRING, get_kind_name (self),
      "packets", G_TYPE_UINT64, self->packets,
      "bytes", G_TYPE_UINT64, self->bytes,
      "first-time", G_TYPE_UINT64, self->first_time,
      "last-time", G_TYPE_UINT64, self->last_time, NULL);

  if (self->kind == RTP_PROBE_RTP)
    gst_structure_set (structure,
        "ssrc", G_TYPE_UINT, self->probe.ssrc,
        "payload", G_TYPE_INT, self->probe.payload_type, NULL);
  if (self->pad != NULL)
    gst_structure_set (structure,
        "pad", G_TYPE_STRING, GST_PAD_NAME (self->pad), NULL);
  return structure;
}
