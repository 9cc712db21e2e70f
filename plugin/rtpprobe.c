/* gst-afring: telling RTP and RTCP from other payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpprobe.h"

#include <gst/rtp/rtp.h>

/* So many packets that follow one on another are RTP. */
#define ENOUGH 3

/* A later packet is no further on than this: more would be another stream, or no
 * stream at all (RFC 3550 appendix A.1, MAX_DROPOUT). */
#define MAX_DROPOUT 3000

/* RTCP is compound, begins with a report and says its length (RFC 3550 appendix
 * A.2, RFC 5506 for single feedback packets). */
static gboolean
is_rtcp (GstBuffer * payload)
{
  return gst_rtcp_buffer_validate_reduced (payload);
}

static gboolean
follows (const RtpProbe * self, guint32 ssrc, guint8 payload_type,
    guint16 seqnum)
{
  gint distance = gst_rtp_buffer_compare_seqnum (self->seqnum, seqnum);

  return ssrc == self->ssrc && payload_type == self->payload_type
      && distance > -MAX_DROPOUT && distance < MAX_DROPOUT && distance != 0;
}

RtpProbeResult
rtp_probe_look (RtpProbe * self, GstBuffer * payload)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint8 payload_type;
  guint16 seqnum;
  guint32 ssrc;

  if (gst_buffer_get_size (payload) == 0)
    return RTP_PROBE_OTHER;
  if (self->packets == 0 && is_rtcp (payload))
    return RTP_PROBE_RTCP;
  if (!gst_rtp_buffer_map (payload, GST_MAP_READ, &rtp))
    return RTP_PROBE_OTHER;
  ssrc = gst_rtp_buffer_get_ssrc (&rtp);
  payload_type = gst_rtp_buffer_get_payload_type (&rtp);
  seqnum = gst_rtp_buffer_get_seq (&rtp);
  gst_rtp_buffer_unmap (&rtp);

  if (self->packets > 0 && !follows (self, ssrc, payload_type, seqnum))
    return RTP_PROBE_OTHER;
  self->ssrc = ssrc;
  self->payload_type = payload_type;
  self->seqnum = seqnum;
  return ++self->packets >= ENOUGH ? RTP_PROBE_RTP : RTP_PROBE_UNDECIDED;
}

RtpProbeResult
rtp_probe_decide (RtpProbe * self)
{
  return self->packets > 1 ? RTP_PROBE_RTP : RTP_PROBE_OTHER;
}
