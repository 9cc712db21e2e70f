/* gst-afring: making ring memory (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmemory.h>
#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

/* The whole block of @lease as one memory, which holds the lease until it and
 * everything shared from it is gone. Packets are shares of it. */
GST_AFRING_API
GstMemory * gst_afring_memory_new   (GstAfringLease *lease);

/* As gst_memory_share() of a block, for a packet that lies at @data. */
GstMemory * gst_afring_memory_new_packet (GstMemory    *block,
                                          const guint8 *data,
                                          gsize         size);

G_END_DECLS
