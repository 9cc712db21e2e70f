/* gst-afring: what the kernel says of an interface now (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <net/if.h>

G_BEGIN_DECLS

typedef struct
{
  gchar name[IFNAMSIZ];         /* an interface can be renamed; its index stays */
  guint flags;                  /* IFF_UP, IFF_RUNNING (it has a carrier), ... */
  guint mtu;
  guint64 missed;               /* packets that it had no room for, since it exists */
} GstLinkState;

/* The most that the kernel says of an interface at a time: all that it has, and the
 * virtual functions of an adapter (rtnetlink.c, if_nlmsg_size). */
#define GST_LINK_STATE_MESSAGE_SIZE (64 * 1024)

struct nlmsghdr;

/* From an RTM_NEWLINK or RTM_DELLINK. */
void     gst_link_state_read (GstLinkState          *self,
                              const struct nlmsghdr *header);

/* Asks by rtnetlink(7) for the interface with an index, and only that, in the network
 * namespace of the calling thread. FALSE with errno if there is none. */
GST_AFRING_API
gboolean gst_link_state_get  (guint                  index,
                              GstLinkState          *self);

G_END_DECLS
