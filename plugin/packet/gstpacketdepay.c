/* gst-afring: packets to payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-packetdepay
 * @title: packetdepay
 * @short_description: packets to payloads, without copying
 *
 * Takes the headers off packets and gives on what is in them, in the memory of the
 * packet, be it the capture ring. So an RTP stream on a mirror port can be decoded
 * without a socket, with the timestamps of the capture.
 *
 * A packet whose headers do not make sense is counted and left out, as is one of
 * which not all was captured. Fragments of IP packets are put together.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 filter="udp port 5004" ! packetdepay \
 *     caps="application/x-rtp,media=video,clock-rate=90000,encoding-name=H264" ! \
 *     rtpjitterbuffer ! rtph264depay ! avdec_h264 ! autovideosink
 * ]|
 */

#include "config.h"

#include "depaycaps.h"
#include "gstpacketdepay.h"
#include "packetcaps.h"
#include "packetcutter.h"
#include "packetlist.h"
#include "packetrefusal.h"
#include "packetsegments.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_packet_depay_debug);
#define GST_CAT_DEFAULT gst_packet_depay_debug

enum
{
  PROP_SELECTION = 1,
  PROP_CAPS = PROP_SELECTION + PACKET_SELECTION_N,
  PROP_DEFRAGMENT,
  PROP_SEGMENT_SIZE,
  PROP_STATS
};

struct _GstPacketDepay
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  /* Object lock. */
  PacketSelection selection;
  PacketRefusal refusal;
  GstCaps *caps;
  gboolean defragment;
  gint segment_size;            /* as of PacketSegments */
  PacketSegments segmented;     /* as of the last list */
  PacketCounts counts;          /* as of the last list */
  guint64 forwarded;

  /* Of the streaming thread. */
  PacketPad out;
  PacketCutter *cutter;         /* NULL: not running */
  PacketSegments segments;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE (GstPacketDepay, gst_packet_depay, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (packetdepay, "packetdepay",
    GST_RANK_NONE, GST_TYPE_PACKET_DEPAY,
    GST_DEBUG_CATEGORY_INIT (gst_packet_depay_debug, "packetdepay", 0,
        "Packets to payloads"))

/* Packets. */

static PacketSelection
get_selection (GstPacketDepay * self)
{
  PacketSelection selection;

  GST_OBJECT_LOCK (self);
  selection = self->selection;
  GST_OBJECT_UNLOCK (self);
  return selection;
}

static void
update_counts (GstPacketDepay * self)
{
  GST_OBJECT_LOCK (self);
  packet_cutter_get_counts (self->cutter, &self->counts, &self->forwarded);
  self->segmented = self->segments;
  GST_OBJECT_UNLOCK (self);
}

static GstFlowReturn handle_one (GstPacketDepay * self, GstBuffer * buffer);

static GstFlowReturn
gst_packet_depay_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (parent);
  PacketSelection selection = get_selection (self);
  GstClockTime time = GST_BUFFER_PTS (buffer);
  GstBuffer *part;

  if (G_UNLIKELY (self->segments.size >= 0))
    return handle_one (self, buffer);
  part = packet_cutter_cut (self->cutter, &selection, buffer,
      gst_buffer_is_writable (buffer));
  update_counts (self);
  if (part != buffer)
    gst_buffer_unref (buffer);
  if (part != NULL)
    return packet_pad_push (&self->out, part);
  packet_pad_advance (&self->out, time, 1);
  return GST_FLOW_OK;
}

/* Takes the list. */
static GstFlowReturn
handle_list (GstBufferList * list, gpointer user_data)
{
  GstPacketDepay *self = user_data;
  PacketSelection selection = get_selection (self);
  guint n = gst_buffer_list_length (list);
  GstClockTime time = n == 0 ? GST_CLOCK_TIME_NONE :
      GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1));
  GstFlowReturn ret = GST_FLOW_OK;

  list = packet_cutter_cut_list (self->cutter, &selection, list);
  if (G_UNLIKELY (self->segments.size >= 0)
      && selection.protocol == PACKET_PROTOCOL_UDP
      && selection.layer == PACKET_LAYER_PAYLOAD)
    list = packet_segments_split (&self->segments, list);
  update_counts (self);

  if (gst_buffer_list_length (list) > 0)
    ret = packet_pad_push_list (&self->out, list);
  else
    gst_buffer_list_unref (list);
  if (ret == GST_FLOW_OK)
    packet_pad_advance (&self->out, time, n);
  return ret;
}

