/* afring-find: indexes for files of others
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the file through and makes its index, beside it (NAME.afindex) or, @append, at its
 * end. FALSE, and it has said why. */
gboolean indexing_make   (const gchar *path,
                          gboolean     append);

/* Whether what the index of a file says of each of its pieces (packets, and their first
 * and last time) is true. FALSE, and it has said what is not. */
gboolean indexing_verify (const gchar *path);

G_END_DECLS
