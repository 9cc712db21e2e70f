/* gst-afring: classic pcap as bytes (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/**
 * GstPcapTimestampPrecision:
 * @GST_PCAP_TIMESTAMP_PRECISION_MICROSECOND: magic number 0xa1b2c3d4
 * @GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND: magic number 0xa1b23c4d
 *
 * What the fraction of a timestamp counts in a classic pcap file.
 */
typedef enum
{
  GST_PCAP_TIMESTAMP_PRECISION_MICROSECOND,
  GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND
} GstPcapTimestampPrecision;

/* Classic pcap as in draft-ietf-opsawg-pcap, in the byte order of this machine.
 */

#define GST_PCAP_FILE_HEADER_LENGTH 24

GST_AFRING_API
void gst_pcap_append_file_header (GByteArray                *out,
                                  guint32                    link_type,
                                  guint32                    snaplen,
                                  GstPcapTimestampPrecision  precision);

/* A packet's record is so much longer than the packet. */
#define GST_PCAP_RECORD_HEADER_LENGTH 16

/* @time in nanoseconds since 1970; GST_CLOCK_TIME_NONE writes 0. */
GST_AFRING_API
void gst_pcap_write_packet       (guint8                    *out,
                                  GstPcapTimestampPrecision  precision,
                                  GstClockTime               time,
                                  const guint8              *data,
                                  guint32                    captured_length,
                                  guint32                    wire_length);

G_END_DECLS
