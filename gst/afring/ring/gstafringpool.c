/* gst-afring: memory for what is taken out of a ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringpool.h"
#include "gstafringfork.h"
#include "gstafringmappings.h"

#include <sys/mman.h>

/* Bytes of free chunks that are kept. */
#define MOST_FREE (16 * 1024 * 1024)

struct _GstAfringChunk
{
  guint8 *memory;
  gsize offset;                 /* of the next piece */
  gsize touched;                /* bytes that have memory behind them */
  guint pieces;                 /* that are out */
  GstAfringChunk *next;         /* in the list of free ones */
};

struct _GstAfringPool
{
  GMutex lock;                  /* all that follows */
  gsize chunk_size;
  GstAfringChunk *open;         /* that pieces are taken from, or NULL */
  GstAfringChunk *free;
  guint n_free;
  gsize used;                   /* atomic to read */
  gboolean closed;
  guint generation;
};

GstAfringPool *
gst_afring_pool_new (gsize chunk_size)
{
  GstAfringPool *self = g_new0 (GstAfringPool, 1);

  g_mutex_init (&self->lock);
  self->chunk_size = chunk_size;
  self->generation = gst_afring_fork_generation;
  return self;
}

/* Fresh pages are fetched as they are written to. */
static GstAfringChunk *
make_chunk (GstAfringPool * self)
{
  GstAfringChunk *chunk;
  void *memory;

  if (!gst_afring_mappings_take (1))
    return NULL;
  memory = mmap (NULL, self->chunk_size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    gst_afring_mappings_give_back (1);
    return NULL;
  }
  /* as the ring itself: not a forked child's */
  madvise (memory, self->chunk_size, MADV_DONTFORK);
  chunk = g_new0 (GstAfringChunk, 1);
  chunk->memory = memory;
  return chunk;
}

static void
free_chunk (GstAfringPool * self, GstAfringChunk * chunk)
{
  if (self->generation == gst_afring_fork_generation) {
    munmap (chunk->memory, self->chunk_size);
    gst_afring_mappings_give_back (1);
  }
  g_free (chunk);
}

static void
free_chunks (GstAfringPool * self)
{
  while (self->free != NULL) {
    GstAfringChunk *chunk = self->free;

    self->free = chunk->next;
    free_chunk (self, chunk);
  }
  self->n_free = 0;
}

void
gst_afring_pool_free (GstAfringPool * self)
{
  if (self->open != NULL)
    free_chunk (self, self->open);
  free_chunks (self);
  /* in a child a thread that is not there may have it */
  if (self->generation == gst_afring_fork_generation)
    g_mutex_clear (&self->lock);
  g_free (self);
}

static void
count (GstAfringPool * self, gssize bytes)
{
  __atomic_fetch_add (&self->used, bytes, __ATOMIC_RELAXED);
}

/* With the lock. */
static void
put_away (GstAfringPool * self, GstAfringChunk * chunk)
{
  if (self->closed || (self->n_free + 1) * self->chunk_size > MOST_FREE) {
    free_chunk (self, chunk);
    return;
  }
  chunk->next = self->free;
  self->free = chunk;
  self->n_free++;
}

/* With the lock: makes an empty chunk the open one. */
static gboolean
open_chunk (GstAfringPool * self)
{
  GstAfringChunk *chunk = self->free;

  if (chunk != NULL) {
    self->free = chunk->next;
    self->n_free--;
  } else {
    chunk = make_chunk (self);
  }
  if (chunk == NULL)
    return FALSE;
  chunk->offset = 0;
  self->open = chunk;
  return TRUE;
}

/* With the lock: a piece of the open chunk, if there may be so much more memory in
 * use. */
static guint8 *
cut (GstAfringPool * self, gsize length, guint64 max_bytes)
{
  GstAfringChunk *chunk = self->open;
  gsize touched = MAX (chunk->touched, chunk->offset + length);
  gsize more = chunk->pieces == 0 ? touched : touched - chunk->touched;
  guint8 *piece = chunk->memory + chunk->offset;

  if (max_bytes != 0 && self->used + more > max_bytes)
    return NULL;
  chunk->offset += length;
  chunk->touched = touched;
  chunk->pieces++;
  count (self, more);
  return piece;
}

guint8 *
gst_afring_pool_take (GstAfringPool * self, gsize bytes, guint64 max_bytes,
    GstAfringChunk ** chunk)
{
  gsize length = (bytes + GST_AFRING_POOL_ALIGNMENT - 1)
      / GST_AFRING_POOL_ALIGNMENT * GST_AFRING_POOL_ALIGNMENT;
  guint8 *piece = NULL;

  if (length > self->chunk_size)
    return NULL;
  g_mutex_lock (&self->lock);
  if (self->open != NULL && self->open->offset + length > self->chunk_size)
    self->open = NULL;          /* goes with its last piece */
  if (self->open != NULL || open_chunk (self)) {
    *chunk = self->open;
    piece = cut (self, length, max_bytes);
  }
  g_mutex_unlock (&self->lock);
  return piece;
}

void
gst_afring_pool_give_back (GstAfringPool * self, GstAfringChunk * chunk)
{
  if (self->generation != gst_afring_fork_generation)
    return;
  g_mutex_lock (&self->lock);
  if (--chunk->pieces == 0) {
    count (self, -(gssize) chunk->touched);
    if (chunk == self->open)
      chunk->offset = 0;
    else
      put_away (self, chunk);
  }
  g_mutex_unlock (&self->lock);
}

gsize
gst_afring_pool_get_used (GstAfringPool * self)
{
  return __atomic_load_n (&self->used, __ATOMIC_RELAXED);
}

void
gst_afring_pool_close (GstAfringPool * self)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  if (self->open != NULL && self->open->pieces == 0)
    free_chunk (self, self->open);
  self->open = NULL;
  free_chunks (self);
  g_mutex_unlock (&self->lock);
}
