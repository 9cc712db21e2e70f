/* gst-afring: the times of packets, and what goes downstream before them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The only one who pushes: it decides what has to come before a buffer, when a
 * buffer is, and whether it is in the segment at all.
 *
 * The first packet of a stream has a timestamp of 0, and all others follow from
 * their capture times, in the order in which they come: one that is older than the
 * one before it has the same timestamp. Or, live, they follow from when they come;
 * see PcapArrival.
 *
 * All functions are for the streaming thread, or for who holds the stream lock, but
 * for those that say otherwise. */
typedef struct _PcapTimeline PcapTimeline;

PcapTimeline * pcap_timeline_new             (GstElement          *element,
                                              GstPad              *src_pad);
void           pcap_timeline_free            (PcapTimeline        *self);

/* Nothing has come yet. @latency: live, and how late a packet may come;
 * GST_CLOCK_TIME_NONE: not live. */
void           pcap_timeline_reset           (PcapTimeline        *self,
                                              GstClockTime         latency);

/* Pull mode: begins the stream, once. @upstream is what says which group of streams
 * it is of, or NULL. */
void           pcap_timeline_begin           (PcapTimeline        *self,
                                              GstEvent            *upstream);

/* Push mode: takes the stream-start. All that has to come before a buffer comes once
 * more. */
void           pcap_timeline_take_stream_start (PcapTimeline      *self,
                                              GstEvent            *event);

/* Of segment and end. */
void           pcap_timeline_set_seqnum      (PcapTimeline        *self,
                                              guint32              seqnum);

/* The next packet is the first one of the stream once more. */
void           pcap_timeline_rewind          (PcapTimeline        *self);

/* When the first packet was captured is known before it comes. */
void           pcap_timeline_set_first       (PcapTimeline        *self,
                                              GstClockTime         captured);

/* NONE as long as it is not known. */
GstClockTime   pcap_timeline_get_first       (PcapTimeline        *self);

/* Times go on behind the last packet if they are earlier. */
void           pcap_timeline_begin_file      (PcapTimeline        *self);

/* There was a flush. The stream goes on from its start, or (@elsewhere) from a place
 * of which only its first packet tells when it is. */
void           pcap_timeline_flush           (PcapTimeline        *self,
                                              gboolean             elsewhere);

/* The packets from here on are of this type. */
GstFlowReturn  pcap_timeline_set_link_type   (PcapTimeline        *self,
                                              guint32              link_type);

/* The same for bytes: @caps are those from here on. */
GstFlowReturn  pcap_timeline_set_caps        (PcapTimeline        *self,
                                              GstCaps             *caps);

/* What is pushed of the packets of a list, which are stamped and in the segment. NULL:
 * they themselves. Takes the list. */
typedef GstBufferList * (*PcapTimelineArrange) (GstBufferList     *list,
                                              gpointer             user_data);

void           pcap_timeline_set_arrange     (PcapTimeline        *self,
                                              PcapTimelineArrange  arrange,
                                              gpointer             user_data);

/* Takes @buffer, which is of no packet: it has the time of the last one. */
GstFlowReturn  pcap_timeline_push_bytes      (PcapTimeline        *self,
                                              GstBuffer           *buffer);

/* Takes @event, which goes downstream as soon as it can: not before the segment. */
void           pcap_timeline_push_event      (PcapTimeline        *self,
                                              GstEvent            *event);

/* Takes @list. GST_FLOW_EOS: behind the segment's end there is nothing to be had. */
GstFlowReturn  pcap_timeline_push            (PcapTimeline        *self,
                                              GstBufferList       *list);

/* The end: EOS, or SEGMENT_DONE if that is what was asked for. */
void           pcap_timeline_end             (PcapTimeline        *self);

/* Another segment, after a seek. */
void           pcap_timeline_set_segment     (PcapTimeline        *self,
                                              const GstSegment    *segment,
                                              guint32              seqnum);

/* Its position is that of the last packet; any thread. */
void           pcap_timeline_get_segment     (PcapTimeline        *self,
                                              GstSegment          *segment);

/* The stream has begun; packets have come; the end has been told. */
gboolean       pcap_timeline_has_begun       (PcapTimeline        *self);
gboolean       pcap_timeline_has_packets     (PcapTimeline        *self);
gboolean       pcap_timeline_has_ended       (PcapTimeline        *self);

G_END_DECLS
