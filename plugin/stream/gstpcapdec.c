/* gst-afring: a capture stream to packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-pcapdec
 * @title: pcapdec
 * @short_description: a pcapng or pcap stream to packets
 *
 * Reads both formats, in either byte order, with any number of interfaces and
 * sections. A packet's buffer shares the memory of the input. The first packet has
 * a timestamp of 0 and all others follow from their capture times, which are in
 * #GstPacketMeta. When the link type of packets changes, the caps do.
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

#include "gstpcapdec.h"
#include "pcapseek.h"
#include "pcapstream.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_dec_debug);
#define GST_CAT_DEFAULT gst_pcap_dec_debug

#define READ_SIZE (256 * 1024)

/* So far into a file a seek reads it through, and with it all that it says of its
 * interfaces. */
#define NEAR (64 * 1024 * 1024)

/* The first packet of a file is hardly further behind. */
#define LARGEST_HEAD (64 * 1024 * 1024)

struct _GstPcapDec
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  /* Of the streaming thread. */
  PcapStream *stream;
  GstSegment segment;
  gboolean segment_pending;
  gboolean discont;
  gboolean ended;               /* nothing more is taken */
  GQueue events;                /* for downstream, once there are caps */
  guint64 offset;               /* pull mode: of the next piece */
  gboolean jumped;              /* not all of the file before it was read */
  gboolean sequential;          /* seeks go through the file from its start */
  guint64 packets;

  /* Object lock. */
  gboolean pulling;
  GstClockTime first;           /* its capture time */
  GstClockTime duration;
  GstClockTime position;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PCAPNG_MEDIA_TYPE "; " PCAP_MEDIA_TYPE));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

G_DEFINE_TYPE (GstPcapDec, gst_pcap_dec, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (pcapdec, "pcapdec", GST_RANK_SECONDARY,
    GST_TYPE_PCAP_DEC, GST_DEBUG_CATEGORY_INIT (gst_pcap_dec_debug, "pcapdec",
        0, "Capture stream to packets"))

/* What the stream consists of. */

static GstFlowReturn
set_link_type (guint32 link_type, gpointer user_data)
{
  GstPcapDec *self = user_data;
  g_autoptr (GstCaps) caps = stream_caps_new_packets (link_type);
  GstEvent *event;

  if (!gst_pad_push_event (self->src_pad, gst_event_new_caps (caps)))
    return GST_PAD_IS_FLUSHING (self->src_pad) ? GST_FLOW_FLUSHING :
        GST_FLOW_NOT_NEGOTIATED;
  if (self->segment_pending)
    gst_pad_push_event (self->src_pad,
        gst_event_new_segment (&self->segment));
  self->segment_pending = FALSE;
  while ((event = g_queue_pop_head (&self->events)) != NULL)
    gst_pad_push_event (self->src_pad, event);
  return GST_FLOW_OK;
}

static void
handle_event (GstEvent * event, gpointer user_data)
{
  GstPcapDec *self = user_data;

  if (gst_pad_has_current_caps (self->src_pad) && !self->segment_pending)
    gst_pad_push_event (self->src_pad, event);
  else
    g_queue_push_tail (&self->events, event);
}

/* A packet without a time, which pcapng has, stays without one. */
static void
set_timestamp (GstPcapDec * self, GstBuffer * buffer)
{
  GstClockTime time = gst_buffer_get_packet_meta (buffer)->capture_time;

  if (time != GST_CLOCK_TIME_NONE) {
    if (self->first == GST_CLOCK_TIME_NONE)
      self->first = time;
    self->position = time > self->first ? time - self->first : 0;
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->position;
  }
  GST_BUFFER_OFFSET (buffer) = self->packets++;
}

/* The packets of a list that are in the segment, which begins in the middle of a
 * file. *@past: some are behind its end. */
static GstBufferList *
clip_to_segment (GstPcapDec * self, GstBufferList * list, gboolean * past)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *inside = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    if (GST_BUFFER_PTS_IS_VALID (buffer)
        && GST_CLOCK_TIME_IS_VALID (self->segment.stop)
        && GST_BUFFER_PTS (buffer) >= self->segment.stop)
      *past = TRUE;
    else if (!GST_BUFFER_PTS_IS_VALID (buffer)
        || GST_BUFFER_PTS (buffer) >= self->segment.start)
      gst_buffer_list_add (inside, gst_buffer_ref (buffer));
  }
  gst_buffer_list_unref (list);
  return inside;
}

