/* Payloads as other protocols than RTP make them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "otherpayloads.h"

#include <string.h>

void
payload_fill (Payload * payload, gsize from, gsize size, GRand * rand)
{
  for (gsize i = from; i < size; i += 4) {
    guint32 word = g_rand_int (rand);

    memcpy (payload->data + i, &word, MIN (4, size - i));
  }
  payload->size = size;
}

void
payload_set (Payload * payload, gsize at, const gchar * hex)
{
  for (; *hex != '\0'; hex += 2)
    payload->data[at++] = g_ascii_xdigit_value (hex[0]) << 4 |
        g_ascii_xdigit_value (hex[1]);
}

void
payload_set16 (Payload * payload, gsize at, guint16 value)
{
  payload->data[at] = value >> 8;
  payload->data[at + 1] = value;
}

void
payload_set32 (Payload * payload, gsize at, guint32 value)
{
  payload_set16 (payload, at, value >> 16);
  payload_set16 (payload, at + 2, value);
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
  payload_fill (payload, 0, 40, rand);
  payload->data[0] = 0x80 | (payload->data[0] & 0x3f);
  payload_set (payload, 2, "010000010000000000000377777707");
}

static void
make_dns_response (Payload * payload, guint n, GRand * rand)
{
  static const guint16 flags[] = { 0x8180, 0x8181, 0x8182, 0x8183, 0x8580 };

  payload_fill (payload, 0, 60 + n % 30, rand);
  payload_set16 (payload, 0, 0x8000 + n);
  payload_set16 (payload, 2, flags[g_rand_int_range (rand, 0, 5)]);
  payload_set32 (payload, 4, 0x00010000 + n % 4);
  payload_set32 (payload, 8, 1);
}

static void
make_mdns (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 100, rand);
  payload_set (payload, 0, "000084000000000100000000");
}

static void
make_nbns (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 50, rand);
  payload_set16 (payload, 0, 0x8000 + n);
  payload_set (payload, 2, "0110000100000000000020");
}

static void
make_quic_long (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 200, rand);
  payload->data[0] = 0xc0 | (payload->data[0] & 0x3f);
  payload_set (payload, 1, "0000000108aabbccddeeff0011");
}

/* RFC 9287: the fixed bit is anything */
static void
make_quic_grease (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 200, rand);
  payload->data[0] = 0x80 | (payload->data[0] & 0x3f);
  payload_set (payload, 1, n % 2 ? "6b3343cf08aabbccddeeff0011" :
      "0000000108aabbccddeeff0011");
}

static void
make_quic_short (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 60, rand);
  payload->data[0] = 0x40 | (payload->data[0] & 0x3f);
  payload_set (payload, 1, "aabbccddeeff0011");
}

static void
make_bacnet (Payload * payload, guint n, GRand * rand)
{
  static const guint8 lengths[] = { 16, 17, 18, 19, 20, 17, 16, 19 };
  gsize size = g_rand_boolean (rand) ? 16 + n % 5 : lengths[n % 8];

  payload_fill (payload, 0, size, rand);
  payload_set (payload, 0, "810b00000120ffff00ff1008");
  payload_set16 (payload, 2, size);
}

/* Calls of one client are numbered one after the other; 2 is the version of RPC. */
static void
make_rpc_call (Payload * payload, guint n, GRand * rand)
{
  guint32 first = 0x80000000 | of_flow (rand) >> 2;

  payload_fill (payload, 0, 120, rand);
  payload_set32 (payload, 0, (first & 0xff000000) + n);
  payload_set (payload, 4, "0000000000000002000186a3");
}

static void
make_rpc_reply (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 60 + n % 3 * 4, rand);
  payload_set32 (payload, 0, 0x8a000000 + n);
  payload_set (payload, 4, "000000010000000000000000");
}

static void
make_raknet (Payload * payload, guint n, GRand * rand)
{
  guint32 number = n * 100;

  payload_fill (payload, 0, 80, rand);
  payload->data[0] = 0x84;
  payload->data[1] = number;
  payload->data[2] = number >> 8;
  payload->data[3] = number >> 16;
  payload_set (payload, 4, "600200");
  payload->data[7] = n;
  payload_set (payload, 8, "00000000");
}

