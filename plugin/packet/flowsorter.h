/* gst-afring: packets into their flows
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flowset.h"
#include "packetcounts.h"

G_BEGIN_DECLS

/* Takes packets apart and finds their flows. For the streaming thread. */
typedef struct _FlowSorter FlowSorter;

FlowSorter *  flow_sorter_new        (FlowSet         *flows);
void          flow_sorter_free       (FlowSorter      *self);

/* Pushes what is in the packets of a list, and lets go of flows that have ended. Takes
 * the list. What it returns is for upstream. */
GstFlowReturn flow_sorter_take       (FlowSorter      *self,
                                      GstBufferList   *list,
                                      const FlowRules *rules);

/* As packet_dissector_set_link_type() and packet_dissector_clear(). */
gboolean      flow_sorter_set_link_type (FlowSorter   *self,
                                      guint32          link_type);
void          flow_sorter_clear      (FlowSorter      *self);

void          flow_sorter_get_counts (FlowSorter      *self,
                                      PacketCounts    *counts);

G_END_DECLS
