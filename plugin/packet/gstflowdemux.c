/* gst-afring: packets to one pad for each flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-flowdemux
 * @title: flowdemux
 * @short_description: one pad for each flow of packets
 *
 * Gives the payloads of each flow (protocol, addresses and ports, one direction)
 * out on a pad of its own, without copying them. RTP and RTCP are recognised, whatever
 * comes before and between; caps of RTP have the SSRC and the payload type, and for
 * the static types of RFC 3551 what they stand for. For the dynamic ones, `rtp-caps`
 * or the signal request-pt-map say it.
 *
 * Of each SSRC it is counted what is lost, and whether the capture has dropped it or the
 * network has lost it; an element message GstFlowDemuxLoss tells of it.
 *
 * A flow that falls silent gets GAP events, and after some time EOS, and loses its
 * pad. That does not end a pipeline: the element counts as a sink, which has had EOS
 * when its input has.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 ! flowdemux \
 *     rtp-caps="application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS" \
 *     ! decodebin ! autoaudiosink
 * ]|
 */

#include "config.h"

#include "flowset.h"
#include "flowsettings.h"
#include "flowsignals.h"
#include "flowsorter.h"
#include "gstflowdemux.h"
#include "packetcaps.h"
#include "packetcounts.h"
#include "packetlist.h"
#include "packetrefusal.h"
#include "rtpcaps.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_flow_demux_debug);
#define GST_CAT_DEFAULT gst_flow_demux_debug

enum
{
  PROP_SETTINGS = 1,
  PROP_STATS = PROP_SETTINGS + FLOW_SETTING_N
};

struct _GstFlowDemux
{
  GstElement parent;

  GstPad *sink_pad;
  FlowSet *flows;

  /* Object lock. */
  FlowSettings settings;
  PacketRefusal refusal;
  PacketCounts counts;          /* as of the last list */
  GstMessage *eos;              /* NULL: the input goes on */

  /* Of the streaming thread. */
  FlowSorter *sorter;           /* NULL: not running */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src_%u",
    GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS ("application/x-rtp; application/x-rtcp; "
        "application/octet-stream"));

G_DEFINE_TYPE (GstFlowDemux, gst_flow_demux, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (flowdemux, "flowdemux", GST_RANK_NONE,
    GST_TYPE_FLOW_DEMUX, GST_DEBUG_CATEGORY_INIT (gst_flow_demux_debug,
        "flowdemux", 0, "Packets to one pad for each flow"))

/* Caps of an RTP flow: what is asked for is checked here, what is set was then. */
static GstCaps *
make_rtp_caps (GstElement * element, guint32 ssrc, guint8 payload_type)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (element);
  GstCaps *asked = flow_signals_ask_pt_map (element, ssrc, payload_type);
  GstCaps *fixed = NULL, *caps;
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  gst_caps_replace (&fixed, self->settings.rtp_caps);
  GST_OBJECT_UNLOCK (self);
  caps = rtp_caps_new (ssrc, payload_type, asked, fixed);
  gst_clear_caps (&asked);
  gst_clear_caps (&fixed);
  if (!packet_caps_check (caps, "The caps that request-pt-map gave", &error)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message),
        ("payload type %u", payload_type));
    gst_clear_caps (&caps);
  }
  return caps;
}

/* Packets. */

static void
update_counts (GstFlowDemux * self)
{
  GST_OBJECT_LOCK (self);
  flow_sorter_get_counts (self->sorter, &self->counts);
  GST_OBJECT_UNLOCK (self);
}

/* Takes the list. */
static GstFlowReturn
handle_list (GstBufferList * list, gpointer user_data)
{
  GstFlowDemux *self = user_data;
  GstFlowReturn ret;
  FlowRules rules;

  GST_OBJECT_LOCK (self);
  rules.protocol = self->settings.protocol;
  rules.timeout = self->settings.flow_timeout;
  rules.most = self->settings.max_flows;
  rules.reassembles = self->settings.reassembles;
  rules.tcp = self->settings.tcp;
  GST_OBJECT_UNLOCK (self);
  ret = flow_sorter_take (self->sorter, list, &rules);
  update_counts (self);
  return ret;
}

static GstFlowReturn
gst_flow_demux_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstBufferList *list = gst_buffer_list_new_sized (1);

  gst_buffer_list_add (list, buffer);
  return handle_list (list, parent);
}

static GstFlowReturn
gst_flow_demux_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  return packet_list_give (list, handle_list, parent);
}

/* Events. */

