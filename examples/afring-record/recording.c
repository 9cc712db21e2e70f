/* afring-record: the pipeline that records
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   afringsrc ! pcapsink, or afringsrc ! funnel ! pcapsink for each of several
 */

#include "recording.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/stat.h>

#define LOOK_INTERVAL 250       /* milliseconds */
/* Somebody looks. */
#define PIPE_FLUSH_INTERVAL (100 * GST_MSECOND)
#define STANDARD_OUTPUT "/dev/stdout"
#define DEFAULT_LOCATION "afring-%Y%m%d-%H%M%S"
/* What dumpcap puts into a name. */
#define ROTATED "%s_%%05d_%%Y%%m%%d%%H%%M%%S%s"

#define EXIT_LOST 3

struct _Recording
{
  const RecordOptions *options;
  GstElement *pipeline;
  GstElement *sink;
  GPtrArray *sources;           /* GstElement, borrowed */
  GMainLoop *loop;
  RecordStatus status;
  gchar *file;                  /* that is being written, or NULL */
  gboolean ending;
  gboolean failed;
};

/* The names of files. */

static const gchar *
get_extension (const RecordOptions * options)
{
  return options->pcap ? ".pcap" : ".pcapng";
}

/* A "." in a folder's name is no extension, nor is one at the start of a file's. */
static const gchar *
find_extension (const gchar * name)
{
  const gchar *file = strrchr (name, '/');
  const gchar *dot = strrchr (name, '.');

  file = file != NULL ? file + 1 : name;
  return dot != NULL && dot > file ? dot : name + strlen (name);
}

static gchar *
make_location (const RecordOptions * options)
{
  const gchar *location = options->location, *extension;
  g_autofree gchar *base = NULL;

  if (location == NULL)
    return g_strconcat (DEFAULT_LOCATION, get_extension (options), NULL);
  if (strcmp (location, "-") == 0)
    return g_strdup (STANDARD_OUTPUT);
  if (!record_options_rotates (options) || strchr (location, '%') != NULL)
    return g_strdup (location);
  extension = find_extension (location);
  base = g_strndup (location, extension - location);
  return g_strdup_printf (ROTATED, base, extension[0] != '\0' ? extension :
      get_extension (options));
}

/* The pipeline. */

static GstElement *
make (GstElement * bin, const gchar * factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL)
    g_printerr ("afring-record: there is no element %s: is gst-afring installed, or "
        "GST_PLUGIN_PATH set?\n", factory);
  else
    gst_bin_add (GST_BIN (bin), element);
  return element;
}

static void
set_ring (GstElement * source, guint64 bytes)
{
  guint block_size;

  if (bytes == 0)
    return;
  g_object_get (source, "block-size", &block_size, NULL);
  g_object_set (source, "block-count", (guint) CLAMP (bytes / block_size, 2,
          G_MAXUINT), NULL);
}

static gboolean
add_source (Recording * self, const gchar * interface, GstElement * into)
{
  const RecordOptions *options = self->options;
  GstElement *source = make (self->pipeline, "afringsrc");

  if (source == NULL)
    return FALSE;
  g_object_set (source, "interface", interface, "filter", options->filter,
      "netns", options->netns, "promiscuous", !options->not_promiscuous, NULL);
  if (options->snaplen != NULL)
    g_object_set (source, "snaplen", (guint) MIN (options->snaplen_bytes,
            G_MAXUINT), NULL);
  gst_util_set_object_arg (G_OBJECT (source), "timestamp-source",
      options->timestamp_source);
  set_ring (source, options->ring_bytes);
  g_ptr_array_add (self->sources, source);
  return gst_element_link (source, into);
}

static gboolean
add_sources (Recording * self)
{
  gchar **interfaces = self->options->interfaces;
  GstElement *into = self->sink;

  if (interfaces == NULL)
    return add_source (self, NULL, into);
  if (interfaces[1] != NULL) {
    into = make (self->pipeline, "funnel");
    if (into == NULL || !gst_element_link (into, self->sink))
      return FALSE;
  }
  for (; *interfaces != NULL; interfaces++)
    if (!add_source (self, *interfaces, into))
      return FALSE;
  return TRUE;
}

static void
set_sink (Recording * self)
{
  const RecordOptions *options = self->options;
  g_autofree gchar *location = make_location (options);

  g_object_set (self->sink, "location", location,
      "max-file-size", options->max_size,
      "max-file-duration", options->max_duration,
      "max-file-packets", options->max_packets, "rotate-at", options->rotate_at,
      "max-files", (guint) MIN (options->max_files, G_MAXUINT), NULL);
  if (options->location != NULL && strcmp (options->location, "-") == 0)
    g_object_set (self->sink, "flush-interval", PIPE_FLUSH_INTERVAL, NULL);
  if (options->pcap || options->pcapng)
    gst_util_set_object_arg (G_OBJECT (self->sink), "format",
        options->pcap ? "pcap" : "pcapng");
}

