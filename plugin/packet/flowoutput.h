/* gst-afring: the way of flows to their pads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flow.h"
#include "flowsignals.h"

G_BEGIN_DECLS

/* The caps of RTP with a payload type; NULL if it gets no pad: then it has been said
 * why. */
typedef GstCaps * (*FlowCapsFunc) (GstElement *element,
                                   guint32     ssrc,
                                   guint8      payload_type);

/* What the pads of an element have in common. For the streaming thread; what others see
 * of a flow is changed with the lock. */
typedef struct
{
  GMutex *lock;                 /* borrowed, as the next */
  FlowLosses *losses;
  FlowPadOrigin origin;
  FlowCapsFunc rtp_caps;
  FlowReturns returns;
  FlowRecords records;          /* that signals have given out */
  guint pads;                   /* that there have been */
} FlowOutput;

/* Pushes the packets that wait, on a pad that it makes for a flow that has none. Without
 * the lock: who hears of a new pad may ask for stats. What it returns is for upstream. */
GstFlowReturn flow_output_push    (FlowOutput *self,
                                   Flow       *flow);

/* Posts what has been lost, if it is time to; with @at_end all of it. */
void          flow_output_report  (FlowOutput *self,
                                   Flow       *flow,
                                   gboolean    at_end);

/* Nothing more comes on the pad of a flow: EOS, if it has one. The pad stays. */
void          flow_output_finish  (FlowOutput *self,
                                   Flow       *flow);

/* Ends the pad of a flow, if it has one. */
void          flow_output_end     (FlowOutput *self,
                                   Flow       *flow);

/* Takes the pad away, and nothing else. */
void          flow_output_conceal (FlowOutput *self,
                                   Flow       *flow);

G_END_DECLS
