/* gst-afring: the last seconds of a stream, until somebody asks for them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappreroll-private.h"

/* What is held is in pieces of so many bytes, or of a part of the memory or the time
 * that there is: one piece is what is forgotten at once. */
#define LARGEST_PIECE (2 * 1024 * 1024)
#define LEAST_PIECE (64 * 1024)
#define PART 16

/* How often it is looked whether the machine has memory again. */
#define LOOK_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

/* A stream whose times are so close to the clock is captured now, also if its packets
 * need a moment to come here. */
#define LIVE (2 * GST_SECOND)

/* Time. */

static GstClockTime
get_real_time (void)
{
  return g_get_real_time () * GST_USECOND;
}

/* Capture time of what would be captured now. With the lock, as what follows. */
GstClockTime
pcap_preroll_get_now (PcapPreroll * self)
{
  return get_real_time () - self->lag;
}

static void
take_time (PcapPreroll * self, GstClockTime time)
{
  GstClockTime now = get_real_time ();

  if (time == GST_CLOCK_TIME_NONE)
    return;
  self->last_time = time;
  self->lag = time < now && now - time > LIVE ? now - time : 0;
}

/* What is held. */

PcapPrerollJob *
pcap_preroll_push_job (PcapPreroll * self, PcapPrerollJobType type, PcapHeld * held)
{
  PcapPrerollJob *job = g_new0 (PcapPrerollJob, 1);

  job->type = type;
  job->held = held;
  g_queue_push_tail (&self->jobs, job);
  self->jobs_pushed++;
  g_cond_signal (&self->work);
  return job;
}

void
pcap_preroll_recycle (PcapPreroll * self, PcapHeld * held)
{
  if (held->capacity == self->piece_size) {
    pcap_held_reset (held);
    g_queue_push_tail (&self->free, held);
  } else {
    self->allocated -= held->capacity;
    pcap_held_free (held);
  }
  g_cond_broadcast (&self->done);
}

/* What it says of interfaces and the section is still true of what comes behind it. */
static void
forget (PcapPreroll * self, PcapHeld * held, guint64 * count)
{
  *count += held->packets;
  if (held->controls->len > 0)
    pcap_preroll_push_job (self, PCAP_PREROLL_CONTROL, NULL)->controls =
        pcap_held_take_controls (held);
  pcap_preroll_recycle (self, held);
}

/* By the times of the packets, unless a clock was set back since. */
static gboolean
is_old (PcapPreroll * self, const PcapHeld * held, GstClockTime now)
{
  if (held->last_time != GST_CLOCK_TIME_NONE && held->last_time <= now + LIVE)
    return held->last_time + self->config.time < now;
  return held->since + (gint64) GST_TIME_AS_USECONDS (self->config.time)
      < g_get_monotonic_time ();
}

void
pcap_preroll_forget_old (PcapPreroll * self, GstClockTime now)
{
  while (!g_queue_is_empty (&self->held)
      && is_old (self, g_queue_peek_head (&self->held), now))
    forget (self, g_queue_pop_head (&self->held), &self->counts.aged_out);
}

void
pcap_preroll_close_tail (PcapPreroll * self)
{
  PcapHeld *tail = g_steal_pointer (&self->tail);

  if (tail == NULL)
    return;
  if (self->recording)
    pcap_preroll_push_job (self, PCAP_PREROLL_REPLAY, tail);
  else
    g_queue_push_tail (&self->held, tail);
}

static PcapHeld *
allocate_piece (PcapPreroll * self, gsize needed)
{
  gsize size = MAX (self->piece_size, needed);
  gsize most = MAX (self->config.max_bytes, 2 * size);
  PcapHeld *held;

  if (self->allocated + size > most && !self->unlocked)
    return NULL;
  held = pcap_held_new (size);
  if (held != NULL)
    self->allocated += size;
  else
    GST_WARNING ("no memory for %" G_GSIZE_FORMAT " bytes of packets", size);
  return held;
}

/* NULL if there is no memory for it just now. */
static PcapHeld *
take_piece (PcapPreroll * self, gsize needed)
{
  PcapHeld *held = NULL;

  if (needed <= self->piece_size)
    held = g_queue_pop_tail (&self->free);
  /* for one that is ready before it is wanted */
  g_cond_signal (&self->work);
  if (held == NULL)
    held = allocate_piece (self, needed);
  /* larger ones have no free list, but what is in that counts */
  while (held == NULL && !g_queue_is_empty (&self->free)) {
    PcapHeld *spare = g_queue_pop_tail (&self->free);

    self->allocated -= spare->capacity;
    pcap_held_free (spare);
    held = allocate_piece (self, needed);
  }
  return held;
}

/* Or for the memory of the machine, which nobody tells of. */
static void
wait_for_disk (PcapPreroll * self)
{
  self->waiting = TRUE;
  g_cond_wait_until (&self->done, &self->lock,
      g_get_monotonic_time () + LOOK_INTERVAL);
  self->waiting = FALSE;
}

