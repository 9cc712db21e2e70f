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

#include "gstpacketdepay.h"
#include "packetdissector.h"
#include "packetselection.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_packet_depay_debug);
#define GST_CAT_DEFAULT gst_packet_depay_debug

enum
{
  PROP_SELECTION = 1,
  PROP_CAPS = PROP_SELECTION + PACKET_SELECTION_N,
  PROP_DEFRAGMENT,
  PROP_STATS
};

struct _GstPacketDepay
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  /* Object lock. */
  PacketSelection selection;
  gchar *refused[PACKET_SELECTION_N];   /* why a setting was */
  GstCaps *caps;
  gboolean defragment;
  guint64 forwarded;
  guint64 not_matched;
  PacketDissectorStats stats;   /* of the dissector, as of the last list */

  /* Of the streaming thread. */
  PacketDissector *dissector;
  guint32 link_type;
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

/* The part of a packet that goes on, or NULL. A fragment alone has only its IP
 * header to show. */
static GstBuffer *
depay (GstPacketDepay * self, const PacketSelection * selection, GstBuffer * buffer,
    gboolean in_place)
{
  DissectedPacket packet;
  gsize start, end;

  if (!packet_dissector_start (self->dissector, buffer, self->link_type,
          &packet))
    return NULL;
  if ((dissected_packet_is_fragment (&packet)
          && selection->layer != PACKET_LAYER_NETWORK)
      || !packet_selection_matches (selection, &packet.headers)) {
    self->not_matched++;
    packet_dissector_finish (self->dissector, &packet);
    return NULL;
  }
  packet_selection_get_range (selection, &packet.headers, &start, &end);
  if (end > packet.map.size) {
    packet_dissector_finish_truncated (self->dissector, &packet);
    return NULL;
  }
  self->forwarded++;
  return packet_dissector_cut (self->dissector, &packet, start, end, in_place);
}

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
update_stats (GstPacketDepay * self)
{
  GST_OBJECT_LOCK (self);
  packet_dissector_get_stats (self->dissector, &self->stats);
  GST_OBJECT_UNLOCK (self);
}

static GstFlowReturn
gst_packet_depay_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (parent);
  PacketSelection selection = get_selection (self);
  GstBuffer *part = depay (self, &selection, buffer,
      gst_buffer_is_writable (buffer));

  update_stats (self);
  if (part != buffer)
    gst_buffer_unref (buffer);
  return part != NULL ? gst_pad_push (self->src_pad, part) : GST_FLOW_OK;
}

/* A list that is ours alone is changed where it is; nothing is allocated then, as
 * long as all packets go on. */
static GstBufferList *
depay_in_place (GstPacketDepay * self, const PacketSelection * selection,
    GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *rest = NULL;

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    /* asking GStreamer whether it is writable costs more than all the rest */
    GstBuffer *part = depay (self, selection, buffer,
        GST_MINI_OBJECT_REFCOUNT_VALUE (buffer) == 1);

    if (part != buffer && rest == NULL) {
      rest = gst_buffer_list_new_sized (n);
      for (guint before = 0; before < i; before++)
        gst_buffer_list_add (rest,
            gst_buffer_ref (gst_buffer_list_get (list, before)));
    }
    if (rest != NULL && part != NULL)
      gst_buffer_list_add (rest, part == buffer ? gst_buffer_ref (part) : part);
  }
  if (rest == NULL)
    return list;
  gst_buffer_list_unref (list);
  return rest;
}

static GstBufferList *
depay_shared (GstPacketDepay * self, const PacketSelection * selection,
    GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *parts = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *part = depay (self, selection, gst_buffer_list_get (list, i),
        FALSE);

    if (part != NULL)
      gst_buffer_list_add (parts, part);
  }
  gst_buffer_list_unref (list);
  return parts;
}

static GstFlowReturn
gst_packet_depay_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (parent);
  PacketSelection selection = get_selection (self);

  if (gst_buffer_list_is_writable (list))
    list = depay_in_place (self, &selection, list);
  else
    list = depay_shared (self, &selection, list);
  update_stats (self);

  if (gst_buffer_list_length (list) > 0)
    return gst_pad_push_list (self->src_pad, list);
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

/* Negotiation. */

/* Downstream may know better what is in the packets: a caps filter, or an element
 * that takes only one thing. */
static GstCaps *
get_peer_caps (GstPacketDepay * self)
{
  GstCaps *caps = gst_pad_peer_query_caps (self->src_pad, NULL);

  if (caps == NULL || gst_caps_is_any (caps) || gst_caps_is_empty (caps)) {
    gst_clear_caps (&caps);
    return NULL;
  }
  caps = gst_caps_truncate (caps);
  if (!gst_caps_is_fixed (caps))
    gst_clear_caps (&caps);
  return caps;
}

