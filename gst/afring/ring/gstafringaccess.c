/* gst-afring: how a ring gets at its interface
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringaccess.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/afring/afring-enumtypes.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

void
gst_afring_access_init (GstAfringAccess * self)
{
  self->fd = GST_AFRING_ACCESS_NO_FD;
}

void
gst_afring_access_copy (GstAfringAccess * self, const GstAfringAccess * from)
{
  gst_afring_access_clear (self);
  *self = *from;
  self->netns = g_strdup (from->netns);
  self->home = gst_netns_ref (from->home);
  self->multicast_groups = g_strdup (from->multicast_groups);
}

void
gst_afring_access_clear (GstAfringAccess * self)
{
  g_clear_pointer (&self->netns, g_free);
  g_clear_pointer (&self->home, gst_netns_unref);
  g_clear_pointer (&self->multicast_groups, g_free);
}

/* Properties. */

static void
install_socket_properties (GObjectClass * klass, guint first_id)
{
  /**
   * GstAfringSource:netns:
   *
   * Network namespace that the interface is in: a name that "ip netns" lists, or a path,
   * such as /proc/PID/ns/net. To enter one takes CAP_SYS_ADMIN; no thread of the
   * application does. NULL: the one this program is in.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_ACCESS_NETNS,
      g_param_spec_string ("netns", "Network namespace",
          "Network namespace that the interface is in: a name that \"ip netns\" lists, or a "
          "path, such as /proc/PID/ns/net. To enter one takes CAP_SYS_ADMIN; no thread of "
          "the application does. NULL: the one this program is in", NULL, FLAGS));
  /**
   * GstAfringSource:fd:
   *
   * An AF_PACKET socket that somebody with CAP_NET_RAW has opened, which this program
   * then does not need: of type SOCK_RAW, or SOCK_DGRAM for "any" and interfaces without
   * a link header. It is duplicated and stays the caller's, who must not read from it.
   * Without an interface it captures on the one that it is bound to. -1: none, open one.
   */
  g_object_class_install_property (klass, first_id + GST_AFRING_ACCESS_FD,
      g_param_spec_int ("fd", "Packet socket",
          "An AF_PACKET socket that somebody with CAP_NET_RAW has opened, which this program "
          "then does not need: of type SOCK_RAW, or SOCK_DGRAM for \"any\" and interfaces "
          "without a link header. It is duplicated and stays the caller's, who must not "
          "read from it. Without an interface it captures on the one that it is bound to. "
          "-1: none, open one", -1, G_MAXINT, GST_AFRING_ACCESS_NO_FD, FLAGS));
}

static void
install_reception_properties (GObjectClass * klass, guint first_id)
{
  /**
   * GstAfringSource:timestamp-source:
   *
   * Whose clock the capture times are of: the kernel's, or the network adapter's, which
   * has to be able to stamp all packets. It is switched on for that, which takes
   * CAP_NET_ADMIN, and stays on.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_ACCESS_TIMESTAMP_SOURCE,
      g_param_spec_enum ("timestamp-source", "Timestamp source",
          "Whose clock the capture times are of: the kernel's, or the network adapter's, "
          "which has to be able to stamp all packets. It is switched on for that, which "
          "takes CAP_NET_ADMIN, and stays on",
          GST_TYPE_CAPTURE_TIMESTAMP_SOURCE, GST_CAPTURE_TIMESTAMP_SOURCE_SOFTWARE,
          FLAGS));
  /**
   * GstAfringSource:multicast-groups:
   *
   * IPv4 and IPv6 multicast addresses, with commas between them, that are joined (by IGMP
   * or MLD) on the interface while the capture runs: so that switches send them here,
   * though no other program on this machine has asked for them.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_ACCESS_MULTICAST_GROUPS,
      g_param_spec_string ("multicast-groups", "Multicast groups",
          "IPv4 and IPv6 multicast addresses, with commas between them, that are joined (by "
          "IGMP or MLD) on the interface while the capture runs: so that switches send them "
          "here, though no other program on this machine has asked for them", NULL,
          FLAGS));
  /**
   * GstAfringSource:all-multicast:
   *
   * Have the network adapter let all multicast packets that reach it through while the
   * capture runs (PACKET_MR_ALLMULTI), as promiscuous does with those for other hosts.
   */
  g_object_class_install_property (klass,
      first_id + GST_AFRING_ACCESS_ALL_MULTICAST,
      g_param_spec_boolean ("all-multicast", "All multicast",
          "Have the network adapter let all multicast packets that reach it through while "
          "the capture runs (PACKET_MR_ALLMULTI), as promiscuous does with those for other "
          "hosts", FALSE, FLAGS));
}

