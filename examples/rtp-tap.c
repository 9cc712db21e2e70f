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
 *
 * The streaming thread counts packets and chooses, the main thread prints.
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

/* A sequence number further ahead or behind is neither loss nor late, but another
 * beginning (RFC 3550 appendix A.1). */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100

#define MAX_STREAMS 1000        /* noise can have SSRCs without end */
#define END_TIMEOUT 5           /* seconds; to show a file can take minutes */

/* Packets of one SSRC in a flow. */
typedef struct
{
  GstPad *pad;                  /* of the flow, there as long as this */
  guint32 ssrc;
  guint payload_type;
  const gchar *encoding;
  gint clock_rate;
  guint64 packets;

  guint16 max_sequence;
  guint64 expected;

  gboolean has_transit;
  guint32 transit;              /* in units of the clock rate, as the next */
  gdouble jitter;
} Stream;

static gchar *interface, *file, *caps_text, *sink_text, **record_file;
static gchar *show, *record;    /* NULL: not wanted, or chosen */
static gdouble duration, list_interval = 1;

static GstElement *pipeline, *demux, *backlog;
static GstPad *shown_pad, *recorded_pad;        /* atomic */
static gulong backlog_block;
static GstCaps *said_caps;
static GMainLoop *loop;
static gint status;

static GMutex lock;
static GPtrArray *streams;      /* with the lock */

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
format_flow (GstPad * pad, const gchar * format)
{
  const GstStructure *flow = g_object_get_data (G_OBJECT (pad), "flow");
  guint src_port, dst_port;

  gst_structure_get (flow, "src-port", G_TYPE_UINT, &src_port,
      "dst-port", G_TYPE_UINT, &dst_port, NULL);
  return g_strdup_printf (format, gst_structure_get_string (flow, "src-ip"),
      src_port, gst_structure_get_string (flow, "dst-ip"), dst_port);
}

static Stream *
stream_new (GstPad * pad, guint32 ssrc, guint payload_type)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const gchar *encoding = gst_structure_get_string (structure, "encoding-name");
  Stream *self = g_new0 (Stream, 1);

  self->pad = pad;
  self->ssrc = ssrc;
  self->payload_type = payload_type;
  self->encoding = g_intern_string (encoding != NULL ? encoding : "?");
  if (!gst_structure_get_int (structure, "clock-rate", &self->clock_rate))
    self->clock_rate = 90000;   /* as good a guess as any: that of video */
  return self;
}

/* RFC 3550 appendix A.3: as many are expected as the extended number has grown. */
static void
stream_count_sequence (Stream * self, guint16 sequence)
{
  guint16 ahead = sequence - self->max_sequence;

  if (self->packets++ == 0 || (ahead > MAX_DROPOUT
          && ahead < G_MAXUINT16 - MAX_MISORDER)) {
    self->expected++;
    self->max_sequence = sequence;
    self->has_transit = FALSE;
  } else if (ahead <= MAX_DROPOUT) {
    self->expected += ahead;
    self->max_sequence = sequence;
  }
}

/* Appendix A.8, modulo 2^32 as timestamps are. */
static void
stream_count_jitter (Stream * self, guint32 timestamp, GstClockTime time)
{
  guint32 transit = gst_util_uint64_scale (time, self->clock_rate, GST_SECOND)
      - timestamp;
  gint32 difference = transit - self->transit;

  if (self->has_transit)
    self->jitter += (ABS ((gdouble) difference) - self->jitter) / 16;
  self->has_transit = TRUE;
  self->transit = transit;
}

