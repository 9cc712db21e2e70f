/* One pipeline, and what became of it, in words that a test reads.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* faultrun SECONDS PIPELINE...
 *
 * Plays until EOS or an error, and prints "eos" or "error DOMAIN CODE ELEMENT: TEXT", then
 * of each element whose name begins with "s" its "stats": "stats NAME FIELD VALUE". Who is
 * not done after so long is killed by SIGALRM. */

#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gboolean
print_field (GQuark field, const GValue * value, gpointer name)
{
  if (G_VALUE_HOLDS_UINT64 (value))
    printf ("stats %s %s %" G_GUINT64_FORMAT "\n", (const gchar *) name,
        g_quark_to_string (field), g_value_get_uint64 (value));
  return TRUE;
}

static void
print_stats (const GValue * item, gpointer unused)
{
  GstElement *element = g_value_get_object (item);
  GstStructure *stats = NULL;

  if (GST_OBJECT_NAME (element)[0] != 's' || g_object_class_find_property
      (G_OBJECT_GET_CLASS (element), "stats") == NULL)
    return;
  g_object_get (element, "stats", &stats, NULL);
  if (stats != NULL)
    gst_structure_foreach (stats, print_field, GST_OBJECT_NAME (element));
  g_clear_pointer (&stats, gst_structure_free);
}

static void
print_end (GstMessage * message)
{
  GError *error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    puts ("eos");
    return;
  }
  gst_message_parse_error (message, &error, NULL);
  printf ("error %s %d %s: %s\n", g_quark_to_string (error->domain), error->code,
      GST_MESSAGE_SRC_NAME (message), error->message);
  g_error_free (error);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GstElement *pipeline;
  GstIterator *elements;
  GstMessage *message;
  gboolean failed;
  GstBus *bus;

  gst_init (NULL, NULL);
  if (argc < 3)
    return 2;
  alarm (atoi (argv[1]));
  setvbuf (stdout, NULL, _IOLBF, 0);
  pipeline = gst_parse_launchv ((const gchar **) argv + 2, &error);
  if (pipeline == NULL || error != NULL) {
    fprintf (stderr, "%s\n", error->message);
    return 2;
  }
  bus = gst_element_get_bus (pipeline);
  gst_object_set_name (GST_OBJECT (pipeline), "run");
  puts ("playing");
  failed = gst_element_set_state (pipeline, GST_STATE_PLAYING) ==
      GST_STATE_CHANGE_FAILURE;
  message = gst_bus_timed_pop_filtered (bus, failed ? 0 : GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (message != NULL)
    print_end (message);
  else
    puts ("error state 0 run: does not play, and nobody says why");
  g_clear_pointer (&message, gst_message_unref);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  elements = gst_bin_iterate_elements (GST_BIN (pipeline));
  while (gst_iterator_foreach (elements, print_stats, NULL) ==
      GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  puts ("done");
  return 0;
}
