/* The threads of a source that must not wait: the one that turns the ring for the
 * application's handlers, the application's for a pad that stands still, and none for
 * what an interface is asked.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <errno.h>
#include <gst/afring/afring.h>
#include <ifaddrs.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PORT 5004
#define SIZE 200
#define RING "interface=vb block-size=65536 block-count=16 "

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

/* What is asked of the kernel: in place of the C library's, for the plugin too. */

static gint received;           /* atomic; bytes that came through a socket */
static gint dumps;              /* atomic; of all interfaces and addresses */

static gssize
count_bytes (gssize n)
{
  if (n > 0)
    g_atomic_int_add (&received, (gint) n);
  return n;
}

ssize_t
recvfrom (int fd, void *buffer, size_t size, int flags,
    struct sockaddr *address, socklen_t *length)
{
  return count_bytes (syscall (SYS_recvfrom, fd, buffer, size, flags, address,
          length));
}

ssize_t
recv (int fd, void *buffer, size_t size, int flags)
{
  return recvfrom (fd, buffer, size, flags, NULL, NULL);
}

ssize_t
recvmsg (int fd, struct msghdr *message, int flags)
{
  return count_bytes (syscall (SYS_recvmsg, fd, message, flags));
}

int
getifaddrs (struct ifaddrs **list)
{
  g_atomic_int_inc (&dumps);
  errno = ENOSYS;
  return -1;
}

static guint
count_for_stats (NetCollector * collector)
{
  const guint n = 10;

  g_atomic_int_set (&received, 0);
  for (guint i = 0; i < n; i++)
    net_get_stat (collector->src, "packets-received");
  return g_atomic_int_get (&received) / n;
}

/* The counters of one interface are asked for, however many there are. */
GST_START_TEST (test_stats)
{
  const guint more = 60;
  NetCollector *collector = net_collector_new (RING, FALSE);
  guint before, after;

  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  before = count_for_stats (collector);
  for (guint i = 0; i < more; i++)
    net_run ("ip link add na%u type veth peer name nb%u", i, i);
  after = count_for_stats (collector);
  for (guint i = 0; i < more; i++)
    net_run ("ip link del na%u", i);
  /* a message about an interface is at least a kilobyte, and of those there are 120 */
  fail_unless (after <= 2 * before + 4096, "%u bytes, and %u before", after,
      before);
  fail_unless_equals_int (g_atomic_int_get (&dumps), 0);
  net_collector_free (collector);
}
GST_END_TEST

/* A handler of the application that takes its time, on whatever thread that is not its
 * own. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean waiting;
  gboolean released;
} Handler;

static GstBusSyncReply
handle_slowly (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Handler *handler = user_data;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT)
    return GST_BUS_PASS;
  g_mutex_lock (&handler->lock);
  handler->waiting = TRUE;
  g_cond_broadcast (&handler->cond);
  while (!handler->released)
    g_cond_wait (&handler->cond, &handler->lock);
  g_mutex_unlock (&handler->lock);
  return GST_BUS_PASS;
}

static void
wait_for_handler (Handler * handler)
{
  gint64 limit = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&handler->lock);
  while (!handler->waiting
      && g_cond_wait_until (&handler->cond, &handler->lock, limit));
  fail_unless (handler->waiting, "no message about the link");
  g_mutex_unlock (&handler->lock);
}

static void
release (Handler * handler)
{
  g_mutex_lock (&handler->lock);
  handler->released = TRUE;
  g_cond_broadcast (&handler->cond);
  g_mutex_unlock (&handler->lock);
}

/* Some times round the ring while the handler has not come back. */
GST_START_TEST (test_sync_handler)
{
  const guint n = 6000;
  NetCollector *collector = net_collector_new (RING, FALSE);
  g_autoptr (GstBus) bus = gst_element_get_bus (collector->pipeline);
  Handler handler = {.waiting = FALSE };

  g_mutex_init (&handler.lock);
  g_cond_init (&handler.cond);
  gst_bus_set_sync_handler (bus, handle_slowly, &handler, NULL);
  net_collector_play (collector);
  net_run ("ip link set vb down");
  wait_for_handler (&handler);
  net_set_up ("vb", "va");
  for (guint i = 0; i < n; i += 100) {
    net_send_frames ("va", i, 100, SIZE, PORT);
    net_collector_wait (collector, i + 100);
  }
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  release (&handler);
  net_collector_free (collector);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  g_mutex_clear (&handler.lock);
  g_cond_clear (&handler.cond);
}
GST_END_TEST

/* Pausing with a pad that is blocked, as for relinking. */

static gint blocked;            /* atomic */

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_atomic_int_set (&blocked, TRUE);
  return GST_PAD_PROBE_OK;
}

static glong
count_sleeps (void)
{
  struct rusage usage;

  fail_unless (getrusage (RUSAGE_THREAD, &usage) == 0);
  return usage.ru_nvcsw;
}

/* The application's thread does not poll, and is soon there again. */
GST_START_TEST (test_pause_blocked_pad)
{
  gint64 least = G_MAXINT64;

  for (guint i = 0; i < 5; i++) {
    NetCollector *collector = net_collector_new (RING, FALSE);
    gint64 begun;
    glong sleeps;
    gulong probe;

    g_atomic_int_set (&blocked, FALSE);
    net_collector_play (collector);
    probe = gst_pad_add_probe (collector->pad, GST_PAD_PROBE_TYPE_BLOCK |
        GST_PAD_PROBE_TYPE_BUFFER_LIST, block, NULL, NULL);
    net_send_frames ("va", 0, 100, SIZE, PORT);
    for (guint j = 0; j < 10000 && !g_atomic_int_get (&blocked); j++)
      g_usleep (1000);
    fail_unless (g_atomic_int_get (&blocked));

    begun = g_get_monotonic_time ();
    sleeps = count_sleeps ();
    fail_unless (gst_element_set_state (collector->pipeline,
            GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE);
    sleeps = count_sleeps () - sleeps;
    least = MIN (least, g_get_monotonic_time () - begun);
    fail_unless (sleeps < 100, "it slept %ld times", sleeps);

    /* and nothing is lost by it */
    fail_unless (gst_element_set_state (collector->pipeline,
            GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE);
    gst_pad_remove_probe (collector->pad, probe);
    net_send_frames ("va", 100, 100, SIZE, PORT);
    net_collector_wait (collector, 200);
    net_collector_free (collector);
  }
  fail_unless (least < 250000, "%" G_GINT64_FORMAT " us", least);
}
GST_END_TEST

static Suite *
sourcethreads_suite (void)
{
  Suite *suite = suite_create ("sourcethreads");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_stats);
  tcase_add_test (tc, test_sync_handler);
  tcase_add_test (tc, test_pause_blocked_pad);
  return suite;
}

GST_CHECK_MAIN (sourcethreads)
