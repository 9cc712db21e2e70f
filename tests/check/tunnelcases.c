/* Packets in tunnels, made by hand, and what comes out.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tunnelcases.h"

#include <string.h>

/* Of an 802.11 frame: three addresses, such that those of Ethernet come out. */
#define TO "020000000a02"
#define FROM "020000000a01"
#define BSSID "020000000bbb"
#define SNAP "aaaa03000000"
#define RADIOTAP "00000800 00000000"

#define ETHERNET GST_CAPTURE_LINK_TYPE_ETHERNET
#define RAW GST_CAPTURE_LINK_TYPE_RAW

const TunnelCase tunnel_cases[] = {
  {"vxlan", TUNNEL_OVER_UDP, 4789, "08000000 00002a00", TUNNEL_OF_ETHERNET, 0,
        "vxlan", 0x2a, ETHERNET, NULL},
  {"vxlan on the port of Linux", TUNNEL_OVER_UDP, 8472, "08000000 ffffff00",
        TUNNEL_OF_ETHERNET, 0, "vxlan", 0xffffff, ETHERNET, NULL},
  {"vxlan without an id", TUNNEL_OVER_UDP, 4789, "00000000 00002a00",
        TUNNEL_OF_ETHERNET, 0, NULL, 0, ETHERNET, "vxlan malformed"},
  {"vxlan-gpe of ip", TUNNEL_OVER_UDP, 4790, "0c000001 00000700", TUNNEL_OF_IP,
        0, "vxlan-gpe", 7, RAW, NULL},
  {"vxlan-gpe of ethernet", TUNNEL_OVER_UDP, 4790, "0c000003 00000700",
        TUNNEL_OF_ETHERNET, 0, "vxlan-gpe", 7, ETHERNET, NULL},
  {"vxlan-gpe of nsh", TUNNEL_OVER_UDP, 4790, "0c000004 00000700",
        TUNNEL_OF_ETHERNET, 0, NULL, 0, ETHERNET, "vxlan-gpe unknown"},
  {"geneve", TUNNEL_OVER_UDP, 6081, "00006558 00000900", TUNNEL_OF_ETHERNET, 0,
        "geneve", 9, ETHERNET, NULL},
  {"geneve with options", TUNNEL_OVER_UDP, 6081,
        "03406558 00000900 0102800200112233 44556677", TUNNEL_OF_ETHERNET, 0,
        "geneve", 9, ETHERNET, NULL},
  {"geneve of ip", TUNNEL_OVER_UDP, 6081, "00000800 00000900", TUNNEL_OF_IP, 0,
        "geneve", 9, RAW, NULL},
  {"geneve, control", TUNNEL_OVER_UDP, 6081, "00806558 00000900",
        TUNNEL_OF_ETHERNET, 0, NULL, 0, ETHERNET, "geneve unknown"},
  {"geneve with options past its end", TUNNEL_OVER_UDP, 6081,
        "3f006558 00000900", TUNNEL_OF_IP, 0, NULL, 0, ETHERNET,
        "geneve malformed"},
  {"gre of ip", TUNNEL_OVER_IPV4, 47, "00000800", TUNNEL_OF_IP, 0, "gre", 0,
        RAW, NULL},
  {"gre of ipv6", TUNNEL_OVER_IPV6, 47, "000086dd", TUNNEL_OF_IPV6, 0, "gre",
        0, RAW, NULL},
  {"gre with all of it", TUNNEL_OVER_IPV4, 47,
        "b0006558 12340000 000000ab 00000001", TUNNEL_OF_ETHERNET, 0, "gre",
        0xab, ETHERNET, NULL},
  {"nvgre", TUNNEL_OVER_IPV4, 47, "20006558 00123405", TUNNEL_OF_ETHERNET, 0,
        "gre", 0x123405, ETHERNET, NULL},
  {"gre of pptp", TUNNEL_OVER_IPV4, 47, "3001880b 00280001 00000001",
        TUNNEL_OF_IP, 0, NULL, 0, ETHERNET, "gre unknown"},
  {"gre with a route", TUNNEL_OVER_IPV4, 47, "40000800 00000000",
        TUNNEL_OF_IP, 0, NULL, 0, ETHERNET, "gre unknown"},
  {"gre of what is no ip", TUNNEL_OVER_IPV4, 47, "00000800 ff",
        TUNNEL_OF_IP, 0, NULL, 0, ETHERNET, "gre malformed"},
  {"erspan I", TUNNEL_OVER_IPV4, 47, "000088be", TUNNEL_OF_ETHERNET, 0,
        "erspan", 0, ETHERNET, NULL},
  {"erspan II", TUNNEL_OVER_IPV4, 47, "100088be 00000001 10010065 00000000",
        TUNNEL_OF_ETHERNET, 0, "erspan", 0x65, ETHERNET, NULL},
  {"erspan III", TUNNEL_OVER_IPV4, 47,
        "100022eb 00000001 200103ff 00000000 00000000", TUNNEL_OF_ETHERNET, 0,
        "erspan", 0x3ff, ETHERNET, NULL},
  {"erspan III with a subheader", TUNNEL_OVER_IPV4, 47,
        "100022eb 00000001 20010001 00000000 00000001 1122334455667788",
        TUNNEL_OF_ETHERNET, 0, "erspan", 1, ETHERNET, NULL},
  {"erspan III of ip", TUNNEL_OVER_IPV4, 47,
        "100022eb 00000001 20010001 00000000 00000800", TUNNEL_OF_IP, 0,
        "erspan", 1, RAW, NULL},
  {"erspan of another version", TUNNEL_OVER_IPV4, 47,
        "100088be 00000001 30010065 00000000", TUNNEL_OF_ETHERNET, 0, NULL, 0,
        ETHERNET, "erspan unknown"},
  {"gtp", TUNNEL_OVER_UDP, 2152, "30ff0041 00001234", TUNNEL_OF_IP, 0, "gtp",
        0x1234, RAW, NULL},
  {"gtp with a sequence", TUNNEL_OVER_UDP, 2152, "32ff0045 00001234 00070000",
        TUNNEL_OF_IP, 0, "gtp", 0x1234, RAW, NULL},
  {"gtp with two extensions", TUNNEL_OVER_UDP, 2152,
        "34ff004d 00001234 00000085 01100985 01100900", TUNNEL_OF_IP, 0, "gtp",
        0x1234, RAW, NULL},
  {"gtp of ethernet", TUNNEL_OVER_UDP, 2152, "30ff004f 00001234",
        TUNNEL_OF_ETHERNET, 0, "gtp", 0x1234, ETHERNET, NULL},
  {"gtp with bytes behind it", TUNNEL_OVER_UDP, 2152, "30ff0041 00001234",
        TUNNEL_OF_IP, 7, "gtp", 0x1234, RAW, NULL},
  {"gtp, echo", TUNNEL_OVER_UDP, 2152, "32010004 00000000 00000000",
        TUNNEL_OF_IP, 0, NULL, 0, ETHERNET, "dropped"},
  {"gtp with an extension of nothing", TUNNEL_OVER_UDP, 2152,
        "34ff0049 00001234 00000085 00100900", TUNNEL_OF_IP, 0, NULL, 0,
        ETHERNET, "gtp malformed"},
  {"gtp that is too long", TUNNEL_OVER_UDP, 2152, "30ff0042 00001234",
        TUNNEL_OF_IP, 0, NULL, 0, ETHERNET, "gtp malformed"},
  {"4in4", TUNNEL_OVER_IPV4, 4, "", TUNNEL_OF_IP, 0, "ip", 0, RAW, NULL},
  {"6in4", TUNNEL_OVER_IPV4, 41, "", TUNNEL_OF_IPV6, 0, "ip", 0, RAW, NULL},
  {"4in6", TUNNEL_OVER_IPV6, 4, "", TUNNEL_OF_IP, 0, "ip", 0, RAW, NULL},
  {"tzsp", TUNNEL_OVER_UDP, 37008, "01000001 01", TUNNEL_OF_ETHERNET, 0,
        "tzsp", 0, ETHERNET, NULL},
  {"tzsp with tags", TUNNEL_OVER_UDP, 37008, "01000001 0a01d5 00 0b0105 01",
        TUNNEL_OF_ETHERNET, 0, "tzsp", 0, ETHERNET, NULL},
  {"tzsp, keep-alive", TUNNEL_OVER_UDP, 37008, "01040000 01",
        TUNNEL_OF_ETHERNET, 0, NULL, 0, ETHERNET, "dropped"},
  {"tzsp with a tag past its end", TUNNEL_OVER_UDP, 37008, "01000001 0aff",
        TUNNEL_OF_IP, 0, NULL, 0, ETHERNET, "tzsp malformed"},
  {"pseudowire", TUNNEL_OVER_TYPE, 0x8847, "000101ff", TUNNEL_OF_ETHERNET, 0,
        "pseudowire", 16, ETHERNET, NULL},
  {"pseudowire behind two labels", TUNNEL_OVER_TYPE, 0x8847,
        "000990ff 000101ff", TUNNEL_OF_ETHERNET, 0, "pseudowire", 16, ETHERNET,
        NULL},
  {"pseudowire with a control word", TUNNEL_OVER_TYPE, 0x8847,
        "000101ff 00000001", TUNNEL_OF_ETHERNET, 0, "pseudowire", 16, ETHERNET,
        NULL},
  {"mpls of ip", TUNNEL_OVER_TYPE, 0x8847, "000101ff", TUNNEL_OF_IP, 0, NULL, 0,
        ETHERNET, "dropped"},
  {"wifi, to the network", TUNNEL_BARE, 105, "0801 0000" BSSID FROM TO "1000"
        SNAP, TUNNEL_OF_TYPE, 0, "wifi", 0, ETHERNET, NULL},
  {"wifi, from the network, qos", TUNNEL_BARE, 105, "8802 0000" TO BSSID FROM
        "1000 0000" SNAP, TUNNEL_OF_TYPE, 0, "wifi", 0, ETHERNET, NULL},
  {"wifi, between stations", TUNNEL_BARE, 105, "0800 0000" TO FROM BSSID "1000"
        SNAP, TUNNEL_OF_TYPE, 0, "wifi", 0, ETHERNET, NULL},
  {"wifi, four addresses, qos, htc", TUNNEL_BARE, 105, "8883 0000" BSSID BSSID
        TO "1000" FROM "0000 00000000" SNAP, TUNNEL_OF_TYPE, 0, "wifi", 0,
        ETHERNET, NULL},
  {"wifi, radiotap", TUNNEL_BARE, 127, RADIOTAP "0801 0000" BSSID FROM TO "1000"
        SNAP, TUNNEL_OF_TYPE, 0, "wifi", 0, ETHERNET, NULL},
  {"wifi, radiotap, fcs and padding", TUNNEL_BARE, 127,
        "00001900 03000080 00000000 00000000 1122334455667788 30 8801 0000"
        BSSID FROM TO "1000 0000 0000" SNAP, TUNNEL_OF_TYPE, 4, "wifi", 0,
        ETHERNET, NULL},
  {"wifi, radiotap, bad fcs", TUNNEL_BARE, 127,
        "00000900 02000000 50 0801 0000" BSSID FROM TO "1000" SNAP,
        TUNNEL_OF_TYPE, 4, NULL, 0, 127, "wifi malformed"},
  {"wifi, ppi", TUNNEL_BARE, 192, "00000800 69000000 0801 0000" BSSID FROM TO
        "1000" SNAP, TUNNEL_OF_TYPE, 0, "wifi", 0, ETHERNET, NULL},
  {"wifi, ppi with fcs", TUNNEL_BARE, 192, "00002000 69000000 02001400"
        "0000000000000000 0100 0000 0000000000000000 0801 0000" BSSID FROM TO
        "1000" SNAP, TUNNEL_OF_TYPE, 4, "wifi", 0, ETHERNET, NULL},
  {"wifi, encrypted", TUNNEL_BARE, 105, "0841 0000" BSSID FROM TO "1000"
        "0000002000000000", TUNNEL_OF_TYPE, 0, NULL, 0, 105, "wifi encrypted"},
  {"wifi, aggregated", TUNNEL_BARE, 105, "8801 0000" BSSID FROM TO
        "1000 8000" SNAP, TUNNEL_OF_TYPE, 0, NULL, 0, 105, "wifi unknown"},
  {"wifi, a fragment", TUNNEL_BARE, 105, "0805 0000" BSSID FROM TO "1000"
        SNAP, TUNNEL_OF_TYPE, 0, NULL, 0, 105, "wifi unknown"},
  {"wifi, a beacon", TUNNEL_BARE, 105, "8000 0000" BSSID FROM TO "1000" SNAP,
        TUNNEL_OF_TYPE, 0, NULL, 0, 105, "dropped"},
  {"vn-tag", TUNNEL_OVER_TYPE, 0x8926, "80010002", TUNNEL_OF_TYPE, 0, "vn-tag",
        0, ETHERNET, NULL},
  {"e-tag", TUNNEL_OVER_TYPE, 0x893f, "000010010000", TUNNEL_OF_TYPE, 0,
        "e-tag", 0, ETHERNET, NULL},
  {"cisco metadata", TUNNEL_OVER_TYPE, 0x8909, "0101000100ff", TUNNEL_OF_TYPE,
        0, "cisco-metadata", 0, ETHERNET, NULL},
  {"cisco metadata, two options", TUNNEL_OVER_TYPE, 0x8909,
        "0102000100ff000100ff", TUNNEL_OF_TYPE, 0, NULL, 0, ETHERNET,
        "cisco-metadata unknown"},
  {"hsr", TUNNEL_OVER_TYPE, 0x892f, "00500001", TUNNEL_OF_TYPE, 0, "hsr", 0,
        ETHERNET, NULL},
  {"fabricpath", TUNNEL_OVER_TYPE, 0x8903, "0060", TUNNEL_OF_ETHERNET, 0,
        "fabricpath", 1, ETHERNET, NULL},
  {"mac in mac", TUNNEL_OVER_TYPE, 0x88e7, "00000123", TUNNEL_OF_ETHERNET, 0,
        "mac-in-mac", 0x123, ETHERNET, NULL},
  {"macsec, integrity only", TUNNEL_OVER_TYPE, 0x88e5, "000000000001",
        TUNNEL_OF_TYPE, 16, "macsec", 0, ETHERNET, NULL},
  {"macsec with a channel", TUNNEL_OVER_TYPE, 0x88e5,
        "200000000001 0200000000010001", TUNNEL_OF_TYPE, 16, "macsec", 0,
        ETHERNET, NULL},
  {"macsec, encrypted", TUNNEL_OVER_TYPE, 0x88e5, "0c0000000001",
        TUNNEL_OF_TYPE, 16, NULL, 0, ETHERNET, "macsec encrypted"},
  {"no tunnel", TUNNEL_OVER_TYPE, 0x0800, "", TUNNEL_OF_IP, 0, NULL, 0,
        ETHERNET, "dropped"},
  {"another link", TUNNEL_BARE, 147, "", TUNNEL_OF_IP, 0, NULL, 0, 147,
        "dropped"},
};

