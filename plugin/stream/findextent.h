/* gst-afring: from when to when many files are
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findtimes.h"

G_BEGIN_DECLS

/* From the first packet to the last, as far as that can be seen without reading the files
 * through. Opens them on its own, so that any thread can ask. FALSE if it cannot. */
gboolean find_extent_read (const gchar *const *locations,
                           const FindTimes    *times,
                           GstClockTime       *first,
                           GstClockTime       *last);

G_END_DECLS
