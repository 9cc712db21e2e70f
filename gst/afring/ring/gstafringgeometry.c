/* gst-afring: the size of a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringgeometry.h"

#include <gst/afring/capture/gstcaptureerror.h>
#include <unistd.h>

#define MAX_BLOCK_SIZE (1u << 30)       /* the kernel keeps it in an int */

gboolean
gst_afring_geometry_check (const GstAfringGeometry * self, GError ** error)
{
  guint64 ring = (guint64) self->block_size * self->block_count;
  guint64 page = sysconf (_SC_PAGESIZE);
  guint64 machine = sysconf (_SC_PHYS_PAGES) * page;

  if (self->block_size < page || self->block_size > MAX_BLOCK_SIZE) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "A block-size of %u bytes cannot make a ring: the kernel takes powers "
        "of two from one page up to %u", self->block_size, MAX_BLOCK_SIZE);
    return FALSE;
  }
  if (self->block_count == 0 || ring > machine / 2) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "A ring of %u blocks of %u bytes would be %" G_GUINT64_FORMAT
        " MiB, more than half of this machine's %" G_GUINT64_FORMAT " MiB of "
        "memory: lower block-count or block-size", self->block_count,
        self->block_size, ring >> 20, machine >> 20);
    return FALSE;
  }
  return TRUE;
}
