/* gst-afring: the base of sources that read a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringbasesrc.h"
#include "common/captureerror.h"
#include "gstafringgate.h"
#include "gstafringkeeper.h"
#include "gstafringreport.h"
#include "gstafringsettings.h"
#include "gstafringstats.h"
#include "gstafringstream.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>
#include <time.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_base_src_debug);
#define GST_CAT_DEFAULT gst_afring_base_src_debug

/* How long, and how often, to try to leave a fanout group. Microseconds. */
#define LEAVE_PATIENCE (500 * G_TIME_SPAN_MILLISECOND)
#define LEAVE_POLL (2 * G_TIME_SPAN_MILLISECOND)

/* How often to look after the counters while nothing comes. Milliseconds. */
#define IDLE_TIMEOUT 200

enum
{
  PROP_SETTINGS = 1,
  PROP_STATS = PROP_SETTINGS + GST_AFRING_SETTINGS_N
};

typedef struct
{
  /* Object lock. */
  GstAfringSettings settings;
  gboolean replay;
  GstAfringBlocks blocks;

  /* From start to stop; object lock to change. */
  GstAfringSource *source;
  GstAfringKeeper *keeper;
  GstCaps *caps;
  GError *end_error;            /* ends with this instead of EOS */
  GstAfringStats stats;

  GstAfringGate gate;

  /* Of the streaming thread. */
  GstAfringStream stream;
  GstAfringReport report;
} GstAfringBaseSrcPrivate;

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS "; " PCAPNG_MEDIA_TYPE));

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
  gst_afring_config_set_property (&priv->settings.config,
      GST_AFRING_CONFIG_FILTER, value);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_afring_base_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (object);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  gboolean known;

  if (id == PROP_SETTINGS + GST_AFRING_CONFIG_FILTER) {
    change_filter (self, value);
    return;
  }

  GST_OBJECT_LOCK (self);
  known = gst_afring_settings_set_property (&priv->settings,
      id - PROP_SETTINGS, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_afring_base_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (object);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  gboolean known;

  if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
    return;
  }

  GST_OBJECT_LOCK (self);
  known = gst_afring_settings_get_property (&priv->settings,
      id - PROP_SETTINGS, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
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
  gst_afring_config_copy (&config, &priv->settings.config);
  /* what has no IP header would only be passed over later */
  if (priv->settings.layer == GST_CAPTURE_LAYER_NETWORK)
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

/* Keeper's thread. */
static void
source_failed (GstElement * element, const GError * error)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (element);
  GstFlowReturn ret =
      GST_AFRING_BASE_SRC_GET_CLASS (self)->source_error (self, error);

  if (ret != GST_FLOW_OK)
    gst_afring_base_src_end (self, ret == GST_FLOW_EOS ? NULL : error);
}

static void
source_waited (GstElement * element)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (element);

  if (GST_AFRING_BASE_SRC_GET_CLASS (self)->waited != NULL)
    GST_AFRING_BASE_SRC_GET_CLASS (self)->waited (self);
}

static void
start_keeper (GstAfringBaseSrc * self)
{
  static const GstAfringKeeperFuncs funcs = { source_waited, source_failed };
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  guint blocks =
      gst_afring_ring_get_block_count (gst_afring_source_get_ring
      (priv->source));
  GstAfringEvictionPolicy policy = {
    .reserve = priv->settings.reserve_blocks,
    .max_bytes = priv->settings.max_evicted_bytes,
    /* nothing is lost if such a source has to wait for the streaming thread */
    .passed_on_only = gst_afring_source_waits_for_room (priv->source),
  };

  if (policy.reserve == 0)
    policy.reserve = gst_afring_eviction_get_reserve (blocks);
  GST_DEBUG_OBJECT (self, "%u of %u blocks are kept free", policy.reserve,
      blocks);
  GST_OBJECT_LOCK (self);
  priv->keeper =
      gst_afring_keeper_new (GST_ELEMENT (self), priv->source, &policy, &funcs);
  GST_OBJECT_UNLOCK (self);
}

