/* gst-afring: telling RTP and RTCP from other payloads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpprobe.h"
#include "rtpcompany.h"

#include <gst/rtp/rtp.h>
#include <string.h>

/* So many packets of an SSRC that follow one on another are RTP; so many reports without
 * any RTP are RTCP; after so many packets, or so many of which nothing is known, it is
 * time to decide. */
#define ENOUGH 3
#define ENOUGH_REPORTS 2
#define MOST 32
#define MOST_UNLIKE 4

/* More is another beginning (RFC 3550 appendix A.1), and so far behind is late. */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100

/* A timestamp does not move further from one packet to the next: 12 minutes of video. */
#define MAX_STEP (1 << 26)

/* What other protocols have in place of an SSRC is a small number: a count, a version.
 * RFC 3550 wants a random one, and nearly all are. */
#define SMALL_SSRC 0x10000

/* Of them the timestamp must be a clock: 5 ms of telephone sound. Where it hardly moves, as
 * between the packets of a picture, a longer row is wanted. */
#define LEAST_STEP 40
#define LONG_ROW 12

#define LENGTH_MARGIN 64

/* A number that grows with the packet, and is near its length, is its length, of a part of
 * it or with something (BACnet, SOME/IP). */
static gboolean
is_length (guint32 before, guint32 now, gsize size_before, gsize size)
{
  return size != size_before && now - before == (guint32) (size - size_before)
      && now - (guint32) size + LENGTH_MARGIN <= 2 * LENGTH_MARGIN;
}

/* How the timestamp may go on from one packet to the next. The packets of a picture have
 * the same one; so has what is no timestamp at all (a message type of RPC). */
static gboolean
takes_step (const RtpProbeStream * self, gint32 step)
{
  if (self->last.ssrc < SMALL_SSRC && step < LEAST_STEP)
    return FALSE;
  return step < MAX_STEP && step > -MAX_STEP;
}

/* The same of one that is too small for that: the next number. */
static gboolean
may_follow (const RtpProbeStream * self, const RtpHeader * header, gsize size)
{
  gint32 step = header->timestamp - self->last.timestamp;

  return header->seqnum == (guint16) (self->last.seqnum + 1)
      && self->last.ssrc < SMALL_SSRC && step >= 0 && step < LEAST_STEP
      && header->payload_type == self->last.payload_type
      && !is_length (self->last.seqnum, header->seqnum, self->size, size)
      && !is_length (self->last.timestamp, header->timestamp, self->size, size);
}

/* Whether a packet is the next one of a stream, or, if some are lost between them, as much
 * later as its number says. */
static gboolean
follows (const RtpProbeStream * self, const RtpHeader * header, gsize size)
{
  guint16 ahead = header->seqnum - self->last.seqnum;
  guint32 step = header->timestamp - self->last.timestamp;

  if (!takes_step (self, step)
      || is_length (self->last.seqnum, header->seqnum, self->size, size)
      || is_length (self->last.timestamp, header->timestamp, self->size, size))
    return FALSE;
  return ahead == 1 || (self->step != 0 && step == self->step * ahead);
}

static void
note_row (RtpProbeStream * self, const RtpHeader * header)
{
  self->row = MIN (self->row + 1, G_MAXUINT8);
  self->moved |= header->timestamp != self->last.timestamp;
  if (self->row >= LONG_ROW && self->moved)
    self->run = MAX (self->run, ENOUGH);
}

/* One packet more. One that comes twice, as from a bridge and its port, or late, says
 * nothing. */
