/* gst-afring example: finds RTP on an interface, lists, shows and records it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 *   rtp-tap --interface eth0
 *   rtp-tap --interface eth0 --show first
 *   rtp-tap --interface eth0 --record 0x1234abcd call.pcapng
 *   rtp-tap --file call.pcapng --show 0x1234abcd
 *
 * The pipeline; what is in [] comes when a flow is chosen:
 *
 *   source ! tee ! queue [! packetfilter ! pcapsink]
 *            tee ! flowdemux [! rtpjitterbuffer ! decodebin ! a sink]
 *            tee ! fakesink
 * flowdemux counts, the streaming thread chooses, the main thread prints.
 */

#include <glib-unix.h>
#include <gst/afring/afring.h>
#include <gst/rtp/rtp.h>
#include <string.h>
#include <unistd.h>

/* That there is none is told at the end. */
#define DEMUX "flowdemux name=demux require-flow=false"
#define LIVE "afringsrc name=source ! tee name=tee " DEMUX
/* All flows of a file are in the last list. */
#define OFFLINE "filesrc name=source ! pcapdec ! tee name=tee " \
    DEMUX " flow-timeout=0 max-flows=4294967295"
/* It takes three packets to recognise RTP; they are to be recorded, too. While the
 * queue is blocked an allocation query would wait in it. A packet can hold a whole
 * block of the ring: not too many of them. */
#define BACKLOG "tee. ! identity drop-allocation=true " \
    "! queue name=backlog leaky=downstream " \
    "max-size-time=0 max-size-bytes=33554432 max-size-buffers=20000"
/* The fakesink hears last of the end: what flowdemux found is waited for, too. */
#define REST "tee. ! demux. " \
    "tee. ! fakesink sync=false async=false enable-last-sample=false"
#define SHOW "rtpjitterbuffer name=jitter ! decodebin ! %s"
#define VIDEO_SINK "videoconvert ! autovideosink"
#define AUDIO_SINK "audioconvert ! audioresample ! autoaudiosink"

#define END_TIMEOUT 5           /* seconds; to show a file can take minutes */

/* as good as any: video */
#define GUESSED_CAPS "application/x-rtp, clock-rate=(int)90000"

static gchar *interface, *file, *caps_text, *sink_text, **record_file;
static gchar *show, *record;    /* NULL: not wanted, or chosen */
static gdouble duration, list_interval = 1;

static GstElement *pipeline, *demux, *backlog;
static GstPad *shown_pad, *recorded_pad;        /* atomic */
static gulong backlog_block;
static GstCaps *said_caps;
static GMainLoop *loop;
static gint status;

static const GOptionEntry options[] = {
  {"interface", 'i', 0, G_OPTION_ARG_STRING, &interface,
      "Listen on this one or on \"any\"; else on the first that is up", "NAME"},
  {"file", 'f', 0, G_OPTION_ARG_FILENAME, &file,
      "Read a pcap or pcapng file instead", "FILE"},
  {"duration", 'd', 0, G_OPTION_ARG_DOUBLE, &duration,
      "End after so long", "SECONDS"},
  {"show", 's', 0, G_OPTION_ARG_STRING, &show,
      "Show or play the flow with this SSRC", "SSRC|first"},
  {"record", 'r', 0, G_OPTION_ARG_STRING, &record,
      "Record the flow with this SSRC into FILE", "SSRC|first"},
  {"caps", 'c', 0, G_OPTION_ARG_STRING, &caps_text,
      "What payload types from 96 on are, such as application/x-rtp,payload=96,"
        "media=video,clock-rate=90000,encoding-name=VP8; without payload for "
        "any, several with \";\" between", "CAPS"},
  {"sink", 0, 0, G_OPTION_ARG_STRING, &sink_text,
      "Show with these, written as for gst-launch-1.0", "ELEMENTS"},
  {"list-interval", 'l', 0, G_OPTION_ARG_DOUBLE, &list_interval,
      "List so often (1); 0: at the end only", "SECONDS"},
  {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &record_file, NULL,
      "[FILE]"},
  {NULL}
};

/* The format is for two addresses and ports. */
static gchar *
format_flow (const GstStructure * flow, const gchar * format)
{
  guint src_port, dst_port;

  gst_structure_get (flow, "src-port", G_TYPE_UINT, &src_port,
      "dst-port", G_TYPE_UINT, &dst_port, NULL);
  return g_strdup_printf (format, gst_structure_get_string (flow, "src-ip"),
      src_port, gst_structure_get_string (flow, "dst-ip"), dst_port);
}

