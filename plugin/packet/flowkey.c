/* gst-afring: what packets of one flow have in common
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "flowkey.h"

#include <gio/gio.h>
#include <gst/afring/packet/gstpackethash.h>
#include <string.h>

void
flow_key_init (FlowKey * self, const GstPacketHeaders * headers,
    PacketLink link)
{
  gsize length = gst_packet_headers_get_address_length (headers);

  memset (self, 0, sizeof (*self));
  memcpy (self->src, headers->src, length);
  memcpy (self->dst, headers->dst, length);
  self->link = link;
  self->src_port = headers->src_port;
  self->dst_port = headers->dst_port;
  self->protocol = headers->protocol;
  self->version = headers->version;
}

void
flow_key_reverse (const FlowKey * self, FlowKey * reverse)
{
  *reverse = *self;
  memcpy (reverse->src, self->dst, sizeof (reverse->src));
  memcpy (reverse->dst, self->src, sizeof (reverse->dst));
  reverse->src_port = self->dst_port;
  reverse->dst_port = self->src_port;
}

guint
flow_key_hash (gconstpointer self)
{
  return gst_packet_hash (self, sizeof (FlowKey));
}

gboolean
flow_key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (FlowKey)) == 0;
}

static gchar *
format_address (const FlowKey * self, const guint8 * bytes)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (bytes,
      self->version == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

  return g_inet_address_to_string (address);
}

static const gchar *
get_protocol_name (const FlowKey * self)
{
  switch (self->protocol) {
    case GST_IP_PROTOCOL_UDP:
      return "udp";
    case GST_IP_PROTOCOL_TCP:
      return "tcp";
    default:
      return "other";
  }
}

void
flow_key_describe (const FlowKey * self, GstStructure * structure)
{
  g_autofree gchar *src = format_address (self, self->src);
  g_autofree gchar *dst = format_address (self, self->dst);

  gst_structure_set (structure,
      "src-ip", G_TYPE_STRING, src,
      "dst-ip", G_TYPE_STRING, dst,
      "src-port", G_TYPE_UINT, self->src_port,
      "dst-port", G_TYPE_UINT, self->dst_port,
      "protocol", G_TYPE_STRING, get_protocol_name (self),
      "protocol-number", G_TYPE_UINT, self->protocol, NULL);
  packet_link_describe (&self->link, structure);
}
