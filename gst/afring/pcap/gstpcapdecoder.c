/* gst-afring: the bytes of a capture file to packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdecoder-private.h"

#include <gst/afring/capture/gstcaptureerror.h>
#include <string.h>

/* Classic pcap, draft-ietf-opsawg-pcap */
#define MAGIC_MICROSECOND 0xa1b2c3d4
#define MAGIC_NANOSECOND 0xa1b23c4d
#define VERSION_MAJOR 2
#define LINK_TYPE_MASK 0x03ffffff      /* above it is the length of the FCS */

/* pcapng, draft-ietf-opsawg-pcapng */
#define LEAST_SECTION_HEADER 28

static void
interface_free (gpointer data)
{
  GstPcapInterface *interface = data;

  g_free ((gchar *) interface->iface.name);
  g_free ((gchar *) interface->iface.filter);
  g_free (interface);
}

GstPcapDecoder *
gst_pcap_decoder_new (void)
{
  GstPcapDecoder *self = g_new0 (GstPcapDecoder, 1);

  self->interfaces = g_ptr_array_new_with_free_func (interface_free);
  return self;
}

void
gst_pcap_decoder_free (GstPcapDecoder * self)
{
  g_ptr_array_unref (self->interfaces);
  g_free (self);
}

const GstCaptureInterface *
gst_pcap_decoder_get_last_interface (GstPcapDecoder * self)
{
  const GstPcapInterface *interface;

  if (self->interfaces->len == 0)
    return NULL;
  interface = g_ptr_array_index (self->interfaces, self->interfaces->len - 1);
  return &interface->iface;
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
  self->step = 0;
  self->position = position;
}

static GstPcapDecoderResult
fail (GstPcapDecoder * self, GError ** error, const gchar * what)
{
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
      "Corrupt capture file at byte %" G_GUINT64_FORMAT ": %s", self->position,
      what);
  return GST_PCAP_DECODER_ERROR;
}

static GstPcapDecoderResult
need (gsize * used, gsize length)
{
  *used = length;
  return GST_PCAP_DECODER_MORE;
}

/* Classic. */

static GstPcapDecoderResult
read_file_header (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GError ** error)
{
  GstPcapInterface *interface;
  guint32 link_type;

  if (length < FILE_HEADER_LENGTH)
    return need (used, FILE_HEADER_LENGTH);
  link_type = gst_pcap_decoder_read_u32 (self, data + 20) & LINK_TYPE_MASK;
  self->minor = gst_pcap_decoder_read_u16 (self, data + 6);
  if (gst_pcap_decoder_read_u16 (self, data + 4) != VERSION_MAJOR)
    return fail (self, error, "a version of pcap other than 2");
  if (link_type > G_MAXUINT16)
    return fail (self, error, "an impossible link type");
  interface = g_new0 (GstPcapInterface, 1);
  interface->iface.snaplen = gst_pcap_decoder_read_u32 (self, data + 16);
  interface->iface.link_type = link_type;
  g_ptr_array_add (self->interfaces, interface);
  self->format = CLASSIC;
  self->piece = GST_PCAP_PIECE_INTERFACE;
  *used = FILE_HEADER_LENGTH;
  return GST_PCAP_DECODER_OTHER;
}

/* Up to version 2.2 the two lengths stood the other way round, and in 2.3 with some
 * programs. */
static void
read_lengths (GstPcapDecoder * self, const guint8 * record, guint32 * captured,
    guint32 * wire)
{
  *captured = gst_pcap_decoder_read_u32 (self, record + 8);
  *wire = gst_pcap_decoder_read_u32 (self, record + 12);
  if (G_UNLIKELY (self->minor < 3 || (self->minor == 3 && *captured > *wire))) {
    guint32 first = *captured;

    *captured = *wire;
    *wire = first;
  }
}