static GstFlowReturn
push_packets (GstBufferList * list, gpointer user_data)
{
  GstPcapDec *self = user_data;
  guint n = gst_buffer_list_length (list);
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean past = FALSE;

  if (self->segment_pending)
    gst_pad_push_event (self->src_pad, gst_event_new_segment (&self->segment));
  self->segment_pending = FALSE;

  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < n; i++)
    set_timestamp (self, gst_buffer_list_get (list, i));
  GST_OBJECT_UNLOCK (self);

  if (self->segment.start > 0 || GST_CLOCK_TIME_IS_VALID (self->segment.stop))
    list = clip_to_segment (self, list, &past);
  if (gst_buffer_list_length (list) == 0) {
    gst_buffer_list_unref (list);
  } else {
    if (self->discont)
      GST_BUFFER_FLAG_SET (gst_buffer_list_get (list, 0),
          GST_BUFFER_FLAG_DISCONT);
    self->discont = FALSE;
    ret = gst_pad_push_list (self->src_pad, list);
  }
  return ret == GST_FLOW_OK && past ? GST_FLOW_EOS : ret;
}

/* The end, of whatever kind: what was whole has gone downstream by now. */

static void
post_corrupt (GstPcapDec * self, const GError * error)
{
  if (self->packets > 0 || gst_pad_has_current_caps (self->src_pad)
      || gst_pcap_decoder_get_position (pcap_stream_get_decoder
          (self->stream)) > 0)
    GST_ELEMENT_ERROR (self, STREAM, DECODE, ("%s", error->message), (NULL));
  else
    GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE, ("%s", error->message), (NULL));
}

static void
post_torn (GstPcapDec * self)
{
  guint64 position =
      gst_pcap_decoder_get_position (pcap_stream_get_decoder (self->stream));

  if (position == 0)
    GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE,
        ("Neither a pcap nor a pcapng stream: it ends before its header does"),
        (NULL));
  else
    GST_ELEMENT_WARNING (self, STREAM, DECODE,
        ("The capture was cut off: its last record, at byte %" G_GUINT64_FORMAT
            ", is not whole", position), (NULL));
}

static void
push_eos (GstPcapDec * self)
{
  self->ended = TRUE;
  gst_pad_push_event (self->src_pad, gst_event_new_eos ());
}

/* The input has come to its end. */
static void
end_stream (GstPcapDec * self)
{
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);

  if (self->ended)
    return;
  if (pcap_stream_get_rest (self->stream) > 0
      || gst_pcap_decoder_is_inside (decoder))
    post_torn (self);
  else if (gst_pcap_decoder_get_position (decoder) == 0)
    GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE,
        ("There is nothing in the capture, not even a header"), (NULL));

  /* a capture without packets has caps and a segment too */
  if (!gst_pad_has_current_caps (self->src_pad)) {
    const GstCaptureInterface *iface =
        gst_pcap_decoder_get_last_interface (decoder);

    set_link_type (iface != NULL ? iface->link_type :
        GST_CAPTURE_LINK_TYPE_ETHERNET, self);
  }
  push_eos (self);
}

/* From the start of the file: what is before the segment is left out. */
static void
read_from_start (GstPcapDec * self)
{
  pcap_stream_reset (self->stream);
  self->offset = 0;
  self->jumped = FALSE;
}

