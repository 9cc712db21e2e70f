/* What a receiver counts, against what RFC 3550 gives when worked out by hand, and
 * against a plain count of all numbers.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packet/rtpstreamstats.h"

#include <gst/check/gstcheck.h>

#define CLOCK_RATE 8000
#define PTIME (20 * GST_MSECOND)

static guint
take (RtpStreamStats * stats, guint16 seqnum)
{
  RtpHeader header = {.ssrc = 1,.seqnum = seqnum,.timestamp = 160 * seqnum };

  return rtp_stream_stats_take (stats, &header, seqnum * PTIME, CLOCK_RATE);
}

static guint64
get (const RtpStreamStats * stats, const gchar * field)
{
  g_autoptr (GstStructure) structure = gst_structure_new_empty ("stats");
  guint64 value;

  rtp_stream_stats_describe (stats, structure);
  fail_unless (gst_structure_get_uint64 (structure, field, &value), "%s",
      field);
  return value;
}

static const struct
{
  gint numbers[12];             /* up to -1 */
  guint lost, duplicates, reordered, restarts, bursts, largest;
} rows[] = {
  {{10, 11, 12, 13, -1}, 0, 0, 0, 0, 0, 0},
  {{10, 11, 14, 15, -1}, 2, 0, 0, 0, 1, 2},
  {{10, 12, 14, 18, -1}, 5, 0, 0, 0, 3, 3},
  {{10, 12, 11, 13, -1}, 0, 0, 1, 0, 0, 0},
  {{10, 14, 12, 15, -1}, 2, 0, 1, 0, 2, 1},     /* a hole is two now */
  {{10, 14, 11, 15, -1}, 2, 0, 1, 0, 1, 2},
  {{10, 11, 11, 12, 10, 13, -1}, 0, 2, 0, 0, 0, 0},
  {{10, 12, 11, 11, 13, -1}, 0, 1, 1, 0, 0, 0},
  {{10, 9, 11, -1}, 0, 0, 1, 0, 0, 0},  /* from before the first one */
  {{65533, 65534, 1, 2, -1}, 2, 0, 0, 0, 1, 2},
  {{65535, 1, 0, 2, -1}, 0, 0, 1, 0, 0, 0},
  {{10, 11, 30000, 30001, 30002, -1}, 0, 0, 0, 1, 0, 0},
  {{10, 11, 30000, 12, 13, -1}, 0, 0, 0, 0, 0, 0},      /* a stray one */
  {{10, 12, 30000, 30001, 30004, -1}, 3, 0, 0, 1, 2, 2},
  {{10, 3009, 3010, -1}, 2998, 0, 0, 0, 1, 2998},
  {{10, 3010, 3011, -1}, 0, 0, 0, 1, 0, 0},     /* MAX_DROPOUT */
};

GST_START_TEST (test_numbers)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    RtpStreamStats *stats = rtp_stream_stats_new (1, 0);
    guint n = 0;

    for (; rows[i].numbers[n] >= 0; n++)
      take (stats, rows[i].numbers[n]);
    fail_unless_equals_uint64 (rtp_stream_stats_get_packets (stats), n);
    fail_unless_equals_uint64 (get (stats, "lost"), rows[i].lost);
    fail_unless_equals_uint64 (get (stats, "duplicates"), rows[i].duplicates);
    fail_unless_equals_uint64 (get (stats, "reordered"), rows[i].reordered);
    fail_unless_equals_uint64 (get (stats, "restarts"), rows[i].restarts);
    fail_unless_equals_uint64 (get (stats, "bursts"), rows[i].bursts);
    fail_unless_equals_uint64 (get (stats, "largest-gap"), rows[i].largest);
    rtp_stream_stats_free (stats);
  }
}
GST_END_TEST

/* Appendix A.8: packets that come 0, 20, 45, 60, 80 ms after the first, each 20 ms of
 * sound: D is 0, 5, -5, 0 ms, J = J + (|D| - J) / 16. */
GST_START_TEST (test_jitter)
{
  static const guint times[] = { 0, 20, 45, 60, 80 };
  RtpStreamStats *stats = rtp_stream_stats_new (1, 0);

  for (guint i = 0; i < G_N_ELEMENTS (times); i++) {
    /* its timestamp goes over its end */
    RtpHeader header = {.seqnum = i,.timestamp = 160 * i - 320 };

    rtp_stream_stats_take (stats, &header, times[i] * GST_MSECOND, CLOCK_RATE);
  }
  fail_unless_equals_uint64 (get (stats, "jitter"), 567626);
  fail_unless_equals_uint64 (get (stats, "max-jitter"), 605468);
  /* of 0, 312500, 605468.75, 567626.95 */
  fail_unless_equals_uint64 (get (stats, "mean-jitter"), 371398);
  fail_unless_equals_uint64 (get (stats, "max-delta"), 25 * GST_MSECOND);
  rtp_stream_stats_free (stats);
}
GST_END_TEST

