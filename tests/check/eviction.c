/* Downstream keeps what it likes, and the ring goes on turning.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockrun.h"

#include <gst/afring/afring.h>

/* 44 packets of 1400 bytes to a block. */
#define SIZE 1400
#define BLOCK_PACKETS 44
#define RING "block-size=65536 block-count=16 "
/* It takes some milliseconds until the first block of this one is needed again:
 * time to do things to it before that. */
#define LONG_RING_BLOCKS (mock_is_slow () ? 128 : 512)
#define LONG_RING "block-size=65536 block-count=%u num-buffers=%u"

/* Every 1000th buffer is kept for ever. */
GST_START_TEST (test_every_thousandth)
{
  const guint n = mock_is_slow () ? 50000 : 1000000;
  const guint every = mock_is_slow () ? 100 : 1000;
  MockRun *run = mock_run_new (64, every, RING "num-buffers=%u", n);

  mock_run_play (run);
  mock_run_to_end (run, n);
  fail_unless_equals_int (run->kept->len, n / every);
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-captured"), n);
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-dropped"), 0);
  fail_unless (mock_run_get_stat (run, "evicted-blocks") > 0);
  /* what is held costs memory, and nothing else does */
  fail_unless (mock_run_get_stat (run, "evicted-bytes") > 0);
  fail_unless (mock_run_get_stat (run, "evicted-bytes") <= n / every * 65536);

  mock_run_let_go (run);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

static const struct
{
  const gchar *ring;
  guint n;
} rings[] = {
  {RING, 6000},
  {"block-size=65536 block-count=1", 3000},
  {"block-size=65536 block-count=2", 3000},
  {"block-size=65536 block-count=3 max-evicted-bytes=0", 3000},
  {"block-size=4096 block-count=1", 800},
  {"block-size=4096 block-count=2", 800},
  {"block-size=4096 block-count=3", 800},
  {"block-size=4096 block-count=512", 6000},
  {"block-size=65536 block-count=512", 45000},
  {"block-size=65536 block-count=512 reserve-blocks=511", 10000},
  {"block-size=65536 block-count=8 reserve-blocks=1", 6000},
  {"block-size=65536 block-count=8 reserve-blocks=1000", 6000},
  {"block-size=16777216 block-count=1", 40000},
  {"block-size=16777216 block-count=2", 50000},
};

/* More than the ring has room for, and all of it is kept. */
GST_START_TEST (test_keep_all)
{
  const guint n = mock_is_slow () ? MIN (rings[__i__].n, 6000) :
      rings[__i__].n;
  MockRun *run = mock_run_new (SIZE, 1, "%s num-buffers=%u", rings[__i__].ring,
      n);

  mock_run_play (run);
  mock_run_to_end (run, n);
  fail_unless_equals_int (run->kept->len, n);
  if (n == rings[__i__].n)
    fail_unless (mock_run_get_stat (run, "evicted-bytes") > 0);
  /* the used bytes: packets with their headers, in whole pages */
  fail_unless (mock_run_get_stat (run, "evicted-bytes") <= 1600 *
      mock_run_get_stat (run, "packets-received") + 4096 *
      mock_run_get_stat (run, "blocks"));
  mock_run_let_go (run);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

/* The first packet, and views into it that were made while it lay in the ring. */
typedef struct
{
  GstBuffer *buffer, *region, *part;
  GstMapFlags flags;
  GstMapInfo map;
  gboolean in_ring;             /* when it had been mapped */
  guint8 *copy;
  gint stop;                    /* atomic */
} First;

static void
first_init (First * first, GstBuffer * buffer)
{
  first->buffer = gst_buffer_ref (buffer);
  first->region = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 14,
      1000);
  first->part = gst_buffer_new ();
  gst_buffer_append_memory (first->part, gst_memory_share
      (gst_buffer_peek_memory (first->region, 0), 20, 500));
}

static void
map_first (MockRun * run, GstBuffer * buffer, guint number)
{
  First *first = run->user_data;

  if (number != 0)
    return;
  first_init (first, buffer);
  if (!gst_buffer_map (buffer, &first->map, GST_MAP_READ | first->flags))
    mock_run_blame (run, "cannot be mapped", 0);
  first->in_ring = mock_is_in_ring (first->map.data);
  first->copy = g_memdup2 (first->map.data, first->map.size);
}

static void
first_clear (First * first)
{
  gst_clear_buffer (&first->buffer);
  gst_clear_buffer (&first->region);
  gst_clear_buffer (&first->part);
  g_clear_pointer (&first->copy, g_free);
}

/* A run of @n packets, of which the first has been mapped before it was evicted. On
 * a busy machine the streaming thread can be too late for that. */
static MockRun *
run_with_first (First * first, GstMapFlags flags, guint n)
{
  for (guint i = 0; i < 10; i++) {
    MockRun *run = mock_run_new (SIZE, 0, LONG_RING, LONG_RING_BLOCKS, n);

    memset (first, 0, sizeof (*first));
    first->flags = flags;
    run->user_data = first;
    run->took = map_first;
    mock_run_play (run);
    mock_run_wait (run, 1);
    if (first->in_ring)
      return run;
    mock_run_set_state (run, GST_STATE_NULL);
    gst_buffer_unmap (first->buffer, &first->map);
    first_clear (first);
    mock_run_free (run);
  }
  fail ("always evicted before it was mapped");
  return NULL;
}

/* Reads what is mapped until it is told to stop; how often it was wrong. */
static gpointer
watch (gpointer data)
{
  First *first = data;
  guint wrong = 0;

  while (!g_atomic_int_get (&first->stop)) {
    if (memcmp (first->map.data, first->copy, SIZE) != 0)
      wrong++;
  }
  return GUINT_TO_POINTER (wrong);
}

static void
check_view (GstBuffer * view, const guint8 * address, const guint8 * bytes,
    gsize size, GstMapFlags flags)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (view, &map, GST_MAP_READ | flags));
  fail_unless (map.data == address);
  fail_unless_equals_int (map.size, size);
  fail_unless (memcmp (map.data, bytes, size) == 0);
  gst_buffer_unmap (view, &map);
}

