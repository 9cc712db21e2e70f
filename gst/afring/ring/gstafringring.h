/* gst-afring: the mapped ring, its blocks and leases (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringlease.h>

G_BEGIN_DECLS

/* The ring: all blocks, mapped. Referenced by the source that reads it and by
 * each open lease; with the last reference the memory is unmapped and the
 * socket closed. */

typedef enum
{
  GST_AFRING_WAKE_BLOCK,        /* look again */
  GST_AFRING_WAKE_SIGNAL,       /* gst_afring_ring_wake() */
  GST_AFRING_WAKE_TIMEOUT,
  GST_AFRING_WAKE_ERROR         /* the socket has an error to be read */
} GstAfringWake;

/* Maps a ring that @fd has been set up with. @poll_fd has an edge each time a
 * block is closed; -1: it is @fd. Takes both over, also on error. */
GST_AFRING_API
GstAfringRing *  gst_afring_ring_new             (int             fd,
                                                  int             poll_fd,
                                                  gsize           block_size,
                                                  guint           block_count,
                                                  GError        **error);

/* The socket is somebody else's, too: the kernel is to take its ring away when it is not
 * mapped any more. */
void             gst_afring_ring_set_lent        (GstAfringRing  *self);

/* Takes it away from a socket, if nobody has mapped it. */
void             gst_afring_ring_release         (int             fd);

GST_AFRING_API
GstAfringRing *  gst_afring_ring_ref             (GstAfringRing  *self);

GST_AFRING_API
void             gst_afring_ring_unref           (GstAfringRing  *self);

/* TRUE in a child that was forked since: of the ring, nothing is there. */
GST_AFRING_API
gboolean         gst_afring_ring_is_dead         (GstAfringRing  *self);

/* Called in such a child, before anything else can be, with the restrictions of
 * GstAfringForkNode. NULL: nobody any more. */
typedef void  (* GstAfringForkedFunc)            (gpointer        data);

void             gst_afring_ring_set_forked_func (GstAfringRing  *self,
                                                  GstAfringForkedFunc func,
                                                  gpointer        data);

GST_AFRING_API
int              gst_afring_ring_get_fd          (GstAfringRing  *self);

GST_AFRING_API
gsize            gst_afring_ring_get_block_size  (GstAfringRing  *self);

GST_AFRING_API
guint            gst_afring_ring_get_block_count (GstAfringRing  *self);

/* Blocks out on lease at this moment; any thread. */
GST_AFRING_API
guint            gst_afring_ring_get_held_blocks (GstAfringRing  *self);

/* Leases that were evicted or copied, ever, and the memory of those that are still in
 * use; any thread. */
GST_AFRING_API
guint            gst_afring_ring_get_evicted_blocks (GstAfringRing *self);

GST_AFRING_API
guint            gst_afring_ring_get_copied_blocks (GstAfringRing *self);

GST_AFRING_API
gsize            gst_afring_ring_get_evicted_bytes (GstAfringRing *self);

/* The next block in the kernel's order, or NULL if the kernel still has it. The
 * three functions below are for the one thread that reads the ring. */
GST_AFRING_API
GstAfringLease * gst_afring_ring_take            (GstAfringRing  *self);

/* A copy of the block that the kernel is filling, once it fills it no more: nothing may
 * get into the ring any longer. NULL if there is nothing in it, or something is still
 * on its way. */
GST_AFRING_API
GstAfringLease * gst_afring_ring_take_open       (GstAfringRing  *self);

/* The sequence number that the block has which the kernel is filling now, as
 * far as can be told. */
GST_AFRING_API
guint64          gst_afring_ring_get_open_sequence (GstAfringRing *self);

/* Sleeps until the kernel has closed another block, or anything else happens.
 * @timeout in milliseconds, -1: none. */
GST_AFRING_API
GstAfringWake    gst_afring_ring_wait            (GstAfringRing  *self,
                                                  gint            timeout);

/* A file that can be polled for POLLIN: it is readable from gst_afring_ring_set_signal() or
 * from the moment a block is closed on, until gst_afring_ring_clear_signal(). -1 if there
 * is none to be had. */
gint             gst_afring_ring_get_user_fd     (GstAfringRing  *self);

/* Any thread; nothing if nobody has asked for the file. */
void             gst_afring_ring_set_signal      (GstAfringRing  *self);
void             gst_afring_ring_clear_signal    (GstAfringRing  *self);

/* TRUE if there is a block to take. */
gboolean         gst_afring_ring_has_block       (GstAfringRing  *self);

/* Ends a wait, or the next one; any thread, takes no lock. */
GST_AFRING_API
void             gst_afring_ring_wake            (GstAfringRing  *self);

G_END_DECLS
