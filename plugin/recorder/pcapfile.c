/* gst-afring: a capture file while it is being written
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfile-private.h"
#include "pcaptarget.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/afring/pcap/gstpcapowner.h>
#include <gst/afring/pcap/gstpcaprecovery.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0666               /* less the umask */

gboolean
pcap_file_is_full (gint error)
{
  return error == ENOSPC || error == EDQUOT;
}

static const gchar *
get_name (PcapFile * self)
{
  return self->part != NULL ? self->part : self->location;
}

/* The first part of a path that is not there, or no folder; NULL if all are. */
static gchar *
find_missing_folder (const gchar * name, gboolean * is_file)
{
  gchar *folder = g_path_get_dirname (name), *missing = NULL;

  while (!g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    gchar *above = g_path_get_dirname (folder);

    g_free (missing);
    missing = folder;
    *is_file = g_file_test (missing, G_FILE_TEST_EXISTS);
    folder = above;
    if (*is_file || g_str_equal (folder, missing))
      break;
  }
  g_free (folder);
  return missing;
}

gboolean
pcap_file_set_error (GError ** error, const gchar * what, const gchar * name)
{
  gint saved_errno = errno;
  /* a quota is a disk, too */
  GFileError code = pcap_file_is_full (saved_errno) ? G_FILE_ERROR_NOSPC :
      g_file_error_from_errno (saved_errno);
  g_autofree gchar *missing = NULL;
  gboolean is_file = FALSE;

  if (saved_errno == ENOENT || saved_errno == ENOTDIR)
    missing = find_missing_folder (name, &is_file);
  if (missing != NULL)
    g_set_error (error, G_FILE_ERROR, code,
        is_file ? "%s \"%s\": \"%s\" is not a folder" :
        "%s \"%s\": there is no folder \"%s\"; it has to be made first",
        what, name, missing);
  else
    g_set_error (error, G_FILE_ERROR, code,
        "%s \"%s\": %s", what, name, g_strerror (saved_errno));
  return FALSE;
}

static void
pcap_file_free (PcapFile * self)
{
  self->klass->close (self);
  if (self->fd >= 0)
    close (self->fd);
  g_object_unref (self->config.cancellable);
  g_free (self->location);
  g_free (self->target);
  g_free (self->part);
  g_free (self);
}

/* A disk behind a network or a program lets signals in. */
static gboolean
sync_fd (int fd, int (*sync) (int fd))
{
  gint result;

  do
    result = sync (fd);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

static gboolean
cut_fd (int fd, guint64 size)
{
  gint result;

  do
    result = ftruncate (fd, size);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

/* The descriptor is gone by then, whatever interrupted it. */
static gboolean
close_fd (int fd)
{
  return close (fd) == 0 || errno == EINTR;
}

/* After a power failure a name is there if its folder has been synced. Not every
 * filesystem can do that, and not every user may open a folder in which he may write. */
static gboolean
sync_folder (PcapFile * self, GError ** error)
{
  g_autofree gchar *folder = g_path_get_dirname (self->target);
  int fd = gst_pcap_owner_open_any (folder, O_RDONLY | O_DIRECTORY, 0);
  gboolean ok = fd >= 0 && sync_fd (fd, fsync);

  if (!ok && (fd < 0 || errno == EINVAL)) {
    GST_WARNING ("cannot sync the folder %s: %s", folder, g_strerror (errno));
    ok = TRUE;
  }
  if (!ok)
    pcap_file_set_error (error, "Cannot sync", folder);
  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
set_part_error (PcapFile * self, GError ** error)
{
  gint saved_errno = errno;

  if (saved_errno != ELOOP && saved_errno != EPERM)
    return pcap_file_set_error (error, "Cannot write", self->part);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
      "\"%s\" is a link, or it or what leads there is somebody else's in a folder "
      "into which everybody may write: give another location", self->part);
  return FALSE;
}

/* What is there is of a recording that did not get to its end, or of one that goes on. */
static gboolean
open_part (PcapFile * self, GError ** error)
{
  g_autofree gchar *aside = NULL;
  g_autoptr (GError) reason = NULL;
  GstPcapLock lock = GST_PCAP_BUSY;

  if (self->config.keep_parts
      && !g_file_test (self->part, G_FILE_TEST_IS_SYMLINK)
      && g_file_test (self->part, G_FILE_TEST_IS_REGULAR)
      && (aside = gst_pcap_recovery_set_aside (self->part, &reason)) == NULL) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
        reason->message);
    return FALSE;
  }
  while (self->fd < 0) {
    self->fd = gst_pcap_owner_open (self->part, O_WRONLY | O_CREAT, MODE);
    if (self->fd < 0)
      return set_part_error (self, error);
    lock = gst_pcap_recovery_lock (self->fd, self->part);
    if (lock == GST_PCAP_GONE) {
      close (self->fd);
      self->fd = -1;
    }
  }
  if (lock == GST_PCAP_LOCKED)
    return cut_fd (self->fd, 0)
        || pcap_file_set_error (error, "Cannot write", self->part);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
      "\"%s\" is being written by somebody else: give another location",
      self->part);
  return FALSE;
}

