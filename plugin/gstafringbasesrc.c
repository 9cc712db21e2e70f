/* gst-afring: the base of sources that read a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringbasesrc.h"
#include "captureerror.h"
#include "gstafringreport.h"
#include "gstafringstats.h"
#include "gstafringstream.h"

#include <gst/afring/afring.h>
#include <time.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_base_src_debug);
#define GST_CAT_DEFAULT gst_afring_base_src_debug

#define DEFAULT_SNAPLEN 262144

/* While nothing comes: how often to look after counters and the link, and, when
 * the end has been asked for, how soon to look again. Milliseconds. */
#define IDLE_TIMEOUT 200
#define DRAIN_TIMEOUT 2
/* What the kernel may take to hand over its last block, on top of the block
 * timeout. Microseconds. */
#define DRAIN_LIMIT (2 * G_TIME_SPAN_SECOND)
/* A packet that passed the filter just before it was shut is on its way into
 * the ring on another processor for some microseconds. */
#define HALT_GRACE 1000

/* How long a pause waits for a list to be pushed, and how often it looks.
 * Microseconds. */
#define PAUSE_LIMIT (20 * G_TIME_SPAN_MILLISECOND)
#define PAUSE_POLL 50

enum
{
  PROP_CONFIG = 1,
  PROP_LAYER = PROP_CONFIG + GST_AFRING_CONFIG_N,
  PROP_ADD_REFERENCE_TIMESTAMP_META,
  PROP_NUM_BUFFERS,
  PROP_STATS
};

typedef struct
{
  /* Settings; object lock. */
  GstAfringConfig config;
  GstCaptureLayer layer;
  gboolean reference_timestamps;
  gint num_buffers;
  gboolean replay;

  /* From start to stop; object lock to change. */
  GstAfringSource *source;
  GstCaps *caps;
  GError *end_error;            /* ends with this instead of EOS */
  GstAfringStats stats;

  gint unlocked;                /* atomic */
  gint pausing;                 /* atomic: from PLAYING to PAUSED */
  gint leaving;                 /* atomic: a list is on its way to the push */
  gint ending;                  /* atomic: drain the ring, then EOS */

  /* Of the streaming thread. */
  GstAfringStream stream;
  GstAfringReport report;
  gint64 drain_deadline;        /* 0: not draining */
} GstAfringBaseSrcPrivate;

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-packet, link-type = (int) [ 0, 65535 ]"));

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstAfringBaseSrc, gst_afring_base_src,
    GST_TYPE_BASE_SRC)

#define PRIVATE(self) ((GstAfringBaseSrcPrivate *) \
    gst_afring_base_src_get_instance_private (GST_AFRING_BASE_SRC (self)))

static GstFlowReturn
gst_afring_base_src_default_source_error (GstAfringBaseSrc * self,
    const GError * error)
{
  return GST_FLOW_ERROR;
}

GstAfringSource *
gst_afring_base_src_get_source (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstAfringSource *source;

  GST_OBJECT_LOCK (self);
  source = priv->source != NULL ? g_object_ref (priv->source) : NULL;
  GST_OBJECT_UNLOCK (self);
  return source;
}

/* Properties. */

static GstStructure *
make_stats (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GstAfringSource) source = gst_afring_base_src_get_source (self);
  GstStructure *stats;

  GST_OBJECT_LOCK (self);
  stats = gst_afring_stats_make_structure (&priv->stats, source);
  GST_OBJECT_UNLOCK (self);
  return stats;
}

static void
change_filter (GstAfringBaseSrc * self, const GValue * value)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GstAfringSource) source = gst_afring_base_src_get_source (self);
  g_autoptr (GError) error = NULL;

  if (source != NULL
      && !gst_afring_source_set_filter (source, g_value_get_string (value),
          &error)) {
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", error->message),
        ("the earlier filter stays"));
    return;
  }
  GST_OBJECT_LOCK (self);
  gst_afring_config_set_property (&priv->config, GST_AFRING_CONFIG_FILTER,
      value);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_afring_base_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (object);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);

  if (id == PROP_CONFIG + GST_AFRING_CONFIG_FILTER) {
    change_filter (self, value);
    return;
  }

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LAYER:
      priv->layer = g_value_get_enum (value);
      break;
    case PROP_ADD_REFERENCE_TIMESTAMP_META:
      priv->reference_timestamps = g_value_get_boolean (value);
      break;
    case PROP_NUM_BUFFERS:
      priv->num_buffers = g_value_get_int (value);
      break;
    default:
      if (id - PROP_CONFIG < GST_AFRING_CONFIG_N)
        gst_afring_config_set_property (&priv->config, id - PROP_CONFIG, value);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_afring_base_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (object);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
    return;
  }

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LAYER:
      g_value_set_enum (value, priv->layer);
      break;
    case PROP_ADD_REFERENCE_TIMESTAMP_META:
      g_value_set_boolean (value, priv->reference_timestamps);
      break;
    case PROP_NUM_BUFFERS:
      g_value_set_int (value, priv->num_buffers);
      break;
    default:
      if (id - PROP_CONFIG < GST_AFRING_CONFIG_N)
        gst_afring_config_get_property (&priv->config, id - PROP_CONFIG, value);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* Starting and stopping. */

