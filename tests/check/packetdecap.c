/* packetdecap: what comes out of tunnels, what is said of it, and what is counted.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetkit.h"
#include "tunnelcases.h"

#include <string.h>

#define INTERFACE 7

static void
append (GByteArray * bytes, const GByteArray * more)
{
  g_byte_array_append (bytes, more->data, more->len);
}

/* Takes the bytes; captured as far as @captured, 0: all of them. */
static GstBuffer *
wrap (GByteArray * bytes, gsize captured)
{
  gsize wire = bytes->len;
  GstBuffer *buffer;
  GstPacketMeta *meta;

  if (captured != 0)
    g_byte_array_set_size (bytes, captured);
  buffer = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY, bytes->data,
      bytes->len, 0, bytes->len, bytes, (GDestroyNotify) g_byte_array_unref);
  GST_BUFFER_PTS (buffer) = 5 * GST_SECOND;
  meta = gst_buffer_add_packet_meta (buffer);
  meta->capture_time = KIT_START;
  meta->wire_length = wire;
  meta->interface_id = INTERFACE;
  meta->packet_type = GST_PACKET_TYPE_OTHERHOST;
  meta->rx_hash = 99;
  meta->flags = GST_PACKET_FLAG_HARDWARE_TIMESTAMP |
      GST_PACKET_FLAG_CHECKSUM_VALID;
  return buffer;
}

static KitRun *
start (const gchar * description, guint link_type)
{
  g_autofree gchar *caps =
      g_strdup_printf ("application/x-packet, link-type=(int)%u", link_type);

  return kit_run_new_with_caps (description, caps);
}

static void
push (KitRun * run, GstBuffer * buffer)
{
  fail_unless_equals_int (kit_run_push (run, buffer), GST_FLOW_OK);
}

static void
check_bytes (GstBuffer * buffer, const GByteArray * expected,
    const gchar * name)
{
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless (map.size == expected->len
      && memcmp (map.data, expected->data, map.size) == 0,
      "%s: %u bytes, not %u, or others", name, (guint) map.size,
      expected->len);
  gst_buffer_unmap (buffer, &map);
}

static gint
get_link_type (GstEvent * caps_event)
{
  GstCaps *caps;
  gint link_type = -1;

  gst_event_parse_caps (caps_event, &caps);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
      &link_type);
  return link_type;
}

static guint64
get_tunnel_stat (KitRun * run, const gchar * tunnel, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) own = NULL;
  guint64 value = 0;

  g_object_get (run->element, "stats", &stats, NULL);
  if (gst_structure_get (stats, tunnel, GST_TYPE_STRUCTURE, &own, NULL))
    fail_unless (gst_structure_get_uint64 (own, field, &value));
  return value;
}

/* Of one that has none, its ends make one. */
static void
check_id (const GstPacketTunnelLayer * layer, const TunnelCase * c)
{
  if (c->id == 0 && (layer->tunnel & (GST_PACKET_TUNNEL_IP | GST_PACKET_TUNNEL_GRE))) {
    fail_unless (layer->id != 0);
  } else {
    fail_unless_equals_int (layer->id, c->id);
  }
}

static void
check_meta (GstBuffer * buffer, const TunnelCase * c, gsize size)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  const GstPacketTunnelMeta *tunnel =
      gst_buffer_get_packet_tunnel_meta (buffer);
  g_autoptr (GFlagsClass) names =
      g_type_class_ref (GST_TYPE_PACKET_TUNNEL);

  fail_unless (meta != NULL && tunnel != NULL, "%s", c->name);
  fail_unless_equals_uint64 (meta->capture_time, KIT_START);
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 5 * GST_SECOND);
  fail_unless_equals_int (meta->packet_type, GST_PACKET_TYPE_OTHERHOST);
  fail_unless_equals_int (meta->interface_id, INTERFACE);
  fail_unless_equals_int (meta->wire_length, size);
  fail_unless_equals_int (meta->network_offset,
      c->link_type == GST_CAPTURE_LINK_TYPE_RAW ? 0 : 14);
  fail_unless_equals_int (meta->rx_hash, 0);
  fail_unless_equals_int (meta->flags, GST_PACKET_FLAG_HARDWARE_TIMESTAMP |
      GST_PACKET_FLAG_TUNNEL);
  fail_unless_equals_int (tunnel->n_layers, 1);
  fail_unless_equals_string (g_flags_get_first_value (names,
          tunnel->layers[0].tunnel)->value_nick, c->tunnel);
  check_id (&tunnel->layers[0], c);
}

