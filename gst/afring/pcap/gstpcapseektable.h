/* gst-afring: where the frames of a compressed file are (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>
#include <gst/afring/afring-prelude.h>

G_BEGIN_DECLS

/* The seek table of the Zstandard Seekable Format 0.1.0 (contrib/seekable_format in
 * the sources of zstd): a skippable frame at the end of a file that says how long its
 * frames are, compressed and not. Decompressors that do not know it pass over it. */
typedef struct _GstPcapSeekTable GstPcapSeekTable;

/* A frame: in the file, and what it holds in all that the file holds. */
typedef struct
{
  guint64 place;
  guint32 size;
  guint64 content_place;
  guint32 content_size;
} GstPcapFramePlace;

/* Bytes at the end of a file that tell how large its table is. */
#define GST_PCAP_SEEK_TABLE_FOOTER 9

GST_AFRING_API
GstPcapSeekTable * gst_pcap_seek_table_new    (void);

GST_AFRING_API
void     gst_pcap_seek_table_free     (GstPcapSeekTable  *self);

/* One more frame. */
GST_AFRING_API
void     gst_pcap_seek_table_add      (GstPcapSeekTable  *self,
                                       guint32            size,
                                       guint32            content_size);

GST_AFRING_API
guint    gst_pcap_seek_table_get_n_frames (const GstPcapSeekTable *self);

/* Forgets all but the first @n_frames. */
GST_AFRING_API
void     gst_pcap_seek_table_truncate (GstPcapSeekTable  *self,
                                       guint              n_frames);

/* The last frame of the file; transfer full. %NULL: it would be longer than the format
 * allows. */
GST_AFRING_API
GByteArray * gst_pcap_seek_table_write (const GstPcapSeekTable *self);

/* How many bytes at the end of a file with that footer are its table; 0: it has
 * none. */
GST_AFRING_API
gsize    gst_pcap_seek_table_get_size (const guint8      *footer);

/* The table of a file of @file_size bytes. %NULL if it does not describe all of it, or
 * what cannot be. */
GST_AFRING_API
GstPcapSeekTable * gst_pcap_seek_table_read (const guint8 *table,
                                       gsize              length,
                                       guint64            file_size);

/* Bytes that all frames hold. */
GST_AFRING_API
guint64  gst_pcap_seek_table_get_content_size (const GstPcapSeekTable *self);

/* Bytes that the largest frame holds. */
GST_AFRING_API
guint32  gst_pcap_seek_table_get_most_content (const GstPcapSeekTable *self);

/* The frame with byte @content_place of the content. FALSE: there is none. */
GST_AFRING_API
gboolean gst_pcap_seek_table_find     (const GstPcapSeekTable *self,
                                       guint64            content_place,
                                       GstPcapFramePlace *found);

G_END_DECLS
