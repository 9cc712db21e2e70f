/* gst-afring: the thread that writes the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapwriter.h"

#include "pcapoutput.h"

/* A block of the default size and what may stand around it. */
#define CHUNK_SIZE ((1024 + 64) * 1024)
/* Under way, and those that are kept ready for what comes. A compressor with a high
 * level keeps one for half a second. */
#define MAX_CHUNKS (16 + PCAP_OUTPUT_SPARES)
#define MAX_COMPRESSED_CHUNKS (48 + PCAP_OUTPUT_SPARES)

/* Chunks wait for company, unless there is a reason to write them: to wake the
 * thread up and to begin a write costs as much as writing a quarter of a chunk. */
#define COMPANY 4

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
  PcapFrame *frame;             /* of the chunk, or NULL */
  gchar *pattern;               /* of the name of what is opened */
} Job;

struct _PcapWriter
{
  void (*tell_failed) (const GError * error, gpointer user_data);
  gpointer user_data;
  PcapWriterTickFunc tick;
  gpointer tick_data;
  GThread *thread;
  GCancellable *cancellable;
  PcapFiles *files;             /* of the thread, or nobody else is there */
  PcapCompressorConfig compression;
  PcapCompressor *compressor;   /* or NULL */

  GMutex lock;
  GCond work;                   /* for the thread */
  GCond done;                   /* for whoever waits for it */
  GQueue jobs;
  GQueue free_chunks;
  guint n_chunks, max_chunks;
  gboolean busy;                /* the thread has taken a job */
  gboolean urgent;              /* the jobs are not to wait for company */
  gboolean ending;
  gboolean unlocked;
  gboolean impatient;
  gint64 next_tick;             /* monotonic, microseconds */
  gboolean failed;
};

PcapWriter *
pcap_writer_new (const PcapFilesConfig * config, const PcapFilesFuncs * funcs,
    gpointer user_data, PcapWriterTickFunc tick, gpointer tick_data)
{
  PcapWriter *self = g_new0 (PcapWriter, 1);

  self->tell_failed = funcs->failed;
  self->user_data = user_data;
  self->tick = tick;
  self->tick_data = tick_data;
  self->compression = config->compressor;
  self->max_chunks = MAX_CHUNKS;
  self->cancellable = g_cancellable_new ();
  self->files = pcap_files_new (config, funcs, user_data, self->cancellable);
  g_mutex_init (&self->lock);
  g_cond_init (&self->work);
  g_cond_init (&self->done);
  g_queue_init (&self->jobs);
  g_queue_init (&self->free_chunks);
  return self;
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
    self->tell_failed (error, self->user_data);
}

/* As many as there are of those that are written from where they lie, in one go; what
 * has not got done is left to do one by one. With the lock, which is let go. */
static void
write_buffers (PcapWriter * self, Job * first)
{
  PcapChunk *chunks[COMPANY] = { first->chunk };
  guint n = 1;

  for (GList * i = self->jobs.head; i != NULL && n < COMPANY; i = i->next) {
    Job *job = i->data;

    if (job->type != JOB_WRITE || job->chunk->buffer == NULL)
      break;
    chunks[n++] = job->chunk;
  }
  if (n == 1 || self->failed)
    return;
  g_mutex_unlock (&self->lock);
  pcap_files_write_buffers (self->files, chunks, n);
  g_mutex_lock (&self->lock);
}

static gboolean
write_chunk (PcapWriter * self, const Job * job, GError ** error)
{
  gboolean flush = job->type == JOB_FLUSH, ok = TRUE;

  if (job->frame != NULL) {
    pcap_compressor_await (self->compressor, job->frame);
    ok = self->failed || pcap_files_write_frame (self->files, job->chunk,
        job->frame, flush, error);
    pcap_compressor_recycle (self->compressor, job->frame);
  } else if (!self->failed && (job->chunk->length > 0 || flush)) {
    ok = pcap_files_write (self->files, job->chunk, flush, error);
  }
  return ok;
}

