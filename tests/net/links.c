/* What an interface can do to a capture on it.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
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

static void
send_and_wait (NetCollector * collector, guint first, guint n)
{
  net_send_frames ("va", first, n, SIZE, PORT);
  net_collector_wait (collector, first + n);
}

static void
expect_warning (NetCollector * collector, const gchar * words)
{
  GstMessage *message = net_wait_message (collector->pipeline,
      GST_MESSAGE_WARNING);
  g_autoptr (GError) error = NULL;

  gst_message_parse_warning (message, &error, NULL);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
  gst_message_unref (message);
}

GST_START_TEST (test_down)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);

  net_collector_play (collector);
  net_run ("ip link set vb down");
  net_expect_link (collector, "vb", FALSE, FALSE);
  expect_warning (collector, "down");
  net_set_up ("vb", "va");
  net_expect_link (collector, "vb", TRUE, TRUE);
  send_and_wait (collector, 0, 10);

  gst_util_set_object_arg (G_OBJECT (collector->src), "on-link-down", "eos");
  net_run ("ip link set vb down");
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_EOS));
  net_set_up ("vb", "va");
  net_collector_free (collector);

  collector = net_collector_new ("interface=vb on-link-down=error", FALSE);
  net_collector_play (collector);
  net_run ("ip link set vb down");
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_ERROR));
  net_collector_free (collector);
}
GST_END_TEST

/* The last, partly filled block comes before the end, whichever end it is. */
static void
check_keeps (const gchar * policy, const gchar * command, GstMessageType type)
{
  g_autofree gchar *properties = g_strdup_printf ("interface=vb "
      "block-timeout=300 on-link-down=%s", policy);
  NetCollector *collector = net_collector_new (properties, FALSE);

  net_collector_play (collector);
  net_send_frames ("va", 0, 50, SIZE, PORT);
  net_run ("%s", command);
  gst_message_unref (net_wait_message (collector->pipeline, type));
  fail_unless_equals_int (collector->n, 50);
  net_collector_free (collector);
}

GST_START_TEST (test_down_loses_nothing)
{
  check_keeps ("eos", "ip link set vb down", GST_MESSAGE_EOS);
  net_set_up ("vb", "va");
  check_keeps ("error", "ip link set vb down", GST_MESSAGE_ERROR);
  net_set_up ("vb", "va");
  check_keeps ("eos", "ip link del vb", GST_MESSAGE_EOS);
  net_add_veth ("va", "vb");
  check_keeps ("error", "ip link del vb", GST_MESSAGE_ERROR);
  net_add_veth ("va", "vb");
}
GST_END_TEST

GST_START_TEST (test_carrier)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);

  /* by default it is only told */
  net_collector_play (collector);
  net_run ("ip link set va down");
  net_expect_link (collector, "vb", TRUE, FALSE);
  net_set_up ("va", "vb");
  net_expect_link (collector, "vb", TRUE, TRUE);
  send_and_wait (collector, 0, 10);

  gst_util_set_object_arg (G_OBJECT (collector->src), "on-carrier-lost",
      "link-down");
  gst_util_set_object_arg (G_OBJECT (collector->src), "on-link-down", "eos");
  net_run ("ip link set va down");
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_EOS));
  fail_unless_equals_int (collector->n, 10);
  net_collector_free (collector);
  net_set_up ("va", "vb");
}
GST_END_TEST

static void
remove_and_add (NetCollector * collector)
{
  net_remove ("va");
  net_expect_link (collector, "vb", FALSE, FALSE);
  net_add_veth ("va", "vb");
  net_expect_link (collector, "vb", TRUE, TRUE);
}

