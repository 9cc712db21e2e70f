/* Packets of a live source where they lie: their times, interfaces, directions and
 * tags; waiting for them for a while, with poll(), and in a main loop.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/mockfeed.h"
#include "netutil.h"

#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#define SIZE 200
#define PORT 5004
#define N 300

static const NetTag tag7[] = { {0x8100, 0x6007}, {0, 0} };
static const NetTag qinq[] = { {0x88a8, 200}, {0x8100, 7}, {0, 0} };
static const NetTag *const tags[] = { NULL, tag7, qinq };

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

static GstCaptureSource *
open_source (const gchar * interface, guint block_timeout)
{
  g_autoptr (GError) error = NULL;
  GstAfringSource *source = gst_afring_source_new (interface, &error,
      /* one is closed each time that its time is up, with nobody reading */
      "block-size", 65536, "block-count", 64, "block-timeout", block_timeout,
      "snaplen", 120, NULL);

  fail_unless (source != NULL, "%s", error ? error->message : "");
  gst_capture_source_set_timeout (GST_CAPTURE_SOURCE (source),
      MOCK_FEED_PATIENCE);
  return GST_CAPTURE_SOURCE (source);
}

static GstClockTime
get_real_time (void)
{
  return g_get_real_time () * GST_USECOND;
}

static const NetTag *
get_tags (guint number)
{
  return tags[number % G_N_ELEMENTS (tags)];
}

static void
send_tagged (const gchar * interface, guint number, guint n)
{
  int sender = net_open_sender (interface);

  for (guint i = number; i < number + n; i++) {
    guint8 frame[SIZE];

    net_make_frame (frame, SIZE, get_tags (i), PORT, i);
    net_send (sender, frame, SIZE);
  }
  close (sender);
}

/* @outgoing: sent on the interface, and not received. */
static void
check_view (const GstCaptureView * view, guint number, const gchar * interface,
    gboolean outgoing)
{
  const NetTag *tag = get_tags (number);
  guint n_tags = tag == NULL ? 0 : tag == qinq ? 2 : 1;
  guint8 frame[SIZE];

  net_make_frame (frame, SIZE, tag, PORT, number);
  fail_unless_equals_int (view->length, 120);
  fail_unless_equals_int (view->total_length, SIZE);
  fail_unless (memcmp (view->payload, frame, 120) == 0, "packet %u", number);
  fail_unless_equals_int (view->interface_id, if_nametoindex (interface));
  /* its address is nobody's */
  fail_unless_equals_int (view->type, outgoing ? GST_PACKET_TYPE_OUTGOING :
      GST_PACKET_TYPE_OTHERHOST);
  fail_unless_equals_int (view->ip_offset, 14 + 4 * n_tags);
  fail_unless_equals_int ((view->flags & GST_PACKET_FLAG_VLAN) != 0,
      n_tags > 0);
  if (n_tags > 0) {
    fail_unless_equals_int (view->vlan_tpid, tag->protocol);
    fail_unless_equals_int (view->vlan_tci, tag->tci);
  }
}

static GstClockTime
check_time (const GstCaptureView * view, GstClockTime after)
{
  fail_unless (GST_CLOCK_TIME_IS_VALID (view->capture_time));
  fail_unless (view->capture_time >= after);
  fail_unless (view->capture_time <= get_real_time ());
  return view->capture_time;
}

/* One by one on one end, many at a time on the other, both ends at once. */
GST_START_TEST (test_views)
{
  GstCaptureSource *received = open_source ("vb", 10);
  GstCaptureSource *sent = open_source ("va", 10);
  GstClockTime before = get_real_time (), last = before;
  g_autoptr (GError) error = NULL;
  GstCaptureView views[16];

  send_tagged ("va", 0, N);
  for (guint i = 0; i < N; i++) {
    fail_unless (gst_capture_source_next_view (received, views, &error));
    check_view (views, i, "vb", FALSE);
    check_time (views, before);
  }
  for (guint i = 0; i < N;) {
    guint n = gst_capture_source_next_views (sent, views, G_N_ELEMENTS (views),
        &error);

    fail_unless (n > 0 && n <= G_N_ELEMENTS (views));
    for (guint j = 0; j < n; j++) {
      check_view (&views[j], i + j, "va", TRUE);
      /* sent by one thread, on one processor or the other */
      last = MAX (last, check_time (&views[j], before));
    }
    i += n;
  }
  fail_unless (last > before);
  g_object_unref (received);
  g_object_unref (sent);
}
GST_END_TEST