static guint64
get_number (const GstStructure * structure, const gchar * field)
{
  guint64 value = 0;

  gst_structure_get_uint64 (structure, field, &value);
  return value;
}

static const GstStructure *
get_structure (const GValue * list, guint i)
{
  return gst_value_get_structure (gst_value_list_get_value (list, i));
}

static gboolean
is_pad (const GstStructure * flow, GstPad ** pad)
{
  GstPad *now = g_atomic_pointer_get (pad);

  return now != NULL && g_strcmp0 (GST_PAD_NAME (now),
      gst_structure_get_string (flow, "pad")) == 0;
}

/* The longest time between two packets, and what is not as it should be. */
static void
print_details (const GstStructure * stream)
{
  static const struct
  {
    const gchar *field, *text;
  } details[] = {
    {"lost-by-capture", "lost by the capture"},
    {"lost-by-network", "lost by the network"},
    {"bursts", "bursts"},
    {"largest-gap", "in the longest"},
    {"reordered", "late"},
    {"duplicates", "twice"},
    {"restarts", "restarts"},
  };

  g_print ("  %.1f ms at most, mean jitter %.3f",
      get_number (stream, "max-delta") / 1e6,
      get_number (stream, "mean-jitter") / 1e6);
  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    if (get_number (stream, details[i].field) > 0)
      g_print (", %" G_GUINT64_FORMAT " %s",
          get_number (stream, details[i].field), details[i].text);
  g_print ("\n");
}

static const gchar *
get_encoding (gint payload_type)
{
  const GstRTPPayloadInfo *info = gst_rtp_payload_info_for_pt (payload_type);

  for (guint i = 0; i < gst_caps_get_size (said_caps); i++) {
    const GstStructure *caps = gst_caps_get_structure (said_caps, i);
    const gchar *name = gst_structure_get_string (caps, "encoding-name");
    gint payload = info != NULL ? -1 : payload_type;

    gst_structure_get_int (caps, "payload", &payload);
    if (payload == payload_type && name != NULL)
      return name;
  }
  return info != NULL ? info->encoding_name : "?";
}

static void
print_stream (const GstStructure * flow, const GstStructure * stream)
{
  guint64 packets = get_number (stream, "packets");
  guint64 lost = get_number (stream, "lost");
  guint64 expected = packets + lost - get_number (stream, "duplicates");
  g_autofree gchar *text = format_flow (flow, "%s port %u -> %s port %u");
  gint payload_type = 0, clock_rate = 0;
  guint ssrc = 0;

  gst_structure_get_uint (stream, "ssrc", &ssrc);
  gst_structure_get_int (stream, "payload", &payload_type);
  gst_structure_get_int (stream, "clock-rate", &clock_rate);
  g_print ("%c%c 0x%08x %3d %9" G_GUINT64_FORMAT " %7" G_GUINT64_FORMAT
      " %6.2f %9.3f  %s/%d %s",
      is_pad (flow, &shown_pad) ? 'S' : ' ',
      is_pad (flow, &recorded_pad) ? 'R' : ' ', ssrc, payload_type, packets,
      lost, 100.0 * lost / MAX (expected, 1),
      get_number (stream, "jitter") / 1e6, get_encoding (payload_type),
      clock_rate, text);
  print_details (stream);
}

static gint
compare_flows (gconstpointer a, gconstpointer b)
{
  guint64 first = get_number (*(const GstStructure **) a, "first-time");
  guint64 second = get_number (*(const GstStructure **) b, "first-time");

  return first < second ? -1 : first > second;
}

/* Those of RTP, the oldest first. */
static GPtrArray *
find_flows (const GstStructure * stats)
{
  const GValue *all = gst_structure_get_value (stats, "flows");
  GPtrArray *flows = g_ptr_array_new ();

  for (guint i = 0; i < gst_value_list_get_size (all); i++)
    if (gst_structure_has_field (get_structure (all, i), "streams"))
      g_ptr_array_add (flows, (gpointer) get_structure (all, i));
  g_ptr_array_sort (flows, compare_flows);
  return flows;
}

