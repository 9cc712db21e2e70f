/* Runs of a source in block mode, and capture files for the mock ring to play.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "blockrun.h"

#include <glib/gstdio.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define BIG 65536
#define ALIGNMENT 512

gboolean
block_is_slow (void)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL;
}

guint32
block_flags_of (GstPacketType type)
{
  switch (type) {
    case GST_PACKET_TYPE_HOST:
      return 1 | 1 << 2;
    case GST_PACKET_TYPE_MULTICAST:
      return 1 | 2 << 2;
    case GST_PACKET_TYPE_BROADCAST:
      return 1 | 3 << 2;
    case GST_PACKET_TYPE_OTHERHOST:
      return 1 | 4 << 2;
    case GST_PACKET_TYPE_OUTGOING:
      return 2;
    default:
      return 0;
  }
}

/* Capture files. */

static void
append32 (GByteArray * bytes, guint32 value)
{
  g_byte_array_append (bytes, (const guint8 *) &value, sizeof (value));
}

static void
append_two (GByteArray * bytes, guint16 first, guint16 second)
{
  guint16 both[] = { first, second };

  g_byte_array_append (bytes, (const guint8 *) both, sizeof (both));
}

Capture *
capture_new (guint link_type)
{
  Capture *capture = g_new0 (Capture, 1);
  GByteArray *bytes = capture->bytes = g_byte_array_new ();
  int fd = g_file_open_tmp ("blocks-XXXXXX.pcapng", &capture->location, NULL);

  fail_unless (fd >= 0);
  close (fd);
  append32 (bytes, PCAPNG_SECTION);
  append32 (bytes, 28);
  append32 (bytes, 0x1a2b3c4d);
  append_two (bytes, 1, 0);
  append32 (bytes, G_MAXUINT32);
  append32 (bytes, G_MAXUINT32);
  append32 (bytes, 28);
  append32 (bytes, PCAPNG_INTERFACE);
  append32 (bytes, 32);
  append_two (bytes, link_type, 0);
  append32 (bytes, 0);
  append_two (bytes, 9, 1);
  g_byte_array_append (bytes, (const guint8 *) "\011\0\0\0", 4);
  append32 (bytes, 0);
  append32 (bytes, 32);
  return capture;
}

void
capture_add (Capture * capture, const guint8 * data, guint length, guint wire,
    GstClockTime time, GstPacketType type)
{
  const guint32 padding = 0, flags = block_flags_of (type);
  const guint32 size = 32 + (length + 3) / 4 * 4 + (flags != 0 ? 12 : 0);
  GByteArray *bytes = capture->bytes;

  time += CAPTURE_START;
  append32 (bytes, PCAPNG_PACKET);
  append32 (bytes, size);
  append32 (bytes, 0);
  append32 (bytes, time >> 32);
  append32 (bytes, time);
  append32 (bytes, length);
  append32 (bytes, wire);
  g_byte_array_append (bytes, data, length);
  g_byte_array_append (bytes, (const guint8 *) &padding, -length & 3);
  if (flags != 0) {
    append_two (bytes, 2, 4);
    append32 (bytes, flags);
    append32 (bytes, 0);
  }
  append32 (bytes, size);
  capture->n++;
}

void
capture_save (Capture * capture)
{
  fail_unless (g_file_set_contents (capture->location,
          (const gchar *) capture->bytes->data, capture->bytes->len, NULL));
}

void
capture_free (Capture * capture)
{
  g_unlink (capture->location);
  g_free (capture->location);
  g_byte_array_unref (capture->bytes);
  g_free (capture);
}

/* Runs. */

static void
blame (BlockRun * run, const gchar * what, guint64 number)
{
  if (run->wrong == NULL)
    run->wrong = g_strdup_printf ("buffer %u: %s, %" G_GUINT64_FORMAT,
        run->n_buffers, what, number);
}

