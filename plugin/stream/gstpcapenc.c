/* gst-afring: packets to a capture stream
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-pcapenc
 * @title: pcapenc
 * @short_description: packets to a pcapng or pcap stream
 *
 * Makes a byte stream of packets, for elements that send or store bytes:
 * `filesink`, `multifilesink`, `tcpserversink` (PCAP over IP), `fdsink`. It is
 * classic pcap if downstream takes only that, as `pcapparse` does, else pcapng.
 *
 * The caps carry as `streamheader` what a new file or client has to begin with. A
 * buffer holds whole records. A pcapng stream begins a new section when packets
 * of an interface come that has not been described.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 afringsrc interface=eth0 ! pcapenc ! \
 *     tcpserversink host=127.0.0.1 port=57012
 * tshark -i TCP@127.0.0.1:57012
 * ]|
 */

#include "config.h"

#include "gstpcapenc.h"
#include "common/packetbuffer.h"
#include "common/sectionblocks.h"
#include "common/streamcaps.h"

#include <gst/afring/pcap-enumtypes.h>
#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_enc_debug);
#define GST_CAT_DEFAULT gst_pcap_enc_debug

enum
{
  PROP_TIMESTAMP_PRECISION = 1
};

struct _GstPcapEnc
{
  GstElement parent;

  GstPad *sink_pad;
  GstPad *src_pad;

  GstPcapTimestampPrecision precision;  /* object lock */

  /* Of the streaming thread. */
  GstPcapEncoder *encoder;
  gboolean negotiated;          /* the format */
  GstPcapFormat format;
  GstEvent *segment;            /* until the caps are out */
  SectionBlocks said;           /* of the section */
  guint32 link_type;
  GstClockTime time;            /* of what is being put together */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PACKET_TEMPLATE_CAPS));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PCAPNG_MEDIA_TYPE "; " PCAP_MEDIA_TYPE));

G_DEFINE_TYPE (GstPcapEnc, gst_pcap_enc, GST_TYPE_ELEMENT)

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (pcapenc, "pcapenc", GST_RANK_NONE,
    GST_TYPE_PCAP_ENC, GST_DEBUG_CATEGORY_INIT (gst_pcap_enc_debug, "pcapenc",
        0, "Packets to a capture stream"))

/* Starting the stream, and each new section of it. */

static GstPcapFormat
negotiate (GstPcapEnc * self)
{
  GstCaps *allowed = gst_pad_get_allowed_caps (self->src_pad);
  GstPcapFormat format = GST_PCAP_FORMAT_PCAPNG;

  if (allowed != NULL && !gst_caps_is_empty (allowed)
      && gst_structure_has_name (gst_caps_get_structure (allowed, 0),
          PCAP_MEDIA_TYPE))
    format = GST_PCAP_FORMAT_PCAP;
  gst_clear_caps (&allowed);
  return format;
}

/* What is known of interfaces before the first packet is in it at once, and not kept
 * as events: a file can describe very many. */
static GstPcapEncoder *
get_encoder (GstPcapEnc * self)
{
  GstPcapTimestampPrecision precision;

  if (G_UNLIKELY (self->encoder == NULL)) {
    GST_OBJECT_LOCK (self);
    precision = self->precision;
    GST_OBJECT_UNLOCK (self);
    self->encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG, precision,
        APPLICATION);
  }
  return self->encoder;
}

static void
ensure_format (GstPcapEnc * self)
{
  if (G_LIKELY (self->negotiated))
    return;
  self->negotiated = TRUE;
  self->format = negotiate (self);
  gst_pcap_encoder_set_format (get_encoder (self), self->format);
}

/* TRUE if that is what the event is. */
static gboolean
take_statistics_or_interface (GstPcapEnc * self, GstEvent * event)
{
  GstCaptureInterface iface;
  GstCaptureStatistics statistics;

  if (gst_event_parse_capture_interface (event, &iface))
    gst_pcap_encoder_set_interface (get_encoder (self), &iface);
  else if (gst_event_parse_capture_statistics (event, &statistics))
    gst_pcap_encoder_set_statistics (get_encoder (self), &statistics);
  else
    return FALSE;
  return TRUE;
}

static GstFlowReturn
push_bytes (GstPcapEnc * self, GByteArray * bytes)
{
  GstBuffer *buffer;
  gsize size = bytes->len;

  if (size == 0)
    return GST_FLOW_OK;
  buffer = gst_buffer_new_wrapped (g_memdup2 (bytes->data, size), size);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = self->time;
  g_byte_array_set_size (bytes, 0);
  return gst_pad_push (self->src_pad, buffer);
}