const guint n_tunnel_cases = G_N_ELEMENTS (tunnel_cases);

static guint
get_digit (gchar c)
{
  gint digit = g_ascii_xdigit_value (c);

  g_assert (digit >= 0);
  return digit;
}

void
tunnel_append_hex (GByteArray * bytes, const gchar * text)
{
  while (*text != '\0') {
    guint8 byte;

    if (*text == ' ') {
      text++;
      continue;
    }
    byte = get_digit (text[0]) << 4 | get_digit (text[1]);
    g_byte_array_append (bytes, &byte, 1);
    text += 2;
  }
}

static void
prepend (GByteArray * bytes, const gchar * hex)
{
  g_autoptr (GByteArray) front = g_byte_array_new ();

  tunnel_append_hex (front, hex);
  g_byte_array_prepend (bytes, front->data, front->len);
}

void
tunnel_put_in_ethernet (GByteArray * bytes, guint16 type)
{
  prepend (bytes, TO FROM "0000");
  GST_WRITE_UINT16_BE (bytes->data + 12, type);
}

static void
write_checksum (guint8 * ip)
{
  guint32 sum = 0;

  for (guint i = 0; i < 20; i += 2)
    sum += GST_READ_UINT16_BE (ip + i);
  while (sum > G_MAXUINT16)
    sum = (sum & G_MAXUINT16) + (sum >> 16);
  GST_WRITE_UINT16_BE (ip + 10, ~sum);
}

