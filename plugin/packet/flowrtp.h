/* gst-afring: what the payloads of a flow say of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flow.h"
#include "stunmessage.h"

G_BEGIN_DECLS

/* Looks at the payload of a packet of @flow, decides what the flow is, if it is time to,
 * and counts the packet if it is RTP. Returns the part of it that is a payload: what TURN
 * carries is taken out. For a flow that is RTP it allocates nothing. */
PayloadPart flow_rtp_look   (Flow             *flow,
                             const guint8     *data,
                             gsize             size,
                             const RtpArrival *arrival);

/* No more packets are waited for. */
void        flow_rtp_decide (Flow             *flow);

/* A flow that is RTP gets its streams, counted from the packets that wait in its list.
 * Their payload types have been noted, but not counted yet. */
void        flow_rtp_begin  (Flow             *flow);
void        flow_rtp_count  (Flow             *flow,
                             FlowLosses       *losses);

G_END_DECLS
