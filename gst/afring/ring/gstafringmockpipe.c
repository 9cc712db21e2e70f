/* gst-afring: a source that is read into a mock ring
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringmockpipe.h"

#include <gst/afring/capture/gstcaptureerror.h>

struct _GstAfringMockPipe
{
  gatomicrefcount refs;
  GstAfringMockSource *mock;    /* until finished */
  GWeakRef weak;                /* of it */
  GstCaptureSource *source;
  void (*done) (GstAfringMockSource * mock);

  gint ended;                   /* atomic */
  GMutex lock;                  /* what follows */
  GCond cond;
  GThread *thread;              /* borrowed */
  gboolean finished;
  GError *error;
};

GstAfringMockPipe *
gst_afring_mock_pipe_ref (GstAfringMockPipe * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_afring_mock_pipe_unref (GstAfringMockPipe * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_weak_ref_clear (&self->weak);
  g_object_unref (self->source);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

static gboolean
goes_on (const GError * error)
{
  return g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_UNBLOCKED)
      || g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_TIMEOUT);
}

static gboolean
is_end (const GError * error)
{
  return g_error_matches (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_STOPPED)
      || g_error_matches (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_END_OF_FILE);
}

/* Until there are no more packets, or nobody wants them. */
static GError *
pump (GstAfringMockPipe * self)
{
  GError *error = NULL;

  while (error == NULL && !g_atomic_int_get (&self->ended)) {
    if (!gst_afring_mock_source_add_packet_from_source (self->mock,
            self->source, &error) && goes_on (error))
      g_clear_error (&error);
  }
  if (is_end (error))
    g_clear_error (&error);
  return error;
}

static gpointer
run (gpointer data)
{
  GstAfringMockPipe *self = data;
  GstAfringMockSource *mock;

  self->error = pump (self);
  mock = g_weak_ref_get (&self->weak);
  if (mock != NULL) {
    self->done (mock);
    g_object_unref (mock);
  }
  g_mutex_lock (&self->lock);
  self->finished = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  gst_afring_mock_pipe_unref (self);
  return NULL;
}

GstAfringMockPipe *
gst_afring_mock_pipe_new (GstAfringMockSource * mock, GstCaptureSource * source,
    void (*done) (GstAfringMockSource * mock), GError ** error)
{
  g_autoptr (GError) reason = NULL;
  GstAfringMockPipe *self = g_new0 (GstAfringMockPipe, 1);

  g_atomic_ref_count_init (&self->refs);
  self->mock = mock;
  g_weak_ref_init (&self->weak, mock);
  self->source = g_object_ref (source);
  self->done = done;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);

  g_mutex_lock (&self->lock);
  self->thread = g_thread_try_new ("afring-pipe", run,
      gst_afring_mock_pipe_ref (self), &reason);
  if (self->thread != NULL)
    g_thread_unref (self->thread);
  g_mutex_unlock (&self->lock);
  if (self->thread != NULL)
    return self;
  g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      reason->message);
  gst_afring_mock_pipe_unref (self);
  gst_afring_mock_pipe_unref (self);
  return NULL;
}

void
gst_afring_mock_pipe_end (GstAfringMockPipe * self)
{
  g_atomic_int_set (&self->ended, TRUE);
  gst_capture_source_unblock (self->source, NULL);
}

GError *
gst_afring_mock_pipe_wait (GstAfringMockPipe * self)
{
  GError *error = NULL;

  g_mutex_lock (&self->lock);
  if (self->thread != g_thread_self ()) {
    while (!self->finished)
      g_cond_wait (&self->cond, &self->lock);
    error = g_steal_pointer (&self->error);
  }
  g_mutex_unlock (&self->lock);
  return error;
}