/* All but what is in front of it lies where it lay. */
static void
check_shared (GstBuffer * buffer, const GByteArray * outer)
{
  GstMemory *last =
      gst_buffer_peek_memory (buffer, gst_buffer_n_memory (buffer) - 1);
  GstMapInfo map;

  fail_unless (gst_memory_map (last, &map, GST_MAP_READ));
  fail_unless (map.data >= outer->data
      && map.data + map.size <= outer->data + outer->len);
  gst_memory_unmap (last, &map);
}

static void
check_opened (KitRun * run, const TunnelCase * c, const GByteArray * outer)
{
  g_autoptr (GByteArray) inside = tunnel_case_make_inside (c);
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBuffer *buffer = kit_pad_get_buffer (pad, 0);

  fail_unless (buffer != NULL, "%s: nothing came out", c->name);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1);
  fail_unless_equals_int (get_link_type (kit_pad_get_event (pad,
              GST_EVENT_CAPS, 0)), c->link_type);
  check_shared (buffer, outer);
  check_meta (buffer, c, inside->len);
  check_bytes (buffer, inside, c->name);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "opened"), 1);
  fail_unless_equals_uint64 (get_tunnel_stat (run, c->tunnel, "opened"), 1);
}

static void
check_refused (KitRun * run, const TunnelCase * c)
{
  g_auto (GStrv) words = g_strsplit (c->counted, " ", 2);

  fail_unless (kit_pad_count_buffers (kit_run_get_pad (run, 0)) == 0,
      "%s: something came out", c->name);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "dropped"), 1);
  if (words[1] != NULL) {
    fail_unless (get_tunnel_stat (run, words[0], words[1]) == 1,
        "%s is not counted as %s", c->name, c->counted);
    fail_unless_equals_uint64 (kit_run_get_stat (run, words[1]), 1);
  }
}

static void
open_case (const TunnelCase * c, gboolean shared)
{
  guint link_type;
  GByteArray *outer = tunnel_case_make (c, &link_type);
  GstBuffer *buffer = wrap (outer, 0), *other = NULL;
  KitRun *run = start ("packetdecap others=drop", link_type);

  if (shared)
    other = gst_buffer_ref (buffer);
  push (run, buffer);
  if (c->tunnel != NULL)
    check_opened (run, c, outer);
  else
    check_refused (run, c);
  if (other != NULL) {
    fail_unless_equals_int (gst_buffer_get_size (other), outer->len);
    fail_unless (gst_buffer_get_packet_tunnel_meta (other) == NULL);
  }
  gst_clear_buffer (&other);
  kit_run_free (run);
}

/* Each tunnel, in a buffer that can be changed where it is, and in one that cannot. */
GST_START_TEST (test_cases)
{
  for (guint i = 0; i < n_tunnel_cases; i++)
    open_case (&tunnel_cases[i], __i__);
}
GST_END_TEST

static void
pass_case (const TunnelCase * c)
{
  guint link_type;
  GstBuffer *buffer = wrap (tunnel_case_make (c, &link_type), 0);
  KitRun *run = start ("packetdecap", link_type);
  KitPad *pad = kit_run_get_pad (run, 0);

  push (run, buffer);
  fail_unless (kit_pad_get_buffer (pad, 0) == buffer, "%s", c->name);
  fail_unless_equals_int (get_link_type (kit_pad_get_event (pad,
              GST_EVENT_CAPS, 0)), c->link_type);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "passed"), 1);
  kit_run_free (run);
}

/* What is not opened passes as it is, the same buffer, with its link type. */
GST_START_TEST (test_others)
{
  for (guint i = 0; i < n_tunnel_cases; i++)
    if (tunnel_cases[i].tunnel == NULL)
      pass_case (&tunnel_cases[i]);
}
GST_END_TEST

static const TunnelCase *
find_case (const gchar * name)
{
  for (guint i = 0; i < n_tunnel_cases; i++)
    if (g_str_equal (tunnel_cases[i].name, name))
      return &tunnel_cases[i];
  fail ("no case %s", name);
  return NULL;
}

static GByteArray *
make (const gchar * name)
{
  guint link_type;

  return tunnel_case_make (find_case (name), &link_type);
}

