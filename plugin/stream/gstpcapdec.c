/* gst-afring: a capture stream to packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-pcapdec
 * @title: pcapdec
 * @short_description: a pcapng or pcap stream to packets
 *
 * Reads both formats, in either byte order, with any number of interfaces and
 * sections, also compressed with gzip, zstd or lz4, and several files one behind the
 * other. A packet's buffer shares the memory of the input. The first packet has
 * a timestamp of 0 and all others follow from their capture times, which are in
 * #GstPacketMeta. When the link type of packets changes, the caps do.
 *
 * With #GstPcapDec:is-live the packets come as they are captured, through a pipe or a
 * socket: their timestamps follow from when they come, and the element declares
 * #GstPcapDec:latency.
 *
 * A stream that was cut off ends with its last whole packet and a warning; a
 * corrupt one with an error that says at which byte.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=a.pcapng ! pcapdec ! pcapsink location=b.pcap
 * ]|
 */

#include "config.h"

#include "gstpcapdec-private.h"
#include "common/streamcaps.h"

GST_DEBUG_CATEGORY_STATIC (gst_pcap_dec_debug);
#define GST_CAT_DEFAULT gst_pcap_dec_debug

/* Packets that somebody writes out once a second, as pcapsink does, and some more. */
#define DEFAULT_LATENCY (1500 * GST_MSECOND)

#define LISTS_AT_ONCE 64

enum
{
  PROP_IS_LIVE = 1,
  PROP_LATENCY
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PCAPNG_MEDIA_TYPE "; " PCAP_MEDIA_TYPE "; "
        "application/x-gzip; application/zstd; application/x-lz4"));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

G_DEFINE_TYPE (GstPcapDec, gst_pcap_dec, GST_TYPE_ELEMENT)

/* Nothing that takes packets is plugged by itself: what is to be made of them, only
 * the user knows. So neither is this. */
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (pcapdec, "pcapdec", GST_RANK_NONE,
    GST_TYPE_PCAP_DEC, GST_DEBUG_CATEGORY_INIT (gst_pcap_dec_debug, "pcapdec",
        0, "Capture stream to packets"))

/* Push mode. */

static GstFlowReturn
gst_pcap_dec_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);

  /* no lock: it is set in NULL and READY only */
  if (self->is_live && !pcap_gate_wait (&self->gate)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_FLUSHING;
  }
  return pcap_reading_push (self->reading, buffer);
}

static void
handle_segment (GstPcapDec * self, GstEvent * event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  const GstSegment *segment;

  /* the same once more, as when pads are linked anew */
  if (seqnum == self->segment_seqnum)
    return;
  self->segment_seqnum = seqnum;
  gst_event_parse_segment (event, &segment);
  pcap_timeline_set_seqnum (self->timeline, seqnum);
  pcap_reading_begin_segment (self->reading,
      segment->format == GST_FORMAT_BYTES ? segment->start : 0);
}

static gboolean
gst_pcap_dec_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      pcap_timeline_take_stream_start (self->timeline, event);
      return TRUE;
    case GST_EVENT_SEGMENT:
      handle_segment (self, event);
      break;
    case GST_EVENT_CAPS:
    case GST_EVENT_GAP:
    case GST_EVENT_SEGMENT_DONE:
      break;                    /* our own differ */
    case GST_EVENT_EOS:
      pcap_timeline_set_seqnum (self->timeline, gst_event_get_seqnum (event));
      pcap_reading_end (self->reading);
      break;
    case GST_EVENT_FLUSH_START:
      pcap_gate_set_flushing (&self->gate, TRUE);
      return gst_pad_event_default (pad, parent, event);
    case GST_EVENT_FLUSH_STOP:
      pcap_gate_set_flushing (&self->gate, FALSE);
      pcap_reading_flush (self->reading);
      self->segment_seqnum = GST_SEQNUM_INVALID;
      return gst_pad_event_default (pad, parent, event);
    default:
      if (!GST_EVENT_IS_SERIALIZED (event))
        return gst_pad_event_default (pad, parent, event);
      pcap_timeline_push_event (self->timeline, event);
      return TRUE;
  }
  gst_event_unref (event);
  return TRUE;
}

/* Pull mode. */

static void
pause_task (GstPcapDec * self, GstFlowReturn ret)
{
  GST_DEBUG_OBJECT (self, "pausing: %s", gst_flow_get_name (ret));
  gst_pad_pause_task (self->sink_pad);
  if (ret == GST_FLOW_EOS) {
    pcap_reading_end (self->reading);
  } else if ((ret == GST_FLOW_NOT_LINKED || ret < GST_FLOW_EOS)
      && !pcap_timeline_has_ended (self->timeline)) {
    GST_ELEMENT_FLOW_ERROR (self, ret);
    pcap_timeline_end (self->timeline);
  }
}

/* Upstream says which group of streams it is of, if anybody does. */
static void
begin_stream (GstPcapDec * self)
{
  GstEvent *upstream = gst_pad_get_sticky_event (self->sink_pad,
      GST_EVENT_STREAM_START, 0);

  pcap_timeline_begin (self->timeline, upstream);
  gst_clear_event (&upstream);
}

