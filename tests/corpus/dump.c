/* gst-afring: prints what a capture file holds, for comparing
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Usage: dump --library|--element|--push=SIZE FILE...
 *        dump --record FILE COPY...
 *
 * One line a packet: number, nanoseconds since 1970 ("-" if it has no time),
 * captured length, wire length, link type, MD5 of its bytes, all of them as
 * tshark can tell them too. After each file comes a line "end: eos", "end:
 * warning TEXT" or "end: error TEXT".
 *
 * --library reads with GstPcapSource, --element with "filesrc ! pcapdec", in
 * pull mode if pcapdec has one, and --push=SIZE with a pcapdec that is fed with
 * buffers of SIZE bytes. --record runs "filesrc ! pcapdec ! pcapsink" and tells
 * no packets. Ends with 77 if there is no pcapdec.
 */

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/gst.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SECONDS 60              /* after which a file hangs the program */
#define SKIPPED 77

static guint n_packets;

static void
print_packet (GstClockTime time, guint32 wire_length, guint32 link_type,
    const guint8 * data, gsize length)
{
  g_autofree gchar *hash =
      g_compute_checksum_for_data (G_CHECKSUM_MD5, data, length);

  g_print ("%u ", ++n_packets);
  if (time == GST_CLOCK_TIME_NONE)
    g_print ("-");
  else
    g_print ("%" G_GUINT64_FORMAT, time);
  g_print (" %" G_GSIZE_FORMAT " %u %u %s\n", length, wire_length, link_type,
      hash);
}

/* Other programs read it line by line. */
static void
print_end (const gchar * how, const gchar * text)
{
  g_autofree gchar *line = g_strdup (text);

  g_print ("end: %s%s%s\n", how, line[0] != '\0' ? " " : "",
      g_strdelimit (line, "\n", ' '));
}

/* The library. */

static void
dump_library (const gchar * location)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (location, &error);
  GstPcapPacket packet;

  n_packets = 0;
  while (source != NULL && gst_pcap_source_next (source, &packet, &error))
    print_packet (packet.time, packet.wire_length, packet.link_type,
        packet.data, packet.captured_length);
  if (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE))
    print_end ("eos", "");
  else
    print_end ("error", error->message);
}

/* The element. */

static void
print_buffer (GstBuffer * buffer, gint link_type)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  GstMapInfo map;

  if (meta == NULL)
    g_error ("packet %u has no GstPacketMeta", n_packets + 1);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    g_error ("packet %u cannot be mapped", n_packets + 1);
  print_packet (meta->capture_time, meta->wire_length, link_type, map.data,
      map.size);
  gst_buffer_unmap (buffer, &map);
}

/* The link type is that of the caps event before a buffer, so it is taken from
 * the event, and not from the pad's caps, which may be ahead. */
static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  gint *link_type = user_data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    print_buffer (GST_PAD_PROBE_INFO_BUFFER (info), *link_type);
  } else if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      print_buffer (gst_buffer_list_get (list, i), *link_type);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) ==
      GST_EVENT_CAPS) {
    GstCaps *caps;

    gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
    if (!gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
            link_type))
      g_error ("caps without a link type");
  }
  return GST_PAD_PROBE_OK;
}

/* Runs until EOS or an error; what the first warning says is kept till then. */
static void
run (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autofree gchar *warning = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_autoptr (GstMessage) message =
        gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
    g_autoptr (GError) error = NULL;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
      gst_message_parse_warning (message, &error, NULL);
      if (warning == NULL)
        warning = g_strdup (error->message);
    } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, &error, NULL);
      /* what is still being pushed is part of the answer */
      gst_element_set_state (pipeline, GST_STATE_NULL);
      print_end ("error", error->message);
      return;
    } else {
      break;
    }
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (warning != NULL)
    print_end ("warning", warning);
  else
    print_end ("eos", "");
}

static void
set_location (GstElement * pipeline, const gchar * name, const gchar * location)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), name);

  g_object_set (element, "location", location, NULL);
}

static GstElement *
make_pipeline (const gchar * line, const gchar * location)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);

  if (error != NULL)
    g_error ("%s: %s", line, error->message);
  set_location (pipeline, "file", location);
  return pipeline;
}

static void
dump_element (const gchar * location, gint size)
{
  /* a queue has no pull mode */
  g_autofree gchar *line = size == 0 ?
      g_strdup ("filesrc name=file ! pcapdec name=dec ! fakesink") :
      g_strdup_printf ("filesrc name=file blocksize=%d ! queue ! "
      "pcapdec name=dec ! fakesink", size);
  g_autoptr (GstElement) pipeline = make_pipeline (line, location);
  g_autoptr (GstElement) decoder =
      gst_bin_get_by_name (GST_BIN (pipeline), "dec");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (decoder, "src");
  gint link_type = -1;

  n_packets = 0;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_data, &link_type, NULL);
  run (pipeline);
}

static void
record (const gchar * location, const gchar * copy)
{
  g_autoptr (GstElement) pipeline =
      make_pipeline ("filesrc name=file ! pcapdec ! pcapsink name=sink",
      location);

  set_location (pipeline, "sink", copy);
  run (pipeline);
}

static gboolean
has_pcapdec (void)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find ("pcapdec");

  return factory != NULL;
}

int
main (int argc, char **argv)
{
  const gchar *mode;
  gint size = 0;

  gst_init (&argc, &argv);
  mode = argc > 1 ? argv[1] : "";
  if (strcmp (mode, "--library") != 0 && strcmp (mode, "--element") != 0
      && strcmp (mode, "--record") != 0
      && sscanf (mode, "--push=%d", &size) != 1) {
    g_printerr ("Usage: %s --library|--element|--push=SIZE FILE...\n"
        "       %s --record FILE COPY...\n", argv[0], argv[0]);
    return 2;
  }
  if (strcmp (mode, "--library") != 0 && !has_pcapdec ()) {
    g_printerr ("There is no element pcapdec\n");
    return SKIPPED;
  }
  for (gint i = 2; i < argc; i++) {
    alarm (SECONDS);
    if (strcmp (mode, "--library") == 0)
      dump_library (argv[i]);
    else if (strcmp (mode, "--record") != 0)
      dump_element (argv[i], size);
    else if (++i < argc)
      record (argv[i - 1], argv[i]);
    /* what comes next may crash */
    fflush (stdout);
  }
  return 0;
}