/* The bytes of a new client's stream, in the caps. */
static void
check_header (BlockRun * run, GstBuffer * buffer, const GstMapInfo * map)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (run->pad);
  const GValue *value = caps == NULL ? NULL :
      gst_structure_get_value (gst_caps_get_structure (caps, 0),
      "streamheader");
  GstBuffer *in_caps;

  run->n_headers++;
  run->n_after_header = 0;
  run->ended = FALSE;
  if (map->size % ALIGNMENT != 0)
    blame (run, "a header of bytes", map->size);
  if (run->walk->interfaces != 1 || run->walk->last_type != PCAPNG_INTERFACE)
    blame (run, "a header with interfaces", run->walk->interfaces);
  if (run->walk->sections != run->n_headers
      || run->walk->first_type != PCAPNG_SECTION)
    blame (run, "a header, and sections", run->walk->sections);
  if (run->n_caps != run->n_headers)
    blame (run, "a header, and caps", run->n_caps);
  if (value == NULL || !GST_VALUE_HOLDS_ARRAY (value)
      || gst_value_array_get_size (value) != 1) {
    blame (run, "no streamheader in caps", 0);
    return;
  }
  in_caps = gst_value_get_buffer (gst_value_array_get_value (value, 0));
  if (gst_buffer_get_size (in_caps) != map->size
      || gst_buffer_memcmp (in_caps, 0, map->data, map->size) != 0)
    blame (run, "the streamheader is another", map->size);
}

static void
check_big (BlockRun * run, const GstMapInfo * map)
{
  run->n_big++;
  if (map->size % ALIGNMENT != 0)
    blame (run, "a big one of bytes", map->size);
  if (GPOINTER_TO_SIZE (map->data) % ALIGNMENT != 0)
    blame (run, "lies behind a boundary", GPOINTER_TO_SIZE (map->data) %
        ALIGNMENT);
  if (run->walk->first_type != PCAPNG_STATISTICS)
    blame (run, "begins with a block of type", run->walk->first_type);
}

/* Of a block of the ring. @first: number of its first packet in the walk. */
static void
check_block (BlockRun * run, GstBuffer * buffer, const GstMapInfo * map,
    guint first, guint statistics)
{
  GstPacketBlockMeta *meta = gst_buffer_get_packet_block_meta (buffer);
  guint n = run->walk->packets->len - first;

  run->n_blocks++;
  if (meta->packets != n || n == 0)
    blame (run, "has packets other than", meta->packets);
  if (n > 0 && meta->first_time != pcapng_walk_get (run->walk, first)->time)
    blame (run, "first_time", meta->first_time);
  if (n > 0 && meta->last_time != pcapng_walk_get (run->walk, first + n -
          1)->time)
    blame (run, "last_time", meta->last_time);
  if (gst_buffer_n_memory (buffer) != 1
      || !gst_is_afring_memory (gst_buffer_peek_memory (buffer, 0)))
    blame (run, "memory other than the ring's", gst_buffer_n_memory (buffer));
  else
    run->n_in_ring++;
  if (GST_BUFFER_OFFSET (buffer) != run->next_offset
      || GST_BUFFER_OFFSET_END (buffer) != run->next_offset + n)
    blame (run, "offset", GST_BUFFER_OFFSET (buffer));
  run->next_offset += n;
  if (!GST_BUFFER_PTS_IS_VALID (buffer) || !GST_BUFFER_DTS_IS_VALID (buffer)
      || !GST_BUFFER_DURATION_IS_VALID (buffer))
    blame (run, "no time stamp or duration", GST_BUFFER_PTS (buffer));
  if (run->last_pts != GST_CLOCK_TIME_NONE
      && GST_BUFFER_PTS (buffer) < run->last_pts)
    blame (run, "PTS goes back to", GST_BUFFER_PTS (buffer));
  run->last_pts = GST_BUFFER_PTS (buffer);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
    blame (run, "is marked as a header", n);
  if (run->walk->interfaces != 1)
    blame (run, "describes interfaces", run->walk->interfaces);

  statistics = run->walk->statistics - statistics;
  if (map->size >= BIG) {
    check_big (run, map);
  } else {
    run->statistics_in_small += statistics;
  }
}

