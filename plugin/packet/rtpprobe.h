/* gst-afring: telling RTP and RTCP from other payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "rtpheader.h"

G_BEGIN_DECLS

typedef enum
{
  RTP_PROBE_UNDECIDED,          /* show it another packet */
  RTP_PROBE_RTP,
  RTP_PROBE_RTCP,
  RTP_PROBE_OTHER
} RtpProbeResult;

/* Streams that are followed at a time; who has been silent longest goes. */
#define RTP_PROBE_STREAMS 8

/* What could be one. */
typedef struct
{
  RtpHeader last;
  guint32 step;                 /* of the timestamp for each number; 0: not known */
  guint16 size;                 /* of the last packet */
  guint8 run;                   /* packets that each followed on the one before */
  guint8 row;                   /* the same, and packets that may have done so */
  gboolean moved;               /* the timestamp, in that row */
} RtpProbeStream;

/* Looks at the packets of a flow. One packet says little: one in four of random ones
 * has the version of RTP, and an RTP flow can begin with something else. What counts
 * is that packets of one SSRC follow one on another, whatever stands between them.
 * Zero it before the first. */
typedef struct
{
  guint16 looked_at;
  guint16 unlike;               /* packets that nothing is known of */
  guint16 reports;              /* that could be RTCP, of one sender */
  guint16 plain_reports;        /* that are, down to their last byte */
  guint32 reporter;
  guint n_streams;
  RtpProbeStream streams[RTP_PROBE_STREAMS];    /* the one heard last first */
} RtpProbe;

RtpProbeResult rtp_probe_look   (RtpProbe     *self,
                                 const guint8 *data,
                                 gsize         size);

/* Of a flow that is something else: TRUE when it has become RTP. */
gboolean       rtp_probe_watch  (RtpProbe     *self,
                                 const guint8 *data,
                                 gsize         size);

/* The best guess when no more packets come. */
RtpProbeResult rtp_probe_decide (const RtpProbe *self);

G_END_DECLS
