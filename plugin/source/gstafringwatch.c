/* gst-afring: what a source element tells the application
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringwatch.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/capture/gstcapturelink-private.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often to look. Milliseconds, but for the last. */
#define LOOK_INTERVAL 1000
#define WARNING_INTERVAL (5 * G_TIME_SPAN_SECOND)

struct _GstAfringWatch
{
  GstElement *element;          /* borrowed */
  GstAfringSource *source;
  GstAfringTally past;
  GstAfringWatchFuncs funcs;
  GThread *thread;
  int wake_fd;
  GstLinkMonitor *monitor;      /* of the thread; or NULL */

  gint stopping;                /* atomic, as what follows */
  gint bound;                   /* max-evicted-bytes was in the way */
  gint mappings;                /* the share of mappings was */
  gint failed;                  /* errno with which an eviction failed */

  GMutex lock;                  /* what follows */
  GQueue errors;                /* of GError, not told yet */

  GMutex look_lock;             /* what follows: two threads can look */
  gint64 next_warning;          /* monotonic, microseconds */
  guint64 dropped;              /* that the application knows of */
  guint64 dropped_warned;       /* that it was warned of */
  gboolean failure_told;
};

static void
wake (GstAfringWatch * self)
{
  guint64 one = 1;

  /* can fail only when the counter is full, which wakes just as well */
  if (write (self->wake_fd, &one, sizeof (one)) < 0)
    return;
}

/* Messages about lost packets. */

static void
post_qos (GstAfringWatch * self, const GstAfringTally * tally)
{
  GstClockTime running_time =
      gst_element_get_current_running_time (self->element);
  GstMessage *message = gst_message_new_qos (GST_OBJECT (self->element), TRUE,
      running_time, running_time, running_time, GST_CLOCK_TIME_NONE);

  gst_message_set_qos_stats (message, GST_FORMAT_BUFFERS,
      tally->packets_received, tally->packets_dropped);
  gst_element_post_message (self->element, message);
}

static gchar *
describe_drops (GstAfringWatch * self, guint64 dropped)
{
  gsize kept =
      gst_afring_ring_get_evicted_bytes (gst_afring_source_get_ring
      (self->source));
  gboolean bound = g_atomic_int_exchange (&self->bound, FALSE);
  gboolean mappings = g_atomic_int_exchange (&self->mappings, FALSE);

  if (bound)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " packets were dropped because "
        "downstream keeps more than max-evicted-bytes allows (%" G_GSIZE_FORMAT
        " bytes now); let it keep less, or set max-evicted-bytes higher",
        dropped, kept);
  if (mappings)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " packets were dropped because "
        "downstream keeps packets of so many blocks that a third of the memory "
        "mappings which a process may have are in use for them (%" G_GSIZE_FORMAT
        " bytes now); let it keep less, set block-size higher, or "
        "vm.max_map_count (sysctl)", dropped, kept);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " packets were dropped because the "
      "ring was full; a larger block-count or a filter helps", dropped);
}

static void
post_warning (GstAfringWatch * self, const GstAfringTally * tally)
{
  g_autofree gchar *text = describe_drops (self,
      tally->packets_dropped - self->dropped_warned);

  GST_ELEMENT_WARNING (self->element, RESOURCE, READ, ("%s", text),
      ("%" G_GUINT64_FORMAT " dropped and %" G_GUINT64_FORMAT
          " received since the start", tally->packets_dropped,
          tally->packets_received));
  self->dropped_warned = tally->packets_dropped;
}

static void
post_failure (GstAfringWatch * self)
{
  gint error = g_atomic_int_get (&self->failed);

  if (error == 0 || self->failure_told)
    return;
  self->failure_told = TRUE;
  GST_ELEMENT_WARNING (self->element, RESOURCE, NO_SPACE_LEFT,
      ("There is no memory to move packets to that downstream keeps: %s; from "
          "now on the capture waits for downstream where it has to. A higher "
          "memory limit helps, or a higher vm.max_map_count (sysctl)",
          g_strerror (error)), (NULL));
}

/* With the look lock. */
static void
look (GstAfringWatch * self, gboolean warn)
{
  gint64 now = g_get_monotonic_time ();
  GstAfringTally tally = self->past;

  post_failure (self);
  gst_afring_tally_add_source (&tally, self->source);
  if (tally.packets_dropped != self->dropped)
    post_qos (self, &tally);
  self->dropped = tally.packets_dropped;
  if (tally.packets_dropped != self->dropped_warned
      && (warn || now >= self->next_warning)) {
    self->next_warning = now + WARNING_INTERVAL;
    post_warning (self, &tally);
  }
}

void
gst_afring_watch_look (GstAfringWatch * self)
{
  g_mutex_lock (&self->look_lock);
  look (self, TRUE);
  g_mutex_unlock (&self->look_lock);
}

/* The thread. */

static void
tell_errors (GstAfringWatch * self)
{
  GError *error;

  do {
    g_mutex_lock (&self->lock);
    error = g_queue_pop_head (&self->errors);
    g_mutex_unlock (&self->lock);
    if (error != NULL)
      self->funcs.failed (self->element, error);
    g_clear_error (&error);
  } while (error != NULL);
}

