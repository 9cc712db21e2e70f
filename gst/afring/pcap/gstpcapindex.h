/* gst-afring: the index in a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/afring-prelude.h>

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstPcapIndex:
 *
 * What the indexes in one pcapng file say of it: where its packets are, piece by piece,
 * of which times, and what is in their headers. Immutable and reference counted; any
 * thread may use it. docs/index-format.md describes the bytes.
 *
 * There is no I/O in it: the caller reads. It is asked with a #GstPcapIndexQuery which
 * pieces of the file may hold a match, and those alone have to be read. What no index
 * covers is always among them: a file without an index is one piece.
 */
typedef struct _GstPcapIndex GstPcapIndex;

/**
 * GstPcapIndexQuery:
 *
 * What is looked for: an expression, and times. Reference counted. One thread at a time
 * may use it.
 */
typedef struct _GstPcapIndexQuery GstPcapIndexQuery;

/**
 * GstPcapIndexBuilder:
 *
 * Makes the index of a file from its bytes, as they are written or read. Reference
 * counted; one thread at a time may use it.
 */
typedef struct _GstPcapIndexBuilder GstPcapIndexBuilder;

#define GST_TYPE_PCAP_INDEX (gst_pcap_index_get_type ())
#define GST_TYPE_PCAP_INDEX_QUERY (gst_pcap_index_query_get_type ())
#define GST_TYPE_PCAP_INDEX_BUILDER (gst_pcap_index_builder_get_type ())

/**
 * GstPcapIndexRange:
 * @offset: of its first byte in the file
 * @length: in bytes
 * @packets: how many packets are in it; 0 if that is not known
 * @indexed: %FALSE if no index covers it: it has to be read to know
 * @first: least capture time of its packets, nanoseconds since 1970-01-01 UTC;
 *   %GST_CLOCK_TIME_NONE if it is not known. Packets need not be in the order of their
 *   times.
 * @last: greatest capture time of its packets; %GST_CLOCK_TIME_NONE if it is not known
 *
 * A piece of a file that begins and ends where blocks of pcapng do. One that is not
 * @indexed and in front of others ends there only if the file is what its indexes say:
 * if the last block of such a piece goes beyond its end, the indexes are of another file,
 * and all that follows has to be read.
 */
typedef struct
{
  guint64 offset;
  guint64 length;
  guint64 packets;
  gboolean indexed;
  GstClockTime first;
  GstClockTime last;
} GstPcapIndexRange;

/**
 * GstPcapIndexSpan:
 * @offset: of its first byte in the file
 * @length: in bytes
 *
 * Whole blocks of pcapng that describe what others need.
 */
typedef struct
{
  guint64 offset;
  guint64 length;
} GstPcapIndexSpan;

/**
 * GstPcapIndexRead:
 * @offset: of the first byte
 * @n: how many bytes, all of them in the file
 * @user_data: of gst_pcap_index_new()
 * @error: return location
 *
 * Reads a piece of the file. Fewer bytes than @n are taken for a file that has become
 * shorter.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL with an error, which ends the
 *   reading of indexes.
 */
typedef GBytes * (*GstPcapIndexRead) (guint64    offset,
                                      gsize      n,
                                      gpointer   user_data,
                                      GError   **error);

GST_AFRING_API
GType               gst_pcap_index_get_type         (void);

/**
 * gst_pcap_index_new:
 * @read: (scope call) (closure user_data): reads from the file
 * @user_data: for @read
 * @size: of the file in bytes
 * @error: return location
 *
 * Reads the indexes of a file, from its end. Those that are torn, changed or of another
 * file are left out, and what they would cover counts as not indexed; that is no error. A
 * file of any other kind has one piece, and no index.
 *
 * An index beside a file is made of the bytes that would stand behind it: @read and @size
 * are of the two together.
 *
 * Returns: (transfer full) (nullable): the index, or %NULL with the error of @read
 */
GST_AFRING_API
GstPcapIndex *      gst_pcap_index_new              (GstPcapIndexRead     read,
                                                     gpointer             user_data,
                                                     guint64              size,
                                                     GError             **error);

