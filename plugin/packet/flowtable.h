/* gst-afring: the flows of a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "rtpprobe.h"

#include <gst/afring/packet/gstpacketparser.h>

G_BEGIN_DECLS

/* What packets of one flow have in common: the 5-tuple, one direction of it.
 * Compared as bytes. */
typedef struct
{
  guint8 src[16];
  guint8 dst[16];
  guint16 src_port;
  guint16 dst_port;
  guint8 protocol;
  guint8 version;
  guint8 zero[2];
} FlowKey;

typedef struct
{
  FlowKey key;
  guint number;                 /* counts flows, from 0 on */
  RtpProbe probe;
  RtpProbeResult kind;          /* UNDECIDED: there is no pad yet */
  GstPad *pad;                  /* owned; NULL until it is decided what it is */
  GstBufferList *list;          /* packets that wait to be pushed, or NULL */
  gboolean is_listed;           /* in a list of flows to be pushed */

  guint64 packets;
  guint64 bytes;
  GstClockTime first_time;
  GstClockTime last_time;
} Flow;

/* Flows, by key and by when they were last seen. For one thread, but for what is
 * locked by its owner. */
typedef struct _FlowTable FlowTable;

FlowTable *    flow_table_new        (void);

/* The flows must have lost their pads. */
void           flow_table_free       (FlowTable              *self);

/* The flow of a packet that is @time, made if there is none yet; it is the newest
 * one from now on. */
Flow *         flow_table_touch      (FlowTable              *self,
                                      const GstPacketHeaders *headers,
                                      GstClockTime            time);

guint          flow_table_get_size   (FlowTable              *self);

/* The one that was seen longest ago, or NULL. */
Flow *         flow_table_get_oldest (FlowTable              *self);

/* Takes a flow out; to be freed with flow_free(). */
void           flow_table_remove     (FlowTable              *self,
                                      Flow                   *flow);

/* The newest first. */
const GList *  flow_table_get_flows  (FlowTable              *self);

void           flow_free             (Flow                   *self);

/* What is known of a flow, as application/x-flow. */
GstStructure * flow_make_structure   (const Flow             *self);

G_END_DECLS
