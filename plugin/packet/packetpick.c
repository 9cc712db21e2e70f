/* gst-afring: the packets of a list that go on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetpick.h"

/* To another list. */
static void
copy_packet (PacketPad * out, GstBufferList * list, guint i,
    GstBufferList * rest)
{
  GstBuffer *buffer = gst_buffer_ref (gst_buffer_list_get (list, i));

  gst_buffer_list_add (rest, packet_pad_mark_shared (out, buffer));
}

GstBufferList *
packet_pick (PacketPad * out, GstBufferList * list, PacketPickFunc passes,
    gpointer user_data)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *rest = NULL;

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);

    if (passes (buffer, user_data)) {
      if (rest != NULL)
        copy_packet (out, list, i, rest);
      continue;
    }
    if (rest == NULL) {
      rest = gst_buffer_list_new_sized (n);
      for (guint before = 0; before < i; before++)
        copy_packet (out, list, before, rest);
    }
    packet_pad_withhold (out, buffer);
  }
  return rest;
}
