/* pcapenc: streams of both formats, for whoever takes them from the beginning
 * or comes later, through files, pipes and sockets.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <unistd.h>

#define START G_GUINT64_CONSTANT (1700000000123456789)
#define PCAPNG "application/x-pcapng"
#define PCAP "raw/x-pcap"
#define PACKETS(link_type) \
    "application/x-packet, link-type=(int)" G_STRINGIFY (link_type)
/* Streams are in the byte order of this machine. */
#define U32(p) (G_BYTE_ORDER == G_LITTLE_ENDIAN ? GST_READ_UINT32_LE (p) : \
    GST_READ_UINT32_BE (p))

static gchar *folder;
static GstBus *bus;
static GstHarness *harness;
static GByteArray *stream;      /* all that came out */
static gsize header;            /* bytes of it that were marked as a header */

static void
setup (void)
{
  folder = folder_new (FALSE);
  bus = gst_bus_new ();
  stream = g_byte_array_new ();
  header = 0;
}

static void
teardown (void)
{
  folder_remove (folder);
  g_clear_pointer (&harness, gst_harness_teardown);
  g_byte_array_unref (stream);
  /* its messages hold the element, which holds it */
  gst_bus_set_flushing (bus, TRUE);
  gst_object_unref (bus);
}

static guint
many (guint n)
{
  return g_getenv ("AFRING_MEMCHECK") != NULL ? n / 10 : n;
}

static guint
length_of (guint n)
{
  return n * 31 % 700;
}

static GstBuffer *
make_packet (guint n, guint interface)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, length_of (n), NULL);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  gst_buffer_memset (buffer, 0, n, -1);
  GST_BUFFER_PTS (buffer) = n * GST_MSECOND;
  meta->capture_time = START + n;
  meta->wire_length = length_of (n) + n % 3;
  meta->interface_id = interface;
  return buffer;
}

