/* gst-afring: capture files that are compressed (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>
#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* What a stream is compressed with, as its first bytes say. */
typedef enum
{
  GST_PCAP_COMPRESSION_NONE,
  GST_PCAP_COMPRESSION_GZIP,
  GST_PCAP_COMPRESSION_ZSTD,
  GST_PCAP_COMPRESSION_LZ4,
  GST_PCAP_COMPRESSION_BZIP2,   /* is only recognised, as all from here on */
  GST_PCAP_COMPRESSION_XZ
} GstPcapCompression;

/* Bytes that are enough to tell; with fewer the answer is NONE. */
#define GST_PCAP_COMPRESSION_BYTES 6

GST_AFRING_API
GstPcapCompression gst_pcap_compression_recognise (const guint8       *data,
                                                   gsize               length);

/* "none" if it is that. */
GST_AFRING_API
const gchar *      gst_pcap_compression_get_name  (GstPcapCompression   self);

/* ".gz", or "" if it is none. */
GST_AFRING_API
const gchar *      gst_pcap_compression_get_extension (GstPcapCompression self);

/* As the extension of its name says. */
GST_AFRING_API
GstPcapCompression gst_pcap_compression_from_name (const gchar         *path);

/* Where the extension begins, with that of a compression (".pcapng.zst"), or the end
 * of the name: borrowed. */
GST_AFRING_API
const gchar *      gst_pcap_compression_find_extension (const gchar    *path);

/* TRUE and an error that names the compression and what to do, unless it is NONE. */
GST_AFRING_API
gboolean           gst_pcap_compression_set_error (GstPcapCompression  self,
                                                   GError            **error);

/* Takes a whole stream apart, of as many members or frames one behind the other as
 * there are: G_CONVERTER_FINISHED comes only where there is no more input and one has
 * ended. %NULL with an error as above if that compression cannot be read: there was
 * no library for it when this was built. */
GST_AFRING_API
GConverter *       gst_pcap_compression_new_decompressor (GstPcapCompression  self,
                                                   GError            **error);

G_END_DECLS
