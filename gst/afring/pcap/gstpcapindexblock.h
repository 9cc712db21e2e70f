/* gst-afring: the bytes of an index (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "gstpcapindexshape.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* docs/index-format.md describes the bytes. Within the block all is little endian; its
 * type and lengths are in the byte order of the section, as those of any block. Places in
 * the file are distances back from the first byte of the block, so that files can be put
 * one behind the other. */
#define GST_PCAP_INDEX_BLOCK_TYPE 0xaf000001
#define GST_PCAP_INDEX_VERSION 1

/* What can be seen of a block without reading it: type, length, magic. */
#define GST_PCAP_INDEX_START_LENGTH 24
#define GST_PCAP_INDEX_MAGIC_LENGTH 16

/* libpcap refuses blocks of more than 16 MiB. */
#define GST_PCAP_INDEX_MOST_LENGTH (12 * 1024 * 1024)

/* Bytes of a block without spans and records, its last length included; of a span; of a
 * record without shapes and filter. */
#define GST_PCAP_INDEX_FRAME_LENGTH 88
#define GST_PCAP_INDEX_SPAN_LENGTH 16
#define GST_PCAP_INDEX_RECORD_LENGTH 56

typedef struct
{
  guint64 start;                /* of what it covers, as a distance back, as the others */
  guint64 end;
  guint64 previous;             /* index; 0: it is the first of its file */
  guint64 before;               /* the one before that; 0: there is none */
  guint32 n_spans;
  guint32 n_records;
  guint32 spans_first;          /* of the section where it ends: first, how many */
  guint32 spans_n;
} GstPcapIndexHeader;

/* Descriptions one behind the other: a section header and interfaces of it, or those
 * alone. */
typedef struct
{
  guint64 start;                /* distance back */
  guint32 length;
  gboolean has_header;          /* it begins with the section's */
} GstPcapIndexPlace;

typedef enum
{
  GST_PCAP_RECORD_UNTIMED = 1 << 0,     /* a packet has no time */
  GST_PCAP_RECORD_OPAQUE = 1 << 1,      /* there are packets of any shape */
  GST_PCAP_RECORD_NO_PREFIXES = 1 << 2, /* keys of prefixes were dropped */
  GST_PCAP_RECORD_NO_KEYS = 1 << 3      /* all were */
} GstPcapRecordFlags;

/* Of a piece of what is covered. Its shapes and its Bloom filter follow. */
typedef struct
{
  guint64 offset;               /* from the start of what is covered */
  guint64 length;
  guint64 first;                /* least capture time; of no packet it is above last */
  guint64 last;
  guint32 packets;
  guint32 flags;
  guint32 spans_first;          /* what has to be read before it */
  guint32 spans_n;
  guint32 n_shapes;
  guint32 bloom_length;
} GstPcapIndexRecord;

/* Makes the block. @records: as gst_pcap_index_block_append_record() makes them. The file
 * goes on at a multiple of @alignment from @place, where the block will be. */
GST_AFRING_API
void     gst_pcap_index_block_append   (GByteArray               *out,
                                        const GstPcapIndexHeader *header,
                                        const GstPcapIndexPlace  *spans,
                                        const GByteArray         *records,
                                        guint64                   place,
                                        gsize                     alignment,
                                        gboolean                  swapped);

/* The length of the block that @data begins with, if it is one by its first
 * GST_PCAP_INDEX_START_LENGTH bytes; else 0. */
GST_AFRING_API
guint32  gst_pcap_index_block_get_length (const guint8           *data);

/* Reads a whole block. FALSE if it is not what was written, or of a version that is not
 * known. */
GST_AFRING_API
gboolean gst_pcap_index_block_read     (const guint8             *block,
                                        gsize                     length,
                                        GstPcapIndexHeader       *header,
                                        gsize                    *spans_at);

GST_AFRING_API
void     gst_pcap_index_block_read_span (const guint8            *block,
                                        gsize                     spans_at,
                                        guint32                   n,
                                        GstPcapIndexPlace        *span);

/* Appends one without its Bloom filter, whose @bloom_length bytes follow. */
GST_AFRING_API
void     gst_pcap_index_block_append_record (GByteArray          *records,
                                        const GstPcapIndexRecord *record,
                                        const GstPcapShape       *shapes);

/* Reads the record at *@at, which is then behind it, before @end. Places of shapes and of
 * the Bloom filter are in the block. FALSE if there is no room for what it says. */
GST_AFRING_API
gboolean gst_pcap_index_block_read_record (const guint8          *block,
                                        gsize                     end,
                                        gsize                    *at,
                                        GstPcapIndexRecord       *record,
                                        gsize                    *shapes_at,
                                        gsize                    *bloom_at);

GST_AFRING_API
void     gst_pcap_index_block_read_shape (const guint8           *block,
                                        gsize                     shapes_at,
                                        guint32                   n,
                                        GstPcapShape             *shape);

/* Where the records end. */
GST_AFRING_API
gsize    gst_pcap_index_block_get_end  (const guint8             *block);

G_END_DECLS
