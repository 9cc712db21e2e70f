/* gst-afring: the thread that writes the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapwriter.h"
#include "pcapnames.h"

/* A block of the default size and what may stand around it. */
#define CHUNK_SIZE ((1024 + 64) * 1024)
#define MAX_CHUNKS 16

/* Chunks wait for company, unless there is a reason to write them: to wake the
 * thread up and to begin a write costs as much as writing a quarter of a chunk. */
#define COMPANY 4

/* A write that takes so long is a disk that stalls, which it may do again within so
 * long. Microseconds. */
#define SLOW_WRITE (100 * G_TIME_SPAN_MILLISECOND)
#define SLOW_MEMORY G_TIME_SPAN_MINUTE

/* How long the end of a recording waits for somebody who does not read a pipe.
 * Microseconds. */
#define PIPE_PATIENCE (2 * G_TIME_SPAN_SECOND)

typedef enum
{
  JOB_WRITE,
  JOB_FLUSH,                    /* a write down to the last byte */
  JOB_CLOSE,
  JOB_OPEN
} JobType;

typedef struct
{
  JobType type;
  PcapChunk *chunk;
} Job;

struct _PcapWriter
{
  PcapWriterConfig config;
  PcapWriterFuncs funcs;
  gpointer user_data;
  PcapWriterTickFunc tick;
  gpointer tick_data;
  GThread *thread;
  GCancellable *cancellable;

  GMutex lock;
  GCond work;                   /* for the thread */
  GCond done;                   /* for whoever waits for it */
  GQueue jobs;
  GQueue free_chunks;
  guint n_chunks;
  gboolean busy;                /* the thread has taken a job */
  gboolean urgent;              /* the jobs are not to wait for company */
  gboolean ending;
  gboolean unlocked;
  gboolean impatient;
  gint64 next_tick;             /* monotonic, microseconds; as the next */
  gint64 slow_until;
  gboolean failed;
  PcapWriterStats stats;

  /* Of the thread. */
  PcapFile *file;
  PcapNames *names;
  guint index;
};

PcapWriter *
pcap_writer_new (const PcapWriterConfig * config,
    const PcapWriterFuncs * funcs, gpointer user_data,
    PcapWriterTickFunc tick, gpointer tick_data)
{
  PcapWriter *self = g_new0 (PcapWriter, 1);

  self->config = *config;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->tick = tick;
  self->tick_data = tick_data;
  self->cancellable = g_cancellable_new ();
  self->names = pcap_names_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->done);
  g_queue_init (&self->jobs);
  g_queue_init (&self->free_chunks);
  return self;
}

/* Opening and closing; the thread, or nobody else there. */

static gboolean
make_space (gpointer user_data)
{
  PcapWriter *self = user_data;

  return self->config.drop_oldest && pcap_names_delete_oldest (self->names);
}

static gchar *
make_name (PcapWriter * self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  guint index = self->index++;
  gboolean is_pattern;
  g_autofree gchar *name =
      self->funcs.name (index, &is_pattern, self->user_data);

  if (name == NULL || name[0] == '\0')
    return NULL;
  return is_pattern ? pcap_names_make (self->names, name, index, now) :
      pcap_names_make_unused (self->names, name, index);
}

static gboolean
open_file (PcapWriter * self, GError ** error)
{
  g_autofree gchar *location = make_name (self);
  GError *reason = NULL;

  while (self->config.max_files > 0
      && pcap_names_get_complete (self->names) + 1 > self->config.max_files)
    pcap_names_delete_oldest (self->names);

  if (location == NULL) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "There is no name for the next file: neither location nor a handler of "
        "format-location gave one");
    return FALSE;
  }
  self->file = pcap_file_new (location, self->config.direct_io,
      self->cancellable, &reason);
  while (self->file == NULL && g_error_matches (reason, G_FILE_ERROR,
          G_FILE_ERROR_NOSPC) && make_space (self)) {
    g_clear_error (&reason);
    self->file = pcap_file_new (location, self->config.direct_io,
        self->cancellable, &reason);
  }
  if (self->file == NULL) {
    g_propagate_error (error, reason);
    return FALSE;
  }

  g_mutex_lock (&self->lock);
  g_free (self->stats.file.location);
  self->stats.file = (PcapFileReport) {
    .location = g_strdup (location),
    .first_time = GST_CLOCK_TIME_NONE,
    .last_time = GST_CLOCK_TIME_NONE,
  };
  self->stats.files++;
  g_mutex_unlock (&self->lock);
  self->funcs.opened (location, self->user_data);
  return TRUE;
}

