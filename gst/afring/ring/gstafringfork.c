/* gst-afring: a forked child is somebody else
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringfork.h"

#include <pthread.h>

guint gst_afring_fork_generation = 0;

/* Held while the process forks, so that the list is whole in the child. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GstAfringForkNode *nodes = NULL;

static void
prepare (void)
{
  pthread_mutex_lock (&lock);
}

static void
in_parent (void)
{
  pthread_mutex_unlock (&lock);
}

static void
in_child (void)
{
  gst_afring_fork_generation++;
  for (GstAfringForkNode * node = nodes; node != NULL; node = node->next)
    node->forked (node);
  pthread_mutex_unlock (&lock);
}

void
gst_afring_fork_watch (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    pthread_atfork (prepare, in_parent, in_child);
    g_once_init_leave (&once, 1);
  }
}

void
gst_afring_fork_register (GstAfringForkNode * node)
{
  gst_afring_fork_watch ();
  pthread_mutex_lock (&lock);
  node->next = nodes;
  node->at = &nodes;
  if (nodes != NULL)
    nodes->at = &node->next;
  nodes = node;
  pthread_mutex_unlock (&lock);
}

void
gst_afring_fork_unregister (GstAfringForkNode * node)
{
  pthread_mutex_lock (&lock);
  *node->at = node->next;
  if (node->next != NULL)
    node->next->at = node->at;
  pthread_mutex_unlock (&lock);
}
