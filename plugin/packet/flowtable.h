/* gst-afring: the flows of a network
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flow.h"

G_BEGIN_DECLS

/* Flows, by key and by when they were last seen. For one thread, but for what is
 * locked by its owner. */
typedef struct _FlowTable FlowTable;

FlowTable *    flow_table_new        (void);

/* The flows must have lost their pads. */
void           flow_table_free       (FlowTable     *self);

/* The flow with that key, which is the newest one from now on, or NULL. */
Flow *         flow_table_touch      (FlowTable     *self,
                                      const FlowKey *key);

/* The same, and nothing changes. */
Flow *         flow_table_look_up    (FlowTable     *self,
                                      const FlowKey *key);

/* One that is not there yet, as the newest. Who adds it sees to it that there is
 * room. */
Flow *         flow_table_add        (FlowTable     *self,
                                      const FlowKey *key);

/* The next number of a flow, for one that becomes another. */
guint          flow_table_take_number (FlowTable    *self);

guint          flow_table_get_size   (FlowTable     *self);

/* The one that was seen longest ago, or NULL. */
Flow *         flow_table_get_oldest (FlowTable     *self);

/* How long a flow has been silent when a packet comes that was captured at @now; 0 if
 * that is not known. */
GstClockTime   flow_table_get_silence (FlowTable    *self,
                                      const Flow    *flow,
                                      GstClockTime   now);

/* Takes a flow out; to be freed with flow_free(). */
void           flow_table_remove     (FlowTable     *self,
                                      Flow          *flow);

/* Of flows; the oldest is the last. */
const GList *  flow_table_get_flows  (FlowTable     *self);
const GList *  flow_table_get_last   (FlowTable     *self);

/* A flow keeps a packet with @size bytes until it is decided what it is. */
void           flow_table_hold       (FlowTable     *self,
                                      Flow          *flow,
                                      gsize          size);

/* It keeps nothing any more. */
void           flow_table_let_go     (FlowTable     *self,
                                      Flow          *flow);

/* Memory of what all flows keep, and the one that has kept something longest, or
 * NULL. */
gsize          flow_table_get_held   (FlowTable     *self);
Flow *         flow_table_get_first_holder (FlowTable *self);

/* Forgets all packets that wait, and what has been seen of flows that are not
 * decided. The time up to the next packet is nobody's silence. */
void           flow_table_flush      (FlowTable     *self);

G_END_DECLS
