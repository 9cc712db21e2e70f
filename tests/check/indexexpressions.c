/* gst-afring tests: random expressions of pcap-filter(7)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#define PICK(rand, words) (words[g_rand_int_range (rand, 0, G_N_ELEMENTS (words))])

static guint
below (GRand * rand, guint n)
{
  return g_rand_int_range (rand, 0, n);
}

static void
add_ipv4 (GRand * rand, GString * out)
{
  g_string_append_printf (out, "10.%u.%u.%u", below (rand, 4), below (rand, 4),
      below (rand, 7));
}

static void
add_ipv6 (GRand * rand, GString * out)
{
  g_string_append_printf (out, "2001:db8:%x:%x:0:%x:0:%x", below (rand, 4),
      below (rand, 3), below (rand, 3), below (rand, 7));
}

static void
add_direction (GRand * rand, GString * out)
{
  static const gchar *const words[] = { "", "", "src ", "dst ",
    "src or dst ", "src and dst "
  };

  g_string_append (out, PICK (rand, words));
}

static void
add_host (GRand * rand, GString * out)
{
  static const gchar *const kinds[] = { "", "", "", "ip ", "arp ", "rarp " };
  gboolean ipv6 = below (rand, 3) == 0;

  g_string_append (out, ipv6 ? "ip6 " : PICK (rand, kinds));
  add_direction (rand, out);
  g_string_append (out, "host ");
  if (ipv6)
    add_ipv6 (rand, out);
  else
    add_ipv4 (rand, out);
}

static void
add_net (GRand * rand, GString * out)
{
  static const guint lengths[] = { 0, 7, 8, 9, 15, 16, 20, 23, 24, 28, 31, 32 };
  static const guint long_lengths[] = { 0, 16, 31, 32, 40, 48, 56, 64, 80, 96,
    127, 128
  };
  guint bits;

  add_direction (rand, out);
  if (below (rand, 3) == 0) {
    guint words[8] = { 0x2001, 0xdb8, below (rand, 4), below (rand, 3), 0,
      below (rand, 3), 0, below (rand, 7)
    };

    bits = PICK (rand, long_lengths);
    g_string_append (out, "net ");
    for (guint i = 0; i < 8; i++) {
      gint kept = CLAMP ((gint) bits - (gint) i * 16, 0, 16);

      g_string_append_printf (out, "%s%x", i > 0 ? ":" : "",
          words[i] & (0xffffU << (16 - kept)) & 0xffff);
    }
  } else {
    guint32 address = 0x0a000000 | below (rand, 4) << 16 | below (rand, 4) << 8
        | below (rand, 7);

    bits = PICK (rand, lengths);
    address &= bits > 0 ? G_MAXUINT32 << (32 - bits) : 0;
    g_string_append_printf (out, "net %u.%u.%u.%u", address >> 24,
        address >> 16 & 255, address >> 8 & 255, address & 255);
  }
  g_string_append_printf (out, "/%u", bits);
}

static guint
get_port (GRand * rand)
{
  static const guint ports[] = { 22, 53, 80, 443, 5004, 5060, 0, 65535, 81 };

  return below (rand, 6) == 0 ? below (rand, 65536) : PICK (rand, ports);
}

static void
add_port (GRand * rand, GString * out)
{
  static const gchar *const protocols[] = { "", "", "tcp ", "udp ", "sctp " };

  g_string_append (out, PICK (rand, protocols));
  add_direction (rand, out);
  if (below (rand, 4) == 0) {
    guint from = get_port (rand);

    g_string_append_printf (out, "portrange %u-%u", from,
        MIN (from + below (rand, 600), 65535));
  } else {
    g_string_append_printf (out, "port %u", get_port (rand));
  }
}

static void
add_protocol (GRand * rand, GString * out)
{
  static const gchar *const words[] = { "ip", "ip6", "arp", "rarp", "tcp",
    "udp", "sctp", "icmp", "icmp6", "igmp", "esp", "ah", "ip multicast",
    "ip6 multicast", "ether broadcast", "ether multicast", "stp", "llc",
    "mpls", "pppoes", "mpls 101", "mpls 102 and mpls 101"
  };
  static const gchar *const numbered[] = { "ip proto ", "ip6 proto ", "proto ",
    "ip protochain ", "ip6 protochain ", "protochain "
  };
  static const guint numbers[] = { 6, 17, 132, 1, 2, 44, 50, 51, 58, 60, 99 };
  static const gchar *const types[] = { "0x800", "0x86dd", "0x806", "0x8847",
    "0x88cc", "0x8100", "\\ip", "\\arp"
  };

  switch (below (rand, 4)) {
    case 0:
      g_string_append_printf (out, "%s%u", PICK (rand, numbered),
          PICK (rand, numbers));
      break;
    case 1:
      g_string_append_printf (out, "ether proto %s", PICK (rand, types));
      break;
    default:
      g_string_append (out, PICK (rand, words));
      break;
  }
}

static void
add_ether (GRand * rand, GString * out)
{
  static const gchar *const kinds[] = { "host", "src", "dst" };

  g_string_append_printf (out, "ether %s %02x:00:00:00:00:%02x",
      PICK (rand, kinds), below (rand, 2) == 0 ? 2 : 3, below (rand, 7));
}

static void
add_vlan (GRand * rand, GString * out)
{
  g_string_append (out, "vlan");
  if (below (rand, 2) == 0)
    g_string_append_printf (out, " %u", 100 + below (rand, 6));
  if (below (rand, 3) == 0)
    g_string_append_printf (out, " and vlan %u", 100 + below (rand, 6));
}

/* Arithmetic. */

