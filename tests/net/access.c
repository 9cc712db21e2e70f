/* How a capture gets at its interface: namespaces, given sockets, multicast, clocks.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/afring/afring.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static NetCollector *
new_collector (const gchar * format, ...)
{
  g_autofree gchar *properties = NULL;
  va_list args;

  va_start (args, format);
  properties = g_strdup_vprintf (format, args);
  va_end (args);
  return net_collector_new (properties, FALSE);
}

static void
check_error (gint code, const gchar * words, const gchar * format, ...)
{
  g_autofree gchar *properties = NULL;
  NetCollector *collector;
  GstMessage *message;
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  properties = g_strdup_vprintf (format, args);
  va_end (args);
  collector = net_collector_new (properties, FALSE);
  fail_unless_equals_int (gst_element_set_state (collector->pipeline,
          GST_STATE_PLAYING), GST_STATE_CHANGE_FAILURE);
  message = net_wait_message (collector->pipeline, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR, code), "%s: %s",
      properties, error->message);
  fail_unless (strstr (error->message, words) != NULL, "%s: %s", properties,
      error->message);
  gst_message_unref (message);
  net_collector_free (collector);
}

static ino_t
get_own_namespace (void)
{
  struct stat status;

  fail_unless (stat ("/proc/thread-self/ns/net", &status) == 0);
  return status.st_ino;
}

/* Frames go in by va, here, and are captured on vb, there. */
static void
check_capture_there (const gchar * netns)
{
  NetCollector *collector = new_collector ("interface=vb netns=\"%s\" "
      "on-link-down=eos", netns);
  ino_t own = get_own_namespace ();

  net_collector_play (collector);
  fail_unless_equals_int (get_own_namespace (), own);
  net_send_frames ("va", 0, 30, SIZE, PORT);
  net_collector_wait (collector, 30);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 30);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      30);
  net_collector_free (collector);
}

/* It would go with the namespace some time later, and its peer with it. */
static void
bring_back (NetNamespace * other)
{
  net_namespace_run (other, "ip link set vb netns %d", getpid ());
}

/* A folder of names of our own. FALSE where there can be none, as where / is no mount. */
static gboolean
make_names (void)
{
  fail_unless (unshare (CLONE_NEWNS) == 0);
  if (mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0) {
    g_print ("skipped: names of namespaces (%s)\n", g_strerror (errno));
    return FALSE;
  }
  fail_unless (mount ("none", "/run", "tmpfs", 0, NULL) == 0);
  return TRUE;
}

GST_START_TEST (test_netns)
{
  NetNamespace *other = net_namespace_new ();
  g_autofree gchar *path = g_strdup_printf ("/proc/%d/ns/net",
      net_namespace_get_pid (other));
  NetCollector *collector;

  net_run ("ip link set vb netns %d", net_namespace_get_pid (other));
  net_namespace_run (other, "ip link set vb up");
  check_capture_there (path);

  /* what happens there is seen, too */
  collector = new_collector ("interface=vb netns=\"%s\" on-link-down=eos", path);
  net_collector_play (collector);
  net_namespace_run (other, "ip link set vb down");
  gst_message_unref (net_wait_message (collector->pipeline, GST_MESSAGE_EOS));
  net_collector_free (collector);

  net_namespace_run (other, "ip link set vb up");
  if (make_names ()) {
    net_run ("ip netns attach blue %d", net_namespace_get_pid (other));
    check_capture_there ("blue");
    check_error (GST_RESOURCE_ERROR_NOT_FOUND, "\"blue\"",
        "interface=nosuch netns=blue");
  }
  check_error (GST_RESOURCE_ERROR_NOT_FOUND, "\"red\"", "netns=red");
  check_error (GST_RESOURCE_ERROR_NOT_FOUND, "no network namespace",
      "netns=/proc/self/status");
  check_error (GST_RESOURCE_ERROR_NOT_FOUND, "no network namespace",
      "netns=/proc/self/ns/mnt");
  bring_back (other);
  net_namespace_free (other);
}
GST_END_TEST

/* Waited for, removed and back: all of it in another namespace. */
GST_START_TEST (test_netns_waits)
{
  NetNamespace *other = net_namespace_new ();
  NetCollector *collector = new_collector ("interface=vb on-link-down=wait "
      "netns=/proc/%d/ns/net", net_namespace_get_pid (other));

  gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < 2; i++) {
    net_expect_link (collector, "vb", FALSE, FALSE);
    net_run ("ip link set vb netns %d", net_namespace_get_pid (other));
    net_namespace_run (other, "ip link set vb up");
    net_expect_link (collector, "vb", TRUE, TRUE);
    net_send_frames ("va", i * 10, 10, SIZE, PORT);
    net_collector_wait (collector, i * 10 + 10);
    if (i == 0)
      bring_back (other);
  }
  net_collector_end (collector);
  net_collector_free (collector);
  bring_back (other);
  net_namespace_free (other);
}
GST_END_TEST

