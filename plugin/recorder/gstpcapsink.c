/* gst-afring: the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-pcapsink
 * @title: pcapsink
 * @short_description: records packets into pcapng or pcap files
 *
 * Writes packets into files that tcpdump, tshark and Wireshark read, one after the
 * other if a limit is set. A file is named `NAME.part` until it is complete, and
 * is complete in itself. Packets of several interfaces go into one pcapng file,
 * each interface with a description of its own; at the end stands for each how
 * many packets were received and dropped.
 *
 * From a live capture it prefers whole blocks of the ring, which fast traffic, a
 * large ring and a disk that keeps up let it write from where they lie.
 *
 * The element never waits for the clock and keeps no packet once it is written,
 * so that the memory of a live capture is free again at once. It writes on a
 * thread of its own, so that a disk that is slow now and then holds nothing up.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 -e afringsrc interface=eth0 ! pcapsink location=eth0.pcapng
 * gst-launch-1.0 -e afringsrc interface=eth0 ! pcapsink max-files=24 \
 *     max-file-duration=3600000000000 location=eth0-%Y%m%d-%H%M%S.pcapng
 * ]|
 */

#include "config.h"

#include "gstpcapsink.h"
#include "common/packetbuffer.h"
#include "pcapinput.h"
#include "pcapsinksettings.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_sink_debug);
#define GST_CAT_DEFAULT gst_pcap_sink_debug

/* Of a file: what is less is seconds taken for nanoseconds. */
#define LEAST_DURATION GST_MSECOND

enum
{
  PROP_STATS = PCAP_SINK_SETTINGS_N
};

enum
{
  SIGNAL_FORMAT_LOCATION,
  SIGNAL_ROTATE,
  SIGNAL_FLUSH,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _GstPcapSink
{
  GstBaseSink parent;

  PcapSinkSettings settings;    /* object lock */
  /* Changed in state changes only; object lock. */
  PcapRecorder *recorder;
  PcapWriterStats last;         /* of the last recording */

  /* Of the streaming thread. */
  gboolean has_caps;
  PcapInput *input;             /* NULL: packets come one by one */
  guint32 link_type;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (PCAPNG_MEDIA_TYPE "; " PACKET_TEMPLATE_CAPS "; "
        PCAP_MEDIA_TYPE));

G_DEFINE_TYPE_WITH_CODE (GstPcapSink, gst_pcap_sink, GST_TYPE_BASE_SINK,
    G_IMPLEMENT_INTERFACE (GST_TYPE_TAG_SETTER, NULL))

GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (pcapsink, "pcapsink", GST_RANK_NONE,
    GST_TYPE_PCAP_SINK, GST_DEBUG_CATEGORY_INIT (gst_pcap_sink_debug,
        "pcapsink", 0, "Packet recorder"))

/* Properties. */

static PcapRecorder *
ref_recorder (GstPcapSink * self)
{
  PcapRecorder *recorder = NULL;

  GST_OBJECT_LOCK (self);
  if (self->recorder != NULL)
    recorder = pcap_recorder_ref (self->recorder);
  GST_OBJECT_UNLOCK (self);
  return recorder;
}

static GstStructure *
make_stats (GstPcapSink * self)
{
  PcapRecorder *recorder = ref_recorder (self);
  PcapWriterStats stats;
  GstStructure *structure;

  if (recorder != NULL) {
    pcap_recorder_get_stats (recorder, &stats);
    pcap_recorder_unref (recorder);
  } else {
    GST_OBJECT_LOCK (self);
    stats = self->last;
    stats.file.location = g_strdup (self->last.file.location != NULL ?
        self->last.file.location : self->settings.location);
    GST_OBJECT_UNLOCK (self);
  }

  structure = gst_structure_new ("application/x-pcapsink-stats",
      "packets", G_TYPE_UINT64, stats.packets,
      "bytes", G_TYPE_UINT64, stats.bytes,
      "files", G_TYPE_UINT64, stats.files,
      "location", G_TYPE_STRING, stats.file.location,
      "packets-in-file", G_TYPE_UINT64, stats.file.packets,
      "bytes-in-file", G_TYPE_UINT64, stats.file.bytes, NULL);
  g_free (stats.file.location);
  return structure;
}

static void
gst_pcap_sink_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPcapSink *self = GST_PCAP_SINK (object);
  gboolean known;

