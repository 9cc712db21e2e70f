/* gst-afring: what the kernel says of an interface now
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstlinkstate.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean
send_request (int fd, guint index)
{
  struct
  {
    struct nlmsghdr header;
    struct ifinfomsg link;
  } request = {
    .header = {
      .nlmsg_len = NLMSG_LENGTH (sizeof (struct ifinfomsg)),
      .nlmsg_type = RTM_GETLINK,
      .nlmsg_flags = NLM_F_REQUEST,
    },
    .link = {
      .ifi_family = AF_UNSPEC,
      .ifi_index = (gint) index,
    },
  };

  return send (fd, &request, request.header.nlmsg_len, 0) ==
      (gssize) request.header.nlmsg_len;
}

static void
read_attribute (GstLinkState * self, const struct rtattr *attribute)
{
  const void *data = RTA_DATA (attribute);
  gsize length = RTA_PAYLOAD (attribute);
  struct rtnl_link_stats64 stats;

  switch (attribute->rta_type & NLA_TYPE_MASK) {
    case IFLA_IFNAME:
      memcpy (self->name, data, MIN (length, sizeof (self->name) - 1));
      break;
    case IFLA_MTU:
      if (length >= sizeof (guint32))
        memcpy (&self->mtu, data, sizeof (guint32));
      break;
    case IFLA_STATS64:
      /* grows at its end with the kernel */
      memset (&stats, 0, sizeof (stats));
      memcpy (&stats, data, MIN (length, sizeof (stats)));
      self->missed = stats.rx_missed_errors + stats.rx_fifo_errors;
      break;
  }
}

void
gst_link_state_read (GstLinkState * self, const struct nlmsghdr *header)
{
  const struct ifinfomsg *link = NLMSG_DATA (header);
  const struct rtattr *attribute;
  gint left = IFLA_PAYLOAD (header);

  memset (self, 0, sizeof (*self));
  self->flags = link->ifi_flags;
  for (attribute = IFLA_RTA (link); RTA_OK (attribute, left);
      attribute = RTA_NEXT (attribute, left))
    read_attribute (self, attribute);
}

static gboolean
read_answer (GstLinkState * self, const struct nlmsghdr *header, gsize length)
{
  const struct nlmsgerr *error = NLMSG_DATA (header);

  if (!NLMSG_OK (header, length))
    return FALSE;
  if (header->nlmsg_type != RTM_NEWLINK) {
    errno = header->nlmsg_type == NLMSG_ERROR ? -error->error : EPROTO;
    return FALSE;
  }
  gst_link_state_read (self, header);
  return TRUE;
}

gboolean
gst_link_state_get (guint index, GstLinkState * self)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct nlmsghdr *answer = g_malloc (GST_LINK_STATE_MESSAGE_SIZE);
  gint saved_errno;
  gboolean ok = FALSE;

  if (fd >= 0 && send_request (fd, index)) {
    gssize n = recv (fd, answer, GST_LINK_STATE_MESSAGE_SIZE, 0);

    ok = n > 0 && read_answer (self, answer, n);
  }
  saved_errno = errno;
  if (fd >= 0)
    close (fd);
  g_free (answer);
  errno = saved_errno;
  return ok;
}
