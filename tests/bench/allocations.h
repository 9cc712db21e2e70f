/* Counts allocations of the whole program, which has to be linked with this.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Counts malloc() and its relatives, and the slice allocator of GLib where that
 * does not come down to malloc(). */
void    allocations_start (void);

/* How many there were since. */
guint64 allocations_stop  (void);

G_END_DECLS
