/* gst-afring: what the files of the ring share (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringfork.h>
#include <gst/afring/ring/gstafringpool.h>
#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

typedef struct
{
  guint8 *window;               /* where the block is mapped */
  guint8 *spare;                /* where it is mapped too, or NULL */
  guint64 taken;                /* sequence number of the last lease */
  GstAfringLease *lease;        /* the last one, unless it was evicted */
} GstAfringRingBlock;

/* Blocks and positions belong to the one thread that reads the ring. A position
 * counts blocks from the first one ever on; blocks go round. */
struct _GstAfringRing
{
  gatomicrefcount refs;

  int fd;                       /* what is mapped */
  gboolean lent;                /* it is a socket that lives on */
  int poll_fd;                  /* what tells of closed blocks; may be the same */
  int epoll_fd;
  int wake_fd;
  int user_fd;                  /* for whoever polls; -1: nobody has asked */
  int signal_fd;                /* atomic: in it */

  gsize block_size;
  guint block_count;
  GstAfringRingBlock *blocks;

  guint64 next;                 /* position that the kernel closes next */
  guint64 clear;                /* up to here no block is out on lease */
  guint64 last_sequence;

  struct _GstAfringSlots *slots;        /* or NULL; of the thread that makes buffers */

  GstAfringPool *small;         /* for blocks that hold few bytes */
  GstAfringPool *whole;         /* for any block */
  gint pressure;                /* atomic: blocks that are to be copied, because
                                 * downstream keeps what it gets */

  GstAfringForkNode fork_node;
  guint generation;
  GstAfringForkedFunc forked;   /* or NULL; of the source */
  gpointer forked_data;

  gint held;                    /* atomic: leases that have a ring block */
  gint evicted_blocks;          /* atomic: ever */
  gint copied_blocks;           /* atomic: ever */
  gsize evicted_bytes;          /* atomic: now; added to with the lock */
  GMutex bound_lock;            /* from a look at the bound to what it allows */
};

static inline GstAfringRingBlock *
gst_afring_ring_get_block (GstAfringRing * self, guint64 position)
{
  return &self->blocks[position % self->block_count];
}

/* Mappings that an eviction takes: the window, and what it leaves of those that it cuts
 * in two. */
#define GST_AFRING_EVICTION_MAPPINGS 3

/* Bytes of a block that are copied out of the ring, at most. */
#define GST_AFRING_MOST_COPIED (16 * (gsize) 1024 * 1024)

/* What gst_afring_ring_get_evicted_bytes() says, for who has the lock. */
gsize    gst_afring_ring_sum_evicted_bytes (GstAfringRing *self);

/* Maps all blocks once more; NULL with errno. */
guint8 * gst_afring_ring_map   (GstAfringRing   *self);

/* Unmaps all blocks and closes the socket. No block may be out on lease. */
void     gst_afring_ring_close (GstAfringRing   *self);

/* Unmaps @bytes of ring memory; errors are not expected. */
void     gst_afring_ring_unmap (GstAfringRing   *self,
                                guint8          *window);

G_END_DECLS
