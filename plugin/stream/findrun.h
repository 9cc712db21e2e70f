/* gst-afring: reading many files, from the first to the end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findmerge.h"
#include "pcaptimeline.h"

G_BEGIN_DECLS

/* The properties of pcapsrc; strings are owned. */
typedef struct
{
  gchar *location;
  gchar **locations;
  gchar *start_time;
  gchar *stop_time;
  gchar *filter;
  gboolean follow;
  gboolean use_index;
  gboolean trust_order;
} FindSettings;

void          find_settings_clear (FindSettings       *self);

/* One run of pcapsrc, from READY to PAUSED and back. All functions are for the streaming
 * thread, or for who holds the stream lock, but for those that say otherwise. */
typedef struct _FindRun FindRun;

/* @timeline and @counts are there for longer. NULL with an error: the settings make no
 * sense. */
FindRun *     find_run_new        (GstElement         *element,
                                   PcapTimeline       *timeline,
                                   const FindSettings *settings,
                                   FindCounts         *counts,
                                   GError            **error);
void          find_run_free       (FindRun            *self);

/* Before the first step: the stream is pcapng. */
void          find_run_set_in_blocks (FindRun         *self,
                                   gboolean            in_blocks);

/* Of find_run_step(): there is nothing more for now. */
#define FIND_RUN_WAITING GST_FLOW_CUSTOM_SUCCESS_1

/* One list or event goes downstream. GST_FLOW_EOS: the end has gone too. GST_FLOW_ERROR: it
 * has been posted. */
GstFlowReturn find_run_step       (FindRun            *self);

/* The end is here, whatever follows. */
void          find_run_end        (FindRun            *self);

/* Any thread: find_run_step() comes back soon, and goes on later. */
void          find_run_interrupt  (FindRun            *self,
                                   gboolean            interrupt);

/* When the first packet was captured: of what was asked for, which is read up to it. NONE:
 * there is none. */
GstClockTime  find_run_get_first  (FindRun            *self);

/* Goes on with the packets of @segment. */
void          find_run_move       (FindRun            *self,
                                   const GstSegment   *segment);

/* Any thread: of all that is asked for, as far as it can be seen without reading it. NONE:
 * it cannot. */
GstClockTime  find_run_get_duration (FindRun          *self);

G_END_DECLS
