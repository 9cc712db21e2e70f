/* Several sources that share the packets of one interface.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PORT 5004
#define SIZE 200
#define N 4000
#define FLOWS 32

/* Enough for all of N, and quick to make. */
#define SOURCE "interface=vb block-size=262144 block-count=16 "

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

/* How often each packet has come. */
typedef struct
{
  guint seen[N];
  guint n;
} Tally;

static void
tally_add (Tally * self, const guint8 * frame, gsize size)
{
  gint64 number = net_check_frame (frame, size);

  fail_unless (number >= 0 && number < N);
  self->seen[number]++;
  self->n++;
}

static void
tally_add_buffers (Tally * self, NetCollector * collector)
{
  for (guint i = 0; i < collector->buffers->len; i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    tally_add (self, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
}

static void
tally_check (const Tally * self, guint times)
{
  for (guint i = 0; i < N; i++)
    fail_unless (self->seen[i] == times, "packet %u came %u times", i,
        self->seen[i]);
  fail_unless_equals_int (self->n, N * times);
}

static void
send_flows (void)
{
  for (guint i = 0; i < FLOWS; i++)
    net_send_frames ("va", i * (N / FLOWS), N / FLOWS, SIZE, PORT + i);
}

/* Two sources, each with a pipeline of its own. */
typedef struct
{
  NetCollector *a;
  NetCollector *b;
} Pair;

static void
pair_capture (Pair * self, const gchar * properties)
{
  g_autofree gchar *line = g_strconcat (SOURCE, properties, NULL);

  self->a = net_collector_new (line, TRUE);
  self->b = net_collector_new (line, TRUE);
  net_collector_play (self->a);
  net_collector_play (self->b);
  send_flows ();
  net_collector_end (self->a);
  net_collector_end (self->b);
}

static void
pair_check (Pair * self, guint times)
{
  Tally tally = { {0}, 0 };

  tally_add_buffers (&tally, self->a);
  tally_add_buffers (&tally, self->b);
  tally_check (&tally, times);
}

static void
pair_free (Pair * self)
{
  net_collector_free (self->a);
  net_collector_free (self->b);
}

GST_START_TEST (test_no_group)
{
  Pair pair;

  pair_capture (&pair, "");
  fail_unless_equals_int (pair.a->n, N);
  fail_unless_equals_int (pair.b->n, N);
  pair_check (&pair, 2);
  pair_free (&pair);
}
GST_END_TEST

GST_START_TEST (test_load_balance)
{
  Pair pair;

  pair_capture (&pair, "fanout-group=1 fanout-mode=load-balance");
  fail_unless_equals_int (pair.a->n, N / 2);
  fail_unless_equals_int (pair.b->n, N / 2);
  pair_check (&pair, 1);
  pair_free (&pair);
}
GST_END_TEST

/* Which flows a source has seen, a bit for each. */
static guint
get_flows (NetCollector * collector)
{
  guint flows = 0;

  for (guint i = 0; i < collector->buffers->len; i++) {
    guint16 port;

    fail_unless_equals_int (gst_buffer_extract (g_ptr_array_index
            (collector->buffers, i), 36, &port, 2), 2);
    flows |= 1u << (GUINT16_FROM_BE (port) - PORT);
  }
  return flows;
}

GST_START_TEST (test_hash)
{
  guint a, b;
  Pair pair;

  /* the highest number, and the mode that is the default */
  pair_capture (&pair, "fanout-group=65535");
  a = get_flows (pair.a);
  b = get_flows (pair.b);
  fail_unless_equals_int (a & b, 0);
  fail_unless_equals_int (a | b, 0xffffffff);
  fail_unless (a != 0 && b != 0);
  pair_check (&pair, 1);
  pair_free (&pair);
}
GST_END_TEST

/* Who gets what is up to the machine; that somebody does is not. */
GST_START_TEST (test_other_modes)
{
  const gchar *properties[] = {
    "fanout-group=0 fanout-mode=cpu",
    "fanout-group=0 fanout-mode=rollover",
    "fanout-group=0 fanout-mode=random",
    "fanout-group=0 fanout-mode=queue",
    ("fanout-group=0 fanout-mode=load-balance fanout-rollover=true "
        "fanout-defrag=true"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    Pair pair;

    pair_capture (&pair, properties[i]);
    pair_check (&pair, 1);
    pair_free (&pair);
  }
}
GST_END_TEST

/* Two fragments, and whole datagrams come. */
GST_START_TEST (test_defrag)
{
  NetCollector *collector = net_collector_new (SOURCE "fanout-group=1 "
      "fanout-defrag=true", TRUE);
  const gsize part = 64, headers = 34;
  int sender = net_open_sender ("va");
  guint8 frame[98];

  net_collector_play (collector);
  net_make_frame (frame, headers + part, NULL, PORT, 1);
  GST_WRITE_UINT16_BE (frame + 18, 1);
  GST_WRITE_UINT16_BE (frame + 20, 0x2000);
  net_send (sender, frame, headers + part);
  GST_WRITE_UINT16_BE (frame + 20, part / 8);
  net_send (sender, frame, headers + part);
  close (sender);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, 1);
  fail_unless_equals_int (gst_buffer_get_size (g_ptr_array_index
          (collector->buffers, 0)), headers + 2 * part);
  net_collector_free (collector);
}
GST_END_TEST

/* Packets of one flow for two sources that nobody reads: how many are dropped. */
static guint64
fill_rings (gboolean rollover)
{
  const guint n = 1500;
  GstAfringSource *sources[2];
  guint64 received = 0, dropped = 0;

  for (guint i = 0; i < 2; i++) {
    sources[i] = gst_afring_source_new ("vb", NULL, "block-size", 65536,
        "block-count", 16, "fanout-group", 1, "fanout-rollover", rollover,
        NULL);
    fail_unless (sources[i] != NULL);
  }
  net_send_frames ("va", 0, n, 1000, PORT);
  for (guint i = 0; i < 2; i++) {
    GstCaptureStats stats;

    fail_unless (gst_capture_source_get_stats (GST_CAPTURE_SOURCE (sources[i]),
            &stats, NULL));
    received += stats.packets_received;
    dropped += stats.packets_dropped;
    g_object_unref (sources[i]);
  }
  fail_unless_equals_uint64 (received + dropped, n);
  return dropped;
}

/* Where one ring is full, the other takes what comes. */
GST_START_TEST (test_rollover_flag)
{
  fail_unless (fill_rings (FALSE) > 0);
  fail_unless_equals_uint64 (fill_rings (TRUE), 0);
}
GST_END_TEST

/* The others get what a source got that has ended, or has stopped; even while
 * somebody keeps its buffers, which are as they were. */
static void
check_leaving (gboolean eos)
{
  Tally tally = { {0}, 0 };
  guint before;
  Pair pair;

  pair.a = net_collector_new (SOURCE "fanout-group=1 fanout-mode=load-balance",
      TRUE);
  pair.b = net_collector_new (SOURCE "fanout-group=1 fanout-mode=load-balance",
      TRUE);
  net_collector_play (pair.a);
  net_collector_play (pair.b);
  net_send_frames ("va", 0, N / 2, SIZE, PORT);
  net_collector_wait (pair.b, N / 4);
  if (eos)
    net_collector_end (pair.b);
  else
    gst_element_set_state (pair.b->pipeline, GST_STATE_NULL);
  before = pair.b->n;

  net_send_frames ("va", N / 2, N / 2, SIZE, PORT);
  net_collector_end (pair.a);
  fail_unless_equals_int (pair.b->n, before);
  fail_unless_equals_uint64 (net_get_stat (pair.b->src, "packets-received"),
      before);
  tally_add_buffers (&tally, pair.a);
  tally_add_buffers (&tally, pair.b);
  tally_check (&tally, 1);
  pair_free (&pair);
}

GST_START_TEST (test_leaving)
{
  check_leaving (FALSE);
  check_leaving (TRUE);
}
GST_END_TEST

static gpointer
free_buffers (gpointer user_data)
{
  GPtrArray *buffers = user_data;

  for (guint i = 0; i < buffers->len; i++) {
    gst_buffer_unref (g_ptr_array_index (buffers, i));
    if (i % 20 == 0)
      g_usleep (10);
  }
  g_ptr_array_free (buffers, TRUE);
  return NULL;
}

/* Blocks go back at the moment at which the ring does. */
GST_START_TEST (test_leaving_while_released)
{
  for (guint i = 0; i < (g_getenv ("AFRING_MEMCHECK") != NULL ? 3 : 30); i++) {
    NetCollector *collector = net_collector_new ("interface=vb fanout-group=1 "
        "block-size=4096 block-count=512", TRUE);
    GPtrArray *buffers;
    GThread *thread;

    net_collector_play (collector);
    net_send_frames ("va", 0, N, SIZE, PORT);
    net_collector_wait (collector, N);
    buffers = g_steal_pointer (&collector->buffers);
    g_ptr_array_set_free_func (buffers, NULL);
    collector->buffers = g_ptr_array_new ();
    thread = g_thread_new ("free", free_buffers, buffers);
    net_collector_free (collector);
    g_thread_join (thread);
  }
}
GST_END_TEST

static void
tally_add_file (Tally * self, const gchar * name)
{
  GstPcapSource *file = gst_pcap_source_new (name, NULL);
  GstCapturePacket *packet = NULL;
  g_autoptr (GError) error = NULL;

  fail_unless (file != NULL, "%s", name);
  while (gst_capture_source_next_packet (GST_CAPTURE_SOURCE (file), &packet,
          &error)) {
    gsize length;
    const guint8 *payload = gst_capture_packet_get_payload (packet, &length);

    tally_add (self, payload, length);
    g_clear_pointer (&packet, gst_capture_packet_free);
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE));
  g_object_unref (file);
}

static void
record (const gchar * line)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  fail_unless (error == NULL, "%s", error ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless (gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND)
      != GST_STATE_CHANGE_FAILURE);
  send_flows ();
  fail_unless (gst_element_send_event (pipeline, gst_event_new_eos ()));
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL && GST_MESSAGE_TYPE (message) ==
      GST_MESSAGE_EOS);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_NULL) ==
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (pipeline);
}

