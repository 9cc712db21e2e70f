/* pcapsrc over files that a test makes.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"
#include "folder.h"

#include <gst/check/gstcheck.h>
#include <stdio.h>
#include <string.h>

gchar *find_folder;
GstElement *find_pipeline;
GstElement *find_source;
GstBus *find_bus;
CaptureWatch *find_watch;
guint32 find_seqnum;

void
find_setup (void)
{
  find_folder = folder_new (FALSE);
}

/* Once all threads have ended. */
static void
drop_pipeline (void)
{
  if (find_pipeline == NULL)
    return;
  find_stop ();
  /* messages have references to what posted them */
  gst_bus_set_flushing (find_bus, TRUE);
  capture_watch_free (find_watch);
  gst_clear_object (&find_source);
  gst_clear_object (&find_bus);
  gst_clear_object (&find_pipeline);
}

void
find_teardown (void)
{
  drop_pipeline ();
  folder_remove (find_folder);
}

gchar *
find_path (const gchar * name)
{
  return g_build_filename (find_folder, name, NULL);
}

void
find_write (const gchar * name, GByteArray * bytes)
{
  g_autofree gchar *path = find_path (name);

  fail_unless (g_file_set_contents (path, (gchar *) bytes->data, bytes->len,
          NULL));
  g_byte_array_unref (bytes);
}

void
find_append (const gchar * name, GByteArray * bytes)
{
  g_autofree gchar *path = find_path (name);
  FILE *file = fopen (path, "a");

  fail_unless (file != NULL);
  fail_unless (fwrite (bytes->data, 1, bytes->len, file) == bytes->len);
  fail_unless (fclose (file) == 0);
  g_byte_array_unref (bytes);
}

GByteArray *
find_make (gboolean pcapng, guint first, guint n, GstClockTime step)
{
  GByteArray *out;

  if (!pcapng)
    return capture_make (first, n, step);
  out = g_byte_array_new ();
  capture_put_section (out);
  capture_put_interface (out, 1);
  for (guint i = first; i < first + n; i++)
    capture_put_packet (out, 0, CAPTURE_START + i * step, i);
  return out;
}

void
find_launch (const gchar * name, const gchar * properties)
{
  g_autofree gchar *path = name != NULL ? find_path (name) :
      g_strdup (find_folder);
  g_autofree gchar *line = g_strdup_printf ("pcapsrc name=src %s ! "
      "fakesink name=sink sync=false enable-last-sample=false", properties);
  g_autoptr (GError) error = NULL;

  drop_pipeline ();
  find_seqnum = 0;
  find_pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  find_bus = gst_element_get_bus (find_pipeline);
  g_object_set (find_pipeline, "auto-flush-bus", FALSE, NULL);
  find_source = gst_bin_get_by_name (GST_BIN (find_pipeline), "src");
  g_object_set (find_source, "location", path, NULL);
  find_watch = capture_watch_new (find_source, "src");
}

void
find_stop (void)
{
  gst_element_set_state (find_pipeline, GST_STATE_NULL);
}

void
find_wait_state (GstState state)
{
  gst_element_set_state (find_pipeline, state);
  fail_unless_equals_int (gst_element_get_state (find_pipeline, NULL, NULL,
          20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
}

GstMessage *
find_wait_message (GstMessageType types)
{
  GstMessage *message = gst_bus_timed_pop_filtered (find_bus, 30 * GST_SECOND,
      types | GST_MESSAGE_ERROR);

  fail_unless (message != NULL);
  return message;
}

/* Warnings stay for who looks for them. */
void
find_play (void)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new ();
  GstMessage *message;

  gst_element_set_state (find_pipeline, GST_STATE_PLAYING);
  for (gboolean ended = FALSE; !ended;) {
    message = find_wait_message (GST_MESSAGE_EOS | GST_MESSAGE_WARNING);
    fail_unless (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR);
    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS && (find_seqnum == 0
        || gst_message_get_seqnum (message) == find_seqnum);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
      g_ptr_array_add (others, message);
    else
      gst_message_unref (message);
  }
  for (guint i = 0; i < others->len; i++)
    gst_bus_post (find_bus, g_ptr_array_index (others, i));
}

void
find_run (void)
{
  find_play ();
  find_stop ();
}

void
find_wait_packets (guint n)
{
  for (guint i = 0; i < 3000 && capture_watch_count (find_watch) < n; i++)
    g_usleep (10 * 1000);
  fail_unless_equals_int (capture_watch_count (find_watch), n);
}

void
find_check_message (GstMessageType type, const gchar * part)
{
  GstMessage *message = gst_bus_timed_pop_filtered (find_bus, 30 * GST_SECOND,
      type);
  g_autoptr (GError) error = NULL;

  fail_unless (message != NULL, "nothing that says \"%s\"", part);
  if (type == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else
    gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, part) != NULL, "%s", error->message);
  gst_message_unref (message);
}

void
find_check_no_message (void)
{
  fail_unless (gst_bus_pop_filtered (find_bus, GST_MESSAGE_WARNING |
          GST_MESSAGE_ERROR) == NULL);
}

guint64
find_get_stat (const gchar * name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value;

  g_object_get (find_source, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "%s", name);
  return value;
}

void
find_check_order (const guint * numbers, guint n)
{
  fail_unless_equals_int (capture_watch_count (find_watch), n);
  for (guint i = 0; i < n; i++)
    fail_unless_equals_int (g_array_index (find_watch->numbers, guint32, i),
        numbers[i]);
}