static GstPcapDecoderResult
read_record (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GstPcapPacket * packet, GError ** error)
{
  const GstPcapInterface *interface = g_ptr_array_index (self->interfaces, 0);
  guint32 captured, wire, fraction;

  if (length < RECORD_HEADER_LENGTH)
    return need (used, RECORD_HEADER_LENGTH);
  read_lengths (self, data, &captured, &wire);
  if (captured > MAX_LENGTH)
    return fail (self, error, "a packet of an impossible length");
  if (length < RECORD_HEADER_LENGTH + captured)
    return need (used, RECORD_HEADER_LENGTH + captured);

  fraction = gst_pcap_decoder_read_u32 (self, data + 4);
  packet->interface_id = 0;
  packet->link_type = interface->iface.link_type;
  packet->time = gst_pcap_decoder_read_u32 (self, data) * GST_SECOND
      + fraction * (self->nanoseconds ? 1 : GST_USECOND);
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->data = data + RECORD_HEADER_LENGTH;
  packet->captured_length = captured;
  packet->wire_length = wire;
  *used = RECORD_HEADER_LENGTH + captured;
  return GST_PCAP_DECODER_PACKET;
}

/* pcapng. */

/* Steps through options; FALSE at their end. An option that does not fit ends
 * them: what it claims is not there. */
static gboolean
next_option (GstPcapDecoder * self, const guint8 ** p, const guint8 * end,
    guint16 * code, guint16 * size, const guint8 ** value)
{
  if (end - *p < 4)
    return FALSE;
  *code = gst_pcap_decoder_read_u16 (self, *p);
  *size = gst_pcap_decoder_read_u16 (self, *p + 2);
  *value = *p + 4;
  if (*code == GST_PCAPNG_OPT_END
      || (gsize) (end - *value) < GST_PCAPNG_PADDED (*size))
    return FALSE;
  *p = *value + GST_PCAPNG_PADDED (*size);
  return TRUE;
}

static GstPcapDecoderResult
read_interface (GstPcapDecoder * self, const guint8 * block,
    const guint8 * end, GError ** error)
{
  const guint8 *p = block + 16, *value;
  GstPcapInterface *interface;
  guint16 code, size;

  if (p > end)
    return fail (self, error, "an interface description that is too short");
  interface = g_new0 (GstPcapInterface, 1);
  interface->iface.id = self->interfaces->len;
  interface->iface.link_type = gst_pcap_decoder_read_u16 (self, block + 8);
  interface->iface.snaplen = gst_pcap_decoder_read_u32 (self, block + 12);
  interface->exponent = 6;      /* microseconds */
  while (next_option (self, &p, end, &code, &size, &value)) {
    if (code == GST_PCAPNG_IF_NAME && interface->iface.name == NULL) {
      interface->iface.name = g_strndup ((const gchar *) value, size);
    } else if (code == GST_PCAPNG_IF_FILTER && size > 1 && value[0] == 0
        && interface->iface.filter == NULL) {
      interface->iface.filter = g_strndup ((const gchar *) value + 1, size - 1);
    } else if (code == GST_PCAPNG_IF_TSRESOL && size == 1) {
      interface->binary = (value[0] & 0x80) != 0;
      interface->exponent = value[0] & 0x7f;
    } else if (code == GST_PCAPNG_IF_TSOFFSET && size == 8) {
      memcpy (&interface->offset, value, 8);
      if (self->swapped)
        interface->offset = GUINT64_SWAP_LE_BE (interface->offset);
    }
  }
  g_ptr_array_add (self->interfaces, interface);
  self->piece = GST_PCAP_PIECE_INTERFACE;
  return GST_PCAP_DECODER_OTHER;
}

static guint64
power_of_ten (guint exponent)
{
  guint64 power = 1;

  for (; exponent > 0; exponent--)
    power *= 10;
  return power;
}

/* Nanoseconds; NONE if they do not fit. */
static GstClockTime
scale_ticks (const GstPcapInterface * interface, guint64 ticks)
{
  guint exponent = interface->exponent;
  guint64 time;

  if (!interface->binary && exponent <= 9)
    return g_uint64_checked_mul (&time, ticks, power_of_ten (9 - exponent)) ?
        time : GST_CLOCK_TIME_NONE;
  if (!interface->binary)
    return exponent <= 9 + 19 ? ticks / power_of_ten (exponent - 9) : 0;
  if (exponent > 63) {
    ticks = exponent < 2 * 63 ? ticks >> (exponent - 63) : 0;
    exponent = 63;
  }
  return gst_util_uint64_scale (ticks, GST_SECOND,
      G_GUINT64_CONSTANT (1) << exponent);
}