/* Mapped, shared, shared again, and read all the time. */
GST_START_TEST (test_views)
{
  const guint n = 3 * LONG_RING_BLOCKS * BLOCK_PACKETS;
  First first;
  MockRun *run = run_with_first (&first, 0, n);
  GThread *thread;
  guint8 *data;

  thread = g_thread_new ("watch", watch, &first);
  mock_run_to_end (run, n);
  data = first.map.data;
  fail_if (mock_is_in_ring (data), "not evicted");
  fail_unless (mock_run_get_stat (run, "evicted-blocks") >= 1);
  g_usleep (10000);
  g_atomic_int_set (&first.stop, TRUE);
  fail_unless_equals_int (GPOINTER_TO_UINT (g_thread_join (thread)), 0);

  /* the same address for whoever maps it now, and a pin makes no difference */
  check_view (first.buffer, data, first.copy, SIZE, 0);
  check_view (first.buffer, data, first.copy, SIZE, GST_AFRING_MAP_PINNED);
  gst_buffer_unmap (first.buffer, &first.map);

  /* each view holds what it needs by itself */
  gst_clear_buffer (&first.buffer);
  check_view (first.region, data + 14, first.copy + 14, 1000, 0);
  gst_clear_buffer (&first.region);
  fail_unless (mock_run_get_stat (run, "evicted-bytes") > 0);
  check_view (first.part, data + 34, first.copy + 34, 500, 0);
  first_clear (&first);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

/* A block that a device reads stays where it is: the mock waits for it. */
GST_START_TEST (test_pinned)
{
  const guint n = 3 * LONG_RING_BLOCKS * BLOCK_PACKETS;
  First first;
  MockRun *run = run_with_first (&first, GST_AFRING_MAP_PINNED, n);
  GstMapInfo part;
  const guint8 *data;
  guint stalled;

  stalled = mock_run_wait_stall (run, G_MAXUINT64);
  fail_unless (mock_is_in_ring (first.map.data));
  fail_unless (memcmp (first.map.data, first.copy, SIZE) == 0);
  fail_unless (stalled < n);
  /* nothing else is held */
  mock_run_wait_for_stat (run, "evicted-bytes", 0);

  /* two transfers at once, of two views: the block waits for both */
  fail_unless (gst_buffer_map (first.part, &part, GST_MAP_READ |
          GST_AFRING_MAP_PINNED));
  data = part.data;
  gst_buffer_unmap (first.buffer, &first.map);
  fail_unless_equals_int (mock_run_wait_stall (run, G_MAXUINT64), stalled);
  fail_unless (mock_is_in_ring (data));
  fail_unless (memcmp (data, first.copy + 34, 500) == 0);
  gst_buffer_unmap (first.part, &part);

  mock_run_to_end (run, n);
  fail_if (mock_is_in_ring (data), "not evicted after its pins");
  check_view (first.part, data, first.copy + 34, 500, 0);
  check_view (first.buffer, data - 34, first.copy, SIZE, 0);
  first_clear (&first);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

/* Memory that is pinned and has no buffer any more. */
GST_START_TEST (test_pin_outlives_buffer)
{
  const guint n = 3 * LONG_RING_BLOCKS * BLOCK_PACKETS;
  First first;
  MockRun *run = run_with_first (&first, GST_AFRING_MAP_PINNED, n);
  GstMemory *memory = gst_buffer_get_memory (first.part, 0);
  GstMapInfo map;
  guint stalled;

  fail_unless (gst_memory_map (memory, &map, GST_MAP_READ |
          GST_AFRING_MAP_PINNED));
  gst_buffer_unmap (first.buffer, &first.map);
  gst_clear_buffer (&first.buffer);
  gst_clear_buffer (&first.region);
  gst_clear_buffer (&first.part);
  stalled = mock_run_wait_stall (run, G_MAXUINT64);
  fail_unless (stalled < n);
  fail_unless (mock_is_in_ring (map.data));
  fail_unless (memcmp (map.data, first.copy + 34, 500) == 0);
  gst_memory_unmap (memory, &map);
  gst_memory_unref (memory);
  mock_run_to_end (run, n);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  first_clear (&first);
  mock_run_free (run);
}
GST_END_TEST

#define THREADS 4
#define SLOTS 300

typedef struct
{
  GAsyncQueue *queue;
  gint wrong;                   /* atomic */
  gint freed;                   /* atomic */
} Freeing;

static void
check_and_free (Freeing * freeing, MockKept * kept)
{
  if (kept == NULL)
    return;
  if (gst_buffer_memcmp (kept->buffer, 0, kept->copy, kept->size) != 0)
    g_atomic_int_inc (&freeing->wrong);
  gst_buffer_unref (kept->buffer);
  g_free (kept->copy);
  g_free (kept);
  g_atomic_int_inc (&freeing->freed);
}

/* Each packet takes the place of one that came some time before. */
static gpointer
free_at_random (gpointer data)
{
  Freeing *freeing = data;
  MockKept *slots[SLOTS] = { NULL, }, *kept;

  while ((gpointer) (kept = g_async_queue_pop (freeing->queue)) != freeing) {
    guint i = g_random_int_range (0, SLOTS);

    check_and_free (freeing, slots[i]);
    slots[i] = kept;
  }
  for (guint i = 0; i < SLOTS; i++)
    check_and_free (freeing, slots[i]);
  return NULL;
}

static void
hand_to_threads (MockRun * run, GstBuffer * buffer, guint number)
{
  Freeing *freeing = run->user_data;
  MockKept *kept;

  if (number % 8 != 0)
    return;
  kept = g_new (MockKept, 1);
  kept->buffer = gst_buffer_ref (buffer);
  kept->size = run->size;
  kept->copy = g_memdup2 (run->expected, run->size);
  g_async_queue_push (freeing->queue, kept);
}

/* The bound is small, so that the ring waits for the threads now and then. */
GST_START_TEST (test_freed_by_threads)
{
  const guint n = mock_is_slow () ? 20000 : 400000;
  MockRun *run = mock_run_new (200, 0, RING "max-evicted-bytes=33554432 "
      "num-buffers=%u", n);
  Freeing freeing = {.queue = g_async_queue_new () };
  GThread *threads[THREADS];

  run->user_data = &freeing;
  run->took = hand_to_threads;
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("free", free_at_random, &freeing);
  mock_run_play (run);
  mock_run_to_end (run, n);
  fail_unless (mock_run_get_stat (run, "evicted-blocks") > 0);
  /* itself is the end */
  for (guint i = 0; i < THREADS; i++)
    g_async_queue_push (freeing.queue, &freeing);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  g_async_queue_unref (freeing.queue);
  fail_unless_equals_int (freeing.wrong, 0);
  fail_unless_equals_int (freeing.freed, n / 8);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

static Suite *
eviction_suite (void)
{
  Suite *suite = suite_create ("eviction");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_every_thousandth);
  tcase_add_loop_test (tc, test_keep_all, 0, G_N_ELEMENTS (rings));
  tcase_add_test (tc, test_views);
  tcase_add_test (tc, test_pinned);
  tcase_add_test (tc, test_pin_outlives_buffer);
  tcase_add_test (tc, test_freed_by_threads);
  return suite;
}

GST_CHECK_MAIN (eviction)
