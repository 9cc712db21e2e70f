/* afringsink where the interface does not take what is sent: each packet is sent or
 * counted.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"
#include "wiresender.h"

#include <gst/afring/afring.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ETHERNET 1
#define SIZE 120
#define MANY 1000

static void
setup (void)
{
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  if (if_nametoindex ("va") != 0)
    net_remove ("va");
}

static NetCollector *
new_receiver (const gchar * properties)
{
  NetCollector *receiver = net_collector_new (properties, TRUE);

  net_collector_play (receiver);
  return receiver;
}

/* That the kernel does what it would leave to an adapter. */
static void
switch_offloads_off (const gchar * interface)
{
  const guint32 commands[] = { ETHTOOL_SGSO, ETHTOOL_STSO, ETHTOOL_STXCSUM };
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    struct ethtool_value value = { commands[i], 0 };
    struct ifreq request = { 0, };

    g_strlcpy (request.ifr_name, interface, IFNAMSIZ);
    request.ifr_data = (gpointer) & value;
    fail_unless (ioctl (fd, SIOCETHTOOL, &request) == 0);
  }
  close (fd);
}

static void
wait_warning (WireSender * sender, const gchar * words)
{
  g_autoptr (GstMessage) message = net_wait_message (sender->pipeline,
      GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
}

static void
wait_error (WireSender * sender, const gchar * words)
{
  g_autoptr (GstMessage) message = net_wait_message (sender->pipeline,
      GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
}

/* received = sent, and the rest is counted. */
static void
check_conservation (WireSender * sender, NetCollector * receiver, guint n)
{
  guint64 sent = wire_sender_get (sender, "packets-sent");

  net_collector_wait (receiver, sent);
  net_collector_end (receiver);
  fail_unless_equals_int64 (receiver->n, sent);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), n);
}

static void
wait_no_carrier (const gchar * interface)
{
  g_autofree gchar *command = g_strdup_printf ("ip -o link show %s", interface);
  gboolean lower_up = TRUE;

  for (guint i = 0; lower_up && i < 500; i++) {
    g_autofree gchar *output = NULL;

    fail_unless (g_spawn_command_line_sync (command, &output, NULL, NULL,
            NULL));
    lower_up = strstr (output, "state DOWN") == NULL
        && strstr (output, "state LOWERLAYERDOWN") == NULL;
    if (lower_up)
      g_usleep (10000);
  }
  fail_unless (!lower_up);
}

/* The interface itself, or the other end, in the middle of a list. */
GST_START_TEST (test_link_waits)
{
  const gchar *down = __i__ == 0 ? "va" : "vb";
  const gchar *other = __i__ == 0 ? "vb" : "va";
  WireSender *sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  NetCollector *receiver;
  guint64 before;

  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 10, SIZE,
              0)), GST_FLOW_OK);
  net_run ("ip link set %s down", down);
  wait_no_carrier ("va");
  before = wire_get_transmitted ("va");
  wire_sender_begin (sender, wire_frames (10, MANY, SIZE, 0));
  wait_warning (sender, __i__ == 0 ? "is down" : "no carrier");
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 10);
  fail_unless_equals_int64 (wire_get_transmitted ("va"), before);

  net_run ("ip link set %s up", down);
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"),
      MANY + 10);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), MANY + 10);
  /* and it is as it was */
  net_set_up (down, other);
  receiver = new_receiver ("interface=vb");
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 10, SIZE,
              0)), GST_FLOW_OK);
  net_collector_wait (receiver, 10);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* A wait for the link ends at a stop, and at a flush. */
GST_START_TEST (test_wait_ends)
{
  WireSender *sender;

  net_run ("ip link set va down");
  sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  wire_sender_begin (sender, wire_frames (0, 10, SIZE, 0));
  wait_warning (sender, "is down");
  if (__i__ == 0)
    gst_element_set_state (sender->pipeline, GST_STATE_READY);
  else
    gst_pad_push_event (sender->pad, gst_event_new_flush_start ());
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_FLUSHING);
  fail_unless_equals_int64 (wire_sender_get (sender, "flushed"), 10);
  wire_sender_free (sender);
}
GST_END_TEST

/* So does a pause, and the packets are still sent. */
GST_START_TEST (test_pause_while_waiting)
{
  WireSender *sender;

  net_run ("ip link set va down");
  sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  wire_sender_begin (sender, wire_frames (0, 10, SIZE, 0));
  wait_warning (sender, "is down");
  gst_element_set_state (sender->pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (sender->pipeline, NULL, NULL,
          20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (sender->pipeline, GST_STATE_PLAYING);
  net_run ("ip link set va up");
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 10);
  wire_sender_free (sender);
}
GST_END_TEST

GST_START_TEST (test_link_drops)
{
  WireSender *sender = wire_sender_new ("interface=va sync=false "
      "on-link-down=drop", ETHERNET);

  net_run ("ip link set %s down", __i__ == 0 ? "va" : "vb");
  wait_no_carrier ("va");
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, MANY, SIZE,
              0)), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "link-down"), MANY);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), MANY);
  wire_sender_free (sender);
}
GST_END_TEST

