/* gst-afring: one run of a source element, from start to stop
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstafringrun.h"
#include "common/streamcaps.h"

#include <gst/afring/afring.h>
#include <gst/afring/ring/gstafringcopy.h>
#include <time.h>

/* How long, and how often, to try to give the ring back to the kernel. Microseconds. */
#define LEAVE_PATIENCE (500 * G_TIME_SPAN_MILLISECOND)
#define LEAVE_POLL (2 * G_TIME_SPAN_MILLISECOND)

/* How long whoever asks for the end waits for it. Microseconds. */
#define END_PATIENCE (250 * G_TIME_SPAN_MILLISECOND)

/* How often to look after the counters while nothing comes. Milliseconds. */
#define IDLE_TIMEOUT 200

/* Two clocks that are to be read at one moment: how far apart, and how often to try. */
#define CLOCK_TOLERANCE (20 * GST_USECOND)
#define CLOCK_TRIES 3

struct _GstAfringRun
{
  gatomicrefcount refs;

  /* Fixed. */
  GstAfringSource *source;
  GstAfringWatch *watch;
  GstAfringKeeper *keeper;
  GstCaps *caps;
  guint64 max_evicted_bytes;
  gboolean has_interface_drops;
  guint32 interface_before;     /* the interface's drops before the start */

  /* Of the streaming thread. */
  GstAfringStream stream;
  GstAfringReport report;

  GMutex lock;                  /* what follows */
  GCond cond;
  GThread *streaming;           /* the thread, borrowed */
  gboolean finished;            /* it has pushed all */
  gboolean followed;            /* another run comes after it */
  GError *end_error;            /* ends with this instead of EOS */
  GstAfringTally tally;         /* without what the source knows of its packets */
  guint64 interface_dropped_past;
};

static GstCaptureLink *
get_link (GstAfringRun * self)
{
  return gst_capture_source_get_link (GST_CAPTURE_SOURCE (self->source));
}

static GstAfringKeeper *
make_keeper (GstAfringRun * self, const GstAfringSettings * settings)
{
  guint blocks =
      gst_afring_ring_get_block_count (gst_afring_source_get_ring
      (self->source));
  GstAfringEvictionPolicy policy = {
    .reserve = settings->reserve_blocks,
    .max_bytes = settings->max_evicted_bytes,
    /* nothing is lost if such a source has to wait for the streaming thread */
    .passed_on_only = gst_afring_source_waits_for_room (self->source),
  };

  if (policy.reserve == 0)
    policy.reserve = gst_afring_eviction_get_reserve (blocks);
  GST_DEBUG ("%u of %u blocks are kept free", policy.reserve, blocks);
  self->max_evicted_bytes = policy.max_bytes;
  return gst_afring_keeper_new (self->source, self->watch, &policy,
      settings->keeper_nice);
}

GstAfringRun *
gst_afring_run_new (GstElement * element, GstPad * pad,
    GstAfringSource * source, const GstAfringRunSpec * spec)
{
  GstAfringRun *self = g_new0 (GstAfringRun, 1);
  guint link_type;

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->source = source;
  link_type = gst_capture_link_get_link_type (get_link (self));
  self->tally = *spec->past;
  self->interface_dropped_past = spec->past->interface_dropped;
  gst_afring_stream_init (&self->stream, spec->settings, link_type,
      spec->replay, &self->report);
  gst_afring_stream_follow (&self->stream, spec->past->packets_captured,
      spec->past->bytes_captured);
  if (spec->settings->layer == GST_CAPTURE_LAYER_NETWORK)
    link_type = GST_CAPTURE_LINK_TYPE_RAW;
  gst_afring_report_init (&self->report, pad, source, link_type);
  self->caps = stream_caps_new_packets (link_type);
  self->has_interface_drops = gst_capture_link_get_drops (get_link (self),
      &self->interface_before);
  self->watch = gst_afring_watch_new (element, source, spec->past, spec->funcs);
  self->keeper = make_keeper (self, spec->settings);
  return self;
}

gboolean
gst_afring_run_start (GstAfringRun * self, GError ** error)
{
  return gst_afring_watch_start (self->watch, error)
      && gst_afring_keeper_start (self->keeper, error);
}