/* Another ring: what is kept of the one before stays, the counters go on. */
GST_START_TEST (test_removed_and_back)
{
  NetCollector *collector = net_collector_new ("interface=vb", TRUE);
  guint32 interface = 0;

  net_collector_play (collector);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer;

    send_and_wait (collector, i * 20, 20);
    buffer = g_ptr_array_index (collector->buffers, i * 20);
    fail_unless_equals_int (GST_BUFFER_OFFSET (buffer), i * 20);
    fail_unless (GST_BUFFER_IS_DISCONT (buffer));
    fail_unless (gst_buffer_get_packet_meta (buffer)->interface_id != interface);
    interface = gst_buffer_get_packet_meta (buffer)->interface_id;
    fail_unless_equals_uint64 (net_get_stat (collector->src,
            "packets-received"), i * 20 + 20);
    fail_unless_equals_uint64 (net_get_stat (collector->src,
            "packets-captured"), i * 20 + 20);
    remove_and_add (collector);
  }
  net_collector_end (collector);
  for (guint i = 0; i < 60; i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_int (net_check_frame (map.data, map.size), i);
    gst_buffer_unmap (buffer, &map);
    fail_unless (i == 0 || GST_BUFFER_PTS (buffer) >= GST_BUFFER_PTS
        (g_ptr_array_index (collector->buffers, i - 1)));
  }
  net_collector_free (collector);
}
GST_END_TEST

/* The limit is of the element and not of a ring. */
GST_START_TEST (test_num_buffers_over_rings)
{
  NetCollector *collector = net_collector_new ("interface=vb num-buffers=25",
      FALSE);

  net_collector_play (collector);
  send_and_wait (collector, 0, 20);
  remove_and_add (collector);
  net_send_frames ("va", 20, 20, SIZE, PORT);
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_EOS));
  fail_unless_equals_int (collector->n, 25);
  net_collector_free (collector);
}
GST_END_TEST

/* Only on request: a name can be wrong. */
GST_START_TEST (test_start_waits)
{
  NetCollector *collector = net_collector_new ("interface=vb "
      "on-link-down=wait", FALSE);

  net_remove ("va");
  gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
  net_expect_link (collector, "vb", FALSE, FALSE);
  expect_warning (collector, "\"vb\"");
  net_run ("ip link add vb type veth peer name va");    /* is there, and down */
  net_run ("ip link set va up");
  net_set_up ("vb", "va");
  net_expect_link (collector, "vb", TRUE, TRUE);
  send_and_wait (collector, 0, 10);
  net_collector_end (collector);
  net_collector_free (collector);
}
GST_END_TEST

/* Who waits can be stopped, paused and ended. */
GST_START_TEST (test_end_of_waiting)
{
  NetCollector *collector = net_collector_new ("interface=vb "
      "on-link-down=wait", FALSE);

  net_remove ("va");
  for (guint i = 0; i < 3; i++) {
    gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
    net_expect_link (collector, "vb", FALSE, FALSE);
    gst_element_set_state (collector->pipeline, GST_STATE_PAUSED);
    gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
    if (i == 1)
      net_collector_end (collector);
    gst_element_set_state (collector->pipeline, GST_STATE_NULL);
  }
  net_add_veth ("va", "vb");
  net_collector_play (collector);
  send_and_wait (collector, 0, 5);
  net_collector_free (collector);
}
GST_END_TEST

/* A new start counts anew, also if the last one was waiting when it was stopped. */
GST_START_TEST (test_restart_counts_anew)
{
  NetCollector *collector = net_collector_new ("interface=vb num-buffers=30",
      FALSE);

  net_collector_play (collector);
  send_and_wait (collector, 0, 20);
  net_remove ("va");
  net_expect_link (collector, "vb", FALSE, FALSE);
  gst_element_set_state (collector->pipeline, GST_STATE_NULL);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-captured"),
      20);
  net_add_veth ("va", "vb");
  net_collector_play (collector);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      0);
  send_and_wait (collector, 20, 20);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-captured"),
      20);
  net_collector_free (collector);
}
GST_END_TEST

/* What is asked for while it waits: another policy, another filter. */
GST_START_TEST (test_set_while_waiting)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);

  net_collector_play (collector);
  send_and_wait (collector, 0, 10);
  net_remove ("va");
  net_expect_link (collector, "vb", FALSE, FALSE);
  g_object_set (collector->src, "filter", "udp port 1", NULL);
  net_add_veth ("va", "vb");
  net_expect_link (collector, "vb", TRUE, TRUE);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_send_frames ("va", 10, 10, SIZE, 1);
  net_collector_wait (collector, 20);

  net_remove ("va");
  net_expect_link (collector, "vb", FALSE, FALSE);
  gst_util_set_object_arg (G_OBJECT (collector->src), "on-link-down", "eos");
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_EOS));
  fail_unless_equals_int (collector->n, 20);
  net_collector_free (collector);
  net_add_veth ("va", "vb");
}
GST_END_TEST

