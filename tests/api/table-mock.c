/* The mock sources, by the table.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "table.h"

#define N_THROUGH 3000

static gsize
packet_length (void)
{
  g_autoptr (GstCapturePacket) packet = numbered_packet (0);

  return gst_capture_packet_get_length (packet);
}

static GstAfringMockSource *
new_mock (guint block_size, guint block_count)
{
  g_autoptr (GError) error = NULL;
  GstAfringMockSource *mock = gst_afring_mock_source_new ("mock", &error,
      "block-size", block_size, "block-count", block_count, "snaplen", 256,
      NULL);

  check (mock != NULL && error == NULL, "mock_source_new");
  return mock;
}

static void
add_numbered (GstAfringMockSource * mock, guint first, guint n)
{
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = first; i < first + n; i++) {
    g_autoptr (GstCapturePacket) packet = numbered_packet (i);

    if (!gst_afring_mock_source_add_packet (mock, packet, &error))
      break;
  }
  check (i == first + n, "add_packet, %u times: %s", n,
      error ? error->message : "no error");
}

static void
check_stats (GstCaptureSource * source, guint64 received)
{
  g_autoptr (GError) error = NULL;
  GstCaptureStats stats = { 99, 99, 99 };

  check (gst_capture_source_get_stats (source, &stats, &error)
      && stats.packets_received == received && stats.packets_dropped == 0,
      "get_stats: %" G_GUINT64_FORMAT " received, none dropped", received);
}

static gboolean
count_added (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  if (length == packet_length () && total_length == 300 && ip_offset == 14
      && type == GST_PACKET_TYPE_MULTICAST)
    g_atomic_int_inc ((gint *) user_data);
  return TRUE;
}

static gboolean
refuse (const guint8 * payload, gsize length, guint32 total_length,
    GstPacketType type, guint8 ip_offset, gpointer user_data, GError ** error)
{
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FILTER,
      "refused");
  return FALSE;
}

static void
note_destroyed (gpointer user_data)
{
  g_atomic_int_add ((gint *) user_data, 1000);
}

static void
test_options (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringMockSource) mock = gst_afring_mock_source_new ("opt",
      &error, "block-size", 65536, "block-count", 8, "snaplen", 128,
      "snaplen-strategy", GST_CAPTURE_SNAPLEN_STRATEGY_FIXED,
      "promiscuous", TRUE, "ignore-vlans", TRUE, "ip-only", TRUE,
      "filter", "udp", NULL);
  g_autoptr (GstAfringMockSource) plain = NULL;
  guint block_size, block_count, snaplen;
  GstCaptureSnaplenStrategy strategy;
  gboolean promiscuous, ignore_vlans, ip_only;
  g_autofree gchar *filter = NULL;

  check (mock != NULL, "mock_source_new with every option");
  g_object_get (mock, "block-size", &block_size, "block-count", &block_count,
      "snaplen", &snaplen, "snaplen-strategy", &strategy,
      "promiscuous", &promiscuous, "ignore-vlans", &ignore_vlans,
      "ip-only", &ip_only, "filter", &filter, NULL);
  check (block_size == 65536 && block_count == 8, "options: the geometry");
  check (snaplen == 128 && strategy == GST_CAPTURE_SNAPLEN_STRATEGY_FIXED,
      "options: the snaplen");
  check (promiscuous && ignore_vlans && ip_only
      && g_strcmp0 (filter, "udp") == 0, "options: what is captured");

  plain = gst_afring_mock_source_new ("plain", &error, NULL);
  check (plain != NULL, "mock_source_new without options");
  g_object_get (plain, "snaplen", &snaplen, NULL);
  check (snaplen == GST_AFRING_DEFAULT_SNAPLEN && snaplen == 65536,
      "the default snaplen");
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringMockSource) mock = new_mock (65536, 4);
  g_autoptr (GstCapturePacket) no_ip = NULL;
  GstCaptureSource *source = GST_CAPTURE_SOURCE (mock);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8 arp[60] = { 0 };

  check_link (gst_capture_source_get_link (source), "mock");
  check (gst_capture_link_is_up (gst_capture_source_get_link (source)),
      "the mock's link is up");
  check (gst_afring_mock_source_can_add_packets (mock), "can_add_packets");
  add_numbered (mock, 0, N_READING);
  check_stats (source, N_READING);
  check_stats (source, 0);
  check (gst_afring_mock_source_run (mock, &error), "run");
  check_reading (source, 0, GST_PACKET_TYPE_MULTICAST, packet_length (), 300);

  arp[12] = 0x08;
  arp[13] = 0x06;
  no_ip = gst_capture_packet_new (arp, sizeof (arp), GST_PACKET_TYPE_BROADCAST,
      sizeof (arp), 14);
  check (gst_afring_mock_source_add_packet (mock, no_ip, &error), "add ARP");
  add_numbered (mock, 7, 1);
  gst_afring_mock_source_finalize_block (mock, FALSE);
  check (gst_capture_source_next_ip_packet (source, bytes, NULL, NULL, &error)
      && packet_number (bytes->data, bytes->len) == 7,
      "next_ip_packet passes over a frame without an IP layer");
  add_numbered (mock, 8, 1);
  gst_afring_mock_source_finalize_block (mock, TRUE);
  check_error (gst_capture_source_next_packet_fn (source, refuse, NULL,
          &error), &error, FILTER, "the error of next_packet_fn's function");

  add_numbered (mock, 9, 1);
  gst_afring_mock_source_done (mock);
  check (gst_afring_mock_source_wait (mock, &error), "done, wait");
  check (gst_capture_source_next_payload (source, bytes, NULL, NULL, &error)
      && packet_number (bytes->data, bytes->len) == 9,
      "what was added before done is read after it");
  check_stats (source, 4);
  check (gst_capture_source_close (source, &error), "close");
  check_stopped (source);
  check (!gst_afring_mock_source_add_packet (mock, no_ip, &error)
      && g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED),
      "closed: add_packet");
}

/* From an adder through a ring much smaller than what goes through it, with a
 * reader that is unblocked all the time. */
