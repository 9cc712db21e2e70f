/* gst-afring: live packet capture
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-afringsrc
 * @title: afringsrc
 * @short_description: live packet capture from an AF_PACKET ring
 *
 * Captures the packets of a network interface. Each packet is a buffer whose
 * memory is the ring that the kernel wrote it into; nothing is copied. The
 * buffers of one ring block travel in #GstBufferLists, each with a
 * #GstPacketMeta. To a recorder it gives whole blocks of the ring instead, made
 * pcapng where they lie: if downstream takes nothing but `application/x-pcapng`,
 * or prefers it as `pcapsink` does and everything there knows
 * #GstPacketBlockMeta.
 *
 * The capture starts when the element goes to PAUSED; what comes before PLAYING
 * waits in the ring. On EOS the kernel is stopped first and the ring is emptied,
 * so that the stream ends with the last packet captured.
 *
 * Several sources share the packets of an interface if they are members of one
 * group (#GstAfringSrc:fanout-group): each packet goes to one of them.
 *
 * Capturing needs CAP_NET_RAW.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -e afringsrc interface=eth0 filter="udp port 53" ! pcapsink location=dns.pcapng
 * ]|
 * |[
 * gst-launch-1.0 -e afringsrc interface=eth0 fanout-group=1 ! pcapsink location=a.pcapng \
 *   afringsrc interface=eth0 fanout-group=1 ! pcapsink location=b.pcapng
 * ]|
 */

#include "config.h"

#include "gstafringsrc.h"
#include "gstafringuri.h"

#include <gst/afring/afring.h>
#include <gst/afring/capture/gstcapturelink-private.h>
#include <gst/afring/ring/gstafringfanout-private.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_src_debug);
#define GST_CAT_DEFAULT gst_afring_src_debug

/* How often, and how long, to try to join a fanout group on an interface that is there
 * again: milliseconds, and microseconds. */
#define JOIN_INTERVAL 20
#define JOIN_PATIENCE (5 * G_TIME_SPAN_SECOND)

/* How often to look for an interface of a network namespace that has a name.
 * Milliseconds. */
#define NETNS_INTERVAL 500

enum
{
  PROP_ON_LINK_DOWN = GST_AFRING_BASE_SRC_N_PROPERTIES,
  PROP_ON_CARRIER_LOST,
  PROP_FANOUT,
  PROP_ACCESS = PROP_FANOUT + GST_AFRING_FANOUT_N,
  N_PROPERTIES = PROP_ACCESS + GST_AFRING_ACCESS_N
};

typedef enum
{
  ON_LINK_DOWN_WAIT,
  ON_LINK_DOWN_ERROR,
  ON_LINK_DOWN_EOS
} OnLinkDown;

typedef enum
{
  ON_CARRIER_LOST_IGNORE,
  ON_CARRIER_LOST_LINK_DOWN
} OnCarrierLost;

struct _GstAfringSrc
{
  GstAfringBaseSrc parent;

  /* Settings; object lock. */
  OnLinkDown on_link_down;
  gboolean patient;             /* somebody has set that to wait */
  OnCarrierLost on_carrier_lost;
  GstAfringFanout fanout;
  GstAfringAccess access;

  /* What the application knows of the link; of the thread that tells. */
  gboolean up;
  gboolean carrier;
  gboolean down;                /* as on-link-down has it */
  gboolean waiting;             /* for an interface; it was told so */
  gint64 join_until;            /* a fanout group again; monotonic, microseconds */
};

G_DEFINE_TYPE_WITH_CODE (GstAfringSrc, gst_afring_src, GST_TYPE_AFRING_BASE_SRC,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, gst_afring_uri_handler_init))

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (afringsrc, "afringsrc",
    GST_RANK_NONE, GST_TYPE_AFRING_SRC,
    GST_DEBUG_CATEGORY_INIT (gst_afring_src_debug, "afringsrc", 0,
        "Live packet capture"))

#define TYPE_ON_LINK_DOWN (on_link_down_get_type ())
static GType
on_link_down_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {ON_LINK_DOWN_WAIT, "Wait until the link is up again", "wait"},
    {ON_LINK_DOWN_ERROR, "End with an error", "error"},
    {ON_LINK_DOWN_EOS, "End the stream", "eos"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstAfringSrcOnLinkDown",
        values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

#define TYPE_ON_CARRIER_LOST (on_carrier_lost_get_type ())
static GType
on_carrier_lost_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {ON_CARRIER_LOST_IGNORE, "Only say so, in a GstAfringSrcLink message",
        "ignore"},
    {ON_CARRIER_LOST_LINK_DOWN, "Do what on-link-down says", "link-down"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstAfringSrcOnCarrierLost",
        values);

    g_once_init_leave (&type, registered);
  }
  return type;
}