/* The socket tells it too, but later, and one that is moved away and back has its index
 * again: what is said of that one is not of ours. */
static void
tell_gone (GstAfringWatch * self)
{
  GstCaptureLink *link =
      gst_capture_source_get_link (GST_CAPTURE_SOURCE (self->source));
  g_autoptr (GError) error = g_error_new (GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_NOT_FOUND, "The interface %s has been removed",
      gst_capture_link_get_name (link));

  g_clear_pointer (&self->monitor, gst_link_monitor_free);
  self->funcs.failed (self->element, error);
}

static void
tell_changes (GstAfringWatch * self)
{
  GstLinkState state;

  while (self->monitor != NULL) {
    switch (gst_link_monitor_read (self->monitor, &state)) {
      case GST_LINK_MONITOR_CHANGED:
        self->funcs.link_changed (self->element, &state);
        break;
      case GST_LINK_MONITOR_GONE:
        tell_gone (self);
        break;
      case GST_LINK_MONITOR_NOTHING:
      case GST_LINK_MONITOR_MISSED:
        return;
    }
  }
}

static void
wait_for_news (GstAfringWatch * self)
{
  struct pollfd fds[] = {
    {.fd = self->wake_fd,.events = POLLIN},
    {.fd = self->monitor != NULL ? gst_link_monitor_get_fd (self->monitor) : -1,
      .events = POLLIN},
  };
  guint64 count;

  if (poll (fds, G_N_ELEMENTS (fds), LOOK_INTERVAL) > 0
      && (fds[0].revents & POLLIN)
      && read (self->wake_fd, &count, sizeof (count)) < 0)
    GST_DEBUG ("woken for nothing: %s", g_strerror (errno));
}

static gpointer
run (gpointer data)
{
  GstAfringWatch *self = data;

  while (!g_atomic_int_get (&self->stopping)) {
    wait_for_news (self);
    tell_errors (self);
    tell_changes (self);
    g_mutex_lock (&self->look_lock);
    look (self, FALSE);
    g_mutex_unlock (&self->look_lock);
  }
  tell_errors (self);
  return NULL;
}

static GstLinkMonitor *
open_monitor (GstAfringSource * source)
{
  GstCaptureLink *link =
      gst_capture_source_get_link (GST_CAPTURE_SOURCE (source));
  GstLinkMonitor *monitor;

  if (gst_capture_link_get_index (link) == 0)
    return NULL;
  monitor = gst_link_monitor_new (gst_capture_link_get_netns (link),
      gst_capture_link_get_index (link));
  if (monitor == NULL)
    GST_WARNING ("cannot follow changes of %s: %s",
        gst_capture_link_get_name (link), g_strerror (errno));
  return monitor;
}

GstAfringWatch *
gst_afring_watch_new (GstElement * element, GstAfringSource * source,
    const GstAfringTally * past, const GstAfringWatchFuncs * funcs)
{
  GstAfringWatch *self = g_new0 (GstAfringWatch, 1);

  self->element = element;
  self->source = g_object_ref (source);
  self->past = *past;
  self->dropped = self->dropped_warned = past->packets_dropped;
  self->funcs = *funcs;
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->monitor = funcs->link_changed != NULL ? open_monitor (source) : NULL;
  g_mutex_init (&self->lock);
  g_mutex_init (&self->look_lock);
  g_queue_init (&self->errors);
  return self;
}

gboolean
gst_afring_watch_start (GstAfringWatch * self, GError ** error)
{
  self->thread = g_thread_try_new ("afring-watch", run, self, error);
  return self->thread != NULL;
}

void
gst_afring_watch_stop (GstAfringWatch * self)
{
  if (self->thread == NULL)
    return;
  g_atomic_int_set (&self->stopping, TRUE);
  wake (self);
  g_thread_join (g_steal_pointer (&self->thread));
  gst_afring_watch_look (self);
}

void
gst_afring_watch_free (GstAfringWatch * self)
{
  gst_afring_watch_stop (self);
  g_clear_pointer (&self->monitor, gst_link_monitor_free);
  close (self->wake_fd);
  g_queue_clear_full (&self->errors, (GDestroyNotify) g_error_free);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->look_lock);
  g_object_unref (self->source);
  g_free (self);
}

/* From the thread that turns the ring. */

void
gst_afring_watch_tell_room (GstAfringWatch * self, GstAfringRoom room,
    gint error)
{
  if (room == GST_AFRING_ROOM_BOUND)
    g_atomic_int_set (&self->bound, TRUE);
  else if (room == GST_AFRING_ROOM_MAPPINGS)
    g_atomic_int_set (&self->mappings, TRUE);
  else if (room == GST_AFRING_ROOM_FAILED
      && g_atomic_int_compare_and_exchange (&self->failed, 0, error))
    wake (self);
}

void
gst_afring_watch_tell_error (GstAfringWatch * self, GError * reason)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->errors, reason);
  g_mutex_unlock (&self->lock);
  wake (self);
}
