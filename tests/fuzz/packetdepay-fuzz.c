/* Pushes packets that have been spoilt at random through packetdepay and
 * flowdemux: they may make nothing of them, but must not crash, read past the
 * end (build with -fsanitize=address), complain or stop the stream.
 *
 * packetdepay-fuzz ITERATIONS SEED FILE..., where files are classic pcap ones.
 * The same arguments give the same packets.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/check/gstharness.h>
#include <stdlib.h>
#include <string.h>

/* packets that one pair of elements gets before the next pair */
#define ROUND 2000

#define FAIL(...) G_STMT_START { \
  g_printerr ("iteration %u: ", iteration); \
  g_printerr (__VA_ARGS__); \
  g_printerr ("\n"); \
  abort (); \
} G_STMT_END

typedef struct
{
  gint link_type;
  GByteArray *data;
} Packet;

static guint iteration;
static GRand *dice;
/* Packet */
static GPtrArray *packets;

static const gint link_types[] =
    { 0, 1, 9, 12, 14, 50, 51, 101, 105, 108, 113, 127, 228, 229, 276, 65535 };

static const guint16 words[] = { 0, 1, 7, 8, 19, 20, 39, 40, 0x7fff, 0x8000,
  0xffff, 0x0800, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8864, 0x0021, 0x0057,
  0x2000, 0x3fff, 0x4500, 0x6000
};

static guint
roll (guint sides)
{
  return g_rand_int (dice) % sides;
}

static void
packet_free (Packet * self)
{
  g_byte_array_unref (self->data);
  g_free (self);
}

/* As much of the file as makes sense. */
static void
read_packets (const gchar * path)
{
  g_autofree gchar *contents = NULL;
  const guint8 *data;
  gsize size, at = 24;
  gboolean swapped;

  if (!g_file_get_contents (path, &contents, &size, NULL) || size < at)
    return;
  data = (const guint8 *) contents;
  switch (GST_READ_UINT32_LE (data)) {
    case 0xa1b2c3d4:
    case 0xa1b23c4d:
      swapped = FALSE;
      break;
    case 0xd4c3b2a1:
    case 0x4d3cb2a1:
      swapped = TRUE;
      break;
    default:
      return;
  }
#define READ(p) (swapped ? GST_READ_UINT32_BE (p) : GST_READ_UINT32_LE (p))
  while (at + 16 <= size) {
    guint32 length = READ (data + at + 8);
    Packet *packet;

    at += 16;
    if (length > size - at)
      return;
    packet = g_new (Packet, 1);
    packet->link_type = READ (data + 20) & 0xffff;
    packet->data = g_byte_array_new ();
    g_byte_array_append (packet->data, data + at, length);
    g_ptr_array_add (packets, packet);
    at += length;
  }
#undef READ
}

/* Somewhere in the packet, where the headers are more often than not. */
static guint
place (const GByteArray * data)
{
  return roll (roll (4) ? MIN (data->len, 90) : data->len);
}

static void
spoil (GByteArray * data)
{
  const GByteArray *other;
  guint at, n;

  if (data->len == 0)
    return;
  at = place (data);
  switch (roll (9)) {
    case 0:
    case 1:
      data->data[at] ^= 1 << roll (8);
      break;
    case 2:
      data->data[at] = roll (256);
      break;
    case 3:
      data->data[at] = roll (2) ? 0xff : 0;
      break;
    case 4:
    case 5:
      /* what is two bytes long is at an even place */
      at &= ~1u;
      if (at + 2 <= data->len) {
        guint16 word = roll (4) ? words[roll (G_N_ELEMENTS (words))] :
            data->len - roll (60);

        GST_WRITE_UINT16_BE (data->data + at, word);
      }
      break;
    case 6:
      g_byte_array_set_size (data, roll (2) ? at : roll (data->len + 1));
      break;
    case 7:
      n = roll (64);
      g_byte_array_set_size (data, data->len + n);
      memmove (data->data + at + n, data->data + at, data->len - at - n);
      for (guint i = 0; i < n; i++)
        data->data[at + i] = roll (256);
      break;
    default:
      other = ((Packet *) g_ptr_array_index (packets,
              roll (packets->len)))->data;
      n = roll (64);
      n = MIN (n, data->len - at);
      if (other->len > n)
        memcpy (data->data + at, other->data + roll (other->len - n), n);
      break;
  }
}

