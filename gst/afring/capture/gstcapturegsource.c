/* gst-afring: capture sources in a main loop
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstcapturesource.h"

typedef struct
{
  GSource parent;
  GstCaptureSource *source;
  gpointer tag;                 /* of its file descriptor; NULL: none */
} Watch;

static gboolean
is_ready (GSource * source)
{
  Watch *self = (Watch *) source;

  return self->tag == NULL || g_source_query_unix_fd (source, self->tag) != 0;
}

static gboolean
prepare (GSource * source, gint * timeout)
{
  *timeout = -1;
  /* without a file descriptor it never waits */
  return ((Watch *) source)->tag == NULL;
}

static gboolean
dispatch (GSource * source, GSourceFunc callback, gpointer user_data)
{
  GstCaptureSourceFunc func = (GstCaptureSourceFunc) (gpointer) callback;

  if (func == NULL)
    return G_SOURCE_REMOVE;
  return func (((Watch *) source)->source, user_data);
}

static void
finalize (GSource * source)
{
  g_object_unref (((Watch *) source)->source);
}

/* Closures of language bindings have no other way to learn of the arguments. */
static gboolean
call_closure (GstCaptureSource * source, gpointer data)
{
  GValue result = G_VALUE_INIT, argument = G_VALUE_INIT;
  gboolean go_on;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_value_init (&argument, GST_TYPE_CAPTURE_SOURCE);
  g_value_set_object (&argument, source);
  g_closure_invoke (data, &result, 1, &argument, NULL);
  go_on = g_value_get_boolean (&result);
  g_value_unset (&argument);
  g_value_unset (&result);
  return go_on;
}

static GSourceFuncs funcs = {
  .prepare = prepare,
  .check = is_ready,
  .dispatch = dispatch,
  .finalize = finalize,
  .closure_callback = (GSourceFunc) (void (*)(void)) call_closure,
};

/**
 * gst_capture_source_create_source: (skip)
 * @self: a #GstCaptureSource
 * @cancellable: (nullable): dispatches the source when it is cancelled
 *
 * Makes a #GSource that is dispatched when a call which asks for a packet would not
 * wait (see gst_capture_source_get_fd()). Its callback is a #GstCaptureSourceFunc; set it
 * with g_source_set_callback(). A callback that reads more than one packet sets a timeout
 * of 0 before and reads until %GST_CAPTURE_ERROR_TIMEOUT. Run it in the thread that reads
 * the source.
 *
 * Returns: (transfer full): a new #GSource
 */
GSource *
gst_capture_source_create_source (GstCaptureSource * self,
    GCancellable * cancellable)
{
  GSource *source, *child;
  gint fd;

  g_return_val_if_fail (GST_IS_CAPTURE_SOURCE (self), NULL);

  source = g_source_new (&funcs, sizeof (Watch));
  g_source_set_static_name (source, "GstCaptureSource");
  ((Watch *) source)->source = g_object_ref (self);
  fd = gst_capture_source_get_fd (self);
  if (fd >= 0)
    ((Watch *) source)->tag = g_source_add_unix_fd (source, fd, G_IO_IN);
  if (cancellable != NULL) {
    child = g_cancellable_source_new (cancellable);
    g_source_set_dummy_callback (child);
    g_source_add_child_source (source, child);
    g_source_unref (child);
  }
  return source;
}
