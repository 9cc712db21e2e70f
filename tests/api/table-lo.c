/* The real ring on lo, by the table.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "table.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_THROUGH 2000
/* a datagram is the mark of a numbered packet */
#define DATA_LENGTH 12
#define FRAME_LENGTH (14 + 20 + 8 + DATA_LENGTH)

static gint udp = -1;
static struct sockaddr_in address = { .sin_family = AF_INET };

/* A socket that sends to itself, so that nothing answers with ICMP. */
static guint16
open_udp (void)
{
  socklen_t length = sizeof (address);

  udp = socket (AF_INET, SOCK_DGRAM, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  check (udp >= 0 && bind (udp, (struct sockaddr *) &address, length) == 0
      && getsockname (udp, (struct sockaddr *) &address, &length) == 0,
      "a UDP socket on lo");
  return ntohs (address.sin_port);
}

static void
send_numbered (guint number)
{
  g_autoptr (GstCapturePacket) packet = numbered_packet (number);
  gsize length;
  const guint8 *data = gst_capture_packet_get_payload (packet, &length);

  if (sendto (udp, data + length - DATA_LENGTH, DATA_LENGTH, 0,
          (struct sockaddr *) &address, sizeof (address)) != DATA_LENGTH)
    check (FALSE, "sendto: %s", g_strerror (errno));
}

/* Asks until the kernel has counted so many; counters come cleared. */
static guint64
await_received (GstCaptureSource * source, guint64 expected)
{
  guint64 received = 0;

  for (guint i = 0; i < 1000 && received < expected; i++) {
    GstCaptureStats stats;

    if (!gst_capture_source_get_stats (source, &stats, NULL))
      break;
    check (stats.packets_dropped == 0, "get_stats: none dropped");
    received += stats.packets_received;
    g_usleep (1000);
  }
  return received;
}

static void
test_reading (GstCaptureLink * link, const gchar * filter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringSource) afring = gst_afring_source_new ("lo", &error,
      "block-size", 65536, "block-count", 16, "snaplen", 2048,
      "snaplen-strategy", GST_CAPTURE_SNAPLEN_STRATEGY_FIXED,
      "promiscuous", TRUE, "ignore-vlans", TRUE, "ip-only", TRUE,
      "filter", filter, NULL);
  GstCaptureSource *source;
  GstCaptureStats stats;

  check (afring != NULL, "afring_source_new with every option: %s",
      error ? error->message : "no error");
  source = GST_CAPTURE_SOURCE (afring);
  check_link (gst_capture_source_get_link (source), "lo");
  check (gst_capture_link_get_index (gst_capture_source_get_link (source))
      == gst_capture_link_get_index (link), "link: index");
  for (guint i = 0; i < N_READING; i++)
    send_numbered (i);
  check_reading (source, 0, GST_PACKET_TYPE_HOST, FRAME_LENGTH, FRAME_LENGTH);
  check (await_received (source, N_READING) == N_READING,
      "get_stats: %d received", N_READING);
  check (gst_capture_source_get_stats (source, &stats, &error)
      && stats.packets_received == 0, "get_stats clears");
  check (gst_capture_source_close (source, &error), "close");
  check_stopped (source);
}

static void
test_snaplen (GstCaptureLink * link, const gchar * filter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringSource) afring = gst_afring_source_new_from_link (link,
      &error, "block-size", 65536, "block-count", 4, "snaplen-strategy",
      GST_CAPTURE_SNAPLEN_STRATEGY_IPV4_HEADER, "filter", filter, NULL);
  g_autoptr (GstCapturePacket) packet = NULL;

  check (afring != NULL, "afring_source_new_from_link");
  send_numbered (0);
  check (gst_capture_source_next_packet (GST_CAPTURE_SOURCE (afring), &packet,
          &error) && gst_capture_packet_get_length (packet) == 34
      && gst_capture_packet_get_total_length (packet) == FRAME_LENGTH,
      "snaplen-strategy: 34 bytes kept of %d", FRAME_LENGTH);
  check (gst_capture_source_close (GST_CAPTURE_SOURCE (afring), &error),
      "close");
}

static void
test_unblock (const gchar * filter)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstAfringSource) afring = gst_afring_source_new ("lo", &error,
      "block-size", 65536, "block-count", 64, "filter", filter, NULL);
  GstCaptureSource *source = GST_CAPTURE_SOURCE (afring);
  Reader reader;

  check (afring != NULL, "afring_source_new");
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
    send_numbered (i);
    if (i % 50 == 0 && !gst_capture_source_unblock (source, &error))
      break;
  }
  check (error == NULL, "unblocked while packets come");
  reader_await (&reader, N_THROUGH);
  check (gst_capture_source_close (source, &error), "close");
  reader_join (&reader);
  check (reader.n_packets == N_THROUGH, "unblocked %d times, lost nothing",
      reader.n_unblocked);
}

void
test_lo (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstCaptureLink) link = gst_capture_link_new ("lo", &error);
  g_autofree gchar *filter = NULL;

  check (link != NULL, "link_new");
  check (gst_capture_link_is_up (link), "link: up");
  filter = g_strdup_printf ("udp and dst port %u", open_udp ());
  test_reading (link, filter);
  test_snaplen (link, filter);
  test_unblock (filter);
  check_error (gst_afring_source_new ("lo", &error, "filter", "no such word",
          NULL) != NULL, &error, FILTER, "a filter that does not compile");
  close (udp);
}
