/* gst-afring: traffic as a picture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-packetscope
 * @title: packetscope
 * @short_description: shows packets as a picture
 *
 * Draws how many packets and bits a second come, by protocol or by flow, or how
 * large packets are, and what the capture has lost, in red. Behind a live source it
 * draws at the rate of its caps, with packets or without; what comes from a file
 * makes the same frames each time.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 ! packetscope style=flows ! \
 *     videoconvert ! autovideosink
 * ]|
 */

#include "config.h"

#include "gstpacketscope.h"
#include "scoperun.h"
#include "scopevideo.h"
#include "common/streamcaps.h"

GST_DEBUG_CATEGORY_STATIC (gst_packet_scope_debug);
#define GST_CAT_DEFAULT gst_packet_scope_debug

#define DEFAULT_DURATION (30 * GST_SECOND)
#define LEAST_DURATION (100 * GST_MSECOND)
#define MOST_DURATION (366 * 86400 * GST_SECOND)

enum
{
  PROP_STYLE = 1,
  PROP_DURATION,
  PROP_STATS
};

struct _GstPacketScope
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;
  ScopeRun *run;

  /* Object lock. */
  ScopeStyle style;
  GstClockTime duration;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (SCOPE_VIDEO_CAPS));

G_DEFINE_TYPE (GstPacketScope, gst_packet_scope, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (packetscope, "packetscope",
    GST_RANK_NONE, GST_TYPE_PACKET_SCOPE,
    GST_DEBUG_CATEGORY_INIT (gst_packet_scope_debug, "packetscope", 0,
        "Traffic as a picture"))

#define GST_TYPE_PACKET_SCOPE_STYLE (gst_packet_scope_style_get_type ())
static GType
gst_packet_scope_style_get_type (void)
{
  static const GEnumValue values[] = {
    {SCOPE_STYLE_RATE, "Packets and bits a second over time, by protocol",
        "rate"},
    {SCOPE_STYLE_FLOWS, "Packets and bits a second over time, by flow: those "
          "that send most, and the rest", "flows"},
    {SCOPE_STYLE_SIZES, "How many packets are how large, by protocol",
        "sizes"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstPacketScopeStyle", values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

/* Pads. */

static GstFlowReturn
gst_packet_scope_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  return scope_run_take_packet (GST_PACKET_SCOPE (parent)->run, buffer);
}

static GstFlowReturn
gst_packet_scope_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  return scope_run_take_packets (GST_PACKET_SCOPE (parent)->run, list);
}

static gboolean
gst_packet_scope_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  return scope_run_take_event (GST_PACKET_SCOPE (parent)->run, event);
}

/* Packets are never left out because pictures are late. */
static gboolean
gst_packet_scope_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstPacketScope *self = GST_PACKET_SCOPE (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_QOS:
      scope_run_note_qos (self->run, event);
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_RECONFIGURE:
      gst_event_unref (event);
      return TRUE;
    default:
      return gst_pad_event_default (pad, parent, event);
  }
}

static gboolean
gst_packet_scope_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return scope_run_answer_latency (GST_PACKET_SCOPE (parent)->run, query);
  return gst_pad_query_default (pad, parent, query);
}

static gboolean
gst_packet_scope_src_activate (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  return scope_run_set_active (GST_PACKET_SCOPE (parent)->run, active);
}

/* Properties. */

static void
gst_packet_scope_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstPacketScope *self = GST_PACKET_SCOPE (object);

  switch (id) {
    case PROP_STYLE:
      GST_OBJECT_LOCK (self);
      self->style = g_value_get_enum (value);
      GST_OBJECT_UNLOCK (self);
      scope_run_set_style (self->run, g_value_get_enum (value));
      break;
    case PROP_DURATION:
      GST_OBJECT_LOCK (self);
      self->duration = g_value_get_uint64 (value);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_packet_scope_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPacketScope *self = GST_PACKET_SCOPE (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, scope_run_make_stats (self->run));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_STYLE:
      g_value_set_enum (value, self->style);
      break;
    case PROP_DURATION:
      g_value_set_uint64 (value, self->duration);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static void
start (GstPacketScope * self)
{
  GstClockTime duration;

  GST_OBJECT_LOCK (self);
  duration = self->duration;
  GST_OBJECT_UNLOCK (self);
  scope_run_start (self->run, duration);
}

static GstStateChangeReturn
gst_packet_scope_change_state (GstElement * element, GstStateChange transition)
{
  GstPacketScope *self = GST_PACKET_SCOPE (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (self);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    scope_run_set_playing (self->run, TRUE);
  else if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    scope_run_set_playing (self->run, FALSE);
  ret = GST_ELEMENT_CLASS (gst_packet_scope_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    scope_run_stop (self->run);
  return ret;
}

static gboolean
gst_packet_scope_set_clock (GstElement * element, GstClock * clock)
{
  gboolean ok = GST_ELEMENT_CLASS (gst_packet_scope_parent_class)->set_clock
      (element, clock);

  scope_run_note_clock (GST_PACKET_SCOPE (element)->run);
  return ok;
}

static void
gst_packet_scope_finalize (GObject * object)
{
  GstPacketScope *self = GST_PACKET_SCOPE (object);

  scope_run_free (self->run);
  G_OBJECT_CLASS (gst_packet_scope_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (klass, PROP_STYLE,
      g_param_spec_enum ("style", "Style",
          "What is shown. Changed to flows, those are told apart from then on",
          GST_TYPE_PACKET_SCOPE_STYLE, SCOPE_STYLE_RATE,
          flags | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (klass, PROP_DURATION,
      g_param_spec_uint64 ("duration", "Duration",
          "How long ago the oldest packets are that are shown, in nanoseconds; "
          "it is drawn as 120 bars", LEAST_DURATION, MOST_DURATION,
          DEFAULT_DURATION, flags | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Since the start, application/x-packetscope-stats: packets that "
          "came, malformed of them, packets-dropped that the capture has lost, "
          "frames, and frames-dropped for which downstream was too late",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_packet_scope_class_init (GstPacketScopeClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_packet_scope_set_property;
  object_class->get_property = gst_packet_scope_get_property;
  object_class->finalize = gst_packet_scope_finalize;
  element_class->change_state = gst_packet_scope_change_state;
  element_class->set_clock = gst_packet_scope_set_clock;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Packet scope",
      "Visualization", "Shows packets as a picture: rates, flows, sizes, drops",
      GST_AFRING_AUTHORS);
}

static void
gst_packet_scope_init (GstPacketScope * self)
{
  /* which stays where a first value is refused */
  self->duration = DEFAULT_DURATION;

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_packet_scope_chain);
  gst_pad_set_chain_list_function (self->sink_pad,
      gst_packet_scope_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_packet_scope_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src_pad, gst_packet_scope_src_event);
  gst_pad_set_query_function (self->src_pad, gst_packet_scope_src_query);
  gst_pad_set_activatemode_function (self->src_pad,
      gst_packet_scope_src_activate);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);

  self->run = scope_run_new (GST_ELEMENT (self), self->sink_pad,
      self->src_pad);
}