/* It is the same one. */
GST_START_TEST (test_renamed)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);

  net_collector_play (collector);
  send_and_wait (collector, 0, 10);
  net_run ("ip link set vb down");
  net_expect_link (collector, "vb", FALSE, FALSE);
  net_run ("ip link set vb name vc");
  net_set_up ("vc", "va");
  net_expect_link (collector, "vc", TRUE, TRUE);
  send_and_wait (collector, 10, 10);
  /* while it is up: not all kernels allow that */
  if (g_spawn_command_line_sync ("ip link set vc name vd", NULL, NULL, NULL,
          NULL))
    send_and_wait (collector, 20, 10);
  net_collector_end (collector);
  net_collector_free (collector);
}
GST_END_TEST

/* A member of the same fanout group that has not noticed yet: nobody joins on the new
 * interface before that one has left. */
GST_START_TEST (test_group_is_slow)
{
  NetCollector *collector = net_collector_new ("interface=vb fanout-group=9",
      FALSE);
  int other = net_open_sender ("vb");
  guint argument = 9;           /* PACKET_FANOUT_HASH */
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_protocol = GUINT16_TO_BE (ETH_P_ALL),
    .sll_ifindex = if_nametoindex ("vb"),
  };

  net_collector_play (collector);
  fail_unless (bind (other, (struct sockaddr *) &address,
          sizeof (address)) == 0);
  fail_unless (setsockopt (other, SOL_PACKET, PACKET_FANOUT, &argument,
          sizeof (argument)) == 0);
  net_remove ("va");
  net_expect_link (collector, "vb", FALSE, FALSE);
  net_add_veth ("va", "vb");
  g_usleep (100000);            /* some attempts; it holds with none, too */
  close (other);
  net_expect_link (collector, "vb", TRUE, TRUE);
  send_and_wait (collector, 0, 10);
  net_collector_end (collector);
  net_collector_free (collector);
}
GST_END_TEST

/* None of that ends or interrupts anything. */
GST_START_TEST (test_changed)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);

  net_collector_play (collector);
  send_and_wait (collector, 0, 10);
  net_run ("ip link set vb mtu 9000");
  net_run ("ip link set va mtu 9000");
  net_send_frames ("va", 10, 1, 8000, PORT);
  net_collector_wait (collector, 11);
  net_run ("ip link add br0 type bridge");
  net_run ("ip link set vb master br0");
  send_and_wait (collector, 11, 10);
  net_run ("ip link set vb nomaster");
  net_run ("ip link del br0");
  send_and_wait (collector, 21, 10);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 31);
  net_collector_free (collector);
}
GST_END_TEST

/* To another network namespace, and back. */
GST_START_TEST (test_moved)
{
  NetCollector *collector = net_collector_new ("interface=vb", FALSE);
  NetNamespace *other = net_namespace_new ();

  net_collector_play (collector);
  send_and_wait (collector, 0, 10);
  net_run ("ip link set vb netns %d", net_namespace_get_pid (other));
  net_expect_link (collector, "vb", FALSE, FALSE);
  net_namespace_run (other, "ip link set vb netns %d", getpid ());
  net_set_up ("vb", "va");
  net_expect_link (collector, "vb", TRUE, TRUE);
  send_and_wait (collector, 10, 10);
  net_collector_end (collector);
  net_collector_free (collector);
  net_namespace_free (other);
}
GST_END_TEST

static Suite *
links_suite (void)
{
  Suite *suite = suite_create ("links");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_down);
  tcase_add_test (tc, test_down_loses_nothing);
  tcase_add_test (tc, test_carrier);
  tcase_add_test (tc, test_removed_and_back);
  tcase_add_test (tc, test_num_buffers_over_rings);
  tcase_add_test (tc, test_start_waits);
  tcase_add_test (tc, test_end_of_waiting);
  tcase_add_test (tc, test_restart_counts_anew);
  tcase_add_test (tc, test_set_while_waiting);
  tcase_add_test (tc, test_renamed);
  tcase_add_test (tc, test_group_is_slow);
  tcase_add_test (tc, test_changed);
  tcase_add_test (tc, test_moved);
  return suite;
}

GST_CHECK_MAIN (links)
