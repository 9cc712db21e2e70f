/* gst-afring: how much of a capture file is whole
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapscan.h"
#include "gstpcapdecoder.h"
#include "gstpcapframe.h"
#include "gstpcapindexblock.h"
#include "gstpcapindexbuilder-private.h"
#include "gstpcapngblock.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read at once. */
#define PIECE (4 * 1024 * 1024)
/* What a record that was not written to its end can have, and a frame of them. */
#define MOST_TORN (1024 * 1024)
#define MOST_TORN_FRAME ((guint64) 1200 * 1024 * 1024)

/* Whole records that nothing says yet that they stay, for the index. */
#define MOST_UNSURE (64 * 1024 * 1024)

/* More than any record has. */
#define MOST_NEEDED (512 * 1024 * 1024)

typedef struct
{
  GstPcapScan *scan;
  int fd;
  GCancellable *cancellable;
  GstPcapDecoder *decoder;
  GByteArray *bytes;            /* of the file, those that are looked at */
  gsize at;                     /* how many of them are done with */
  GByteArray *content;          /* of its frames, as far as it is not taken apart */
  guint n_frames;               /* that end with a whole record */
  guint64 frames_end;           /* of the last whole frame, in the file */
  guint64 whole;                /* bytes of the content that are whole records */
  guint64 packets;              /* in those */
  GstClockTime last_time;
  guint64 zeros;                /* bytes behind them that are zero, if that is a record too */
  guint64 zero_packets;
  GByteArray *unsure;           /* records that the index has not seen; or NULL */
} Scanner;

/* The index. */

static void
stop_index (Scanner * self)
{
  g_clear_pointer (&self->scan->index, gst_pcap_index_builder_unref);
}

/* Those that the file has are not made again. */
static void
index_record (Scanner * self, const guint8 * data, gsize length)
{
  GstPcapIndexBuilder *index = self->scan->index;

  if (length < GST_PCAP_INDEX_START_LENGTH
      || gst_pcap_index_block_get_length (data) != length
      || !gst_pcap_index_builder_pass (index, data, length))
    gst_pcap_index_builder_add (index, data, length);
}

/* All of them stay. */
static void
index_records (Scanner * self)
{
  const guint8 *data = self->unsure->data;

  for (gsize at = 0, length; self->scan->index != NULL
      && at < self->unsure->len; at += length) {
    guint32 size;

    memcpy (&size, data + at, sizeof (size));
    length = size;
    index_record (self, data + at + sizeof (size), length);
    length += sizeof (size);
  }
  g_byte_array_set_size (self->unsure, 0);
}

/* A frame, or what may be zeros, is not cut in the middle. */
static void
show_record (Scanner * self, const guint8 * data, gsize used, gboolean sure)
{
  guint32 size = used;

  if (self->scan->index == NULL)
    return;
  if (sure && self->unsure->len == 0) {
    index_record (self, data, used);
    return;
  }
  g_byte_array_append (self->unsure, (const guint8 *) &size, sizeof (size));
  g_byte_array_append (self->unsure, data, used);
  if (sure)
    index_records (self);
  else if (self->unsure->len > MOST_UNSURE)
    stop_index (self);
}

/* Records. */

static void
take_piece (Scanner * self, const guint8 * data, gsize used)
{
  guint32 magic;

  show_record (self, data, used, self->scan->compression ==
      GST_PCAP_COMPRESSION_NONE);
  self->whole += used + self->zeros;
  self->packets += self->zero_packets;
  self->zeros = self->zero_packets = 0;
  if (gst_pcap_decoder_get_piece (self->decoder) != GST_PCAP_PIECE_HEADER
      || used < 12)
    return;
  memcpy (&magic, data + 8, sizeof (magic));
  self->scan->native = magic == GST_PCAPNG_BYTE_ORDER_MAGIC;
}

/* What was reserved and not written is zeros, and they are packets of 1970 in a classic
 * file: only if something follows do they count. */
static void
take_packet (Scanner * self, const guint8 * data, gsize used,
    const GstPcapPacket * packet)
{
  if (packet->wire_length == 0) {
    show_record (self, data, used, FALSE);
    self->zeros += used;
    self->zero_packets++;
    return;
  }
  take_piece (self, data, used);
  self->packets++;
  self->last_time = packet->time;
}

/* Returns how many bytes were whole records; *@needed is how many the next one has at
 * least, or 0 if there cannot be one. */
static gsize
take_records (Scanner * self, const guint8 * data, gsize length, gsize * needed)
{
  GstPcapDecoderResult result;
  g_autoptr (GError) error = NULL;
  GstPcapPacket packet;
  gsize at = 0, used;

  for (;;) {
    result = gst_pcap_decoder_next (self->decoder, data + at, length - at, &used,
        &packet, &error);
    if (result == GST_PCAP_DECODER_MORE || result == GST_PCAP_DECODER_ERROR)
      break;
    if (result == GST_PCAP_DECODER_PACKET)
      take_packet (self, data + at, used, &packet);
    else
      take_piece (self, data + at, used);
    at += used;
  }
  *needed = result == GST_PCAP_DECODER_MORE && used <= MOST_NEEDED ? used : 0;
  return at;
}

/* Reading. */

/* From errno. FALSE. */
static gboolean
set_read_error (GError ** error)
{
  gint saved_errno = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved_errno),
      "Cannot read it: %s", g_strerror (saved_errno));
  return FALSE;
}

