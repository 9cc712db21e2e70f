/* No downstream stops a capture: the real ring, with buffers that are kept,
 * pushes that block, branches that stand still.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <glib/gstdio.h>
#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <unistd.h>

#define PORT 5004
#define SIZE 200
#define MIB (1024 * 1024)

/* Under valgrind all is slow: fewer packets, at a rate that it can bear. */
#define SLOW (g_getenv ("AFRING_MEMCHECK") != NULL)
#define RATE (SLOW ? 5000 : 150000)     /* packets per second */
#define BLOCK_SIZE (SLOW ? 65536 : 262144)
#define BLOCK_COUNT (SLOW ? 16 : 64)

/* Looks at every packet that leaves the source. */
typedef struct
{
  NetCollector *collector;
  gsize size;
  gint keep_every;              /* atomic; 0 keeps none */
  gboolean gaps;                /* some may be dropped */
  gint blocked;                 /* atomic; the first push waits for its end */
  gint64 sleep;                 /* in the first push, then, microseconds */
  GMutex lock;
  guint next;                   /* number */
  guint wrong;
  GPtrArray *kept;              /* GstBuffer */
} Watch;

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

static guint
get_packets (void)
{
  const gchar *packets = g_getenv ("AFRING_STRESS_PACKETS");

  if (packets != NULL)
    return MAX (g_ascii_strtoull (packets, NULL, 10), 20000);
  return SLOW ? 8000 : 200000;
}

/* The number of a frame of which all bytes are right, else -1. */
static gint64
check_buffer (GstBuffer * buffer, gsize size)
{
  g_autofree guint8 *expected = g_malloc (size);
  gint64 number = -1;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return -1;
  if (map.size == size && (number = net_check_frame (map.data, size)) >= 0) {
    net_make_frame (expected, size, NULL, PORT, number);
    if (memcmp (map.data, expected, size) != 0)
      number = -1;
  }
  gst_buffer_unmap (buffer, &map);
  return number;
}

static GstPadProbeReturn
watch_list (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  Watch *watch = user_data;
  guint keep_every = g_atomic_int_get (&watch->keep_every);

  g_mutex_lock (&watch->lock);
  for (guint i = 0; i < gst_buffer_list_length (list); i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    gint64 number = check_buffer (buffer, watch->size);

    if (watch->gaps ? number < watch->next : number != watch->next)
      watch->wrong++;
    watch->next = number + 1;
    if (keep_every != 0 && number % keep_every == 0)
      g_ptr_array_add (watch->kept, gst_buffer_ref (buffer));
  }
  g_mutex_unlock (&watch->lock);
  while (g_atomic_int_get (&watch->blocked))
    g_usleep (1000);
  if (watch->sleep > 0)
    g_usleep (watch->sleep);
  watch->sleep = 0;
  return GST_PAD_PROBE_OK;
}

static Watch *
watch_new (const gchar * properties, gsize size, guint keep_every)
{
  Watch *watch = g_new0 (Watch, 1);

  watch->collector = net_collector_new (properties, FALSE);
  watch->size = size;
  watch->keep_every = keep_every;
  watch->kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  gst_pad_add_probe (watch->collector->pad, GST_PAD_PROBE_TYPE_BUFFER_LIST,
      watch_list, watch, NULL);
  return watch;
}

static guint64
watch_get_stat (Watch * watch, const gchar * field)
{
  return net_get_stat (watch->collector->src, field);
}

static void
watch_check (Watch * watch)
{
  gint64 last = -1;

  g_mutex_lock (&watch->lock);
  fail_unless_equals_int (watch->wrong, 0);
  for (guint i = 0; i < watch->kept->len; i++) {
    gint64 number = check_buffer (g_ptr_array_index (watch->kept, i),
        watch->size);

    fail_unless (number > last, "kept buffer %u", i);
    last = number;
  }
  g_mutex_unlock (&watch->lock);
}