static void
gst_afring_src_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstAfringSrc *self = GST_AFRING_SRC (object);

  if (id < PROP_ON_LINK_DOWN || id >= N_PROPERTIES) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_ON_LINK_DOWN) {
    self->on_link_down = g_value_get_enum (value);
    self->patient = self->on_link_down == ON_LINK_DOWN_WAIT;
  } else if (id == PROP_ON_CARRIER_LOST)
    self->on_carrier_lost = g_value_get_enum (value);
  else if (id < PROP_ACCESS)
    gst_afring_fanout_set_property (&self->fanout, id - PROP_FANOUT, value);
  else
    gst_afring_access_set_property (&self->access, id - PROP_ACCESS, value);
  GST_OBJECT_UNLOCK (self);
  if (id == PROP_ON_LINK_DOWN)
    gst_afring_base_src_look_again (GST_AFRING_BASE_SRC (self));
}

static void
gst_afring_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstAfringSrc *self = GST_AFRING_SRC (object);

  if (id < PROP_ON_LINK_DOWN || id >= N_PROPERTIES) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_ON_LINK_DOWN)
    g_value_set_enum (value, self->on_link_down);
  else if (id == PROP_ON_CARRIER_LOST)
    g_value_set_enum (value, self->on_carrier_lost);
  else if (id < PROP_ACCESS)
    gst_afring_fanout_get_property (&self->fanout, id - PROP_FANOUT, value);
  else
    gst_afring_access_get_property (&self->access, id - PROP_ACCESS, value);
  GST_OBJECT_UNLOCK (self);
}

static GstAfringSource *
gst_afring_src_make_source (GstAfringBaseSrc * base, GstCaptureLink ** link,
    GError ** error)
{
  GstAfringSrc *self = GST_AFRING_SRC (base);
  GstAfringSource *source = g_object_new (GST_TYPE_AFRING_SOURCE, NULL);

  GST_OBJECT_LOCK (self);
  gst_afring_source_set_fanout (source, &self->fanout);
  gst_afring_source_set_access (source, &self->access);
  GST_OBJECT_UNLOCK (self);
  return source;
}

static void
post_link (GstAfringSrc * self, const gchar * name)
{
  GST_INFO_OBJECT (self, "%s is %s, %s carrier", name,
      self->up ? "up" : "down", self->carrier ? "with" : "without");
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("GstAfringSrcLink",
              "up", G_TYPE_BOOLEAN, self->up,
              "carrier", G_TYPE_BOOLEAN, self->carrier,
              "interface", G_TYPE_STRING, name, NULL)));
}

static OnLinkDown
get_on_link_down (GstAfringSrc * self)
{
  OnLinkDown on_link_down;

  GST_OBJECT_LOCK (self);
  on_link_down = self->on_link_down;
  GST_OBJECT_UNLOCK (self);
  return on_link_down;
}

static void
warn_of_wait (GstAfringSrc * self, const GError * error, const gchar * what)
{
  GST_ELEMENT_WARNING (self, RESOURCE, READ, ("%s; the capture %s (see on-link-down)",
          error->message, what), (NULL));
}

/* What is to be done about a link that is down, once. */
static GstAfringSourceFate
go_down (GstAfringSrc * self, const GError * error)
{
  if (self->down)
    return GST_AFRING_SOURCE_GOES_ON;
  self->down = TRUE;

  switch (get_on_link_down (self)) {
    case ON_LINK_DOWN_ERROR:
      return GST_AFRING_SOURCE_FAILED;
    case ON_LINK_DOWN_EOS:
      return GST_AFRING_SOURCE_ENDED;
    case ON_LINK_DOWN_WAIT:
    default:
      warn_of_wait (self, error, "goes on when it is back");
      return GST_AFRING_SOURCE_GOES_ON;
  }
}

/* It never comes back under this socket. Two can say so: the socket and rtnetlink. */
static GstAfringSourceFate
go_away (GstAfringSrc * self, const GError * error)
{
  if (self->waiting)
    return GST_AFRING_SOURCE_GOES_ON;
  switch (get_on_link_down (self)) {
    case ON_LINK_DOWN_WAIT:
      self->waiting = TRUE;
      self->join_until = g_get_monotonic_time () + JOIN_PATIENCE;
      warn_of_wait (self, error, "goes on when there is one of that name again");
      return GST_AFRING_SOURCE_GONE;
    case ON_LINK_DOWN_EOS:
      return GST_AFRING_SOURCE_ENDED;
    case ON_LINK_DOWN_ERROR:
    default:
      return GST_AFRING_SOURCE_FAILED;
  }
}

