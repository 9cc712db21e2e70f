/* gst-afring: ring blocks as GstMemory
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstafringmemory
 * @title: Ring memory
 * @short_description: packets that lie in the capture ring
 *
 * The memory of a captured packet is the ring itself. It is read-only, because
 * all branches of a pipeline see the same bytes; mapping it for writing through
 * a buffer copies it. Sharing a part of it copies nothing. A block of the ring
 * goes back to the kernel when no memory that lies in it is left, from whichever
 * thread that happens on.
 *
 * Memory can be kept for as long as it is wanted. If the kernel needs the block
 * meanwhile, the bytes are moved to other pages, which does not change the address
 * of the memory or what it reads (see #GST_AFRING_MAP_PINNED for the case that
 * matters). After a fork() it cannot be mapped in the child.
 */

#include "gstafringmemory.h"
#include "gstafringfork.h"
#include "gstafringmemory-private.h"
#include "gstafringslots.h"

#define GST_TYPE_AFRING_ALLOCATOR (gst_afring_allocator_get_type ())
G_DECLARE_FINAL_TYPE (GstAfringAllocator, gst_afring_allocator, GST,
    AFRING_ALLOCATOR, GstAllocator)

struct _GstAfringAllocator
{
  GstAllocator parent;
};

G_DEFINE_TYPE (GstAfringAllocator, gst_afring_allocator, GST_TYPE_ALLOCATOR)

static void
gst_afring_memory_free (GstAllocator * allocator, GstMemory * memory)
{
  GstAfringMemory *self = (GstAfringMemory *) memory;

  if (self->lease != NULL)
    gst_afring_lease_unref (self->lease);
  if (self->slots != NULL)
    gst_afring_slots_unref (self->slots);
  g_free (self);
}

guint
gst_afring_memory_get_ring_blocks (GstMemory * memory)
{
  return gst_afring_ring_get_block_count (gst_afring_memory_get_lease (memory)->ring);
}

/* In a process that was forked since there is nothing where a ring was. */
static gboolean
is_gone (GstMemory * memory)
{
  GstAfringRing *ring = gst_afring_memory_get_lease (memory)->ring;

  return ring != NULL && gst_afring_ring_is_dead (ring);
}

static gpointer
gst_afring_memory_map (GstMemory * memory, GstMapInfo * info, gsize maxsize)
{
  if (G_UNLIKELY (gst_afring_fork_generation != 0) && is_gone (memory))
    return NULL;
  if (G_UNLIKELY (info->flags & GST_AFRING_MAP_PINNED))
    gst_afring_lease_pin (gst_afring_memory_get_lease (memory));
  return ((GstAfringMemory *) memory)->data;
}

static void
gst_afring_memory_unmap (GstMemory * memory, GstMapInfo * info)
{
  if (G_UNLIKELY (info->flags & GST_AFRING_MAP_PINNED))
    gst_afring_lease_unpin (gst_afring_memory_get_lease (memory));
}

/* All shares of a packet are its direct children, with offsets from its start,
 * however often they were shared on. */
static GstMemory *
gst_afring_memory_share (GstMemory * memory, gssize offset, gssize size)
{
  GstMemory *parent = memory->parent != NULL ? memory->parent : memory;
  GstAfringMemory *child = g_new (GstAfringMemory, 1);
  gsize start = memory->offset + offset;

  if (size == -1)
    size = memory->size - offset;
  gst_memory_init (GST_MEMORY_CAST (child), GST_MEMORY_FLAG_READONLY,
      memory->allocator, parent, start + size, 0, start, size);
  child->lease = NULL;
  child->slots = NULL;
  child->data = ((GstAfringMemory *) memory)->data;
  return GST_MEMORY_CAST (child);
}

static gboolean
gst_afring_memory_is_span (GstMemory * memory1, GstMemory * memory2,
    gsize * offset)
{
  if (memory1->parent != memory2->parent
      || memory1->offset + memory1->size != memory2->offset)
    return FALSE;
  if (offset != NULL)
    *offset = memory1->offset - memory1->parent->offset;
  return TRUE;
}

static void
gst_afring_allocator_class_init (GstAfringAllocatorClass * klass)
{
  GstAllocatorClass *allocator_class = GST_ALLOCATOR_CLASS (klass);

  allocator_class->alloc = NULL;        /* only of bytes that are there */
  allocator_class->free = gst_afring_memory_free;
}

static void
gst_afring_allocator_init (GstAfringAllocator * self)
{
  GstAllocator *allocator = GST_ALLOCATOR_CAST (self);

  allocator->mem_map_full = gst_afring_memory_map;
  allocator->mem_unmap_full = gst_afring_memory_unmap;
  allocator->mem_share = gst_afring_memory_share;
  allocator->mem_is_span = gst_afring_memory_is_span;
  GST_OBJECT_FLAG_SET (allocator, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

GstAllocator *gst_afring_memory_allocators[GST_AFRING_N_BYTES] = { NULL, };

GstAllocator *
gst_afring_memory_get_allocator (GstAfringBytes bytes)
{
  static const gchar *types[] = { GST_AFRING_MEMORY_TYPE, "GstPcapMemory" };
  GstAllocator **allocator = &gst_afring_memory_allocators[bytes];

  if (g_once_init_enter (allocator)) {
    GstAllocator *made = g_object_new (GST_TYPE_AFRING_ALLOCATOR, NULL);

    gst_object_ref_sink (made);
    made->mem_type = types[bytes];
    GST_OBJECT_FLAG_SET (made, GST_OBJECT_FLAG_MAY_BE_LEAKED);
    g_once_init_leave (allocator, made);
  }
  return *allocator;
}

void
gst_afring_memory_init (GstAfringMemory * self, GstAfringBytes bytes)
{
  gst_memory_init (GST_MEMORY_CAST (self), GST_MEMORY_FLAG_READONLY,
      gst_afring_memory_get_allocator (bytes), NULL, 0, 0, 0, 0);
  self->data = NULL;
  self->lease = NULL;
  self->slots = NULL;
}

GstMemory *
gst_afring_memory_new (GstAfringBytes bytes, GstAfringLease * lease,
    guint8 * data, gsize size)
{
  GstAfringMemory *self = g_new (GstAfringMemory, 1);

  gst_afring_memory_init (self, bytes);
  gst_afring_memory_set (self, gst_afring_lease_ref (lease), data, size);
  return GST_MEMORY_CAST (self);
}

/**
 * gst_is_afring_memory:
 * @memory: a #GstMemory
 *
 * Whether a memory is of a capture ring, or was when the packet came.
 *
 * Returns: %TRUE if the bytes of @memory lie in a capture ring
 */
gboolean
gst_is_afring_memory (GstMemory * memory)
{
  g_return_val_if_fail (memory != NULL, FALSE);

  return gst_memory_is_type (memory, GST_AFRING_MEMORY_TYPE);
}
