/* gst-afring: telling RTP and RTCP from other payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  RTP_PROBE_UNDECIDED,          /* show it another packet */
  RTP_PROBE_RTP,
  RTP_PROBE_RTCP,
  RTP_PROBE_OTHER
} RtpProbeResult;

/* Looks at the first packets of a flow. One packet says little: one in four of
 * random ones has the version of RTP, and an RTP flow can begin with something
 * else (STUN, DTLS, keep-alives, RTCP on the same port). Zero it before the
 * first. */
typedef struct
{
  guint looked_at;
  guint reports;                /* packets that are RTCP */
  guint packets;                /* in a row that are RTP of one stream */
  guint32 ssrc;
  guint8 payload_type;
  guint16 seqnum;
} RtpProbe;

RtpProbeResult rtp_probe_look   (RtpProbe  *self,
                                 GstBuffer *payload);

/* The best guess when no more packets come. */
RtpProbeResult rtp_probe_decide (RtpProbe  *self);

G_END_DECLS
