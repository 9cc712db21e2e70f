/* Buffers of block mode: when there are any, what they carry, and that they
 * stay what they are for as long as somebody has them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "blockrun.h"

#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <string.h>

#define BLOCKS "application/x-pcapng"
#define SINK "fakesink name=sink async=false sync=false " \
    "enable-last-sample=false"

#define PORT_AT 36

/* Two ports take turns, in a file that is played for ever. */
static Capture *
make_ports (void)
{
  Capture *capture = capture_new (1);
  guint8 bytes[80] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 66,
    0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 3, 0xe8
  };

  for (guint i = 0; i < 1000; i++) {
    GST_WRITE_UINT16_BE (bytes + PORT_AT, 5004 + i % 2);
    capture_add (capture, bytes, sizeof (bytes), sizeof (bytes), 100000 * i,
        GST_PACKET_TYPE_HOST);
  }
  capture_save (capture);
  return capture;
}

static gchar *
get_caps_name (GstPad * pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  fail_unless (caps != NULL);
  return g_strdup (gst_structure_get_name (gst_caps_get_structure (caps, 0)));
}

/* The mock ring gives blocks to those who ask, and to nobody else. */
GST_START_TEST (test_on_demand)
{
  static const struct
  {
    const gchar *sink, *name;
  } rows[] = {
    {SINK, "application/x-packet"},
    {"identity ! " SINK, "application/x-packet"},
    {"pcapsink location=%s", "application/x-packet"},
    {"tee ! " SINK, "application/x-packet"},
    {"queue ! pcapdec ! " SINK, "application/x-pcapng"},
    {BLOCKS " ! " SINK, "application/x-pcapng"},
    {BLOCKS " ! queue ! tee name=t ! queue ! " SINK " t. ! queue ! fakesink "
          "async=false", "application/x-pcapng"},
    {BLOCKS " ! pcapsink location=%s", "application/x-pcapng"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree gchar *location = g_strdup_printf ("%s/blocks-%u.pcapng",
        g_get_tmp_dir (), g_random_int ());
    g_auto (GStrv) parts = g_strsplit (rows[i].sink, "%s", 2);
    g_autofree gchar *sink = g_strjoinv (location, parts);
    g_autofree gchar *name = NULL;
    BlockRun *run = block_run_new ("afringmocksrc name=src num-buffers=100 ! "
        "%s", sink);

    block_run_play (run);
    block_run_wait_eos (run);
    name = get_caps_name (run->pad);
    fail_unless (g_str_equal (name, rows[i].name), "%s: %s", sink, name);
    block_run_free (run);
    g_unlink (location);
  }
}
GST_END_TEST

/* A ring that is never empty has no blocks to write into. */
GST_START_TEST (test_no_drain)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch ("afringmocksrc name=src "
      "drain=false num-buffers=100 ! " BLOCKS " ! fakesink", NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 10 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "error");
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
GST_END_TEST

static gboolean
offers_blocks (const gchar * properties)
{
  g_autofree gchar *line = g_strdup_printf ("pcapsink %s", properties);
  g_autoptr (GstElement) sink =
      gst_object_ref_sink (gst_parse_launch (line, NULL));
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstCaps) caps = gst_caps_from_string (BLOCKS), all = NULL;
  GstQuery *query = gst_query_new_allocation (caps, FALSE);
  gboolean first, meta;

  gst_element_set_state (sink, GST_STATE_READY);
  all = gst_pad_query_caps (pad, NULL);
  first = gst_structure_has_name (gst_caps_get_structure (all, 0), BLOCKS);
  fail_unless (gst_pad_query (pad, query) || !first);
  meta = gst_query_find_allocation_meta (query, GST_PACKET_BLOCK_META_API_TYPE,
      NULL);
  gst_query_unref (query);
  gst_element_set_state (sink, GST_STATE_NULL);
  fail_unless (meta || !first);
  return first;
}