/* One that is not among the protocols, and one on another port. */
GST_START_TEST (test_choice)
{
  KitRun *run = start ("packetdecap others=drop protocols=gre+tzsp "
      "tzsp-ports=7,4789", 1);

  push (run, wrap (make ("vxlan-gpe of ip"), 0));
  push (run, wrap (make ("erspan II"), 0));
  push (run, wrap (make ("vn-tag"), 0));
  push (run, wrap (make ("tzsp"), 0));
  fail_unless_equals_uint64 (kit_run_get_stat (run, "dropped"), 4);
  push (run, wrap (make ("nvgre"), 0));
  fail_unless_equals_uint64 (kit_run_get_stat (run, "opened"), 1);
  /* it is none, but its port says it is */
  push (run, wrap (make ("vxlan"), 0));
  fail_unless_equals_uint64 (get_tunnel_stat (run, "tzsp", "unknown"), 1);
  kit_run_free (run);
}
GST_END_TEST

/* VXLAN over GTP-U over GRE. */
static GByteArray *
make_nested (void)
{
  GByteArray *bytes = make ("vxlan");
  GByteArray *front = g_byte_array_new ();
  guint16 length;

  g_byte_array_remove_range (bytes, 0, 14);
  tunnel_append_hex (front, "30ff000000000022");
  length = bytes->len;
  GST_WRITE_UINT16_BE (front->data + 2, length);
  append (front, bytes);
  g_byte_array_set_size (bytes, 0);
  tunnel_put_in_udp (front, 2152);
  tunnel_append_hex (bytes, "2000655800000033");
  append (bytes, front);
  g_byte_array_unref (front);
  tunnel_put_in_ipv4 (bytes, 47);
  return bytes;
}

GST_START_TEST (test_depth)
{
  static const guint ids[] = { 0x33, 0x22, 0x2a };
  g_autoptr (GByteArray) inside =
      tunnel_case_make_inside (find_case ("vxlan"));
  guint depth = __i__ + 1, found = MIN (depth, 3);
  g_autofree gchar *text = g_strdup_printf ("packetdecap max-depth=%u", depth);
  KitRun *run = start (text, 1);
  const GstPacketTunnelMeta *tunnel;
  GstBuffer *buffer;

  push (run, wrap (make_nested (), 0));
  buffer = kit_pad_get_buffer (kit_run_get_pad (run, 0), 0);
  tunnel = gst_buffer_get_packet_tunnel_meta (buffer);
  fail_unless_equals_int (tunnel->n_layers, found);
  for (guint i = 0; i < found; i++)
    fail_unless_equals_int (tunnel->layers[i].id, ids[i]);
  if (depth >= 3)
    check_bytes (buffer, inside, "nested");
  fail_unless_equals_uint64 (kit_run_get_stat (run, "too-deep"), depth < 3);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "opened"), 1);
  kit_run_free (run);
}
GST_END_TEST

/* What the snaplen has cut is opened if the headers are there. */
GST_START_TEST (test_snaplen)
{
  g_autoptr (GByteArray) inside =
      tunnel_case_make_inside (find_case ("vxlan"));
  KitRun *run = start ("packetdecap others=drop", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBuffer *buffer;
  guint wire = inside->len;

  push (run, wrap (make ("vxlan"), 14 + 20 + 8 + 8 + 30));
  buffer = kit_pad_get_buffer (pad, 0);
  fail_unless (buffer != NULL);
  g_byte_array_set_size (inside, 30);
  check_bytes (buffer, inside, "cut");
  fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->wire_length,
      wire);
  push (run, wrap (make ("vxlan"), 14 + 20 + 8 + 7));
  push (run, wrap (make ("vxlan"), 14 + 20 + 8 + 8));
  fail_unless_equals_uint64 (kit_run_get_stat (run, "truncated"), 2);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 1);
  kit_run_free (run);
}
GST_END_TEST

/* Fragments. */

/* A part of the IP packet in @whole, from @from on. */
static GstBuffer *
make_fragment (const gchar * name, guint from, guint to)
{
  g_autoptr (GByteArray) whole = make (name);
  GByteArray *part = g_byte_array_new ();
  gboolean more = to < whole->len - 34;

  to = MIN (to, whole->len - 34);
  g_byte_array_append (part, whole->data, 34);
  g_byte_array_append (part, whole->data + 34 + from, to - from);
  GST_WRITE_UINT16_BE (part->data + 16, 20 + to - from);
  GST_WRITE_UINT16_BE (part->data + 20, (more ? 0x2000 : 0) | from / 8);
  return wrap (part, 0);
}