/* Armed, the oldest goes; recording, it is the disk that has to make room. */
static PcapHeld *
wait_for_piece (PcapPreroll * self, gsize needed)
{
  PcapHeld *held;

  while ((held = take_piece (self, needed)) == NULL
      && self->result == PCAP_RECORDER_OK) {
    if (!self->recording && !g_queue_is_empty (&self->held))
      forget (self, g_queue_pop_head (&self->held), &self->counts.cut);
    else
      wait_for_disk (self);
  }
  return held;
}

/* A stream that is captured now has the time of the clock, whatever one of its packets says
 * or clocks of several interfaces do. */
static gboolean
is_live (PcapPreroll * self)
{
  return self->lag == 0;
}

GstClockTime
pcap_preroll_make_plausible (PcapPreroll * self, GstClockTime time)
{
  return is_live (self) ? MIN (time, pcap_preroll_get_now (self) + LIVE) : time;
}

/* Something that comes in slow traffic is not to wait for a full piece to get old. */
static gboolean
is_complete (PcapPreroll * self, gsize size, GstClockTime time)
{
  const PcapHeld *tail = self->tail;
  GstClockTime part = self->config.time / PART;

  if (!pcap_held_has_room (tail, size))
    return TRUE;
  if (is_live (self))
    return self->list_time - tail->since > (gint64) GST_TIME_AS_USECONDS (part);
  return time != GST_CLOCK_TIME_NONE
      && tail->first_time != GST_CLOCK_TIME_NONE
      && (time > tail->first_time + part || time + part < tail->first_time);
}

/* Makes a tail in which @size bytes of that time have a place. */
static PcapRecorderResult
make_room (PcapPreroll * self, gsize size, GstClockTime time)
{
  if (G_UNLIKELY (self->result != PCAP_RECORDER_OK))
    return self->result;
  if (G_UNLIKELY (self->last_time == GST_CLOCK_TIME_NONE))
    take_time (self, time);
  if (G_UNLIKELY (self->recording && pcap_preroll_is_over (self, time)))
    pcap_preroll_end_recording (self);
  if (G_LIKELY (self->tail != NULL && !is_complete (self, size, time)))
    return PCAP_RECORDER_OK;
  pcap_preroll_close_tail (self);
  if (!self->recording)
    pcap_preroll_forget_old (self, is_live (self) || time == GST_CLOCK_TIME_NONE ?
        pcap_preroll_get_now (self) : time);
  self->tail = wait_for_piece (self, pcap_held_get_needed (size));
  if (self->tail == NULL)
    return self->result;
  self->tail->since = self->list_time;
  return PCAP_RECORDER_OK;
}

PcapRecorderResult
pcap_preroll_add_packet (PcapPreroll * self, const GstPcapPacket * packet)
{
  PcapRecorderResult result = make_room (self, packet->captured_length,
      packet->time);

  if (result == PCAP_RECORDER_OK)
    pcap_held_add_packet (self->tail, packet);
  return result;
}

PcapRecorderResult
pcap_preroll_add_block (PcapPreroll * self, const guint8 * block,
    gsize length, const GstPcapPacket * packet)
{
  PcapRecorderResult result = make_room (self, length,
      packet != NULL ? packet->time : GST_CLOCK_TIME_NONE);

  if (result == PCAP_RECORDER_OK)
    pcap_held_add_block (self->tail, block, length, packet);
  return result;
}

PcapRecorderResult
pcap_preroll_add_buffer (PcapPreroll * self, GstBuffer * buffer,
    guint packets, GstClockTime first_time, GstClockTime last_time)
{
  PcapRecorderResult result = make_room (self, gst_buffer_get_size (buffer),
      first_time);

  if (result == PCAP_RECORDER_OK)
    pcap_held_add_buffer (self->tail, buffer, packets, first_time, last_time);
  return result;
}

PcapRecorderResult
pcap_preroll_add_control (PcapPreroll * self, PcapControl * control)
{
  PcapRecorderResult result = make_room (self, 0, GST_CLOCK_TIME_NONE);

  if (result == PCAP_RECORDER_OK)
    pcap_held_add_control (self->tail, control);
  else
    pcap_control_free (control);
  return result;
}

/* The streaming thread. */

gboolean
pcap_preroll_begin (PcapPreroll * self)
{
  gboolean failed = pcap_recorder_has_failed (self->recorder);

  g_mutex_lock (&self->lock);
  if (failed && self->result == PCAP_RECORDER_OK)
    self->result = PCAP_RECORDER_FAILED;
  self->list_time = g_get_monotonic_time ();
  if (!self->recording || self->busy || !g_queue_is_empty (&self->jobs)
      || self->tail != NULL || self->result != PCAP_RECORDER_OK)
    return FALSE;
  self->direct = TRUE;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

void
pcap_preroll_hold (PcapPreroll * self)
{
  g_mutex_lock (&self->lock);
  self->direct = FALSE;
  g_cond_signal (&self->work);
}

void
pcap_preroll_end (PcapPreroll * self, GstClockTime last_time)
{
  if (self->direct)
    pcap_preroll_hold (self);
  self->list_time = g_get_monotonic_time ();
  take_time (self, last_time);
  g_mutex_unlock (&self->lock);
}

const PcapRecorderLosses *
pcap_preroll_peek_losses (PcapPreroll * self)
{
  return &self->losses;
}

/* From other threads. */

/* With one there is always something that comes back, to go on with. */
static gboolean
take_first_piece (PcapPreroll * self, GError ** error)
{
  PcapHeld *held = allocate_piece (self, 0);

  if (held != NULL)
    g_queue_push_tail (&self->free, held);
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
        "There is no memory for a pre-roll, not even for %" G_GSIZE_FORMAT
        " bytes: lower pre-roll-bytes", self->piece_size);
  return held != NULL;
}

