/* afring-extcap: the pipeline that captures
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   afringsrc ! pcapsink, into the FIFO; or, with a recording,
 *   afringsrc ! tee ! queue ! pcapsink, into the FIFO, and tee ! queue ! pcapsink
 *
 * Wireshark can be slow, be stopped, or end: the recording must not notice. So what happens
 * behind the first queue ends the capture at most, and in the same way as a signal does.
 */

#include "capture.h"
#include "common/parts.h"
#include "live.h"

#include <errno.h>
#include <glib-unix.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Somebody looks. */
#define FLUSH_INTERVAL (100 * GST_MSECOND)
/* For a reader to get what is left, at the end. Milliseconds. */
#define PATIENCE 1000
/* Wireshark reads what is said only at the end: a full pipe would block. */
#define MAX_WARNINGS 20
#define MEGABYTE 1000000
#define PRIVATE 0077            /* umask: what is captured is nobody else's business */

struct _Capture
{
  const ExtcapOptions *options;
  GstElement *pipeline;
  GstElement *source;           /* these three are borrowed */
  GstElement *live;             /* pcapsink, into the FIFO */
  GstElement *record;           /* pcapsink; NULL: none */
  LiveGate *gate;               /* NULL: nothing is recorded */
  LiveReader *reader;
  GMainLoop *loop;
  guint patience;               /* source of the main loop; 0: none */
  guint warnings;
  gboolean live_done;
  gboolean record_done;
  gboolean ending;
  gboolean failed;
};

/* The pipeline. */

static void
set_source (Capture * self)
{
  const ExtcapOptions *options = self->options;

  g_object_set (self->source, "interface", options->name, "filter",
      options->filter, "netns", options->netns, "promiscuous",
      options->promiscuous, NULL);
  if (options->snaplen >= 0)
    g_object_set (self->source, "snaplen", (guint) options->snaplen, NULL);
  parts_set_ring (self->source, (guint64) options->buffer_size << 20);
}

static gchar *
make_location (const ExtcapOptions * options)
{
  return options->record_size == 0 && options->record_minutes == 0 ?
      g_strdup (options->record) : parts_make_rotated (options->record, ".pcapng");
}

static void
set_record (Capture * self)
{
  const ExtcapOptions *options = self->options;
  g_autofree gchar *location = make_location (options);

  g_object_set (self->record, "location", location,
      "max-file-size", (guint64) options->record_size * MEGABYTE,
      "max-file-duration", (guint64) options->record_minutes * 60 * GST_SECOND,
      "max-files", (guint) options->record_files, NULL);
}

/* Blocks of the ring, which pcapsink asks for where it can, have headers among them that a
 * gate must not shut out. */
static gboolean
link_live (Capture * self, GstElement * tee)
{
  GstElement *queue = parts_make (self->pipeline, "queue");
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-packet");
  g_autoptr (GstPad) pad = NULL;

  if (queue == NULL)
    return FALSE;
  pad = gst_element_request_pad_simple (tee, "src_%u");
  self->gate = live_gate_new (pad, queue);
  return gst_element_link_pads (tee, GST_PAD_NAME (pad), queue, "sink")
      && gst_element_link_filtered (queue, self->live, caps);
}

static gboolean
link_both (Capture * self)
{
  GstElement *tee = parts_make (self->pipeline, "tee"), *queue = parts_make (self->pipeline, "queue");

  self->record = parts_make (self->pipeline, "pcapsink");
  if (tee == NULL || queue == NULL || self->record == NULL)
    return FALSE;
  set_record (self);
  return gst_element_link (self->source, tee) && link_live (self, tee)
      && gst_element_link_many (tee, queue, self->record, NULL);
}

Capture *
capture_new (const ExtcapOptions * options)
{
  Capture *self = g_new0 (Capture, 1);
  gboolean made;

  self->options = options;
  self->pipeline = gst_pipeline_new (NULL);
  self->loop = g_main_loop_new (NULL, FALSE);
  /* of each sink, and not only of all */
  g_object_set (self->pipeline, "message-forward", TRUE, NULL);
  self->source = parts_make (self->pipeline, "afringsrc");
  self->live = parts_make (self->pipeline, "pcapsink");
  made = self->source != NULL && self->live != NULL;
  if (made) {
    set_source (self);
    g_object_set (self->live, "location", options->fifo, "flush-interval",
        FLUSH_INTERVAL, NULL);
    gst_util_set_object_arg (G_OBJECT (self->live), "format", "pcapng");
    made = options->record != NULL ? link_both (self) :
        gst_element_link (self->source, self->live);
  }
  if (!made) {
    capture_free (self);
    return NULL;
  }
  umask (PRIVATE);
  return self;
}

void
capture_free (Capture * self)
{
  if (self->reader != NULL)
    live_reader_free (self->reader);
  if (self->gate != NULL)
    live_gate_free (self->gate);
  gst_object_unref (self->pipeline);
  g_main_loop_unref (self->loop);
  g_free (self);
}

