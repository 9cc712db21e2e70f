/* afringsrc on the real ring.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>

#define PORT 5004
#define SIZE 200

static void
setup (void)
{
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  net_remove ("va");
}

static GstBuffer *
get_buffer (NetCollector * collector, guint i)
{
  fail_unless (i < collector->buffers->len);
  return g_ptr_array_index (collector->buffers, i);
}

static void
check_frame (GstBuffer * buffer, guint expected)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_int (net_check_frame (map.data, map.size), expected);
  gst_buffer_unmap (buffer, &map);
}

/* What every buffer has. */
GST_START_TEST (test_buffers)
{
  const guint n = 2000;
  NetCollector *collector = net_collector_new ("interface=vb "
      "add-reference-timestamp-meta=true", TRUE);
  GstClockTime before = g_get_real_time () * GST_USECOND, after, last = 0;
  g_autoptr (GstCaps) caps = NULL, expected = NULL;

  net_collector_play (collector);
  net_send_frames ("va", 0, n, SIZE, PORT);
  net_collector_end (collector);
  after = g_get_real_time () * GST_USECOND;

  fail_unless_equals_int (collector->n, n);
  /* lists, not one push a packet */
  fail_unless (collector->n_lists <= n / 10, "%u lists", collector->n_lists);
  caps = gst_pad_get_current_caps (collector->pad);
  expected = gst_caps_from_string ("application/x-packet, link-type=(int)1");
  fail_unless (gst_caps_is_equal (caps, expected));

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = get_buffer (collector, i);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
    GstReferenceTimestampMeta *reference =
        gst_buffer_get_reference_timestamp_meta (buffer, NULL);

    check_frame (buffer, i);
    fail_unless_equals_int (meta->wire_length, SIZE);
    fail_unless_equals_int (meta->packet_type, GST_PACKET_TYPE_OTHERHOST);
    fail_unless_equals_int (meta->network_offset, 14);
    fail_unless (meta->interface_id > 1);
    fail_unless (meta->capture_time >= before - GST_MSECOND);
    fail_unless (meta->capture_time <= after);
    fail_unless_equals_uint64 (reference->timestamp, meta->capture_time);
    fail_unless (GST_BUFFER_PTS_IS_VALID (buffer));
    fail_unless (GST_BUFFER_PTS (buffer) >= last);
    fail_unless_equals_uint64 (GST_BUFFER_DTS (buffer),
        GST_BUFFER_PTS (buffer));
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), i);
    last = GST_BUFFER_PTS (buffer);
  }
  net_collector_free (collector);
}
GST_END_TEST

/* The running time of a packet is when it came, not when it was pushed. */
GST_START_TEST (test_timestamps)
{
  NetCollector *collector = net_collector_new ("interface=vb block-timeout=300",
      TRUE);
  GstClockTimeDiff apart;

  net_collector_play (collector);
  net_send_frames ("va", 0, 1, SIZE, PORT);
  g_usleep (100000);
  net_send_frames ("va", 1, 1, SIZE, PORT);
  net_collector_wait (collector, 2);
  apart = GST_CLOCK_DIFF (GST_BUFFER_PTS (get_buffer (collector, 0)),
      GST_BUFFER_PTS (get_buffer (collector, 1)));
  fail_unless (apart >= 90 * GST_MSECOND, "%" GST_STIME_FORMAT,
      GST_STIME_ARGS (apart));
  net_collector_free (collector);
}
GST_END_TEST

/* Sent = captured + dropped, with a ring that is big enough and with one that is
 * not. */
static void
check_conservation (const gchar * properties, gboolean may_drop)
{
  const guint n = g_getenv ("AFRING_MEMCHECK") != NULL ? 5000 : 50000;
  NetCollector *collector = net_collector_new (properties, FALSE);
  guint64 dropped;

  net_collector_play (collector);
  net_send_frames ("va", 0, n, SIZE, PORT);
  net_collector_end (collector);

  dropped = net_get_stat (collector->src, "packets-dropped");
  fail_unless_equals_uint64 (collector->n + dropped, n);
  fail_unless (may_drop || dropped == 0);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-captured"),
      collector->n);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      collector->n);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "bytes-captured"),
      collector->n * SIZE);
  net_collector_free (collector);
}

