/* Memory that is kept costs what it holds: slow traffic, small blocks and huge ones,
 * with everything kept.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <dlfcn.h>
#include <gst/afring/afring.h>
#include <string.h>
#include <sys/mman.h>

#define PORT 5004
#define SIZE 200
#define SLOW (g_getenv ("AFRING_MEMCHECK") != NULL)
/* Mappings that come and go with threads and the heap. */
#define MAPS_SLACK 16
/* Bytes that a block with one packet may cost more than the packet has. */
#define OVERHEAD 2048
#define KIB 1024
#define MIB (1024 * KIB)

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
count_maps (void)
{
  g_autofree gchar *maps = NULL;
  guint n = 0;

  fail_unless (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  for (const gchar * at = maps; *at != '\0'; at++)
    n += *at == '\n';
  return n;
}

static void
check_kept (NetCollector * collector, guint number)
{
  for (guint i = 0; i < collector->buffers->len; i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_int (net_check_frame (map.data, map.size), number + i);
    gst_buffer_unmap (buffer, &map);
  }
}

/* Each in a block of its own: the next one goes when this one has come. */
static void
send_slowly (NetCollector * collector, guint number, guint n)
{
  guint before = net_collector_get_count (collector);

  for (guint i = 0; i < n; i++) {
    net_send_frames ("va", number + i, 1, SIZE, PORT);
    net_collector_wait (collector, before + i + 1);
  }
}

static void
wait_for_stat_below (NetCollector * collector, const gchar * field,
    guint64 bound)
{
  gint64 limit = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;
  guint64 value;

  while ((value = net_get_stat (collector->src, field)) > bound
      && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless (value <= bound, "%s is %" G_GUINT64_FORMAT, field, value);
}

/* What slow traffic leaves behind: nothing of the ring, no mapping each, and not a
 * block's size each. */
GST_START_TEST (test_slow_traffic)
{
  static const gchar *const rings[] = { "block-size=65536 block-count=16",
    "block-size=1048576 block-count=16", "block-size=4096 block-count=64"
  };
  const guint n = SLOW ? 100 : 700;
  g_autofree gchar *properties = g_strdup_printf ("interface=vb %s "
      "block-timeout=1", rings[__i__]);
  NetCollector *collector = net_collector_new (properties, TRUE);
  guint64 evicted;
  guint maps;

  net_collector_play (collector);
  /* threads, heaps and first chunks */
  send_slowly (collector, 0, 20);
  maps = count_maps ();
  evicted = net_get_stat (collector->src, "evicted-bytes");

  send_slowly (collector, 20, n);
  fail_unless (count_maps () <= maps + MAPS_SLACK, "%u mappings more",
      count_maps () - maps);
  /* the kernel's own headers of a packet and of a block, and what is begun */
  fail_unless (net_get_stat (collector->src, "evicted-bytes") <= evicted +
      n * (SIZE + OVERHEAD) + 256 * KIB, "%" G_GUINT64_FORMAT,
      net_get_stat (collector->src, "evicted-bytes"));
  fail_unless (net_get_stat (collector->src, "held-blocks") <= 2);
  fail_unless (net_get_stat (collector->src, "blocks") >= n);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  check_kept (collector, 0);

  /* and is there again for the next ones */
  g_ptr_array_set_size (collector->buffers, 0);
  wait_for_stat_below (collector, "evicted-bytes", 0);
  send_slowly (collector, 20 + n, 20);
  check_kept (collector, 20 + n);
  net_collector_free (collector);
}
GST_END_TEST

/* One packet of many is kept, again and again, all else goes. */
GST_START_TEST (test_one_of_many)
{
  const guint rounds = SLOW ? 20 : 100, n = 20;
  NetCollector *collector = net_collector_new ("interface=vb block-timeout=1 "
      "block-size=65536 block-count=16", TRUE);
  g_autoptr (GPtrArray) kept =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);
  guint maps = 0;

  net_collector_play (collector);
  for (guint i = 0; i < rounds; i++) {
    net_send_frames ("va", i * n, n, SIZE, PORT);
    net_collector_wait (collector, (i + 1) * n);
    g_ptr_array_add (kept,
        gst_buffer_ref (g_ptr_array_index (collector->buffers, 0)));
    g_ptr_array_set_size (collector->buffers, 0);
    if (i == 2)
      maps = count_maps ();
  }
  fail_unless (count_maps () <= maps + MAPS_SLACK);
  wait_for_stat_below (collector, "evicted-bytes",
      rounds * n * (SIZE + OVERHEAD) + 256 * KIB);
  wait_for_stat_below (collector, "held-blocks", 2);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  for (guint i = 0; i < rounds; i++) {
    GstMapInfo map;

    fail_unless (gst_buffer_map (g_ptr_array_index (kept, i), &map,
            GST_MAP_READ));
    fail_unless_equals_int (net_check_frame (map.data, map.size), i * n);
    gst_buffer_unmap (g_ptr_array_index (kept, i), &map);
  }
  net_collector_free (collector);
}
GST_END_TEST

static gpointer
do_nothing (gpointer data)
{
  return data;
}

/* What an application does at any time, and what fails at the last mapping. */
static void
check_process_works (void)
{
  gpointer library = dlopen ("libgstrtsp-1.0.so.0", RTLD_NOW | RTLD_LOCAL);
  gpointer memory = mmap (NULL, 4 * MIB, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  GThread *threads[30];

  /* it is not everywhere; that there is none is not for want of mappings */
  if (library == NULL)
    fail_if (strstr (dlerror (), "map"));
  else
    dlclose (library);
  fail_unless (memory != MAP_FAILED);
  munmap (memory, 4 * MIB);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    threads[i] = g_thread_try_new ("try", do_nothing, NULL, NULL);
    fail_unless (threads[i] != NULL);
  }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static gboolean
warned_of (GstElement * pipeline, const gchar * words)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gboolean found = FALSE;

  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING)) != NULL) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_warning (message, &error, NULL);
    found |= strstr (error->message, words) != NULL;
    gst_message_unref (message);
  }
  return found;
}