/* Takes the buffer, of which several can become. */
static GstFlowReturn
handle_one (GstPacketDepay * self, GstBuffer * buffer)
{
  GstBufferList *list = gst_buffer_list_new_sized (1);

  gst_buffer_list_add (list, buffer);
  return handle_list (list, self);
}

static GstFlowReturn
gst_packet_depay_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  return packet_list_give (list, handle_list, parent);
}

/* Events. */

static gboolean
take_caps (GstPacketDepay * self, GstEvent * event)
{
  GstCaps *caps, *said = NULL;
  PacketLayer layer;
  gint link_type;
  gboolean ok;

  ok = stream_caps_parse_link_type (event, &link_type);
  gst_event_unref (event);
  if (!ok)
    return FALSE;
  if (!packet_cutter_set_link_type (self->cutter, link_type))
    packet_counts_warn_link_type (GST_ELEMENT (self), link_type);

  GST_OBJECT_LOCK (self);
  layer = self->selection.layer;
  gst_caps_replace (&said, self->caps);
  GST_OBJECT_UNLOCK (self);
  caps = depay_caps_choose (GST_ELEMENT (self), self->src_pad, layer, said);
  gst_clear_caps (&said);
  if (caps == NULL)
    return FALSE;
  ok = gst_pad_push_event (self->src_pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  return ok;
}

/* Nothing of what waits goes out, and the next buffer does not go with the last. */
static void
reset (GstPacketDepay * self)
{
  packet_cutter_clear (self->cutter);
  update_counts (self);
  packet_pad_reset (&self->out);
}

static gboolean
gst_packet_depay_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      return take_caps (self, event);
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      reset (self);
      break;
    case GST_EVENT_SEGMENT:
      packet_pad_new_segment (&self->out);
      break;
    case GST_EVENT_GAP:
      if (!packet_pad_note_gap (&self->out, event)) {
        gst_event_unref (event);
        return TRUE;
      }
      break;
    case GST_EVENT_EOS:
      packet_cutter_clear (self->cutter);
      update_counts (self);
      break;
    default:
      break;
  }
  return gst_pad_event_default (pad, parent, event);
}

static gboolean
gst_packet_depay_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (parent);
  GstCaps *caps, *filter, *both;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CAPS)
    return gst_pad_query_default (pad, parent, query);

  GST_OBJECT_LOCK (self);
  caps = self->caps != NULL ? gst_caps_ref (self->caps) : gst_caps_new_any ();
  GST_OBJECT_UNLOCK (self);
  gst_query_parse_caps (query, &filter);
  if (filter != NULL) {
    both = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref (caps);
    caps = both;
  }
  gst_query_set_caps_result (query, caps);
  gst_caps_unref (caps);
  return TRUE;
}

/* Properties. */

static void
set_selection (GstPacketDepay * self, guint id, const GValue * value,
    const gchar * name)
{
  GError *error = NULL;

  GST_OBJECT_LOCK (self);
  packet_selection_set_property (&self->selection, id, value, &error);
  GST_OBJECT_UNLOCK (self);
  g_prefix_error (&error, "%s is not an IP address: ", name);
  packet_refusal_note (&self->refusal, GST_ELEMENT (self), name, error);
}

static void
set_caps (GstPacketDepay * self, const GstCaps * caps, const gchar * name)
{
  GError *error = NULL;

  if (packet_caps_check (caps, name, &error)) {
    GST_OBJECT_LOCK (self);
    gst_clear_caps (&self->caps);
    if (caps != NULL)
      self->caps = gst_caps_copy (caps);
    GST_OBJECT_UNLOCK (self);
  }
  packet_refusal_note (&self->refusal, GST_ELEMENT (self), name, error);
}

