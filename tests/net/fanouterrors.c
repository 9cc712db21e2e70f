/* Sources that cannot join a fanout group.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOURCE "interface=vb block-size=65536 block-count=4 "
#define MAX_MEMBERS 256         /* of a group, in the kernel */

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
check_refused (const gchar * properties, const gchar * words)
{
  NetCollector *collector = net_collector_new (properties, FALSE);
  g_autoptr (GstBus) bus = gst_element_get_bus (collector->pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (gst_element_set_state (collector->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE, "%s", properties);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_SETTINGS), "%s", error->message);
  fail_unless (strstr (error->message, words) != NULL, "%s", error->message);
  net_collector_free (collector);
}

GST_START_TEST (test_refused)
{
  NetCollector *member = net_collector_new (SOURCE "fanout-group=3", FALSE);
  NetCollector *same = net_collector_new (SOURCE "fanout-group=3", FALSE);
  const gchar *words = "Cannot join the fanout group 3 on ";

  net_collector_play (member);
  check_refused (SOURCE "fanout-group=3 fanout-mode=cpu", words);
  check_refused (SOURCE "fanout-group=3 fanout-defrag=true", words);
  check_refused (SOURCE "fanout-group=3 fanout-rollover=true", words);
  check_refused ("interface=va fanout-group=3", words);
  check_refused (SOURCE "fanout-group=4 fanout-mode=rollover "
      "fanout-rollover=true", "fanout-rollover does not go with");

  /* those who did not get in take nothing */
  net_collector_play (same);
  net_send_frames ("va", 0, 100, 200, 5004);
  net_collector_end (member);
  net_collector_end (same);
  fail_unless_equals_int (member->n + same->n, 100);
  net_collector_free (member);
  net_collector_free (same);
}
GST_END_TEST

static int
open_member (guint group)
{
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_protocol = htons (ETH_P_ALL),
    .sll_ifindex = if_nametoindex ("vb"),
  };
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

  fail_unless (fd >= 0);
  fail_unless (bind (fd, (struct sockaddr *) &address, sizeof (address)) == 0);
  fail_unless (setsockopt (fd, SOL_PACKET, PACKET_FANOUT, &group,
          sizeof (group)) == 0);
  return fd;
}

GST_START_TEST (test_too_many)
{
  int fds[MAX_MEMBERS];

  for (guint i = 0; i < MAX_MEMBERS; i++)
    fds[i] = open_member (9);
  check_refused (SOURCE "fanout-group=9", "as many members as the kernel");
  for (guint i = 0; i < MAX_MEMBERS; i++)
    close (fds[i]);
}
GST_END_TEST

GST_START_TEST (test_group_range)
{
  GstElement *element = gst_check_setup_element ("afringsrc");
  GParamSpec *pspec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element),
      "fanout-group");
  GstElement *mock = gst_check_setup_element ("afringmocksrc");

  fail_unless_equals_int (G_PARAM_SPEC_INT (pspec)->minimum, -1);
  fail_unless_equals_int (G_PARAM_SPEC_INT (pspec)->maximum, 65535);
  fail_unless (g_object_class_find_property (G_OBJECT_GET_CLASS (mock),
          "fanout-group") == NULL);
  gst_check_teardown_element (mock);
  gst_check_teardown_element (element);
}
GST_END_TEST

static Suite *
fanouterrors_suite (void)
{
  Suite *suite = suite_create ("fanouterrors");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_too_many);
  tcase_add_test (tc, test_group_range);
  return suite;
}

GST_CHECK_MAIN (fanouterrors)