void
gst_pcap_dec_loop (gpointer data)
{
  GstPcapDec *self = GST_PCAP_DEC (data);
  GstFlowReturn ret = GST_FLOW_OK;

  if (G_UNLIKELY (!pcap_timeline_has_begun (self->timeline)))
    begin_stream (self);
  /* the task's own locks cost more than a short list */
  for (guint i = 0; i < LISTS_AT_ONCE && ret == GST_FLOW_OK
      && !g_atomic_int_get (&self->seeking); i++)
    ret = pcap_reading_pull (self->reading);
  if (ret != GST_FLOW_OK)
    pause_task (self, ret);
}

/* Live, bytes come when they come. */
static gboolean
gst_pcap_dec_activate (GstPad * pad, GstObject * parent)
{
  GstQuery *query = gst_query_new_scheduling ();
  gboolean pull = !GST_PCAP_DEC (parent)->is_live
      && gst_pad_peer_query (pad, query)
      && gst_query_has_scheduling_mode_with_flags (query, GST_PAD_MODE_PULL,
      GST_SCHEDULING_FLAG_SEEKABLE);

  gst_query_unref (query);
  return gst_pad_activate_mode (pad, pull ? GST_PAD_MODE_PULL :
      GST_PAD_MODE_PUSH, TRUE);
}

/* Nothing is pushed from here: downstream may block it, and with it the change of
 * states. */
static gboolean
gst_pcap_dec_activate_mode (GstPad * pad, GstObject * parent, GstPadMode mode,
    gboolean active)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);

  if (mode != GST_PAD_MODE_PULL)
    return TRUE;
  GST_OBJECT_LOCK (self);
  self->pulling = active;
  GST_OBJECT_UNLOCK (self);
  if (!active)
    return gst_pad_stop_task (pad);
  return gst_pad_start_task (pad, gst_pcap_dec_loop, self, NULL);
}

/* The element. */

static void
reset (GstPcapDec * self)
{
  pcap_reading_reset (self->reading, self->is_live ? self->latency :
      GST_CLOCK_TIME_NONE);
  self->segment_seqnum = self->seek_seqnum = GST_SEQNUM_INVALID;
  GST_OBJECT_LOCK (self);
  self->duration = GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_pcap_dec_change_state (GstElement * element, GstStateChange transition)
{
  GstPcapDec *self = GST_PCAP_DEC (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    reset (self);
    pcap_gate_set_flushing (&self->gate, FALSE);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    pcap_gate_set_flushing (&self->gate, TRUE);
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING
      || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    pcap_gate_set_open (&self->gate,
        transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING);

  ret = GST_ELEMENT_CLASS (gst_pcap_dec_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    reset (self);
  if (ret == GST_STATE_CHANGE_SUCCESS && self->is_live
      && (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED))
    ret = GST_STATE_CHANGE_NO_PREROLL;
  return ret;
}

static void
gst_pcap_dec_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPcapDec *self = GST_PCAP_DEC (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_IS_LIVE:
      self->is_live = g_value_get_boolean (value);
      break;
    case PROP_LATENCY:
      self->latency = g_value_get_uint64 (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_pcap_dec_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPcapDec *self = GST_PCAP_DEC (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_IS_LIVE:
      g_value_set_boolean (value, self->is_live);
      break;
    case PROP_LATENCY:
      g_value_set_uint64 (value, self->latency);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_pcap_dec_finalize (GObject * object)
{
  GstPcapDec *self = GST_PCAP_DEC (object);

  pcap_reading_free (self->reading);
  pcap_gate_clear (&self->gate);
  g_mutex_clear (&self->seek_lock);
  G_OBJECT_CLASS (gst_pcap_dec_parent_class)->finalize (object);
}

static void
gst_pcap_dec_class_init (GstPcapDecClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_pcap_dec_set_property;
  object_class->get_property = gst_pcap_dec_get_property;
  object_class->finalize = gst_pcap_dec_finalize;
  element_class->change_state = gst_pcap_dec_change_state;

  g_object_class_install_property (object_class, PROP_IS_LIVE,
      g_param_spec_boolean ("is-live", "Is live",
          "Packets come as they are captured, through a pipe or a socket: their "
          "timestamps follow from when they come. Not seekable", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_LATENCY,
      g_param_spec_uint64 ("latency", "Latency",
          "With is-live, nanoseconds that a packet may come later after its "
          "capture than the fastest one; declared to the pipeline, in which a "
          "sink waits so long", 0, G_MAXINT64, DEFAULT_LATENCY,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_READY));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Packet stream decoder", "Codec/Demuxer",
      "Reads packets from a pcapng or pcap stream",
      GST_AFRING_AUTHORS);
}

static void
gst_pcap_dec_init (GstPcapDec * self)
{
  self->latency = DEFAULT_LATENCY;
  pcap_gate_init (&self->gate);
  g_mutex_init (&self->seek_lock);

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_activate_function (self->sink_pad, gst_pcap_dec_activate);
  gst_pad_set_activatemode_function (self->sink_pad,
      gst_pcap_dec_activate_mode);
  gst_pad_set_chain_function (self->sink_pad, gst_pcap_dec_chain);
  gst_pad_set_event_function (self->sink_pad, gst_pcap_dec_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src_pad, gst_pcap_dec_src_event);
  gst_pad_set_query_function (self->src_pad, gst_pcap_dec_src_query);
  gst_pad_use_fixed_caps (self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);

  self->reading = pcap_reading_new (GST_ELEMENT (self), self->sink_pad,
      self->src_pad);
  self->timeline = pcap_reading_get_timeline (self->reading);
  reset (self);
}