/* One source counts to it; of several, somebody has to look. */
static void
set_count (Recording * self)
{
  if (self->options->end_packets > 0 && self->sources->len == 1)
    g_object_set (g_ptr_array_index (self->sources, 0), "num-buffers",
        (gint) MIN (self->options->end_packets, G_MAXINT), NULL);
}

Recording *
recording_new (const RecordOptions * options)
{
  Recording *self = g_new0 (Recording, 1);

  self->options = options;
  self->pipeline = gst_pipeline_new (NULL);
  self->sources = g_ptr_array_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->sink = make (self->pipeline, "pcapsink");
  if (self->sink == NULL || !add_sources (self)) {
    recording_free (self);
    return NULL;
  }
  set_sink (self);
  set_count (self);
  umask (options->umask);
  return self;
}

void
recording_free (Recording * self)
{
  gst_object_unref (self->pipeline);
  g_ptr_array_unref (self->sources);
  g_main_loop_unref (self->loop);
  g_free (self->file);
  g_free (self);
}

/* Counting. */

static guint64
get_count (const GstStructure * stats, const gchar * name)
{
  guint64 value = 0;

  gst_structure_get_uint64 (stats, name, &value);
  return value;
}

static void
count (Recording * self, RecordCounts * counts)
{
  GstStructure *stats;

  memset (counts, 0, sizeof (*counts));
  for (guint i = 0; i < self->sources->len; i++) {
    g_object_get (g_ptr_array_index (self->sources, i), "stats", &stats, NULL);
    counts->captured += get_count (stats, "packets-captured");
    counts->bytes += get_count (stats, "bytes-captured");
    counts->ring_dropped += get_count (stats, "packets-dropped");
    counts->interface_dropped += get_count (stats, "interface-dropped");
    counts->discarded += get_count (stats, "packets-discarded");
    counts->kept_bytes += get_count (stats, "evicted-bytes");
    gst_structure_free (stats);
  }
  g_object_get (self->sink, "stats", &stats, NULL);
  counts->recorded = get_count (stats, "packets");
  counts->file_bytes = get_count (stats, "bytes");
  counts->files = get_count (stats, "files");
  gst_structure_free (stats);
}

/* The end. */

static void
end (Recording * self)
{
  if (self->ending) {           /* asked for once more: at once */
    g_main_loop_quit (self->loop);
    return;
  }
  self->ending = TRUE;
  gst_element_send_event (self->pipeline, gst_event_new_eos ());
}

static gboolean
is_enough (Recording * self, const RecordCounts * counts)
{
  const RecordOptions *options = self->options;

  return (options->end_size > 0 && counts->file_bytes >= options->end_size)
      || (options->end_packets > 0 && counts->captured >= options->end_packets);
}

static gboolean
look (gpointer user_data)
{
  Recording *self = user_data;
  RecordCounts counts;

  count (self, &counts);
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
  g_signal_emit_by_name (((Recording *) user_data)->sink, "rotate");
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
print_message (Recording * self, const GError * error)
{
  record_status_hide (&self->status);
  g_printerr ("afring-record: %s\n", error->message);
}

static void
take_element_message (Recording * self, const GstStructure * structure)
{
  if (!gst_structure_has_name (structure, "GstPcapSinkFileOpened"))
    return;
  g_free (self->file);
  self->file = g_strdup (gst_structure_get_string (structure, "location"));
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
        print_message (self, error);
      self->failed = TRUE;
      g_main_loop_quit (self->loop);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning (message, &error, NULL);
      print_message (self, error);
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

static void
listen (Recording * self)
{
  GstBus *bus = gst_element_get_bus (self->pipeline);

  gst_bus_add_watch (bus, take_message, self);
  gst_object_unref (bus);
  g_unix_signal_add (SIGINT, end_asked, self);
  g_unix_signal_add (SIGTERM, end_asked, self);
  g_unix_signal_add (SIGHUP, rotation_asked, self);
  g_unix_signal_add (SIGUSR1, summary_asked, self);
  g_timeout_add (LOOK_INTERVAL, look, self);
  if (self->options->end_duration > 0)
    g_timeout_add (GST_TIME_AS_MSECONDS (self->options->end_duration), time_is_up,
        self);
}

int
recording_run (Recording * self)
{
  RecordCounts counts;

  record_status_init (&self->status, self->options->quiet);
  listen (self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (self->loop);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  count (self, &counts);
  if (!self->failed || counts.captured > 0)
    record_status_summarize (&self->status, &counts);
  if (self->failed)
    return EXIT_FAILURE;
  return counts.ring_dropped > 0 || counts.interface_dropped > 0
      || counts.discarded > 0 ? EXIT_LOST : EXIT_SUCCESS;
}