/* The recorder wants blocks for a format that has them. */
GST_START_TEST (test_recorder_prefers)
{
  fail_unless (offers_blocks ("location=/nowhere/a.pcapng"));
  fail_unless (offers_blocks ("location=/nowhere/a"));
  fail_unless (offers_blocks ("location=/nowhere/a.pcap format=pcapng"));
  fail_if (offers_blocks ("location=/nowhere/a.pcap"));
  fail_if (offers_blocks ("location=/nowhere/a.pcapng format=pcap"));
}
GST_END_TEST

/* Blocks that are kept while the ring turns many times. */
GST_START_TEST (test_kept)
{
  const guint loops = block_is_slow ()? 4 : 40;
  static const guint sizes[] = { 4096, 16384, 65536 };
  Capture *capture = make_ports ();
  BlockRun *run = block_run_new ("afringmocksrc name=src location=%s loop=%u "
      "block-size=%u block-count=8 snaplen=%u ! " BLOCKS " ! pcapdec ! " SINK,
      capture->location, loops, sizes[__i__ % 3], __i__ < 3 ? 1000 : 61);
  gint64 limit = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;

  run->keep = TRUE;
  block_run_to_end (run);
  fail_unless_equals_int (run->seen->len, loops * 1000);
  fail_unless (run->kept->len == run->n_blocks && run->n_blocks > 8);
  fail_unless (block_run_get_stat (run, "src", "evicted-blocks") > 0);
  fail_unless (block_run_get_stat (run, "src", "evicted-bytes") > 0);
  fail_unless_equals_uint64 (block_run_get_stat (run, "src",
          "packets-dropped"), 0);
  block_run_check_kept (run);
  block_run_let_go (run);
  while (block_run_get_stat (run, "src", "held-blocks") != 0
      && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless_equals_uint64 (block_run_get_stat (run, "src", "held-blocks"), 0);
  fail_unless_equals_uint64 (block_run_get_stat (run, "src", "evicted-bytes"),
      0);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

/* They outlive the pipeline. */
GST_START_TEST (test_kept_longer)
{
  BlockRun *run = block_run_new ("afringmocksrc name=src num-buffers=3000 "
      "block-size=65536 block-count=8 ! " BLOCKS " ! " SINK);

  run->keep = TRUE;
  block_run_to_end (run);
  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  block_run_check_kept (run);
  block_run_free (run);
}
GST_END_TEST

/* Whole copies keep what is known of the packets, parts do not, and both are
 * the ring's memory. */
GST_START_TEST (test_copies)
{
  BlockRun *run = block_run_new ("afringmocksrc name=src num-buffers=3000 ! "
      BLOCKS " ! " SINK);
  g_autoptr (GstBuffer) copy = NULL, part = NULL, deep = NULL;
  GstPacketBlockMeta *meta, *original;
  GstBuffer *buffer;

  run->keep = TRUE;
  block_run_to_end (run);
  buffer = g_ptr_array_index (run->kept, 0);
  original = gst_buffer_get_packet_block_meta (buffer);
  copy = gst_buffer_copy (buffer);
  meta = gst_buffer_get_packet_block_meta (copy);
  fail_unless (meta != NULL);
  fail_unless_equals_int (meta->packets, original->packets);
  fail_unless_equals_uint64 (meta->first_time, original->first_time);
  fail_unless_equals_uint64 (meta->last_time, original->last_time);
  fail_unless (gst_is_afring_memory (gst_buffer_peek_memory (copy, 0)));
  part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 0, 400);
  fail_unless (gst_buffer_get_packet_block_meta (part) == NULL);
  fail_unless (gst_is_afring_memory (gst_buffer_peek_memory (part, 0)));
  deep = gst_buffer_copy_deep (buffer);
  fail_if (gst_is_afring_memory (gst_buffer_peek_memory (deep, 0)));
  block_run_check_kept (run);
  block_run_free (run);
}
GST_END_TEST

/* Large blocks are for a disk, small ones are no larger than they have to
 * be. */
GST_START_TEST (test_sizes)
{
  static const guint sizes[] = { 60, 64, 128, 200, 500, 1000, 1442, 9000 };
  const guint size = sizes[__i__], n = block_is_slow ()? 1500 : 12000;
  BlockRun *run = block_run_new ("afringmocksrc name=src num-buffers=%u "
      "packet-size=%u ! " BLOCKS " ! " SINK, n, size);
  gsize least;

  block_run_to_end (run);
  fail_unless_equals_int (run->walk->packets->len, n);
  fail_unless (run->n_big > 0);
  fail_unless_equals_int (run->n_big, run->walk->statistics - 1 -
      run->statistics_in_small);
  /* no block is half air */
  least = n * gst_pcapng_get_packet_size (GST_PACKET_TYPE_HOST, size);
  fail_unless (run->walk->length <= least + least / 4 + 4096 * run->n_buffers,
      "%" G_GSIZE_FORMAT " bytes", run->walk->length);
  block_run_free (run);
}
GST_END_TEST

/* A packet each some milliseconds, for three seconds. */
GST_START_TEST (test_small)
{
  Capture *capture = capture_new (1);
  guint8 bytes[100] = { 2, 0, 0, 0, 0, 2, };
  gint64 start, time;
  gsize length;
  BlockRun *run;

  for (guint i = 0; i < 150; i++)
    capture_add (capture, bytes, sizeof (bytes), sizeof (bytes),
        i * 20 * GST_MSECOND, GST_PACKET_TYPE_HOST);
  capture_save (capture);
  start = g_get_monotonic_time ();
  run = block_run_new ("afringmocksrc name=src location=%s speed=1.0 ! "
      BLOCKS " ! " SINK, capture->location);
  block_run_to_end (run);
  time = g_get_monotonic_time () - start;
  fail_unless (time > 2900000);
  fail_unless_equals_int (run->walk->packets->len, 150);
  fail_unless (run->n_blocks > 50 && run->n_big == 0);
  fail_unless (run->statistics_in_small <= time / G_TIME_SPAN_SECOND + 1,
      "%u statistics in %d ms", run->statistics_in_small, (gint) time / 1000);
  fail_unless (run->statistics_in_small >= 1);
  length = 150 * gst_pcapng_get_packet_size (GST_PACKET_TYPE_HOST, 100)
      + run->walk->statistics * GST_PCAPNG_STATISTICS_LENGTH;
  fail_unless_equals_uint64 (run->walk->length - 512, length);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

/* Who comes later has the header from the caps, and goes on with any buffer. */
GST_START_TEST (test_late)
{
  BlockRun *run = block_run_new ("afringmocksrc name=src num-buffers=9000 "
      "block-size=65536 ! " BLOCKS " ! " SINK);

  run->keep = TRUE;
  block_run_to_end (run);
  for (guint i = 0; i < run->copies->len; i += 5) {
    PcapngWalk *walk = pcapng_walk_new ();
    guint n = 0;

    pcapng_walk (walk, run->stream->data, pcapng_walk_get (run->walk, 0)->at /
        512 * 512);
    fail_unless_equals_int (walk->interfaces, 1);
    for (guint j = i; j < run->copies->len; j++) {
      GstBuffer *buffer = g_ptr_array_index (run->kept, j);
      gsize size;
      gconstpointer data =
          g_bytes_get_data (g_ptr_array_index (run->copies, j), &size);

      n += gst_buffer_get_packet_block_meta (buffer)->packets;
      fail_unless (pcapng_walk (walk, data, size), "%s", walk->wrong);
    }
    fail_unless_equals_int (walk->packets->len, n);
    fail_unless (memcmp (pcapng_walk_get (walk, n - 1)->data,
            pcapng_walk_get (run->walk, 8999)->data, 64) == 0);
    pcapng_walk_free (walk);
  }
  block_run_free (run);
}
GST_END_TEST

/* Another filter: another section, other caps, and behind them only what
 * matches it. */
GST_START_TEST (test_filter_change)
{
  static const gchar *filters[] = { "udp port 5005", "udp port 5004",
    "udp port 5005 and not vlan", NULL, "udp port 5004"
  };
  Capture *capture = make_ports ();
  BlockRun *run = block_run_new ("afringmocksrc name=src location=%s loop=-1 "
      "speed=1.0 filter=\"udp port 5004\" block-size=65536 ! " BLOCKS
      " ! pcapdec ! " SINK, capture->location);
  GArray *sections = g_array_new (FALSE, FALSE, sizeof (guint));
  guint n = 0;

  block_run_play (run);
  for (guint i = 0; i <= G_N_ELEMENTS (filters); i++) {
    n = run->walk->packets->len + 300;
    block_run_wait (run, n);
    if (i < G_N_ELEMENTS (filters)) {
      g_object_set (run->src, "filter", filters[i], NULL);
      for (guint j = 0; g_atomic_int_get (&run->n_headers) < (gint) i + 2
          && j < 2000; j++)
        g_usleep (2000);
    }
    g_mutex_lock (&run->lock);
    n = run->walk->packets->len;
    g_array_append_val (sections, n);
    fail_unless (run->wrong == NULL, "%s", run->wrong);
    if (i < G_N_ELEMENTS (filters)) {
      fail_unless_equals_int (run->n_headers, i + 2);
    }
    g_mutex_unlock (&run->lock);
  }
  fail_unless (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  block_run_wait_eos (run);
  fail_unless (run->ended);
  fail_unless_equals_int (run->walk->sections, G_N_ELEMENTS (filters) + 1);
  fail_unless_equals_int (run->seen->len, run->walk->packets->len);

  /* up to the first change, and from some way behind each to the next wait */
  for (guint i = 0; i + 1 < sections->len; i++) {
    guint from = g_array_index (sections, guint, i) + 100;
    const gchar *filter = filters[i];

    for (guint j = from; filter != NULL && j < from + 150; j++) {
      guint port = GST_READ_UINT16_BE (pcapng_walk_get (run->walk,
              j)->data + PORT_AT);

      fail_unless_equals_int (port, strstr (filter, "5005") ? 5005 : 5004);
    }
  }
  g_array_unref (sections);
  block_run_free (run);
  capture_free (capture);
}
GST_END_TEST

/* The end comes from outside, and the statistics still come. */
GST_START_TEST (test_eos)
{
  BlockRun *run = block_run_new ("afringmocksrc name=src block-size=65536 ! "
      BLOCKS " ! pcapdec ! " SINK);

  block_run_play (run);
  block_run_wait (run, 5000);
  fail_unless (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  block_run_wait_eos (run);
  fail_unless (run->ended);
  fail_unless_equals_int (run->seen->len, run->walk->packets->len);
  fail_unless_equals_uint64 (block_run_get_stat (run, "src",
          "packets-captured"), run->walk->packets->len);
  block_run_free (run);
}
GST_END_TEST

/* Stopped and played again: all from the beginning. */
GST_START_TEST (test_again)
{
  BlockRun *run = block_run_new ("afringmocksrc name=src num-buffers=5000 ! "
      BLOCKS " ! pcapdec ! " SINK);

  block_run_to_end (run);
  fail_unless_equals_int (gst_element_set_state (run->pipeline,
          GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  run->last_pts = GST_CLOCK_TIME_NONE;
  run->next_offset = 0;
  block_run_play (run);
  block_run_wait_eos (run);
  fail_unless_equals_int (run->n_headers, 2);
  fail_unless_equals_int (run->walk->packets->len, 10000);
  fail_unless_equals_int (run->seen->len, 10000);
  fail_unless (run->ended);
  block_run_free (run);
}
GST_END_TEST

static Suite *
blockbuffers_suite (void)
{
  Suite *suite = suite_create ("blockbuffers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_on_demand);
  tcase_add_test (tc, test_no_drain);
  tcase_add_test (tc, test_recorder_prefers);
  tcase_add_loop_test (tc, test_kept, 0, 6);
  tcase_add_test (tc, test_kept_longer);
  tcase_add_test (tc, test_copies);
  tcase_add_loop_test (tc, test_sizes, 0, 8);
  tcase_add_test (tc, test_small);
  tcase_add_test (tc, test_late);
  tcase_add_test (tc, test_filter_change);
  tcase_add_test (tc, test_eos);
  tcase_add_test (tc, test_again);
  return suite;
}

GST_CHECK_MAIN (blockbuffers)
