/* gst-afring: compressed capture files, frame by frame (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapcompression.h"

G_BEGIN_DECLS

/* A frame of zstd (RFC 8878) or member of gzip (RFC 1952) that can be taken apart without
 * those before it. A file of them, one behind the other, is what any decompressor reads. */

/* Levels are zstd's from 1 to 22, gzip's from 1 to 9, and besides: */
#define GST_PCAP_FRAME_LEVEL_STORE 0    /* as good as uncompressed, at the speed of a copy */
#define GST_PCAP_FRAME_LEVEL_FAST -1    /* between that and 1, if there is something */

/* Of one thread at a time. */
typedef struct _GstPcapFrameEncoder GstPcapFrameEncoder;

/* The highest level; 0: this is not written here. */
GST_AFRING_API
gint       gst_pcap_frame_get_most_level (GstPcapCompression   compression);

/* %NULL with an error if that is not written here. */
GST_AFRING_API
GstPcapFrameEncoder * gst_pcap_frame_encoder_new (GstPcapCompression compression,
                                           GError            **error);

GST_AFRING_API
void       gst_pcap_frame_encoder_free    (GstPcapFrameEncoder *self);

/* Bytes that a frame of @length has at most. */
GST_AFRING_API
gsize      gst_pcap_frame_get_bound       (gsize                length);

/* Asked now and then while a frame is made: FALSE: it is not wanted any more. */
typedef gboolean (*GstPcapFrameWantedFunc) (gpointer user_data);

/* Makes a frame of @data, with a check of its content, in @frame, for which there is
 * room as above. @wanted: or NULL. Returns its size, or 0: it could not be made, or was
 * not wanted. */
GST_AFRING_API
gsize      gst_pcap_frame_encoder_encode  (GstPcapFrameEncoder *self,
                                           gint                 level,
                                           const guint8        *data,
                                           gsize                length,
                                           guint8              *frame,
                                           GstPcapFrameWantedFunc wanted,
                                           gpointer             user_data);

/* Takes the frame apart with which @data begins, and appends what it holds: @size bytes,
 * unless that is 0, for not known. Returns how many bytes the frame has; 0: it is not
 * whole, or with an error corrupt. */
GST_AFRING_API
gsize      gst_pcap_frame_decode          (GstPcapCompression   compression,
                                           const guint8        *data,
                                           gsize                length,
                                           gsize                size,
                                           GByteArray          *content,
                                           GError             **error);

G_END_DECLS
