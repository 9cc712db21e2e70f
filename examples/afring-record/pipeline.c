/* afring-record: the elements that record
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   afringsrc ! pcapsink, or afringsrc ! funnel ! pcapsink for each of several, and
 *   ... ! tee ! pcapsink, tee. ! queue ! flowdemux where RTP is watched
 */

#include "pipeline.h"
#include "common/parts.h"

#include <string.h>

/* Of packets whose RTP has not been looked at yet. Where that takes longer they are left
 * out, which flowdemux does not take for a loss of the network. */
#define WATCHED_BYTES (32 << 20)
/* Somebody looks. */
#define PIPE_FLUSH_INTERVAL (100 * GST_MSECOND)
#define STANDARD_OUTPUT "/dev/stdout"
#define DEFAULT_LOCATION "afring-%Y%m%d-%H%M%S"

/* The names of files. */

static gchar *
make_extension (const RecordOptions * options)
{
  return g_strconcat (options->pcap ? ".pcap" : ".pcapng",
      gst_pcap_compression_get_extension (options->compression), NULL);
}

static gchar *
make_location (const RecordOptions * options)
{
  g_autofree gchar *extension = make_extension (options);
  const gchar *location = options->location;

  if (location == NULL)
    return g_strconcat (DEFAULT_LOCATION, extension, NULL);
  if (strcmp (location, "-") == 0)
    return g_strdup (STANDARD_OUTPUT);
  return record_options_rotates (options) ? parts_make_rotated (location, extension) :
      g_strdup (location);
}

/* The pipeline. */

static gboolean
add_source (RecordPipeline * self, const gchar * interface, GstElement * into)
{
  const RecordOptions *options = self->options;
  GstElement *source = parts_make (self->pipeline, "afringsrc");

  if (source == NULL)
    return FALSE;
  g_object_set (source, "interface", interface, "filter", options->filter,
      "netns", options->netns, "promiscuous", !options->not_promiscuous, NULL);
  if (options->snaplen != NULL)
    g_object_set (source, "snaplen", (guint) MIN (options->snaplen_bytes,
            G_MAXUINT), NULL);
  gst_util_set_object_arg (G_OBJECT (source), "timestamp-source",
      options->timestamp_source);
  parts_set_ring (source, options->ring_bytes);
  g_ptr_array_add (self->sources, source);
  return gst_element_link (source, into);
}

/* Beside the recording, which does not wait for it. What the packets go into; or NULL. */
static GstElement *
add_watch (RecordPipeline * self)
{
  GstElement *tee = parts_make (self->pipeline, "tee");
  GstElement *queue = parts_make (self->pipeline, "queue");
  GstElement *demux = parts_make (self->pipeline, "flowdemux");

  if (tee == NULL || queue == NULL || demux == NULL)
    return NULL;
  gst_util_set_object_arg (G_OBJECT (queue), "leaky", "downstream");
  g_object_set (queue, "max-size-buffers", 0, "max-size-time", G_GUINT64_CONSTANT (0),
      "max-size-bytes", WATCHED_BYTES, NULL);
  return gst_element_link (tee, self->sink)
      && gst_element_link_many (tee, queue, demux, NULL) ? tee : NULL;
}

static gboolean
add_sources (RecordPipeline * self)
{
  gchar **interfaces = self->options->interfaces;
  GstElement *into = self->options->trigger_loss ? add_watch (self) : self->sink;

  if (into == NULL)
    return FALSE;
  if (interfaces == NULL)
    return add_source (self, NULL, into);
  if (interfaces[1] != NULL) {
    GstElement *funnel = parts_make (self->pipeline, "funnel");

    if (funnel == NULL || !gst_element_link (funnel, into))
      return FALSE;
    into = funnel;
  }
  for (; *interfaces != NULL; interfaces++)
    if (!add_source (self, *interfaces, into))
      return FALSE;
  return TRUE;
}

static void
set_sink (RecordPipeline * self)
{
  const RecordOptions *options = self->options;
  g_autofree gchar *location = make_location (options);

  g_object_set (self->sink, "location", location,
      "max-file-size", options->max_size,
      "max-file-duration", options->max_duration,
      "max-file-packets", options->max_packets, "rotate-at", options->rotate_at,
      "max-files", (guint) MIN (options->max_files, G_MAXUINT),
      "stop-after-files", (guint) MIN (options->end_files, G_MAXUINT),
      "make-folders", options->make_folders || strchr (location, '%') != NULL,
      "pre-roll-time", options->pre_roll_time,
      "post-roll-time", options->post_roll_time,
      "trigger-filter", options->trigger, "compression", options->compression,
      "compression-level", options->compression_level, NULL);
  if (options->pre_roll_bytes > 0)
    g_object_set (self->sink, "pre-roll-bytes", options->pre_roll_bytes, NULL);
  if (options->location != NULL && strcmp (options->location, "-") == 0)
    g_object_set (self->sink, "flush-interval", PIPE_FLUSH_INTERVAL, NULL);
  if (options->pcap || options->pcapng)
    gst_util_set_object_arg (G_OBJECT (self->sink), "format",
        options->pcap ? "pcap" : "pcapng");
}

/* One source counts to it; of several, somebody has to look. */
static void
set_count (RecordPipeline * self)
{
  if (self->options->end_packets > 0 && self->sources->len == 1)
    g_object_set (g_ptr_array_index (self->sources, 0), "num-buffers",
        (gint) MIN (self->options->end_packets, G_MAXINT), NULL);
}

gboolean
record_pipeline_make (RecordPipeline * self, const RecordOptions * options)
{
  self->options = options;
  self->pipeline = gst_pipeline_new (NULL);
  self->sources = g_ptr_array_new ();
  self->sink = parts_make (self->pipeline, "pcapsink");
  if (self->sink == NULL || !add_sources (self))
    return FALSE;
  set_sink (self);
  set_count (self);
  return TRUE;
}

void
record_pipeline_clear (RecordPipeline * self)
{
  gst_clear_object (&self->pipeline);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
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
count_preroll (const GstStructure * stats, RecordCounts * counts)
{
  counts->armed = g_strcmp0 (gst_structure_get_string (stats, "state"),
      "armed") == 0;
  counts->triggers = get_count (stats, "triggers");
  counts->held_packets = get_count (stats, "held-packets");
  counts->held_bytes = get_count (stats, "held-bytes");
  counts->held_time = get_count (stats, "held-time");
  counts->aged_out = get_count (stats, "aged-out");
  counts->cut = get_count (stats, "cut");
}

void
record_pipeline_count (RecordPipeline * self, RecordCounts * counts)
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
  counts->disk_bytes = get_count (stats, "disk-bytes");
  counts->stored_bytes = get_count (stats, "stored-bytes");
  counts->files = get_count (stats, "files");
  counts->has_preroll = gst_structure_has_field (stats, "state");
  if (counts->has_preroll)
    count_preroll (stats, counts);
  gst_structure_free (stats);
}
