/* gst-afring: taking blocks back that are still in use
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringeviction.h"
#include "gstafringlease-private.h"
#include "gstafringring-private.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* How long to sleep while a lease is being released. Microseconds. */
#define RELEASE_POLL 20

/* Before it takes its lock the kernel looks whether the block a quarter of the ring
 * ahead of the active one is free, and if not, whether the active one is; while
 * that is being retired it is not, and what comes in those microseconds is dropped
 * (af_packet.c, __tpacket_v3_has_room and packet_rcv_has_room). What is more than
 * a quarter is for the time until the reader gets to run. */
guint
gst_afring_eviction_get_reserve (guint block_count)
{
  guint margin = MAX (block_count / 8, 2);

  return CLAMP (block_count - 1, 1, block_count / 4 + margin);
}

/* AF_PACKET maps a ring only as a whole, so one more mapping is one more window
 * for each block. Those that have a spare one already do not need it. */
static gboolean
ensure_spare (GstAfringRing * self, GstAfringRingBlock * block)
{
  guint8 *memory;

  if (block->spare != NULL)
    return TRUE;
  memory = gst_afring_ring_map (self);
  if (memory == NULL)
    return FALSE;
  for (guint i = 0; i < self->block_count; i++) {
    guint8 *window = memory + i * self->block_size;

    if (self->blocks[i].spare == NULL)
      self->blocks[i].spare = window;
    else
      gst_afring_ring_unmap (self, window);
  }
  return TRUE;
}

/* What of a block has to be copied, in whole pages. */
static gsize
get_used_bytes (GstAfringRing * self, const guint8 * window)
{
  gsize page = sysconf (_SC_PAGESIZE);
  gsize used = gst_afring_block_get_length (window);

  if (used == 0 || used > self->block_size)
    used = self->block_size;
  return (used + page - 1) / page * page;
}

/* Ends an eviction that did not come about. */
static void
give_up (GstAfringRing * self, GstAfringLease * lease)
{
  if (gst_afring_lease_change_state (lease, GST_AFRING_EVICTING,
          GST_AFRING_LEASED))
    return;
  /* the last reference went meanwhile: now it is a release like any other */
  g_atomic_int_set (&lease->state, GST_AFRING_RELEASED);
  gst_afring_block_set_status (lease->window, TP_STATUS_KERNEL);
  g_atomic_int_add (&self->held, -1);
}

/* Pages are not there until they are touched: only the used ones ever are. */
static guint8 *
copy_block (GstAfringRing * self, const guint8 * window, gsize bytes)
{
  void *copy = mmap (NULL, self->block_size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (copy == MAP_FAILED)
    return NULL;
  /* as the ring itself: not a forked child's */
  madvise (copy, self->block_size, MADV_DONTFORK);
#ifdef MADV_POPULATE_WRITE
  /* all at once, which is much faster than one fault a page; where the kernel is
   * older than 5.14 they come one by one */
  if (madvise (copy, bytes, MADV_POPULATE_WRITE) < 0 && errno != EINVAL) {
    gint saved_errno = errno;

    munmap (copy, self->block_size);
    errno = saved_errno;
    return NULL;
  }
#endif
  memcpy (copy, window, bytes);
  return copy;
}

/* The moment of it. Whoever reads at that address goes on reading: the kernel
 * exchanges the pages with the address space locked. */
static gboolean
move_away (GstAfringRing * self, GstAfringLease * lease, gsize bytes)
{
  guint8 *copy = copy_block (self, lease->window, bytes);

  if (copy == NULL)
    return FALSE;
  if (mremap (copy, self->block_size, self->block_size,
          MREMAP_MAYMOVE | MREMAP_FIXED, lease->window) == MAP_FAILED) {
    gint saved_errno = errno;

    munmap (copy, self->block_size);
    errno = saved_errno;
    return FALSE;
  }
  lease->evicted_bytes = bytes;
  return TRUE;
}

static GstAfringRoom
evict (GstAfringRing * self, GstAfringRingBlock * block, guint64 max_bytes)
{
  GstAfringLease *lease = block->lease;
  gsize bytes, held;

  if (!gst_afring_lease_change_state (lease, GST_AFRING_LEASED,
          GST_AFRING_EVICTING))
    return gst_afring_lease_get_state (lease) == GST_AFRING_LEASED ?
        GST_AFRING_ROOM_BUSY : GST_AFRING_ROOM_FREE;

  bytes = get_used_bytes (self, lease->window);
  held = __atomic_load_n (&self->evicted_bytes, __ATOMIC_RELAXED);
  if (max_bytes != 0 && held + bytes > max_bytes) {
    give_up (self, lease);
    return GST_AFRING_ROOM_BOUND;
  }
  if (!ensure_spare (self, block) || !move_away (self, lease, bytes)) {
    gint saved_errno = errno;

    give_up (self, lease);
    errno = saved_errno;
    return GST_AFRING_ROOM_FAILED;
  }

  block->window = g_steal_pointer (&block->spare);
  block->lease = NULL;
  __atomic_fetch_add (&self->evicted_bytes, bytes, __ATOMIC_RELAXED);
  g_atomic_int_inc (&self->evicted_blocks);
  gst_afring_block_set_status (block->window, TP_STATUS_KERNEL);
  g_atomic_int_add (&self->held, -1);

  if (!gst_afring_lease_change_state (lease, GST_AFRING_EVICTING,
          GST_AFRING_EVICTED))
    gst_afring_lease_discard (lease);
  return GST_AFRING_ROOM_FREE;
}

static GstAfringRoom
clear_block (GstAfringRing * self, GstAfringRingBlock * block,
    const GstAfringEvictionPolicy * policy)
{
  GstAfringLease *lease = block->lease;

  if (lease == NULL || gst_afring_lease_get_state (lease) != GST_AFRING_LEASED)
    return GST_AFRING_ROOM_FREE;
  if (policy->passed_on_only && !g_atomic_int_get (&lease->passed_on))
    return GST_AFRING_ROOM_BUSY;
  return evict (self, block, policy->max_bytes);
}

GstAfringRoom
gst_afring_ring_make_room (GstAfringRing * self,
    const GstAfringEvictionPolicy * policy)
{
  guint64 end = self->next + MIN (policy->reserve, self->block_count);
  GstAfringRoom room = GST_AFRING_ROOM_FREE;

  /* in the normal case one block, and it is free */
  if (self->clear < self->next)
    self->clear = self->next;
  while (room == GST_AFRING_ROOM_FREE && self->clear < end) {
    room = clear_block (self, gst_afring_ring_get_block (self, self->clear),
        policy);
    if (room == GST_AFRING_ROOM_FREE)
      self->clear++;
  }
  /* the kernel will stop at a pinned one, but not before it */
  if (room == GST_AFRING_ROOM_BUSY)
    for (guint64 i = self->clear + 1; i < end; i++)
      clear_block (self, gst_afring_ring_get_block (self, i), policy);
  return room;
}

gboolean
gst_afring_ring_detach (GstAfringRing * self)
{
  const GstAfringEvictionPolicy policy = {.max_bytes = 0 };

  if (self->blocks == NULL)
    return TRUE;
  for (guint i = 0; i < self->block_count; i++)
    if (clear_block (self, &self->blocks[i], &policy) != GST_AFRING_ROOM_FREE)
      return FALSE;
  /* whoever lets go of a lease at this moment still writes to its block */
  while (gst_afring_ring_get_held_blocks (self) > 0)
    g_usleep (RELEASE_POLL);
  gst_afring_ring_close (self);
  return TRUE;
}
