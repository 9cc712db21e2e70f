/* Eviction at its limits: the bound, the process's own, a fork, and the end.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockrun.h"

#include <gst/afring/afring.h>
#include <errno.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 1400
#define RING "block-size=65536 block-count=16 "
#define MIB (1024 * 1024)
/* Mappings that come and go with threads and the heap. */
#define MAPS_SLACK 10

/* At the bound the mock waits, it goes on when there is memory again, and is
 * stopped at once wherever it is. */
static void
check_bound (guint64 bound)
{
  MockRun *run = mock_run_new (SIZE, 1, RING "max-evicted-bytes=%"
      G_GUINT64_FORMAT, bound);
  guint stalled;

  mock_run_play (run);
  mock_run_wait (run, 1);
  stalled = mock_run_wait_stall (run, bound);
  /* the bound is made use of; a block may not fit under it any more */
  if (bound >= MIB)
    fail_unless (mock_run_get_stat (run, "evicted-bytes") >= bound - 65536);
  mock_run_check (run);

  for (guint i = 0; i < 4; i++) {
    guint more;

    /* the block that is needed next may still be kept, and is evicted then */
    if (i % 2 == 0)
      mock_run_let_go_of_half (run);
    else
      mock_run_let_go (run);
    mock_run_wait (run, stalled + 1);
    more = mock_run_wait_stall (run, bound);
    fail_unless (more > stalled + 44, "%u packets more", more - stalled);
    stalled = more;
    mock_run_check (run);
  }
  mock_kept_check (run->kept);
  mock_run_free (run);
}

GST_START_TEST (test_bound)
{
  check_bound (MIB);
  check_bound (5 * MIB);
}
GST_END_TEST

/* No block is as small as that: there is no eviction, only waiting. */
GST_START_TEST (test_bound_below_a_block)
{
  check_bound (1);
}
GST_END_TEST

/* With a pause, too, and more than once, at the bound. */
GST_START_TEST (test_states_at_bound)
{
  MockRun *run = mock_run_new (SIZE, 1, RING "max-evicted-bytes=1048576");
  guint n;

  mock_run_play (run);
  mock_run_wait (run, 1);
  n = mock_run_wait_stall (run, MIB);
  for (guint i = 0; i < 5; i++) {
    mock_run_set_state (run, GST_STATE_PAUSED);
    mock_run_set_state (run, GST_STATE_PLAYING);
  }
  mock_run_check (run);
  mock_run_let_go (run);
  mock_run_wait (run, n + 1);
  mock_run_wait_stall (run, MIB);

  /* EOS comes after what the ring has, which needs no eviction */
  fail_unless (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  mock_run_wait_eos (run);
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-received"),
      mock_run_count (run));
  mock_run_free (run);
}
GST_END_TEST

/* In a child: calls that are safe after a fork of many threads. Its status is 1
 * if what is at @ring is there: a ring is the parent's alone. */
static pid_t
fork_sleeper (gpointer ring)
{
  guintptr page = sysconf (_SC_PAGESIZE);
  guchar resident;
  pid_t pid = fork ();
  gboolean found;

  fail_unless (pid >= 0);
  if (pid > 0)
    return pid;
  found = ring != NULL && (mincore ((gpointer) ((guintptr) ring & ~(page - 1)),
          1, &resident) == 0 || errno != ENOMEM);
  usleep (300000);
  /* valgrind would look for leaks here, and find what the other threads had */
  if (mock_is_slow ())
    execlp (found ? "false" : "true", "", NULL);
  _exit (found);
}

static void
wait_for_sleeper (pid_t pid)
{
  int status;

  fail_unless (waitpid (pid, &status, 0) == pid);
  fail_unless (WIFEXITED (status) && WEXITSTATUS (status) == 0, "status %x",
      status);
}

/* Buffers are held, evicted and evicted again while a child has the same memory,
 * and after it has gone. */
