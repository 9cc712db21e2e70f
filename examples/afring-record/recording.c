/* afring-record: a recording from its start to its end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "recording.h"
#include "finished.h"
#include "journal.h"
#include "metrics.h"
#include "notify.h"
#include "pipeline.h"

#include <glib-unix.h>
#include <sys/stat.h>

#define LOOK_INTERVAL 250       /* milliseconds */
#define METRICS_INTERVAL G_TIME_SPAN_SECOND

#define EXIT_LOST 3

struct _Recording
{
  const RecordOptions *options;
  RecordPipeline elements;
  GMainLoop *loop;
  RecordStatus status;
  Finished *finished;           /* or NULL, as the next two */
  Metrics *metrics;
  gchar *file;                  /* that is being written */
  guint64 n_closed;             /* files */
  guint64 captured;             /* packets, at the last look */
  gint64 last_packet;           /* real time, microseconds */
  gint64 metrics_due;           /* monotonic, as the next */
  gint64 watchdog_due;
  gboolean ending;
  gboolean failed;
};

static gboolean
take_options (Recording * self, GError ** error)
{
  const RecordOptions *options = self->options;

  if (options->exec != NULL
      && (self->finished = finished_new (options->exec, error)) == NULL)
    return FALSE;
  return options->metrics == NULL
      || (self->metrics = metrics_new (options->metrics, error)) != NULL;
}

Recording *
recording_new (const RecordOptions * options)
{
  Recording *self = g_new0 (Recording, 1);
  g_autoptr (GError) error = NULL;

  self->options = options;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->watchdog_due = G_MAXINT64;
  if (take_options (self, &error)
      && record_pipeline_make (&self->elements, options)) {
    umask (options->umask);
    return self;
  }
  if (error != NULL)
    journal_say (G_LOG_LEVEL_CRITICAL, error->message);
  recording_free (self);
  return NULL;
}

void
recording_free (Recording * self)
{
  record_pipeline_clear (&self->elements);
  g_clear_pointer (&self->finished, finished_free);
  g_clear_pointer (&self->metrics, metrics_free);
  g_main_loop_unref (self->loop);
  g_free (self->file);
  g_free (self);
}

/* Looking. */

static void
count (Recording * self, RecordCounts * counts)
{
  record_pipeline_count (&self->elements, counts);
  if (counts->captured > self->captured)
    self->last_packet = g_get_real_time ();
  self->captured = counts->captured;
  counts->last_packet = self->last_packet;
  if (self->file != NULL)
    counts->disk_free = record_status_get_disk_free (self->file);
}

/* Whoever watches hears of it while the main loop and the counters work. */
static void
tell_watchers (Recording * self, const RecordCounts * counts)
{
  gint64 now = g_get_monotonic_time ();

  if (self->metrics != NULL && now >= self->metrics_due) {
    self->metrics_due = now + METRICS_INTERVAL;
    metrics_update (self->metrics, counts);
  }
  if (now >= self->watchdog_due) {
    self->watchdog_due = now + notify_get_watchdog () / 2;
    notify_send ("WATCHDOG=1");
  }
}

/* The end. */

static void
end (Recording * self)
{
  if (self->ending) {           /* asked for once more: at once */
    g_main_loop_quit (self->loop);
    if (self->finished != NULL)
      finished_give_up (self->finished);
    return;
  }
  self->ending = TRUE;
  notify_send ("STOPPING=1");
  gst_element_send_event (self->elements.pipeline, gst_event_new_eos ());
}

static gboolean
is_enough (Recording * self, const RecordCounts * counts)
{
  const RecordOptions *options = self->options;

  return (options->end_size > 0 && counts->file_bytes >= options->end_size)
      || (options->end_packets > 0 && counts->captured >= options->end_packets)
      || (options->end_files > 0 && self->n_closed >= options->end_files);
}

