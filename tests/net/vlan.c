/* VLAN-tagged frames look as they did on the wire.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "netutil.h"

#include <gst/afring/afring.h>
#include <unistd.h>

#define SIZE 120
#define PORT 5004

static const struct
{
  const gchar *name;
  NetTag tags[4];
} cases[] = {
  {"untagged", {{0, 0}}},
  {"802.1Q", {{0x8100, 100}, {0, 0}}},
  {"802.1Q with priority", {{0x8100, 0xe064}, {0, 0}}},
  {"priority tag", {{0x8100, 0xa000}, {0, 0}}},
  {"null tag", {{0x8100, 0}, {0, 0}}},
  {"802.1ad", {{0x88a8, 200}, {0, 0}}},
  {"QinQ", {{0x88a8, 200}, {0x8100, 100}, {0, 0}}},
  {"QinQ with two 0x8100", {{0x8100, 200}, {0x8100, 100}, {0, 0}}},
  {"three tags", {{0x88a8, 3}, {0x88a8, 2}, {0x8100, 1}, {0, 0}}},
};

static guint
count_tags (guint i)
{
  guint n = 0;

  while (cases[i].tags[n].protocol != 0)
    n++;
  return n;
}

static void
setup (void)
{
  net_add_veth ("va", "vb");
}

static void
teardown (void)
{
  net_remove ("va");
}

static void
send_cases (const gchar * interface)
{
  int sender = net_open_sender (interface);
  guint8 frame[SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    net_make_frame (frame, SIZE, cases[i].tags, PORT, i);
    net_send (sender, frame, SIZE);
  }
  close (sender);
}

static void
check_case (GstBuffer * buffer, guint i, gsize snaplen)
{
  GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  gsize size = MIN (SIZE, snaplen);
  guint n_tags = count_tags (i);
  guint8 frame[SIZE];

  net_make_frame (frame, SIZE, cases[i].tags, PORT, i);
  fail_unless_equals_int (gst_buffer_get_size (buffer), size);
  fail_unless (gst_buffer_memcmp (buffer, 0, frame, size) == 0, "%s",
      cases[i].name);
  fail_unless_equals_int (meta->wire_length, SIZE);
  fail_unless_equals_int (meta->network_offset, 14 + 4 * n_tags);
  fail_unless_equals_int ((meta->flags & GST_PACKET_FLAG_VLAN) != 0,
      n_tags > 0);
  if (n_tags > 0) {
    fail_unless_equals_int (meta->vlan_tpid, cases[i].tags[0].protocol);
    fail_unless_equals_int (meta->vlan_tci, cases[i].tags[0].tci);
  }
}

/* Received: the kernel takes the outermost tag out of the bytes. */
GST_START_TEST (test_received)
{
  NetCollector *collector = net_collector_new ("interface=vb", TRUE);

  net_collector_play (collector);
  send_cases ("va");
  net_collector_wait (collector, G_N_ELEMENTS (cases));
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (g_ptr_array_index (collector->buffers, i), i, SIZE);
  net_collector_free (collector);
}
GST_END_TEST

/* Sent: it does not. */
GST_START_TEST (test_sent)
{
  NetCollector *collector = net_collector_new ("interface=va", TRUE);

  net_collector_play (collector);
  send_cases ("va");
  net_collector_wait (collector, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);

    check_case (buffer, i, SIZE);
    fail_unless_equals_int (gst_buffer_get_packet_meta (buffer)->packet_type,
        GST_PACKET_TYPE_OUTGOING);
  }
  net_collector_free (collector);
}
GST_END_TEST

