/* gst-afring: packets onto the wire
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-afringsink
 *
 * Sends packets out of a network interface, each at its time or as fast as it goes.
 * |[
 * gst-launch-1.0 filesrc location=a.pcapng ! pcapdec ! afringsink interface=eth0
 * ]|
 *
 * GstBaseSink waits for the first packet of a list only. So it is left to wait for a preroll,
 * and here each packet is waited for.
 */

#include "config.h"

#include "gstafringsink-parts.h"

#include <common/captureerror.h>
#include <common/streamcaps.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/packet/gstlinklayer.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_sink_debug);
#define GST_CAT_DEFAULT gst_afring_sink_debug

enum
{
  PROP_STATS = SINK_SETTINGS_N + 1
};

G_DEFINE_TYPE (GstAfringSink, gst_afring_sink, GST_TYPE_BASE_SINK)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (afringsink, "afringsink", GST_RANK_NONE,
    GST_TYPE_AFRING_SINK,
    GST_DEBUG_CATEGORY_INIT (gst_afring_sink_debug, "afringsink", 0,
        "Packets onto the wire"))

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static void
gst_afring_sink_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstAfringSink *self = GST_AFRING_SINK (object);
  gboolean known;

  GST_OBJECT_LOCK (self);
  known = sink_settings_set_property (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_afring_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstAfringSink *self = GST_AFRING_SINK (object);
  gboolean known;

  if (id == PROP_STATS) {
    g_value_take_boxed (value, sink_counters_get_stats (self->counters));
    return;
  }
  GST_OBJECT_LOCK (self);
  known = sink_settings_get_property (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* News of the sender. */

static void
post_link (GstAfringSink * self, SinkLink * link)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("GstAfringSinkLink",
              "up", G_TYPE_BOOLEAN, sink_link_is_up (link),
              "carrier", G_TYPE_BOOLEAN, sink_link_has_carrier (link),
              "interface", G_TYPE_STRING, sink_link_get_name (link), NULL)));
}

static void
hear_news (SinkNews news, gpointer user_data)
{
  GstAfringSink *self = user_data;
  SinkLink *link = sink_sender_get_link (self->sender);
  const gchar *name = sink_link_get_name (link);

  switch (news) {
    case SINK_NEWS_LINK:
      self->offload.mtu = sink_link_get_mtu (link);
      post_link (self, link);
      break;
    case SINK_NEWS_WAITING_FOR_LINK:
      GST_ELEMENT_WARNING (self, RESOURCE, WRITE,
          ("The interface %s %s; sending goes on when it is back (see on-link-down)",
              name, sink_link_is_up (link) ? "has no carrier" : "is down"), (NULL));
      break;
    case SINK_NEWS_QUEUE_STANDS:
      GST_ELEMENT_WARNING (self, RESOURCE, WRITE,
          ("The queue of %s has taken no packet for 10 seconds; packets are given up "
              "(see queue-full of the stats)", name), (NULL));
      break;
    case SINK_NEWS_REFUSED:
      GST_ELEMENT_WARNING (self, RESOURCE, WRITE,
          ("%s refuses packets though nothing is in its queue: a rule of nft or tc, or a "
              "shaper that is too small for them (see refused of the stats)", name),
          (NULL));
      break;
  }
}

/* From start to stop. */

/* A thread of the application's, whose network namespace is meant. */
static gboolean
open_sender (GstAfringSink * self, GError ** error)
{
  g_autofree gchar *interface = NULL;
  GstAfringAccess access = { 0, };
  gboolean bypass, ok;

  GST_OBJECT_LOCK (self);
  ok = sink_settings_get_framing (&self->settings, &self->framing, error);
  gst_afring_access_copy (&access, &self->settings.access);
  interface = g_strdup (self->settings.interface);
  bypass = self->settings.qdisc_bypass;
  self->offload.checksums = self->settings.checksums == SINK_CHECKSUMS_AUTO;
  /* past the queue nobody cuts them */
  self->offload.segments = !bypass
      && self->settings.oversize == SINK_OVERSIZE_SEGMENT;
  GST_OBJECT_UNLOCK (self);

  ok = ok && sink_sender_open (self->sender, &access, interface, bypass, error);
  gst_afring_access_clear (&access);
  return ok;
}

