/* gst-afring: what the section of a capture file says besides packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "common/sectionblocks.h"

G_BEGIN_DECLS

/* Names, secrets, custom blocks in front of the packets: collected as they come, and told
 * of in one event before the next packets. */
typedef struct
{
  SectionBlocks blocks;
  gboolean changed;             /* nobody was told */
  guint64 unreadable;           /* ever: corrupt, or a custom block of the other byte
                                 * order, which nobody can turn */
} PcapSaid;

void       pcap_said_init       (PcapSaid     *self);
void       pcap_said_clear      (PcapSaid     *self);

/* Another section, or nothing is known any more. */
void       pcap_said_begin      (PcapSaid     *self);

/* A whole block of the section; NULL: it is too long to be kept. */
void       pcap_said_take       (PcapSaid     *self,
                                 const guint8 *block,
                                 gsize         length);

/* All of them, if there is news; NULL otherwise. */
GstEvent * pcap_said_make_event (PcapSaid     *self);

G_END_DECLS