GstAfringRun *
gst_afring_run_ref (GstAfringRun * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
gst_afring_run_unref (GstAfringRun * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  gst_afring_keeper_free (self->keeper);
  gst_afring_watch_free (self->watch);
  gst_caps_unref (self->caps);
  g_object_unref (self->source);
  g_clear_error (&self->end_error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

GstAfringSource *
gst_afring_run_get_source (GstAfringRun * self)
{
  return self->source;
}

GstCaps *
gst_afring_run_get_caps (GstAfringRun * self)
{
  return self->caps;
}

void
gst_afring_run_end (GstAfringRun * self, const GError * error)
{
  g_mutex_lock (&self->lock);
  self->followed = FALSE;
  if (self->end_error == NULL && error != NULL)
    self->end_error = g_error_copy (error);
  g_mutex_unlock (&self->lock);
  gst_afring_keeper_drain (self->keeper);
}

void
gst_afring_run_end_for_now (GstAfringRun * self)
{
  g_mutex_lock (&self->lock);
  self->followed = TRUE;
  g_mutex_unlock (&self->lock);
  gst_afring_keeper_drain (self->keeper);
}

gboolean
gst_afring_run_is_followed (GstAfringRun * self)
{
  gboolean followed;

  g_mutex_lock (&self->lock);
  followed = self->followed;
  g_mutex_unlock (&self->lock);
  return followed;
}

void
gst_afring_run_await_end (GstAfringRun * self)
{
  gint64 limit = g_get_monotonic_time () + END_PATIENCE;

  g_mutex_lock (&self->lock);
  while (!self->finished && self->streaming != g_thread_self ()
      && g_cond_wait_until (&self->cond, &self->lock, limit));
  g_mutex_unlock (&self->lock);
}

void
gst_afring_run_wake (GstAfringRun * self)
{
  gst_afring_keeper_wake (self->keeper);
}

/* Statistics. */

/* An interface that has gone keeps what it had. */
static void
update_interface_drops (GstAfringRun * self)
{
  guint32 drops;

  if (!self->has_interface_drops
      || !gst_capture_link_get_drops (get_link (self), &drops))
    return;
  g_mutex_lock (&self->lock);
  self->tally.interface_dropped = self->interface_dropped_past
      + (guint32) (drops - self->interface_before);
  g_mutex_unlock (&self->lock);
}

void
gst_afring_run_get_tally (GstAfringRun * self, GstAfringTally * tally)
{
  update_interface_drops (self);
  g_mutex_lock (&self->lock);
  *tally = self->tally;
  g_mutex_unlock (&self->lock);
  gst_afring_tally_add_source (tally, self->source);
}

void
gst_afring_run_get_statistics (GstAfringRun * self,
    GstCaptureStatistics * statistics)
{
  gst_afring_report_get_statistics (&self->report, statistics);
}

GstStructure *
gst_afring_run_make_stats (GstAfringRun * self)
{
  GstAfringTally tally;

  gst_afring_run_get_tally (self, &tally);
  return gst_afring_tally_make_stats (&tally, self->source);
}

/* The streaming thread. */

GstAfringStream *
gst_afring_run_get_stream (GstAfringRun * self)
{
  return &self->stream;
}

GstAfringReport *
gst_afring_run_get_report (GstAfringRun * self)
{
  return &self->report;
}

gboolean
gst_afring_run_has_block (GstAfringRun * self, gboolean * ended)
{
  GstAfringLease *lease;

  *ended = gst_afring_stream_has_enough (&self->stream);
  if (*ended || self->stream.lease != NULL)
    return !*ended;
  lease = gst_afring_keeper_pop (self->keeper, IDLE_TIMEOUT, ended);
  if (lease == NULL)
    return FALSE;
  lease = gst_afring_lease_copy (lease, GST_AFRING_COPY_KEPT,
      self->max_evicted_bytes);
  gst_afring_stream_set_block (&self->stream, self->source, lease);
  return TRUE;
}

static GstClockTime
get_real_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

static GstClockTime
get_running_time (GstClock * clock, GstClockTime base_time)
{
  GstClockTime now = gst_clock_get_time (clock);

  return now > base_time ? now - base_time : 0;
}

/* Both clocks at one moment: the real time between two looks at the other one, again if
 * somebody came in between. */
static void
read_clocks (GstElement * element, GstClockTime * running_time,
    GstClockTime * real_time)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (element);
  GstClockTime base_time = gst_element_get_base_time (element);
  GstClockTime before, after;
  gint tries = 0;

  *running_time = GST_CLOCK_TIME_NONE;
  if (clock == NULL) {
    *real_time = get_real_time ();
    return;
  }
  do {
    before = get_running_time (clock, base_time);
    *real_time = get_real_time ();
    after = get_running_time (clock, base_time);
  } while (after - before > CLOCK_TOLERANCE && ++tries < CLOCK_TRIES);
  *running_time = before + (after - before) / 2;
}

GstMiniObject *
gst_afring_run_make_next (GstAfringRun * self, GstElement * element)
{
  GstClockTime running_time, real_time;
  GstMiniObject *made;

  read_clocks (element, &running_time, &real_time);
  made = gst_afring_stream_make_next (&self->stream, running_time, real_time);
  g_mutex_lock (&self->lock);
  self->streaming = g_thread_self ();
  self->tally.packets_captured = gst_afring_stream_get_packets (&self->stream);
  self->tally.bytes_captured = gst_afring_stream_get_bytes (&self->stream);
  g_mutex_unlock (&self->lock);
  return made;
}

GstMiniObject *
gst_afring_run_make_last (GstAfringRun * self)
{
  gst_afring_source_halt (self->source);
  gst_afring_keeper_stop (self->keeper);
  return gst_afring_stream_make_last (&self->stream);
}

/* The others of a fanout group are to get all packets from now on, and the kernel its
 * memory. Memory that a disk is reading is free as soon as it has. */
static void
leave (GstAfringRun * self, GstElement * element)
{
  gint64 end = g_get_monotonic_time () + LEAVE_PATIENCE;

  while (!gst_afring_source_leave (self->source)) {
    if (g_get_monotonic_time () > end) {
      GST_WARNING_OBJECT (element, "the ring and its socket stay until downstream "
          "lets go of memory that must not move, or that there is no room to move "
          "to%s", gst_afring_source_is_shared (self->source) ?
          "; until then the share of packets that the fanout group gives to this "
          "source is lost" : "");
      return;
    }
    g_usleep (LEAVE_POLL);
  }
}

GError *
gst_afring_run_finish (GstAfringRun * self)
{
  GError *error;

  gst_afring_report_end (&self->report);
  gst_afring_watch_look (self->watch);
  if (gst_afring_source_is_shared (self->source))
    leave (self, NULL);
  g_mutex_lock (&self->lock);
  error = g_steal_pointer (&self->end_error);
  self->finished = TRUE;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  return error;
}

/* What was received and is in no block that was taken, and what is left of those that
 * were. */
static guint64
count_unread (GstAfringRun * self)
{
  guint64 unread = self->stream.lease != NULL ? self->stream.walk.left : 0;
  GstAfringTotals totals;

  gst_afring_source_get_totals (self->source, &totals);
  if (totals.packets_received > totals.packets_taken)
    unread += totals.packets_received - totals.packets_taken;
  return unread;
}

GstStructure *
gst_afring_run_stop (GstAfringRun * self, GstElement * element)
{
  guint64 unread;

  gst_afring_source_halt (self->source);
  gst_afring_keeper_stop (self->keeper);
  gst_afring_watch_stop (self->watch);
  unread = gst_afring_keeper_clear (self->keeper) + count_unread (self);
  /* behind the last of num-buffers they are what nobody asked for, and no loss */
  if (!gst_afring_stream_has_enough (&self->stream))
    self->tally.packets_discarded += unread;
  gst_afring_stream_clear (&self->stream);
  leave (self, element);
  gst_capture_source_close (GST_CAPTURE_SOURCE (self->source), NULL);
  return gst_afring_run_make_stats (self);
}
