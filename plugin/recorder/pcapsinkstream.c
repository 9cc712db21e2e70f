/* gst-afring: the stream that a recorder records
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsinkstream.h"
#include "common/packetbuffer.h"
#include "common/streamcaps.h"
#include "pcapinput.h"
#include "pcapsinkreport.h"

#include <gst/afring/afring.h>

struct _PcapSinkStream
{
  GstElement *element;          /* borrowed, as the next */
  PcapIntake *intake;
  GstCaps *caps;                /* NULL: none yet */
  gchar *id;                    /* of the stream, or NULL */
  PcapInput *input;             /* NULL: packets come one by one */
  guint32 link_type;
  gboolean failed;              /* what came could not be recorded */
  gboolean ended;               /* nor is what comes, which nobody wants */
  const PcapRecorderLosses *losses;     /* the recorder's */
  PcapRecorderLosses said;      /* of what has been warned */
};

PcapSinkStream *
pcap_sink_stream_new (GstElement * element, PcapIntake * intake)
{
  PcapSinkStream *self = g_new0 (PcapSinkStream, 1);

  self->element = element;
  self->intake = intake;
  self->losses = pcap_intake_peek_losses (intake);
  return self;
}

void
pcap_sink_stream_free (PcapSinkStream * self)
{
  g_clear_pointer (&self->input, pcap_input_free);
  gst_clear_caps (&self->caps);
  g_free (self->id);
  g_free (self);
}

static void
warn_of_trigger (PcapSinkStream * self)
{
  g_autoptr (GError) error = pcap_intake_take_error (self->intake);

  if (G_UNLIKELY (error != NULL))
    GST_ELEMENT_WARNING (self->element, RESOURCE, SETTINGS, ("%s",
            error->message), (NULL));
}

/* Without the intake's lock: whoever hears of an error may ask for stats. */
static GstFlowReturn
finish_append (PcapSinkStream * self, PcapRecorderResult result,
    const GError * error)
{
  if (G_UNLIKELY (self->losses->bad_times != self->said.bad_times
          || self->losses->blocks_left_out != self->said.blocks_left_out))
    pcap_sink_report_losses (self->element, self->losses, &self->said);
  warn_of_trigger (self);
  if (G_LIKELY (result == PCAP_RECORDER_OK))
    return GST_FLOW_OK;
  if (result == PCAP_RECORDER_ENDED) {
    self->ended = TRUE;
    return GST_FLOW_EOS;
  }
  self->failed = TRUE;
  if (result == PCAP_RECORDER_LINK_TYPE)
    GST_ELEMENT_ERROR (self->element, STREAM, FORMAT,
        ("A classic pcap file has one link type, this stream has several: "
            "record it with format=pcapng"), (NULL));
  else if (error != NULL && error->domain == GST_STREAM_ERROR)
    gst_element_message_full (self->element, GST_MESSAGE_ERROR,
        error->domain, error->code, g_strdup (error->message), NULL, __FILE__,
        GST_FUNCTION, __LINE__);
  else if (error != NULL)
    GST_ELEMENT_ERROR (self->element, STREAM, DECODE, ("%s", error->message),
        (NULL));
  return GST_FLOW_ERROR;
}

/* Intake's lock. A block of a ring is written as it is and from where it lies,
 * but for the one in the middle of which a file is full. */
static PcapRecorderResult
append_buffer (PcapSinkStream * self, GstBuffer * buffer, GError ** error)
{
  PcapRecorderResult result;
  const GstPacketBlockMeta *block = self->input == NULL ? NULL :
      gst_buffer_get_packet_block_meta (buffer);
  GstPcapPacket packet;
  PacketMap map;

  if (block != NULL && pcap_input_takes_whole (self->input,
          gst_buffer_get_size (buffer), block->packets))
    return pcap_intake_append_buffer (self->intake, buffer,
        block->packets, block->first_time, block->last_time);
  if (!packet_buffer_map (buffer, &map)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "Cannot map a packet");
    return PCAP_RECORDER_FAILED;
  }
  if (self->input == NULL) {
    const GstPacketMeta *meta = packet_buffer_describe (buffer, &map,
        self->link_type, &packet);

    result = pcap_intake_append (self->intake, &packet, meta);
  } else {
    result = pcap_input_append (self->input, map.data, map.size, error);
  }
  packet_buffer_unmap (buffer, &map);
  return result;
}

/* Bytes of which nobody says what they are would be taken for packets. */
static gboolean
check_caps (PcapSinkStream * self)
{
  if (self->caps != NULL)
    return TRUE;
  GST_ELEMENT_ERROR (self->element, CORE, NEGOTIATION,
      ("It is not known what to record: there are no caps. Put pcapdec in front "
          "to record the packets of a capture file, or a caps filter "
          "(application/x-pcapng)"), (NULL));
  return FALSE;
}

GstFlowReturn
pcap_sink_stream_take (PcapSinkStream * self, GstBuffer * buffer)
{
  g_autoptr (GError) error = NULL;
  PcapRecorderResult result;

  if (!check_caps (self))
    return GST_FLOW_NOT_NEGOTIATED;
  pcap_intake_lock (self->intake);
  result = append_buffer (self, buffer, &error);
  pcap_intake_unlock (self->intake);
  return finish_append (self, result, error);
}

