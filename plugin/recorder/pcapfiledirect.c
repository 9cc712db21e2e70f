/* gst-afring: a capture file past the page cache
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfile-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapowner.h>
#include <gst/afring/ring/gstafringmemory.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Disk space is reserved so far ahead. */
#define ALLOCATION (16 * 1024 * 1024)

#define LIKELY_ALIGNMENT 512

typedef struct
{
  PcapFile parent;
  int fd;                       /* the same file with O_DIRECT */
  /* What it wants of offsets and lengths, and of memory. */
  gsize alignment;
  gsize memory_alignment;
  guint8 tail[PCAP_CHUNK_ALIGNMENT];    /* what comes behind the last aligned offset */
} DirectFile;

/* Where nobody says, what most disks want. */
static void
ask_alignment (DirectFile * self)
{
  self->alignment = self->memory_alignment = LIKELY_ALIGNMENT;
#ifdef STATX_DIOALIGN
  {
    struct statx info;

    if (statx (self->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &info) == 0
        && (info.stx_mask & STATX_DIOALIGN) && info.stx_dio_offset_align > 0) {
      self->alignment = info.stx_dio_offset_align;
      self->memory_alignment = info.stx_dio_mem_align;
    }
  }
#endif
}

/* By its name, of which somebody may have made another file's. */
static int
open_again (PcapFile * file)
{
  int fd = gst_pcap_owner_open (file->part, O_WRONLY | O_DIRECT, 0);
  GStatBuf named, open;

  if (fd < 0 || (fstat (fd, &named) == 0 && fstat (file->fd, &open) == 0
          && named.st_dev == open.st_dev && named.st_ino == open.st_ino))
    return fd;
  close (fd);
  errno = ESTALE;
  return -1;
}

/* O_DIRECT leaves out the page cache, which costs as much as the rest of a
 * recording and throws out what others have in it. It is taken where space can be
 * reserved too: then a full disk is known before the bytes are needed that it
 * keeps back. */
gboolean
pcap_file_direct_open (PcapFile * file, GError ** error)
{
  DirectFile *self = (DirectFile *) file;
  gboolean always = file->config.direct_io == PCAP_DIRECT_IO_ALWAYS;

  self->fd = open_again (file);
  if (self->fd >= 0) {
    ask_alignment (self);
    if (self->alignment <= PCAP_CHUNK_ALIGNMENT
        && self->memory_alignment <= PCAP_CHUNK_ALIGNMENT
        && (fallocate (file->fd, FALLOC_FL_KEEP_SIZE, 0,
                PCAP_CHUNK_ALIGNMENT) == 0 || pcap_file_is_full (errno)
            || always)) {
      file->klass = &pcap_file_direct_class;
      return TRUE;
    }
    close (self->fd);
  }
  if (always)
    pcap_file_set_error (error,
        "This filesystem does not take direct-io=always for", file->part);
  return FALSE;
}

/* FALSE if the space that the file needs up to @end cannot be had. */
static gboolean
reserve_space (PcapFile * file, guint64 end)
{
  if (end <= file->allocated)
    return TRUE;
  if (fallocate (file->fd, FALLOC_FL_KEEP_SIZE, file->allocated,
          end + ALLOCATION - file->allocated) == 0) {
    file->allocated = end + ALLOCATION;
    return TRUE;
  }
  if (fallocate (file->fd, FALLOC_FL_KEEP_SIZE, file->allocated,
          end - file->allocated) == 0) {
    file->allocated = end;
    return TRUE;
  }
  return !pcap_file_is_full (errno);
}

static void
direct_close (PcapFile * file)
{
  DirectFile *self = (DirectFile *) file;

  close (self->fd);
}

/* What is kept back of what stands in front of the chunk in the file. */
static gsize
get_front (const DirectFile * self, const PcapChunk * chunk)
{
  return chunk->offset % self->alignment;
}

/* From here on through the page cache, where every byte can be written. What was kept
 * back comes first. */
