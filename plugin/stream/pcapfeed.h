/* gst-afring: the bytes of a capture stream, decompressed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What lies between the input, pushed or pulled, and the stream of packets. Bytes
 * that are not compressed go through as they are; what is compressed, as the first
 * bytes say, comes out in pieces of its own. */
typedef struct _PcapFeed PcapFeed;

PcapFeed *    pcap_feed_new           (void);
void          pcap_feed_free          (PcapFeed   *self);

/* The next piece is the first one. */
void          pcap_feed_reset         (PcapFeed   *self);

/* The next piece is from elsewhere; what is not compressed stays so. */
void          pcap_feed_flush         (PcapFeed   *self);

/* Takes @buffer, the next piece. All that came of those before was taken. */
void          pcap_feed_push          (PcapFeed   *self,
                                       GstBuffer  *buffer);

/* No more comes. */
void          pcap_feed_finish        (PcapFeed   *self);

/* Of what there is. %NULL: no more before the next piece, or an error, which names
 * the compression and what to do. */
GstBuffer *   pcap_feed_pop           (PcapFeed   *self,
                                       GError    **error);

/* What cannot be read here and there, but only from the start. */
gboolean      pcap_feed_is_compressed (PcapFeed   *self);

/* TRUE at the end if the compressed data goes on. */
gboolean      pcap_feed_is_torn       (PcapFeed   *self);

G_END_DECLS
