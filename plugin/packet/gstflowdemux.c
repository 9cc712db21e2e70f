/* gst-afring: packets to one pad for each flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-flowdemux
 * @title: flowdemux
 * @short_description: one pad for each flow of packets
 *
 * Gives the payloads of each flow (protocol, addresses and ports, one direction)
 * out on a pad of its own, without copying them. RTP and RTCP are recognised by
 * their first packets; caps of RTP have the SSRC and the payload type, and for
 * the static types of RFC 3551 what they stand for. For the dynamic ones, `rtp-caps`
 * or the signal request-pt-map say it.
 *
 * A flow that falls silent loses its pad, after EOS.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 ! flowdemux \
 *     rtp-caps="application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS" \
 *     ! decodebin ! autoaudiosink
 * ]|
 */

#include "config.h"

#include "flowtable.h"
#include "gstflowdemux.h"
#include "packetdissector.h"
#include "packetmatch.h"
#include "rtpcaps.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (gst_flow_demux_debug);
#define GST_CAT_DEFAULT gst_flow_demux_debug

#define DEFAULT_FLOW_TIMEOUT (60 * GST_SECOND)
#define DEFAULT_MAX_FLOWS 1024

enum
{
  PROP_PROTOCOL = 1,
  PROP_FLOW_TIMEOUT,
  PROP_MAX_FLOWS,
  PROP_RTP_CAPS,
  PROP_STATS
};