/* NONE if the time does not fit. */
GstClockTime
gst_pcap_decoder_ticks_to_time (const GstPcapInterface * interface,
    guint64 ticks)
{
  guint64 time = scale_ticks (interface, ticks), offset;

  if (time == GST_CLOCK_TIME_NONE || interface->offset == 0)
    return time;
  if (!g_uint64_checked_mul (&offset, interface->offset < 0 ?
          -(guint64) interface->offset : (guint64) interface->offset,
          GST_SECOND))
    return GST_CLOCK_TIME_NONE;
  if (interface->offset < 0)
    return time >= offset ? time - offset : GST_CLOCK_TIME_NONE;
  return g_uint64_checked_add (&time, time, offset) ? time :
      GST_CLOCK_TIME_NONE;
}

static GstPacketType
flags_to_type (guint32 flags)
{
  static const GstPacketType reception[] = {
    GST_PACKET_TYPE_HOST, GST_PACKET_TYPE_HOST, GST_PACKET_TYPE_MULTICAST,
    GST_PACKET_TYPE_BROADCAST, GST_PACKET_TYPE_OTHERHOST
  };
  guint how = flags >> 2 & 7;

  if ((flags & 3) == 2)
    return GST_PACKET_TYPE_OUTGOING;
  if ((flags & 3) == 1 || how != 0)
    return how < G_N_ELEMENTS (reception) ? reception[how] :
        GST_PACKET_TYPE_UNKNOWN;
  return GST_PACKET_TYPE_UNKNOWN;
}

/* An enhanced packet, or the obsolete one that differs in its first words. */
static GstPcapDecoderResult
read_packet (GstPcapDecoder * self, const guint8 * block, const guint8 * end,
    gboolean obsolete, GstPcapPacket * packet, GError ** error)
{
  const guint8 *data = block + 28, *p, *value;
  const GstPcapInterface *interface;
  guint32 id, captured;
  guint16 code, size;

  if (data > end)
    return fail (self, error, "a packet block that is too short");
  id = obsolete ? gst_pcap_decoder_read_u16 (self, block + 8) : gst_pcap_decoder_read_u32 (self, block + 8);
  captured = gst_pcap_decoder_read_u32 (self, block + 20);
  if (id >= self->interfaces->len)
    return fail (self, error, "a packet of an interface that is not described");
  if (captured > (gsize) (end - data))
    return fail (self, error, "a packet that is longer than its block");

  interface = g_ptr_array_index (self->interfaces, id);
  packet->interface_id = id;
  packet->link_type = interface->iface.link_type;
  packet->time = gst_pcap_decoder_ticks_to_time (interface,
      (guint64) gst_pcap_decoder_read_u32 (self, block + 12) << 32 | gst_pcap_decoder_read_u32 (self,
          block + 16));
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->data = data;
  packet->captured_length = captured;
  packet->wire_length = gst_pcap_decoder_read_u32 (self, block + 24);

  p = data + MIN (GST_PCAPNG_PADDED (captured), (gsize) (end - data));
  while (next_option (self, &p, end, &code, &size, &value)) {
    if (code == GST_PCAPNG_EPB_FLAGS && size == 4)
      packet->type = flags_to_type (gst_pcap_decoder_read_u32 (self, value));
  }
  return GST_PCAP_DECODER_PACKET;
}

/* No time, no interface but the first, and cut by that one's snaplen. */
static GstPcapDecoderResult
read_simple_packet (GstPcapDecoder * self, const guint8 * block,
    const guint8 * end, GstPcapPacket * packet, GError ** error)
{
  const guint8 *data = block + 12;
  const GstPcapInterface *interface;
  guint32 length;

  if (data > end || self->interfaces->len == 0)
    return fail (self, error, "a simple packet without an interface");
  interface = g_ptr_array_index (self->interfaces, 0);
  length = gst_pcap_decoder_read_u32 (self, block + 8);
  packet->interface_id = 0;
  packet->link_type = interface->iface.link_type;
  packet->time = GST_CLOCK_TIME_NONE;
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->data = data;
  packet->wire_length = length;
  if (interface->iface.snaplen != 0)
    length = MIN (length, interface->iface.snaplen);
  if (length > (gsize) (end - data))
    return fail (self, error, "a simple packet that is longer than its block");
  packet->captured_length = length;
  return GST_PCAP_DECODER_PACKET;
}

