/* gst-afring: packets out of tunnels
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-packetdecap
 * @title: packetdecap
 * @short_description: packets out of tunnels, without copying
 *
 * What a mirror of a cloud, a switch or an access point gives is packets in packets.
 * This element takes the inner ones out, in the memory that they are in, be it the
 * capture ring, with the time, the direction and the interface of the outer ones.
 * What is no tunnel passes.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 filter="udp port 4789" ! \
 *     packetdecap others=drop ! pcapsink location=inner.pcapng
 * ]|
 */

#include "config.h"

#include "decapoutput.h"
#include "decapports.h"
#include "gstpacketdecap.h"
#include "packetrefusal.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_packet_decap_debug);
#define GST_CAT_DEFAULT gst_packet_decap_debug

#define DEFAULT_DEPTH 4

typedef enum
{
  OTHERS_PASS,
  OTHERS_DROP
} Others;

enum
{
  PROP_PROTOCOLS = 1,
  PROP_OTHERS,
  PROP_MAX_DEPTH,
  PROP_STATS,
  PROP_PORTS
};

struct _GstPacketDecap
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  /* Object lock. */
  GstPacketTunnel protocols;
  Others others;
  guint max_depth;
  DecapPorts ports;
  PacketRefusal refusal;
  DecapStats stats;             /* as of the last list */

  /* Of the streaming thread. */
  DecapOutput out;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

G_DEFINE_TYPE (GstPacketDecap, gst_packet_decap, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (packetdecap, "packetdecap",
    GST_RANK_NONE, GST_TYPE_PACKET_DECAP,
    GST_DEBUG_CATEGORY_INIT (gst_packet_decap_debug, "packetdecap", 0,
        "Packets out of tunnels"))

static GType
others_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {OTHERS_PASS, "They go on as they are", "pass"},
    {OTHERS_DROP, "They are left out", "drop"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstPacketDecapOthers", values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

/* Packets. */

static void
update_stats (GstPacketDecap * self)
{
  GST_OBJECT_LOCK (self);
  packet_decapper_get_stats (self->out.decapper, &self->stats);
  GST_OBJECT_UNLOCK (self);
}

static GstFlowReturn
gst_packet_decap_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPacketDecap *self = GST_PACKET_DECAP (parent);
  GstFlowReturn ret = GST_FLOW_NOT_NEGOTIATED;

  /* nobody has said what these are */
  if (self->out.link_type < 0)
    gst_buffer_unref (buffer);
  else
    ret = decap_output_push (&self->out, buffer);
  update_stats (self);
  return ret;
}

static GstFlowReturn
gst_packet_decap_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstPacketDecap *self = GST_PACKET_DECAP (parent);
  GstFlowReturn ret = GST_FLOW_NOT_NEGOTIATED;

  if (self->out.link_type < 0)
    gst_buffer_list_unref (list);
  else
    ret = decap_output_push_list (&self->out, list);
  update_stats (self);
  return ret;
}

/* Events. */

static gboolean
take_caps (GstPacketDecap * self, GstEvent * event)
{
  gint link_type;
  gboolean ok = stream_caps_parse_link_type (event, &link_type);

  gst_event_unref (event);
  if (ok)
    self->out.link_type = link_type;
  return ok;
}

static void
reset (GstPacketDecap * self, gboolean new_stream)
{
  packet_decapper_clear (self->out.decapper);
  update_stats (self);
  decap_output_reset (&self->out, new_stream);
}

static void
take_interface (GstPacketDecap * self, GstEvent * event)
{
  GstCaptureInterface iface;

  if (gst_event_parse_capture_interface (event, &iface))
    decap_interfaces_take (self->out.interfaces, &iface);
}

static gboolean
gst_packet_decap_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstPacketDecap *self = GST_PACKET_DECAP (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      /* which caps go on is known when packets do */
      return take_caps (self, event);
    case GST_EVENT_STREAM_START:
      reset (self, TRUE);
      break;
    case GST_EVENT_FLUSH_STOP:
      reset (self, FALSE);
      break;
    case GST_EVENT_SEGMENT:
      decap_output_push_segment (&self->out, event);
      return TRUE;
    case GST_EVENT_GAP:
      decap_output_ensure_caps (&self->out);
      packet_pad_note_gap (&self->out.pad, event);
      break;
    case GST_EVENT_EOS:
      decap_output_ensure_caps (&self->out);
      packet_decapper_clear (self->out.decapper);
      update_stats (self);
      break;
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
      take_interface (self, event);
      break;
    default:
      break;
  }
  return gst_pad_event_default (pad, parent, event);
}

/* Properties. */

static void
set_ports (GstPacketDecap * self, guint i, const gchar * text,
    const gchar * name)
{
  GError *error = NULL;

  GST_OBJECT_LOCK (self);
  decap_ports_set (&self->ports, i, text, &error);
  GST_OBJECT_UNLOCK (self);
  packet_refusal_note (&self->refusal, GST_ELEMENT (self), name, error);
}