static gboolean
open_regular (PcapFile * self, GError ** error)
{
  PcapDirectIo direct_io = self->config.direct_io;

  self->part = g_strconcat (self->target, GST_PCAP_PART_SUFFIX, NULL);
  if (!open_part (self, error))
    return FALSE;
  if (direct_io != PCAP_DIRECT_IO_NEVER && !pcap_file_direct_open (self, error)
      && direct_io == PCAP_DIRECT_IO_ALWAYS) {
    g_unlink (self->part);
    return FALSE;
  }
  return self->config.sync_mode != PCAP_SYNC_INTERVAL
      || sync_folder (self, error);
}

/* Whoever may read files of this mode may look into their folder, too. */
static gboolean
make_folder (const gchar * folder)
{
  GStatBuf info;
  gboolean ok;
  int fd;

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;
  fd = gst_pcap_owner_make_folder (folder, 0777);
  if (fd < 0)
    return errno == EEXIST;
  ok = fstat (fd, &info) < 0
      || fchmod (fd, (info.st_mode | (info.st_mode & 0444) >> 2) & 07777) == 0;
  close (fd);
  return ok;
}

static gboolean
make_folders (const gchar * name)
{
  g_autofree gchar *folder = g_path_get_dirname (name);

  for (gchar * slash = strchr (folder + 1, '/'); slash != NULL;
      slash = strchr (slash + 1, '/')) {
    *slash = '\0';
    if (!make_folder (folder))
      return FALSE;
    *slash = '/';
  }
  return make_folder (folder);
}

gboolean
pcap_file_is_regular (const gchar * location)
{
  g_autofree gchar *target = pcap_target_find (location, NULL);

  return target == NULL || pcap_target_is_regular (location, target);
}

gboolean
pcap_file_check (const gchar * location, const PcapFileConfig * config,
    GError ** error)
{
  g_autofree gchar *target = pcap_target_find (location, error);
  g_autofree gchar *folder = NULL;

  if (target == NULL)
    return FALSE;
  folder = g_path_get_dirname (target);
  if (config->make_folders && !make_folders (target))
    return pcap_file_set_error (error, "Cannot make the folder", folder);
  return !pcap_target_is_regular (location, target)
      || g_access (folder, W_OK | X_OK) == 0
      || pcap_file_set_error (error, "Cannot write", target);
}

PcapFile *
pcap_file_new (const gchar * location, const PcapFileConfig * config,
    GError ** error)
{
  g_autofree gchar *target = pcap_target_find (location, error);
  gboolean regular;
  PcapFile *self;

  if (target == NULL)
    return NULL;
  regular = pcap_target_is_regular (location, target);
  /* in which it can become a direct one */
  self = g_malloc0 (MAX (pcap_file_cached_class.size,
          pcap_file_direct_class.size));
  self->klass = regular ? &pcap_file_cached_class : &pcap_file_stream_class;
  self->config = *config;
  g_object_ref (self->config.cancellable);
  self->location = g_strdup (location);
  self->target = g_steal_pointer (&target);
  self->fd = -1;
  if (config->make_folders && !make_folders (self->target))
    pcap_file_set_error (error, "Cannot make the folder of", self->target);
  else if (regular ? open_regular (self, error) : pcap_file_stream_open (self,
          error))
    return self;
  pcap_file_free (self);
  return NULL;
}

