/* gst-afring: one of many capture files on the disk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the first packet is, and the last index of 64 pieces. */
#define AHEAD_START (64 * 1024)
#define AHEAD_END (128 * 1024)

struct _FindHandles
{
  GQueue open;                  /* FindFile, the one that was read last first */
  guint most;
};

FindHandles *
find_handles_new (guint most)
{
  FindHandles *self = g_new0 (FindHandles, 1);

  g_queue_init (&self->open);
  self->most = most;
  return self;
}

/* All files are gone by now. */
void
find_handles_free (FindHandles * self)
{
  g_free (self);
}

FindFile *
find_file_new (FindHandles * handles, const gchar * path, guint64 device,
    guint64 inode)
{
  FindFile *self = g_new0 (FindFile, 1);

  self->path = g_strdup (path);
  self->device = device;
  self->inode = inode;
  self->handles = handles;
  self->fd = -1;
  self->link.data = self;
  self->bounds.first = self->bounds.least = self->bounds.greatest =
      GST_CLOCK_TIME_NONE;
  return self;
}

void
find_file_close (FindFile * self)
{
  if (self->fd < 0)
    return;
  close (self->fd);
  self->fd = -1;
  g_queue_unlink (&self->handles->open, &self->link);
}

void
find_file_free (FindFile * self)
{
  find_file_close (self);
  g_clear_pointer (&self->plan, g_array_unref);
  g_clear_pointer (&self->head, g_bytes_unref);
  g_free (self->path);
  g_free (self);
}

/* The name can have become that of another file. */
static gboolean
is_same (FindFile * self)
{
  struct stat info;

  if (fstat (self->fd, &info) != 0) {
    self->error = errno;
    return FALSE;
  }
  if (info.st_dev == self->device && info.st_ino == self->inode)
    return TRUE;
  self->error = ESTALE;
  return FALSE;
}

static gboolean
ensure_open (FindFile * self)
{
  GQueue *open_files = &self->handles->open;

  if (self->fd >= 0) {
    g_queue_unlink (open_files, &self->link);
    g_queue_push_head_link (open_files, &self->link);
    return TRUE;
  }
  if (open_files->length >= self->handles->most)
    find_file_close (g_queue_peek_tail (open_files));
  self->fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0) {
    self->error = errno;
    return FALSE;
  }
  g_queue_push_head_link (open_files, &self->link);
  if (is_same (self))
    return TRUE;
  find_file_close (self);
  return FALSE;
}

gboolean
find_file_get_size (FindFile * self, guint64 * size)
{
  struct stat info;

  if (!ensure_open (self))
    return FALSE;
  if (fstat (self->fd, &info) != 0) {
    self->error = errno;
    return FALSE;
  }
  *size = info.st_size;
  return TRUE;
}

/* Not a mapping: a file that is cut while it is read would be a SIGBUS. */
GstFlowReturn
find_file_read (FindFile * self, guint64 offset, guint size,
    GstBuffer ** buffer)
{
  GstMapInfo map;
  gssize n;

  *buffer = NULL;
  if (!ensure_open (self))
    return GST_FLOW_ERROR;
  *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  gst_buffer_map (*buffer, &map, GST_MAP_WRITE);
  do
    n = pread (self->fd, map.data, size, offset);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    self->error = errno;
  gst_buffer_unmap (*buffer, &map);
  if (n <= 0) {
    gst_clear_buffer (buffer);
    return n < 0 ? GST_FLOW_ERROR : GST_FLOW_EOS;
  }
  gst_buffer_set_size (*buffer, n);
  self->n_read += n;
  return GST_FLOW_OK;
}

void
find_file_read_ahead (const FindFile * self)
{
  gint fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  guint64 end = self->size > AHEAD_END ? self->size - AHEAD_END : 0;

  if (fd < 0)
    return;
  posix_fadvise (fd, 0, AHEAD_START, POSIX_FADV_WILLNEED);
  posix_fadvise (fd, end, AHEAD_END, POSIX_FADV_WILLNEED);
  close (fd);
}

gboolean
find_file_is_gone (const FindFile * self)
{
  return self->error == ENOENT || self->error == ESTALE;
}

const gchar *
find_file_get_error (const FindFile * self)
{
  return g_strerror (self->error);
}

gboolean
find_file_is_part (const FindFile * self)
{
  return g_str_has_suffix (self->path, ".part");
}

static gboolean
get_bytes_size (guint64 * size, gpointer user_data)
{
  return find_file_get_size (user_data, size);
}

static GstFlowReturn
read_bytes (guint64 offset, guint size, GstBuffer ** buffer, gpointer user_data)
{
  return find_file_read (user_data, offset, size, buffer);
}

PcapBytes *
find_file_new_bytes (FindFile * self)
{
  static const PcapBytesFuncs funcs = { get_bytes_size, read_bytes };

  return pcap_bytes_new_full (&funcs, self);
}
