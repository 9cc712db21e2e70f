/* gst-afring: capture files that were not completed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcaprecovery.h"
#include "gstpcapframe.h"
#include "gstpcapngwriter.h"
#include "gstpcapowner.h"
#include "gstpcapscan.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMMENT "Recovered: this recording was not completed, and is cut after its last whole record"

static gboolean
set_error (GError ** error, const gchar * what, const gchar * path)
{
  gint saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      "Cannot %s \"%s\": %s", what, path, g_strerror (saved_errno));
  return FALSE;
}

/* Between opening and locking it, somebody may have completed it, or set it aside. Where
 * nothing can be locked nobody else can either. */
GstPcapLock
gst_pcap_recovery_lock (int fd, const gchar * path)
{
  GStatBuf named, open;
  gint result;

  do
    result = flock (fd, LOCK_EX | LOCK_NB);
  while (result < 0 && errno == EINTR);
  if (result < 0 && errno == EWOULDBLOCK)
    return GST_PCAP_BUSY;
  return fstat (fd, &open) == 0 && g_stat (path, &named) == 0
      && open.st_dev == named.st_dev && open.st_ino == named.st_ino ?
      GST_PCAP_LOCKED : GST_PCAP_GONE;
}

gboolean
gst_pcap_recovery_has_suffix (const gchar * path)
{
  return g_str_has_suffix (path, GST_PCAP_PART_SUFFIX)
      || g_str_has_suffix (path, GST_PCAP_RECOVERING_SUFFIX);
}

/* Names. */

/* NAME of NAME.part or NAME.recovering. */
static gchar *
get_stem (const gchar * path)
{
  gchar *stem = g_strdup (path);

  if (gst_pcap_recovery_has_suffix (stem))
    *strrchr (stem, '.') = '\0';
  return stem;
}

/* Never over what is there. What is between is nothing, or "-2", "-3", ...; NULL with
 * errno. */
static gchar *
rename_to_unused (const gchar * from, const gchar * front, const gchar * back)
{
  for (guint i = 1;; i++) {
    g_autofree gchar *number = i == 1 ? g_strdup ("") :
        g_strdup_printf ("-%u", i);
    gchar *to = g_strconcat (front, number, back, NULL);

    if (gst_pcap_owner_rename (from, to, FALSE) == 0)
      return to;
    g_free (to);
    if (errno != EEXIST)
      return NULL;
  }
}

gchar *
gst_pcap_recovery_set_aside (const gchar * part, GError ** error)
{
  g_autofree gchar *stem = get_stem (part);
  gchar *aside = NULL;
  int fd = gst_pcap_owner_open (part, O_RDONLY | O_NONBLOCK, 0);

  if (fd < 0) {
    set_error (error, "open", part);
    return NULL;
  }
  if (!g_file_test (part, G_FILE_TEST_IS_REGULAR))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
        "\"%s\" is no file", part);
  else if (gst_pcap_recovery_lock (fd, part) != GST_PCAP_LOCKED)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
        "\"%s\" is being written by somebody else", part);
  else if (g_str_has_suffix (part, GST_PCAP_RECOVERING_SUFFIX))
    aside = g_strdup (part);
  else if ((aside = rename_to_unused (part, stem,
              GST_PCAP_RECOVERING_SUFFIX)) == NULL)
    set_error (error, "rename", part);
  close (fd);
  return aside;
}

static gchar *
name_recovered (const gchar * path)
{
  g_autofree gchar *stem = get_stem (path), *front = NULL;
  const gchar *dot = gst_pcap_compression_find_extension (stem);

  front = g_strdup_printf ("%.*s-recovered", (int) (dot - stem), stem);
  return rename_to_unused (path, front, dot);
}

/* Writing. */

typedef struct
{
  GstPcapScan scan;
  int fd;
} Recovery;

static gboolean
append (Recovery * self, const GByteArray * bytes)
{
  gsize done = 0;

  while (done < bytes->len) {
    gssize n = pwrite (self->fd, bytes->data + done, bytes->len - done,
        self->scan.end + done);

    if (n < 0 && errno != EINTR)
      return FALSE;
    done += MAX (n, 0);
  }
  self->scan.end += done;
  return TRUE;
}

/* One more frame of the same kind. */
static gboolean
append_frame (Recovery * self, const GByteArray * content)
{
  GstPcapScan *scan = &self->scan;
  GstPcapFrameEncoder *encoder =
      gst_pcap_frame_encoder_new (scan->compression, NULL);
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  if (encoder == NULL)
    return FALSE;
  g_byte_array_set_size (frame, gst_pcap_frame_get_bound (content->len));
  g_byte_array_set_size (frame, gst_pcap_frame_encoder_encode (encoder, 1,
          content->data, content->len, frame->data, NULL, NULL));
  gst_pcap_frame_encoder_free (encoder);
  if (frame->len == 0)
    return FALSE;
  if (scan->frames != NULL)
    gst_pcap_seek_table_add (scan->frames, frame->len, content->len);
  return append (self, frame);
}

