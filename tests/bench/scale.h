/* The parts of bench-scale: each prints a table.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One and two sources on one interface, into one file and into two. */
void scale_sources   (guint        rounds,
                      guint64      frames,
                      const gchar *directory);

/* As a recording has more and more files. */
void scale_recording (guint        rounds,
                      const gchar *directory);

/* As more and more buffers are kept downstream. */
void scale_held      (guint        rounds,
                      guint64      packets);

G_END_DECLS
