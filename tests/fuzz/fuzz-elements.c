/* Packets of any bytes through the elements that look into them, with flushes, gaps and
 * other streams between, and bytes of any kind through pcapdec in front of them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/afring.h>

#include <string.h>

#define PACKET 300

static const gchar *const lines[] = {
  "packetdepay",
  "packetdepay layer=network protocol=any",
  "packetdepay layer=transport protocol=any defragment=false",
  "packetfilter filter=\"udp port 5004 or ip6 or vlan\"",
  "packetdecap",
  "packetdedup",
  "flowdemux max-flows=8 flow-timeout=1000000000",
  "flowdemux tcp-reassembly=true",
  "pcapenc",
  "pcapenc ! pcapdec",
};

static const guint link_types[] = { 1, 0, 101, 113, 127, 276, 105, 9, 51, 147 };

static GstHarness *
make (FuzzInput * input)
{
  const gchar *line = lines[fuzz_take_byte (input) % G_N_ELEMENTS (lines)];
  guint link_type = link_types[fuzz_take_byte (input) % G_N_ELEMENTS (link_types)];
  g_autofree gchar *caps =
      g_strdup_printf ("application/x-packet, link-type=(int)%u", link_type);
  GstHarness *harness;

  if (!g_str_has_prefix (line, "flowdemux"))
    return fuzz_harness_new (line, caps);
  /* its pads come and go, and stay alone */
  harness = gst_harness_new_with_padnames ("flowdemux", "sink", NULL);
  g_object_set (harness->element, "max-flows", 8, "flow-timeout", GST_SECOND,
      "protocol", 2, "tcp-reassembly", strstr (line, "tcp") != NULL,
      "tcp-max-bytes", (guint64) 65536, NULL);
  gst_harness_play (harness);
  gst_harness_set_src_caps_str (harness, caps);
  return harness;
}

static void
push_some_event (GstHarness * harness, guint which)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  switch (which) {
    case 0:
      gst_harness_push_event (harness, gst_event_new_gap (GST_SECOND, GST_SECOND));
      break;
    case 1:
      gst_harness_push_event (harness, gst_event_new_flush_start ());
      gst_harness_push_event (harness, gst_event_new_flush_stop (TRUE));
      gst_harness_push_event (harness, gst_event_new_segment (&segment));
      break;
    case 2:
      gst_harness_push_event (harness, gst_event_new_stream_start ("other"));
      gst_harness_push_event (harness, gst_event_new_segment (&segment));
      break;
    default:
      gst_harness_set_src_caps_str (harness,
          "application/x-packet, link-type=(int)101");
      break;
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  GstHarness *harness;

  fuzz_init ();
  harness = make (&input);
  while (input.size > 0) {
    guint more = fuzz_take_byte (&input);

    if (more >= 252)
      push_some_event (harness, more - 252);
    else
      gst_harness_push (harness, fuzz_make_packet (&input, MIN (more, PACKET)));
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);
  return 0;
}