static void
fail (PcapWriter * self, const GError * error)
{
  gboolean first;

  g_mutex_lock (&self->lock);
  first = !self->failed;
  self->failed = TRUE;
  g_cond_broadcast (&self->done);
  g_mutex_unlock (&self->lock);
  if (first && !g_cancellable_is_cancelled (self->cancellable))
    self->funcs.failed (error, self->user_data);
}

/* What was written is complete up to where it is, also after an error. */
static void
close_file (PcapWriter * self)
{
  g_autoptr (GError) error = NULL;
  PcapFileReport report;

  if (self->file == NULL)
    return;
  g_mutex_lock (&self->lock);
  report = self->stats.file;
  report.location = g_strdup (report.location);
  g_mutex_unlock (&self->lock);

  if (self->failed && report.packets == 0) {
    g_clear_pointer (&self->file, pcap_file_abandon);
  } else {
    pcap_names_add_complete (self->names, report.location);
    if (!pcap_file_finish (g_steal_pointer (&self->file),
            self->config.sync_mode != PCAP_SYNC_NEVER, &error))
      fail (self, error);
    self->funcs.closed (&report, self->user_data);
  }
  g_free (report.location);
}

/* Writing. */

/* Counts the records up to @length of the chunk; how far these reach. */
static gsize
count_records (PcapWriter * self, PcapChunk * chunk, gsize length)
{
  PcapFileReport *file = &self->stats.file;
  guint64 packets = 0;
  gsize end = 0;

  for (guint i = 0; i < chunk->n_records; i++) {
    const PcapRecord *record = &chunk->records[i];

    if (record->end > length)
      break;
    end = record->end;
    packets += record->packets;
    if (file->first_time == GST_CLOCK_TIME_NONE)
      file->first_time = record->time;
    file->last_time = record->time;
  }
  if (length == chunk->length)
    end = length;               /* with what stands behind the last packet */

  g_mutex_lock (&self->lock);
  file->packets += packets;
  file->bytes += end;
  self->stats.packets += packets;
  self->stats.bytes += end;
  g_mutex_unlock (&self->lock);
  return end;
}

static void
judge_disk (PcapWriter * self, gint64 start)
{
  gint64 now = g_get_monotonic_time ();

  if (now - start < SLOW_WRITE)
    return;
  GST_INFO ("a write took %" G_GINT64_FORMAT " ms",
      (now - start) / G_TIME_SPAN_MILLISECOND);
  g_mutex_lock (&self->lock);
  self->slow_until = now + SLOW_MEMORY;
  g_mutex_unlock (&self->lock);
}

gboolean
pcap_writer_is_slow (PcapWriter * self)
{
  gboolean slow;

  g_mutex_lock (&self->lock);
  slow = g_get_monotonic_time () < self->slow_until;
  g_mutex_unlock (&self->lock);
  return slow;
}

static void
write_chunk (PcapWriter * self, PcapChunk * chunk, gboolean flush)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;
  gsize done = chunk->length;

  if (self->file == NULL || self->failed)
    return;
  /* it has waited while the disk stalled: not in the ring, while it may do so
   * again */
  if (chunk->buffer != NULL && pcap_writer_is_slow (self))
    pcap_chunk_own (chunk);
  if (!pcap_file_write (self->file, chunk, flush, make_space, self, &done,
          &error)) {
    /* no half record stays */
    pcap_chunk_itemize (chunk);
    pcap_file_cut (self->file, chunk->offset +
        count_records (self, chunk, MIN (done, chunk->length - 1)));
    fail (self, error);
    return;
  }
  judge_disk (self, start);
  count_records (self, chunk, chunk->length);
  if (flush && self->config.sync_mode == PCAP_SYNC_INTERVAL
      && !pcap_file_sync (self->file, &error))
    fail (self, error);
}

/* As many as there are of those that are written from where they lie, in one go; what
 * has not got done is left to do one by one. With the lock, which is let go. */
