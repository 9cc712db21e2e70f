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
  guint64 left_out;             /* ever, for whatever reason */
} PcapSaid;

void       pcap_said_init       (PcapSaid     *self);
void       pcap_said_clear      (PcapSaid     *self);

/* Another section, or nothing is known any more. */
void       pcap_said_begin      (PcapSaid     *self);

/* A whole block of the section. FALSE if it is left out: there are too many, or it is a
 * custom block of the other byte order, which nobody can turn. */
gboolean   pcap_said_take       (PcapSaid     *self,
                                 const guint8 *block,
                                 gsize         length);

/* One more that could not be had at all. */
void       pcap_said_leave_out  (PcapSaid     *self);

/* All of them, if there is news; NULL otherwise. */
GstEvent * pcap_said_make_event (PcapSaid     *self);

G_END_DECLS
