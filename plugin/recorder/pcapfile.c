/* gst-afring: a capture file while it is being written
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/afring/ring/gstafringmemory.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MODE 0666               /* less the umask */

/* Disk space is reserved so far ahead. */
#define ALLOCATION (16 * 1024 * 1024)

#define LIKELY_ALIGNMENT 512

struct _PcapFile
{
  gchar *location;
  gchar *part;                  /* NULL if not a regular file */
  int fd;
  int direct_fd;                /* the same file with O_DIRECT, or -1 */
  GCancellable *cancellable;
  guint64 size;                 /* bytes in the file and in the tail */
  guint64 allocated;            /* up to here there is space on the disk */
  /* With O_DIRECT, which wants everything aligned: what comes behind the last
   * aligned offset. */
  gsize alignment;
  guint8 tail[PCAP_CHUNK_ALIGNMENT];
};

static gboolean
set_error (GError ** error, const gchar * what, const gchar * name)
{
  gint saved_errno = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
      "%s \"%s\": %s", what, name, g_strerror (saved_errno));
  return FALSE;
}

static const gchar *
get_name (PcapFile * self)
{
  return self->part != NULL ? self->part : self->location;
}

static void
pcap_file_free (PcapFile * self)
{
  if (self->fd >= 0)
    close (self->fd);
  if (self->direct_fd >= 0)
    close (self->direct_fd);
  g_object_unref (self->cancellable);
  g_free (self->location);
  g_free (self->part);
  g_free (self);
}

/* A link too is written through: to put a file in its place could be the end of
 * /dev/stdout. */
static gboolean
is_special (const gchar * location)
{
  GStatBuf info;

  return g_lstat (location, &info) == 0 && !S_ISREG (info.st_mode);
}

static gboolean
is_full (gint error)
{
  return error == ENOSPC || error == EDQUOT;
}

/* What O_DIRECT wants of offsets and lengths. Where nobody says, what most disks
 * want. */
static gsize
get_alignment (int fd)
{
#ifdef STATX_DIOALIGN
  struct statx info;

  if (statx (fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) == 0
      && (info.stx_mask & STATX_DIOALIGN) && info.stx_dio_offset_align > 0)
    return info.stx_dio_offset_align;
#endif
  return LIKELY_ALIGNMENT;
}

/* O_DIRECT leaves out the page cache, which costs as much as the rest of a
 * recording and throws out what others have in it. It is taken where space can be
 * reserved too: then a full disk is known before the bytes are needed that it
 * keeps back. */
static gboolean
open_direct (PcapFile * self, PcapDirectIo direct_io, GError ** error)
{
  if (direct_io == PCAP_DIRECT_IO_NEVER || self->part == NULL)
    return TRUE;

  self->direct_fd = g_open (self->part, O_WRONLY | O_DIRECT | O_CLOEXEC, 0);
  if (self->direct_fd >= 0) {
    self->alignment = get_alignment (self->direct_fd);
    if (self->alignment <= PCAP_CHUNK_ALIGNMENT
        && (fallocate (self->fd, FALLOC_FL_KEEP_SIZE, 0,
                PCAP_CHUNK_ALIGNMENT) == 0 || is_full (errno)
            || direct_io == PCAP_DIRECT_IO_ALWAYS))
      return TRUE;
    close (self->direct_fd);
    self->direct_fd = -1;
  }
  if (direct_io != PCAP_DIRECT_IO_ALWAYS)
    return TRUE;
  return set_error (error, "This filesystem does not take direct-io=always for",
      self->part);
}

PcapFile *
pcap_file_new (const gchar * location, PcapDirectIo direct_io,
    GCancellable * cancellable, GError ** error)
{
  PcapFile *self = g_new0 (PcapFile, 1);

  self->location = g_strdup (location);
  self->direct_fd = -1;
  self->cancellable = g_object_ref (cancellable);
  if (!is_special (location))
    self->part = g_strconcat (location, ".part", NULL);

  self->fd = g_open (get_name (self), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
      MODE);
  if (self->fd < 0) {
    set_error (error, "Cannot write", get_name (self));
  } else if (open_direct (self, direct_io, error)) {
    /* with a reader that does not read, a write has to be able to end */
    if (self->part == NULL)
      fcntl (self->fd, F_SETFL, O_WRONLY | O_NONBLOCK);
    return self;
  } else {
    g_unlink (self->part);
  }
  pcap_file_free (self);
  return NULL;
}

