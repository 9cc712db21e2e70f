/* A folder of a test's own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @on_disk: not where the folder for temporary files may be in memory. */
gchar * folder_new    (gboolean     on_disk);

/* How many files there are in it. */
guint   folder_count  (const gchar *folder);

/* With the files in it; takes @folder. */
void    folder_remove (gchar       *folder);

G_END_DECLS
