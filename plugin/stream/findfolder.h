/* gst-afring: which files are to be read
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of a file NAME is beside it: NAME.afindex, the index blocks that would stand behind it. */
#define FIND_INDEX_SUFFIX ".afindex"

typedef struct
{
  gchar *path;
  guint64 device, inode;
  guint64 born;                 /* when it was made, nanoseconds; 0: not known */
  guint64 size;
  gboolean named;               /* it is the location itself, and not found there */
} FindEntry;

void        find_entry_free  (FindEntry          *self);

/* The regular files of all @locations, each a file, a folder (what is in it, but for what
 * is hidden, folders and indexes), or a pattern of glob(7); each once, in the order of their
 * names in each. NULL with an error of G_FILE_ERROR: there is no such location. */
GPtrArray * find_folder_list (const gchar *const *locations,
                              GError            **error);

/* As far as the name says. */
gboolean    find_folder_is_capture_name (const gchar *path);

G_END_DECLS
