/* bench-latency: from the kernel's stamp of a packet to the sink.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Sends over a veth pair, at two rates, and compares capture times with the time
 * at which packets arrive at the sink, for two values of block-timeout. For
 * comparison, the same with a plain packet socket. Wants a network namespace of its
 * own: tests/net/in-namespace.sh bench-latency */

#include "bench.h"
#include "meter.h"
#include "sender.h"

#include <gst/afring/afring.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FRAME_SIZE 60
#define FLOWS 1
#define MARGIN (300 * 1000)     /* microseconds, before the first and after the last */

static const guint rates[] = { 100, 100000 };
static const guint timeouts[] = { 0, 1, 10 };   /* 0: the socket */

#define N_RATES G_N_ELEMENTS (rates)
#define N_TIMEOUTS G_N_ELEMENTS (timeouts)

/* Of all rounds: microseconds. */
typedef struct
{
  GArray *median;
  GArray *p99;
  GArray *most;
  guint64 packets;
} Result;

static gint option_seconds = 4;
static gint option_rounds = 3;

static const GOptionEntry options[] = {
  {"seconds", 0, 0, G_OPTION_ARG_INT, &option_seconds,
      "For how long packets are sent in each run (4)", "N"},
  {"rounds", 0, 0, G_OPTION_ARG_INT, &option_rounds, "Rounds (3)", "N"},
  {NULL}
};

static gint64
get_real_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

static void
add_latency (GArray * latencies, gint64 now, gint64 capture_time)
{
  gdouble latency = (now - capture_time) / 1000.0;

  g_array_append_val (latencies, latency);
}

/* The ring. */

static GstPadProbeReturn
list_arrived (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  gint64 now = get_real_time ();

  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    add_latency (user_data, now,
        gst_buffer_get_packet_meta (gst_buffer_list_get (list,
                i))->capture_time);
  return GST_PAD_PROBE_OK;
}

static void
send_packets (guint rate)
{
  g_usleep (MARGIN);
  sender_send ((guint64) rate * option_seconds, FRAME_SIZE, FLOWS, rate);
  g_usleep (MARGIN);
}

static void
measure_ring (GArray * latencies, guint rate, guint timeout)
{
  GstElement *pipeline = bench_parse_launch ("afringsrc interface=%s "
      "block-timeout=%u ! fakesink name=sink async=false "
      "enable-last-sample=false", SENDER_PEER, timeout);
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, list_arrived,
      latencies, NULL);
  bench_play (pipeline);
  send_packets (rate);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

/* The socket. */

typedef struct
{
  int fd;
  GArray *latencies;
  gint stopping;                /* atomic */
} Socket;

static gpointer
receive (gpointer data)
{
  Socket *self = data;
  guint8 frame[2048];
  union
  {
    struct cmsghdr header;
    guint8 space[CMSG_SPACE (sizeof (struct timespec))];
  } control;
  struct iovec part = { frame, sizeof (frame) };

  while (!g_atomic_int_get (&self->stopping)) {
    struct msghdr message = {
      .msg_iov = &part,.msg_iovlen = 1,
      .msg_control = &control,.msg_controllen = sizeof (control),
    };
    struct cmsghdr *header;

    if (recvmsg (self->fd, &message, 0) < 0)
      continue;                 /* time to look whether this is to stop */
    header = CMSG_FIRSTHDR (&message);
    if (header != NULL && header->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec *stamp = (struct timespec *) CMSG_DATA (header);

      add_latency (self->latencies, get_real_time (),
          GST_TIMESPEC_TO_TIME (*stamp));
    }
  }
  return NULL;
}

static void
measure_socket (GArray * latencies, guint rate)
{
  Socket self = {.latencies = latencies };
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_protocol = g_htons (ETH_P_ALL),
    .sll_ifindex = if_nametoindex (SENDER_PEER),
  };
  struct timeval limit = {.tv_usec = 100000 };
  GThread *thread;
  int on = 1;

  self.fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  setsockopt (self.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof (on));
  setsockopt (self.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof (limit));
  if (bind (self.fd, (struct sockaddr *) &address, sizeof (address)) != 0)
    bench_fail ("Cannot capture on %s", SENDER_PEER);
  thread = g_thread_new ("receive", receive, &self);
  send_packets (rate);
  g_atomic_int_set (&self.stopping, TRUE);
  g_thread_join (thread);
  close (self.fd);
}

/* All of it. */

static void
measure (Result * result, guint rate, guint timeout)
{
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (gdouble));
  BenchSpread spread;
  gdouble p99;

  if (timeout > 0)
    measure_ring (latencies, rate, timeout);
  else
    measure_socket (latencies, rate);
  if (latencies->len == 0)
    bench_fail ("No packet has arrived");
  spread = bench_get_spread (latencies);
  p99 = g_array_index (latencies, gdouble, (latencies->len - 1) * 99 / 100);
  g_array_append_val (result->median, spread.median);
  g_array_append_val (result->p99, p99);
  g_array_append_val (result->most, spread.most);
  result->packets += latencies->len;
}

static void
print_result (Result * result, guint rate, guint timeout)
{
  BenchSpread median = bench_get_spread (result->median);
  BenchSpread p99 = bench_get_spread (result->p99);
  BenchSpread most = bench_get_spread (result->most);
  g_autofree gchar *name = timeout > 0 ?
      g_strdup_printf ("block-timeout=%u", timeout) : g_strdup ("socket");

  printf ("%7u %-18s %9.0f %7.0f %7.0f %9.0f %7.0f %7.0f %9.0f %9"
      G_GUINT64_FORMAT "\n", rate, name, median.median, median.least,
      median.most, p99.median, p99.least, p99.most, most.most, result->packets);
}

int
main (int argc, char **argv)
{
  Result results[N_RATES][N_TIMEOUTS] = { 0, };

  sender_start ();
  bench_init (&argc, &argv, options,
      "Measures the time from the kernel's stamp of a packet to the sink.");
  sender_make_link ();
  bench_print_machine ();
  printf ("%d s of frames of %d bytes in each run, %d rounds\n\n",
      option_seconds, FRAME_SIZE, option_rounds);

  for (guint i = 0; i < N_RATES * N_TIMEOUTS; i++) {
    Result *result = &results[i / N_TIMEOUTS][i % N_TIMEOUTS];

    result->median = g_array_new (FALSE, FALSE, sizeof (gdouble));
    result->p99 = g_array_new (FALSE, FALSE, sizeof (gdouble));
    result->most = g_array_new (FALSE, FALSE, sizeof (gdouble));
  }
  for (gint round = 0; round < option_rounds; round++) {
    for (guint i = 0; i < N_RATES * N_TIMEOUTS; i++)
      measure (&results[i / N_TIMEOUTS][i % N_TIMEOUTS],
          rates[i / N_TIMEOUTS], timeouts[i % N_TIMEOUTS]);
  }

  printf ("%7s %-18s %9s %7s %7s %9s %7s %7s %9s %9s\n", "packets", "",
      "median", "least", "most", "p99", "least", "most", "longest", "packets");
  printf ("%7s %-18s %9s %7s %7s %9s %7s %7s %9s %9s\n", "a second", "", "us",
      "", "", "us", "", "", "us", "");
  for (guint i = 0; i < N_RATES * N_TIMEOUTS; i++) {
    Result *result = &results[i / N_TIMEOUTS][i % N_TIMEOUTS];

    print_result (result, rates[i / N_TIMEOUTS], timeouts[i % N_TIMEOUTS]);
    g_array_unref (result->median);
    g_array_unref (result->p99);
    g_array_unref (result->most);
  }
  return 0;
}
