/* gst-afring: times and places in a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapbytes.h"

#include <gst/afring/pcap/gstpcapdecoder.h>

G_BEGIN_DECLS

/* Reads the file up to its first packet, with a decoder of its own: where that begins,
 * and its time. FALSE if there is none. */
gboolean     pcap_seek_learn_start (PcapBytes      *bytes,
                                    GstPcapDecoder *decoder,
                                    guint64        *start,
                                    GstClockTime   *first);

/* Both read pieces of the file here and there, and never the whole
 * of it. @decoder has read the file's first packet, which begins at @start and is
 * of @first. Times are capture times; that they grow through the file, but for
 * some disorder between neighbours, is taken for granted. */

/* The time of the last packet; GST_CLOCK_TIME_NONE if it cannot be found. */
GstClockTime pcap_seek_find_last (PcapBytes      *bytes,
                                  GstPcapDecoder *decoder,
                                  guint64         start,
                                  GstClockTime    first);

/* A place before @time, and not far before it, at which a record begins. */
guint64      pcap_seek_find_time (PcapBytes      *bytes,
                                  GstPcapDecoder *decoder,
                                  guint64         start,
                                  GstClockTime    first,
                                  GstClockTime    time);

G_END_DECLS
