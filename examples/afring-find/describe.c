/* afring-find: packets and flows in words
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "describe.h"

#include <gio/gio.h>
#include <gst/afring/packet/gstpacketparser.h>
#include <string.h>

gchar *
describe_time (GstClockTime time, gboolean json)
{
  g_autoptr (GDateTime) date = NULL;
  g_autofree gchar *text = NULL;

  if (time == GST_CLOCK_TIME_NONE)
    return g_strdup ("-");
  date = json ? g_date_time_new_from_unix_utc (time / GST_SECOND) :
      g_date_time_new_from_unix_local (time / GST_SECOND);
  text = g_date_time_format (date, json ? "%Y-%m-%dT%H:%M:%S" : "%F %T");
  if (json)
    return g_strdup_printf ("%s.%09" G_GUINT64_FORMAT "Z", text,
        (guint64) (time % GST_SECOND));
  return g_strdup_printf ("%s.%06" G_GUINT64_FORMAT, text,
      (guint64) (time % GST_SECOND / 1000));
}

gchar *
describe_json_string (const gchar * text)
{
  g_autofree gchar *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new ("\"");

  for (const gchar * at = valid; *at != '\0'; at++) {
    if (*at == '"' || *at == '\\')
      g_string_append_printf (out, "\\%c", *at);
    else if ((guchar) * at < 0x20)
      g_string_append_printf (out, "\\u%04x", *at);
    else
      g_string_append_c (out, *at);
  }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}

static const gchar *
get_protocol (const GstPacketHeaders * headers)
{
  switch (headers->protocol) {
    case 1:
      return "ICMP";
    case 6:
      return "TCP";
    case 17:
      return "UDP";
    case 58:
      return "ICMP6";
    case 132:
      return "SCTP";
    default:
      return NULL;
  }
}

static gchar *
format_end (const GstPacketHeaders * headers, const guint8 * bytes, guint16 port)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (bytes,
      headers->version == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  g_autofree gchar *text = g_inet_address_to_string (address);

  return port > 0 ? g_strdup_printf ("%s.%u", text, port) :
      g_steal_pointer (&text);
}

/* "192.0.2.1.5004 > 192.0.2.2.5004 UDP", as tcpdump has them; NULL: it is not IP. */
static gchar *
describe_flow (guint link_type, const GstMapInfo * map, gsize wire_length)
{
  g_autofree gchar *source = NULL, *destination = NULL;
  GstPacketHeaders headers = { 0 };
  GstPacketParseResult result = gst_packet_parse (link_type, map->data,
      map->size, wire_length, &headers);
  const gchar *protocol;

  if (result == GST_PACKET_NOT_IP || headers.src == NULL
      || headers.version == 0)
    return NULL;
  source = format_end (&headers, headers.src, headers.src_port);
  destination = format_end (&headers, headers.dst, headers.dst_port);
  protocol = get_protocol (&headers);
  if (protocol != NULL)
    return g_strdup_printf ("%s > %s %s", source, destination, protocol);
  return g_strdup_printf ("%s > %s proto %u", source, destination,
      headers.protocol);
}

void
describe_packet (GstBuffer * packet, guint link_type, gpointer user_data)
{
  gboolean json = GPOINTER_TO_INT (user_data);
  GstPacketMeta *meta = gst_buffer_get_packet_meta (packet);
  g_autofree gchar *time = describe_time (meta->capture_time, json);
  g_autofree gchar *flow = NULL;
  GstMapInfo map;

  if (!gst_buffer_map (packet, &map, GST_MAP_READ))
    return;
  flow = describe_flow (link_type, &map, meta->wire_length);
  gst_buffer_unmap (packet, &map);
  if (json)
    g_print ("{\"time\":\"%s\",\"interface\":%u,\"length\":%u,\"captured\":%"
        G_GSIZE_FORMAT ",\"flow\":\"%s\"}\n", time, meta->interface_id,
        meta->wire_length, gst_buffer_get_size (packet), flow != NULL ? flow : "");
  else
    g_print ("%s %s, length %u\n", time, flow != NULL ? flow : "not IP",
        meta->wire_length);
}

/* Flows. */

typedef struct
{
  guint64 packets;
  guint64 bytes;
  GstClockTime first, last;
  const gchar *name;
} Flow;

struct _Flows
{
  GHashTable *flows;            /* Flow, by name */
};

Flows *
flows_new (void)
{
  Flows *self = g_new0 (Flows, 1);

  self->flows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
flows_free (Flows * self)
{
  g_hash_table_unref (self->flows);
  g_free (self);
}

static Flow *
get_flow (Flows * self, gchar * name)
{
  Flow *flow = g_hash_table_lookup (self->flows, name);

  if (flow != NULL) {
    g_free (name);
    return flow;
  }
  flow = g_new0 (Flow, 1);
  flow->name = name;
  flow->first = GST_CLOCK_TIME_NONE;
  g_hash_table_insert (self->flows, name, flow);
  return flow;
}

void
flows_take (GstBuffer * packet, guint link_type, gpointer user_data)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (packet);
  gchar *name = NULL;
  GstMapInfo map;
  Flow *flow;

  if (gst_buffer_map (packet, &map, GST_MAP_READ)) {
    name = describe_flow (link_type, &map, meta->wire_length);
    gst_buffer_unmap (packet, &map);
  }
  flow = get_flow (user_data, name != NULL ? name : g_strdup ("not IP"));
  flow->packets++;
  flow->bytes += meta->wire_length;
  if (meta->capture_time == GST_CLOCK_TIME_NONE)
    return;
  flow->first = MIN (flow->first, meta->capture_time);
  flow->last = MAX (flow->last, meta->capture_time);
}

static gint
compare_flows (gconstpointer a, gconstpointer b)
{
  const Flow *first = a, *second = b;

  if (first->bytes != second->bytes)
    return first->bytes < second->bytes ? 1 : -1;
  return strcmp (first->name, second->name);
}

void
flows_print (Flows * self, gboolean json)
{
  GList *flows = g_list_sort (g_hash_table_get_values (self->flows),
      compare_flows);

  for (GList * at = flows; at != NULL; at = at->next) {
    Flow *flow = at->data;
    g_autofree gchar *first = describe_time (flow->first, json);
    g_autofree gchar *last = describe_time (flow->first == GST_CLOCK_TIME_NONE ?
        GST_CLOCK_TIME_NONE : flow->last, json);

    g_print (json ? "{\"flow\":\"%s\",\"packets\":%" G_GUINT64_FORMAT
        ",\"bytes\":%" G_GUINT64_FORMAT ",\"first\":\"%s\",\"last\":\"%s\"}\n" :
        "%s: %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT
        " bytes, %s to %s\n", flow->name, flow->packets, flow->bytes, first,
        last);
  }
  g_list_free (flows);
}
