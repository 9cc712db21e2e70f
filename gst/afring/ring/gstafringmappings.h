/* gst-afring: the mappings that a process may have (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* A process has a number of mappings (vm.max_map_count, 65,530 by default), and at the
 * last one its threads, its libraries and its malloc() fail. What is taken out of a
 * ring has a share of them, for all rings together, as it has a share of the memory. */

/* FALSE if @n more would be more than the share. */
gboolean gst_afring_mappings_take      (guint n);

void     gst_afring_mappings_give_back (guint n);

G_END_DECLS
