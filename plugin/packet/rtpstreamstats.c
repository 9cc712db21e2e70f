/* gst-afring: what a receiver of RTP knows of a sender
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtpstreamstats.h"
#include "rtpwindow.h"

/* RFC 3550 appendix A.1 */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define NO_SEQNUM (1 << 16)

struct _RtpStreamStats
{
  guint32 ssrc;
  guint8 payload_type;
  gboolean begun;               /* there is something to compare with */
  gboolean proven;

  /* Numbers. */
  guint16 max_seqnum;
  guint32 bad_seqnum;           /* that would prove another beginning */
  guint64 since;                /* numbers from the first one to the latest */
  RtpWindow window;
  guint64 packets;
  guint64 lost;
  guint64 lost_by_capture;
  guint64 unexplained;          /* of those lost */
  guint64 duplicates;
  guint64 reordered;
  guint64 restarts;

  /* Times, in nanoseconds. */
  GstClockTime time;            /* of the packet before, as the next */
  guint32 timestamp;
  guint clock_rate;             /* 0: it said nothing of jitter */
  gdouble tick;                 /* of that clock rate */
  GstClockTime max_delta;
  gdouble jitter;
  gdouble max_jitter;
  gdouble jitter_sum;
  guint64 jitters;              /* that are in the sum */
};

RtpStreamStats *
rtp_stream_stats_new (guint32 ssrc, guint8 payload_type)
{
  RtpStreamStats *self = g_new0 (RtpStreamStats, 1);

  self->ssrc = ssrc;
  self->payload_type = payload_type;
  /* as if all had come: there is nothing to leave it */
  self->window.recent = self->window.older = G_MAXUINT64;
  rtp_stream_stats_restart (self);
  return self;
}

void
rtp_stream_stats_free (RtpStreamStats * self)
{
  g_free (self);
}

void
rtp_stream_stats_restart (RtpStreamStats * self)
{
  self->begun = FALSE;
  self->time = GST_CLOCK_TIME_NONE;
  self->clock_rate = 0;
}

/* Numbers. */

static void
begin (RtpStreamStats * self, guint16 seqnum)
{
  self->begun = TRUE;
  self->max_seqnum = seqnum;
  self->bad_seqnum = NO_SEQNUM;
  self->since = 0;
  rtp_window_begin (&self->window);
}

/* Numbers up to the one that has come now. Returns how many were passed over. */
static guint
advance (RtpStreamStats * self, guint16 seqnum, guint ahead)
{
  if (G_UNLIKELY (ahead > 1))
    rtp_window_skip (&self->window, ahead - 1);
  rtp_window_step (&self->window, TRUE);
  self->max_seqnum = seqnum;
  self->bad_seqnum = NO_SEQNUM;
  self->since += ahead;
  self->proven = TRUE;
  self->lost += ahead - 1;
  self->unexplained += ahead - 1;
  return ahead - 1;
}

/* One that comes late was not lost. */
static void
take_late (RtpStreamStats * self, guint back)
{
  if (back > self->since) {
    self->reordered++;
  } else if (rtp_window_fill (&self->window, back)) {
    self->reordered++;
    self->lost--;
    if (self->unexplained > 0)
      self->unexplained--;
    self->lost_by_capture = MIN (self->lost_by_capture, self->lost);
  } else {
    self->duplicates++;
  }
}

/* Appendix A.1. TRUE if it is one more of the stream, in whatever order. */
static gboolean
take_seqnum (RtpStreamStats * self, guint16 seqnum, guint * missing)
{
  guint16 ahead = seqnum - self->max_seqnum;
  guint64 late = self->reordered;

  if (G_LIKELY (ahead > 0 && ahead < MAX_DROPOUT)) {
    *missing = advance (self, seqnum, ahead);
    return TRUE;
  }
  if (ahead == 0 || ahead > G_MAXUINT16 + 1 - MAX_MISORDER) {
    take_late (self, (guint16) - ahead);
    return self->reordered > late;
  }
  if (seqnum != self->bad_seqnum) {
    self->bad_seqnum = (guint16) (seqnum + 1);
    return FALSE;
  }
  /* two in a row: its sender has begun anew */
  begin (self, seqnum);
  self->restarts++;
  self->clock_rate = 0;
  return TRUE;
}

/* Times. */

/* Appendix A.8, in nanoseconds. */
static void
take_transit (RtpStreamStats * self, GstClockTime time, guint32 timestamp)
{
  gdouble arrived = (gdouble) (gint64) (time - self->time);
  gdouble sent = (gdouble) (gint32) (timestamp - self->timestamp) * self->tick;
  gdouble difference = ABS (arrived - sent);

  self->jitter += (difference - self->jitter) / 16;
  self->max_jitter = MAX (self->max_jitter, self->jitter);
  self->jitter_sum += self->jitter;
  self->jitters++;
}

