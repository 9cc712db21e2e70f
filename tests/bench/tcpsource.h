/* A source of TCP that never ends, for bench-pipeline.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "meter.h"

G_BEGIN_DECLS

/* Pushes lists of segments of @size bytes, headers counted, each where the last has ended,
 * through a flowdemux with these properties until that has been measured. */
void tcp_source_run (BenchMeter  *meter,
                     const gchar *properties,
                     guint        size);

G_END_DECLS