static void
add_accessor (GRand * rand, GString * out)
{
  static const gchar *const headers[] = { "ether", "ip", "ip", "ip6", "tcp",
    "udp", "icmp", "link", "arp"
  };
  static const guint sizes[] = { 1, 2, 4 };
  static const guint offsets[] = { 0, 2, 6, 8, 9, 12, 13, 16, 20, 12, 14 };

  g_string_append_printf (out, "%s[%u:%u]", PICK (rand, headers),
      below (rand, 2) == 0 ? below (rand, 40) : PICK (rand, offsets),
      PICK (rand, sizes));
}

static void
add_number (GRand * rand, GString * out)
{
  static const gchar *const numbers[] = { "0", "1", "2", "4", "5", "6", "8",
    "0xf", "0x45", "0x1fff", "17", "80", "100", "0x800", "0x8100", "0x0a000001",
    "0xffffff00", "0xffff", "20", "31", "32"
  };

  g_string_append (out, PICK (rand, numbers));
}

static void
add_term (GRand * rand, GString * out, guint depth)
{
  static const gchar *const operators[] = { "&", "&", "&", "|", "+", "-", "*",
    "/", "%", "^", "<<", ">>"
  };

  if (depth == 0 || below (rand, 2) == 0) {
    if (below (rand, 8) == 0)
      g_string_append (out, "len");
    else if (below (rand, 4) == 0)
      add_number (rand, out);
    else
      add_accessor (rand, out);
    return;
  }
  g_string_append_c (out, '(');
  add_term (rand, out, depth - 1);
  g_string_append_printf (out, " %s ", PICK (rand, operators));
  if (below (rand, 4) == 0)
    add_term (rand, out, depth - 1);
  else
    add_number (rand, out);
  g_string_append_c (out, ')');
}

static void
add_relation (GRand * rand, GString * out)
{
  static const gchar *const relations[] = { "=", "=", "!=", "<", ">", "<=",
    ">="
  };
  static const gchar *const known[] = { "ip[6:2] & 0x1fff = 0",
    "ip[6:2] & 0x1fff != 0", "ip[6] & 0x20 != 0", "tcp[13] & 2 != 0",
    "ip[0] & 0xf > 5", "ip[0] & 0xf != 5", "ip[8] < 65", "ether[0] & 1 = 0",
    "ip[12:4] = 0x0a000001", "ip[16:4] & 0xffffff00 = 0x0a000100",
    "udp[0:2] = 53", "ip6[6] = 17", "ip[2:2] > 100", "ip6[40] = 6",
    "ether[12:2] < 1536", "ip[6:2] = 0x4000", "ip[6:2] > 0x2000",
    "ether[14:2] & 0xfff = 101", "ip[12:2] = 0x0a00", "ip[9] * 2 = 34",
    "ip[9] - 17 = 0", "ip[0] >> 4 = 4", "ip[0] ^ 0x45 = 0"
  };

  if (below (rand, 3) == 0) {
    g_string_append (out, PICK (rand, known));
    return;
  }
  add_term (rand, out, 2);
  g_string_append_printf (out, " %s ", PICK (rand, relations));
  if (below (rand, 4) == 0)
    add_term (rand, out, 1);
  else
    add_number (rand, out);
}

static void
add_primitive (GRand * rand, GString * out)
{
  switch (below (rand, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      add_host (rand, out);
      break;
    case 4:
    case 5:
      add_net (rand, out);
      break;
    case 6:
    case 7:
    case 8:
      add_port (rand, out);
      break;
    case 9:
    case 10:
      add_protocol (rand, out);
      break;
    case 11:
      add_ether (rand, out);
      break;
    case 12:
      add_vlan (rand, out);
      break;
    case 13:
      g_string_append_printf (out, "%s %u", below (rand, 2) == 0 ? "less" :
          "greater", below (rand, 600));
      break;
    default:
      add_relation (rand, out);
      break;
  }
}

static void
add_expression (GRand * rand, GString * out, guint depth)
{
  if (depth == 0 || below (rand, 3) == 0) {
    add_primitive (rand, out);
    return;
  }
  if (below (rand, 4) == 0)
    g_string_append (out, "not ");
  g_string_append_c (out, '(');
  add_expression (rand, out, depth - 1);
  g_string_append (out, below (rand, 2) == 0 ? ") and (" : ") or (");
  add_expression (rand, out, depth - 1);
  g_string_append_c (out, ')');
}

gchar *
kit_make_expression (GRand * rand)
{
  GString *out = g_string_new (NULL);

  add_expression (rand, out, below (rand, 4));
  return g_string_free (out, FALSE);
}