/* The streaming thread can be so late that rtnetlink has told of the fall and of the return
 * both, or is about to: after that nobody would say that the link is up. */
static gboolean
is_back (GstAfringSrc * self, GstAfringSource * source)
{
  return get_on_link_down (self) == ON_LINK_DOWN_WAIT && source != NULL
      && gst_capture_link_is_up (gst_capture_source_get_link
      (GST_CAPTURE_SOURCE (source)));
}

static GstAfringSourceFate
gst_afring_src_source_error (GstAfringBaseSrc * base, const GError * error)
{
  GstAfringSrc *self = GST_AFRING_SRC (base);
  gboolean gone = g_error_matches (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_NOT_FOUND);
  g_autoptr (GstAfringSource) source = NULL;

  if (!gone && !g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_LINK_DOWN))
    return GST_AFRING_SOURCE_FAILED;

  source = gst_afring_base_src_get_source (base);
  if (!gone && is_back (self, source))
    return GST_AFRING_SOURCE_GOES_ON;

  /* by the socket, before rtnetlink said so */
  if (self->up && !self->down && source != NULL) {
    self->up = self->carrier = FALSE;
    post_link (self, gst_capture_link_get_name (gst_capture_source_get_link
            (GST_CAPTURE_SOURCE (source))));
  }
  return gone ? go_away (self, error) : go_down (self, error);
}

/* The others of a group let go of the earlier interface when they notice; until then the
 * kernel lets nobody in who has the new one. */
static gboolean
may_be_others (GstAfringSrc * self, const GError * error)
{
  return self->waiting && g_get_monotonic_time () < self->join_until
      && self->fanout.group != GST_AFRING_FANOUT_NO_GROUP
      && g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY);
}

static gboolean
may_be_there_later (const GError * error)
{
  return g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND)
      || g_error_matches (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_LINK_DOWN);
}

static void
begin_to_wait (GstAfringSrc * self, const GError * error)
{
  g_autofree gchar *name = NULL;

  self->waiting = TRUE;
  self->up = self->carrier = FALSE;
  g_object_get (self, "interface", &name, NULL);
  post_link (self, name);
  warn_of_wait (self, error, "begins when it is there and up");
}

/* A name that is wrong would be waited for for ever: only who has said so waits for what
 * was not there before. A namespace is looked for by its name each time, as it can be
 * another one by then. */
static gint
gst_afring_src_get_wait (GstAfringBaseSrc * base, GError ** error,
    GstNetns ** netns)
{
  GstAfringSrc *self = GST_AFRING_SRC (base);
  OnLinkDown on_link_down;
  gboolean patient, by_name;

  GST_OBJECT_LOCK (self);
  on_link_down = self->on_link_down;
  patient = self->patient || (self->waiting
      && on_link_down == ON_LINK_DOWN_WAIT);
  by_name = self->access.netns != NULL;
  *netns = gst_netns_ref (self->access.home);
  GST_OBJECT_UNLOCK (self);
  if (patient && may_be_others (self, *error))
    return JOIN_INTERVAL;
  if (self->waiting && on_link_down == ON_LINK_DOWN_EOS
      && may_be_there_later (*error))
    g_clear_error (error);
  if (!patient || !may_be_there_later (*error))
    return 0;
  if (!self->waiting)
    begin_to_wait (self, *error);
  self->join_until = g_get_monotonic_time () + JOIN_PATIENCE;
  return by_name ? NETNS_INTERVAL : -1;
}

/* The kernel goes on with the same socket when the link is up again. */
static void
gst_afring_src_link_changed (GstAfringBaseSrc * base,
    const GstLinkState * state, GError ** error)
{
  GstAfringSrc *self = GST_AFRING_SRC (base);
  gboolean up = (state->flags & IFF_UP) != 0;
  gboolean carrier = up && (state->flags & IFF_RUNNING) != 0;
  gboolean down;

  if (up == self->up && carrier == self->carrier)
    return;
  self->up = up;
  self->carrier = carrier;
  post_link (self, state->name);

  GST_OBJECT_LOCK (self);
  down = !up || (!carrier
      && self->on_carrier_lost == ON_CARRIER_LOST_LINK_DOWN);
  GST_OBJECT_UNLOCK (self);
  if (!down)
    self->down = FALSE;
  else if (!self->down)
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_LINK_DOWN,
        up ? "The interface %s lost its carrier" :
        "The interface %s went down", state->name);
}

