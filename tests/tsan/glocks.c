/* GLib's locks and GStreamer's reference counts, told to ThreadSanitizer.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* GMutex and GCond are made of atomics and futexes inside a library that is not
 * instrumented: ThreadSanitizer does not see that they order anything. These
 * stand in front of GLib's functions and say so. */

#include <dlfcn.h>
#include <gst/gst.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

#define REAL(name) \
    static __typeof__ (name) *real = NULL; \
    if (real == NULL) \
      *(void **) &real = dlsym (RTLD_NEXT, #name)

/* these functions themselves are not looked at */
#define UNSEEN __attribute__ ((no_sanitize ("thread")))

UNSEEN void
g_mutex_lock (GMutex * mutex)
{
  REAL (g_mutex_lock);
  real (mutex);
  __tsan_acquire (mutex);
}

UNSEEN gboolean
g_mutex_trylock (GMutex * mutex)
{
  gboolean locked;

  REAL (g_mutex_trylock);
  locked = real (mutex);
  if (locked)
    __tsan_acquire (mutex);
  return locked;
}

UNSEEN void
g_mutex_unlock (GMutex * mutex)
{
  REAL (g_mutex_unlock);
  __tsan_release (mutex);
  real (mutex);
}

UNSEEN void
g_cond_wait (GCond * cond, GMutex * mutex)
{
  REAL (g_cond_wait);
  __tsan_release (mutex);
  real (cond, mutex);
  __tsan_acquire (mutex);
}

UNSEEN gboolean
g_cond_wait_until (GCond * cond, GMutex * mutex, gint64 end_time)
{
  gboolean signalled;

  REAL (g_cond_wait_until);
  __tsan_release (mutex);
  signalled = real (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* What is put into a queue happens before it is taken out: both are done with its lock, which
 * GLib takes by itself. */
UNSEEN void
g_async_queue_push (GAsyncQueue * queue, gpointer data)
{
  REAL (g_async_queue_push);
  __tsan_release (queue);
  real (queue, data);
}

UNSEEN gpointer
g_async_queue_pop (GAsyncQueue * queue)
{
  gpointer data;

  REAL (g_async_queue_pop);
  data = real (queue);
  __tsan_acquire (queue);
  return data;
}

/* Whoever lets go of a packet has done with it before somebody sees that the count is one
 * (get_intact_slot() and get_listed_slot() of gstafringslots.c, which load it) and uses its
 * memory again: the decrement, inside GStreamer, is that release. */
UNSEEN void
gst_mini_object_unref (GstMiniObject * object)
{
  REAL (gst_mini_object_unref);
  __tsan_release (&object->refcount);
  real (object);
}

/* The start and the end of a thread, too, are GLib's. */
typedef struct
{
  GThreadFunc func;
  gpointer data;
  gpointer result;
} Start;

UNSEEN static gpointer
start_thread (gpointer data)
{
  Start *start = data;
  gpointer result;

  __tsan_acquire (start);
  result = start->func (start->data);
  __tsan_release (start->data);
  g_free (start);
  return result;
}

UNSEEN GThread *
g_thread_new (const gchar * name, GThreadFunc func, gpointer data)
{
  Start *start = g_new0 (Start, 1);

  REAL (g_thread_new);
  start->func = func;
  start->data = data;
  __tsan_release (start);
  return real (name, start_thread, start);
}

