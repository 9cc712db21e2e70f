/* What is RTP and what is not, by packets made as protocols make them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "otherpayloads.h"
#include "packet/rtpprobe.h"

#include <gst/check/gstcheck.h>
#include <string.h>

/* What a flow of so many packets is, and whether it becomes RTP later. */
static RtpProbeResult
look_at (RtpProbe * probe, MakeFunc make, guint n, GRand * rand)
{
  RtpProbeResult result = RTP_PROBE_UNDECIDED;
  Payload payload;

  for (guint i = 0; i < n; i++) {
    make (&payload, i, rand);
    if (result == RTP_PROBE_UNDECIDED)
      result = rtp_probe_look (probe, payload.data, payload.size);
    else if (rtp_probe_watch (probe, payload.data, payload.size))
      return RTP_PROBE_RTP;
    if (result == RTP_PROBE_RTP)
      break;
  }
  return result == RTP_PROBE_UNDECIDED ? rtp_probe_decide (probe) : result;
}

/* Each in 100 flows of each length up to 60 packets. */
GST_START_TEST (test_others)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);

  for (guint i = 0; i < N_OTHER_PAYLOADS; i++) {
    for (guint flow = 0; flow < 100; flow++) {
      for (guint n = 1; n < 60; n += 1 + n / 4) {
        RtpProbe probe = { 0, };
        RtpProbeResult result = look_at (&probe, other_payloads[i].make, n, rand);

        fail_unless (result == RTP_PROBE_OTHER, "%s, %u packets: %d",
            other_payloads[i].name, n, result);
      }
    }
  }
}
GST_END_TEST

static void
make_noise (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, g_rand_int_range (rand, 12, 40), rand);
  payload->data[0] = 0x80 | (payload->data[0] & 0x3f);
}

/* Packets that all have the version of RTP, and nothing else of it. */
GST_START_TEST (test_noise)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint rtp = 0, rtcp = 0;

  for (guint flow = 0; flow < 100000; flow++) {
    RtpProbe probe = { 0, };
    RtpProbeResult result = look_at (&probe, make_noise, 1 + flow % 20, rand);

    rtp += result == RTP_PROBE_RTP;
    rtcp += result == RTP_PROBE_RTCP;
  }
  fail_unless_equals_int (rtp, 0);
  fail_unless_equals_int (rtcp, 0);
}
GST_END_TEST

/* RTP. */

typedef struct
{
  guint32 ssrc;
  guint first;                  /* number */
  guint step;                   /* of numbers */
  guint ticks;                  /* of the timestamp for each number */
  guint8 first_byte;
  guint8 payload_types[2];      /* in turn */
  guint senders;
} Rtp;

static void
make_rtp (Payload * payload, const Rtp * rtp, guint i, GRand * rand)
{
  guint number = rtp->first + i / rtp->senders * rtp->step;

  payload_fill (payload, 12, 60 + g_rand_int_range (rand, 0, 60), rand);
  payload->data[0] = rtp->first_byte;
  payload->data[1] = rtp->payload_types[i / rtp->senders % 2];
  payload_set16 (payload, 2, number);
  payload_set32 (payload, 4, number * rtp->ticks);
  payload_set32 (payload, 8, rtp->ssrc + i % rtp->senders * 7919);
}

static const Rtp streams[] = {
  {0x11223344, 4000, 1, 960, 0x80, {111, 111}, 1},
  {0x11223344, 4000, 1, 960, 0x80, {111, 111}, 2},
  {0x11223344, 65535, 1, 960, 0x80, {111, 111}, 4},
  {0x11223344, 4000, 1, 960, 0xa0, {111, 111}, 1},       /* padding, encrypted */
  {0x11223344, 4000, 1, 160, 0x80, {8, 13}, 1},  /* comfort noise */
  {0x11223344, 4000, 1, 160, 0x80, {96, 0x80 | 97}, 1},  /* redundancy, marker */
  {0x11223344, 4000, 1, 0, 0x80, {96, 96}, 1},   /* one picture */
  {5, 0, 1, 160, 0x80, {0, 0}, 1},      /* who needs random numbers */
  {9, 0, 1, 3000, 0x80, {0, 0}, 1},
  {0x11223344, 4000, 3, 160, 0x80, {0, 0}, 1},   /* two of three are lost */
};

/* Who has a small SSRC and a timestamp that hardly moves is found later: the packets of
 * pictures, 125 us of sound, 40 Mbit/s of MPEG-TS. */
