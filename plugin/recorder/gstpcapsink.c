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
#include "common/streamcaps.h"
#include "pcapsinkreport.h"
#include "pcapsinksettings.h"
#include "pcapsinkstream.h"
#include "pcaptags.h"

#include <gst/afring/afring.h>

GST_DEBUG_CATEGORY_STATIC (gst_pcap_sink_debug);
#define GST_CAT_DEFAULT gst_pcap_sink_debug

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
  PcapRecorderStats last;       /* of the last recording */
  PcapTags *tags;
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
  PcapRecorderStats stats;
  GstStructure *structure;

  if (recorder != NULL) {
    pcap_recorder_get_stats (recorder, &stats);
    pcap_recorder_unref (recorder);
  } else {
    GST_OBJECT_LOCK (self);
    stats = self->last;
    stats.files.file.location = g_strdup (stats.files.file.location != NULL ?
        stats.files.file.location : self->settings.location);
    GST_OBJECT_UNLOCK (self);
  }
  structure = pcap_sink_report_make_stats (&stats);
  g_free (stats.files.file.location);
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
}

static gchar *
name_file (guint index, gpointer user_data)
{
  gchar *name = NULL;

  g_signal_emit (user_data, signals[SIGNAL_FORMAT_LOCATION], 0, index, &name);
  return name;
}

static void
writing_failed (const GError * error, gpointer user_data)
{
  pcap_sink_report_error (user_data, GST_RESOURCE_ERROR_WRITE, error);
}

/* Starting and ending. */

static gboolean
start_recording (GstPcapSink * self)
{
  static const PcapFilesFuncs funcs = { name_file, pcap_sink_report_opened,
    pcap_sink_report_closed, writing_failed
  };
  GstElement *element = GST_ELEMENT (self);
  g_auto (GStrv) comments = pcap_tags_make_comments (self->tags);
  gboolean named = g_signal_has_handler_pending (self,
      signals[SIGNAL_FORMAT_LOCATION], 0, FALSE);
  g_autoptr (GError) error = NULL;
  PcapRecorderConfig config;
  PcapSinkSettings settings;
  PcapRecorder *recorder;

  /* there may be a handler of the error that asks for a property */
  GST_OBJECT_LOCK (self);
  settings = self->settings;
  settings.location = g_strdup (settings.location);
  GST_OBJECT_UNLOCK (self);
  pcap_sink_settings_get_config (&settings, &config);
  config.comments = (const gchar * const *) comments;
  config.plan = plan_file;
  recorder = !pcap_sink_settings_check (&settings, element, named) ? NULL :
      pcap_recorder_new (&config, &funcs, self, &error);
  pcap_sink_settings_clear (&settings);
  if (error != NULL)
    pcap_sink_report_error (element, GST_RESOURCE_ERROR_OPEN_WRITE, error);
  if (recorder == NULL)
    return FALSE;

  self->stream = pcap_sink_stream_new (element, recorder);
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
  PcapRecorderStats stats;

  if (pcap_recorder_is_empty (recorder))
    pcap_recorder_abandon (recorder);
  else
    pcap_recorder_end (recorder);
  g_clear_pointer (&self->stream, pcap_sink_stream_free);
  pcap_recorder_get_stats (recorder, &stats);

  GST_OBJECT_LOCK (self);
  self->recorder = NULL;
  g_free (self->last.files.file.location);
  self->last = stats;
  GST_OBJECT_UNLOCK (self);
  pcap_tags_forget_stream (self->tags);
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

static GstCaps *
gst_pcap_sink_get_caps (GstBaseSink * sink, GstCaps * filter)
{
  GstPcapSink *self = GST_PCAP_SINK (sink);
  GstPcapFormat format;

  GST_OBJECT_LOCK (self);
  format = pcap_sink_settings_get_format (&self->settings);
  GST_OBJECT_UNLOCK (self);
  return pcap_sink_stream_get_caps (sink->sinkpad, format, filter);
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
  pcap_tags_take (self->tags, event);
  pcap_recorder_lock (self->recorder);
  pcap_tags_apply (self->tags, self->recorder);
  pcap_recorder_unlock (self->recorder);
}

/* Complete before the application hears of it. What nothing came for replaces
 * nothing: what is there may be all that there is. */
static gboolean
end_of_stream (GstPcapSink * self)
{
  GstElement *element = GST_ELEMENT (self);
  gboolean nothing = !pcap_sink_stream_end (self->stream)
      && pcap_recorder_is_empty (self->recorder);
  PcapRecorderStats stats;

  if (nothing)
    pcap_recorder_abandon (self->recorder);
  else if (!pcap_recorder_end (self->recorder))
    return FALSE;
  pcap_recorder_get_stats (self->recorder, &stats);
  if (nothing)
    pcap_sink_report_nothing (element, stats.files.file.location);
  else
    pcap_sink_report_end (element, &stats);
  g_free (stats.files.file.location);
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
      pcap_sink_stream_take_custom (self->stream, event);
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

/* Action signals: any thread, any state. */

static void
gst_pcap_sink_rotate (GstPcapSink * self)
{
  PcapRecorder *recorder = ref_recorder (self);

  if (recorder == NULL)
    return;
  pcap_recorder_lock (recorder);
  pcap_tags_apply (self->tags, recorder);
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
  g_free (self->last.files.file.location);
  pcap_tags_free (self->tags);
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

  self->tags = pcap_tags_new (GST_TAG_SETTER (self));
  gst_base_sink_set_sync (sink, FALSE);
  gst_base_sink_set_last_sample_enabled (sink, FALSE);
  /* a recording of a link on which nothing happens runs too */
  gst_base_sink_set_async_enabled (sink, FALSE);
}
