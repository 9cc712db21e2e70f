/* What is RTP and what is not, by packets made as protocols make them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packet/rtpprobe.h"

#include <gst/check/gstcheck.h>
#include <string.h>

#define LONGEST 256

typedef struct
{
  guint8 data[LONGEST];
  gsize size;
} Payload;

/* The packet with number @n of a flow. */
typedef void (*MakeFunc) (Payload * payload, guint n, GRand * rand);

static void
fill (Payload * payload, gsize from, gsize size, GRand * rand)
{
  for (gsize i = from; i < size; i += 4) {
    guint32 word = g_rand_int (rand);

    memcpy (payload->data + i, &word, MIN (4, size - i));
  }
  payload->size = size;
}

static void
set (Payload * payload, gsize at, const gchar * hex)
{
  for (; *hex != '\0'; hex += 2)
    payload->data[at++] = g_ascii_xdigit_value (hex[0]) << 4 |
        g_ascii_xdigit_value (hex[1]);
}

static void
set16 (Payload * payload, gsize at, guint16 value)
{
  payload->data[at] = value >> 8;
  payload->data[at + 1] = value;
}

static void
set32 (Payload * payload, gsize at, guint32 value)
{
  set16 (payload, at, value >> 16);
  set16 (payload, at + 2, value);
}

/* A number of a flow that its packets have in common. */
static guint32
of_flow (GRand * rand)
{
  g_autoptr (GRand) copy = g_rand_copy (rand);

  return g_rand_int (copy);
}

/* Protocols. What is worst for this is chosen where there is a choice: the first byte
 * of RTP, counters, the same bytes where RTP has its SSRC. */

static void
make_dns_query (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 40, rand);
  payload->data[0] = 0x80 | (payload->data[0] & 0x3f);
  set (payload, 2, "010000010000000000000377777707");
}

static void
make_dns_response (Payload * payload, guint n, GRand * rand)
{
  static const guint16 flags[] = { 0x8180, 0x8181, 0x8182, 0x8183, 0x8580 };

  fill (payload, 0, 60 + n % 30, rand);
  set16 (payload, 0, 0x8000 + n);
  set16 (payload, 2, flags[g_rand_int_range (rand, 0, 5)]);
  set32 (payload, 4, 0x00010000 + n % 4);
  set32 (payload, 8, 1);
}

static void
make_mdns (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 100, rand);
  set (payload, 0, "000084000000000100000000");
}

static void
make_nbns (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 50, rand);
  set16 (payload, 0, 0x8000 + n);
  set (payload, 2, "0110000100000000000020");
}

static void
make_quic_long (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 200, rand);
  payload->data[0] = 0xc0 | (payload->data[0] & 0x3f);
  set (payload, 1, "0000000108aabbccddeeff0011");
}

/* RFC 9287: the fixed bit is anything */
static void
make_quic_grease (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 200, rand);
  payload->data[0] = 0x80 | (payload->data[0] & 0x3f);
  set (payload, 1, n % 2 ? "6b3343cf08aabbccddeeff0011" :
      "0000000108aabbccddeeff0011");
}

static void
make_quic_short (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 60, rand);
  payload->data[0] = 0x40 | (payload->data[0] & 0x3f);
  set (payload, 1, "aabbccddeeff0011");
}

static void
make_bacnet (Payload * payload, guint n, GRand * rand)
{
  static const guint8 lengths[] = { 16, 17, 18, 19, 20, 17, 16, 19 };
  gsize size = g_rand_boolean (rand) ? 16 + n % 5 : lengths[n % 8];

  fill (payload, 0, size, rand);
  set (payload, 0, "810b00000120ffff00ff1008");
  set16 (payload, 2, size);
}

/* Calls of one client are numbered one after the other; 2 is the version of RPC. */
static void
make_rpc_call (Payload * payload, guint n, GRand * rand)
{
  guint32 first = 0x80000000 | of_flow (rand) >> 2;

  fill (payload, 0, 120, rand);
  set32 (payload, 0, (first & 0xff000000) + n);
  set (payload, 4, "0000000000000002000186a3");
}

static void
make_rpc_reply (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 60 + n % 3 * 4, rand);
  set32 (payload, 0, 0x8a000000 + n);
  set (payload, 4, "000000010000000000000000");
}