GST_START_TEST (test_link_errors)
{
  WireSender *sender = wire_sender_new ("interface=va sync=false "
      "on-link-down=error", ETHERNET);

  net_run ("ip link set va down");
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 10, SIZE,
              0)), GST_FLOW_ERROR);
  wait_error (sender, "is down");
  fail_unless_equals_int64 (wire_sender_get (sender, "flushed"), 10);
  wire_sender_free (sender);
}
GST_END_TEST

/* Where packets are due, and where the link is waited for. */
GST_START_TEST (test_removed)
{
  WireSender *sender = wire_sender_new ("interface=va", ETHERNET);

  if (__i__ == 1)
    net_run ("ip link set va down");
  wire_sender_begin (sender, wire_frames (0, 10000, SIZE, GST_MSECOND));
  if (__i__ == 1)
    wait_warning (sender, "is down");
  else
    wire_sender_wait (sender, "packets-sent", 10);
  net_remove ("va");
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_ERROR);
  wait_error (sender, "removed");
  fail_unless_equals_int64 (wire_sender_get_settled (sender), 10000);
  wire_sender_free (sender);
}
GST_END_TEST

/* 20 packets of room in the queue, and 10 Mbit/s out of it. */
GST_START_TEST (test_short_queue)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new (__i__ == 0 ?
      "interface=va sync=false on-full=wait" :
      "interface=va sync=false on-full=drop", ETHERNET);

  net_run ("tc qdisc add dev va root tbf rate 10mbit burst 3000 limit 3000");
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, MANY, SIZE,
              0)), GST_FLOW_OK);
  fail_unless_equals_int (wire_sender_get (sender, "queue-full") > 0,
      __i__ == 1);
  check_conservation (sender, receiver, MANY);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Two of twenty are more than the shaper ever lets through at once: the kernel says the same
 * as of a full queue, and the others go on. */
GST_START_TEST (test_refused)
{
  WireSender *sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  GstBufferList *list = wire_frames (0, 10, 100, 0);
  GstBufferList *big = wire_frames (10, 1, 1000, 0);

  for (guint i = 0; i < 2; i++) {
    gst_buffer_list_insert (list, 3 + 4 * i,
        gst_buffer_ref (gst_buffer_list_get (big, 0)));
  }
  gst_buffer_list_unref (big);
  net_run ("tc qdisc add dev va root tbf rate 10mbit burst 800 limit 1000000");
  fail_unless_equals_int (wire_sender_push (sender, list), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "refused"), 2);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 10);
  fail_unless_equals_int64 (wire_sender_get_settled (sender), 12);
  wait_warning (sender, "refuses");
  wire_sender_free (sender);
}
GST_END_TEST

/* More than the socket may have on its way: it waits, and a pause ends that. */
GST_START_TEST (test_deep_queue)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va sync=false", ETHERNET);

  net_run ("tc qdisc add dev va root tbf rate 20mbit burst 3000 limit 10000000");
  wire_sender_begin (sender, wire_frames (0, 4 * MANY, 1000, 0));
  wire_sender_wait (sender, "packets-sent", 100);
  gst_element_set_state (sender->pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (sender->pipeline, NULL, NULL,
          20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (sender->pipeline, GST_STATE_PLAYING);
  fail_unless_equals_int (wire_sender_finish (sender), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 4 * MANY);
  check_conservation (sender, receiver, 4 * MANY);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Of UDP in IPv4; net_make_frame() leaves checksums out. */
GST_START_TEST (test_skips_oversize)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va sync=false oversize=skip",
      ETHERNET);
  GstBufferList *list = wire_frames (0, 2, 1514, 0);
  GstBufferList *big = wire_frames (2, 2, 1515, 0);

  gst_buffer_list_add (list, gst_buffer_ref (gst_buffer_list_get (big, 0)));
  gst_buffer_list_add (list, gst_buffer_ref (gst_buffer_list_get (big, 1)));
  gst_buffer_list_unref (big);
  fail_unless_equals_int (wire_sender_push (sender, list), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "too-big"), 2);
  check_conservation (sender, receiver, 4);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* A change of the MTU while it runs. */
GST_START_TEST (test_mtu_changes)
{
  NetCollector *receiver;
  WireSender *sender = wire_sender_new ("interface=va sync=false oversize=skip",
      ETHERNET);
  g_autoptr (GstMessage) message = NULL;

  net_run ("ip link set vb mtu 9000");
  net_run ("ip link set va mtu 9000");
  receiver = new_receiver ("interface=vb");
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 1, SIZE,
              0)), GST_FLOW_OK);
  message = net_wait_message (sender->pipeline, GST_MESSAGE_ELEMENT);
  fail_unless (gst_message_has_name (message, "GstAfringSinkLink"));
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 1, 8000,
              0)), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 2);
  check_conservation (sender, receiver, 2);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* One datagram in IP fragments: all of its bytes come, and there is none too many. */
