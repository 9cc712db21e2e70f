/* gst-afring: the files that there are
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "findfile.h"

G_BEGIN_DECLS

/* Those of some locations, also of a folder in which files come and go. */
typedef struct _FindSet FindSet;

FindSet *   find_set_new     (const gchar *const *locations);
void        find_set_free    (FindSet            *self);

/* Looks which there are. Appends those that are new to @added, if it is not NULL; a name
 * that has changed is known by then. FALSE with an error. */
gboolean    find_set_look    (FindSet            *self,
                              GPtrArray          *added,
                              GError            **error);

/* FindFile, in the order of their numbers. */
GPtrArray * find_set_get_files (FindSet          *self);

G_END_DECLS