/* Takes it over. */
static void
set_home (GstAfringSrc * self, GstNetns * home)
{
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->access.home, gst_netns_unref);
  self->access.home = home;
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_afring_src_stop (GstBaseSrc * src)
{
  gboolean ok = GST_BASE_SRC_CLASS (gst_afring_src_parent_class)->stop (src);

  set_home (GST_AFRING_SRC (src), NULL);        /* it would keep a namespace */
  return ok;
}

static gboolean
gst_afring_src_start (GstBaseSrc * src)
{
  GstAfringSrc *self = GST_AFRING_SRC (src);

  self->waiting = FALSE;
  /* streaming threads come from a pool, and can be elsewhere */
  set_home (self, gst_netns_new_of_thread ());
  if (GST_BASE_SRC_CLASS (gst_afring_src_parent_class)->start (src))
    return TRUE;
  set_home (self, NULL);
  return FALSE;
}

/* What a link is like when the capture begins is no change, unless it was waited for. */
static void
gst_afring_src_opened (GstAfringBaseSrc * base, GstAfringSource * source)
{
  GstAfringSrc *self = GST_AFRING_SRC (base);
  GstLinkState state;

  GstCaptureLink *link =
      gst_capture_source_get_link (GST_CAPTURE_SOURCE (source));

  self->up = self->carrier = TRUE;
  self->down = FALSE;
  if (gst_capture_link_get_state (link, &state))
    self->carrier = (state.flags & IFF_RUNNING) != 0;
  if (self->waiting)
    post_link (self, gst_capture_link_get_name (link));
  self->waiting = FALSE;
}

static void
gst_afring_src_finalize (GObject * object)
{
  gst_afring_access_clear (&GST_AFRING_SRC (object)->access);
  G_OBJECT_CLASS (gst_afring_src_parent_class)->finalize (object);
}

static void
gst_afring_src_class_init (GstAfringSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAfringBaseSrcClass *base_class = GST_AFRING_BASE_SRC_CLASS (klass);

  object_class->set_property = gst_afring_src_set_property;
  object_class->get_property = gst_afring_src_get_property;
  object_class->finalize = gst_afring_src_finalize;
  GST_BASE_SRC_CLASS (klass)->start = gst_afring_src_start;
  GST_BASE_SRC_CLASS (klass)->stop = gst_afring_src_stop;
  base_class->make_source = gst_afring_src_make_source;
  base_class->source_error = gst_afring_src_source_error;
  base_class->get_wait = gst_afring_src_get_wait;
  base_class->opened = gst_afring_src_opened;
  base_class->link_changed = gst_afring_src_link_changed;

  /* not G_PARAM_CONSTRUCT: who sets it to the default means it */
  g_object_class_install_property (object_class, PROP_ON_LINK_DOWN,
      g_param_spec_enum ("on-link-down", "On link down",
          "What to do when the interface goes down or is removed while capturing. An "
          "element message GstAfringSrcLink is posted in any case, and a warning if it "
          "is waited for: until it is up again, or there is another one of its name. At "
          "the start an interface that is not there, or down, is an error, unless this "
          "was set to wait",
          TYPE_ON_LINK_DOWN, ON_LINK_DOWN_WAIT, G_PARAM_READWRITE |
          G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_ON_CARRIER_LOST,
      g_param_spec_enum ("on-carrier-lost", "On carrier lost",
          "What to do when the interface stays up and loses its carrier: a cable "
          "is pulled, a peer goes down. An element message GstAfringSrcLink is "
          "posted in any case",
          TYPE_ON_CARRIER_LOST, ON_CARRIER_LOST_IGNORE,
          G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_PLAYING));
  gst_afring_fanout_install_properties (object_class, PROP_FANOUT);
  gst_afring_access_install_properties (object_class, PROP_ACCESS);
  gst_type_mark_as_plugin_api (TYPE_ON_LINK_DOWN, 0);
  gst_type_mark_as_plugin_api (TYPE_ON_CARRIER_LOST, 0);

  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "Packet capture source", "Source/Network",
      "Captures packets of a network interface from an AF_PACKET ring, without "
      "copying them", GST_AFRING_AUTHORS);
}

static void
gst_afring_src_init (GstAfringSrc * self)
{
  self->fanout.group = GST_AFRING_FANOUT_NO_GROUP;
  gst_afring_access_init (&self->access);
}
