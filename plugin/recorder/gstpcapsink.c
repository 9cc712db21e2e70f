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

#include "gstpcapsink-private.h"
#include "common/streamcaps.h"
#include "pcapsinkreport.h"
#include "pcapsinksettings.h"
#include "pcapsinksignals.h"
#include "pcapsinkstream.h"
#include "pcaptags.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_sink_debug);
#define GST_CAT_DEFAULT gst_pcap_sink_debug

enum
{
  PROP_TRIGGER_FILTER = PCAP_SINK_SETTINGS_N,
  PROP_STATS
};

/* Custom, either way: a trigger, with a string "comment" or none. */
#define TRIGGER_EVENT "GstAfringTrigger"

struct _GstPcapSink
{
  GstBaseSink parent;

  PcapSinkSettings settings;    /* object lock */
  /* Changed in state changes only; object lock. */
  PcapRecording *recording;
  PcapRecordingStats last;      /* of the last recording */
  PcapTags *tags;
  PcapTrigger *trigger;
  PcapSinkStream *stream;       /* of the streaming thread */
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

PcapRecording *
gst_pcap_sink_ref_recording (GstPcapSink * self)
{
  PcapRecording *recording = NULL;

  GST_OBJECT_LOCK (self);
  if (self->recording != NULL)
    recording = pcap_recording_ref (self->recording);
  GST_OBJECT_UNLOCK (self);
  return recording;
}

/* Properties. */

static GstStructure *
make_stats (GstPcapSink * self)
{
  PcapRecording *recording = gst_pcap_sink_ref_recording (self);
  PcapRecordingStats stats;
  PcapFileReport *file = &stats.recorder.files.file;
  GstStructure *structure;

  if (recording != NULL) {
    pcap_recording_get_stats (recording, &stats);
    pcap_recording_unref (recording);
  } else {
    GST_OBJECT_LOCK (self);
    stats = self->last;
    file->location = g_strdup (file->location != NULL ? file->location :
        self->settings.location);
    GST_OBJECT_UNLOCK (self);
  }
  structure = pcap_sink_report_make_stats (&stats);
  g_free (file->location);
  return structure;
}

/* While it records, one that is wrong does not take the place of one that is right;
 * before, the start says so. */
static void
set_trigger (GstPcapSink * self, const gchar * expression)
{
  PcapRecording *recording = gst_pcap_sink_ref_recording (self);
  g_autoptr (GError) error = NULL;

  if (recording == NULL || pcap_trigger_check (expression, &error))
    pcap_trigger_set (self->trigger, expression);
  else
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", error->message),
        ("the earlier trigger-filter stays"));
  g_clear_pointer (&recording, pcap_recording_unref);
}

static void
gst_pcap_sink_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  GstPcapSink *self = GST_PCAP_SINK (object);
  gboolean known;

  if (id == PROP_TRIGGER_FILTER) {
    set_trigger (self, g_value_get_string (value));
    return;
  }
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
  if (id == PROP_TRIGGER_FILTER) {
    g_value_take_string (value, pcap_trigger_get (self->trigger));
    return;
  }
  GST_OBJECT_LOCK (self);
  known = pcap_sink_settings_get_property (&self->settings, id, value);
  GST_OBJECT_UNLOCK (self);
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* What the recorder asks and tells: the first with its lock, the others on its
 * writer's thread. */

static void
plan_file (PcapPlan * plan, gpointer user_data)
{
  GstPcapSink *self = user_data;

  GST_OBJECT_LOCK (self);
  plan->pattern = g_strdup (self->settings.location);
  plan->format = pcap_sink_settings_get_format (&self->settings);
  GST_OBJECT_UNLOCK (self);
  plan->comments = pcap_tags_make_comments (self->tags);
}

/* A queue in between passes it on; its packets are not counted yet by who answers. */
static void
ask_statistics (GArray * statistics, gpointer user_data)
{
  GstQuery *query = gst_query_new_capture_statistics ();
  guint n;

  gst_pad_peer_query (GST_BASE_SINK_PAD (user_data), query);
  n = gst_query_get_n_capture_statistics (query);
  g_array_set_size (statistics, n);
  for (guint i = 0; i < n; i++)
    gst_query_parse_nth_capture_statistics (query, i,
        &g_array_index (statistics, GstCaptureStatistics, i));
  gst_query_unref (query);
}

static void
writing_failed (const GError * error, gpointer user_data)
{
  pcap_sink_report_error (user_data, GST_RESOURCE_ERROR_WRITE, error);
}

/* Starting and ending. */