static void
start (const gchar * caps, const gchar * properties)
{
  g_autofree gchar *line = g_strconcat ("pcapenc ", properties, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) element = gst_parse_launch (line, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_object_ref_sink (element);
  gst_element_set_bus (element, bus);
  harness = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_sink_caps_str (harness, caps);
  gst_harness_set_src_caps_str (harness, PACKETS (1));
}

/* Takes what has come out, in buffers of whole blocks or records. */
static void
take (void)
{
  GstBuffer *buffer;
  GstMapInfo map;

  while ((buffer = gst_harness_try_pull (harness)) != NULL) {
    gboolean marked = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER);
    gboolean pcapng;
    gsize at;

    fail_unless (marked || stream->len > 0);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_byte_array_append (stream, map.data, map.size);
    pcapng = U32 (stream->data) == 0x0a0d0d0a;
    for (at = marked && !pcapng ? 24 : 0; at + 12 <= map.size;)
      at += pcapng ? U32 (map.data + at + 4) : 16 + U32 (map.data + at + 8);
    fail_unless_equals_uint64 (at, map.size);
    header += marked ? map.size : 0;
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
}

static void
push (guint first, guint n, guint interface)
{
  for (guint i = first; i < first + n; i++) {
    gsize before = stream->len;

    fail_unless_equals_int (gst_harness_push (harness, make_packet (i,
                interface)), GST_FLOW_OK);
    take ();
    /* at once, for whoever watches */
    fail_unless (stream->len > before + length_of (i));
  }
}

static GByteArray *
get_stream_header (void)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (harness->sinkpad);
  const GValue *value = gst_structure_get_value (gst_caps_get_structure (caps,
          0), "streamheader");
  GByteArray *bytes = g_byte_array_new ();

  fail_unless (value != NULL && GST_VALUE_HOLDS_ARRAY (value));
  for (guint i = 0; i < gst_value_array_get_size (value); i++) {
    GstBuffer *buffer = gst_value_get_buffer (gst_value_array_get_value (value,
            i));
    GstMapInfo map;

    fail_unless (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER));
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_byte_array_append (bytes, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  return bytes;
}

/* Packets are those from number @first on; from @change on of link type 101 and
 * another interface. @unit: of timestamps. */
static guint
read_file (const gchar * name, guint first, guint change, guint unit)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (path, &error);
  GstPcapPacket packet;
  guint n;

  fail_unless (source != NULL, "%s", error ? error->message : "");
  for (n = first; gst_pcap_source_next (source, &packet, &error); n++) {
    fail_unless_equals_int (packet.captured_length, length_of (n));
    fail_unless_equals_int (packet.wire_length, length_of (n) + n % 3);
    fail_unless_equals_uint64 (packet.time, (START + n) / unit * unit);
    fail_unless_equals_int (packet.link_type, n < change ? 1 : 101);
    for (guint i = 0; i < packet.captured_length; i++) {
      fail_unless_equals_int (packet.data[i], n & 0xff);
    }
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s", error->message);
  return n - first;
}

static guint
read_bytes (const GByteArray * bytes, guint first, guint change, guint unit)
{
  g_autofree gchar *path = g_build_filename (folder, "stream", NULL);

  fail_unless (g_file_set_contents (path, (const gchar *) bytes->data,
          bytes->len, NULL));
  return read_file ("stream", first, change, unit);
}

static const struct
{
  const gchar *sink_caps, *caps, *properties;
  guint32 magic;
  guint unit;
} rows[] = {
  {PCAPNG, PCAPNG, "", 0x0a0d0d0a, 1},
  {PCAP, PCAP, "", 0xa1b23c4d, 1},
  {PCAP, PCAP, "timestamp-precision=microsecond", 0xa1b2c3d4, 1000},
  {"ANY", PCAPNG, "", 0x0a0d0d0a, 1},
};

/* What downstream takes decides; the stream begins with what the caps have, and
 * that is where somebody else can come in. */
GST_START_TEST (test_formats)
{
  g_autoptr (GByteArray) beginning = NULL;
  g_autoptr (GstCaps) caps = NULL;
  GstBufferList *list = gst_buffer_list_new ();
  gsize late;

  start (rows[__i__].sink_caps, rows[__i__].properties);
  push (0, 50, 3);
  late = stream->len;
  for (guint i = 50; i < 150; i++)
    gst_buffer_list_add (list, make_packet (i, 3));
  fail_unless_equals_int (gst_pad_push_list (harness->srcpad, list),
      GST_FLOW_OK);
  push (150, 50, 3);
  caps = gst_pad_get_current_caps (harness->sinkpad);
  fail_unless (gst_structure_has_name (gst_caps_get_structure (caps, 0),
          rows[__i__].caps));
  fail_unless_equals_int_hex (U32 (stream->data), rows[__i__].magic);
  fail_unless_equals_int (read_bytes (stream, 0, 999, rows[__i__].unit), 200);

  beginning = get_stream_header ();
  fail_unless_equals_int (beginning->len, header);
  fail_unless (memcmp (beginning->data, stream->data, header) == 0);
  g_byte_array_append (beginning, stream->data + late, stream->len - late);
  fail_unless_equals_int (read_bytes (beginning, 50, 999, rows[__i__].unit),
      150);
}
GST_END_TEST

/* Another interface of another link type, also for who comes later. */
GST_START_TEST (test_interfaces)
{
  GstCaptureInterface eth = {.id = 2,.link_type = 1,.name = "eth7" };
  g_autoptr (GByteArray) beginning = NULL;
  gsize late;

  start (PCAPNG, "");
  gst_harness_push_event (harness, gst_event_new_capture_interface (&eth));
  push (0, 50, 2);
  fail_unless (memmem (stream->data, stream->len, "eth7", 4) != NULL);
  gst_harness_set_src_caps_str (harness, PACKETS (101));
  push (50, 20, 3);
  late = stream->len;
  push (70, 30, 3);
  fail_unless_equals_int (read_bytes (stream, 0, 50, 1), 100);
  beginning = get_stream_header ();
  fail_unless (memmem (beginning->data, beginning->len, "eth7", 4) != NULL);
  g_byte_array_append (beginning, stream->data + late, stream->len - late);
  fail_unless_equals_int (read_bytes (beginning, 70, 50, 1), 30);
}
GST_END_TEST

GST_START_TEST (test_link_type_change)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  start (PCAP, "");
  push (0, 50, 2);
  gst_harness_set_src_caps_str (harness, PACKETS (101));
  fail_if (gst_harness_push (harness, make_packet (50, 3)) == GST_FLOW_OK);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless (GST_MESSAGE_SRC (message) == GST_OBJECT (harness->element));
  gst_message_parse_error (message, &error, NULL);
  fail_unless (error->domain == GST_STREAM_ERROR
      && strstr (error->message, "link type"), "%s", error->message);
  take ();
  fail_unless_equals_int (read_bytes (stream, 0, 999, 1), 50);
}
GST_END_TEST

