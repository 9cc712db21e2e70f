/* gst-afring: packets by protocol, addresses and ports
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetmatch.h"

#include <string.h>

GType
packet_protocol_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {PACKET_PROTOCOL_UDP, "UDP", "udp"},
    {PACKET_PROTOCOL_TCP, "TCP", "tcp"},
    {PACKET_PROTOCOL_ANY, "Any over IP", "any"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstPacketProtocol", values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

gboolean
packet_protocol_matches (PacketProtocol self, const GstPacketHeaders * headers)
{
  switch (self) {
    case PACKET_PROTOCOL_UDP:
      return headers->protocol == GST_IP_PROTOCOL_UDP;
    case PACKET_PROTOCOL_TCP:
      return headers->protocol == GST_IP_PROTOCOL_TCP;
    case PACKET_PROTOCOL_ANY:
    default:
      return TRUE;
  }
}

gboolean
packet_address_parse (PacketAddress * self, const gchar * text,
    GError ** error)
{
  g_autoptr (GInetAddressMask) mask = NULL;
  GInetAddress *address;

  memset (self, 0, sizeof (*self));
  if (text == NULL || text[0] == '\0')
    return TRUE;
  mask = g_inet_address_mask_new_from_string (text, error);
  if (mask == NULL)
    return FALSE;
  address = g_inet_address_mask_get_address (mask);
  self->length = g_inet_address_get_native_size (address);
  self->bits = g_inet_address_mask_get_length (mask);
  memcpy (self->bytes, g_inet_address_to_bytes (address), self->length);
  return TRUE;
}

gchar *
packet_address_format (const PacketAddress * self)
{
  g_autoptr (GInetAddress) address = NULL;
  g_autoptr (GInetAddressMask) mask = NULL;

  if (self->length == 0)
    return NULL;
  address = g_inet_address_new_from_bytes (self->bytes, self->length == 4 ?
      G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);
  mask = g_inet_address_mask_new (address, self->bits, NULL);
  return g_inet_address_mask_to_string (mask);
}

gboolean
packet_address_matches (const PacketAddress * self, const guint8 * address,
    gsize length)
{
  guint whole = self->bits / 8, rest = self->bits % 8;

  if (self->length == 0)
    return TRUE;
  if (self->length != length || memcmp (self->bytes, address, whole) != 0)
    return FALSE;
  return rest == 0
      || ((self->bytes[whole] ^ address[whole]) >> (8 - rest)) == 0;
}