static GstFlowReturn
append (GstPcapDec * self, GstBuffer * buffer)
{
  g_autoptr (GError) error = NULL;
  GstFlowReturn ret = pcap_stream_append (self->stream, buffer, &error);

  /* what was jumped over can be the description of an interface */
  if (error != NULL && self->jumped) {
    GST_INFO_OBJECT (self, "%s; reading the file from its start",
        error->message);
    self->sequential = TRUE;
    read_from_start (self);
    return GST_FLOW_OK;
  }
  if (error != NULL)
    post_corrupt (self, error);
  /* corrupt, or downstream or the segment wants no more: what is left of the input
   * is not a torn end */
  if (error != NULL || ret == GST_FLOW_EOS)
    push_eos (self);
  return ret;
}

/* Push mode. */

static GstFlowReturn
gst_pcap_dec_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);

  if (self->ended) {
    gst_buffer_unref (buffer);
    return GST_FLOW_EOS;
  }
  return append (self, buffer);
}

static gboolean
gst_pcap_dec_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
    case GST_EVENT_SEGMENT:
      gst_event_unref (event);  /* our own differ */
      return TRUE;
    case GST_EVENT_EOS:
      end_stream (self);
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_FLUSH_STOP:
      self->segment_pending = TRUE;
      self->ended = FALSE;
      break;
    default:
      break;
  }
  return gst_pad_event_default (pad, parent, event);
}

/* Pull mode. */

static void
pause_task (GstPcapDec * self, GstFlowReturn ret)
{
  GST_DEBUG_OBJECT (self, "pausing: %s", gst_flow_get_name (ret));
  gst_pad_pause_task (self->sink_pad);
  if (ret == GST_FLOW_EOS) {
    end_stream (self);
  } else if ((ret == GST_FLOW_NOT_LINKED || ret < GST_FLOW_EOS)
      && !self->ended) {
    GST_ELEMENT_FLOW_ERROR (self, ret);
    gst_pad_push_event (self->src_pad, gst_event_new_eos ());
  }
}

static void
gst_pcap_dec_loop (gpointer data)
{
  GstPcapDec *self = GST_PCAP_DEC (data);
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);
  guint64 step = gst_pcap_decoder_get_step (decoder);
  GstBuffer *buffer = NULL;
  GstFlowReturn ret;

  /* what would only be stepped over is not read, but for its last byte: that shows
   * whether the file has it */
  if (step > READ_SIZE) {
    gst_pcap_decoder_step (decoder, step - 1);
    self->offset += step - 1;
  }
  ret = gst_pad_pull_range (self->sink_pad, self->offset, READ_SIZE, &buffer);
  if (ret == GST_FLOW_OK) {
    self->offset += gst_buffer_get_size (buffer);
    ret = append (self, buffer);
  }
  if (ret != GST_FLOW_OK)
    pause_task (self, ret);
}

static void
push_stream_start (GstPcapDec * self)
{
  g_autofree gchar *id = gst_pad_create_stream_id (self->src_pad,
      GST_ELEMENT (self), NULL);

  gst_pad_push_event (self->src_pad, gst_event_new_stream_start (id));
}

static gboolean
gst_pcap_dec_activate (GstPad * pad, GstObject * parent)
{
  GstQuery *query = gst_query_new_scheduling ();
  gboolean pull = gst_pad_peer_query (pad, query)
      && gst_query_has_scheduling_mode_with_flags (query, GST_PAD_MODE_PULL,
      GST_SCHEDULING_FLAG_SEEKABLE);

  gst_query_unref (query);
  return gst_pad_activate_mode (pad, pull ? GST_PAD_MODE_PULL :
      GST_PAD_MODE_PUSH, TRUE);
}

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
  push_stream_start (self);
  return gst_pad_start_task (pad, gst_pcap_dec_loop, self, NULL);
}

/* Seeking and queries, in pull mode. */