/* Up to @size bytes more. Returns how many, or -1 with an error. */
static gssize
read_on (Scanner * self, gsize size, GError ** error)
{
  guint at;
  gssize n;

  g_byte_array_remove_range (self->bytes, 0, self->at);
  self->at = 0;
  at = self->bytes->len;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return -1;
  g_byte_array_set_size (self->bytes, at + size);
  do
    n = read (self->fd, self->bytes->data + at, size);
  while (n < 0 && errno == EINTR);
  g_byte_array_set_size (self->bytes, at + MAX (n, 0));
  if (n < 0)
    set_read_error (error);
  return n;
}

/* Up to there all is whole. */
static void
commit (Scanner * self, guint64 end)
{
  self->scan->end = end;
  self->scan->packets = self->packets;
  self->scan->last_time = self->last_time;
}

static gboolean
scan_records (Scanner * self, GError ** error)
{
  gsize needed = 1, used;
  gssize n = 1;

  while (needed > 0 && n > 0) {
    used = take_records (self, self->bytes->data + self->at,
        self->bytes->len - self->at, &needed);
    self->at += used;
    if (needed > 0)
      n = read_on (self, MAX (needed, PIECE), error);
  }
  self->scan->torn = needed > 0;
  commit (self, self->whole);
  return n >= 0;
}

/* What a frame of ours holds is whole records; those of others can end anywhere. FALSE if
 * there cannot be a record where one has to be. */
static gboolean
take_frame (Scanner * self, gsize size, guint content_size)
{
  GByteArray *content = self->content;
  gsize needed, used;

  self->frames_end += size;
  if (self->scan->frames != NULL)
    gst_pcap_seek_table_add (self->scan->frames, size, content_size);
  used = take_records (self, content->data, content->len, &needed);
  g_byte_array_remove_range (content, 0, used);
  if (content->len > 0)
    return needed > 0;
  commit (self, self->frames_end);
  if (self->scan->index != NULL)
    index_records (self);
  if (self->scan->frames != NULL)
    self->n_frames = gst_pcap_seek_table_get_n_frames (self->scan->frames);
  return TRUE;
}

static gboolean
scan_frames (Scanner * self, GError ** error)
{
  GstPcapScan *scan = self->scan;
  gssize n = 1;

  if (scan->compression == GST_PCAP_COMPRESSION_ZSTD)
    scan->frames = gst_pcap_seek_table_new ();
  while (n > 0) {
    g_autoptr (GError) corrupt = NULL;
    guint held = self->content->len;
    gsize used = gst_pcap_frame_decode (scan->compression,
        self->bytes->data + self->at, self->bytes->len - self->at, 0,
        self->content, &corrupt);

    scan->torn = used == 0 && corrupt == NULL && self->bytes->len > self->at;
    if (used > 0) {
      self->at += used;
      if (!take_frame (self, used, self->content->len - held))
        break;
    } else if (corrupt != NULL) {
      break;
    } else {
      n = read_on (self, PIECE, error);
    }
  }
  /* whole frames of a record that is not are not to be cut */
  scan->torn &= self->content->len == 0;
  if (scan->frames != NULL)
    gst_pcap_seek_table_truncate (scan->frames, self->n_frames);
  return n >= 0;
}

gboolean
gst_pcap_scan_init (GstPcapScan * self, int fd, gboolean indexed,
    GCancellable * cancellable, GError ** error)
{
  Scanner scanner = { self, fd, cancellable, };
  struct stat info;
  gboolean ok;

  memset (self, 0, sizeof (*self));
  if (fstat (fd, &info) < 0)
    return set_read_error (error);
  self->size = info.st_size;
  scanner.decoder = gst_pcap_decoder_new ();
  scanner.bytes = g_byte_array_new ();
  scanner.content = g_byte_array_new ();
  scanner.unsure = g_byte_array_new ();
  if (indexed)
    self->index = gst_pcap_index_builder_new (0);
  ok = read_on (&scanner, PIECE, error) >= 0;
  if (ok) {
    self->compression = gst_pcap_compression_recognise (scanner.bytes->data,
        scanner.bytes->len);
    if (self->compression == GST_PCAP_COMPRESSION_GZIP)
      stop_index (&scanner);
    ok = self->compression == GST_PCAP_COMPRESSION_NONE ?
        scan_records (&scanner, error) : scan_frames (&scanner, error);
  }
  self->n_interfaces = gst_pcap_decoder_get_n_interfaces (scanner.decoder);
  gst_pcap_decoder_free (scanner.decoder);
  g_byte_array_unref (scanner.bytes);
  g_byte_array_unref (scanner.content);
  g_byte_array_unref (scanner.unsure);
  return ok;
}

void
gst_pcap_scan_clear (GstPcapScan * self)
{
  g_clear_pointer (&self->frames, gst_pcap_seek_table_free);
  g_clear_pointer (&self->index, gst_pcap_index_builder_unref);
}

/* Nothing was written there. */
static gboolean
is_zero_from (int fd, guint64 at)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);
  gssize n;

  while ((n = pread (fd, buffer, PIECE, at)) > 0 || (n < 0 && errno == EINTR)) {
    if (n < 0)
      continue;
    if (buffer[0] != 0 || memcmp (buffer, buffer + 1, n - 1) != 0)
      return FALSE;
    at += n;
  }
  return n == 0;
}

gboolean
gst_pcap_scan_may_cut (GstPcapScan * self, int fd)
{
  guint64 most = self->compression == GST_PCAP_COMPRESSION_NONE ? MOST_TORN :
      MOST_TORN_FRAME;

  return self->end == self->size || (self->torn
      && self->size - self->end <= most) || is_zero_from (fd, self->end);
}
