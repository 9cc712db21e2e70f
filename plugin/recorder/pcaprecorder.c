/* gst-afring: packets into the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "pcaprecorder.h"
#include "pcaplending.h"

#include <gst/afring/pcap/gstpcapngwriter.h>
#include <string.h>

/* How soon to look again while the disk is behind. Microseconds. */
#define BUSY_INTERVAL 5000

/* Of buffers that are written from where they lie, in memory. */
#define BUFFER_ALIGNMENT 512

struct _PcapRecorder
{
  gatomicrefcount refs;
  PcapRecorderConfig config;
  PcapWriter *writer;

  GMutex lock;
  GstPcapEncoder *encoder;
  GByteArray *scratch;
  GByteArray *header;           /* of a stream that is recorded as it is, or NULL */
  PcapChunk *chunk;             /* being filled, or NULL */
  PcapLending lending;
  gint64 flush_due;             /* monotonic, microseconds; G_MAXINT64: never */
  gint64 rotation_due;

  /* The file, as far as it has been made here. */
  gboolean known;               /* what it is to begin with */
  gboolean begun;
  guint64 size;
  guint64 packets;

  guint64 total_size;           /* of all files */
  guint64 total_packets;
  gboolean ended;
};

static gint64
time_after (GstClockTime interval)
{
  return g_get_monotonic_time () + (gint64) GST_TIME_AS_USECONDS (interval);
}

/* Called with the lock, as all until the public functions. */

static guint8 *
extend (PcapRecorder * self, gsize size)
{
  self->size += size;
  self->total_size += size;
  return pcap_chunk_extend (self->chunk, size);
}

static void
put (PcapRecorder * self, const GByteArray * bytes)
{
  if (bytes->len > 0)
    memcpy (extend (self, bytes->len), bytes->data, bytes->len);
}

static void
submit (PcapRecorder * self, gboolean flush)
{
  if (self->chunk == NULL)
    return;
  pcap_writer_submit (self->writer, g_steal_pointer (&self->chunk), flush);
  if (flush)
    self->flush_due = G_MAXINT64;
}

/* FALSE if there is none to be had just now. */
static gboolean
take_chunk (PcapRecorder * self)
{
  if (self->chunk != NULL)
    return TRUE;
  self->chunk = pcap_writer_take_chunk (self->writer);
  if (self->chunk == NULL)
    return FALSE;
  pcap_chunk_reset (self->chunk, self->size);
  self->flush_due = MIN (self->flush_due,
      time_after (self->config.flush_interval));
  return TRUE;
}

/* Makes a chunk with room for @size bytes, whatever that takes. FALSE if the
 * writing has failed. */
static gboolean
ensure_chunk (PcapRecorder * self, gsize size)
{
  gboolean ok = TRUE;

  if (self->chunk != NULL && self->chunk->length > 0
      && pcap_chunk_get_room (self->chunk) < size)
    submit (self, FALSE);
  if (self->chunk != NULL)
    return TRUE;
  while (ok && !self->ended && !take_chunk (self)) {
    g_mutex_unlock (&self->lock);
    ok = pcap_writer_wait (self->writer);
    g_mutex_lock (&self->lock);
  }
  if (self->chunk != NULL)
    pcap_writer_tick_by (self->writer, MIN (self->flush_due,
            self->rotation_due));
  return self->chunk != NULL;
}

static void
append_start (PcapRecorder * self, GByteArray * out)
{
  if (self->header == NULL) {
    gst_pcap_encoder_append_start (self->encoder, out);
  } else {
    g_byte_array_append (out, self->header->data, self->header->len);
    gst_pcapng_insert_comments (out,
        gst_pcap_encoder_get_comments (self->encoder));
  }
}

static void
append_end (PcapRecorder * self, GByteArray * out)
{
  if (self->header == NULL)
    gst_pcap_encoder_append_end (self->encoder, out, self->config.link_type);
}

/* As late as can be: what is known of interfaces by then stands in front. */
static void
begin_file (PcapRecorder * self)
{
  if (self->begun)
    return;
  self->begun = TRUE;
  g_byte_array_set_size (self->scratch, 0);
  append_start (self, self->scratch);
  put (self, self->scratch);
}

/* There is a chunk. */
static void
end_file (PcapRecorder * self)
{
  begin_file (self);
  g_byte_array_set_size (self->scratch, 0);
  append_end (self, self->scratch);
  put (self, self->scratch);
  submit (self, TRUE);
}

