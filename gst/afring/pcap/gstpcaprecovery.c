/* gst-afring: capture files that were not completed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcaprecovery.h"
#include "gstpcapdecoder.h"
#include "gstpcapngblock.h"
#include "gstpcapngwriter.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read at once. */
#define PIECE (4 * 1024 * 1024)
/* What a record that was not written to its end can have. */
#define MOST_TORN (1024 * 1024)

/* More than any record has. */
#define MOST_NEEDED (512 * 1024 * 1024)

#define COMMENT "Recovered: this recording was not completed, and is cut after its last whole record"

typedef struct
{
  int fd;
  GstPcapDecoder *decoder;
  guint64 size;                 /* of the file */
  guint64 end;                  /* of the last whole record */
  guint64 packets;
  guint64 zeros;                /* bytes behind it that are zero, if that is a record too */
  guint64 zero_packets;
  GstClockTime last_time;
  gboolean torn;                /* the file ends in the middle of a record */
  gboolean native;              /* pcapng in the byte order of this machine */
} Scan;

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

  if (flock (fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
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

/* Never over what is there. */
static gboolean
rename_to_new (const gchar * from, const gchar * to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  /* a filesystem that cannot do that */
  if (g_file_test (to, G_FILE_TEST_EXISTS)) {
    errno = EEXIST;
    return FALSE;
  }
  return g_rename (from, to) == 0;
}

/* What is between is nothing, or "-2", "-3", ...; NULL with errno. */
static gchar *
rename_to_unused (const gchar * from, const gchar * front, const gchar * back)
{
  for (guint i = 1;; i++) {
    g_autofree gchar *number = i == 1 ? g_strdup ("") :
        g_strdup_printf ("-%u", i);
    gchar *to = g_strconcat (front, number, back, NULL);

    if (rename_to_new (from, to))
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
  int fd = g_open (part, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);

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
  const gchar *slash = strrchr (stem, '/');
  const gchar *dot = strrchr (slash != NULL ? slash + 1 : stem, '.');

  if (dot == NULL || dot == (slash != NULL ? slash + 1 : stem))
    dot = stem + strlen (stem);
  front = g_strdup_printf ("%.*s-recovered", (int) (dot - stem), stem);
  return rename_to_unused (path, front, dot);
}

/* Reading. */

static void
take_piece (Scan * scan, const guint8 * data, gsize used)
{
  guint32 magic;

  scan->end += used + scan->zeros;
  scan->packets += scan->zero_packets;
  scan->zeros = scan->zero_packets = 0;
  if (gst_pcap_decoder_get_piece (scan->decoder) != GST_PCAP_PIECE_HEADER
      || used < 12)
    return;
  memcpy (&magic, data + 8, sizeof (magic));
  scan->native = magic == GST_PCAPNG_BYTE_ORDER_MAGIC;
}

/* What was reserved and not written is zeros, and they are packets of 1970 in a classic
 * file: only if something follows do they count. */
static void
take_packet (Scan * scan, const guint8 * data, gsize used,
    const GstPcapPacket * packet)
{
  if (packet->wire_length == 0) {
    scan->zeros += used;
    scan->zero_packets++;
    return;
  }
  take_piece (scan, data, used);
  scan->packets++;
  scan->last_time = packet->time;
}

/* Returns how many bytes were whole records; *@needed is how many more than there are the
 * next one has, or 0 if there is none. */
static gsize
decode (Scan * scan, const guint8 * data, gsize length, gsize * needed)
{
  GstPcapDecoderResult result;
  g_autoptr (GError) error = NULL;
  GstPcapPacket packet;
  gsize at = 0, used;

  for (;;) {
    result = gst_pcap_decoder_next (scan->decoder, data + at, length - at, &used,
        &packet, &error);
    if (result == GST_PCAP_DECODER_MORE || result == GST_PCAP_DECODER_ERROR)
      break;
    if (result == GST_PCAP_DECODER_PACKET)
      take_packet (scan, data + at, used, &packet);
    else
      take_piece (scan, data + at, used);
    at += used;
  }
  scan->torn = result == GST_PCAP_DECODER_MORE;
  *needed = scan->torn && used <= MOST_NEEDED ? used : 0;
  return at;
}

/* Up to where it makes sense. */
static gboolean
scan_file (Scan * scan, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GByteArray) buffer = g_byte_array_new ();
  gsize filled = 0, needed = PIECE, used;
  gssize n = 1;

  while (needed > 0 && n > 0) {
    if (g_cancellable_set_error_if_cancelled (cancellable, error))
      return FALSE;
    g_byte_array_set_size (buffer, MAX (needed, filled) + PIECE);
    n = read (scan->fd, buffer->data + filled, buffer->len - filled);
    if (n < 0 && errno == EINTR) {
      n = 1;
      continue;
    }
    filled += MAX (n, 0);
    used = decode (scan, buffer->data, filled, &needed);
    memmove (buffer->data, buffer->data + used, filled - used);
    filled -= used;
  }
  if (n >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
      "Cannot read it: %s", g_strerror (errno));
  return FALSE;
}

/* Nothing was written there. */
static gboolean
is_zero_from (int fd, guint64 at)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);
  gssize n;

  while ((n = pread (fd, buffer, PIECE, at)) > 0) {
    if (buffer[0] != 0 || memcmp (buffer, buffer + 1, n - 1) != 0)
      return FALSE;
    at += n;
  }
  return n == 0;
}

