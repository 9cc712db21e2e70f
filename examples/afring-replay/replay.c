/* afring-replay: files through a pipeline
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   filesrc ! pcapdec ! queue ! afringsink
 *
 * A file is repeated by seeking back to its start in a segment, so that there is no gap and
 * no other socket; of several files each is a run of its own.
 */

#include "replay.h"
#include "retiming.h"

#include "../common/parts.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define PACKETS_IN_QUEUE 4096

typedef struct
{
  const ReplayOptions *options;
  ReplayResult *result;
  GMainLoop *loop;

  /* Of one run. */
  GstElement *pipeline, *decoder, *sink;
  Retiming retiming;
  gint64 rounds;                /* left after this one; -1: no end */
  gboolean unseekable;          /* each round is a run of its own */
  gboolean started;
  GstStructure *at_start;       /* the stats then: what a seek has flushed */
  gint64 since;                 /* monotonic, microseconds; 0: it has not begun */
  gboolean stopped;             /* by a signal, or a failure: no further run */
} Replay;

static gboolean
seek (Replay * self, GstSeekFlags flags)
{
  if (self->rounds != 0)
    flags |= GST_SEEK_FLAG_SEGMENT;
  return gst_element_seek (self->pipeline, self->options->multiplier,
      GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1);
}

static void
fail (Replay * self, const gchar * message)
{
  g_printerr ("%s: %s\n", g_get_prgname (), message);
  self->result->failed = self->stopped = TRUE;
  g_main_loop_quit (self->loop);
}

/* A rate, and rounds, are seeks. */
static void
start (Replay * self)
{
  if (self->started)
    return;
  self->started = TRUE;
  if ((self->rounds != 0 || self->options->multiplier != 1)
      && !seek (self, GST_SEEK_FLAG_FLUSH)) {
    if (self->options->multiplier != 1) {
      fail (self, "The file cannot be played at another speed: it is no file that can be "
          "read from its start again");
      return;
    }
    self->unseekable = TRUE;
    self->rounds = 0;
  }
  g_object_get (self->sink, "stats", &self->at_start, NULL);
  self->since = g_get_monotonic_time ();
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

/* With a thread of its own: it waits until the queue has room. */
static void
push_eos (GstElement * decoder, gpointer user_data)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (decoder, "src");

  gst_pad_push_event (pad, gst_event_new_eos ());
}

static void
repeat (Replay * self)
{
  /* the end of a segment is no end */
  if (self->result->failed) {
    gst_element_call_async (self->decoder, push_eos, NULL, NULL);
    return;
  }
  if (self->rounds > 0)
    self->rounds--;
  if (!seek (self, 0))
    fail (self, "The file cannot be read again");
}

/* What the decoder has read before it failed is sent, and the end is behind it; but where it
 * has failed before the seek of another speed, that would seek in what has failed. */
static gboolean
goes_on (Replay * self, GstMessage * message)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->decoder, "src");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  return GST_MESSAGE_SRC (message) != GST_OBJECT (self->sink) && caps != NULL
      && (self->started || self->options->multiplier == 1);
}

static void
tell (Replay * self, GstMessage * message)
{
  gboolean is_error = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  g_autoptr (GError) error = NULL;

  if (is_error)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  if (is_error && !goes_on (self, message))
    fail (self, error->message);
  else if (!is_error || !self->result->failed)
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
  if (!is_error)
    return;
  self->result->failed = self->stopped = TRUE;
  self->rounds = 0;
  /* a bin in which something failed does not say that it has prerolled, and where it fails
   * once more, in what the seek of the start reads again, it does not go on to PLAYING either */
  if (goes_on (self, message)) {
    start (self);
    gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  }
}