/* At the end: how complete it is. */
GST_START_TEST (test_statistics)
{
  GstCaptureStatistics statistics = {.id = 2,.start_time = 1,.time = 2,
    .packets_received = 10,.packets_dropped = 0x1122334455667788
  };
  guint64 dropped = statistics.packets_dropped;
  gsize before;

  start (PCAPNG, "");
  push (0, 10, 2);
  gst_harness_push_event (harness,
      gst_event_new_capture_statistics (&statistics));
  take ();
  before = stream->len;
  fail_unless (gst_harness_push_event (harness, gst_event_new_eos ()));
  take ();
  fail_unless (stream->len > before + 12);
  fail_unless_equals_int (U32 (stream->data + before), 5);
  fail_unless (memmem (stream->data + before, stream->len - before, &dropped,
          8) != NULL);
  fail_unless_equals_int (read_bytes (stream, 0, 999, 1), 10);
}
GST_END_TEST

/* Whole pipelines. */

static GstElement *
make_pipeline (const gchar * format, ...)
{
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *pipeline;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  return pipeline;
}

static void
end_at_eos (GstElement * pipeline)
{
  g_autoptr (GstBus) pipeline_bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (pipeline_bus,
      8 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message != NULL);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

#define SOURCE "appsrc name=src is-live=true format=time caps=\"" PACKETS (1) \
    "\" ! pcapenc ! "

static void
push_into (GstElement * pipeline, guint first, guint n, gboolean eos)
{
  g_autoptr (GstElement) src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstFlowReturn ret;

  for (guint i = first; i < first + n; i++) {
    g_autoptr (GstBuffer) buffer = make_packet (i, 2);

    g_signal_emit_by_name (src, "push-buffer", buffer, &ret);
    fail_unless_equals_int (ret, GST_FLOW_OK);
  }
  if (eos)
    g_signal_emit_by_name (src, "end-of-stream", &ret);
}

/* Into one file, into the recorder, and into many files. */
GST_START_TEST (test_files)
{
  static const gchar *sinks[] = { "filesink location=%s/0",
    PCAPNG " ! pcapsink location=%s/0",
    PCAP " ! pcapsink location=%s/0 format=pcap",
    "multifilesink next-file=max-size max-file-size=20000 location=%s/%%d",
    PCAP " ! multifilesink next-file=max-size max-file-size=20000 "
        "location=%s/%%d"
  };
  g_autofree gchar *sink = g_strdup_printf (sinks[__i__], folder);
  GstElement *pipeline = make_pipeline (SOURCE "%s", sink);
  guint n = 0, n_files;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_into (pipeline, 0, many (1000), TRUE);
  end_at_eos (pipeline);
  for (n_files = 0; n < many (1000); n_files++) {
    g_autofree gchar *name = g_strdup_printf ("%u", n_files);

    n += read_file (name, n, 9999, 1);
  }
  fail_unless_equals_int (n, many (1000));
  fail_unless (__i__ < 3 ? n_files == 1 : n_files > n * 300 / 20000);
}
GST_END_TEST

static void
count_buffer (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer n)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  fail_unless (meta == NULL || (meta->capture_time == START + *(guint *) n
          && gst_buffer_get_size (buffer) == length_of (*(guint *) n)));
  g_atomic_int_inc ((gint *) n);
}

