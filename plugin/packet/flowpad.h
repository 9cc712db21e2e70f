/* gst-afring: the pad of a flow
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "packetpad.h"

G_BEGIN_DECLS

/* For the streaming thread. */
typedef struct _FlowPad FlowPad;

/* Where flows come from: what their pads have in common. */
typedef struct
{
  GstElement *element;
  GstPad *sink_pad;
  GstPadTemplate *template;
  gchar *stream_id;             /* of the stream that comes in, NULL: it has none */
  guint group_id;
} FlowPadOrigin;

/* An active pad src_NUMBER with stream-start, @caps, the sticky events of the sink
 * pad, and an event GstPacketFlow with the fields of @description. It is to be shown
 * by flow_pad_show(). Takes the description. */
FlowPad *     flow_pad_new       (const FlowPadOrigin *origin,
                                  guint                number,
                                  GstCaps             *caps,
                                  GstStructure        *description);

/* Gives it to the element. */
void          flow_pad_show      (FlowPad             *self);

/* Takes it from the element. */
void          flow_pad_free      (FlowPad             *self);

GstPad *      flow_pad_get_pad   (const FlowPad       *self);

GstFlowReturn flow_pad_push_list (FlowPad             *self,
                                  GstBufferList       *list);

/* What the last push has returned, or OK. */
GstFlowReturn flow_pad_get_last  (const FlowPad       *self);

void          flow_pad_end       (FlowPad             *self);

/* The stream has come to @now: a GAP for who still listens, if there has been nothing
 * for long. */
void          flow_pad_advance   (FlowPad             *self,
                                  GstClockTime         now);

/* What comes next is not what came before: after a flush. */
void          flow_pad_reset     (FlowPad             *self);

/* It is of another stream, which @origin describes. */
void          flow_pad_restart   (FlowPad             *self,
                                  const FlowPadOrigin *origin);

void          flow_pad_new_segment (FlowPad           *self);

/* What @from has been told also @to has to know, but for what is its own: where its stream
 * comes from, caps, and its end. */
void          flow_pad_copy_events (GstPad *from,
                                    GstPad *to);

/* What all flows say together. As GstFlowCombiner, with two differences: it only
 * counts, where that walks over all pads, of which there can be thousands; and
 * flows that nobody has linked end nothing, because the one that is wanted may be
 * the next. */
typedef struct
{
  guint pads;
  guint ended;                  /* the last push returned EOS */
  guint not_linked;
} FlowReturns;

void          flow_returns_add    (FlowReturns *self, GstFlowReturn ret);
void          flow_returns_remove (FlowReturns *self, GstFlowReturn ret);

/* After a push that returned @ret: what to return upstream. */
GstFlowReturn flow_returns_combine (const FlowReturns *self, GstFlowReturn ret);

G_END_DECLS