static guint64
read_u64 (GstPcapDecoder * self, const guint8 * data)
{
  guint64 value;

  memcpy (&value, data, sizeof (value));
  return self->swapped ? GUINT64_SWAP_LE_BE (value) : value;
}

/* Times have their high word first, in any byte order. */
static guint64
read_ticks (GstPcapDecoder * self, const guint8 * data)
{
  return (guint64) gst_pcap_decoder_read_u32 (self, data) << 32
      | gst_pcap_decoder_read_u32 (self, data + 4);
}

/* Counters that are not there, or of an interface that is not, are passed over. */
static void
read_statistics (GstPcapDecoder * self, const guint8 * block,
    const guint8 * end)
{
  GstCaptureStatistics *statistics = &self->statistics;
  const GstPcapInterface *interface;
  const guint8 *p = block + 20, *value;
  gboolean counted = FALSE;
  guint16 code, size;
  guint32 id;

  if (p > end)
    return;
  id = gst_pcap_decoder_read_u32 (self, block + 8);
  if (id >= self->interfaces->len)
    return;
  interface = g_ptr_array_index (self->interfaces, id);
  memset (statistics, 0, sizeof (*statistics));
  statistics->id = id;
  statistics->time = gst_pcap_decoder_ticks_to_time (interface,
      read_ticks (self, block + 12));
  statistics->start_time = statistics->time;
  while (next_option (self, &p, end, &code, &size, &value)) {
    if (size != 8)
      continue;
    if (code == GST_PCAPNG_ISB_STARTTIME)
      statistics->start_time = gst_pcap_decoder_ticks_to_time (interface,
          read_ticks (self, value));
    else if (code == GST_PCAPNG_ISB_ENDTIME)
      statistics->time = gst_pcap_decoder_ticks_to_time (interface,
          read_ticks (self, value));
    else if (code == GST_PCAPNG_ISB_IFRECV)
      statistics->packets_received = read_u64 (self, value);
    else if (code == GST_PCAPNG_ISB_IFDROP)
      statistics->packets_dropped = read_u64 (self, value);
    counted |= code == GST_PCAPNG_ISB_IFRECV || code == GST_PCAPNG_ISB_IFDROP;
  }
  /* some only take up room */
  if (counted)
    self->piece = GST_PCAP_PIECE_STATISTICS;
}

static gboolean
is_of_no_interest (guint32 type)
{
  return type != GST_PCAPNG_BLOCK_SECTION_HEADER
      && type != GST_PCAPNG_BLOCK_INTERFACE && type != GST_PCAPNG_BLOCK_PACKET
      && type != GST_PCAPNG_BLOCK_OBSOLETE_PACKET
      && type != GST_PCAPNG_BLOCK_SIMPLE_PACKET
      && type != GST_PCAPNG_BLOCK_STATISTICS;
}