/**
 * gst_pcap_index_ref:
 * @self: an index
 *
 * Holds it.
 *
 * Returns: (transfer full): @self
 */
GST_AFRING_API
GstPcapIndex *      gst_pcap_index_ref              (GstPcapIndex        *self);

/**
 * gst_pcap_index_unref:
 * @self: (transfer full): an index
 *
 * Lets go of it.
 */
GST_AFRING_API
void                gst_pcap_index_unref            (GstPcapIndex        *self);

/**
 * gst_pcap_index_get_n_ranges:
 * @self: an index
 *
 * Counts the pieces of the file.
 *
 * Returns: how many pieces the file has: those that are indexed, mostly of 1 MiB, and
 *   what is between them
 */
GST_AFRING_API
guint               gst_pcap_index_get_n_ranges     (GstPcapIndex        *self);

/**
 * gst_pcap_index_get_range:
 * @self: an index
 * @n: its number, from 0 on, in the order of the file
 * @range: (out caller-allocates): the piece
 *
 * One piece of the file.
 *
 * Returns: %FALSE if there are not so many
 */
GST_AFRING_API
gboolean            gst_pcap_index_get_range        (GstPcapIndex        *self,
                                                     guint                n,
                                                     GstPcapIndexRange   *range);

/**
 * gst_pcap_index_is_complete:
 * @self: an index
 *
 * Whether all packets are known of.
 *
 * Returns: %TRUE if every packet of the file is in a piece that is indexed
 */
GST_AFRING_API
gboolean            gst_pcap_index_is_complete      (GstPcapIndex        *self);

/**
 * gst_pcap_index_get_packets:
 * @self: an index
 *
 * Counts the packets that are known of.
 *
 * Returns: how many packets are in the pieces that are indexed
 */
GST_AFRING_API
guint64             gst_pcap_index_get_packets      (GstPcapIndex        *self);

/**
 * gst_pcap_index_get_first_time:
 * @self: an index
 *
 * The earliest moment of the file, as far as it is known.
 *
 * Returns: the least capture time of the packets in pieces that are indexed, nanoseconds
 *   since 1970-01-01 UTC; %GST_CLOCK_TIME_NONE if there is none
 */
GST_AFRING_API
GstClockTime        gst_pcap_index_get_first_time   (GstPcapIndex        *self);

/**
 * gst_pcap_index_get_last_time:
 * @self: an index
 *
 * The latest moment of the file, as far as it is known.
 *
 * Returns: the greatest one, likewise
 */
GST_AFRING_API
GstClockTime        gst_pcap_index_get_last_time    (GstPcapIndex        *self);

/**
 * gst_pcap_index_select:
 * @self: an index
 * @query: (nullable): what is looked for; %NULL: everything
 *
 * Asks which pieces have to be read.
 *
 * Returns: (transfer full) (element-type GstPcapIndexRange): the pieces that may hold a
 *   match, in the order of the file; neighbours of the same kind are one. Where no index
 *   is they may, and there can be others between the packets that match: each has to be
 *   matched.
 */
GST_AFRING_API
GArray *            gst_pcap_index_select           (GstPcapIndex        *self,
                                                     GstPcapIndexQuery   *query);

/**
 * gst_pcap_index_get_prelude:
 * @self: an index
 * @range: one of its pieces
 *
 * What has to be read before a piece so that it can be read alone: the section header and
 * the interface descriptions that hold where it begins, in their order. Read one behind
 * the other, with the piece behind them, they are a pcapng file.
 *
 * Returns: (transfer full) (element-type GstPcapIndexSpan): where they are; empty if the
 *   piece begins with its own, or the file does not say
 */
GST_AFRING_API
GArray *            gst_pcap_index_get_prelude      (GstPcapIndex            *self,
                                                     const GstPcapIndexRange *range);

GST_AFRING_API
GType               gst_pcap_index_query_get_type   (void);

