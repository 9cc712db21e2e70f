/* Those who use ring memory while blocks are evicted: a jitter buffer with parts of
 * packets, and devices, which read physical pages.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <fcntl.h>
#include <gst/afring/afring.h>
#include <gst/check/gstharness.h>
#include <sys/uio.h>
#include <unistd.h>

#define PORT 5004
#define SIZE 200
#define SLOW (g_getenv ("AFRING_MEMCHECK") != NULL)
#define RATE (SLOW ? 5000 : 100000)     /* packets per second */

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
wait_for_stat (GstElement * src, const gchar * field, guint64 expected)
{
  gint64 limit = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  guint64 value;

  while ((value = net_get_stat (src, field)) != expected
      && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless (value == expected, "%s is %" G_GUINT64_FORMAT, field, value);
}

/* Waits until it is @due, and sets when it is next, after @step. Time that was lost
 * is not made good: a burst would be another test. */
static void
keep_pace (gint64 * due, gint64 step)
{
  gint64 now = g_get_monotonic_time ();

  if (now < *due)
    g_usleep (*due - now);
  else
    *due = now;
  *due += step;
}

/* A jitter buffer. */

#define RTP_SIZE 1200
#define RTP_RATE (SLOW ? 1000 : 10000)  /* packets per second */
#define RTP_HEADER_LENGTH 12
#define LOST 10                 /* sequence number that is missing */

static void
make_rtp (guint8 * frame, guint16 sequence)
{
  guint8 *rtp = frame + NET_UDP_HEADERS;

  net_make_frame (frame, RTP_SIZE, NULL, PORT, sequence);
  memcpy (rtp, "\x80\x60\0\0\0\0\x10\0\x12\x34\x56\x78", RTP_HEADER_LENGTH);
  GST_WRITE_UINT16_BE (rtp + 2, sequence);
}

static GstPadProbeReturn
push_payloads (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  GstHarness *jitter_buffer = user_data;

  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    gst_harness_push (jitter_buffer, gst_buffer_copy_region
        (gst_buffer_list_get (list, i), GST_BUFFER_COPY_ALL, NET_UDP_HEADERS,
            RTP_SIZE - NET_UDP_HEADERS));
  return GST_PAD_PROBE_OK;
}

static void
check_rtp (GstBuffer * buffer, guint16 sequence)
{
  guint8 expected[RTP_SIZE];

  make_rtp (expected, sequence);
  fail_unless_equals_int (gst_buffer_get_size (buffer),
      RTP_SIZE - NET_UDP_HEADERS);
  fail_unless (gst_is_afring_memory (gst_buffer_peek_memory (buffer, 0)));
  fail_unless (gst_buffer_memcmp (buffer, 0, expected + NET_UDP_HEADERS,
          RTP_SIZE - NET_UDP_HEADERS) == 0, "%u", sequence);
}

/* It waits for a packet that does not come, with all that come after it: its clock
 * stands still. */
GST_START_TEST (test_jitter_buffer)
{
  const guint n = SLOW ? 3000 : 6000;
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=64", FALSE);
  GstHarness *jitter_buffer = gst_harness_new ("rtpjitterbuffer");
  int sender = net_open_sender ("va");
  gint64 due = g_get_monotonic_time (), limit;
  GstTestClock *clock = gst_harness_get_testclock (jitter_buffer);
  guint8 frame[RTP_SIZE];

  gst_harness_set_src_caps_str (jitter_buffer, "application/x-rtp,media=video,"
      "clock-rate=90000,payload=96,encoding-name=RAW");
  gst_pad_add_probe (collector->pad, GST_PAD_PROBE_TYPE_BUFFER_LIST,
      push_payloads, jitter_buffer, NULL);
  net_collector_play (collector);
  for (guint i = 0; i < n; i++) {
    if (i == LOST)
      continue;
    make_rtp (frame, i);
    net_send (sender, frame, RTP_SIZE);
    if (i % 32 == 31)
      keep_pace (&due, 32 * G_TIME_SPAN_SECOND / RTP_RATE);
  }
  close (sender);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, n - 1);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  fail_unless (gst_harness_buffers_received (jitter_buffer) <= LOST);
  fail_unless (net_get_stat (collector->src, "evicted-bytes") > 0);

  /* its time is over: first for the first packet, then for the lost one */
  limit = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  while (gst_harness_buffers_received (jitter_buffer) < n - 1
      && g_get_monotonic_time () < limit) {
    if (gst_test_clock_peek_id_count (clock) > 0)
      gst_harness_crank_single_clock_wait (jitter_buffer);
    else
      g_usleep (1000);
  }
  fail_unless_equals_int (gst_harness_buffers_received (jitter_buffer), n - 1);
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = i != LOST ? gst_harness_pull (jitter_buffer) : NULL;

    if (buffer != NULL)
      check_rtp (buffer, i);
    gst_clear_buffer (&buffer);
  }
  gst_object_unref (clock);
  gst_harness_teardown (jitter_buffer);
  wait_for_stat (collector->src, "evicted-bytes", 0);
  net_collector_free (collector);
}
GST_END_TEST

