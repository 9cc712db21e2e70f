/* Triggers at any time, over slow and fast traffic: each packet that was sent in the time
 * of one is in its file, and each other one is counted.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include "../check/folder.h"

#include <gst/afring/afring.h>
#include <gst/afring/pcap/gstpcapsource-private.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 5004
#define PRE (100 * GST_MSECOND)
#define POST (30 * GST_MSECOND)
#define MOST (16 * 1000 * 1000)
#define BATCH 32
#define FRAME 60
#define BOUND (64 * 1024 * 1024)
#define SLOW (g_getenv ("AFRING_MEMCHECK") != NULL)

typedef struct
{
  GstClockTime before, after;   /* the moments around it */
  gboolean recorded;
} Sent;

typedef struct
{
  GstClockTime begin, time;
} Span;

static gchar *folder;
static Sent *sent;
static guint n_sent;
static gint sending;

static void
setup (void)
{
  net_add_veth ("va", "vb");
  folder = folder_new (FALSE);
  sent = g_new (Sent, MOST);
  n_sent = 0;
}

static void
teardown (void)
{
  net_remove ("va");
  folder_remove (folder);
  g_free (sent);
}

static GstClockTime
get_real_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

/* A packet, and microseconds until the next. */
static void
send_one (int sender, guint pause)
{
  guint8 frame[FRAME];

  net_make_frame (frame, FRAME, NULL, PORT, n_sent);
  sent[n_sent].before = get_real_time ();
  net_send (sender, frame, FRAME);
  sent[n_sent++].after = get_real_time ();
  g_usleep (pause);
}

/* As many as one system call takes: each was sent between the moments around it. */
static void
send_batch (int sender)
{
  guint8 frames[BATCH][FRAME];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH] = { 0 };
  GstClockTime before;
  int n;

  for (guint i = 0; i < BATCH; i++) {
    net_make_frame (frames[i], FRAME, NULL, PORT, n_sent + i);
    parts[i] = (struct iovec) { frames[i], FRAME };
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  before = get_real_time ();
  n = sendmmsg (sender, messages, BATCH, 0);
  fail_unless (n > 0, "sendmmsg: %s", g_strerror (errno));
  for (int i = 0; i < n; i++)
    sent[n_sent + i] = (Sent) { before, get_real_time (), FALSE };
  n_sent += n;
}

/* @pause: microseconds between two packets; 0: none. */
static gpointer
send_all (gpointer pause)
{
  int sender = net_open_sender ("va");
  gint64 begin = g_get_monotonic_time ();

  while (g_atomic_int_get (&sending) && n_sent < MOST - BATCH) {
    if (pause != NULL)
      send_one (sender, GPOINTER_TO_UINT (pause));
    else
      send_batch (sender);
  }
  g_print ("%.0f a second\n",
      n_sent * 1e6 / (g_get_monotonic_time () - begin));
  close (sender);
  return NULL;
}

/* Waits for the end. The spans that were triggered, in order: of overlapping ones it is
 * one. */
static GArray *
take_spans (GstBus * bus)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (Span));
  gboolean ended = FALSE;

  while (!ended) {
    GstMessage *message = gst_bus_timed_pop (bus, GST_CLOCK_TIME_NONE);
    const GstStructure *structure = gst_message_get_structure (message);
    Span span;

    ended = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    if (gst_message_has_name (message, "GstPcapSinkTriggered")) {
      gst_structure_get_uint64 (structure, "begin", &span.begin);
      gst_structure_get_uint64 (structure, "time", &span.time);
      if (span.begin == GST_CLOCK_TIME_NONE)
        g_array_index (spans, Span, spans->len - 1).time = span.time;
      else
        g_array_append_val (spans, span);
    }
    gst_message_unref (message);
  }
  return spans;
}

/* A file goes on from one packet to the next: what is not there was dropped. */
static guint64
read_file (const gchar * path, gint64 * last, guint64 * missing)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPcapSource) source = gst_pcap_source_new (path, &error);
  gint64 number, before = -1;
  GstPcapPacket packet;
  guint64 n = 0;

  fail_unless (source != NULL, "%s: %s", path, error ? error->message : "");
  for (; gst_pcap_source_next (source, &packet, &error); n++) {
    number = net_check_frame (packet.data, packet.captured_length);
    fail_unless (number > *last, "%s: %" G_GINT64_FORMAT " follows %"
        G_GINT64_FORMAT, path, number, *last);
    if (before >= 0)
      *missing += number - before - 1;
    before = *last = number;
    sent[number].recorded = TRUE;
  }
  fail_unless (g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_END_OF_FILE), "%s: %s", path, error->message);
  return n;
}