static void
make_raknet (Payload * payload, guint n, GRand * rand)
{
  guint32 number = n * 100;

  fill (payload, 0, 80, rand);
  payload->data[0] = 0x84;
  payload->data[1] = number;
  payload->data[2] = number >> 8;
  payload->data[3] = number >> 16;
  set (payload, 4, "600200");
  payload->data[7] = n;
  set (payload, 8, "00000000");
}

/* Numbers are milliseconds; so are those of others that have a clock there. */
static void
make_enet (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 40, rand);
  set16 (payload, 0, 0x9001);
  set16 (payload, 2, n * 16 + g_rand_int_range (rand, 0, 3));
  set (payload, 4, "0600");
  set16 (payload, 6, n);
  set (payload, 8, "001c0badcafe");
}

static void
make_srt_control (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 44, rand);
  set (payload, 0, "80020000");
  set32 (payload, 4, n);
  set32 (payload, 8, n * 10000 + g_rand_int_range (rand, 0, 50));
}

static void
make_esp (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 120, rand);
  set (payload, 0, "9a1b2c3d");
  set32 (payload, 4, n);
}

static void
make_ike (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 200, rand);
  set (payload, 0, "8899aabbccddeeff00112233445566772120230800000001");
}

static void
make_ntp_leap (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 48, rand);
  set (payload, 0, "a30306ec00000010");
  set32 (payload, 8, 0x00000100 + n);
}

static void
make_sip (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 200, rand);
  memcpy (payload->data, "OPTIONS sip:a@b SIP/2.0\r\n", 25);
}

static void
make_snmp (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 80, rand);
  set (payload, 0, "304e02010104067075626c6963a0410204");
}

static void
make_radius (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 100, rand);
  payload->data[0] = 1 + n % 2 * 3;
  payload->data[1] = n;
  set16 (payload, 2, 100);
}

static void
make_tftp (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 200, rand);
  set16 (payload, 0, 3);
  set16 (payload, 2, n);
}

static void
make_wireguard (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 96, rand);
  set (payload, 0, "04000000a1b2c3d4");
  payload->data[8] = n;
  set (payload, 9, "00000000000000");
}

static void
make_openvpn (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 96, rand);
  set (payload, 0, "48000001");
  set32 (payload, 4, n);
}

static void
make_syslog (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 100, rand);
  memcpy (payload->data, "<134>1 2026-01-01T00:00:00Z host app", 36);
}

static void
make_lisp (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 100, rand);
  payload->data[0] = 0x80;
  set (payload, 4, "000000014500005c");
}

/* Its length stands where RTP has the timestamp, and a service can have events with
 * numbers one after the other. */
static void
make_someip (Payload * payload, guint n, GRand * rand)
{
  gsize size = 20 + n % 3 * 4;

  fill (payload, 0, size, rand);
  set16 (payload, 0, 0x8123);
  set16 (payload, 2, 0x8001 + n % 3);
  set32 (payload, 4, size - 8);
  set (payload, 8, "0000000001010200");
}

static void
make_afs (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 80, rand);
  set (payload, 0, "a5f01234c0ffee04");
  set32 (payload, 8, 1 + n / 8);
  set32 (payload, 12, n);
}

static void
make_utp (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 120, rand);
  set (payload, 0, "0100c0de");
  set16 (payload, 16, n);
}

static void
make_source_game (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 90, rand);
  payload->data[0] = 0x80 + n;
  set (payload, 1, "000000");
  payload->data[4] = 0x10 + n;
  set (payload, 5, "00000000aabbcc");
}

static void
make_any_vpn (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 120, rand);
}

static void
make_constant (Payload * payload, guint n, GRand * rand)
{
  memset (payload->data, 0x80, 100);
  payload->size = 100;
}

/* T.38, STUN and nothing else: what goes with RTP does not make it. */
static void
make_udptl (Payload * payload, guint n, GRand * rand)
{
  payload->size = 7;
  set16 (payload, 0, n);
  set (payload, 2, "0100000000");
}

static void
make_stun (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, 20, rand);
  set (payload, 0, "000100002112a442");
}

