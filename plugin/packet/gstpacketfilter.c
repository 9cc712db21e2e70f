/* gst-afring: packets that match an expression
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-packetfilter
 * @title: packetfilter
 * @short_description: lets packets pass that match an expression
 *
 * Compiles a pcap-filter(7) expression with libpcap and runs it over each packet.
 * Where the packets come from afringsrc its own `filter` is cheaper, because the
 * kernel runs it; this element is for files, for one branch of several, and for
 * turning a filter around.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=a.pcapng ! pcapdec ! \
 *     packetfilter filter="tcp port 443" invert=true ! pcapsink location=b.pcapng
 * ]|
 */

#include "config.h"

#include "gstpacketfilter.h"
#include "packetpad.h"
#include "packetpick.h"
#include "common/packetbuffer.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>
#include <gst/afring/capture/gstcapturefilter.h>
#include <gst/afring/packet/gstpacketbpf.h>

GST_DEBUG_CATEGORY_STATIC (gst_packet_filter_debug);
#define GST_CAT_DEFAULT gst_packet_filter_debug

enum
{
  PROP_FILTER = 1,
  PROP_INVERT,
  PROP_STATS
};

struct _GstPacketFilter
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  /* Object lock. */
  gchar *filter;
  gboolean invert;
  gint link_type;               /* -1: no caps yet */
  GstCaptureFilter *compiled;   /* NULL: no expression, or no link type */
  guint64 matched;
  guint64 dropped;

  PacketPad out;                /* of the streaming thread */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

G_DEFINE_TYPE (GstPacketFilter, gst_packet_filter, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (packetfilter, "packetfilter",
    GST_RANK_NONE, GST_TYPE_PACKET_FILTER,
    GST_DEBUG_CATEGORY_INIT (gst_packet_filter_debug, "packetfilter", 0,
        "Packets that match an expression"))

/* The expression means something else on each link type. */
static gboolean
compile (const gchar * expression, gint link_type,
    GstCaptureFilter ** compiled, GError ** error)
{
  g_autoptr (GstCaptureLink) link = NULL;
  GstCaptureFilterSpec spec = {
    .expression = expression,
    .snaplen = G_MAXUINT32,
    .in_user_space = TRUE,
  };

  *compiled = NULL;
  if (expression == NULL || expression[0] == '\0' || link_type < 0)
    return TRUE;
  link = gst_capture_link_new_virtual ("packetfilter", link_type);
  spec.link = link;
  *compiled = gst_capture_filter_new (&spec, error);
  return *compiled != NULL;
}

/* An expression that does not compile leaves the one before in place. */
static void
set_filter (GstPacketFilter * self, const gchar * expression)
{
  GstCaptureFilter *compiled, *old = NULL;
  g_autoptr (GError) error = NULL;
  gboolean changed;
  gint link_type;

  GST_OBJECT_LOCK (self);
  link_type = self->link_type;
  GST_OBJECT_UNLOCK (self);
  if (!compile (expression, link_type, &compiled, &error)) {
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", error->message),
        ("the earlier filter stays"));
    return;
  }
  GST_OBJECT_LOCK (self);
  g_free (self->filter);
  self->filter = g_strdup (expression);
  old = self->compiled;
  self->compiled = compiled;
  changed = self->link_type != link_type;
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&old, gst_capture_filter_unref);
  /* caps came meanwhile, on the other thread */
  if (changed)
    set_filter (self, expression);
}

static gboolean
set_link_type (GstPacketFilter * self, gint link_type)
{
  GstCaptureFilter *compiled, *old;
  g_autofree gchar *expression = NULL;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  self->link_type = link_type;
  expression = g_strdup (self->filter);
  GST_OBJECT_UNLOCK (self);
  if (!compile (expression, link_type, &compiled, &error)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message),
        ("link type %d", link_type));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  old = self->compiled;
  self->compiled = compiled;
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&old, gst_capture_filter_unref);
  return TRUE;
}

/* What a list is matched against: the same for all of it. */
typedef struct
{
  GstCaptureFilter *filter;
  guint link_type;
  gboolean invert;
  const gchar *unknown;         /* what it asked for and was not known of a packet */
} Matcher;

