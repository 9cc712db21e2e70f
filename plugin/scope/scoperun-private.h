/* gst-afring: from packets to frames: what its parts share
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeoutput.h"
#include "scoperun.h"
#include "scopetraffic.h"

G_BEGIN_DECLS

typedef enum
{
  SCOPE_PACE_UNDECIDED,
  SCOPE_PACE_OF_PACKETS,
  SCOPE_PACE_OF_CLOCK
} ScopePace;

struct _ScopeRun
{
  GstElement *element;
  GstPad *sink_pad;
  GstPad *src_pad;

  /* Of the thread that pushes frames. */
  ScopeOutput *output;
  ScopeView *view;

  /* Of the thread that brings packets. */
  GstSegment segment;
  gboolean new_stream;          /* the next segment is the first of one */
  GstClockTime duration;

  GMutex lock;
  GCond changed;

  /* Lock. */
  ScopeTraffic *traffic;
  ScopePace pace;
  GQueue events;                /* that the clock's thread is to push */
  gboolean flushing;
  gboolean playing;
  GstFlowReturn flow;           /* of the clock's thread */
  GstClockID wait;              /* that it waits for, or NULL */
  GstClockTime latency;         /* of upstream */
};

/* Pushes frames, which end at @time or before. */
GstFlowReturn scope_run_push_until (ScopeRun     *self,
                                    GstClockTime  time);

/* Draws what is to be seen before the end of the next frame, and pushes that. */
GstFlowReturn scope_run_push_frame (ScopeRun     *self);

/* Pushes a serialized event, and before it what belongs there. Takes it. */
GstFlowReturn scope_run_give_event (ScopeRun     *self,
                                    GstEvent     *event);

/* The clock's thread: starts it; wakes it, with the lock, because something has
 * changed. */
void          scope_run_start_clock (ScopeRun    *self);
void          scope_run_wake_clock (ScopeRun     *self);

G_END_DECLS
