/* Waiting for packets for a while, with poll(), and in a main loop: the mock source.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "mockfeed.h"

#include <gio/gio.h>
#include <poll.h>

#define N 100

static gboolean
times_out (GstCaptureSource * source, guint way)
{
  g_autoptr (GError) error = NULL;

  if (mock_feed_ask (source, way, &error))
    return FALSE;
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_TIMEOUT), "%s", error->message);
  return TRUE;
}

/* For as long as it says, not at all, and for ever, over and over. */
GST_START_TEST (test_timeout)
{
  const gint timeout = 60;
  MockFeed feed;
  gint64 begun;

  mock_feed_init (&feed);
  mock_feed_start (&feed);
  gst_capture_source_set_timeout (feed.source, timeout);
  begun = g_get_monotonic_time ();
  fail_unless (times_out (feed.source, __i__));
  fail_unless (g_get_monotonic_time () - begun >= timeout * 1000);
  gst_capture_source_set_timeout (feed.source, 0);
  for (guint i = 0; i < 3; i++)
    fail_unless (times_out (feed.source, __i__));

  mock_feed_add (&feed, 0, 3);
  gst_capture_source_set_timeout (feed.source, MOCK_FEED_PATIENCE);
  fail_if (times_out (feed.source, __i__));
  gst_capture_source_set_timeout (feed.source, -1);
  fail_if (times_out (feed.source, __i__));
  /* one that is there needs no waiting */
  gst_capture_source_set_timeout (feed.source, MOCK_FEED_PATIENCE);
  fail_if (times_out (feed.source, __i__));
  gst_capture_source_set_timeout (feed.source, 0);
  fail_unless (times_out (feed.source, __i__));
  mock_feed_clear (&feed);
}
GST_END_TEST

static gpointer
feed_packets (gpointer user_data)
{
  for (guint i = 0; i < N; i++) {
    mock_feed_add (user_data, i, 1);
    g_usleep (500);
  }
  return NULL;
}

/* Nothing is lost by it. */
GST_START_TEST (test_timeout_loses_nothing)
{
  static const gint timeouts[] = { 0, 1, 3 };
  guint number = 0, timed_out = 0;
  GThread *thread;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_start (&feed);
  gst_capture_source_set_timeout (feed.source, timeouts[__i__]);
  thread = g_thread_new ("feed", feed_packets, &feed);
  while (number < N) {
    g_autoptr (GError) error = NULL;
    GstCaptureView view;

    if (gst_capture_source_next_view (feed.source, &view, &error)) {
      mock_feed_check_view (&view, number++);
      continue;
    }
    fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
            GST_CAPTURE_ERROR_TIMEOUT), "%s", error->message);
    timed_out++;
  }
  g_thread_join (thread);
  fail_unless (timed_out > 0);
  fail_unless (times_out (feed.source, 6));
  mock_feed_clear (&feed);
}
GST_END_TEST

/* Polling. */

static gboolean
is_readable (GstCaptureSource * source, gint patience)
{
  struct pollfd fd = {.fd = gst_capture_source_get_fd (source),.events =
        POLLIN
  };
  gint n = poll (&fd, 1, patience);

  fail_unless (fd.fd >= 0);
  fail_unless (n >= 0);
  fail_unless ((fd.revents & ~POLLIN) == 0, "0x%x", fd.revents);
  return n == 1;
}

/* Readable when a call would not wait, for whatever reason; at no other time once a
 * call has found nothing. */
GST_START_TEST (test_fd)
{
  GError *error = NULL;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_start (&feed);
  gst_capture_source_set_timeout (feed.source, 0);
  fail_if (is_readable (feed.source, 0));
  fail_unless (times_out (feed.source, __i__));
  fail_if (is_readable (feed.source, 20));

  for (guint round = 0; round < 3; round++) {
    guint n = 1 + round * 10;

    mock_feed_add (&feed, 0, n);
    for (guint i = 0; i < n; i++) {
      fail_unless (is_readable (feed.source, MOCK_FEED_PATIENCE), "packet %u", i);
      fail_if (times_out (feed.source, __i__));
    }
    fail_unless (times_out (feed.source, __i__));
    fail_if (is_readable (feed.source, 20));
  }

  fail_unless (gst_capture_source_unblock (feed.source, NULL));
  fail_unless (is_readable (feed.source, MOCK_FEED_PATIENCE));
  fail_if (mock_feed_ask (feed.source, __i__, &error));
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_UNBLOCKED));
  g_clear_error (&error);
  fail_unless (times_out (feed.source, __i__));
  fail_if (is_readable (feed.source, 20));

  fail_unless (gst_capture_source_close (feed.source, NULL));
  fail_unless (is_readable (feed.source, MOCK_FEED_PATIENCE));
  mock_feed_clear (&feed);
}
GST_END_TEST

