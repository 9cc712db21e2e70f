/* pcapdec by GStreamer's rules, where it pulls: seeks, segments, and who pushes.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "capturemake.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#define STEP (100 * GST_MSECOND)
#define N 100

static gchar *location;
static GstElement *pipeline;
static GstBus *bus;
static CaptureWatch *watch;

static void
setup (void)
{
  g_autoptr (GByteArray) bytes = capture_make (0, N, STEP);

  g_close (g_file_open_tmp ("pcapdecplay-XXXXXX", &location, NULL), NULL);
  fail_unless (g_file_set_contents (location, (gchar *) bytes->data,
          bytes->len, NULL));
  pipeline = NULL;
  watch = NULL;
}

static void
teardown (void)
{
  g_clear_pointer (&watch, capture_watch_free);
  gst_clear_object (&bus);
  gst_clear_object (&pipeline);
  g_unlink (location);
  g_free (location);
}

/* "%s" is the file; the last pcapdec is watched. */
static void
make (const gchar * format)
{
  g_autofree gchar *line = g_strdup_printf (format, location, location);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) dec = NULL;

  pipeline = gst_parse_launch (line, &error);
  fail_unless (error == NULL, "%s", error ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  dec = gst_bin_get_by_name (GST_BIN (pipeline), "dec");
  watch = capture_watch_new (dec, "src");
}

/* A test waits for all threads before its fixtures end. */
static void
shut_down (void)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
wait_state (GstState state)
{
  gst_element_set_state (pipeline, state);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          20 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
}

static GstMessage *
wait_message (GstMessageType types)
{
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      types | GST_MESSAGE_ERROR);

  fail_unless (message != NULL);
  return message;
}

static void
play_to_eos (void)
{
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = wait_message (GST_MESSAGE_EOS);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_message_unref (message);
}

#define PLAY "filesrc location=%s ! pcapdec name=dec ! fakesink sync=false"

static gboolean
seek (gdouble rate, GstSeekFlags flags, GstSeekType start_type, gint64 start,
    GstSeekType stop_type, gint64 stop)
{
  return gst_element_seek (pipeline, rate, GST_FORMAT_TIME, flags, start_type,
      start, stop_type, stop);
}

#define FLUSH GST_SEEK_FLAG_FLUSH
#define SET GST_SEEK_TYPE_SET
#define END GST_SEEK_TYPE_END
#define NONE GST_SEEK_TYPE_NONE

/* The last packet is of 9.9 s. */
GST_START_TEST (test_places)
{
  static const struct
  {
    GstSeekType start_type;
    gint64 start;
    GstSeekType stop_type;
    gint64 stop;
    guint first, n;
  } rows[] = {
    {SET, 50 * STEP, NONE, -1, 50, 50},
    {SET, 50 * STEP, SET, -1, 50, 50},
    {SET, 20 * STEP, SET, 30 * STEP, 20, 10},
    {END, -20 * (gint64) STEP, NONE, -1, 79, 21},
    {END, -20 * (gint64) STEP, END, -10 * (gint64) STEP, 79, 10},
    {SET, 90 * STEP, END, -5 * (gint64) STEP, 90, 4},
    {END, -500 * (gint64) STEP, SET, 3 * STEP, 0, 3},
    {SET, 7 * STEP, SET, 7 * STEP, 7, 0},
  };

  make (PLAY);
  wait_state (GST_STATE_PAUSED);
  fail_unless (seek (1.0, FLUSH, rows[__i__].start_type, rows[__i__].start,
          rows[__i__].stop_type, rows[__i__].stop));
  play_to_eos ();
  capture_watch_check (watch, rows[__i__].first, rows[__i__].n);
  shut_down ();
}
GST_END_TEST

/* Nothing changes: no flush goes out, and it plays to the end. */
GST_START_TEST (test_refused)
{
  static const struct
  {
    gdouble rate;
    GstSeekFlags flags;
    GstSeekType start_type;
    gint64 start;
    GstSeekType stop_type;
    gint64 stop;
  } rows[] = {
    {-1.0, FLUSH, SET, 0, SET, 50 * STEP},
    {1.0, FLUSH, SET, 50 * STEP, SET, 40 * STEP},
    {1.0, FLUSH, SET, 50 * STEP, SET, -5},
    {1.0, FLUSH, SET, 50 * STEP, END, -80 * (gint64) STEP},
    {4.0, FLUSH | GST_SEEK_FLAG_TRICKMODE, SET, 0, NONE, -1},
    {4.0, FLUSH | GST_SEEK_FLAG_TRICKMODE_KEY_UNITS, SET, 0, NONE, -1},
    {2.0, GST_SEEK_FLAG_INSTANT_RATE_CHANGE, NONE, 0, NONE, 0},
  };
  GstMessage *message;
  g_autoptr (GError) reason = NULL;

  make (PLAY);
  wait_state (GST_STATE_PAUSED);
  fail_if (seek (rows[__i__].rate, rows[__i__].flags, rows[__i__].start_type,
          rows[__i__].start, rows[__i__].stop_type, rows[__i__].stop));
  message = wait_message (GST_MESSAGE_INFO);
  gst_message_parse_info (message, &reason, NULL);
  fail_unless (g_str_has_prefix (reason->message, "Cannot seek so: "));
  gst_message_unref (message);
  play_to_eos ();
  fail_unless_equals_int (watch->n_flushes, 0);
  capture_watch_check (watch, 0, N);
  shut_down ();
}
GST_END_TEST

