/* gst-afring: blocks of a ring as the lists that a source element pushes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringbuffers.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* The block in hand and how far it has been given on. For the streaming thread
 * only. */
typedef struct
{
  GstAfringLease *lease;
  gboolean begun;               /* some of its packets have been given on */
  GstAfringWalk walk;
  GstCaptureFilter *filter;     /* of the walk */
  GstAfringBuffers buffers;
  guint64 bytes;
  gboolean discont;             /* the next packet does not follow the last */
} GstAfringStream;

void            gst_afring_stream_init       (GstAfringStream  *self,
                                              guint             link_type,
                                              GstCaptureLayer   layer,
                                              gboolean          reference_timestamps,
                                              gboolean          replay);

/* Takes @lease over. */
void            gst_afring_stream_set_block  (GstAfringStream  *self,
                                              GstAfringSource  *source,
                                              GstAfringLease   *lease);

void            gst_afring_stream_drop_block (GstAfringStream  *self);

/* The packets that the block still has, @most at most, or NULL. Times are now,
 * as running time and as nanoseconds since 1970. */
GstBufferList * gst_afring_stream_make_list  (GstAfringStream  *self,
                                              guint             most,
                                              GstClockTime      running_time,
                                              GstClockTime      real_time);

/* The same as one buffer of pcapng. @statistics, or NULL, are to stand in front;
 * they are left out of a block that has been begun. */
GstBuffer *     gst_afring_stream_make_block (GstAfringStream  *self,
                                              guint             most,
                                              const GstCaptureStatistics *statistics,
                                              GstClockTime      running_time,
                                              GstClockTime      real_time);

static inline guint64
gst_afring_stream_get_packets (const GstAfringStream * self)
{
  return self->buffers.offset;
}

static inline guint64
gst_afring_stream_get_bytes (const GstAfringStream * self)
{
  return self->bytes;
}

G_END_DECLS
