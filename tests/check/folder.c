/* A folder of a test's own.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "folder.h"

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

/* With a dot, which begins no extension of a file in it. */
#define NAME "afring.test-XXXXXX"

gchar *
folder_new (gboolean on_disk)
{
  gchar *folder = on_disk ? g_mkdtemp (g_strdup ("/var/tmp/" NAME)) :
      g_dir_make_tmp (NAME, NULL);

  fail_unless (folder != NULL);
  return folder;
}

/* How many there were. */
static guint
look_through (const gchar * folder, gboolean remove)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const gchar *name;
  guint n;

  for (n = 0; (name = g_dir_read_name (dir)) != NULL; n++) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    if (remove)
      g_unlink (path);
  }
  g_dir_close (dir);
  return n;
}

guint
folder_count (const gchar * folder)
{
  return look_through (folder, FALSE);
}

void
folder_remove (gchar * folder)
{
  look_through (folder, TRUE);
  g_rmdir (folder);
  g_free (folder);
}