static GstPcapDecoderResult
read_block (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GstPcapPacket * packet, GError ** error)
{
  guint32 block_length;
  const guint8 *end;

  if (length < LEAST_BLOCK_LENGTH)
    return need (used, LEAST_BLOCK_LENGTH);
  /* a section's own byte order comes before its length can be read */
  if (gst_pcap_decoder_read_u32 (self, data) ==
      GST_PCAPNG_BLOCK_SECTION_HEADER) {
    guint32 magic = gst_pcap_decoder_read_u32 (self, data + 8);

    if (magic == GUINT32_SWAP_LE_BE (GST_PCAPNG_BYTE_ORDER_MAGIC))
      self->swapped = !self->swapped;
    else if (magic != GST_PCAPNG_BYTE_ORDER_MAGIC)
      return fail (self, error, "a section without a byte order");
  }

  block_length = gst_pcap_decoder_read_u32 (self, data + 4);
  if (block_length < LEAST_BLOCK_LENGTH || block_length % 4 != 0)
    return fail (self, error, "a block of an impossible length");
  if (self->stepping && block_length > length
      && is_of_no_interest (gst_pcap_decoder_read_u32 (self, data))) {
    self->piece = GST_PCAP_PIECE_UNKNOWN;
    self->step = block_length - length;
    *used = length;
    return GST_PCAP_DECODER_OTHER;
  }
  if (block_length > MAX_LENGTH)
    return fail (self, error, "a block of an impossible length");
  if (length < block_length)
    return need (used, block_length);
  if (gst_pcap_decoder_read_u32 (self, data + block_length - 4) != block_length)
    return fail (self, error, "a block whose two lengths differ");

  *used = block_length;
  self->piece = GST_PCAP_PIECE_UNKNOWN;
  end = data + block_length - 4;
  switch (gst_pcap_decoder_read_u32 (self, data)) {
    case GST_PCAPNG_BLOCK_SECTION_HEADER:
      if (block_length < LEAST_SECTION_HEADER)
        return fail (self, error, "a section header that is too short");
      if (gst_pcap_decoder_read_u16 (self, data + 12) !=
          GST_PCAPNG_VERSION_MAJOR)
        return fail (self, error, "a version of pcapng other than 1");
      g_ptr_array_set_size (self->interfaces, 0);
      self->piece = GST_PCAP_PIECE_HEADER;
      return GST_PCAP_DECODER_OTHER;
    case GST_PCAPNG_BLOCK_STATISTICS:
      read_statistics (self, data, end);
      return GST_PCAP_DECODER_OTHER;
    case GST_PCAPNG_BLOCK_INTERFACE:
      return read_interface (self, data, end, error);
    case GST_PCAPNG_BLOCK_PACKET:
      return read_packet (self, data, end, FALSE, packet, error);
    case GST_PCAPNG_BLOCK_OBSOLETE_PACKET:
      return read_packet (self, data, end, TRUE, packet, error);
    case GST_PCAPNG_BLOCK_SIMPLE_PACKET:
      return read_simple_packet (self, data, end, packet, error);
    default:
      return GST_PCAP_DECODER_OTHER;
  }
}

static GstPcapDecoderResult
recognise (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GError ** error)
{
  guint32 magic, swapped;

  if (length < sizeof (magic))
    return need (used, sizeof (magic));
  memcpy (&magic, data, sizeof (magic));
  swapped = GUINT32_SWAP_LE_BE (magic);
  *used = 0;
  if (magic == GST_PCAPNG_BLOCK_SECTION_HEADER) {
    self->format = PCAPNG;
    self->piece = GST_PCAP_PIECE_UNKNOWN;
    return GST_PCAP_DECODER_OTHER;
  }

  self->swapped = swapped == MAGIC_MICROSECOND || swapped == MAGIC_NANOSECOND;
  if (self->swapped)
    magic = swapped;
  self->nanoseconds = magic == MAGIC_NANOSECOND;
  if (magic != MAGIC_MICROSECOND && magic != MAGIC_NANOSECOND) {
    g_set_error_literal (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
        "Neither a pcap nor a pcapng file");
    return GST_PCAP_DECODER_ERROR;
  }
  return read_file_header (self, data, length, used, error);
}

GstPcapDecoderResult
gst_pcap_decoder_next (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GstPcapPacket * packet, GError ** error)
{
  GstPcapDecoderResult result;

  if (self->step > 0) {
    if (length == 0)
      return need (used, 1);
    *used = MIN (length, self->step);
    self->piece = GST_PCAP_PIECE_UNKNOWN;
    gst_pcap_decoder_step (self, *used);
    return GST_PCAP_DECODER_OTHER;
  }
  switch (self->format) {
    case CLASSIC:
      result = read_record (self, data, length, used, packet, error);
      break;
    case PCAPNG:
      result = read_block (self, data, length, used, packet, error);
      break;
    case UNKNOWN:
    default:
      result = recognise (self, data, length, used, error);
      break;
  }
  if (result == GST_PCAP_DECODER_PACKET || result == GST_PCAP_DECODER_OTHER)
    self->position += *used;
  if (result == GST_PCAP_DECODER_PACKET)
    self->has_packets = TRUE;
  else if (result == GST_PCAP_DECODER_OTHER && self->has_packets
      && (self->piece == GST_PCAP_PIECE_HEADER
          || self->piece == GST_PCAP_PIECE_INTERFACE))
    self->described_late = TRUE;
  return result;
}