gboolean
pcap_file_write_all (PcapFile * self, int fd, const guint8 * data,
    gsize length, guint64 offset, gsize * done)
{
  gsize at = 0;

  while (at < length) {
    gssize n = pwrite (fd, data + at, length - at, offset + at);

    if (n > 0)
      at += n;
    else if (n < 0 && errno == EINTR)
      continue;
    else if (n < 0 && pcap_file_is_full (errno)
        && self->config.make_space (self->config.user_data))
      continue;
    else
      break;
  }
  *done = at;
  return at == length;
}

/* FALSE if the bytes of a chunk are in its own memory, also because they had to be
 * copied there. */
static gboolean
map_buffer (PcapFile * self, PcapChunk * chunk, GstMapInfo * map)
{
  if (chunk->buffer == NULL)
    return FALSE;
  if (gst_buffer_map (chunk->buffer, map, self->klass->map_flags)) {
    if (self->klass->takes_buffer == NULL
        || self->klass->takes_buffer (self, chunk, map->data))
      return TRUE;
    gst_buffer_unmap (chunk->buffer, map);
  }
  pcap_chunk_own (chunk);
  return FALSE;
}

gboolean
pcap_file_write (PcapFile * self, PcapChunk * chunk, gboolean flush,
    gsize * done, GError ** error)
{
  GstMapInfo map;
  gboolean mapped = map_buffer (self, chunk, &map);
  guint8 *data = mapped ? map.data : pcap_chunk_get_bytes (chunk);
  gboolean ok = self->klass->write (self, chunk, data, flush, done);

  self->size = chunk->offset + (ok ? chunk->length : *done);
  if (!ok)
    pcap_file_set_error (error, "Cannot write", get_name (self));
  if (mapped)
    gst_buffer_unmap (chunk->buffer, &map);
  return ok;
}

guint
pcap_file_write_buffers (PcapFile * self, PcapChunk ** chunks, guint n)
{
  g_autofree GstMapInfo *maps = NULL;
  guint mapped = 0, done = 0;
  gssize written = -1;

  if (self->klass->write_buffers == NULL)
    return 0;
  maps = g_new (GstMapInfo, n);
  while (mapped < n && map_buffer (self, chunks[mapped], &maps[mapped]))
    mapped++;
  if (mapped > 0)
    written = self->klass->write_buffers (self, chunks, maps, mapped);
  for (guint i = 0; i < mapped; i++) {
    gst_buffer_unmap (chunks[i]->buffer, &maps[i]);
    if (done == i && written >= (gssize) maps[i].size) {
      written -= maps[i].size;
      self->size = chunks[i]->offset + chunks[i]->length;
      done++;
    }
  }
  return done;
}

void
pcap_file_cut (PcapFile * self, guint64 size)
{
  self->size = size;
  /* a pipe cannot be cut */
  if (self->part != NULL && !cut_fd (self->fd, size))
    GST_WARNING ("cannot cut %s: %s", self->part, g_strerror (errno));
}

gboolean
pcap_file_sync (PcapFile * self, GError ** error)
{
  /* pipes and devices have nothing to sync */
  if (self->part == NULL || self->config.sync_mode != PCAP_SYNC_INTERVAL
      || sync_fd (self->fd, fdatasync))
    return TRUE;
  return pcap_file_set_error (error, "Cannot sync", self->part);
}

const gchar *
pcap_file_get_target (PcapFile * self)
{
  return self->target;
}

gboolean
pcap_file_finish (PcapFile * self, GError ** error)
{
  gboolean sync = self->config.sync_mode != PCAP_SYNC_NEVER
      && self->part != NULL;
  gboolean ok = TRUE;
  int fd = self->fd;

  /* what was reserved and not used */
  if (self->allocated > self->size)
    pcap_file_cut (self, self->size);
  self->fd = -1;
  if (sync && !sync_fd (fd, fsync))
    ok = pcap_file_set_error (error, "Cannot sync", self->part);
  if (fd >= 0 && !close_fd (fd) && ok)
    ok = pcap_file_set_error (error, "Cannot close", self->location);
  /* somebody may have put something there since it was looked at */
  if (self->part != NULL
      && gst_pcap_owner_rename (self->part, self->target, TRUE) < 0 && ok)
    ok = pcap_file_set_error (error, "Cannot rename to", self->target);
  if (ok && sync)
    ok = sync_folder (self, error);
  pcap_file_free (self);
  return ok;
}

void
pcap_file_abandon (PcapFile * self)
{
  if (self->part != NULL)
    g_unlink (self->part);
  pcap_file_free (self);
}
