/* gst-afring: which packets and what of them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetselection.h"

#define PLAYING (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | \
    G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING)
#define READY (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | \
    G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static GType
layer_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {PACKET_LAYER_NETWORK, "From the IP header on", "network"},
    {PACKET_LAYER_TRANSPORT, "From the transport header on", "transport"},
    {PACKET_LAYER_PAYLOAD, "What is behind the transport header", "payload"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstPacketDepayLayer", values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

void
packet_selection_install_properties (GObjectClass * klass, guint first_id)
{
  g_object_class_install_property (klass, first_id + PACKET_SELECTION_LAYER,
      g_param_spec_enum ("layer", "Layer",
          "Where buffers start; network gives packets of link type 101 again",
          layer_get_type (), PACKET_LAYER_PAYLOAD, READY));
  g_object_class_install_property (klass,
      first_id + PACKET_SELECTION_PROTOCOL,
      g_param_spec_enum ("protocol", "Protocol",
          "Only packets of this protocol", TYPE_PACKET_PROTOCOL,
          PACKET_PROTOCOL_UDP, PLAYING));
  g_object_class_install_property (klass,
      first_id + PACKET_SELECTION_SRC_IP,
      g_param_spec_string ("src-ip", "Source IP address",
          "Only packets from this IPv4 or IPv6 address, or from a range "
          "(10.0.0.0/8); NULL: from any", NULL, PLAYING));
  g_object_class_install_property (klass,
      first_id + PACKET_SELECTION_DST_IP,
      g_param_spec_string ("dst-ip", "Destination IP address",
          "Only packets to this IPv4 or IPv6 address, or to a range; NULL: to "
          "any", NULL, PLAYING));
  g_object_class_install_property (klass,
      first_id + PACKET_SELECTION_SRC_PORT,
      g_param_spec_int ("src-port", "Source port",
          "Only packets from this port; -1: from any", PACKET_ANY_PORT, G_MAXUINT16,
          PACKET_ANY_PORT, PLAYING));
  g_object_class_install_property (klass,
      first_id + PACKET_SELECTION_DST_PORT,
      g_param_spec_int ("dst-port", "Destination port",
          "Only packets to this port; -1: to any", PACKET_ANY_PORT, G_MAXUINT16,
          PACKET_ANY_PORT, PLAYING));
}

gboolean
packet_selection_set_property (PacketSelection * self,
    PacketSelectionProperty id, const GValue * value, GError ** error)
{
  PacketAddress address;

  switch (id) {
    case PACKET_SELECTION_LAYER:
      self->layer = g_value_get_enum (value);
      return TRUE;
    case PACKET_SELECTION_PROTOCOL:
      self->protocol = g_value_get_enum (value);
      return TRUE;
    case PACKET_SELECTION_SRC_PORT:
      self->src_port = g_value_get_int (value);
      return TRUE;
    case PACKET_SELECTION_DST_PORT:
      self->dst_port = g_value_get_int (value);
      return TRUE;
    case PACKET_SELECTION_SRC_IP:
    case PACKET_SELECTION_DST_IP:
    default:
      if (!packet_address_parse (&address, g_value_get_string (value), error))
        return FALSE;
      if (id == PACKET_SELECTION_SRC_IP)
        self->src = address;
      else
        self->dst = address;
      return TRUE;
  }
}

void
packet_selection_get_property (const PacketSelection * self,
    PacketSelectionProperty id, GValue * value)
{
  switch (id) {
    case PACKET_SELECTION_LAYER:
      g_value_set_enum (value, self->layer);
      break;
    case PACKET_SELECTION_PROTOCOL:
      g_value_set_enum (value, self->protocol);
      break;
    case PACKET_SELECTION_SRC_IP:
      g_value_take_string (value, packet_address_format (&self->src));
      break;
    case PACKET_SELECTION_DST_IP:
      g_value_take_string (value, packet_address_format (&self->dst));
      break;
    case PACKET_SELECTION_SRC_PORT:
      g_value_set_int (value, self->src_port);
      break;
    case PACKET_SELECTION_DST_PORT:
    default:
      g_value_set_int (value, self->dst_port);
      break;
  }
}

gboolean
packet_selection_matches (const PacketSelection * self,
    const GstPacketHeaders * headers)
{
  gsize length = gst_packet_headers_get_address_length (headers);

  return packet_protocol_matches (self->protocol, headers)
      && (self->src_port == PACKET_ANY_PORT || self->src_port == headers->src_port)
      && (self->dst_port == PACKET_ANY_PORT || self->dst_port == headers->dst_port)
      && (self->src.length == 0
          || packet_address_matches (&self->src, headers->src, length))
      && (self->dst.length == 0
      || packet_address_matches (&self->dst, headers->dst, length));
}

void
packet_selection_get_range (const PacketSelection * self,
    const GstPacketHeaders * headers, gsize * start, gsize * end)
{
  *end = headers->end;
  switch (self->layer) {
    case PACKET_LAYER_NETWORK:
      *start = headers->network;
      *end = headers->network_end;
      break;
    case PACKET_LAYER_TRANSPORT:
      *start = headers->transport;
      break;
    case PACKET_LAYER_PAYLOAD:
    default:
      *start = headers->payload;
      break;
  }
}
