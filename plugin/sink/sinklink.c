/* gst-afring: the interface that packets leave on
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinklink.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/capture/gstlinkmonitor.h>
#include <linux/if_packet.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct _SinkLink
{
  GstPoll *poll;
  gint unblocked;               /* atomic */

  GstCaptureLink *link;
  GstLinkMonitor *monitor;
  GstLinkState state;
  GstPollFD socket;
  GstPollFD said;
};

SinkLink *
sink_link_new (void)
{
  SinkLink *self = g_new0 (SinkLink, 1);

  self->poll = gst_poll_new (TRUE);
  gst_poll_fd_init (&self->socket);
  gst_poll_fd_init (&self->said);
  return self;
}

void
sink_link_free (SinkLink * self)
{
  sink_link_close (self);
  gst_poll_free (self->poll);
  g_free (self);
}

/* One of bare IP has no header in front of that where its packets are sent. Others that
 * capture as bare IP, such as PPP, do. */
static gboolean
check_hardware (const GstLinkState * state, GError ** error)
{
  switch (state->hardware_type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
      return TRUE;
    default:
      g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
          "Packets cannot be sent on %s: it is neither Ethernet nor bare IP (its hardware "
          "type is %u)", state->name, state->hardware_type);
      return FALSE;
  }
}

static gboolean
find_link (SinkLink * self, const GstAfringAccess * access,
    const gchar * interface, GError ** error)
{
  if (interface == NULL && !gst_afring_access_is_given (access)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "No interface is set to send on (property interface)");
    return FALSE;
  }
  self->link = gst_afring_access_find_link (access, interface, error);
  if (self->link == NULL)
    return FALSE;
  if (gst_capture_link_is_any (self->link)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "Packets leave on one interface, and not on any");
    return FALSE;
  }
  if (!gst_capture_link_get_state (self->link, &self->state)) {
    gst_afring_access_set_error (access, self->link, "Cannot look at the link",
        error);
    return FALSE;
  }
  return check_hardware (&self->state, error);
}

/* Bound without a protocol it receives nothing; one that was bound to a protocol before
 * keeps that (af_packet.c, packet_do_bind), and lets nothing in. */
static gboolean
prepare (int fd, guint index, gboolean qdisc_bypass, const gchar ** what)
{
  struct sockaddr_ll address = {
    .sll_family = AF_PACKET,
    .sll_ifindex = index,
  };
  struct sock_filter nothing = BPF_STMT (BPF_RET | BPF_K, 0);
  struct sock_fprog program = { 1, &nothing };
  int on = TRUE, bypass = qdisc_bypass;

  *what = "Cannot have frames completed by the kernel (PACKET_VNET_HDR)";
  if (setsockopt (fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof (on)) < 0)
    return FALSE;
  *what = "Cannot pass the queueing discipline by (PACKET_QDISC_BYPASS)";
  if (setsockopt (fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypass,
          sizeof (bypass)) < 0)
    return FALSE;
  setsockopt (fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof (program));
  *what = "Cannot bind the socket";
  return bind (fd, (struct sockaddr *) &address, sizeof (address)) == 0;
}

static gboolean
open_socket (SinkLink * self, const GstAfringAccess * access,
    gboolean qdisc_bypass, GError ** error)
{
  const gchar *what = "Cannot open a packet socket";

  self->socket.fd = gst_afring_access_open_socket (access, self->link);
  if (self->socket.fd >= 0 && prepare (self->socket.fd,
          gst_capture_link_get_index (self->link), qdisc_bypass, &what))
    return TRUE;
  gst_afring_access_set_error (access, self->link, what, error);
  return FALSE;
}

static gboolean
open_monitor (SinkLink * self, const GstAfringAccess * access, GError ** error)
{
  self->monitor =
      gst_link_monitor_new (gst_capture_link_get_netns (self->link),
      gst_capture_link_get_index (self->link));
  if (self->monitor == NULL) {
    gst_afring_access_set_error (access, self->link, "Cannot watch the link",
        error);
    return FALSE;
  }
  self->said.fd = gst_link_monitor_get_fd (self->monitor);
  /* what changed in between has not been said */
  if (gst_capture_link_get_state (self->link, &self->state))
    return TRUE;
  gst_afring_access_set_error (access, self->link, "Cannot look at the link",
      error);
  return FALSE;
}