static void
watch_let_go (Watch * watch)
{
  g_mutex_lock (&watch->lock);
  g_ptr_array_set_size (watch->kept, 0);
  g_mutex_unlock (&watch->lock);
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

static void
watch_free (Watch * watch)
{
  net_collector_free (watch->collector);
  fail_unless_equals_int (watch->wrong, 0);
  g_ptr_array_unref (watch->kept);
  g_free (watch);
}

/* @n frames from number @first on, at @rate at most. Time that was lost is not made
 * good: a burst would be another test. */
static void
send_steadily (guint first, guint n, gsize size, guint rate)
{
  const guint some = 64;
  int sender = net_open_sender ("va");
  g_autofree guint8 *frame = g_malloc (size);
  gint64 due = g_get_monotonic_time ();

  for (guint i = 0; i < n; i++) {
    net_make_frame (frame, size, NULL, PORT, first + i);
    net_send (sender, frame, size);
    if (i % some == some - 1) {
      gint64 now = g_get_monotonic_time ();

      due += some * G_TIME_SPAN_SECOND / rate;
      if (now < due)
        g_usleep (due - now);
      else
        due = now;
    }
  }
  close (sender);
}

/* All @n arrived, none was dropped. */
static void
check_all_came (Watch * watch, guint n)
{
  net_collector_end (watch->collector);
  fail_unless_equals_uint64 (watch_get_stat (watch, "packets-dropped"), 0);
  fail_unless_equals_int (watch->collector->n, n);
  fail_unless_equals_int (watch->next, n);
  /* blocks that a slow machine closes with little in them are copied */
  fail_unless (watch_get_stat (watch, "evicted-blocks")
      + watch_get_stat (watch, "copied-blocks") > 0);
  watch_check (watch);
}

GST_START_TEST (test_every_thousandth)
{
  const guint n = get_packets ();
  g_autofree gchar *properties = g_strdup_printf ("interface=vb block-size=%u "
      "block-count=%u", BLOCK_SIZE, BLOCK_COUNT);
  Watch *watch = watch_new (properties, SIZE, SLOW ? 100 : 1000);

  net_collector_play (watch->collector);
  send_steadily (0, n, SIZE, RATE);
  check_all_came (watch, n);
  fail_unless (watch_get_stat (watch, "evicted-bytes") > 0);
  fail_unless (watch_get_stat (watch, "evicted-bytes") <= watch->kept->len *
      BLOCK_SIZE);
  watch_let_go (watch);
  wait_for_stat (watch->collector->src, "evicted-bytes", 0);
  wait_for_stat (watch->collector->src, "held-blocks", 0);
  watch_free (watch);
}
GST_END_TEST

/* A sink that sleeps in render: many times the ring comes meanwhile. */
GST_START_TEST (test_sleeping_sink)
{
  const guint seconds = SLOW ? 1 : 5, n = RATE * (seconds + 1);
  Watch *watch = watch_new (SLOW ? "interface=vb block-size=65536 block-count=8"
      : "interface=vb block-size=262144 block-count=64", 64, 0);

  watch->sleep = seconds * G_TIME_SPAN_SECOND;
  net_collector_play (watch->collector);
  send_steadily (0, n, 64, RATE);
  check_all_came (watch, n);
  wait_for_stat (watch->collector->src, "evicted-bytes", 0);
  watch_free (watch);
}
GST_END_TEST

/* The end, a flush or a stop while a push is blocked, and more waits to be read than
 * the ring has room for. */
GST_START_TEST (test_blocked_push)
{
  const guint n = SLOW ? 3000 : 30000;
  Watch *watch = watch_new ("interface=vb block-size=65536 block-count=64",
      SIZE, 0);
  NetCollector *collector = watch->collector;

  watch->blocked = TRUE;
  watch->sleep = G_TIME_SPAN_SECOND / 2;
  net_collector_play (collector);
  send_steadily (0, n, SIZE, RATE / 2);
  fail_unless (watch_get_stat (watch, "evicted-bytes") > 0);
  g_atomic_int_set (&watch->blocked, FALSE);
  if (__i__ == 1) {
    gst_element_send_event (collector->src, gst_event_new_flush_start ());
    gst_element_send_event (collector->src, gst_event_new_flush_stop (TRUE));
  }
  if (__i__ < 2) {
    check_all_came (watch, n);
  } else {
    fail_unless_equals_int (gst_element_set_state (collector->pipeline,
            GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
    collector->n = watch->next = 0;
    net_collector_play (collector);
    send_steadily (0, 1000, SIZE, RATE / 2);
    net_collector_end (collector);
    fail_unless_equals_int (collector->n, 1000);
  }
  watch_free (watch);
}
GST_END_TEST

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  return GST_PAD_PROBE_OK;
}

static void
check_recording (const gchar * location, guint n)
{
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (location, NULL);
  guint8 expected[SIZE];
  GstPcapPacket packet;

  fail_unless (source != NULL);
  for (guint i = 0; i < n; i++) {
    fail_unless (gst_pcap_source_next (source, &packet, NULL), "%u", i);
    fail_unless_equals_int (packet.captured_length, SIZE);
    net_make_frame (expected, SIZE, NULL, PORT, i);
    fail_unless (memcmp (packet.data, expected, SIZE) == 0, "%u", i);
  }
  fail_if (gst_pcap_source_next (source, &packet, NULL));
}

static GstPadProbeReturn
count (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_atomic_int_add ((gint *) user_data,
      gst_buffer_list_length (GST_PAD_PROBE_INFO_BUFFER_LIST (info)));
  return GST_PAD_PROBE_OK;
}

typedef struct
{
  const gchar *queue;
  guint64 most;                 /* bytes evicted at any time */
  gboolean goes_on;             /* all comes when the branch goes on */
} Branch;

/* As many as the source takes, and not more: a machine that gives it no processor for
 * longer than the ring lasts would be another test. */
static void
send_in_step (GstElement * src, guint first, guint n)
{
  const guint some = 1000, ahead = 10000;
  gint64 limit = g_get_monotonic_time () + 40 * G_TIME_SPAN_SECOND;

  for (guint i = first; i < first + n; i += some) {
    while (net_get_stat (src, "packets-captured") + ahead < i
        && g_get_monotonic_time () < limit)
      g_usleep (1000);
    send_steadily (i, some, SIZE, RATE);
  }
}

/* One branch is recorded, the other stands still. */
static void
check_branch (const Branch * branch)
{
  const guint half = SLOW ? 5000 : 50000;
  g_autofree gchar *location = g_strdup_printf ("%s/afring-eviction-%u.pcapng",
      g_get_tmp_dir (), g_random_int ());
  g_autofree gchar *line = g_strdup_printf ("afringsrc name=src interface=vb "
      "block-size=%u block-count=%u ! tee name=t ! pcapsink name=file "
      "location=%s t. ! queue %s ! identity name=stop ! fakesink name=sink "
      "async=false sync=false enable-last-sample=false", BLOCK_SIZE,
      BLOCK_COUNT / 2, location, branch->queue);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstElement *file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  GstElement *stop = gst_bin_get_by_name (GST_BIN (pipeline), "stop");
  GstPad *pad = gst_element_get_static_pad (stop, "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint64 evicted;
  gulong probe;
  gint come = 0;

  probe = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK |
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, block, NULL,
      NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND);
  send_in_step (src, 0, half);
  fail_unless_equals_uint64 (net_get_stat (src, "packets-dropped"), 0);
  wait_for_stat (file, "packets", half);
  evicted = net_get_stat (src, "evicted-bytes");
  fail_unless (evicted <= branch->most);
  send_in_step (src, half, half);
  wait_for_stat (file, "packets", 2 * half);
  fail_unless_equals_uint64 (net_get_stat (src, "packets-dropped"), 0);

  if (branch->goes_on) {
    GstMessage *message;

    fail_unless (evicted > 0);
    fail_unless (net_get_stat (src, "evicted-bytes") > evicted * 3 / 2);
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, count, &come, NULL);
    gst_pad_remove_probe (pad, probe);
    gst_element_send_event (pipeline, gst_event_new_eos ());
    message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    fail_unless (message != NULL);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
    gst_message_unref (message);
    fail_unless_equals_int (come, 2 * half);
    wait_for_stat (src, "evicted-bytes", 0);
  }
  fail_unless (net_get_stat (src, "evicted-bytes") <= branch->most);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  check_recording (location, 2 * half);
  g_unlink (location);
  gst_object_unref (pad);
  gst_object_unref (stop);
  gst_object_unref (file);
  gst_object_unref (src);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_stopped_branch)
{
  const Branch branches[] = {
    {"max-size-buffers=0 max-size-bytes=0 max-size-time=0", 64 * MIB, TRUE},
    /* ten lists in the queue, one in the push, one on its way */
    {"leaky=downstream max-size-buffers=10 max-size-bytes=0 max-size-time=0",
        12 * BLOCK_SIZE, FALSE},
  };

  check_branch (&branches[__i__]);
}
GST_END_TEST

/* How many warnings name the property, for a while. */
static guint
count_warnings (Watch * watch, GstClockTime time)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (watch->collector->pipeline);
  gint64 end = g_get_monotonic_time () + time / GST_USECOND;
  guint n = 0;

  do {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 10 * GST_MSECOND,
        GST_MESSAGE_WARNING);
    g_autofree gchar *debug = NULL;
    g_autoptr (GError) error = NULL;

    if (message == NULL)
      continue;
    gst_message_parse_warning (message, &error, &debug);
    if (strstr (error->message, "max-evicted-bytes") != NULL)
      n++;
    gst_message_unref (message);
  } while (g_get_monotonic_time () < end);
  return n;
}

