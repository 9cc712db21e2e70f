/* gst-afring: whose a file is
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapowner.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
is_open_to_all (const gchar * path, GStatBuf * folder)
{
  g_autofree gchar *name = g_path_get_dirname (path);

  return g_stat (name, folder) == 0 && (folder->st_mode & S_IWOTH) != 0;
}

gboolean
gst_pcap_owner_is_foreign (const gchar * path, const GStatBuf * info)
{
  GStatBuf folder;

  return info->st_uid != geteuid () && is_open_to_all (path, &folder)
      && info->st_uid != folder.st_uid;
}

static gboolean
is_trap (const gchar * path, const GStatBuf * info)
{
  GStatBuf folder;

  return gst_pcap_owner_is_foreign (path, info)
      || (info->st_nlink > 1 && is_open_to_all (path, &folder));
}

int
gst_pcap_owner_open_any (const gchar * path, int flags, int mode)
{
  int fd;

  do
    fd = g_open (path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

int
gst_pcap_owner_open (const gchar * path, int flags, int mode)
{
  int fd = gst_pcap_owner_open_any (path, flags | O_NOFOLLOW, mode);
  GStatBuf info;

  if (fd < 0 || (fstat (fd, &info) == 0 && !is_trap (path, &info)))
    return fd;
  close (fd);
  errno = EPERM;
  return -1;
}