static const struct
{
  const gchar *name;
  MakeFunc make;
} others[] = {
  {"DNS query", make_dns_query},
  {"DNS response", make_dns_response},
  {"mDNS", make_mdns},
  {"NetBIOS names", make_nbns},
  {"QUIC, long header", make_quic_long},
  {"QUIC, fixed bit cleared", make_quic_grease},
  {"QUIC, short header", make_quic_short},
  {"BACnet", make_bacnet},
  {"RPC call", make_rpc_call},
  {"RPC reply", make_rpc_reply},
  {"RakNet", make_raknet},
  {"ENet", make_enet},
  {"SRT", make_srt_control},
  {"ESP in UDP", make_esp},
  {"IKE", make_ike},
  {"NTP before a leap second", make_ntp_leap},
  {"SIP", make_sip},
  {"SNMP", make_snmp},
  {"RADIUS", make_radius},
  {"TFTP", make_tftp},
  {"WireGuard", make_wireguard},
  {"OpenVPN", make_openvpn},
  {"syslog", make_syslog},
  {"LISP", make_lisp},
  {"SOME/IP", make_someip},
  {"AFS", make_afs},
  {"uTP", make_utp},
  {"Source engine", make_source_game},
  {"encrypted", make_any_vpn},
  {"all the same", make_constant},
  {"UDPTL", make_udptl},
  {"STUN", make_stun},
};

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

  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    for (guint flow = 0; flow < 100; flow++) {
      for (guint n = 1; n < 60; n += 1 + n / 4) {
        RtpProbe probe = { 0, };
        RtpProbeResult result = look_at (&probe, others[i].make, n, rand);

        fail_unless (result == RTP_PROBE_OTHER, "%s, %u packets: %d",
            others[i].name, n, result);
      }
    }
  }
}
GST_END_TEST

static void
make_noise (Payload * payload, guint n, GRand * rand)
{
  fill (payload, 0, g_rand_int_range (rand, 12, 40), rand);
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

  fill (payload, 12, 60 + g_rand_int_range (rand, 0, 60), rand);
  payload->data[0] = rtp->first_byte;
  payload->data[1] = rtp->payload_types[i / rtp->senders % 2];
  set16 (payload, 2, number);
  set32 (payload, 4, number * rtp->ticks);
  set32 (payload, 8, rtp->ssrc + i % rtp->senders * 7919);
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

/* Each from its third packet on, whatever stands before and between. */
GST_START_TEST (test_rtp)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < G_N_ELEMENTS (streams); i++) {
    for (guint other = 0; other < G_N_ELEMENTS (others); other++) {
      const Rtp *rtp = &streams[i];
      RtpProbeResult result = RTP_PROBE_UNDECIDED;
      guint enough = 2 * rtp->senders + 1 + (rtp->step > 1), n = 0;
      RtpProbe probe = { 0, };
      Payload payload;

      for (guint before = 0; before < other % 4; before++) {
        others[other].make (&payload, before, rand);
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
        others[other].make (&payload, n, rand);
        if (result == RTP_PROBE_UNDECIDED)
          result = rtp_probe_look (&probe, payload.data, payload.size);
      }
      fail_unless (result == RTP_PROBE_RTP, "stream %u between %s: %d", i,
          others[other].name, result);
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
    fill (&payload, 0, 28 + 24 + 14, rand);
    set (&payload, 0, "80c8000611223344");
    fail_unless_equals_int (rtp_probe_look (&probe, payload.data,
            payload.size), i == 0 ? RTP_PROBE_UNDECIDED : RTP_PROBE_RTCP);
  }
  /* one that says by itself what it is, and the end */
  memset (&probe, 0, sizeof (probe));
  payload.size = 8;
  set (&payload, 0, "80c9000111223344");
  fail_unless_equals_int (rtp_probe_look (&probe, payload.data, payload.size),
      RTP_PROBE_UNDECIDED);
  fail_unless_equals_int (rtp_probe_decide (&probe), RTP_PROBE_RTCP);
}
GST_END_TEST

/* It comes to an end: a flow that shows nothing is not looked at for ever. */
GST_START_TEST (test_bound)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);

  for (guint other = 0; other < G_N_ELEMENTS (others); other++) {
    RtpProbe probe = { 0, };
    Payload payload;
    guint n = 0;

    do
      others[other].make (&payload, n++, rand);
    while (rtp_probe_look (&probe, payload.data, payload.size) ==
        RTP_PROBE_UNDECIDED && n < 100);
    fail_unless (n <= 32, "%s: %u", others[other].name, n);
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
  tcase_add_test (tc, test_rtcp);
  tcase_add_test (tc, test_bound);
  return suite;
}

GST_CHECK_MAIN (rtpprobe)
