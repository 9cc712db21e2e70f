/* gst-afring: packets into the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "pcaprecorder-private.h"

/* How soon to look again while the disk is behind. Microseconds. */
#define BUSY_INTERVAL 5000

/* FALSE before and after the recording, and while it is paused. */
static gboolean
has_file (PcapRecorder * self)
{
  return !self->ended && !self->paused;
}

/* There is a file. FALSE if there was no chunk for it. */
static gboolean
do_what_is_due (PcapRecorder * self)
{
  gboolean rotate = pcap_rotation_is_due (&self->rotation);

  if (!rotate && g_get_monotonic_time () < self->output.flush_due)
    return TRUE;
  /* a header that says nothing is not worth a flush, and would stay there */
  if (!rotate && !self->known) {
    self->output.flush_due = BUSY_INTERVAL +
        pcap_output_time_after (self->config.flush_interval);
    return TRUE;
  }
  if (!pcap_output_fill (&self->output)
      || !pcap_output_ensure (&self->output, 0))
    return FALSE;
  pcap_recorder_begin_file (self);
  if (rotate)
    pcap_recorder_next_file (self);
  else
    pcap_output_submit (&self->output, TRUE);
  return TRUE;
}

/* The writer's thread, which must not wait for itself. */
static gint64
tick (gpointer user_data)
{
  PcapRecorder *self = user_data;
  gint64 next = G_MAXINT64;

  g_mutex_lock (&self->lock);
  if (has_file (self) && !pcap_writer_has_failed (self->writer)) {
    if (do_what_is_due (self))
      next = MIN (pcap_rotation_get_next (&self->rotation),
          self->output.flush_due);
    else
      next = g_get_monotonic_time () + BUSY_INTERVAL;
  }
  g_mutex_unlock (&self->lock);
  return next;
}

PcapRecorder *
pcap_recorder_new (const PcapRecorderConfig * config,
    const PcapFilesFuncs * funcs, gpointer user_data, GError ** error)
{
  PcapRecorder *self = g_new0 (PcapRecorder, 1);
  g_autofree gchar *pattern = NULL;

  g_atomic_ref_count_init (&self->refs);
  self->config = *config;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  self->scratch = g_byte_array_new ();
  self->section = pcap_section_new (config->max_size);
  self->drops = pcap_drops_new ();
  self->answers = g_array_new (FALSE, FALSE, sizeof (GstCaptureStatistics));
  self->encoder = gst_pcap_encoder_new (GST_PCAP_FORMAT_PCAPNG,
      config->precision, APPLICATION);
  self->writer = pcap_writer_new (&config->files, funcs, user_data, tick, self);
  pcap_output_init (&self->output, self->writer, config->flush_interval);
  pcap_rotation_init (&self->rotation, config->max_duration, config->rotate_at);
  pattern = pcap_recorder_plan_file (self);
  self->paused = config->paused;
  if (config->paused ? pcap_writer_start (self->writer, pattern, error) :
      pcap_writer_open (self->writer, pattern, error))
    return self;
  self->ended = TRUE;
  pcap_recorder_unref (self);
  return NULL;
}

