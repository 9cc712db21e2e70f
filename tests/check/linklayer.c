/* The walk over link headers: where IP starts, and that no byte behind the
 * packet is read.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/afring/afring.h>
#include <gst/afring/packet/gstlinklayer.h>
#include <gst/check/gstcheck.h>

#define ADDRESSES "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"
#define SLL2_REST "\0\0\0\0\0\x03\0\x01\0\x06\x02\0\0\0\0\x01\0\0"
#define VLAN "\x81\0\0\x64"
#define QINQ "\x88\xa8\0\x0a"
#define OLD_QINQ "\x91\0\0\x0b"
#define IPV4 "\x08\0"
#define IPV6 "\x86\xdd"
#define ARP "\x08\x06"
#define PPPOE "\x88\x64\x11\0\0\x01\0\x10"
#define MPLS "\x88\x47"
#define LABEL "\0\x01\x00\x40"
#define BOTTOM "\0\x01\x01\x40"
#define SNAP "\xaa\xaa\3\0\0\0"
#define IP "\x45\0\0\x14"

static const struct
{
  guint link_type;
  const gchar *bytes;
  gsize length;
  guint8 expected;
} packets[] = {
#define ROW(link_type, bytes, expected) \
    { link_type, bytes, sizeof (bytes) - 1, expected }
  ROW (1, ADDRESSES IPV4 IP, 14),
  ROW (1, ADDRESSES IPV6 "\x60\0\0\0", 14),
  ROW (1, ADDRESSES ARP IP, 255),
  ROW (1, ADDRESSES VLAN IPV4 IP, 18),
  ROW (1, ADDRESSES QINQ VLAN IPV6 "\x60", 22),
  ROW (1, ADDRESSES OLD_QINQ QINQ VLAN IPV4 IP, 26),
  ROW (1, ADDRESSES VLAN ARP IP, 255),
  ROW (1, ADDRESSES PPPOE "\0\x21" IP, 22),
  ROW (1, ADDRESSES PPPOE "\0\x57" "\x60", 22),
  ROW (1, ADDRESSES PPPOE "\xc0\x21" IP, 255),
  ROW (1, ADDRESSES VLAN PPPOE "\0\x21" IP, 26),
  ROW (1, ADDRESSES MPLS BOTTOM IP, 18),
  ROW (1, ADDRESSES MPLS LABEL LABEL BOTTOM IP, 26),
  ROW (1, ADDRESSES MPLS BOTTOM "\0\0\0\0", 255),       /* a pseudowire */
  ROW (101, IP, 0),
  ROW (101, "\x60\0", 0),
  ROW (101, "\x10", 255),
  ROW (276, IPV4 SLL2_REST IP, 20),
  ROW (276, "\x81\0" SLL2_REST "\0\x64" IPV4 IP, 24),
  ROW (276, ARP SLL2_REST IP, 255),
  ROW (127, IP, 255),
  /* between addresses and EtherType */
  ROW (1, ADDRESSES "\x89\x26\0\0\0\0" IPV4 IP, 20),
  ROW (1, ADDRESSES "\x89\x26\0\0\0\0" VLAN IPV4 IP, 24),
  ROW (1, ADDRESSES "\x89\x3f\0\0\0\0\0\0" IPV4 IP, 22),
  ROW (1, ADDRESSES "\x89\x09\1\1\0\1\0\xff" IPV4 IP, 22),
  ROW (1, ADDRESSES "\x89\x2f\0\x50\0\1" IPV4 IP, 20),
  /* an EtherType in place of a family */
  ROW (0, "\x0f\0" IPV4 IP, 4),
  ROW (108, "\0\0" IPV6 "\x60", 4),
  ROW (0, "\0\0\0\x07" IP, 255),
  ROW (6, "\x10\x40" ADDRESSES SNAP IPV4 IP, 22),
  ROW (6, "\x10\x40\2\0\0\0\0\1\x82\0\0\0\0\2\6\x30\0\1\0\2" SNAP IPV4
      IP, 28),
  ROW (6, "\x10\0" ADDRESSES SNAP IPV4 IP, 255),
  ROW (10, "\x50" ADDRESSES SNAP IPV4 IP, 21),
  ROW (10, "\x41" ADDRESSES SNAP IPV4 IP, 255),
  ROW (100, SNAP IPV4 IP, 8),
  ROW (100, "\xfe\xfe\x03\xcc" IP, 4),
  ROW (100, "\xaa\xaa\3\0\x80\xc2\0\7\0\0" ADDRESSES IPV4 IP, 24),
  ROW (107, "\x18\x41\x03\xcc" IP, 4),
  ROW (107, "\x18\x41\x03\0\x80\0\0\0" IPV4 IP, 10),
  ROW (107, "\x18\x41" IPV4 IP, 4),
  ROW (107, "\x18\x40\x40\x40\x41" IPV4 IP, 255),
  ROW (109, "\0\0\0\2\0\0\0\0\0\0\0\0" IP, 12),
  ROW (117, "\5\2\0\0\0\0\0\0" IP, 8),
  ROW (122, "\x10\0\2\0\0\0\0\1\x10\0\2\0\0\0\0\2" SNAP IPV4 IP, 24),
  ROW (239, "\2\0\0\0\7\0\1\0abc\0\x08\0\x09\0" IP, 16),
  ROW (239, "\2\0\0\0\3\0\x09\0" IP, 255),
  ROW (258, "\x0c\0\0\0\1\0\0\0\1\0\0\0" ADDRESSES IPV4 IP, 26),
  ROW (258, "\x0c\0\0\0\1\0\0\0\2\1\0\0" ADDRESSES IPV4 IP, 255),
};

GST_START_TEST (test_offset)
{
  guint8 found = gst_link_layer_get_network_offset (packets[__i__].link_type,
      (const guint8 *) packets[__i__].bytes, packets[__i__].length);

  fail_unless_equals_int (found, packets[__i__].expected);
}
GST_END_TEST

/* Each packet cut at each byte: in memory that ends there, so that memcheck and
 * the address sanitizer see a read beyond. An offset must lie in the packet. */
GST_START_TEST (test_cut)
{
  for (gsize n = 0; n < packets[__i__].length; n++) {
    guint8 *bytes = g_memdup2 (packets[__i__].bytes, n);
    guint8 found = gst_link_layer_get_network_offset (packets[__i__].link_type,
        bytes, n);

    fail_unless (found == 255 || found < n);
    fail_unless (found == 255 || found == packets[__i__].expected);
    g_free (bytes);
  }
}
GST_END_TEST

/* Tags without end: the offset must not wrap around. */
GST_START_TEST (test_many_tags)
{
  guint8 bytes[400];

  for (gsize i = 12; i + 4 <= sizeof (bytes); i += 4)
    memcpy (bytes + i, VLAN, 4);
  for (gsize i = 80; i < 380; i += 4) {
    memcpy (bytes + i, IPV4 IP, 6);
    fail_unless_equals_int (gst_link_layer_get_network_offset (1, bytes,
            sizeof (bytes)), i + 2 < 255 ? i + 2 : 255);
    memcpy (bytes + i, VLAN VLAN, 8);
  }
}
GST_END_TEST

static Suite *
linklayer_suite (void)
{
  Suite *suite = suite_create ("linklayer");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_offset, 0, G_N_ELEMENTS (packets));
  tcase_add_loop_test (tc, test_cut, 0, G_N_ELEMENTS (packets));
  tcase_add_test (tc, test_many_tags);
  return suite;
}

GST_CHECK_MAIN (linklayer)