enum
{
  SIGNAL_NEW_FLOW,
  SIGNAL_FLOW_REMOVED,
  SIGNAL_REQUEST_PT_MAP,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _GstFlowDemux
{
  GstElement parent;

  GstPad *sink_pad;

  /* Object lock. */
  PacketProtocol protocol;
  GstClockTime flow_timeout;
  guint max_flows;
  GstCaps *rtp_caps;
  guint64 not_matched;
  PacketDissectorStats stats;

  GMutex lock;                  /* for who wants to see the table */
  FlowTable *table;

  /* Of the streaming thread. */
  PacketDissector *dissector;
  guint32 link_type;
  guint group_id;
  GPtrArray *active;            /* of Flow: with packets to be pushed */
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

/* Pads. */

static GstCaps *
make_rtp_caps (GstFlowDemux * self, const RtpProbe * probe)
{
  GstCaps *asked = NULL, *fixed = NULL, *caps;

  g_signal_emit (self, signals[SIGNAL_REQUEST_PT_MAP], 0, probe->ssrc,
      (guint) probe->payload_type, &asked);
  GST_OBJECT_LOCK (self);
  gst_caps_replace (&fixed, self->rtp_caps);
  GST_OBJECT_UNLOCK (self);
  caps = rtp_caps_new (probe, asked, fixed);
  gst_clear_caps (&asked);
  gst_clear_caps (&fixed);
  return caps;
}

static GstCaps *
make_caps (GstFlowDemux * self, const Flow * flow)
{
  switch (flow->kind) {
    case RTP_PROBE_RTP:
      return make_rtp_caps (self, &flow->probe);
    case RTP_PROBE_RTCP:
      return gst_caps_new_empty_simple ("application/x-rtcp");
    default:
      return gst_caps_new_empty_simple ("application/octet-stream");
  }
}

static gboolean
copy_sticky_event (GstPad * pad, GstEvent ** event, gpointer user_data)
{
  switch (GST_EVENT_TYPE (*event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_EOS:
      break;
    default:
      gst_pad_push_event (user_data, gst_event_ref (*event));
      break;
  }
  return TRUE;
}

static void
emit_flow_signal (GstFlowDemux * self, guint signal, Flow * flow)
{
  GstStructure *structure;

  g_mutex_lock (&self->lock);
  structure = flow_make_structure (flow);
  g_mutex_unlock (&self->lock);
  g_signal_emit (self, signals[signal], 0, flow->pad, structure);
  gst_structure_free (structure);
}

static void
add_pad (GstFlowDemux * self, Flow * flow)
{
  g_autofree gchar *name = g_strdup_printf ("src_%u", flow->number);
  GstPad *pad = gst_pad_new_from_static_template (&src_template, name);
  g_autofree gchar *stream_id = gst_pad_create_stream_id (pad,
      GST_ELEMENT (self), name);
  GstEvent *start = gst_event_new_stream_start (stream_id);
  GstCaps *caps = make_caps (self, flow);

  gst_event_set_group_id (start, self->group_id);
  gst_pad_use_fixed_caps (pad);
  gst_pad_set_active (pad, TRUE);
  gst_pad_push_event (pad, start);
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  gst_pad_sticky_events_foreach (self->sink_pad, copy_sticky_event, pad);

  g_mutex_lock (&self->lock);
  flow->pad = gst_object_ref (pad);
  g_mutex_unlock (&self->lock);
  gst_element_add_pad (GST_ELEMENT (self), pad);
  emit_flow_signal (self, SIGNAL_NEW_FLOW, flow);
}

static GstFlowReturn
push_flow (GstFlowDemux * self, Flow * flow)
{
  GstFlowReturn ret;

  flow->is_listed = FALSE;
  if (flow->list == NULL || flow->kind == RTP_PROBE_UNDECIDED)
    return GST_FLOW_OK;
  if (flow->pad == NULL)
    add_pad (self, flow);
  ret = gst_pad_push_list (flow->pad, g_steal_pointer (&flow->list));
  /* that nobody wants one flow does not end the others */
  return ret == GST_FLOW_NOT_LINKED || ret == GST_FLOW_EOS ? GST_FLOW_OK : ret;
}

/* Takes a flow out of the table and ends what it has downstream. */
static void
remove_flow (GstFlowDemux * self, Flow * flow)
{
  g_mutex_lock (&self->lock);
  if (flow->kind == RTP_PROBE_UNDECIDED)
    flow->kind = rtp_probe_decide (&flow->probe);
  flow_table_remove (self->table, flow);
  g_mutex_unlock (&self->lock);

  push_flow (self, flow);
  if (flow->pad != NULL) {
    gst_pad_push_event (flow->pad, gst_event_new_eos ());
    emit_flow_signal (self, SIGNAL_FLOW_REMOVED, flow);
    gst_pad_set_active (flow->pad, FALSE);
    gst_element_remove_pad (GST_ELEMENT (self), flow->pad);
  }
  flow_free (flow);
}

/* Packets. */

/* Table's lock. */
static void
add_to_flow (GstFlowDemux * self, Flow * flow, GstBuffer * payload)
{
  flow->packets++;
  flow->bytes += gst_buffer_get_size (payload);
  if (flow->kind == RTP_PROBE_UNDECIDED)
    flow->kind = rtp_probe_look (&flow->probe, payload);
  if (flow->list == NULL)
    flow->list = gst_buffer_list_new ();
  /* who knows how long it waits: a whole block of the ring is not kept for it */
  if (flow->kind == RTP_PROBE_UNDECIDED) {
    GstBuffer *copy = gst_buffer_copy_deep (payload);

    gst_buffer_unref (payload);
    payload = copy;
  }
  gst_buffer_list_add (flow->list, payload);
  if (!flow->is_listed)
    g_ptr_array_add (self->active, flow);
  flow->is_listed = TRUE;
}

/* Table's lock. */
static void
sort_packet (GstFlowDemux * self, PacketProtocol protocol, GstBuffer * buffer,
    gboolean in_place)
{
  GstClockTime time = packet_buffer_get_time (buffer);
  DissectedPacket packet;
  GstBuffer *payload;
  Flow *flow;

  if (!packet_dissector_start (self->dissector, buffer, self->link_type,
          &packet))
    return;
  if (!packet_protocol_matches (protocol, &packet.headers)) {
    self->not_matched++;
    packet_dissector_finish (self->dissector, &packet);
    return;
  }
  flow = flow_table_touch (self->table, &packet.headers, time);
  payload = packet_dissector_cut (self->dissector, &packet,
      packet.headers.payload, packet.headers.end, in_place);
  if (payload == buffer)
    gst_buffer_ref (payload);
  add_to_flow (self, flow, payload);
}

/* Without the table's lock: who hears of a new pad may ask for stats. */
static GstFlowReturn
push_active (GstFlowDemux * self)
{
  GstFlowReturn ret = GST_FLOW_OK;

  for (guint i = 0; i < self->active->len; i++) {
    GstFlowReturn flow_ret =
        push_flow (self, g_ptr_array_index (self->active, i));

    if (ret == GST_FLOW_OK)
      ret = flow_ret;
  }
  g_ptr_array_set_size (self->active, 0);
  return ret;
}

/* Lets go of flows that have been silent, and of those that are too many. */
static void
expire_flows (GstFlowDemux * self, GstClockTime now)
{
  GstClockTime timeout;
  guint most;
  Flow *oldest;

  GST_OBJECT_LOCK (self);
  timeout = self->flow_timeout;
  most = self->max_flows;
  packet_dissector_get_stats (self->dissector, &self->stats);
  GST_OBJECT_UNLOCK (self);
  while ((oldest = flow_table_get_oldest (self->table)) != NULL) {
    gboolean silent = timeout > 0 && GST_CLOCK_TIME_IS_VALID (now)
        && GST_CLOCK_TIME_IS_VALID (oldest->last_time)
        && now > oldest->last_time && now - oldest->last_time > timeout;

    if (!silent && flow_table_get_size (self->table) <= most)
      return;
    remove_flow (self, oldest);
  }
}

static PacketProtocol
get_protocol (GstFlowDemux * self)
{
  PacketProtocol protocol;

  GST_OBJECT_LOCK (self);
  protocol = self->protocol;
  GST_OBJECT_UNLOCK (self);
  return protocol;
}

static GstFlowReturn
gst_flow_demux_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (parent);
  GstClockTime time = packet_buffer_get_time (buffer);
  GstFlowReturn ret;

  g_mutex_lock (&self->lock);
  sort_packet (self, get_protocol (self), buffer,
      gst_buffer_is_writable (buffer));
  g_mutex_unlock (&self->lock);
  gst_buffer_unref (buffer);
  ret = push_active (self);
  expire_flows (self, time);
  return ret;
}

static GstFlowReturn
gst_flow_demux_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (parent);
  gboolean in_place = gst_buffer_list_is_writable (list);
  PacketProtocol protocol = get_protocol (self);
  guint n = gst_buffer_list_length (list);
  GstClockTime time = GST_CLOCK_TIME_NONE;
  GstFlowReturn ret;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    time = packet_buffer_get_time (buffer);
    sort_packet (self, protocol, buffer, in_place
        && GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) == 1);
  }
  g_mutex_unlock (&self->lock);
  gst_buffer_list_unref (list);
  ret = push_active (self);
  expire_flows (self, time);
  return ret;
}

