/* gst-afring: when a pre-roll records
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappreroll-private.h"

static void
set_end (PcapPreroll * self, GstClockTime end)
{
  __atomic_store_n (&self->end, end, __ATOMIC_RELAXED);
}

gboolean
pcap_preroll_is_over (PcapPreroll * self, GstClockTime time)
{
  return time != GST_CLOCK_TIME_NONE
      && time > __atomic_load_n (&self->end, __ATOMIC_RELAXED);
}

void
pcap_preroll_end_recording (PcapPreroll * self)
{
  if (!self->recording)
    return;
  pcap_preroll_close_tail (self);
  pcap_preroll_push_job (self, PCAP_PREROLL_PAUSE, NULL);
  self->recording = FALSE;
}

static void
push_trigger (PcapPreroll * self, const gchar * comment, GstClockTime time,
    GstClockTime begin)
{
  PcapPrerollJob *job = pcap_preroll_push_job (self, PCAP_PREROLL_TRIGGER, NULL);

  job->comment = g_strdup (comment);
  job->time = time;
  job->begin = begin;
}

/* What was held is for the recorder, from the beginning on; jobs for what was forgotten
 * before come first. */
static void
begin_recording (PcapPreroll * self, const gchar * comment, GstClockTime time)
{
  GstClockTime begin = time - MIN (time, self->config.time);
  PcapHeld *held;

  pcap_preroll_close_tail (self);
  pcap_preroll_forget_old (self, time);
  push_trigger (self, comment, time, begin);
  while ((held = g_queue_pop_head (&self->held)) != NULL) {
    held->skip_before = begin;
    pcap_preroll_push_job (self, PCAP_PREROLL_REPLAY, held);
  }
  self->recording = TRUE;
}

static void
extend (PcapPreroll * self, GstClockTime time, gboolean begun)
{
  GstClockTime post = self->config.post_time;
  GstClockTime end = post == 0 || time > GST_CLOCK_TIME_NONE - post ?
      GST_CLOCK_TIME_NONE : time + post;

  set_end (self, begun ? end : MAX (end, self->end));
  self->counts.triggers++;
  g_cond_signal (&self->work);
}

void
pcap_preroll_trigger (PcapPreroll * self, const gchar * comment)
{
  GstClockTime now;
  gboolean begins;

  g_mutex_lock (&self->lock);
  now = pcap_preroll_get_now (self);
  begins = !self->recording;
  if (begins)
    begin_recording (self, comment, now);
  else
    push_trigger (self, comment, now, GST_CLOCK_TIME_NONE);
  extend (self, now, begins);
  g_mutex_unlock (&self->lock);
}

/* There can be as many as there are packets: only the first is worth a word. */
void
pcap_preroll_match (PcapPreroll * self, GstClockTime time)
{
  gboolean begins;

  if (self->direct)
    g_mutex_lock (&self->lock);
  time = time == GST_CLOCK_TIME_NONE ? pcap_preroll_get_now (self) :
      pcap_preroll_make_plausible (self, time);
  begins = !self->recording;
  if (begins)
    begin_recording (self, NULL, time);
  extend (self, time, begins);
  if (self->direct)
    g_mutex_unlock (&self->lock);
}

void
pcap_preroll_stop (PcapPreroll * self)
{
  g_mutex_lock (&self->lock);
  pcap_preroll_end_recording (self);
  g_mutex_unlock (&self->lock);
}