static GstAfringSource *
open_source (GstAfringBaseSrc * self, GError ** error)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GstCaptureLink) link = NULL;
  GstAfringSource *source =
      GST_AFRING_BASE_SRC_GET_CLASS (self)->make_source (self, &link, error);
  GstAfringConfig config = { 0, };

  if (source == NULL)
    return NULL;
  GST_OBJECT_LOCK (self);
  gst_afring_config_copy (&config, &priv->config);
  /* what has no IP header would only be passed over later */
  if (priv->layer == GST_CAPTURE_LAYER_NETWORK)
    config.ip_only = TRUE;
  GST_OBJECT_UNLOCK (self);

  gst_afring_source_set_config (source, &config);
  gst_afring_config_clear (&config);
  if (!gst_afring_source_open (source, link, error))
    g_clear_object (&source);
  return source;
}

static GstClockTime
get_real_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

static gboolean
gst_afring_base_src_start (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;
  GstAfringSource *source = open_source (self, &error);
  GstCaptureLink *link;
  guint link_type;

  if (source == NULL) {
    capture_error_post (GST_ELEMENT (self), error);
    return FALSE;
  }

  link = gst_capture_source_get_link (GST_CAPTURE_SOURCE (source));
  link_type = gst_capture_link_get_link_type (link);
  GST_INFO_OBJECT (self, "capturing on %s, %u blocks of %" G_GSIZE_FORMAT
      " bytes", gst_capture_link_get_name (link),
      gst_afring_ring_get_block_count (gst_afring_source_get_ring (source)),
      gst_afring_ring_get_block_size (gst_afring_source_get_ring (source)));

  gst_afring_stream_init (&priv->stream, link_type, priv->layer,
      priv->reference_timestamps, priv->replay);
  if (priv->layer == GST_CAPTURE_LAYER_NETWORK)
    link_type = GST_CAPTURE_LINK_TYPE_RAW;
  gst_afring_report_init (&priv->report, GST_ELEMENT (self), source, link_type);
  priv->drain_deadline = 0;
  g_clear_error (&priv->end_error);
  g_atomic_int_set (&priv->ending, FALSE);
  g_atomic_int_set (&priv->pausing, FALSE);
  g_atomic_int_set (&priv->leaving, FALSE);

  GST_OBJECT_LOCK (self);
  priv->source = source;
  gst_afring_stats_start (&priv->stats, source);
  priv->caps = gst_caps_new_simple ("application/x-packet",
      "link-type", G_TYPE_INT, link_type, NULL);
  GST_OBJECT_UNLOCK (self);
  if (GST_AFRING_BASE_SRC_GET_CLASS (self)->started != NULL)
    GST_AFRING_BASE_SRC_GET_CLASS (self)->started (self, source);
  return TRUE;
}

static gboolean
gst_afring_base_src_stop (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstAfringSource *source;

  if (GST_AFRING_BASE_SRC_GET_CLASS (self)->stopping != NULL)
    GST_AFRING_BASE_SRC_GET_CLASS (self)->stopping (self, priv->source);
  gst_afring_stream_drop_block (&priv->stream);
  gst_afring_report_clear (&priv->report);
  GST_OBJECT_LOCK (self);
  gst_afring_stats_stop (&priv->stats, priv->source);
  gst_clear_caps (&priv->caps);
  source = g_steal_pointer (&priv->source);
  GST_OBJECT_UNLOCK (self);

  if (source != NULL) {
    gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL);
    g_object_unref (source);
  }
  return TRUE;
}

