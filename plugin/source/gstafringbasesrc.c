/* gst-afring: the base of sources that read a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringbasesrc-parts.h"
#include "common/streamcaps.h"
#include "gstafringturn.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_afring_base_src_debug);
#define GST_CAT_DEFAULT gst_afring_base_src_debug

enum
{
  PROP_SETTINGS = 1,
  PROP_STATS = PROP_SETTINGS + GST_AFRING_SETTINGS_N
};

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS "; " PCAPNG_MEDIA_TYPE));

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GstAfringBaseSrc, gst_afring_base_src,
    GST_TYPE_BASE_SRC)

#define PRIVATE(self) \
    gst_afring_base_src_get_parts (GST_AFRING_BASE_SRC (self))

GstAfringBaseSrcPrivate *
gst_afring_base_src_get_parts (GstAfringBaseSrc * self)
{
  return gst_afring_base_src_get_instance_private (self);
}

static GstAfringSourceFate
gst_afring_base_src_default_source_error (GstAfringBaseSrc * self,
    const GError * error)
{
  return GST_AFRING_SOURCE_FAILED;
}

static GstAfringRun *
get_run (gpointer self)
{
  return gst_afring_run_slot_get (&PRIVATE (self)->slot);
}

GstAfringSource *
gst_afring_base_src_get_source (GstAfringBaseSrc * self)
{
  g_autoptr (GstAfringRun) run = get_run (self);

  return run != NULL ? g_object_ref (gst_afring_run_get_source (run)) : NULL;
}

/* Properties. */

/* FALSE, after a warning, if the source does not take it; TRUE where there is none, or none
 * any more. */
static gboolean
apply_filter (GstAfringBaseSrc * self, const gchar * filter)
{
  g_autoptr (GstAfringSource) source = gst_afring_base_src_get_source (self);
  g_autoptr (GError) error = NULL;
  gboolean was_in_kernel;

  if (source == NULL)
    return TRUE;
  was_in_kernel = gst_afring_source_is_filter_in_kernel (source);
  if (!gst_afring_source_set_filter (source, filter, &error)) {
    /* a run that ends at this moment: the next one has it */
    if (g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED))
      return TRUE;
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", error->message),
        ("the earlier filter stays"));
    return FALSE;
  }
  if (was_in_kernel)
    gst_afring_base_src_warn_of_user_space (self, source);
  return TRUE;
}

/* A run that begins meanwhile compares what it has with the setting, when there is
 * something to apply it to. */
