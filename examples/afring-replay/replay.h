/* afring-replay: files through a pipeline
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "options.h"

G_BEGIN_DECLS

/* What became of packets, of all files and rounds together. */
typedef struct
{
  GstStructure *stats;          /* guint64 fields of afringsink's */
  gdouble seconds;              /* while packets were sent */
  gboolean failed;
} ReplayResult;

/* Sends all of it, or until SIGINT or SIGTERM. Says what goes wrong. */
void replay_run (const ReplayOptions *options,
                 ReplayResult        *result);

G_END_DECLS