/* A file that stays without packets is to have its header soon, too. */
static void
open_next (PcapRecorder * self)
{
  self->begun = FALSE;
  self->flush_due = time_after (self->config.flush_interval);
  self->rotation_due = self->config.max_duration == 0 ? G_MAXINT64 :
      time_after (self->config.max_duration);
}

static void
next_file (PcapRecorder * self)
{
  end_file (self);
  pcap_writer_rotate (self->writer);
  gst_pcap_encoder_restart (self->encoder);
  self->size = self->packets = 0;
  open_next (self);
}

/* What the file would have with @size bytes more, all told. */
static guint64
get_size_with (PcapRecorder * self, gsize size)
{
  return self->size + size + (self->header != NULL ? 0 :
      gst_pcap_encoder_get_end_size (self->encoder));
}

/* @packets: how many more. */
static gboolean
is_file_full (PcapRecorder * self, gsize size, guint packets)
{
  if (self->config.max_duration > 0
      && g_get_monotonic_time () >= self->rotation_due)
    return TRUE;
  if (self->packets == 0)
    return FALSE;
  return (self->config.max_packets > 0
      && self->packets + packets > self->config.max_packets)
      || (self->config.max_size > 0
      && get_size_with (self, size) > self->config.max_size);
}

static PcapRecorderResult
ensure_room (PcapRecorder * self, gsize size)
{
  if (!self->ended && ensure_chunk (self, size) && !self->ended)
    return PCAP_RECORDER_OK;
  return self->ended ? PCAP_RECORDER_ENDED : PCAP_RECORDER_FAILED;
}

/* A chunk of a file in which a record of @size bytes has its place. A file that has
 * just been begun has that, however soon it is due. */
static PcapRecorderResult
make_place (PcapRecorder * self, gsize size, guint packets)
{
  PcapRecorderResult result = ensure_room (self, size);

  if (result != PCAP_RECORDER_OK || !is_file_full (self, size, packets))
    return result;
  next_file (self);
  return ensure_room (self, size);
}

static inline void
end_records (PcapRecorder * self, guint packets, GstClockTime time)
{
  pcap_chunk_end_record (self->chunk, packets, time);
  self->packets += packets;
  self->total_packets += packets;
}

PcapRecorderResult
pcap_recorder_append (PcapRecorder * self, const GstPcapPacket * packet)
{
  gsize size = gst_pcap_encoder_get_packet_size (self->encoder, packet);
  PcapRecorderResult result;

  if (self->config.max_size > 0)        /* what is needed counts at the end */
    gst_pcap_encoder_needs_before (self->encoder, packet);
  result = make_place (self, size, 1);
  if (result != PCAP_RECORDER_OK)
    return result;
  begin_file (self);
  if (G_UNLIKELY (gst_pcap_encoder_needs_before (self->encoder, packet))) {
    g_byte_array_set_size (self->scratch, 0);
    if (!gst_pcap_encoder_append_before (self->encoder, self->scratch, packet))
      return PCAP_RECORDER_LINK_TYPE;
    put (self, self->scratch);
  }
  gst_pcap_encoder_write_packet (self->encoder, extend (self, size), packet);
  end_records (self, 1, packet->time);
  return PCAP_RECORDER_OK;
}

/* Section headers and interface descriptions are what each file of a stream that
 * is recorded as it is begins with. */
static void
keep_description (PcapRecorder * self, const guint8 * block, gsize length,
    GstPcapPiece piece)
{
  self->known = TRUE;
  if (self->header == NULL)
    self->header = g_byte_array_new ();
  if (piece == GST_PCAP_PIECE_HEADER)
    g_byte_array_set_size (self->header, 0);
  g_byte_array_append (self->header, block, length);
}

PcapRecorderResult
pcap_recorder_append_block (PcapRecorder * self, const guint8 * block,
    gsize length, const GstPcapPacket * packet, GstPcapPiece piece)
{
  gboolean description = packet == NULL && (piece == GST_PCAP_PIECE_HEADER
      || piece == GST_PCAP_PIECE_INTERFACE);
  PcapRecorderResult result = make_place (self, length, packet != NULL);

  if (result != PCAP_RECORDER_OK)
    return result;
  /* a file that has not begun will begin with it */
  if (!description || self->begun) {
    begin_file (self);
    memcpy (extend (self, length), block, length);
  }
  if (description)
    keep_description (self, block, length, piece);
  if (packet != NULL)
    end_records (self, 1, packet->time);
  return PCAP_RECORDER_OK;
}

/* What is written from where it lies has to lie in the file as it does in memory:
 * aligned. */
static gsize
get_misalignment (PcapRecorder * self)
{
  return self->size % BUFFER_ALIGNMENT;
}

