/* Counts allocations of the whole program, which has to be linked with this.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "allocations.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own, below the names that are taken here. */
extern void *__libc_malloc (size_t size);
extern void *__libc_calloc (size_t n, size_t size);
extern void *__libc_realloc (void *memory, size_t size);
extern void *__libc_memalign (size_t alignment, size_t size);

static gboolean counting;
static gboolean slices_are_own; /* not malloc() in disguise */
static guint64 count;

static inline void
count_one (gboolean counts)
{
  if (G_UNLIKELY (counts))
    __atomic_fetch_add (&count, 1, __ATOMIC_RELAXED);
}

void
allocations_start (void)
{
  /* from 2.76 on GLib has no slice allocator */
  slices_are_own = glib_check_version (2, 76, 0) != NULL;
  __atomic_store_n (&count, 0, __ATOMIC_RELAXED);
  __atomic_store_n (&counting, TRUE, __ATOMIC_RELEASE);
}

guint64
allocations_stop (void)
{
  __atomic_store_n (&counting, FALSE, __ATOMIC_RELEASE);
  return __atomic_load_n (&count, __ATOMIC_RELAXED);
}

/* What is called in the place of the C library's and of GLib's. */

void *
malloc (size_t size)
{
  count_one (counting);
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  count_one (counting);
  return __libc_calloc (n, size);
}

void *
realloc (void *memory, size_t size)
{
  count_one (counting);
  return __libc_realloc (memory, size);
}

void *
memalign (size_t alignment, size_t size)
{
  count_one (counting);
  return __libc_memalign (alignment, size);
}

void *
aligned_alloc (size_t alignment, size_t size)
{
  return memalign (alignment, size);
}

int
posix_memalign (void **memory, size_t alignment, size_t size)
{
  void *made = memalign (alignment, size);

  if (made == NULL)
    return ENOMEM;
  *memory = made;
  return 0;
}

gpointer
g_slice_alloc (gsize size)
{
  static gpointer (*real) (gsize size);

  if (G_UNLIKELY (real == NULL))
    *(void **) &real = dlsym (RTLD_NEXT, "g_slice_alloc");
  count_one (counting && slices_are_own);
  return real (size);
}

gpointer
g_slice_alloc0 (gsize size)
{
  gpointer memory = g_slice_alloc (size);

  return memory != NULL ? memset (memory, 0, size) : NULL;
}

gpointer
g_slice_copy (gsize size, gconstpointer block)
{
  gpointer memory = g_slice_alloc (size);

  return memory != NULL ? memcpy (memory, block, size) : NULL;
}