static void
stream_print (gpointer data, gpointer user_data)
{
  const Stream *self = data;
  gint64 lost = self->expected - self->packets;
  g_autofree gchar *flow = format_flow (self->pad, "%s port %u -> %s port %u");

  g_print ("%c%c 0x%08x %3u %9" G_GUINT64_FORMAT " %7" G_GINT64_FORMAT
      " %6.2f %9.3f  %s/%d %s\n",
      self->pad == g_atomic_pointer_get (&shown_pad) ? 'S' : ' ',
      self->pad == g_atomic_pointer_get (&recorded_pad) ? 'R' : ' ',
      self->ssrc, self->payload_type, self->packets, lost,
      100.0 * lost / self->expected,
      self->jitter * 1000 / self->clock_rate, self->encoding, self->clock_rate,
      flow);
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
  g_autofree gchar *flow = format_flow (pad, "udp and src host %s and "
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

/* With the lock. NULL if it is of none. */
static Stream *
get_stream (GstPad * pad, GstRTPBuffer * rtp)
{
  guint payload_type = gst_rtp_buffer_get_payload_type (rtp);
  guint32 ssrc = gst_rtp_buffer_get_ssrc (rtp);

  for (guint i = 0; i < streams->len; i++) {
    Stream *stream = g_ptr_array_index (streams, i);

    if (stream->pad == pad && stream->ssrc == ssrc)
      return stream;
  }
  if (streams->len == MAX_STREAMS)
    return NULL;
  g_ptr_array_add (streams, stream_new (pad, ssrc, payload_type));
  return g_ptr_array_index (streams, streams->len - 1);
}

static void
take_packet (GstPad * pad, GstBuffer * buffer)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint payload_type;
  Stream *stream;

  if (!gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp))
    return;
  payload_type = gst_rtp_buffer_get_payload_type (&rtp);
  g_mutex_lock (&lock);
  /* 72 to 79 are RTCP on the port of RTP (RFC 5761) */
  stream = payload_type / 8 != 9 ? get_stream (pad, &rtp) : NULL;
  if (stream != NULL) {
    stream_count_sequence (stream, gst_rtp_buffer_get_seq (&rtp));
    /* others in between, such as telephone events, can have another clock */
    if (payload_type == stream->payload_type
        && GST_CLOCK_TIME_IS_VALID (meta->capture_time))
      stream_count_jitter (stream, gst_rtp_buffer_get_timestamp (&rtp),
          meta->capture_time);
  }
  g_mutex_unlock (&lock);
  gst_rtp_buffer_unmap (&rtp);
  if (stream != NULL && choose (&record, stream->ssrc, &recorded_pad, pad))
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
  guint ssrc;

  if (!gst_structure_get_uint (flow, "ssrc", &ssrc))
    return;
  g_object_set_data_full (G_OBJECT (pad), "flow", gst_structure_copy (flow),
      (GDestroyNotify) gst_structure_free);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, take_packets, NULL, NULL);
  if (choose (&show, ssrc, &shown_pad, pad))
    start_showing (pad);
}

static void
remove_flow (GstElement * element, GstPad * pad)
{
  g_mutex_lock (&lock);
  for (guint i = streams->len; i > 0; i--)
    if (((Stream *) g_ptr_array_index (streams, i - 1))->pad == pad)
      g_ptr_array_remove_index (streams, i - 1);
  g_mutex_unlock (&lock);
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
  return NULL;
}

static gboolean
print_list (gpointer user_data)
{
  if (isatty (STDOUT_FILENO))
    g_print ("\033[H\033[J");
  g_print ("   %-10s  PT   packets    lost      %% jitter/ms  what\n", "SSRC");
  g_mutex_lock (&lock);
  g_ptr_array_foreach (streams, stream_print, NULL);
  g_mutex_unlock (&lock);
  return G_SOURCE_CONTINUE;
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
  g_signal_connect (demux, "flow-removed", G_CALLBACK (remove_flow), NULL);
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
  streams = g_ptr_array_new_with_free_func (g_free);
  set_up_pipeline ();
  run ();
  if (status == 0 && (show != NULL || record != NULL)) {
    g_printerr ("No RTP with SSRC %s\n", show != NULL ? show : record);
    status = 1;
  }
  return status;
}