static void
get_matcher (GstPacketFilter * self, Matcher * matcher)
{
  GST_OBJECT_LOCK (self);
  matcher->filter = self->compiled != NULL ?
      gst_capture_filter_ref (self->compiled) : NULL;
  matcher->link_type = self->link_type;
  matcher->invert = self->invert;
  matcher->unknown = NULL;
  GST_OBJECT_UNLOCK (self);
}

/* Nobody would find out by what passes. */
static GstFlowReturn
finish_matching (GstPacketFilter * self, Matcher * matcher, guint matched,
    guint dropped)
{
  g_clear_pointer (&matcher->filter, gst_capture_filter_unref);
  GST_OBJECT_LOCK (self);
  self->matched += matched;
  self->dropped += dropped;
  GST_OBJECT_UNLOCK (self);
  if (G_LIKELY (matcher->unknown == NULL))
    return GST_FLOW_OK;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT, ("The filter asks for %s, which is "
          "not known of these packets: live captures know it, and pcapng files "
          "that were recorded from one. Filter by addresses instead (src host, "
          "dst host, ether src)", matcher->unknown), (NULL));
  return GST_FLOW_ERROR;
}

/* What can be asked for beside the bytes. What is known of no packet does not compile. */
static const gchar *
describe_unknown (const GstBpfPacket * packet)
{
  if (!(packet->known & GST_BPF_KNOWS_PACKET_TYPE))
    return "the direction of packets (inbound, outbound)";
  if (!(packet->known & GST_BPF_KNOWS_INTERFACE))
    return "the interface of packets (ifindex)";
  return "something beside the bytes of packets";
}

static gboolean
passes (GstBuffer * buffer, gpointer user_data)
{
  Matcher *matcher = user_data;
  const GstPacketMeta *meta;
  gboolean match = TRUE;
  GstBpfVerdict verdict;
  GstBpfPacket packet;
  PacketMap map;

  if (matcher->filter != NULL && packet_buffer_map (buffer, &map)) {
    meta = packet_map_get_meta (&map, buffer);
    gst_packet_bpf_init (&packet, matcher->link_type, map.data, map.size,
        meta != NULL ? meta->wire_length : map.size);
    if (meta != NULL)
      gst_packet_bpf_set_meta (&packet, matcher->link_type, meta);
    verdict = gst_capture_filter_match_rest (matcher->filter, &packet);
    match = verdict == GST_BPF_ACCEPT;
    if (G_UNLIKELY (verdict == GST_BPF_UNKNOWN))
      matcher->unknown = describe_unknown (&packet);
    packet_buffer_unmap (buffer, &map);
  }
  return match != matcher->invert && matcher->unknown == NULL;
}

static GstFlowReturn
gst_packet_filter_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPacketFilter *self = GST_PACKET_FILTER (parent);
  GstFlowReturn ret;
  gboolean pass;
  Matcher matcher;

  get_matcher (self, &matcher);
  pass = passes (buffer, &matcher);
  ret = finish_matching (self, &matcher, pass, !pass);
  if (pass && ret == GST_FLOW_OK)
    return packet_pad_push (&self->out, buffer);
  packet_pad_withhold (&self->out, buffer);
  packet_pad_advance (&self->out, GST_BUFFER_PTS (buffer), 1);
  gst_buffer_unref (buffer);
  return ret;
}

/* A list that passes as a whole goes on as it is. */
static GstFlowReturn
gst_packet_filter_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstPacketFilter *self = GST_PACKET_FILTER (parent);
  guint n = gst_buffer_list_length (list), matched = n;
  GstFlowReturn ret = GST_FLOW_OK, known;
  GstBufferList *rest;
  GstClockTime time;
  Matcher matcher;

  get_matcher (self, &matcher);
  rest = packet_pick (&self->out, list, passes, &matcher);
  if (rest != NULL)
    matched = gst_buffer_list_length (rest);
  known = finish_matching (self, &matcher, matched, n - matched);
  if (rest == NULL)
    return packet_pad_push_list (&self->out, list);

  time = GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1));
  gst_buffer_list_unref (list);
  if (matched > 0)
    ret = packet_pad_push_list (&self->out, rest);
  else
    gst_buffer_list_unref (rest);
  if (ret == GST_FLOW_OK)
    packet_pad_advance (&self->out, time, n - matched);
  return known != GST_FLOW_OK ? known : ret;
}