/* Two sources into one file, then into two. */
GST_START_TEST (test_files)
{
  const gchar *source = "afringsrc " SOURCE
      "fanout-group=1 fanout-mode=load-balance ! ";
  g_autofree gchar *directory = g_dir_make_tmp ("afring-XXXXXX", NULL);
  g_autofree gchar *a = g_build_filename (directory, "a.pcapng", NULL);
  g_autofree gchar *b = g_build_filename (directory, "b.pcapng", NULL);
  g_autofree gchar *one = g_strdup_printf ("funnel name=f ! pcapsink "
      "location=%s %s f. %s f.", a, source, source);
  g_autofree gchar *two = g_strdup_printf ("%s pcapsink location=%s "
      "%s pcapsink location=%s", source, a, source, b);
  Tally tally = { {0}, 0 };

  record (one);
  tally_add_file (&tally, a);
  tally_check (&tally, 1);

  memset (&tally, 0, sizeof (tally));
  record (two);
  tally_add_file (&tally, a);
  fail_unless_equals_int (tally.n, N / 2);
  tally_add_file (&tally, b);
  tally_check (&tally, 1);

  g_unlink (a);
  g_unlink (b);
  g_rmdir (directory);
}
GST_END_TEST

static Suite *
fanout_suite (void)
{
  Suite *suite = suite_create ("fanout");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_no_group);
  tcase_add_test (tc, test_load_balance);
  tcase_add_test (tc, test_hash);
  tcase_add_test (tc, test_other_modes);
  tcase_add_test (tc, test_defrag);
  tcase_add_test (tc, test_rollover_flag);
  tcase_add_test (tc, test_leaving);
  tcase_add_test (tc, test_leaving_while_released);
  tcase_add_test (tc, test_files);
  return suite;
}

GST_CHECK_MAIN (fanout)