/* A namespace that has no name yet, and one that has another by then. */
GST_START_TEST (test_netns_comes)
{
  NetNamespace *other, *third;
  NetCollector *collector;

  if (!make_names ())
    return;
  other = net_namespace_new ();
  third = net_namespace_new ();
  collector = new_collector ("interface=vb on-link-down=wait netns=blue");
  gst_element_set_state (collector->pipeline, GST_STATE_PLAYING);
  net_expect_link (collector, "vb", FALSE, FALSE);
  net_run ("ip netns attach blue %d", net_namespace_get_pid (other));
  net_run ("ip netns del blue");
  net_run ("ip netns attach blue %d", net_namespace_get_pid (third));
  net_run ("ip link set vb netns %d", net_namespace_get_pid (third));
  net_namespace_run (third, "ip link set vb up");
  net_expect_link (collector, "vb", TRUE, TRUE);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  net_collector_free (collector);
  bring_back (third);
  net_namespace_free (third);
  net_namespace_free (other);
}
GST_END_TEST

static gpointer
play_elsewhere (gpointer user_data)
{
  NetCollector *collector = user_data;
  int fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

  fail_unless (unshare (CLONE_NEWNET) == 0);
  net_run ("ip link add vb type veth peer name va");
  net_run ("ip link set va up");
  net_run ("ip link set vb up");
  net_collector_play (collector);
  net_run ("ip link del va");
  net_expect_link (collector, "vb", FALSE, FALSE);
  fail_unless (setns (fd, CLONE_NEWNET) == 0);
  close (fd);
  return NULL;
}

/* A streaming thread is of a pool, and can be in another namespace than who started: what
 * is waited for is waited for there. */
GST_START_TEST (test_thread_elsewhere)
{
  NetCollector *first = new_collector ("interface=vb");
  NetCollector *collector = new_collector ("interface=vb "
      "filter=\"udp port %d\"", PORT);

  net_collector_play (first);   /* threads that are here */
  gst_element_set_state (first->pipeline, GST_STATE_NULL);
  g_thread_join (g_thread_new ("elsewhere", play_elsewhere, collector));
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_run ("ip link set lo down");      /* something that wakes it */
  net_run ("ip link set lo up");
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 0);
  net_collector_free (collector);
  net_collector_free (first);
}
GST_END_TEST

static int
open_socket (gint type, const gchar * interface)
{
  int fd = socket (AF_PACKET, type | SOCK_CLOEXEC, 0);
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
  };

  fail_unless (fd >= 0);
  if (interface == NULL)
    return fd;
  address.sll_ifindex = if_nametoindex (interface);
  fail_unless (bind (fd, (struct sockaddr *) &address, sizeof (address)) == 0);
  return fd;
}

static void
drop_privileges (void)
{
  struct __user_cap_header_struct header = {
    .version = _LINUX_CAPABILITY_VERSION_3
  };
  struct __user_cap_data_struct none[2] = { {0}, {0} };

  fail_unless (syscall (SYS_capset, &header, none) == 0);
}

/* Again and again with the same socket, by a program that could not open one. */
GST_START_TEST (test_fd)
{
  int fd = open_socket (SOCK_RAW, NULL), bound = open_socket (SOCK_RAW, "vb");
  int cooked = open_socket (SOCK_DGRAM, NULL);
  int sender = net_open_sender ("va");
  guint8 frame[SIZE];
  const gchar *lines[] = { "interface=vb fd=%d", "interface=vb fd=%d filter=udp",
    "fd=%d", "interface=vb fd=%d", "interface=any fd=%d"
  };
  int fds[] = { fd, fd, bound, cooked, cooked };

  drop_privileges ();
  check_error (GST_RESOURCE_ERROR_NOT_AUTHORIZED, "CAP_NET_RAW", "interface=vb");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autofree gchar *properties = g_strdup_printf (lines[i], fds[i]);
    NetCollector *collector = net_collector_new (properties, FALSE);
    g_autoptr (GstCaps) caps = NULL;
    gint link_type;

    net_collector_play (collector);
    for (guint j = 0; j < 10; j++) {
      net_make_frame (frame, SIZE, NULL, PORT, j);
      net_send (sender, frame, SIZE);
    }
    net_collector_wait (collector, 10);
    caps = gst_pad_get_current_caps (collector->pad);
    fail_unless (gst_structure_get_int (gst_caps_get_structure (caps, 0),
            "link-type", &link_type));
    fail_unless_equals_int (link_type, fds[i] == cooked ? 276 : 1);
    net_collector_free (collector);
    fail_unless (fcntl (fds[i], F_GETFD) >= 0);
  }
  close (sender);
  close (fd);
  close (bound);
  close (cooked);
}
GST_END_TEST