static GstCaps *
choose_caps (GstPacketDepay * self)
{
  GstCaps *caps = NULL;
  PacketLayer layer;

  GST_OBJECT_LOCK (self);
  layer = self->selection.layer;
  if (self->caps != NULL)
    caps = gst_caps_ref (self->caps);
  GST_OBJECT_UNLOCK (self);
  if (caps != NULL)
    return caps;

  if (layer == PACKET_LAYER_NETWORK)
    return stream_caps_new_packets (GST_CAPTURE_LINK_TYPE_RAW);
  caps = get_peer_caps (self);
  if (caps == NULL)
    caps = gst_caps_new_empty_simple ("application/octet-stream");
  return caps;
}

static gboolean
gst_packet_depay_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (parent);
  GstCaps *caps;
  gint link_type;
  gboolean ok;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_event_default (pad, parent, event);

  gst_event_parse_caps (event, &caps);
  ok = gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
      &link_type);
  gst_event_unref (event);
  if (!ok)
    return FALSE;
  self->link_type = link_type;
  caps = choose_caps (self);
  ok = gst_pad_push_event (self->src_pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  return ok;
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
  g_autoptr (GError) error = NULL;

  GST_OBJECT_LOCK (self);
  packet_selection_set_property (&self->selection, id, value, &error);
  g_free (self->refused[id]);
  self->refused[id] = error == NULL ? NULL :
      g_strdup_printf ("%s is not an IP address: %s", name, error->message);
  GST_OBJECT_UNLOCK (self);
  if (error != NULL)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
        ("%s is not an IP address: %s; the earlier setting stays", name,
            error->message), (NULL));
}

static void
set_caps (GstPacketDepay * self, const GstCaps * caps)
{
  GST_OBJECT_LOCK (self);
  gst_clear_caps (&self->caps);
  if (caps != NULL)
    self->caps = gst_caps_copy (caps);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_packet_depay_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (object);

  switch (id) {
    case PROP_CAPS:
      set_caps (self, gst_value_get_caps (value));
      break;
    case PROP_DEFRAGMENT:
      GST_OBJECT_LOCK (self);
      self->defragment = g_value_get_boolean (value);
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
  return gst_structure_new ("application/x-packetdepay-stats",
      "packets", G_TYPE_UINT64, self->stats.packets,
      "forwarded", G_TYPE_UINT64, self->forwarded,
      "not-matched", G_TYPE_UINT64, self->not_matched + self->stats.not_ip,
      "malformed", G_TYPE_UINT64, self->stats.malformed + self->stats.truncated,
      "truncated", G_TYPE_UINT64, self->stats.truncated,
      "fragments", G_TYPE_UINT64, self->stats.fragments,
      "reassembled", G_TYPE_UINT64, self->stats.reassembled,
      "fragments-expired", G_TYPE_UINT64, self->stats.fragments_expired, NULL);
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

/* What was set wrong before there was a bus to complain on. */
static gboolean
check_settings (GstPacketDepay * self)
{
  g_autofree gchar *refused = NULL;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < PACKET_SELECTION_N && refused == NULL; i++)
    refused = g_strdup (self->refused[i]);
  GST_OBJECT_UNLOCK (self);
  if (refused == NULL)
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", refused), (NULL));
  return FALSE;
}

static void
start (GstPacketDepay * self)
{
  GST_OBJECT_LOCK (self);
  self->dissector = packet_dissector_new (self->defragment);
  self->forwarded = self->not_matched = 0;
  packet_dissector_get_stats (self->dissector, &self->stats);
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_packet_depay_change_state (GstElement * element, GstStateChange transition)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (!check_settings (self))
      return GST_STATE_CHANGE_FAILURE;
    start (self);
  }
  ret = GST_ELEMENT_CLASS (gst_packet_depay_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    g_clear_pointer (&self->dissector, packet_dissector_free);
  return ret;
}

static void
gst_packet_depay_finalize (GObject * object)
{
  GstPacketDepay *self = GST_PACKET_DEPAY (object);

  g_clear_pointer (&self->dissector, packet_dissector_free);
  for (guint i = 0; i < PACKET_SELECTION_N; i++)
    g_free (self->refused[i]);
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
          "takes, if that is one thing, else application/octet-stream",
          GST_TYPE_CAPS, ready));
  g_object_class_install_property (klass, PROP_DEFRAGMENT,
      g_param_spec_boolean ("defragment", "Defragment",
          "Put fragments of IPv4 and IPv6 packets together; else they go on only "
          "with layer=network", TRUE, ready));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Packets since the start, application/x-packetdepay-stats: packets "
          "that came, forwarded, not-matched, malformed, truncated (those of them "
          "that the snaplen has cut), fragments, reassembled packets and fragments-expired (of "
          "packets that did not become whole in 30 s)",
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
      "The gst-afring developers");
}

static void
gst_packet_depay_init (GstPacketDepay * self)
{
  self->selection.src_port = self->selection.dst_port = PACKET_ANY_PORT;

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_packet_depay_chain);
  gst_pad_set_chain_list_function (self->sink_pad,
      gst_packet_depay_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_packet_depay_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->src_pad, gst_packet_depay_src_query);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
