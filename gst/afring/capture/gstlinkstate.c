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

/* One interface with all that it has; the kernel makes it no bigger than this
 * (rtnetlink.c, NLMSG_GOODSIZE and the virtual functions of an adapter). */
#define ANSWER_SIZE (64 * 1024)

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

static gboolean
read_answer (GstLinkState * self, const struct nlmsghdr *header, gsize length)
{
  const struct ifinfomsg *link = NLMSG_DATA (header);
  const struct nlmsgerr *error = NLMSG_DATA (header);
  const struct rtattr *attribute;
  gint left;

  if (!NLMSG_OK (header, length))
    return FALSE;
  if (header->nlmsg_type != RTM_NEWLINK) {
    errno = header->nlmsg_type == NLMSG_ERROR ? -error->error : EPROTO;
    return FALSE;
  }
  self->flags = link->ifi_flags;
  left = IFLA_PAYLOAD (header);
  for (attribute = IFLA_RTA (link); RTA_OK (attribute, left);
      attribute = RTA_NEXT (attribute, left))
    read_attribute (self, attribute);
  return TRUE;
}

gboolean
gst_link_state_get (guint index, GstLinkState * self)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct nlmsghdr *answer = g_malloc (ANSWER_SIZE);
  gint saved_errno;
  gboolean ok = FALSE;

  memset (self, 0, sizeof (*self));
  if (fd >= 0 && send_request (fd, index)) {
    gssize n = recv (fd, answer, ANSWER_SIZE, 0);

    ok = n > 0 && read_answer (self, answer, n);
  }
  saved_errno = errno;
  if (fd >= 0)
    close (fd);
  g_free (answer);
  errno = saved_errno;
  return ok;
}