/* Plays what counts the buffers that come to the sink. */
static GstElement *
count (GstElement * pipeline, gint * n)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline),
      "sink");

  g_signal_connect (sink, "handoff", G_CALLBACK (count_buffer), n);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return pipeline;
}

GST_START_TEST (test_pcapparse)
{
  gint n = 0;
  GstElement *pipeline = count (make_pipeline ("afringmocksrc num-buffers=500 "
          "! pcapenc ! pcapparse ! fakesink name=sink signal-handoffs=true"),
      &n);

  end_at_eos (pipeline);
  fail_unless_equals_int (n, 500);
}
GST_END_TEST

#define RECEIVER " ! pcapdec ! fakesink name=sink signal-handoffs=true " \
    "sync=false"

GST_START_TEST (test_pipe)
{
  GstElement *from, *to;
  gint n = 0, fds[2];

  fail_unless_equals_int (pipe (fds), 0);
  from = make_pipeline (SOURCE "%s ! fdsink fd=%d", rows[__i__].caps, fds[1]);
  to = count (make_pipeline ("fdsrc fd=%d" RECEIVER, fds[0]), &n);
  gst_element_set_state (from, GST_STATE_PLAYING);
  push_into (from, 0, many (1000), TRUE);
  end_at_eos (from);
  close (fds[1]);
  end_at_eos (to);
  fail_unless_equals_int (n, many (1000));
  close (fds[0]);
}
GST_END_TEST

/* Polls until a number is there: of packets, or else of clients. */
static void
wait_for (gint * n, GstElement * server, gint expected)
{
  for (guint i = 0; g_atomic_int_get (n) < expected && i < 1600; i++) {
    g_usleep (5000);
    if (server != NULL)
      g_object_get (server, "num-handles", n, NULL);
  }
  fail_unless_equals_int (g_atomic_int_get (n), expected);
}

/* Two that come at different times. tcpserversink does not free the headers that it has
 * sent (GStreamer 1.22), of which the tracer warns. */
GST_START_TEST (test_tcp)
{
  GstElement *from = make_pipeline (SOURCE "%s ! tcpserversink name=server "
      "host=127.0.0.1 port=0", rows[__i__].caps), *clients[2];
  g_autoptr (GstElement) server = gst_bin_get_by_name (GST_BIN (from),
      "server");
  gint n[] = { 0, 100 }, n_clients = 0, port;

  gst_element_set_state (from, GST_STATE_PLAYING);
  g_object_get (server, "current-port", &port, NULL);
  for (guint i = 0; i < 2; i++) {
    clients[i] = count (make_pipeline ("tcpclientsrc host=127.0.0.1 port=%d"
            RECEIVER, port), &n[i]);
    wait_for (&n_clients, server, i + 1);
    push_into (from, i * 100, 100, FALSE);
    wait_for (&n[0], NULL, i * 100 + 100);
  }
  wait_for (&n[1], NULL, 200);
  gst_element_set_state (from, GST_STATE_NULL);
  gst_object_unref (from);
  for (guint i = 0; i < 2; i++) {
    end_at_eos (clients[i]);
  }
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  _gst_check_expecting_log = TRUE;
}
GST_END_TEST

static Suite *
pcapenc_suite (void)
{
  Suite *suite = suite_create ("pcapenc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_formats, 0, 4);
  tcase_add_test (tc, test_interfaces);
  tcase_add_test (tc, test_link_type_change);
  tcase_add_test (tc, test_statistics);
  tcase_add_loop_test (tc, test_files, 0, 5);
  tcase_add_test (tc, test_pcapparse);
  tcase_add_loop_test (tc, test_pipe, 0, 2);
  /* what tcpserversink leaks */
  if (g_getenv ("AFRING_MEMCHECK") == NULL)
    tcase_add_loop_test (tc, test_tcp, 0, 2);
  return suite;
}

GST_CHECK_MAIN (pcapenc)
