/* A pcapsink that plays in a harness, with a folder and a bus of its own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinkrun.h"
#include "capturebytes.h"
#include "folder.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <string.h>

gchar *folder;
GstElement *sink;
GstBus *bus;
GstHarness *harness;

void
sink_run_setup (void)
{
  folder = folder_new (FALSE);
  bus = gst_bus_new ();
  out = g_byte_array_new ();
  swapped = FALSE;
}

void
sink_run_stop (void)
{
  g_clear_pointer (&harness, gst_harness_teardown);
  gst_clear_object (&sink);
}

void
sink_run_teardown (void)
{
  sink_run_stop ();
  /* its messages hold the sink, which holds it */
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
  g_byte_array_unref (out);
  folder_remove (folder);
}

gchar *
sink_run_path_of (const gchar * name)
{
  return g_build_filename (folder, name, NULL);
}

void
sink_run_play (const gchar * name, const gchar * properties,
    const gchar * caps)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *line = g_strdup_printf ("pcapsink %s", properties);
  g_autoptr (GError) error = NULL;
  GstSegment segment;

  sink = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_object_ref_sink (sink);
  g_object_set (sink, "location", path, NULL);
  gst_element_set_bus (sink, bus);
  harness = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_use_systemclock (harness);
  if (caps != NULL) {
    gst_harness_set_src_caps_str (harness, caps);
    return;
  }
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_harness_push_event (harness, gst_event_new_stream_start ("no caps"));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
}

void
sink_run_push (const guint8 * data, gsize length, gsize size)
{
  for (gsize at = 0; at < length; at += size)
    fail_unless_equals_int (gst_harness_push (harness,
            gst_buffer_new_memdup (data + at, MIN (size, length - at))),
        GST_FLOW_OK);
}

void
sink_run_push_eos (void)
{
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
}

void
sink_run_rotate_to (const gchar * name)
{
  g_autofree gchar *path = sink_run_path_of (name);

  g_object_set (sink, "location", path, NULL);
  g_signal_emit_by_name (sink, "rotate");
}

guint64
sink_run_get_stat (const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, field, &value), "%s", field);
  return value;
}

guint
sink_run_count_messages (GstMessageType type)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop (bus)) != NULL) {
    n += GST_MESSAGE_TYPE (message) == type;
    gst_message_unref (message);
  }
  return n;
}

gboolean
sink_run_has_text (const gchar * name, const gchar * text)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autofree gchar *contents = NULL;
  gsize length;

  fail_unless (g_file_get_contents (path, &contents, &length, NULL), "%s",
      path);
  return memmem (contents, length, text, strlen (text)) != NULL;
}

guint
sink_run_check_packets (const gchar * name, guint first, guint types)
{
  g_autofree gchar *path = sink_run_path_of (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (path, &error);
  GstPcapPacket packet;
  guint n, number;

  fail_unless (source != NULL, "%s: %s", name, error ? error->message : "");
  for (n = first; gst_pcap_source_next (source, &packet, &error); n++) {
    fail_unless_equals_int (packet.captured_length, 4);
    memcpy (&number, packet.data, 4);
    fail_unless_equals_int (number, n);
    fail_unless_equals_uint64 (packet.time, START + n);
    fail_unless_equals_int (packet.wire_length, 60);
    if (types > 0)
      fail_unless_equals_int (packet.link_type, 1 + n % types);
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s: %s", name, error->message);
  return n - first;
}
