/* gst-afring: pcapng as bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapngwriter.h"
#include "gstpcapngblock.h"

#include <sys/utsname.h>

typedef struct
{
  GstPcapngBlock block;
  guint32 byte_order;
  guint16 major;
  guint16 minor;
  guint32 section_length[2];
} SectionHeader;

#define TSRESOL_NANOSECOND 9    /* 10^-9 */
#define FILTER_IS_EXPRESSION 0  /* the first byte of if_filter */

static void
append (GByteArray * out, gconstpointer data, gsize length)
{
  g_byte_array_append (out, data, length);
}

static void
append_u16 (GByteArray * out, guint16 value)
{
  append (out, &value, sizeof (value));
}

static void
append_u32 (GByteArray * out, guint32 value)
{
  append (out, &value, sizeof (value));
}

/* Blocks begin with a type and a length that is known only at their end. */
static guint
begin_block (GByteArray * out, guint32 type)
{
  guint at = out->len;

  append_u32 (out, type);
  append_u32 (out, 0);
  return at;
}

static void
end_block (GByteArray * out, guint at)
{
  guint32 length = out->len - at + sizeof (guint32);

  append_u32 (out, length);
  memcpy (out->data + at + sizeof (guint32), &length, sizeof (length));
}

static void
append_padded (GByteArray * out, gconstpointer data, gsize length)
{
  static const guint8 zeros[4] = { 0, };

  append (out, data, length);
  append (out, zeros, GST_PCAPNG_PADDED (length) - length);
}

/* The length of an option has 16 bits. */
static void
append_option (GByteArray * out, guint16 code, gconstpointer data, gsize length)
{
  length = MIN (length, G_MAXUINT16);
  append_u16 (out, code);
  append_u16 (out, length);
  append_padded (out, data, length);
}

static void
append_string (GByteArray * out, guint16 code, const gchar * string)
{
  if (string != NULL && string[0] != '\0')
    append_option (out, code, string, strlen (string));
}

void
gst_pcapng_append_section_header (GByteArray * out, const gchar * application,
    const gchar * const *comments)
{
  const SectionHeader header = {
    {GST_PCAPNG_BLOCK_SECTION_HEADER, 0}, GST_PCAPNG_BYTE_ORDER_MAGIC,
    GST_PCAPNG_VERSION_MAJOR, GST_PCAPNG_VERSION_MINOR,
    {G_MAXUINT32, G_MAXUINT32}  /* unknown */
  };
  guint at = out->len;
  struct utsname system;

  append (out, &header, sizeof (header));
  if (uname (&system) == 0) {
    g_autofree gchar *os = g_strdup_printf ("%s %s", system.sysname,
        system.release);

    append_string (out, GST_PCAPNG_SHB_HARDWARE, system.machine);
    append_string (out, GST_PCAPNG_SHB_OS, os);
  }
  append_string (out, GST_PCAPNG_SHB_USERAPPL, application);
  for (; comments != NULL && *comments != NULL; comments++)
    append_string (out, GST_PCAPNG_OPT_COMMENT, *comments);
  append_u32 (out, GST_PCAPNG_OPT_END);
  end_block (out, at);
}

static void
swap_options (GByteArray * options)
{
  GstPcapngOption option;

  for (guint at = 0; at < options->len;
      at += sizeof (option) + GST_PCAPNG_PADDED (option.length)) {
    GstPcapngOption other;

    memcpy (&option, options->data + at, sizeof (option));
    other.code = GUINT16_SWAP_LE_BE (option.code);
    other.length = GUINT16_SWAP_LE_BE (option.length);
    memcpy (options->data + at, &other, sizeof (other));
  }
}

