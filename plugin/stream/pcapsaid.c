/* gst-afring: what the section of a capture file says besides packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsaid.h"

#include <gst/afring/capture/gstcapturesection.h>

/* An event says all of it again: the work grows with the square of their number. */
#define MOST_BLOCKS 4096
#define MOST_BYTES (16 * 1024 * 1024)

void
pcap_said_init (PcapSaid * self)
{
  section_blocks_init (&self->blocks, MOST_BYTES, MOST_BLOCKS);
}

void
pcap_said_clear (PcapSaid * self)
{
  section_blocks_clear (&self->blocks);
}

void
pcap_said_begin (PcapSaid * self)
{
  /* those of the section before are not of this one */
  self->changed |= self->blocks.blocks->len > 0;
  section_blocks_forget (&self->blocks);
}

void
pcap_said_take (PcapSaid * self, const guint8 * data, gsize length)
{
  GBytes *block;

  if (data == NULL) {
    self->blocks.left_out++;
    return;
  }
  block = gst_capture_section_new_block (data, length);
  if (block == NULL)
    self->unreadable++;
  else if (section_blocks_add (&self->blocks, block))
    self->changed = TRUE;
}

GstEvent *
pcap_said_make_event (PcapSaid * self)
{
  g_autoptr (GPtrArray) blocks = NULL;

  if (!self->changed)
    return NULL;
  self->changed = FALSE;
  blocks = section_blocks_copy (&self->blocks);
  return gst_event_new_capture_section (blocks);
}