static gboolean
print_list (gpointer user_data)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GPtrArray) flows = NULL;
  gboolean hardware = TRUE, one;

  g_object_get (demux, "stats", &stats, NULL);
  flows = find_flows (stats);
  if (isatty (STDOUT_FILENO))
    g_print ("\033[H\033[J");
  g_print ("   %-10s  PT   packets    lost      %% jitter/ms  what\n", "SSRC");
  for (guint i = 0; i < flows->len; i++) {
    const GstStructure *flow = g_ptr_array_index (flows, i);
    const GValue *streams = gst_structure_get_value (flow, "streams");

    hardware &= gst_structure_get_boolean (flow, "hardware-time", &one) && one;
    for (guint j = 0; j < gst_value_list_get_size (streams); j++)
      print_stream (flow, get_structure (streams, j));
  }
  if (flows->len > 0)
    g_print ("   Times are %s.\n", hardware ? "those of the adapter" :
        "those of software: jitter is that of this machine, too");
  return G_SOURCE_CONTINUE;
}

static gboolean
choose (gchar ** wanted, guint32 ssrc, GstPad ** chosen, GstPad * pad)
{
  if (*wanted == NULL || (strcmp (*wanted, "first") != 0
          && g_ascii_strtoull (*wanted, NULL, 0) != ssrc))
    return FALSE;
  g_clear_pointer (wanted, g_free);
  g_atomic_pointer_set (chosen, gst_object_ref (pad));
  return TRUE;
}

static void
start_recording (GstPad * pad, gboolean tagged)
{
  GstElement *filter = gst_element_factory_make ("packetfilter", NULL);
  GstElement *sink = gst_element_factory_make ("pcapsink", NULL);
  g_autoptr (GstPad) held = gst_element_get_static_pad (backlog, "src");
  g_autofree gchar *flow = format_flow (g_object_get_data (G_OBJECT (pad),
          "flow"), "udp and src host %s and "
      "src port %u and dst host %s and dst port %u");
  /* behind one VLAN tag or two */
  g_autofree gchar *expression =
      g_strdup_printf (tagged ? "vlan and (%s or (vlan and %s))" : "%s", flow,
      flow);

  g_object_set (filter, "filter", expression, NULL);
  g_object_set (sink, "location", record_file[0], NULL);
  gst_bin_add_many (GST_BIN (pipeline), filter, sink, NULL);
  gst_element_link_many (backlog, filter, sink, NULL);
  gst_element_sync_state_with_parent (sink);
  gst_element_sync_state_with_parent (filter);
  /* from now on packets wait instead of being dropped */
  gst_util_set_object_arg (G_OBJECT (backlog), "leaky", "no");
  gst_pad_remove_probe (held, backlog_block);
}

static void
start_showing (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const gchar *media = gst_structure_get_string (structure, "media");
  g_autofree gchar *description =
      g_strdup_printf (SHOW, sink_text != NULL ? sink_text :
      g_strcmp0 (media, "video") == 0 ? VIDEO_SINK : AUDIO_SINK);
  g_autoptr (GstElement) jitter = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *bin;

  if (!gst_structure_has_field (structure, "encoding-name")) {
    GST_ELEMENT_ERROR (demux, STREAM, TYPE_NOT_FOUND, ("This payload type can "
            "be anything: say with --caps what it is"), (NULL));
    return;
  }
  bin = gst_parse_bin_from_description (description, FALSE, &error);
  if (error != NULL)
    GST_ELEMENT_ERROR (demux, CORE, MISSING_PLUGIN, ("%s", error->message),
        (NULL));
  if (bin == NULL)
    return;
  /* that it waits for data makes nothing else wait */
  g_object_set (bin, "async-handling", TRUE, NULL);
  gst_bin_add (GST_BIN (pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  jitter = gst_bin_get_by_name (GST_BIN (bin), "jitter");
  gst_element_link_pads (demux, GST_PAD_NAME (pad), jitter, NULL);
}

static void
take_packet (GstPad * pad, GstBuffer * buffer)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint32 ssrc;

  if (record == NULL || !gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp))
    return;
  ssrc = gst_rtp_buffer_get_ssrc (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  if (choose (&record, ssrc, &recorded_pad, pad))
    start_recording (pad, meta->flags & GST_PACKET_FLAG_VLAN);
}

static GstPadProbeReturn
take_packets (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    take_packet (pad, GST_PAD_PROBE_INFO_BUFFER (info));
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      take_packet (pad, gst_buffer_list_get (list, i));
  }
  return GST_PAD_PROBE_OK;
}