void
gst_afring_access_install_properties (GObjectClass * klass, guint first_id)
{
  install_socket_properties (klass, first_id);
  install_reception_properties (klass, first_id);
}

static void
set_string (gchar ** where, const GValue * value)
{
  g_free (*where);
  *where = g_value_dup_string (value);
}

void
gst_afring_access_set_property (GstAfringAccess * self,
    GstAfringAccessProperty id, const GValue * value)
{
  switch (id) {
    case GST_AFRING_ACCESS_NETNS:
      set_string (&self->netns, value);
      break;
    case GST_AFRING_ACCESS_FD:
      self->fd = g_value_get_int (value);
      break;
    case GST_AFRING_ACCESS_TIMESTAMP_SOURCE:
      self->timestamp_source = g_value_get_enum (value);
      break;
    case GST_AFRING_ACCESS_MULTICAST_GROUPS:
      set_string (&self->multicast_groups, value);
      break;
    case GST_AFRING_ACCESS_ALL_MULTICAST:
      self->all_multicast = g_value_get_boolean (value);
      break;
    case GST_AFRING_ACCESS_N:
      g_assert_not_reached ();
  }
}

void
gst_afring_access_get_property (const GstAfringAccess * self,
    GstAfringAccessProperty id, GValue * value)
{
  switch (id) {
    case GST_AFRING_ACCESS_NETNS:
      g_value_set_string (value, self->netns);
      break;
    case GST_AFRING_ACCESS_FD:
      g_value_set_int (value, self->fd);
      break;
    case GST_AFRING_ACCESS_TIMESTAMP_SOURCE:
      g_value_set_enum (value, self->timestamp_source);
      break;
    case GST_AFRING_ACCESS_MULTICAST_GROUPS:
      g_value_set_string (value, self->multicast_groups);
      break;
    case GST_AFRING_ACCESS_ALL_MULTICAST:
      g_value_set_boolean (value, self->all_multicast);
      break;
    case GST_AFRING_ACCESS_N:
      g_assert_not_reached ();
  }
}

/* A socket that was given. */

static gboolean
get_option (int fd, int option, int *value)
{
  socklen_t length = sizeof (*value);

  return getsockopt (fd, SOL_SOCKET, option, value, &length) == 0;
}

/* Whatever number was set can be anything. */
static gboolean
check_given (const GstAfringAccess * self, GError ** error)
{
  int domain = 0, type = 0;

  if (self->netns != NULL) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "The socket that fd gives has its network namespace: leave netns out");
    return FALSE;
  }
  if (!get_option (self->fd, SO_DOMAIN, &domain)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "The file descriptor %d (fd) is no socket: %s", self->fd, g_strerror (errno));
    return FALSE;
  }
  if (domain != AF_PACKET || !get_option (self->fd, SO_TYPE, &type)
      || (type != SOCK_RAW && type != SOCK_DGRAM)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "The file descriptor %d (fd) is no packet socket; it has to be one of AF_PACKET and "
        "SOCK_RAW, or SOCK_DGRAM", self->fd);
    return FALSE;
  }
  return TRUE;
}

/* The interface that a given socket is bound to; 0: none, -1: one that has gone. */
static gint
get_bound_index (int fd)
{
  struct sockaddr_ll address = { 0, };
  socklen_t length = sizeof (address);

  if (getsockname (fd, (struct sockaddr *) &address, &length) < 0)
    return 0;
  return address.sll_ifindex;
}

/* With SOCK_RAW an interface of a kind that is not known here has a header that is not
 * known either, and "any" has one of each. */
static gboolean
match_type (const GstAfringAccess * self, GstCaptureLink * link, GError ** error)
{
  int type = 0;

  get_option (self->fd, SO_TYPE, &type);
  if (self->sends) {
    if (type == SOCK_RAW)
      return TRUE;
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "The socket that fd gives is of type SOCK_DGRAM; to send on %s it has to be of "
        "type SOCK_RAW", gst_capture_link_get_name (link));
    return FALSE;
  }
  if (type == SOCK_DGRAM) {
    gst_capture_link_make_cooked (link);
  } else if (gst_capture_link_is_cooked (link)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "The socket that fd gives is of type SOCK_RAW; to capture on %s it has to be of "
        "type SOCK_DGRAM", gst_capture_link_get_name (link));
    return FALSE;
  }
  return TRUE;
}