  GST_OBJECT_LOCK (self);
  known = pcap_sink_settings_set_property (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
gst_pcap_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstPcapSink *self = GST_PCAP_SINK (object);
  gboolean known;

  if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  known = pcap_sink_settings_get_property (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* What the recorder tells; on its writer's thread. */

static gchar *
name_file (guint index, gboolean * is_pattern, gpointer user_data)
{
  GstPcapSink *self = user_data;
  gchar *name = NULL;

  g_signal_emit (self, signals[SIGNAL_FORMAT_LOCATION], 0, index, &name);
  *is_pattern = name == NULL;
  if (name == NULL) {
    GST_OBJECT_LOCK (self);
    name = g_strdup (self->settings.location);
    GST_OBJECT_UNLOCK (self);
  }
  return name;
}

static void
post_file_opened (const gchar * location, gpointer user_data)
{
  GstElement *element = user_data;

  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstPcapSinkFileOpened",
              "location", G_TYPE_STRING, location, NULL)));
}

static void
post_file_closed (const PcapFileReport * report, gpointer user_data)
{
  GstElement *element = user_data;

  gst_element_post_message (element,
      gst_message_new_element (GST_OBJECT (element),
          gst_structure_new ("GstPcapSinkFileClosed",
              "location", G_TYPE_STRING, report->location,
              "packets", G_TYPE_UINT64, report->packets,
              "bytes", G_TYPE_UINT64, report->bytes,
              "first-time", G_TYPE_UINT64, report->first_time,
              "last-time", G_TYPE_UINT64, report->last_time, NULL)));
}

static void
post_file_error (GstPcapSink * self, gint code, const GError * error)
{
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC))
    code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
  gst_element_message_full (GST_ELEMENT (self), GST_MESSAGE_ERROR,
      GST_RESOURCE_ERROR, code, g_strdup (error->message), NULL, __FILE__,
      GST_FUNCTION, __LINE__);
}

static void
post_write_error (const GError * error, gpointer user_data)
{
  post_file_error (user_data, GST_RESOURCE_ERROR_WRITE, error);
}

/* Starting and ending. */

/* The tags that have a place in a section header. */
static gchar **
make_comments (GstPcapSink * self)
{
  const GstTagList *tags = gst_tag_setter_get_tag_list (GST_TAG_SETTER (self));
  gchar **comments = g_new0 (gchar *, 3);
  guint n = 0;

  if (tags != NULL && gst_tag_list_get_string (tags, GST_TAG_TITLE,
          &comments[n]))
    n++;
  if (tags != NULL)
    gst_tag_list_get_string (tags, GST_TAG_COMMENT, &comments[n]);
  return comments;
}

/* Recorder's lock. */
static void
set_comments (GstPcapSink * self, PcapRecorder * recorder)
{
  g_auto (GStrv) comments = make_comments (self);

  pcap_recorder_set_comments (recorder, (const gchar * const *) comments);
}

static gboolean
check_settings (GstPcapSink * self, PcapRecorderConfig * config)
{
  gboolean named = self->settings.location != NULL
      && self->settings.location[0] != '\0';

  if (!named && !g_signal_has_handler_pending (self,
          signals[SIGNAL_FORMAT_LOCATION], 0, FALSE)) {
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND,
        ("No file to record into: set the property \"location\""), (NULL));
    return FALSE;
  }
  if (config->writer.drop_oldest && config->writer.max_files == 0) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("on-disk-full=drop-oldest deletes files of the recording: say with "
            "max-files how many there may be"), (NULL));
    return FALSE;
  }
  if (config->max_duration > 0 && config->max_duration < LEAST_DURATION) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("max-file-duration is in nanoseconds: %" G_GUINT64_FORMAT " is too "
            "short, a minute is 60000000000", config->max_duration), (NULL));
    return FALSE;
  }
  return TRUE;
}