/* A pipeline ends when all of its sinks have said so. */
static void
set_eos (GstFlowDemux * self, GstEvent * event)
{
  GstMessage *message = NULL;

  if (event != NULL) {
    message = gst_message_new_eos (GST_OBJECT (self));
    gst_message_set_seqnum (message, gst_event_get_seqnum (event));
  }
  GST_OBJECT_LOCK (self);
  gst_clear_message (&self->eos);
  self->eos = message != NULL ? gst_message_ref (message) : NULL;
  GST_OBJECT_UNLOCK (self);
  if (message != NULL)
    gst_element_post_message (GST_ELEMENT (self), message);
}

/* In preroll nobody counts it, and what was there is forgotten after a pause. */
static void
repeat_eos (GstFlowDemux * self)
{
  GstMessage *message = NULL;

  GST_OBJECT_LOCK (self);
  if (self->eos != NULL)
    message = gst_message_ref (self->eos);
  GST_OBJECT_UNLOCK (self);
  if (message != NULL)
    gst_element_post_message (GST_ELEMENT (self), message);
}

/* FALSE, and an error, if there was nothing to give out. */
static gboolean
check_flows (GstFlowDemux * self)
{
  g_autofree gchar *counts = NULL;
  gboolean wanted;

  if (flow_set_count_pads (self->flows) > 0)
    return TRUE;
  GST_OBJECT_LOCK (self);
  wanted = self->settings.require_flow;
  counts = packet_counts_explain (&self->counts);
  GST_OBJECT_UNLOCK (self);
  if (!wanted)
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, TYPE_NOT_FOUND,
      ("There is no flow in the stream. %s", counts),
      ("protocol=any takes more than UDP; with require-flow=false a stream "
          "without a flow ends as any other"));
  return FALSE;
}

static gboolean
take_eos (GstFlowDemux * self, GstEvent * event)
{
  gboolean ok;

  flow_set_settle (self->flows);
  flow_sorter_clear (self->sorter);
  update_counts (self);
  gst_element_no_more_pads (GST_ELEMENT (self));
  ok = check_flows (self);
  gst_pad_event_default (self->sink_pad, GST_OBJECT (self),
      gst_event_ref (event));
  if (ok)
    set_eos (self, event);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
take_stream_start (GstFlowDemux * self, GstEvent * event)
{
  const gchar *stream_id;
  GstMessage *message = gst_message_new_stream_start (GST_OBJECT (self));
  guint group_id;

  gst_event_parse_stream_start (event, &stream_id);
  if (!gst_event_parse_group_id (event, &group_id))
    group_id = gst_util_group_id_next ();
  flow_set_settle (self->flows);
  flow_sorter_clear (self->sorter);
  flow_set_restart (self->flows, g_strdup (stream_id), group_id);
  set_eos (self, NULL);
  gst_message_set_seqnum (message, gst_event_get_seqnum (event));
  gst_message_set_group_id (message, group_id);
  gst_element_post_message (GST_ELEMENT (self), message);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
take_caps (GstFlowDemux * self, GstEvent * event)
{
  gint link_type;
  gboolean ok;

  ok = stream_caps_parse_link_type (event, &link_type);
  if (ok && !flow_sorter_set_link_type (self->sorter, link_type))
    packet_counts_warn_link_type (GST_ELEMENT (self), link_type);
  gst_event_unref (event);
  return ok;
}

/* Nothing comes up to some time: each flow gets a GAP of its own. */
static gboolean
take_gap (GstFlowDemux * self, GstEvent * event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  if (GST_CLOCK_TIME_IS_VALID (duration))
    time += duration;
  flow_set_note_time (self->flows, time);
  flow_set_push_gaps (self->flows);
  gst_event_unref (event);
  return TRUE;
}

static void
take_statistics (GstFlowDemux * self, GstEvent * event)
{
  GstCaptureStatistics statistics;

  if (gst_event_parse_capture_statistics (event, &statistics))
    flow_set_take_statistics (self->flows, &statistics);
}

static gboolean
gst_flow_demux_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      return take_stream_start (self, event);
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_GAP:
      return take_gap (self, event);
    case GST_EVENT_EOS:
      return take_eos (self, event);
    case GST_EVENT_CUSTOM_DOWNSTREAM:
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
      take_statistics (self, event);
      break;
    case GST_EVENT_SEGMENT:
      flow_set_settle (self->flows);
      flow_set_new_segment (self->flows);
      break;
    case GST_EVENT_FLUSH_STOP:
      flow_sorter_clear (self->sorter);
      flow_set_reset (self->flows);
      set_eos (self, NULL);
      break;
    default:
      break;
  }
  /* without a pad there is nobody to refuse it */
  gst_pad_event_default (pad, parent, event);
  return TRUE;
}

