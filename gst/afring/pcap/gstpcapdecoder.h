/* gst-afring: the bytes of a capture file to packets (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* Reads classic pcap (either byte order, micro- and nanoseconds, the kinds that
 * wiretap of Wireshark reads) and pcapng (any number of sections, either byte order
 * each) from bytes that the caller has, also several files one behind the other.
 * There is no I/O here and no copy: a packet's data lies in the caller's bytes. */
typedef struct _GstPcapDecoder GstPcapDecoder;

typedef enum
{
  GST_PCAP_DECODER_PACKET,      /* there is a packet */
  GST_PCAP_DECODER_OTHER,       /* something that is not a packet was read */
  GST_PCAP_DECODER_MORE,        /* more bytes are needed */
  GST_PCAP_DECODER_ERROR
} GstPcapDecoderResult;

/* What was read, if it was not a packet. */
typedef enum
{
  GST_PCAP_PIECE_HEADER,        /* of a file or a section */
  GST_PCAP_PIECE_INTERFACE,     /* see gst_pcap_decoder_get_last_interface() */
  GST_PCAP_PIECE_STATISTICS,    /* see gst_pcap_decoder_get_statistics() */
  GST_PCAP_PIECE_SECTION,       /* see gst_pcap_decoder_get_block() */
  GST_PCAP_PIECE_UNKNOWN        /* something that is stepped over */
} GstPcapPiece;

GST_AFRING_API
GstPcapDecoder * gst_pcap_decoder_new  (void);

GST_AFRING_API
void             gst_pcap_decoder_free (GstPcapDecoder *self);

/* Step over blocks of no interest, and the options of packets that are too long, as
 * their bytes come, instead of waiting for them as a whole. Off at first. */
GST_AFRING_API
void             gst_pcap_decoder_set_stepping (GstPcapDecoder *self,
                                        gboolean        stepping);

/* How many of the next bytes are only stepped over: who can need not read them,
 * and calls gst_pcap_decoder_step(). */
GST_AFRING_API
guint64          gst_pcap_decoder_get_step (GstPcapDecoder *self);

GST_AFRING_API
void             gst_pcap_decoder_step (GstPcapDecoder *self,
                                        guint64         bytes);

/* TRUE if what was read last is of a block that has not ended yet. */
GST_AFRING_API
gboolean         gst_pcap_decoder_is_inside (GstPcapDecoder *self);

/* Reads one piece from the start of @data. @used is how many bytes it took; with
 * MORE, how many there have to be at least. Errors are of GST_CAPTURE_ERROR and
 * name the byte offset in the stream. */
GST_AFRING_API
GstPcapDecoderResult gst_pcap_decoder_next (GstPcapDecoder *self,
                                        const guint8   *data,
                                        gsize           length,
                                        gsize          *used,
                                        GstPcapPacket  *packet,
                                        GError        **error);

/* The interface that was described last; NULL if none was. A classic file has
 * one, nameless. Valid until the next call. */
GST_AFRING_API
const GstCaptureInterface * gst_pcap_decoder_get_last_interface (GstPcapDecoder *self);

/* Those of the section at hand have numbers from 0 on. NULL behind the last. */
GST_AFRING_API
guint            gst_pcap_decoder_get_n_interfaces (GstPcapDecoder *self);

GST_AFRING_API
const GstCaptureInterface * gst_pcap_decoder_get_interface (GstPcapDecoder *self,
                                        guint           number);

/* How many headers of files and of sections were read. */
GST_AFRING_API
guint            gst_pcap_decoder_get_n_files (GstPcapDecoder *self);

GST_AFRING_API
GstPcapPiece     gst_pcap_decoder_get_piece (GstPcapDecoder *self);

GST_AFRING_API
const GstCaptureStatistics * gst_pcap_decoder_get_statistics (GstPcapDecoder *self);

/* A block that says something of the whole section (gst_capture_section_has_block()), in
 * the caller's bytes. NULL and its length if it is too long to be kept. */
GST_AFRING_API
const guint8 *   gst_pcap_decoder_get_block (GstPcapDecoder *self,
                                        gsize          *length);

/* Bytes from the start of the stream that were read. */
GST_AFRING_API
guint64          gst_pcap_decoder_get_position (GstPcapDecoder *self);

/* The next bytes are those from @position on, where a record begins. What is known
 * of interfaces stays. */
GST_AFRING_API
void             gst_pcap_decoder_jump (GstPcapDecoder *self,
                                        guint64         position);

/* TRUE if interfaces or sections were described behind the first packet: what is
 * known of interfaces is not the same all over the stream, and a jump in it can
 * only be wrong. */
GST_AFRING_API
gboolean         gst_pcap_decoder_is_described_late (GstPcapDecoder *self);

/* Looks in the middle of a stream, of which @data is a piece whose first byte is
 * at @position, for the first packet record that begins in it: it has to be
 * followed by others that make sense, and not to be far from @first, the time of
 * the stream's first packet. The next record is @size bytes on. FALSE if there is
 * none to be seen. */
GST_AFRING_API
gboolean         gst_pcap_decoder_find_packet (GstPcapDecoder *self,
                                        GstClockTime    first,
                                        guint64         position,
                                        const guint8   *data,
                                        gsize           length,
                                        gsize          *at,
                                        gsize          *size,
                                        GstClockTime   *time);

G_END_DECLS
