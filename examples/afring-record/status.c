/* afring-record: what it says
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "status.h"
#include "journal.h"
#include "units.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DEFAULT_WIDTH 80

void
record_status_init (RecordStatus * self, gboolean quiet)
{
  memset (self, 0, sizeof (*self));
  self->on = !quiet && isatty (STDERR_FILENO);
  self->started = self->looked = g_get_monotonic_time ();
}

guint64
record_status_get_disk_free (const gchar * file)
{
  g_autofree gchar *folder = g_path_get_dirname (file);
  struct statvfs disk;

  return statvfs (folder, &disk) < 0 ? 0 :
      (guint64) disk.f_bavail * disk.f_frsize;
}

/* Until the disk is full, at the rate of now; empty if that cannot be said. */
static gchar *
format_disk (guint64 disk_free, gdouble bytes_per_second)
{
  g_autofree gchar *time = NULL;

  if (bytes_per_second < 1 || disk_free == 0)
    return g_strdup ("");
  time = units_format_time ((GstClockTime) (disk_free / bytes_per_second)
      * GST_SECOND);
  return g_strdup_printf ("  disk for %s", time);
}

/* What the pre-roll holds, while it does. */
static gchar *
format_preroll (const RecordCounts * counts)
{
  g_autofree gchar *bytes = units_format_short (counts->held_bytes, "B");

  if (!counts->has_preroll)
    return g_strdup ("");
  return g_strdup_printf ("  %s, %.1f s %s held", counts->armed ? "armed" :
      "recording", counts->held_time / (gdouble) GST_SECOND, bytes);
}

static gchar *
make_line (RecordStatus * self, const RecordCounts * counts, const gchar * file)
{
  gint64 now = g_get_monotonic_time ();
  gdouble seconds = MAX (now - self->looked, 1) / (gdouble) G_USEC_PER_SEC;
  g_autofree gchar *time =
      units_format_time ((now - self->started) * GST_USECOND);
  g_autofree gchar *captured = units_format_count (counts->captured);
  g_autofree gchar *rate = units_format_short ((counts->captured -
          self->before.captured) / seconds, "packet/s");
  g_autofree gchar *bits = units_format_short ((counts->bytes -
          self->before.bytes) * 8 / seconds, "bit/s");
  g_autofree gchar *dropped = units_format_count (counts->ring_dropped
      + counts->interface_dropped);
  g_autofree gchar *kept = units_format_short (counts->kept_bytes, "B");
  g_autofree gchar *preroll = format_preroll (counts);
  g_autofree gchar *disk = format_disk (counts->disk_free, (counts->disk_bytes
          - self->before.disk_bytes) / seconds);

  self->looked = now;
  self->before = *counts;
  return g_strdup_printf ("%s  %s packets  %s  %s  %s dropped  %s kept%s%s  %s",
      time, captured, rate, bits, dropped, kept, preroll, disk,
      file != NULL ? file : "");
}

static gsize
get_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ?
      size.ws_col - 1 : DEFAULT_WIDTH - 1;
}

void
record_status_show (RecordStatus * self, const RecordCounts * counts,
    const gchar * file)
{
  g_autofree gchar *line = NULL;

  if (!self->on)
    return;
  line = make_line (self, counts, file);
  if (strlen (line) > get_width ())
    line[get_width ()] = '\0';
  g_printerr ("\r\033[K%s", line);
  self->shown = TRUE;
}

void
record_status_hide (RecordStatus * self)
{
  if (self->shown)
    g_printerr ("\r\033[K");
  self->shown = FALSE;
}

static void
print_drops (guint64 n, const gchar * why)
{
  g_autofree gchar *count = units_format_count (n);

  if (n > 0)
    g_printerr ("%s packets %s\n", count, why);
}

static void
print_compression (const RecordCounts * counts)
{
  g_autofree gchar *disk = units_format_count (counts->disk_bytes);
  g_autofree gchar *stored = units_format_count (counts->stored_bytes);

  if (counts->disk_bytes != counts->file_bytes)
    g_printerr ("Compressed: %s bytes on the disk\n", disk);
  if (counts->stored_bytes > 0)
    g_printerr ("%s bytes were not compressed: the processors did not keep up\n",
        stored);
}

/* FALSE if there is none. */
static gboolean
log_summary (const RecordCounts * counts, const gchar * message)
{
  JournalEntry *entry = journal_entry_new (counts->ring_dropped
      + counts->interface_dropped + counts->discarded > 0 ? G_LOG_LEVEL_WARNING :
      G_LOG_LEVEL_INFO);

  journal_entry_add_number (entry, "AFRING_PACKETS", counts->recorded);
  journal_entry_add_number (entry, "AFRING_BYTES", counts->file_bytes);
  journal_entry_add_number (entry, "AFRING_FILES", counts->files);
  journal_entry_add_number (entry, "AFRING_DROPPED_RING", counts->ring_dropped);
  journal_entry_add_number (entry, "AFRING_DROPPED_INTERFACE",
      counts->interface_dropped);
  journal_entry_add_number (entry, "AFRING_DROPPED_STOP", counts->discarded);
  if (counts->has_preroll)
    journal_entry_add_number (entry, "AFRING_TRIGGERS", counts->triggers);
  return journal_entry_send (entry, message);
}

void
record_status_summarize (RecordStatus * self, const RecordCounts * counts)
{
  g_autofree gchar *time = units_format_time ((g_get_monotonic_time ()
          - self->started) * GST_USECOND);
  g_autofree gchar *recorded = units_format_count (counts->recorded);
  g_autofree gchar *dropped = units_format_count (counts->ring_dropped);
  g_autofree gchar *bytes = units_format_count (counts->file_bytes);
  g_autofree gchar *sum = g_strdup_printf ("%s packets recorded in %s, %s dropped; %"
      G_GUINT64_FORMAT " file%s, %s bytes", recorded, time, dropped, counts->files,
      counts->files == 1 ? "" : "s", bytes);

  record_status_hide (self);
  if (log_summary (counts, sum))
    return;
  g_printerr ("%s\n", sum);
  print_compression (counts);
  print_drops (counts->interface_dropped, "were dropped by the network adapter");
  print_drops (counts->discarded, "were captured and are in no file");
  if (!counts->has_preroll)
    return;
  g_printerr ("%" G_GUINT64_FORMAT " trigger%s\n", counts->triggers,
      counts->triggers == 1 ? "" : "s");
  print_drops (counts->aged_out, "passed by before anything triggered");
  print_drops (counts->cut, "of these seconds went sooner: --pre-roll-size is too small");
}
