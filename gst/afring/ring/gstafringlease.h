/* gst-afring: one hand-over of a ring block (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringblock.h>

G_BEGIN_DECLS

typedef struct _GstAfringRing GstAfringRing;

/* A lease: one hand-over of a block, from taking it off the kernel to giving it
 * back. Any thread may drop the last reference; that gives the block back with
 * one store.
 *
 * A lease can be evicted (gstafringeviction.h): its bytes then lie in memory of
 * their own, at the same address. Nobody who reads them notices. Or it is exchanged
 * for a copy before anybody reads it (gstafringcopy.h). */
typedef struct
{
  /*< private >*/
  gint refs;                    /* atomic */
  gint state;                   /* atomic: GstAfringLeaseState and pins */
  gint passed_on;               /* atomic: only those who got its packets have it */
  gsize evicted_bytes;          /* of memory of its own */
  struct _GstAfringChunk *chunk;        /* that it is a piece of, or NULL */
  struct _GstAfringPool *pool;  /* of the chunk */
  guint8 *window;               /* where its bytes are, for as long as it lasts */
  gsize size;                   /* of the window */
  GstAfringRing *ring;
  /* Of bytes that are in no ring: what gets it with the last reference. */
  void (*end) (gpointer self);
} GstAfringLease;

/* Makes @self the lease of bytes that somebody has who is no ring, such as a piece of a file:
 * @end is called, in any thread, when nobody has it any more. With one reference. */
GST_AFRING_API
void             gst_afring_lease_init_foreign (GstAfringLease *self,
                                             void          (*end) (gpointer self));

GST_AFRING_API
GstAfringLease * gst_afring_lease_ref       (GstAfringLease *self);

GST_AFRING_API
void             gst_afring_lease_unref     (GstAfringLease *self);

/* The same for several references at once. */
GST_AFRING_API
void             gst_afring_lease_ref_many  (GstAfringLease *self,
                                             guint           n);

GST_AFRING_API
void             gst_afring_lease_unref_many (GstAfringLease *self,
                                             guint           n);

/* From here to gst_afring_lease_unpin() the bytes stay in the physical pages where
 * they are, for a device that reads them or for somebody who changes them. Waits,
 * less than a millisecond, for an eviction that is going on. */
GST_AFRING_API
void             gst_afring_lease_pin       (GstAfringLease *self);

GST_AFRING_API
void             gst_afring_lease_unpin     (GstAfringLease *self);

/* Says that all its packets have been given on. A lease of which that is not so is
 * still waiting for its turn, or has it. */
GST_AFRING_API
void             gst_afring_lease_pass_on   (GstAfringLease *self);

static inline gsize
gst_afring_lease_get_size (GstAfringLease * self)
{
  return self->size;
}

static inline guint8 *
gst_afring_lease_get_block (GstAfringLease * self)
{
  return self->window;
}

G_END_DECLS