static GstCaptureLink *
find_given_link (const GstAfringAccess * self, const gchar * interface,
    GstNetns * netns, GError ** error)
{
  gint index = interface == NULL ? get_bound_index (self->fd) : 0;
  GstCaptureLink *link;
  GstLinkState state;

  if (index != 0 && (index < 0 || !gst_link_state_get (netns, index, &state))) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
        "The interface that the socket (fd) was bound to has been removed");
    return NULL;
  }
  if (index != 0)
    link = gst_capture_link_new_of_state (netns, &state);
  else
    link = gst_capture_link_new_in (netns, interface, error);
  if (link != NULL && !match_type (self, link, error))
    g_clear_object (&link);
  return link;
}

gboolean
gst_afring_access_check_link (const GstAfringAccess * self,
    GstCaptureLink * link, GError ** error)
{
  int type = 0;

  if (!gst_afring_access_is_given (self))
    return TRUE;
  if (!check_given (self, error))
    return FALSE;
  get_option (self->fd, SO_TYPE, &type);
  if ((type == SOCK_DGRAM) == gst_capture_link_is_cooked (link))
    return TRUE;
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
      "The socket that fd gives is of type %s, with which packets of %s do not look as its "
      "link type says", type == SOCK_DGRAM ? "SOCK_DGRAM" : "SOCK_RAW",
      gst_capture_link_get_name (link));
  return FALSE;
}

/* NULL without an error: that of the calling thread. */
static GstNetns *
open_netns (const GstAfringAccess * self, GError ** error)
{
  if (gst_afring_access_is_given (self))
    return check_given (self, error) ?
        gst_netns_new_of_socket (self->fd, error) : NULL;
  return self->netns != NULL ? gst_netns_new (self->netns, error) :
      gst_netns_ref (self->home);
}

GstCaptureLink *
gst_afring_access_find_link (const GstAfringAccess * self,
    const gchar * interface, GError ** error)
{
  GError *reason = NULL;
  g_autoptr (GstNetns) netns = open_netns (self, &reason);

  if (reason != NULL) {
    g_propagate_error (error, reason);
    return NULL;
  }
  if (gst_afring_access_is_given (self))
    return find_given_link (self, interface, netns, error);
  return gst_capture_link_new_in (netns, interface, error);
}

int
gst_afring_access_open_socket (const GstAfringAccess * self,
    GstCaptureLink * link)
{
  gint type = gst_capture_link_is_cooked (link) && !self->sends ? SOCK_DGRAM :
      SOCK_RAW;

  if (gst_afring_access_is_given (self))
    return fcntl (self->fd, F_DUPFD_CLOEXEC, 0);
  return gst_netns_socket (gst_capture_link_get_netns (link), AF_PACKET,
      type | SOCK_CLOEXEC, 0);
}

void
gst_afring_access_set_error (const GstAfringAccess * self,
    GstCaptureLink * link, const gchar * what, GError ** error)
{
  gint saved_errno = errno;
  const gchar *doing = self->sends ? "Sending" : "Capturing";
  GstCaptureError code = GST_CAPTURE_ERROR_FAILED;

  if (saved_errno == EPERM || saved_errno == EACCES) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_PERMITTED,
        "%s on %s needs the capability CAP_NET_RAW: run as root, or "
        "give it to the program that loads this plugin (setcap cap_net_raw+ep "
        "PROGRAM), or %s in a user and network namespace of your own "
        "(unshare -Urn)", doing, gst_capture_link_get_name (link),
        self->sends ? "send" : "capture");
    return;
  }
  if (saved_errno == EBUSY) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "The socket that fd gives has a ring already, of another capture or of packets of an "
        "earlier one that are still in use; open another one for %s",
        gst_capture_link_get_name (link));
    return;
  }
  if (saved_errno == ENODEV || saved_errno == ENXIO)
    code = GST_CAPTURE_ERROR_NOT_FOUND;
  else if (saved_errno == ENETDOWN)
    code = GST_CAPTURE_ERROR_LINK_DOWN;
  else if (saved_errno == ENOMEM || saved_errno == ENOBUFS)
    code = GST_CAPTURE_ERROR_NO_MEMORY;
  g_set_error (error, GST_CAPTURE_ERROR, code, "%s on %s: %s", what,
      gst_capture_link_get_name (link), g_strerror (saved_errno));
}