/* NULL, after an error, if there can be none. */
static PcapRecording *
new_recording (GstPcapSink * self, const PcapSinkSettings * settings)
{
  static const PcapRecordingFuncs funcs = {
    {pcap_sink_signals_ask_name, pcap_sink_report_opened,
        pcap_sink_report_closed, writing_failed},
    pcap_sink_report_triggered,
    {pcap_sink_report_recovered, pcap_sink_report_not_recovered}
  };
  GstElement *element = GST_ELEMENT (self);
  g_autofree gchar *expression = pcap_trigger_get (self->trigger);
  g_autoptr (GError) error = NULL;
  PcapRecordingConfig config;
  PcapRecording *recording;

  if (!pcap_sink_settings_check (settings, element,
          pcap_sink_signals_is_named (element)))
    return NULL;
  if (!pcap_trigger_check (expression, &error)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message), (NULL));
    return NULL;
  }
  pcap_sink_settings_get_config (settings, &config);
  config.recorder.plan = plan_file;
  config.recorder.ask_statistics = ask_statistics;
  recording = pcap_recording_new (&config, self->trigger, &funcs, self, &error);
  if (recording == NULL)
    pcap_sink_report_error (element, GST_RESOURCE_ERROR_OPEN_WRITE, error);
  return recording;
}

static gboolean
start_recording (GstPcapSink * self)
{
  PcapSinkSettings settings;
  PcapRecording *recording;

  /* there may be a handler of the error that asks for a property */
  GST_OBJECT_LOCK (self);
  settings = self->settings;
  settings.location = g_strdup (settings.location);
  GST_OBJECT_UNLOCK (self);
  recording = new_recording (self, &settings);
  pcap_sink_settings_clear (&settings);
  if (recording == NULL)
    return FALSE;

  self->stream = pcap_sink_stream_new (GST_ELEMENT (self),
      pcap_recording_get_intake (recording));
  GST_OBJECT_LOCK (self);
  self->recording = recording;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Without EOS and without a packet nothing was recorded: the pipeline did not
 * start, and an earlier recording of that name stays. */
static void
end_recording (GstPcapSink * self)
{
  PcapRecording *recording = self->recording;
  PcapRecordingStats stats;

  if (pcap_recording_is_empty (recording))
    pcap_recording_abandon (recording);
  else
    pcap_recording_end (recording);
  /* whoever has the last reference may be one of its threads */
  pcap_recording_close (recording);
  g_clear_pointer (&self->stream, pcap_sink_stream_free);
  pcap_recording_get_stats (recording, &stats);

  GST_OBJECT_LOCK (self);
  self->recording = NULL;
  g_free (self->last.recorder.files.file.location);
  self->last = stats;
  GST_OBJECT_UNLOCK (self);
  pcap_tags_forget_stream (self->tags);
  pcap_recording_unref (recording);
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
    pcap_recording_set_impatient (self->recording);
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
  pcap_recording_set_unlocked (GST_PCAP_SINK (sink)->recording, TRUE);
  return TRUE;
}

static gboolean
gst_pcap_sink_unlock_stop (GstBaseSink * sink)
{
  pcap_recording_set_unlocked (GST_PCAP_SINK (sink)->recording, FALSE);
  return TRUE;
}

static GstCaps *
gst_pcap_sink_get_caps (GstBaseSink * sink, GstCaps * filter)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  gboolean triggers = pcap_trigger_is_set (self->trigger), in_blocks;

  /* a trigger is asked of each packet, with all that is known of it */
  GST_OBJECT_LOCK (self);
  in_blocks = pcap_sink_settings_get_format (&self->settings)
      == GST_PCAP_FORMAT_PCAPNG && (self->settings.pre_roll_time == 0
      || !triggers);
  GST_OBJECT_UNLOCK (self);
  return pcap_sink_stream_get_caps (sink->sinkpad, in_blocks, filter);
}

/* That it knows blocks tells a source that nothing else hears this stream. */
static gboolean
gst_pcap_sink_propose_allocation (GstBaseSink * sink, GstQuery * query)
{
  gst_query_add_allocation_meta (query, GST_PACKET_BLOCK_META_API_TYPE, NULL);
  return TRUE;
}

/* The stream. */

static gboolean
gst_pcap_sink_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  return pcap_sink_stream_set_caps (GST_PCAP_SINK (sink)->stream, caps);
}

static GstFlowReturn
gst_pcap_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  return pcap_sink_stream_take (GST_PCAP_SINK (sink)->stream, buffer);
}

static GstFlowReturn
gst_pcap_sink_render_list (GstBaseSink * sink, GstBufferList * list)
{
  return pcap_sink_stream_take_list (GST_PCAP_SINK (sink)->stream, list);
}

static void
take_tags (GstPcapSink * self, GstEvent * event)
{
  g_auto (GStrv) comments = NULL;

  pcap_tags_take (self->tags, event);
  comments = pcap_tags_make_comments (self->tags);
  pcap_recording_set_comments (self->recording,
      (const gchar * const *) comments);
}

/* Complete before the application hears of it. What nothing came for replaces
 * nothing: what is there may be all that there is. */