static void
take_buffer (BlockRun * run, GstBuffer * buffer)
{
  guint first = run->walk->packets->len, statistics = run->walk->statistics;
  gsize walked = run->walk->length;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    blame (run, "cannot be mapped", 0);
    return;
  }
  g_byte_array_append (run->stream, map.data, map.size);
  if (!pcapng_walk (run->walk, map.data, map.size))
    blame (run, run->walk->wrong, 0);
  else if (run->walk->length - walked != map.size)
    blame (run, "not of whole blocks", map.size);
  if (run->ended && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
    blame (run, "comes behind the last statistics", map.size);
  if (run->n_buffers == 0
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
    check_header (run, buffer, &map);
  else if (gst_buffer_get_packet_block_meta (buffer) != NULL)
    check_block (run, buffer, &map, first, statistics);
  else if (run->walk->packets->len != first
      || run->walk->statistics != statistics + 1)
    blame (run, "no meta, and packets", run->walk->packets->len - first);
  else
    run->ended = TRUE;
  if (run->keep && gst_buffer_get_packet_block_meta (buffer) != NULL) {
    g_ptr_array_add (run->kept, gst_buffer_ref (buffer));
    g_ptr_array_add (run->copies, g_bytes_new (map.data, map.size));
  }
  gst_buffer_unmap (buffer, &map);
  run->n_buffers++;
  run->n_after_header++;
}

static GstPadProbeReturn
watch_source (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  BlockRun *run = user_data;
  GstCaps *caps;

  g_mutex_lock (&run->lock);
  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

    if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
      gst_event_parse_caps (event, &caps);
      run->n_caps++;
      if (!gst_structure_has_name (gst_caps_get_structure (caps, 0),
              "application/x-pcapng"))
        run->n_caps = G_MAXUINT / 2;
    }
  } else if (run->n_caps >= G_MAXUINT / 2) {
    run->n_buffers++;
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    take_buffer (run, GST_PAD_PROBE_INFO_BUFFER (info));
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      take_buffer (run, gst_buffer_list_get (list, i));
  }
  g_mutex_unlock (&run->lock);
  return GST_PAD_PROBE_OK;
}

static void
see (BlockRun * run, GstBuffer * buffer)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  gsize length = gst_buffer_get_size (buffer);
  SeenPacket *packet;

  /* not a packet */
  if (run->link_type < 0)
    return;
  if (meta == NULL) {
    blame (run, "a packet without a meta", run->seen->len);
    return;
  }
  packet = g_malloc (sizeof (SeenPacket) + length);
  packet->time = meta->capture_time;
  packet->wire = meta->wire_length;
  packet->length = length;
  packet->link_type = run->link_type;
  packet->meta = *meta;
  packet->data = (guint8 *) (packet + 1);
  gst_buffer_extract (buffer, 0, packet->data, length);
  g_ptr_array_add (run->seen, packet);
}

static GstPadProbeReturn
watch_sink (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  BlockRun *run = user_data;
  GstCaps *caps;

  g_mutex_lock (&run->lock);
  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

    if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
      gst_event_parse_caps (event, &caps);
      if (!gst_structure_get_int (gst_caps_get_structure (caps, 0),
              "link-type", &run->link_type))
        run->link_type = -1;
    }
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    see (run, GST_PAD_PROBE_INFO_BUFFER (info));
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      see (run, gst_buffer_list_get (list, i));
  }
  g_mutex_unlock (&run->lock);
  return GST_PAD_PROBE_OK;
}