static gboolean
wait_writable (PcapFile * self)
{
  GPollFD fds[2] = { {self->fd, G_IO_OUT, 0}, {0, G_IO_IN, 0} };

  if (g_cancellable_make_pollfd (self->cancellable, &fds[1])) {
    g_poll (fds, 2, -1);
    g_cancellable_release_fd (self->cancellable);
  }
  return !g_cancellable_is_cancelled (self->cancellable);
}

/* All of it; a full disk may get room meanwhile. *@done counts what was written. */
static gboolean
write_all (PcapFile * self, int fd, const guint8 * data, gsize length,
    guint64 offset, PcapFileMakeSpaceFunc make_space, gpointer user_data,
    gsize * done)
{
  gsize at = 0;

  while (at < length) {
    gssize n = self->part != NULL ?
        pwrite (fd, data + at, length - at, offset + at) :
        write (fd, data + at, length - at);

    if (n > 0)
      at += n;
    else if (n < 0 && errno == EINTR)
      continue;
    else if (n < 0 && is_full (errno) && make_space (user_data))
      continue;
    else if (n < 0 && errno == EAGAIN && wait_writable (self))
      continue;
    else
      break;
  }
  *done = at;
  return at == length;
}

/* FALSE if the space that the file needs up to @end cannot be had. */
static gboolean
reserve_space (PcapFile * self, guint64 end)
{
  if (end <= self->allocated)
    return TRUE;
  if (fallocate (self->fd, FALLOC_FL_KEEP_SIZE, self->allocated,
          end + ALLOCATION - self->allocated) == 0) {
    self->allocated = end + ALLOCATION;
    return TRUE;
  }
  if (fallocate (self->fd, FALLOC_FL_KEEP_SIZE, self->allocated,
          end - self->allocated) == 0) {
    self->allocated = end;
    return TRUE;
  }
  return !is_full (errno);
}

/* What is kept back of what stands in front of the chunk in the file. */
static gsize
get_front (PcapFile * self, const PcapChunk * chunk)
{
  return self->direct_fd >= 0 ? chunk->offset % self->alignment : 0;
}

/* From here on through the page cache, where every byte can be written. *@done
 * counts bytes of the chunk. */
static gboolean
write_buffered (PcapFile * self, PcapChunk * chunk, guint8 * data,
    PcapFileMakeSpaceFunc make_space, gpointer user_data, gsize * done)
{
  gsize front = get_front (self, chunk);
  gboolean ok;

  if (self->direct_fd >= 0) {
    close (self->direct_fd);
    self->direct_fd = -1;
    if (front > 0)
      memcpy (data - front, self->tail, front);
  }
  ok = write_all (self, self->fd, data - front, front + chunk->length,
      chunk->offset - front, make_space, user_data, done);
  *done -= MIN (*done, front);
  return ok;
}

/* The whole blocks of the chunk, with what was kept back of the one before in
 * front; the rest is kept back, or written the other way. */
static gboolean
write_direct (PcapFile * self, PcapChunk * chunk, guint8 * data,
    gboolean flush, PcapFileMakeSpaceFunc make_space, gpointer user_data,
    gsize * done)
{
  gsize front = get_front (self, chunk);
  guint64 base = chunk->offset - front;
  gsize total = front + chunk->length;
  gsize whole = total - total % self->alignment;
  gboolean ok;

  if (front > 0)
    memcpy (data - front, self->tail, front);
  ok = write_all (self, self->direct_fd, data - front, whole, base,
      make_space, user_data, done);
  if (!ok && *done < front) {
    gint saved_errno = errno;
    gsize kept = 0;

    /* what was kept back has been counted: the other way it may still get in */
    write_all (self, self->fd, data - front, front, base, make_space,
        user_data, &kept);
    errno = saved_errno;
  }
  if (ok) {
    gsize tail_done = 0;

    memcpy (self->tail, data - front + whole, total - whole);
    if (flush)
      ok = write_all (self, self->fd, self->tail, total - whole, base + whole,
          make_space, user_data, &tail_done);
    *done = whole + tail_done;
  }
  *done -= MIN (*done, front);
  return ok;
}