static gboolean
start_recording (GstPcapSink * self)
{
  static const PcapWriterFuncs funcs =
      { name_file, post_file_opened, post_file_closed, post_write_error };
  g_auto (GStrv) comments = make_comments (self);
  g_autoptr (GError) error = NULL;
  PcapRecorderConfig config;
  PcapRecorder *recorder;

  GST_OBJECT_LOCK (self);
  pcap_sink_settings_get_config (&self->settings, &config);
  GST_OBJECT_UNLOCK (self);
  if (!check_settings (self, &config))
    return FALSE;

  self->has_caps = FALSE;
  self->link_type = config.link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  config.comments = (const gchar * const *) comments;
  recorder = pcap_recorder_new (&config, &funcs, self, &error);
  if (recorder == NULL) {
    post_file_error (self, GST_RESOURCE_ERROR_OPEN_WRITE, error);
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->recorder = recorder;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Without EOS and without a packet nothing was recorded: the pipeline did not
 * start, and an earlier recording of that name stays. */
static void
end_recording (GstPcapSink * self)
{
  PcapRecorder *recorder = self->recorder;

  g_clear_pointer (&self->input, pcap_input_free);
  if (pcap_recorder_is_empty (recorder))
    pcap_recorder_abandon (recorder);
  else
    pcap_recorder_end (recorder);

  GST_OBJECT_LOCK (self);
  self->recorder = NULL;
  g_free (self->last.file.location);
  pcap_recorder_get_stats (recorder, &self->last);
  GST_OBJECT_UNLOCK (self);
  pcap_recorder_unref (recorder);
}

/* A recording goes from PAUSED to READY, unlike GstBaseSink's start and stop, so
 * that the next one can have another location without going to NULL. */
static GstStateChangeReturn
gst_pcap_sink_change_state (GstElement * element, GstStateChange transition)
{
  GstPcapSink *self = GST_PCAP_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !start_recording (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    pcap_recorder_set_impatient (self->recorder);
  ret = GST_ELEMENT_CLASS (gst_pcap_sink_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    end_recording (self);
  return ret;
}

static gboolean
gst_pcap_sink_unlock (GstBaseSink * sink)
{
  pcap_recorder_set_unlocked (GST_PCAP_SINK (sink)->recorder, TRUE);
  return TRUE;
}

static gboolean
gst_pcap_sink_unlock_stop (GstBaseSink * sink)
{
  pcap_recorder_set_unlocked (GST_PCAP_SINK (sink)->recorder, FALSE);
  return TRUE;
}

/* Packets. */

/* Without the recorder's lock: whoever hears of an error may ask for stats. */
static GstFlowReturn
finish_append (GstPcapSink * self, PcapRecorderResult result,
    const GError * error)
{
  switch (result) {
    case PCAP_RECORDER_OK:
      return GST_FLOW_OK;
    case PCAP_RECORDER_ENDED:
      return GST_FLOW_EOS;
    case PCAP_RECORDER_LINK_TYPE:
      GST_ELEMENT_ERROR (self, STREAM, FORMAT,
          ("A classic pcap file has one link type, this stream has several: "
              "record it with format=pcapng"), (NULL));
      return GST_FLOW_ERROR;
    case PCAP_RECORDER_FAILED:
    default:
      if (error != NULL)
        GST_ELEMENT_ERROR (self, STREAM, DECODE, ("%s", error->message),
            (NULL));
      return GST_FLOW_ERROR;
  }
}

/* Recorder's lock. A block of a ring is written as it is and from where it lies,
 * but for the one in the middle of which a file is full. */
static PcapRecorderResult
append_buffer (GstPcapSink * self, GstBuffer * buffer, GError ** error)
{
  PcapRecorderResult result;
  const GstPacketBlockMeta *block = self->input == NULL ? NULL :
      gst_buffer_get_packet_block_meta (buffer);
  GstPcapPacket packet;
  PacketMap map;

  if (block != NULL && pcap_input_takes_whole (self->input,
          gst_buffer_get_size (buffer), block->packets))
    return pcap_recorder_append_buffer (self->recorder, buffer,
        block->packets, block->first_time, block->last_time);
  if (!packet_buffer_map (buffer, &map)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "Cannot map a packet");
    return PCAP_RECORDER_FAILED;
  }
  if (self->input == NULL) {
    packet_buffer_describe (buffer, self->link_type, map.size, &packet);
    packet.data = map.data;
    result = pcap_recorder_append (self->recorder, &packet);
  } else {
    result = pcap_input_append (self->input, map.data, map.size, error);
  }
  packet_buffer_unmap (buffer, &map);
  return result;
}

/* Bytes of which nobody says what they are would be taken for packets. */
static gboolean
check_caps (GstPcapSink * self)
{
  if (self->has_caps)
    return TRUE;
  GST_ELEMENT_ERROR (self, CORE, NEGOTIATION,
      ("It is not known what to record: there are no caps. Put pcapdec in front "
          "to record the packets of a capture file, or a caps filter "
          "(application/x-pcapng)"), (NULL));
  return FALSE;
}

static GstFlowReturn
gst_pcap_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  g_autoptr (GError) error = NULL;
  PcapRecorderResult result;

  if (!check_caps (self))
    return GST_FLOW_NOT_NEGOTIATED;
  pcap_recorder_lock (self->recorder);
  result = append_buffer (self, buffer, &error);
  pcap_recorder_unlock (self->recorder);
  return finish_append (self, result, error);
}

static GstFlowReturn
gst_pcap_sink_render_list (GstBaseSink * sink, GstBufferList * list)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  guint n = gst_buffer_list_length (list);
  PcapRecorderResult result = PCAP_RECORDER_OK;
  g_autoptr (GError) error = NULL;

  if (!check_caps (self))
    return GST_FLOW_NOT_NEGOTIATED;
  pcap_recorder_lock (self->recorder);
  for (guint i = 0; i < n && result == PCAP_RECORDER_OK; i++)
    result = append_buffer (self, gst_buffer_list_get (list, i), &error);
  pcap_recorder_unlock (self->recorder);
  return finish_append (self, result, error);
}

/* Negotiation and events. */

/* What the stream begins with is recorded before anything comes, and so before a
 * flush could begin the file without it; or the stream has begun before. */
static PcapRecorderResult
add_stream_header (GstPcapSink * self, const GstStructure * structure,
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

static gboolean
set_stream_caps (GstPcapSink * self, const GstStructure * structure)
{
  gboolean is_pcapng = gst_structure_has_name (structure, PCAPNG_MEDIA_TYPE);
  g_autoptr (GError) error = NULL;
  PcapRecorderResult result;

  g_clear_pointer (&self->input, pcap_input_free);
  self->input = pcap_input_new (self->recorder, is_pcapng
      && pcap_recorder_get_format (self->recorder) == GST_PCAP_FORMAT_PCAPNG);
  pcap_recorder_lock (self->recorder);
  result = add_stream_header (self, structure, &error);
  pcap_recorder_unlock (self->recorder);
  return finish_append (self, result, error) != GST_FLOW_ERROR;
}

/* In the order of preference: for a file of pcapng whole blocks of it, for any other
 * packets. */
static GstCaps *
gst_pcap_sink_get_caps (GstBaseSink * sink, GstCaps * filter)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  GstCaps *caps = gst_pad_get_pad_template_caps (sink->sinkpad);
  PcapRecorderConfig config;

  GST_OBJECT_LOCK (self);
  pcap_sink_settings_get_config (&self->settings, &config);
  GST_OBJECT_UNLOCK (self);
  if (config.format == GST_PCAP_FORMAT_PCAP) {
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

/* That it knows blocks tells a source that nothing else hears this stream. */
static gboolean
gst_pcap_sink_propose_allocation (GstBaseSink * sink, GstQuery * query)
{
  gst_query_add_allocation_meta (query, GST_PACKET_BLOCK_META_API_TYPE, NULL);
  return TRUE;
}

static gboolean
gst_pcap_sink_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  gint link_type;

  self->has_caps = TRUE;
  if (!gst_structure_has_name (structure, PACKET_MEDIA_TYPE))
    return set_stream_caps (self, structure);

  if (!gst_structure_get_int (structure, "link-type", &link_type))
    return FALSE;
  g_clear_pointer (&self->input, pcap_input_free);
  self->link_type = link_type;
  pcap_recorder_lock (self->recorder);
  pcap_recorder_set_link_type (self->recorder, link_type);
  pcap_recorder_unlock (self->recorder);
  return TRUE;
}

static void
merge_tags (GstPcapSink * self, GstEvent * event)
{
  GstTagSetter *setter = GST_TAG_SETTER (self);
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  gst_tag_setter_merge_tags (setter, tags,
      gst_tag_setter_get_tag_merge_mode (setter));
  set_comments (self, self->recorder);
}

static gboolean
end_of_stream (GstPcapSink * self)
{
  if (self->input != NULL && pcap_input_get_rest (self->input) > 0)
    GST_ELEMENT_WARNING (self, STREAM, DECODE,
        ("The stream ends in the middle of a record: its last %" G_GSIZE_FORMAT
            " bytes are not recorded", pcap_input_get_rest (self->input)),
        (NULL));
  return pcap_recorder_end (self->recorder);
}

static gboolean
gst_pcap_sink_event (GstBaseSink * sink, GstEvent * event)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  GstCaptureInterface iface;
  GstCaptureStatistics statistics;

  pcap_recorder_lock (self->recorder);
  if (GST_EVENT_TYPE (event) == GST_EVENT_TAG)
    merge_tags (self, event);
  else if (gst_event_parse_capture_interface (event, &iface))
    pcap_recorder_set_interface (self->recorder, &iface);
  else if (gst_event_parse_capture_statistics (event, &statistics))
    pcap_recorder_set_statistics (self->recorder, &statistics);
  pcap_recorder_unlock (self->recorder);

  /* complete before the application hears of it */
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS && !end_of_stream (self)) {
    gst_event_unref (event);
    return FALSE;
  }
  return GST_BASE_SINK_CLASS (gst_pcap_sink_parent_class)->event (sink, event);
}