GST_START_TEST (test_conservation)
{
  check_conservation ("interface=vb", FALSE);
  check_conservation ("interface=vb block-size=4096 block-count=2", TRUE);
  check_conservation ("interface=vb ! identity sleep-time=20", TRUE);
}
GST_END_TEST

/* EOS at once, with packets in a block that is not due for a second. */
GST_START_TEST (test_eos_drains)
{
  NetCollector *collector = net_collector_new ("interface=vb "
      "block-timeout=1000", FALSE);

  net_collector_play (collector);
  net_send_frames ("va", 0, 100, SIZE, PORT);
  fail_unless_equals_int (net_collector_get_count (collector), 0);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 100);
  net_collector_free (collector);
}
GST_END_TEST

static gpointer
send_slowly (gpointer user_data)
{
  for (guint i = 0; i < 100; i++) {
    net_send_frames ("va", i * 10, 10, SIZE, PORT);
    g_usleep (5000);
  }
  return NULL;
}

/* Pausing and playing again and again: GstBaseSrc throws lists away then. */
GST_START_TEST (test_pause_loses_nothing)
{
  /* more blocks than there can be packets: all are kept to the end */
  NetCollector *collector = net_collector_new ("interface=vb block-timeout=1 "
      "block-size=4096 block-count=2000", TRUE);
  GThread *thread;

  net_collector_play (collector);
  thread = g_thread_new ("send", send_slowly, NULL);
  for (guint i = 0; i < 100; i++) {
    gst_element_set_state (collector->pipeline, GST_STATE_PAUSED);
    g_usleep (g_random_int_range (0, 3000));
    gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
    g_usleep (g_random_int_range (0, 3000));
  }
  g_thread_join (thread);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 1000);
  for (guint i = 0; i < 1000; i++)
    check_frame (get_buffer (collector, i), i);
  net_collector_free (collector);
}
GST_END_TEST

GST_START_TEST (test_flush)
{
  NetCollector *collector = net_collector_new ("interface=vb", TRUE);

  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  fail_unless (gst_element_send_event (collector->src,
          gst_event_new_flush_start ()));
  net_send_frames ("va", 10, 10, SIZE, PORT);
  g_usleep (50000);
  fail_unless (gst_element_send_event (collector->src,
          gst_event_new_flush_stop (FALSE)));
  net_send_frames ("va", 20, 10, SIZE, PORT);
  net_collector_wait (collector, 30);
  for (guint i = 0; i < 30; i++)
    check_frame (get_buffer (collector, i), i);
  net_collector_end (collector);
  net_collector_free (collector);
}
GST_END_TEST

GST_START_TEST (test_unlock_is_quick)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);
  gint64 start;

  for (guint i = 0; i < 5; i++) {
    net_collector_play (collector);
    g_usleep (30000);
    start = g_get_monotonic_time ();
    fail_unless (gst_element_set_state (collector->pipeline,
            i % 2 ? GST_STATE_PAUSED : GST_STATE_READY) !=
        GST_STATE_CHANGE_FAILURE);
    fail_unless (g_get_monotonic_time () - start < G_TIME_SPAN_SECOND);
  }
  net_collector_free (collector);
}
GST_END_TEST

