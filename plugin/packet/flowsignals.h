/* gst-afring: the signals of flowdemux
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flow.h"

G_BEGIN_DECLS

void      flow_signals_install        (GObjectClass   *klass);

/* Takes the record. */
void      flow_signals_emit_new       (GstElement     *element,
                                       const FlowPad  *pad,
                                       GstStructure   *flow);
void      flow_signals_emit_removed   (GstElement     *element,
                                       const FlowPad  *pad,
                                       GstStructure   *flow);

/* What somebody says that an RTP flow carries, or NULL. */
GstCaps * flow_signals_ask_pt_map     (GstElement     *element,
                                       const RtpProbe *probe);

G_END_DECLS
