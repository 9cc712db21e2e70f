/* Captures of packets in tunnels, for a mock ring.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Writes one with packets of which each has a frame of @size bytes in a tunnel: "vxlan",
 * "gre", or "ip", which has its IP packet. Returns its name, to be freed. */
gchar * tunnel_file_write (const gchar *directory,
                           const gchar *tunnel,
                           guint        size);

G_END_DECLS
