/* gst-afring: the parts of a pcapng block (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureenums.h>
#include <gst/afring/capture/gstcapturepacket.h>

#include <string.h>

G_BEGIN_DECLS

/* draft-ietf-opsawg-pcapng: block types (section 11.1), options (3.5 and those of
 * each block in 4). */
#define GST_PCAPNG_BLOCK_SECTION_HEADER 0x0a0d0d0a
#define GST_PCAPNG_BLOCK_INTERFACE 1
#define GST_PCAPNG_BLOCK_OBSOLETE_PACKET 2
#define GST_PCAPNG_BLOCK_SIMPLE_PACKET 3
#define GST_PCAPNG_BLOCK_NAMES 4
#define GST_PCAPNG_BLOCK_STATISTICS 5
#define GST_PCAPNG_BLOCK_PACKET 6

#define GST_PCAPNG_BYTE_ORDER_MAGIC 0x1a2b3c4d
#define GST_PCAPNG_VERSION_MAJOR 1
#define GST_PCAPNG_VERSION_MINOR 0

#define GST_PCAPNG_OPT_END 0
#define GST_PCAPNG_OPT_COMMENT 1
#define GST_PCAPNG_SHB_HARDWARE 2
#define GST_PCAPNG_SHB_OS 3
#define GST_PCAPNG_SHB_USERAPPL 4
#define GST_PCAPNG_IF_NAME 2
#define GST_PCAPNG_IF_TSRESOL 9
#define GST_PCAPNG_IF_FILTER 11
#define GST_PCAPNG_IF_TSOFFSET 14
#define GST_PCAPNG_EPB_FLAGS 2
#define GST_PCAPNG_ISB_STARTTIME 2
#define GST_PCAPNG_ISB_ENDTIME 3
#define GST_PCAPNG_ISB_IFRECV 4
#define GST_PCAPNG_ISB_IFDROP 5

/* An option whose zeros only take up room, so that the next block begins where it
 * is wanted. Codes with the highest bit set are for local use: readers skip what
 * they do not know. */
#define GST_PCAPNG_OPT_FILLER 0xaf00
#define GST_PCAPNG_MOST_FILLER 65532u

#define GST_PCAPNG_PADDED(n) (((gsize) (n) + 3) & ~(gsize) 3)

/* Of any block: what stands in front of its body and behind it. */
typedef struct
{
  guint32 type;
  guint32 length;
} GstPcapngBlock;

typedef struct
{
  guint32 type;
  guint32 length;
  guint32 interface;
  guint32 time_high;
  guint32 time_low;
  guint32 captured_length;
  guint32 wire_length;
} GstPcapngPacket;

typedef struct
{
  guint16 code;
  guint16 length;
} GstPcapngOption;

/* The only option that is written with a packet, and the end of the options. */
typedef struct
{
  GstPcapngOption option;
  guint32 flags;
  guint32 end;
} GstPcapngFlags;

/* opt_endofopt and the length once more. */
#define GST_PCAPNG_CLOSING_LENGTH 8

/* The flags word (section 4.3.1): bits 0 and 1 are the direction, bits 2 to 4 how
 * the packet was addressed. 0 if nothing is known. */
static inline guint32
gst_pcapng_get_flags (GstPacketType type)
{
  enum
  { INBOUND = 1, OUTBOUND = 2 };
  enum
  { UNICAST = 1 << 2, MULTICAST = 2 << 2, BROADCAST = 3 << 2,
    PROMISCUOUS = 4 << 2
  };
  static const guint8 flags[] = {
    [GST_PACKET_TYPE_HOST] = INBOUND | UNICAST,
    [GST_PACKET_TYPE_BROADCAST] = INBOUND | BROADCAST,
    [GST_PACKET_TYPE_MULTICAST] = INBOUND | MULTICAST,
    [GST_PACKET_TYPE_OTHERHOST] = INBOUND | PROMISCUOUS,
    [GST_PACKET_TYPE_OUTGOING] = OUTBOUND,
  };

  return (guint) type < G_N_ELEMENTS (flags) ? flags[type] : 0;
}

/* Word by word: a structure that is copied as a whole right after it was filled
 * makes the processor wait for it. */
static inline void
gst_pcapng_put_u32 (guint8 * at, guint32 value)
{
  memcpy (at, &value, sizeof (value));
}

static inline void
gst_pcapng_put_option (guint8 * at, guint16 code, guint16 length)
{
  memcpy (at, &code, sizeof (code));
  memcpy (at + sizeof (code), &length, sizeof (length));
}

/* The start of a packet block, but for its length. */
static inline void
gst_pcapng_put_packet (guint8 * block, guint32 interface, GstClockTime time,
    guint32 captured_length, guint32 wire_length)
{
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngPacket, type),
      GST_PCAPNG_BLOCK_PACKET);
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngPacket, interface),
      interface);
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngPacket, time_high),
      time >> 32);
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngPacket, time_low),
      (guint32) time);
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngPacket,
          captured_length), captured_length);
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngPacket, wire_length),
      wire_length);
}

/* Ends the options of @block at @options, so that the block reaches up to @end: at
 * least the length of the closing behind, at a multiple of four. The room between
 * is a filler, of not more than GST_PCAPNG_MOST_FILLER bytes. */
static inline void
gst_pcapng_close_block (guint8 * block, guint8 * options, guint8 * end)
{
  guint8 *closing = end - GST_PCAPNG_CLOSING_LENGTH;
  guint32 length = end - block;

  if (options < closing) {
    guint8 *filler = options + sizeof (GstPcapngOption);

    gst_pcapng_put_option (options, GST_PCAPNG_OPT_FILLER, closing - filler);
    memset (filler, 0, closing - filler);
  }
  gst_pcapng_put_u32 (closing, GST_PCAPNG_OPT_END);
  gst_pcapng_put_u32 (closing + sizeof (guint32), length);
  gst_pcapng_put_u32 (block + G_STRUCT_OFFSET (GstPcapngBlock, length), length);
}

G_END_DECLS