/* Properties. */

static GstStructure *
make_stats (GstFlowDemux * self)
{
  GstStructure *stats =
      gst_structure_new_empty ("application/x-flowdemux-stats");
  GValue list = G_VALUE_INIT;

  g_value_init (&list, GST_TYPE_LIST);
  flow_set_list (self->flows, &list);
  GST_OBJECT_LOCK (self);
  packet_counts_describe (&self->counts, stats);
  GST_OBJECT_UNLOCK (self);
  gst_structure_take_value (stats, "flows", &list);
  return stats;
}

static void
gst_flow_demux_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (object);
  GError *error = NULL;

  if (id - PROP_SETTINGS >= FLOW_SETTING_N) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  flow_settings_set_property (&self->settings, id - PROP_SETTINGS, value,
      &error);
  GST_OBJECT_UNLOCK (self);
  packet_refusal_note (&self->refusal, GST_ELEMENT (self), pspec->name, error);
}

static void
gst_flow_demux_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id - PROP_SETTINGS < FLOW_SETTING_N)
    flow_settings_get_property (&self->settings, id - PROP_SETTINGS, value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static gboolean
start (GstFlowDemux * self)
{
  if (!packet_refusal_start (&self->refusal, GST_ELEMENT (self)))
    return FALSE;
  self->sorter = flow_sorter_new (self->flows);
  update_counts (self);
  return TRUE;
}

static void
stop (GstFlowDemux * self)
{
  flow_set_clear (self->flows);
  set_eos (self, NULL);
  g_clear_pointer (&self->sorter, flow_sorter_free);
  packet_refusal_stop (&self->refusal, GST_ELEMENT (self));
}

static GstStateChangeReturn
gst_flow_demux_change_state (GstElement * element, GstStateChange transition)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_flow_demux_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    repeat_eos (self);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    stop (self);
  return ret;
}

/* Where a pipeline is say the sinks behind; here the stream is far ahead of them. */
static gboolean
gst_flow_demux_query (GstElement * element, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_POSITION)
    return FALSE;
  return GST_ELEMENT_CLASS (gst_flow_demux_parent_class)->query (element,
      query);
}

static void
gst_flow_demux_finalize (GObject * object)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (object);

  g_clear_pointer (&self->sorter, flow_sorter_free);
  flow_set_free (self->flows);
  flow_settings_clear (&self->settings);
  packet_refusal_clear (&self->refusal);
  gst_clear_message (&self->eos);
  G_OBJECT_CLASS (gst_flow_demux_parent_class)->finalize (object);
}

static void
gst_flow_demux_class_init (GstFlowDemuxClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_flow_demux_set_property;
  object_class->get_property = gst_flow_demux_get_property;
  object_class->finalize = gst_flow_demux_finalize;
  element_class->change_state = gst_flow_demux_change_state;
  element_class->query = gst_flow_demux_query;
  flow_settings_install (object_class, PROP_SETTINGS);
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "application/x-flowdemux-stats: counters of packets as packetdepay has "
          "them, and flows, a list of structures, the newest first: src-ip, "
          "dst-ip, src-port, dst-port, protocol, interface, vlan, kind (rtp, "
          "rtcp, other), packets, bytes, first-time, last-time (nanoseconds since "
          "1970), pad; of RTP ssrc and payload if all have the same, lost, "
          "lost-by-capture, lost-by-network, duplicates, reordered, bursts, "
          "largest-gap, max-delta, jitter (nanoseconds), hardware-time, and "
          "streams, a list of these for each SSRC; of TCP that is put together "
          "delivered, retransmitted, overlapping, missing (bytes), holes, "
          "out-of-order, keep-alives, strays (segments), waiting (bytes)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  flow_signals_install (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Flow demuxer",
      "Codec/Demuxer/Network", "Gives each flow of packets a pad of its own",
      GST_AFRING_AUTHORS);
}

static void
gst_flow_demux_init (GstFlowDemux * self)
{
  GstElement *element = GST_ELEMENT (self);

  flow_settings_init (&self->settings);
  packet_refusal_init (&self->refusal);
  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_flow_demux_chain);
  gst_pad_set_chain_list_function (self->sink_pad, gst_flow_demux_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_flow_demux_sink_event);
  gst_element_add_pad (element, self->sink_pad);
  self->flows = flow_set_new (element, self->sink_pad,
      gst_element_get_pad_template (element, "src_%u"), make_rtp_caps);
  /* Flows end, and with them the sinks behind, but the input goes on, and there are
   * others to come: a pipeline is not at its end before this element says so, too. */
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
}
