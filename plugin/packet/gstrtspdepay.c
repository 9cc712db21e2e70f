/* gst-afring: RTP out of a connection of RTSP
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-rtspdepay
 * @title: rtspdepay
 * @short_description: RTP that a connection of RTSP carries
 *
 * Takes the bytes of a TCP connection, as flowdemux with tcp-reassembly gives them, and
 * gives the packets of RTP and RTCP that are interleaved with RTSP in it, a pad for each
 * channel. Of what is missing the packets are lost that it was in.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=a.pcapng ! pcapdec \
 *     ! packetfilter filter="src port 554" ! flowdemux tcp-reassembly=true protocol=tcp \
 *     ! rtspdepay ! decodebin ! autoaudiosink
 * ]|
 */

#include "config.h"

#include "gstrtspdepay.h"
#include "flowpad.h"
#include "packetcaps.h"
#include "packetrefusal.h"
#include "rtpcaps.h"
#include "rtpheader.h"
#include "rtspframer.h"

#include <gst/afring/afring.h>
#include <gst/base/gstflowcombiner.h>

GST_DEBUG_CATEGORY_STATIC (gst_rtsp_depay_debug);
#define GST_CAT_DEFAULT gst_rtsp_depay_debug

enum
{
  PROP_RTP_CAPS = 1,
  PROP_STATS
};

struct _GstRtspDepay
{
  GstElement parent;

  GstPad *sink_pad;

  /* Object lock. */
  GstCaps *rtp_caps;            /* NULL: what payload types are nobody has said */
  PacketRefusal refusal;
  RtspFramerStats stats;        /* as of the last buffer */
  guint64 unknown;              /* packets of channels that are not of RTP */

  /* Of the streaming thread. */
  RtspFramer *framer;           /* NULL: not running */
  GstFlowCombiner *flows;
  GstFlowReturn ret;
  gboolean begun;               /* bytes have come */
  guint64 end;                  /* offset to which they have, NONE: not known */
  GstPad *pads[RTSP_CHANNELS];  /* NULL: there is none yet */
  guint holes[RTSP_CHANNELS];   /* that the channel has been told of */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/octet-stream"));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src_%u",
    GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS ("application/x-rtp; application/x-rtcp"));