/* Without a clock there is none, and one that changes is not compared with another. */
GST_START_TEST (test_clock_rate)
{
  RtpStreamStats *stats = rtp_stream_stats_new (1, 0);
  g_autoptr (GstStructure) structure = gst_structure_new_empty ("stats");

  for (guint i = 0; i < 4; i++) {
    RtpHeader header = {.seqnum = i,.timestamp = 7777 * i * i };

    rtp_stream_stats_take (stats, &header, i * PTIME, 0);
  }
  rtp_stream_stats_describe (stats, structure);
  fail_if (gst_structure_has_field (structure, "jitter"));
  for (guint i = 4; i < 8; i++) {
    guint rate = i < 6 ? 8000 : 48000;
    RtpHeader header = {.seqnum = i,.timestamp = i * rate / 50 };

    rtp_stream_stats_take (stats, &header, i * PTIME, rate);
  }
  fail_unless_equals_uint64 (get (stats, "jitter"), 0);
  rtp_stream_stats_free (stats);
}
GST_END_TEST

/* Who loses what: the capture at most what it is blamed for and what is missing. */
GST_START_TEST (test_blame)
{
  RtpStreamStats *stats = rtp_stream_stats_new (1, 0);

  fail_unless_equals_int (take (stats, 1), 0);
  fail_unless_equals_int (take (stats, 5), 3);
  fail_unless_equals_uint64 (rtp_stream_stats_get_unexplained (stats), 3);
  rtp_stream_stats_blame_capture (stats, 2);
  fail_unless_equals_uint64 (get (stats, "lost-by-capture"), 2);
  fail_unless_equals_uint64 (get (stats, "lost-by-network"), 1);
  rtp_stream_stats_blame_capture (stats, 100);
  fail_unless_equals_uint64 (get (stats, "lost-by-capture"), 3);
  /* they come after all */
  take (stats, 3);
  take (stats, 4);
  fail_unless_equals_uint64 (get (stats, "lost"), 1);
  fail_unless_equals_uint64 (get (stats, "lost-by-capture"), 1);
  fail_unless_equals_uint64 (get (stats, "lost-by-network"), 0);

  take (stats, 8);
  rtp_stream_stats_settle (stats);
  rtp_stream_stats_blame_capture (stats, 100);
  fail_unless_equals_uint64 (get (stats, "lost-by-network"), 2);
  rtp_stream_stats_free (stats);
}
GST_END_TEST

/* What lies on the other side of a seek is not missing. */
GST_START_TEST (test_restart)
{
  RtpStreamStats *stats = rtp_stream_stats_new (1, 0);

  take (stats, 1);
  take (stats, 3);
  rtp_stream_stats_restart (stats);
  fail_unless_equals_int (take (stats, 100), 0);
  take (stats, 101);
  fail_unless_equals_uint64 (get (stats, "lost"), 1);
  fail_unless_equals_uint64 (get (stats, "restarts"), 0);
  fail_unless_equals_uint64 (get (stats, "max-delta"), 2 * PTIME);
  rtp_stream_stats_free (stats);
}
GST_END_TEST

#define N 200000
#define LATEST 90

/* Packets lost, late and twice by chance, over three turns of the number, against an
 * array of all of them. */
GST_START_TEST (test_against_count)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3550);
  g_autofree guint8 *come = g_new0 (guint8, N);
  RtpStreamStats *stats = rtp_stream_stats_new (1, 0);
  guint64 lost = 0, duplicates = 0, reordered = 0, bursts = 0, largest = 0;
  guint latest = 0, run = 0;

  take (stats, 0);
  come[0] = 1;
  while (latest < N - 20) {
    guint dice = g_rand_int_range (rand, 0, 100);
    guint n = latest + 1;

    if (dice < 5)
      n = latest + g_rand_int_range (rand, 1, 12);
    else if (dice < 10)
      n = latest - MIN (latest, (guint) g_rand_int_range (rand, 0, LATEST));
    duplicates += come[n];
    reordered += !come[n] && n < latest;
    come[n] = 1;
    latest = MAX (latest, n);
    take (stats, n);
  }
  for (guint i = 0; i <= latest; i++) {
    lost += !come[i];
    bursts += !come[i] && run == 0;
    run = come[i] ? 0 : run + 1;
    largest = MAX (largest, run);
  }
  fail_unless (lost > 0 && duplicates > 0 && reordered > 0);
  fail_unless_equals_uint64 (get (stats, "lost"), lost);
  fail_unless_equals_uint64 (get (stats, "duplicates"), duplicates);
  fail_unless_equals_uint64 (get (stats, "reordered"), reordered);
  fail_unless_equals_uint64 (get (stats, "bursts"), bursts);
  fail_unless_equals_uint64 (get (stats, "largest-gap"), largest);
  rtp_stream_stats_free (stats);
}
GST_END_TEST

static Suite *
rtpstreamstats_suite (void)
{
  Suite *suite = suite_create ("rtpstreamstats");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_numbers);
  tcase_add_test (tc, test_jitter);
  tcase_add_test (tc, test_clock_rate);
  tcase_add_test (tc, test_blame);
  tcase_add_test (tc, test_restart);
  tcase_add_test (tc, test_against_count);
  return suite;
}

GST_CHECK_MAIN (rtpstreamstats)
