/* afring-find: whether indexes are true
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the file through and makes the index of each of its pieces once more: whether what the
 * index in it or beside it says (packets, times, headers, addresses, ports) is what it would say
 * now. FALSE, and it has said what is not. */
gboolean verifying_run (const gchar *path);

G_END_DECLS
