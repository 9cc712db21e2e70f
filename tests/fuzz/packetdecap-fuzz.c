/* Packets in tunnels that have been spoilt at random, and put into one another: the
 * parser and packetdecap may make nothing of them, but must not crash, read past the
 * end (valgrind, -fsanitize=address), complain, stop the stream or lose count.
 *
 * packetdecap-fuzz ITERATIONS SEED. The same arguments give the same packets.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../check/tunnelcases.h"

#include <gst/afring/packet/gstpackettunnel.h>
#include <gst/check/gstharness.h>
#include <stdlib.h>
#include <string.h>

/* packets that one element gets before the next */
#define ROUND 2000

#define FAIL(...) G_STMT_START { \
  g_printerr ("iteration %u: ", iteration); \
  g_printerr (__VA_ARGS__); \
  g_printerr ("\n"); \
  abort (); \
} G_STMT_END

static guint iteration;
static GRand *dice;
static guint64 found;

static const GstTunnelConfig config = {
  .tunnels = GST_PACKET_TUNNEL_ALL,
  .n_ports = 6,
  .ports = {{4789, GST_PACKET_TUNNEL_VXLAN}, {8472, GST_PACKET_TUNNEL_VXLAN},
        {6081, GST_PACKET_TUNNEL_GENEVE}, {2152, GST_PACKET_TUNNEL_GTP},
        {37008, GST_PACKET_TUNNEL_TZSP}, {4790, GST_PACKET_TUNNEL_VXLAN_GPE}},
};

static guint
roll (guint sides)
{
  return g_rand_int (dice) % sides;
}

/* Another packet around it, for which it has to be Ethernet or IP. */
static void
wrap_again (GByteArray * bytes, guint * link_type)
{
  static const gchar *ethernet[] = { "0800000000000100", "0000655800000200",
    "00000800"
  };
  static const guint16 ports[] = { 4789, 6081 };
  guint which = roll (2);
  g_autoptr (GByteArray) front = g_byte_array_new ();

  if (*link_type != GST_CAPTURE_LINK_TYPE_ETHERNET)
    return;
  tunnel_append_hex (front, ethernet[which]);
  g_byte_array_prepend (bytes, front->data, front->len);
  tunnel_put_in_udp (bytes, ports[which]);
}

/* Cuts off a part of the IPv4 packet and says so in its header. */
static void
make_fragment (GByteArray * bytes)
{
  guint units = bytes->len > 60 ? roll ((bytes->len - 34) / 8) : 0;
  guint at = 34 + units * 8;

  if (units == 0 || bytes->data[12] != 8)
    return;
  if (roll (2)) {
    g_byte_array_set_size (bytes, at);
    GST_WRITE_UINT16_BE (bytes->data + 20, 0x2000);
  } else {
    g_byte_array_remove_range (bytes, 34, at - 34);
    GST_WRITE_UINT16_BE (bytes->data + 20, units);
  }
  GST_WRITE_UINT16_BE (bytes->data + 16, bytes->len - 14);
}

static void
spoil (GByteArray * bytes)
{
  guint at, n;

  if (bytes->len == 0)
    return;
  at = roll (roll (4) ? MIN (bytes->len, 90) : bytes->len);
  switch (roll (6)) {
    case 0:
      bytes->data[at] ^= 1 << roll (8);
      break;
    case 1:
      bytes->data[at] = roll (256);
      break;
    case 2:
      bytes->data[at] = roll (2) ? 0xff : 0;
      break;
    case 3:
      at &= ~1u;
      if (at + 2 <= bytes->len)
        GST_WRITE_UINT16_BE (bytes->data + at, bytes->len - roll (60));
      break;
    case 4:
      g_byte_array_set_size (bytes, roll (2) ? at : roll (bytes->len + 1));
      break;
    default:
      n = roll (16);
      n = MIN (n, bytes->len - at);
      g_byte_array_remove_range (bytes, at, n);
      break;
  }
}

static GByteArray *
make_bytes (guint * link_type)
{
  static const guint link_types[] = { 0, 1, 9, 101, 105, 113, 127, 192, 219,
    276
  };
  GByteArray *bytes =
      tunnel_case_make (&tunnel_cases[roll (n_tunnel_cases)], link_type);

  while (roll (3) == 0)
    wrap_again (bytes, link_type);
  if (roll (8) == 0)
    make_fragment (bytes);
  for (guint i = roll (3) ? roll (4) : 0; i > 0; i--)
    spoil (bytes);
  if (roll (20) == 0)
    *link_type = link_types[roll (G_N_ELEMENTS (link_types))];
  return bytes;
}

/* One tunnel after the other, in memory that ends where the packet does. */
static void
check_parser (const GByteArray * bytes, guint link_type)
{
  g_autofree guint8 *data = g_memdup2 (bytes->data, bytes->len);
  gsize wire = bytes->len + (roll (3) ? 0 : roll (100));
  GstTunnelFinding finding;
  guint depth = 0;

  gst_tunnel_packet_init (&finding.inner, link_type, data, bytes->len, wire);
  for (;;) {
    gsize before = finding.inner.start, length;
    GstTunnelResult result =
        gst_tunnel_find (&config, &finding.inner, &finding);

    if (result == GST_TUNNEL_FRAGMENT) {
      gst_tunnel_judge_fragment (&config, &finding.inner, &finding.headers);
      return;
    }
    if (result != GST_TUNNEL_FOUND)
      return;
    found++;
    gst_tunnel_packet_get_bytes (&finding.inner, &length);
    if (finding.inner.start >= bytes->len || finding.inner.end > wire
        || finding.inner.start >= finding.inner.end
        || length == 0 || finding.inner.front_length > GST_TUNNEL_MOST_FRONT)
      FAIL ("%u: a packet from %" G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT
          " of %u", finding.layer.tunnel, finding.inner.start,
          finding.inner.end, bytes->len);
    /* it ends: IP in nothing can be without a header of its own */
    if (finding.inner.start < before || ++depth > 2 * bytes->len)
      FAIL ("no end");
  }
}

