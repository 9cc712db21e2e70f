/* gst-afring: packets that have come before are left out
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-packetdedup
 * @title: packetdedup
 * @short_description: each packet once
 *
 * A mirror port that mirrors what goes in and what goes out, or several VLANs, shows a
 * packet twice. This drops a packet that is the same as one of the last, from its IP
 * header on: TTL or hop limit, the checksum of the IP header, VLAN tags and the link's
 * header aside. What is no IP, and what has no #GstPacketMeta, passes.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 ! packetdedup ! pcapsink location=once.pcapng
 * ]|
 */

#include "config.h"

#include "gstpacketdedup.h"
#include "packetlink.h"
#include "packetpad.h"
#include "packetpick.h"
#include "packetrecent.h"
#include "common/packetbuffer.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_packet_dedup_debug);
#define GST_CAT_DEFAULT gst_packet_dedup_debug

/* Longer than a switch takes between two copies, shorter than a retransmission. */
#define DEFAULT_WINDOW (5 * GST_MSECOND)
#define DEFAULT_MAX_PACKETS 4096
#define MOST_PACKETS (1024 * 1024)

enum
{
  PROP_WINDOW = 1,
  PROP_MAX_PACKETS,
  PROP_STATS
};

typedef struct
{
  guint64 packets;
  guint64 duplicates;
  guint64 not_compared;
} Counts;

struct _GstPacketDedup
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  /* Object lock. */
  GstClockTime window;
  guint max_packets;
  Counts counts;

  /* Of the streaming thread. */
  PacketPad out;
  guint32 link_type;
  PacketDigestKey key;
  PacketRecent *recent;         /* NULL: not running */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

G_DEFINE_TYPE (GstPacketDedup, gst_packet_dedup, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (packetdedup, "packetdedup",
    GST_RANK_NONE, GST_TYPE_PACKET_DEDUP,
    GST_DEBUG_CATEGORY_INIT (gst_packet_dedup_debug, "packetdedup", 0,
        "Each packet once"))

/* Packets. */

/* What packets are compared by: the same for all of a list. */
typedef struct
{
  GstPacketDedup *self;
  GstClockTime window;
  Counts counts;                /* that come to those there are */
} Comparison;

static void
begin (GstPacketDedup * self, Comparison * comparison)
{
  GST_OBJECT_LOCK (self);
  *comparison = (Comparison) {
  self, self->window,};
  GST_OBJECT_UNLOCK (self);
}

static void
finish (GstPacketDedup * self, const Comparison * comparison)
{
  GST_OBJECT_LOCK (self);
  self->counts.packets += comparison->counts.packets;
  self->counts.duplicates += comparison->counts.duplicates;
  self->counts.not_compared += comparison->counts.not_compared;
  GST_OBJECT_UNLOCK (self);
}

/* FALSE: there is nothing to compare. A packet that is cut has a digest of what is there
 * of it. */
static gboolean
make_digest (GstPacketDedup * self, GstBuffer * buffer,
    const GstPacketMeta * meta, PacketDigest * digest)
{
  GstPacketHeaders headers;
  gboolean ok = FALSE;
  PacketMap map;

  if (!packet_buffer_map (buffer, &map))
    return FALSE;
  switch (gst_packet_parse (self->link_type, map.data, map.size,
          meta->wire_length, &headers)) {
    case GST_PACKET_PARSED:
    case GST_PACKET_FRAGMENT:
    case GST_PACKET_TRUNCATED:
      ok = headers.version != 0 && headers.network_end > headers.network
          && headers.src != NULL && headers.network < map.size;
      break;
    default:
      break;
  }
  if (ok)
    packet_digest_init (digest, &self->key, map.data, map.size, &headers);
  packet_buffer_unmap (buffer, &map);
  return ok;
}

static gboolean
is_new (GstBuffer * buffer, gpointer user_data)
{
  Comparison *comparison = user_data;
  GstPacketDedup *self = comparison->self;
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  PacketDigest digest;

  comparison->counts.packets++;
  if (meta == NULL || !make_digest (self, buffer, meta, &digest)) {
    comparison->counts.not_compared++;
    return TRUE;
  }
  if (!packet_recent_check (self->recent, &digest,
          packet_buffer_get_time (buffer), comparison->window))
    return TRUE;
  comparison->counts.duplicates++;
  return FALSE;
}

static GstFlowReturn
gst_packet_dedup_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (parent);
  Comparison comparison;
  gboolean passes;

  begin (self, &comparison);
  passes = is_new (buffer, &comparison);
  finish (self, &comparison);
  if (passes)
    return packet_pad_push (&self->out, buffer);
  packet_pad_withhold (&self->out, buffer);
  packet_pad_advance (&self->out, GST_BUFFER_PTS (buffer), 1);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* A list in which all are new goes on as it is. */
static GstFlowReturn
gst_packet_dedup_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (parent);
  guint n = gst_buffer_list_length (list);
  GstFlowReturn ret = GST_FLOW_OK;
  Comparison comparison;
  GstBufferList *rest;
  GstClockTime time;

  begin (self, &comparison);
  rest = packet_pick (&self->out, list, is_new, &comparison);
  finish (self, &comparison);
  if (rest == NULL)
    return packet_pad_push_list (&self->out, list);

  time = GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1));
  gst_buffer_list_unref (list);
  if (gst_buffer_list_length (rest) > 0)
    ret = packet_pad_push_list (&self->out, rest);
  else
    gst_buffer_list_unref (rest);
  if (ret == GST_FLOW_OK)
    packet_pad_advance (&self->out, time, comparison.counts.duplicates);
  return ret;
}