GST_START_TEST (test_num_buffers)
{
  NetCollector *collector = net_collector_new ("interface=vb num-buffers=37 "
      "block-size=4096", FALSE);
  g_autoptr (GstBus) bus = gst_element_get_bus (collector->pipeline);
  g_autoptr (GstMessage) message = NULL;

  net_collector_play (collector);
  net_send_frames ("va", 0, 100, SIZE, PORT);
  message = gst_bus_timed_pop_filtered (bus, 5 * GST_SECOND, GST_MESSAGE_EOS);
  fail_unless (message != NULL);
  fail_unless_equals_int (collector->n, 37);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-captured"),
      37);
  /* the others are no loss */
  gst_element_set_state (collector->pipeline, GST_STATE_READY);
  fail_unless (net_get_stat (collector->src, "packets-received") > 37);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-discarded"),
      0);
  net_collector_free (collector);
}
GST_END_TEST

/* Each packet on lo goes out and comes in; it is captured once. */
GST_START_TEST (test_loopback)
{
  NetCollector *collector = net_collector_new ("interface=lo", TRUE);
  NetCollector *any = net_collector_new ("interface=any", FALSE);
  struct sockaddr_in address = {.sin_family = AF_INET,.sin_port = htons (9),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK)
  };
  int fd = socket (AF_INET, SOCK_DGRAM, 0);
  guint datagrams = 0;

  net_collector_play (collector);
  net_collector_play (any);
  for (guint i = 0; i < 100; i++)
    sendto (fd, "datagram", 8, 0, (struct sockaddr *) &address,
        sizeof (address));
  close (fd);
  net_collector_end (collector);
  net_collector_end (any);

  /* nobody listens: there are answers by ICMP too, as many as the kernel's
   * limit lets out */
  for (guint i = 0; i < collector->n; i++) {
    GstBuffer *buffer = get_buffer (collector, i);
    guint8 protocol;

    fail_unless_equals_int (gst_buffer_extract (buffer, 23, &protocol, 1), 1);
    datagrams += protocol == IPPROTO_UDP;
    fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->packet_type,
        GST_PACKET_TYPE_HOST);
  }
  fail_unless_equals_int (datagrams, 100);
  fail_unless_equals_int (any->n, collector->n);
  net_collector_free (any);
  net_collector_free (collector);
}
GST_END_TEST

/* Ten frames go from va to vb, then five the other way. */
static void
check_direction (const gchar * direction, guint expected)
{
  g_autofree gchar *properties = g_strdup_printf ("interface=vb direction=%s",
      direction);
  NetCollector *collector = net_collector_new (properties, FALSE);

  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_send_frames ("vb", 0, 5, SIZE, PORT);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, expected);
  net_collector_free (collector);
}

GST_START_TEST (test_direction)
{
  check_direction ("in", 10);
  check_direction ("out", 5);
  check_direction ("inout", 15);
}
GST_END_TEST

static void
check_snaplen (const gchar * properties, gsize expected)
{
  NetCollector *collector = net_collector_new (properties, TRUE);
  GstBuffer *buffer;

  net_collector_play (collector);
  net_send_frames ("va", 0, 1, SIZE, PORT);
  net_collector_end (collector);
  buffer = get_buffer (collector, 0);
  fail_unless_equals_int (gst_buffer_get_size (buffer), expected);
  fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->wire_length,
      SIZE);
  net_collector_free (collector);
}

GST_START_TEST (test_snaplen)
{
  check_snaplen ("interface=vb", SIZE);
  check_snaplen ("interface=vb snaplen=0", SIZE);
  check_snaplen ("interface=vb snaplen=60", 60);
  check_snaplen ("interface=vb snaplen=1", 1);
  check_snaplen ("interface=vb snaplen-strategy=ipv4-header", 34);
  check_snaplen ("interface=vb snaplen-strategy=ipv4-transport", 48);
  check_snaplen ("interface=vb snaplen-strategy=ipv6-header", 54);
  check_snaplen ("interface=vb snaplen-strategy=ipv6-transport", 68);
  /* the expression sees the whole packet, whatever is kept of it */
  check_snaplen ("interface=vb snaplen=60 filter=\"udp port 5004\"", 60);
  check_snaplen ("interface=vb snaplen=60 filter=\"not vlan\"", 60);
}
GST_END_TEST

