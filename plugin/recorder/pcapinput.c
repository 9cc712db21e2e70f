/* gst-afring: pieces of a capture stream on their way into a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapinput.h"

#include <gst/afring/pcap/gstpcapngblock.h>
#include <string.h>

/* The magic number of a classic file and its version, which is 2.something; a packet
 * would have to be from 2055 or later for its time to look like that. */
#define START_LENGTH 8
#define VERSION_AT 4
#define VERSION_MAJOR 2

struct _PcapInput
{
  PcapIntake *intake;           /* borrowed */
  GstPcapDecoder *decoder;
  gboolean is_pcapng;
  gboolean fresh;               /* a stream may begin */
  GByteArray *rest;             /* what is not decoded yet */
  GByteArray *header;           /* that may come once more, or NULL */
};

PcapInput *
pcap_input_new (PcapIntake * intake)
{
  PcapInput *self = g_new0 (PcapInput, 1);

  self->intake = intake;
  self->decoder = gst_pcap_decoder_new ();
  self->fresh = TRUE;
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

gboolean
pcap_input_has_begun (PcapInput * self)
{
  return gst_pcap_decoder_get_position (self->decoder) > 0;
}

void
pcap_input_flush (PcapInput * self)
{
  g_byte_array_set_size (self->rest, 0);
  self->fresh = TRUE;
}

static gboolean
is_section_header (const guint8 * data)
{
  guint32 type;

  memcpy (&type, data, sizeof (type));
  return type == GST_PCAPNG_BLOCK_SECTION_HEADER;
}

static inline gboolean
has_version (const guint8 * data)
{
  guint16 version;

  memcpy (&version, data + VERSION_AT, sizeof (version));
  return version == VERSION_MAJOR
      || version == GUINT16_SWAP_LE_BE (VERSION_MAJOR);
}

/* The start of a classic file, of any kind and byte order that there is. */
static gboolean
is_file_header (const guint8 * data)
{
  static const guint32 magics[] = { 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34,
    0x1c0001ac, 0x1c0001ab
  };
  guint32 magic;

  memcpy (&magic, data, sizeof (magic));
  for (guint i = 0; i < G_N_ELEMENTS (magics); i++) {
    if (magic == magics[i] || magic == GUINT32_SWAP_LE_BE (magics[i]))
      return has_version (data);
  }
  return FALSE;
}

/* Classic files can follow each other in one stream, and sections of pcapng can do so by
 * themselves; one behind the other comes only where a stream begins. */
static gboolean
begins_here (PcapInput * self, const guint8 * data)
{
  return is_file_header (data)
      || (self->fresh && !self->is_pcapng && is_section_header (data));
}

static void
begin_stream (PcapInput * self, const guint8 * data)
{
  if (gst_pcap_decoder_get_position (self->decoder) > 0) {
    gst_pcap_decoder_free (self->decoder);
    self->decoder = gst_pcap_decoder_new ();
  }
  self->is_pcapng = is_section_header (data);
  if (!self->is_pcapng)
    pcap_intake_leave_section (self->intake);
}

static void
note_piece (PcapInput * self)
{
  switch (gst_pcap_decoder_get_piece (self->decoder)) {
    case GST_PCAP_PIECE_STATISTICS:
      pcap_intake_note_statistics (self->intake,
          gst_pcap_decoder_get_statistics (self->decoder));
      break;
    case GST_PCAP_PIECE_INTERFACE:
      pcap_intake_note_interface (self->intake,
          gst_pcap_decoder_get_last_interface (self->decoder), self->is_pcapng);
      break;
    default:
      break;
  }
}

/* What was read last. */
static gboolean
is_of_section (PcapInput * self)
{
  GstPcapPiece piece = gst_pcap_decoder_get_piece (self->decoder);

  return piece == GST_PCAP_PIECE_HEADER || piece == GST_PCAP_PIECE_INTERFACE
      || piece == GST_PCAP_PIECE_SECTION;
}

static PcapRecorderResult
record (PcapInput * self, const guint8 * data, gsize length,
    const GstPcapPacket * packet)
{
  if (packet == NULL)
    note_piece (self);
  if (self->is_pcapng && length > 0)
    return pcap_intake_append_block (self->intake, data, length, packet,
        packet == NULL && is_of_section (self));
  return packet == NULL ? PCAP_RECORDER_OK :
      pcap_intake_append (self->intake, packet, NULL);
}

/* Between two records: FALSE if it cannot be seen yet whether a stream begins here,
 * which it does where one may, or with the header of a file. */
static inline gboolean
look_for_start (PcapInput * self, const guint8 * data, gsize length)
{
  if (G_LIKELY (self->is_pcapng && !self->fresh))
    return TRUE;
  if (length < START_LENGTH)
    return FALSE;
  if (G_UNLIKELY ((self->fresh || has_version (data))
          && begins_here (self, data)))
    begin_stream (self, data);
  self->fresh = FALSE;
  return TRUE;
}

/* What else begins with these bytes, and what to do about it. */
static const gchar *
get_remedy (const guint8 * data, gsize length)
{
  static const struct
  {
    const gchar *magic;
    gsize length;
    const gchar *remedy;
  } kinds[] = {
    {"\x1f\x8b", 2, "they are compressed with gzip: unpack them first"},
    {"\x28\xb5\x2f\xfd", 4, "they are compressed with zstd: unpack them first"},
    {"\x04\x22\x4d\x18", 4, "they are compressed with lz4: unpack them first"},
    {"\xfd" "7zXZ", 5, "they are compressed with xz: unpack them first"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (length >= kinds[i].length
        && memcmp (data, kinds[i].magic, kinds[i].length) == 0)
      return kinds[i].remedy;
  }
  return "if each buffer is a packet, a caps filter "
      "application/x-packet,link-type=1 (or another link type) in front of "
      "pcapsink says so";
}

/* @reason: of the decoder; taken. */
static void
set_error (PcapInput * self, const guint8 * data, gsize length,
    GError * reason, GError ** error)
{
  if (gst_pcap_decoder_get_position (self->decoder) > 0 || length < 4
      || is_file_header (data) || is_section_header (data))
    g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
        reason->message);
  else
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE,
        "What comes is no capture: its first bytes are %02x %02x %02x %02x; %s",
        data[0], data[1], data[2], data[3], get_remedy (data, length));
  g_error_free (reason);
}