static gboolean
check_link (GstAfringSink * self, SinkLink * link, GError ** error)
{
  gboolean fails;

  GST_OBJECT_LOCK (self);
  fails = self->settings.on_link_down == SINK_ON_LINK_DOWN_ERROR;
  GST_OBJECT_UNLOCK (self);
  if (!fails || sink_link_has_carrier (link))
    return TRUE;
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_LINK_DOWN,
      sink_link_is_up (link) ? "The interface %s has no carrier" :
      "The interface %s is down", sink_link_get_name (link));
  return FALSE;
}

static gboolean
start (GstAfringSink * self)
{
  SinkLink *link = sink_sender_get_link (self->sender);
  g_autoptr (GError) error = NULL;

  sink_counters_reset (self->counters);
  if (!open_sender (self, &error) || !check_link (self, link, &error)) {
    capture_error_post (GST_ELEMENT (self), error);
    sink_sender_close (self->sender);
    return FALSE;
  }
  self->offload.mtu = sink_link_get_mtu (link);
  self->framing.ethernet = self->offload.ethernet =
      sink_link_is_ethernet (link);
  if (self->framing.ethernet)
    memcpy (self->framing.own, sink_link_get_address (link), SINK_MAC_LENGTH);
  self->framing.link_type = self->offload.link_type = self->framing.ethernet ?
      GST_CAPTURE_LINK_TYPE_ETHERNET : GST_CAPTURE_LINK_TYPE_RAW;
  return TRUE;
}

/* Not in GstBaseSinkClass::start, after whose failure GstBaseSink posts an error of its own,
 * which says nothing. */
static GstStateChangeReturn
gst_afring_sink_change_state (GstElement * element, GstStateChange transition)
{
  GstAfringSink *self = GST_AFRING_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_afring_sink_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    sink_sender_close (self->sender);
  return ret;
}

static gboolean
gst_afring_sink_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  GstAfringSink *self = GST_AFRING_SINK (sink);
  const gchar *reason, *name =
      sink_link_get_name (sink_sender_get_link (self->sender));
  gint link_type;

  if (!gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
          &link_type))
    return FALSE;
  self->framing.link_type = self->offload.link_type = link_type;
  reason = sink_framing_check (&self->framing);
  if (reason == NULL)
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
      ("Packets of link type %d (%s) cannot be sent on %s, %s", link_type,
          gst_link_layer_get_name (link_type), name, reason), (NULL));
  return FALSE;
}

/* It does not wait for what it does not know the time of. */
static void
gst_afring_sink_get_times (GstBaseSink * sink, GstBuffer * buffer,
    GstClockTime * start, GstClockTime * end)
{
  *start = *end = GST_CLOCK_TIME_NONE;
}

static gboolean
gst_afring_sink_unlock (GstBaseSink * sink)
{
  sink_link_unblock (sink_sender_get_link (GST_AFRING_SINK (sink)->sender),
      TRUE);
  return TRUE;
}

static gboolean
gst_afring_sink_unlock_stop (GstBaseSink * sink)
{
  sink_link_unblock (sink_sender_get_link (GST_AFRING_SINK (sink)->sender),
      FALSE);
  return TRUE;
}

static void
gst_afring_sink_finalize (GObject * object)
{
  GstAfringSink *self = GST_AFRING_SINK (object);

  sink_sender_free (self->sender);
  sink_counters_free (self->counters);
  sink_settings_clear (&self->settings);
  G_OBJECT_CLASS (gst_afring_sink_parent_class)->finalize (object);
}

static void
gst_afring_sink_class_init (GstAfringSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = gst_afring_sink_set_property;
  object_class->get_property = gst_afring_sink_get_property;
  object_class->finalize = gst_afring_sink_finalize;
  element_class->change_state = gst_afring_sink_change_state;
  sink_class->set_caps = gst_afring_sink_set_caps;
  sink_class->get_times = gst_afring_sink_get_times;
  sink_class->render = gst_afring_sink_render;
  sink_class->render_list = gst_afring_sink_render_list;
  sink_class->unlock = gst_afring_sink_unlock;
  sink_class->unlock_stop = gst_afring_sink_unlock_stop;

  sink_settings_install_properties (object_class);
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "What became of the packets since the start: application/x-afring-sink-stats",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Packet sender",
      "Sink/Network", "Sends packets out of a network interface, each at its time",
      GST_AFRING_AUTHORS);
}

static void
gst_afring_sink_init (GstAfringSink * self)
{
  sink_settings_init (&self->settings);
  self->counters = sink_counters_new ();
  self->sender = sink_sender_new (self->counters, hear_news, self);
  gst_afring_sink_watch_pad (self);
  /* it would keep a block of a ring */
  gst_base_sink_set_last_sample_enabled (GST_BASE_SINK (self), FALSE);
}