/* Of all interfaces: which one it was. */
GST_START_TEST (test_any)
{
  GstCaptureSource *source = open_source ("any", 10);
  guint outgoing = 0, incoming = 0;
  GstCaptureView view;

  net_send_frames ("va", 0, N, SIZE, PORT);
  while (outgoing + incoming < 2 * N) {
    fail_unless (gst_capture_source_next_view (source, &view, NULL));
    if (view.interface_id == if_nametoindex ("va")) {
      fail_unless_equals_int (view.type, GST_PACKET_TYPE_OUTGOING);
      outgoing++;
    } else {
      fail_unless_equals_int (view.interface_id, if_nametoindex ("vb"));
      fail_unless_equals_int (view.type, GST_PACKET_TYPE_OTHERHOST);
      incoming++;
    }
  }
  fail_unless_equals_int (outgoing, N);
  fail_unless_equals_int (incoming, N);
  g_object_unref (source);
}
GST_END_TEST

GST_START_TEST (test_copied_packet)
{
  GstCaptureSource *source = open_source ("vb", 10);
  g_autoptr (GstCapturePacket) packet = NULL;
  GstClockTime before = get_real_time ();

  send_tagged ("va", 0, 30);
  for (guint i = 0; i < 30; i++) {
    const NetTag *tag = get_tags (i);
    guint16 tci = 0, tpid = 0;

    fail_unless (gst_capture_source_next_packet (source, &packet, NULL));
    fail_unless (gst_capture_packet_get_capture_time (packet) >= before);
    fail_unless (gst_capture_packet_get_capture_time (packet) <=
        get_real_time ());
    fail_unless_equals_int (gst_capture_packet_get_interface_id (packet),
        if_nametoindex ("vb"));
    fail_unless_equals_int (gst_capture_packet_get_vlan (packet, &tci, &tpid),
        tag != NULL);
    fail_unless_equals_int ((gst_capture_packet_get_flags (packet) &
            GST_PACKET_FLAG_VLAN) != 0, tag != NULL);
    if (tag != NULL) {
      fail_unless_equals_int (tci, tag->tci);
      fail_unless_equals_int (tpid, tag->protocol);
    }
  }
  g_object_unref (source);
}
GST_END_TEST

/* The checksum that a device was to fill in, of what this host sends to itself. */
GST_START_TEST (test_flags)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", PORT);
  GstCaptureSource *source = open_source ("lo", 10);
  GstCaptureView view;

  fail_unless (g_socket_bind (socket, address, FALSE, NULL));
  fail_unless_equals_int (g_socket_send_to (socket, address, "x", 1, NULL,
          NULL), 1);
  fail_unless (gst_capture_source_next_view (source, &view, NULL));
  fail_unless (view.flags & GST_PACKET_FLAG_CHECKSUM_NOT_READY);
  fail_unless_equals_int (view.type, GST_PACKET_TYPE_HOST);
  fail_unless_equals_int (view.interface_id, if_nametoindex ("lo"));
  g_object_unref (source);
}
GST_END_TEST

static gboolean
times_out (GstCaptureSource * source, guint way)
{
  g_autoptr (GError) error = NULL;

  if (mock_feed_ask (source, way, &error))
    return FALSE;
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_TIMEOUT), "%s", error->message);
  return TRUE;
}

GST_START_TEST (test_timeout)
{
  GstCaptureSource *source = open_source ("vb", 1);
  gint64 begun = g_get_monotonic_time ();

  gst_capture_source_set_timeout (source, 60);
  fail_unless (times_out (source, __i__));
  fail_unless (g_get_monotonic_time () - begun >= 60000);
  gst_capture_source_set_timeout (source, 0);
  fail_unless (times_out (source, __i__));

  net_send_frames ("va", 0, 2, SIZE, PORT);
  gst_capture_source_set_timeout (source, -1);
  fail_if (times_out (source, __i__));
  gst_capture_source_set_timeout (source, MOCK_FEED_PATIENCE);
  fail_if (times_out (source, __i__));
  gst_capture_source_set_timeout (source, 0);
  fail_unless (times_out (source, __i__));
  g_object_unref (source);
}
GST_END_TEST

static gboolean
is_readable (GstCaptureSource * source, gint patience)
{
  struct pollfd fd = {.fd = gst_capture_source_get_fd (source),.events =
        POLLIN
  };

  fail_unless (fd.fd >= 0);
  fail_unless (poll (&fd, 1, patience) >= 0);
  return fd.revents & POLLIN;
}

/* The kernel tells of the block closed last again and again as long as it has not gone
 * back; the file that is to be polled does not. */