GST_START_TEST (test_fork)
{
  const guint n = mock_is_slow () ? 5000 : 60000;
  MockRun *run = mock_run_new (SIZE, 50, RING "num-buffers=%u", n);
  MockKept *last;
  GstMapInfo map;
  pid_t pid;

  mock_run_play (run);
  mock_run_wait (run, n / 10);
  pid = fork_sleeper (NULL);
  mock_run_to_end (run, n);
  wait_for_sleeper (pid);
  mock_run_check (run);

  /* the last that came was never evicted */
  last = g_ptr_array_index (run->kept, run->kept->len - 1);
  fail_unless (gst_buffer_map (last->buffer, &map, GST_MAP_READ));
  pid = fork_sleeper (mock_is_in_ring (map.data) ? map.data : NULL);
  gst_buffer_unmap (last->buffer, &map);
  wait_for_sleeper (pid);
  mock_run_check (run);
  mock_run_let_go (run);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

/* Buffers that are freed while a child has them, and new ones in their place. */
GST_START_TEST (test_fork_and_free)
{
  MockRun *run = mock_run_new (SIZE, 10, RING "max-evicted-bytes=8388608");
  pid_t pid;

  mock_run_play (run);
  mock_run_wait (run, 1000);
  pid = fork_sleeper (NULL);
  for (guint i = 0; i < 20; i++) {
    g_usleep (10000);
    mock_run_check (run);
    mock_run_let_go (run);
  }
  wait_for_sleeper (pid);
  mock_run_check (run);
  mock_run_free (run);
}
GST_END_TEST

static void
limit_address_space (rlim_t more)
{
  g_autofree gchar *statm = NULL;
  struct rlimit limit;

  fail_unless (g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL));
  fail_unless (getrlimit (RLIMIT_AS, &limit) == 0);
  limit.rlim_cur = g_ascii_strtoull (statm, NULL, 10) * sysconf (_SC_PAGESIZE)
      + more;
  fail_unless (setrlimit (RLIMIT_AS, &limit) == 0);
}

static void
unlimit_address_space (void)
{
  struct rlimit limit;

  fail_unless (getrlimit (RLIMIT_AS, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  fail_unless (setrlimit (RLIMIT_AS, &limit) == 0);
}

static guint
count_warnings (MockRun * run)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (run->bus, GST_MESSAGE_WARNING |
              GST_MESSAGE_ERROR)) != NULL) {
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
    gst_message_unref (message);
    n++;
  }
  return n;
}

/* Without memory to evict to, or mappings, the mock waits, as without eviction,
 * and says so once; with room in the ring it goes on. */
static void
check_degraded (MockRun * run)
{
  guint stalled = mock_run_wait_stall (run, G_MAXUINT64);

  mock_run_check (run);
  for (guint i = 0; i < 5; i++) {
    mock_run_let_go (run);
    mock_run_wait (run, stalled + 1);
    stalled = mock_run_wait_stall (run, G_MAXUINT64);
    mock_run_check (run);
  }
  fail_unless_equals_int (count_warnings (run), 1);
}

/* GLib ends a program that gets no memory: there is enough for what is allocated
 * meanwhile, and only eviction maps more. */
static void
reserve_heap (void)
{
  mallopt (M_MMAP_MAX, 0);
  mallopt (M_TRIM_THRESHOLD, 64 * MIB);
  free (malloc (32 * MIB));
}

GST_START_TEST (test_no_memory)
{
  /* 700 to a block: one buffer is kept of each */
  MockRun *run = mock_run_new (SIZE, 700, "block-size=1048576 block-count=8");

  mock_run_play (run);
  /* its threads have their stacks and heaps */
  mock_run_wait (run, 1);
  reserve_heap ();
  limit_address_space (24 * MIB);
  check_degraded (run);
  unlimit_address_space ();
  mock_run_let_go (run);
  mock_run_free (run);
}
GST_END_TEST

static GPtrArray *
capture_and_keep (guint n)
{
  MockRun *run = mock_run_new (SIZE, 1, RING "num-buffers=%u", n);

  mock_run_play (run);
  mock_run_to_end (run, n);
  fail_unless (mock_run_get_stat (run, "evicted-bytes") > 0);
  return mock_run_free_but_kept (run);
}

