/* gst-afring: one recording, from its start to its end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaprecording.h"

struct _PcapRecording
{
  gatomicrefcount refs;
  PcapRecorder *recorder;
  PcapPreroll *preroll;         /* or NULL */
  PcapIntake *intake;
  PcapRecovery *recovery;       /* or NULL */
};

PcapRecording *
pcap_recording_new (const PcapRecordingConfig * config, PcapTrigger * trigger,
    const PcapRecordingFuncs * funcs, gpointer user_data, GError ** error)
{
  PcapRecorderConfig recorder_config = config->recorder;
  PcapRecording *self = g_new0 (PcapRecording, 1);

  g_atomic_ref_count_init (&self->refs);
  recorder_config.paused = config->preroll.time > 0;
  /* what is in the way of the first file, too */
  if (config->recover != NULL)
    self->recovery = pcap_recovery_new (config->recover,
        config->recorder.index, &funcs->recovery, user_data);
  self->recorder = pcap_recorder_new (&recorder_config, &funcs->files, user_data,
      error);
  if (self->recorder != NULL && config->preroll.time > 0)
    self->preroll = pcap_preroll_new (&config->preroll, self->recorder,
        funcs->triggered, user_data, error);
  if (self->recorder == NULL
      || (config->preroll.time > 0 && self->preroll == NULL)) {
    pcap_recording_unref (self);
    return NULL;
  }
  self->intake = pcap_intake_new (self->recorder, self->preroll, trigger);
  return self;
}

PcapRecording *
pcap_recording_ref (PcapRecording * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
pcap_recording_unref (PcapRecording * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  if (self->preroll != NULL) {
    pcap_preroll_finish (self->preroll);
    pcap_preroll_free (self->preroll);
  }
  g_clear_pointer (&self->intake, pcap_intake_free);
  g_clear_pointer (&self->recorder, pcap_recorder_unref);
  g_clear_pointer (&self->recovery, pcap_recovery_free);
  g_free (self);
}

void
pcap_recording_close (PcapRecording * self)
{
  if (self->preroll != NULL)
    pcap_preroll_close (self->preroll);
  if (self->recovery != NULL)
    pcap_recovery_close (self->recovery);
}

PcapRecorderResult
pcap_recording_get_result (PcapRecording * self)
{
  return self->preroll != NULL ? pcap_preroll_get_result (self->preroll) :
      PCAP_RECORDER_OK;
}

PcapIntake *
pcap_recording_get_intake (PcapRecording * self)
{
  return self->intake;
}

gboolean
pcap_recording_has_preroll (PcapRecording * self)
{
  return self->preroll != NULL;
}

void
pcap_recording_trigger (PcapRecording * self, const gchar * comment)
{
  if (self->preroll != NULL)
    pcap_preroll_trigger (self->preroll, comment);
}

void
pcap_recording_stop (PcapRecording * self)
{
  if (self->preroll != NULL)
    pcap_preroll_stop (self->preroll);
}

void
pcap_recording_rotate (PcapRecording * self)
{
  if (self->preroll != NULL)
    pcap_preroll_drain (self->preroll);
  pcap_recorder_lock (self->recorder);
  pcap_recorder_rotate (self->recorder);
  pcap_recorder_unlock (self->recorder);
}

gboolean
pcap_recording_flush (PcapRecording * self)
{
  if (self->preroll != NULL)
    pcap_preroll_drain (self->preroll);
  return pcap_recorder_flush (self->recorder);
}

gboolean
pcap_recording_end (PcapRecording * self)
{
  gboolean ok = self->preroll == NULL || pcap_preroll_finish (self->preroll);

  return pcap_recorder_end (self->recorder) && ok;
}

gboolean
pcap_recording_is_empty (PcapRecording * self)
{
  return self->preroll == NULL && pcap_recorder_is_empty (self->recorder);
}

void
pcap_recording_abandon (PcapRecording * self)
{
  pcap_recorder_abandon (self->recorder);
}

void
pcap_recording_set_impatient (PcapRecording * self)
{
  pcap_recorder_set_impatient (self->recorder);
}

void
pcap_recording_set_unlocked (PcapRecording * self, gboolean unlocked)
{
  if (self->preroll != NULL)
    pcap_preroll_set_unlocked (self->preroll, unlocked);
  pcap_recorder_set_unlocked (self->recorder, unlocked);
}

void
pcap_recording_set_comments (PcapRecording * self,
    const gchar * const *comments)
{
  /* armed, there is no file, and the next one asks for them */
  if (self->preroll != NULL)
    return;
  pcap_recorder_lock (self->recorder);
  pcap_recorder_set_comments (self->recorder, comments);
  pcap_recorder_unlock (self->recorder);
}

void
pcap_recording_get_stats (PcapRecording * self, PcapRecordingStats * stats)
{
  *stats = (PcapRecordingStats) { 0, };
  pcap_recorder_get_stats (self->recorder, &stats->recorder);
  stats->has_preroll = self->preroll != NULL;
  if (stats->has_preroll)
    pcap_preroll_get_stats (self->preroll, &stats->preroll);
}
