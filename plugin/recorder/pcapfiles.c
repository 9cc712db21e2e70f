/* gst-afring: the files of a recording, one after the other
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfiles.h"
#include "pcapnames.h"

#include <gst/afring/pcap/gstpcapseektable.h>

#include <string.h>

/* A write that takes so long is a disk that stalls, which it may do again within so
 * long. Microseconds. */
#define SLOW_WRITE (100 * G_TIME_SPAN_MILLISECOND)
#define SLOW_MEMORY G_TIME_SPAN_MINUTE

struct _PcapFiles
{
  PcapFilesConfig config;
  PcapFilesFuncs funcs;
  gpointer user_data;
  PcapFileConfig file_config;
  PcapFile *file;
  GstPcapSeekTable *seek_table; /* of the file, if it has one */
  PcapNames *names;
  guint index;

  GMutex lock;                  /* of what follows */
  PcapFilesStats stats;
  gint64 slow_until;            /* monotonic, microseconds */
};

static gboolean
make_space (gpointer user_data)
{
  PcapFiles *self = user_data;

  return self->config.drop_oldest && pcap_names_delete_oldest (self->names);
}

PcapFiles *
pcap_files_new (const PcapFilesConfig * config, const PcapFilesFuncs * funcs,
    gpointer user_data, GCancellable * cancellable)
{
  PcapFiles *self = g_new0 (PcapFiles, 1);

  self->config = *config;
  self->funcs = *funcs;
  self->user_data = user_data;
  self->file_config = (PcapFileConfig) {
    config->direct_io, config->sync_mode, config->make_folders,
    config->keep_parts,
    g_object_ref (cancellable), make_space, self
  };
  self->names = pcap_names_new ();
  g_mutex_init (&self->lock);
  return self;
}

static gboolean
is_compressed (PcapFiles * self)
{
  return self->config.compressor.compression != GST_PCAP_COMPRESSION_NONE;
}

void
pcap_files_free (PcapFiles * self)
{
  g_clear_pointer (&self->seek_table, gst_pcap_seek_table_free);
  pcap_names_free (self->names);
  g_free (self->stats.file.location);
  g_object_unref (self->file_config.cancellable);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Opening and closing. */

static gchar *
make_name (PcapFiles * self, const gchar * pattern)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  guint index = self->index++;
  g_autofree gchar *name = self->funcs.name (index, self->user_data);

  if (name != NULL && name[0] != '\0')
    return pcap_names_make_unused (self->names, name, index);
  if (name != NULL || pattern == NULL || pattern[0] == '\0')
    return NULL;
  /* a pipe has no other one beside it */
  if (strchr (pattern, '%') == NULL && !pcap_file_is_regular (pattern))
    return g_strdup (pattern);
  return pcap_names_make (self->names, pattern, index, now);
}

static void
take_opened (PcapFiles * self, const gchar * location)
{
  g_mutex_lock (&self->lock);
  g_free (self->stats.file.location);
  self->stats.file = (PcapFileReport) {
    .location = g_strdup (location),
    .first_time = GST_CLOCK_TIME_NONE,
    .last_time = GST_CLOCK_TIME_NONE,
  };
  self->stats.files++;
  g_mutex_unlock (&self->lock);
  g_clear_pointer (&self->seek_table, gst_pcap_seek_table_free);
  if (self->config.compressor.compression == GST_PCAP_COMPRESSION_ZSTD)
    self->seek_table = gst_pcap_seek_table_new ();
  self->funcs.opened (location, self->user_data);
}

gboolean
pcap_files_check (PcapFiles * self, const gchar * pattern, GError ** error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree gchar *location = NULL;

  if (pattern == NULL || pattern[0] == '\0')
    return TRUE;
  location = pcap_names_expand (pattern, self->index, now);
  return pcap_file_check (location, &self->file_config, error);
}

gboolean
pcap_files_open (PcapFiles * self, const gchar * pattern, GError ** error)
{
  g_autofree gchar *location = make_name (self, pattern);
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
  self->file = pcap_file_new (location, &self->file_config, &reason);
  while (self->file == NULL && g_error_matches (reason, G_FILE_ERROR,
          G_FILE_ERROR_NOSPC) && make_space (self)) {
    g_clear_error (&reason);
    self->file = pcap_file_new (location, &self->file_config, &reason);
  }
  if (self->file == NULL) {
    g_propagate_error (error, reason);
    return FALSE;
  }
  take_opened (self, location);
  return TRUE;
}

static void
count_disk (PcapFiles * self, guint64 bytes)
{
  g_mutex_lock (&self->lock);
  self->stats.file.disk_bytes += bytes;
  self->stats.disk_bytes += bytes;
  g_mutex_unlock (&self->lock);
}

/* Compressed bytes, at the end of the file: all of them, or none. */
static gboolean
write_compressed (PcapFiles * self, PcapChunk * chunk, gboolean flush,
    GError ** error)
{
  guint64 end = self->stats.file.disk_bytes;    /* only changed by this thread */
  gsize done;

  pcap_chunk_move (chunk, end);
  if (!pcap_file_write (self->file, chunk, flush, &done, error)) {
    pcap_file_cut (self->file, end);
    return FALSE;
  }
  count_disk (self, chunk->length);
  return TRUE;
}

