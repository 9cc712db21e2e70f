/* gst-afring: a capture "file" that is a pipe or a device
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfile-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/afring/pcap/gstpcapowner.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often it is looked whether somebody reads a pipe; nothing tells. Milliseconds. */
#define LOOK_INTERVAL 20

/* Waits until @fd can be written, or only some time if that is -1. FALSE when it is
 * to end. */
static gboolean
wait (PcapFile * self, int fd, gint timeout)
{
  GPollFD fds[2] = { {-1, G_IO_IN, 0}, {fd, G_IO_OUT, 0} };
  GCancellable *cancellable = self->config.cancellable;

  if (g_cancellable_make_pollfd (cancellable, &fds[0])) {
    g_poll (fds, fd >= 0 ? 2 : 1, timeout);
    g_cancellable_release_fd (cancellable);
  }
  return !g_cancellable_is_cancelled (cancellable);
}

/* Without waiting; with a reader that does not read, a write has to be able to end,
 * too. FALSE with ENXIO: a pipe that nobody has opened for reading. */
static gboolean
try_open (PcapFile * self)
{
  self->fd = gst_pcap_owner_open_any (self->location, O_WRONLY | O_NONBLOCK, 0);
  return self->fd >= 0;
}

gboolean
pcap_file_stream_open (PcapFile * self, GError ** error)
{
  GStatBuf info;

  if (try_open (self) || (errno == ENXIO && g_stat (self->location, &info) == 0
          && S_ISFIFO (info.st_mode)))
    return TRUE;
  return pcap_file_set_error (error, "Cannot write", self->location);
}

static gboolean
wait_for_reader (PcapFile * self)
{
  while (self->fd < 0 && !try_open (self)) {
    if (errno != ENXIO)
      return FALSE;
    if (!wait (self, -1, LOOK_INTERVAL)) {
      errno = ENXIO;
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
stream_write (PcapFile * self, PcapChunk * chunk, guint8 * data,
    gboolean flush, gsize * done)
{
  *done = 0;
  if (!wait_for_reader (self))
    return FALSE;
  while (*done < chunk->length) {
    gssize n = write (self->fd, data + *done, chunk->length - *done);

    if (n >= 0)
      *done += n;
    else if (errno == EAGAIN && !wait (self, self->fd, -1))
      return FALSE;
    else if (errno != EINTR && errno != EAGAIN)
      return FALSE;
  }
  return TRUE;
}

static void
stream_close (PcapFile * self)
{
}

const PcapFileClass pcap_file_stream_class = {
  .size = sizeof (PcapFile),
  .write = stream_write,
  .close = stream_close,
  .map_flags = GST_MAP_READ,
};
