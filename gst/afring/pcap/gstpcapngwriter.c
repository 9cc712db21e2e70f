/* gst-afring: pcapng as bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapngwriter.h"

#include <string.h>
#include <sys/utsname.h>

/* Block types and option codes, draft-ietf-opsawg-pcapng sections 3 and 4 */
#define BLOCK_SECTION_HEADER 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET 6

#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define VERSION_MAJOR 1
#define VERSION_MINOR 0

#define OPT_END 0
#define OPT_COMMENT 1
#define SHB_HARDWARE 2
#define SHB_OS 3
#define SHB_USERAPPL 4
#define IF_NAME 2
#define IF_TSRESOL 9
#define IF_FILTER 11
#define EPB_FLAGS 2
#define ISB_STARTTIME 2
#define ISB_ENDTIME 3
#define ISB_IFRECV 4
#define ISB_IFDROP 5

#define TSRESOL_NANOSECOND 9    /* 10^-9 */
#define FILTER_IS_EXPRESSION 0  /* the first byte of if_filter */

#define PADDED(n) (((n) + 3u) & ~3u)

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
  append (out, zeros, PADDED (length) - length);
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

static void
append_u64 (GByteArray * out, guint16 code, guint64 value)
{
  append_option (out, code, &value, sizeof (value));
}

/* A timestamp as an option has its high word first, in any byte order. */
static void
append_time (GByteArray * out, guint16 code, GstClockTime time)
{
  guint32 words[2] = { time >> 32, (guint32) time };

  append_option (out, code, words, sizeof (words));
}

void
gst_pcapng_append_section_header (GByteArray * out, const gchar * application,
    const gchar * const *comments)
{
  guint at = begin_block (out, BLOCK_SECTION_HEADER);
  guint64 unknown_length = G_MAXUINT64;
  struct utsname system;

  append_u32 (out, BYTE_ORDER_MAGIC);
  append_u16 (out, VERSION_MAJOR);
  append_u16 (out, VERSION_MINOR);
  append (out, &unknown_length, sizeof (unknown_length));

  if (uname (&system) == 0) {
    g_autofree gchar *os = g_strdup_printf ("%s %s", system.sysname,
        system.release);

    append_string (out, SHB_HARDWARE, system.machine);
    append_string (out, SHB_OS, os);
  }
  append_string (out, SHB_USERAPPL, application);
  for (; comments != NULL && *comments != NULL; comments++)
    append_string (out, OPT_COMMENT, *comments);
  append_u32 (out, OPT_END);
  end_block (out, at);
}

void
gst_pcapng_append_interface (GByteArray * out,
    const GstCaptureInterface * iface)
{
  guint at = begin_block (out, BLOCK_INTERFACE);
  guint8 resolution = TSRESOL_NANOSECOND;

  append_u16 (out, iface->link_type);
  append_u16 (out, 0);
  append_u32 (out, iface->snaplen);

  append_string (out, IF_NAME, iface->name);
  append_option (out, IF_TSRESOL, &resolution, 1);
  if (iface->filter != NULL && iface->filter[0] != '\0') {
    gsize length = strlen (iface->filter);
    g_autofree guint8 *filter = g_malloc (1 + length);

    filter[0] = FILTER_IS_EXPRESSION;
    memcpy (filter + 1, iface->filter, length);
    append_option (out, IF_FILTER, filter, 1 + length);
  }
  append_u32 (out, OPT_END);
  end_block (out, at);
}

/* The flags word, section 4.3.1: bits 0 and 1 are the direction, bits 2 to 4
 * how the packet was addressed. 0 if nothing is known. */
static guint32
flags_of_type (GstPacketType type)
{
  enum
  { INBOUND = 1, OUTBOUND = 2 };
  enum
  { UNICAST = 1 << 2, MULTICAST = 2 << 2, BROADCAST = 3 << 2,
    PROMISCUOUS = 4 << 2
  };

  switch (type) {
    case GST_PACKET_TYPE_HOST:
      return INBOUND | UNICAST;
    case GST_PACKET_TYPE_BROADCAST:
      return INBOUND | BROADCAST;
    case GST_PACKET_TYPE_MULTICAST:
      return INBOUND | MULTICAST;
    case GST_PACKET_TYPE_OTHERHOST:
      return INBOUND | PROMISCUOUS;
    case GST_PACKET_TYPE_OUTGOING:
      return OUTBOUND;
    case GST_PACKET_TYPE_UNKNOWN:
    default:
      return 0;
  }
}

typedef struct
{
  guint32 type;
  guint32 length;
  guint32 interface;
  guint32 time_high;
  guint32 time_low;
  guint32 captured_length;
  guint32 wire_length;
} PacketBlock;

typedef struct
{
  guint16 code;
  guint16 length;
  guint32 flags;
  guint32 end;
} FlagsOption;

gsize
gst_pcapng_get_packet_size (GstPacketType type, guint32 captured_length)
{
  return sizeof (PacketBlock) + PADDED ((gsize) captured_length)
      + (flags_of_type (type) != 0 ? sizeof (FlagsOption) : 0)
      + sizeof (guint32);
}

/* Written in one piece, unlike the blocks above: this is the one that a
 * recording is made of. */
void
gst_pcapng_write_packet (guint8 * out, guint32 interface, GstClockTime time,
    GstPacketType type, const guint8 * data, guint32 captured_length,
    guint32 wire_length)
{
  guint32 flags = flags_of_type (type);
  gsize padded = PADDED ((gsize) captured_length);
  guint32 length = gst_pcapng_get_packet_size (type, captured_length);
  PacketBlock block = { BLOCK_PACKET, length, interface, 0, 0,
    captured_length, wire_length
  };

  if (time != GST_CLOCK_TIME_NONE) {
    block.time_high = time >> 32;
    block.time_low = (guint32) time;
  }
  memcpy (out, &block, sizeof (block));
  out += sizeof (block);
  if (captured_length > 0)
    memcpy (out, data, captured_length);
  memset (out + captured_length, 0, padded - captured_length);
  out += padded;
  if (flags != 0) {
    FlagsOption option = { EPB_FLAGS, sizeof (flags), flags, OPT_END };

    memcpy (out, &option, sizeof (option));
    out += sizeof (option);
  }
  memcpy (out, &length, sizeof (length));
}

void
gst_pcapng_append_statistics (GByteArray * out, guint32 interface,
    const GstCaptureStatistics * statistics)
{
  guint at = begin_block (out, BLOCK_STATISTICS);

  append_u32 (out, interface);
  append_u32 (out, statistics->time >> 32);
  append_u32 (out, (guint32) statistics->time);
  append_time (out, ISB_STARTTIME, statistics->start_time);
  append_time (out, ISB_ENDTIME, statistics->time);
  append_u64 (out, ISB_IFRECV, statistics->packets_received);
  append_u64 (out, ISB_IFDROP, statistics->packets_dropped);
  append_u32 (out, OPT_END);
  end_block (out, at);
}
