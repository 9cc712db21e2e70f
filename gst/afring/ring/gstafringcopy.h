/* gst-afring: blocks that are not worth a lease (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

typedef enum
{
  /* Blocks that were closed with few bytes in them, because their time was up. Whoever
   * keeps a packet of one would keep a block of the ring for it, or a mapping. */
  GST_AFRING_COPY_FEW,
  /* And those of which it can be told that they would be evicted: somebody keeps what
   * it gets. To copy one costs a fifth of evicting it. */
  GST_AFRING_COPY_KEPT
} GstAfringCopyRule;

/* Exchanges a lease for one with the same block in memory of its own, if the rule says
 * so and @max_bytes of such memory allow it, and gives the block back to the kernel.
 * Returns the lease to go on with. Nobody else may have it yet; any thread. */
GST_AFRING_API
GstAfringLease * gst_afring_lease_copy (GstAfringLease    *self,
                                        GstAfringCopyRule  rule,
                                        guint64            max_bytes);

/* A lease over a copy of a block, whatever its size, that is not handed over. NULL if
 * there is no memory. */
GstAfringLease * gst_afring_lease_new_copy (GstAfringRing   *ring,
                                        const guint8      *window);

G_END_DECLS
