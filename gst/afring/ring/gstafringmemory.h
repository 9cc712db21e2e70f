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

GST_AFRING_API
gboolean gst_is_afring_memory (GstMemory *memory);

G_END_DECLS
