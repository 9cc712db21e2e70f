/* Bytes of any kind as a stream: what typefinding makes of them, and pcapdec, which takes
 * them in buffers of any size, with flushes between.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/base/gsttypefindhelper.h>

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const gchar *const types[] = { "application/x-pcapng", "raw/x-pcap",
    "application/x-gzip", "application/zstd", "application/x-lz4"
  };
  FuzzInput input = { data, size };
  GstTypeFindProbability probability;
  g_autoptr (GstCaps) found = NULL;
  GstHarness *harness;
  guint type, pace;

  fuzz_init ();
  type = fuzz_take_byte (&input);
  /* up to half a MiB at once, as files come */
  pace = 1 << (fuzz_take_byte (&input) % 20);
  found = gst_type_find_helper_for_data (NULL, input.data, input.size,
      &probability);
  harness = gst_harness_new_parse ("pcapdec");
  gst_harness_set_drop_buffers (harness, TRUE);
  if (found != NULL && type % 2 == 0)
    gst_harness_set_src_caps (harness, g_steal_pointer (&found));
  else
    gst_harness_set_src_caps_str (harness, types[type % G_N_ELEMENTS (types)]);
  while (input.size > 0) {
    gsize length;
    guint8 *bytes = fuzz_take (&input, pace, &length);

    if (gst_harness_push (harness, gst_buffer_new_wrapped (bytes,
                length)) != GST_FLOW_OK)
      break;
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  gst_harness_teardown (harness);
  return 0;
}