static gboolean
end_of_stream (GstPcapSink * self)
{
  GstElement *element = GST_ELEMENT (self);
  gboolean nothing = !pcap_sink_stream_end (self->stream)
      && pcap_recording_is_empty (self->recording);
  PcapRecordingStats stats;

  if (nothing)
    pcap_recording_abandon (self->recording);
  else if (!pcap_recording_end (self->recording)) {
    pcap_sink_stream_report (self->stream,
        pcap_recording_get_result (self->recording));
    return FALSE;
  }
  pcap_recording_get_stats (self->recording, &stats);
  if (nothing)
    pcap_sink_report_nothing (element, stats.recorder.files.file.location);
  else
    pcap_sink_report_end (element, &stats);
  g_free (stats.recorder.files.file.location);
  return TRUE;
}

/* Any thread: one that is out of band comes beside the stream. TRUE if it is one. */
static gboolean
take_trigger (GstPcapSink * self, GstEvent * event)
{
  if (!gst_event_has_name (event, TRIGGER_EVENT))
    return FALSE;
  pcap_sink_signals_trigger (self, gst_structure_get_string
      (gst_event_get_structure (event), "comment"));
  return TRUE;
}

static gboolean
gst_pcap_sink_event (GstBaseSink * sink, GstEvent * event)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      pcap_sink_stream_start (self->stream, event);
      break;
    case GST_EVENT_TAG:
      take_tags (self, event);
      break;
    case GST_EVENT_CUSTOM_DOWNSTREAM:
    case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
    case GST_EVENT_CUSTOM_BOTH:
      if (!take_trigger (self, event))
        pcap_sink_stream_take_custom (self->stream, event);
      break;
    case GST_EVENT_CUSTOM_DOWNSTREAM_OOB:
    case GST_EVENT_CUSTOM_BOTH_OOB:
      take_trigger (self, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      pcap_sink_stream_flush (self->stream);
      break;
    case GST_EVENT_EOS:
      if (end_of_stream (self))
        break;
      gst_event_unref (event);
      return FALSE;
    default:
      break;
  }
  return GST_BASE_SINK_CLASS (gst_pcap_sink_parent_class)->event (sink, event);
}

/* What is sent against the stream would only pass by. */
static gboolean
gst_pcap_sink_send_event (GstElement * element, GstEvent * event)
{
  if (!take_trigger (GST_PCAP_SINK (element), event))
    return GST_ELEMENT_CLASS (gst_pcap_sink_parent_class)->send_event (element,
        event);
  gst_event_unref (event);
  return TRUE;
}

static void
gst_pcap_sink_finalize (GObject * object)
{
  GstPcapSink *self = GST_PCAP_SINK (object);

  pcap_sink_settings_clear (&self->settings);
  g_free (self->last.recorder.files.file.location);
  pcap_tags_free (self->tags);
  pcap_trigger_free (self->trigger);
  G_OBJECT_CLASS (gst_pcap_sink_parent_class)->finalize (object);
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
  element_class->send_event = gst_pcap_sink_send_event;
  base_class->unlock = gst_pcap_sink_unlock;
  base_class->unlock_stop = gst_pcap_sink_unlock_stop;
  base_class->get_caps = gst_pcap_sink_get_caps;
  base_class->propose_allocation = gst_pcap_sink_propose_allocation;
  base_class->set_caps = gst_pcap_sink_set_caps;
  base_class->render = gst_pcap_sink_render;
  base_class->render_list = gst_pcap_sink_render_list;
  base_class->event = gst_pcap_sink_event;

  pcap_sink_settings_install_properties (object_class);
  g_object_class_install_property (object_class, PROP_TRIGGER_FILTER,
      g_param_spec_string ("trigger-filter", "Trigger filter",
          "With pre-roll-time: a packet that matches this pcap-filter(7) expression is a "
          "trigger; NULL: none is", NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT
          | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "What has been written, application/x-pcapsink-stats: packets, bytes "
          "and files since the start, and location, packets and bytes of the "
          "current file; after the end, the last ones",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  pcap_sink_signals_install (object_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Packet recorder",
      "Sink/File", "Records packets into pcapng or pcap files",
      GST_AFRING_AUTHORS);
}

static void
gst_pcap_sink_init (GstPcapSink * self)
{
  GstBaseSink *sink = GST_BASE_SINK (self);

  pcap_sink_settings_init (&self->settings);
  self->tags = pcap_tags_new (GST_TAG_SETTER (self));
  self->trigger = pcap_trigger_new ();
  gst_base_sink_set_sync (sink, FALSE);
  gst_base_sink_set_last_sample_enabled (sink, FALSE);
  /* a recording of a link on which nothing happens runs too */
  gst_base_sink_set_async_enabled (sink, FALSE);
}