/* Behind the last frame: where each of them is. */
static gboolean
write_seek_table (PcapFiles * self, GError ** error)
{
  GByteArray *table = gst_pcap_seek_table_write (self->seek_table);
  PcapChunk *chunk;
  gboolean ok;

  if (table == NULL) {
    GST_WARNING ("too many frames for a seek table");
    return TRUE;
  }
  chunk = pcap_chunk_new (table->len);
  memcpy (pcap_chunk_extend (chunk, table->len), table->data, table->len);
  ok = write_compressed (self, chunk, TRUE, error);
  pcap_chunk_free (chunk);
  g_byte_array_unref (table);
  return ok;
}

/* What has been written stays complete whether a table is behind it or not. */
static gboolean
finish_file (PcapFiles * self, gboolean failed, GError ** error)
{
  gboolean ok = self->seek_table == NULL
      || write_seek_table (self, failed ? NULL : error) || failed;

  return pcap_file_finish (g_steal_pointer (&self->file), ok ? error : NULL)
      && ok;
}

gboolean
pcap_files_close (PcapFiles * self, gboolean failed, GError ** error)
{
  g_autofree gchar *target = NULL;
  PcapFilesStats stats;
  gboolean ok;

  if (self->file == NULL)
    return TRUE;
  if (failed && self->stats.file.packets == 0) {
    g_clear_pointer (&self->file, pcap_file_abandon);
    return TRUE;
  }
  /* not before: a disk that is full must not take it for an old one */
  target = g_strdup (pcap_file_get_target (self->file));
  ok = finish_file (self, failed, error);
  pcap_names_add_complete (self->names, target);
  pcap_files_get_stats (self, &stats);
  self->funcs.closed (&stats.file, self->user_data);
  g_free (stats.file.location);
  return ok;
}

void
pcap_files_abandon (PcapFiles * self)
{
  g_clear_pointer (&self->file, pcap_file_abandon);
}

/* Writing. */

/* Counts the records up to @length of the chunk; how far these reach. */
static gsize
count_records (PcapFiles * self, PcapChunk * chunk, gsize length)
{
  PcapFileReport *file = &self->stats.file;
  guint64 packets = 0;
  gsize end = 0;

  g_mutex_lock (&self->lock);
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
  file->packets += packets;
  file->bytes += end;
  self->stats.packets += packets;
  self->stats.bytes += end;
  g_mutex_unlock (&self->lock);
  if (!is_compressed (self))
    count_disk (self, end);
  return end;
}

static void
judge_disk (PcapFiles * self, gint64 start)
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
pcap_files_is_slow (PcapFiles * self)
{
  gboolean slow;

  g_mutex_lock (&self->lock);
  slow = g_get_monotonic_time () < self->slow_until;
  g_mutex_unlock (&self->lock);
  return slow;
}

gboolean
pcap_files_write (PcapFiles * self, PcapChunk * chunk, gboolean flush,
    GError ** error)
{
  gint64 start = g_get_monotonic_time ();
  gsize done = chunk->length;

  if (self->file == NULL)
    return TRUE;
  /* nothing, to have all before it written to its last byte */
  if (is_compressed (self))
    return write_compressed (self, chunk, flush, error)
        && pcap_file_sync (self->file, error);
  /* it has waited while the disk stalled: not in the ring, while it may do so
   * again */
  if (chunk->buffer != NULL && pcap_files_is_slow (self))
    pcap_chunk_own (chunk);
  if (!pcap_file_write (self->file, chunk, flush, &done, error)) {
    /* no half record stays */
    pcap_chunk_itemize (chunk);
    pcap_file_cut (self->file, chunk->offset +
        count_records (self, chunk, MIN (done, chunk->length - 1)));
    return FALSE;
  }
  judge_disk (self, start);
  count_records (self, chunk, chunk->length);
  return !flush || pcap_file_sync (self->file, error);
}

gboolean
pcap_files_write_frame (PcapFiles * self, PcapChunk * chunk, PcapFrame * frame,
    gboolean flush, GError ** error)
{
  gint64 start = g_get_monotonic_time ();

  if (self->file == NULL)
    return TRUE;
  if (frame->bytes->length == 0) {
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
        "Cannot compress %" G_GSIZE_FORMAT " bytes for \"%s\"", chunk->length,
        pcap_file_get_target (self->file));
    return FALSE;
  }
  if (!write_compressed (self, frame->bytes, flush, error))
    return FALSE;
  judge_disk (self, start);
  if (self->seek_table != NULL)
    gst_pcap_seek_table_add (self->seek_table, frame->bytes->length,
        chunk->length);
  count_records (self, chunk, chunk->length);
  if (frame->stored) {
    g_mutex_lock (&self->lock);
    self->stats.stored_bytes += chunk->length;
    g_mutex_unlock (&self->lock);
  }
  return !flush || pcap_file_sync (self->file, error);
}

guint
pcap_files_write_buffers (PcapFiles * self, PcapChunk ** chunks, guint n)
{
  gint64 start = g_get_monotonic_time ();
  guint done;

  if (self->file == NULL || pcap_files_is_slow (self))
    return 0;
  done = pcap_file_write_buffers (self->file, chunks, n);
  judge_disk (self, start);
  for (guint i = 0; i < done; i++) {
    count_records (self, chunks[i], chunks[i]->length);
    pcap_chunk_reset (chunks[i], 0);
  }
  return done;
}

void
pcap_files_get_stats (PcapFiles * self, PcapFilesStats * stats)
{
  g_mutex_lock (&self->lock);
  *stats = self->stats;
  stats->file.location = g_strdup (stats->file.location);
  g_mutex_unlock (&self->lock);
}