static gboolean
go_on_cached (DirectFile * self, PcapChunk * chunk, guint8 * data, gsize * done)
{
  PcapFile *file = &self->parent;
  gsize front = get_front (self, chunk);
  gboolean ok;

  direct_close (file);
  file->klass = &pcap_file_cached_class;
  if (front > 0)
    memcpy (data - front, self->tail, front);
  ok = pcap_file_write_all (file, file->fd, data - front,
      front + chunk->length, chunk->offset - front, done);
  *done -= MIN (*done, front);
  return ok;
}

/* The whole blocks of the chunk, with what was kept back of the one before in
 * front; the rest is kept back, or written the other way. */
static gboolean
write_aligned (DirectFile * self, PcapChunk * chunk, guint8 * data,
    gboolean flush, gsize * done)
{
  PcapFile *file = &self->parent;
  gsize front = get_front (self, chunk), tail_done = 0;
  guint64 base = chunk->offset - front;
  gsize total = front + chunk->length;
  gsize whole = total - total % self->alignment;
  gboolean ok;

  if (front > 0)
    memcpy (data - front, self->tail, front);
  ok = pcap_file_write_all (file, self->fd, data - front, whole, base, done);
  if (ok) {
    memcpy (self->tail, data - front + whole, total - whole);
    if (flush)
      ok = pcap_file_write_all (file, file->fd, self->tail, total - whole,
          base + whole, &tail_done);
    *done = whole + tail_done;
  }
  return ok;
}

/* What was kept back has been counted: the other way it may still get in. */
static void
save_front (DirectFile * self, PcapChunk * chunk)
{
  gsize front = get_front (self, chunk), kept = 0;
  gint saved_errno = errno;

  pcap_file_write_all (&self->parent, self->parent.fd, self->tail, front,
      chunk->offset - front, &kept);
  errno = saved_errno;
}

/* EINVAL: the disk wants more alignment than anybody has said. */
static gboolean
direct_write (PcapFile * file, PcapChunk * chunk, guint8 * data,
    gboolean flush, gsize * done)
{
  DirectFile *self = (DirectFile *) file;
  guint64 end = chunk->offset + chunk->length;
  gsize front = get_front (self, chunk);
  gboolean ok;

  if (!reserve_space (file, GST_ROUND_UP_N (end,
              (guint64) PCAP_CHUNK_ALIGNMENT)))
    return go_on_cached (self, chunk, data, done);
  ok = write_aligned (self, chunk, data, flush, done);
  if (!ok && errno == EINVAL
      && file->config.direct_io != PCAP_DIRECT_IO_ALWAYS) {
    GST_WARNING ("%s: direct writes of multiples of %" G_GSIZE_FORMAT " bytes "
        "are refused: on through the page cache", file->part, self->alignment);
    return go_on_cached (self, chunk, data, done);
  }
  if (!ok && *done < front)
    save_front (self, chunk);
  *done -= MIN (*done, front);
  return ok;
}

/* A buffer is written from where it lies only if that is aligned, as the blocks of a
 * ring are. */
static gboolean
direct_takes_buffer (PcapFile * file, PcapChunk * chunk, const guint8 * data)
{
  DirectFile *self = (DirectFile *) file;

  return (self->memory_alignment == 0
      || (gsize) data % self->memory_alignment == 0)
      && chunk->offset % self->alignment == 0
      && chunk->length % self->alignment == 0;
}

static gssize
direct_write_buffers (PcapFile * file, PcapChunk ** chunks,
    const GstMapInfo * maps, guint n)
{
  DirectFile *self = (DirectFile *) file;
  g_autofree struct iovec *parts = g_new (struct iovec, n);

  if (!reserve_space (file, chunks[n - 1]->offset + chunks[n - 1]->length))
    return -1;
  for (guint i = 0; i < n; i++)
    parts[i] = (struct iovec) { maps[i].data, maps[i].size };
  return pwritev (self->fd, parts, n, chunks[0]->offset);
}

const PcapFileClass pcap_file_direct_class = {
  .size = sizeof (DirectFile),
  .write = direct_write,
  .takes_buffer = direct_takes_buffer,
  .write_buffers = direct_write_buffers,
  .close = direct_close,
  .map_flags = (GstMapFlags) (GST_MAP_READ | GST_AFRING_MAP_PINNED),
};
