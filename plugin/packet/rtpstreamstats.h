/* gst-afring: what a receiver of RTP knows of a sender
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "rtpheader.h"

G_BEGIN_DECLS

/* The packets of one SSRC, as RFC 3550 appendix A has a receiver count them. */
typedef struct _RtpStreamStats RtpStreamStats;

RtpStreamStats * rtp_stream_stats_new     (guint32          ssrc,
                                           guint8           payload_type);
void             rtp_stream_stats_free    (RtpStreamStats  *self);

/* A packet that arrived at @time, in nanoseconds; of one second its timestamp counts
 * @clock_rate, 0 if that is not known: it says nothing of jitter then. Returns how many
 * packets are missing in front of it that nobody has missed before. */
guint            rtp_stream_stats_take    (RtpStreamStats  *self,
                                           const RtpHeader *header,
                                           GstClockTime     time,
                                           guint            clock_rate);

/* What comes next is not compared with what has come: after a seek. */
void             rtp_stream_stats_restart (RtpStreamStats  *self);

guint32          rtp_stream_stats_get_ssrc (const RtpStreamStats *self);

/* The first one that is no comfort noise, if there was one. */
guint8           rtp_stream_stats_get_payload_type (const RtpStreamStats *self);

/* Whether two packets have come in order, or somebody has said so: less can be anything. */
gboolean         rtp_stream_stats_is_proven (const RtpStreamStats *self);

void             rtp_stream_stats_prove   (RtpStreamStats  *self);

/* When the last packet came that was in order; GST_CLOCK_TIME_NONE after a restart. */
GstClockTime     rtp_stream_stats_get_last_time (const RtpStreamStats *self);

/* How many of those that are missing nobody has explained yet. */
guint64          rtp_stream_stats_get_unexplained (const RtpStreamStats *self);

/* @n of them were lost by the capture; the others are left for others to explain. */
void             rtp_stream_stats_blame_capture (RtpStreamStats *self,
                                           guint64          n);

/* Nobody will explain them any more: it was the network. */
void             rtp_stream_stats_settle  (RtpStreamStats  *self);

guint64          rtp_stream_stats_get_packets (const RtpStreamStats *self);
guint64          rtp_stream_stats_get_lost (const RtpStreamStats *self);
guint64          rtp_stream_stats_get_lost_by_capture (const RtpStreamStats *self);

/* Sets the fields that docs/flowdemux.md lists for a stream, all but ssrc and
 * payload. */
void             rtp_stream_stats_describe (const RtpStreamStats *self,
                                           GstStructure    *structure);

/* The sum of what several have, for one that they are all in. */
typedef struct
{
  guint64 packets;
  guint64 lost;
  guint64 lost_by_capture;
  guint64 duplicates;
  guint64 reordered;
  guint64 bursts;
  guint64 largest_gap;
  GstClockTime max_delta;
  gdouble jitter;               /* the largest, in nanoseconds; < 0: not known */
} RtpStreamSum;

void             rtp_stream_sum_init      (RtpStreamSum    *self);
void             rtp_stream_sum_add       (RtpStreamSum    *self,
                                           const RtpStreamStats *stats);
void             rtp_stream_sum_describe  (const RtpStreamSum *self,
                                           GstStructure    *structure);

G_END_DECLS