/* Events. */

/* Flows of which it is not known yet what they are, are given out all the same. */
static void
end_flows (GstFlowDemux * self)
{
  g_autoptr (GPtrArray) flows = g_ptr_array_new ();

  g_mutex_lock (&self->lock);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    Flow *flow = i->data;

    if (flow->kind == RTP_PROBE_UNDECIDED)
      flow->kind = rtp_probe_decide (&flow->probe);
    g_ptr_array_add (flows, flow);
  }
  g_mutex_unlock (&self->lock);
  /* the oldest first */
  for (guint i = flows->len; i > 0; i--)
    push_flow (self, g_ptr_array_index (flows, i - 1));
  gst_element_no_more_pads (GST_ELEMENT (self));
}

static gboolean
gst_flow_demux_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (parent);
  gboolean has_group;
  gint link_type;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      has_group = gst_event_parse_group_id (event, &self->group_id);
      if (!has_group)
        self->group_id = gst_util_group_id_next ();
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      if (gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
              &link_type))
        self->link_type = link_type;
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_EOS:
      end_flows (self);
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
  GValue list = G_VALUE_INIT;
  GstStructure *stats;

  g_value_init (&list, GST_TYPE_LIST);
  g_mutex_lock (&self->lock);
  for (const GList * i = flow_table_get_flows (self->table); i != NULL;
      i = i->next) {
    GValue value = G_VALUE_INIT;

    g_value_init (&value, GST_TYPE_STRUCTURE);
    g_value_take_boxed (&value, flow_make_structure (i->data));
    gst_value_list_append_and_take_value (&list, &value);
  }
  g_mutex_unlock (&self->lock);

  GST_OBJECT_LOCK (self);
  stats = gst_structure_new ("application/x-flowdemux-stats",
      "packets", G_TYPE_UINT64, self->stats.packets,
      "not-matched", G_TYPE_UINT64, self->not_matched + self->stats.not_ip,
      "malformed", G_TYPE_UINT64, self->stats.malformed + self->stats.truncated,
      "truncated", G_TYPE_UINT64, self->stats.truncated,
      "fragments", G_TYPE_UINT64, self->stats.fragments,
      "reassembled", G_TYPE_UINT64, self->stats.reassembled,
      "fragments-expired", G_TYPE_UINT64, self->stats.fragments_expired, NULL);
  GST_OBJECT_UNLOCK (self);
  gst_structure_take_value (stats, "flows", &list);
  return stats;
}

