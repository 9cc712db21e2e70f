/* gst-afring: the bytes of a capture file to packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapcompression.h"
#include "gstpcapdecoder-private.h"

#include <gst/afring/capture/gstcaptureerror.h>

static void
interface_clear (gpointer data)
{
  GstPcapInterface *interface = data;

  g_free ((gchar *) interface->iface.name);
  g_free ((gchar *) interface->iface.filter);
}

GstPcapDecoder *
gst_pcap_decoder_new (void)
{
  GstPcapDecoder *self = g_new0 (GstPcapDecoder, 1);

  self->interfaces = g_array_new (FALSE, FALSE, sizeof (GstPcapInterface));
  g_array_set_clear_func (self->interfaces, interface_clear);
  return self;
}

void
gst_pcap_decoder_free (GstPcapDecoder * self)
{
  g_array_unref (self->interfaces);
  g_free (self);
}

const GstCaptureInterface *
gst_pcap_decoder_get_last_interface (GstPcapDecoder * self)
{
  return gst_pcap_decoder_get_interface (self, self->interfaces->len - 1);
}

const GstCaptureInterface *
gst_pcap_decoder_get_interface (GstPcapDecoder * self, guint number)
{
  if (number >= self->interfaces->len)
    return NULL;
  return &gst_pcap_decoder_get_nth (self, number)->iface;
}

guint
gst_pcap_decoder_get_n_interfaces (GstPcapDecoder * self)
{
  return self->interfaces->len;
}

guint
gst_pcap_decoder_get_n_files (GstPcapDecoder * self)
{
  return self->n_files;
}

void
gst_pcap_decoder_set_stepping (GstPcapDecoder * self, gboolean stepping)
{
  self->stepping = stepping;
}

guint64
gst_pcap_decoder_get_step (GstPcapDecoder * self)
{
  return self->step;
}

void
gst_pcap_decoder_step (GstPcapDecoder * self, guint64 bytes)
{
  self->step -= MIN (bytes, self->step);
  self->position += bytes;
}

gboolean
gst_pcap_decoder_is_inside (GstPcapDecoder * self)
{
  return self->step > 0 || self->trailer > 0;
}

GstPcapPiece
gst_pcap_decoder_get_piece (GstPcapDecoder * self)
{
  return self->piece;
}

const GstCaptureStatistics *
gst_pcap_decoder_get_statistics (GstPcapDecoder * self)
{
  return &self->statistics;
}

const guint8 *
gst_pcap_decoder_get_block (GstPcapDecoder * self, gsize * length)
{
  *length = self->block_length;
  return self->block;
}

gboolean
gst_pcap_decoder_is_described_late (GstPcapDecoder * self)
{
  return self->described_late;
}

guint64
gst_pcap_decoder_get_position (GstPcapDecoder * self)
{
  return self->position;
}

void
gst_pcap_decoder_jump (GstPcapDecoder * self, guint64 position)
{
  self->step = self->trailer = 0;
  self->position = position;
}

GstPcapDecoderResult
gst_pcap_decoder_fail (GstPcapDecoder * self, GError ** error,
    const gchar * what)
{
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "Corrupt capture file at byte %" G_GUINT64_FORMAT ": %s", self->position,
      what);
  return GST_PCAP_DECODER_ERROR;
}

static GstPcapDecoderResult
fail_as_unknown (const guint8 * data, gsize length, GError ** error)
{
  if (!gst_pcap_compression_set_error (gst_pcap_compression_recognise (data,
              length), error))
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "Neither a pcap nor a pcapng file; \"editcap -F pcapng FILE NEW\" "
        "makes one of captures of other formats");
  return GST_PCAP_DECODER_ERROR;
}

static GstPcapDecoderResult
recognise (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GError ** error)
{
  if (length < sizeof (guint32))
    return gst_pcap_decoder_need (used, sizeof (guint32));
  if (gst_pcap_decoder_is_section_header (data)) {
    self->format = PCAPNG;
    self->piece = GST_PCAP_PIECE_UNKNOWN;
    *used = 0;
    return GST_PCAP_DECODER_OTHER;
  }
  if (gst_pcap_decoder_has_magic (data))
    return gst_pcap_decoder_read_file_header (self, data, length, used, error);
  return fail_as_unknown (data, length, error);
}

/* What is between records: mostly a record. It can be the header of another file,
 * where files were put one behind the other. */
static GstPcapDecoderResult
read_next (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GstPcapPacket * packet, GError ** error)
{
  if (self->format != UNKNOWN && self->trailer == 0
      && length >= sizeof (guint32)
      && G_UNLIKELY (gst_pcap_decoder_has_magic (data))) {
    gboolean section = gst_pcap_decoder_is_section_header (data);
    gsize needed = section ? LEAST_BLOCK_LENGTH : FILE_HEADER_LENGTH;

    /* a section is what pcapng has anyway */
    if (section && self->format == PCAPNG)
      needed = 0;
    if (length < needed)
      return gst_pcap_decoder_need (used, needed);
    if (needed > 0 && gst_pcap_decoder_is_file_header (data))
      self->format = UNKNOWN;
  }
  if (G_UNLIKELY (self->trailer > 0))
    return gst_pcap_decoder_read_trailer (self, data, length, used, error);
  if (self->format == CLASSIC)
    return gst_pcap_decoder_read_record (self, data, length, used, packet,
        error);
  if (self->format == PCAPNG)
    return gst_pcap_decoder_read_block (self, data, length, used, packet,
        error);
  return recognise (self, data, length, used, error);
}

GstPcapDecoderResult
gst_pcap_decoder_next (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GstPcapPacket * packet, GError ** error)
{
  GstPcapDecoderResult result;

  if (G_UNLIKELY (self->step > 0)) {
    if (length == 0)
      return gst_pcap_decoder_need (used, 1);
    *used = MIN (length, self->step);
    self->piece = GST_PCAP_PIECE_UNKNOWN;
    gst_pcap_decoder_step (self, *used);
    return GST_PCAP_DECODER_OTHER;
  }
  result = read_next (self, data, length, used, packet, error);
  if (result == GST_PCAP_DECODER_PACKET || result == GST_PCAP_DECODER_OTHER)
    self->position += *used;
  if (result == GST_PCAP_DECODER_PACKET)
    self->has_packets = self->section_has_packets = TRUE;
  else if (result == GST_PCAP_DECODER_OTHER && self->has_packets
      && (self->piece == GST_PCAP_PIECE_HEADER
          || self->piece == GST_PCAP_PIECE_INTERFACE))
    self->described_late = TRUE;
  return result;
}
