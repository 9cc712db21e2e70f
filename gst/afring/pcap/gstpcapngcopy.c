/* gst-afring: blocks of other files as blocks of one
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapngcopy.h"
#include "gstpcapngblock.h"
#include "gstpcapngwriter.h"

/* draft-ietf-opsawg-pcapng, sections 3.5, 4.2 and 4.3: values that are numbers. Custom
 * options begin with one. */
#define IF_SPEED 8
#define IF_TZONE 10
#define IF_TXSPEED 16
#define IF_RXSPEED 17
#define EPB_DROPCOUNT 4
#define EPB_PACKETID 5
#define EPB_QUEUE 6

#define INTERFACE_HEADER 16
#define SECTION_HEADER 24
#define OBSOLETE_DROPS 10

static guint32
get_u32 (const guint8 * at, gboolean swapped)
{
  guint32 value;

  memcpy (&value, at, sizeof (value));
  return swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

static guint16
get_u16 (const guint8 * at, gboolean swapped)
{
  guint16 value;

  memcpy (&value, at, sizeof (value));
  return swapped ? GUINT16_SWAP_LE_BE (value) : value;
}

gboolean
gst_pcapng_is_packet (const guint8 * record, gsize length)
{
  return length >= sizeof (GstPcapngPacket) + sizeof (guint32)
      && get_u32 (record, FALSE) == GST_PCAPNG_BLOCK_PACKET
      && get_u32 (record + 4, FALSE) == length;
}

static void
make_words (guint32 words[3], guint32 interface, GstClockTime time)
{
  if (time == GST_CLOCK_TIME_NONE)
    time = 0;
  words[0] = interface;
  words[1] = time >> 32;
  words[2] = (guint32) time;
}

gboolean
gst_pcapng_packet_is_of (const guint8 * block, guint32 interface,
    GstClockTime time)
{
  guint32 words[3];

  make_words (words, interface, time);
  return memcmp (block + G_STRUCT_OFFSET (GstPcapngPacket, interface), words,
      sizeof (words)) == 0;
}

void
gst_pcapng_packet_renumber (guint8 * block, guint32 interface,
    GstClockTime time)
{
  guint32 words[3];

  make_words (words, interface, time);
  memcpy (block + G_STRUCT_OFFSET (GstPcapngPacket, interface), words,
      sizeof (words));
}

/* Options. */

typedef struct
{
  guint16 code, size;
  const guint8 *value;
} Option;

/* FALSE at their end. */
static gboolean
next_option (const guint8 ** at, const guint8 * end, gboolean swapped,
    Option * option)
{
  if (end - *at < 4)
    return FALSE;
  option->code = get_u16 (*at, swapped);
  option->size = get_u16 (*at + 2, swapped);
  option->value = *at + 4;
  if (option->code == GST_PCAPNG_OPT_END
      || (gsize) (end - option->value) < GST_PCAPNG_PADDED (option->size))
    return FALSE;
  *at = option->value + GST_PCAPNG_PADDED (option->size);
  return TRUE;
}

static gboolean
is_custom (guint16 code)
{
  return code == 2988 || code == 2989 || code == 19372 || code == 19373;
}

/* How many bytes the number has that the value is, or begins with; 0: it is of bytes. */
static gsize
get_number_size (guint32 type, const Option * option)
{
  guint16 code = option->code;
  gsize size = 0;

  if (is_custom (code))
    return option->size >= 4 ? 4 : 0;
  if (type == GST_PCAPNG_BLOCK_INTERFACE)
    size = code == IF_TZONE ? 4 : code == IF_SPEED || code == IF_TXSPEED
        || code == IF_RXSPEED ? 8 : 0;
  else if (code == GST_PCAPNG_EPB_FLAGS)
    size = 4;
  else if (type == GST_PCAPNG_BLOCK_PACKET)
    size = code == EPB_QUEUE ? 4 : code == EPB_DROPCOUNT
        || code == EPB_PACKETID ? 8 : 0;
  return size == option->size ? size : 0;
}

static void
append_option (GByteArray * out, guint32 type, const Option * option,
    gboolean swapped)
{
  const GstPcapngOption head = { option->code, option->size };
  gsize number = swapped ? get_number_size (type, option) : 0;
  guint at;

  g_byte_array_append (out, (const guint8 *) &head, sizeof (head));
  at = out->len;
  g_byte_array_append (out, option->value, GST_PCAPNG_PADDED (option->size));
  for (gsize i = 0; i < number; i++)
    out->data[at + i] = option->value[number - 1 - i];
}

static void
end_block (GByteArray * out, guint at)
{
  guint32 end = GST_PCAPNG_OPT_END, length = out->len - at + 8;

  g_byte_array_append (out, (const guint8 *) &end, sizeof (end));
  g_byte_array_append (out, (const guint8 *) &length, sizeof (length));
  gst_pcapng_put_u32 (out->data + at + 4, length);
}

/* Packets. */

static void
append_bytes (GByteArray * out, const GstPcapPacket * packet)
{
  guint8 header[sizeof (GstPcapngPacket)] = { 0, };
  guint at;

  gst_pcapng_put_packet (header, packet->interface_id,
      packet->time != GST_CLOCK_TIME_NONE ? packet->time : 0,
      packet->captured_length, packet->wire_length);
  g_byte_array_append (out, header, sizeof (header));
  at = out->len;
  g_byte_array_append (out, packet->data, packet->captured_length);
  g_byte_array_set_size (out,
      at + GST_PCAPNG_PADDED (packet->captured_length));
  memset (out->data + at + packet->captured_length, 0,
      GST_PCAPNG_PADDED (packet->captured_length) - packet->captured_length);
}

/* What the obsolete block has in its header, and others as an option. */
static void
append_drops (GByteArray * out, const guint8 * record, gboolean swapped)
{
  guint64 drops = get_u16 (record + OBSOLETE_DROPS, swapped);
  Option option = { EPB_DROPCOUNT, sizeof (drops), (const guint8 *) &drops };

  if (drops != G_MAXUINT16)
    append_option (out, GST_PCAPNG_BLOCK_PACKET, &option, FALSE);
}

/* Of a record that is too long to be there as a whole, those that are there. */
static void
append_options (GByteArray * out, const guint8 * record, gsize length,
    guint32 type, gboolean swapped, const GstPcapPacket * packet)
{
  const guint8 *at = packet->data + GST_PCAPNG_PADDED (packet->captured_length);
  const guint8 *end = record + length;
  Option option;

  if (length == get_u32 (record + 4, swapped))
    end -= sizeof (guint32);
  while (at < end && next_option (&at, end, swapped, &option))
    append_option (out, type, &option, swapped);
  if (type == GST_PCAPNG_BLOCK_OBSOLETE_PACKET)
    append_drops (out, record, swapped);
}

void
gst_pcapng_append_packet_of (GByteArray * out, const guint8 * record,
    gsize length, const GstPcapPacket * packet)
{
  static const guint32 types[] = { GST_PCAPNG_BLOCK_PACKET,
    GST_PCAPNG_BLOCK_OBSOLETE_PACKET
  };
  guint at = out->len;

  append_bytes (out, packet);
  /* a record of classic pcap begins with a time, and its bytes behind 16 others */
  if (packet->data - record == sizeof (GstPcapngPacket))
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      for (guint swapped = 0; swapped < 2; swapped++)
        if (get_u32 (record, swapped) == types[i])
          append_options (out, record, length, types[i], swapped, packet);
  end_block (out, at);
}

/* Descriptions. */

/* What gst_pcapng_append_interface() writes by itself. */
static gboolean
is_written (guint16 code)
{
  return code == GST_PCAPNG_IF_NAME || code == GST_PCAPNG_IF_TSRESOL
      || code == GST_PCAPNG_IF_TSOFFSET || code == GST_PCAPNG_OPT_FILLER;
}

void
gst_pcapng_append_interface_of (GByteArray * out,
    const GstCaptureInterface * iface, const guint8 * block, gsize length)
{
  guint start = out->len;
  const guint8 *at, *end;
  gboolean swapped;
  Option option;

  gst_pcapng_append_interface (out, iface);
  if (block == NULL || length < INTERFACE_HEADER + 4)
    return;
  at = block + INTERFACE_HEADER;
  end = block + length - 4;
  swapped = get_u32 (block, FALSE) != GST_PCAPNG_BLOCK_INTERFACE;
  g_byte_array_set_size (out, out->len - GST_PCAPNG_CLOSING_LENGTH);
  while (next_option (&at, end, swapped, &option))
    if (!is_written (option.code) && !(option.code == GST_PCAPNG_IF_FILTER
            && iface->filter != NULL))
      append_option (out, GST_PCAPNG_BLOCK_INTERFACE, &option, swapped);
  end_block (out, start);
}

gchar **
gst_pcapng_get_comments (const guint8 * block, gsize length)
{
  g_autoptr (GPtrArray) comments = g_ptr_array_new_with_free_func (g_free);
  const guint8 *at, *end;
  gboolean swapped;
  Option option;

  if (length < SECTION_HEADER + 4
      || get_u32 (block, FALSE) != GST_PCAPNG_BLOCK_SECTION_HEADER)
    return NULL;
  at = block + SECTION_HEADER;
  end = block + length - 4;
  swapped = get_u32 (block + 8, FALSE) != GST_PCAPNG_BYTE_ORDER_MAGIC;
  while (next_option (&at, end, swapped, &option))
    if (option.code == GST_PCAPNG_OPT_COMMENT && option.size > 0)
      g_ptr_array_add (comments, g_strndup ((const gchar *) option.value,
              option.size));
  if (comments->len == 0)
    return NULL;
  g_ptr_array_add (comments, NULL);
  return (gchar **) g_ptr_array_free (g_steal_pointer (&comments), FALSE);
}