PcapPreroll *
pcap_preroll_new (const PcapPrerollConfig * config, PcapRecorder * recorder,
    PcapPrerollFunc triggered, gpointer user_data, GError ** error)
{
  PcapPreroll *self = g_new0 (PcapPreroll, 1);

  self->config = *config;
  self->recorder = recorder;
  self->triggered = triggered;
  self->user_data = user_data;
  self->piece_size = CLAMP (config->max_bytes / PART, LEAST_PIECE,
      LARGEST_PIECE);
  self->end = self->last_time = GST_CLOCK_TIME_NONE;
  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->done);
  if (take_first_piece (self, error))
    self->thread = g_thread_try_new ("pcap-preroll", pcap_preroll_run, self,
        error);
  if (self->thread != NULL)
    return self;
  pcap_preroll_free (self);
  return NULL;
}

void
pcap_preroll_close (PcapPreroll * self)
{
  g_mutex_lock (&self->lock);
  self->ending = TRUE;
  g_cond_signal (&self->work);
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->thread, g_thread_join);
}

void
pcap_preroll_free (PcapPreroll * self)
{
  pcap_preroll_close (self);
  /* what somebody asked for after the end */
  g_queue_clear_full (&self->jobs, (GDestroyNotify) pcap_preroll_free_job);
  g_clear_pointer (&self->tail, pcap_held_free);
  g_queue_clear_full (&self->held, (GDestroyNotify) pcap_held_free);
  g_queue_clear_full (&self->free, (GDestroyNotify) pcap_held_free);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->work);
  g_cond_clear (&self->done);
  g_free (self);
}

/* With the lock. */
static gboolean
drain (PcapPreroll * self)
{
  guint64 last;

  if (self->recording)
    pcap_preroll_close_tail (self);
  last = self->jobs_pushed;
  while (self->jobs_done < last && !self->ending)
    g_cond_wait (&self->done, &self->lock);
  return self->result == PCAP_RECORDER_OK || self->result == PCAP_RECORDER_ENDED;
}

PcapRecorderResult
pcap_preroll_get_result (PcapPreroll * self)
{
  PcapRecorderResult result;

  g_mutex_lock (&self->lock);
  result = self->result;
  g_mutex_unlock (&self->lock);
  return result;
}

gboolean
pcap_preroll_drain (PcapPreroll * self)
{
  gboolean ok;

  g_mutex_lock (&self->lock);
  ok = drain (self);
  g_mutex_unlock (&self->lock);
  return ok;
}

gboolean
pcap_preroll_finish (PcapPreroll * self)
{
  PcapHeld *held;
  gboolean ok;

  g_mutex_lock (&self->lock);
  pcap_preroll_end_recording (self);
  pcap_preroll_close_tail (self);
  while ((held = g_queue_pop_head (&self->held)) != NULL)
    forget (self, held, &self->counts.aged_out);
  ok = drain (self);
  g_mutex_unlock (&self->lock);
  return ok;
}

void
pcap_preroll_set_unlocked (PcapPreroll * self, gboolean unlocked)
{
  g_mutex_lock (&self->lock);
  self->unlocked = unlocked;
  g_cond_broadcast (&self->done);
  g_mutex_unlock (&self->lock);
}

static void
add_held (PcapPrerollStats * stats, const PcapHeld * held, GstClockTime * first,
    GstClockTime * last)
{
  if (held == NULL || held->packets == 0)
    return;
  stats->held_packets += held->packets;
  stats->held_bytes += held->bytes;
  if (held->first_time == GST_CLOCK_TIME_NONE)
    return;
  *first = MIN (*first, held->first_time);
  *last = MAX (*last, held->last_time);
}

void
pcap_preroll_get_stats (PcapPreroll * self, PcapPrerollStats * stats)
{
  GstClockTime first = GST_CLOCK_TIME_NONE, last = 0;

  g_mutex_lock (&self->lock);
  *stats = self->counts;
  stats->recording = self->recording;
  stats->memory = self->allocated;
  for (GList * i = self->jobs.head; i != NULL; i = i->next)
    add_held (stats, ((PcapPrerollJob *) i->data)->held, &first, &last);
  for (GList * i = self->held.head; i != NULL; i = i->next)
    add_held (stats, i->data, &first, &last);
  add_held (stats, self->tail, &first, &last);
  g_mutex_unlock (&self->lock);
  if (last > first)
    stats->held_time = last - first;
}
