/* gst-afring: one run of a source element, from start to stop
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringkeeper.h"
#include "gstafringstream.h"
#include "gstafringtally.h"

G_BEGIN_DECLS

/* Everything that lives with one ring: from start to stop, or until the interface has gone
 * and another run follows. Who has a reference can use it after the
 * stop, too: then there is nothing to be had from it any more but its last
 * statistics. */
typedef struct _GstAfringRun GstAfringRun;

typedef struct
{
  gboolean replay;              /* packets are of another time */
  GstAfringSettings *settings;  /* borrowed; locked by the caller, or not in use */
  const GstAfringTally *past;   /* of the runs that it follows */
  const GstAfringWatchFuncs *funcs;
} GstAfringRunSpec;

/* Of a source that is open, which it takes over. */
GstAfringRun *    gst_afring_run_new        (GstElement             *element,
                                             GstPad                 *pad,
                                             GstAfringSource        *source,
                                             const GstAfringRunSpec *spec);

/* The ring is turned from now on, and what happens is told: to who has to have the run by
 * then. FALSE if there are no threads to be had for it. */
gboolean          gst_afring_run_start      (GstAfringRun           *self,
                                             GError                **error);

GstAfringRun *    gst_afring_run_ref        (GstAfringRun           *self);
void              gst_afring_run_unref      (GstAfringRun           *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstAfringRun, gst_afring_run_unref)

/* Any thread. */

GstAfringSource * gst_afring_run_get_source (GstAfringRun           *self);

/* Of the packets. */
GstCaps *         gst_afring_run_get_caps   (GstAfringRun           *self);

/* The stream ends when the ring is empty, with EOS or with @error. */
void              gst_afring_run_end        (GstAfringRun           *self,
                                             const GError           *error);

/* This run ends when the ring is empty, and the stream does not. */
void              gst_afring_run_end_for_now (GstAfringRun          *self);

gboolean          gst_afring_run_is_followed (GstAfringRun          *self);

/* Waits, for a quarter of a second at most, until the streaming thread has pushed all that
 * was in the ring. Not if it is that which asks. */
void              gst_afring_run_await_end  (GstAfringRun           *self);

/* Ends a wait of gst_afring_run_has_block(). */
void              gst_afring_run_wake       (GstAfringRun           *self);

/* What was counted by this run and those before it; both ask the kernel. */
void              gst_afring_run_get_tally  (GstAfringRun           *self,
                                             GstAfringTally         *tally);

/* Of the capture of this run. */
void              gst_afring_run_get_statistics (GstAfringRun       *self,
                                             GstCaptureStatistics   *statistics);

/* application/x-afring-stats. */
GstStructure *    gst_afring_run_make_stats (GstAfringRun           *self);

/* The streaming thread. */

GstAfringStream * gst_afring_run_get_stream (GstAfringRun           *self);
GstAfringReport * gst_afring_run_get_report (GstAfringRun           *self);

/* Waits for a block, for a while, if there is none in hand. @ended: none will come. */
gboolean          gst_afring_run_has_block  (GstAfringRun           *self,
                                             gboolean               *ended);

/* What is next of the block in hand; NULL if there was nothing in it. */
GstMiniObject *   gst_afring_run_make_next  (GstAfringRun           *self,
                                             GstElement             *element);

/* What is next when no more blocks come; NULL at the very end. */
GstMiniObject *   gst_afring_run_make_last  (GstAfringRun           *self);

/* The last word before the end; the error to end with, or NULL. */
GError *          gst_afring_run_finish     (GstAfringRun           *self);

/* When there is no streaming thread any more. What downstream still has moves out of
 * the ring, which is closed with its socket. Returns the last statistics. */
GstStructure *    gst_afring_run_stop       (GstAfringRun           *self,
                                             GstElement             *element);

G_END_DECLS
