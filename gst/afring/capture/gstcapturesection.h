/* gst-afring: what a capture file says of a whole section
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

GST_AFRING_API
gboolean   gst_capture_section_has_block      (guint32        type,
                                               gboolean       in_front);

GST_AFRING_API
GBytes *   gst_capture_section_new_block      (const guint8  *data,
                                               gsize          length);

GST_AFRING_API
GstEvent * gst_event_new_capture_section      (GPtrArray     *blocks);

GST_AFRING_API
gboolean   gst_event_parse_capture_section    (GstEvent      *event,
                                               GPtrArray    **blocks);

G_END_DECLS