/* With O_DIRECT a buffer is written from where it lies only if that is aligned, as
 * the blocks of a ring are. Its pages then stay where they are for so long. */
static gboolean
map_chunk (PcapFile * self, PcapChunk * chunk, GstMapInfo * map)
{
  gboolean direct = self->direct_fd >= 0;

  if (chunk->buffer == NULL)
    return FALSE;
  if (!gst_buffer_map (chunk->buffer, map,
          direct ? GST_MAP_READ | GST_AFRING_MAP_PINNED : GST_MAP_READ)) {
    pcap_chunk_own (chunk);
    return FALSE;
  }
  if (!direct || ((gsize) map->data % self->alignment == 0
          && chunk->offset % self->alignment == 0
          && chunk->length % self->alignment == 0))
    return TRUE;
  gst_buffer_unmap (chunk->buffer, map);
  pcap_chunk_own (chunk);
  return FALSE;
}

gboolean
pcap_file_write (PcapFile * self, PcapChunk * chunk, gboolean flush,
    PcapFileMakeSpaceFunc make_space, gpointer user_data, gsize * done,
    GError ** error)
{
  guint64 end = chunk->offset + chunk->length;
  GstMapInfo map;
  gboolean mapped = map_chunk (self, chunk, &map);
  guint8 *data = mapped ? map.data : pcap_chunk_extend (chunk, 0)
      - chunk->length;
  gboolean ok;

  if (self->direct_fd >= 0 && reserve_space (self, GST_ROUND_UP_N (end,
              (guint64) PCAP_CHUNK_ALIGNMENT)))
    ok = write_direct (self, chunk, data, flush, make_space, user_data, done);
  else
    ok = write_buffered (self, chunk, data, make_space, user_data, done);
  self->size = ok ? end : chunk->offset + *done;
  if (!ok)
    set_error (error, "Cannot write", get_name (self));
  if (mapped)
    gst_buffer_unmap (chunk->buffer, &map);
  return ok;
}

guint
pcap_file_write_buffers (PcapFile * self, PcapChunk ** chunks, guint n)
{
  guint64 end = chunks[n - 1]->offset + chunks[n - 1]->length;
  g_autofree GstMapInfo *maps = g_new (GstMapInfo, n);
  g_autofree struct iovec *parts = g_new (struct iovec, n);
  guint mapped = 0, done = 0;
  gssize written = -1;

  if (self->direct_fd < 0 || !reserve_space (self, end))
    return 0;
  while (mapped < n && map_chunk (self, chunks[mapped], &maps[mapped])) {
    parts[mapped].iov_base = maps[mapped].data;
    parts[mapped].iov_len = maps[mapped].size;
    mapped++;
  }
  if (mapped > 0)
    written = pwritev (self->direct_fd, parts, mapped, chunks[0]->offset);
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
  if (self->part != NULL && ftruncate (self->fd, size) < 0)
    GST_WARNING ("cannot cut %s: %s", self->part, g_strerror (errno));
}

gboolean
pcap_file_sync (PcapFile * self, GError ** error)
{
  /* pipes and devices have nothing to sync */
  if (self->part == NULL || fdatasync (self->fd) == 0)
    return TRUE;
  return set_error (error, "Cannot sync", self->part);
}

const gchar *
pcap_file_get_location (PcapFile * self)
{
  return self->location;
}

gboolean
pcap_file_finish (PcapFile * self, gboolean sync, GError ** error)
{
  gboolean ok = TRUE;
  int fd = self->fd;

  /* what was reserved and not used */
  if (self->allocated > self->size)
    pcap_file_cut (self, self->size);
  self->fd = -1;
  if (sync && self->part != NULL && fsync (fd) < 0)
    ok = set_error (error, "Cannot sync", self->part);
  if (close (fd) < 0 && ok)
    ok = set_error (error, "Cannot close", self->location);
  if (self->part != NULL && g_rename (self->part, self->location) < 0 && ok)
    ok = set_error (error, "Cannot rename to", self->location);
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
