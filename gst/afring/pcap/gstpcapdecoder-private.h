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
#define LARGEST_RECORD_HEADER 24
#define MAGIC_MICROSECOND 0xa1b2c3d4
#define MAGIC_NANOSECOND 0xa1b23c4d
#define MAGIC_MODIFIED 0xa1b2cd34
#define MAGIC_IXIA_HARDWARE 0x1c0001ac
#define MAGIC_IXIA_SOFTWARE 0x1c0001ab

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
  /* Classic. */
  gboolean nanoseconds;
  guint record_header;          /* its length */
  enum
  { IN_ORDER, TURNED, MAYBE_TURNED } lengths;
  guint64 position;             /* in the stream */
  GArray *interfaces;           /* of GstPcapInterface: those of the section, or
                                 * the one of a classic file */
  GstPcapPiece piece;           /* that was read last */
  guint n_files;                /* headers of files and sections */
  gboolean has_packets;         /* one was read */
  gboolean section_has_packets; /* of the section at hand */
  gboolean described_late;      /* an interface or section came behind it */
  gboolean stepping;
  guint64 step;                 /* bytes of a block that are of no interest */
  guint32 trailer;              /* the length behind them, or 0 */
  GstCaptureStatistics statistics;
  const guint8 *block;          /* of the section, or NULL */
  gsize block_length;
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

/* Of pcapng, the same in both byte orders. */
static inline gboolean
gst_pcap_decoder_is_section_header (const guint8 * data)
{
  guint32 word;

  memcpy (&word, data, sizeof (word));
  return word == GST_PCAPNG_BLOCK_SECTION_HEADER;
}

/* Whether a file can begin with the word at @data. Looked at for each record, whose
 * first word is a time or a block's type. */
static inline gboolean
gst_pcap_decoder_has_magic (const guint8 * data)
{
  guint32 word;

  memcpy (&word, data, sizeof (word));
  switch (word) {
    case MAGIC_MICROSECOND:
    case GUINT32_SWAP_LE_BE_CONSTANT (MAGIC_MICROSECOND):
    case MAGIC_NANOSECOND:
    case GUINT32_SWAP_LE_BE_CONSTANT (MAGIC_NANOSECOND):
    case MAGIC_MODIFIED:
    case GUINT32_SWAP_LE_BE_CONSTANT (MAGIC_MODIFIED):
    case MAGIC_IXIA_HARDWARE:
    case GUINT32_SWAP_LE_BE_CONSTANT (MAGIC_IXIA_HARDWARE):
    case MAGIC_IXIA_SOFTWARE:
    case GUINT32_SWAP_LE_BE_CONSTANT (MAGIC_IXIA_SOFTWARE):
    case GST_PCAPNG_BLOCK_SECTION_HEADER:
      return TRUE;
    default:
      return FALSE;
  }
}

static inline const GstPcapInterface *
gst_pcap_decoder_get_nth (const GstPcapDecoder * self, guint n)
{
  return &g_array_index (self->interfaces, GstPcapInterface, n);
}

static inline GstPcapDecoderResult
gst_pcap_decoder_need (gsize * used, gsize length)
{
  *used = length;
  return GST_PCAP_DECODER_MORE;
}

/* @what is corrupt at the place where the decoder is. */
GstPcapDecoderResult gst_pcap_decoder_fail (GstPcapDecoder *self,
                                            GError        **error,
                                            const gchar    *what);

/* NONE if the time does not fit. */
GstClockTime gst_pcap_decoder_ticks_to_time (const GstPcapInterface *interface,
                                             guint64                 ticks);

/* Whether @data, whose first word is a magic number, is the header of a file: of
 * FILE_HEADER_LENGTH bytes, or of LEAST_BLOCK_LENGTH if that is of a section. */
gboolean     gst_pcap_decoder_is_file_header (const guint8 *data);

/* Classic pcap. */
GstPcapDecoderResult gst_pcap_decoder_read_file_header (GstPcapDecoder *self,
                                                        const guint8   *data,
                                                        gsize           length,
                                                        gsize          *used,
                                                        GError        **error);

GstPcapDecoderResult gst_pcap_decoder_read_record (GstPcapDecoder *self,
                                                   const guint8   *data,
                                                   gsize           length,
                                                   gsize          *used,
                                                   GstPcapPacket  *packet,
                                                   GError        **error);

/* Captured and on the wire, of a record. */
void         gst_pcap_decoder_read_lengths (const GstPcapDecoder *self,
                                            const guint8         *record,
                                            guint32              *captured,
                                            guint32              *wire);

/* pcapng. */
GstPcapDecoderResult gst_pcap_decoder_read_block (GstPcapDecoder *self,
                                                  const guint8   *data,
                                                  gsize           length,
                                                  gsize          *used,
                                                  GstPcapPacket  *packet,
                                                  GError        **error);

/* Behind what was stepped over. */
GstPcapDecoderResult gst_pcap_decoder_read_trailer (GstPcapDecoder *self,
                                                    const guint8   *data,
                                                    gsize           length,
                                                    gsize          *used,
                                                    GError        **error);

G_END_DECLS
