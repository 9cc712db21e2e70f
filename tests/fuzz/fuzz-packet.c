/* Packets of any link type through the header walk and the defragmenter: what is found
 * lies in the packet, in order.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/packet/gstpacketdefrag.h>
#include <gst/afring/packet/gstpacketparser.h>

/* What the defragmenter may hold is its own bound; this is above it. */
#define BOUND (64 * 1024 * 1024)
#define PACKET 512

static const guint16 link_types[] = { 0, 1, 6, 9, 10, 12, 14, 50, 51, 100, 101,
  104, 105, 107, 108, 109, 113, 117, 119, 122, 123, 127, 138, 149, 163, 192, 203,
  228, 229, 239, 258, 276
};

static void
check_headers (const GstPacketHeaders * headers, const guint8 * data,
    gsize captured, gsize wire)
{
  gsize address = gst_packet_headers_get_address_length (headers);

  fuzz_check (headers->network <= headers->transport);
  fuzz_check (headers->transport <= captured);
  fuzz_check (headers->network_end <= wire);
  fuzz_check (headers->src >= data && headers->src + address <= data + captured);
  fuzz_check (headers->dst >= data && headers->dst + address <= data + captured);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  guint link_type, n = 0;
  GstPacketDefrag *defrag;

  fuzz_init ();
  link_type = fuzz_take_byte (&input);
  link_type = link_types[link_type % G_N_ELEMENTS (link_types)];
  defrag = gst_packet_defrag_new ();
  while (input.size > 0) {
    gsize more = fuzz_take_byte (&input), captured;
    g_autofree guint8 *bytes = fuzz_take (&input, more == 255 ? PACKET : more,
        &captured);
    gsize wire = captured + (more % 7 == 0 ? more : 0);
    GstPacketHeaders headers = { 0, };
    GstPacketParseResult result = gst_packet_parse (link_type, bytes, captured,
        wire, &headers);

    if (result == GST_PACKET_PARSED) {
      check_headers (&headers, bytes, captured, wire);
      fuzz_check (headers.transport <= headers.payload);
      fuzz_check (headers.payload <= headers.end);
      fuzz_check (headers.end <= wire);
    } else if (result == GST_PACKET_FRAGMENT) {
      g_autoptr (GByteArray) whole = NULL;

      check_headers (&headers, bytes, captured, wire);
      whole = gst_packet_defrag_add (defrag, bytes, &headers, link_type,
          n++ * GST_MSECOND);
      fuzz_check (whole == NULL || whole->len <= 0xffff + 40 + 0xffff);
    }
    fuzz_check (gst_packet_defrag_get_memory (defrag) <= BOUND);
  }
  gst_packet_defrag_free (defrag);
  return 0;
}