/* Each memory ends where its bytes end, so that a read past it is seen. */
static GstBuffer *
make_buffer (const GByteArray * data)
{
  GstBuffer *buffer = gst_buffer_new ();
  guint at = 0;

  while (at < data->len) {
    guint n = roll (8) ? data->len - at : 1 + roll (data->len - at);
    guint8 *bytes;

    if (gst_buffer_n_memory (buffer) == 3)
      n = data->len - at;
    bytes = g_memdup2 (data->data + at, n);
    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (roll (2) ? GST_MEMORY_FLAG_READONLY : 0, bytes,
            n, 0, n, bytes, g_free));
    at += n;
  }
  return buffer;
}

static GstBuffer *
make_packet (const Packet * packet)
{
  static GstClockTime now = 1700000000 * GST_SECOND;
  g_autoptr (GByteArray) data = g_byte_array_new ();
  GstBuffer *buffer;

  g_byte_array_append (data, packet->data->data, packet->data->len);
  /* whole ones too, or no datagram would ever be complete */
  for (guint i = roll (3) ? roll (4) : 0; i > 0; i--)
    spoil (data);
  buffer = make_buffer (data);

  now += roll (1000) ? roll (10000000) : 100 * GST_SECOND;
  if (roll (50))
    GST_BUFFER_PTS (buffer) = now;
  if (roll (50)) {
    GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

    meta->capture_time = roll (50) ? now : GST_CLOCK_TIME_NONE;
    meta->wire_length = roll (4) ? packet->data->len : roll (100000);
    meta->packet_type = roll (5);
    meta->network_offset = roll (8) ? 255 : roll (256);
    meta->flags = roll (32);
  }
  return buffer;
}

/* of all bytes that came out: each has been read */
static guint64 sum;

static void
check_payload (GstBuffer * buffer)
{
  GstMapInfo map;

  if (gst_buffer_get_size (buffer) > 65535 + 65535)
    FAIL ("a payload of %" G_GSIZE_FORMAT " bytes",
        gst_buffer_get_size (buffer));
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    FAIL ("a payload that cannot be mapped");
  for (gsize i = 0; i < map.size; i++)
    sum += map.data[i];
  gst_buffer_unmap (buffer, &map);
}

static GstFlowReturn
chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  check_payload (buffer);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
drop_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

/* Takes what a flow brings; every fourth is left without a peer. */
static void
pad_added (GstElement * element, GstPad * pad, gpointer user_data)
{
  static guint n;
  GstPad *sink;

  if (++n % 4 == 0)
    return;
  sink = gst_object_ref_sink (gst_pad_new ("sink", GST_PAD_SINK));
  gst_pad_set_chain_function (sink, chain);
  gst_pad_set_event_function (sink, drop_event);
  gst_pad_set_active (sink, TRUE);
  if (gst_pad_link (pad, sink) != GST_PAD_LINK_OK)
    FAIL ("a flow's pad that cannot be linked");
  g_object_set_data_full (G_OBJECT (pad), "peer", sink, gst_object_unref);
}

static void
check_messages (GstBus * bus)
{
  GstMessage *message;

  while ((message = gst_bus_pop (bus))) {
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      g_autoptr (GError) error = NULL;

      gst_message_parse_error (message, &error, NULL);
      FAIL ("error message: %s", error->message);
    }
    gst_message_unref (message);
  }
}

static void
push_caps (GstHarness * h, gint link_type)
{
  g_autofree gchar *caps =
      g_strdup_printf ("application/x-packet, link-type=(int)%d", link_type);

  gst_harness_set_src_caps_str (h, caps);
}

static void
push (GstHarness * h, GPtrArray * buffers)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GstBuffer *payload;

  if (buffers->len == 1) {
    flow = gst_pad_push (h->srcpad,
        gst_buffer_ref (g_ptr_array_index (buffers, 0)));
  } else {
    GstBufferList *list = gst_buffer_list_new ();

    for (guint i = 0; i < buffers->len; i++)
      gst_buffer_list_add (list,
          gst_buffer_ref (g_ptr_array_index (buffers, i)));
    flow = gst_pad_push_list (h->srcpad, list);
  }
  /* nothing is linked in a flow demuxer that has seen unlinked flows only */
  if (flow != GST_FLOW_OK && flow != GST_FLOW_NOT_LINKED)
    FAIL ("%s: %s", GST_OBJECT_NAME (h->element), gst_flow_get_name (flow));
  while (h->sinkpad != NULL && (payload = gst_harness_try_pull (h))) {
    check_payload (payload);
    gst_buffer_unref (payload);
  }
}