GST_START_TEST (test_fragments)
{
  const gsize size = 6000;
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  guint8 frame[6000], got[6000] = { 0, };
  gsize total = 0;

  switch_offloads_off ("va");
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (7, 1, size,
              0)), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "packets-sent"), 1);
  fail_unless_equals_int64 (wire_sender_get (sender, "segmented"), 1);
  net_collector_wait (receiver, 5);
  net_collector_end (receiver);
  fail_unless_equals_int (receiver->n, 5);
  for (guint i = 0; i < receiver->n; i++) {
    GstBuffer *buffer = g_ptr_array_index (receiver->buffers, i);
    gsize at, length = gst_buffer_get_size (buffer);
    GstMapInfo map;

    fail_unless (length <= 1514);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    at = (GST_READ_UINT16_BE (map.data + 20) & 0x1fff) * 8;
    memcpy (got + 34 + at, map.data + 34, length - 34);
    total += length - 34;
    gst_buffer_unmap (buffer, &map);
  }
  net_make_frame (frame, size, NULL, 5004, 7);
  fail_unless_equals_int64 (total, size - 34);
  /* but for the checksum, which is completed */
  fail_unless (memcmp (got + 34, frame + 34, 6) == 0);
  fail_unless (memcmp (got + 42, frame + 42, size - 42) == 0);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Past the queue: others here do not see them, and none is cut. */
GST_START_TEST (test_bypass)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  NetCollector *here = new_receiver ("interface=va");
  WireSender *sender = wire_sender_new ("interface=va sync=false "
      "qdisc-bypass=true", ETHERNET);

  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, MANY, SIZE,
              0)), GST_FLOW_OK);
  fail_unless_equals_int (wire_sender_push (sender, wire_frames (0, 1, 6000,
              0)), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "too-big"), 1);
  check_conservation (sender, receiver, MANY + 1);
  net_collector_end (here);
  fail_unless_equals_int (here->n, 0);
  wire_sender_free (sender);
  net_collector_free (here);
  net_collector_free (receiver);
}
GST_END_TEST

GST_START_TEST (test_too_short)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new ("interface=va sync=false", ETHERNET);
  GstBufferList *list = wire_frames (0, 3, SIZE, 0);

  gst_buffer_resize (gst_buffer_list_get_writable (list, 1), 0, 13);
  fail_unless_equals_int (wire_sender_push (sender, list), GST_FLOW_OK);
  fail_unless_equals_int64 (wire_sender_get (sender, "too-short"), 1);
  check_conservation (sender, receiver, 3);
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

/* Bare IP on Ethernet: refused without an address to send it to. */
GST_START_TEST (test_other_link_types)
{
  NetCollector *receiver = new_receiver ("interface=vb");
  WireSender *sender = wire_sender_new (__i__ == 0 ? "interface=va sync=false" :
      "interface=va sync=false dst-mac=02:00:00:00:00:02 "
      "src-mac=02:00:00:00:00:01 vlan=7", 101);
  GstBufferList *list = wire_frames (0, 1, SIZE, 0);
  guint8 frame[SIZE + 4];
  const NetTag tags[] = { {0x8100, 7}, {0, 0} };

  gst_buffer_resize (gst_buffer_list_get_writable (list, 0), 14, -1);
  gst_buffer_get_packet_meta (gst_buffer_list_get (list, 0))->wire_length -= 14;
  if (__i__ == 0) {
    fail_unless_equals_int (wire_sender_push (sender, list),
        GST_FLOW_NOT_NEGOTIATED);
    wait_error (sender, "dst-mac");
  } else {
    fail_unless_equals_int (wire_sender_push (sender, list), GST_FLOW_OK);
    net_collector_wait (receiver, 1);
    net_make_frame (frame, SIZE + 4, tags, 5004, 0);
    fail_unless (gst_buffer_memcmp (g_ptr_array_index (receiver->buffers, 0),
            0, frame, 38) == 0);
  }
  wire_sender_free (sender);
  net_collector_free (receiver);
}
GST_END_TEST

static Suite *
sinktrouble_suite (void)
{
  Suite *suite = suite_create ("sinktrouble");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_link_waits, 0, 2);
  tcase_add_loop_test (tc, test_wait_ends, 0, 2);
  tcase_add_test (tc, test_pause_while_waiting);
  tcase_add_loop_test (tc, test_link_drops, 0, 2);
  tcase_add_test (tc, test_link_errors);
  tcase_add_loop_test (tc, test_removed, 0, 2);
  tcase_add_loop_test (tc, test_short_queue, 0, 2);
  tcase_add_test (tc, test_deep_queue);
  tcase_add_test (tc, test_skips_oversize);
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_mtu_changes);
  tcase_add_test (tc, test_fragments);
  tcase_add_test (tc, test_bypass);
  tcase_add_test (tc, test_too_short);
  tcase_add_loop_test (tc, test_other_link_types, 0, 2);
  return suite;
}

GST_CHECK_MAIN (sinktrouble)