GST_START_TEST (test_network_layer)
{
  NetCollector *collector = net_collector_new ("interface=vb layer=network",
      TRUE);
  guint8 arp[60] = { 0, };
  int sender = net_open_sender ("va");
  g_autoptr (GstCaps) caps = NULL;
  gint link_type;

  GST_WRITE_UINT16_BE (arp + 12, 0x0806);
  net_collector_play (collector);
  net_send (sender, arp, sizeof (arp));
  net_send_frames ("va", 0, 3, SIZE, PORT);
  net_send (sender, arp, sizeof (arp));
  net_collector_wait (collector, 3);
  caps = gst_pad_get_current_caps (collector->pad);
  fail_unless (gst_structure_get_int (gst_caps_get_structure (caps, 0),
          "link-type", &link_type));
  fail_unless_equals_int (link_type, 101);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 3);
  fail_unless_equals_int (gst_buffer_get_size (get_buffer (collector, 0)),
      SIZE - 14);
  close (sender);
  net_collector_free (collector);
}
GST_END_TEST

GST_START_TEST (test_filter_while_playing)
{
  NetCollector *collector = net_collector_new ("interface=vb "
      "filter=\"udp port 1\"", FALSE);
  g_autofree gchar *filter = NULL;
  g_autoptr (GError) error = NULL;
  GstMessage *message;

  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, 1);
  net_send_frames ("va", 0, 10, SIZE, 2);
  net_collector_wait (collector, 10);

  /* one that does not compile changes nothing */
  g_object_set (collector->src, "filter", "udp prot 2", NULL);
  message = net_wait_message (collector->pipeline, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_SETTINGS));
  fail_unless (strstr (error->message, "syntax error") != NULL);
  gst_message_unref (message);
  g_object_get (collector->src, "filter", &filter, NULL);
  assert_equals_string (filter, "udp port 1");

  g_object_set (collector->src, "filter", "udp port 2", NULL);
  net_send_frames ("va", 0, 10, SIZE, 1);
  net_send_frames ("va", 0, 20, SIZE, 2);
  net_collector_wait (collector, 30);
  g_object_set (collector->src, "filter", NULL, NULL);
  net_send_frames ("va", 0, 5, SIZE, 1);
  net_send_frames ("va", 0, 5, SIZE, 2);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 40);
  net_collector_free (collector);
}
GST_END_TEST

GST_START_TEST (test_latency)
{
  NetCollector *collector = net_collector_new ("interface=vb block-timeout=25",
      FALSE);
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min, max;
  gboolean live;

  net_collector_play (collector);
  fail_unless (gst_element_query (collector->src, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  /* what the kernel's timer and the threads add, which on older kernels is more */
  fail_unless (min > 25 * GST_MSECOND && min < 50 * GST_MSECOND,
      "%" GST_TIME_FORMAT, GST_TIME_ARGS (min));
  fail_unless (max == GST_CLOCK_TIME_NONE);
  gst_query_unref (query);
  net_collector_free (collector);
}
GST_END_TEST

static GstPadProbeReturn
collect_event (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);

  g_ptr_array_add (user_data, gst_event_ref (event));
  return GST_PAD_PROBE_OK;
}

/* What a recorder learns of the capture. */
GST_START_TEST (test_events)
{
  NetCollector *collector = net_collector_new ("interface=vb snaplen=100 "
      "filter=udp", FALSE);
  g_autoptr (GPtrArray) events =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_event_unref);
  guint n_interfaces = 0, n_statistics = 0;
  GstCaptureInterface iface;
  GstCaptureStatistics statistics;

  gst_pad_add_probe (collector->pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      collect_event, events, NULL);
  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  net_collector_end (collector);
  for (guint i = 0; i < events->len; i++) {
    GstEvent *event = g_ptr_array_index (events, i);

    if (gst_event_parse_capture_interface (event, &iface)) {
      n_interfaces++;
      assert_equals_string (iface.name, "vb");
      assert_equals_string (iface.filter, "udp");
      fail_unless_equals_int (iface.snaplen, 100);
      fail_unless_equals_int (iface.link_type, 1);
      fail_unless (iface.id > 1);
    } else if (gst_event_parse_capture_statistics (event, &statistics)) {
      n_statistics++;
    }
  }
  fail_unless_equals_int (n_interfaces, 1);
  fail_unless (n_statistics >= 1);
  fail_unless_equals_int (statistics.packets_received, 10);
  fail_unless_equals_int (statistics.packets_dropped, 0);
  fail_unless (statistics.start_time < statistics.time);
  net_collector_free (collector);
}
GST_END_TEST

