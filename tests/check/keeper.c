/* The ring is turned by a thread of its own: whatever a push, a state, a flush or
 * an end does meanwhile, no packet is lost and nobody waits for long.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockrun.h"

#include <gst/afring/afring.h>
#include <glib/gstdio.h>

#define SIZE 200
#define RING_PACKETS (16 * 228)
#define RING "block-size=65536 block-count=16 "
#define BOUND (32 * 1024 * 1024)
#define BOUNDED_RING RING "max-evicted-bytes=33554432 "
#define LIMIT (20 * G_TIME_SPAN_SECOND)
#define CYCLES (mock_is_slow () ? 5 : 50)

/* Where pushes wait while it is closed. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean closed;
  gboolean waiting;
} Gate;

static Gate gate;

static void
setup (void)
{
  gate.closed = gate.waiting = FALSE;
}

static void
pass_gate (MockRun * run)
{
  gint64 limit = g_get_monotonic_time () + LIMIT;

  g_mutex_lock (&gate.lock);
  gate.waiting = TRUE;
  g_cond_broadcast (&gate.cond);
  while (gate.closed && g_cond_wait_until (&gate.cond, &gate.lock, limit));
  gate.waiting = FALSE;
  g_mutex_unlock (&gate.lock);
}

/* And waits until there is a push in it. */
static void
close_gate (void)
{
  gint64 limit = g_get_monotonic_time () + LIMIT;
  gboolean waiting;

  g_mutex_lock (&gate.lock);
  gate.closed = TRUE;
  while (!gate.waiting && g_cond_wait_until (&gate.cond, &gate.lock, limit));
  waiting = gate.waiting;
  g_mutex_unlock (&gate.lock);
  fail_unless (waiting, "nothing is pushed");
}

static void
open_gate (void)
{
  g_mutex_lock (&gate.lock);
  gate.closed = FALSE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.lock);
}

