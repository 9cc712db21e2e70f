/* gst-afring: the flows that send most
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "scopeview.h"

#include <gst/afring/packet/gstpacketparser.h>

G_BEGIN_DECLS

/* Flows are one direction of a connection each. There are no more than
 * SCOPE_MOST_FLOWS: a new one takes the place of that which has been silent longest,
 * whose packets belong to the rest from then on. */
typedef struct _ScopeFlows ScopeFlows;

#define SCOPE_MOST_FLOWS 512

ScopeFlows * scope_flows_new   (void);
void         scope_flows_free  (ScopeFlows             *self);

void         scope_flows_clear (ScopeFlows             *self);

/* A packet with ports or without, whose headers are known. */
void         scope_flows_add   (ScopeFlows             *self,
                                const GstPacketHeaders *headers,
                                guint64                 bucket,
                                gsize                   bytes);

/* Sets the layers of @view to those that have sent most bytes since bucket @first. The
 * last one is the rest of @total. A flow keeps its colour as long as it is shown. */
void         scope_flows_look  (ScopeFlows             *self,
                                guint64                 first,
                                const ScopeSeries      *total,
                                ScopeView              *view);

G_END_DECLS
