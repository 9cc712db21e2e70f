/* gst-afring: multicast groups that a capture joins
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringmulticast.h"

#include <errno.h>
#include <gio/gio.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct _GstAfringMulticast
{
  GArray *fds;
};

void
gst_afring_multicast_leave (GstAfringMulticast * self)
{
  for (guint i = 0; i < self->fds->len; i++)
    close (g_array_index (self->fds, int, i));
  g_array_unref (self->fds);
  g_free (self);
}

static GInetAddress *
parse_group (const gchar * text, GError ** error)
{
  GInetAddress *address = g_inet_address_new_from_string (text);

  if (address == NULL || !g_inet_address_get_is_multicast (address)) {
    g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "\"%s\" in multicast-groups is no multicast address: those are 224.0.0.0 to "
        "239.255.255.255, and those of IPv6 that begin with ff", text);
    g_clear_object (&address);
  }
  return address;
}

static gboolean
add_membership (int fd, GInetAddress * address, guint index)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);
  struct ip_mreqn request = {.imr_ifindex = (gint) index };
  struct ipv6_mreq request6 = {.ipv6mr_interface = index };

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4) {
    memcpy (&request.imr_multiaddr, bytes, sizeof (request.imr_multiaddr));
    return setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
        sizeof (request)) == 0;
  }
  memcpy (&request6.ipv6mr_multiaddr, bytes, sizeof (request6.ipv6mr_multiaddr));
  return setsockopt (fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request6,
      sizeof (request6)) == 0;
}

/* One socket each: a socket has a limit (net.ipv4.igmp_max_memberships, 20). */
static gboolean
join_one (GstAfringMulticast * self, GstCaptureLink * link,
    GInetAddress * address, GError ** error)
{
  gint domain = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ?
      AF_INET : AF_INET6;
  int fd = gst_netns_socket (gst_capture_link_get_netns (link), domain,
      SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_autofree gchar *text = NULL;

  if (fd >= 0)
    g_array_append_val (self->fds, fd);
  if (fd >= 0
      && add_membership (fd, address, gst_capture_link_get_index (link)))
    return TRUE;
  text = g_inet_address_to_string (address);
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "Cannot join the multicast group %s on %s: %s", text,
      gst_capture_link_get_name (link), g_strerror (errno));
  return FALSE;
}

GstAfringMulticast *
gst_afring_multicast_join (GstCaptureLink * link, const gchar * addresses,
    GError ** error)
{
  g_auto (GStrv) words = g_strsplit (addresses, ",", -1);
  GstAfringMulticast *self;

  if (gst_capture_link_is_any (link)) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_GEOMETRY,
        "Multicast groups are joined on one interface: name it instead of \"any\"");
    return NULL;
  }
  self = g_new0 (GstAfringMulticast, 1);
  self->fds = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; words[i] != NULL; i++) {
    g_autoptr (GInetAddress) address =
        parse_group (g_strstrip (words[i]), error);

    if (address == NULL || !join_one (self, link, address, error)) {
      gst_afring_multicast_leave (self);
      return NULL;
    }
  }
  return self;
}
