/* gst-afring: what a ring source makes next
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstafringgate.h"
#include "gstafringrun.h"

G_BEGIN_DECLS

/* This run is over, and another one follows. */
#define GST_AFRING_FLOW_OTHER_RUN GST_FLOW_CUSTOM_SUCCESS

/* One turn of create(): waits for something to push, for a while. *@made stays NULL if
 * there is nothing yet. At the end EOS, ERROR, which is posted, or OTHER_RUN. */
GstFlowReturn gst_afring_turn               (GstBaseSrc     *src,
                                             GstAfringRun   *run,
                                             GstAfringGate  *gate,
                                             GstMiniObject **made);

/* Whole blocks are given on from now on, in a new section of pcapng. FALSE: downstream
 * does not take its caps. */
gboolean      gst_afring_turn_begin_section (GstBaseSrc     *src,
                                             GstAfringRun   *run);

G_END_DECLS
