/* gst-afring: the thread that turns the ring of a source element
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringkeeper.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/ring/gstafringcopy.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How soon to look again. Milliseconds: while nothing comes; when a block is in
 * the way for a moment; when there is no memory to move one to; when the end has
 * been asked for. */
#define IDLE_TIMEOUT 200
#define BUSY_TIMEOUT 1
#define FULL_TIMEOUT 10
#define DRAIN_TIMEOUT 2
/* How long to wait, at the end, for a packet that is still on its way into the ring.
 * Microseconds. */
#define DRAIN_LIMIT (2 * G_TIME_SPAN_SECOND)
/* A packet that passed the filter just before it was shut is on its way into
 * the ring on another processor for some microseconds. */
#define HALT_GRACE 1000

struct _GstAfringKeeper
{
  GstAfringSource *source;
  GstAfringWatch *watch;        /* borrowed */
  GstAfringEvictionPolicy policy;
  gint nice;
  GThread *thread;

  GMutex lock;
  GCond cond;
  GQueue blocks;                /* of GstAfringLease, with the lock */
  gboolean ended;               /* with the lock */
  gboolean woken;               /* with the lock */
  gint draining;                /* atomic */
  gint stopping;                /* atomic */

  /* Of the thread. */
  GstAfringRoom room;
  gint64 drain_deadline;        /* 0: not draining */
};

/* TRUE when nothing more can come: the kernel lets no packet in and all that it
 * has counted as stored has been taken. */
static gboolean
is_drained (GstAfringKeeper * self)
{
  GstAfringTotals totals;

  if (self->drain_deadline == 0) {
    gst_afring_source_halt (self->source);
    g_usleep (HALT_GRACE);
    self->drain_deadline = g_get_monotonic_time () + DRAIN_LIMIT;
  }
  gst_afring_source_get_totals (self->source, &totals);
  if (totals.packets_taken >= totals.packets_received)
    return TRUE;
  if (g_get_monotonic_time () < self->drain_deadline)
    return FALSE;
  GST_WARNING ("%" G_GUINT64_FORMAT " packets are left in "
      "the ring", totals.packets_received - totals.packets_taken);
  return TRUE;
}

static gint
get_timeout (GstAfringKeeper * self, gboolean draining)
{
  switch (self->room) {
    case GST_AFRING_ROOM_BUSY:
      return BUSY_TIMEOUT;
    case GST_AFRING_ROOM_BOUND:
    case GST_AFRING_ROOM_MAPPINGS:
    case GST_AFRING_ROOM_FAILED:
      return draining ? DRAIN_TIMEOUT : FULL_TIMEOUT;
    case GST_AFRING_ROOM_FREE:
    default:
      return draining ? DRAIN_TIMEOUT : IDLE_TIMEOUT;
  }
}

/* Where the kernel does not wait for room, a block with few bytes is copied before it
 * waits for its turn. Signalled without the lock: the streaming thread would wake up
 * only to wait for it. */
static void
queue_block (GstAfringKeeper * self, GstAfringLease * lease)
{
  if (!self->policy.passed_on_only)
    lease = gst_afring_lease_copy (lease, GST_AFRING_COPY_FEW,
        self->policy.max_bytes);
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->blocks, lease);
  g_mutex_unlock (&self->lock);
  g_cond_signal (&self->cond);
}

/* An error that is there again at once, each time, must not keep a processor
 * busy. */
static void
handle_error (GstAfringKeeper * self, GError * error, gboolean draining)
{
  gboolean down = g_error_matches (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_LINK_DOWN);

  if (draining || g_error_matches (error, GST_CAPTURE_ERROR,
          GST_CAPTURE_ERROR_UNBLOCKED)) {
    g_error_free (error);
    return;
  }
  gst_afring_watch_tell_error (self->watch, error);
  if (!down)
    g_usleep (DRAIN_TIMEOUT * G_TIME_SPAN_MILLISECOND);
}