static void
test_unblock (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringMockSource) mock = new_mock (65536, 2);
  GstCaptureSource *source = GST_CAPTURE_SOURCE (mock);
  Reader reader;

  check (gst_afring_mock_source_run (mock, &error), "run, nothing added");
  reader_start (&reader, source);
  g_usleep (100000);
  check (g_atomic_int_get (&reader.n_packets) == 0
      && g_atomic_int_get (&reader.n_unblocked) == 0, "a reader is blocked");
  check (gst_capture_source_unblock (source, &error), "unblock");
  while (g_atomic_int_get (&reader.n_unblocked) == 0)
    g_usleep (1000);
  g_usleep (50000);
  check (g_atomic_int_get (&reader.n_unblocked) == 1,
      "it returned UNBLOCKED, once, and the next call blocks");

  for (guint i = 0; i < N_THROUGH; i++) {
    g_autoptr (GstCapturePacket) packet = numbered_packet (i);

    if (!gst_afring_mock_source_add_packet (mock, packet, &error) ||
        (i % 50 == 0 && !gst_capture_source_unblock (source, &error)))
      break;
  }
  check (error == NULL, "adding waits while the ring is full");
  reader_await (&reader, N_THROUGH);
  check (g_atomic_int_get (&reader.n_unblocked) > 1, "unblocked %d times",
      reader.n_unblocked);
  check_stats (source, N_THROUGH);
  check (gst_capture_source_close (source, &error), "close");
  reader_join (&reader);
  check (reader.n_packets == N_THROUGH, "unblocking lost nothing");
}

static gpointer
add_for_ever (gpointer mock)
{
  g_autoptr (GstCapturePacket) packet = numbered_packet (0);
  GError *error = NULL;

  while (gst_afring_mock_source_add_packet (mock, packet, &error));
  return error;
}

/* Adds numbered packets up to a full ring; gives the number after the last. */
static guint
fill (GstAfringMockSource * mock, guint first)
{
  guint n = first;

  for (; gst_afring_mock_source_can_add_packets (mock); n++) {
    g_autoptr (GstCapturePacket) packet = numbered_packet (n);

    if (!gst_afring_mock_source_add_packet (mock, packet, NULL))
      break;
  }
  return n;
}

static void
test_full (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringMockSource) mock = new_mock (65536, 2);
  GstCaptureSource *source = GST_CAPTURE_SOURCE (mock);
  GThread *adder;
  GstCaptureStats stats;
  guint n = fill (mock, 0);

  check (n > 100 && !gst_afring_mock_source_can_add_packets (mock),
      "can_add_packets: a full ring of %u packets", n);
  check_stats (source, n);
  check (gst_afring_mock_source_run (mock, &error), "run");
  g_usleep (50000);
  check (!gst_afring_mock_source_can_add_packets (mock),
      "the blocks are the reader's, and there is none");
  gst_afring_mock_source_force_block_release (mock);
  check (gst_afring_mock_source_can_add_packets (mock),
      "force_block_release makes room without a reader");
  n = fill (mock, 0);
  check (n > 100, "and the ring can be filled again");
  /* until all of it is handed over */
  g_usleep (50000);
  gst_afring_mock_source_force_blocks_unavailable (mock);
  check (!gst_afring_mock_source_can_add_packets (mock),
      "force_blocks_unavailable leaves no room");
  gst_afring_mock_source_force_block_release (mock);
  check (gst_afring_mock_source_can_add_packets (mock),
      "force_block_release gives unavailable blocks back");
  fill (mock, 0);
  adder = g_thread_new ("adder", add_for_ever, mock);
  g_usleep (50000);
  check (gst_capture_source_get_stats (source, &stats, &error), "get_stats");
  g_usleep (50000);
  check_stats (source, 0);
  check (gst_capture_source_close (source, &error), "close while adding waits");
  error = g_thread_join (adder);
  check_error (FALSE, &error, STOPPED, "an adder that waits ends with close");
}