/* Packets that were dropped are told of, and the next one is a discontinuity. */
GST_START_TEST (test_drops_are_told)
{
  NetCollector *collector = net_collector_new ("interface=vb block-size=4096 "
      "block-count=2 ! identity sleep-time=200", FALSE);
  GstMessage *message;
  g_autoptr (GError) error = NULL;
  guint64 processed, dropped;
  GstFormat format;

  net_collector_play (collector);
  net_send_frames ("va", 0, 20000, SIZE, PORT);
  message = net_wait_message (collector->pipeline, GST_MESSAGE_QOS);
  gst_message_parse_qos_stats (message, &format, &processed, &dropped);
  fail_unless (dropped > 0);
  gst_message_unref (message);
  message = net_wait_message (collector->pipeline, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, "block-count") != NULL);
  gst_message_unref (message);
  net_collector_end (collector);
  net_collector_free (collector);
}
GST_END_TEST

static void
check_start_error (const gchar * properties, gint code, const gchar * words)
{
  g_autofree gchar *line = g_strdup_printf ("afringsrc %s ! fakesink",
      properties);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstMessage *message;
  g_autoptr (GError) error = NULL;

  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_PLAYING),
      GST_STATE_CHANGE_FAILURE);
  message = net_wait_message (pipeline, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR, code), "%s: %s",
      properties, error->message);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_errors)
{
  check_start_error ("interface=nosuch", GST_RESOURCE_ERROR_NOT_FOUND,
      "nosuch");
  check_start_error ("interface=vb filter=\"udp prot 1\"",
      GST_RESOURCE_ERROR_SETTINGS, "syntax error");
  check_start_error ("interface=vb block-size=4294967295",
      GST_RESOURCE_ERROR_SETTINGS, "block-size");
  check_start_error ("interface=vb block-count=4294967295",
      GST_RESOURCE_ERROR_SETTINGS, "block-count");
  net_run ("ip link set vb down");
  check_start_error ("interface=vb", GST_RESOURCE_ERROR_OPEN_READ,
      "ip link set vb up");
}
GST_END_TEST

/* On request, the same for all packets of a flow. */
GST_START_TEST (test_rx_hash)
{
  NetCollector *collector = net_collector_new ("interface=vb rx-hash=true",
      TRUE);
  NetCollector *without = net_collector_new ("interface=vb", TRUE);
  guint32 hash;

  net_collector_play (collector);
  net_collector_play (without);
  net_send_frames ("va", 0, 10, SIZE, 1);
  net_send_frames ("va", 0, 10, SIZE, 2);
  net_collector_end (collector);
  net_collector_end (without);
  hash = gst_buffer_get_packet_meta (get_buffer (collector, 0))->rx_hash;
  fail_unless (hash != 0);
  for (guint i = 0; i < 20; i++) {
    fail_unless ((gst_buffer_get_packet_meta (get_buffer (collector,
                    i))->rx_hash == hash) == (i < 10));
    fail_unless_equals_int (gst_buffer_get_packet_meta (get_buffer (without,
                i))->rx_hash, 0);
  }
  net_collector_free (without);
  net_collector_free (collector);
}
GST_END_TEST