static void
wait_for_more (MockRun * run, const gchar * field, guint64 least)
{
  gint64 limit = g_get_monotonic_time () + LIMIT;
  guint64 value;

  while ((value = mock_run_get_stat (run, field)) < least
      && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless (value >= least, "%s is %" G_GUINT64_FORMAT, field, value);
}

/* While a push is blocked the keeper goes on until it has taken @blocks off the
 * ring. The mock evicts only what has been read: it ends with a full ring. */
static void
wait_for_keeper (MockRun * run, guint blocks)
{
  wait_for_more (run, "held-blocks", blocks);
}

/* A run that is blocked in a push, all blocks of the ring being taken. Some of
 * what was pushed is kept, so that blocks have been evicted, too. */
static MockRun *
run_into_gate (const gchar * properties)
{
  MockRun *run = mock_run_new (SIZE, 500, "%s", properties);

  run->pushing = pass_gate;
  mock_run_play (run);
  mock_run_wait (run, 3 * RING_PACKETS);
  fail_unless (mock_run_get_stat (run, "evicted-bytes") > 0);
  close_gate ();
  wait_for_keeper (run, 16);
  g_atomic_int_set (&run->keep_every, 0);
  return run;
}

/* Numbers begin anew with each start. */
static void
play_again (MockRun * run)
{
  g_mutex_lock (&run->lock);
  run->n = run->next = run->n_eos = 0;
  g_mutex_unlock (&run->lock);
  mock_run_play (run);
}

static void
check_goes_on (MockRun * run)
{
  mock_run_wait (run, mock_run_count (run) + 2 * RING_PACKETS);
  mock_run_check (run);
}

/* A push that takes a second: the rest comes afterwards, in order. */
GST_START_TEST (test_blocked_push)
{
  const guint n = mock_is_slow () ? 30000 : 300000;
  g_autofree gchar *properties = g_strdup_printf (BOUNDED_RING
      "num-buffers=%u", n);
  gint64 end = g_get_monotonic_time () + G_TIME_SPAN_SECOND;
  MockRun *run = run_into_gate (properties);

  while (g_get_monotonic_time () < end) {
    fail_unless (mock_run_get_stat (run, "evicted-bytes") <= BOUND);
    g_usleep (1000);
  }
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-dropped"), 0);
  open_gate ();
  mock_run_to_end (run, n);
  mock_run_let_go (run);
  mock_run_wait_for_stat (run, "evicted-bytes", 0);
  mock_run_free (run);
}
GST_END_TEST

/* A pause does not wait for the push, and what is blocked goes on after it. */
GST_START_TEST (test_pause_while_blocked)
{
  MockRun *run = run_into_gate (BOUNDED_RING);

  mock_run_set_state (run, GST_STATE_PAUSED);
  mock_run_set_state (run, GST_STATE_PLAYING);
  mock_run_set_state (run, GST_STATE_PAUSED);
  open_gate ();
  g_usleep (20000);
  mock_run_set_state (run, GST_STATE_PLAYING);
  check_goes_on (run);
  mock_run_free (run);
}
GST_END_TEST

typedef struct
{
  MockRun *run;
  GstState state;
  gint done;                    /* atomic */
} Change;

static gpointer
change_state (gpointer data)
{
  Change *change = data;

  gst_element_set_state (change->run->pipeline, change->state);
  g_atomic_int_set (&change->done, TRUE);
  return NULL;
}

static void
wait_for_done (gint * done)
{
  gint64 limit = g_get_monotonic_time () + (mock_is_slow () ? 10 : 1) *
      G_TIME_SPAN_SECOND;

  while (!g_atomic_int_get (done) && g_get_monotonic_time () < limit)
    g_usleep (1000);
  fail_unless (g_atomic_int_get (done));
}

/* Stopping waits for the push, which nobody can take back, but for nothing else;
 * and there is a new start after it. */
GST_START_TEST (test_stop_while_blocked)
{
  static const GstState states[] = { GST_STATE_READY, GST_STATE_NULL };
  MockRun *run = run_into_gate (BOUNDED_RING);
  Change change = {.run = run,.state = states[__i__] };
  GThread *thread = g_thread_new ("state", change_state, &change);

  g_usleep (100000);
  open_gate ();
  wait_for_done (&change.done);
  g_thread_join (thread);
  mock_run_check (run);
  play_again (run);
  check_goes_on (run);
  mock_run_free (run);
}
GST_END_TEST

static GstPadProbeReturn
note_blocked (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_atomic_int_set ((gint *) user_data, TRUE);
  return GST_PAD_PROBE_OK;
}

/* A pad that is blocked the way GStreamer does it lets go of the push at once. */
GST_START_TEST (test_states_with_pad_blocked)
{
  static const GstState states[] = { GST_STATE_PAUSED, GST_STATE_READY,
    GST_STATE_NULL
  };
  MockRun *run = mock_run_new (SIZE, 0, BOUNDED_RING);
  GstPad *peer = gst_pad_get_peer (run->pad);
  gint blocked = FALSE;
  gulong probe;

  mock_run_play (run);
  mock_run_wait (run, 1);
  probe = gst_pad_add_probe (peer, GST_PAD_PROBE_TYPE_BLOCK |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, note_blocked, &blocked, NULL);
  wait_for_done (&blocked);
  wait_for_keeper (run, 16);
  mock_run_set_state (run, states[__i__]);
  mock_run_check (run);
  gst_pad_remove_probe (peer, probe);
  if (states[__i__] == GST_STATE_PAUSED)
    mock_run_play (run);
  else
    play_again (run);
  check_goes_on (run);
  gst_object_unref (peer);
  mock_run_free (run);
}
GST_END_TEST

static gpointer
send_flush_stop (gpointer data)
{
  Change *change = data;

  gst_element_send_event (change->run->src, gst_event_new_flush_stop (TRUE));
  g_atomic_int_set (&change->done, TRUE);
  return NULL;
}

static void
flush (MockRun * run, gboolean blocked)
{
  Change change = {.run = run };
  gint64 start = g_get_monotonic_time ();
  GThread *thread;

  fail_unless (gst_element_send_event (run->src,
          gst_event_new_flush_start ()));
  fail_unless (g_get_monotonic_time () - start < G_TIME_SPAN_SECOND);
  g_usleep (g_random_int_range (0, 20000));
  /* waits for the push to come back */
  thread = g_thread_new ("flush", send_flush_stop, &change);
  if (blocked) {
    g_usleep (50000);
    open_gate ();
  }
  wait_for_done (&change.done);
  g_thread_join (thread);
}

/* What is in a push is lost downstream, and nothing else. */
GST_START_TEST (test_flush_while_blocked)
{
  MockRun *run = run_into_gate (BOUNDED_RING);

  flush (run, TRUE);
  check_goes_on (run);
  for (gint i = 0; i < CYCLES / 5; i++) {
    close_gate ();
    flush (run, TRUE);
  }
  check_goes_on (run);
  mock_run_free (run);
}
GST_END_TEST

/* A flush that meets a list between create() and its push may lose that list, but
 * the stream goes on. */
GST_START_TEST (test_flushes)
{
  MockRun *run = mock_run_new (SIZE, 0, BOUNDED_RING);

  run->gaps = TRUE;
  mock_run_play (run);
  mock_run_wait (run, 1);
  for (gint i = 0; i < CYCLES; i++) {
    flush (run, FALSE);
    mock_run_wait (run, mock_run_count (run) + 1);
  }
  mock_run_check (run);
  mock_run_free (run);
}
GST_END_TEST

static void
send_eos (MockRun * run)
{
  gint64 start = g_get_monotonic_time ();

  fail_unless (gst_element_send_event (run->pipeline, gst_event_new_eos ()));
  fail_unless (g_get_monotonic_time () - start < G_TIME_SPAN_SECOND);
}

/* All that was captured until then comes, then EOS, and that once. */
GST_START_TEST (test_eos_while_blocked)
{
  MockRun *run = run_into_gate (BOUNDED_RING);

  send_eos (run);
  if (__i__ > 0) {
    mock_run_set_state (run, GST_STATE_PAUSED);
    g_usleep (20000);
  }
  if (__i__ == 1)
    mock_run_set_state (run, GST_STATE_PLAYING);
  open_gate ();
  if (__i__ == 2) {
    g_usleep (20000);
    mock_run_set_state (run, GST_STATE_PLAYING);
  }
  mock_run_wait_eos (run);
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-received"),
      mock_run_count (run));
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-captured"),
      mock_run_count (run));
  mock_run_let_go (run);
  mock_run_wait_for_stat (run, "held-blocks", 0);
  mock_run_free (run);
}
GST_END_TEST

