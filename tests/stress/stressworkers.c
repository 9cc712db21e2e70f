/* Threads that use items at random, and keep each for a random time.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stressworkers.h"

#include <gst/afring/afring.h>
#include <stdio.h>

#define SLOTS_BITS 10
#define SLOTS (1 << SLOTS_BITS)
#define SPAN_ACTIONS 2000       /* for which a worker uses the same slots */
#define INBOX_SIZE 128

typedef struct
{
  StressWorkers *all;
  GThread *thread;
  GRand *random;
  StressItem *slots[SLOTS];
  guint span;                   /* slots in use */
  guint64 checks, shares, splits, pins, drops;

  GMutex lock;
  GQueue inbox;                 /* StressItem; lock */
} Worker;

struct _StressWorkers
{
  gint stop;                    /* atomic */
  guint n;
  Worker workers[];
};

/* FALSE if there is no room. */
static gboolean
worker_give (Worker * worker, StressItem * item)
{
  gboolean room;

  g_mutex_lock (&worker->lock);
  room = g_queue_get_length (&worker->inbox) < INBOX_SIZE;
  if (room)
    g_queue_push_tail (&worker->inbox, item);
  g_mutex_unlock (&worker->lock);
  return room;
}

static StressItem *
worker_take (Worker * worker)
{
  StressItem *item;

  g_mutex_lock (&worker->lock);
  item = g_queue_pop_head (&worker->inbox);
  g_mutex_unlock (&worker->lock);
  return item;
}

static StressItem **
get_slot (Worker * worker)
{
  return &worker->slots[g_rand_int_range (worker->random, 0, worker->span)];
}

static void
worker_put (Worker * worker, StressItem * item)
{
  StressItem **slot = get_slot (worker);

  if (*slot != NULL)
    worker->drops++;
  stress_item_free (*slot);
  *slot = item;
}

/* Into two; the second of them, in the item's place. */
static StressItem *
worker_split (Worker * worker, StressItem * item)
{
  StressItem *rest;
  gsize at;

  if (item->size < 2)
    return item;
  worker->splits++;
  at = g_rand_int_range (worker->random, 1, item->size);
  worker_put (worker, stress_item_share (item, 0, at, FALSE));
  rest = stress_item_share (item, at, item->size - at, FALSE);
  stress_item_free (item);
  return rest;
}

static void
worker_share (Worker * worker, StressItem * item)
{
  gsize offset = g_rand_int_range (worker->random, 0, item->size);
  gsize size = g_rand_int_range (worker->random, 1, item->size - offset + 1);

  worker->shares++;
  worker_put (worker, stress_item_share (item, offset, size,
          g_rand_boolean (worker->random)));
}

/* The item is in no slot meanwhile, so that it may be given away. */
static void
worker_use (Worker * worker, StressItem * item)
{
  gint action = g_rand_int_range (worker->random, 0, 100);

  worker->checks++;
  if (item->mapped) {
    stress_item_unmap (item);
  } else if (action < 20) {
    stress_item_map (item, 0);  /* until it is met again */
  } else if (action < 23) {
    worker->pins++;
    stress_item_map (item, GST_AFRING_MAP_PINNED);
    g_usleep (g_rand_int_range (worker->random, 0, 100));
    stress_item_unmap (item);
  } else {
    stress_item_map (item, 0);
    stress_item_unmap (item);
  }

  if (action == 50) {
    worker_share (worker, item);
  } else if (action == 51) {
    item = worker_split (worker, item);
  } else if (action >= 60 && action < 70) {
    if (stress_workers_give (worker->all, worker->random, item))
      return;
  } else if (action >= 99) {
    worker->drops++;
    stress_item_free (item);
    return;
  }
  worker_put (worker, item);
}

/* Few slots are let go of after some milliseconds, which is when blocks are being
 * evicted; what is in the other slots is kept for long meanwhile. */
static gpointer
work (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; !g_atomic_int_get (&worker->all->stop); i++) {
    StressItem *item = NULL;

    if (i % SPAN_ACTIONS == 0)
      worker->span = 1 << g_rand_int_range (worker->random, 0, SLOTS_BITS + 1);
    if (g_rand_int_range (worker->random, 0, 4) == 0)
      item = worker_take (worker);
    if (item == NULL)
      item = g_steal_pointer (get_slot (worker));
    if (item != NULL)
      worker_use (worker, item);
  }
  for (guint i = 0; i < SLOTS; i++)
    stress_item_free (g_steal_pointer (&worker->slots[i]));
  return NULL;
}

gboolean
stress_workers_give (StressWorkers * self, GRand * random, StressItem * item)
{
  return worker_give (&self->workers[g_rand_int_range (random, 0, self->n)],
      item);
}

StressWorkers *
stress_workers_new (guint n)
{
  StressWorkers *self = g_malloc0 (sizeof (StressWorkers) +
      n * sizeof (Worker));

  self->n = n;
  for (guint i = 0; i < n; i++) {
    Worker *worker = &self->workers[i];

    worker->all = self;
    worker->random = g_rand_new ();
    g_mutex_init (&worker->lock);
    g_queue_init (&worker->inbox);
  }
  /* they give to each other */
  for (guint i = 0; i < n; i++)
    self->workers[i].thread = g_thread_new ("work", work, &self->workers[i]);
  return self;
}

void
stress_workers_join (StressWorkers * self)
{
  g_atomic_int_set (&self->stop, TRUE);
  for (guint i = 0; i < self->n; i++)
    g_thread_join (self->workers[i].thread);
}

void
stress_workers_print (StressWorkers * self)
{
  guint64 checks = 0, shares = 0, splits = 0, pins = 0, drops = 0;

  for (guint i = 0; i < self->n; i++) {
    Worker *worker = &self->workers[i];

    checks += worker->checks;
    shares += worker->shares;
    splits += worker->splits;
    pins += worker->pins;
    drops += worker->drops;
  }
  printf ("buffers: %" G_GUINT64_FORMAT " checks, %" G_GUINT64_FORMAT
      " shares, %" G_GUINT64_FORMAT " splits, %" G_GUINT64_FORMAT " pins, %"
      G_GUINT64_FORMAT " drops\n", checks, shares, splits, pins, drops);
}

void
stress_workers_free (StressWorkers * self)
{
  for (guint i = 0; i < self->n; i++) {
    Worker *worker = &self->workers[i];
    StressItem *item;

    while ((item = worker_take (worker)) != NULL)
      stress_item_free (item);
    g_rand_free (worker->random);
    g_mutex_clear (&worker->lock);
  }
  g_free (self);
}