/* Reads the file up to its first packet, with a decoder of its own. */
static gboolean
learn_start (GstPcapDec * self, GstPcapDecoder * decoder, guint64 * start,
    GstClockTime * first)
{
  g_autoptr (GByteArray) head = g_byte_array_new ();
  GstPcapDecoderResult result = GST_PCAP_DECODER_MORE;
  GstPcapPacket packet;
  gsize at = 0, used = 0;

  gst_pcap_decoder_set_stepping (decoder, FALSE);
  while (result != GST_PCAP_DECODER_PACKET && result != GST_PCAP_DECODER_ERROR) {
    *start = gst_pcap_decoder_get_position (decoder);
    result = gst_pcap_decoder_next (decoder, head->data + at, head->len - at,
        &used, &packet, NULL);
    if (result == GST_PCAP_DECODER_MORE) {
      GstBuffer *buffer = NULL;
      GstMapInfo map;

      if (head->len > LARGEST_HEAD || gst_pad_pull_range (self->sink_pad,
              head->len, READ_SIZE, &buffer) != GST_FLOW_OK)
        return FALSE;
      if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
        g_byte_array_append (head, map.data, map.size);
        gst_buffer_unmap (buffer, &map);
      }
      gst_buffer_unref (buffer);
    } else {
      at += used;
    }
  }
  *first = packet.time;
  return result == GST_PCAP_DECODER_PACKET
      && packet.time != GST_CLOCK_TIME_NONE;
}

static gboolean
query_duration (GstPcapDec * self, GstClockTime * duration)
{
  GstPcapDecoder *decoder;
  GstClockTime first, last = GST_CLOCK_TIME_NONE;
  gboolean pulling;
  guint64 start;

  GST_OBJECT_LOCK (self);
  pulling = self->pulling;
  *duration = self->duration;
  GST_OBJECT_UNLOCK (self);
  if (!pulling || *duration != GST_CLOCK_TIME_NONE)
    return pulling;

  decoder = gst_pcap_decoder_new ();
  if (learn_start (self, decoder, &start, &first))
    last = pcap_seek_find_last (self->sink_pad, decoder, start, first);
  gst_pcap_decoder_free (decoder);
  if (last == GST_CLOCK_TIME_NONE)
    return FALSE;

  GST_OBJECT_LOCK (self);
  *duration = self->duration = last > first ? last - first : 0;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_pcap_dec_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);
  GstClockTime time;
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_POSITION:
      gst_query_parse_position (query, &format, NULL);
      GST_OBJECT_LOCK (self);
      time = self->position;
      GST_OBJECT_UNLOCK (self);
      if (format != GST_FORMAT_TIME || time == GST_CLOCK_TIME_NONE)
        return FALSE;
      gst_query_set_position (query, format, time);
      return TRUE;
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      if (format != GST_FORMAT_TIME || !query_duration (self, &time))
        return FALSE;
      gst_query_set_duration (query, format, time);
      return TRUE;
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      if (format != GST_FORMAT_TIME)
        return FALSE;
      GST_OBJECT_LOCK (self);
      gst_query_set_seeking (query, format, self->pulling, 0, -1);
      GST_OBJECT_UNLOCK (self);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* Where to go on reading for a segment, or 0: from the start. */
static guint64
find_segment (GstPcapDec * self)
{
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);
  GstPcapDecoder *head = gst_pcap_decoder_new ();
  GstClockTime first;
  guint64 start, place = 0;

  if (self->packets > 0 && learn_start (self, head, &start, &first))
    place = pcap_seek_find_time (self->sink_pad, decoder, start, first,
        first + self->segment.start);
  gst_pcap_decoder_free (head);
  return place > NEAR ? place : 0;
}

/* With the stream lock. In a file that describes interfaces all along, as far as
 * that has been seen, only its start is a safe place. */
