/* gst-afring: the bytes of a capture file to packets
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapdecoder.h"

#include <gst/afring/capture/gstcaptureerror.h>
#include <string.h>

/* Classic pcap, draft-ietf-opsawg-pcap */
#define MAGIC_MICROSECOND 0xa1b2c3d4
#define MAGIC_NANOSECOND 0xa1b23c4d
#define FILE_HEADER_LENGTH 24
#define RECORD_HEADER_LENGTH 16
#define LINK_TYPE_MASK 0xffff

/* pcapng, draft-ietf-opsawg-pcapng */
#define BLOCK_SECTION_HEADER 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_OBSOLETE_PACKET 2
#define BLOCK_SIMPLE_PACKET 3
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LEAST_BLOCK_LENGTH 12
#define OPT_END 0
#define IF_NAME 2
#define IF_TSRESOL 9
#define IF_FILTER 11
#define IF_TSOFFSET 14
#define EPB_FLAGS 2

/* A length field beyond this is a lie, and no reason to wait for bytes. */
#define MAX_LENGTH (256 * 1024 * 1024)

#define PADDED(n) (((n) + 3) & ~(gsize) 3)

typedef struct
{
  GstCaptureInterface iface;    /* its strings are owned */
  guint64 ticks_per_second;     /* 0: two to the power of @exponent */
  guint exponent;
  gint64 offset;                /* seconds */
} Interface;

struct _GstPcapDecoder
{
  enum
  { UNKNOWN, CLASSIC, PCAPNG } format;
  gboolean swapped;
  gboolean nanoseconds;         /* classic */
  guint64 position;             /* in the stream */
  GPtrArray *interfaces;        /* of the section, or the one of a classic file */
};

static void
interface_free (gpointer data)
{
  Interface *interface = data;

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
  const Interface *interface;

  if (self->interfaces->len == 0)
    return NULL;
  interface = g_ptr_array_index (self->interfaces, self->interfaces->len - 1);
  return &interface->iface;
}

static guint16
read_u16 (GstPcapDecoder * self, const guint8 * data)
{
  guint16 value;

  memcpy (&value, data, sizeof (value));
  return self->swapped ? GUINT16_SWAP_LE_BE (value) : value;
}

static guint32
read_u32 (GstPcapDecoder * self, const guint8 * data)
{
  guint32 value;

  memcpy (&value, data, sizeof (value));
  return self->swapped ? GUINT32_SWAP_LE_BE (value) : value;
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
    gsize * used)
{
  Interface *interface;

  if (length < FILE_HEADER_LENGTH)
    return need (used, FILE_HEADER_LENGTH);
  interface = g_new0 (Interface, 1);
  interface->iface.snaplen = read_u32 (self, data + 16);
  interface->iface.link_type = read_u32 (self, data + 20) & LINK_TYPE_MASK;
  g_ptr_array_add (self->interfaces, interface);
  self->format = CLASSIC;
  *used = FILE_HEADER_LENGTH;
  return GST_PCAP_DECODER_OTHER;
}

static GstPcapDecoderResult
read_record (GstPcapDecoder * self, const guint8 * data, gsize length,
    gsize * used, GstPcapPacket * packet, GError ** error)
{
  const Interface *interface = g_ptr_array_index (self->interfaces, 0);
  guint32 captured, fraction;

  if (length < RECORD_HEADER_LENGTH)
    return need (used, RECORD_HEADER_LENGTH);
  captured = read_u32 (self, data + 8);
  if (captured > MAX_LENGTH)
    return fail (self, error, "a packet of an impossible length");
  if (length < RECORD_HEADER_LENGTH + captured)
    return need (used, RECORD_HEADER_LENGTH + captured);

  fraction = read_u32 (self, data + 4);
  packet->interface_id = 0;
  packet->link_type = interface->iface.link_type;
  packet->time = read_u32 (self, data) * GST_SECOND
      + fraction * (self->nanoseconds ? 1 : GST_USECOND);
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->data = data + RECORD_HEADER_LENGTH;
  packet->captured_length = captured;
  packet->wire_length = read_u32 (self, data + 12);
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
  *code = read_u16 (self, *p);
  *size = read_u16 (self, *p + 2);
  *value = *p + 4;
  if (*code == OPT_END || (gsize) (end - *value) < PADDED (*size))
    return FALSE;
  *p = *value + PADDED (*size);
  return TRUE;
}

static void
read_resolution (Interface * interface, guint8 value)
{
  guint exponent = value & 0x7f;

  interface->ticks_per_second = 0;
  interface->exponent = MIN (exponent, 63);
  if (value & 0x80)
    return;
  /* powers of ten, as far as they fit */
  interface->ticks_per_second = 1;
  for (exponent = MIN (exponent, 19); exponent > 0; exponent--)
    interface->ticks_per_second *= 10;
}