/* Another rate without a place: it goes on from where it is. */
GST_START_TEST (test_rate)
{
  g_autoptr (GstEvent) event = NULL;
  const GstSegment *segment;
  guint n = 0;

  make (PLAY " sync=true");
  wait_state (GST_STATE_PAUSED);
  if (__i__ > 0)
    fail_unless (seek (1.0, FLUSH, SET, __i__ * STEP, NONE, -1));
  wait_state (GST_STATE_PAUSED);
  fail_unless (seek (2.0, FLUSH, NONE, 0, NONE, 0));
  wait_state (GST_STATE_PAUSED);
  event = capture_watch_get_event (watch, GST_EVENT_SEGMENT);
  gst_event_parse_segment (event, &segment);
  fail_unless_equals_float (segment->rate, 2.0);
  fail_unless_equals_uint64 (segment->start, __i__ * STEP);
  fail_unless_equals_uint64 (segment->time, __i__ * STEP);
  n = capture_watch_count (watch);
  fail_unless (n > 0);
  fail_unless_equals_int (g_array_index (watch->numbers, guint32, 0), __i__);
  shut_down ();
}
GST_END_TEST

/* In place of EOS, at the stop and at the end of the file. */
GST_START_TEST (test_segment_done)
{
  g_autoptr (GstEvent) event = NULL, done = NULL;
  GstMessage *message;
  GstFormat format;
  gint64 position;
  guint32 seqnum;

  make (PLAY);
  wait_state (GST_STATE_PAUSED);
  event = gst_event_new_seek (1.0, GST_FORMAT_TIME, FLUSH |
      GST_SEEK_FLAG_SEGMENT, SET, 0, SET, __i__ ? 2000 * STEP : 20 * STEP);
  seqnum = gst_event_get_seqnum (event);
  fail_unless (gst_element_send_event (pipeline, gst_event_ref (event)));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = wait_message (GST_MESSAGE_SEGMENT_DONE | GST_MESSAGE_EOS);
  assert_equals_string (GST_MESSAGE_TYPE_NAME (message), "segment-done");
  gst_message_parse_segment_done (message, &format, &position);
  fail_unless_equals_int (format, GST_FORMAT_TIME);
  fail_unless_equals_uint64 (position, __i__ ? 2000 * STEP : 20 * STEP);
  fail_unless_equals_int (gst_message_get_seqnum (message), seqnum);
  gst_message_unref (message);
  capture_watch_check (watch, 0, __i__ ? N : 20);
  done = capture_watch_get_event (watch, GST_EVENT_SEGMENT_DONE);
  fail_unless (done != NULL && gst_event_get_seqnum (done) == seqnum);
  fail_unless_equals_int (capture_watch_count_events (watch, GST_EVENT_EOS),
      0);

  /* the loop: without a flush it goes on, and running time too */
  capture_watch_clear (watch);
  fail_unless (seek (1.0, GST_SEEK_FLAG_SEGMENT, SET, 0, SET, 10 * STEP));
  message = wait_message (GST_MESSAGE_SEGMENT_DONE);
  gst_message_unref (message);
  capture_watch_check (watch, 0, 10);
  shut_down ();
}
GST_END_TEST

