/* gst-afring: frames, one after the other
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeview.h"

G_BEGIN_DECLS

/* A frame shows what came before its end. Frames are counted in running time from 0 on,
 * so that the same packets give the same frames. For the thread that pushes. */
typedef struct _ScopeOutput ScopeOutput;

ScopeOutput * scope_output_new         (GstElement      *element,
                                        GstPad          *pad);
void          scope_output_free        (ScopeOutput     *self);

/* Another run: nothing is negotiated, and counters are 0. */
void          scope_output_reset       (ScopeOutput     *self);

/* The end of a run: memory goes, counters stay. */
void          scope_output_stop        (ScopeOutput     *self);

/* Another stream, or after a flush: it is not known when the first frame is. */
void          scope_output_restart     (ScopeOutput     *self);

/* Before all that follows: caps are negotiated. */
GstFlowReturn scope_output_prepare     (ScopeOutput     *self);

/* Takes a segment event. */
GstFlowReturn scope_output_set_segment (ScopeOutput     *self,
                                        GstEvent        *event);

/* The next frame is that of a running time. */
void          scope_output_start       (ScopeOutput     *self,
                                        GstClockTime     time);
gboolean      scope_output_is_started  (ScopeOutput     *self);

/* Of the next frame. */
GstClockTime  scope_output_get_start   (ScopeOutput     *self);
GstClockTime  scope_output_get_end     (ScopeOutput     *self);

/* Leaves out, counts and tells of all frames but the last that end at @time or before. */
void          scope_output_skip        (ScopeOutput     *self,
                                        GstClockTime     time);

/* Draws and pushes the next frame, unless downstream has said that it will be late. */
GstFlowReturn scope_output_push        (ScopeOutput     *self,
                                        const ScopeView *view);

/* Any thread. */
void          scope_output_note_qos    (ScopeOutput     *self,
                                        GstEvent        *event);
void          scope_output_set_flushing (ScopeOutput    *self,
                                        gboolean         flushing);
GstClockTime  scope_output_get_duration (ScopeOutput    *self);
void          scope_output_get_counts  (ScopeOutput     *self,
                                        guint64         *frames,
                                        guint64         *dropped);

G_END_DECLS