static void
write_buffers (PcapWriter * self, Job * first)
{
  PcapChunk *chunks[COMPANY] = { first->chunk };
  gint64 start = g_get_monotonic_time ();
  guint n = 1, done;

  for (GList * i = self->jobs.head; i != NULL && n < COMPANY; i = i->next) {
    Job *job = i->data;

    if (job->type != JOB_WRITE || job->chunk->buffer == NULL)
      break;
    chunks[n++] = job->chunk;
  }
  if (n == 1 || self->failed || self->file == NULL
      || start < self->slow_until)
    return;

  g_mutex_unlock (&self->lock);
  done = pcap_file_write_buffers (self->file, chunks, n);
  judge_disk (self, start);
  for (guint i = 0; i < done; i++) {
    count_records (self, chunks[i], chunks[i]->length);
    pcap_chunk_reset (chunks[i], 0);
  }
  g_mutex_lock (&self->lock);
}

static void
do_job (PcapWriter * self, const Job * job)
{
  g_autoptr (GError) error = NULL;

  switch (job->type) {
    case JOB_WRITE:
    case JOB_FLUSH:
      if (job->chunk->length > 0 || job->type == JOB_FLUSH)
        write_chunk (self, job->chunk, job->type == JOB_FLUSH);
      break;
    case JOB_CLOSE:
      close_file (self);
      break;
    case JOB_OPEN:
      if (!self->failed && !open_file (self, &error))
        fail (self, error);
      break;
  }
}

/* The thread. */

static void
tick (PcapWriter * self)
{
  gint64 next;

  self->next_tick = G_MAXINT64;
  g_mutex_unlock (&self->lock);
  next = self->tick (self->tick_data);
  g_mutex_lock (&self->lock);
  self->next_tick = MIN (self->next_tick, next);
}

static Job *
take_job (PcapWriter * self)
{
  Job *job = NULL;

  if (self->urgent || self->ending
      || g_queue_get_length (&self->jobs) >= COMPANY)
    job = g_queue_pop_head (&self->jobs);
  self->urgent = job != NULL && !g_queue_is_empty (&self->jobs);
  return job;
}

static Job *
wait_for_job (PcapWriter * self)
{
  Job *job;

  while ((job = take_job (self)) == NULL && !self->ending) {
    if (g_get_monotonic_time () >= self->next_tick)
      tick (self);
    else if (self->next_tick == G_MAXINT64)
      g_cond_wait (&self->work, &self->lock);
    else
      g_cond_wait_until (&self->work, &self->lock, self->next_tick);
  }
  return job;
}

static gpointer
run (gpointer data)
{
  PcapWriter *self = data;
  Job *job;

  g_mutex_lock (&self->lock);
  while ((job = wait_for_job (self)) != NULL) {
    self->busy = TRUE;
    if (job->type == JOB_WRITE && job->chunk->buffer != NULL)
      write_buffers (self, job);
    g_mutex_unlock (&self->lock);
    do_job (self, job);
    if (job->chunk != NULL)     /* a block of a ring goes back to it here */
      gst_clear_buffer (&job->chunk->buffer);
    g_mutex_lock (&self->lock);
    self->busy = FALSE;
    if (job->chunk != NULL)
      g_queue_push_tail (&self->free_chunks, job->chunk);
    g_free (job);
    g_cond_broadcast (&self->done);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

gboolean
pcap_writer_open (PcapWriter * self, GError ** error)
{
  if (!open_file (self, error))
    return FALSE;
  self->thread = g_thread_new ("pcap-writer", run, self);
  return TRUE;
}

void
pcap_writer_abandon (PcapWriter * self)
{
  pcap_writer_drain (self);
  g_clear_pointer (&self->file, pcap_file_abandon);
}

void
pcap_writer_free (PcapWriter * self)
{
  if (self->thread != NULL) {
    g_mutex_lock (&self->lock);
    self->ending = TRUE;
    g_cond_signal (&self->work);
    g_mutex_unlock (&self->lock);
    g_thread_join (self->thread);
  }
  g_queue_clear_full (&self->free_chunks, (GDestroyNotify) pcap_chunk_free);
  pcap_names_free (self->names);
  g_free (self->stats.file.location);
  g_object_unref (self->cancellable);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->work);
  g_cond_clear (&self->done);
  g_free (self);
}

/* From other threads. */

/* With the lock. While somebody wants out there is one chunk more rather than a
 * wait. */
static gboolean
may_make_chunk (PcapWriter * self)
{
  return self->n_chunks < MAX_CHUNKS || self->unlocked || self->impatient;
}

PcapChunk *
pcap_writer_take_chunk (PcapWriter * self)
{
  PcapChunk *chunk = NULL;

  g_mutex_lock (&self->lock);
  if (!self->failed) {
    chunk = g_queue_pop_tail (&self->free_chunks);
    if (chunk == NULL && may_make_chunk (self)) {
      chunk = pcap_chunk_new (CHUNK_SIZE);
      self->n_chunks++;
    }
  }
  g_mutex_unlock (&self->lock);
  return chunk;
}

gboolean
pcap_writer_wait (PcapWriter * self)
{
  gboolean ok;

  g_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->free_chunks) && !self->failed
      && !may_make_chunk (self))
    g_cond_wait (&self->done, &self->lock);
  ok = !self->failed;
  g_mutex_unlock (&self->lock);
  return ok;
}

