/* gst-afring: classic pcap as bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gstpcapwriter.h"

#include <string.h>

#define MAGIC_MICROSECOND 0xa1b2c3d4
#define MAGIC_NANOSECOND 0xa1b23c4d
#define VERSION_MAJOR 2
#define VERSION_MINOR 4
#define NO_LIMIT 262144         /* what readers take for "all" */

typedef struct
{
  guint32 magic;
  guint16 version_major;
  guint16 version_minor;
  guint32 reserved1;
  guint32 reserved2;
  guint32 snaplen;
  guint32 link_type;
} FileHeader;

typedef struct
{
  guint32 seconds;
  guint32 fraction;
  guint32 captured_length;
  guint32 wire_length;
} PacketHeader;

void
gst_pcap_append_file_header (GByteArray * out, guint32 link_type,
    guint32 snaplen, GstPcapTimestampPrecision precision)
{
  FileHeader header = {
    .magic = precision == GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND ?
        MAGIC_NANOSECOND : MAGIC_MICROSECOND,
    .version_major = VERSION_MAJOR,
    .version_minor = VERSION_MINOR,
    .snaplen = snaplen == 0 ? NO_LIMIT : snaplen,
    .link_type = link_type,
  };

  g_byte_array_append (out, (const guint8 *) &header, sizeof (header));
}

void
gst_pcap_write_packet (guint8 * out, GstPcapTimestampPrecision precision,
    GstClockTime time, const guint8 * data, guint32 captured_length,
    guint32 wire_length)
{
  PacketHeader header;

  G_STATIC_ASSERT (sizeof (header) == GST_PCAP_RECORD_HEADER_LENGTH);
  if (time == GST_CLOCK_TIME_NONE)
    time = 0;
  /* the format ends in 2106 */
  header.seconds = MIN (time / GST_SECOND, G_MAXUINT32);
  header.fraction = time % GST_SECOND;
  if (precision == GST_PCAP_TIMESTAMP_PRECISION_MICROSECOND)
    header.fraction /= 1000;
  header.captured_length = captured_length;
  header.wire_length = wire_length;

  memcpy (out, &header, sizeof (header));
  if (captured_length > 0)
    memcpy (out + sizeof (header), data, captured_length);
}