/* A pipe, which takes pages from vmsplice() as they are. */

typedef struct
{
  gboolean pinned;
  GstBuffer *buffer;            /* the first that comes */
  GstMapInfo map;
  gint ready;                   /* atomic */
  int pipe[2];
} Splice;

static GstPadProbeReturn
splice_first (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  Splice *splice = user_data;
  struct iovec vector;

  if (splice->buffer != NULL)
    return GST_PAD_PROBE_OK;
  splice->buffer = gst_buffer_ref (gst_buffer_list_get (list, 0));
  if (gst_buffer_map (splice->buffer, &splice->map, GST_MAP_READ |
          (splice->pinned ? GST_AFRING_MAP_PINNED : 0))) {
    vector.iov_base = splice->map.data;
    vector.iov_len = splice->map.size;
    g_atomic_int_set (&splice->ready,
        vmsplice (splice->pipe[1], &vector, 1, 0) == SIZE);
  }
  return GST_PAD_PROBE_OK;
}

/* The number of the packet that is in the pipe by now, whole; or -1. */
static gint64
read_pipe (Splice * splice)
{
  guint8 bytes[SIZE];

  fail_unless_equals_int (read (splice->pipe[0], bytes, SIZE), SIZE);
  return net_check_frame (bytes, SIZE);
}

/* Many times round the ring, or up to the pinned block. */
static void
check_splice (gboolean pinned)
{
  const guint n = SLOW ? 8000 : 30000;
  /* more than a block: one that holds few bytes would be copied, and free */
  const guint block = 400;
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=8 block-timeout=500", FALSE);
  Splice splice = {.pinned = pinned };
  guint64 dropped;
  guint come;

  fail_unless (pipe (splice.pipe) == 0);
  gst_pad_add_probe (collector->pad, GST_PAD_PROBE_TYPE_BUFFER_LIST,
      splice_first, &splice, NULL);
  net_collector_play (collector);
  net_send_frames ("va", 0, block, SIZE, PORT);
  net_collector_wait (collector, block);
  fail_unless (g_atomic_int_get (&splice.ready));
  net_send_frames ("va", block, n, SIZE, PORT);
  g_usleep (100000);
  fail_unless_equals_int (net_check_frame (splice.map.data, SIZE), 0);

  dropped = net_get_stat (collector->src, "packets-dropped");
  if (pinned) {
    fail_unless (dropped > 0);
    fail_unless_equals_uint64 (net_get_stat (collector->src, "evicted-bytes"),
        0);
    fail_unless_equals_int (read_pipe (&splice), 0);
  } else {
    /* what a pin is for: the pages are the kernel's again */
    fail_unless (net_get_stat (collector->src, "evicted-bytes") > 0);
    fail_unless (read_pipe (&splice) != 0);
  }

  /* with the pin off, the capture goes on */
  gst_buffer_unmap (splice.buffer, &splice.map);
  g_usleep (100000);
  come = net_collector_get_count (collector);
  net_send_frames ("va", block + n, 500, SIZE, PORT);
  net_collector_wait (collector, come + 500);
  gst_buffer_unref (splice.buffer);
  net_collector_end (collector);
  fail_unless_equals_uint64 (collector->n + net_get_stat (collector->src,
          "packets-dropped"), block + n + 500);
  close (splice.pipe[0]);
  close (splice.pipe[1]);
  net_collector_free (collector);
}

GST_START_TEST (test_vmsplice)
{
  check_splice (TRUE);
  check_splice (FALSE);
}
GST_END_TEST

/* A file that is written past the page cache. */

typedef struct
{
  GstBuffer *first;             /* of a block */
  GstMapInfo map;               /* pinned, if that is done on arrival */
  guint8 *pages;
  gsize length;
  off_t offset;                 /* in the file */
} Write;

typedef struct
{
  off_t offset;
  guint32 number;
} Written;

typedef struct
{
  int fd;
  gboolean pin_on_arrival;
  GAsyncQueue *writes;          /* Write; itself is the end */
  off_t size;
  GArray *written;              /* Written */
  GPtrArray *kept;
  gint failed;                  /* atomic */
} Recorder;

static gboolean
map_buffer (GstBuffer * buffer, GstMapInfo * map, gboolean pinned)
{
  return gst_buffer_map (buffer, map, GST_MAP_READ |
      (pinned ? GST_AFRING_MAP_PINNED : 0));
}

