/* gst-afring: the states of a lease (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringlease.h>

G_BEGIN_DECLS

/* LEASED -> RELEASED                  the last reference went: the block is the
 *                                     kernel's again
 * LEASED -> EVICTING -> EVICTED       the ring's reader took the block from it
 * LEASED -> EVICTING -> LEASED        that did not work out
 * EVICTING -> ORPHANED                the last reference went meanwhile: the
 *                                     reader cleans up
 * LEASED -> LOST                      the block was handed over once more all the
 *                                     same (a mock kernel can do that)
 *
 * A lease that is RELEASED belongs to its block, which uses it for the next
 * hand-over; a lease that has no block any more is freed with the last
 * reference. */
typedef enum
{
  GST_AFRING_LEASED,
  GST_AFRING_RELEASED,
  GST_AFRING_EVICTING,
  GST_AFRING_EVICTED,
  GST_AFRING_ORPHANED,
  GST_AFRING_LOST
} GstAfringLeaseState;

/* Above the state, in the same word, is the number of pins: an eviction begins
 * only if there is none. */
#define GST_AFRING_LEASE_STATE_MASK 7
#define GST_AFRING_LEASE_PIN 8

static inline GstAfringLeaseState
gst_afring_lease_get_state (GstAfringLease * self)
{
  return (GstAfringLeaseState) (g_atomic_int_get (&self->state) &
      GST_AFRING_LEASE_STATE_MASK);
}

/* FALSE if it is not in the state @from, or pinned. */
static inline gboolean
gst_afring_lease_change_state (GstAfringLease * self, GstAfringLeaseState from,
    GstAfringLeaseState to)
{
  return g_atomic_int_compare_and_exchange (&self->state, (gint) from,
      (gint) to);
}

/* Begins a hand-over; the ring is referenced until it ends. */
void gst_afring_lease_begin  (GstAfringLease  *self,
                              GstAfringRing   *ring,
                              guint8          *window);

/* Ends an evicted lease that nobody has a reference to any more. */
void gst_afring_lease_discard (GstAfringLease *self);

G_END_DECLS
