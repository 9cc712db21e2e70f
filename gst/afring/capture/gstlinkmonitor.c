/* gst-afring: changes of an interface, as they happen
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstlinkmonitor.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

struct _GstLinkMonitor
{
  int fd;
  GstNetns *netns;
  guint index;                  /* 0: all */

  /* Read and not looked at yet: from @header on. */
  guint8 *buffer;
  const struct nlmsghdr *header;
  gsize left;
};

GstLinkMonitor *
gst_link_monitor_new (GstNetns * netns, guint index)
{
  struct sockaddr_nl address = {
    .nl_family = AF_NETLINK,
    .nl_groups = RTMGRP_LINK,
  };
  int fd = gst_netns_socket (netns, AF_NETLINK,
      SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  GstLinkMonitor *self;

  if (fd < 0)
    return NULL;
  if (bind (fd, (struct sockaddr *) &address, sizeof (address)) < 0) {
    gint saved_errno = errno;

    close (fd);
    errno = saved_errno;
    return NULL;
  }
  self = g_new0 (GstLinkMonitor, 1);
  self->fd = fd;
  self->netns = gst_netns_ref (netns);
  self->index = index;
  self->buffer = g_malloc (GST_LINK_STATE_MESSAGE_SIZE);
  return self;
}

void
gst_link_monitor_free (GstLinkMonitor * self)
{
  close (self->fd);
  gst_netns_unref (self->netns);
  g_free (self->buffer);
  g_free (self);
}

int
gst_link_monitor_get_fd (GstLinkMonitor * self)
{
  return self->fd;
}

static GstLinkMonitorEvent
look_again (GstLinkMonitor * self, GstLinkState * state)
{
  if (self->index == 0)
    return GST_LINK_MONITOR_MISSED;
  return gst_link_state_get (self->netns, self->index, state) ?
      GST_LINK_MONITOR_CHANGED : GST_LINK_MONITOR_GONE;
}

static gboolean
is_ours (GstLinkMonitor * self)
{
  const struct ifinfomsg *link = NLMSG_DATA (self->header);

  /* a bridge tells of its ports in a family of its own */
  return (self->header->nlmsg_type == RTM_NEWLINK
      || self->header->nlmsg_type == RTM_DELLINK)
      && link->ifi_family == AF_UNSPEC
      && (self->index == 0 || link->ifi_index == (gint) self->index);
}

static GstLinkMonitorEvent
read_message (GstLinkMonitor * self, GstLinkState * state)
{
  GstLinkMonitorEvent event = GST_LINK_MONITOR_NOTHING;

  if (is_ours (self)) {
    event = self->header->nlmsg_type == RTM_DELLINK ? GST_LINK_MONITOR_GONE :
        GST_LINK_MONITOR_CHANGED;
    gst_link_state_read (state, self->header);
  }
  self->header = NLMSG_NEXT (self->header, self->left);
  return event;
}

GstLinkMonitorEvent
gst_link_monitor_read (GstLinkMonitor * self, GstLinkState * state)
{
  GstLinkMonitorEvent event = GST_LINK_MONITOR_NOTHING;

  while (event == GST_LINK_MONITOR_NOTHING) {
    gssize n;

    if (self->left > 0 && NLMSG_OK (self->header, self->left)) {
      event = read_message (self, state);
      continue;
    }
    self->left = 0;
    n = recv (self->fd, self->buffer, GST_LINK_STATE_MESSAGE_SIZE, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == ENOBUFS)
      return look_again (self, state);
    if (n <= 0)
      return GST_LINK_MONITOR_NOTHING;
    self->header = (gconstpointer) self->buffer;
    self->left = n;
  }
  return event;
}