/* Small blocks, full, of which all are kept: more of them than a process can have
 * mappings, and far below max-evicted-bytes. What has no room is counted and said, and
 * most of the mappings are the application's. */
GST_START_TEST (test_small_blocks)
{
  const guint n = 70000, size = 1400;
  NetCollector *collector = net_collector_new ("interface=vb block-size=4096 "
      "block-count=1024 block-timeout=1", TRUE);
  guint64 dropped;

  net_collector_play (collector);
  for (guint i = 0; i < n; i += 100) {
    net_send_frames ("va", i, 100, size, PORT);
    /* fast, but not to overrun it: each has come, or has been dropped */
    for (guint j = 0; j < 5000 && net_collector_get_count (collector)
        + net_get_stat (collector->src, "packets-dropped") < i; j++)
      g_usleep (100);
  }
  net_collector_end (collector);
  dropped = net_get_stat (collector->src, "packets-dropped");
  fail_unless_equals_uint64 (collector->n + dropped, n);
  fail_unless (count_maps () < 65530 / 2, "%u mappings", count_maps ());
  fail_unless (dropped == 0 || warned_of (collector->pipeline,
          "max_map_count"));
  check_process_works ();
  if (dropped == 0)
    check_kept (collector, 0);
  net_collector_free (collector);
  fail_unless (count_maps () < 65530 / 2);
}
GST_END_TEST

/* What it costs to make room goes with what is in a block, and not with its size: few
 * packets in huge blocks, all of them out. */
GST_START_TEST (test_huge_blocks)
{
  const guint n = 200;
  NetCollector *collector = net_collector_new ("interface=vb "
      "block-size=33554432 block-count=8 block-timeout=1", TRUE);

  net_collector_play (collector);
  for (guint i = 0; i < n; i++) {
    net_send_frames ("va", i, 1, SIZE, PORT);
    if (i % 5 == 4)
      g_usleep (2000);
  }
  net_collector_wait (collector, n);
  net_collector_end (collector);
  fail_unless_equals_uint64 (net_get_stat (collector->src, "packets-dropped"),
      0);
  fail_unless_equals_int (collector->n, n);
  fail_unless (net_get_stat (collector->src, "evicted-bytes") <= 8 * MIB);
  check_kept (collector, 0);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
keeping_suite (void)
{
  Suite *suite = suite_create ("keeping");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_slow_traffic, 0, 3);
  tcase_add_test (tc, test_one_of_many);
  /* valgrind has its own mappings, and no time for so many packets */
  if (!SLOW) {
    tcase_add_test (tc, test_small_blocks);
    tcase_add_test (tc, test_huge_blocks);
  }
  return suite;
}

GST_CHECK_MAIN (keeping)
