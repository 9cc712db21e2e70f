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

/* Asks by rtnetlink(7) for the interface with an index, and only that, in the network
 * namespace of the calling thread. FALSE with errno if there is none. */
gboolean gst_link_state_get (guint         index,
                             GstLinkState *self);

G_END_DECLS
