/* gst-afring: what a source element tells the application
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringtally.h"

#include <gst/afring/capture/gstlinkmonitor.h>
#include <gst/afring/ring/gstafringeviction.h>

G_BEGIN_DECLS

/* A thread that looks after the counters and the interface, and posts messages. A
 * message runs code of the application (a sync handler), which the thread that turns
 * the ring must never wait for. */
typedef struct _GstAfringWatch GstAfringWatch;

/* Called on the watch's thread. */
typedef struct
{
  /* The interface has changed; NULL: not looked at. */
  void (*link_changed) (GstElement         *element,
                        const GstLinkState *state);
  /* The source cannot go on, or its link is down. */
  void (*failed)       (GstElement         *element,
                        const GError       *error);
} GstAfringWatchFuncs;

/* @element is borrowed; @past was counted before @source. */
GstAfringWatch * gst_afring_watch_new        (GstElement                *element,
                                              GstAfringSource           *source,
                                              const GstAfringTally      *past,
                                              const GstAfringWatchFuncs *funcs);

/* Starts the thread; FALSE if there can be none. */
gboolean         gst_afring_watch_start      (GstAfringWatch            *self,
                                              GError                   **error);

/* Posts the last news and ends the thread; waits for what the application does on
 * it. */
void             gst_afring_watch_stop       (GstAfringWatch            *self);

void             gst_afring_watch_free       (GstAfringWatch            *self);

/* For the thread that turns the ring; none of these waits. @error is errno of @room;
 * @reason is taken over. */
void             gst_afring_watch_tell_room  (GstAfringWatch            *self,
                                              GstAfringRoom              room,
                                              gint                       error);
void             gst_afring_watch_tell_error (GstAfringWatch            *self,
                                              GError                    *reason);

/* Posts what has changed since the last look, on the calling thread. */
void             gst_afring_watch_look       (GstAfringWatch            *self);

G_END_DECLS
