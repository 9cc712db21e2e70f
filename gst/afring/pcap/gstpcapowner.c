/* gst-afring: whose a file is
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapowner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_LINKS 40           /* as the kernel has it */

/* What may have been put into @folder to lead astray who writes captures. */
static gboolean
is_foreign (const GStatBuf * folder, const GStatBuf * info)
{
  return info->st_uid != geteuid () && (folder->st_mode & S_IWOTH) != 0
      && info->st_uid != folder->st_uid;
}

gboolean
gst_pcap_owner_is_foreign (const gchar * path, const GStatBuf * info)
{
  g_autofree gchar *name = g_path_get_dirname (path);
  GStatBuf folder;

  return g_stat (name, &folder) == 0 && is_foreign (&folder, info);
}

static gboolean
is_trap (int folder, int fd)
{
  GStatBuf above, info;

  return fstat (folder, &above) == 0 && fstat (fd, &info) == 0
      && (is_foreign (&above, &info)
      || (info.st_nlink > 1 && (above.st_mode & S_IWOTH) != 0));
}

/* errno is that of the call before. */
static void
close_after (int fd)
{
  gint saved_errno = errno;

  close (fd);
  errno = saved_errno;
}

/* The way to a folder, part by part, so that nobody changes what has been looked at: it is
 * held open. RESOLVE_NO_SYMLINKS of openat2() would leave out everybody's own links, too,
 * and is not on each kernel. */
typedef struct
{
  int fd;                       /* the folder that has been reached, or -1 */
  gchar *rest;                  /* what comes behind it */
  guint links;
} Walk;

static void
move_to (Walk * self, int fd)
{
  if (self->fd >= 0)
    close_after (self->fd);
  self->fd = fd;
}

/* What is before the next '/'; NULL at the end. */
static gchar *
take_part (Walk * self)
{
  gsize start = strspn (self->rest, "/");
  gsize length = strcspn (self->rest + start, "/");
  gchar *part, *rest;

  if (length == 0)
    return NULL;
  part = g_strndup (self->rest + start, length);
  rest = g_strdup (self->rest + start + length);
  g_free (self->rest);
  self->rest = rest;
  return part;
}

static gboolean
follow_link (Walk * self, int link, const GStatBuf * info)
{
  gchar target[PATH_MAX], *rest;
  GStatBuf folder;
  gssize n;

  if (fstat (self->fd, &folder) < 0)
    return FALSE;
  if (is_foreign (&folder, info) || ++self->links > MOST_LINKS) {
    errno = self->links > MOST_LINKS ? ELOOP : EPERM;
    return FALSE;
  }
  n = readlinkat (link, "", target, sizeof (target) - 1);
  if (n < 0)
    return FALSE;
  target[n] = '\0';
  rest = g_strconcat (target, "/", self->rest, NULL);
  g_free (self->rest);
  self->rest = rest;
  if (target[0] == '/')
    move_to (self, open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  return self->fd >= 0;
}

static gboolean
step (Walk * self, const gchar * part)
{
  int next = openat (self->fd, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  gboolean ok;
  GStatBuf info;

  if (next < 0)
    return FALSE;
  ok = fstat (next, &info) == 0;
  if (ok && !S_ISLNK (info.st_mode)) {
    move_to (self, next);
    return TRUE;
  }
  ok = ok && follow_link (self, next, &info);
  close_after (next);
  return ok;
}

/* A descriptor for names in the folder that @path is in, or -1 with an errno. */
static int
open_folder (const gchar * path)
{
  Walk walk = {.rest = g_path_get_dirname (path) };
  gboolean ok;
  gchar *part;

  walk.fd = open (walk.rest[0] == '/' ? "/" : ".",
      O_PATH | O_DIRECTORY | O_CLOEXEC);
  ok = walk.fd >= 0;
  while (ok && (part = take_part (&walk)) != NULL) {
    ok = step (&walk, part);
    g_free (part);
  }
  if (!ok)
    move_to (&walk, -1);
  g_free (walk.rest);
  return walk.fd;
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
  g_autofree gchar *name = g_path_get_basename (path);
  int folder = open_folder (path), fd;

  if (folder < 0)
    return -1;
  do
    fd = openat (folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  if (fd >= 0 && is_trap (folder, fd)) {
    close (fd);
    fd = -1;
    errno = EPERM;
  }
  close_after (folder);
  return fd;
}

int
gst_pcap_owner_make_folder (const gchar * path, int mode)
{
  g_autofree gchar *name = g_path_get_basename (path);
  int folder = open_folder (path), fd = -1;

  if (folder < 0)
    return -1;
  if (mkdirat (folder, name, mode) == 0)
    fd = openat (folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  close_after (folder);
  return fd;
}

/* Where the kernel or the filesystem does not see to it that nothing is replaced, and
 * where what is there may be. */
static int
rename_after_look (int folder, const gchar * from, const gchar * to,
    const gchar * path, gboolean replace)
{
  GStatBuf info;

  if (fstatat (folder, to, &info, AT_SYMLINK_NOFOLLOW) == 0
      && (!replace || gst_pcap_owner_is_foreign (path, &info))) {
    errno = replace ? EPERM : EEXIST;
    return -1;
  }
  return renameat (folder, from, folder, to);
}

static int
rename_in (int folder, const gchar * from, const gchar * to, const gchar * path,
    gboolean replace)
{
  int result = renameat2 (folder, from, folder, to, RENAME_NOREPLACE);

  if (result < 0 && (errno == EINVAL || errno == ENOSYS
          || (errno == EEXIST && replace)))
    result = rename_after_look (folder, from, to, path, replace);
  return result;
}

int
gst_pcap_owner_rename (const gchar * from, const gchar * to, gboolean replace)
{
  g_autofree gchar *from_name = g_path_get_basename (from);
  g_autofree gchar *to_name = g_path_get_basename (to);
  int folder = open_folder (to), result;

  /* whoever has no descriptor left is to have his file all the same */
  if (folder < 0)
    return errno == EMFILE || errno == ENFILE ?
        rename_in (AT_FDCWD, from, to, to, replace) : -1;
  result = rename_in (folder, from_name, to_name, to, replace);
  close_after (folder);
  return result;
}
