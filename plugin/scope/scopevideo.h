/* gst-afring: pictures as video buffers
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeview.h"

#include <gst/video/video.h>

G_BEGIN_DECLS

/* What cairo draws, in the order of bytes of this machine. */
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
#define SCOPE_FORMATS "{ BGRx, BGRA }"
#else
#define SCOPE_FORMATS "{ xRGB, ARGB }"
#endif

#define SCOPE_VIDEO_CAPS "video/x-raw, format = (string) " SCOPE_FORMATS \
    ", width = (int) [ 1, 32767 ], height = (int) [ 1, 32767 ]" \
    ", framerate = (fraction) [ 1/1000, 1000/1 ]"

/* The caps that are negotiated on a source pad, and a pool of buffers for them. For
 * the thread that pushes. */
typedef struct _ScopeVideo ScopeVideo;

ScopeVideo *         scope_video_new       (GstElement      *element,
                                            GstPad          *pad);
void                 scope_video_free      (ScopeVideo      *self);

/* Forgets what was negotiated. */
void                 scope_video_reset     (ScopeVideo      *self);

/* Negotiates if nothing is yet, or if downstream asks for it. Posts an error if that
 * fails. */
GstFlowReturn        scope_video_negotiate (ScopeVideo      *self);

/* What has been negotiated. */
const GstVideoInfo * scope_video_get_info  (ScopeVideo      *self);

/* A picture without times. */
GstFlowReturn        scope_video_draw      (ScopeVideo      *self,
                                            const ScopeView *view,
                                            GstBuffer      **buffer);

/* Nobody waits for a buffer. Any thread. */
void                 scope_video_set_flushing (ScopeVideo   *self,
                                            gboolean         flushing);

G_END_DECLS
