/* gst-afring: the senders of RTP in a flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flowlosses.h"
#include "rtpstreamstats.h"

G_BEGIN_DECLS

/* One for each SSRC, as far as they are not noise; and what their payload types
 * are. */
typedef struct _RtpStreams RtpStreams;

/* How a packet came. */
typedef struct
{
  GstClockTime time;            /* of its capture */
  gboolean hardware;            /* it was the adapter that stamped it */
  guint disconts;               /* of the input, so far */
  guint32 interface_id;
  FlowLosses *losses;
} RtpArrival;

RtpStreams *   rtp_streams_new        (void);
void           rtp_streams_free       (RtpStreams       *self);

void           rtp_streams_take       (RtpStreams       *self,
                                       const RtpHeader  *header,
                                       const RtpArrival *arrival);

/* As rtp_stream_stats_restart(). */
void           rtp_streams_restart    (RtpStreams       *self);

/* A payload type that has no caps yet, with an SSRC that has it, or FALSE. */
gboolean       rtp_streams_find_unknown (RtpStreams     *self,
                                       guint32          *ssrc,
                                       guint8           *payload_type);

/* A packet with that payload type is to come, or has. */
void           rtp_streams_note_type  (RtpStreams       *self,
                                       guint32           ssrc,
                                       guint8            payload_type);

/* The caps of RTP with that payload type. Takes them. */
void           rtp_streams_set_caps   (RtpStreams       *self,
                                       guint8            payload_type,
                                       GstCaps          *caps);

/* The caps of all together: of several they say what these have in common. */
GstCaps *      rtp_streams_make_caps  (const RtpStreams *self);

/* There is such a stream, though less may have been counted of it. */
void           rtp_streams_prove      (RtpStreams       *self,
                                       guint32           ssrc,
                                       guint8            payload_type);

/* How many there are, the first one (NULL: none yet), and whether all have its payload
 * type. */
guint          rtp_streams_count      (const RtpStreams *self);
const RtpStreamStats * rtp_streams_get_first (const RtpStreams *self);
gboolean       rtp_streams_are_alike  (const RtpStreams *self);

/* @left packets have been dropped by the capture since the last time: those explain what
 * is missing, and are taken from it. What is missing then is lost by the network. */
void           rtp_streams_explain    (RtpStreams       *self,
                                       guint64          *left);

/* Sums over all, and a list `streams`. */
void           rtp_streams_describe   (const RtpStreams *self,
                                       GstStructure     *structure);

/* Whether packets are missing, for good as it seems, that rtp_streams_report() has not told
 * of, and it is time to. With @at_end it is time in any case. */
gboolean       rtp_streams_has_report (const RtpStreams *self,
                                       gboolean          at_end);

/* Sets ssrc, payload, lost, lost-by-capture, lost-by-network, total-lost, time. */
void           rtp_streams_report     (RtpStreams       *self,
                                       GstStructure     *structure);

G_END_DECLS