GST_START_TEST (test_fd_errors)
{
  int raw = open_socket (SOCK_RAW, NULL), file = open ("/dev/null", O_RDONLY);
  int other = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  NetCollector *collector = new_collector ("interface=vb fd=%d", raw);

  check_error (GST_RESOURCE_ERROR_SETTINGS, "no socket", "interface=vb fd=99");
  check_error (GST_RESOURCE_ERROR_SETTINGS, "no socket", "interface=vb fd=%d",
      file);
  check_error (GST_RESOURCE_ERROR_SETTINGS, "AF_PACKET", "interface=vb fd=%d",
      other);
  check_error (GST_RESOURCE_ERROR_SETTINGS, "SOCK_DGRAM", "interface=any fd=%d",
      raw);
  check_error (GST_RESOURCE_ERROR_SETTINGS, "netns",
      "interface=vb netns=blue fd=%d", raw);
  check_error (GST_RESOURCE_ERROR_NOT_FOUND, "nosuch", "interface=nosuch fd=%d",
      raw);
  /* one ring to a socket */
  net_collector_play (collector);
  check_error (GST_RESOURCE_ERROR_READ, "has a ring already",
      "interface=vb fd=%d", raw);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  net_collector_free (collector);
  close (raw);
  close (file);
  close (other);
}
GST_END_TEST

/* It receives already, other packets than those that are wanted: they are nobody's. */
GST_START_TEST (test_fd_in_use)
{
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, GUINT16_TO_BE (ETH_P_ALL));
  NetCollector *collector = new_collector ("interface=vb fd=%d filter=udp", fd);
  int bound;

  net_send_frames ("va", 0, 3000, SIZE, PORT);
  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 10);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      10);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  net_collector_free (collector);
  close (fd);

  /* and what it was bound to is not another one when that has gone */
  bound = open_socket (SOCK_RAW, "vb");
  net_remove ("va");
  net_add_veth ("va", "vb");
  check_error (GST_RESOURCE_ERROR_NOT_FOUND, "removed", "fd=%d", bound);
  close (bound);
}
GST_END_TEST

static gboolean
file_has (const gchar * path, const gchar * words)
{
  g_autofree gchar *text = NULL;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  return strstr (text, words) != NULL;
}

static gboolean
lets_all_multicast_through (void)
{
  g_autofree gchar *output = NULL;

  fail_unless (g_spawn_command_line_sync ("ip -d link show vb", &output, NULL,
          NULL, NULL));
  return strstr (output, "allmulti 1") != NULL;
}

/* Joined and left: seen in what the kernel tells the switches. */
GST_START_TEST (test_multicast)
{
  NetCollector *collector = new_collector ("interface=vb all-multicast=true "
      "multicast-groups=\"239.1.2.3, ff15::7\"");
  const gchar *group = "030201EF", *group6 = "ff150000000000000000000000000007";

  net_run ("sh -c \"echo 0 > /proc/sys/net/ipv6/conf/vb/disable_ipv6\"");
  fail_if (file_has ("/proc/net/igmp", group));
  net_collector_play (collector);
  fail_unless (file_has ("/proc/net/igmp", group));
  fail_unless (file_has ("/proc/net/igmp6", group6));
  fail_unless (lets_all_multicast_through ());
  net_collector_free (collector);
  fail_if (file_has ("/proc/net/igmp", group));
  fail_if (file_has ("/proc/net/igmp6", group6));
  fail_if (lets_all_multicast_through ());

  check_error (GST_RESOURCE_ERROR_SETTINGS, "no multicast address",
      "interface=vb multicast-groups=239.1.2.3,10.0.0.1");
  check_error (GST_RESOURCE_ERROR_SETTINGS, "no multicast address",
      "interface=vb multicast-groups=239.1.2.3,");
  check_error (GST_RESOURCE_ERROR_SETTINGS, "name it",
      "interface=any multicast-groups=239.1.2.3");
  fail_if (file_has ("/proc/net/igmp", group));
}
GST_END_TEST

/* No adapter here has a clock; who asked for one is told so. */
GST_START_TEST (test_timestamp_source)
{
  NetCollector *collector = new_collector ("interface=vb "
      "timestamp-source=hardware-or-software");

  check_error (GST_RESOURCE_ERROR_SETTINGS, "ethtool -T",
      "interface=vb timestamp-source=hardware");
  check_error (GST_RESOURCE_ERROR_SETTINGS, "ethtool -T",
      "interface=any timestamp-source=hardware");
  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
access_suite (void)
{
  Suite *suite = suite_create ("access");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_netns);
  tcase_add_test (tc, test_netns_waits);
  tcase_add_test (tc, test_netns_comes);
  tcase_add_test (tc, test_thread_elsewhere);
  tcase_add_test (tc, test_fd);
  tcase_add_test (tc, test_fd_errors);
  tcase_add_test (tc, test_fd_in_use);
  tcase_add_test (tc, test_multicast);
  tcase_add_test (tc, test_timestamp_source);
  return suite;
}

GST_CHECK_MAIN (access)