/* The end. */

static gboolean
patience_is_out (gpointer user_data)
{
  Capture *self = user_data;

  self->patience = 0;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

/* The recording ends when it is complete; the reader is given some time. */
static void
look_whether_done (Capture * self)
{
  if (self->record != NULL && !self->record_done)
    return;
  if (self->live_done)
    g_main_loop_quit (self->loop);
  else if (self->ending && self->patience == 0)
    self->patience = g_timeout_add (PATIENCE, patience_is_out, self);
}

static void
end (Capture * self)
{
  if (!self->ending) {
    self->ending = TRUE;
    gst_element_send_event (self->pipeline, gst_event_new_eos ());
  }
  look_whether_done (self);
}

static gboolean
end_asked (gpointer user_data)
{
  end (user_data);
  return G_SOURCE_CONTINUE;
}

/* The user has ended the capture, or Wireshark. */
static void
reader_gone (gpointer user_data)
{
  Capture *self = user_data;

  self->live_done = TRUE;
  end (self);
}

/* Messages. */

static gboolean
is_live (Capture * self, GstObject * object)
{
  return object == GST_OBJECT (self->live)
      || (self->gate != NULL && object == GST_OBJECT (live_gate_get_queue (self->gate)));
}

static void
print_error (Capture * self, const GError * error)
{
  g_autofree gchar *program = NULL;

  g_strdelimit (error->message, "\r\n", ' ');
  if (!self->failed)
    g_printerr ("afring-extcap: %s", error->message);
  if (!self->failed && self->options->netns == NULL
      && g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_AUTHORIZED)
      && (program = g_file_read_link ("/proc/self/exe", NULL)) != NULL)
    g_printerr ("; here: sudo setcap cap_net_raw+ep %s", program);
  /* the first says why; what follows, that it is so */
  if (!self->failed)
    g_printerr ("\n");
  self->failed = TRUE;
}

/* Of a reader that went away the write says it, or the queue after it. */
static gboolean
is_broken_pipe (Capture * self, GstObject * object, const GError * error)
{
  return object != GST_OBJECT (self->live)
      || strstr (error->message, g_strerror (EPIPE)) != NULL;
}

static void
take_error (Capture * self, GstMessage * message)
{
  GstObject *object = GST_MESSAGE_SRC (message);
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  if (is_live (self, object) && (self->live_done
          || is_broken_pipe (self, object, error))) {
    reader_gone (self);
  } else {
    print_error (self, error);
    g_main_loop_quit (self->loop);
  }
}

static void
take_warning (Capture * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;

  gst_message_parse_warning (message, &error, NULL);
  if (self->warnings++ < MAX_WARNINGS)
    g_printerr ("afring-extcap: %s\n", error->message);
}

static void
take_forwarded (Capture * self, const GstStructure * structure)
{
  g_autoptr (GstMessage) message = NULL;

  if (!gst_structure_has_name (structure, "GstBinForwarded"))
    return;
  gst_structure_get (structure, "message", GST_TYPE_MESSAGE, &message, NULL);
  if (message == NULL || GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
    return;
  if (GST_MESSAGE_SRC (message) == GST_OBJECT (self->live))
    self->live_done = TRUE;
  else if (GST_MESSAGE_SRC (message) == GST_OBJECT (self->record))
    self->record_done = TRUE;
  self->ending = TRUE;
  look_whether_done (self);
}

static gboolean
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Capture *self = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      take_error (self, message);
      break;
    case GST_MESSAGE_WARNING:
      take_warning (self, message);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_ELEMENT:
      take_forwarded (self, gst_message_get_structure (message));
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

/* Running. */

static void
listen (Capture * self)
{
  GstBus *bus = gst_element_get_bus (self->pipeline);

  gst_bus_add_watch (bus, take_message, self);
  gst_object_unref (bus);
  g_unix_signal_add (SIGINT, end_asked, self);
  g_unix_signal_add (SIGTERM, end_asked, self);
  self->reader = live_reader_new (self->options->fifo, reader_gone, self);
}

static void
print_lost (Capture * self)
{
  GstStructure *stats;
  guint64 dropped = 0;

  g_object_get (self->source, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "packets-dropped", &dropped);
  gst_structure_free (stats);
  if (dropped > 0)
    g_printerr ("afring-extcap: %" G_GUINT64_FORMAT " packets were dropped for want of "
        "room\n", dropped);
  if (self->gate != NULL && live_gate_get_lost (self->gate) > 0)
    g_printerr ("afring-extcap: %" G_GUINT64_FORMAT " packets were not shown, because "
        "Wireshark was too slow; they are in %s\n",
        live_gate_get_lost (self->gate), self->options->record);
}

int
capture_run (Capture * self)
{
  listen (self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (self->loop);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  print_lost (self);
  return self->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