/* Action signals: any thread, any state. */

static void
gst_pcap_sink_rotate (GstPcapSink * self)
{
  PcapRecorder *recorder = ref_recorder (self);

  if (recorder == NULL)
    return;
  pcap_recorder_lock (recorder);
  set_comments (self, recorder);
  pcap_recorder_rotate (recorder);
  pcap_recorder_unlock (recorder);
  pcap_recorder_unref (recorder);
}

static void
gst_pcap_sink_flush (GstPcapSink * self)
{
  PcapRecorder *recorder = ref_recorder (self);

  if (recorder == NULL)
    return;
  pcap_recorder_flush (recorder);
  pcap_recorder_unref (recorder);
}

static void
gst_pcap_sink_finalize (GObject * object)
{
  GstPcapSink *self = GST_PCAP_SINK (object);

  pcap_sink_settings_clear (&self->settings);
  g_free (self->last.file.location);
  G_OBJECT_CLASS (gst_pcap_sink_parent_class)->finalize (object);
}

static void
install_signals (GObjectClass * klass)
{
  /**
   * GstPcapSink::format-location:
   * @index: number of the file, from 0 on
   *
   * Asks for the name of a file that is about to be opened, instead of making it
   * from `location`. Emitted on a thread of the element.
   *
   * Returns: (transfer full) (nullable): the name; %NULL: make it from `location`
   */
  signals[SIGNAL_FORMAT_LOCATION] = g_signal_new ("format-location",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_STRING, 1, G_TYPE_UINT);
  /**
   * GstPcapSink::rotate:
   *
   * Ends the file after what has come so far and begins the next one. Any thread.
   */
  signals[SIGNAL_ROTATE] = g_signal_new_class_handler ("rotate",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_pcap_sink_rotate), NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * GstPcapSink::flush:
   *
   * Returns when all that has come so far can be read from the file. Any thread,
   * but for a handler of format-location and of the element's messages.
   */
  signals[SIGNAL_FLUSH] = g_signal_new_class_handler ("flush",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_pcap_sink_flush), NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_pcap_sink_class_init (GstPcapSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = gst_pcap_sink_set_property;
  object_class->get_property = gst_pcap_sink_get_property;
  object_class->finalize = gst_pcap_sink_finalize;
  element_class->change_state = gst_pcap_sink_change_state;
  base_class->unlock = gst_pcap_sink_unlock;
  base_class->unlock_stop = gst_pcap_sink_unlock_stop;
  base_class->get_caps = gst_pcap_sink_get_caps;
  base_class->propose_allocation = gst_pcap_sink_propose_allocation;
  base_class->set_caps = gst_pcap_sink_set_caps;
  base_class->render = gst_pcap_sink_render;
  base_class->render_list = gst_pcap_sink_render_list;
  base_class->event = gst_pcap_sink_event;

  pcap_sink_settings_install_properties (object_class);
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "What has been written, application/x-pcapsink-stats: packets, bytes "
          "and files since the start, and location, packets and bytes of the "
          "current file; after the end, the last ones",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  install_signals (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Packet recorder",
      "Sink/File", "Records packets into pcapng or pcap files",
      "The gst-afring developers");
}

static void
gst_pcap_sink_init (GstPcapSink * self)
{
  GstBaseSink *sink = GST_BASE_SINK (self);

  gst_base_sink_set_sync (sink, FALSE);
  gst_base_sink_set_last_sample_enabled (sink, FALSE);
  /* a recording of a link on which nothing happens runs too */
  gst_base_sink_set_async_enabled (sink, FALSE);
}