static void
gst_packet_depay_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (object);

  switch (id) {
    case PROP_CAPS:
      set_caps (self, gst_value_get_caps (value), pspec->name);
      break;
    case PROP_DEFRAGMENT:
      GST_OBJECT_LOCK (self);
      self->defragment = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_SEGMENT_SIZE:
      GST_OBJECT_LOCK (self);
      self->segment_size = g_value_get_int (value);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      if (id - PROP_SELECTION < PACKET_SELECTION_N)
        set_selection (self, id - PROP_SELECTION, value, pspec->name);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

/* Object lock. */
static GstStructure *
make_stats (GstPacketDepay * self)
{
  GstStructure *stats = gst_structure_new ("application/x-packetdepay-stats",
      "forwarded", G_TYPE_UINT64, self->forwarded,
      "split", G_TYPE_UINT64, self->segmented.split,
      "segments", G_TYPE_UINT64, self->segmented.segments, NULL);

  packet_counts_describe (&self->counts, stats);
  return stats;
}

static void
gst_packet_depay_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_CAPS:
      gst_value_set_caps (value, self->caps);
      break;
    case PROP_DEFRAGMENT:
      g_value_set_boolean (value, self->defragment);
      break;
    case PROP_SEGMENT_SIZE:
      g_value_set_int (value, self->segment_size);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      if (id - PROP_SELECTION < PACKET_SELECTION_N)
        packet_selection_get_property (&self->selection, id - PROP_SELECTION,
            value);
      else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static gboolean
start (GstPacketDepay * self)
{
  gboolean defragment;

  if (!packet_refusal_start (&self->refusal, GST_ELEMENT (self)))
    return FALSE;
  GST_OBJECT_LOCK (self);
  defragment = self->defragment;
  self->segments = (PacketSegments) {.size = self->segment_size };
  GST_OBJECT_UNLOCK (self);
  self->cutter = packet_cutter_new (defragment, &self->out);
  reset (self);
  return TRUE;
}

static void
stop (GstPacketDepay * self)
{
  g_clear_pointer (&self->cutter, packet_cutter_free);
  packet_refusal_stop (&self->refusal, GST_ELEMENT (self));
}

static GstStateChangeReturn
gst_packet_depay_change_state (GstElement * element, GstStateChange transition)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start (self))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_packet_depay_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    stop (self);
  return ret;
}

static void
gst_packet_depay_finalize (GObject * object)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (object);

  g_clear_pointer (&self->cutter, packet_cutter_free);
  packet_refusal_clear (&self->refusal);
  gst_clear_caps (&self->caps);
  G_OBJECT_CLASS (gst_packet_depay_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * klass)
{
  const GParamFlags ready = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  packet_selection_install_properties (klass, PROP_SELECTION);
  g_object_class_install_property (klass, PROP_CAPS,
      g_param_spec_boxed ("caps", "Caps",
          "Caps of the source pad: what is in the packets; NULL: what downstream "
          "takes, if that is one thing, else application/octet-stream. Each field has "
          "one value",
          GST_TYPE_CAPS, ready));
  g_object_class_install_property (klass, PROP_DEFRAGMENT,
      g_param_spec_boolean ("defragment", "Defragment",
          "Put fragments of IPv4 and IPv6 packets together; else they go on only "
          "with layer=network", TRUE, ready));
  g_object_class_install_property (klass, PROP_SEGMENT_SIZE,
      g_param_spec_int ("segment-size", "Segment size",
          "Datagrams that the kernel or an adapter has put together (UDP "
          "segmentation, GRO) become several of so many bytes each; 0: as the RTP "
          "in them says; -1: they stay one", -1, G_MAXUINT16, -1, ready));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Packets since the start, application/x-packetdepay-stats: packets "
          "that came, forwarded, not-matched, malformed, truncated (those of them "
          "that the snaplen has cut), fragments, reassembled packets and fragments-expired (of "
          "packets that did not become whole in 30 s), split (datagrams that were "
          "several) and segments (these)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
gst_packet_depay_class_init (GstPacketDepayClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_packet_depay_set_property;
  object_class->get_property = gst_packet_depay_get_property;
  object_class->finalize = gst_packet_depay_finalize;
  element_class->change_state = gst_packet_depay_change_state;
  install_properties (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Packet depayloader",
      "Codec/Depayloader/Network",
      "Takes payloads out of packets, without copying",
      GST_AFRING_AUTHORS);
}

static void
gst_packet_depay_init (GstPacketDepay * self)
{
  self->selection.src_port = self->selection.dst_port = PACKET_ANY_PORT;
  self->segment_size = -1;
  packet_refusal_init (&self->refusal);

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_packet_depay_chain);
  gst_pad_set_chain_list_function (self->sink_pad,
      gst_packet_depay_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_packet_depay_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->src_pad, gst_packet_depay_src_query);
  packet_pad_init (&self->out, self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