GST_START_TEST (test_fd)
{
  GstCaptureSource *source = open_source ("vb", 5);
  GError *error = NULL;

  gst_capture_source_set_timeout (source, 0);
  fail_if (is_readable (source, 0));
  for (guint round = 0; round < 3; round++) {
    const guint n = 1 + round * 10;

    net_send_frames ("va", 0, n, SIZE, PORT);
    for (guint i = 0; i < n;) {
      fail_unless (is_readable (source, MOCK_FEED_PATIENCE), "packet %u", i);
      while (i < n && !times_out (source, __i__))
        i++;
    }
    fail_unless (times_out (source, __i__));
    fail_if (is_readable (source, 20));
  }
  fail_unless (gst_capture_source_unblock (source, NULL));
  fail_unless (is_readable (source, MOCK_FEED_PATIENCE));
  fail_if (mock_feed_ask (source, __i__, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_UNBLOCKED));
  g_clear_error (&error);
  fail_if (is_readable (source, 20));

  /* a link that goes down is an error that nobody has to wait for */
  net_run ("ip link set vb down");
  fail_unless (is_readable (source, MOCK_FEED_PATIENCE));
  fail_if (mock_feed_ask (source, __i__, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_LINK_DOWN), "%s", error->message);
  g_clear_error (&error);
  g_object_unref (source);
}
GST_END_TEST

typedef struct
{
  GMainLoop *loop;
  guint number;
} Looping;

static gboolean
read_in_loop (GstCaptureSource * source, gpointer user_data)
{
  Looping *looping = user_data;
  GstCaptureView views[8];
  guint n;

  while ((n = gst_capture_source_next_views (source, views,
              G_N_ELEMENTS (views), NULL)) > 0) {
    for (guint i = 0; i < n; i++)
      check_view (&views[i], looping->number++, "vb", FALSE);
  }
  if (looping->number < N)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (looping->loop);
  return G_SOURCE_REMOVE;
}

/* Some more each time, until all have been sent. */
static gboolean
send_some (gpointer user_data)
{
  guint *sent = user_data;

  send_tagged ("va", *sent, 10);
  *sent += 10;
  return *sent < N;
}

static gboolean
give_up (gpointer user_data)
{
  fail ("the loop stands still");
  return G_SOURCE_REMOVE;
}

GST_START_TEST (test_main_loop)
{
  Looping looping = {.loop = g_main_loop_new (NULL, FALSE) };
  GstCaptureSource *source = open_source ("vb", 1);
  g_autoptr (GSource) watch = gst_capture_source_create_source (source, NULL);
  guint sent = 0, limit = g_timeout_add (MOCK_FEED_PATIENCE, give_up, NULL);

  gst_capture_source_set_timeout (source, 0);
  g_source_set_callback (watch, G_SOURCE_FUNC (read_in_loop), &looping, NULL);
  g_source_attach (watch, NULL);
  g_timeout_add (1, send_some, &sent);
  g_main_loop_run (looping.loop);
  fail_unless_equals_int (looping.number, N);
  fail_unless_equals_int (sent, N);
  g_source_remove (limit);
  g_main_loop_unref (looping.loop);
  g_object_unref (source);
}
GST_END_TEST

/* What the kernel counted stays to be seen, and what was granted. */
GST_START_TEST (test_totals)
{
  GstAfringSource *source = gst_afring_source_new ("vb", NULL, "block-size",
      70000, "block-count", 3, "block-timeout", 1, NULL);
  GstCaptureSource *capture = GST_CAPTURE_SOURCE (source);
  GstCaptureTotals totals, again;
  GstCaptureStats stats;
  guint size, count;

  g_object_get (source, "granted-block-size", &size, "granted-block-count",
      &count, NULL);
  fail_unless_equals_int (size, 131072);
  fail_unless_equals_int (count, 3);

  /* nobody reads: most are dropped */
  net_send_frames ("va", 0, 10000, SIZE, PORT);
  fail_unless (gst_capture_source_get_stats (capture, &stats, NULL));
  fail_unless (stats.packets_dropped > 0);
  gst_capture_source_get_totals (capture, &totals);
  fail_unless_equals_uint64 (totals.packets_received + totals.packets_dropped,
      10000);
  fail_unless_equals_uint64 (totals.packets_dropped, stats.packets_dropped);
  fail_unless (totals.queue_freezes >= stats.queue_freezes);
  /* counted by the kernel, and asked for by nobody before the end */
  net_send_frames ("va", 0, 100, SIZE, PORT);
  fail_unless (gst_capture_source_close (capture, NULL));
  for (guint i = 0; i < 2; i++) {
    gst_capture_source_get_totals (capture, &again);
    fail_unless_equals_uint64 (again.packets_received + again.packets_dropped,
        10100);
  }
  g_object_unref (source);
}
GST_END_TEST

static Suite *
captureviews_suite (void)
{
  Suite *suite = suite_create ("captureviews");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_views);
  tcase_add_test (tc, test_any);
  tcase_add_test (tc, test_copied_packet);
  tcase_add_test (tc, test_flags);
  tcase_add_loop_test (tc, test_timeout, 0, MOCK_FEED_WAYS);
  tcase_add_loop_test (tc, test_fd, 0, MOCK_FEED_WAYS);
  tcase_add_test (tc, test_main_loop);
  tcase_add_test (tc, test_totals);
  return suite;
}

GST_CHECK_MAIN (captureviews)
