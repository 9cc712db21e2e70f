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

static void
copy_name (gchar name[IFNAMSIZ], const void *data, gsize length)
{
  memcpy (name, data, MIN (length, IFNAMSIZ - 1));
}

/* Within IFLA_LINKINFO. */
static void
read_kind (GstLinkState * self, const struct rtattr *nest)
{
  const struct rtattr *attribute = RTA_DATA (nest);
  gint left = RTA_PAYLOAD (nest);

  for (; RTA_OK (attribute, left); attribute = RTA_NEXT (attribute, left)) {
    if (attribute->rta_type == IFLA_INFO_KIND)
      copy_name (self->kind, RTA_DATA (attribute), RTA_PAYLOAD (attribute));
  }
}

static void
read_attribute (GstLinkState * self, const struct rtattr *attribute)
{
  const void *data = RTA_DATA (attribute);
  gsize length = RTA_PAYLOAD (attribute);
  struct rtnl_link_stats64 stats;

  switch (attribute->rta_type & NLA_TYPE_MASK) {
    case IFLA_IFNAME:
      copy_name (self->name, data, length);
      break;
    case IFLA_LINKINFO:
      read_kind (self, attribute);
      break;
    case IFLA_ADDRESS:
      self->address_length = MIN (length, sizeof (self->address));
      memcpy (self->address, data, self->address_length);
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
  self->index = link->ifi_index;
  self->flags = link->ifi_flags;
  self->hardware_type = link->ifi_type;
  for (attribute = IFLA_RTA (link); RTA_OK (attribute, left);
      attribute = RTA_NEXT (attribute, left))
    read_attribute (self, attribute);
}

typedef struct
{
  struct nlmsghdr header;
  struct ifinfomsg link;
  struct rtattr attribute;
  gchar name[IFNAMSIZ];
} Request;

static void
init_request (Request * self, guint flags)
{
  memset (self, 0, sizeof (*self));
  self->header.nlmsg_len = NLMSG_LENGTH (sizeof (struct ifinfomsg));
  self->header.nlmsg_type = RTM_GETLINK;
  self->header.nlmsg_flags = NLM_F_REQUEST | flags;
  self->link.ifi_family = AF_UNSPEC;
}

/* A socket with an answer to be read; -1 with errno. */
static int
ask (GstNetns * netns, const Request * request)
{
  int fd = gst_netns_socket (netns, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
      NETLINK_ROUTE);
  gint saved_errno;

  if (fd < 0 || send (fd, request, request->header.nlmsg_len, 0) ==
      (gssize) request->header.nlmsg_len)
    return fd;
  saved_errno = errno;
  close (fd);
  errno = saved_errno;
  return -1;
}

/* FALSE with errno if the kernel says no. */
static gboolean
read_answers (const struct nlmsghdr *header, gsize length, gboolean * done,
    GArray * states)
{
  const struct nlmsgerr *error;
  GstLinkState state;

  for (; NLMSG_OK (header, length); header = NLMSG_NEXT (header, length)) {
    switch (header->nlmsg_type) {
      case RTM_NEWLINK:
        gst_link_state_read (&state, header);
        g_array_append_val (states, state);
        *done = (header->nlmsg_flags & NLM_F_MULTI) == 0;
        break;
      case NLMSG_DONE:
        *done = TRUE;
        break;
      case NLMSG_ERROR:
        error = NLMSG_DATA (header);
        errno = -error->error;
        return FALSE;
      default:
        break;
    }
  }
  return TRUE;
}

static GArray *
get_states (GstNetns * netns, const Request * request)
{
  int fd = ask (netns, request);
  struct nlmsghdr *answer;
  GArray *states;
  gboolean ok = TRUE, done = FALSE;
  gint saved_errno;

  if (fd < 0)
    return NULL;
  answer = g_malloc (GST_LINK_STATE_MESSAGE_SIZE);
  states = g_array_new (FALSE, FALSE, sizeof (GstLinkState));
  while (ok && !done) {
    gssize n = recv (fd, answer, GST_LINK_STATE_MESSAGE_SIZE, 0);

    if (n < 0 && errno == EINTR)
      continue;
    ok = n > 0 && read_answers (answer, n, &done, states);
  }
  saved_errno = errno;
  close (fd);
  g_free (answer);
  if (!ok)
    g_clear_pointer (&states, g_array_unref);
  errno = saved_errno;
  return states;
}

static gboolean
get_state (GstNetns * netns, const Request * request, GstLinkState * self)
{
  g_autoptr (GArray) states = get_states (netns, request);

  if (states == NULL || states->len == 0)
    return FALSE;
  *self = g_array_index (states, GstLinkState, 0);
  return TRUE;
}

gboolean
gst_link_state_get (GstNetns * netns, guint index, GstLinkState * self)
{
  Request request;

  init_request (&request, 0);
  request.link.ifi_index = (gint) index;
  return get_state (netns, &request, self);
}

gboolean
gst_link_state_find (GstNetns * netns, const gchar * name, GstLinkState * self)
{
  Request request;

  init_request (&request, 0);
  if (name[0] == '\0'
      || g_strlcpy (request.name, name, IFNAMSIZ) >= IFNAMSIZ) {
    errno = ENODEV;
    return FALSE;
  }
  request.attribute.rta_type = IFLA_IFNAME;
  request.attribute.rta_len = RTA_LENGTH (IFNAMSIZ);
  request.header.nlmsg_len = sizeof (request);
  return get_state (netns, &request, self);
}

static gint
compare_indices (gconstpointer a, gconstpointer b)
{
  const GstLinkState *first = a, *second = b;

  return first->index < second->index ? -1 : first->index > second->index;
}

GArray *
gst_link_state_list (GstNetns * netns)
{
  GArray *states;
  Request request;

  init_request (&request, NLM_F_DUMP);
  states = get_states (netns, &request);
  if (states != NULL)
    g_array_sort (states, compare_indices);
  return states;
}
