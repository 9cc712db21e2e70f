/* gst-afring: telling RTP and RTCP from other payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpprobe.h"

#include <gst/rtp/rtp.h>

/* So many packets that follow one on another are RTP; so many reports without any
 * RTP are RTCP; after so many packets it is time to decide. */
#define ENOUGH 3
#define ENOUGH_REPORTS 2
#define MOST 10

/* A later packet is no further on than this: more would be another stream, or no
 * stream at all (RFC 3550 appendix A.1, MAX_DROPOUT). */
#define MAX_DROPOUT 3000

#define STUN_COOKIE 0x2112a442  /* RFC 8489 section 5 */
#define SHORTEST_STUN 20
#define KEEP_ALIVE 4            /* bytes: nothing, or CRLF twice (RFC 5626) */

typedef enum
{
  LOOKS_LIKE_RTP,
  LOOKS_LIKE_RTCP,
  GOES_WITH_RTP,
  UNLIKE_RTP
} Look;

/* RFC 7983: what comes on a port beside RTP is told by its first byte. */
static gboolean
goes_with_rtp (const guint8 * data, gsize size)
{
  if (size <= KEEP_ALIVE)
    return TRUE;
  if (data[0] < 4)
    return size >= SHORTEST_STUN
        && GST_READ_UINT32_BE (data + 4) == STUN_COOKIE;
  /* DTLS: a content type and a version, 1.0 to 1.3 */
  return data[0] >= 20 && data[0] < 64 && data[1] == 0xfe && data[2] >= 0xfc;
}

static Look
look (GstBuffer * payload)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gboolean other;
  GstMapInfo map;

  if (!gst_buffer_map (payload, &map, GST_MAP_READ))
    return UNLIKE_RTP;
  other = goes_with_rtp (map.data, map.size);
  gst_buffer_unmap (payload, &map);
  if (other)
    return GOES_WITH_RTP;
  /* first, because a report can be taken for RTP with a marker (RFC 5761) */
  if (gst_rtcp_buffer_validate_reduced (payload))
    return LOOKS_LIKE_RTCP;
  if (!gst_rtp_buffer_map (payload, GST_MAP_READ, &rtp))
    return UNLIKE_RTP;
  gst_rtp_buffer_unmap (&rtp);
  return LOOKS_LIKE_RTP;
}

/* One packet more of the stream, or the first one of another. A packet that comes
 * twice, as from a bridge and its port, says nothing. */
static void
count_rtp (RtpProbe * self, GstBuffer * payload)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint8 payload_type;
  guint16 seqnum;
  guint32 ssrc;
  gint distance;

  if (!gst_rtp_buffer_map (payload, GST_MAP_READ, &rtp))
    return;
  ssrc = gst_rtp_buffer_get_ssrc (&rtp);
  payload_type = gst_rtp_buffer_get_payload_type (&rtp);
  seqnum = gst_rtp_buffer_get_seq (&rtp);
  gst_rtp_buffer_unmap (&rtp);

  distance = gst_rtp_buffer_compare_seqnum (self->seqnum, seqnum);
  if (self->packets > 0 && ssrc == self->ssrc
      && payload_type == self->payload_type && ABS (distance) < MAX_DROPOUT) {
    if (distance != 0)
      self->packets++;
  } else {
    self->packets = 1;
  }
  self->ssrc = ssrc;
  self->payload_type = payload_type;
  self->seqnum = seqnum;
}

RtpProbeResult
rtp_probe_look (RtpProbe * self, GstBuffer * payload)
{
  self->looked_at++;
  switch (look (payload)) {
    case LOOKS_LIKE_RTP:
      count_rtp (self, payload);
      if (self->packets >= ENOUGH)
        return RTP_PROBE_RTP;
      break;
    case LOOKS_LIKE_RTCP:
      if (++self->reports >= ENOUGH_REPORTS && self->packets == 0)
        return RTP_PROBE_RTCP;
      break;
    case GOES_WITH_RTP:
      break;
    case UNLIKE_RTP:
    default:
      if (self->packets == 0)
        return RTP_PROBE_OTHER;
      self->packets = 0;
      break;
  }
  return self->looked_at < MOST ? RTP_PROBE_UNDECIDED : rtp_probe_decide (self);
}

RtpProbeResult
rtp_probe_decide (RtpProbe * self)
{
  if (self->packets > 1)
    return RTP_PROBE_RTP;
  return self->reports > 0 && self->packets == 0 ? RTP_PROBE_RTCP :
      RTP_PROBE_OTHER;
}