static gboolean
append_blocks (Recovery * self, const GByteArray * blocks)
{
  return self->scan.compression == GST_PCAP_COMPRESSION_NONE ?
      append (self, blocks) : append_frame (self, blocks);
}

static gboolean
append_comment (Recovery * self)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();

  if (!self->scan.native || self->scan.n_interfaces == 0)
    return TRUE;
  gst_pcapng_append_remark (block, self->scan.last_time, COMMENT);
  if (self->scan.index != NULL)
    gst_pcap_index_builder_add (self->scan.index, block->data, block->len);
  return append_blocks (self, block);
}

/* Of what has none yet. */
static gboolean
append_index (Recovery * self)
{
  GBytes *index = self->scan.index != NULL ?
      gst_pcap_index_builder_write (self->scan.index, sizeof (guint32)) : NULL;
  g_autoptr (GByteArray) blocks = NULL;

  if (index == NULL)
    return TRUE;
  blocks = g_bytes_unref_to_array (index);
  return append_blocks (self, blocks);
}

static gboolean
append_seek_table (Recovery * self)
{
  g_autoptr (GByteArray) table = NULL;

  if (self->scan.frames == NULL)
    return TRUE;
  table = gst_pcap_seek_table_write (self->scan.frames);
  return table == NULL || append (self, table);
}

/* A disk behind a network or a program lets signals in. */
static gboolean
sync_fd (int fd)
{
  gint result;

  do
    result = fsync (fd);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

static gboolean
cut_file (Recovery * self)
{
  gint result;

  do
    result = ftruncate (self->fd, self->scan.end);
  while (result < 0 && errno == EINTR);
  return result == 0;
}

static void
sync_folder (const gchar * path)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  int fd = gst_pcap_owner_open_any (folder, O_RDONLY | O_DIRECTORY, 0);

  if (fd < 0)
    return;
  sync_fd (fd);
  close (fd);
}

/* TRUE with location: it is complete, without: it was empty. */
static gboolean
finish (Recovery * self, const gchar * path, GstPcapRecovery * report,
    GError ** error)
{
  gboolean cut = gst_pcap_scan_may_cut (&self->scan, self->fd);

  if (self->scan.packets == 0 && cut) {
    g_unlink (path);
    return TRUE;
  }
  if (self->scan.end == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "\"%s\" is no capture: it stays as it is", path);
    return FALSE;
  }
  if (!cut)
    report->damaged_at = self->scan.end;
  /* cut first: whatever comes between, what is there is whole */
  else if (!cut_file (self) || !append_comment (self)
      || !append_index (self) || !append_seek_table (self))
    return set_error (error, "complete", path);
  if (!sync_fd (self->fd))
    return set_error (error, "complete", path);
  report->location = name_recovered (path);
  if (report->location == NULL)
    return set_error (error, "rename", path);
  sync_folder (path);
  return TRUE;
}

static gboolean
complete (Recovery * self, const gchar * path, gboolean indexed,
    GCancellable * cancellable, GstPcapRecovery * report, GError ** error)
{
  GstPcapScan *scan = &self->scan;
  guint64 whole;

  if (gst_pcap_recovery_lock (self->fd, path) != GST_PCAP_LOCKED) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
        "\"%s\" is being completed by somebody else", path);
    return FALSE;
  }
  if (!gst_pcap_scan_init (scan, self->fd, indexed, cancellable, error)) {
    g_prefix_error (error, "\"%s\": ", path);
    return FALSE;
  }
  whole = scan->end;
  if (!finish (self, path, report, error))
    return FALSE;
  report->packets = scan->packets;
  report->bytes = report->damaged_at > 0 ? scan->size : scan->end;
  report->cut = report->damaged_at > 0 ? 0 : scan->size - whole;
  return TRUE;
}

gboolean
gst_pcap_recovery_complete (const gchar * path, gboolean indexed,
    GCancellable * cancellable, GstPcapRecovery * report, GError ** error)
{
  Recovery self = {.fd = gst_pcap_owner_open (path, O_RDWR, 0) };
  gboolean ok;

  *report = (GstPcapRecovery) { NULL, };
  if (self.fd < 0)
    return set_error (error, "open", path);
  ok = complete (&self, path, indexed, cancellable, report, error);
  gst_pcap_scan_clear (&self.scan);
  close (self.fd);
  return ok;
}

gchar **
gst_pcap_recovery_list (const gchar * folder, GError ** error)
{
  GDir *dir = g_dir_open (folder, 0, error);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  const gchar *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (gst_pcap_recovery_has_suffix (name))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_dir_close (dir);
  g_ptr_array_add (paths, NULL);
  return (gchar **) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}