static void
gst_flow_demux_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_PROTOCOL:
      self->protocol = g_value_get_enum (value);
      break;
    case PROP_FLOW_TIMEOUT:
      self->flow_timeout = g_value_get_uint64 (value);
      break;
    case PROP_MAX_FLOWS:
      self->max_flows = g_value_get_uint (value);
      break;
    case PROP_RTP_CAPS:
      gst_clear_caps (&self->rtp_caps);
      if (gst_value_get_caps (value) != NULL)
        self->rtp_caps = gst_caps_copy (gst_value_get_caps (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
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
  switch (id) {
    case PROP_PROTOCOL:
      g_value_set_enum (value, self->protocol);
      break;
    case PROP_FLOW_TIMEOUT:
      g_value_set_uint64 (value, self->flow_timeout);
      break;
    case PROP_MAX_FLOWS:
      g_value_set_uint (value, self->max_flows);
      break;
    case PROP_RTP_CAPS:
      gst_value_set_caps (value, self->rtp_caps);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static void
start (GstFlowDemux * self)
{
  GST_OBJECT_LOCK (self);
  self->not_matched = 0;
  memset (&self->stats, 0, sizeof (self->stats));
  GST_OBJECT_UNLOCK (self);
  self->dissector = packet_dissector_new (TRUE);
}

static void
stop (GstFlowDemux * self)
{
  Flow *flow;

  g_ptr_array_set_size (self->active, 0);
  while ((flow = flow_table_get_oldest (self->table)) != NULL) {
    g_mutex_lock (&self->lock);
    flow_table_remove (self->table, flow);
    g_mutex_unlock (&self->lock);
    if (flow->pad != NULL)
      gst_element_remove_pad (GST_ELEMENT (self), flow->pad);
    flow_free (flow);
  }
  /* pads are numbered from 0 again */
  g_mutex_lock (&self->lock);
  flow_table_free (self->table);
  self->table = flow_table_new ();
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->dissector, packet_dissector_free);
}

static GstStateChangeReturn
gst_flow_demux_change_state (GstElement * element, GstStateChange transition)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (self);
  ret = GST_ELEMENT_CLASS (gst_flow_demux_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    stop (self);
  return ret;
}

static void
gst_flow_demux_finalize (GObject * object)
{
  GstFlowDemux *self = GST_FLOW_DEMUX (object);

  g_clear_pointer (&self->dissector, packet_dissector_free);
  flow_table_free (self->table);
  g_ptr_array_unref (self->active);
  gst_clear_caps (&self->rtp_caps);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_flow_demux_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING;

  g_object_class_install_property (klass, PROP_PROTOCOL,
      g_param_spec_enum ("protocol", "Protocol",
          "Only flows of this protocol", TYPE_PACKET_PROTOCOL,
          PACKET_PROTOCOL_UDP, flags));
  g_object_class_install_property (klass, PROP_FLOW_TIMEOUT,
      g_param_spec_uint64 ("flow-timeout", "Flow timeout",
          "Nanoseconds of silence, in the time of the capture, after which a "
          "flow has ended; 0: never", 0, G_MAXUINT64, DEFAULT_FLOW_TIMEOUT,
          flags));
  g_object_class_install_property (klass, PROP_MAX_FLOWS,
      g_param_spec_uint ("max-flows", "Maximum flows",
          "Flows at a time, at most; for one more, that ends which has been "
          "silent longest", 1, G_MAXUINT, DEFAULT_MAX_FLOWS, flags));
  g_object_class_install_property (klass, PROP_RTP_CAPS,
      g_param_spec_boxed ("rtp-caps", "RTP caps",
          "What RTP flows carry, if their payload type does not say it: fields "
          "that their caps get (application/x-rtp, media=..., clock-rate=..., "
          "encoding-name=...); of several structures, that which has the payload "
          "type of the flow", GST_TYPE_CAPS, flags));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "application/x-flowdemux-stats: counters of packets as packetdepay has "
          "them, and flows, a list of structures, the newest first: src-ip, "
          "dst-ip, src-port, dst-port, protocol, kind (rtp, rtcp, other), "
          "packets, bytes, first-time, last-time (nanoseconds since 1970), ssrc "
          "and payload of RTP, pad",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
install_signals (GObjectClass * klass)
{
  /**
   * GstFlowDemux::new-flow:
   * @pad: its pad
   * @flow: what is known of it, as in `stats`
   *
   * A flow has got its pad. Emitted on the streaming thread.
   */
  signals[SIGNAL_NEW_FLOW] = g_signal_new ("new-flow",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_TYPE_PAD,
      GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * GstFlowDemux::flow-removed:
   * @pad: its pad, which has had EOS and is about to be removed
   * @flow: what is known of it, as in `stats`
   *
   * A flow has ended. Emitted on the streaming thread.
   */
  signals[SIGNAL_FLOW_REMOVED] = g_signal_new ("flow-removed",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 2, GST_TYPE_PAD,
      GST_TYPE_STRUCTURE | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * GstFlowDemux::request-pt-map:
   * @ssrc: the SSRC of an RTP flow
   * @payload: its payload type
   *
   * Asks what an RTP flow carries. Emitted on the streaming thread.
   *
   * Returns: (transfer full) (nullable): caps with the fields that the flow's caps
   *   are to have
   */
  signals[SIGNAL_REQUEST_PT_MAP] = g_signal_new ("request-pt-map",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      GST_TYPE_CAPS, 2, G_TYPE_UINT, G_TYPE_UINT);
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
  install_properties (object_class);
  install_signals (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Flow demuxer",
      "Codec/Demuxer/Network", "Gives each flow of packets a pad of its own",
      "The gst-afring developers");
}

static void
gst_flow_demux_init (GstFlowDemux * self)
{
  g_mutex_init (&self->lock);
  self->max_flows = DEFAULT_MAX_FLOWS;
  self->table = flow_table_new ();
  self->active = g_ptr_array_new ();

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_flow_demux_chain);
  gst_pad_set_chain_list_function (self->sink_pad, gst_flow_demux_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_flow_demux_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);
}
