/* gst-afring: parts of the walk over link headers (only for gstlinklayer*.c)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstlinklayer.h"

G_BEGIN_DECLS

/* IP at @offset, of either version. */
GstLinkLayerResult gst_link_layer_walk_unnamed (const guint8 *data,
                                                gsize         length,
                                                gsize         offset,
                                                gsize        *network);

/* Of link types that are no part of the usual ones. */
GstLinkLayerResult gst_link_layer_walk_rare    (guint         link_type,
                                                const guint8 *data,
                                                gsize         length,
                                                gsize        *network);

G_END_DECLS
