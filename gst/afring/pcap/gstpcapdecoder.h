/* gst-afring: the bytes of a capture file to packets (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* Reads classic pcap (either byte order, micro- and nanoseconds) and pcapng (any
 * number of sections, either byte order each) from bytes that the caller has.
 * There is no I/O here and no copy: a packet's data lies in the caller's bytes. */
typedef struct _GstPcapDecoder GstPcapDecoder;

typedef enum
{
  GST_PCAP_DECODER_PACKET,      /* there is a packet */
  GST_PCAP_DECODER_OTHER,       /* something that is not a packet was read */
  GST_PCAP_DECODER_MORE,        /* more bytes are needed */
  GST_PCAP_DECODER_ERROR
} GstPcapDecoderResult;

GST_AFRING_API
GstPcapDecoder * gst_pcap_decoder_new  (void);

GST_AFRING_API
void             gst_pcap_decoder_free (GstPcapDecoder *self);

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

G_END_DECLS