/* Runs with GstBaseSrc's live lock held: no lock that create() takes. */
static gboolean
gst_afring_base_src_unlock (GstBaseSrc * src)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (src);

  g_atomic_int_set (&priv->unlocked, TRUE);
  if (priv->source != NULL)
    gst_capture_source_unblock (GST_CAPTURE_SOURCE (priv->source), NULL);
  return TRUE;
}

static gboolean
gst_afring_base_src_unlock_stop (GstBaseSrc * src)
{
  g_atomic_int_set (&PRIVATE (src)->unlocked, FALSE);
  return TRUE;
}

void
gst_afring_base_src_end (GstAfringBaseSrc * self, const GError * error)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GstAfringSource) source = gst_afring_base_src_get_source (self);

  if (source == NULL)
    return;
  GST_OBJECT_LOCK (self);
  if (priv->end_error == NULL && error != NULL)
    priv->end_error = g_error_copy (error);
  GST_OBJECT_UNLOCK (self);
  g_atomic_int_set (&priv->ending, TRUE);
  gst_capture_source_unblock (GST_CAPTURE_SOURCE (source), NULL);
}

void
gst_afring_base_src_set_replay (GstAfringBaseSrc * self, gboolean replay)
{
  PRIVATE (self)->replay = replay;
}

/* EOS from the application, as from SIGINT with gst-launch-1.0 -e. GstBaseSrc
 * would throw away what is in the ring; here the kernel is stopped and the ring
 * emptied first, so that the stream ends with the last packet captured. */
static gboolean
gst_afring_base_src_send_event (GstElement * element, GstEvent * event)
{
  g_autoptr (GstAfringSource) source =
      gst_afring_base_src_get_source (GST_AFRING_BASE_SRC (element));

  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS || source == NULL)
    return GST_ELEMENT_CLASS (gst_afring_base_src_parent_class)->send_event
        (element, event);

  GST_DEBUG_OBJECT (element, "draining the ring before EOS");
  gst_afring_base_src_end (GST_AFRING_BASE_SRC (element), NULL);
  gst_event_unref (event);
  return TRUE;
}

/* Streaming. */

/* A list leaves: it cannot be thrown away any more, and the segment has gone out,
 * so that events may follow. */
static GstPadProbeReturn
list_pushed (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (user_data);

  g_atomic_int_set (&priv->leaving, FALSE);
  gst_afring_report_interface (&priv->report);
  return GST_PAD_PROBE_OK;
}

static GstFlowReturn
finish (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;

  gst_afring_stream_drop_block (&priv->stream);
  gst_afring_source_halt (priv->source);
  gst_afring_report_end (&priv->report);

  GST_OBJECT_LOCK (self);
  error = g_steal_pointer (&priv->end_error);
  GST_OBJECT_UNLOCK (self);
  if (error == NULL)
    return GST_FLOW_EOS;
  capture_error_post (GST_ELEMENT (self), error);
  return GST_FLOW_ERROR;
}

static GstClockTime
get_running_time (GstAfringBaseSrc * self)
{
  GstClock *clock = gst_element_get_clock (GST_ELEMENT (self));
  GstClockTime now, base_time = gst_element_get_base_time (GST_ELEMENT (self));

  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;
  now = gst_clock_get_time (clock);
  gst_object_unref (clock);
  return now > base_time ? now - base_time : 0;
}

/* TRUE when nothing more can come: the kernel lets no packet in and all that it
 * has counted as stored has been read. */
static gboolean
is_drained (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstAfringTotals totals;

  if (priv->drain_deadline == 0) {
    gst_afring_source_halt (priv->source);
    g_usleep (HALT_GRACE);
    priv->drain_deadline = g_get_monotonic_time () + DRAIN_LIMIT
        + priv->config.block_timeout * G_TIME_SPAN_MILLISECOND;
  }
  gst_afring_source_get_totals (priv->source, &totals);
  if (totals.packets_taken >= totals.packets_received)
    return TRUE;
  if (g_get_monotonic_time () < priv->drain_deadline)
    return FALSE;
  GST_WARNING_OBJECT (self, "%" G_GUINT64_FORMAT " packets are left in the ring",
      totals.packets_received - totals.packets_taken);
  return TRUE;
}

