/* gst-afring tests: packets that are hostile, and files of them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/pcap/gstpcapngblock.h>
#include <gst/afring/pcap/gstpcapngwriter.h>
#include <gst/check/gstcheck.h>
#include <stdlib.h>
#include <string.h>

static const guint link_types[KIT_INTERFACES] = { 1, 101, 113, 276 };

/* Bytes. */

typedef struct
{
  GRand *rand;
  KitPacket *packet;
  guint at;
} Maker;

static guint
below (Maker * self, guint n)
{
  return g_rand_int_range (self->rand, 0, n);
}

static gboolean
one_in (Maker * self, guint n)
{
  return below (self, n) == 0;
}

static void
put (Maker * self, gconstpointer data, guint n)
{
  n = MIN (n, sizeof (self->packet->data) - self->at);
  memcpy (self->packet->data + self->at, data, n);
  self->at += n;
}

static void
put_u8 (Maker * self, guint8 value)
{
  put (self, &value, 1);
}

static void
put_u16 (Maker * self, guint16 value)
{
  value = GUINT16_TO_BE (value);
  put (self, &value, 2);
}

static void
put_u32 (Maker * self, guint32 value)
{
  value = GUINT32_TO_BE (value);
  put (self, &value, 4);
}

static void
put_random (Maker * self, guint n)
{
  while (n-- > 0)
    put_u8 (self, below (self, 256));
}

/* Few of each, so that filters meet them. */

static void
put_port (Maker * self)
{
  static const guint16 ports[] = { 22, 53, 80, 443, 5004, 5060, 0, 65535 };

  put_u16 (self, one_in (self, 6) ? below (self, 65536) :
      ports[below (self, G_N_ELEMENTS (ports))]);
}

static void
put_ipv4 (Maker * self)
{
  put_u32 (self, one_in (self, 8) ? g_rand_int (self->rand) :
      0x0a000000 | below (self, 3) << 16 | below (self, 3) << 8
      | below (self, 6));
}

static void
put_ipv6 (Maker * self)
{
  put_u32 (self, 0x20010db8);
  put_u32 (self, below (self, 3) << 16 | below (self, 2));
  put_u32 (self, below (self, 2));
  put_u32 (self, below (self, 6));
}

static void
put_mac (Maker * self)
{
  if (one_in (self, 8)) {
    put_u32 (self, 0xffffffff);
    put_u16 (self, 0xffff);
    return;
  }
  put_u16 (self, 0x0200 | one_in (self, 5) << 8);
  put_u32 (self, below (self, 6));
}

static guint8
get_protocol (Maker * self)
{
  static const guint8 protocols[] = { 6, 17, 6, 17, 17, 132, 1, 2, 50, 51, 58 };

  return one_in (self, 12) ? below (self, 256) :
      protocols[below (self, G_N_ELEMENTS (protocols))];
}

static void
put_transport (Maker * self)
{
  put_port (self);
  put_port (self);
  put_random (self, below (self, 40));
}

static void
put_ipv4_header (Maker * self, guint8 protocol)
{
  guint words = one_in (self, 3) ? below (self, 16) : 5;
  guint16 fragment = one_in (self, 4) ? below (self, 65536) :
      one_in (self, 6) ? 0x2000 : 0x4000;

  put_u8 (self, (one_in (self, 20) ? below (self, 16) : 4) << 4 | words);
  put_random (self, 5);
  put_u16 (self, fragment);
  put_u8 (self, 64);
  put_u8 (self, protocol);
  put_random (self, 2);
  put_ipv4 (self);
  put_ipv4 (self);
  put_random (self, words > 5 ? (words - 5) * 4 : 0);
}

static void
put_ipv6_header (Maker * self, guint8 protocol)
{
  static const guint8 extensions[] = { 0, 43, 44, 60, 51, 135 };
  guint n = one_in (self, 2) ? below (self, 4) : 0;
  guint8 next = protocol;

  if (n > 0)
    next = extensions[below (self, G_N_ELEMENTS (extensions))];
  put_u8 (self, (one_in (self, 20) ? below (self, 16) : 6) << 4
      | below (self, 16));
  put_random (self, 5);
  put_u8 (self, next);
  put_u8 (self, 64);
  put_ipv6 (self);
  put_ipv6 (self);
  while (n-- > 0) {
    next = n == 0 ? protocol :
        extensions[below (self, G_N_ELEMENTS (extensions))];
    put_u8 (self, next);
    put_u8 (self, 0);
    put_random (self, 6);
  }
}

static void
put_ip (Maker * self, guint version)
{
  guint8 protocol = get_protocol (self);

  if (version == 4)
    put_ipv4_header (self, protocol);
  else
    put_ipv6_header (self, protocol);
  put_transport (self);
}

static void
put_arp (Maker * self)
{
  put_u16 (self, 1);
  put_u16 (self, 0x0800);
  put_u16 (self, 0x0604);
  put_u16 (self, 1 + below (self, 2));
  put_mac (self);
  put_ipv4 (self);
  put_mac (self);
  put_ipv4 (self);
}

static void
put_mpls (Maker * self)
{
  guint n = 1 + below (self, 3);

  while (n-- > 0)
    put_u32 (self, (100 + below (self, 4)) << 12 | (n == 0) << 8 | 64);
  put_ip (self, one_in (self, 3) ? 6 : 4);
}

static void
put_pppoe (Maker * self)
{
  put_u16 (self, 0x1100);
  put_u16 (self, below (self, 4));
  put_u16 (self, 40);
  put_u16 (self, one_in (self, 3) ? 0x0057 : 0x0021);
  put_ip (self, one_in (self, 3) ? 6 : 4);
}

