/* gst-afring: blocks of a ring as the lists that a source element pushes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringbuffers.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* What making a list changes. */
typedef struct
{
  GstAfringWalk walk;
  GstAfringBuffers buffers;
  guint64 bytes;
} GstAfringStreamPosition;

/* GstBaseSrc throws a list away if it is paused between create() and the push.
 * The packets of such a list are given again: the position before it is kept
 * until it is known to have been pushed. For the streaming thread only. */
typedef struct
{
  GstAfringLease *lease;
  GstCaptureFilter *filter;     /* of the walk */
  GstAfringStreamPosition now;
  GstAfringStreamPosition before;
  gboolean in_flight;           /* a list was made and has not been pushed */
  gboolean discont;             /* the next packet does not follow the last */
} GstAfringStream;

void            gst_afring_stream_init       (GstAfringStream  *self,
                                              guint             link_type,
                                              GstCaptureLayer   layer,
                                              gboolean          reference_timestamps);

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

void            gst_afring_stream_list_pushed (GstAfringStream *self);

/* Goes back to before a list that was not pushed. */
void            gst_afring_stream_take_back  (GstAfringStream  *self);

static inline guint64
gst_afring_stream_get_packets (const GstAfringStream * self)
{
  return self->now.buffers.offset;
}

static inline guint64
gst_afring_stream_get_bytes (const GstAfringStream * self)
{
  return self->now.bytes;
}

G_END_DECLS
