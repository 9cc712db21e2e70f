/* pcapsink writing blocks from where they lie, of traffic that is fast.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "blockrun.h"
#include "folder.h"


/* As fast as it goes, in blocks that are worth lending, of a ring that is large. */
#define SOURCE "afringmocksrc name=src packet-size=1400 block-size=131072 " \
    "block-count=64 num-buffers=%u ! application/x-pcapng ! "

static gchar *folder;
static BlockRun *run;

static void
setup (void)
{
  folder = folder_new (TRUE);
}

static void
teardown (void)
{
  block_run_free (run);
  folder_remove (folder);
}

/* File number @i has the packets from number @first on, and only those. Returns how
 * many. */
static guint
check_file (guint i, guint first)
{
  g_autofree gchar *location = g_strdup_printf ("%s/%05u.pcapng", folder, i);
  PcapngWalk *file = pcapng_walk_file (location);
  guint n = file->packets->len;

  fail_unless_equals_int (file->sections, 1);
  fail_unless (first + n <= run->walk->packets->len);
  for (guint j = 0; j < n; j++) {
    const WalkedPacket *a = pcapng_walk_get (file, j);
    const WalkedPacket *b = pcapng_walk_get (run->walk, first + j);

    fail_unless (a->captured == b->captured && a->time == b->time
        && memcmp (a->data, b->data, a->captured) == 0, "%s: packet %u",
        location, j);
  }
  pcapng_walk_free (file);
  return n;
}

static void
check_files (void)
{
  guint files = block_run_get_stat (run, "file", "files"), n = 0;

  gst_element_set_state (run->pipeline, GST_STATE_NULL);
  for (guint i = 0; i < files; i++)
    n += check_file (i, n);
  fail_unless_equals_int (n, run->walk->packets->len);
  fail_unless_equals_uint64 (block_run_get_stat (run, "file", "packets"), n);
}

static const gchar *const sinks[] = { "direct-io=auto", "direct-io=never",
  "direct-io=auto max-file-packets=1999", "direct-io=auto max-file-size=3000000",
  "direct-io=auto flush-interval=1000000", "direct-io=auto sync-mode=interval",
};

/* All ways to the disk, and blocks that go to it in one piece beside others that a
 * limit cuts. */
GST_START_TEST (test_ways)
{
  run = block_run_new (SOURCE "pcapsink name=file location=%s/%%05d.pcapng %s",
      block_is_slow ()? 2000 : 20000, folder, sinks[__i__]);
  block_run_to_end (run);
  check_files ();
}
GST_END_TEST

typedef struct
{
  GstElement *recorder;
  gint stopped;                 /* atomic */
} Rotator;

static gpointer
rotate (gpointer data)
{
  Rotator *rotator = data;
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  while (!g_atomic_int_get (&rotator->stopped)) {
    g_usleep (g_rand_int_range (random, 0, 8000));
    g_signal_emit_by_name (rotator->recorder, "rotate");
  }
  return NULL;
}

/* Files are rotated while blocks wait for the disk: each begins as a file does. */
GST_START_TEST (test_rotate)
{
  Rotator rotator = { NULL, FALSE };
  GThread *thread;

  run = block_run_new (SOURCE "pcapsink name=file sync-mode=never "
      "location=%s/%%05d.pcapng",
      block_is_slow ()? 2000 : 40000, folder);
  rotator.recorder = gst_bin_get_by_name (GST_BIN (run->pipeline), "file");
  block_run_play (run);
  thread = g_thread_new ("rotate", rotate, &rotator);
  block_run_wait_eos (run);
  g_atomic_int_set (&rotator.stopped, TRUE);
  g_thread_join (thread);
  check_files ();
  gst_object_unref (rotator.recorder);
}
GST_END_TEST

static Suite *
blocklending_suite (void)
{
  Suite *s = suite_create ("blocklending");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_ways, 0, G_N_ELEMENTS (sinks));
  tcase_add_test (tc, test_rotate);
  return s;
}

GST_CHECK_MAIN (blocklending)
