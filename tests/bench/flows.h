/* A capture file of many flows.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* UDP to port 5004 in Ethernet frames of @size bytes, from @flows senders in turn, as many
 * as fill a ring. In @directory; the name, free with g_free(). */
gchar * flows_write (const gchar *directory,
                     guint        flows,
                     guint        size);

G_END_DECLS
