/* gst-afring: what a pre-roll gives its recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappreroll-private.h"

/* How long what was captured can be on its way here: an idle recording ends so much
 * later. */
#define ON_THE_WAY GST_SECOND

/* Pieces that are kept ready. */
#define READY 4

/* When nothing has come for so long that nothing will, for an idle recording has its end,
 * too: monotonic, microseconds. While the streaming thread waits for the disk it is not
 * idle: what it brings then says when it is. */
static gint64
get_idle_end (PcapPreroll * self)
{
  GstClockTime now = pcap_preroll_get_now (self);
  gint64 monotonic = g_get_monotonic_time ();
  gint64 left = 0;

  if (!self->recording || self->direct || self->waiting
      || self->end >= GST_CLOCK_TIME_NONE - ON_THE_WAY)
    return G_MAXINT64;
  if (self->end + ON_THE_WAY > now)
    left = GST_TIME_AS_USECONDS (self->end + ON_THE_WAY - now) + 1;
  return MAX (monotonic + left, self->list_time
      + (gint64) GST_TIME_AS_USECONDS (ON_THE_WAY));
}

static void
wait_for_work (PcapPreroll * self)
{
  gint64 end = get_idle_end (self);

  if (end == G_MAXINT64)
    g_cond_wait (&self->work, &self->lock);
  else if (end <= g_get_monotonic_time ())
    pcap_preroll_end_recording (self);
  else
    g_cond_wait_until (&self->work, &self->lock, end);
}

/* Memory that has no pages yet takes long, on some machines longer than a capture can wait:
 * some pieces are ready before they are wanted. FALSE if there is nothing to do. */
static gboolean
make_ahead (PcapPreroll * self)
{
  PcapHeld *held;

  if (self->recording || g_queue_get_length (&self->free) >= READY
      || self->allocated + self->piece_size > self->config.max_bytes)
    return FALSE;
  self->allocated += self->piece_size;
  g_mutex_unlock (&self->lock);
  held = pcap_held_new (self->piece_size);
  g_mutex_lock (&self->lock);
  if (held == NULL) {
    self->allocated -= self->piece_size;
    return FALSE;
  }
  g_queue_push_head (&self->free, held);
  g_cond_broadcast (&self->done);
  return TRUE;
}

void
pcap_preroll_free_job (PcapPrerollJob * job)
{
  g_clear_pointer (&job->held, pcap_held_free);
  g_clear_pointer (&job->controls, g_ptr_array_unref);
  g_free (job->comment);
  g_free (job);
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
    else if (!make_ahead (self))
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

/* A recorder that has ended does not mind. */
static void
do_controls (PcapPreroll * self, GPtrArray * controls)
{
  pcap_recorder_lock (self->recorder);
  for (guint i = 0; i < controls->len; i++) {
    pcap_recorder_renew (self->recorder);
    pcap_control_apply (g_ptr_array_index (controls, i), self->recorder);
  }
  pcap_recorder_unlock (self->recorder);
}

/* Takes what it holds. */
static void
do_replay (PcapPreroll * self, PcapHeld * held)
{
  PcapHeldCounts counts;
  PcapRecorderResult result = pcap_held_replay (held, self->recorder, &counts);

  g_mutex_lock (&self->lock);
  self->counts.aged_out += counts.skipped;
  self->counts.lost += counts.lost;
  if (self->result == PCAP_RECORDER_OK)
    self->result = result;
  self->losses = *pcap_recorder_peek_losses (self->recorder);
  pcap_preroll_recycle (self, held);
  g_mutex_unlock (&self->lock);
}

static void
do_job (PcapPreroll * self, PcapPrerollJob * job)
{
  switch (job->type) {
    case PCAP_PREROLL_TRIGGER:
      do_trigger (self, job);
      break;
    case PCAP_PREROLL_REPLAY:
      do_replay (self, g_steal_pointer (&job->held));
      break;
    case PCAP_PREROLL_CONTROL:
      do_controls (self, job->controls);
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
    pcap_preroll_free_job (job);
    g_mutex_lock (&self->lock);
    self->busy = FALSE;
    self->jobs_done++;
    g_cond_broadcast (&self->done);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}