/* It wakes a thread that polls. */
GST_START_TEST (test_fd_wakes)
{
  GThread *thread;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_start (&feed);
  gst_capture_source_set_timeout (feed.source, 0);
  thread = g_thread_new ("feed", feed_packets, &feed);
  for (guint i = 0; i < N;) {
    fail_unless (is_readable (feed.source, MOCK_FEED_PATIENCE));
    while (i < N && !times_out (feed.source, 6))
      i++;
  }
  g_thread_join (thread);
  mock_feed_clear (&feed);
}
GST_END_TEST

typedef struct
{
  MockFeed feed;
  GMainLoop *loop;
  guint number;
  guint calls;
  guint most;                   /* packets of a call */
} Looping;

static gboolean
read_in_loop (GstCaptureSource * source, gpointer user_data)
{
  Looping *looping = user_data;
  GstCaptureView view;

  fail_unless (source == looping->feed.source);
  looping->calls++;
  for (guint i = 0; i < looping->most; i++) {
    g_autoptr (GError) error = NULL;

    if (!gst_capture_source_next_view (source, &view, &error)) {
      fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
              GST_CAPTURE_ERROR_TIMEOUT), "%s", error->message);
      break;
    }
    mock_feed_check_view (&view, looping->number++);
  }
  if (looping->number < N)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (looping->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
give_up (gpointer user_data)
{
  fail ("the loop stands still");
  return G_SOURCE_REMOVE;
}

static GSource *
attach (GMainContext * context, GSource * source)
{
  g_source_attach (source, context);
  return source;
}

/* In a main loop, one packet a call or all that there are. */
GST_START_TEST (test_source)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) source = NULL, limit = NULL;
  Looping looping = {.most = __i__ == 0 ? 1 : G_MAXUINT };
  GThread *thread;

  looping.loop = g_main_loop_new (context, FALSE);
  mock_feed_init (&looping.feed);
  mock_feed_start (&looping.feed);
  gst_capture_source_set_timeout (looping.feed.source, 0);
  source = gst_capture_source_create_source (looping.feed.source, NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (read_in_loop), &looping, NULL);
  attach (context, source);
  limit = attach (context, g_timeout_source_new (MOCK_FEED_PATIENCE));
  g_source_set_callback (limit, give_up, NULL, NULL);

  thread = g_thread_new ("feed", feed_packets, &looping.feed);
  g_main_loop_run (looping.loop);
  g_thread_join (thread);
  fail_unless_equals_int (looping.number, N);
  fail_unless (g_source_is_destroyed (source));
  if (looping.most == 1)
    fail_unless (looping.calls >= N);
  g_source_destroy (limit);
  g_main_loop_unref (looping.loop);
  mock_feed_clear (&looping.feed);
}
GST_END_TEST

static gboolean
quit_at_call (GstCaptureSource * source, gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

/* As other sources with a GCancellable do, it is dispatched when that is cancelled; and
 * when its source is closed. */
GST_START_TEST (test_source_ends)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GSource) source = NULL, idle = NULL, limit = NULL;
  MockFeed feed;

  mock_feed_init (&feed);
  mock_feed_start (&feed);
  source = gst_capture_source_create_source (feed.source, cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (quit_at_call), loop, NULL);
  attach (context, source);
  limit = attach (context, g_timeout_source_new (MOCK_FEED_PATIENCE));
  g_source_set_callback (limit, give_up, NULL, NULL);
  fail_if (g_main_context_iteration (context, FALSE));
  if (__i__ == 0) {
    idle = attach (context, g_idle_source_new ());
    g_source_set_callback (idle, cancel, cancellable, NULL);
  } else {
    gst_capture_source_close (feed.source, NULL);
  }
  g_main_loop_run (loop);
  fail_unless (g_source_is_destroyed (source));
  g_source_destroy (limit);
  mock_feed_clear (&feed);
}
GST_END_TEST

static Suite *
capturewaiting_suite (void)
{
  Suite *suite = suite_create ("capturewaiting");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_timeout, 0, MOCK_FEED_WAYS);
  tcase_add_loop_test (tc, test_timeout_loses_nothing, 0, 3);
  tcase_add_loop_test (tc, test_fd, 0, MOCK_FEED_WAYS);
  tcase_add_test (tc, test_fd_wakes);
  tcase_add_loop_test (tc, test_source, 0, 2);
  tcase_add_loop_test (tc, test_source_ends, 0, 2);
  return suite;
}

GST_CHECK_MAIN (capturewaiting)