/* Waits for a block for a while. */
static GstFlowReturn
take_block (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstAfringBaseSrcClass *klass = GST_AFRING_BASE_SRC_GET_CLASS (self);
  gboolean ending = g_atomic_int_get (&priv->ending);
  gboolean drained = ending && is_drained (self);
  g_autoptr (GError) error = NULL;
  GstAfringLease *lease;

  /* once drained, for a block that came between the last look and this one */
  lease = gst_afring_source_next_lease (priv->source,
      drained ? 0 : ending ? DRAIN_TIMEOUT : IDLE_TIMEOUT, &error);
  if (klass->waited != NULL)
    klass->waited (self);
  if (lease != NULL) {
    gst_afring_stream_set_block (&priv->stream, priv->source, lease);
    return GST_FLOW_OK;
  }
  if (drained)
    return finish (self);
  if (error != NULL && !ending
      && !g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_UNBLOCKED)) {
    GstFlowReturn ret = klass->source_error (self, error);

    if (ret != GST_FLOW_OK)
      gst_afring_base_src_end (self, ret == GST_FLOW_EOS ? NULL : error);
  }
  return GST_FLOW_OK;
}

/* The packets that the block in hand still has, up to the last that is wanted. */
static GstBufferList *
make_list (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  guint most = G_MAXUINT;
  GstBufferList *list;

  if (priv->num_buffers >= 0)
    most = priv->num_buffers - gst_afring_stream_get_packets (&priv->stream);
  list = gst_afring_stream_make_list (&priv->stream, most,
      get_running_time (self), get_real_time ());

  GST_OBJECT_LOCK (self);
  priv->stats.packets_captured = gst_afring_stream_get_packets (&priv->stream);
  priv->stats.bytes_captured = gst_afring_stream_get_bytes (&priv->stream);
  GST_OBJECT_UNLOCK (self);
  return list;
}

static gboolean
has_enough (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);

  return priv->num_buffers >= 0
      && gst_afring_stream_get_packets (&priv->stream) >=
      (guint64) priv->num_buffers;
}

/* Sits a pause out. FLUSHING only if it is for good: GstBaseSrc stops its task for
 * that, and if it has gone back to PLAYING meanwhile, nobody starts it again. */
static GstFlowReturn
wait_if_unlocked (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstBaseSrc *src = GST_BASE_SRC (self);
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean running;

  while (ret == GST_FLOW_OK && (g_atomic_int_get (&priv->pausing)
          || g_atomic_int_get (&priv->unlocked))) {
    g_mutex_lock (&src->live_lock);
    running = src->live_running;
    g_mutex_unlock (&src->live_lock);

    if (GST_PAD_IS_FLUSHING (src->srcpad))
      ret = GST_FLOW_FLUSHING;
    else if (!running)
      ret = gst_base_src_wait_playing (src);
    else if (g_atomic_int_get (&priv->pausing))
      g_usleep (PAUSE_POLL);    /* the pause is on its way */
    else
      g_atomic_int_set (&priv->unlocked, FALSE);        /* it is over */
  }
  return ret;
}

static GstFlowReturn
gst_afring_base_src_create (GstBaseSrc * src, guint64 offset, guint length,
    GstBuffer ** buffer)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstBufferList *list = NULL;
  GstFlowReturn ret;

  while (list == NULL) {
    g_atomic_int_set (&priv->leaving, FALSE);
    ret = wait_if_unlocked (self);
    if (ret != GST_FLOW_OK)
      return ret;
    if (has_enough (self))
      return finish (self);
    if (gst_afring_report_counters (&priv->report))
      priv->stream.discont = TRUE;

    if (priv->stream.lease == NULL) {
      ret = take_block (self);
      if (ret != GST_FLOW_OK)
        return ret;
      if (priv->stream.lease == NULL)
        continue;
    }
    /* from here on a pause waits for the push, see change_state() */
    g_atomic_int_set (&priv->leaving, TRUE);
    if (g_atomic_int_get (&priv->pausing)
        || g_atomic_int_get (&priv->unlocked))
      continue;
    list = make_list (self);
    if (list == NULL)
      gst_afring_stream_drop_block (&priv->stream);
  }

  gst_base_src_submit_buffer_list (src, list);
  return GST_FLOW_OK;
}

/* GstBaseSrc throws away what create() made if it is paused before the push. So
 * a pause first keeps create() from making anything more, and lets a list that
 * is on its way go. If that takes long the list is in the push or in an event
 * before it, where it is safe too. */