GST_START_TEST (test_seqnum)
{
  g_autoptr (GstEvent) event = gst_event_new_seek (1.0, GST_FORMAT_TIME, FLUSH,
      SET, 30 * STEP, NONE, -1), segment = NULL, eos = NULL, start = NULL;
  guint32 seqnum = gst_event_get_seqnum (event);
  guint group;

  make (PLAY);
  wait_state (GST_STATE_PAUSED);
  start = capture_watch_get_event (watch, GST_EVENT_STREAM_START);
  fail_unless (gst_event_parse_group_id (start, &group));
  fail_unless (group != GST_GROUP_ID_INVALID);
  fail_unless (gst_element_send_event (pipeline, gst_event_ref (event)));
  play_to_eos ();
  segment = capture_watch_get_event (watch, GST_EVENT_SEGMENT);
  eos = capture_watch_get_event (watch, GST_EVENT_EOS);
  fail_unless_equals_int (watch->flush_seqnum, seqnum);
  fail_unless_equals_int (gst_event_get_seqnum (segment), seqnum);
  fail_unless_equals_int (gst_event_get_seqnum (eos), seqnum);
  capture_watch_check (watch, 30, N - 30);
  shut_down ();
}
GST_END_TEST

/* By each of eight branches comes the same seek. */
GST_START_TEST (test_one_seek_by_many_ways)
{
  GString *line = g_string_new ("filesrc location=%s ! pcapdec name=dec ! "
      "tee name=tee");

  for (guint i = 0; i < 8; i++)
    g_string_append (line, " tee. ! queue ! fakesink sync=false");
  make (line->str);
  g_string_free (line, TRUE);
  wait_state (GST_STATE_PAUSED);
  fail_unless (seek (1.0, FLUSH, SET, 40 * STEP, NONE, -1));
  play_to_eos ();
  fail_unless_equals_int (watch->n_flushes, 1);
  capture_watch_check (watch, 40, N - 40);
  fail_unless (seek (1.0, FLUSH, SET, 60 * STEP, NONE, -1));
  wait_state (GST_STATE_PLAYING);
  fail_unless_equals_int (watch->n_flushes, 2);
  shut_down ();
}
GST_END_TEST

static GstPadProbeReturn
block (GstPad * pad, GstPadProbeInfo * info, gpointer blocked)
{
  g_atomic_int_set ((gint *) blocked, TRUE);
  return GST_PAD_PROBE_OK;
}

static gpointer
seek_without_flush (gpointer data)
{
  fail_unless (seek (1.0, GST_SEEK_FLAG_NONE, SET, 150 * GST_MSECOND, NONE,
          -1));
  return NULL;
}

static GstTaskState
get_task_state (void)
{
  g_autoptr (GstElement) dec = gst_bin_get_by_name (GST_BIN (pipeline), "dec");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (dec, "sink");
  GstTaskState state;

  GST_OBJECT_LOCK (pad);
  state = gst_task_get_state (GST_PAD_TASK (pad));
  GST_OBJECT_UNLOCK (pad);
  return state;
}

/* Packets ten microseconds apart are many to a list, and many lists are read at once;
 * a seek that does not flush waits for the list at hand, and not for all of them. */
GST_START_TEST (test_without_flush)
{
  g_autoptr (GByteArray) bytes = capture_make (0, 20000, 10 * GST_USECOND);
  g_autoptr (GstEvent) event = NULL;
  const GstSegment *segment;
  guint before, after = 0;
  gint blocked = FALSE;
  GThread *thread;
  gulong probe;

  fail_unless (g_file_set_contents (location, (gchar *) bytes->data,
          bytes->len, NULL));
  make (PLAY);
  wait_state (GST_STATE_PAUSED);
  before = capture_watch_count (watch);
  probe = gst_pad_add_probe (watch->pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER_LIST, block, &blocked, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!g_atomic_int_get (&blocked))
    g_usleep (1000);
  thread = g_thread_new ("seek", seek_without_flush, NULL);
  while (get_task_state () != GST_TASK_PAUSED)
    g_usleep (1000);
  gst_pad_remove_probe (watch->pad, probe);
  g_thread_join (thread);
  play_to_eos ();

  while (g_array_index (watch->numbers, guint32, after) < 15000)
    after++;
  fail_unless (after > before && after - before <= 110, "%u, %u", before,
      after);
  fail_unless_equals_int (watch->numbers->len - after, 5000);
  event = capture_watch_get_event (watch, GST_EVENT_SEGMENT);
  gst_event_parse_segment (event, &segment);
  fail_unless_equals_uint64 (segment->start, 150 * GST_MSECOND);
  /* running time goes on */
  fail_unless (segment->base > 0 && segment->base < 10 * GST_MSECOND);
  fail_unless (watch->longest > 0 && watch->longest <= GST_MSECOND);
  shut_down ();
}
GST_END_TEST

/* concat blocks all but one of its inputs in whatever comes first: nothing may be
 * pushed by the thread that sets the state. */