/* EOS asked for in PAUSED: what the ring has comes first, once it plays. */
GST_START_TEST (test_eos_in_paused)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);

  net_collector_play (collector);
  gst_element_set_state (collector->pipeline, GST_STATE_PAUSED);
  net_send_frames ("va", 0, 50, SIZE, PORT);
  fail_unless (gst_element_send_event (collector->pipeline,
          gst_event_new_eos ()));
  gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_EOS));
  fail_unless_equals_int (collector->n, 50);
  net_collector_free (collector);
}
GST_END_TEST

static gpointer
send_without_end (gpointer stop)
{
  while (!g_atomic_int_get ((gint *) stop))
    net_send_frames ("va", 0, 100, SIZE, PORT);
  return NULL;
}

/* Under load, at any moment: GstBaseSrc must not meet a list in its hand. A
 * critical warning fails the test. */
GST_START_TEST (test_stop_under_load)
{
  gint stop = FALSE;
  GThread *thread = g_thread_new ("send", send_without_end, &stop);

  for (guint i = 0; i < 40; i++) {
    NetCollector *collector = net_collector_new ("interface=vb "
        "block-timeout=1 block-size=65536", FALSE);

    net_collector_play (collector);
    g_usleep (g_random_int_range (0, 20000));
    net_collector_free (collector);
  }
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
}
GST_END_TEST

/* What was cut before it could be matched again is not lost. */
GST_START_TEST (test_wider_filter_loses_nothing)
{
  NetCollector *collector = net_collector_new ("interface=vb "
      "snaplen-strategy=ipv4-header block-timeout=300 filter=\"udp port 1\"",
      FALSE);

  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, 1);
  g_object_set (collector->src, "filter", "udp port 1 or udp port 2", NULL);
  net_send_frames ("va", 0, 10, SIZE, 1);
  net_send_frames ("va", 0, 10, SIZE, 2);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 30);
  /* nor does a change start a capture that has ended */
  g_object_set (collector->src, "filter", "udp", NULL);
  net_send_frames ("va", 0, 10, SIZE, 1);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      30);
  net_collector_free (collector);
}
GST_END_TEST

/* A block with more packets than a memory can count shares of. */
GST_START_TEST (test_many_in_a_block)
{
  const guint n = 70000;
  NetCollector *collector = net_collector_new ("interface=vb "
      "block-size=33554432 block-count=2 block-timeout=5000", TRUE);

  net_collector_play (collector);
  net_send_frames ("va", 0, n, 60, PORT);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, n);
  for (guint i = 0; i < n; i += 1000)
    check_frame (get_buffer (collector, i), i);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
afringsrc_suite (void)
{
  Suite *suite = suite_create ("afringsrc");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_buffers);
  tcase_add_test (tc, test_timestamps);
  tcase_add_test (tc, test_conservation);
  tcase_add_test (tc, test_eos_drains);
  tcase_add_test (tc, test_pause_loses_nothing);
  tcase_add_test (tc, test_flush);
  if (g_getenv ("AFRING_MEMCHECK") == NULL)
    tcase_add_test (tc, test_unlock_is_quick);
  tcase_add_test (tc, test_num_buffers);
  tcase_add_test (tc, test_loopback);
  tcase_add_test (tc, test_direction);
  tcase_add_test (tc, test_snaplen);
  tcase_add_test (tc, test_network_layer);
  tcase_add_test (tc, test_filter_while_playing);
  tcase_add_test (tc, test_latency);
  tcase_add_test (tc, test_events);
  tcase_add_test (tc, test_drops_are_told);
  tcase_add_test (tc, test_errors);
  tcase_add_test (tc, test_rx_hash);
  tcase_add_test (tc, test_eos_in_paused);
  tcase_add_test (tc, test_stop_under_load);
  tcase_add_test (tc, test_wider_filter_loses_nothing);
  if (g_getenv ("AFRING_MEMCHECK") == NULL)
    tcase_add_test (tc, test_many_in_a_block);
  return suite;
}

GST_CHECK_MAIN (afringsrc)