/* Uses up the mappings that the process may have, but for some, which are left to
 * threads, heaps and a few evictions. */
static guint8 *
use_mappings (gsize * length)
{
  const gsize page = sysconf (_SC_PAGESIZE), few = 200;
  g_autofree gchar *limit = NULL;
  guint8 *memory;
  gsize n;

  fail_unless (g_file_get_contents ("/proc/sys/vm/max_map_count", &limit, NULL,
          NULL));
  n = g_ascii_strtoull (limit, NULL, 10) - mock_count_maps () - few;
  *length = n * page;
  memory = mmap (NULL, *length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
      MAP_NORESERVE, -1, 0);
  fail_unless (memory != MAP_FAILED);
  for (gsize i = 1; i < n; i += 2)
    fail_unless (mprotect (memory + i * page, page, PROT_READ) == 0);
  return memory;
}

GST_START_TEST (test_no_mappings)
{
  MockRun *run = mock_run_new (SIZE, 44, RING);
  guint8 *memory;
  gsize length;
  guint before;

  /* heaps and the stacks of threads stay after the first time */
  g_ptr_array_unref (capture_and_keep (2000));
  before = mock_count_maps ();
  memory = use_mappings (&length);
  mock_run_play (run);
  mock_run_wait (run, 1);
  check_degraded (run);
  munmap (memory, length);
  mock_run_let_go (run);
  mock_run_free (run);
  /* what could not be given back at the limit has been by now */
  fail_unless (mock_count_maps () <= before + MAPS_SLACK, "%u mappings, %u "
      "before", mock_count_maps (), before);
}
GST_END_TEST

/* Buffers outlive the element, and leave nothing behind. */
GST_START_TEST (test_outlives_element)
{
  const guint n = mock_is_slow () ? 2000 : 12000;
  GPtrArray *kept[3];
  guint before;

  /* plugins, heaps and the stacks of threads stay after the first time */
  g_ptr_array_unref (capture_and_keep (n));
  before = mock_count_maps ();
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    kept[i] = capture_and_keep (n);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    mock_kept_check (kept[i]);
  /* not in the order in which they came */
  for (guint i = 0; i < n; i++)
    g_ptr_array_remove_index_fast (kept[1], g_random_int_range (0, n - i));
  mock_kept_check (kept[0]);
  mock_kept_check (kept[2]);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    g_ptr_array_unref (kept[i]);
  fail_unless (mock_count_maps () <= before + MAPS_SLACK, "%u mappings, %u "
      "before", mock_count_maps (), before);
}
GST_END_TEST

/* Stopped with more evicted than has been read, again and again. */
GST_START_TEST (test_stopped_while_evicting)
{
  guint before = 0;

  for (guint i = 0; i < 20; i++) {
    MockRun *run = mock_run_new (SIZE, 7, RING "max-evicted-bytes=33554432");
    GPtrArray *kept;

    mock_run_play (run);
    mock_run_wait (run, 1 + 100 * i);
    kept = mock_run_free_but_kept (run);
    mock_kept_check (kept);
    g_ptr_array_unref (kept);
    if (i == 4)
      before = mock_count_maps ();
  }
  fail_unless (mock_count_maps () <= before + MAPS_SLACK);
}
GST_END_TEST

static Suite *
evictionlimits_suite (void)
{
  Suite *suite = suite_create ("evictionlimits");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_bound);
  tcase_add_test (tc, test_bound_below_a_block);
  tcase_add_test (tc, test_states_at_bound);
  tcase_add_test (tc, test_fork);
  tcase_add_test (tc, test_fork_and_free);
  tcase_add_test (tc, test_outlives_element);
  tcase_add_test (tc, test_stopped_while_evicting);
  /* valgrind needs memory of its own */
  if (!mock_is_slow ()) {
    tcase_add_test (tc, test_no_memory);
    tcase_add_test (tc, test_no_mappings);
  }
  return suite;
}

GST_CHECK_MAIN (evictionlimits)
