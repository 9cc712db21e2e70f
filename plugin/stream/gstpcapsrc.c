/* gst-afring: many capture files as one timeline
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-pcapsrc
 * @title: pcapsrc
 * @short_description: many capture files as one timeline
 *
 * Reads all capture files of a folder, or of a pattern, as if they were one: packets come
 * in the order of their capture times, across files and interfaces. The packets of one file
 * stay in their order. A file is opened when its time comes, and there may be any
 * number of them.
 *
 * #GstPcapSrc:start-time, #GstPcapSrc:stop-time and #GstPcapSrc:filter say which packets are
 * wanted. A file that has an index (pcapsink writes one) is read only where it may hold one.
 *
 * The first packet has a timestamp of 0 and all others follow from their capture times,
 * which are in #GstPacketMeta.
 *
 * Where downstream takes `application/x-pcapng` only, or is a file, the blocks of the packets
 * come as they stand in the files, as one stream of pcapng.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 pcapsrc location=/var/capture start-time="2026-11-28 14:00" \
 *     stop-time=+5m filter="host 192.0.2.7" ! pcapsink location=found.pcapng
 * ]|
 */

#include "config.h"

#include "gstpcapsrc-private.h"
#include "common/captureerror.h"
#include "common/streamcaps.h"
#include "common/valuefield.h"

#include <gst/afring/capture/gstcaptureerror.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_src_debug);
#define GST_CAT_DEFAULT gst_pcap_src_debug

#define LISTS_AT_ONCE 64

/* How long to wait before it is looked whether there is more, microseconds. */
#define WAIT_INTERVAL (50 * 1000)

enum
{
  PROP_LOCATION = 1,
  PROP_LOCATIONS,
  PROP_START_TIME,
  PROP_STOP_TIME,
  PROP_FILTER,
  PROP_FOLLOW,
  PROP_USE_INDEX,
  PROP_TRUST_ORDER,
  PROP_STATS
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS "; " PCAPNG_MEDIA_TYPE));

G_DEFINE_TYPE_WITH_CODE (GstPcapSrc, gst_pcap_src, GST_TYPE_ELEMENT,
    G_IMPLEMENT_INTERFACE (GST_TYPE_URI_HANDLER, gst_pcap_src_uri_handler_init))

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (pcapsrc, "pcapsrc", GST_RANK_PRIMARY,
    GST_TYPE_PCAP_SRC, GST_DEBUG_CATEGORY_INIT (gst_pcap_src_debug, "pcapsrc",
        0, "Many capture files as one timeline"))

/* Streaming. */

void
gst_pcap_src_interrupt (GstPcapSrc * self, gboolean interrupt)
{
  if (self->run != NULL)
    find_run_interrupt (self->run, interrupt);
  g_mutex_lock (&self->lock);
  self->woken = interrupt;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* A sink that can be anywhere in its bytes is a file. */
static gboolean
is_before_file (GstPcapSrc * self)
{
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_BYTES);
  gboolean is_file = FALSE;

  if (gst_pad_peer_query (self->src_pad, query))
    gst_query_parse_seeking (query, NULL, &is_file, NULL, NULL);
  gst_query_unref (query);
  return is_file;
}

/* Packets, unless downstream takes none, or writes into a file whatever comes. */
void
gst_pcap_src_negotiate (GstPcapSrc * self)
{
  GstCaps *allowed;
  gboolean packets = FALSE, blocks = FALSE;

  if (self->negotiated)
    return;
  self->negotiated = TRUE;
  allowed = gst_pad_get_allowed_caps (self->src_pad);
  for (guint i = 0; allowed != NULL && i < gst_caps_get_size (allowed); i++) {
    const GstStructure *structure = gst_caps_get_structure (allowed, i);

    packets |= gst_structure_has_name (structure, PACKET_MEDIA_TYPE);
    blocks |= gst_structure_has_name (structure, PCAPNG_MEDIA_TYPE);
  }
  gst_clear_caps (&allowed);
  find_run_set_in_blocks (self->run, blocks && (!packets
          || is_before_file (self)));
}

static void
wait_for_more (GstPcapSrc * self)
{
  gint64 until = g_get_monotonic_time () + WAIT_INTERVAL;

  g_mutex_lock (&self->lock);
  while (!self->woken && !self->end_wanted
      && g_cond_wait_until (&self->cond, &self->lock, until));
  g_mutex_unlock (&self->lock);
}

