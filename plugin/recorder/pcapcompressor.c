/* gst-afring: chunks compressed, on threads of their own
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapcompressor.h"

#include <sys/resource.h>

/* More do not help: one compresses some 400 MB/s with the levels that are chosen. */
#define MOST_THREADS 4

/* What captures comes first: so much is added to the nice value. */
#define NICER 5
#define NICEST 19

/* Chunks that wait for a thread, of the 48 that may be under way, from which on the
 * next lower level is taken, nothing more is compressed, what has begun is given up. */
#define STEP 4
#define MOST_WAITING 16
#define TOO_MANY_WAITING 20

typedef struct
{
  PcapFrame frame;
  PcapChunk *chunk;
  gboolean done;
} Work;

struct _PcapCompressor
{
  PcapCompressorConfig config;
  GThreadPool *pool;
  gint nice;                    /* of its threads */

  GMutex lock;
  GCond done;
  GQueue encoders;              /* those that nobody uses */
  GQueue frames;                /* Work, the same */
};

/* From the best on, as they are chosen. */
static const gint zstd_levels[] = { 3, 1, GST_PCAP_FRAME_LEVEL_FAST };
static const gint gzip_levels[] = { 6, 3, 1 };

static gboolean
is_in_time (gpointer user_data)
{
  PcapCompressor *self = user_data;

  return g_thread_pool_unprocessed (self->pool) < TOO_MANY_WAITING;
}

static gint
choose_level (PcapCompressor * self)
{
  const gint *levels = self->config.compression == GST_PCAP_COMPRESSION_ZSTD ?
      zstd_levels : gzip_levels;
  guint waiting = g_thread_pool_unprocessed (self->pool);

  if (waiting >= MOST_WAITING)
    return GST_PCAP_FRAME_LEVEL_STORE;
  if (self->config.level != PCAP_COMPRESSOR_CHOOSE)
    return self->config.level;
  return levels[MIN (waiting / STEP, G_N_ELEMENTS (zstd_levels) - 1)];
}

static GstPcapFrameEncoder *
take_encoder (PcapCompressor * self)
{
  GstPcapFrameEncoder *encoder;

  g_mutex_lock (&self->lock);
  encoder = g_queue_pop_head (&self->encoders);
  g_mutex_unlock (&self->lock);
  return encoder != NULL ? encoder :
      gst_pcap_frame_encoder_new (self->config.compression, NULL);
}

/* What takes too long is given up: then many others wait. */
static void
encode (PcapCompressor * self, PcapFrame * frame, const guint8 * data,
    gsize length)
{
  GstPcapFrameEncoder *encoder = take_encoder (self);
  guint8 *out = pcap_chunk_extend (frame->bytes,
      gst_pcap_frame_get_bound (length));
  gint level = choose_level (self);
  gsize size = 0;

  if (level != GST_PCAP_FRAME_LEVEL_STORE)
    size = gst_pcap_frame_encoder_encode (encoder, level, data, length, out,
        is_in_time, self);
  frame->stored = size == 0 && self->config.level != GST_PCAP_FRAME_LEVEL_STORE;
  if (size == 0)
    size = gst_pcap_frame_encoder_encode (encoder, GST_PCAP_FRAME_LEVEL_STORE,
        data, length, out, NULL, NULL);
  frame->bytes->length = size;
  g_mutex_lock (&self->lock);
  g_queue_push_head (&self->encoders, encoder);
  g_mutex_unlock (&self->lock);
}

/* The bytes are read through addresses: a block of a ring need not stay where it is. */
static void
compress_chunk (PcapCompressor * self, PcapFrame * frame, PcapChunk * chunk)
{
  GstMapInfo map;

  pcap_chunk_reset (frame->bytes, 0);
  if (chunk->buffer == NULL) {
    encode (self, frame, pcap_chunk_get_bytes (chunk), chunk->length);
  } else if (gst_buffer_map (chunk->buffer, &map, GST_MAP_READ)) {
    encode (self, frame, map.data, map.size);
    gst_buffer_unmap (chunk->buffer, &map);
  }
  gst_clear_buffer (&chunk->buffer);
}

/* A thread of the pool. */
static void
compress_work (gpointer data, gpointer user_data)
{
  PcapCompressor *self = user_data;
  Work *work = data;

  setpriority (PRIO_PROCESS, 0, self->nice);
  compress_chunk (self, &work->frame, work->chunk);
  g_mutex_lock (&self->lock);
  work->done = TRUE;
  g_cond_broadcast (&self->done);
  g_mutex_unlock (&self->lock);
}

PcapCompressor *
pcap_compressor_new (const PcapCompressorConfig * config, GError ** error)
{
  guint n_threads = CLAMP (g_get_num_processors (), 2, MOST_THREADS + 1) - 1;
  GstPcapFrameEncoder *encoder =
      gst_pcap_frame_encoder_new (config->compression, error);
  PcapCompressor *self;

  if (encoder == NULL)
    return NULL;
  self = g_new0 (PcapCompressor, 1);
  self->config = *config;
  self->nice = MIN (getpriority (PRIO_PROCESS, 0) + NICER, NICEST);
  g_mutex_init (&self->lock);
  g_cond_init (&self->done);
  g_queue_init (&self->encoders);
  g_queue_init (&self->frames);
  g_queue_push_head (&self->encoders, encoder);
  /* of its own, as they are nicer than others want to be */
  self->pool = g_thread_pool_new (compress_work, self, n_threads, TRUE, error);
  if (self->pool != NULL)
    return self;
  pcap_compressor_free (self);
  return NULL;
}

static void
free_work (gpointer data)
{
  Work *work = data;

  pcap_chunk_free (work->frame.bytes);
  g_free (work);
}

void
pcap_compressor_free (PcapCompressor * self)
{
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, FALSE, TRUE);
  g_queue_clear_full (&self->encoders,
      (GDestroyNotify) gst_pcap_frame_encoder_free);
  g_queue_clear_full (&self->frames, free_work);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->done);
  g_free (self);
}

PcapFrame *
pcap_compressor_begin (PcapCompressor * self, PcapChunk * chunk)
{
  Work *work;

  g_mutex_lock (&self->lock);
  work = g_queue_pop_head (&self->frames);
  g_mutex_unlock (&self->lock);
  if (work == NULL) {
    work = g_new0 (Work, 1);
    work->frame.bytes = pcap_chunk_new (0);
  }
  work->chunk = chunk;
  work->done = FALSE;
  g_thread_pool_push (self->pool, work, NULL);
  return &work->frame;
}

void
pcap_compressor_await (PcapCompressor * self, PcapFrame * frame)
{
  Work *work = (Work *) frame;

  g_mutex_lock (&self->lock);
  while (!work->done)
    g_cond_wait (&self->done, &self->lock);
  g_mutex_unlock (&self->lock);
}

void
pcap_compressor_recycle (PcapCompressor * self, PcapFrame * frame)
{
  g_mutex_lock (&self->lock);
  g_queue_push_head (&self->frames, frame);
  g_mutex_unlock (&self->lock);
}