/* In a stream that has begun, what is new comes where it was said. */
static gboolean
take_section (GstPcapEnc * self, GstEvent * event)
{
  g_autoptr (GByteArray) added = g_byte_array_new ();
  GPtrArray *blocks;

  if (!gst_event_parse_capture_section (event, &blocks))
    return FALSE;
  section_blocks_set (&self->said, blocks, added);
  if (gst_pad_has_current_caps (self->src_pad)
      && self->format == GST_PCAP_FORMAT_PCAPNG)
    push_bytes (self, added);
  return TRUE;
}

/* A source that ends before its first packet has sent none. */
static GstEvent *
make_segment (void)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_event_new_segment (&segment);
}

static gboolean
has_segment (GstPad * pad)
{
  GstEvent *segment = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);

  if (segment == NULL)
    return FALSE;
  gst_event_unref (segment);
  return TRUE;
}

static void
set_caps (GstPcapEnc * self, GstBuffer * header)
{
  GstCaps *caps = stream_caps_new (self->format == GST_PCAP_FORMAT_PCAP ?
      PCAP_MEDIA_TYPE : PCAPNG_MEDIA_TYPE, header);

  gst_pad_set_caps (self->src_pad, caps);
  gst_caps_unref (caps);
  if (self->segment == NULL && !has_segment (self->src_pad))
    self->segment = make_segment ();
  if (self->segment != NULL)
    gst_pad_push_event (self->src_pad, g_steal_pointer (&self->segment));
}

/* A header is flagged as such and stands in the caps: sinks with clients send it
 * to each one that comes, others write it like any buffer. */
static GstFlowReturn
push_header (GstPcapEnc * self, GByteArray * bytes)
{
  gsize size = bytes->len;
  GstBuffer *header = gst_buffer_new_wrapped (g_memdup2 (bytes->data, size),
      size);

  GST_BUFFER_FLAG_SET (header, GST_BUFFER_FLAG_HEADER);
  GST_BUFFER_PTS (header) = GST_BUFFER_DTS (header) = self->time;
  g_byte_array_set_size (bytes, 0);
  set_caps (self, header);
  return gst_pad_push (self->src_pad, header);
}

/* In classic pcap the header comes once; a pcapng stream begins a section. */
static GstFlowReturn
begin_section (GstPcapEnc * self, const GstPcapPacket * packet)
{
  g_autoptr (GByteArray) header = g_byte_array_new ();

  if (self->format == GST_PCAP_FORMAT_PCAPNG) {
    gst_pcap_encoder_restart (self->encoder);
    gst_pcap_encoder_append_start (self->encoder, header);
  }
  if (!gst_pcap_encoder_append_before (self->encoder, header, packet)) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
        ("A classic pcap stream has one link type, and packets of several "
            "come; pcapng can have them"), (NULL));
    return GST_FLOW_ERROR;
  }
  if (self->format == GST_PCAP_FORMAT_PCAPNG)
    section_blocks_append (&self->said, header);
  return push_header (self, header);
}

/* Packets. */

static GstFlowReturn
encode (GstPcapEnc * self, GByteArray * out, const GstPcapPacket * packet)
{
  GstFlowReturn ret = GST_FLOW_OK;

  if (G_UNLIKELY (gst_pcap_encoder_needs_before (self->encoder, packet))) {
    ret = push_bytes (self, out);
    if (ret == GST_FLOW_OK)
      ret = begin_section (self, packet);
  }
  if (ret == GST_FLOW_OK)
    gst_pcap_encoder_append_packet (self->encoder, out, packet);
  return ret;
}

static GstFlowReturn
encode_buffer (GstPcapEnc * self, GByteArray * out, GstBuffer * buffer)
{
  GstPcapPacket packet;
  GstFlowReturn ret;
  PacketMap map;

  if (!packet_buffer_map (buffer, &map)) {
    GST_ELEMENT_ERROR (self, RESOURCE, READ, ("Cannot map a packet"), (NULL));
    return GST_FLOW_ERROR;
  }
  if (out->len == 0)
    self->time = GST_BUFFER_PTS (buffer);
  packet_buffer_describe (buffer, &map, self->link_type, &packet);
  ret = encode (self, out, &packet);
  packet_buffer_unmap (buffer, &map);
  return ret;
}

static GstFlowReturn
gst_pcap_enc_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstPcapEnc *self = GST_PCAP_ENC (parent);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GstFlowReturn ret;

  ensure_format (self);
  ret = encode_buffer (self, out, buffer);
  gst_buffer_unref (buffer);
  return ret == GST_FLOW_OK ? push_bytes (self, out) : ret;
}

