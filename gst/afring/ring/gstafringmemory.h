/* gst-afring: ring blocks as GstMemory
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GST_AFRING_MEMORY_TYPE:
 *
 * The memory type of packets in a ring.
 */
#define GST_AFRING_MEMORY_TYPE "AfringMemory"

/**
 * GST_AFRING_MAP_PINNED:
 *
 * A flag beside %GST_MAP_READ for memory that a device reads (O_DIRECT, io_uring,
 * vmsplice): a device reads physical pages, and these stay the memory's until it
 * is unmapped. Libraries of GStreamer have flags of their own from %GST_MAP_FLAG_LAST
 * on; this is none of theirs.
 */
#define GST_AFRING_MAP_PINNED (GST_MAP_FLAG_LAST << 12)

GST_AFRING_API
gboolean gst_is_afring_memory (GstMemory *memory);

G_END_DECLS
