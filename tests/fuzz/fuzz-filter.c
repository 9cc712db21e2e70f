/* Filter expressions of any text, over any packet: refused with a reason, or a program that
 * says something of each packet.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/packet/gstpacketbpf.h>
#include <gst/afring/capture/gstfilterexpression.h>

#define LONGEST 200

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  static const guint link_types[] = { 1, 101, 113, 127, 276, 0 };
  FuzzInput input = { data, size };
  g_autoptr (GArray) program = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *expression = NULL;
  g_autofree guint8 *text = NULL, *bytes = NULL;
  guint link_type;
  gsize length;
  GstBpfPacket packet;

  fuzz_init ();
  link_type = link_types[fuzz_take_byte (&input) % G_N_ELEMENTS (link_types)];
  text = fuzz_take (&input, fuzz_take_byte (&input) % LONGEST, &length);
  expression = g_strndup ((const gchar *) text, length);
  program = g_array_new (FALSE, FALSE, sizeof (struct sock_filter));
  if (!gst_filter_expression_compile (expression, link_type, program, &error)) {
    fuzz_check (error != NULL && g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  bytes = fuzz_take (&input, input.size, &length);
  gst_packet_bpf_init (&packet, link_type, bytes, length, length + 4);
  gst_bpf_run ((const struct sock_filter *) program->data, program->len, &packet);
  return 0;
}