static PcapRecorderResult
align_file (PcapRecorder * self)
{
  gsize misalignment = get_misalignment (self);
  gsize missing = BUFFER_ALIGNMENT - misalignment;
  PcapRecorderResult result;

  if (misalignment == 0)
    return PCAP_RECORDER_OK;
  if (missing < GST_PCAPNG_LEAST_FILLER)
    missing += BUFFER_ALIGNMENT;
  result = ensure_room (self, missing);
  /* it may be another file by now */
  if (result == PCAP_RECORDER_OK && self->begun
      && get_misalignment (self) == misalignment)
    gst_pcapng_write_filler (extend (self, missing), missing);
  return result;
}

static gboolean
is_ready_to_borrow (PcapRecorder * self)
{
  return self->begun && get_misalignment (self) == 0 && self->chunk != NULL
      && self->chunk->length == 0;
}

/* Whatever waits for a chunk lets go of the lock, and then the file may be rotated:
 * so it is looked again until nothing is missing. */
static PcapRecorderResult
make_empty_chunk (PcapRecorder * self, gsize size, guint packets)
{
  PcapRecorderResult result = PCAP_RECORDER_OK;

  do {
    result = make_place (self, size, packets);
    if (result == PCAP_RECORDER_OK) {
      begin_file (self);
      result = align_file (self);
    }
    if (result == PCAP_RECORDER_OK && self->begun
        && self->chunk->length > 0 && get_misalignment (self) == 0) {
      submit (self, FALSE);
      result = ensure_room (self, 0);
    }
  } while (result == PCAP_RECORDER_OK && !is_ready_to_borrow (self));
  return result;
}

static PcapRecorderResult
borrow_buffer (PcapRecorder * self, GstBuffer * buffer, guint packets)
{
  gsize size = gst_buffer_get_size (buffer);
  PcapRecorderResult result = make_empty_chunk (self, size, packets);

  if (result != PCAP_RECORDER_OK)
    return result;
  pcap_chunk_borrow (self->chunk, buffer);
  self->size += size;
  self->total_size += size;
  return PCAP_RECORDER_OK;
}

static PcapRecorderResult
copy_buffer (PcapRecorder * self, GstBuffer * buffer, guint packets)
{
  gsize size = gst_buffer_get_size (buffer);
  PcapRecorderResult result = make_place (self, size, packets);

  if (result != PCAP_RECORDER_OK)
    return result;
  begin_file (self);
  gst_buffer_extract (buffer, 0, extend (self, size), size);
  return PCAP_RECORDER_OK;
}

PcapRecorderResult
pcap_recorder_append_buffer (PcapRecorder * self, GstBuffer * buffer,
    guint packets, GstClockTime first_time, GstClockTime last_time)
{
  gboolean borrow =
      pcap_lending_look (&self->lending, buffer, first_time)
      && !pcap_writer_is_slow (self->writer);
  PcapRecorderResult result = borrow ?
      borrow_buffer (self, buffer, packets) :
      copy_buffer (self, buffer, packets);

  if (result != PCAP_RECORDER_OK)
    return result;
  if (packets > 0)
    end_records (self, 1, first_time);
  if (packets > 1)
    end_records (self, packets - 1, last_time);
  if (borrow)
    submit (self, FALSE);
  return PCAP_RECORDER_OK;
}

/* What a file that has not begun yet will begin with. */
static gsize
get_start_size (PcapRecorder * self)
{
  if (self->begun)
    return 0;
  g_byte_array_set_size (self->scratch, 0);
  append_start (self, self->scratch);
  return self->scratch->len;
}

gboolean
pcap_recorder_has_room (PcapRecorder * self, gsize size, guint packets)
{
  return (self->config.max_packets == 0
      || self->packets + packets <= self->config.max_packets)
      && (self->config.max_size == 0
      || get_size_with (self, get_start_size (self) + size +
          2 * BUFFER_ALIGNMENT) <= self->config.max_size);
}

/* FALSE if there was no chunk for it. */
static gboolean
do_what_is_due (PcapRecorder * self, gint64 now)
{
  gboolean rotate = now >= self->rotation_due;

  if (!rotate && now < self->flush_due)
    return TRUE;
  /* a header that says nothing is not worth a flush, and would stay there */
  if (!rotate && !self->known) {
    self->flush_due = time_after (self->config.flush_interval) + BUSY_INTERVAL;
    return TRUE;
  }
  if (!take_chunk (self))
    return FALSE;
  begin_file (self);
  if (rotate)
    next_file (self);
  else
    submit (self, TRUE);
  return TRUE;
}