/* At the bound packets are dropped, which is told and counted; when the memory
 * comes back, so do they. */
GST_START_TEST (test_bound)
{
  const guint n = SLOW ? 10000 : 40000;
  Watch *watch = watch_new ("interface=vb block-size=65536 block-count=8 "
      "max-evicted-bytes=1048576", SIZE, 1);
  guint sent = 0, come, warnings = 0;
  gint64 begin = g_get_monotonic_time ();
  guint64 dropped;

  watch->gaps = TRUE;
  net_collector_play (watch->collector);
  for (; sent < n; sent += 1000) {
    net_send_frames ("va", sent, 1000, SIZE, PORT);
    fail_unless (watch_get_stat (watch, "evicted-bytes") <= MIB);
  }
  fail_unless (watch_get_stat (watch, "packets-dropped") > 0);
  fail_unless (watch_get_stat (watch, "evicted-bytes") >= MIB - 65536);
  watch_check (watch);

  /* once within five seconds, however much is dropped */
  for (guint i = 0; i < 40; i++, sent += 100) {
    net_send_frames ("va", sent, 100, SIZE, PORT);
    warnings += count_warnings (watch, 100 * GST_MSECOND);
  }
  fail_unless (warnings >= 1);
  fail_unless (warnings <= 1 + (g_get_monotonic_time () - begin) /
      (5 * G_TIME_SPAN_SECOND));

  g_atomic_int_set (&watch->keep_every, 0);
  watch_let_go (watch);
  wait_for_stat (watch->collector->src, "evicted-bytes", 0);
  wait_for_stat (watch->collector->src, "held-blocks", 0);
  come = net_collector_get_count (watch->collector);
  dropped = watch_get_stat (watch, "packets-dropped");
  fail_unless_equals_uint64 (come + dropped, sent);
  /* never more than the ring has room for, whoever else has the processor */
  for (guint i = 0; i < 20; i++, sent += 100) {
    net_send_frames ("va", sent, 100, SIZE, PORT);
    net_collector_wait (watch->collector, come += 100);
  }
  fail_unless_equals_uint64 (watch_get_stat (watch, "packets-dropped"),
      dropped);

  net_collector_end (watch->collector);
  fail_unless_equals_uint64 (watch->collector->n + watch_get_stat (watch,
          "packets-dropped"), sent);
  watch_free (watch);
}
GST_END_TEST

static Suite *
eviction_suite (void)
{
  Suite *suite = suite_create ("eviction");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_every_thousandth);
  tcase_add_test (tc, test_sleeping_sink);
  tcase_add_loop_test (tc, test_blocked_push, 0, 3);
  tcase_add_loop_test (tc, test_stopped_branch, 0, 2);
  tcase_add_test (tc, test_bound);
  return suite;
}

GST_CHECK_MAIN (eviction)