static void
move_to_segment (GstPcapDec * self)
{
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);
  guint64 place = 0;

  if (gst_pcap_decoder_is_described_late (decoder))
    self->sequential = TRUE;
  if (!self->sequential)
    place = find_segment (self);
  if (place == 0) {
    read_from_start (self);
  } else {
    pcap_stream_jump (self->stream, place);
    self->offset = place;
    self->jumped = TRUE;
  }
}

static gboolean
seek (GstPcapDec * self, GstEvent * event)
{
  gdouble rate;
  GstFormat format;
  GstSeekFlags flags;
  GstSeekType start_type, stop_type;
  gint64 start, stop;
  GstSegment segment;

  gst_event_parse_seek (event, &rate, &format, &flags, &start_type, &start,
      &stop_type, &stop);
  if (format != GST_FORMAT_TIME || rate <= 0.0 || !self->pulling)
    return FALSE;

  if (flags & GST_SEEK_FLAG_FLUSH) {
    gst_pad_push_event (self->src_pad, gst_event_new_flush_start ());
    gst_pad_push_event (self->sink_pad, gst_event_new_flush_start ());
  } else {
    gst_pad_pause_task (self->sink_pad);
  }
  GST_PAD_STREAM_LOCK (self->sink_pad);
  if (flags & GST_SEEK_FLAG_FLUSH) {
    gst_pad_push_event (self->sink_pad, gst_event_new_flush_stop (TRUE));
    gst_pad_push_event (self->src_pad, gst_event_new_flush_stop (TRUE));
  }

  segment = self->segment;
  if (self->position != GST_CLOCK_TIME_NONE)
    segment.position = self->position;
  gst_segment_do_seek (&segment, rate, format, flags, start_type, start,
      stop_type, stop, NULL);
  self->segment = segment;
  self->segment_pending = TRUE;
  self->discont = TRUE;
  self->ended = FALSE;
  move_to_segment (self);
  gst_pad_start_task (self->sink_pad, gst_pcap_dec_loop, self, NULL);
  GST_PAD_STREAM_UNLOCK (self->sink_pad);
  return TRUE;
}

static gboolean
gst_pcap_dec_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstPcapDec *self = GST_PCAP_DEC (parent);
  gboolean ok;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (pad, parent, event);
  ok = seek (self, event);
  gst_event_unref (event);
  return ok;
}

/* The element. */

static void
reset (GstPcapDec * self)
{
  static const PcapStreamFuncs funcs =
      { set_link_type, push_packets, handle_event };

  g_clear_pointer (&self->stream, pcap_stream_free);
  self->stream = pcap_stream_new (&funcs, self);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->segment_pending = TRUE;
  self->discont = TRUE;
  self->ended = FALSE;
  g_queue_clear_full (&self->events, (GDestroyNotify) gst_event_unref);
  self->offset = self->packets = 0;
  self->jumped = self->sequential = FALSE;
  self->first = self->duration = self->position = GST_CLOCK_TIME_NONE;
}

static GstStateChangeReturn
gst_pcap_dec_change_state (GstElement * element, GstStateChange transition)
{
  GstStateChangeReturn ret =
      GST_ELEMENT_CLASS (gst_pcap_dec_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    reset (GST_PCAP_DEC (element));
  return ret;
}

static void
gst_pcap_dec_finalize (GObject * object)
{
  GstPcapDec *self = GST_PCAP_DEC (object);

  pcap_stream_free (self->stream);
  g_queue_clear_full (&self->events, (GDestroyNotify) gst_event_unref);
  G_OBJECT_CLASS (gst_pcap_dec_parent_class)->finalize (object);
}

static void
gst_pcap_dec_class_init (GstPcapDecClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_pcap_dec_finalize;
  element_class->change_state = gst_pcap_dec_change_state;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Packet stream decoder", "Codec/Demuxer",
      "Reads packets from a pcapng or pcap stream",
      "The gst-afring developers");
}

static void
gst_pcap_dec_init (GstPcapDec * self)
{
  g_queue_init (&self->events);
  reset (self);

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
}