G_DEFINE_TYPE (GstRtspDepay, gst_rtsp_depay, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (rtspdepay, "rtspdepay", GST_RANK_NONE,
    GST_TYPE_RTSP_DEPAY, GST_DEBUG_CATEGORY_INIT (gst_rtsp_depay_debug,
        "rtspdepay", 0, "RTP out of connections of RTSP"))

/* Pads. */

/* NULL: it is of neither. Another sender can have the channel later, so the caps do not
 * say which it is. */
static GstCaps *
make_caps (GstRtspDepay * self, GstBuffer * packet)
{
  GstCaps *caps = NULL, *fixed = NULL;
  RtpHeader header;
  GstMapInfo map;
  guint32 ssrc;

  if (!gst_buffer_map (packet, &map, GST_MAP_READ))
    return NULL;
  if (rtcp_header_read (&ssrc, map.data, map.size)) {
    caps = gst_caps_new_empty_simple ("application/x-rtcp");
  } else if (rtp_header_read (&header, map.data, map.size)) {
    GST_OBJECT_LOCK (self);
    gst_caps_replace (&fixed, self->rtp_caps);
    GST_OBJECT_UNLOCK (self);
    caps = rtp_caps_new (header.ssrc, header.payload_type, NULL, fixed);
    gst_structure_remove_field (gst_caps_get_structure (caps, 0), "ssrc");
    gst_clear_caps (&fixed);
  }
  gst_buffer_unmap (packet, &map);
  return caps;
}

static GstEvent *
make_stream_start (GstRtspDepay * self, GstPad * pad, guint channel)
{
  GstEvent *before = gst_pad_get_sticky_event (self->sink_pad,
      GST_EVENT_STREAM_START, 0);
  g_autofree gchar *id = gst_pad_create_stream_id_printf (pad,
      GST_ELEMENT (self), "%u", channel);
  GstEvent *event = gst_event_new_stream_start (id);
  guint group;

  if (before == NULL || !gst_event_parse_group_id (before, &group))
    group = gst_util_group_id_next ();
  gst_event_set_group_id (event, group);
  gst_clear_event (&before);
  return event;
}

static GstPad *
add_pad (GstRtspDepay * self, guint channel, GstCaps * caps)
{
  g_autofree gchar *name = g_strdup_printf ("src_%u", channel);
  GstPad *pad = gst_pad_new_from_static_template (&src_template, name);

  gst_pad_use_fixed_caps (pad);
  gst_pad_set_active (pad, TRUE);
  gst_pad_push_event (pad, make_stream_start (self, pad, channel));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  flow_pad_copy_events (self->sink_pad, pad);
  gst_flow_combiner_add_pad (self->flows, pad);
  self->pads[channel] = pad;
  self->holes[channel] = rtsp_framer_count_holes (self->framer) - 1;
  gst_element_add_pad (GST_ELEMENT (self), pad);
  return pad;
}

static void
remove_pads (GstRtspDepay * self)
{
  for (guint i = 0; i < RTSP_CHANNELS; i++) {
    GstPad *pad = self->pads[i];

    self->pads[i] = NULL;
    if (pad == NULL)
      continue;
    gst_flow_combiner_remove_pad (self->flows, pad);
    gst_pad_set_active (pad, FALSE);
    gst_element_remove_pad (GST_ELEMENT (self), pad);
  }
}

static gboolean
has_pads (const GstRtspDepay * self)
{
  for (guint i = 0; i < RTSP_CHANNELS; i++)
    if (self->pads[i] != NULL)
      return TRUE;
  return FALSE;
}

/* Bytes. */

static void
count_unknown (GstRtspDepay * self)
{
  GST_OBJECT_LOCK (self);
  self->unknown++;
  GST_OBJECT_UNLOCK (self);
}

/* That nobody has linked a pad ends nothing: the one that is wanted may come yet. */
static void
push (GstRtspDepay * self, GstPad * pad, GstBuffer * packet)
{
  GstFlowReturn ret = gst_pad_push (pad, packet);

  ret = gst_flow_combiner_update_pad_flow (self->flows, pad, ret);
  if (ret != GST_FLOW_NOT_LINKED && self->ret == GST_FLOW_OK)
    self->ret = ret;
}

static void
take_packet (guint8 channel, GstBuffer * packet, gpointer user_data)
{
  GstRtspDepay *self = user_data;
  GstPacketMeta *meta = gst_buffer_get_packet_meta (packet);
  guint holes = rtsp_framer_count_holes (self->framer);
  GstPad *pad = self->pads[channel];
  GstCaps *caps;

  if (pad == NULL) {
    caps = make_caps (self, packet);
    if (caps == NULL) {
      count_unknown (self);
      gst_buffer_unref (packet);
      return;
    }
    pad = add_pad (self, channel, caps);
    gst_caps_unref (caps);
  }
  if (meta != NULL)
    meta->wire_length = gst_buffer_get_size (packet);
  if (self->holes[channel] != holes)
    GST_BUFFER_FLAG_SET (packet, GST_BUFFER_FLAG_DISCONT);
  self->holes[channel] = holes;
  push (self, pad, packet);
}

static void
update_stats (GstRtspDepay * self)
{
  GST_OBJECT_LOCK (self);
  self->stats = *rtsp_framer_get_stats (self->framer);
  GST_OBJECT_UNLOCK (self);
}

/* flowdemux says by the offset how much is missing. */
static void
note_hole (GstRtspDepay * self, GstBuffer * buffer)
{
  guint64 offset = GST_BUFFER_OFFSET (buffer), missing = 0;

  if (!self->begun || !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    return;
  if (self->end != GST_BUFFER_OFFSET_NONE
      && offset != GST_BUFFER_OFFSET_NONE && offset > self->end)
    missing = offset - self->end;
  rtsp_framer_note_hole (self->framer, missing);
}

static GstFlowReturn
gst_rtsp_depay_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstRtspDepay *self = GST_RTSP_DEPAY (parent);

  note_hole (self, buffer);
  self->begun = TRUE;
  self->end = GST_BUFFER_OFFSET_END (buffer);
  self->ret = GST_FLOW_OK;
  rtsp_framer_take (self->framer, buffer);
  update_stats (self);
  return self->ret;
}

/* Events. */

static void
finish (GstRtspDepay * self)
{
  self->ret = GST_FLOW_OK;
  rtsp_framer_finish (self->framer);
  update_stats (self);
}

static void
clear (GstRtspDepay * self)
{
  rtsp_framer_clear (self->framer);
  gst_flow_combiner_reset (self->flows);
  self->begun = FALSE;
}

/* FALSE, and an error, if there was nothing to give out. */
static gboolean
check_pads (GstRtspDepay * self)
{
  const RtspFramerStats *stats = rtsp_framer_get_stats (self->framer);

  if (has_pads (self))
    return TRUE;
  GST_ELEMENT_ERROR (self, STREAM, TYPE_NOT_FOUND,
      ("There is no RTP in the stream, but %" G_GUINT64_FORMAT " messages of "
          "RTSP, and %" G_GUINT64_FORMAT " bytes that are neither",
          stats->messages, stats->skipped),
      ("the bytes of who sends RTP are wanted, as of port 554"));
  return FALSE;
}

/* Each pad has its own. */
static gboolean
take_stream_start (GstRtspDepay * self, GstEvent * event)
{
  finish (self);
  clear (self);
  for (guint i = 0; i < RTSP_CHANNELS; i++)
    if (self->pads[i] != NULL)
      gst_pad_push_event (self->pads[i],
          make_stream_start (self, self->pads[i], i));
  gst_event_unref (event);
  return TRUE;
}

static gboolean
gst_rtsp_depay_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstRtspDepay *self = GST_RTSP_DEPAY (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      return take_stream_start (self, event);
    case GST_EVENT_CAPS:
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_FLUSH_STOP:
      clear (self);
      break;
    case GST_EVENT_EOS:
      finish (self);
      gst_element_no_more_pads (GST_ELEMENT (self));
      check_pads (self);
      break;
    default:
      break;
  }
  /* without a pad there is nobody to refuse it */
  gst_pad_event_default (pad, parent, event);
  return TRUE;
}

