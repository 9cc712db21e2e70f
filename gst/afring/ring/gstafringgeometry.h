/* gst-afring: the size of a ring (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 block_size;
  guint32 block_count;
  guint block_timeout;          /* milliseconds */
  gboolean may_shrink;          /* on ENOMEM halve the ring instead of failing */
} GstAfringGeometry;

/* FALSE with GST_CAPTURE_ERROR_GEOMETRY if no ring can be made of it. */
gboolean gst_afring_geometry_check (const GstAfringGeometry  *self,
                                    GError                  **error);

G_END_DECLS
