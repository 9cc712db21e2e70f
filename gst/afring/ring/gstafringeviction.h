/* gst-afring: taking blocks back that are still in use (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

/* The kernel fills blocks strictly in order, so that a single block that somebody
 * keeps stops a capture. An eviction gives such a block back all the same: its
 * used bytes are copied into fresh memory, and that memory is moved to the address
 * at which the lease has been handed out, in one step. All pointers into it stay
 * valid and read the same bytes, also at that very moment. The block goes on at
 * another address. */

typedef struct
{
  guint reserve;                /* blocks ahead of the reader to be kept free */
  guint64 max_bytes;            /* of memory for evicted leases; 0: no bound */
  gboolean passed_on_only;      /* leave those alone that are still to be read */
} GstAfringEvictionPolicy;

typedef enum
{
  GST_AFRING_ROOM_FREE,         /* the reserve is free */
  GST_AFRING_ROOM_BUSY,         /* a lease is in the way that is to be let alone */
  GST_AFRING_ROOM_BOUND,        /* max_bytes does not allow more */
  GST_AFRING_ROOM_MAPPINGS,     /* nor does the share of the process's mappings */
  GST_AFRING_ROOM_FAILED        /* no memory or no mapping; errno says why */
} GstAfringRoom;

/* The reserve that is enough for a ring: more than a quarter of it. */
GST_AFRING_API
guint          gst_afring_eviction_get_reserve (guint block_count);

/* What takes long is done ahead of time; for the thread that will evict. */
GST_AFRING_API
void           gst_afring_ring_prepare         (GstAfringRing *self);

/* Frees the blocks that the kernel needs next, as far as it can. For the thread
 * that reads the ring; if the answer is not FREE it is to be asked again soon. */
GST_AFRING_API
GstAfringRoom  gst_afring_ring_make_room       (GstAfringRing *self,
                                                const GstAfringEvictionPolicy *policy);

/* Evicts all blocks that are out on lease, then unmaps the ring and closes its
 * socket: of the ring, nothing but a small structure is left for those who still have
 * packets. FALSE if that cannot be
 * now: a lease is pinned, or there is no memory. For the thread that reads the
 * ring; afterwards nobody may. */
gboolean       gst_afring_ring_detach          (GstAfringRing *self);

G_END_DECLS