static void
log_ring (GstAfringBaseSrc * self, GstAfringSource * source)
{
  GstAfringRing *ring = gst_afring_source_get_ring (source);

  GST_INFO_OBJECT (self, "capturing on %s, %u blocks of %" G_GSIZE_FORMAT
      " bytes", gst_capture_link_get_name (gst_capture_source_get_link
          (GST_CAPTURE_SOURCE (source))),
      gst_afring_ring_get_block_count (ring),
      gst_afring_ring_get_block_size (ring));
}

static gboolean
gst_afring_base_src_start (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;
  GstAfringSource *source = open_source (self, &error);
  guint link_type;

  if (source == NULL) {
    capture_error_post (GST_ELEMENT (self), error);
    return FALSE;
  }
  log_ring (self, source);

  link_type = gst_capture_link_get_link_type (gst_capture_source_get_link
      (GST_CAPTURE_SOURCE (source)));
  gst_afring_stream_init (&priv->stream, &priv->settings, link_type,
      priv->replay, &priv->report);
  if (priv->settings.layer == GST_CAPTURE_LAYER_NETWORK)
    link_type = GST_CAPTURE_LINK_TYPE_RAW;
  gst_afring_report_init (&priv->report, src->srcpad, source, link_type);
  gst_afring_gate_init (&priv->gate);
  g_clear_error (&priv->end_error);

  GST_OBJECT_LOCK (self);
  priv->source = source;
  gst_afring_stats_start (&priv->stats, source);
  priv->caps = stream_caps_new_packets (link_type);
  GST_OBJECT_UNLOCK (self);
  start_keeper (self);
  if (GST_AFRING_BASE_SRC_GET_CLASS (self)->started != NULL)
    GST_AFRING_BASE_SRC_GET_CLASS (self)->started (self, source);
  return TRUE;
}

/* The others of a fanout group are to get all packets from now on. Memory that a
 * disk is reading is free as soon as it has. */
static void
leave (GstAfringBaseSrc * self)
{
  gint64 end = g_get_monotonic_time () + LEAVE_PATIENCE;

  while (!gst_afring_source_leave (PRIVATE (self)->source)) {
    if (g_get_monotonic_time () > end) {
      GST_WARNING_OBJECT (self, "cannot leave the fanout group: downstream has "
          "memory that must not move; until it lets go, the share of packets "
          "that the group gives to this source is lost");
      return;
    }
    g_usleep (LEAVE_POLL);
  }
}

static gboolean
gst_afring_base_src_stop (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstAfringKeeper *keeper;
  GstAfringSource *source;

  if (GST_AFRING_BASE_SRC_GET_CLASS (self)->stopping != NULL)
    GST_AFRING_BASE_SRC_GET_CLASS (self)->stopping (self, priv->source);
  GST_OBJECT_LOCK (self);
  keeper = g_steal_pointer (&priv->keeper);
  GST_OBJECT_UNLOCK (self);
  gst_afring_keeper_stop (keeper);

  gst_afring_stream_clear (&priv->stream);
  gst_afring_keeper_free (keeper);
  leave (self);
  GST_OBJECT_LOCK (self);
  gst_afring_stats_stop (&priv->stats, priv->source);
  gst_clear_caps (&priv->caps);
  source = g_steal_pointer (&priv->source);
  GST_OBJECT_UNLOCK (self);

  gst_capture_source_close (GST_CAPTURE_SOURCE (source), NULL);
  g_object_unref (source);
  return TRUE;
}

/* Runs with GstBaseSrc's live lock held: no lock that create() holds for long. */
static gboolean
gst_afring_base_src_unlock (GstBaseSrc * src)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (src);

  gst_afring_gate_unlock (&priv->gate);
  if (priv->keeper != NULL)
    gst_afring_keeper_wake (priv->keeper);
  return TRUE;
}

static gboolean
gst_afring_base_src_unlock_stop (GstBaseSrc * src)
{
  gst_afring_gate_lock (&PRIVATE (src)->gate);
  return TRUE;
}