/* The writer's thread, which must not wait for itself. */
static gint64
tick (gpointer user_data)
{
  PcapRecorder *self = user_data;
  gint64 now = g_get_monotonic_time (), next = G_MAXINT64;

  g_mutex_lock (&self->lock);
  if (!self->ended && !pcap_writer_has_failed (self->writer)) {
    if (do_what_is_due (self, now))
      next = MIN (self->rotation_due, self->flush_due);
    else
      next = now + BUSY_INTERVAL;
  }
  g_mutex_unlock (&self->lock);
  return next;
}

/* Public. */

PcapRecorder *
pcap_recorder_new (const PcapRecorderConfig * config,
    const PcapWriterFuncs * funcs, gpointer user_data, GError ** error)
{
  PcapRecorder *self = g_new0 (PcapRecorder, 1);

  g_atomic_ref_count_init (&self->refs);
  self->config = *config;
  g_mutex_init (&self->lock);
  self->scratch = g_byte_array_new ();
  self->encoder = gst_pcap_encoder_new (config->format, config->precision,
      APPLICATION);
  gst_pcap_encoder_set_comments (self->encoder, config->comments);
  self->config.comments = NULL;
  self->writer = pcap_writer_new (&config->writer, funcs, user_data, tick,
      self);
  open_next (self);
  if (pcap_writer_open (self->writer, error))
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
  g_clear_pointer (&self->chunk, pcap_chunk_free);
  gst_pcap_encoder_free (self->encoder);
  g_clear_pointer (&self->header, g_byte_array_unref);
  g_byte_array_unref (self->scratch);
  g_mutex_clear (&self->lock);
  g_free (self);
}

GstPcapFormat
pcap_recorder_get_format (PcapRecorder * self)
{
  return self->config.format;
}

void
pcap_recorder_lock (PcapRecorder * self)
{
  g_mutex_lock (&self->lock);
}

/* A stream that never stops does not leave it to the writer's thread, which may
 * be waiting for the disk, to see what is due. */
void
pcap_recorder_unlock (PcapRecorder * self)
{
  if (!self->ended)
    do_what_is_due (self, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);
}

void
pcap_recorder_set_interface (PcapRecorder * self,
    const GstCaptureInterface * iface)
{
  gst_pcap_encoder_set_interface (self->encoder, iface);
}

void
pcap_recorder_set_statistics (PcapRecorder * self,
    const GstCaptureStatistics * statistics)
{
  gst_pcap_encoder_set_statistics (self->encoder, statistics);
}

/* A stream that was recorded as it is had a section of its own: packets that come
 * after it begin the next one, in the same file. */
void
pcap_recorder_set_link_type (PcapRecorder * self, guint32 link_type)
{
  self->known = TRUE;
  if (self->header != NULL) {
    g_clear_pointer (&self->header, g_byte_array_unref);
    gst_pcap_encoder_restart (self->encoder);
    self->begun = FALSE;
  }
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
  if (!self->ended && ensure_chunk (self, 0))
    next_file (self);
}

gboolean
pcap_recorder_flush (PcapRecorder * self)
{
  g_mutex_lock (&self->lock);
  if (!self->ended && ensure_chunk (self, 0)) {
    begin_file (self);
    submit (self, TRUE);
  }
  g_mutex_unlock (&self->lock);
  return pcap_writer_drain (self->writer);
}

gboolean
pcap_recorder_end (PcapRecorder * self)
{
  g_mutex_lock (&self->lock);
  if (!self->ended) {
    if (ensure_chunk (self, 0))
      end_file (self);
    self->ended = TRUE;
    pcap_writer_close (self->writer);
  }
  g_mutex_unlock (&self->lock);
  return pcap_writer_drain (self->writer);
}

gboolean
pcap_recorder_is_empty (PcapRecorder * self)
{
  PcapWriterStats stats;

  pcap_writer_get_stats (self->writer, &stats);
  g_free (stats.file.location);
  return stats.packets == 0 && stats.files == 1 && self->packets == 0;
}

void
pcap_recorder_abandon (PcapRecorder * self)
{
  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  g_mutex_unlock (&self->lock);
  pcap_writer_abandon (self->writer);
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
pcap_recorder_get_stats (PcapRecorder * self, PcapWriterStats * stats)
{
  g_mutex_lock (&self->lock);
  pcap_writer_get_stats (self->writer, stats);
  if (!pcap_writer_has_failed (self->writer)) {
    stats->packets = self->total_packets;
    stats->bytes = self->total_size;
    stats->file.packets = self->packets;
    stats->file.bytes = self->size;
  }
  g_mutex_unlock (&self->lock);
}