static GstStateChangeReturn
gst_afring_base_src_change_state (GstElement * element,
    GstStateChange transition)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (element);

  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED) {
    gint64 limit = g_get_monotonic_time () + PAUSE_LIMIT;

    g_atomic_int_set (&priv->pausing, TRUE);
    while (g_atomic_int_get (&priv->leaving)
        && g_get_monotonic_time () < limit)
      g_usleep (PAUSE_POLL);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING) {
    g_atomic_int_set (&priv->pausing, FALSE);
  }
  return GST_ELEMENT_CLASS (gst_afring_base_src_parent_class)->change_state
      (element, transition);
}

/* Negotiation and queries. */

static GstCaps *
gst_afring_base_src_get_caps (GstBaseSrc * src, GstCaps * filter)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (src);
  GstCaps *caps, *both;

  GST_OBJECT_LOCK (src);
  caps = priv->caps != NULL ? gst_caps_ref (priv->caps) : NULL;
  GST_OBJECT_UNLOCK (src);
  if (caps == NULL)
    caps = gst_pad_get_pad_template_caps (GST_BASE_SRC_PAD (src));
  if (filter == NULL)
    return caps;

  both = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (caps);
  return both;
}

/* A packet is given on when its block is: after the block timeout at the latest.
 * There is no upper bound, the ring keeps what downstream is late for. */
static gboolean
gst_afring_base_src_query (GstBaseSrc * src, GstQuery * query)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (src);

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_BASE_SRC_CLASS (gst_afring_base_src_parent_class)->query (src,
        query);

  gst_query_set_latency (query, TRUE, priv->config.block_timeout * GST_MSECOND,
      GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
gst_afring_base_src_finalize (GObject * object)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (object);

  gst_afring_config_clear (&priv->config);
  gst_afring_stats_clear (&priv->stats);
  g_clear_error (&priv->end_error);
  G_OBJECT_CLASS (gst_afring_base_src_parent_class)->finalize (object);
}

static void
gst_afring_base_src_class_init (GstAfringBaseSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_afring_base_src_debug, "afringbasesrc", 0,
      "Base of sources that read a packet ring");

  object_class->set_property = gst_afring_base_src_set_property;
  object_class->get_property = gst_afring_base_src_get_property;
  object_class->finalize = gst_afring_base_src_finalize;
  element_class->send_event = gst_afring_base_src_send_event;
  element_class->change_state = gst_afring_base_src_change_state;
  base_class->start = gst_afring_base_src_start;
  base_class->stop = gst_afring_base_src_stop;
  base_class->unlock = gst_afring_base_src_unlock;
  base_class->unlock_stop = gst_afring_base_src_unlock_stop;
  base_class->create = gst_afring_base_src_create;
  base_class->get_caps = gst_afring_base_src_get_caps;
  base_class->query = gst_afring_base_src_query;
  klass->source_error = gst_afring_base_src_default_source_error;

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (GST_TYPE_AFRING_BASE_SRC, 0);

  gst_afring_config_install_properties (object_class, PROP_CONFIG,
      DEFAULT_SNAPLEN);
  g_object_class_install_property (object_class, PROP_LAYER,
      g_param_spec_enum ("layer", "Layer",
          "Where buffers start: at the link header, or at the IP header, which "
          "makes them link type 101 and passes over packets without one",
          GST_TYPE_CAPTURE_LAYER, GST_CAPTURE_LAYER_LINK,
          G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class,
      PROP_ADD_REFERENCE_TIMESTAMP_META,
      g_param_spec_boolean ("add-reference-timestamp-meta",
          "Add reference timestamp meta",
          "Also put the capture time, in nanoseconds since 1970-01-01 UTC, into "
          "a GstReferenceTimestampMeta (timestamp/x-unix) of each buffer",
          FALSE, G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_READY));
  /* GstBaseSrc's own counts calls of create(), which are blocks here */
  g_object_class_override_property (object_class, PROP_NUM_BUFFERS,
      "num-buffers");
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters since the start, application/x-afring-stats: what the kernel"
          " received, dropped and froze, what left on the source pad, blocks that"
          " are in use, and the ring as granted; after the end, the last ones",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_afring_base_src_init (GstAfringBaseSrc * self)
{
  PRIVATE (self)->num_buffers = -1;
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_pad_add_probe (GST_BASE_SRC_PAD (self), GST_PAD_PROBE_TYPE_BUFFER_LIST,
      list_pushed, self, NULL);
}