GST_START_TEST (test_small_ssrc)
{
  static const struct
  {
    guint32 ssrc;
    guint packets, ticks;       /* of a picture, or what has one timestamp */
  } rows[] = { {7, 5, 3000}, {0, 5, 3000}, {1, 1, 6}, {0, 1, 24}, {0, 8, 1} };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    RtpProbeResult result = RTP_PROBE_UNDECIDED;
    RtpProbe probe = { 0, };
    Payload payload;
    guint n = 0;

    for (; n < 40 && result == RTP_PROBE_UNDECIDED; n++) {
      Rtp rtp = { rows[i].ssrc, 400, 1, 0, 0x80, {96, 96}, 1 };

      make_rtp (&payload, &rtp, n, rand);
      payload_set32 (&payload, 4, 90000 + n / rows[i].packets * rows[i].ticks);
      result = rtp_probe_look (&probe, payload.data, payload.size);
    }
    fail_unless (result == RTP_PROBE_RTP, "row %u: %d", i, result);
    fail_unless (n <= 16, "row %u: %u packets", i, n);
  }
}
GST_END_TEST

/* Each from its third packet on, whatever stands before and between. */
GST_START_TEST (test_rtp)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++) {
    for (guint other = 0; other < N_OTHER_PAYLOADS; other++) {
      const Rtp *rtp = &streams[i];
      RtpProbeResult result = RTP_PROBE_UNDECIDED;
      guint enough = 2 * rtp->senders + 1 + (rtp->step > 1), n = 0;
      RtpProbe probe = { 0, };
      Payload payload;

      for (guint before = 0; before < other % 4; before++) {
        other_payloads[other].make (&payload, before, rand);
        if (rtp_probe_look (&probe, payload.data, payload.size) !=
            RTP_PROBE_UNDECIDED)
          result = RTP_PROBE_OTHER;
      }
      for (; n < enough && result != RTP_PROBE_RTP; n++) {
        make_rtp (&payload, rtp, n, rand);
        if (result == RTP_PROBE_UNDECIDED)
          result = rtp_probe_look (&probe, payload.data, payload.size);
        else if (rtp_probe_watch (&probe, payload.data, payload.size))
          result = RTP_PROBE_RTP;
        other_payloads[other].make (&payload, n, rand);
        if (result == RTP_PROBE_UNDECIDED)
          result = rtp_probe_look (&probe, payload.data, payload.size);
      }
      fail_unless (result == RTP_PROBE_RTP, "stream %u between %s: %d", i,
          other_payloads[other].name, result);
      /* sooner if so much else has come that it is time to decide */
      fail_unless (n > 2 && n <= enough, "%u", n);
    }
  }
}
GST_END_TEST

/* Reports of one sender, encrypted or not. */
GST_START_TEST (test_rtcp)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  RtpProbe probe = { 0, };
  Payload payload;

  for (guint i = 0; i < 2; i++) {
    payload_fill (&payload, 0, 28 + 24 + 14, rand);
    payload_set (&payload, 0, "80c8000611223344");
    fail_unless_equals_int (rtp_probe_look (&probe, payload.data,
            payload.size), i == 0 ? RTP_PROBE_UNDECIDED : RTP_PROBE_RTCP);
  }
  /* one that says by itself what it is, and the end */
  memset (&probe, 0, sizeof (probe));
  payload.size = 8;
  payload_set (&payload, 0, "80c9000111223344");
  fail_unless_equals_int (rtp_probe_look (&probe, payload.data, payload.size),
      RTP_PROBE_UNDECIDED);
  fail_unless_equals_int (rtp_probe_decide (&probe), RTP_PROBE_RTCP);
}
GST_END_TEST

/* It comes to an end: a flow that shows nothing is not looked at for ever. */
GST_START_TEST (test_bound)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint other = 0; other < N_OTHER_PAYLOADS; other++) {
    RtpProbe probe = { 0, };
    Payload payload;
    guint n = 0;

    do
      other_payloads[other].make (&payload, n++, rand);
    while (rtp_probe_look (&probe, payload.data, payload.size) ==
        RTP_PROBE_UNDECIDED && n < 100);
    fail_unless (n <= 32, "%s: %u", other_payloads[other].name, n);
  }
}
GST_END_TEST

static Suite *
rtpprobe_suite (void)
{
  Suite *suite = suite_create ("rtpprobe");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_others);
  tcase_add_test (tc, test_noise);
  tcase_add_test (tc, test_rtp);
  tcase_add_test (tc, test_small_ssrc);
  tcase_add_test (tc, test_rtcp);
  tcase_add_test (tc, test_bound);
  return suite;
}

GST_CHECK_MAIN (rtpprobe)
