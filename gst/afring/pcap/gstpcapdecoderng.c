/* gst-afring: the bytes of a capture file to packets: pcapng
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdecoder-private.h"

#include <gst/afring/capture/gstcapturesection.h>

/* draft-ietf-opsawg-pcapng */
#define LEAST_SECTION_HEADER 28
#define PACKET_HEADER 28

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
  GstPcapInterface described = { 0 }, *interface = &described;
  guint16 code, size;

  if (p > end)
    return gst_pcap_decoder_fail (self, error,
        "an interface description that is too short");
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
  g_array_append_val (self->interfaces, described);
  self->piece = GST_PCAP_PIECE_INTERFACE;
  return GST_PCAP_DECODER_OTHER;
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

static GstPacketType
read_type (GstPcapDecoder * self, const guint8 * p, const guint8 * end)
{
  GstPacketType type = GST_PACKET_TYPE_UNKNOWN;
  const guint8 *value;
  guint16 code, size;

  while (next_option (self, &p, end, &code, &size, &value)) {
    if (code == GST_PCAPNG_EPB_FLAGS && size == 4)
      type = flags_to_type (gst_pcap_decoder_read_u32 (self, value));
  }
  return type;
}

/* An enhanced packet, or the obsolete one that differs in its first words. */
static GstPcapDecoderResult
read_packet (GstPcapDecoder * self, const guint8 * block, const guint8 * end,
    gboolean obsolete, GstPcapPacket * packet, GError ** error)
{
  const guint8 *data = block + PACKET_HEADER;
  const GstPcapInterface *interface;
  guint32 id, captured;

  if (data > end)
    return gst_pcap_decoder_fail (self, error,
        "a packet block that is too short");
  id = obsolete ? gst_pcap_decoder_read_u16 (self, block + 8) :
      gst_pcap_decoder_read_u32 (self, block + 8);
  captured = gst_pcap_decoder_read_u32 (self, block + 20);
  if (id >= self->interfaces->len)
    return gst_pcap_decoder_fail (self, error,
        "a packet of an interface that is not described");
  if (captured > (gsize) (end - data))
    return gst_pcap_decoder_fail (self, error,
        "a packet that is longer than its block");

  interface = gst_pcap_decoder_get_nth (self, id);
  packet->interface_id = id;
  packet->link_type = interface->iface.link_type;
  packet->time = gst_pcap_decoder_ticks_to_time (interface,
      (guint64) gst_pcap_decoder_read_u32 (self, block + 12) << 32
      | gst_pcap_decoder_read_u32 (self, block + 16));
  packet->data = data;
  packet->captured_length = captured;
  packet->wire_length = gst_pcap_decoder_read_u32 (self, block + 24);
  packet->type = read_type (self,
      data + MIN (GST_PCAPNG_PADDED (captured), (gsize) (end - data)), end);
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
    return gst_pcap_decoder_fail (self, error,
        "a simple packet without an interface");
  interface = gst_pcap_decoder_get_nth (self, 0);
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
    return gst_pcap_decoder_fail (self, error,
        "a simple packet that is longer than its block");
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
  interface = gst_pcap_decoder_get_nth (self, id);
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

/* What a block says of its section is kept, or, too long for that, told of. */
static gboolean
is_of_section (GstPcapDecoder * self, guint32 type)
{
  return gst_capture_section_has_block (type, !self->section_has_packets);
}

static GstPcapDecoderResult
give_block (GstPcapDecoder * self, const guint8 * block, guint32 length)
{
  self->block = block;
  self->block_length = length;
  self->piece = GST_PCAP_PIECE_SECTION;
  return GST_PCAP_DECODER_OTHER;
}

/* The first @length bytes of the block are given out as @result; what is left of it
 * is stepped over, up to the length that it ends with. */
static GstPcapDecoderResult
step_over_rest (GstPcapDecoder * self, gsize * used, guint32 block_length,
    gsize length, GstPcapDecoderResult result)
{
  self->piece = GST_PCAP_PIECE_UNKNOWN;
  self->trailer = block_length;
  *used = MIN (length, block_length - 4);
  self->step = block_length - 4 - *used;
  return result;
}

GstPcapDecoderResult
gst_pcap_decoder_read_trailer (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GError ** error)
{
  if (length < 4)
    return gst_pcap_decoder_need (used, 4);
  if (gst_pcap_decoder_read_u32 (self, data) != self->trailer)
    return gst_pcap_decoder_fail (self, error,
        "a block whose two lengths differ");
  self->trailer = 0;
  self->piece = GST_PCAP_PIECE_UNKNOWN;
  *used = 4;
  return GST_PCAP_DECODER_OTHER;
}

/* Whether there are only options up to @end, and there are more. */
static gboolean
goes_on (GstPcapDecoder * self, const guint8 * p, const guint8 * end)
{
  const guint8 *value;
  guint16 code, size;

  while (next_option (self, &p, end, &code, &size, &value));
  return end - p < 4
      || gst_pcap_decoder_read_u16 (self, p) != GST_PCAPNG_OPT_END;
}

/* The options of a packet can be longer than all that is kept. Its bytes come first:
 * they are read, with the options among the next few, and the rest is not. */
static GstPcapDecoderResult
read_huge_packet (GstPcapDecoder * self, const guint8 * data, gsize length,
    guint32 block_length, gsize * used, GstPcapPacket * packet,
    GError ** error)
{
  const guint options = 1024;
  gboolean obsolete = gst_pcap_decoder_read_u32 (self, data) ==
      GST_PCAPNG_BLOCK_OBSOLETE_PACKET;
  GstPcapDecoderResult result;
  gsize start, needed;

  if (length < PACKET_HEADER)
    return gst_pcap_decoder_need (used, PACKET_HEADER);
  start = PACKET_HEADER
      + GST_PCAPNG_PADDED (gst_pcap_decoder_read_u32 (self, data + 20));
  needed = start + options;
  if (start > MAX_LENGTH || needed > block_length - 4)
    return gst_pcap_decoder_fail (self, error,
        "a block of an impossible length");
  if (length < needed)
    return gst_pcap_decoder_need (used, needed);
  if (!goes_on (self, data + start, data + needed))
    return gst_pcap_decoder_fail (self, error,
        "a block of an impossible length");
  result = read_packet (self, data, data + needed, obsolete, packet, error);
  if (result == GST_PCAP_DECODER_ERROR)
    return result;
  return step_over_rest (self, used, block_length, needed, result);
}

static GstPcapDecoderResult
read_section_header (GstPcapDecoder * self, const guint8 * data,
    guint32 block_length, GError ** error)
{
  if (block_length < LEAST_SECTION_HEADER)
    return gst_pcap_decoder_fail (self, error,
        "a section header that is too short");
  if (gst_pcap_decoder_read_u16 (self, data + 12) != GST_PCAPNG_VERSION_MAJOR)
    return gst_pcap_decoder_fail (self, error,
        "a version of pcapng other than 1");
  g_array_set_size (self->interfaces, 0);
  self->section_has_packets = FALSE;
  self->n_files++;
  self->piece = GST_PCAP_PIECE_HEADER;
  return GST_PCAP_DECODER_OTHER;
}

/* @data is all of it. */
static GstPcapDecoderResult
read_whole_block (GstPcapDecoder * self, const guint8 * data,
    guint32 block_length, GstPcapPacket * packet, GError ** error)
{
  const guint8 *end = data + block_length - 4;
  guint32 type = gst_pcap_decoder_read_u32 (self, data);

  self->piece = GST_PCAP_PIECE_UNKNOWN;
  switch (type) {
    case GST_PCAPNG_BLOCK_SECTION_HEADER:
      return read_section_header (self, data, block_length, error);
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
      return is_of_section (self, type) ? give_block (self, data, block_length) :
          GST_PCAP_DECODER_OTHER;
  }
}

/* What need not be there as a whole is stepped over. */
static GstPcapDecoderResult
step_over_block (GstPcapDecoder * self, guint32 type, gsize length,
    guint32 block_length, gsize * used)
{
  GstPcapDecoderResult result = step_over_rest (self, used, block_length,
      length, GST_PCAP_DECODER_OTHER);

  return is_of_section (self, type) ? give_block (self, NULL, block_length) :
      result;
}

/* A section's own byte order comes before its length can be read. */
static gboolean
learn_byte_order (GstPcapDecoder * self, const guint8 * data)
{
  guint32 magic;

  if (gst_pcap_decoder_read_u32 (self, data) !=
      GST_PCAPNG_BLOCK_SECTION_HEADER)
    return TRUE;
  magic = gst_pcap_decoder_read_u32 (self, data + 8);
  if (magic == GUINT32_SWAP_LE_BE (GST_PCAPNG_BYTE_ORDER_MAGIC))
    self->swapped = !self->swapped;
  else if (magic != GST_PCAPNG_BYTE_ORDER_MAGIC)
    return FALSE;
  return TRUE;
}

GstPcapDecoderResult
gst_pcap_decoder_read_block (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GstPcapPacket * packet, GError ** error)
{
  guint32 type, block_length;

  if (length < LEAST_BLOCK_LENGTH)
    return gst_pcap_decoder_need (used, LEAST_BLOCK_LENGTH);
  if (!learn_byte_order (self, data))
    return gst_pcap_decoder_fail (self, error,
        "a section without a byte order");

  type = gst_pcap_decoder_read_u32 (self, data);
  block_length = gst_pcap_decoder_read_u32 (self, data + 4);
  if (block_length < LEAST_BLOCK_LENGTH || block_length % 4 != 0)
    return gst_pcap_decoder_fail (self, error,
        "a block of an impossible length");
  if (self->stepping && block_length > length && is_of_no_interest (type)
      && (block_length > MAX_LENGTH || !is_of_section (self, type)))
    return step_over_block (self, type, length, block_length, used);
  if (self->stepping && block_length > MAX_LENGTH
      && (type == GST_PCAPNG_BLOCK_PACKET
          || type == GST_PCAPNG_BLOCK_OBSOLETE_PACKET))
    return read_huge_packet (self, data, length, block_length, used, packet,
        error);
  if (block_length > MAX_LENGTH)
    return gst_pcap_decoder_fail (self, error,
        "a block of an impossible length");
  if (length < block_length)
    return gst_pcap_decoder_need (used, block_length);
  if (gst_pcap_decoder_read_u32 (self, data + block_length - 4) !=
      block_length)
    return gst_pcap_decoder_fail (self, error,
        "a block whose two lengths differ");
  *used = block_length;
  return read_whole_block (self, data, block_length, packet, error);
}