static void
change_filter (GstAfringBaseSrc * self, const GValue * value)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (self);
  g_autoptr (GstAfringSource) before = gst_afring_base_src_get_source (self);
  g_autoptr (GstAfringSource) after = NULL;

  if (!apply_filter (self, g_value_get_string (value)))
    return;
  GST_OBJECT_LOCK (self);
  gst_afring_config_set_property (&priv->settings.config,
      GST_AFRING_CONFIG_FILTER, value);
  GST_OBJECT_UNLOCK (self);
  after = gst_afring_base_src_get_source (self);
  if (after != before)
    apply_filter (self, g_value_get_string (value));
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
    g_value_take_boxed (value, gst_afring_run_slot_make_stats (&priv->slot));
    return;
  }

  GST_OBJECT_LOCK (self);
  known = gst_afring_settings_get_property (&priv->settings,
      id - PROP_SETTINGS, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* Can run with GstBaseSrc's live lock held: no lock that create() holds for long. */
static gboolean
gst_afring_base_src_unlock (GstBaseSrc * src)
{
  g_autoptr (GstAfringRun) run = get_run (src);

  gst_afring_gate_unlock (&PRIVATE (src)->gate);
  gst_afring_arrival_wake (&PRIVATE (src)->arrival);
  if (run != NULL)
    gst_afring_run_wake (run);
  return TRUE;
}

static gboolean
gst_afring_base_src_unlock_stop (GstBaseSrc * src)
{
  gst_afring_gate_lock (&PRIVATE (src)->gate);
  return TRUE;
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
  g_autoptr (GstAfringRun) run = get_run (element);

  if (GST_EVENT_TYPE (event) != GST_EVENT_EOS
      || (run == NULL && GST_STATE (element) < GST_STATE_PAUSED))
    return GST_ELEMENT_CLASS (gst_afring_base_src_parent_class)->send_event
        (element, event);

  GST_DEBUG_OBJECT (element, "draining the ring before EOS");
  gst_afring_base_src_end (GST_AFRING_BASE_SRC (element), NULL);
  /* who then goes to READY at once would throw away what is on its way */
  if (GST_STATE (element) == GST_STATE_PLAYING && run != NULL)
    gst_afring_run_await_end (run);
  gst_event_unref (event);
  return TRUE;
}

/* Streaming. */

/* Events may follow now that the segment has gone out. */
static GstPadProbeReturn
made_pushed (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_autoptr (GstAfringRun) run = get_run (user_data);

  gst_afring_gate_leave (&PRIVATE (user_data)->gate);
  if (run != NULL)
    gst_afring_report_interface (gst_afring_run_get_report (run));
  return GST_PAD_PROBE_OK;
}

/* GstBaseSrc asks for the times of what it is going to push, when a pause does not make
 * it throw that away any more. Nothing here waits for its time. */
static void
gst_afring_base_src_get_times (GstBaseSrc * src, GstBuffer * buffer,
    GstClockTime * start, GstClockTime * end)
{
  *start = *end = GST_CLOCK_TIME_NONE;
  gst_afring_gate_leave (&PRIVATE (src)->gate);
}

static GstFlowReturn
gst_afring_base_src_create (GstBaseSrc * src, guint64 offset, guint length,
    GstBuffer ** buffer)
{
  GstAfringBaseSrc *self = GST_AFRING_BASE_SRC (src);
  GstAfringRun *run = get_run (self);
  GstMiniObject *made = NULL;
  GstFlowReturn ret = GST_FLOW_OK;

  /* the last one may have been thrown away by a probe */
  gst_afring_gate_leave (&PRIVATE (self)->gate);
  while (ret == GST_FLOW_OK && made == NULL) {
    if (run != NULL)
      ret = gst_afring_turn (src, run, &PRIVATE (self)->gate, &made);
    if (run == NULL || ret == GST_AFRING_FLOW_OTHER_RUN) {
      g_clear_pointer (&run, gst_afring_run_unref);
      ret = gst_afring_base_src_follow (self);
      run = get_run (self);
    }
  }
  g_clear_pointer (&run, gst_afring_run_unref);
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
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    gst_afring_gate_shut (&priv->gate);
  ret = GST_ELEMENT_CLASS (gst_afring_base_src_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    gst_afring_gate_open (&priv->gate);
  return ret;
}

/* Negotiation and queries. */

static GstCaps *
make_possible_caps (GstAfringBaseSrc * self)
{
  g_autoptr (GstAfringRun) run = get_run (self);

  if (run == NULL)
    return gst_pad_get_pad_template_caps (GST_BASE_SRC_PAD (self));
  return gst_afring_blocks_make_caps (PRIVATE (self)->blocks,
      gst_afring_run_get_caps (run));
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
  g_autoptr (GstAfringRun) run = get_run (self);
  g_autoptr (GstCaps) possible = make_possible_caps (self);
  g_autoptr (GstCaps) wanted = gst_pad_peer_query_caps (src->srcpad, NULL);

  if (run == NULL)              /* not known before there is an interface */
    return TRUE;
  if (!gst_caps_can_intersect (wanted, possible)) {
    GST_WARNING_OBJECT (self, "downstream takes none of %" GST_PTR_FORMAT,
        (gpointer) possible);
    return FALSE;
  }
  if (gst_afring_blocks_are_wanted (PRIVATE (self)->blocks, src->srcpad, wanted,
          gst_afring_run_get_caps (run))) {
    GST_DEBUG_OBJECT (self, "giving blocks on");
    return gst_afring_turn_begin_section (src, run);
  }
  gst_afring_stream_give_packets (gst_afring_run_get_stream (run));
  return gst_base_src_set_caps (src, gst_afring_run_get_caps (run));
}

static void
add_statistics (GstAfringBaseSrcPrivate * priv, GstQuery * query)
{
  g_autoptr (GstAfringRun) run = gst_afring_run_slot_get (&priv->slot);
  GstCaptureStatistics statistics;

  if (run == NULL)
    return;
  gst_afring_run_get_statistics (run, &statistics);
  gst_query_add_capture_statistics (query, &statistics);
}

static gboolean
gst_afring_base_src_query (GstBaseSrc * src, GstQuery * query)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (src);
  GstClockTime latency;

  if (gst_query_is_capture_statistics (query))
    add_statistics (priv, query);
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return GST_BASE_SRC_CLASS (gst_afring_base_src_parent_class)->query (src,
        query);

  GST_OBJECT_LOCK (src);
  latency = gst_afring_settings_get_latency (&priv->settings);
  GST_OBJECT_UNLOCK (src);
  /* there is no upper bound, the ring keeps what downstream is late for */
  gst_query_set_latency (query, TRUE, latency, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
gst_afring_base_src_finalize (GObject * object)
{
  GstAfringBaseSrcPrivate *priv = PRIVATE (object);

  gst_afring_config_clear (&priv->settings.config);
  gst_afring_run_slot_clear (&priv->slot);
  gst_afring_gate_clear (&priv->gate);
  gst_afring_arrival_clear (&priv->arrival);
  g_free (priv->interface);
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
  base_class->get_times = gst_afring_base_src_get_times;
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
          " received, dropped and froze, what left on the source pad and what "
          "nobody got because of a stop, blocks that are in use, blocks that were "
          "moved or copied out of the ring and the bytes of those still in use, "
          "whether the kernel runs the filter, and the ring as granted; after the "
          "end, the last ones",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_afring_base_src_init (GstAfringBaseSrc * self)
{
  gst_afring_settings_init (&PRIVATE (self)->settings);
  gst_afring_run_slot_init (&PRIVATE (self)->slot);
  gst_afring_gate_init (&PRIVATE (self)->gate);
  gst_afring_arrival_init (&PRIVATE (self)->arrival);
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
  gst_pad_add_probe (GST_BASE_SRC_PAD (self), GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, made_pushed, self, NULL);
}