/* Only what never was whole may go. */
static gboolean
may_cut (Scan * scan)
{
  return scan->end == scan->size || (scan->torn
      && scan->size - scan->end <= MOST_TORN)
      || is_zero_from (scan->fd, scan->end);
}

/* Writing. */

static gboolean
append_comment (Scan * scan)
{
  g_autoptr (GByteArray) block = g_byte_array_new ();
  gssize n;

  if (!scan->native || gst_pcap_decoder_get_n_interfaces (scan->decoder) == 0)
    return TRUE;
  gst_pcapng_append_remark (block, scan->last_time, COMMENT);
  n = pwrite (scan->fd, block->data, block->len, scan->end);
  if (n != (gssize) block->len)
    return FALSE;
  scan->end += n;
  return TRUE;
}

/* TRUE with location: it is complete, without: it was empty. */
static gboolean
finish (Scan * scan, const gchar * path, GstPcapRecovery * report,
    GError ** error)
{
  g_autofree gchar *folder = g_path_get_dirname (path);
  int folder_fd;
  gboolean cut = may_cut (scan);

  if (scan->packets == 0 && cut) {
    g_unlink (path);
    return TRUE;
  }
  if (scan->end == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "\"%s\" is no capture: it stays as it is", path);
    return FALSE;
  }
  if (!cut)
    report->damaged_at = scan->end;
  else if (!append_comment (scan) || ftruncate (scan->fd, scan->end) < 0)
    return set_error (error, "complete", path);
  if (fsync (scan->fd) < 0)
    return set_error (error, "complete", path);
  report->location = name_recovered (path);
  if (report->location == NULL)
    return set_error (error, "rename", path);
  folder_fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder_fd >= 0) {
    fsync (folder_fd);
    close (folder_fd);
  }
  return TRUE;
}

static gboolean
complete (Scan * scan, const gchar * path, GCancellable * cancellable,
    GstPcapRecovery * report, GError ** error)
{
  struct stat info;
  guint64 whole;

  if (gst_pcap_recovery_lock (scan->fd, path) != GST_PCAP_LOCKED) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
        "\"%s\" is being completed by somebody else", path);
    return FALSE;
  }
  if (fstat (scan->fd, &info) < 0)
    return set_error (error, "read", path);
  scan->size = info.st_size;
  if (!scan_file (scan, cancellable, error)) {
    g_prefix_error (error, "\"%s\": ", path);
    return FALSE;
  }
  whole = scan->end;
  if (!finish (scan, path, report, error))
    return FALSE;
  report->packets = scan->packets;
  report->bytes = report->damaged_at > 0 ? scan->size : scan->end;
  report->cut = report->damaged_at > 0 ? 0 : scan->size - whole;
  return TRUE;
}

gboolean
gst_pcap_recovery_complete (const gchar * path, GCancellable * cancellable,
    GstPcapRecovery * report, GError ** error)
{
  Scan scan = {.fd = g_open (path, O_RDWR | O_CLOEXEC, 0) };
  gboolean ok;

  *report = (GstPcapRecovery) { NULL, };
  if (scan.fd < 0)
    return set_error (error, "open", path);
  scan.decoder = gst_pcap_decoder_new ();
  ok = complete (&scan, path, cancellable, report, error);
  gst_pcap_decoder_free (scan.decoder);
  close (scan.fd);
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
