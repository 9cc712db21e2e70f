/* gst-afring: what a pre-roll gives its recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappreroll-private.h"

/* How long what was captured can be on its way here: an idle recording ends so much
 * later. */
#define ON_THE_WAY GST_SECOND

/* An idle recording ends, too. */
static void
wait_for_work (PcapPreroll * self)
{
  GstClockTime now = pcap_preroll_get_now (self), over = self->end;

  if (!self->recording || over >= GST_CLOCK_TIME_NONE - ON_THE_WAY) {
    g_cond_wait (&self->work, &self->lock);
    return;
  }
  over += ON_THE_WAY;
  if (now >= over)
    pcap_preroll_end_recording (self);
  else
    g_cond_wait_until (&self->work, &self->lock, g_get_monotonic_time ()
        + (gint64) GST_TIME_AS_USECONDS (over - now) + 1);
}

static PcapPrerollJob *
take_job (PcapPreroll * self)
{
  for (;;) {
    if (!self->direct && !g_queue_is_empty (&self->jobs))
      return g_queue_pop_head (&self->jobs);
    if (!self->direct && self->recording && self->tail != NULL)
      pcap_preroll_close_tail (self);
    else if (self->ending)
      return NULL;
    else
      wait_for_work (self);
  }
}

/* What a file says of why it is there. */
static gchar *
make_comment (const PcapPrerollJob * job)
{
  g_autoptr (GDateTime) second = g_date_time_new_from_unix_utc (job->time
      / GST_SECOND);
  g_autofree gchar *date = second == NULL ? g_strdup ("an unknown time") :
      g_date_time_format (second, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("Triggered at %s.%06uZ%s%s", date,
      (guint) (job->time % GST_SECOND / GST_USECOND),
      job->comment != NULL ? ": " : "", job->comment != NULL ? job->comment : "");
}

static void
do_trigger (PcapPreroll * self, const PcapPrerollJob * job)
{
  g_autofree gchar *comment = make_comment (job);

  self->triggered (job->comment, job->time, job->begin, self->user_data);
  pcap_recorder_lock (self->recorder);
  pcap_recorder_resume (self->recorder, comment);
  pcap_recorder_unlock (self->recorder);
}

static void
do_replay (PcapPreroll * self, PcapHeld * held)
{
  guint64 skipped;
  PcapRecorderResult result = pcap_held_replay (held, self->recorder, &skipped);

  g_mutex_lock (&self->lock);
  if (held->skip_before != GST_CLOCK_TIME_NONE)
    self->counts.aged_out += skipped;
  if (self->result == PCAP_RECORDER_OK)
    self->result = result;
  self->losses = *pcap_recorder_peek_losses (self->recorder);
  pcap_preroll_recycle (self, held);
  g_mutex_unlock (&self->lock);
}

static void
do_job (PcapPreroll * self, const PcapPrerollJob * job)
{
  switch (job->type) {
    case PCAP_PREROLL_TRIGGER:
      do_trigger (self, job);
      break;
    case PCAP_PREROLL_REPLAY:
      do_replay (self, job->held);
      break;
    case PCAP_PREROLL_PAUSE:
      pcap_recorder_lock (self->recorder);
      pcap_recorder_pause (self->recorder);
      pcap_recorder_unlock (self->recorder);
      break;
  }
}

gpointer
pcap_preroll_run (gpointer data)
{
  PcapPreroll *self = data;
  PcapPrerollJob *job;

  g_mutex_lock (&self->lock);
  while ((job = take_job (self)) != NULL) {
    self->busy = TRUE;
    g_mutex_unlock (&self->lock);
    do_job (self, job);
    g_free (job->comment);
    g_free (job);
    g_mutex_lock (&self->lock);
    self->busy = FALSE;
    self->jobs_done++;
    g_cond_broadcast (&self->done);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}
