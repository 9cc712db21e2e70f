/* gst-afring: what the files of FlowSet share
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flowset.h"
#include "flowtable.h"

G_BEGIN_DECLS

struct _FlowSet
{
  GMutex lock;                  /* for who wants to see the table */
  FlowTable *table;

  /* Of the streaming thread. */
  FlowOutput output;
  FlowTcpPool *tcp;             /* with the lock */
  FlowLosses *losses;           /* with the lock */
  GPtrArray *active;            /* of Flow: with packets to be pushed */
  guint disconts;               /* in the input */
  GstClockTime now;             /* timestamp to which the stream has come */
  GstClockTime gaps_at;         /* when silent flows were looked for */
};

/* With the lock. It has something to be pushed. */
void          flow_set_activate   (FlowSet   *self,
                                   Flow      *flow);

/* With the lock. Decides what a flow is, by what it has shown so far, and gives out what
 * waits. */
void          flow_set_judge      (FlowSet   *self,
                                   Flow      *flow);

/* Takes a flow out of the table and ends what it has downstream. */
GstFlowReturn flow_set_remove     (FlowSet   *self,
                                   Flow      *flow);

/* With the lock. Takes a piece of a flow that is put together. */
void          flow_set_take_piece (gpointer   flow,
                                   GstBuffer *piece,
                                   gpointer   self);

G_END_DECLS