static void
do_job (PcapWriter * self, const Job * job)
{
  gboolean ok = TRUE;
  g_autoptr (GError) error = NULL;

  switch (job->type) {
    case JOB_WRITE:
    case JOB_FLUSH:
      ok = write_chunk (self, job, &error);
      break;
    case JOB_CLOSE:
      ok = pcap_files_close (self->files, self->failed, &error);
      break;
    case JOB_OPEN:
      ok = self->failed || pcap_files_open (self->files, job->pattern, &error);
      break;
  }
  if (!ok)
    fail (self, error);
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
    if (job->type == JOB_WRITE && job->frame == NULL
        && job->chunk->buffer != NULL)
      write_buffers (self, job);
    g_mutex_unlock (&self->lock);
    do_job (self, job);
    if (job->chunk != NULL)     /* a block of a ring goes back to it here */
      gst_clear_buffer (&job->chunk->buffer);
    g_mutex_lock (&self->lock);
    self->busy = FALSE;
    if (job->chunk != NULL)
      g_queue_push_tail (&self->free_chunks, job->chunk);
    g_free (job->pattern);
    g_free (job);
    g_cond_broadcast (&self->done);
  }
  g_mutex_unlock (&self->lock);
  return NULL;
}

static gboolean
start_compressor (PcapWriter * self, GError ** error)
{
  if (self->compression.compression == GST_PCAP_COMPRESSION_NONE)
    return TRUE;
  self->compressor = pcap_compressor_new (&self->compression, error);
  self->max_chunks = MAX_COMPRESSED_CHUNKS;
  return self->compressor != NULL;
}

static gboolean
start_thread (PcapWriter * self, GError ** error)
{
  self->thread = g_thread_try_new ("pcap-writer", run, self, error);
  return self->thread != NULL;
}

gboolean
pcap_writer_open (PcapWriter * self, const gchar * pattern, GError ** error)
{
  if (!start_compressor (self, error)
      || !pcap_files_open (self->files, pattern, error))
    return FALSE;
  if (start_thread (self, error))
    return TRUE;
  pcap_files_abandon (self->files);
  return FALSE;
}

gboolean
pcap_writer_start (PcapWriter * self, const gchar * pattern, GError ** error)
{
  if (!start_compressor (self, error)
      || !pcap_files_check (self->files, pattern, error))
    return FALSE;
  return start_thread (self, error);
}

void
pcap_writer_abandon (PcapWriter * self)
{
  pcap_writer_drain (self);
  pcap_files_abandon (self->files);
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
  g_clear_pointer (&self->compressor, pcap_compressor_free);
  pcap_files_free (self->files);
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
  return self->n_chunks < self->max_chunks || self->unlocked || self->impatient;
}

/* The one that came last has the warmest memory. */
static PcapChunk *
take_chunk (PcapWriter * self, gboolean may_make)
{
  PcapChunk *chunk = NULL;

  g_mutex_lock (&self->lock);
  if (!self->failed) {
    chunk = g_queue_pop_tail (&self->free_chunks);
    if (chunk == NULL && may_make && may_make_chunk (self)) {
      chunk = pcap_chunk_new (CHUNK_SIZE);
      self->n_chunks++;
    }
  }
  g_mutex_unlock (&self->lock);
  return chunk;
}

PcapChunk *
pcap_writer_take_chunk (PcapWriter * self)
{
  return take_chunk (self, TRUE);
}

PcapChunk *
pcap_writer_take_used_chunk (PcapWriter * self)
{
  return take_chunk (self, FALSE);
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
push_job (PcapWriter * self, JobType type, PcapChunk * chunk,
    const gchar * pattern)
{
  Job *job = g_new0 (Job, 1);
  gboolean work;

  job->type = type;
  job->chunk = chunk;
  if (self->compressor != NULL && chunk != NULL && chunk->length > 0)
    job->frame = pcap_compressor_begin (self->compressor, chunk);
  job->pattern = g_strdup (pattern);
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
  push_job (self, flush ? JOB_FLUSH : JOB_WRITE, chunk, NULL);
}

void
pcap_writer_rotate (PcapWriter * self, const gchar * pattern)
{
  push_job (self, JOB_CLOSE, NULL, NULL);
  push_job (self, JOB_OPEN, NULL, pattern);
}

void
pcap_writer_close (PcapWriter * self)
{
  push_job (self, JOB_CLOSE, NULL, NULL);
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

gboolean
pcap_writer_is_slow (PcapWriter * self)
{
  return pcap_files_is_slow (self->files);
}

void
pcap_writer_get_stats (PcapWriter * self, PcapFilesStats * stats)
{
  pcap_files_get_stats (self->files, stats);
}
