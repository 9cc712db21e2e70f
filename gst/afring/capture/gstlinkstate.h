/* gst-afring: what the kernel says of an interface now (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstnetns.h>

#include <net/if.h>

G_BEGIN_DECLS

#define GST_LINK_STATE_MAX_ADDRESS 32   /* MAX_ADDR_LEN of the kernel */

typedef struct
{
  guint index;
  gchar name[IFNAMSIZ];         /* an interface can be renamed; its index stays */
  gchar kind[IFNAMSIZ];         /* of a virtual one: "veth", "bridge"; else empty */
  guint hardware_type;          /* ARPHRD_ of linux/if_arp.h */
  guint flags;                  /* IFF_UP, IFF_RUNNING (it has a carrier), ... */
  guint mtu;
  guint8 address[GST_LINK_STATE_MAX_ADDRESS];
  guint address_length;
  guint64 missed;               /* packets that it had no room for, since it exists */
} GstLinkState;

/* The most that the kernel says of an interface at a time: all that it has, and the
 * virtual functions of an adapter (rtnetlink.c, if_nlmsg_size). */
#define GST_LINK_STATE_MESSAGE_SIZE (64 * 1024)

struct nlmsghdr;

/* From an RTM_NEWLINK or RTM_DELLINK. */
void     gst_link_state_read (GstLinkState          *self,
                              const struct nlmsghdr *header);

/* Asks by rtnetlink(7) for one interface, and only that, by its index or its name. FALSE
 * with errno if there is none. */
GST_AFRING_API
gboolean gst_link_state_get  (GstNetns              *netns,
                              guint                  index,
                              GstLinkState          *self);

GST_AFRING_API
gboolean gst_link_state_find (GstNetns              *netns,
                              const gchar           *name,
                              GstLinkState          *self);

/* All there are, in order of their indices; NULL with errno. */
GST_AFRING_API
GArray * gst_link_state_list (GstNetns              *netns);

G_END_DECLS