GstFlowReturn
pcap_sink_stream_take_list (PcapSinkStream * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  PcapRecorderResult result = PCAP_RECORDER_OK;
  g_autoptr (GError) error = NULL;

  if (!check_caps (self))
    return GST_FLOW_NOT_NEGOTIATED;
  pcap_intake_lock (self->intake);
  for (guint i = 0; i < n && result == PCAP_RECORDER_OK; i++) {
    pcap_intake_renew (self->intake);
    result = append_buffer (self, gst_buffer_list_get (list, i), &error);
  }
  pcap_intake_unlock (self->intake);
  return finish_append (self, result, error);
}

/* What the stream begins with is recorded before anything comes, and so before a
 * flush could begin the file without it; or the stream has begun before. */
static PcapRecorderResult
add_stream_header (PcapSinkStream * self, const GstStructure * structure,
    GError ** error)
{
  PcapRecorderResult result = PCAP_RECORDER_OK;
  const GValue *headers = gst_structure_get_value (structure, "streamheader");
  guint n = headers != NULL && GST_VALUE_HOLDS_ARRAY (headers) ?
      gst_value_array_get_size (headers) : 0;

  for (guint i = 0; i < n && result == PCAP_RECORDER_OK; i++) {
    GstBuffer *header =
        gst_value_get_buffer (gst_value_array_get_value (headers, i));
    GstMapInfo map;

    if (header != NULL && gst_buffer_map (header, &map, GST_MAP_READ)) {
      result = pcap_input_add_header (self->input, map.data, map.size, error);
      gst_buffer_unmap (header, &map);
    }
  }
  return result;
}

/* A stream begins, of which the caps say what it is. */
static gboolean
begin_stream (PcapSinkStream * self)
{
  g_autoptr (GError) error = NULL;
  PcapRecorderResult result;

  g_clear_pointer (&self->input, pcap_input_free);
  self->input = pcap_input_new (self->intake);
  pcap_intake_lock (self->intake);
  pcap_intake_leave_section (self->intake);
  result = add_stream_header (self, gst_caps_get_structure (self->caps, 0),
      &error);
  pcap_intake_unlock (self->intake);
  return finish_append (self, result, error) != GST_FLOW_ERROR;
}

static void
warn_of_rest (PcapSinkStream * self)
{
  if (self->input != NULL && pcap_input_get_rest (self->input) > 0
      && !self->failed && !self->ended)
    GST_ELEMENT_WARNING (self->element, STREAM, DECODE,
        ("The stream ends in the middle of a record: its last %" G_GSIZE_FORMAT
            " bytes are not recorded", pcap_input_get_rest (self->input)),
        (NULL));
}

GstCaps *
pcap_sink_stream_get_caps (GstPad * pad, gboolean in_blocks,
    GstCaps * filter)
{
  GstCaps *caps = gst_pad_get_pad_template_caps (pad);

  if (!in_blocks) {
    caps = gst_caps_make_writable (caps);
    gst_caps_append_structure (caps, gst_caps_steal_structure (caps, 0));
  }
  if (filter != NULL) {
    GstCaps *both = gst_caps_intersect_full (filter, caps,
        GST_CAPS_INTERSECT_FIRST);

    gst_caps_unref (caps);
    caps = both;
  }
  return caps;
}

gboolean
pcap_sink_stream_set_caps (PcapSinkStream * self, GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  gint link_type;

  warn_of_rest (self);
  if (!gst_structure_has_name (structure, PACKET_MEDIA_TYPE)) {
    gst_caps_replace (&self->caps, caps);
    return begin_stream (self);
  }
  if (!gst_structure_get_int (structure, "link-type", &link_type))
    return FALSE;
  gst_caps_replace (&self->caps, caps);
  g_clear_pointer (&self->input, pcap_input_free);
  self->link_type = link_type;
  pcap_intake_lock (self->intake);
  pcap_intake_leave_section (self->intake);
  pcap_intake_set_link_type (self->intake, link_type);
  pcap_intake_unlock (self->intake);
  return TRUE;
}

void
pcap_sink_stream_start (PcapSinkStream * self, GstEvent * event)
{
  const gchar *id;

  gst_event_parse_stream_start (event, &id);
  if (g_strcmp0 (id, self->id) == 0)
    return;
  g_free (self->id);
  self->id = g_strdup (id);
  if (self->input == NULL)
    return;
  warn_of_rest (self);
  begin_stream (self);
}

void
pcap_sink_stream_flush (PcapSinkStream * self)
{
  if (self->input != NULL)
    pcap_input_flush (self->input);
}

void
pcap_sink_stream_take_custom (PcapSinkStream * self, GstEvent * event)
{
  PcapRecorderResult result = PCAP_RECORDER_OK;
  GstCaptureStatistics statistics;
  GstCaptureInterface iface;
  GPtrArray *blocks;

  pcap_intake_lock (self->intake);
  if (gst_event_parse_capture_interface (event, &iface))
    pcap_intake_set_interface (self->intake, &iface);
  else if (gst_event_parse_capture_statistics (event, &statistics))
    pcap_intake_set_statistics (self->intake, &statistics);
  else if (gst_event_parse_capture_section (event, &blocks))
    result = pcap_intake_set_section (self->intake, blocks);
  pcap_intake_unlock (self->intake);
  finish_append (self, result, NULL);
}

void
pcap_sink_stream_report (PcapSinkStream * self, PcapRecorderResult result)
{
  if (!self->failed && result != PCAP_RECORDER_OK)
    finish_append (self, result, NULL);
}

gboolean
pcap_sink_stream_end (PcapSinkStream * self)
{
  warn_of_rest (self);
  return self->caps != NULL && !self->failed && (self->input == NULL
      || pcap_input_has_begun (self->input));
}
