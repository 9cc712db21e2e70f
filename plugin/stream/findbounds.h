/* gst-afring: from when to when a capture file is
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findfile.h"

G_BEGIN_DECLS

/* Reads the file up to its first packet, unless that is known: whether it is a capture,
 * and from when. A small one is read to its end. FALSE: it cannot be read, see
 * find_file_get_error(). */
gboolean find_bounds_read_start (FindFile *file);

/* Also looks at its end, if it can: then @greatest is that of the last packets. */
void     find_bounds_read_end   (FindFile *file);

/* Where in the file to begin for what is of @from on: a record begins there. Its first
 * packet, before which it is described, begins at @start. FALSE: at its beginning. */
gboolean find_bounds_find_time  (FindFile     *file,
                                 GstClockTime  from,
                                 guint64      *start,
                                 guint64      *place);

G_END_DECLS