void
gst_pcapng_insert_comments (GByteArray * out, const gchar * const *comments)
{
  g_autoptr (GByteArray) options = g_byte_array_new ();
  const guint32 least = sizeof (SectionHeader) + sizeof (guint32);
  SectionHeader header;
  guint32 length;
  gboolean swapped;
  guint rest;

  g_return_if_fail (out->len >= least);
  memcpy (&header, out->data, sizeof (header));
  swapped = header.byte_order != GST_PCAPNG_BYTE_ORDER_MAGIC;
  length = swapped ? GUINT32_SWAP_LE_BE (header.block.length) :
      header.block.length;
  if (comments == NULL || comments[0] == NULL)
    return;

  for (; *comments != NULL; comments++)
    append_string (options, GST_PCAPNG_OPT_COMMENT, *comments);
  if (length == least)
    append_u32 (options, GST_PCAPNG_OPT_END);
  if (swapped)
    swap_options (options);
  rest = out->len - sizeof (header);
  g_byte_array_set_size (out, out->len + options->len);
  memmove (out->data + sizeof (header) + options->len,
      out->data + sizeof (header), rest);
  memcpy (out->data + sizeof (header), options->data, options->len);

  length += options->len;
  header.block.length = swapped ? GUINT32_SWAP_LE_BE (length) : length;
  memcpy (out->data + G_STRUCT_OFFSET (GstPcapngBlock, length),
      &header.block.length, sizeof (header.block.length));
  memcpy (out->data + length - sizeof (header.block.length),
      &header.block.length, sizeof (header.block.length));
}

void
gst_pcapng_append_interface (GByteArray * out,
    const GstCaptureInterface * iface)
{
  guint at = begin_block (out, GST_PCAPNG_BLOCK_INTERFACE);
  guint8 resolution = TSRESOL_NANOSECOND;

  append_u16 (out, iface->link_type);
  append_u16 (out, 0);
  append_u32 (out, iface->snaplen);

  append_string (out, GST_PCAPNG_IF_NAME, iface->name);
  append_option (out, GST_PCAPNG_IF_TSRESOL, &resolution, 1);
  if (iface->filter != NULL && iface->filter[0] != '\0') {
    gsize length = strlen (iface->filter);
    g_autofree guint8 *filter = g_malloc (1 + length);

    filter[0] = FILTER_IS_EXPRESSION;
    memcpy (filter + 1, iface->filter, length);
    append_option (out, GST_PCAPNG_IF_FILTER, filter, 1 + length);
  }
  append_u32 (out, GST_PCAPNG_OPT_END);
  end_block (out, at);
}

gsize
gst_pcapng_get_packet_size (GstPacketType type, guint32 captured_length)
{
  return sizeof (GstPcapngPacket) + GST_PCAPNG_PADDED (captured_length)
      + (gst_pcapng_get_flags (type) != 0 ? sizeof (GstPcapngFlags) : 0)
      + sizeof (guint32);
}

/* Written in one piece, unlike the blocks above: this is the one that a
 * recording is made of. */
void
gst_pcapng_write_packet (guint8 * out, guint32 interface, GstClockTime time,
    GstPacketType type, const guint8 * data, guint32 captured_length,
    guint32 wire_length)
{
  guint32 flags = gst_pcapng_get_flags (type);
  gsize padded = GST_PCAPNG_PADDED (captured_length);
  guint32 length = gst_pcapng_get_packet_size (type, captured_length);

  gst_pcapng_put_packet (out, interface, time != GST_CLOCK_TIME_NONE ? time : 0,
      captured_length, wire_length);
  gst_pcapng_put_u32 (out + G_STRUCT_OFFSET (GstPcapngPacket, length), length);
  out += sizeof (GstPcapngPacket);
  if (captured_length > 0)
    memcpy (out, data, captured_length);
  memset (out + captured_length, 0, padded - captured_length);
  out += padded;
  if (flags != 0) {
    gst_pcapng_put_option (out, GST_PCAPNG_EPB_FLAGS, sizeof (flags));
    gst_pcapng_put_u32 (out + G_STRUCT_OFFSET (GstPcapngFlags, flags), flags);
    gst_pcapng_put_u32 (out + G_STRUCT_OFFSET (GstPcapngFlags, end),
        GST_PCAPNG_OPT_END);
    out += sizeof (GstPcapngFlags);
  }
  gst_pcapng_put_u32 (out, length);
}