static gchar *
record (guint n)
{
  gchar *location = g_strdup_printf ("%s/afring-keeper-%d-%u.pcapng",
      g_get_tmp_dir (), (gint) getpid (), g_random_int ());
  g_autofree gchar *line = g_strdup_printf ("afringmocksrc packet-size=%u "
      "num-buffers=%u ! pcapsink location=%s", SIZE, n, location);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND, GST_MESSAGE_EOS |
      GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return location;
}

/* A finite run ends with its last packet, whether it has all been captured and is
 * asked to end before that, or ends by itself. */
GST_START_TEST (test_end_while_blocked)
{
  const guint n = __i__ == 0 ? RING_PACKETS * 3 / 4 : 8 * RING_PACKETS;
  g_autofree gchar *location = record (n);
  g_autofree gchar *properties = g_strdup_printf (BOUNDED_RING "location=%s",
      location);
  MockRun *run = mock_run_new (SIZE, 0, "%s", properties);

  run->pushing = pass_gate;
  gate.closed = TRUE;
  mock_run_play (run);
  close_gate ();
  if (__i__ == 0) {
    mock_run_wait_for_stat (run, "packets-received", n);
    send_eos (run);
  }
  g_usleep (50000);
  fail_unless_equals_int (run->n_eos, 0);
  open_gate ();
  mock_run_to_end (run, n);
  mock_run_free (run);
  g_unlink (location);
}
GST_END_TEST

/* Started and stopped at any moment. */
GST_START_TEST (test_cycles_of_starts)
{
  MockRun *run = mock_run_new (SIZE, 0, BOUNDED_RING);

  for (gint i = 0; i < CYCLES; i++) {
    play_again (run);
    if (i % 3 != 0)
      mock_run_wait (run, 1);
    if (i % 3 == 1)
      g_usleep (g_random_int_range (0, 5000));
    mock_run_set_state (run, i % 2 == 0 ? GST_STATE_NULL : GST_STATE_READY);
    mock_run_check (run);
  }
  mock_run_free (run);
}
GST_END_TEST

static void
push_slowly (MockRun * run)
{
  g_usleep (1500);
}

/* Paused at any moment, with pushes that are quick or slow: nothing is missing
 * between, nor at the end. */
GST_START_TEST (test_cycles_of_pauses)
{
  MockRun *run = mock_run_new (SIZE, 0, BOUNDED_RING);

  if (__i__ == 1)
    run->pushing = push_slowly;
  mock_run_play (run);
  for (gint i = 0; i < CYCLES; i++) {
    g_usleep (g_random_int_range (0, 3000));
    mock_run_set_state (run, GST_STATE_PAUSED);
    g_usleep (g_random_int_range (0, 3000));
    mock_run_set_state (run, GST_STATE_PLAYING);
  }
  check_goes_on (run);
  send_eos (run);
  mock_run_wait_eos (run);
  fail_unless_equals_uint64 (mock_run_get_stat (run, "packets-received"),
      mock_run_count (run));
  mock_run_free (run);
}
GST_END_TEST

/* An error downstream stops the stream; the keeper is no reason to hang. */
GST_START_TEST (test_error_downstream)
{
  MockRun *run = mock_run_new (SIZE, 0, BOUNDED_RING "! identity "
      "error-after=%u", RING_PACKETS);

  for (guint i = 0; i < 3; i++) {
    GstMessage *message;

    play_again (run);
    message = gst_bus_timed_pop_filtered (run->bus, 10 * GST_SECOND,
        GST_MESSAGE_ERROR);
    fail_unless (message != NULL);
    gst_message_unref (message);
    mock_run_check (run);
    mock_run_set_state (run, GST_STATE_NULL);
  }
  mock_run_free (run);
}
GST_END_TEST

static Suite *
keeper_suite (void)
{
  Suite *suite = suite_create ("keeper");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, NULL);
  tcase_add_test (tc, test_blocked_push);
  tcase_add_test (tc, test_pause_while_blocked);
  tcase_add_loop_test (tc, test_stop_while_blocked, 0, 2);
  tcase_add_loop_test (tc, test_states_with_pad_blocked, 0, 3);
  tcase_add_test (tc, test_flush_while_blocked);
  tcase_add_test (tc, test_flushes);
  tcase_add_loop_test (tc, test_eos_while_blocked, 0, 3);
  tcase_add_loop_test (tc, test_end_while_blocked, 0, 2);
  tcase_add_test (tc, test_cycles_of_starts);
  tcase_add_loop_test (tc, test_cycles_of_pauses, 0, 2);
  tcase_add_test (tc, test_error_downstream);
  return suite;
}

GST_CHECK_MAIN (keeper)
