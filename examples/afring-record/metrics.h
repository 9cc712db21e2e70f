/* afring-record: its counters for whoever watches it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "status.h"

G_BEGIN_DECLS

/* In a file that is replaced, for the textfile collector of node_exporter, in the text
 * format that it takes; or over HTTP, as OpenMetrics 1.0. Of the main loop. */
typedef struct _Metrics Metrics;

/* @where: a file; or a port of localhost, ":9199" or "127.0.0.1:9199"; or a socket,
 * "unix:PATH". */
Metrics * metrics_new    (const gchar         *where,
                          GError             **error);

void      metrics_free   (Metrics             *self);

/* What whoever asks is told from now on; a file has it then. */
void      metrics_update (Metrics             *self,
                          const RecordCounts  *counts);

G_END_DECLS
