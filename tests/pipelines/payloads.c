/* Prints what a chain of elements makes of capture files.
 *
 * payloads CHAIN FILE..., such as payloads "pcapdec ! packetdepay" a.pcap: for
 * each file a pipeline "filesrc ! CHAIN ! fakesink", and lines of fields with
 * tabs between them, "-" where there is no value:
 *   F  file
 *   B  capture time, DTS or else PTS, source address and bytes (hexadecimal) of
 *      a buffer
 *   M  "error" or "warning", and what it says
 *   S  name of an element that has "stats", and those
 * Fails if a file does not come to its end, or to an error, within 20 seconds.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/base/gstbasesink.h>
#include <gst/net/gstnet.h>

#define TIME_LIMIT (20 * GST_SECOND)

static void
print_time (GstClockTime time)
{
  if (GST_CLOCK_TIME_IS_VALID (time))
    g_print ("\t%" G_GUINT64_FORMAT, time);
  else
    g_print ("\t-");
}

static gboolean
print_buffer (GstBuffer ** buffer, guint index, gpointer user_data)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (*buffer);
  GstNetAddressMeta *address = gst_buffer_get_net_address_meta (*buffer);
  g_autofree gchar *source = NULL;
  g_autoptr (GString) hex = g_string_new (NULL);
  GstMapInfo map;

  if (address != NULL)
    source = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE
        (address->addr));
  if (!gst_buffer_map (*buffer, &map, GST_MAP_READ))
    g_error ("cannot map a buffer of %" G_GSIZE_FORMAT " bytes",
        gst_buffer_get_size (*buffer));
  for (gsize i = 0; i < map.size; i++)
    g_string_append_printf (hex, "%02x", map.data[i]);
  gst_buffer_unmap (*buffer, &map);

  g_print ("B");
  print_time (meta ? meta->capture_time : GST_CLOCK_TIME_NONE);
  print_time (GST_BUFFER_DTS_OR_PTS (*buffer));
  g_print ("\t%s\t%s\n", source ? source : "-", hex->str);
  return TRUE;
}

static GstPadProbeReturn
print_buffers (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        print_buffer, NULL);
  } else {
    GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

    print_buffer (&buffer, 0, NULL);
  }
  return GST_PAD_PROBE_OK;
}

static void
print_message (GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *debug = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, &debug);
  else
    gst_message_parse_warning (message, &error, &debug);
  if (debug != NULL)
    g_strdelimit (debug, "\n\t", ' ');
  g_print ("M\t%s\t%s: %s\n", GST_MESSAGE_TYPE_NAME (message), error->message,
      debug ? debug : "");
}

static void
print_stats (const GValue * item, gpointer user_data)
{
  GstElement *element = g_value_get_object (item);
  GParamSpec *property =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), "stats");
  g_autoptr (GstStructure) stats = NULL;
  g_autofree gchar *text = NULL;

  if (property == NULL || property->value_type != GST_TYPE_STRUCTURE
      || GST_IS_BASE_SINK (element))
    return;
  g_object_get (element, "stats", &stats, NULL);
  if (stats != NULL)
    text = gst_structure_to_string (stats);
  g_print ("S\t%s\t%s\n",
      GST_OBJECT_NAME (gst_element_get_factory (element)), text ? text : "-");
}

/* Whether the file came to its end, or to an error that it deserves. */
static gboolean
play (const gchar * chain, const gchar * file)
{
  g_autofree gchar *line = g_strdup_printf ("filesrc name=src ! %s ! fakesink "
      "name=sink sync=false async=false enable-last-sample=false", chain);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) src = NULL, sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstBus) bus = NULL;
  GstIterator *elements;
  gint64 limit = g_get_monotonic_time () + TIME_LIMIT / GST_USECOND;
  gboolean ended = FALSE, late = FALSE;

  if (error != NULL)
    g_error ("%s", error->message);
  src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  bus = gst_element_get_bus (pipeline);
  g_object_set (src, "location", file, NULL);
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, print_buffers,
      NULL, NULL);

  g_print ("F\t%s\n", file);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!ended && !late) {
    gint64 left = MAX (limit - g_get_monotonic_time (), 0);
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
        left * GST_USECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

    late = message == NULL;
    if (message != NULL && GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
      print_message (message);
    ended = message != NULL && GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING;
  }

  elements = gst_bin_iterate_elements (GST_BIN (pipeline));
  gst_iterator_foreach (elements, print_stats, NULL);
  gst_iterator_free (elements);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (late)
    g_printerr ("%s: no end within the time limit\n", file);
  return !late;
}

int
main (int argc, char **argv)
{
  gboolean good = TRUE;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  gst_init (&argc, &argv);
  if (argc < 3) {
    g_printerr ("Usage: %s CHAIN FILE...\n", argv[0]);
    return 2;
  }
  for (int i = 2; i < argc; i++)
    good &= play (argv[1], argv[i]);
  return good ? 0 : 1;
}