GST_START_TEST (test_concat)
{
  make (__i__ ? "concat name=c ! fakesink sync=false filesrc location=%s ! "
      "queue ! pcapdec ! c. filesrc location=%s ! queue ! pcapdec name=dec ! "
      "c." : "concat name=c ! fakesink sync=false filesrc location=%s ! "
      "pcapdec ! c. filesrc location=%s ! pcapdec name=dec ! c.");
  play_to_eos ();
  capture_watch_check (watch, 0, N);
  shut_down ();
}
GST_END_TEST

GST_START_TEST (test_queries)
{
  g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_TIME);
  g_autoptr (GstQuery) segment = gst_query_new_segment (GST_FORMAT_TIME);
  gint64 duration, start, stop;
  gboolean seekable;
  gdouble rate;

  make (PLAY);
  wait_state (GST_STATE_PAUSED);
  fail_unless (gst_element_query_duration (pipeline, GST_FORMAT_TIME,
          &duration));
  fail_unless_equals_uint64 (duration, (N - 1) * STEP);
  fail_unless (gst_element_query (pipeline, seeking));
  gst_query_parse_seeking (seeking, NULL, &seekable, NULL, NULL);
  fail_unless (seekable);
  fail_unless (seek (1.5, FLUSH, SET, 3 * STEP, SET, 9 * STEP));
  wait_state (GST_STATE_PAUSED);
  fail_unless (gst_pad_query (watch->pad, segment));
  gst_query_parse_segment (segment, &rate, NULL, &start, &stop);
  fail_unless_equals_float (rate, 1.5);
  fail_unless_equals_uint64 (start, 3 * STEP);
  fail_unless_equals_uint64 (stop, 9 * STEP);
  shut_down ();
}
GST_END_TEST

static void
do_anything (GRand * chance)
{
  static const GstState states[] = { GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_PLAYING
  };
  static const GstSeekType types[] = { SET, END, NONE };
  GstSeekFlags flags = g_rand_int_range (chance, 0, 4) == 0 ?
      GST_SEEK_FLAG_SEGMENT : GST_SEEK_FLAG_NONE;
  GstState state = GST_STATE_NULL;
  gint64 duration;

  switch (g_rand_int_range (chance, 0, 6)) {
    case 0:
    case 1:
      gst_element_set_state (pipeline, states[g_rand_int_range (chance, 0,
                  3)]);
      break;
    case 2:
      gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration);
      break;
    default:
      /* without a flush a seek waits for PLAYING */
      if (g_rand_int_range (chance, 0, 2) == 0 || gst_element_get_state
          (pipeline, &state, NULL, GST_SECOND) != GST_STATE_CHANGE_SUCCESS
          || state != GST_STATE_PLAYING)
        flags |= FLUSH;
      seek (g_rand_double_range (chance, -0.5, 2), flags,
          types[g_rand_int_range (chance, 0, 3)],
          g_rand_int_range (chance, -20, N + 20) * (gint64) STEP,
          types[g_rand_int_range (chance, 0, 3)],
          g_rand_int_range (chance, 0, N + 20) * (gint64) STEP);
      break;
  }
}

/* Whatever was done before: it can be played. */
GST_START_TEST (test_anything)
{
  GRand *chance = g_rand_new_with_seed (__i__);

  make ("filesrc location=%s ! pcapdec name=dec ! tee name=tee ! queue ! "
      "fakesink sync=false tee. ! queue ! fakesink sync=false tee. ! queue ! "
      "fakesink sync=false");
  for (guint i = 0; i < 50; i++)
    do_anything (chance);
  g_rand_free (chance);

  shut_down ();
  capture_watch_clear (watch);
  wait_state (GST_STATE_PAUSED);
  fail_unless (seek (1.0, FLUSH, SET, 30 * STEP, SET, 70 * STEP));
  gst_bus_set_flushing (bus, TRUE);
  gst_bus_set_flushing (bus, FALSE);
  play_to_eos ();
  capture_watch_check (watch, 30, 40);
  shut_down ();
}
GST_END_TEST

static Suite *
pcapdecplay_suite (void)
{
  Suite *suite = suite_create ("pcapdecplay");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_places, 0, 8);
  tcase_add_loop_test (tc, test_refused, 0, 7);
  tcase_add_loop_test (tc, test_rate, 0, 2);
  tcase_add_loop_test (tc, test_segment_done, 0, 2);
  tcase_add_test (tc, test_seqnum);
  tcase_add_test (tc, test_one_seek_by_many_ways);
  tcase_add_test (tc, test_without_flush);
  tcase_add_loop_test (tc, test_concat, 0, 2);
  tcase_add_test (tc, test_queries);
  tcase_add_loop_test (tc, test_anything, 0, 20);
  return suite;
}

GST_CHECK_MAIN (pcapdecplay)