static void
put_ipv4 (GByteArray * bytes, guint8 protocol)
{
  prepend (bytes, "45000000 00010000 40000000 c0000201 c0000202");
  GST_WRITE_UINT16_BE (bytes->data + 2, bytes->len);
  bytes->data[9] = protocol;
  write_checksum (bytes->data);
}

static void
put_ipv6 (GByteArray * bytes, guint8 protocol)
{
  guint length = bytes->len;

  prepend (bytes, "60000000 00000040 20010db8000000000000000000000001"
      "20010db8000000000000000000000002");
  GST_WRITE_UINT16_BE (bytes->data + 4, length);
  bytes->data[6] = protocol;
}

static void
put_udp (GByteArray * bytes, guint16 port)
{
  prepend (bytes, "d6d8000000000000");
  GST_WRITE_UINT16_BE (bytes->data + 2, port);
  GST_WRITE_UINT16_BE (bytes->data + 4, bytes->len);
}

void
tunnel_put_in_ipv4 (GByteArray * bytes, guint8 protocol)
{
  put_ipv4 (bytes, protocol);
  tunnel_put_in_ethernet (bytes, 0x0800);
}

void
tunnel_put_in_udp (GByteArray * bytes, guint16 port)
{
  put_udp (bytes, port);
  tunnel_put_in_ipv4 (bytes, 17);
}