/* Returns how many bytes were whole pieces. */
static gsize
decode (PcapInput * self, const guint8 * data, gsize length,
    PcapRecorderResult * result, GError ** error)
{
  GstPcapDecoderResult decoded = GST_PCAP_DECODER_OTHER;
  GError *reason = NULL;
  gsize at = 0, used;
  GstPcapPacket packet;

  while (*result == PCAP_RECORDER_OK
      && (decoded == GST_PCAP_DECODER_OTHER
          || decoded == GST_PCAP_DECODER_PACKET)) {
    if (!look_for_start (self, data + at, length - at))
      return at;
    pcap_intake_renew (self->intake);
    decoded = gst_pcap_decoder_next (self->decoder, data + at, length - at,
        &used, &packet, &reason);
    if (decoded == GST_PCAP_DECODER_PACKET)
      *result = record (self, data + at, used, &packet);
    else if (decoded == GST_PCAP_DECODER_OTHER)
      *result = record (self, data + at, used, NULL);
    else
      used = 0;
    at += used;
  }
  if (decoded == GST_PCAP_DECODER_ERROR) {
    set_error (self, data + at, length - at, reason, error);
    *result = PCAP_RECORDER_FAILED;
  }
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
  return self->is_pcapng && !self->fresh && self->rest->len == 0
      && pcap_intake_has_room (self->intake, size, packets);
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