BlockRun *
block_run_new (const gchar * format, ...)
{
  BlockRun *run = g_new0 (BlockRun, 1);
  const GstPadProbeType types = GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM;
  g_autoptr (GstElement) sink = NULL;
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  g_mutex_init (&run->lock);
  run->walk = pcapng_walk_new ();
  run->stream = g_byte_array_new ();
  run->seen = g_ptr_array_new_with_free_func (g_free);
  run->kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  run->copies = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  run->last_pts = GST_CLOCK_TIME_NONE;
  run->pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s: %s", line, error ? error->message : "");
  run->bus = gst_element_get_bus (run->pipeline);
  run->src = gst_bin_get_by_name (GST_BIN (run->pipeline), "src");
  run->pad = gst_element_get_static_pad (run->src, "src");
  gst_pad_add_probe (run->pad, types, watch_source, run, NULL);
  sink = gst_bin_get_by_name (GST_BIN (run->pipeline), "sink");
  if (sink != NULL) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

    gst_pad_add_probe (pad, types, watch_sink, run, NULL);
  }
  return run;
}

void
block_run_play (BlockRun * run)
{
  fail_unless (gst_element_set_state (run->pipeline, GST_STATE_PLAYING) !=
      GST_STATE_CHANGE_FAILURE);
  fail_unless (gst_element_get_state (run->pipeline, NULL, NULL,
          10 * GST_SECOND) != GST_STATE_CHANGE_FAILURE);
}

void
block_run_wait_eos (BlockRun * run)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (run->bus,
      (block_is_slow ()? 100 : 20) * GST_SECOND, GST_MESSAGE_EOS |
      GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL, "no EOS");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  fail_unless (run->wrong == NULL, "%s", run->wrong);
}

void
block_run_to_end (BlockRun * run)
{
  block_run_play (run);
  block_run_wait_eos (run);
  fail_unless (run->n_caps < G_MAXUINT / 2, "not in block mode");
  fail_unless (run->n_headers > 0);
  fail_unless (run->ended, "the last buffer is not the statistics");
  fail_unless_equals_int (run->n_buffers, run->n_blocks + 1 + run->n_headers);
}

void
block_run_wait (BlockRun * run, guint n)
{
  gint64 limit = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  guint come = 0;

  do {
    g_mutex_lock (&run->lock);
    fail_unless (run->wrong == NULL, "%s", run->wrong);
    come = run->walk->packets->len;
    g_mutex_unlock (&run->lock);
    if (come < n)
      g_usleep (2000);
  } while (come < n && g_get_monotonic_time () < limit);
  fail_unless (come >= n, "%u of %u packets came", come, n);
}

void
block_run_check_kept (BlockRun * run)
{
  g_mutex_lock (&run->lock);
  for (guint i = 0; i < run->kept->len; i++) {
    GstBuffer *buffer = g_ptr_array_index (run->kept, i);
    GBytes *copy = g_ptr_array_index (run->copies, i);
    gsize size;
    gconstpointer data = g_bytes_get_data (copy, &size);

    fail_unless_equals_int (gst_buffer_get_size (buffer), size);
    fail_unless (gst_buffer_memcmp (buffer, 0, data, size) == 0,
        "kept block %u", i);
  }
  g_mutex_unlock (&run->lock);
}

void
block_run_let_go (BlockRun * run)
{
  g_mutex_lock (&run->lock);
  g_ptr_array_set_size (run->kept, 0);
  g_ptr_array_set_size (run->copies, 0);
  g_mutex_unlock (&run->lock);
}

guint64
block_run_get_stat (BlockRun * run, const gchar * name, const gchar * field)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (run->pipeline), name);
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "no %s", field);
  return value;
}

void
block_run_free (BlockRun * run)
{
  fail_unless (gst_element_set_state (run->pipeline, GST_STATE_NULL) ==
      GST_STATE_CHANGE_SUCCESS);
  fail_unless (run->wrong == NULL, "%s", run->wrong);
  pcapng_walk_free (run->walk);
  g_byte_array_unref (run->stream);
  g_ptr_array_unref (run->seen);
  g_ptr_array_unref (run->kept);
  g_ptr_array_unref (run->copies);
  gst_object_unref (run->pad);
  gst_object_unref (run->src);
  gst_object_unref (run->bus);
  gst_object_unref (run->pipeline);
  g_mutex_clear (&run->lock);
  g_free (run->wrong);
  g_free (run);
}