static GstPcapDecoderResult
read_interface (GstPcapDecoder * self, const guint8 * block,
    const guint8 * end, GError ** error)
{
  const guint8 *p = block + 16, *value;
  Interface *interface;
  guint16 code, size;

  if (p > end)
    return fail (self, error, "an interface description that is too short");
  interface = g_new0 (Interface, 1);
  interface->iface.id = self->interfaces->len;
  interface->iface.link_type = read_u16 (self, block + 8);
  interface->iface.snaplen = read_u32 (self, block + 12);
  interface->ticks_per_second = 1000000;
  while (next_option (self, &p, end, &code, &size, &value)) {
    if (code == IF_NAME && interface->iface.name == NULL) {
      interface->iface.name = g_strndup ((const gchar *) value, size);
    } else if (code == IF_FILTER && size > 1 && value[0] == 0
        && interface->iface.filter == NULL) {
      interface->iface.filter = g_strndup ((const gchar *) value + 1, size - 1);
    } else if (code == IF_TSRESOL && size == 1) {
      read_resolution (interface, value[0]);
    } else if (code == IF_TSOFFSET && size == 8) {
      memcpy (&interface->offset, value, 8);
      if (self->swapped)
        interface->offset = GUINT64_SWAP_LE_BE (interface->offset);
    }
  }
  g_ptr_array_add (self->interfaces, interface);
  return GST_PCAP_DECODER_OTHER;
}

static GstClockTime
ticks_to_time (const Interface * interface, guint64 ticks)
{
  guint64 time;

  if (interface->ticks_per_second == GST_SECOND)
    time = ticks;
  else if (interface->ticks_per_second != 0)
    time = gst_util_uint64_scale (ticks, GST_SECOND,
        interface->ticks_per_second);
  else
    time = gst_util_uint64_scale (ticks, GST_SECOND,
        G_GUINT64_CONSTANT (1) << interface->exponent);
  return time + interface->offset * (gint64) GST_SECOND;
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
  const Interface *interface;
  guint32 id, captured;
  guint16 code, size;

  if (data > end)
    return fail (self, error, "a packet block that is too short");
  id = obsolete ? read_u16 (self, block + 8) : read_u32 (self, block + 8);
  captured = read_u32 (self, block + 20);
  if (id >= self->interfaces->len)
    return fail (self, error, "a packet of an interface that is not described");
  if (captured > (gsize) (end - data))
    return fail (self, error, "a packet that is longer than its block");

  interface = g_ptr_array_index (self->interfaces, id);
  packet->interface_id = id;
  packet->link_type = interface->iface.link_type;
  packet->time = ticks_to_time (interface,
      (guint64) read_u32 (self, block + 12) << 32 | read_u32 (self,
          block + 16));
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->data = data;
  packet->captured_length = captured;
  packet->wire_length = read_u32 (self, block + 24);

  p = data + MIN (PADDED (captured), (gsize) (end - data));
  while (next_option (self, &p, end, &code, &size, &value)) {
    if (code == EPB_FLAGS && size == 4)
      packet->type = flags_to_type (read_u32 (self, value));
  }
  return GST_PCAP_DECODER_PACKET;
}

/* No time, no interface but the first, and cut by that one's snaplen. */
static GstPcapDecoderResult
read_simple_packet (GstPcapDecoder * self, const guint8 * block,
    const guint8 * end, GstPcapPacket * packet, GError ** error)
{
  const guint8 *data = block + 12;
  const Interface *interface;
  guint32 length;

  if (data > end || self->interfaces->len == 0)
    return fail (self, error, "a simple packet without an interface");
  interface = g_ptr_array_index (self->interfaces, 0);
  length = read_u32 (self, block + 8);
  packet->interface_id = 0;
  packet->link_type = interface->iface.link_type;
  packet->time = GST_CLOCK_TIME_NONE;
  packet->type = GST_PACKET_TYPE_UNKNOWN;
  packet->data = data;
  packet->wire_length = length;
  if (interface->iface.snaplen != 0)
    length = MIN (length, interface->iface.snaplen);
  packet->captured_length = MIN (length, (gsize) (end - data));
  return GST_PCAP_DECODER_PACKET;
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
  if (read_u32 (self, data) == BLOCK_SECTION_HEADER) {
    guint32 magic = read_u32 (self, data + 8);

    if (magic == GUINT32_SWAP_LE_BE (BYTE_ORDER_MAGIC))
      self->swapped = !self->swapped;
    else if (magic != BYTE_ORDER_MAGIC)
      return fail (self, error, "a section without a byte order");
  }

  block_length = read_u32 (self, data + 4);
  if (block_length < LEAST_BLOCK_LENGTH || block_length % 4 != 0
      || block_length > MAX_LENGTH)
    return fail (self, error, "a block of an impossible length");
  if (length < block_length)
    return need (used, block_length);
  if (read_u32 (self, data + block_length - 4) != block_length)
    return fail (self, error, "a block whose two lengths differ");

  *used = block_length;
  end = data + block_length - 4;
  switch (read_u32 (self, data)) {
    case BLOCK_SECTION_HEADER:
      g_ptr_array_set_size (self->interfaces, 0);
      return GST_PCAP_DECODER_OTHER;
    case BLOCK_INTERFACE:
      return read_interface (self, data, end, error);
    case BLOCK_PACKET:
      return read_packet (self, data, end, FALSE, packet, error);
    case BLOCK_OBSOLETE_PACKET:
      return read_packet (self, data, end, TRUE, packet, error);
    case BLOCK_SIMPLE_PACKET:
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
  if (magic == BLOCK_SECTION_HEADER) {
    self->format = PCAPNG;
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
  return read_file_header (self, data, length, used);
}

GstPcapDecoderResult
gst_pcap_decoder_next (GstPcapDecoder * self, const guint8 * data,
    gsize length, gsize * used, GstPcapPacket * packet, GError ** error)
{
  GstPcapDecoderResult result;

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
  return result;
}