PcapRecorder *
pcap_recorder_ref (PcapRecorder * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
pcap_recorder_unref (PcapRecorder * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  if (!self->ended)
    pcap_recorder_end (self);
  pcap_writer_free (self->writer);
  pcap_output_clear (&self->output);
  gst_pcap_encoder_free (self->encoder);
  pcap_section_free (self->section);
  pcap_drops_free (self->drops);
  g_array_unref (self->answers);
  g_byte_array_unref (self->scratch);
  g_free (self->comment);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* With the lock; lets it go while it waits. */
static void
reserve (PcapRecorder * self)
{
  gboolean ok = TRUE;

  while (ok && !self->ended && !pcap_output_fill (&self->output)) {
    g_mutex_unlock (&self->lock);
    ok = pcap_writer_wait (self->writer);
    g_mutex_lock (&self->lock);
  }
}

void
pcap_recorder_renew (PcapRecorder * self)
{
  if (G_UNLIKELY (self->output.n_spares < PCAP_OUTPUT_SPARES))
    reserve (self);
}

void
pcap_recorder_lock (PcapRecorder * self)
{
  g_mutex_lock (&self->lock);
  pcap_recorder_renew (self);
  if (pcap_rotation_is_due (&self->rotation) && has_file (self)) {
    do_what_is_due (self);
    reserve (self);
  }
}

/* A stream that never stops does not leave it to the writer's thread, which may
 * be waiting for the disk, to see what is due. */
void
pcap_recorder_unlock (PcapRecorder * self)
{
  if (has_file (self))
    do_what_is_due (self);
  g_mutex_unlock (&self->lock);
}

void
pcap_recorder_set_interface (PcapRecorder * self,
    const GstCaptureInterface * iface)
{
  gst_pcap_encoder_set_interface (self->encoder, iface);
}

void
pcap_recorder_note_interface (PcapRecorder * self,
    const GstCaptureInterface * iface, gboolean in_blocks)
{
  if (!in_blocks || self->format == GST_PCAP_FORMAT_PCAP)
    gst_pcap_encoder_set_interface (self->encoder, iface);
}

void
pcap_recorder_set_statistics (PcapRecorder * self,
    const GstCaptureStatistics * statistics)
{
  gst_pcap_encoder_set_statistics (self->encoder, statistics);
  pcap_drops_take (self->drops, statistics, FALSE);
}

void
pcap_recorder_note_statistics (PcapRecorder * self,
    const GstCaptureStatistics * statistics)
{
  pcap_drops_take (self->drops, statistics, TRUE);
}

void
pcap_recorder_set_link_type (PcapRecorder * self, guint32 link_type)
{
  self->known = TRUE;
  self->config.link_type = link_type;
}

void
pcap_recorder_set_comments (PcapRecorder * self, const gchar * const *comments)
{
  gst_pcap_encoder_set_comments (self->encoder, comments);
}

void
pcap_recorder_rotate (PcapRecorder * self)
{
  if (has_file (self) && pcap_output_ensure (&self->output, 0))
    pcap_recorder_next_file (self);
}

void
pcap_recorder_pause (PcapRecorder * self)
{
  if (!has_file (self))
    return;
  if (pcap_output_ensure (&self->output, 0))
    pcap_recorder_cut_file (self);
  pcap_writer_close (self->writer);
  pcap_output_restart (&self->output);
  self->begun = FALSE;
  self->paused = TRUE;
  if (++self->n_files == self->config.most_files)
    self->ended = TRUE;
}

void
pcap_recorder_resume (PcapRecorder * self, const gchar * comment)
{
  g_autofree gchar *pattern = NULL;

  if (self->ended || !self->paused)
    return;
  g_free (self->comment);
  self->comment = g_strdup (comment);
  self->paused = FALSE;
  pattern = pcap_recorder_plan_file (self);
  pcap_writer_rotate (self->writer, pattern);
  pcap_output_restart (&self->output);
  pcap_writer_tick_by (self->writer, MIN (self->output.flush_due,
          pcap_rotation_get_next (&self->rotation)));
}

gboolean
pcap_recorder_flush (PcapRecorder * self)
{
  pcap_recorder_lock (self);
  if (has_file (self) && pcap_output_ensure (&self->output, 0)) {
    pcap_recorder_begin_file (self);
    pcap_output_submit (&self->output, TRUE);
  }
  pcap_recorder_unlock (self);
  return pcap_writer_drain (self->writer);
}

gboolean
pcap_recorder_end (PcapRecorder * self)
{
  pcap_recorder_lock (self);
  if (!self->ended) {
    if (has_file (self) && pcap_output_ensure (&self->output, 0))
      pcap_recorder_end_file (self);
    self->ended = TRUE;
    pcap_writer_close (self->writer);
  }
  pcap_recorder_unlock (self);
  return pcap_writer_drain (self->writer);
}

gboolean
pcap_recorder_is_empty (PcapRecorder * self)
{
  PcapFilesStats stats;

  pcap_writer_get_stats (self->writer, &stats);
  g_free (stats.file.location);
  return stats.packets == 0 && stats.files == 1 && self->output.packets == 0;
}

void
pcap_recorder_abandon (PcapRecorder * self)
{
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_mutex_unlock (&self->lock);
  pcap_writer_abandon (self->writer);
}

gboolean
pcap_recorder_has_failed (PcapRecorder * self)
{
  return pcap_writer_has_failed (self->writer);
}

void
pcap_recorder_set_impatient (PcapRecorder * self)
{
  pcap_writer_set_impatient (self->writer);
}

void
pcap_recorder_set_unlocked (PcapRecorder * self, gboolean unlocked)
{
  pcap_writer_set_unlocked (self->writer, unlocked);
}

/* What is still on its way counts, unless it will not arrive. */
void
pcap_recorder_get_stats (PcapRecorder * self, PcapRecorderStats * stats)
{
  PcapFilesStats *files = &stats->files;

  g_mutex_lock (&self->lock);
  pcap_writer_get_stats (self->writer, files);
  if (!pcap_writer_has_failed (self->writer)) {
    files->packets = self->output.total_packets;
    files->bytes = self->output.total_size;
    files->file.packets = self->output.packets;
    files->file.bytes = self->output.size;
  }
  stats->dropped = pcap_drops_get (self->drops);
  stats->losses = self->losses;
  g_mutex_unlock (&self->lock);
}

const PcapRecorderLosses *
pcap_recorder_peek_losses (PcapRecorder * self)
{
  return &self->losses;
}
