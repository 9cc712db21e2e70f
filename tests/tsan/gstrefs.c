/* GStreamer's references, told to ThreadSanitizer.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* As in glocks.c: references are counted inside libraries that are not
 * instrumented, so that ThreadSanitizer does not see that the thread which frees
 * something, or uses it again, comes after all that the others did before they let
 * go of it. What is freed is ordered more strictly here than it is in truth. */

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

/* Stands for all that GStreamer frees, and does inside before. */
static gchar freed;

/* An operation on the counter that is seen, in front of the real one. */
static void
let_go (GstMiniObject * object)
{
  __tsan_release (object);
  __atomic_fetch_add (&object->refcount, 0, __ATOMIC_ACQ_REL);
}

/* What this thread did with a buffer and its memory comes before whoever has the
 * last reference. */
UNSEEN static void
let_go_of_buffer (GstBuffer * buffer)
{
  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);

    let_go (GST_MINI_OBJECT_CAST (memory));
    if (memory->parent != NULL)
      let_go (GST_MINI_OBJECT_CAST (memory->parent));
  }
  let_go (GST_MINI_OBJECT_CAST (buffer));
}

UNSEEN void
gst_mini_object_unref (GstMiniObject * object)
{
  REAL (gst_mini_object_unref);
  if (object != NULL && object->type == GST_TYPE_BUFFER)
    let_go_of_buffer (GST_BUFFER_CAST (object));
  __tsan_release (&freed);
  real (object);
}

UNSEEN void
(g_free) (gpointer memory)
{
  REAL (g_free);
  if (memory != NULL) {
    __tsan_acquire (memory);
    __tsan_acquire (&freed);
    __tsan_release (&freed);
  }
  real (memory);
}

UNSEEN void
(g_slice_free1) (gsize size, gpointer memory)
{
  REAL (g_slice_free1);
  __tsan_acquire (&freed);
  __tsan_release (&freed);
  real (size, memory);
}

/* A task that is started; the thread frees what it was given. */
UNSEEN gboolean
g_thread_pool_push (GThreadPool * pool, gpointer data, GError ** error)
{
  REAL (g_thread_pool_push);
  __tsan_release (&freed);
  return real (pool, data, error);
}

/* As GLib does it, but seen. */
gboolean
(g_atomic_ref_count_dec) (gatomicrefcount * refs)
{
  return __atomic_fetch_sub (refs, 1, __ATOMIC_ACQ_REL) == 1;
}