/**
 * gst_pcap_index_query_new:
 * @filter: (nullable): a pcap-filter(7) expression; %NULL or "": all packets
 * @optimize: have libpcap optimize it, as tcpdump does unless told -O; the answers are
 *   the same
 * @start: earliest capture time, nanoseconds since 1970-01-01 UTC;
 *   %GST_CLOCK_TIME_NONE: any
 * @stop: latest capture time, likewise; packets of that time itself are looked for
 * @error: return location
 *
 * Compiles what is looked for.
 *
 * Returns: (transfer full) (nullable): the query, or %NULL with
 *   %GST_CAPTURE_ERROR_FILTER if the expression is wrong for every link type
 */
GST_AFRING_API
GstPcapIndexQuery * gst_pcap_index_query_new        (const gchar         *filter,
                                                     gboolean             optimize,
                                                     GstClockTime         start,
                                                     GstClockTime         stop,
                                                     GError             **error);

/**
 * gst_pcap_index_query_ref:
 * @self: a query
 *
 * Holds it.
 *
 * Returns: (transfer full): @self
 */
GST_AFRING_API
GstPcapIndexQuery * gst_pcap_index_query_ref        (GstPcapIndexQuery   *self);

/**
 * gst_pcap_index_query_unref:
 * @self: (transfer full): a query
 *
 * Lets go of it.
 */
GST_AFRING_API
void                gst_pcap_index_query_unref      (GstPcapIndexQuery   *self);

GST_AFRING_API
GType               gst_pcap_index_builder_get_type (void);

/**
 * gst_pcap_index_builder_new:
 * @block_size: how much of a file one record of the index is about, in bytes; 0: 1 MiB.
 *   Smaller ones find more exactly and make a larger index.
 *
 * Begins with a file of which nothing was added yet.
 *
 * Returns: (transfer full): a builder, at the beginning of a file
 */
GST_AFRING_API
GstPcapIndexBuilder * gst_pcap_index_builder_new    (gsize                block_size);

/**
 * gst_pcap_index_builder_ref:
 * @self: a builder
 *
 * Holds it.
 *
 * Returns: (transfer full): @self
 */
GST_AFRING_API
GstPcapIndexBuilder * gst_pcap_index_builder_ref    (GstPcapIndexBuilder *self);

/**
 * gst_pcap_index_builder_unref:
 * @self: (transfer full): a builder
 *
 * Lets go of it.
 */
GST_AFRING_API
void                gst_pcap_index_builder_unref    (GstPcapIndexBuilder *self);

/**
 * gst_pcap_index_builder_restart:
 * @self: a builder
 *
 * Forgets the file: the next one begins.
 */
GST_AFRING_API
void                gst_pcap_index_builder_restart  (GstPcapIndexBuilder *self);

/**
 * gst_pcap_index_builder_add:
 * @self: a builder
 * @bytes: (array length=length): whole blocks of pcapng, of either byte order
 * @length: in bytes
 *
 * The next bytes of the file. What is not pcapng ends the index: it covers nothing that
 * follows.
 */
GST_AFRING_API
void                gst_pcap_index_builder_add      (GstPcapIndexBuilder *self,
                                                     const guint8        *bytes,
                                                     gsize                length);

/**
 * gst_pcap_index_builder_is_due:
 * @self: a builder
 *
 * Whether it is time for an index block in a file that is being written.
 *
 * Returns: %TRUE if so much is known that an index block of it should be written
 */
GST_AFRING_API
gboolean            gst_pcap_index_builder_is_due   (GstPcapIndexBuilder *self);

/**
 * gst_pcap_index_builder_write:
 * @self: a builder
 * @alignment: the file is to go on at a multiple of it behind the block; 4 at least
 *
 * Makes the index of all that was added since the last time: a block, or as many as it
 * needs. They have to be written right here, and their bytes count as added. Asked for
 * only when all of a file was added, they may as well lie in a file of their own beside
 * it, which is then read as if it stood behind.
 *
 * Returns: (transfer full) (nullable): the blocks, or %NULL if there is nothing to say
 */
GST_AFRING_API
GBytes *            gst_pcap_index_builder_write    (GstPcapIndexBuilder *self,
                                                     gsize                alignment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstPcapIndex, gst_pcap_index_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstPcapIndexQuery, gst_pcap_index_query_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstPcapIndexBuilder, gst_pcap_index_builder_unref)

G_END_DECLS