void
gst_afring_base_src_end (GstAfringBaseSrc * self, const GError * error)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);

  GST_OBJECT_LOCK (self);
  if (priv->keeper != NULL) {
    if (priv->end_error == NULL && error != NULL)
      priv->end_error = g_error_copy (error);
    gst_afring_keeper_drain (priv->keeper);
  }
  GST_OBJECT_UNLOCK (self);
}

void
gst_afring_base_src_set_replay (GstAfringBaseSrc * self, gboolean replay)
{
  PRIVATE (self)->replay = replay;
}

void
gst_afring_base_src_set_blocks (GstAfringBaseSrc * self,
    GstAfringBlocks blocks)
{
  PRIVATE (self)->blocks = blocks;
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

/* What was made leaves: it cannot be thrown away any more, and the segment has gone
 * out, so that events may follow. */
static GstPadProbeReturn
made_pushed (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (user_data);

  gst_afring_gate_leave (&priv->gate);
  gst_afring_report_interface (&priv->report);
  return GST_PAD_PROBE_OK;
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

static gboolean
begin_section (GstAfringBaseSrc * self)
{
  g_autoptr (GstCaps) caps =
      gst_afring_stream_give_blocks (&PRIVATE (self)->stream);

  return gst_base_src_set_caps (GST_BASE_SRC (self), caps);
}

/* What is next, when there is a block in hand. */
static GstMiniObject *
make_next (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstMiniObject *made;

  if (gst_afring_stream_is_stale (&priv->stream))
    begin_section (self);
  made = gst_afring_stream_make_next (&priv->stream, get_running_time (self),
      get_real_time ());

  GST_OBJECT_LOCK (self);
  priv->stats.packets_captured = gst_afring_stream_get_packets (&priv->stream);
  priv->stats.bytes_captured = gst_afring_stream_get_bytes (&priv->stream);
  GST_OBJECT_UNLOCK (self);
  return made;
}

/* What is next, when no more blocks come; NULL at the very end. */
static GstMiniObject *
make_last (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);

  gst_afring_source_halt (priv->source);
  gst_afring_keeper_stop (priv->keeper);
  return gst_afring_stream_make_last (&priv->stream);
}

static GstFlowReturn
finish (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GError) error = NULL;

  gst_afring_report_end (&priv->report);
  leave (self);
  GST_OBJECT_LOCK (self);
  error = g_steal_pointer (&priv->end_error);
  GST_OBJECT_UNLOCK (self);
  if (error == NULL)
    return GST_FLOW_EOS;
  capture_error_post (GST_ELEMENT (self), error);
  return GST_FLOW_ERROR;
}

/* Waits for a block for a while. FALSE when there will be none. */
static gboolean
take_block (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  gboolean ended;
  GstAfringLease *lease =
      gst_afring_keeper_pop (priv->keeper, IDLE_TIMEOUT, &ended);

  if (lease != NULL)
    gst_afring_stream_set_block (&priv->stream, priv->source, lease);
  return !ended;
}

/* One turn of create(): *@made stays NULL if there is nothing to push yet. */
static GstFlowReturn
try_create (GstAfringBaseSrc * self, GstMiniObject ** made)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstFlowReturn ret = gst_afring_gate_wait (&priv->gate, GST_BASE_SRC (self));
  gboolean ended;

  if (ret != GST_FLOW_OK)
    return ret;
  if (gst_afring_report_counters (&priv->report))
    priv->stream.discont = TRUE;
  ended = gst_afring_stream_has_enough (&priv->stream)
      || (priv->stream.lease == NULL && !take_block (self));
  if (!ended && priv->stream.lease == NULL)
    return GST_FLOW_OK;
  if (!gst_afring_gate_enter (&priv->gate))
    return GST_FLOW_OK;

  *made = ended ? make_last (self) : make_next (self);
  if (*made != NULL)
    return GST_FLOW_OK;
  gst_afring_gate_leave (&priv->gate);
  return ended ? finish (self) : GST_FLOW_OK;
}

