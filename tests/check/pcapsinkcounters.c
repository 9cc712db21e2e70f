/* pcapsink and the counters of this moment: a file that ends while the capture goes on
 * asks for them, and ends with them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturebytes.h"
#include "pcapngwalk.h"
#include "sinkrun.h"

#include <gst/afring/afring.h>

#define START_TIME (1700000000 * GST_SECOND)
#define MOST_SOURCES 2

static guint n_sources;
static guint n_asked;

/* Counters that go on by 1000 from one question to the next. */
static gboolean
answer (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (!gst_query_is_capture_statistics (query))
    return gst_pad_query_default (pad, parent, query);
  n_asked++;
  for (guint i = 0; i < n_sources; i++) {
    GstCaptureStatistics statistics = {.id = i,.start_time = START_TIME,
      .time = START_TIME + n_asked,.packets_received = 1000 * n_asked + i,
      .packets_dropped = 10 * n_asked + i
    };

    gst_query_add_capture_statistics (query, &statistics);
  }
  return FALSE;
}

static void
play (const gchar * properties, const gchar * caps, guint sources)
{
  n_sources = sources;
  n_asked = 0;
  sink_run_play ("%d.pcapng", properties, caps);
  gst_pad_set_query_function (harness->srcpad, answer);
}

static void
push_packet (guint interface)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 60, NULL);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  gst_buffer_memset (buffer, 0, 0, -1);
  meta->capture_time = START_TIME;
  meta->interface_id = interface;
  meta->wire_length = 60;
  fail_unless_equals_int (gst_harness_push (harness, buffer), GST_FLOW_OK);
}

static void
describe (guint id, const gchar * name)
{
  GstCaptureInterface iface = { id, 1, 0, name, NULL };

  gst_harness_push_event (harness, gst_event_new_capture_interface (&iface));
}

static void
push_blocks (void)
{
  sink_run_push (out->data, out->len, out->len);
  g_byte_array_set_size (out, 0);
}

/* What a file says last. */
static void
check_last (const gchar * name, guint blocks, guint64 received, guint64 dropped)
{
  g_autofree gchar *path = sink_run_path_of (name);
  PcapngWalk *file = pcapng_walk_file (path);

  fail_unless_equals_int (file->statistics, blocks);
  if (blocks > 0) {
    fail_unless_equals_int (file->last_type, PCAPNG_STATISTICS);
    fail_unless_equals_uint64 (file->received, received);
    fail_unless_equals_uint64 (file->dropped, dropped);
  }
  pcapng_walk_free (file);
}

/* Of each interface that is known; and what stands in the stream later and is older
 * counts for the sum, which has nothing twice. */
GST_START_TEST (test_packets)
{
  GstCaptureStatistics late = {.id = 0,.start_time = START_TIME,
    .time = START_TIME,.packets_received = 7,.packets_dropped = 3
  };

  play ("index=false", PACKETS, 2);
  describe (0, "eth0");
  push_packet (0);
  g_signal_emit_by_name (sink, "rotate");
  gst_harness_push_event (harness, gst_event_new_capture_statistics (&late));
  push_packet (0);
  sink_run_push_eos ();
  fail_unless_equals_int (n_asked, 1);
  check_last ("0.pcapng", 1, 1000, 10);
  fail_unless_equals_uint64 (sink_run_get_stat ("dropped"), 3);
}
GST_END_TEST

/* A section of one interface has them; the last file has what the stream says. */
GST_START_TEST (test_blocks)
{
  play ("index=false", PCAPNG, 1);
  put_section ();
  put_interface (1);
  put_packet (0, 0);
  push_blocks ();
  g_signal_emit_by_name (sink, "rotate");
  put_packet (0, 1);
  push_blocks ();
  g_signal_emit_by_name (sink, "rotate");
  put_packet (0, 2);
  push_blocks ();
  sink_run_push_eos ();
  check_last ("0.pcapng", 1, 1000, 10);
  check_last ("1.pcapng", 1, 2000, 20);
  check_last ("2.pcapng", 0, 0, 0);
  for (guint i = 0; i < 3; i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);

    fail_unless_equals_int (sink_run_check_packets (name, i, 0), 1);
  }
}
GST_END_TEST

/* Nobody knows which of two captures is which interface of a section, or which of two
 * interfaces a capture is, and where nobody answers nothing is made up. */
