/* gst-afring: where the location of a file leads
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaptarget.h"

#include <gst/afring/pcap/gstpcapowner.h>
#include <sys/stat.h>

#define MOST_LINKS 40           /* as the kernel has it */

static gboolean
check_owner (const gchar * path, const GStatBuf * info, GError ** error)
{
  if (!gst_pcap_owner_is_foreign (path, info))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_PERM,
      "\"%s\" belongs to somebody else, in a folder into which everybody may write: "
      "give another location", path);
  return FALSE;
}

static gchar *
resolve (const gchar * location, const gchar * link)
{
  g_autofree gchar *folder = g_path_get_dirname (location);

  return g_path_is_absolute (link) ? g_strdup (link) :
      g_build_filename (folder, link, NULL);
}

gchar *
pcap_target_find (const gchar * location, GError ** error)
{
  g_autofree gchar *target = g_strdup (location);
  GStatBuf info;

  for (guint i = 0; i < MOST_LINKS && g_lstat (target, &info) == 0; i++) {
    g_autofree gchar *link = g_file_read_link (target, NULL);
    gchar *next;

    /* pipes and devices are not replaced */
    if ((link != NULL || S_ISREG (info.st_mode))
        && !check_owner (target, &info, error))
      return NULL;
    if (link == NULL)
      break;
    next = resolve (target, link);
    g_free (target);
    target = next;
  }
  return g_steal_pointer (&target);
}

gboolean
pcap_target_is_regular (const gchar * location, const gchar * target)
{
  GStatBuf info, named;

  if (g_stat (location, &info) < 0)
    return TRUE;
  return (S_ISREG (info.st_mode) && g_stat (target, &named) == 0
      && info.st_dev == named.st_dev && info.st_ino == named.st_ino)
      || S_ISDIR (info.st_mode);
}
