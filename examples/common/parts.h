/* What programs that capture have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* In @bin, borrowed; NULL, and it has said why, if there is no such element. */
GstElement * parts_make          (GstElement  *bin,
                                  const gchar *factory);

/* Memory of the ring of an afringsrc, in bytes; 0: as it is. */
void         parts_set_ring      (GstElement  *source,
                                  guint64      bytes);

/* With the number and the time in it, as dumpcap does, unless it has a pattern; @extension
 * is for a name without one. */
gchar *      parts_make_rotated  (const gchar *location,
                                  const gchar *extension);

G_END_DECLS