static GstFlowReturn
gst_pcap_enc_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  GstPcapEnc *self = GST_PCAP_ENC (parent);
  gsize size = gst_buffer_list_calculate_size (list);
  guint n = gst_buffer_list_length (list);
  g_autoptr (GByteArray) out = g_byte_array_sized_new (size + 64 * n);
  GstFlowReturn ret = GST_FLOW_OK;

  ensure_format (self);
  for (guint i = 0; i < n && ret == GST_FLOW_OK; i++)
    ret = encode_buffer (self, out, gst_buffer_list_get (list, i));
  /* the ring's memory is free again before downstream gets to work */
  gst_buffer_list_unref (list);
  return ret == GST_FLOW_OK ? push_bytes (self, out) : ret;
}

/* What a stream ends with; one without packets is a capture of nothing. */
static void
end_stream (GstPcapEnc * self)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gboolean begun = gst_pad_has_current_caps (self->src_pad);

  ensure_format (self);
  if (!begun)
    gst_pcap_encoder_append_start (self->encoder, out);
  if (!begun && self->format == GST_PCAP_FORMAT_PCAPNG)
    section_blocks_append (&self->said, out);
  gst_pcap_encoder_append_end (self->encoder, out, self->link_type);
  if (!begun)
    push_header (self, out);
  else
    push_bytes (self, out);
}

static gboolean
gst_pcap_enc_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstPcapEnc *self = GST_PCAP_ENC (parent);
  gint link_type;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      if (stream_caps_parse_link_type (event, &link_type))
        self->link_type = link_type;
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_SEGMENT:
      /* caps come first, and are not known before the first packet */
      if (gst_pad_has_current_caps (self->src_pad))
        break;
      gst_event_replace (&self->segment, event);
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_EOS:
      end_stream (self);
      break;
    default:
      if (!take_statistics_or_interface (self, event)
          && !take_section (self, event))
        break;
      gst_event_unref (event);
      return TRUE;
  }
  return gst_pad_event_default (pad, parent, event);
}

static void
reset (GstPcapEnc * self)
{
  g_clear_pointer (&self->encoder, gst_pcap_encoder_free);
  section_blocks_forget (&self->said);
  self->negotiated = FALSE;
  gst_event_replace (&self->segment, NULL);
  self->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  self->time = GST_CLOCK_TIME_NONE;
}

static GstStateChangeReturn
gst_pcap_enc_change_state (GstElement * element, GstStateChange transition)
{
  GstStateChangeReturn ret =
      GST_ELEMENT_CLASS (gst_pcap_enc_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    reset (GST_PCAP_ENC (element));
  return ret;
}

static void
gst_pcap_enc_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  if (id != PROP_TIMESTAMP_PRECISION) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (object);
  GST_PCAP_ENC (object)->precision = g_value_get_enum (value);
  GST_OBJECT_UNLOCK (object);
}

static void
gst_pcap_enc_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  if (id != PROP_TIMESTAMP_PRECISION) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (object);
  g_value_set_enum (value, GST_PCAP_ENC (object)->precision);
  GST_OBJECT_UNLOCK (object);
}

static void
gst_pcap_enc_finalize (GObject * object)
{
  reset (GST_PCAP_ENC (object));
  section_blocks_clear (&GST_PCAP_ENC (object)->said);
  G_OBJECT_CLASS (gst_pcap_enc_parent_class)->finalize (object);
}

static void
gst_pcap_enc_class_init (GstPcapEncClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = gst_pcap_enc_set_property;
  object_class->get_property = gst_pcap_enc_get_property;
  object_class->finalize = gst_pcap_enc_finalize;
  element_class->change_state = gst_pcap_enc_change_state;

  g_object_class_install_property (object_class, PROP_TIMESTAMP_PRECISION,
      g_param_spec_enum ("timestamp-precision", "Timestamp precision",
          "Precision of timestamps in a classic pcap stream; pcapng has "
          "nanoseconds always", GST_TYPE_PCAP_TIMESTAMP_PRECISION,
          GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND,
          G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_READY));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "Packet stream encoder", "Codec/Muxer",
      "Makes a pcapng or pcap stream of packets", GST_AFRING_AUTHORS);
}

static void
gst_pcap_enc_init (GstPcapEnc * self)
{
  /* the sender has them all anyway */
  section_blocks_init (&self->said, G_MAXSIZE, G_MAXUINT);
  reset (self);

  self->sink_pad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink_pad, gst_pcap_enc_chain);
  gst_pad_set_chain_list_function (self->sink_pad, gst_pcap_enc_chain_list);
  gst_pad_set_event_function (self->sink_pad, gst_pcap_enc_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink_pad);

  self->src_pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->src_pad);
  gst_element_add_pad (GST_ELEMENT (self), self->src_pad);
}