/* Returns how many packets there are in all. */
static guint64
read_files (guint n, guint64 * missing)
{
  gint64 last = -1;
  guint64 packets = 0;

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *name = g_strdup_printf ("t%05u.pcapng", i);
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    packets += read_file (path, &last, missing);
  }
  return packets;
}

/* How many packets of a span are in no file. */
static guint
count_lost (const Span * span)
{
  guint n = 0;

  for (guint i = 0; i < n_sent; i++)
    n += !sent[i].recorded && sent[i].before >= span->begin
        && sent[i].after <= span->time + POST;
  return n;
}

static GstElement *
make_pipeline (const gchar * caps)
{
  g_autofree gchar *line = g_strdup_printf ("afringsrc name=src interface=vb %s ! "
      "pcapsink name=sink location=%s/t%%05d.pcapng pre-roll-bytes=%u "
      "pre-roll-time=%" G_GUINT64_FORMAT " post-roll-time=%" G_GUINT64_FORMAT,
      caps, folder, BOUND, PRE, POST);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  return pipeline;
}

static void
trigger_often (GstElement * sink, guint n)
{
  GRand *random = g_rand_new_with_seed (n);

  for (guint i = 0; i < n; i++) {
    g_usleep (g_rand_int_range (random, 1, 3 * (PRE + POST) / GST_USECOND));
    g_signal_emit_by_name (sink, "trigger", NULL);
    fail_unless (net_get_stat (sink, "held-memory") <= BOUND);
    fail_unless_equals_uint64 (net_get_stat (sink, "cut"), 0);
  }
  g_rand_free (random);
}

static void
run (const gchar * caps, guint pause, guint n)
{
  GstElement *pipeline = make_pipeline (caps);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  guint64 missing = 0, dropped, packets;
  GArray *spans;
  GThread *sender;
  guint lost = 0;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_atomic_int_set (&sending, TRUE);
  sender = g_thread_new ("sender", send_all, GUINT_TO_POINTER (pause));
  trigger_often (sink, n);
  g_atomic_int_set (&sending, FALSE);
  g_thread_join (sender);
  gst_element_send_event (pipeline, gst_event_new_eos ());
  spans = take_spans (bus);

  dropped = net_get_stat (src, "packets-dropped");
  packets = net_get_stat (sink, "packets");
  fail_unless_equals_uint64 (packets + net_get_stat (sink, "aged-out"),
      net_get_stat (src, "packets-captured"));
  fail_unless_equals_uint64 (net_get_stat (sink, "triggers"), n);
  gst_element_set_state (pipeline, GST_STATE_NULL);

  /* fewer where the capture is behind: triggers overlap then */
  fail_unless (spans->len >= 1 && spans->len <= n);
  fail_unless_equals_uint64 (net_get_stat (sink, "files"), spans->len);
  fail_unless_equals_uint64 (read_files (spans->len, &missing), packets);
  fail_unless (missing <= dropped, "%" G_GUINT64_FORMAT " missing", missing);
  for (guint i = 0; i < spans->len; i++)
    lost += count_lost (&g_array_index (spans, Span, i));
  fail_unless (lost <= dropped, "%u of %u are in no file", lost, n_sent);
  g_print ("%u sent, %u files with %" G_GUINT64_FORMAT ", %" G_GUINT64_FORMAT
      " dropped\n", n_sent, spans->len, packets, dropped);
  g_array_unref (spans);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (src);
  gst_object_unref (pipeline);
}

static const gchar *const modes[] = { "", "! application/x-packet" };

GST_START_TEST (test_slow)
{
  run (modes[__i__], 10000, SLOW ? 10 : 50);
}
GST_END_TEST

GST_START_TEST (test_fast)
{
  run (modes[__i__], 0, SLOW ? 5 : 50);
}
GST_END_TEST

static Suite *
preroll_suite (void)
{
  Suite *s = suite_create ("preroll");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_slow, 0, G_N_ELEMENTS (modes));
  tcase_add_loop_test (tc, test_fast, 0, G_N_ELEMENTS (modes));
  return s;
}

GST_CHECK_MAIN (preroll);
