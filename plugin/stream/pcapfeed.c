/* gst-afring: the bytes of a capture stream, decompressed
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapfeed.h"

#include <gst/afring/pcap/gstpcapcompression.h>

#define PIECE_SIZE (256 * 1024)

struct _PcapFeed
{
  gboolean recognised;
  GstPcapCompression compression;
  GConverter *decompressor;     /* or NULL */
  gboolean torn;
  gboolean at_end;
  gboolean done;                /* the compressed data has come to its end */
  GError *error;                /* behind what was decompressed, or NULL */

  GstBuffer *buffer;            /* that was pushed, or NULL */
  gsize at;                     /* in it */
};

PcapFeed *
pcap_feed_new (void)
{
  return g_new0 (PcapFeed, 1);
}

void
pcap_feed_reset (PcapFeed * self)
{
  g_clear_object (&self->decompressor);
  gst_clear_buffer (&self->buffer);
  g_clear_error (&self->error);
  self->compression = GST_PCAP_COMPRESSION_NONE;
  self->recognised = self->torn = self->at_end = self->done = FALSE;
  self->at = 0;
}

void
pcap_feed_flush (PcapFeed * self)
{
  gst_clear_buffer (&self->buffer);
  self->at_end = FALSE;
  self->at = 0;
}

void
pcap_feed_free (PcapFeed * self)
{
  pcap_feed_reset (self);
  g_free (self);
}

gboolean
pcap_feed_is_compressed (PcapFeed * self)
{
  return self->compression != GST_PCAP_COMPRESSION_NONE;
}

gboolean
pcap_feed_is_torn (PcapFeed * self)
{
  return self->torn;
}

/* Only the first few bytes have to wait for others. */
void
pcap_feed_push (PcapFeed * self, GstBuffer * buffer)
{
  if (G_LIKELY (self->buffer == NULL))
    self->buffer = buffer;
  else
    self->buffer = gst_buffer_append (self->buffer, buffer);
}

void
pcap_feed_finish (PcapFeed * self)
{
  self->at_end = TRUE;
}

static gboolean
recognise (PcapFeed * self, GError ** error)
{
  guint8 head[GST_PCAP_COMPRESSION_BYTES];
  gsize n = self->buffer == NULL ? 0 :
      gst_buffer_extract (self->buffer, 0, head, sizeof (head));

  if (n < sizeof (head) && !self->at_end)
    return FALSE;
  self->recognised = TRUE;
  self->compression = gst_pcap_compression_recognise (head, n);
  if (!pcap_feed_is_compressed (self))
    return TRUE;
  self->decompressor =
      gst_pcap_compression_new_decompressor (self->compression, error);
  return self->decompressor != NULL;
}

/* As much as fits into @out, of the bytes at hand. */
static gsize
fill (PcapFeed * self, const guint8 * in, gsize size, guint8 * out)
{
  GConverterFlags flags = self->at_end ? G_CONVERTER_INPUT_AT_END :
      G_CONVERTER_NO_FLAGS;
  g_autoptr (GError) reason = NULL;
  gsize n = 0, n_read, n_written;

  while (self->error == NULL && n < PIECE_SIZE && !self->done) {
    GConverterResult result = g_converter_convert (self->decompressor,
        in + self->at, size - self->at, out + n, PIECE_SIZE - n, flags, &n_read,
        &n_written, &reason);

    if (result == G_CONVERTER_ERROR)
      break;
    self->at += n_read;
    n += n_written;
    self->done = result == G_CONVERTER_FINISHED;
  }
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    self->torn = self->at_end;
  else if (reason != NULL)
    g_propagate_prefixed_error (&self->error, g_steal_pointer (&reason),
        "Corrupt compressed data: ");
  return n;
}

/* The decompressor may have bytes for which there was no room: an empty piece comes
 * once all that was given to it is used up. */
static GstBuffer *
decompress (PcapFeed * self, GError ** error)
{
  GstMapInfo in = GST_MAP_INFO_INIT;
  guint8 *out = g_malloc (PIECE_SIZE);
  gsize n;

  if (self->buffer != NULL
      && !gst_buffer_map (self->buffer, &in, GST_MAP_READ)) {
    g_free (out);
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
        "Cannot map a piece of the stream");
    return NULL;
  }
  /* what is added to has to be something */
  n = fill (self, in.size > 0 ? in.data : out, in.size, out);
  if (self->buffer != NULL) {
    gboolean used_up = self->at == in.size;

    gst_buffer_unmap (self->buffer, &in);
    if (used_up && n < PIECE_SIZE) {
      gst_clear_buffer (&self->buffer);
      self->at = 0;
    }
  }
  if (n > 0)
    return gst_buffer_new_wrapped (out, n);
  g_free (out);
  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return NULL;
}

GstBuffer *
pcap_feed_pop (PcapFeed * self, GError ** error)
{
  if (G_UNLIKELY (!self->recognised) && !recognise (self, error))
    return NULL;
  if (G_LIKELY (self->decompressor == NULL))
    return g_steal_pointer (&self->buffer);
  return decompress (self, error);
}
