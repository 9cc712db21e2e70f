/* gst-afring: flows that come and go, and their pads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flowoutput.h"
#include "packetdissector.h"
#include "packetmatch.h"
#include "stunmessage.h"

G_BEGIN_DECLS

/* What a list of packets is handled by: the same for all of it. */
typedef struct
{
  PacketProtocol protocol;
  GstClockTime timeout;         /* of silent flows; 0: none */
  guint most;                   /* flows */
  gboolean reassembles;         /* TCP that begins now */
  FlowTcpRules tcp;
} FlowRules;

/* The flows of an element, each with its pad when it is known what it is. For the
 * streaming thread, but for flow_set_list(). */
typedef struct _FlowSet FlowSet;

FlowSet *     flow_set_new          (GstElement    *element,
                                     GstPad        *sink_pad,
                                     GstPadTemplate *template,
                                     FlowCapsFunc   rtp_caps);
void          flow_set_free         (FlowSet       *self);

/* What is known of each, a list of structures, the newest first. Any thread. */
void          flow_set_list         (FlowSet       *self,
                                     GValue        *list);

/* Packets are put into their flows between these two. */
void          flow_set_begin        (FlowSet       *self);
void          flow_set_finish       (FlowSet       *self);

/* Something is missing here: the next buffer of each flow says it. */
void          flow_set_note_discont (FlowSet       *self);

/* How much the capture has lost. */
void          flow_set_take_statistics (FlowSet    *self,
                                     const GstCaptureStatistics *statistics);

/* The flow of a packet that was captured at @time. A new one comes in when there are
 * fewer than are allowed: who has been silent longest goes. If downstream wants no more,
 * NULL and a return. */
Flow *        flow_set_find         (FlowSet       *self,
                                     const FlowKey *key,
                                     GstClockTime   time,
                                     const FlowRules *rules,
                                     GstFlowReturn *ret);

/* The same with a new one in the place of @flow, which has ended. */
Flow *        flow_set_replace      (FlowSet       *self,
                                     Flow          *flow,
                                     const FlowRules *rules,
                                     GstFlowReturn *ret);

/* Looks at the payload of a packet of @flow, before it is added. Returns the part of it
 * that is to be. */
PayloadPart   flow_set_look         (FlowSet       *self,
                                     Flow          *flow,
                                     const DissectedPacket *packet);

/* Where payloads of a flow are put that is decided, each told of by the other; NULL: it is
 * not. */
SlotList *    flow_set_get_list     (FlowSet       *self,
                                     Flow          *flow);
void          flow_set_note_added   (FlowSet       *self,
                                     Flow          *flow,
                                     GstBuffer     *payload);

/* Takes a payload that nobody else has. */
void          flow_set_add          (FlowSet       *self,
                                     Flow          *flow,
                                     GstBuffer     *payload);

/* Takes a segment of a flow that is put together, and its data, which nobody else has;
 * NULL: there are none. */
void          flow_set_add_segment  (FlowSet       *self,
                                     Flow          *flow,
                                     const GstTcpSegment *segment,
                                     GstBuffer     *data,
                                     const FlowRules *rules);

/* The stream has come to a timestamp. */
void          flow_set_note_time    (FlowSet       *self,
                                     GstClockTime   now);

/* Pushes what has been added. When downstream wants no more, the rest is dropped. All
 * that returns GstFlowReturn means it for upstream: EOS when nobody who has linked a
 * pad wants more. */
GstFlowReturn flow_set_push         (FlowSet       *self);

/* Decides what has waited for long when it is @time in the capture, ends flows that have
 * been silent for too long, and those that are too many. */
GstFlowReturn flow_set_expire       (FlowSet       *self,
                                     GstClockTime   time,
                                     const FlowRules *rules);

/* Tells flows of which nothing has come for long that time passes. */
void          flow_set_push_gaps    (FlowSet       *self);

/* Gives out all packets that still wait, and tells of all that is missing. */
GstFlowReturn flow_set_settle       (FlowSet       *self);

/* How many pads there have been. */
guint         flow_set_count_pads   (FlowSet       *self);

/* The one reset. Nothing of what waits goes out; flows and their pads stay. */
void          flow_set_reset        (FlowSet       *self);

/* The same, for a stream that begins; pads that are there go on with it. Takes the
 * id, which can be NULL. */
void          flow_set_restart      (FlowSet       *self,
                                     gchar         *stream_id,
                                     guint          group_id);

/* Timestamps count from elsewhere. */
void          flow_set_new_segment  (FlowSet       *self);

/* The same, and flows and pads go too. Any thread, when nothing streams. */
void          flow_set_clear        (FlowSet       *self);

G_END_DECLS
