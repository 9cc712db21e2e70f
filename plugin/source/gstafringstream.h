/* gst-afring: blocks of a ring as what a source element pushes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringsection.h"
#include "gstafringsettings.h"

#include <gst/afring/ring/gstafringbuffers.h>
#include <gst/afring/ring/gstafringsource-private.h>

G_BEGIN_DECLS

/* The block in hand and how far it has been given on: as lists of packets, or as it
 * is, in a section of pcapng. For the streaming thread only. */
typedef struct
{
  GstAfringLease *lease;
  gboolean begun;               /* some of its packets have been given on */
  GstAfringWalk walk;
  GstCaptureFilter *filter;     /* of the walk */
  GstAfringBuffers buffers;
  gint num_buffers;             /* packets, at most; -1: no limit */
  guint64 bytes;
  gboolean discont;             /* the next packet does not follow the last */
  gboolean gives_blocks;
  GstAfringSection section;     /* if it does */
} GstAfringStream;

/* @report has to live as long as the stream. */
void            gst_afring_stream_init       (GstAfringStream  *self,
                                              const GstAfringSettings *settings,
                                              guint             link_type,
                                              gboolean          replay,
                                              GstAfringReport  *report);

/* It goes on after another one, which gave so much on. */
void            gst_afring_stream_follow     (GstAfringStream  *self,
                                              guint64           packets,
                                              guint64           bytes);

void            gst_afring_stream_clear      (GstAfringStream  *self);

/* From now on packets, or blocks in a new section, whose caps are returned. */
void            gst_afring_stream_give_packets (GstAfringStream *self);
GstCaps *       gst_afring_stream_give_blocks (GstAfringStream *self);

/* TRUE if the section does not describe any more what is captured. */
gboolean        gst_afring_stream_is_stale   (GstAfringStream  *self);

/* Takes @lease over. */
void            gst_afring_stream_set_block  (GstAfringStream  *self,
                                              GstAfringSource  *source,
                                              GstAfringLease   *lease);

void            gst_afring_stream_drop_block (GstAfringStream  *self);

/* What is next of the block in hand, a buffer or a list; NULL if there is nothing
 * more in it, and then it is dropped. Times are now, as running time and as
 * nanoseconds since 1970. */
GstMiniObject * gst_afring_stream_make_next  (GstAfringStream  *self,
                                              GstClockTime      running_time,
                                              GstClockTime      real_time);

/* What is next when there are no more blocks; NULL at the very end. */
GstMiniObject * gst_afring_stream_make_last  (GstAfringStream  *self);

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

static inline gboolean
gst_afring_stream_has_enough (const GstAfringStream * self)
{
  return self->num_buffers >= 0
      && self->buffers.offset >= (guint64) self->num_buffers;
}

G_END_DECLS