/* Events. */

static gboolean
take_caps (GstPacketDedup * self, GstEvent * event)
{
  gint link_type;

  if (!stream_caps_parse_link_type (event, &link_type))
    return FALSE;
  self->link_type = link_type;
  return TRUE;
}

static gboolean
gst_packet_dedup_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      if (!take_caps (self, event)) {
        gst_event_unref (event);
        return FALSE;
      }
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      packet_recent_clear (self->recent);
      break;
    default:
      break;
  }
  packet_pad_note_event (&self->out, event);
  return gst_pad_event_default (pad, parent, event);
}

/* Properties. */

static void
gst_packet_dedup_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (object);

  GST_OBJECT_LOCK (self);
  if (id == PROP_WINDOW)
    self->window = g_value_get_uint64 (value);
  else if (id == PROP_MAX_PACKETS)
    self->max_packets = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  GST_OBJECT_UNLOCK (self);
}

static void
gst_packet_dedup_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_WINDOW:
      g_value_set_uint64 (value, self->window);
      break;
    case PROP_MAX_PACKETS:
      g_value_set_uint (value, self->max_packets);
      break;
    case PROP_STATS:
      g_value_take_boxed (value,
          gst_structure_new ("application/x-packetdedup-stats",
              "packets", G_TYPE_UINT64, self->counts.packets,
              "duplicates", G_TYPE_UINT64, self->counts.duplicates,
              "not-compared", G_TYPE_UINT64, self->counts.not_compared, NULL));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

/* The element. */

static void
start (GstPacketDedup * self)
{
  guint most;

  packet_pad_reset (&self->out);
  GST_OBJECT_LOCK (self);
  self->counts = (Counts) {
  0,};
  most = self->max_packets;
  GST_OBJECT_UNLOCK (self);
  packet_digest_key_init (&self->key);
  self->recent = packet_recent_new (most);
}

static GstStateChangeReturn
gst_packet_dedup_change_state (GstElement * element, GstStateChange transition)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (self);
  ret = GST_ELEMENT_CLASS (gst_packet_dedup_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    g_clear_pointer (&self->recent, packet_recent_free);
  return ret;
}

static void
gst_packet_dedup_finalize (GObject * object)
{
  GstPacketDedup *self = GST_PACKET_DEDUP (object);

  g_clear_pointer (&self->recent, packet_recent_free);
  G_OBJECT_CLASS (gst_packet_dedup_parent_class)->finalize (object);
}

static void
gst_packet_dedup_class_init (GstPacketDedupClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_CONSTRUCT |
      G_PARAM_STATIC_STRINGS;

  object_class->set_property = gst_packet_dedup_set_property;
  object_class->get_property = gst_packet_dedup_get_property;
  object_class->finalize = gst_packet_dedup_finalize;
  element_class->change_state = gst_packet_dedup_change_state;

  g_object_class_install_property (object_class, PROP_WINDOW,
      g_param_spec_uint64 ("window", "Window",
          "Nanoseconds, in the time of the capture, between a packet and one that "
          "is taken for its copy, at most; 0: only those of the same nanosecond",
          0, G_MAXUINT64, DEFAULT_WINDOW, flags | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_MAX_PACKETS,
      g_param_spec_uint ("max-packets", "Maximum packets",
          "The last packets that one is compared with, at most; each takes about "
          "36 bytes", 1, MOST_PACKETS, DEFAULT_MAX_PACKETS,
          flags | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Packets since the start, application/x-packetdedup-stats: packets, "
          "duplicates (these were dropped), not-compared (no IP, or nothing is "
          "known of the packet; these went on)",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Packet duplicate remover", "Filter/Network",
      "Drops packets that have come a moment before", GST_AFRING_AUTHORS);
}

static void
gst_packet_dedup_init (GstPacketDedup * self)
{
  self->window = DEFAULT_WINDOW;
  self->max_packets = DEFAULT_MAX_PACKETS;

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_packet_dedup_chain);
  gst_pad_set_chain_list_function (self->sink_pad,
      gst_packet_dedup_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_packet_dedup_sink_event);
  GST_PAD_SET_PROXY_CAPS (self->sink_pad);
  GST_PAD_SET_PROXY_ALLOCATION (self->sink_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  GST_PAD_SET_PROXY_CAPS (self->src_pad);
  packet_pad_init (&self->out, self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