GST_START_TEST (test_unknown)
{
  static const struct
  {
    guint sources, interfaces;
  } cases[] = { {0, 1}, {2, 1}, {1, 2}, {2, 2} };

  play ("index=false", PCAPNG, cases[__i__].sources);
  put_section ();
  for (guint i = 0; i < cases[__i__].interfaces; i++)
    put_interface (1);
  put_packet (0, 0);
  push_blocks ();
  g_signal_emit_by_name (sink, "rotate");
  put_packet (0, 1);
  push_blocks ();
  sink_run_push_eos ();
  fail_unless_equals_int (n_asked, 1);
  check_last ("0.pcapng", 0, 0, 0);
  check_last ("1.pcapng", 0, 0, 0);
}
GST_END_TEST

/* They count for how big a file may be. */
GST_START_TEST (test_size)
{
  const guint most = 1000;
  guint packets = 0;

  play ("index=false max-file-size=1000", PCAPNG, 1);
  put_section ();
  put_interface (1);
  for (guint i = 0; i < 100; i++)
    put_packet (0, i);
  push_blocks ();
  sink_run_push_eos ();
  fail_unless (sink_run_get_stat ("files") > 3);
  for (guint i = 0; i < sink_run_get_stat ("files"); i++) {
    g_autofree gchar *name = g_strdup_printf ("%u.pcapng", i);
    g_autofree gchar *path = sink_run_path_of (name);
    PcapngWalk *file = pcapng_walk_file (path);
    gboolean last = i + 1 == sink_run_get_stat ("files");

    fail_unless (file->length <= most, "%s: %" G_GSIZE_FORMAT, name,
        file->length);
    fail_unless_equals_int (file->statistics, last ? 0 : 1);
    packets += sink_run_check_packets (name, packets, 0);
    pcapng_walk_free (file);
  }
  fail_unless_equals_int (packets, 100);
}
GST_END_TEST

/* Each file of triggers, too. */
GST_START_TEST (test_triggered)
{
  play ("index=false pre-roll-time=1000000000", PACKETS, 1);
  describe (0, "eth0");
  push_packet (0);
  g_signal_emit_by_name (sink, "trigger", "it");
  g_signal_emit_by_name (sink, "stop");
  g_signal_emit_by_name (sink, "flush");
  push_packet (0);
  fail_unless_equals_int (n_asked, 1);
  check_last ("0.pcapng", 1, 1000, 10);
  sink_run_push_eos ();
}
GST_END_TEST

/* A source answers, and leaves it to others to answer, too. */
GST_START_TEST (test_sources)
{
  GstElement *pipeline = gst_parse_launch ("afringmocksrc loop=-1 name=a ! "
      PACKETS " ! funnel name=f ! fakesink name=out "
      "afringmocksrc loop=-1 name=b ! " PACKETS " ! f.", NULL);
  g_autoptr (GstBus) all = gst_element_get_bus (pipeline);
  g_autoptr (GstElement) end = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (end, "sink");
  GstQuery *query = gst_query_new_capture_statistics ();
  GstCaptureStatistics statistics = { 0, };

  fail_unless (!gst_query_parse_nth_capture_statistics (query, 0, &statistics));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  while (statistics.packets_received == 0) {
    gst_query_unref (query);
    query = gst_query_new_capture_statistics ();
    gst_pad_peer_query (pad, query);
    fail_unless_equals_int (gst_query_get_n_capture_statistics (query),
        MOST_SOURCES);
    for (guint i = 0; i < MOST_SOURCES; i++)
      fail_unless (gst_query_parse_nth_capture_statistics (query, i,
              &statistics));
    fail_unless (!gst_query_parse_nth_capture_statistics (query, MOST_SOURCES,
            &statistics));
  }
  fail_unless (statistics.time >= statistics.start_time);
  /* a source that still begins cannot be paused behind a sink that waits: funnel has one
   * lock for both */
  gst_element_send_event (pipeline, gst_event_new_eos ());
  gst_message_unref (gst_bus_timed_pop_filtered (all, GST_CLOCK_TIME_NONE,
          GST_MESSAGE_EOS));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_query_unref (query);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
pcapsinkcounters_suite (void)
{
  Suite *s = suite_create ("pcapsinkcounters");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, sink_run_setup, sink_run_teardown);
  tcase_add_test (tc, test_packets);
  tcase_add_test (tc, test_blocks);
  tcase_add_loop_test (tc, test_unknown, 0, 4);
  tcase_add_test (tc, test_size);
  tcase_add_test (tc, test_triggered);
  tcase_add_test (tc, test_sources);
  return s;
}

GST_CHECK_MAIN (pcapsinkcounters);