static void
gst_packet_decap_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstPacketDecap *self = GST_PACKET_DECAP (object);

  if (id >= PROP_PORTS && id < PROP_PORTS + DECAP_PORTS_N) {
    set_ports (self, id - PROP_PORTS, g_value_get_string (value),
        pspec->name);
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_PROTOCOLS:
      self->protocols = g_value_get_flags (value);
      break;
    case PROP_OTHERS:
      self->others = g_value_get_enum (value);
      break;
    case PROP_MAX_DEPTH:
      self->max_depth = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Object lock. */
static GstStructure *
make_stats (GstPacketDecap * self)
{
  GstStructure *stats =
      gst_structure_new_empty ("application/x-packetdecap-stats");

  decap_stats_describe (&self->stats, stats);
  return stats;
}

static void
gst_packet_decap_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPacketDecap *self = GST_PACKET_DECAP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_PROTOCOLS:
      g_value_set_flags (value, self->protocols);
      break;
    case PROP_OTHERS:
      g_value_set_enum (value, self->others);
      break;
    case PROP_MAX_DEPTH:
      g_value_set_uint (value, self->max_depth);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      if (id >= PROP_PORTS && id < PROP_PORTS + DECAP_PORTS_N)
        g_value_set_string (value, self->ports.texts[id - PROP_PORTS]);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static gboolean
start (GstPacketDecap * self)
{
  DecapConfig config;

  if (!packet_refusal_start (&self->refusal, GST_ELEMENT (self)))
    return FALSE;
  GST_OBJECT_LOCK (self);
  config.tunnels.tunnels = self->protocols;
  decap_ports_get (&self->ports, &config.tunnels);
  config.max_depth = self->max_depth;
  config.drop_others = self->others == OTHERS_DROP;
  GST_OBJECT_UNLOCK (self);
  self->out.decapper = packet_decapper_new (&config);
  self->out.link_type = -1;
  reset (self, TRUE);
  return TRUE;
}

static void
stop (GstPacketDecap * self)
{
  g_clear_pointer (&self->out.decapper, packet_decapper_free);
  packet_refusal_stop (&self->refusal, GST_ELEMENT (self));
}

static GstStateChangeReturn
gst_packet_decap_change_state (GstElement * element, GstStateChange transition)
{
  GstPacketDecap *self = GST_PACKET_DECAP (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_packet_decap_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    stop (self);
  return ret;
}

static void
gst_packet_decap_finalize (GObject * object)
{
  GstPacketDecap *self = GST_PACKET_DECAP (object);

  g_clear_pointer (&self->out.decapper, packet_decapper_free);
  decap_output_clear (&self->out);
  decap_ports_clear (&self->ports);
  packet_refusal_clear (&self->refusal);
  G_OBJECT_CLASS (gst_packet_decap_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * klass)
{
  const GParamFlags ready = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (klass, PROP_PROTOCOLS,
      g_param_spec_flags ("protocols", "Protocols", "Tunnels that are opened",
          GST_TYPE_PACKET_TUNNEL, GST_PACKET_TUNNEL_ALL, ready));
  g_object_class_install_property (klass, PROP_OTHERS,
      g_param_spec_enum ("others", "Others",
          "What becomes of packets that are no tunnel, or none that can be opened",
          others_get_type (), OTHERS_PASS, ready));
  g_object_class_install_property (klass, PROP_MAX_DEPTH,
      g_param_spec_uint ("max-depth", "Maximum depth",
          "Tunnels in one another that are opened; what is in more goes on as it "
          "is, in the last of them, and is counted as too-deep",
          1, GST_PACKET_TUNNEL_MOST_LAYERS, DEFAULT_DEPTH, ready));
  decap_ports_install (klass, PROP_PORTS);
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Packets since the start, application/x-packetdecap-stats: packets that "
          "came, opened, passed, dropped; unknown, encrypted, truncated, malformed "
          "(tunnels that could not be opened), too-deep; fragments, reassembled "
          "packets, fragments-expired; and for each tunnel that came a structure "
          "of its name with opened, unknown, encrypted, truncated, malformed",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_packet_decap_class_init (GstPacketDecapClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_packet_decap_set_property;
  object_class->get_property = gst_packet_decap_get_property;
  object_class->finalize = gst_packet_decap_finalize;
  element_class->change_state = gst_packet_decap_change_state;
  install_properties (object_class);
  gst_type_mark_as_plugin_api (GST_TYPE_PACKET_TUNNEL, 0);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Packet decapsulator",
      "Filter/Network", "Takes packets out of tunnels, without copying",
      GST_AFRING_AUTHORS);
}

static void
gst_packet_decap_init (GstPacketDecap * self)
{
  self->protocols = GST_PACKET_TUNNEL_ALL;
  self->max_depth = DEFAULT_DEPTH;
  packet_refusal_init (&self->refusal);

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_packet_decap_chain);
  gst_pad_set_chain_list_function (self->sink_pad,
      gst_packet_decap_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_packet_decap_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  decap_output_init (&self->out, self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