/* Put together, in any order; where the first comes last the others, of which nobody
 * could know, have passed. */
GST_START_TEST (test_fragments)
{
  static const struct
  {
    const gchar *name;
    guint order[3];
    guint passed;
  } rows[] = {
    {"vxlan", {0, 1, 2}, 0},
    {"vxlan", {0, 2, 1}, 0},
    {"vxlan", {2, 1, 0}, 2},
    {"erspan II", {2, 0, 1}, 0},
    {"4in4", {2, 1, 0}, 0},
  };
  const TunnelCase *c = find_case (rows[__i__].name);
  g_autoptr (GByteArray) inside = tunnel_case_make_inside (c);
  KitRun *run = start ("packetdecap", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  guint n = rows[__i__].passed;
  const GstPacketTunnelMeta *tunnel;
  GstBuffer *buffer;

  for (guint i = 0; i < 3; i++) {
    guint at = rows[__i__].order[i] * 32;

    push (run, make_fragment (c->name, at, at == 64 ? 1000 : at + 32));
  }
  fail_unless_equals_int (kit_pad_count_buffers (pad), n + 1);
  buffer = kit_pad_get_buffer (pad, n);
  check_bytes (buffer, inside, c->name);
  tunnel = gst_buffer_get_packet_tunnel_meta (buffer);
  check_id (&tunnel->layers[0], c);
  fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->wire_length,
      inside->len);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "reassembled"), 1);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "fragments"), 3 - n);
  fail_unless_equals_uint64 (kit_run_get_stat (run, "passed"), n);
  kit_run_free (run);
}
GST_END_TEST

/* Of no tunnel they pass; what waits at the end is counted. */
GST_START_TEST (test_other_fragments)
{
  KitRun *run = start ("packetdecap", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBuffer *first = make_fragment ("no tunnel", 0, 24);
  GstBuffer *last = make_fragment ("no tunnel", 24, 1000);

  push (run, first);
  push (run, last);
  fail_unless (kit_pad_get_buffer (pad, 0) == first);
  fail_unless (kit_pad_get_buffer (pad, 1) == last);
  push (run, make_fragment ("vxlan", 0, 32));
  fail_unless_equals_int (kit_pad_count_buffers (pad), 2);
  kit_run_event (run, gst_event_new_eos ());
  fail_unless_equals_uint64 (kit_run_get_stat (run, "fragments-expired"), 1);
  kit_run_free (run);
}
GST_END_TEST

/* Lists. */

static GstBufferList *
make_list (const gchar * const *names)
{
  GstBufferList *list = gst_buffer_list_new ();

  for (; *names != NULL; names++)
    gst_buffer_list_add (list, wrap (make (*names), 0));
  return list;
}

/* A list stays one for as long as the link type does. */
GST_START_TEST (test_lists)
{
  static const gchar *const names[] = { "vxlan", "no tunnel", "geneve",
    "4in4", "gtp", "vn-tag", NULL
  };
  static const guint sizes[] = { 3, 2, 1 };
  static const gint link_types[] = { 1, 101, 1 };
  KitRun *run = start ("packetdecap", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBufferList *list = make_list (names), *other = NULL;

  if (__i__ == 1)
    other = gst_buffer_list_ref (list);
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  fail_unless_equals_int (pad->lists->len, 3);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_CAPS), 3);
  for (guint i = 0; i < 3; i++) {
    fail_unless_equals_int (g_array_index (pad->lists, guint, i), sizes[i]);
    fail_unless_equals_int (get_link_type (kit_pad_get_event (pad,
                GST_EVENT_CAPS, i)), link_types[i]);
  }
  fail_unless_equals_uint64 (kit_run_get_stat (run, "opened"), 5);
  if (other != NULL)
    fail_unless_equals_int (gst_buffer_list_length (other), 6);
  g_clear_pointer (&other, gst_buffer_list_unref);
  kit_run_free (run);
}
GST_END_TEST

