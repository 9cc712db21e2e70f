/* gst-afring: a block of the ring as pcapng, where it lies (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/ring/gstafringwalk.h>

G_BEGIN_DECLS

/* In front of each packet in a ring block stand the kernel's header and reserved
 * bytes: more room than the header of an Enhanced Packet Block, and the end of the
 * one before, need. So a block becomes a piece of pcapng where it lies. What is
 * left over of the room is a filler option; where that would be much beside the
 * packet, the packet is moved down instead. The kernel's block header stays. */

/* Offset of the pcapng in a block, and what the length of a whole one is a multiple
 * of: what most disks want of O_DIRECT. */
#define GST_AFRING_IN_PLACE_ALIGNMENT 512

/* Less than this of a block is not worth padding. */
#define GST_AFRING_IN_PLACE_LEAST_WHOLE 65536

typedef struct
{
  guint link_type;              /* of the packets in the ring */
  GstCaptureLayer layer;
  guint most;                   /* packets, at most */
  /* To stand in front of the packets, or NULL. */
  const GstCaptureStatistics *statistics;
} GstAfringInPlace;

typedef struct
{
  guint8 *data;
  gsize length;                 /* 0: there was no packet */
  guint packets;
  gsize bytes;                  /* of packets */
  GstClockTime first_time;      /* of packets, in their order */
  GstClockTime last_time;
} GstAfringInPlacePiece;

/* Turns the packets that a new @walk over a block yields into pcapng of interface
 * number 0. The block cannot be walked again. For whoever has pinned the lease. */
void gst_afring_in_place_convert (const GstAfringInPlace *self,
                                  GstAfringWalk          *walk,
                                  GstAfringInPlacePiece  *piece);

G_END_DECLS