static gboolean
look (gpointer user_data)
{
  Recording *self = user_data;
  RecordCounts counts;

  count (self, &counts);
  tell_watchers (self, &counts);
  record_status_show (&self->status, &counts, self->file);
  if (!self->ending && is_enough (self, &counts))
    end (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
time_is_up (gpointer user_data)
{
  Recording *self = user_data;

  if (!self->ending)
    end (self);
  return G_SOURCE_REMOVE;
}

/* Signals, in the main loop. */

static gboolean
end_asked (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
rotation_asked (gpointer user_data)
{
  g_signal_emit_by_name (((Recording *) user_data)->elements.sink, "rotate");
  return G_SOURCE_CONTINUE;
}

static gboolean
trigger_asked (gpointer user_data)
{
  Recording *self = user_data;

  g_signal_emit_by_name (self->elements.sink, "trigger", "SIGUSR2");
  return G_SOURCE_CONTINUE;
}

static gboolean
summary_asked (gpointer user_data)
{
  Recording *self = user_data;
  RecordCounts counts;

  count (self, &counts);
  record_status_summarize (&self->status, &counts);
  return G_SOURCE_CONTINUE;
}

/* Messages. */

static void
print_message (Recording * self, GLogLevelFlags level, const gchar * message)
{
  record_status_hide (&self->status);
  journal_say (level, message);
}

/* For the journal alone: on a terminal it is in the line that lives. */
static void
log_file (const GstStructure * structure)
{
  const gchar *location = gst_structure_get_string (structure, "location");
  JournalEntry *entry = journal_entry_new (G_LOG_LEVEL_INFO);
  g_autofree gchar *message = NULL;
  guint64 packets = 0, bytes = 0;

  gst_structure_get (structure, "packets", G_TYPE_UINT64, &packets, "bytes",
      G_TYPE_UINT64, &bytes, NULL);
  message = g_strdup_printf ("%s: %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT
      " bytes", location, packets, bytes);
  journal_entry_add (entry, "AFRING_FILE", location);
  journal_entry_add_number (entry, "AFRING_PACKETS", packets);
  journal_entry_add_number (entry, "AFRING_BYTES", bytes);
  journal_entry_send (entry, message);
}

static void
log_trigger (const GstStructure * structure)
{
  const gchar *comment = gst_structure_get_string (structure, "comment");
  JournalEntry *entry = journal_entry_new (G_LOG_LEVEL_INFO);
  g_autofree gchar *message = g_strdup_printf ("Triggered: %s", comment);

  journal_entry_add (entry, "AFRING_TRIGGER", comment);
  journal_entry_send (entry, message);
}

static void
tell_recovered (Recording * self, const gchar * location)
{
  g_autofree gchar *message = g_strdup_printf ("An earlier recording was not "
      "completed; it is %s", location);

  print_message (self, G_LOG_LEVEL_WARNING, message);
}

/* What the capture itself has lost is counted elsewhere. */
static void
trigger_by_loss (Recording * self, const GstStructure * structure)
{
  g_autofree gchar *comment = NULL;
  guint64 lost = 0;
  guint ssrc = 0, src_port = 0, dst_port = 0;

  gst_structure_get (structure, "lost-by-network", G_TYPE_UINT64, &lost, "ssrc",
      G_TYPE_UINT, &ssrc, "src-port", G_TYPE_UINT, &src_port, "dst-port", G_TYPE_UINT,
      &dst_port, NULL);
  if (lost == 0)
    return;
  comment = g_strdup_printf ("%" G_GUINT64_FORMAT " RTP packets lost, SSRC 0x%08x, from "
      "%s port %u to %s port %u", lost, ssrc, gst_structure_get_string (structure,
          "src-ip"), src_port, gst_structure_get_string (structure, "dst-ip"), dst_port);
  g_signal_emit_by_name (self->elements.sink, "trigger", comment);
}

static void
take_element_message (Recording * self, const GstStructure * structure)
{
  const gchar *location = gst_structure_get_string (structure, "location");

  if (gst_structure_has_name (structure, "GstPcapSinkFileOpened")) {
    g_free (self->file);
    self->file = g_strdup (location);
  } else if (gst_structure_has_name (structure, "GstPcapSinkFileClosed")) {
    self->n_closed++;
    log_file (structure);
    if (self->finished != NULL)
      finished_add (self->finished, location);
  } else if (gst_structure_has_name (structure, "GstFlowDemuxLoss")) {
    trigger_by_loss (self, structure);
  } else if (gst_structure_has_name (structure, "GstPcapSinkFileRecovered")) {
    tell_recovered (self, location);
  } else if (gst_structure_has_name (structure, "GstPcapSinkTriggered")) {
    log_trigger (structure);
  }
}

static gboolean
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Recording *self = user_data;
  g_autoptr (GError) error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      /* the first says why; what follows, that it is so */
      if (!self->failed)
        print_message (self, G_LOG_LEVEL_CRITICAL, error->message);
      self->failed = TRUE;
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &error, NULL);
      print_message (self, G_LOG_LEVEL_WARNING, error->message);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_ELEMENT:
      take_element_message (self, gst_message_get_structure (message));
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

/* Running. */

/* Of files that were closed on the way to the end. */
static void
take_last_messages (Recording * self)
{
  GstBus *bus = gst_element_get_bus (self->elements.pipeline);
  GstMessage *message;

  while ((message = gst_bus_pop (bus)) != NULL) {
    take_message (bus, message, self);
    gst_message_unref (message);
  }
  gst_object_unref (bus);
}

static void
listen (Recording * self)
{
  GstBus *bus = gst_element_get_bus (self->elements.pipeline);

  gst_bus_add_watch (bus, take_message, self);
  gst_object_unref (bus);
  g_unix_signal_add (SIGINT, end_asked, self);
  g_unix_signal_add (SIGTERM, end_asked, self);
  g_unix_signal_add (SIGHUP, rotation_asked, self);
  g_unix_signal_add (SIGUSR1, summary_asked, self);
  g_unix_signal_add (SIGUSR2, trigger_asked, self);
  g_timeout_add (LOOK_INTERVAL, look, self);
  if (self->options->end_duration > 0)
    g_timeout_add (GST_TIME_AS_MSECONDS (self->options->end_duration), time_is_up,
        self);
}

/* What fails is said by a message. */
static void
play (Recording * self)
{
  if (gst_element_set_state (self->elements.pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE)
    return;
  notify_send ("READY=1");
  if (notify_get_watchdog () > 0)
    self->watchdog_due = 0;
}

int
recording_run (Recording * self)
{
  RecordCounts counts;
  gboolean finished;

  record_status_init (&self->status, self->options->quiet);
  listen (self);
  play (self);
  g_main_loop_run (self->loop);
  gst_element_set_state (self->elements.pipeline, GST_STATE_READY);
  take_last_messages (self);
  gst_element_set_state (self->elements.pipeline, GST_STATE_NULL);
  count (self, &counts);
  self->metrics_due = 0;
  tell_watchers (self, &counts);
  if (!self->failed || counts.captured > 0)
    record_status_summarize (&self->status, &counts);
  finished = self->finished == NULL || finished_wait (self->finished);
  if (self->failed || !finished)
    return EXIT_FAILURE;
  return counts.ring_dropped > 0 || counts.interface_dropped > 0
      || counts.discarded > 0 ? EXIT_LOST : EXIT_SUCCESS;
}