static gboolean
is_end_wanted (GstPcapSrc * self, gboolean * woken)
{
  gboolean wanted;

  g_mutex_lock (&self->lock);
  wanted = self->end_wanted;
  *woken = self->woken;
  g_mutex_unlock (&self->lock);
  return wanted;
}

static void
pause_task (GstPcapSrc * self, GstFlowReturn ret)
{
  GST_DEBUG_OBJECT (self, "pausing: %s", gst_flow_get_name (ret));
  gst_pad_pause_task (self->src_pad);
  if ((ret == GST_FLOW_NOT_LINKED || ret < GST_FLOW_EOS)
      && !pcap_timeline_has_ended (self->timeline)) {
    GST_ELEMENT_FLOW_ERROR (self, ret);
    pcap_timeline_end (self->timeline);
  }
}

void
gst_pcap_src_loop (gpointer data)
{
  GstPcapSrc *self = GST_PCAP_SRC (data);
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean woken = FALSE;

  gst_pcap_src_negotiate (self);
  if (G_UNLIKELY (!pcap_timeline_has_begun (self->timeline)))
    pcap_timeline_begin (self->timeline, NULL);
  /* the task's own locks cost more than a short list */
  for (guint i = 0; i < LISTS_AT_ONCE && ret == GST_FLOW_OK && !woken; i++) {
    if (is_end_wanted (self, &woken)) {
      find_run_end (self->run);
      ret = GST_FLOW_EOS;
    } else if (!woken) {
      ret = find_run_step (self->run);
    }
  }
  if (ret == FIND_RUN_WAITING)
    wait_for_more (self);
  else if (ret != GST_FLOW_OK)
    pause_task (self, ret);
}

static gboolean
gst_pcap_src_activate_mode (GstPad * pad, GstObject * parent, GstPadMode mode,
    gboolean active)
{
  GstPcapSrc *self = GST_PCAP_SRC (parent);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  gst_pcap_src_interrupt (self, !active);
  if (!active)
    return gst_pad_stop_task (pad);
  return gst_pad_start_task (pad, gst_pcap_src_loop, self, NULL);
}

/* The element. */

static gboolean
start (GstPcapSrc * self)
{
  g_autoptr (GError) error = NULL;

  pcap_timeline_reset (self->timeline, GST_CLOCK_TIME_NONE);
  self->seek_seqnum = GST_SEQNUM_INVALID;
  self->end_wanted = self->negotiated = FALSE;
  self->counts = (FindCounts) { 0 };
  GST_OBJECT_LOCK (self);
  self->run = find_run_new (GST_ELEMENT (self), self->timeline,
      &self->settings, &self->counts, &error);
  GST_OBJECT_UNLOCK (self);
  if (self->run != NULL)
    return TRUE;
  if (error->domain == GST_CAPTURE_ERROR)
    capture_error_post (GST_ELEMENT (self), error);
  else if (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_FOUND))
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("%s", error->message),
        (NULL));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message),
        (NULL));
  return FALSE;
}

static GstStateChangeReturn
gst_pcap_src_change_state (GstElement * element, GstStateChange transition)
{
  GstPcapSrc *self = GST_PCAP_SRC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_pcap_src_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    g_clear_pointer (&self->run, find_run_free);
  return ret;
}

/* Sources are sent what goes downstream: only the end is known here. */
static gboolean
gst_pcap_src_send_event (GstElement * element, GstEvent * event)
{
  GstPcapSrc *self = GST_PCAP_SRC (element);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    gst_event_unref (event);
    g_mutex_lock (&self->lock);
    self->end_wanted = TRUE;
    g_cond_broadcast (&self->cond);
    g_mutex_unlock (&self->lock);
    return TRUE;
  }
  if (GST_EVENT_IS_UPSTREAM (event))
    return gst_pcap_src_handle_event (self, event);
  gst_event_unref (event);
  return FALSE;
}

static gpointer
get_field (GstPcapSrc * self, guint id)
{
  switch (id) {
    case PROP_LOCATION:
      return &self->settings.location;
    case PROP_START_TIME:
      return &self->settings.start_time;
    case PROP_STOP_TIME:
      return &self->settings.stop_time;
    case PROP_FILTER:
      return &self->settings.filter;
    case PROP_FOLLOW:
      return &self->settings.follow;
    case PROP_USE_INDEX:
      return &self->settings.use_index;
    case PROP_TRUST_ORDER:
      return &self->settings.trust_order;
    default:
      return NULL;
  }
}

