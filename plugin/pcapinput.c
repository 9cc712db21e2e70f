/* gst-afring: pieces of a capture stream on their way into a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapinput.h"

struct _PcapInput
{
  PcapRecorder *recorder;       /* borrowed */
  gboolean as_it_is;
  GstPcapDecoder *decoder;
  GByteArray *rest;             /* what is not decoded yet */
  gboolean has_header;          /* only: of a stream of which nothing came yet */
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
  g_free (self);
}

gsize
pcap_input_get_rest (PcapInput * self)
{
  return self->has_header ? 0 : self->rest->len;
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

void
pcap_input_add_header (PcapInput * self, const guint8 * data, gsize length)
{
  g_byte_array_append (self->rest, data, length);
  self->has_header = TRUE;
}

/* A file or a section begins with it, in either byte order. */
static gboolean
is_header (const guint8 * data, gsize length)
{
  guint32 magic;

  if (length < sizeof (magic))
    return FALSE;
  magic = GST_READ_UINT32_BE (data);
  return magic == 0x0a0d0d0a || magic == 0xa1b2c3d4 || magic == 0xd4c3b2a1
      || magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
}

gboolean
pcap_input_takes_whole (PcapInput * self, gsize size, guint packets)
{
  return self->as_it_is && self->rest->len == 0
      && pcap_recorder_has_room (self->recorder, size, packets);
}

PcapRecorderResult
pcap_input_append (PcapInput * self, const guint8 * data, gsize length,
    GError ** error)
{
  PcapRecorderResult result = PCAP_RECORDER_OK;
  gsize used;

  if (length == 0)
    return result;
  if (self->has_header && is_header (data, length))
    g_byte_array_set_size (self->rest, 0);
  self->has_header = FALSE;

  /* mostly a piece is whole, and nothing is copied here */
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