static gboolean
hear (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Replay *self = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
    case GST_MESSAGE_WARNING:
      tell (self, message);
      break;
    case GST_MESSAGE_ASYNC_DONE:
      start (self);
      break;
    case GST_MESSAGE_SEGMENT_DONE:
      repeat (self);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
interrupt (gpointer user_data)
{
  Replay *self = user_data;

  self->stopped = TRUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
set_up_sink (Replay * self)
{
  const ReplayOptions *options = self->options;

  g_object_set (self->sink, "interface", options->interface, "netns",
      options->netns, "dst-mac", options->dst_mac, "src-mac", options->src_mac,
      "vlan", options->vlan, "sync", !options->topspeed, "spin-time",
      (guint64) options->spin * GST_USECOND, NULL);
}

/* filesrc says only that there is none. */
static gboolean
can_read (const gchar * file)
{
  if (g_access (file, R_OK) == 0)
    return TRUE;
  g_printerr ("%s: cannot read %s: %s\n", g_get_prgname (), file,
      g_strerror (errno));
  return FALSE;
}

static gboolean
make_pipeline (Replay * self, const gchar * file)
{
  GstElement *source, *queue;
  g_autoptr (GstPad) pad = NULL;

  if (!can_read (file))
    return FALSE;
  self->pipeline = gst_pipeline_new (NULL);
  source = parts_make (self->pipeline, "filesrc");
  self->decoder = parts_make (self->pipeline, "pcapdec");
  queue = parts_make (self->pipeline, "queue");
  self->sink = parts_make (self->pipeline, "afringsink");
  if (source == NULL || self->decoder == NULL || queue == NULL
      || self->sink == NULL)
    return FALSE;
  g_object_set (source, "location", file, NULL);
  g_object_set (queue, "max-size-buffers", PACKETS_IN_QUEUE, "max-size-bytes",
      0, "max-size-time", G_GUINT64_CONSTANT (0), NULL);
  set_up_sink (self);
  gst_element_link_many (source, self->decoder, queue, self->sink, NULL);
  pad = gst_element_get_static_pad (self->decoder, "src");
  if (self->options->mbps > 0 || self->options->pps > 0
      || self->retiming.limit > 0)
    retiming_watch (&self->retiming, pad);
  return TRUE;
}

static gboolean
add_field (GQuark field, const GValue * value, gpointer user_data)
{
  Replay *self = user_data;
  GstStructure *sum = self->result->stats;
  guint64 number = g_value_get_uint64 (value), before = 0, at_start = 0;
  const gchar *name = g_quark_to_string (field);

  gst_structure_get_uint64 (sum, name, &before);
  if (self->at_start != NULL)
    gst_structure_get_uint64 (self->at_start, name, &at_start);
  gst_structure_set (sum, name, G_TYPE_UINT64,
      g_str_equal (name, "max-lateness") ? MAX (number, before) :
      number - at_start + before, NULL);
  return TRUE;
}

/* When all has stopped, so that nothing is under way. */
static void
add_result (Replay * self, gint64 until)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (self->sink, "stats", &stats, NULL);
  gst_structure_foreach (stats, add_field, self);
  g_clear_pointer (&self->at_start, gst_structure_free);
  if (self->since > 0)
    self->result->seconds += (until - self->since) / 1e6;
}

static void
run_file (Replay * self, const gchar * file, gint64 rounds)
{
  g_autoptr (GstBus) bus = NULL;
  guint64 limit = self->options->limit, before = self->retiming.packets;
  gint64 until;

  self->started = FALSE;
  self->since = 0;
  self->rounds = rounds;
  self->retiming = (Retiming) {
    self->options->mbps, self->options->pps, limit > 0 ? limit - before : 0
  };
  if (!make_pipeline (self, file)) {
    self->result->failed = self->stopped = TRUE;
  } else {
    bus = gst_element_get_bus (self->pipeline);
    gst_bus_add_watch (bus, hear, self);
    /* what fails says so on the bus */
    gst_element_set_state (self->pipeline, GST_STATE_PAUSED);
    g_main_loop_run (self->loop);
    until = g_get_monotonic_time ();
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
    add_result (self, until);
    gst_bus_remove_watch (bus);
  }
  self->retiming.packets += before;
  if (limit > 0 && self->retiming.packets >= limit)
    self->stopped = TRUE;
  g_clear_pointer (&self->pipeline, gst_object_unref);
}

void
replay_run (const ReplayOptions * options, ReplayResult * result)
{
  Replay self = { options, result, g_main_loop_new (NULL, FALSE), };
  gboolean single = g_strv_length (options->files) == 1;
  gint64 round = 0;
  guint signals[2];

  signals[0] = g_unix_signal_add (SIGINT, interrupt, &self);
  signals[1] = g_unix_signal_add (SIGTERM, interrupt, &self);
  *result = (ReplayResult) {
    gst_structure_new_empty ("replay"), 0, FALSE
  };
  if (single) {
    run_file (&self, options->files[0], options->loop - 1);
    round = self.unseekable ? 1 : options->loop;
    self.stopped |= !self.unseekable;
  }
  for (; !self.stopped && (options->loop == 0 || round < options->loop); round++)
    for (gchar ** file = options->files; !self.stopped && *file != NULL; file++)
      run_file (&self, *file, 0);
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
  g_main_loop_unref (self.loop);
}