/* One of which nothing is left out is the list that came. */
GST_START_TEST (test_same_list)
{
  static const gchar *const names[] = { "vxlan", "geneve", "no tunnel", NULL };
  KitRun *run = start ("packetdecap", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBufferList *list;
  GstBuffer *first;

  push (run, wrap (make ("vxlan"), 0));
  kit_pad_forget (pad);
  list = make_list (names);
  first = gst_buffer_list_get (list, 0);
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  fail_unless_equals_int (g_array_index (pad->lists, guint, 0), 3);
  fail_unless (kit_pad_get_buffer (pad, 0) == first);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_CAPS), 0);
  kit_run_free (run);
}
GST_END_TEST

/* DISCONT of what is left out is on the next, and silence is told, with caps. */
GST_START_TEST (test_left_out)
{
  KitRun *run = start ("packetdecap others=drop", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  GstBufferList *list = gst_buffer_list_new ();
  GstBuffer *buffer;

  push (run, wrap (make ("vxlan"), 0));
  gst_buffer_list_add (list, wrap (make ("geneve"), 0));
  buffer = wrap (make ("no tunnel"), 0);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_list_add (list, buffer);
  gst_buffer_list_add (list, wrap (make ("erspan II"), 0));
  fail_unless_equals_int (gst_pad_push_list (run->harness->srcpad, list),
      GST_FLOW_OK);
  fail_unless_equals_int (kit_pad_count_buffers (pad), 3);
  for (guint i = 0; i < 3; i++)
    fail_unless_equals_int (GST_BUFFER_FLAG_IS_SET (kit_pad_get_buffer (pad, i),
            GST_BUFFER_FLAG_DISCONT) != 0, i != 1);
  kit_run_free (run);

  run = start ("packetdecap others=drop", 1);
  pad = kit_run_get_pad (run, 0);
  for (guint i = 0; i < 150; i++)
    push (run, wrap (make ("no tunnel"), 0));
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_CAPS), 1);
  fail_unless_equals_int (kit_pad_count_events (pad, GST_EVENT_GAP), 1);
  kit_run_free (run);
}
GST_END_TEST

/* An interface is described once more for packets of another link type. */
GST_START_TEST (test_interfaces)
{
  GstCaptureInterface iface = {.id = INTERFACE,.link_type = 1,.snaplen = 96,
    .name = "mirror",.filter = "udp port 4789"
  };
  KitRun *run = start ("packetdecap", 1);
  KitPad *pad = kit_run_get_pad (run, 0);
  const GstEventType type = GST_EVENT_CUSTOM_DOWNSTREAM_STICKY;

  kit_run_event (run, gst_event_new_capture_interface (&iface));
  push (run, wrap (make ("vxlan"), 0));
  fail_unless_equals_int (kit_pad_count_events (pad, type), 1);
  push (run, wrap (make ("gtp"), 0));
  push (run, wrap (make ("vxlan"), 0));
  push (run, wrap (make ("gtp"), 0));
  fail_unless_equals_int (kit_pad_count_events (pad, type), 2);
  fail_unless (gst_event_parse_capture_interface (kit_pad_get_event (pad, type,
              1), &iface));
  fail_unless_equals_int (iface.id, INTERFACE);
  fail_unless_equals_int (iface.link_type, GST_CAPTURE_LINK_TYPE_RAW);
  fail_unless_equals_int (iface.snaplen, 96);
  fail_unless_equals_string (iface.name, "mirror");
  fail_unless (iface.filter == NULL || iface.filter[0] == '\0');
  kit_run_free (run);
}
GST_END_TEST

/* Two networks with equal addresses are two flows. */
static GByteArray *
make_of_tenant (guint id)
{
  GByteArray *bytes = make ("vxlan");

  GST_WRITE_UINT24_BE (bytes->data + 14 + 20 + 8 + 4, id);
  return bytes;
}

