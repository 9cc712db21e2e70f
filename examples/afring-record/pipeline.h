/* afring-record: the elements that record
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "options.h"
#include "status.h"

G_BEGIN_DECLS

typedef struct
{
  const RecordOptions *options; /* borrowed */
  GstElement *pipeline;
  GstElement *sink;             /* borrowed, as each of these */
  GPtrArray *sources;
} RecordPipeline;

/* FALSE, and it has said why, if there can be none. To be cleared in any case. */
gboolean record_pipeline_make  (RecordPipeline      *self,
                                const RecordOptions *options);

void     record_pipeline_clear (RecordPipeline      *self);

void     record_pipeline_count (RecordPipeline      *self,
                                RecordCounts        *counts);

G_END_DECLS
