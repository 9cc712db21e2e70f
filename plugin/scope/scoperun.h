/* gst-afring: from packets to frames
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeview.h"

G_BEGIN_DECLS

/* Between a pad that takes packets and one that gives pictures.
 *
 * Behind a live source the clock says when a frame is due, with packets or without: a
 * thread of the source pad draws and pushes frames, and all serialized events with
 * them, so that whatever downstream does, who brings packets never waits for it. Frames
 * that it would be too late for are left out. Otherwise the timestamps of packets say
 * when a frame is due, and who brings them pushes it. */
typedef struct _ScopeRun ScopeRun;

ScopeRun *     scope_run_new           (GstElement    *element,
                                        GstPad        *sink_pad,
                                        GstPad        *src_pad);
void           scope_run_free          (ScopeRun      *self);

/* Changes of state: READY to PAUSED, back when pads are inactive, and PAUSED to PLAYING
 * and back. */
void           scope_run_start         (ScopeRun      *self,
                                        GstClockTime   duration);
void           scope_run_stop          (ScopeRun      *self);
void           scope_run_set_playing   (ScopeRun      *self,
                                        gboolean       playing);

/* The element has another clock, or none. */
void           scope_run_note_clock    (ScopeRun      *self);

/* The source pad is activated, or not any more. */
gboolean       scope_run_set_active    (ScopeRun      *self,
                                        gboolean       active);

/* Any thread, any time. */
void           scope_run_set_style     (ScopeRun      *self,
                                        ScopeStyle     style);

/* What comes to the sink pad. All take what they get. */
GstFlowReturn  scope_run_take_packet   (ScopeRun      *self,
                                        GstBuffer     *buffer);
GstFlowReturn  scope_run_take_packets  (ScopeRun      *self,
                                        GstBufferList *list);
gboolean       scope_run_take_event    (ScopeRun      *self,
                                        GstEvent      *event);

/* What comes to the source pad. */
void           scope_run_note_qos      (ScopeRun      *self,
                                        GstEvent      *event);
gboolean       scope_run_answer_latency (ScopeRun     *self,
                                        GstQuery      *query);

/* application/x-packetscope-stats */
GstStructure * scope_run_make_stats    (ScopeRun      *self);

G_END_DECLS
