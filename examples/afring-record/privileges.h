/* afring-record: as whom it runs
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From now on the process is @user, with no more than it takes to open packet sockets,
 * and, if they are wanted, to enter namespaces and to set an adapter's clock. Before there
 * are threads. */
gboolean privileges_become (const gchar  *user,
                            gboolean      namespaces,
                            gboolean      adapter,
                            GError      **error);

/* From now on the process has no more than that of what it has, and what it starts has
 * nothing of it; root stays root. Before there are threads. */
void     privileges_limit  (gboolean      namespaces,
                            gboolean      adapter);

G_END_DECLS
