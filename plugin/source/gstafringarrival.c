/* gst-afring: waiting for an interface
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringarrival.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How often to look where nobody tells of changes. Milliseconds. */
#define LOOK_INTERVAL 1000

void
gst_afring_arrival_init (GstAfringArrival * self)
{
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->ended = FALSE;
  self->monitor = NULL;
}

void
gst_afring_arrival_clear (GstAfringArrival * self)
{
  gst_afring_arrival_stop (self);
  close (self->wake_fd);
}

void
gst_afring_arrival_reset (GstAfringArrival * self)
{
  g_atomic_int_set (&self->ended, FALSE);
}

gboolean
gst_afring_arrival_follow (GstAfringArrival * self, GstNetns * netns)
{
  if (self->monitor != NULL)
    return FALSE;
  self->monitor = gst_link_monitor_new (netns, 0);
  if (self->monitor == NULL)
    GST_WARNING ("cannot follow changes of interfaces: %s", g_strerror (errno));
  return self->monitor != NULL;
}

void
gst_afring_arrival_wait (GstAfringArrival * self, gint timeout)
{
  struct pollfd fds[] = {
    {.fd = self->wake_fd,.events = POLLIN},
    {.fd = self->monitor != NULL ? gst_link_monitor_get_fd (self->monitor) : -1,
      .events = POLLIN},
  };
  GstLinkState state;
  guint64 count;

  if (self->monitor == NULL && timeout < 0)
    timeout = LOOK_INTERVAL;
  if (poll (fds, G_N_ELEMENTS (fds), timeout) > 0
      && (fds[0].revents & POLLIN)
      && read (self->wake_fd, &count, sizeof (count)) < 0)
    GST_DEBUG ("woken for nothing: %s", g_strerror (errno));
  while (self->monitor != NULL && gst_link_monitor_read (self->monitor, &state)
      != GST_LINK_MONITOR_NOTHING);
}

void
gst_afring_arrival_stop (GstAfringArrival * self)
{
  g_clear_pointer (&self->monitor, gst_link_monitor_free);
}

void
gst_afring_arrival_wake (GstAfringArrival * self)
{
  guint64 one = 1;

  /* can fail only when the counter is full, which wakes just as well */
  if (write (self->wake_fd, &one, sizeof (one)) < 0)
    return;
}

void
gst_afring_arrival_end (GstAfringArrival * self)
{
  g_atomic_int_set (&self->ended, TRUE);
  gst_afring_arrival_wake (self);
}

gboolean
gst_afring_arrival_is_ended (GstAfringArrival * self)
{
  return g_atomic_int_get (&self->ended);
}
