/* A disk that is too slow for the ring: blocks have to be moved out of it
 * while they wait to be written, and nothing is lost, and every byte is
 * right.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/blockrun.h"
#include "../check/folder.h"
#include "netutil.h"

#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PORT 5004
#define SIZE 600
#define N 40000U
#define RATE 20000              /* packets per second */

static gchar *folder;
static gint throttled;          /* atomic: bytes per millisecond; 0: not */
static gint n_slow_writes;      /* atomic */

/* In place of the C library's: all that this program writes, when it is to
 * be slow, in which half the time goes by before and half of it behind. */

static void
take_time (gint fd, gsize size)
{
  gint rate = g_atomic_int_get (&throttled);

  if (rate > 0 && fd > 2 && size > 4096) {
    g_atomic_int_inc (&n_slow_writes);
    g_usleep (size * 500 / rate);
  }
}

static gsize
get_size (const struct iovec *iov, int n)
{
  gsize size = 0;

  for (int i = 0; i < n; i++)
    size += iov[i].iov_len;
  return size;
}

#define WRITE(name, call, size, arguments, ...) \
    ssize_t name arguments; \
    ssize_t name arguments \
    { \
      ssize_t result; \
      take_time (fd, size); \
      result = syscall (call, fd, __VA_ARGS__); \
      take_time (fd, size); \
      return result; \
    }

#define HIGH(offset) ((unsigned long) ((guint64) (offset) >> 32))

/* *INDENT-OFF* */
WRITE (write, SYS_write, n, (int fd, const void *p, size_t n), p, n)
WRITE (writev, SYS_writev, get_size (v, n),
    (int fd, const struct iovec *v, int n), v, n)
WRITE (pwrite64, SYS_pwrite64, n,
    (int fd, const void *p, size_t n, off64_t at), p, n, at)
WRITE (pwritev64, SYS_pwritev, get_size (v, n),
    (int fd, const struct iovec *v, int n, off64_t at), v, n, at, HIGH (at))
WRITE (pwritev64v2, SYS_pwritev2, get_size (v, n),
    (int fd, const struct iovec *v, int n, off64_t at, int flags), v, n, at,
    HIGH (at), flags)
/* *INDENT-ON* */

static void
setup (void)
{
  folder = folder_new (TRUE);
  g_atomic_int_set (&throttled, 0);
  g_atomic_int_set (&n_slow_writes, 0);
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  folder_remove (folder);
  net_remove ("va");
}

static void
send_steadily (guint n)
{
  g_autofree guint8 *frame = g_malloc (SIZE);
  int sender = net_open_sender ("va");
  gint64 due = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++) {
    net_make_frame (frame, SIZE, NULL, PORT, i);
    net_send (sender, frame, SIZE);
    if (i % 64 == 63) {
      gint64 now = g_get_monotonic_time ();

      due = MAX (due + 64 * G_TIME_SPAN_SECOND / RATE, now);
      g_usleep (due - now);
    }
  }
  close (sender);
}

/* The frames from number @first on. */
static guint
check_file (const gchar * location, guint first)
{
  g_autofree guint8 *frame = g_malloc (SIZE);
  PcapngWalk *file = pcapng_walk_file (location);
  guint n = file->packets->len;

  for (guint i = 0; i < n; i++) {
    const WalkedPacket *packet = pcapng_walk_get (file, i);

    net_make_frame (frame, SIZE, NULL, PORT, first + i);
    fail_unless_equals_int (packet->captured, SIZE);
    fail_unless (memcmp (packet->data, frame, SIZE) == 0, "frame %u",
        first + i);
  }
  pcapng_walk_free (file);
  return n;
}

static const struct
{
  const gchar *sink;
  guint block_size;
} rows[] = {
  {"pcapsink location=%s/%%05d.pcapng direct-io=never", 131072},
  {"pcapsink location=%s/%%05d.pcapng direct-io=auto", 131072},
  {"pcapsink location=%s/%%05d.pcapng direct-io=always", 131072},
  {"pcapsink location=%s/%%05d.pcapng direct-io=never", 262144},
  {"pcapsink location=%s/%%05d.pcapng direct-io=auto", 262144},
  {"pcapsink location=%s/%%05d.pcapng direct-io=always", 262144},
  {"pcapsink location=%s/%%05d.pcapng max-file-size=1000000", 262144},
  {"pcapsink location=%s/%%05d.pcapng max-file-packets=1111", 262144},
  {"application/x-pcapng ! filesink async=false location=%s/00000.pcapng",
      262144},
};

GST_START_TEST (test_slow_disk)
{
  g_auto (GStrv) parts = g_strsplit (rows[__i__].sink, "%s", 2);
  g_autofree gchar *format = g_strjoinv (folder, parts);
  g_auto (GStrv) percents = g_strsplit (format, "%%", -1);
  g_autofree gchar *sink = g_strjoinv ("%", percents);
  BlockRun *run = block_run_new ("afringsrc name=src interface=vb "
      "block-size=%u block-count=32 ! %s", rows[__i__].block_size, sink);
  guint64 dropped;
  guint n = 0;

  block_run_play (run);
  /* half of what comes */
  g_atomic_int_set (&throttled, RATE * SIZE / 1000 / 2);
  send_steadily (N);
  g_usleep (200000);
  fail_unless (g_atomic_int_get (&n_slow_writes) > 0, "the disk was not slow");
  /* others may keep copies of what waits */
  fail_unless (block_run_get_stat (run, "src", "evicted-blocks") > 0
      || strstr (sink, "pcapsink") != NULL);
  g_atomic_int_set (&throttled, 0);
  fail_unless (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  block_run_wait_eos (run);
  dropped = block_run_get_stat (run, "src", "packets-dropped");
  fail_unless_equals_uint64 (dropped, 0);
  fail_unless_equals_int (run->walk->packets->len, N);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);

  for (guint i = 0; n < N; i++) {
    g_autofree gchar *location = g_strdup_printf ("%s/%05u.pcapng", folder, i);

    n += check_file (location, n);
  }
  fail_unless_equals_int (n, N);
  block_run_free (run);
}
GST_END_TEST

static Suite *
blockslow_suite (void)
{
  Suite *suite = suite_create ("blockslow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_slow_disk, 0, G_N_ELEMENTS (rows));
  return suite;
}

GST_CHECK_MAIN (blockslow)