gboolean
sink_link_open (SinkLink * self, const GstAfringAccess * access,
    const gchar * interface, gboolean qdisc_bypass, GError ** error)
{
  if (!find_link (self, access, interface, error)
      || !open_socket (self, access, qdisc_bypass, error)
      || !open_monitor (self, access, error)) {
    sink_link_close (self);
    return FALSE;
  }
  gst_poll_add_fd (self->poll, &self->socket);
  gst_poll_add_fd (self->poll, &self->said);
  return TRUE;
}

void
sink_link_close (SinkLink * self)
{
  if (self->said.fd >= 0) {
    gst_poll_remove_fd (self->poll, &self->socket);
    gst_poll_remove_fd (self->poll, &self->said);
  }
  if (self->socket.fd >= 0)
    close (self->socket.fd);
  gst_poll_fd_init (&self->socket);
  gst_poll_fd_init (&self->said);
  g_clear_pointer (&self->monitor, gst_link_monitor_free);
  g_clear_object (&self->link);
}

int
sink_link_get_fd (SinkLink * self)
{
  return self->socket.fd;
}

const gchar *
sink_link_get_name (SinkLink * self)
{
  return self->state.name;
}

guint
sink_link_get_mtu (SinkLink * self)
{
  return self->state.mtu;
}

gboolean
sink_link_is_ethernet (SinkLink * self)
{
  return self->state.hardware_type == ARPHRD_ETHER
      || self->state.hardware_type == ARPHRD_LOOPBACK;
}

const guint8 *
sink_link_get_address (SinkLink * self)
{
  return self->state.address;
}

gboolean
sink_link_is_up (SinkLink * self)
{
  return (self->state.flags & IFF_UP) != 0;
}

gboolean
sink_link_has_carrier (SinkLink * self)
{
  return sink_link_is_up (self) && (self->state.flags & IFF_RUNNING) != 0;
}

gboolean
sink_link_has_queued (SinkLink * self)
{
  int bytes = 0;

  return ioctl (self->socket.fd, SIOCOUTQ, &bytes) < 0 || bytes > 0;
}

/* That the link was down stays with a socket that receives, which is ready for that all
 * the while (packet_notifier). */
static void
clear_error (SinkLink * self)
{
  int reason;
  socklen_t length = sizeof (reason);

  getsockopt (self->socket.fd, SOL_SOCKET, SO_ERROR, &reason, &length);
}

SinkLinkLook
sink_link_look (SinkLink * self)
{
  gboolean was_up = sink_link_is_up (self);
  gboolean had_carrier = sink_link_has_carrier (self);
  guint mtu = self->state.mtu;
  GstLinkState state;

  for (;;) {
    switch (gst_link_monitor_read (self->monitor, &state)) {
      case GST_LINK_MONITOR_CHANGED:
        self->state = state;
        clear_error (self);
        break;
      case GST_LINK_MONITOR_GONE:
        return SINK_LINK_GONE;
      case GST_LINK_MONITOR_NOTHING:
      case GST_LINK_MONITOR_MISSED:
      default:
        return was_up != sink_link_is_up (self)
            || had_carrier != sink_link_has_carrier (self)
            || mtu != self->state.mtu ? SINK_LINK_CHANGED : SINK_LINK_SAME;
    }
  }
}

void
sink_link_wait (SinkLink * self, SinkLinkEvents events, GstClockTime timeout)
{
  gst_poll_fd_ctl_write (self->poll, &self->socket,
      (events & SINK_LINK_WRITABLE) != 0);
  gst_poll_fd_ctl_read (self->poll, &self->said, (events & SINK_LINK_SAID) != 0);
  gst_poll_wait (self->poll, timeout);
  if (gst_poll_fd_has_error (self->poll, &self->socket))
    clear_error (self);
}

void
sink_link_unblock (SinkLink * self, gboolean unblocked)
{
  g_atomic_int_set (&self->unblocked, unblocked);
  gst_poll_set_flushing (self->poll, unblocked);
}

gboolean
sink_link_is_unblocked (SinkLink * self)
{
  return g_atomic_int_get (&self->unblocked);
}