static GstBuffer *
make_buffer (const GByteArray * bytes)
{
  GstBuffer *buffer = gst_buffer_new ();
  guint at = 0;

  while (at < bytes->len) {
    guint n = roll (8) ? bytes->len - at : 1 + roll (bytes->len - at);
    guint8 *part = g_memdup2 (bytes->data + at, n);

    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (roll (2) ? GST_MEMORY_FLAG_READONLY : 0, part,
            n, 0, n, part, g_free));
    at += n;
  }
  if (roll (10)) {
    GstPacketMeta *meta = gst_buffer_add_packet_meta (buffer);

    meta->capture_time = iteration * GST_MSECOND;
    meta->wire_length = roll (3) ? bytes->len : roll (10000);
  }
  GST_BUFFER_PTS (buffer) = iteration * GST_MSECOND;
  return buffer;
}

static guint64 sum;

static void
take_all (GstHarness * h)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h)) != NULL) {
    GstMapInfo map;

    if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
      FAIL ("a packet that cannot be mapped");
    for (gsize i = 0; i < map.size; i++)
      sum += map.data[i];
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
}

static guint64
get_stat (const GstStructure * stats, const gchar * name)
{
  guint64 value = 0;

  if (!gst_structure_get_uint64 (stats, name, &value))
    FAIL ("no %s", name);
  return value;
}

static void
push (GstHarness * h, GstBuffer ** buffers, guint n)
{
  GstBufferList *list;
  GstFlowReturn ret;

  if (n == 1) {
    ret = gst_pad_push (h->srcpad, buffers[0]);
  } else {
    list = gst_buffer_list_new ();
    for (guint i = 0; i < n; i++)
      gst_buffer_list_add (list, buffers[i]);
    ret = gst_pad_push_list (h->srcpad, list);
  }
  if (ret != GST_FLOW_OK)
    FAIL ("%s", gst_flow_get_name (ret));
  take_all (h);
}

static void
play_round (guint end)
{
  GstHarness *h = gst_harness_new ("packetdecap");
  g_autoptr (GstStructure) stats = NULL;
  guint64 pushed = 0, kept;
  guint last = G_MAXUINT;

  g_object_set (h->element, "max-depth", 1 + roll (8), "others", roll (2),
      NULL);
  while (iteration < end) {
    GstBuffer *buffers[8], *other = NULL;
    guint n = roll (2) ? 1 : 1 + roll (8), link_type = 1;

    for (guint i = 0; i < n; i++, iteration++) {
      guint own;
      g_autoptr (GByteArray) bytes = make_bytes (&own);

      /* those of a list have one link type */
      if (i == 0)
        link_type = own;
      check_parser (bytes, own);
      buffers[i] = make_buffer (bytes);
    }
    if (link_type != last) {
      g_autofree gchar *caps = g_strdup_printf ("application/x-packet, "
          "link-type=(int)%u", link_type);

      gst_harness_set_src_caps_str (h, caps);
      last = link_type;
    }
    if (roll (4) == 0)
      other = gst_buffer_ref (buffers[0]);
    pushed += n;
    push (h, buffers, n);
    gst_clear_buffer (&other);
  }
  g_object_get (h->element, "stats", &stats, NULL);
  kept = get_stat (stats, "fragments") - get_stat (stats, "reassembled");
  if (get_stat (stats, "packets") != pushed
      || get_stat (stats, "opened") + get_stat (stats, "passed")
      + get_stat (stats, "dropped") + kept != pushed)
    FAIL ("of %" G_GUINT64_FORMAT " packets some are not counted", pushed);
  gst_harness_push_event (h, gst_event_new_eos ());
  gst_harness_teardown (h);
}

int
main (int argc, char **argv)
{
  guint n;

  gst_init (&argc, &argv);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL |
      G_LOG_LEVEL_WARNING);
  if (argc != 3) {
    g_printerr ("Usage: %s ITERATIONS SEED\n", argv[0]);
    return 2;
  }
  n = strtoul (argv[1], NULL, 10);
  /* valgrind takes its time */
  if (g_getenv ("AFRING_MEMCHECK") != NULL)
    n /= 50;
  dice = g_rand_new_with_seed (strtoul (argv[2], NULL, 10));
  while (iteration < n)
    play_round (MIN (n, iteration + ROUND));
  if (found < n / 10)
    FAIL ("%" G_GUINT64_FORMAT " tunnels only", found);
  g_print ("%u packets, %" G_GUINT64_FORMAT " tunnels (%" G_GUINT64_FORMAT
      ")\n", iteration, found, sum);
  g_rand_free (dice);
  gst_deinit ();
  return 0;
}