static const gchar *
choose (const gchar * const *words, guint n)
{
  return words[roll (n)];
}

static void
play_round (guint end)
{
  static const gchar *layers[] = { "payload", "transport", "network" };
  static const gchar *protocols[] = { "udp", "tcp", "any" };
  GstHarness *depay = gst_harness_new ("packetdepay");
  GstElement *flowdemux = gst_element_factory_make ("flowdemux", NULL);
  GstHarness *demux =
      gst_harness_new_with_element (flowdemux, "sink", NULL);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstStructure) stats = NULL;
  guint64 counted = 0, pushed = 0;
  gint last_link_type = -1;

  gst_util_set_object_arg (G_OBJECT (depay->element), "layer",
      choose (layers, 3));
  gst_util_set_object_arg (G_OBJECT (depay->element), "protocol",
      choose (protocols, 3));
  g_object_set (depay->element, "defragment", roll (4) != 0, NULL);
  gst_element_set_bus (depay->element, bus);
  gst_element_set_bus (demux->element, bus);
  g_signal_connect (flowdemux, "pad-added", G_CALLBACK (pad_added), NULL);
  g_object_set (flowdemux, "max-flows", 1 + roll (20), "flow-timeout",
      (guint64) (roll (2) ? GST_SECOND : 60 * GST_SECOND), NULL);
  gst_harness_play (demux);

  while (iteration < end) {
    g_autoptr (GPtrArray) buffers =
        g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
    guint at = roll (packets->len);
    const Packet *first = g_ptr_array_index (packets, at);
    gint link_type = roll (20) ? first->link_type :
        link_types[roll (G_N_ELEMENTS (link_types))];

    /* neighbours, for fragments are */
    for (guint n = roll (2) ? 1 : roll (8) + 1;
        n > 0 && at < packets->len; n--, at++) {
      g_ptr_array_add (buffers,
          make_packet (g_ptr_array_index (packets, at)));
      iteration++;
    }
    if (link_type != last_link_type) {
      push_caps (depay, link_type);
      push_caps (demux, link_type);
      last_link_type = link_type;
    }
    pushed += buffers->len;
    push (depay, buffers);
    push (demux, buffers);
    check_messages (bus);
  }

  g_object_get (depay->element, "stats", &stats, NULL);
  if (stats == NULL || !gst_structure_get_uint64 (stats, "packets", &counted)
      || counted != pushed)
    FAIL ("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " packets counted",
        counted, pushed);
  gst_clear_structure (&stats);
  g_object_get (flowdemux, "stats", &stats, NULL);

  gst_harness_push_event (depay, gst_event_new_eos ());
  gst_harness_push_event (demux, gst_event_new_eos ());
  check_messages (bus);
  gst_element_set_bus (depay->element, NULL);
  gst_element_set_bus (demux->element, NULL);
  gst_harness_teardown (depay);
  gst_harness_teardown (demux);
  gst_object_unref (flowdemux);
}

int
main (int argc, char **argv)
{
  guint n;

  gst_init (&argc, &argv);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL |
      G_LOG_LEVEL_WARNING);
  if (argc < 4) {
    g_printerr ("Usage: %s ITERATIONS SEED FILE...\n", argv[0]);
    return 2;
  }
  n = strtoul (argv[1], NULL, 10);
  dice = g_rand_new_with_seed (strtoul (argv[2], NULL, 10));
  packets = g_ptr_array_new_with_free_func ((GDestroyNotify) packet_free);
  for (int i = 3; i < argc; i++)
    read_packets (argv[i]);
  if (packets->len == 0) {
    g_printerr ("no packets to begin with\n");
    return 2;
  }

  while (iteration < n)
    play_round (MIN (n, iteration + ROUND));
  g_print ("%u packets, made from %u, went through (%" G_GUINT64_FORMAT ")\n", iteration,
      packets->len, sum);
  g_ptr_array_unref (packets);
  g_rand_free (dice);
  gst_deinit ();
  return 0;
}