static GstFlowReturn
gst_afring_base_src_create (GstBaseSrc * src, guint64 offset, guint length,
    GstBuffer ** buffer)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstMiniObject *made = NULL;
  GstFlowReturn ret = GST_FLOW_OK;

  /* the last one may have been thrown away by a probe */
  gst_afring_gate_leave (&PRIVATE (self)->gate);
  while (ret == GST_FLOW_OK && made == NULL)
    ret = try_create (self, &made);
  if (made != NULL && GST_IS_BUFFER_LIST (made))
    gst_base_src_submit_buffer_list (src, GST_BUFFER_LIST_CAST (made));
  else if (made != NULL)
    *buffer = GST_BUFFER_CAST (made);
  return ret;
}

static GstStateChangeReturn
gst_afring_base_src_change_state (GstElement * element,
    GstStateChange transition)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (element);

  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_afring_gate_shut (&priv->gate);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    gst_afring_gate_open (&priv->gate);
  return GST_ELEMENT_CLASS (gst_afring_base_src_parent_class)->change_state
      (element, transition);
}

/* Negotiation and queries. */

/* What there can be on the pad: packets first, as most elements want them. */
static GstCaps *
make_possible_caps (GstAfringBaseSrc * self)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  GstCaps *caps = NULL;

  GST_OBJECT_LOCK (self);
  if (priv->caps != NULL)
    caps = gst_caps_copy (priv->caps);
  GST_OBJECT_UNLOCK (self);
  if (caps == NULL)
    return gst_pad_get_pad_template_caps (GST_BASE_SRC_PAD (self));
  if (priv->blocks != GST_AFRING_BLOCKS_NEVER)
    gst_caps_append_structure (caps,
        gst_structure_new_empty (PCAPNG_MEDIA_TYPE));
  return caps;
}

static GstCaps *
gst_afring_base_src_get_caps (GstBaseSrc * src, GstCaps * filter)
{
  GstCaps *caps = make_possible_caps (GST_AFRING_BASE_SRC (src)), *both;

  if (filter == NULL)
    return caps;
  both = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (caps);
  return both;
}

/* A query without a filter is answered in the order of what is preferred. */
static gboolean
gst_afring_base_src_negotiate (GstBaseSrc * src)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GstCaps) possible = make_possible_caps (self);
  g_autoptr (GstCaps) wanted = gst_pad_peer_query_caps (src->srcpad, NULL);

  if (!gst_caps_can_intersect (wanted, possible)) {
    GST_WARNING_OBJECT (self, "downstream takes none of %" GST_PTR_FORMAT,
        (gpointer) possible);
    return FALSE;
  }
  if (!gst_caps_can_intersect (wanted, priv->caps)
      || (priv->blocks == GST_AFRING_BLOCKS_PREFERRED
          && gst_afring_blocks_are_preferred (src->srcpad, wanted))) {
    GST_DEBUG_OBJECT (self, "giving blocks on");
    return begin_section (self);
  }
  gst_afring_stream_give_packets (&priv->stream);
  return gst_base_src_set_caps (src, priv->caps);
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

  gst_query_set_latency (query, TRUE,
      priv->settings.config.block_timeout * GST_MSECOND, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
gst_afring_base_src_finalize (GObject * object)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (object);

  gst_afring_config_clear (&priv->settings.config);
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
  base_class->negotiate = gst_afring_base_src_negotiate;
  base_class->query = gst_afring_base_src_query;
  klass->source_error = gst_afring_base_src_default_source_error;

  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_type_mark_as_plugin_api (GST_TYPE_AFRING_BASE_SRC, 0);

  gst_afring_settings_install_properties (object_class, PROP_SETTINGS);
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counters since the start, application/x-afring-stats: what the kernel"
          " received, dropped and froze, what left on the source pad, blocks that"
          " are in use, blocks that were moved out of the ring and the bytes of "
          "those still in use, and the ring as granted; after the end, the last"
          " ones",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_afring_base_src_init (GstAfringBaseSrc * self)
{
  gst_afring_settings_init (&PRIVATE (self)->settings);
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_pad_add_probe (GST_BASE_SRC_PAD (self), GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, made_pushed, self, NULL);
}
