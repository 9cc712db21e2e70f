/* gst-afring: a flow, and what is known of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flowkey.h"
#include "flowpad.h"
#include "flowtcp.h"
#include "packetparts.h"
#include "rtpprobe.h"
#include "rtpstreams.h"

G_BEGIN_DECLS

typedef struct
{
  FlowKey key;
  guint number;                 /* counts flows, from 0 on */
  guint next_number;            /* if it turns */
  RtpProbe probe;
  RtpProbeResult kind;          /* UNDECIDED: there is no pad yet */
  gboolean turns;               /* it has become RTP, and its pad is to go */
  guint turn_at;                /* packets of the list that were before that */
  gboolean relayed;             /* what TURN's channels carry is its payload */
  guint channels;               /* packets in a row that could be of such */
  RtpStreams *streams;          /* of RTP that has a pad */
  gboolean several;             /* its caps have no SSRC */
  FlowTcp *tcp;                 /* NULL: it is not put together */
  gboolean ended;               /* its pad has had EOS */
  GSocketAddress *source;       /* of all its packets, once there was one */
  FlowPad *pad;                 /* NULL until it is decided what it is */
  SlotList waiting;             /* packets that are to be pushed */
  gboolean is_active;           /* among those that have packets to be pushed */
  guint disconts;               /* of the input, that its buffers have told of */

  guint64 packets;
  guint64 bytes;
  GstClockTime first_time;
  GstClockTime last_time;

  /* Of the table. */
  GList link;                   /* in its order */
  GList holder_link;            /* among those that keep packets */
  GstClockTime heard;           /* timestamp of the last packet */
  gsize held;                   /* memory of packets that it keeps, undecided */
  GstClockTime held_since;      /* time of the first of them */
  GstClockTime seen;            /* when it was last not silent; NONE: as of now */
} Flow;

/* Without a pad: it has gone before. */
void           flow_free           (Flow       *self);

/* What is there for good: application/x-flow with the fields of its key, kind, and
 * ssrc and payload of RTP, if there is one of each. */
GstStructure * flow_describe       (const Flow *self);

/* The same with what changes: packets, bytes, first-time, last-time, pad, and what
 * rtp_streams_describe() or flow_tcp_describe() sets. */
GstStructure * flow_make_structure (const Flow *self);

G_END_DECLS
