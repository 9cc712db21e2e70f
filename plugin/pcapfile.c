/* gst-afring: a capture file while it is being written
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0666               /* less the umask */

struct _PcapFile
{
  gchar *location;
  gchar *part;                  /* NULL if not a regular file */
  int fd;
  guint64 size;
};

static gboolean
set_error (GError ** error, const gchar * what, const gchar * name)
{
  gint saved_errno = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
      "%s \"%s\": %s", what, name, g_strerror (saved_errno));
  return FALSE;
}

static void
pcap_file_free (PcapFile * self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->location);
  g_free (self->part);
  g_free (self);
}

static gboolean
is_special (const gchar * location)
{
  GStatBuf info;

  return g_stat (location, &info) == 0 && !S_ISREG (info.st_mode);
}

PcapFile *
pcap_file_new (const gchar * location, GError ** error)
{
  PcapFile *self = g_new0 (PcapFile, 1);
  const gchar *name = location;

  self->location = g_strdup (location);
  if (!is_special (location))
    name = self->part = g_strconcat (location, ".part", NULL);

  self->fd = g_open (name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, MODE);
  if (self->fd < 0) {
    set_error (error, "Cannot write", name);
    pcap_file_free (self);
    return NULL;
  }
  return self;
}

gboolean
pcap_file_write (PcapFile * self, gconstpointer data, gsize length,
    GError ** error)
{
  const guint8 *p = data;
  gsize left = length;

  while (left > 0) {
    gssize n = write (self->fd, p, left);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      set_error (error, "Cannot write", self->part ? self->part :
          self->location);
      /* no half record stays; a pipe cannot be cut, and tells so */
      if (self->part != NULL && (ftruncate (self->fd, self->size) < 0
              || lseek (self->fd, self->size, SEEK_SET) < 0))
        GST_WARNING ("cannot cut %s: %s", self->part, g_strerror (errno));
      return FALSE;
    }
    p += n;
    left -= n;
  }
  self->size += length;
  return TRUE;
}

guint64
pcap_file_get_size (PcapFile * self)
{
  return self->size;
}

const gchar *
pcap_file_get_location (PcapFile * self)
{
  return self->location;
}

gboolean
pcap_file_finish (PcapFile * self, GError ** error)
{
  gboolean ok = TRUE;
  int fd = self->fd;

  self->fd = -1;
  /* pipes and devices have nothing to sync */
  if (self->part != NULL && fsync (fd) < 0)
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
