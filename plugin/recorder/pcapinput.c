/* gst-afring: pieces of a capture stream on their way into a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapinput.h"

#include <string.h>

struct _PcapInput
{
  PcapRecorder *recorder;       /* borrowed */
  gboolean as_it_is;
  GstPcapDecoder *decoder;
  GByteArray *rest;             /* what is not decoded yet */
  GByteArray *header;           /* that may come once more, or NULL */
};

PcapInput *
pcap_input_new (PcapRecorder * recorder, gboolean as_it_is)
{
  PcapInput *self = g_new0 (PcapInput, 1);

  self->recorder = recorder;
  self->as_it_is = as_it_is;
  self->decoder = gst_pcap_decoder_new ();
  self->rest = g_byte_array_new ();
  return self;
}

void
pcap_input_free (PcapInput * self)
{
  gst_pcap_decoder_free (self->decoder);
  g_byte_array_unref (self->rest);
  g_clear_pointer (&self->header, g_byte_array_unref);
  g_free (self);
}

gsize
pcap_input_get_rest (PcapInput * self)
{
  return self->rest->len;
}

static PcapRecorderResult
record (PcapInput * self, const guint8 * data, gsize length,
    const GstPcapPacket * packet)
{
  const GstCaptureInterface *iface;

  if (self->as_it_is && length > 0)
    return pcap_recorder_append_block (self->recorder, data, length, packet,
        gst_pcap_decoder_get_piece (self->decoder));
  if (packet != NULL)
    return pcap_recorder_append (self->recorder, packet);

  iface = gst_pcap_decoder_get_last_interface (self->decoder);
  if (iface != NULL)
    pcap_recorder_set_interface (self->recorder, iface);
  return PCAP_RECORDER_OK;
}

/* Returns how many bytes were whole pieces. */
static gsize
decode (PcapInput * self, const guint8 * data, gsize length,
    PcapRecorderResult * result, GError ** error)
{
  GstPcapDecoderResult decoded = GST_PCAP_DECODER_OTHER;
  gsize at = 0, used;
  GstPcapPacket packet;

  while (*result == PCAP_RECORDER_OK
      && (decoded == GST_PCAP_DECODER_OTHER
          || decoded == GST_PCAP_DECODER_PACKET)) {
    decoded = gst_pcap_decoder_next (self->decoder, data + at, length - at,
        &used, &packet, error);
    if (decoded == GST_PCAP_DECODER_PACKET)
      *result = record (self, data + at, used, &packet);
    else if (decoded == GST_PCAP_DECODER_OTHER)
      *result = record (self, data + at, used, NULL);
    else
      used = 0;
    at += used;
  }
  if (decoded == GST_PCAP_DECODER_ERROR)
    *result = PCAP_RECORDER_FAILED;
  return at;
}

/* Mostly a piece is whole, and nothing is copied here. */
static PcapRecorderResult
append (PcapInput * self, const guint8 * data, gsize length, GError ** error)
{
  PcapRecorderResult result = PCAP_RECORDER_OK;
  gsize used;

  if (self->rest->len > 0) {
    g_byte_array_append (self->rest, data, length);
    used = decode (self, self->rest->data, self->rest->len, &result, error);
    g_byte_array_remove_range (self->rest, 0, used);
  } else {
    used = decode (self, data, length, &result, error);
    g_byte_array_append (self->rest, data + used, length - used);
  }
  return result;
}

PcapRecorderResult
pcap_input_add_header (PcapInput * self, const guint8 * data, gsize length,
    GError ** error)
{
  if (self->header == NULL)
    self->header = g_byte_array_new ();
  g_byte_array_append (self->header, data, length);
  return append (self, data, length, error);
}

gboolean
pcap_input_takes_whole (PcapInput * self, gsize size, guint packets)
{
  return self->as_it_is && self->rest->len == 0
      && pcap_recorder_has_room (self->recorder, size, packets);
}

/* How much of the stream's first bytes is the header that was there before. */
static gsize
skip_header (PcapInput * self, const guint8 * data, gsize length)
{
  gsize n = MIN (length, self->header->len);

  if (memcmp (data, self->header->data, n) != 0)
    n = 0;
  else
    g_byte_array_remove_range (self->header, 0, n);
  if (n == 0 || self->header->len == 0)
    g_clear_pointer (&self->header, g_byte_array_unref);
  return n;
}

PcapRecorderResult
pcap_input_append (PcapInput * self, const guint8 * data, gsize length,
    GError ** error)
{
  if (self->header != NULL && length > 0) {
    gsize skipped = skip_header (self, data, length);

    data += skipped;
    length -= skipped;
  }
  return length == 0 ? PCAP_RECORDER_OK : append (self, data, length, error);
}
