/* gst-afring: packets taken out of tunnels
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpackettunnel.h>
#include <gst/gst.h>

G_BEGIN_DECLS

#define DECAP_N_TUNNELS 17

typedef struct
{
  guint64 opened;
  guint64 unknown;              /* with contents, or a version, that are not known */
  guint64 encrypted;
  guint64 truncated;
  guint64 malformed;
} DecapTunnelStats;

/* What became of packets that went in. */
typedef struct
{
  guint64 packets;
  guint64 opened;               /* these went on without one tunnel or more */
  guint64 passed;               /* as they were */
  guint64 dropped;              /* because they were no tunnel */
  guint64 too_deep;             /* of those that were opened: there is more inside */
  guint64 fragments;            /* that were kept, to be put together */
  guint64 reassembled;
  guint64 fragments_expired;
  guint64 fragments_rejected;
  DecapTunnelStats tunnels[DECAP_N_TUNNELS];
} DecapStats;

typedef struct
{
  GstTunnelConfig tunnels;
  guint max_depth;
  gboolean drop_others;
} DecapConfig;

/* For one thread. */
typedef struct _PacketDecapper PacketDecapper;

PacketDecapper *   packet_decapper_new       (const DecapConfig *config);
void               packet_decapper_free      (PacketDecapper    *self);

/* Gives up fragments that wait for others, and counts them as expired. */
void               packet_decapper_clear     (PacketDecapper    *self);

/* What goes on of @buffer, whose link type is @link_type, which becomes that of what
 * goes on: the buffer itself if there is nothing to be opened, or if it may be
 * changed (@in_place); else a new one, in the same memory. NULL: nothing. */
GstBuffer *        packet_decapper_open      (PacketDecapper    *self,
                                              GstBuffer         *buffer,
                                              gboolean           in_place,
                                              guint             *link_type);

void               packet_decapper_get_stats (PacketDecapper    *self,
                                              DecapStats        *stats);

/* Sets all of them in a structure, those of a tunnel as one of their own. */
void               decap_stats_describe      (const DecapStats  *self,
                                              GstStructure      *structure);

G_END_DECLS