static void
count (RtpProbeStream * self, const RtpHeader * header, gsize size)
{
  guint16 ahead = header->seqnum - self->last.seqnum;

  if (ahead == 0 || ahead > G_MAXUINT16 - MAX_MISORDER)
    return;
  if (ahead < MAX_DROPOUT && follows (self, header, size)) {
    self->run = MIN (self->run + 1, G_MAXUINT8);
    note_row (self, header);
  } else if (may_follow (self, header, size)) {
    note_row (self, header);
  } else {
    self->run = 1;
    self->row = 0;
    self->moved = FALSE;
  }
  self->step = 0;
  if (ahead < MAX_DROPOUT
      && (header->timestamp - self->last.timestamp) % ahead == 0)
    self->step = (header->timestamp - self->last.timestamp) / ahead;
  self->last = *header;
  self->size = size;
}

/* The stream of an SSRC, which is the first from now on. */
static RtpProbeStream *
find (RtpProbe * self, const RtpHeader * header, gsize size)
{
  RtpProbeStream found;
  guint i = 0;

  if (G_LIKELY (self->n_streams > 0
          && self->streams[0].last.ssrc == header->ssrc)) {
    count (&self->streams[0], header, size);
    return &self->streams[0];
  }
  while (i < self->n_streams && self->streams[i].last.ssrc != header->ssrc)
    i++;
  if (i < self->n_streams) {
    found = self->streams[i];
    count (&found, header, size);
  } else {
    found = (RtpProbeStream) {.last = *header,.size = size,.run = 1 };
    self->n_streams = MIN (self->n_streams + 1, RTP_PROBE_STREAMS);
    i = self->n_streams - 1;
  }
  memmove (self->streams + 1, self->streams, i * sizeof (found));
  self->streams[0] = found;
  return &self->streams[0];
}

static gboolean
is_plain_report (const guint8 * data, gsize size)
{
  return gst_rtcp_buffer_validate_data_reduced ((guint8 *) data, size);
}

static void
count_report (RtpProbe * self, guint32 reporter, const guint8 * data,
    gsize size)
{
  if (self->reports > 0 && reporter != self->reporter)
    self->reports = 0;
  self->reporter = reporter;
  if (self->reports < ENOUGH_REPORTS)
    self->reports++;
  if (self->plain_reports < ENOUGH_REPORTS && is_plain_report (data, size))
    self->plain_reports++;
}

static gboolean
has_reports (const RtpProbe * self)
{
  return self->n_streams == 0 && (self->reports >= ENOUGH_REPORTS
      || self->plain_reports >= ENOUGH_REPORTS);
}

RtpProbeResult
rtp_probe_look (RtpProbe * self, const guint8 * data, gsize size)
{
  RtpHeader header;
  guint32 reporter;

  if (self->looked_at < MOST)
    self->looked_at++;
  if (rtp_header_read (&header, data, size)) {
    if (find (self, &header, size)->run >= ENOUGH)
      return RTP_PROBE_RTP;
  } else if (rtcp_header_read (&reporter, data, size)) {
    count_report (self, reporter, data, size);
    if (has_reports (self))
      return RTP_PROBE_RTCP;
  } else if (!rtp_company_is_known (data, size)) {
    if (self->unlike < MOST_UNLIKE)
      self->unlike++;
    if (self->unlike == MOST_UNLIKE || (self->n_streams == 0
            && self->reports == 0 && self->looked_at == self->unlike))
      return rtp_probe_decide (self);
  }
  return self->looked_at < MOST ? RTP_PROBE_UNDECIDED : rtp_probe_decide (self);
}

gboolean
rtp_probe_watch (RtpProbe * self, const guint8 * data, gsize size)
{
  RtpHeader header;

  return rtp_header_read (&header, data, size)
      && find (self, &header, size)->run >= ENOUGH;
}

RtpProbeResult
rtp_probe_decide (const RtpProbe * self)
{
  for (guint i = 0; i < self->n_streams; i++) {
    if (self->streams[i].run > 1)
      return RTP_PROBE_RTP;
  }
  return self->n_streams == 0 && (self->plain_reports > 0
      || self->reports >= ENOUGH_REPORTS) ? RTP_PROBE_RTCP : RTP_PROBE_OTHER;
}