static void
take_time (RtpStreamStats * self, guint32 timestamp, GstClockTime time,
    guint clock_rate)
{
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return;
  if (GST_CLOCK_TIME_IS_VALID (self->time)) {
    if (time > self->time)
      self->max_delta = MAX (self->max_delta, time - self->time);
    if (clock_rate != 0 && clock_rate == self->clock_rate)
      take_transit (self, time, timestamp);
  }
  if (G_UNLIKELY (clock_rate != self->clock_rate && clock_rate != 0))
    self->tick = (gdouble) GST_SECOND / clock_rate;
  self->clock_rate = clock_rate;
  self->time = time;
  self->timestamp = timestamp;
}

guint
rtp_stream_stats_take (RtpStreamStats * self, const RtpHeader * header,
    GstClockTime time, guint clock_rate)
{
  guint missing = 0;
  gboolean counts = TRUE;

  self->packets++;
  if (G_UNLIKELY (rtp_payload_type_is_noise (self->payload_type)))
    self->payload_type = header->payload_type;
  if (G_LIKELY (self->begun))
    counts = take_seqnum (self, header->seqnum, &missing);
  else
    begin (self, header->seqnum);
  if (counts)
    take_time (self, header->timestamp, time, clock_rate);
  return missing;
}

/* What is known. */

guint32
rtp_stream_stats_get_ssrc (const RtpStreamStats * self)
{
  return self->ssrc;
}

guint8
rtp_stream_stats_get_payload_type (const RtpStreamStats * self)
{
  return self->payload_type;
}

gboolean
rtp_stream_stats_is_proven (const RtpStreamStats * self)
{
  return self->proven;
}

void
rtp_stream_stats_prove (RtpStreamStats * self)
{
  self->proven = TRUE;
}

GstClockTime
rtp_stream_stats_get_last_time (const RtpStreamStats * self)
{
  return self->time;
}

guint64
rtp_stream_stats_get_unexplained (const RtpStreamStats * self)
{
  return self->unexplained;
}

void
rtp_stream_stats_blame_capture (RtpStreamStats * self, guint64 n)
{
  n = MIN (n, self->unexplained);
  self->unexplained -= n;
  self->lost_by_capture = MIN (self->lost_by_capture + n, self->lost);
}

void
rtp_stream_stats_settle (RtpStreamStats * self)
{
  self->unexplained = 0;
}

guint64
rtp_stream_stats_get_packets (const RtpStreamStats * self)
{
  return self->packets;
}

guint64
rtp_stream_stats_get_lost (const RtpStreamStats * self)
{
  return self->lost;
}

guint64
rtp_stream_stats_get_lost_by_capture (const RtpStreamStats * self)
{
  return self->lost_by_capture;
}

void
rtp_stream_stats_describe (const RtpStreamStats * self,
    GstStructure * structure)
{
  RtpStreamSum sum;

  rtp_stream_sum_init (&sum);
  rtp_stream_sum_add (&sum, self);
  rtp_stream_sum_describe (&sum, structure);
  gst_structure_set (structure, "restarts", G_TYPE_UINT64, self->restarts,
      NULL);
  if (self->jitters > 0)
    gst_structure_set (structure,
        "mean-jitter", G_TYPE_UINT64,
        (guint64) (self->jitter_sum / self->jitters),
        "max-jitter", G_TYPE_UINT64, (guint64) self->max_jitter, NULL);
}

/* Sums. */

void
rtp_stream_sum_init (RtpStreamSum * self)
{
  *self = (RtpStreamSum) {.jitter = -1 };
}

void
rtp_stream_sum_add (RtpStreamSum * self, const RtpStreamStats * stats)
{
  guint64 holes, largest;

  rtp_window_measure (&stats->window, &holes, &largest);
  self->packets += stats->packets;
  self->lost += stats->lost;
  self->lost_by_capture += stats->lost_by_capture;
  self->duplicates += stats->duplicates;
  self->reordered += stats->reordered;
  self->bursts += holes;
  self->largest_gap = MAX (self->largest_gap, largest);
  self->max_delta = MAX (self->max_delta, stats->max_delta);
  if (stats->jitters > 0)
    self->jitter = MAX (self->jitter, stats->jitter);
}

void
rtp_stream_sum_describe (const RtpStreamSum * self, GstStructure * structure)
{
  gst_structure_set (structure,
      "lost", G_TYPE_UINT64, self->lost,
      "lost-by-capture", G_TYPE_UINT64, self->lost_by_capture,
      "lost-by-network", G_TYPE_UINT64, self->lost - self->lost_by_capture,
      "duplicates", G_TYPE_UINT64, self->duplicates,
      "reordered", G_TYPE_UINT64, self->reordered,
      "bursts", G_TYPE_UINT64, self->bursts,
      "largest-gap", G_TYPE_UINT64, self->largest_gap,
      "max-delta", G_TYPE_UINT64, self->max_delta, NULL);
  if (self->jitter >= 0)
    gst_structure_set (structure, "jitter", G_TYPE_UINT64,
        (guint64) self->jitter, NULL);
}