static gboolean
take_caps (GstPacketFilter * self, GstEvent * event)
{
  gint link_type;

  return stream_caps_parse_link_type (event, &link_type)
      && set_link_type (self, link_type);
}

static gboolean
gst_packet_filter_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstPacketFilter *self = GST_PACKET_FILTER (parent);

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS && !take_caps (self, event)) {
    gst_event_unref (event);
    return FALSE;
  }
  packet_pad_note_event (&self->out, event);
  return gst_pad_event_default (pad, parent, event);
}

static void
gst_packet_filter_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstPacketFilter *self = GST_PACKET_FILTER (object);

  switch (id) {
    case PROP_FILTER:
      set_filter (self, g_value_get_string (value));
      break;
    case PROP_INVERT:
      GST_OBJECT_LOCK (self);
      self->invert = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_packet_filter_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPacketFilter *self = GST_PACKET_FILTER (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_FILTER:
      g_value_set_string (value, self->filter);
      break;
    case PROP_INVERT:
      g_value_set_boolean (value, self->invert);
      break;
    case PROP_STATS:
      g_value_take_boxed (value,
          gst_structure_new ("application/x-packetfilter-stats",
              "matched", G_TYPE_UINT64, self->matched,
              "dropped", G_TYPE_UINT64, self->dropped, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
start (GstPacketFilter * self)
{
  packet_pad_reset (&self->out);
  GST_OBJECT_LOCK (self);
  self->matched = self->dropped = 0;
  GST_OBJECT_UNLOCK (self);
}

/* The next stream can be of another link type, on which another expression is
 * right. */
static void
stop (GstPacketFilter * self)
{
  GstCaptureFilter *old;

  GST_OBJECT_LOCK (self);
  self->link_type = -1;
  old = g_steal_pointer (&self->compiled);
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&old, gst_capture_filter_unref);
}

static GstStateChangeReturn
gst_packet_filter_change_state (GstElement * element,
    GstStateChange transition)
{
  GstPacketFilter *self = GST_PACKET_FILTER (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (self);
  ret = GST_ELEMENT_CLASS (gst_packet_filter_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    stop (self);
  return ret;
}

static void
gst_packet_filter_finalize (GObject * object)
{
  GstPacketFilter *self = GST_PACKET_FILTER (object);

  g_free (self->filter);
  g_clear_pointer (&self->compiled, gst_capture_filter_unref);
  G_OBJECT_CLASS (gst_packet_filter_parent_class)->finalize (object);
}

static void
gst_packet_filter_class_init (GstPacketFilterClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

  object_class->set_property = gst_packet_filter_set_property;
  object_class->get_property = gst_packet_filter_get_property;
  object_class->finalize = gst_packet_filter_finalize;
  element_class->change_state = gst_packet_filter_change_state;

  g_object_class_install_property (object_class, PROP_FILTER,
      g_param_spec_string ("filter", "Filter",
          "Expression that packets have to match, see pcap-filter(7); NULL lets "
          "all pass. One that does not compile is refused with a warning, the "
          "old one stays", NULL, flags));
  g_object_class_install_property (object_class, PROP_INVERT,
      g_param_spec_boolean ("invert", "Invert",
          "Let those packets pass that do not match", FALSE, flags));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Packets since the start, application/x-packetfilter-stats: matched "
          "(these went on) and dropped",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Packet filter",
      "Filter/Network", "Lets packets pass that match a pcap-filter expression",
      GST_AFRING_AUTHORS);
}

static void
gst_packet_filter_init (GstPacketFilter * self)
{
  self->link_type = -1;

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_packet_filter_chain);
  gst_pad_set_chain_list_function (self->sink_pad,
      gst_packet_filter_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_packet_filter_sink_event);
  GST_PAD_SET_PROXY_CAPS (self->sink_pad);
  GST_PAD_SET_PROXY_ALLOCATION (self->sink_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  GST_PAD_SET_PROXY_CAPS (self->src_pad);
  packet_pad_init (&self->out, self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