GST_START_TEST (test_flows)
{
  KitRun *run = start ("packetdecap ! flowdemux name=last", 1);
  g_autoptr (GstElement) demux =
      gst_bin_get_by_name (GST_BIN (run->element), "last");
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;
  guint ids = 0;

  for (guint i = 0; i < 20; i++)
    push (run, wrap (make_of_tenant (1 + i % 2), 0));
  g_object_get (demux, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  fail_unless_equals_int (gst_value_list_get_size (flows), 2);
  for (guint i = 0; i < 2; i++) {
    const GstStructure *flow =
        gst_value_get_structure (gst_value_list_get_value (flows, i));
    guint id = 0;

    fail_unless_equals_string (gst_structure_get_string (flow, "tunnel"),
        "vxlan");
    fail_unless (gst_structure_get_uint (flow, "tunnel-id", &id));
    ids += id;
  }
  fail_unless_equals_int (ids, 3);
  kit_run_free (run);
}
GST_END_TEST

/* What begins a stream anew says no caps again where they stay the same: they are told
 * downstream, before the segment, all the same. Without any, nothing is guessed. */
GST_START_TEST (test_new_stream)
{
  KitRun *run = start ("packetdecap", 1);
  GstElement *bare = gst_element_factory_make ("packetdecap", NULL);
  GstHarness *harness = gst_harness_new_with_element (bare, "sink", "src");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  push (run, wrap (make_of_tenant (1), 0));
  kit_run_event (run, gst_event_new_stream_start ("other"));
  kit_run_event (run, gst_event_new_segment (&segment));
  push (run, wrap (make_of_tenant (1), 0));
  fail_unless_equals_uint64 (kit_run_get_stat (run, "opened"), 2);
  kit_run_free (run);

  gst_harness_play (harness);
  gst_harness_push_event (harness, gst_event_new_stream_start ("bare"));
  gst_harness_push_event (harness, gst_event_new_segment (&segment));
  fail_unless_equals_int (gst_harness_push (harness, wrap (make_of_tenant (1),
              0)), GST_FLOW_NOT_NEGOTIATED);
  gst_harness_teardown (harness);
  gst_object_unref (bare);
}
GST_END_TEST

/* A list of ports that is none is refused, and the element does not start with it. */
GST_START_TEST (test_refused_ports)
{
  static const gchar *const wrong[] = { "x", "0", "65536", "4789,", "4789;1",
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"
  };
  GstElement *element = gst_element_factory_make ("packetdecap", NULL);
  g_autofree gchar *now = NULL;

  g_object_set (element, "vxlan-ports", wrong[__i__], NULL);
  g_object_get (element, "vxlan-ports", &now, NULL);
  fail_unless_equals_string (now, "4789,8472");
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (element, GST_STATE_NULL);
  g_object_set (element, "vxlan-ports", " 1, 2", "gtp-ports", "", NULL);
  fail_unless (gst_element_set_state (element, GST_STATE_PAUSED) !=
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (element);
}
GST_END_TEST

/* A meta survives copies, of parts too, and does not grow past its end. */
GST_START_TEST (test_meta)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_allocate (NULL, 10, NULL);
  g_autoptr (GstBuffer) part = NULL;
  const GstPacketTunnelMeta *meta;

  for (guint i = 0; i < GST_PACKET_TUNNEL_MOST_LAYERS; i++)
    fail_unless (gst_buffer_add_packet_tunnel (buffer, GST_PACKET_TUNNEL_GRE,
            i));
  fail_if (gst_buffer_add_packet_tunnel (buffer, GST_PACKET_TUNNEL_GRE, 99));
  part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, 3, 4);
  meta = gst_buffer_get_packet_tunnel_meta (part);
  fail_unless (meta != NULL);
  fail_unless_equals_int (meta->n_layers, GST_PACKET_TUNNEL_MOST_LAYERS);
  fail_unless_equals_int (meta->layers[7].id, 7);
}
GST_END_TEST

static Suite *
packetdecap_suite (void)
{
  Suite *suite = suite_create ("packetdecap");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_cases, 0, 2);
  tcase_add_test (tc, test_others);
  tcase_add_test (tc, test_choice);
  tcase_add_loop_test (tc, test_depth, 0, 4);
  tcase_add_test (tc, test_snaplen);
  tcase_add_loop_test (tc, test_fragments, 0, 5);
  tcase_add_test (tc, test_other_fragments);
  tcase_add_loop_test (tc, test_lists, 0, 2);
  tcase_add_test (tc, test_same_list);
  tcase_add_test (tc, test_left_out);
  tcase_add_test (tc, test_interfaces);
  tcase_add_test (tc, test_flows);
  tcase_add_test (tc, test_new_stream);
  tcase_add_loop_test (tc, test_refused_ports, 0, 6);
  tcase_add_test (tc, test_meta);
  return suite;
}

GST_CHECK_MAIN (packetdecap)