/* From its first byte on, or from another. A datagram of 37 bytes: its packet has 65, and
 * its frame 79. */
static GByteArray *
make_inner (TunnelOf of)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; i < 37; i++)
    tunnel_append_hex (bytes, "d5");
  put_udp (bytes, 5004);
  if (of == TUNNEL_OF_IPV6) {
    put_ipv6 (bytes, 17);
    return bytes;
  }
  put_ipv4 (bytes, 17);
  if (of != TUNNEL_OF_IP)
    tunnel_put_in_ethernet (bytes, 0x0800);
  return bytes;
}

GByteArray *
tunnel_case_make_inside (const TunnelCase * self)
{
  return make_inner (self->of);
}

GByteArray *
tunnel_case_make (const TunnelCase * self, guint * link_type)
{
  GByteArray *bytes = make_inner (self->of);

  if (self->of == TUNNEL_OF_TYPE)
    g_byte_array_remove_range (bytes, 0, 12);
  prepend (bytes, self->header);
  for (guint i = 0; i < self->trailer; i++)
    tunnel_append_hex (bytes, "ee");
  *link_type = ETHERNET;
  switch (self->over) {
    case TUNNEL_OVER_UDP:
      tunnel_put_in_udp (bytes, self->number);
      break;
    case TUNNEL_OVER_IPV4:
      tunnel_put_in_ipv4 (bytes, self->number);
      break;
    case TUNNEL_OVER_IPV6:
      put_ipv6 (bytes, self->number);
      tunnel_put_in_ethernet (bytes, 0x86dd);
      break;
    case TUNNEL_OVER_TYPE:
      tunnel_put_in_ethernet (bytes, self->number);
      break;
    case TUNNEL_BARE:
    default:
      *link_type = self->number;
      break;
  }
  return bytes;
}