/* What is behind an EtherType. */
static void
put_network (Maker * self, guint16 type)
{
  switch (type) {
    case 0x0800:
      put_ip (self, 4);
      break;
    case 0x86dd:
      put_ip (self, 6);
      break;
    case 0x0806:
    case 0x8035:
      put_arp (self);
      break;
    case 0x8847:
    case 0x8848:
      put_mpls (self);
      break;
    case 0x8864:
      put_pppoe (self);
      break;
    default:
      put_random (self, below (self, 80));
      break;
  }
}

static guint16
get_type (Maker * self)
{
  static const guint16 types[] = { 0x0800, 0x0800, 0x0800, 0x0800, 0x86dd,
    0x86dd, 0x86dd, 0x0806, 0x0806, 0x8035, 0x8847, 0x8848, 0x8864, 0x88cc
  };

  if (one_in (self, 16))
    return below (self, 1600);
  return one_in (self, 16) ? below (self, 65536) :
      types[below (self, G_N_ELEMENTS (types))];
}

static void
put_tags (Maker * self)
{
  static const guint16 types[] = { 0x8100, 0x8100, 0x88a8, 0x9100, 0x9200 };
  guint n = one_in (self, 3) ? 1 + below (self, 4) : 0;

  while (n-- > 0) {
    put_u16 (self, types[below (self, G_N_ELEMENTS (types))]);
    put_u16 (self, below (self, 16) << 12 | (100 + below (self, 5)));
  }
}

static void
put_link (Maker * self)
{
  guint16 type = get_type (self);

  switch (self->packet->link_type) {
    case 1:
      put_mac (self);
      put_mac (self);
      put_tags (self);
      put_u16 (self, type);
      put_network (self, type);
      break;
    case 101:
      put_ip (self, one_in (self, 3) ? 6 : 4);
      break;
    case 113:
      put_random (self, 14);
      put_tags (self);
      put_u16 (self, type);
      put_network (self, type);
      break;
    default:
      put_u16 (self, type);
      put_random (self, 18);
      put_network (self, type);
      break;
  }
}

void
kit_make_packet_of (GRand * rand, guint interface, KitPacket * packet)
{
  Maker self = { rand, packet, 0 };

  packet->interface = interface;
  packet->link_type = link_types[packet->interface];
  put_link (&self);
  packet->wire = self.at + (one_in (&self, 4) ? below (&self, 1000) : 0);
  packet->captured = self.at;
  if (one_in (&self, 6))
    packet->captured = below (&self, self.at + 1);
  else if (one_in (&self, 6))
    packet->captured = MIN (self.at, 10 + below (&self, 60));
  /* clocks jump */
  packet->time = G_GUINT64_CONSTANT (1700000000) * GST_SECOND
      + below (&self, 1000) * GST_MSECOND;
}

void
kit_make_packet (GRand * rand, KitPacket * packet)
{
  gboolean other = g_rand_int_range (rand, 0, 4) == 0;

  kit_make_packet_of (rand, other ? g_rand_int_range (rand, 0,
          KIT_INTERFACES) : 0, packet);
}

/* Files. */

static void
add (GByteArray * file, GstPcapIndexBuilder * builder, guint at)
{
  if (builder != NULL)
    gst_pcap_index_builder_add (builder, file->data + at, file->len - at);
}

static void
add_index (GByteArray * file, GstPcapIndexBuilder * builder)
{
  g_autoptr (GBytes) block = gst_pcap_index_builder_write (builder, 512);

  if (block == NULL)
    return;
  g_byte_array_append (file, g_bytes_get_data (block, NULL),
      g_bytes_get_size (block));
  fail_unless_equals_int (file->len % 512, 0);
}

static void
put_start (GByteArray * file)
{
  gst_pcapng_append_section_header (file, "gst-afring tests", NULL);
  for (guint i = 0; i < KIT_INTERFACES; i++) {
    GstCaptureInterface iface = {.id = i,.link_type = link_types[i],.snaplen =
          65535
    };

    gst_pcapng_append_interface (file, &iface);
  }
}

static void
put_packet (GByteArray * file, KitPacket * packet)
{
  gsize size = gst_pcapng_get_packet_size (GST_PACKET_TYPE_UNKNOWN,
      packet->captured);
  guint at = file->len;

  packet->offset = at;
  g_byte_array_set_size (file, at + size);
  gst_pcapng_write_packet (file->data + at, packet->interface, packet->time,
      GST_PACKET_TYPE_UNKNOWN, packet->data, packet->captured, packet->wire);
}

GByteArray *
kit_make_file (KitPacket * packets, guint n, GstPcapIndexBuilder * builder,
    guint every)
{
  GByteArray *file = g_byte_array_new ();

  put_start (file);
  add (file, builder, 0);
  for (guint i = 0; i < n; i++) {
    guint at = file->len;

    put_packet (file, &packets[i]);
    add (file, builder, at);
    if (builder != NULL && every > 0 && i % every == every - 1)
      add_index (file, builder);
  }
  if (builder != NULL && every > 0)
    add_index (file, builder);
  return file;
}

GBytes *
kit_read (guint64 offset, gsize n, gpointer user_data, GError ** error)
{
  GByteArray *file = user_data;

  fail_unless (offset <= file->len && n <= file->len - offset,
      "reads behind the file");
  return g_bytes_new (file->data + offset, n);
}

GstPcapIndex *
kit_open (GByteArray * file)
{
  GError *error = NULL;
  GstPcapIndex *index = gst_pcap_index_new (kit_read, file, file->len, &error);

  g_assert_no_error (error);
  return index;
}

guint
kit_get_number (const gchar * name, guint otherwise)
{
  const gchar *value = g_getenv (name);

  return value != NULL ? (guint) atoi (value) : otherwise;
}
