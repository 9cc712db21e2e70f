/* A process that sends frames, so that what it uses is not the program's.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sender.h"
#include "bench.h"
#include "../net/netutil.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define MAX_SIZE 2048
#define FIRST_PORT 5004
#define PAUSE 50000             /* nanoseconds, between looks at the clock */

typedef struct
{
  guint64 frames;
  guint size;
  guint flows;
  guint rate;
} Order;

typedef struct
{
  guint8 bytes[BATCH][MAX_SIZE];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH];
} Batch;

static int channel = -1;        /* to the other process */

/* In the process. */

static void
make_batch (Batch * self, const Order * order)
{
  memset (self, 0, sizeof (*self));
  for (guint i = 0; i < BATCH; i++) {
    net_make_frame (self->bytes[i], order->size, NULL,
        FIRST_PORT + i % order->flows, i);
    self->parts[i].iov_base = self->bytes[i];
    self->parts[i].iov_len = order->size;
    self->messages[i].msg_hdr.msg_iov = &self->parts[i];
    self->messages[i].msg_hdr.msg_iovlen = 1;
  }
}

/* The one of netutil can only fail inside a test. */
static int
open_socket (void)
{
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_ifindex = if_nametoindex (SENDER_INTERFACE),
  };
  int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof (address)) != 0)
    bench_fail ("Cannot send on %s: %s", SENDER_INTERFACE, g_strerror (errno));
  return fd;
}

static guint64
get_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

static void
pause_shortly (void)
{
  const struct timespec time = {.tv_nsec = PAUSE };

  nanosleep (&time, NULL);
}

/* How many more frames are due, after @sent. The next one is up to one interval
 * late, by @delay from 0 to 1: in step with a timer of the receiver all would wait
 * for it equally long. */
static guint64
get_due (const Order * order, guint64 started, guint64 sent, gdouble delay)
{
  gdouble due = order->frames;

  if (order->rate > 0)
    due = (get_time () - started) * 1e-9 * order->rate + 1 - delay;
  return MIN (due, order->frames) > sent ?
      (guint64) MIN (due, order->frames) - sent : 0;
}

static void
carry_out (const Order * order)
{
  Batch *batch = g_new (Batch, 1);
  int fd = open_socket ();
  guint64 started = get_time (), sent = 0;
  gdouble delay = 0;

  make_batch (batch, order);
  while (sent < order->frames) {
    guint64 due = get_due (order, started, sent, delay);
    int n;

    if (due == 0) {
      pause_shortly ();
      continue;
    }
    n = sendmmsg (fd, batch->messages, MIN (due, BATCH), 0);
    if (n > 0)
      sent += n;
    else if (errno != ENOBUFS && errno != EAGAIN)
      bench_fail ("Cannot send: %s", g_strerror (errno));
    delay = g_random_double ();
  }
  close (fd);
  g_free (batch);
}

/* Ends when the program has ended. */
static void
serve (int fd)
{
  Order order;

  while (read (fd, &order, sizeof (order)) == sizeof (order)) {
    carry_out (&order);
    if (write (fd, "", 1) != 1)
      break;
  }
  _exit (0);
}

/* In the program. */

void
sender_start (void)
{
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    bench_fail ("socketpair: %s", g_strerror (errno));
  if (fork () == 0) {
    close (fds[0]);
    serve (fds[1]);
  }
  close (fds[1]);
  channel = fds[0];
}

static void
run (const gchar * command)
{
  gint status = 0;

  if (!g_spawn_command_line_sync (command, NULL, NULL, &status, NULL)
      || !g_spawn_check_wait_status (status, NULL))
    bench_fail ("Failed: %s. Run this as tests/net/in-namespace.sh PROGRAM",
        command);
}

static void
remove_link (void)
{
  g_spawn_command_line_sync ("ip link del " SENDER_INTERFACE, NULL, NULL, NULL,
      NULL);
}

void
sender_make_link (void)
{
  run ("ip link add " SENDER_INTERFACE " type veth peer name " SENDER_PEER);
  /* the namespace may be somebody's who stays */
  atexit (remove_link);
  run ("ip link set " SENDER_PEER " up");
  run ("ip link set " SENDER_INTERFACE " up");
}

void
sender_send (guint64 frames, guint size, guint flows, guint rate)
{
  Order order = { frames, size, flows, rate };
  gchar done;

  g_assert (size >= NET_MIN_FRAME && size <= MAX_SIZE);
  if (write (channel, &order, sizeof (order)) != sizeof (order)
      || read (channel, &done, 1) != 1)
    bench_fail ("The sender has ended");
}
