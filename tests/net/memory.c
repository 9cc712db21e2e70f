/* Buffers that lie in the ring: how long they hold it, and from where they may
 * be let go.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>
#include <sys/resource.h>

#define PORT 5004
/* A block with one of them has too much in it to be copied (gstafringcopy.c). */
#define SIZE 1400
/* Each of the few frames of a test can have a block of its own, if the machine is
 * slow enough, and no block is evicted. */
#define RING "interface=vb block-size=4096 block-count=128"

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
wait_for_held (GstElement * src, guint64 expected)
{
  gint64 limit = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;

  while (net_get_stat (src, "held-blocks") != expected
      && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless_equals_uint64 (net_get_stat (src, "held-blocks"), expected);
}

static guint
count_ring_maps (void)
{
  g_autofree gchar *maps = NULL;
  guint n = 0;

  fail_unless (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  for (gchar * p = maps; (p = strstr (p, "socket:[")) != NULL; p++)
    n++;
  return n;
}

static void
check_buffers (NetCollector * collector, guint start)
{
  for (guint i = 0; i < collector->buffers->len; i++) {
    GstMapInfo map;

    fail_unless (gst_buffer_map (g_ptr_array_index (collector->buffers, i),
            &map, GST_MAP_READ));
    fail_unless_equals_int (net_check_frame (map.data, map.size), start + i);
    gst_buffer_unmap (g_ptr_array_index (collector->buffers, i), &map);
  }
}

/* A block is held by any one of its buffers, and goes back with the last. */
GST_START_TEST (test_held_until_unref)
{
  NetCollector *collector = net_collector_new (RING, TRUE);

  net_collector_play (collector);
  net_send_frames ("va", 0, 10, SIZE, PORT);
  net_collector_wait (collector, 10);
  /* mostly one, but the timer of a block can come between two frames */
  wait_for_held (collector->src, collector->n_lists);

  g_ptr_array_remove_range (collector->buffers, 0, 9);
  g_usleep (50000);
  wait_for_held (collector->src, 1);
  g_ptr_array_remove_range (collector->buffers, 0, 1);
  wait_for_held (collector->src, 0);

  /* many times round the ring, each block given back by its own buffers */
  collector->keep = FALSE;
  for (guint i = 0; i < 20; i++) {
    net_send_frames ("va", 0, 200, SIZE, PORT);
    net_collector_wait (collector, 10 + (i + 1) * 200);
  }
  wait_for_held (collector->src, 0);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  net_collector_free (collector);
}
GST_END_TEST

/* Of one block held, a copy_region of it, and a part of that: each holds it. */
GST_START_TEST (test_shares)
{
  NetCollector *collector = net_collector_new (RING, TRUE);
  GstBuffer *buffer, *part, *part_of_part;
  GstMemory *memory;
  GstMapInfo whole, map;

  net_collector_play (collector);
  net_send_frames ("va", 0, 3, SIZE, PORT);
  net_collector_wait (collector, 3);

  buffer = gst_buffer_ref (g_ptr_array_index (collector->buffers, 1));
  memory = gst_buffer_peek_memory (buffer, 0);
  fail_unless (gst_is_afring_memory (memory));
  fail_unless (GST_MEMORY_IS_READONLY (memory));
  fail_if (GST_MEMORY_FLAG_IS_SET (memory, GST_MEMORY_FLAG_NO_SHARE));

  fail_unless (gst_buffer_map (buffer, &whole, GST_MAP_READ));
  part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 14, SIZE - 14);
  part_of_part = gst_buffer_copy_region (part, GST_BUFFER_COPY_ALL, 20, 30);
  fail_unless (gst_buffer_map (part_of_part, &map, GST_MAP_READ));
  fail_unless (map.data == whole.data + 34);
  fail_unless_equals_int (map.size, 30);
  fail_unless_equals_int (gst_buffer_get_packet_meta
      (part_of_part)->network_offset, 255);
  fail_unless_equals_int (gst_buffer_get_packet_meta (part)->network_offset, 0);
  gst_buffer_unmap (part_of_part, &map);
  fail_unless (gst_buffer_map (part_of_part, &map,
          GST_MAP_READ | GST_AFRING_MAP_PINNED));
  fail_unless (map.data == whole.data + 34);
  gst_buffer_unmap (part_of_part, &map);
  gst_buffer_unmap (buffer, &whole);

  g_ptr_array_set_size (collector->buffers, 0);
  gst_buffer_unref (buffer);
  wait_for_held (collector->src, 1);
  gst_buffer_unref (part);
  wait_for_held (collector->src, 1);
  gst_buffer_unref (part_of_part);
  wait_for_held (collector->src, 0);
  net_collector_free (collector);
}
GST_END_TEST

/* Writing is for a copy: the ring is what other branches see. */
GST_START_TEST (test_write_copies)
{
  NetCollector *collector = net_collector_new (RING, TRUE);
  GstBuffer *buffer, *copy;
  GstMapInfo map;

  net_collector_play (collector);
  net_send_frames ("va", 0, 1, SIZE, PORT);
  net_collector_wait (collector, 1);

  buffer = g_ptr_array_index (collector->buffers, 0);
  copy = gst_buffer_copy (buffer);
  fail_unless (gst_buffer_map (copy, &map, GST_MAP_WRITE));
  memset (map.data, 0xff, map.size);
  gst_buffer_unmap (copy, &map);
  fail_if (gst_is_afring_memory (gst_buffer_peek_memory (copy, 0)));
  check_buffers (collector, 0);
  /* nor can a buffer grow into its neighbour */
  gst_buffer_set_size (copy, 0);
  fail_unless (gst_memory_get_sizes (gst_buffer_peek_memory (buffer, 0), NULL,
          NULL) == SIZE);
  gst_buffer_unref (copy);
  net_collector_free (collector);
}
GST_END_TEST

/* What is kept outlives the element, and the ring does not: at the stop it moves out. A
 * restart has a ring of its own. */
GST_START_TEST (test_held_across_restart)
{
  NetCollector *collector = net_collector_new (RING, TRUE);
  GPtrArray *old;

  fail_unless_equals_int (count_ring_maps (), 0);
  net_collector_play (collector);
  net_send_frames ("va", 0, 50, SIZE, PORT);
  net_collector_wait (collector, 50);
  fail_unless_equals_int (count_ring_maps (), 1);

  fail_unless_equals_int (gst_element_set_state (collector->pipeline,
          GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
  check_buffers (collector, 0);
  fail_unless_equals_int (count_ring_maps (), 0);

  old = g_steal_pointer (&collector->buffers);
  collector->buffers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  collector->n = 0;
  net_collector_play (collector);
  fail_unless_equals_int (count_ring_maps (), 1);
  net_send_frames ("va", 1000, 50, SIZE, PORT);
  net_collector_wait (collector, 50);
  check_buffers (collector, 1000);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-received"),
      50);

  g_ptr_array_unref (old);
  fail_unless_equals_int (count_ring_maps (), 1);
  net_collector_free (collector);
  fail_unless_equals_int (count_ring_maps (), 0);
}
GST_END_TEST

static gpointer
free_some (gpointer user_data)
{
  GAsyncQueue *queue = user_data;
  gpointer item;

  while ((item = g_async_queue_pop (queue)) != queue)
    gst_buffer_unref (item);
  return NULL;
}

/* Buffers of the same blocks let go by four threads while more come. */
GST_START_TEST (test_freed_by_threads)
{
  NetCollector *collector = net_collector_new ("interface=vb block-size=65536 "
      "block-count=32", TRUE);
  GAsyncQueue *queue = g_async_queue_new ();
  GThread *threads[4];
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("free", free_some, queue);
  net_collector_play (collector);
  for (guint round = 0; round < 40; round++) {
    net_send_frames ("va", 0, 250, SIZE, PORT);
    n += 250;
    net_collector_wait (collector, n);
    g_mutex_lock (&collector->lock);
    for (guint i = 0; i < collector->buffers->len; i++)
      g_async_queue_push (queue,
          gst_buffer_ref (g_ptr_array_index (collector->buffers, i)));
    g_ptr_array_set_size (collector->buffers, 0);
    g_mutex_unlock (&collector->lock);
    if (round % 4 == 3)
      wait_for_held (collector->src, 0);
  }
  /* the queue in itself is the end */
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_async_queue_push (queue, queue);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_async_queue_unref (queue);
  wait_for_held (collector->src, 0);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  net_collector_free (collector);
}
GST_END_TEST

static gint64
get_cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_TIME_SPAN_SECOND
      + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* While the newest block is held, poll() would say "readable" all the time. */
GST_START_TEST (test_idle_costs_nothing)
{
  NetCollector *collector = net_collector_new (RING, TRUE);
  gint64 before, used;

  net_collector_play (collector);
  net_send_frames ("va", 0, 5, SIZE, PORT);
  net_collector_wait (collector, 5);
  wait_for_held (collector->src, collector->n_lists);

  before = get_cpu_time ();
  g_usleep (G_TIME_SPAN_SECOND);
  used = get_cpu_time () - before;
  fail_unless (used < 50000, "%" G_GINT64_FORMAT " us of CPU in a second",
      used);

  /* and the next block is not missed */
  net_send_frames ("va", 5, 5, SIZE, PORT);
  net_collector_wait (collector, 10);
  check_buffers (collector, 0);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
memory_suite (void)
{
  Suite *suite = suite_create ("memory");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_held_until_unref);
  tcase_add_test (tc, test_held_across_restart);
  tcase_add_test (tc, test_shares);
  tcase_add_test (tc, test_write_copies);
  tcase_add_test (tc, test_freed_by_threads);
  /* valgrind's own work is CPU time too */
  if (g_getenv ("AFRING_MEMCHECK") == NULL)
    tcase_add_test (tc, test_idle_costs_nothing);
  return suite;
}

GST_CHECK_MAIN (memory)