void
pcap_writer_set_unlocked (PcapWriter * self, gboolean unlocked)
{
  g_mutex_lock (&self->lock);
  self->unlocked = unlocked;
  g_cond_broadcast (&self->done);
  g_mutex_unlock (&self->lock);
}

void
pcap_writer_set_impatient (PcapWriter * self)
{
  g_mutex_lock (&self->lock);
  self->impatient = TRUE;
  g_cond_broadcast (&self->done);
  g_mutex_unlock (&self->lock);
}

/* Signalled without the lock: the thread would wake up only to wait for it. */
static void
push_job (PcapWriter * self, JobType type, PcapChunk * chunk)
{
  Job *job = g_new (Job, 1);
  gboolean work;

  job->type = type;
  job->chunk = chunk;
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&self->jobs, job);
  self->urgent |= type != JOB_WRITE;
  work = self->urgent || g_queue_get_length (&self->jobs) == COMPANY;
  g_mutex_unlock (&self->lock);
  if (work)
    g_cond_signal (&self->work);
}

void
pcap_writer_submit (PcapWriter * self, PcapChunk * chunk, gboolean flush)
{
  push_job (self, flush ? JOB_FLUSH : JOB_WRITE, chunk);
}

void
pcap_writer_rotate (PcapWriter * self)
{
  push_job (self, JOB_CLOSE, NULL);
  push_job (self, JOB_OPEN, NULL);
}

void
pcap_writer_close (PcapWriter * self)
{
  push_job (self, JOB_CLOSE, NULL);
}

/* A disk gets done at some time; a pipe that nobody reads does not. */
gboolean
pcap_writer_drain (PcapWriter * self)
{
  gint64 patience = g_get_monotonic_time () + PIPE_PATIENCE;
  gboolean ok;

  g_mutex_lock (&self->lock);
  self->urgent = TRUE;
  g_cond_signal (&self->work);
  while (self->busy || !g_queue_is_empty (&self->jobs)) {
    if (!g_cond_wait_until (&self->done, &self->lock, patience)) {
      if (self->impatient)
        g_cancellable_cancel (self->cancellable);
      patience += PIPE_PATIENCE;
    }
  }
  ok = !self->failed;
  g_mutex_unlock (&self->lock);
  return ok;
}

void
pcap_writer_tick_by (PcapWriter * self, gint64 time)
{
  g_mutex_lock (&self->lock);
  if (time < self->next_tick) {
    self->next_tick = time;
    g_cond_signal (&self->work);
  }
  g_mutex_unlock (&self->lock);
}

gboolean
pcap_writer_has_failed (PcapWriter * self)
{
  gboolean failed;

  g_mutex_lock (&self->lock);
  failed = self->failed;
  g_mutex_unlock (&self->lock);
  return failed;
}

void
pcap_writer_get_stats (PcapWriter * self, PcapWriterStats * stats)
{
  g_mutex_lock (&self->lock);
  *stats = self->stats;
  stats->file.location = g_strdup (stats->file.location);
  g_mutex_unlock (&self->lock);
}
