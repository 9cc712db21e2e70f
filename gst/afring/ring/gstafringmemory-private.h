/* gst-afring: making ring memory (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmemory.h>
#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

/* A packet's memory holds a reference to its lease; what is shared from it holds
 * the packet's memory. */
typedef struct
{
  GstMemory mem;
  guint8 *data;                 /* what offset 0 is */
  GstAfringLease *lease;        /* NULL: that of the parent */
  struct _GstAfringSlots *slots;        /* it is part of one of them, or NULL */
} GstAfringMemory;

/* Makes @self memory without bytes yet; freed with g_free(). */
void gst_afring_memory_init (GstAfringMemory *self);

/* Makes it the bytes of a packet. Takes a reference to the lease over. */
static inline void
gst_afring_memory_set (GstAfringMemory * self, GstAfringLease * lease,
    guint8 * data, gsize size)
{
  self->data = data;
  self->lease = lease;
  self->mem.offset = 0;
  self->mem.size = size;
  /* not a byte beyond the packet: what lies there is another one */
  self->mem.maxsize = size;
}

/* Of ring memory. Borrowed: it lasts as long as the memory. */
static inline GstAfringLease *
gst_afring_memory_get_lease (GstMemory * memory)
{
  GstMemory *parent = memory->parent != NULL ? memory->parent : memory;

  return ((GstAfringMemory *) parent)->lease;
}

/* Blocks of the ring that it is of. */
GST_AFRING_API
guint gst_afring_memory_get_ring_blocks (GstMemory *memory);

/* Of all ring memory; NULL before there is any. */
GST_AFRING_API GstAllocator *gst_afring_memory_allocator;

/* The bytes of ring memory, which need no mapping: they stay where they are. NULL if
 * it is other memory. */
static inline const guint8 *
gst_afring_memory_peek (GstMemory * memory)
{
  if (memory->allocator != gst_afring_memory_allocator)
    return NULL;
  return ((GstAfringMemory *) memory)->data + memory->offset;
}

G_END_DECLS
