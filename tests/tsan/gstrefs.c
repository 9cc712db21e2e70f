/* GStreamer's and GLib's references, told to ThreadSanitizer.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* As in glocks.c: references are counted inside libraries that are not
 * instrumented, so that ThreadSanitizer does not see that the thread which frees
 * something comes after all that the others did before they let go of it. */

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

/* Stands for buffers, metas and tasks, which GStreamer frees, and nobody else. */
static gchar freed_by_gstreamer;

/* What this thread did with a buffer comes before whoever frees it, or its
 * memory. */
UNSEEN static void
release_buffer (GstBuffer * buffer)
{
  __tsan_release (&freed_by_gstreamer);
  for (guint i = 0; i < gst_buffer_n_memory (buffer); i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);

    __tsan_release (memory);
    if (memory->parent != NULL)
      __tsan_release (memory->parent);
  }
}

UNSEEN void
gst_mini_object_unref (GstMiniObject * object)
{
  REAL (gst_mini_object_unref);
  if (object->type == GST_TYPE_BUFFER)
    release_buffer (GST_BUFFER_CAST (object));
  real (object);
}

UNSEEN void
(g_free) (gpointer memory)
{
  REAL (g_free);
  if (memory != NULL)
    __tsan_acquire (memory);
  real (memory);
}

UNSEEN void
(g_slice_free1) (gsize size, gpointer memory)
{
  REAL (g_slice_free1);
  __tsan_acquire (&freed_by_gstreamer);
  real (size, memory);
}

/* A task that is started; the thread frees what it was given. */
UNSEEN gboolean
g_thread_pool_push (GThreadPool * pool, gpointer data, GError ** error)
{
  REAL (g_thread_pool_push);
  __tsan_release (&freed_by_gstreamer);
  return real (pool, data, error);
}

/* As GLib does it, but seen. */
gboolean
(g_atomic_ref_count_dec) (gatomicrefcount * refs)
{
  return __atomic_fetch_sub (refs, 1, __ATOMIC_ACQ_REL) == 1;
}
