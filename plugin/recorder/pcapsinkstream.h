/* gst-afring: the stream that a recorder records
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapintake.h"

G_BEGIN_DECLS

/* From caps, buffers and events to records: what comes on the pad, and what is wrong
 * with it, which it says on the bus. Of the streaming thread; without the intake's
 * lock. */
typedef struct _PcapSinkStream PcapSinkStream;

/* @element, which says it, and @intake outlive it. */
PcapSinkStream * pcap_sink_stream_new  (GstElement      *element,
                                        PcapIntake      *intake);

void             pcap_sink_stream_free (PcapSinkStream  *self);

/* What @pad takes, in the order of preference: whole blocks of pcapng come first, or
 * packets. */
GstCaps *        pcap_sink_stream_get_caps    (GstPad         *pad,
                                               gboolean        in_blocks,
                                               GstCaps        *filter);

/* FALSE if they cannot be taken. */
gboolean         pcap_sink_stream_set_caps    (PcapSinkStream *self,
                                               GstCaps        *caps);

GstFlowReturn    pcap_sink_stream_take        (PcapSinkStream *self,
                                               GstBuffer      *buffer);

GstFlowReturn    pcap_sink_stream_take_list   (PcapSinkStream *self,
                                               GstBufferList  *list);

/* Another stream may begin under the same caps, of which nobody tells once more. */
void             pcap_sink_stream_start       (PcapSinkStream *self,
                                               GstEvent       *event);

/* An event of the capture, or any other. */
void             pcap_sink_stream_take_custom (PcapSinkStream *self,
                                               GstEvent       *event);

/* What comes does not follow what came. */
void             pcap_sink_stream_flush       (PcapSinkStream *self);

/* What was held could not be recorded: says why, if that has not been said. */
void             pcap_sink_stream_report      (PcapSinkStream *self,
                                               PcapRecorderResult result);

/* TRUE if a recording of it says anything: that there was no packet, too, but not that
 * there was no capture. */
gboolean         pcap_sink_stream_end         (PcapSinkStream *self);

G_END_DECLS
