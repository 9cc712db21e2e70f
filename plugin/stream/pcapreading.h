/* gst-afring: reading a capture, from its bytes to its end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapbytes.h"
#include "pcaptimeline.h"

#include <gst/afring/pcap/gstpcapdecoder.h>

G_BEGIN_DECLS

/* One run of pcapdec: bytes that are pushed, or pulled by a loop, go through a feed,
 * which decompresses, and a stream, which takes them apart, to a timeline, which
 * pushes them. All functions are for the streaming thread, or for who holds the
 * stream lock, but for those that say otherwise. */
typedef struct _PcapReading PcapReading;

PcapReading *   pcap_reading_new           (GstElement    *element,
                                            GstPad        *sink_pad,
                                            GstPad        *src_pad);
void            pcap_reading_free          (PcapReading   *self);

/* Nothing has come yet. @latency is that of pcap_timeline_reset(). */
void            pcap_reading_reset         (PcapReading   *self,
                                            GstClockTime   latency);

PcapTimeline *  pcap_reading_get_timeline  (PcapReading   *self);

/* Push mode: takes a piece. */
GstFlowReturn   pcap_reading_push          (PcapReading   *self,
                                            GstBuffer     *buffer);

/* The segment of the bytes, @start bytes into the file: the start of it can be that
 * of another file. */
void            pcap_reading_begin_segment (PcapReading   *self,
                                            guint64        start);

/* There was a flush: the half of a record is forgotten. */
void            pcap_reading_flush         (PcapReading   *self);

/* Pull mode: one list, or one more piece. */
GstFlowReturn   pcap_reading_pull          (PcapReading   *self);

/* The input has come to its end. */
void            pcap_reading_end           (PcapReading   *self);

/* Pull mode: goes on reading where the segment begins, or before. */
void            pcap_reading_move          (PcapReading   *self,
                                            const GstSegment *segment);

/* Pull mode: those of the file. */
PcapBytes *     pcap_reading_get_bytes     (PcapReading   *self);

/* What is compressed as one piece cannot be read here and there; any thread. */
gboolean        pcap_reading_is_compressed (PcapReading   *self);

G_END_DECLS
