/* gst-afring: what earlier recordings could not complete
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaprecovery.h"
#include "pcapnames.h"

#include <glob.h>
#include <gst/gst.h>

struct _PcapRecovery
{
  PcapRecoveryFuncs funcs;
  gpointer user_data;
  gboolean indexed;
  GThread *thread;
  GCancellable *cancellable;
  GPtrArray *paths;             /* set aside */
};

static void
set_aside (PcapRecovery * self, const gchar * path)
{
  g_autoptr (GError) error = NULL;
  gchar *aside = gst_pcap_recovery_set_aside (path, &error);

  if (aside != NULL)
    g_ptr_array_add (self->paths, aside);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY))
    GST_INFO ("%s", error->message);
  else
    self->funcs.failed (error, self->user_data);
}

static void
find (PcapRecovery * self, const gchar * pattern, const gchar * suffix)
{
  g_autofree gchar *names = pcap_names_make_glob (pattern);
  g_autofree gchar *wanted = g_strconcat (names, suffix, NULL);
  glob_t found;

  if (glob (wanted, 0, NULL, &found) != 0)
    return;
  for (gsize i = 0; i < found.gl_pathc; i++)
    set_aside (self, found.gl_pathv[i]);
  globfree (&found);
}

static void
complete (PcapRecovery * self, const gchar * path)
{
  g_autoptr (GError) error = NULL;
  GstPcapRecovery report;

  if (gst_pcap_recovery_complete (path, self->indexed, self->cancellable,
          &report, &error)) {
    self->funcs.recovered (&report, self->user_data);
    g_free (report.location);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    self->funcs.failed (error, self->user_data);
  }
}

static gpointer
run (gpointer data)
{
  PcapRecovery *self = data;

  for (guint i = 0; i < self->paths->len; i++)
    if (!g_cancellable_is_cancelled (self->cancellable))
      complete (self, g_ptr_array_index (self->paths, i));
  return NULL;
}

PcapRecovery *
pcap_recovery_new (const gchar * pattern, gboolean indexed,
    const PcapRecoveryFuncs * funcs, gpointer user_data)
{
  PcapRecovery *self = g_new0 (PcapRecovery, 1);

  self->funcs = *funcs;
  self->user_data = user_data;
  self->indexed = indexed;
  self->cancellable = g_cancellable_new ();
  self->paths = g_ptr_array_new_with_free_func (g_free);
  find (self, pattern, GST_PCAP_RECOVERING_SUFFIX);
  find (self, pattern, GST_PCAP_PART_SUFFIX);
  if (self->paths->len > 0) {
    self->thread = g_thread_try_new ("pcap-recovery", run, self, NULL);
    if (self->thread != NULL)
      return self;
    GST_WARNING ("what a crash has left stays as it is: no thread can be had");
  }
  pcap_recovery_free (self);
  return NULL;
}

void
pcap_recovery_close (PcapRecovery * self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->thread, g_thread_join);
}

void
pcap_recovery_free (PcapRecovery * self)
{
  pcap_recovery_close (self);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->paths);
  g_free (self);
}
