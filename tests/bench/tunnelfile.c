/* Captures of packets in tunnels, for a mock ring.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tunnelfile.h"
#include "bench.h"

#include <string.h>

#define N_PACKETS 1000
#define ETHERNET 14
#define IP 20
#define UDP 8

static const struct
{
  const gchar *name;
  guint8 protocol;
  guint16 port;
  guint8 header[8];
  guint header_size;
  guint inside;                 /* bytes of the frame that are not in it */
} tunnels[] = {
  {"vxlan", 17, 4789, {8, 0, 0, 0, 0, 0, 42, 0}, 8, 0},
  {"gre", 47, 0, {0, 0, 0x65, 0x58}, 4, 0},
  {"ip", 4, 0, {0}, 0, ETHERNET},
};

static void
append_ethernet (GByteArray * bytes)
{
  static const guint8 header[ETHERNET] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8 };

  g_byte_array_append (bytes, header, ETHERNET);
}

/* The header of an IP packet of @size bytes, and that of UDP, if it is that. */
static void
append_ip (GByteArray * bytes, guint8 protocol, guint16 port, guint size)
{
  guint8 header[IP + UDP] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0,
    192, 0, 2, 1, 192, 0, 2, 2
  };

  GST_WRITE_UINT16_BE (header + 2, size);
  GST_WRITE_UINT16_BE (header + IP, 40000);
  GST_WRITE_UINT16_BE (header + IP + 2, port);
  GST_WRITE_UINT16_BE (header + IP + 4, size - IP);
  g_byte_array_append (bytes, header, protocol == 17 ? IP + UDP : IP);
}

static GByteArray *
make_packet (guint which, guint size)
{
  GByteArray *bytes = g_byte_array_new ();
  guint inside = size - tunnels[which].inside;
  guint head = tunnels[which].header_size + (tunnels[which].port ? UDP : 0);

  append_ethernet (bytes);
  append_ip (bytes, tunnels[which].protocol, tunnels[which].port,
      IP + head + inside);
  g_byte_array_append (bytes, tunnels[which].header,
      tunnels[which].header_size);
  if (tunnels[which].inside == 0)
    append_ethernet (bytes);
  append_ip (bytes, 17, 5004, size - ETHERNET);
  head = bytes->len;
  g_byte_array_set_size (bytes, head + size - ETHERNET - IP - UDP);
  memset (bytes->data + head, 0, bytes->len - head);
  return bytes;
}

gchar *
tunnel_file_write (const gchar * directory, const gchar * tunnel, guint size)
{
  guint32 header[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 262144, 1 };
  gchar *path = g_build_filename (directory, "tunnels.pcap", NULL);
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GByteArray) packet = NULL;
  g_autoptr (GError) error = NULL;
  guint which = 0;

  while (strcmp (tunnels[which].name, tunnel) != 0)
    which++;
  packet = make_packet (which, size);
  g_byte_array_append (file, (const guint8 *) header, sizeof (header));
  for (guint i = 0; i < N_PACKETS; i++) {
    guint32 record[4] = { 1700000000, i, packet->len, packet->len };

    g_byte_array_append (file, (const guint8 *) record, sizeof (record));
    g_byte_array_append (file, packet->data, packet->len);
  }
  if (!g_file_set_contents (path, (const gchar *) file->data, file->len,
          &error))
    bench_fail ("%s", error->message);
  return path;
}
