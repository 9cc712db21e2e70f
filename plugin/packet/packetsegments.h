/* gst-afring: datagrams that the kernel or an adapter has put together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* UDP segmentation (GSO, GRO): several datagrams of one size, the last of which can be
 * shorter, go through a host as one. */
typedef struct
{
  gint size;                    /* bytes of each; 0: as RTP in them says; -1: they stay */
  guint64 split;                /* datagrams that were several */
  guint64 segments;             /* these */
} PacketSegments;

/* Takes a list of payloads of UDP, gives one of the payloads that were sent, in the same
 * memory and with the same times and metas. */
GstBufferList * packet_segments_split (PacketSegments *self,
                                       GstBufferList  *list);

G_END_DECLS
