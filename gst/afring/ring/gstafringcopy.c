/* gst-afring: blocks that are not worth a lease
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringcopy.h"
#include "gstafringlease-private.h"
#include "gstafringmappings.h"
#include "gstafringring-private.h"

#include <string.h>
#include <sys/mman.h>

/* Few bytes: a copy takes some microseconds, for a block that took milliseconds. */
#define FEW_BYTES (64 * 1024)
/* Of a block, the part that is few. */
#define FEW_PART 4

/* In which a piece of pcapng can end (gstafringinplace.c). */
#define ROOM_BEHIND GST_AFRING_POOL_ALIGNMENT

/* Bytes from the start of the block on that are in use. What a kernel never wrote
 * counts as whole. */
static gsize
get_used (GstAfringRing * ring, const guint8 * window)
{
  gsize used = gst_afring_block_get_length (window);

  return used == 0 || used > ring->block_size ? ring->block_size : used;
}

/* The pool for it; NULL: it is not to be copied. */
static GstAfringPool *
choose_pool (GstAfringRing * ring, GstAfringCopyRule rule, gsize used)
{
  gboolean pressed = g_atomic_int_get (&ring->pressure) > 0;

  if (used <= FEW_BYTES && used <= ring->block_size / FEW_PART)
    return ring->small;
  if (!pressed || used > (rule == GST_AFRING_COPY_FEW ? FEW_BYTES :
          GST_AFRING_MOST_COPIED))
    return NULL;
  g_atomic_int_add (&ring->pressure, -1);
  return ring->whole;
}

static GstAfringLease *
make_lease (GstAfringRing * ring, guint8 * memory, gsize size)
{
  GstAfringLease *self = g_new0 (GstAfringLease, 1);

  gst_afring_lease_begin (self, ring, memory);
  self->size = size;
  g_atomic_int_set (&self->state, GST_AFRING_EVICTED);
  return self;
}

/* Memory for @bytes; NULL if there is none, or all that is kept would be more than
 * @max_bytes, of which other memory is a part. */
static guint8 *
take_memory (GstAfringRing * ring, GstAfringPool * pool, gsize bytes,
    guint64 max_bytes, GstAfringChunk ** chunk)
{
  guint8 *memory = NULL;
  gsize others;

  if (max_bytes == 0)
    return gst_afring_pool_take (pool, bytes, 0, chunk);
  g_mutex_lock (&ring->bound_lock);
  others = gst_afring_ring_sum_evicted_bytes (ring)
      - gst_afring_pool_get_used (pool);
  if (others < max_bytes)
    memory = gst_afring_pool_take (pool, bytes, max_bytes - others, chunk);
  g_mutex_unlock (&ring->bound_lock);
  return memory;
}

static GstAfringLease *
make_copy (GstAfringRing * ring, const guint8 * window, guint64 max_bytes,
    GstAfringPool * pool)
{
  gsize used = get_used (ring, window);
  /* with the room behind the last packet that a block mostly has */
  gsize bytes = MIN (used + ROOM_BEHIND, ring->block_size);
  GstAfringLease *self;
  GstAfringChunk *chunk;
  guint8 *memory = take_memory (ring, pool, bytes, max_bytes, &chunk);

  if (memory == NULL)
    return NULL;
  memcpy (memory, window, used);
  self = make_lease (ring, memory, bytes);
  self->chunk = chunk;
  self->pool = pool;
  return self;
}

GstAfringLease *
gst_afring_lease_copy (GstAfringLease * self, GstAfringCopyRule rule,
    guint64 max_bytes)
{
  GstAfringRing *ring = self->ring;
  GstAfringLease *copy = NULL;
  GstAfringPool *pool;

  if (gst_afring_lease_get_state (self) != GST_AFRING_LEASED)
    return self;
  pool = choose_pool (ring, rule, get_used (ring, self->window));
  if (pool != NULL)
    copy = make_copy (ring, self->window, max_bytes, pool);
  if (copy == NULL)
    return self;
  g_atomic_int_inc (&ring->copied_blocks);
  gst_afring_lease_unref (self);
  return copy;
}

/* Of any size: there is only one of it. */
GstAfringLease *
gst_afring_lease_new_copy (GstAfringRing * ring, const guint8 * window)
{
  gsize used = get_used (ring, window);
  GstAfringLease *self;
  void *memory;

  if (used <= GST_AFRING_MOST_COPIED)
    return make_copy (ring, window, 0, ring->whole);
  if (!gst_afring_mappings_take (GST_AFRING_EVICTION_MAPPINGS))
    return NULL;
  memory = mmap (NULL, ring->block_size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    gst_afring_mappings_give_back (GST_AFRING_EVICTION_MAPPINGS);
    return NULL;
  }
  madvise (memory, ring->block_size, MADV_DONTFORK);
  memcpy (memory, window, used);
  self = make_lease (ring, memory, ring->block_size);
  self->evicted_bytes = used;
  __atomic_fetch_add (&ring->evicted_bytes, used, __ATOMIC_RELAXED);
  return self;
}