/* The pages that the packets of a block lie in, queued for writing. */
static GstPadProbeReturn
record_block (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  const guintptr page = sysconf (_SC_PAGESIZE);
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  guint n = gst_buffer_list_length (list);
  Recorder *recorder = user_data;
  Write *write = g_new0 (Write, 1);

  write->first = gst_buffer_ref (gst_buffer_list_get (list, 0));
  write->offset = recorder->size;
  if (!map_buffer (write->first, &write->map, recorder->pin_on_arrival))
    g_atomic_int_set (&recorder->failed, TRUE);
  write->pages = (guint8 *) ((guintptr) write->map.data & ~(page - 1));
  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    Written written;
    GstMapInfo map;

    if (!map_buffer (buffer, &map, FALSE))
      g_atomic_int_set (&recorder->failed, TRUE);
    written.offset = write->offset + (map.data - write->pages);
    written.number = net_check_frame (map.data, map.size);
    g_array_append_val (recorder->written, written);
    write->length = (map.data + map.size - write->pages + page - 1)
        & ~(page - 1);
    gst_buffer_unmap (buffer, &map);
    /* pressure besides */
    if (written.number % 1000 == 0)
      g_ptr_array_add (recorder->kept, gst_buffer_ref (buffer));
  }
  if (!recorder->pin_on_arrival)
    gst_buffer_unmap (write->first, &write->map);
  recorder->size += write->length;
  g_async_queue_push (recorder->writes, write);
  return GST_PAD_PROBE_OK;
}

static gpointer
write_blocks (gpointer data)
{
  Recorder *recorder = data;
  Write *write;

  while ((gpointer) (write = g_async_queue_pop (recorder->writes)) != recorder) {
    if (!recorder->pin_on_arrival && !map_buffer (write->first, &write->map,
            TRUE))
      g_atomic_int_set (&recorder->failed, TRUE);
    if (pwrite (recorder->fd, write->pages, write->length, write->offset) !=
        (gssize) write->length)
      g_atomic_int_set (&recorder->failed, TRUE);
    gst_buffer_unmap (write->first, &write->map);
    gst_buffer_unref (write->first);
    g_free (write);
  }
  return NULL;
}

static void
check_file (Recorder * recorder)
{
  for (guint i = 0; i < recorder->written->len; i++) {
    Written *written = &g_array_index (recorder->written, Written, i);
    guint8 bytes[SIZE], expected[SIZE];

    fail_unless_equals_int (pread (recorder->fd, bytes, SIZE, written->offset),
        SIZE);
    net_make_frame (expected, SIZE, NULL, PORT, written->number);
    fail_unless (memcmp (bytes, expected, SIZE) == 0, "packet %u",
        written->number);
  }
}

/* Without a name; -1 where the file system has no direct I/O. */
static int
open_file (int flags)
{
  g_autofree gchar *here = g_get_current_dir ();
  int fd = open (here, O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600);

  return fd >= 0 ? fd : open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC
      | flags, 0600);
}

/* Blocks that wait to be written or are being written, while the ring is short of
 * blocks: no byte of the file is wrong. */
GST_START_TEST (test_direct_io)
{
  const guint n = SLOW ? 8000 : 100000;
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=16", FALSE);
  Recorder recorder = {.fd = open_file (O_DIRECT),.pin_on_arrival = __i__ == 0 };
  GThread *threads[4];
  gint64 due = g_get_monotonic_time ();

  if (recorder.fd < 0) {
    net_collector_free (collector);
    return;
  }
  recorder.writes = g_async_queue_new ();
  recorder.written = g_array_new (FALSE, FALSE, sizeof (Written));
  recorder.kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("write", write_blocks, &recorder);
  gst_pad_add_probe (collector->pad, GST_PAD_PROBE_TYPE_BUFFER_LIST,
      record_block, &recorder, NULL);

  net_collector_play (collector);
  for (guint i = 0; i < n; i += 1000) {
    net_send_frames ("va", i, 1000, SIZE, PORT);
    keep_pace (&due, 1000 * G_TIME_SPAN_SECOND / RATE);
  }
  net_collector_end (collector);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_async_queue_push (recorder.writes, &recorder);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  fail_if (recorder.failed);
  fail_unless (collector->n > 0);
  fail_unless_equals_int (recorder.written->len, collector->n);
  fail_unless_equals_uint64 (collector->n + net_get_stat (collector->src,
          "packets-dropped"), n);
  fail_unless (net_get_stat (collector->src, "evicted-blocks") > 0);
  /* pages that are read in the usual way */
  fail_unless (fcntl (recorder.fd, F_SETFL, 0) == 0);
  check_file (&recorder);

  g_ptr_array_unref (recorder.kept);
  g_array_unref (recorder.written);
  g_async_queue_unref (recorder.writes);
  close (recorder.fd);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
evictionusers_suite (void)
{
  Suite *suite = suite_create ("evictionusers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_jitter_buffer);
  tcase_add_test (tc, test_vmsplice);
  tcase_add_loop_test (tc, test_direct_io, 0, 2);
  return suite;
}

GST_CHECK_MAIN (evictionusers)
