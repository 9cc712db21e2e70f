/* gst-afring: TCP flows that are put together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gsttcpstream.h>

G_BEGIN_DECLS

/* How much memory of what waits behind holes there may be, and for how long. */
typedef struct
{
  guint64 most_by_one;          /* bytes of a flow */
  guint64 most;                 /* of all together */
  GstClockTime longest;         /* in the time of the capture */
} FlowTcpRules;

/* All of them. For one thread. */
typedef struct _FlowTcpPool FlowTcpPool;

/* One of them: a direction of a connection. */
typedef struct _FlowTcp FlowTcp;

/* Takes a piece of a stream, as GstTcpStreamFunc; @owner is whose it is. */
typedef void (*FlowTcpFunc) (gpointer   owner,
                             GstBuffer *piece,
                             gpointer   user_data);

FlowTcpPool * flow_tcp_pool_new        (FlowTcpFunc          func,
                                        gpointer             user_data);

/* When it is empty. */
void          flow_tcp_pool_free       (FlowTcpPool         *self);

gboolean      flow_tcp_pool_is_empty   (const FlowTcpPool   *self);

/* Whether any segment waits. */
gboolean      flow_tcp_pool_is_waiting (const FlowTcpPool   *self);

/* It is @time in the capture: gives up holes that are too old. What has waited for a
 * while already is copied, so that it does not keep blocks of a ring. */
void          flow_tcp_pool_expire     (FlowTcpPool         *self,
                                        GstClockTime         time,
                                        const FlowTcpRules  *rules);

FlowTcp *     flow_tcp_new             (FlowTcpPool         *pool,
                                        gpointer             owner);
void          flow_tcp_free            (FlowTcp             *self);

/* They are the two directions of a connection, until one of them is freed. */
void          flow_tcp_set_peer        (FlowTcp             *self,
                                        FlowTcp             *peer);

/* As gst_tcp_stream_is_over(). */
gboolean      flow_tcp_is_over         (const FlowTcp       *self,
                                        const GstTcpSegment *segment);

/* As gst_tcp_stream_take(); tells the peer what the segment acknowledges, and keeps to
 * the rules. */
void          flow_tcp_take            (FlowTcp             *self,
                                        const GstTcpSegment *segment,
                                        GstBuffer           *data,
                                        const FlowTcpRules  *rules);

/* As gst_tcp_stream_finish(), gst_tcp_stream_restart(). */
void          flow_tcp_finish          (FlowTcp             *self);
void          flow_tcp_restart         (FlowTcp             *self);

gboolean      flow_tcp_has_ended       (const FlowTcp       *self);
gboolean      flow_tcp_is_waiting      (const FlowTcp       *self);

/* Sets delivered, retransmitted, overlapping, missing, holes, out-of-order, keep-alives,
 * strays, waiting. */
void          flow_tcp_describe        (const FlowTcp       *self,
                                        GstStructure        *structure);

G_END_DECLS
