/* gst-afring: the bytes of one direction of a TCP connection, in order (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gsttcpsegment.h>

G_BEGIN_DECLS

/* Takes segments as they were captured, gives their bytes in order, each once. What comes
 * first counts: bytes that have come before are cut off, whatever they are now. A stream
 * begins with its SYN, or, if the capture has begun later, with the first segment that
 * comes.
 *
 * Behind a hole segments wait. It is closed, so that they go on without what is missing,
 * when the receiver has acknowledged what is behind it (nobody will send it again), or
 * when who has the stream says so; what waits is not bounded otherwise.
 *
 * Segments farther than 64 MiB from where the stream is are strays, which do not count;
 * but when two follow one upon the other, the stream goes on there: the capture has
 * lost more than that, or the connection is another one whose SYN was not seen.
 *
 * A segment in order that finds nothing waiting costs no allocation and no search. What
 * one costs that has to wait grows with the logarithm of how many wait, whatever their
 * order. For one thread. */
typedef struct _GstTcpStream GstTcpStream;

typedef struct
{
  guint64 segments;             /* with data */
  guint64 bytes;                /* that have been given out */
  guint64 out_of_order;         /* segments that came before what was to come first */
  guint64 retransmitted;        /* bytes of segments that had nothing new */
  guint64 overlapping;          /* old bytes of segments that had something new */
  guint64 keep_alives;          /* segments: RFC 9293 section 3.8.4 */
  guint64 holes;
  guint64 missing;              /* bytes in them, as far as their size is known */
  guint64 strays;               /* segments that do not belong to the stream */
} GstTcpStreamStats;

/* Gets a piece of the stream, which it takes. Its offset and offset-end are those in the
 * stream, in bytes from its beginning; the timestamp is that of the segment, or of the
 * piece before if that is later. With DISCONT some bytes before it are missing: as many
 * as its offset is greater than the offset-end of the piece before; 0 if nobody knows. */
typedef void (*GstTcpStreamFunc) (GstBuffer *piece,
                                  gpointer   user_data);

GST_AFRING_API
GstTcpStream * gst_tcp_stream_new        (GstTcpStreamFunc     func,
                                          gpointer             user_data);

/* What waits is dropped. */
GST_AFRING_API
void           gst_tcp_stream_free       (GstTcpStream        *self);

/* Whether a segment is the SYN of another connection with the same ports: its stream is
 * another one, which is to be made. */
GST_AFRING_API
gboolean       gst_tcp_stream_is_over    (const GstTcpStream  *self,
                                          const GstTcpSegment *segment);

/* Takes a segment. @data is a buffer that nobody else changes, with the bytes that were
 * captured, and taken; NULL if there are none. Pieces share its memory. */
GST_AFRING_API
void           gst_tcp_stream_take       (GstTcpStream        *self,
                                          const GstTcpSegment *segment,
                                          GstBuffer           *data);

/* The other side has all before @sequence. */
GST_AFRING_API
void           gst_tcp_stream_acknowledge (GstTcpStream       *self,
                                          guint32              sequence);

/* Closes the first hole, or drops a stray one. FALSE: nothing waits. */
GST_AFRING_API
gboolean       gst_tcp_stream_skip       (GstTcpStream        *self);

/* Closes all of them; nothing more comes. */
GST_AFRING_API
void           gst_tcp_stream_finish     (GstTcpStream        *self);

/* Drops what waits. What comes next is the beginning of a stream. */
GST_AFRING_API
void           gst_tcp_stream_restart    (GstTcpStream        *self);

/* What waits gets memory of its own, now and until nothing waits, so that it keeps
 * nothing else alive. */
GST_AFRING_API
void           gst_tcp_stream_unshare    (GstTcpStream        *self);

/* Memory of what waits: its bytes, and what keeping them takes. */
GST_AFRING_API
gsize          gst_tcp_stream_get_held   (const GstTcpStream  *self);

/* Since when what is behind the first hole has waited, as the segment has said; NONE if
 * nothing waits. */
GST_AFRING_API
GstClockTime   gst_tcp_stream_get_waiting_since (const GstTcpStream *self);

/* Where the stream is, from its beginning on. */
GST_AFRING_API
guint64        gst_tcp_stream_get_offset (const GstTcpStream  *self);

/* The sender has ended it, and all has been given out. */
GST_AFRING_API
gboolean       gst_tcp_stream_has_ended  (const GstTcpStream  *self);

GST_AFRING_API
const GstTcpStreamStats *
               gst_tcp_stream_get_stats  (const GstTcpStream  *self);

G_END_DECLS