static void
gst_pcap_src_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPcapSrc *self = GST_PCAP_SRC (object);
  gpointer field = get_field (self, id);

  GST_OBJECT_LOCK (self);
  if (field != NULL) {
    value_field_set (field, value);
  } else if (id == PROP_LOCATIONS) {
    g_strfreev (self->settings.locations);
    self->settings.locations = g_value_dup_boxed (value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_pcap_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPcapSrc *self = GST_PCAP_SRC (object);
  gpointer field = get_field (self, id);

  GST_OBJECT_LOCK (self);
  if (field != NULL)
    value_field_get (field, value);
  else if (id == PROP_LOCATIONS)
    g_value_set_boxed (value, self->settings.locations);
  else if (id == PROP_STATS)
    g_value_take_boxed (value, find_counts_make_structure (&self->counts));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_pcap_src_finalize (GObject * object)
{
  GstPcapSrc *self = GST_PCAP_SRC (object);

  pcap_timeline_free (self->timeline);
  find_settings_clear (&self->settings);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_mutex_clear (&self->seek_lock);
  G_OBJECT_CLASS (gst_pcap_src_parent_class)->finalize (object);
}

#define SETTING (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY)

static void
install_what (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_LOCATION,
      g_param_spec_string ("location", "Location",
          "Capture file, folder with capture files (not those in folders in it), or "
          "pattern (*, ?, [...])", NULL, SETTING));
  g_object_class_install_property (klass, PROP_LOCATIONS,
      g_param_spec_boxed ("locations", "Locations",
          "More of them; a file that is meant twice is read once", G_TYPE_STRV,
          SETTING));
  g_object_class_install_property (klass, PROP_START_TIME,
      g_param_spec_string ("start-time", "Start time",
          "Only packets that were captured then or later: \"2026-11-28 14:00\" (local "
          "time), \"2026-11-28T14:00:00.5Z\" (ISO 8601), or nanoseconds since 1970. NULL: "
          "from the first on", NULL, SETTING));
  g_object_class_install_property (klass, PROP_STOP_TIME,
      g_param_spec_string ("stop-time", "Stop time",
          "Only packets that were captured before: a time as in start-time, or so long "
          "behind it (\"+5m\"; ns, us, ms, s, m, h, d). NULL: up to the last", NULL,
          SETTING));
  g_object_class_install_property (klass, PROP_FILTER,
      g_param_spec_string ("filter", "Filter",
          "pcap-filter(7) expression that packets have to match, as they do for "
          "\"tcpdump -r\". NULL: all", NULL, SETTING));
}

static void
install_how (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_FOLLOW,
      g_param_spec_boolean ("follow", "Follow",
          "Do not end behind the last packet: wait for what is written next, also to "
          "files that come later", FALSE, SETTING));
  g_object_class_install_property (klass, PROP_USE_INDEX,
      g_param_spec_boolean ("use-index", "Use index",
          "Leave out what the index of a file says holds no packet that is wanted", TRUE,
          SETTING));
  g_object_class_install_property (klass, PROP_TRUST_ORDER,
      g_param_spec_boolean ("trust-order", "Trust order",
          "The packets of each file are in the order of their times, but for a second: "
          "what is outside start-time and stop-time is left out by the file's first and "
          "last packets. FALSE: such a file is read as a whole, unless it has an index",
          FALSE, SETTING));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "application/x-pcapsrc-stats since PAUSED: packets, bytes, packets-read, "
          "bytes-read, bytes-total, bytes-skipped, files, files-failed, files-vanished, "
          "files-torn, files-indexed, all guint64", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_pcap_src_class_init (GstPcapSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_pcap_src_set_property;
  object_class->get_property = gst_pcap_src_get_property;
  object_class->finalize = gst_pcap_src_finalize;
  element_class->change_state = gst_pcap_src_change_state;
  element_class->send_event = gst_pcap_src_send_event;
  install_what (object_class);
  install_how (object_class);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Capture files source", "Source/File",
      "Reads the packets of many capture files as one timeline",
      GST_AFRING_AUTHORS);
}

static void
gst_pcap_src_init (GstPcapSrc * self)
{
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
  self->settings.use_index = TRUE;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  g_mutex_init (&self->seek_lock);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_activatemode_function (self->src_pad, gst_pcap_src_activate_mode);
  gst_pad_set_event_function (self->src_pad, gst_pcap_src_event);
  gst_pad_set_query_function (self->src_pad, gst_pcap_src_query);
  gst_pad_use_fixed_caps (self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
  self->timeline = pcap_timeline_new (GST_ELEMENT (self), self->src_pad);
}
