/* gst-afring: taking blocks back that are still in use
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringeviction.h"
#include "gstafringlease-private.h"
#include "gstafringmappings.h"
#include "gstafringring-private.h"
#include "gstafringslots.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* From so many bytes on it takes so long to map a ring once more (80 ms a GiB) that it
 * is done ahead of time. */
#define LARGE_RING (256 * (gsize) 1024 * 1024)

/* Blocks that are copied after an eviction, which costs about as much as five copies, and
 * after many, in rounds of the ring. */
#define PRESSURE_STEP 16
#define PRESSURE_ROUNDS 16

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
map_spares (GstAfringRing * self)
{
  guint8 *memory = gst_afring_ring_map (self);

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

/* The memory of a mock ring can be mapped block by block. */
static gboolean
map_spare (GstAfringRing * self, guint index)
{
  void *window = mmap (NULL, self->block_size, PROT_READ | PROT_WRITE,
      MAP_SHARED, self->fd, (off_t) index * self->block_size);

  if (window == MAP_FAILED)
    return FALSE;
  madvise (window, self->block_size, MADV_DONTFORK);
  self->blocks[index].spare = window;
  return TRUE;
}

static gboolean
ensure_spare (GstAfringRing * self, GstAfringRingBlock * block)
{
  if (block->spare != NULL)
    return TRUE;
  if (self->poll_fd != self->fd)
    return map_spare (self, block - self->blocks);
  return map_spares (self);
}

void
gst_afring_ring_prepare (GstAfringRing * self)
{
  if (self->block_size * self->block_count >= LARGE_RING
      && !ensure_spare (self, &self->blocks[0]))
    GST_DEBUG ("no spare windows: %s", g_strerror (errno));
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

/* TRUE if there is a mapping at @window. */
static gboolean
is_mapped (const guint8 * window)
{
  unsigned char there;

  return mincore ((gpointer) window, sysconf (_SC_PAGESIZE), &there) == 0;
}

/* mremap() can fail after it has unmapped its target. Then there is nothing at the
 * address of memory that is in use, until the copy is there. */
static gboolean
repair (GstAfringRing * self, guint8 * window, const guint8 * copy, gsize bytes)
{
  if (mmap (window, self->block_size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
          MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) !=
      (gpointer) window)
    /* whoever reads there must not read something else */
    g_error ("Memory of captured packets at %p is lost: %s", (gpointer) window,
        g_strerror (errno));
  madvise (window, self->block_size, MADV_DONTFORK);
  memcpy (window, copy, bytes);
  return TRUE;
}

/* The moment of it. Whoever reads at that address goes on reading: the kernel
 * exchanges the pages with the address space locked. */
static gboolean
move_away (GstAfringRing * self, GstAfringLease * lease, gsize bytes)
{
  guint8 *copy = copy_block (self, lease->window, bytes);
  gboolean moved;

  if (copy == NULL)
    return FALSE;
  moved = mremap (copy, self->block_size, self->block_size,
      MREMAP_MAYMOVE | MREMAP_FIXED, lease->window) != MAP_FAILED;
  if (!moved) {
    gint saved_errno = errno;

    if (!is_mapped (lease->window))
      moved = repair (self, lease->window, copy, bytes);
    munmap (copy, self->block_size);
    errno = saved_errno;
  }
  lease->evicted_bytes = bytes;
  return moved;
}

/* One eviction says that downstream was late once, many that it keeps what it gets: each
 * has some of the next blocks copied. */
static void
press (GstAfringRing * self)
{
  gint most = (gint) MIN (self->block_count, G_MAXINT / PRESSURE_ROUNDS) *
      PRESSURE_ROUNDS;

  if (g_atomic_int_get (&self->pressure) <= most - PRESSURE_STEP)
    g_atomic_int_add (&self->pressure, PRESSURE_STEP);
}

/* The lease has its memory; the block goes on at its spare window. */
static void
pass_to_kernel (GstAfringRing * self, GstAfringRingBlock * block,
    GstAfringLease * lease)
{
  block->window = g_steal_pointer (&block->spare);
  block->lease = NULL;
  g_atomic_int_inc (&self->evicted_blocks);
  press (self);
  gst_afring_block_set_status (block->window, TP_STATUS_KERNEL);
  g_atomic_int_add (&self->held, -1);

  if (!gst_afring_lease_change_state (lease, GST_AFRING_EVICTING,
          GST_AFRING_EVICTED))
    gst_afring_lease_discard (lease);
}

/* Whoever copies a block meanwhile counts it, too. */
static gboolean
reserve (GstAfringRing * self, gsize bytes, guint64 max_bytes)
{
  gboolean allowed;

  g_mutex_lock (&self->bound_lock);
  allowed = max_bytes == 0
      || gst_afring_ring_sum_evicted_bytes (self) + bytes <= max_bytes;
  if (allowed)
    __atomic_fetch_add (&self->evicted_bytes, bytes, __ATOMIC_RELAXED);
  g_mutex_unlock (&self->bound_lock);
  return allowed;
}

static void
give_back (GstAfringRing * self, gsize bytes)
{
  __atomic_fetch_sub (&self->evicted_bytes, bytes, __ATOMIC_RELAXED);
}

static GstAfringRoom
evict (GstAfringRing * self, GstAfringRingBlock * block, guint64 max_bytes)
{
  GstAfringLease *lease = block->lease;
  gsize bytes;

  if (!gst_afring_lease_change_state (lease, GST_AFRING_LEASED,
          GST_AFRING_EVICTING))
    return gst_afring_lease_get_state (lease) == GST_AFRING_LEASED ?
        GST_AFRING_ROOM_BUSY : GST_AFRING_ROOM_FREE;

  bytes = get_used_bytes (self, lease->window);
  if (!reserve (self, bytes, max_bytes)) {
    give_up (self, lease);
    return GST_AFRING_ROOM_BOUND;
  }
  if (!gst_afring_mappings_take (GST_AFRING_EVICTION_MAPPINGS)) {
    give_back (self, bytes);
    give_up (self, lease);
    return GST_AFRING_ROOM_MAPPINGS;
  }
  if (!ensure_spare (self, block) || !move_away (self, lease, bytes)) {
    gint saved_errno = errno;

    gst_afring_mappings_give_back (GST_AFRING_EVICTION_MAPPINGS);
    give_back (self, bytes);
    give_up (self, lease);
    errno = saved_errno;
    return GST_AFRING_ROOM_FAILED;
  }
  pass_to_kernel (self, block, lease);
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

  if (self->blocks == NULL || gst_afring_ring_is_dead (self))
    return TRUE;
  for (guint i = 0; i < self->block_count; i++)
    if (clear_block (self, &self->blocks[i], &policy) != GST_AFRING_ROOM_FREE)
      return FALSE;
  /* whoever lets go of a lease at this moment still writes to its block */
  while (gst_afring_ring_get_held_blocks (self) > 0)
    g_usleep (RELEASE_POLL);
  gst_afring_ring_close (self);
  gst_afring_pool_close (self->small);
  gst_afring_pool_close (self->whole);
  if (self->slots != NULL)
    gst_afring_slots_close (self->slots);
  return TRUE;
}