/* Numbers are milliseconds; so are those of others that have a clock there. */
static void
make_enet (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 40, rand);
  payload_set16 (payload, 0, 0x9001);
  payload_set16 (payload, 2, n * 16 + g_rand_int_range (rand, 0, 3));
  payload_set (payload, 4, "0600");
  payload_set16 (payload, 6, n);
  payload_set (payload, 8, "001c0badcafe");
}

static void
make_srt_control (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 44, rand);
  payload_set (payload, 0, "80020000");
  payload_set32 (payload, 4, n);
  payload_set32 (payload, 8, n * 10000 + g_rand_int_range (rand, 0, 50));
}

static void
make_esp (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 120, rand);
  payload_set (payload, 0, "9a1b2c3d");
  payload_set32 (payload, 4, n);
}

static void
make_ike (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 200, rand);
  payload_set (payload, 0, "8899aabbccddeeff00112233445566772120230800000001");
}

static void
make_ntp_leap (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 48, rand);
  payload_set (payload, 0, "a30306ec00000010");
  payload_set32 (payload, 8, 0x00000100 + n);
}

static void
make_sip (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 200, rand);
  memcpy (payload->data, "OPTIONS sip:a@b SIP/2.0\r\n", 25);
}

static void
make_snmp (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 80, rand);
  payload_set (payload, 0, "304e02010104067075626c6963a0410204");
}

static void
make_radius (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 100, rand);
  payload->data[0] = 1 + n % 2 * 3;
  payload->data[1] = n;
  payload_set16 (payload, 2, 100);
}

static void
make_tftp (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 200, rand);
  payload_set16 (payload, 0, 3);
  payload_set16 (payload, 2, n);
}

static void
make_wireguard (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 96, rand);
  payload_set (payload, 0, "04000000a1b2c3d4");
  payload->data[8] = n;
  payload_set (payload, 9, "00000000000000");
}

static void
make_openvpn (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 96, rand);
  payload_set (payload, 0, "48000001");
  payload_set32 (payload, 4, n);
}

static void
make_syslog (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 100, rand);
  memcpy (payload->data, "<134>1 2026-01-01T00:00:00Z host app", 36);
}

static void
make_lisp (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 100, rand);
  payload->data[0] = 0x80;
  payload_set (payload, 4, "000000014500005c");
}

/* Its length stands where RTP has the timestamp, and a service can have events with
 * numbers one after the other. */
static void
make_someip (Payload * payload, guint n, GRand * rand)
{
  gsize size = 20 + n % 3 * 4;

  payload_fill (payload, 0, size, rand);
  payload_set16 (payload, 0, 0x8123);
  payload_set16 (payload, 2, 0x8001 + n % 3);
  payload_set32 (payload, 4, size - 8);
  payload_set (payload, 8, "0000000001010200");
}

static void
make_afs (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 80, rand);
  payload_set (payload, 0, "a5f01234c0ffee04");
  payload_set32 (payload, 8, 1 + n / 8);
  payload_set32 (payload, 12, n);
}

static void
make_utp (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 120, rand);
  payload_set (payload, 0, "0100c0de");
  payload_set16 (payload, 16, n);
}

static void
make_source_game (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 90, rand);
  payload->data[0] = 0x80 + n;
  payload_set (payload, 1, "000000");
  payload->data[4] = 0x10 + n;
  payload_set (payload, 5, "00000000aabbcc");
}

static void
make_any_vpn (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 120, rand);
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
  payload_set16 (payload, 0, n);
  payload_set (payload, 2, "0100000000");
}

static void
make_stun (Payload * payload, guint n, GRand * rand)
{
  payload_fill (payload, 0, 20, rand);
  payload_set (payload, 0, "000100002112a442");
}

const OtherPayload other_payloads[N_OTHER_PAYLOADS] = {
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
