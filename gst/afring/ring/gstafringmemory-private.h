/* gst-afring: making ring memory (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/ring/gstafringmemory.h>
#include <gst/afring/ring/gstafringring.h>

G_BEGIN_DECLS

/* Where the bytes of a memory are. Those of a file are kept by its lease as those of a ring
 * are, and it is not said of them that they lie in one. */
typedef enum
{
  GST_AFRING_BYTES_RING,
  GST_AFRING_BYTES_FILE
} GstAfringBytes;

#define GST_AFRING_N_BYTES 2

/* A packet's memory holds a reference to its lease; what is shared from it holds
 * the packet's memory. */
typedef struct
{
  GstMemory mem;
  guint8 *data;                 /* what offset 0 is */
  GstAfringLease *lease;        /* NULL: that of the parent */
  struct _GstAfringSlots *slots;        /* it is part of one of them, or NULL */
} GstAfringMemory;

/* Never ends. */
GstAllocator * gst_afring_memory_get_allocator (GstAfringBytes bytes);

/* Makes @self memory without bytes yet; freed with g_free(). */
void gst_afring_memory_init (GstAfringMemory *self, GstAfringBytes bytes);

/* Memory by itself, with a reference to @lease of its own. */
GST_AFRING_API
GstMemory * gst_afring_memory_new (GstAfringBytes  bytes,
                                   GstAfringLease *lease,
                                   guint8         *data,
                                   gsize           size);

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

/* Of all such memory; NULL before there is any. */
GST_AFRING_API GstAllocator *gst_afring_memory_allocators[GST_AFRING_N_BYTES];

/* Of memory that gst_afring_memory_init() has made, or that is shared from it. */
static inline GstAfringBytes
gst_afring_memory_get_bytes (GstMemory * memory)
{
  return memory->allocator == gst_afring_memory_allocators[GST_AFRING_BYTES_RING] ?
      GST_AFRING_BYTES_RING : GST_AFRING_BYTES_FILE;
}

/* Blocks of the ring that it is of. */
GST_AFRING_API
guint gst_afring_memory_get_ring_blocks (GstMemory *memory);

/* The bytes of such memory, which need no mapping: they stay where they are. NULL if
 * it is other memory. */
static inline const guint8 *
gst_afring_memory_peek (GstMemory * memory)
{
  if (memory->allocator != gst_afring_memory_allocators[GST_AFRING_BYTES_RING]
      && memory->allocator != gst_afring_memory_allocators[GST_AFRING_BYTES_FILE])
    return NULL;
  return ((GstAfringMemory *) memory)->data + memory->offset;
}

G_END_DECLS