/* A probe sees the packets of a pad that nothing is linked to, too. */
static void
add_flow (GstElement * element, GstPad * pad, const GstStructure * flow)
{
  const GValue *streams = gst_structure_get_value (flow, "streams");

  if (streams == NULL)
    return;
  g_object_set_data_full (G_OBJECT (pad), "flow", gst_structure_copy (flow),
      (GDestroyNotify) gst_structure_free);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, take_packets, NULL, NULL);
  for (guint i = 0; i < gst_value_list_get_size (streams); i++) {
    guint ssrc;

    if (gst_structure_get_uint (get_structure (streams, i), "ssrc", &ssrc)
        && choose (&show, ssrc, &shown_pad, pad))
      start_showing (pad);
  }
}

/* Caps without a payload type are for all that mean nothing by themselves. */
static GstCaps *
request_pt_map (GstElement * element, guint ssrc, guint payload_type)
{
  gboolean is_static = gst_rtp_payload_info_for_pt (payload_type) != NULL;

  for (guint i = 0; i < gst_caps_get_size (said_caps); i++) {
    gint payload = is_static ? -1 : (gint) payload_type;

    gst_structure_get_int (gst_caps_get_structure (said_caps, i), "payload",
        &payload);
    if (payload == (gint) payload_type)
      return gst_caps_copy_nth (said_caps, i);
  }
  return is_static ? NULL : gst_caps_from_string (GUESSED_CAPS);
}

static gboolean
quit (gpointer user_data)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* What is under way is still recorded; a second interrupt does not wait for it. */
static gboolean
end (gpointer user_data)
{
  gst_element_send_event (pipeline, gst_event_new_eos ());
  g_timeout_add_seconds (END_TIMEOUT, quit, NULL);
  return G_SOURCE_REMOVE;
}

static const gchar *
get_advice (const GError * error)
{
  if (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NOT_AUTHORIZED))
    return "PROGRAM is rtp-tap; \"sudo rtp-tap\" is another way.";
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
    return file != NULL ? file : "\"ip link\" lists interfaces.";
  return "";
}

static gboolean
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("Error: %s %s\n", error->message, get_advice (error));
    status = 1;
    /* other errors come of it */
    return quit (NULL);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    gst_message_parse_warning (message, &error, NULL);
    g_printerr ("Warning: %s\n", error->message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY) {
    gst_bin_recalculate_latency (GST_BIN (pipeline));
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    quit (NULL);
  }
  return G_SOURCE_CONTINUE;
}

static void
run (void)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  loop = g_main_loop_new (NULL, FALSE);
  gst_bus_add_watch (bus, take_message, NULL);
  g_unix_signal_add (SIGINT, end, NULL);
  g_unix_signal_add (SIGTERM, end, NULL);
  if (duration > 0)
    g_timeout_add (duration * 1000, end, NULL);
  if (list_interval > 0)
    g_timeout_add (list_interval * 1000, print_list, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_main_loop_run (loop);
  if (status == 0)
    print_list (NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
set_up_pipeline (void)
{
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "source");

  demux = gst_bin_get_by_name (GST_BIN (pipeline), "demux");
  g_signal_connect (demux, "new-flow", G_CALLBACK (add_flow), NULL);
  g_signal_connect (demux, "request-pt-map", G_CALLBACK (request_pt_map), NULL);
  g_object_set (source, file != NULL ? "location" : "interface",
      file != NULL ? file : interface, NULL);
  backlog = gst_bin_get_by_name (GST_BIN (pipeline), "backlog");
  if (backlog != NULL) {
    g_autoptr (GstPad) held = gst_element_get_static_pad (backlog, "src");

    backlog_block = gst_pad_add_probe (held,
        GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, NULL, NULL, NULL);
  }
}

static gboolean
parse_options (int *argc, char ***argv, GError ** error)
{
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- find RTP on an interface");

  g_option_context_add_main_entries (context, options, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  said_caps = gst_caps_from_string (caps_text != NULL ? caps_text : "EMPTY");
  if (said_caps == NULL)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "These are no caps: %s", caps_text);
  else if ((record != NULL) != (record_file != NULL))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--record, and nothing else, takes a FILE");
  return *error == NULL;
}

int
main (int argc, char **argv)
{
  g_autofree gchar *description = NULL;
  g_autoptr (GError) error = NULL;

  if (parse_options (&argc, &argv, &error)) {
    description = g_strjoin (" ", file != NULL ? OFFLINE : LIVE,
        record != NULL ? BACKLOG : "", REST, NULL);
    pipeline = gst_parse_launch (description, &error);
  }
  if (error != NULL) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  set_up_pipeline ();
  run ();
  if (status == 0 && (show != NULL || record != NULL)) {
    g_printerr ("No RTP with SSRC %s\n", show != NULL ? show : record);
    status = 1;
  }
  return status;
}