/* Properties. */

static void
set_rtp_caps (GstRtspDepay * self, const GstCaps * caps)
{
  GError *error = NULL;

  if (packet_caps_check_each (caps, "rtp-caps", &error)) {
    GST_OBJECT_LOCK (self);
    gst_clear_caps (&self->rtp_caps);
    if (caps != NULL)
      self->rtp_caps = gst_caps_copy (caps);
    GST_OBJECT_UNLOCK (self);
  }
  packet_refusal_note (&self->refusal, GST_ELEMENT (self), "rtp-caps", error);
}

static void
gst_rtsp_depay_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  if (id == PROP_RTP_CAPS)
    set_rtp_caps (GST_RTSP_DEPAY (object), gst_value_get_caps (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* Object lock. */
static GstStructure *
make_stats (GstRtspDepay * self)
{
  return gst_structure_new ("application/x-rtspdepay-stats",
      "packets", G_TYPE_UINT64, self->stats.packets,
      "messages", G_TYPE_UINT64, self->stats.messages,
      "cut", G_TYPE_UINT64, self->stats.cut,
      "unknown", G_TYPE_UINT64, self->unknown,
      "resyncs", G_TYPE_UINT64, self->stats.resyncs,
      "skipped", G_TYPE_UINT64, self->stats.skipped, NULL);
}

static void
gst_rtsp_depay_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstRtspDepay *self = GST_RTSP_DEPAY (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_RTP_CAPS)
    gst_value_set_caps (value, self->rtp_caps);
  else if (id == PROP_STATS)
    g_value_take_boxed (value, make_stats (self));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static gboolean
start (GstRtspDepay * self)
{
  if (!packet_refusal_start (&self->refusal, GST_ELEMENT (self)))
    return FALSE;
  self->framer = rtsp_framer_new (take_packet, self);
  self->begun = FALSE;
  GST_OBJECT_LOCK (self);
  self->stats = *rtsp_framer_get_stats (self->framer);
  self->unknown = 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
stop (GstRtspDepay * self)
{
  remove_pads (self);
  gst_flow_combiner_reset (self->flows);
  g_clear_pointer (&self->framer, rtsp_framer_free);
  packet_refusal_stop (&self->refusal, GST_ELEMENT (self));
}

static GstStateChangeReturn
gst_rtsp_depay_change_state (GstElement * element, GstStateChange transition)
{
  GstRtspDepay *self = GST_RTSP_DEPAY (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_rtsp_depay_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    stop (self);
  return ret;
}

static void
gst_rtsp_depay_finalize (GObject * object)
{
  GstRtspDepay *self = GST_RTSP_DEPAY (object);

  g_clear_pointer (&self->framer, rtsp_framer_free);
  gst_flow_combiner_free (self->flows);
  gst_clear_caps (&self->rtp_caps);
  packet_refusal_clear (&self->refusal);
  G_OBJECT_CLASS (gst_rtsp_depay_parent_class)->finalize (object);
}

static void
gst_rtsp_depay_class_init (GstRtspDepayClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_rtsp_depay_set_property;
  object_class->get_property = gst_rtsp_depay_get_property;
  object_class->finalize = gst_rtsp_depay_finalize;
  element_class->change_state = gst_rtsp_depay_change_state;
  g_object_class_install_property (object_class, PROP_RTP_CAPS,
      g_param_spec_boxed ("rtp-caps", "Caps of RTP",
          "What RTP carries whose payload type does not say it; of several "
          "structures the first with its payload type, or without one",
          GST_TYPE_CAPS, G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY
          | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "application/x-rtspdepay-stats: packets, messages (of RTSP), cut "
          "(packets of which a part is missing), unknown (packets of channels "
          "that are not of RTP), resyncs (how often it was lost where packets "
          "begin), skipped (bytes until that was found)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "RTSP depayloader",
      "Codec/Demuxer/Network", "Gives the RTP that a connection of RTSP carries",
      GST_AFRING_AUTHORS);
}

static void
gst_rtsp_depay_init (GstRtspDepay * self)
{
  packet_refusal_init (&self->refusal);
  self->flows = gst_flow_combiner_new ();
  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_rtsp_depay_chain);
  gst_pad_set_event_function (self->sink_pad, gst_rtsp_depay_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);
}