/* The snaplen counts the record, tag included. */
GST_START_TEST (test_snaplen)
{
  NetCollector *collector = net_collector_new ("interface=vb snaplen=60", TRUE);

  net_collector_play (collector);
  send_cases ("va");
  net_collector_wait (collector, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_case (g_ptr_array_index (collector->buffers, i), i, 60);
  net_collector_free (collector);
}
GST_END_TEST

static void
check_selection (const gchar * properties, const guint * expected, guint n)
{
  NetCollector *collector = net_collector_new (properties, TRUE);

  net_collector_play (collector);
  send_cases ("va");
  net_collector_wait (collector, n);
  net_collector_end (collector);
  fail_unless_equals_int (collector->n, n);
  for (guint i = 0; i < n; i++)
    check_case (g_ptr_array_index (collector->buffers, i), expected[i], SIZE);
  net_collector_free (collector);
}

GST_START_TEST (test_ignore_vlans)
{
  const guint untagged[] = { 0 };

  check_selection ("interface=vb ignore-vlans=true", untagged, 1);
  check_selection ("interface=va ignore-vlans=true", untagged, 1);
}
GST_END_TEST

GST_START_TEST (test_ip_only)
{
  const guint all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

  check_selection ("interface=vb ip-only=true", all, G_N_ELEMENTS (all));
  check_selection ("interface=va ip-only=true", all, G_N_ELEMENTS (all));
}
GST_END_TEST

/* libpcap's words for tags, which the kernel's program could not find. */
GST_START_TEST (test_filter)
{
  const guint id100[] = { 1, 2 }, inner[] = { 6, 7 }, tagged[] =
      { 1, 2, 3, 4, 5, 6, 7, 8 };

  check_selection ("interface=vb filter=\"vlan 100\"", id100, 2);
  check_selection ("interface=vb filter=\"vlan 200 and vlan 100\"", inner, 2);
  check_selection ("interface=vb filter=vlan", tagged, G_N_ELEMENTS (tagged));
}
GST_END_TEST

/* From the IP header on, whatever is in front of it. */
GST_START_TEST (test_network_layer)
{
  NetCollector *collector = net_collector_new ("interface=vb layer=network",
      TRUE);

  net_collector_play (collector);
  send_cases ("va");
  net_collector_wait (collector, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
    gsize size = SIZE - 14 - 4 * count_tags (i);
    guint8 bytes[SIZE];

    fail_unless_equals_int (gst_buffer_get_size (buffer), size);
    fail_unless_equals_int (gst_buffer_extract (buffer, 0, bytes, SIZE), size);
    fail_unless_equals_int (bytes[0], 0x45);
    fail_unless_equals_int (GST_READ_UINT16_BE (bytes + 2), size);
    fail_unless_equals_int (GST_READ_UINT32_BE (bytes + 28), i);
    fail_unless_equals_int (meta->network_offset, 0);
    fail_unless_equals_int (meta->wire_length, size);
  }
  net_collector_free (collector);
}
GST_END_TEST

/* All interfaces: an SLL2 header is made, and the tag goes behind it. Of three
 * tags the kernel does not tell the EtherType of the one in the middle. */
GST_START_TEST (test_any)
{
  NetCollector *collector = net_collector_new ("interface=any direction=in",
      TRUE);
  guint index = 0;

  net_collector_play (collector);
  send_cases ("va");
  net_collector_wait (collector, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases) && count_tags (i) < 3; i++) {
    GstBuffer *buffer = g_ptr_array_index (collector->buffers, i);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
    guint8 frame[SIZE], bytes[SIZE + 6];
    gsize size = SIZE - 14 + 20;

    net_make_frame (frame, SIZE, cases[i].tags, PORT, i);
    fail_unless_equals_int (gst_buffer_get_size (buffer), size);
    fail_unless_equals_int (gst_buffer_extract (buffer, 0, bytes,
            sizeof (bytes)), size);
    fail_unless (memcmp (bytes, frame + 12, 2) == 0, "%s", cases[i].name);
    fail_unless_equals_int (GST_READ_UINT32_BE (bytes + 4),
        meta->interface_id);
    fail_unless_equals_int (GST_READ_UINT16_BE (bytes + 8), 1);
    fail_unless_equals_int (bytes[10], GST_PACKET_TYPE_OTHERHOST);
    fail_unless_equals_int (bytes[11], 6);
    fail_unless (memcmp (bytes + 12, frame + 6, 6) == 0);
    fail_unless (memcmp (bytes + 20, frame + 14, SIZE - 14) == 0, "%s",
        cases[i].name);
    fail_unless_equals_int (meta->network_offset, 20 + 4 * count_tags (i));
    index = meta->interface_id;
  }
  fail_unless (index > 1);
  net_collector_free (collector);
}
GST_END_TEST

static Suite *
vlan_suite (void)
{
  Suite *suite = suite_create ("vlan");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_received);
  tcase_add_test (tc, test_sent);
  tcase_add_test (tc, test_snaplen);
  tcase_add_test (tc, test_ignore_vlans);
  tcase_add_test (tc, test_ip_only);
  tcase_add_test (tc, test_filter);
  tcase_add_test (tc, test_network_layer);
  tcase_add_test (tc, test_any);
  return suite;
}

GST_CHECK_MAIN (vlan)
