/* gst-afring: one hand-over of a ring block
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringlease-private.h"
#include "gstafringmappings.h"
#include "gstafringpool.h"
#include "gstafringring-private.h"

#include <sys/mman.h>

/* How long to sleep while an eviction is going on. Microseconds. */
#define EVICTION_POLL 20

void
gst_afring_lease_begin (GstAfringLease * self, GstAfringRing * ring,
    guint8 * window)
{
  self->ring = gst_afring_ring_ref (ring);
  self->window = window;
  self->size = ring->block_size;
  self->evicted_bytes = 0;
  self->chunk = NULL;
  g_atomic_int_set (&self->passed_on, FALSE);
  g_atomic_int_set (&self->refs, 1);
  g_atomic_int_set (&self->state, GST_AFRING_LEASED);
}

void
gst_afring_lease_init_foreign (GstAfringLease * self, void (*end) (gpointer self))
{
  *self = (GstAfringLease) {.refs = 1,.end = end };
}

GstAfringLease *
gst_afring_lease_ref (GstAfringLease * self)
{
  gst_afring_lease_ref_many (self, 1);
  return self;
}

void
gst_afring_lease_ref_many (GstAfringLease * self, guint n)
{
  g_atomic_int_add (&self->refs, (gint) n);
}

void
gst_afring_lease_discard (GstAfringLease * self)
{
  if (self->chunk != NULL) {
    gst_afring_pool_give_back (self->pool, self->chunk);
  } else if (!gst_afring_ring_is_dead (self->ring)) {
    munmap (self->window, self->size);
    gst_afring_mappings_give_back (GST_AFRING_EVICTION_MAPPINGS);
    __atomic_fetch_sub (&self->ring->evicted_bytes, self->evicted_bytes,
        __ATOMIC_RELAXED);
  }
  g_free (self);
}

/* FALSE if the state was not the expected one, but changed meanwhile. */
static gboolean
try_release (GstAfringLease * self, GstAfringLeaseState state)
{
  GstAfringRing *ring = self->ring;
  guint8 *window = self->window;

  switch (state) {
    case GST_AFRING_LEASED:
      if (!gst_afring_lease_change_state (self, state, GST_AFRING_RELEASED))
        return FALSE;
      /* with this store the lease may begin anew, on the reader's thread; in a forked
       * child there is no block */
      if (!gst_afring_ring_is_dead (ring))
        gst_afring_block_set_status (window, TP_STATUS_KERNEL);
      g_atomic_int_add (&ring->held, -1);
      return TRUE;
    case GST_AFRING_EVICTING:
      return gst_afring_lease_change_state (self, state, GST_AFRING_ORPHANED);
    case GST_AFRING_EVICTED:
      gst_afring_lease_discard (self);
      return TRUE;
    case GST_AFRING_LOST:
      g_free (self);
      return TRUE;
    case GST_AFRING_RELEASED:
    case GST_AFRING_ORPHANED:
    default:
      g_return_val_if_reached (TRUE);
  }
}

void
gst_afring_lease_unref (GstAfringLease * self)
{
  gst_afring_lease_unref_many (self, 1);
}

void
gst_afring_lease_unref_many (GstAfringLease * self, guint n)
{
  GstAfringRing *ring = self->ring;

  if (g_atomic_int_add (&self->refs, -(gint) n) != (gint) n)
    return;
  if (ring == NULL) {
    self->end (self);
    return;
  }

  while (!try_release (self, gst_afring_lease_get_state (self)))
    /* memory that was freed while it was mapped has left its pin behind */
    g_atomic_int_and ((guint *) & self->state, GST_AFRING_LEASE_STATE_MASK);
  gst_afring_ring_unref (ring);
}

void
gst_afring_lease_pin (GstAfringLease * self)
{
  gint state;

  while (TRUE) {
    state = g_atomic_int_get (&self->state);
    if ((state & GST_AFRING_LEASE_STATE_MASK) == GST_AFRING_EVICTING)
      g_usleep (EVICTION_POLL);
    else if (g_atomic_int_compare_and_exchange (&self->state, state,
            state + GST_AFRING_LEASE_PIN))
      return;
  }
}

void
gst_afring_lease_unpin (GstAfringLease * self)
{
  g_atomic_int_add (&self->state, -GST_AFRING_LEASE_PIN);
}

void
gst_afring_lease_pass_on (GstAfringLease * self)
{
  g_atomic_int_set (&self->passed_on, TRUE);
}
