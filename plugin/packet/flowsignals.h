/* gst-afring: the signals of flowdemux
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "flow.h"

G_BEGIN_DECLS

void      flow_signals_install        (GObjectClass   *klass);

/* A binding can hand a record to a handler without a copy, as PyGObject does, and the
 * handler keep it: so it has to outlive the emission. The last ones are kept, which
 * is all of an ordinary run. */
typedef struct
{
  GQueue records;               /* of GstStructure, the oldest first */
} FlowRecords;

#define FLOW_RECORDS_KEPT 4096

void      flow_records_init           (FlowRecords    *self);
void      flow_records_clear          (FlowRecords    *self);

/* Takes the record. */
void      flow_signals_emit_new       (GstElement     *element,
                                       const FlowPad  *pad,
                                       GstStructure   *record,
                                       FlowRecords    *records);
void      flow_signals_emit_removed   (GstElement     *element,
                                       const FlowPad  *pad,
                                       GstStructure   *record,
                                       FlowRecords    *records);

/* What somebody says that an RTP flow carries, or NULL. */
GstCaps * flow_signals_ask_pt_map     (GstElement     *element,
                                       guint32         ssrc,
                                       guint8          payload_type);

G_END_DECLS