static void
note_done (GstAfringMockSource * mock, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

static void
test_pipe (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringMockSource) from = new_mock (65536, 4);
  g_autoptr (GstAfringMockSource) to = new_mock (65536, 4);
  gint added = 0, reading_done = 0;
  Reader reader;

  gst_afring_mock_source_set_packet_added_func (to, count_added, &added,
      note_destroyed);
  add_numbered (from, 0, 100);
  check (gst_afring_mock_source_run (from, &error), "run");
  check (gst_afring_mock_source_add_packet_from_source (to,
          GST_CAPTURE_SOURCE (from), &error), "add_packet_from_source");
  check (added == 1, "the packet-added function is told");

  g_signal_connect (to, "reading-done", G_CALLBACK (note_done), &reading_done);
  reader_start (&reader, GST_CAPTURE_SOURCE (to));
  check (gst_afring_mock_source_pipe (to, GST_CAPTURE_SOURCE (from), &error),
      "pipe");
  reader_await (&reader, 100);
  check (g_atomic_int_get (&added) == 100, "pipe: told of all packets");
  check (g_atomic_int_get (&reading_done) == 0, "pipe: not done yet");
  check (gst_capture_source_close (GST_CAPTURE_SOURCE (from), &error),
      "pipe: close the source");
  check (gst_afring_mock_source_wait (to, &error), "pipe: wait");
  check (g_atomic_int_get (&reading_done) == 1, "pipe: reading-done, once");
  check_stats (GST_CAPTURE_SOURCE (to), 100);
  check (gst_capture_source_close (GST_CAPTURE_SOURCE (to), &error), "close");
  reader_join (&reader);
  check (reader.n_packets == 100, "pipe: all packets came");
  gst_afring_mock_source_set_packet_added_func (to, NULL, NULL, NULL);
  check (added == 1100, "the packet-added function's data is released");
}

void
test_mock (void)
{
  test_options ();
  test_read ();
  test_unblock ();
  test_full ();
  test_pipe ();
}

void
test_no_drain (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringMockSourceNoDrain) no_drain =
      gst_afring_mock_source_no_drain_new ("again", &error,
      "block-size", 65536, "block-count", 4, "snaplen", 256, NULL);
  GstAfringMockSource *mock;
  GstCaptureSource *source;
  g_autoptr (GstCapturePacket) packet = NULL;
  guint n, i;

  check (no_drain != NULL, "no_drain_new");
  mock = GST_AFRING_MOCK_SOURCE (no_drain);
  source = GST_CAPTURE_SOURCE (no_drain);
  check_error (gst_afring_mock_source_no_drain_run (no_drain, 0, &error),
      &error, NOT_POPULATED, "no_drain_run of an empty ring");
  add_numbered (mock, 0, 1);
  check_error (gst_afring_mock_source_no_drain_run (no_drain, 0, &error),
      &error, NOT_POPULATED, "no_drain_run of a ring with one packet");
  n = fill (mock, 1);
  check (n > 100, "no-drain: %u packets fill the ring", n);
  check (gst_afring_mock_source_no_drain_run (no_drain, GST_MSECOND, &error),
      "no_drain_run: %s", error ? error->message : "no error");
  for (i = 0; i < 10 * n; i++) {
    gsize length;
    const guint8 *payload;

    if (!gst_capture_source_next_packet (source, &packet, &error))
      break;
    payload = gst_capture_packet_get_payload (packet, &length);
    if (packet_number (payload, length) != (gint) (i % n))
      break;
  }
  check (i == 10 * n, "the ring's packets in their order, ten times");
  gst_afring_mock_source_done (mock);
  check (gst_afring_mock_source_wait (mock, &error), "no-drain: done, wait");
  check (gst_capture_source_close (source, &error), "no-drain: close");
  check_stopped (source);
}