typedef struct
{
  GstPcapngBlock block;
  guint32 interface;
  guint32 time_high;
  guint32 time_low;
} StatisticsHeader;

typedef struct
{
  GstPcapngOption option;
  guint32 words[2];
} WideOption;

typedef struct
{
  StatisticsHeader header;
  WideOption start;
  WideOption end;
  WideOption received;
  WideOption dropped;
  guint32 closing[2];
} Statistics;

/* A timestamp as an option has its high word first, in any byte order. */
static void
set_time_option (WideOption * self, guint16 code, GstClockTime time)
{
  self->option = (GstPcapngOption) { code, sizeof (self->words) };
  self->words[0] = time >> 32;
  self->words[1] = (guint32) time;
}

static void
set_count_option (WideOption * self, guint16 code, guint64 count)
{
  self->option = (GstPcapngOption) { code, sizeof (self->words) };
  memcpy (self->words, &count, sizeof (count));
}

static void
set_statistics_header (StatisticsHeader * self, gsize length,
    guint32 interface, GstClockTime time)
{
  self->block.type = GST_PCAPNG_BLOCK_STATISTICS;
  self->block.length = length;
  self->interface = interface;
  self->time_high = time >> 32;
  self->time_low = (guint32) time;
}

void
gst_pcapng_write_statistics (guint8 * out, guint32 interface,
    const GstCaptureStatistics * statistics)
{
  Statistics block;

  G_STATIC_ASSERT (sizeof (block) == GST_PCAPNG_STATISTICS_LENGTH);
  set_statistics_header (&block.header, sizeof (block), interface,
      statistics->time);
  set_time_option (&block.start, GST_PCAPNG_ISB_STARTTIME,
      statistics->start_time);
  set_time_option (&block.end, GST_PCAPNG_ISB_ENDTIME, statistics->time);
  set_count_option (&block.received, GST_PCAPNG_ISB_IFRECV,
      statistics->packets_received);
  set_count_option (&block.dropped, GST_PCAPNG_ISB_IFDROP,
      statistics->packets_dropped);
  block.closing[0] = GST_PCAPNG_OPT_END;
  block.closing[1] = sizeof (block);
  memcpy (out, &block, sizeof (block));
}

void
gst_pcapng_append_statistics (GByteArray * out, guint32 interface,
    const GstCaptureStatistics * statistics)
{
  guint at = out->len;

  g_byte_array_set_size (out, at + GST_PCAPNG_STATISTICS_LENGTH);
  gst_pcapng_write_statistics (out->data + at, interface, statistics);
}

void
gst_pcapng_append_remark (GByteArray * out, GstClockTime time,
    const gchar * comment)
{
  StatisticsHeader header;
  guint at = out->len;

  set_statistics_header (&header, 0, 0, time);
  append (out, &header, sizeof (header));
  append_string (out, GST_PCAPNG_OPT_COMMENT, comment);
  append_u32 (out, GST_PCAPNG_OPT_END);
  end_block (out, at);
}

/* Of all blocks this is the one that every reader knows and that may say nothing:
 * custom blocks want a registered number. */
void
gst_pcapng_write_filler (guint8 * out, gsize length)
{
  StatisticsHeader header;

  set_statistics_header (&header, length, 0, g_get_real_time () * 1000);
  memcpy (out, &header, sizeof (header));
  gst_pcapng_close_block (out, out + sizeof (header), out + length);
}

void
gst_pcapng_pad (GByteArray * out, guint at, gsize alignment)
{
  guint end = out->len - GST_PCAPNG_CLOSING_LENGTH;

  g_byte_array_set_size (out, GST_ROUND_UP_N (out->len, alignment));
  gst_pcapng_close_block (out->data + at, out->data + end,
      out->data + out->len);
}