/* FALSE at the end. */
static gboolean
turn (GstAfringKeeper * self)
{
  gboolean draining = g_atomic_int_get (&self->draining);
  gboolean drained = draining && is_drained (self);
  GError *error = NULL;
  GstAfringLease *lease;

  /* once drained, for a block that came between the last look and this one */
  lease = gst_afring_source_next_lease (self->source,
      drained ? 0 : get_timeout (self, draining), &error);
  if (lease == NULL && draining && !drained)
    lease = gst_afring_source_take_open (self->source);
  if (error != NULL)
    handle_error (self, error, draining);
  if (lease != NULL)
    queue_block (self, lease);
  else if (drained)
    return FALSE;

  self->room =
      gst_afring_ring_make_room (gst_afring_source_get_ring (self->source),
      &self->policy);
  gst_afring_watch_tell_room (self->watch, self->room, errno);
  return TRUE;
}

/* The thread has little to do, but in time: on a busy machine the kernel would not
 * wait for it. Allowed to root and with CAP_SYS_NICE; else it does without. */
static void
hurry (GstAfringKeeper * self)
{
  if (self->nice == 0)
    return;
  if (setpriority (PRIO_PROCESS, syscall (SYS_gettid), self->nice) < 0)
    GST_INFO ("the thread that turns the ring runs with the usual priority, not "
        "with a nice value of %d: %s", self->nice, g_strerror (errno));
  else
    GST_INFO ("the thread that turns the ring runs with a nice value of %d",
        self->nice);
}

static gpointer
run (gpointer data)
{
  GstAfringKeeper *self = data;

  hurry (self);
  gst_afring_ring_prepare (gst_afring_source_get_ring (self->source));
  while (!g_atomic_int_get (&self->stopping) && turn (self));

  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  return NULL;
}

GstAfringKeeper *
gst_afring_keeper_new (GstAfringSource * source, GstAfringWatch * watch,
    const GstAfringEvictionPolicy * policy, gint nice)
{
  GstAfringKeeper *self = g_new0 (GstAfringKeeper, 1);

  self->source = g_object_ref (source);
  self->watch = watch;
  self->policy = *policy;
  self->nice = nice;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  g_queue_init (&self->blocks);
  return self;
}

gboolean
gst_afring_keeper_start (GstAfringKeeper * self, GError ** error)
{
  self->thread = g_thread_try_new ("afring-keeper", run, self, error);
  return self->thread != NULL;
}

void
gst_afring_keeper_stop (GstAfringKeeper * self)
{
  GThread *thread;

  g_atomic_int_set (&self->stopping, TRUE);
  gst_capture_source_unblock (GST_CAPTURE_SOURCE (self->source), NULL);
  g_mutex_lock (&self->lock);
  thread = g_steal_pointer (&self->thread);
  g_mutex_unlock (&self->lock);
  if (thread != NULL)
    g_thread_join (thread);
}

guint64
gst_afring_keeper_clear (GstAfringKeeper * self)
{
  GstAfringLease *lease;
  guint64 packets = 0;

  while ((lease = g_queue_pop_head (&self->blocks)) != NULL) {
    packets +=
        gst_afring_block_get_packets (gst_afring_lease_get_block (lease));
    gst_afring_lease_unref (lease);
  }
  return packets;
}

void
gst_afring_keeper_free (GstAfringKeeper * self)
{
  gst_afring_keeper_stop (self);
  gst_afring_keeper_clear (self);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_object_unref (self->source);
  g_free (self);
}

GstAfringLease *
gst_afring_keeper_pop (GstAfringKeeper * self, gint timeout, gboolean * ended)
{
  gint64 end = g_get_monotonic_time () + timeout * G_TIME_SPAN_MILLISECOND;
  GstAfringLease *lease;

  g_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->blocks) && !self->ended && !self->woken
      && g_cond_wait_until (&self->cond, &self->lock, end));
  lease = g_queue_pop_head (&self->blocks);
  *ended = lease == NULL && self->ended;
  self->woken = FALSE;
  g_mutex_unlock (&self->lock);
  return lease;
}

void
gst_afring_keeper_wake (GstAfringKeeper * self)
{
  g_mutex_lock (&self->lock);
  self->woken = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
gst_afring_keeper_drain (GstAfringKeeper * self)
{
  g_atomic_int_set (&self->draining, TRUE);
  gst_capture_source_unblock (GST_CAPTURE_SOURCE (self->source), NULL);
}
