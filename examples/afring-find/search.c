/* afring-find: looking for packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   pcapsrc ! pcapsink, or (blocks of pcapng) ! fdsink, or ! fakesink
 */

#include "search.h"

#include "../common/parts.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const FindOptions *options;
  const SearchFuncs *funcs;
  GMainLoop *loop;
  GstElement *pipeline, *source;
  gint link_type;
  guint64 found;                /* streaming thread, and at the end */
  gboolean failed;
  gboolean progress;            /* something of it stands on the terminal */
} Search;

/* What comes out of the source. */

static gboolean
take_buffer (GstBuffer ** buffer, guint i, gpointer user_data)
{
  Search *self = user_data;

  self->found++;
  if (self->funcs->packet != NULL)
    self->funcs->packet (*buffer, self->link_type, self->funcs->user_data);
  return TRUE;
}

static void
take_event (Search * self, GstEvent * event)
{
  GstCaptureStatistics statistics;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
        &self->link_type);
  } else if (self->funcs->statistics != NULL
      && gst_event_parse_capture_statistics (event, &statistics)) {
    self->funcs->statistics (&statistics, self->funcs->user_data);
  }
}

static GstPadProbeReturn
take (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Search *self = user_data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        take_buffer, self);
  else if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    take_buffer ((GstBuffer **) & info->data, 0, self);
  else
    take_event (self, GST_PAD_PROBE_INFO_EVENT (info));
  return GST_PAD_PROBE_OK;
}

/* What is said on the terminal. */

static void
clear_progress (Search * self)
{
  if (self->progress)
    g_printerr ("\r\033[K");
  self->progress = FALSE;
}

static gboolean
show_progress (gpointer user_data)
{
  Search *self = user_data;
  g_autoptr (GstStructure) stats = NULL;
  guint64 done = 0, skipped = 0, total = 0, packets = 0;

  g_object_get (self->source, "stats", &stats, NULL);
  gst_structure_get (stats, "bytes-read", G_TYPE_UINT64, &done,
      "bytes-skipped", G_TYPE_UINT64, &skipped, "bytes-total", G_TYPE_UINT64,
      &total, "packets", G_TYPE_UINT64, &packets, NULL);
  g_printerr ("\r\033[K%.1f of %.1f GB, %.0f %% (%.1f GB left out by the index), %"
      G_GUINT64_FORMAT " packets found", (done + skipped) / 1e9, total / 1e9,
      total > 0 ? MIN (100.0, (done + skipped) * 100.0 / total) : 0.0,
      skipped / 1e9, packets);
  self->progress = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
say (Search * self, GstMessage * message, gboolean is_error)
{
  g_autoptr (GError) error = NULL;

  if (is_error)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  clear_progress (self);
  g_printerr ("%s: %s\n", g_get_prgname (), error->message);
}

static gboolean
hear (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Search *self = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      say (self, message, TRUE);
      self->failed = TRUE;
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_WARNING:
      if (!self->options->quiet)
        say (self, message, FALSE);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit (self->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

/* What was found so far is kept. */
static gboolean
interrupt (gpointer user_data)
{
  Search *self = user_data;

  gst_element_send_event (self->pipeline, gst_event_new_eos ());
  return G_SOURCE_CONTINUE;
}

/* The pipeline. */

static gboolean
is_piped (const FindOptions * options)
{
  return options->write != NULL && strcmp (options->write, "-") == 0;
}

static gboolean
link_sink (Search * self)
{
  const gchar *file = self->options->write;
  gboolean piped = is_piped (self->options);
  GstElement *sink = parts_make (self->pipeline, piped ? "fdsink" :
      file != NULL ? "pcapsink" : "fakesink");
  g_autoptr (GstCaps) caps = NULL;

  if (sink == NULL)
    return FALSE;
  if (piped) {
    caps = gst_caps_new_empty_simple ("application/x-pcapng");
    g_object_set (sink, "fd", 1, "sync", FALSE, NULL);
    return gst_element_link_filtered (self->source, sink, caps);
  }
  if (file != NULL)
    g_object_set (sink, "location", file, NULL);
  else
    g_object_set (sink, "sync", FALSE, "enable-last-sample", FALSE, NULL);
  return gst_element_link (self->source, sink);
}

static gboolean
make_pipeline (Search * self, gchar ** locations)
{
  const FindOptions *options = self->options;
  g_autoptr (GstPad) pad = NULL;

  self->pipeline = gst_pipeline_new (NULL);
  self->source = parts_make (self->pipeline, "pcapsrc");
  if (self->source == NULL || !link_sink (self))
    return FALSE;
  g_object_set (self->source, "locations", locations, "start-time",
      options->from, "stop-time", options->to, "filter", options->filter,
      "use-index", !options->no_index, "trust-order", options->trust_order,
      "follow", options->follow, NULL);
  /* blocks are not to be counted one by one */
  if (is_piped (options))
    return TRUE;
  pad = gst_element_get_static_pad (self->source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM, take, self, NULL);
  return TRUE;
}

static guint64
get_stat (Search * self, const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (self->source, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, name, &value);
  return value;
}

static void
go_through (Search * self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  guint signals[] = { g_unix_signal_add (SIGINT, interrupt, self),
    g_unix_signal_add (SIGTERM, interrupt, self)
  };
  guint timer = !self->options->quiet && isatty (2) ? g_timeout_add (1000,
      show_progress, self) : 0;

  gst_bus_add_watch (bus, hear, self);
  /* what fails says so on the bus */
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (self->loop);
  if (is_piped (self->options))
    self->found = get_stat (self, "packets");
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  g_source_remove (signals[0]);
  g_source_remove (signals[1]);
  if (timer > 0)
    g_source_remove (timer);
  clear_progress (self);
}

gboolean
search_run (const FindOptions * options, gchar ** locations,
    const SearchFuncs * funcs, guint64 * found)
{
  Search self = { options, funcs, g_main_loop_new (NULL, FALSE), };

  if (make_pipeline (&self, locations))
    go_through (&self);
  else
    self.failed = TRUE;
  gst_clear_object (&self.pipeline);
  g_main_loop_unref (self.loop);
  *found = self.found;
  return !self.failed;
}
