/* gst-afring: the state of reading a capture file (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapdecoder.h>
#include <gst/afring/pcap/gstpcapngblock.h>

#include <string.h>

G_BEGIN_DECLS

/* Classic pcap, draft-ietf-opsawg-pcap */
#define FILE_HEADER_LENGTH 24
#define RECORD_HEADER_LENGTH 16

/* pcapng, draft-ietf-opsawg-pcapng */
#define LEAST_BLOCK_LENGTH 12

/* A length field beyond this is a lie, and no reason to wait for bytes: the same
 * that libpcap takes. */
#define MAX_LENGTH (16 * 1024 * 1024)

typedef struct
{
  GstCaptureInterface iface;    /* its strings are owned */
  gboolean binary;              /* ticks a second: two or ten to the power of */
  guint exponent;
  gint64 offset;                /* seconds */
} GstPcapInterface;

struct _GstPcapDecoder
{
  enum
  { UNKNOWN, CLASSIC, PCAPNG } format;
  gboolean swapped;
  gboolean nanoseconds;         /* classic, as the next */
  guint minor;                  /* of the version */
  guint64 position;             /* in the stream */
  GPtrArray *interfaces;        /* of the section, or the one of a classic file */
  GstPcapPiece piece;           /* that was read last */
  gboolean has_packets;         /* one was read */
  gboolean described_late;      /* an interface or section came behind it */
  gboolean stepping;
  guint64 step;                 /* bytes of a block that are of no interest */
  GstCaptureStatistics statistics;
};

static inline guint16
gst_pcap_decoder_read_u16 (const GstPcapDecoder * self, const guint8 * data)
{
  guint16 value;

  memcpy (&value, data, sizeof (value));
  return self->swapped ? GUINT16_SWAP_LE_BE (value) : value;
}

static inline guint32
gst_pcap_decoder_read_u32 (const GstPcapDecoder * self, const guint8 * data)
{
  guint32 value;

  memcpy (&value, data, sizeof (value));
  return self->swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

GstClockTime gst_pcap_decoder_ticks_to_time (const GstPcapInterface *interface,
                                             guint64                 ticks);

G_END_DECLS
