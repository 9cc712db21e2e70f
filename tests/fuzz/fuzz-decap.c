/* Packets in tunnels, put into one another, cut into fragments and spoilt, and packets of any
 * bytes: what packetdecap takes out lies in what went in, and each is counted once.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"
#include "../check/tunnelcases.h"
#include "packet/packetdecapper.h"

#include <gst/afring/afring.h>

#define PACKET 400
/* A packet that is longer than any was put together of fragments, with a header each. */
#define LONGEST (2 * 65535 + GST_TUNNEL_MOST_FRONT)

static const guint16 link_types[] = { 0, 1, 9, 51, 101, 105, 113, 127, 192, 219,
  276
};

static void
set_config (DecapConfig * config, FuzzInput * input)
{
  static const GstTunnelPort ports[] = {
    {4789, GST_PACKET_TUNNEL_VXLAN}, {8472, GST_PACKET_TUNNEL_VXLAN},
    {4790, GST_PACKET_TUNNEL_VXLAN_GPE}, {6081, GST_PACKET_TUNNEL_GENEVE},
    {2152, GST_PACKET_TUNNEL_GTP}, {37008, GST_PACKET_TUNNEL_TZSP}
  };
  guint options = fuzz_take_byte (input);

  config->drop_others = options & 1;
  config->max_depth = 1 + (options >> 1) % GST_PACKET_TUNNEL_MOST_LAYERS;
  config->tunnels.tunnels = GST_PACKET_TUNNEL_ALL;
  if (options & 128)
    config->tunnels.tunnels &= fuzz_take_u32 (input);
  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    config->tunnels.ports[i] = ports[i];
  config->tunnels.n_ports = G_N_ELEMENTS (ports);
}

/* One more tunnel around a frame. */
static void
wrap (GByteArray * bytes, guint which)
{
  static const struct
  {
    const gchar *header;
    guint16 port;
  } ways[] = { {"0800000000000100", 4789}, {"0000655800000200", 6081},
    {"0000655800000000", 0}
  };
  g_autoptr (GByteArray) front = g_byte_array_new ();

  which %= G_N_ELEMENTS (ways);
  tunnel_append_hex (front, ways[which].header);
  if (ways[which].port == 0)
    g_byte_array_set_size (front, 4);
  g_byte_array_prepend (bytes, front->data, front->len);
  if (ways[which].port == 0)
    tunnel_put_in_ipv4 (bytes, 47);
  else
    tunnel_put_in_udp (bytes, ways[which].port);
}

/* Bytes of it become others, or it ends earlier. */
static void
spoil (GByteArray * bytes, FuzzInput * input, guint n)
{
  for (; n > 0 && bytes->len > 0; n--) {
    guint at = fuzz_take_byte (input), value = fuzz_take_byte (input);

    if (at == 255)
      g_byte_array_set_size (bytes, bytes->len * value / 256);
    else
      bytes->data[at % bytes->len] = value;
  }
}

/* One of the two parts of an IPv4 packet behind Ethernet, up to @units of eight bytes or
 * from there on. */
static void
make_fragment (GByteArray * bytes, guint units, gboolean first)
{
  guint at;

  if (bytes->len < 60 || bytes->data[12] != 8 || bytes->data[13] != 0)
    return;
  units = 1 + units % ((bytes->len - 34) / 8);
  at = 34 + units * 8;
  if (at >= bytes->len)
    return;
  if (first) {
    g_byte_array_set_size (bytes, at);
    GST_WRITE_UINT16_BE (bytes->data + 20, 0x2000);
  } else {
    g_byte_array_remove_range (bytes, 34, at - 34);
    GST_WRITE_UINT16_BE (bytes->data + 20, units);
  }
  GST_WRITE_UINT16_BE (bytes->data + 16, bytes->len - 14);
}

static GByteArray *
make_bytes (FuzzInput * input, guint * link_type)
{
  guint kind = fuzz_take_byte (input), how;
  GByteArray *bytes;

  if (kind >= 224) {
    gsize size;
    guint8 *taken;

    *link_type = link_types[kind % G_N_ELEMENTS (link_types)];
    taken = fuzz_take (input, fuzz_take_byte (input) * PACKET / 256, &size);
    return g_byte_array_new_take (taken, size);
  }
  bytes = tunnel_case_make (&tunnel_cases[kind % n_tunnel_cases], link_type);
  how = fuzz_take_byte (input);
  if (how & 1)
    spoil (bytes, input, (how >> 1) % 4);
  for (guint i = (how >> 3) % 4; i > 0
      && *link_type == GST_CAPTURE_LINK_TYPE_ETHERNET; i--)
    wrap (bytes, how >> 5);
  if (how & 128)
    make_fragment (bytes, fuzz_take_byte (input), how & 64);
  if (how & 1)
    spoil (bytes, input, how >> 6);
  return bytes;
}

static GstBuffer *
make_buffer (const GByteArray * bytes, guint n, guint wire)
{
  FuzzInput whole = { bytes->data, bytes->len };
  gsize size;
  guint8 *data = fuzz_take (&whole, bytes->len, &size);
  GstBuffer *buffer = gst_buffer_new_wrapped (data, size);
  GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

  GST_BUFFER_PTS (buffer) = n * GST_MSECOND;
  meta->capture_time = 1700000000 * GST_SECOND + GST_BUFFER_PTS (buffer);
  meta->wire_length = wire < 128 ? bytes->len : bytes->len + (wire - 128) * 8;
  return buffer;
}

/* Each byte is there. */
static void
check_buffer (GstBuffer * buffer)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  const GstPacketTunnelMeta *tunnels =
      gst_buffer_get_packet_tunnel_meta (buffer);
  static volatile guint sum;
  GstMapInfo map;

  fuzz_check (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fuzz_check (map.size <= LONGEST);
  fuzz_check (meta != NULL && meta->wire_length >= map.size);
  for (gsize i = 0; i < map.size; i++)
    sum += map.data[i];
  if (tunnels != NULL) {
    fuzz_check (map.size > 0);
    fuzz_check (meta->flags & GST_PACKET_FLAG_TUNNEL);
    fuzz_check (meta->network_offset == GST_CAPTURE_NO_IP_OFFSET
        || meta->network_offset <= map.size);
    fuzz_check (tunnels->n_layers > 0
        && tunnels->n_layers <= GST_PACKET_TUNNEL_MOST_LAYERS);
  }
  gst_buffer_unmap (buffer, &map);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  PacketDecapper *decapper;
  DecapConfig config = { 0, };
  DecapStats stats;
  guint64 n = 0, came = 0;

  fuzz_init ();
  set_config (&config, &input);
  decapper = packet_decapper_new (&config);
  for (; input.size > 0; n++) {
    guint link_type, wire = fuzz_take_byte (&input);
    g_autoptr (GByteArray) bytes = make_bytes (&input, &link_type);
    GstBuffer *buffer = make_buffer (bytes, n, wire), *found;

    found = packet_decapper_open (decapper, buffer, wire % 2, &link_type);
    if (found != NULL) {
      check_buffer (found);
      came++;
    }
    if (found != NULL && found != buffer)
      gst_buffer_unref (found);
    gst_buffer_unref (buffer);
    if (wire == 255)
      packet_decapper_clear (decapper);
  }
  packet_decapper_get_stats (decapper, &stats);
  fuzz_check (stats.packets == n);
  fuzz_check (stats.opened + stats.passed == came);
  fuzz_check (came + stats.dropped + stats.fragments - stats.reassembled == n);
  packet_decapper_free (decapper);
  return 0;
}
