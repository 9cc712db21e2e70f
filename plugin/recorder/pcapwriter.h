/* gst-afring: the thread that writes the files of a recording
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapfiles.h"

G_BEGIN_DECLS

/* Called on the writer's thread at the time that it returned last (monotonic,
 * microseconds), or earlier by pcap_writer_tick_by(). */
typedef gint64 (*PcapWriterTickFunc) (gpointer user_data);

/* Takes chunks and writes them, in order, on a thread of its own, so that a slow
 * disk does not hold up whoever makes them until a bounded number is under way. */
typedef struct _PcapWriter PcapWriter;

/* @funcs: called on the writer's thread; the first two also on that of
 * pcap_writer_open(). */
PcapWriter * pcap_writer_new        (const PcapFilesConfig  *config,
                                     const PcapFilesFuncs   *funcs,
                                     gpointer                user_data,
                                     PcapWriterTickFunc      tick,
                                     gpointer                tick_data);

/* Ends the thread, when what has been submitted is written, and frees. */
void         pcap_writer_free       (PcapWriter             *self);

/* Opens the first file, now, and starts the thread. */
gboolean     pcap_writer_open       (PcapWriter             *self,
                                     const gchar            *pattern,
                                     GError                **error);

/* Starts the thread without a file; FALSE if there is no folder for one that has a name
 * by @pattern. */
gboolean     pcap_writer_start      (PcapWriter             *self,
                                     const gchar            *pattern,
                                     GError                **error);

/* Closes and removes the file; nothing may have been submitted. */
void         pcap_writer_abandon    (PcapWriter             *self);

/* An empty chunk, or NULL if all are under way or the writing has failed. */
PcapChunk *  pcap_writer_take_chunk (PcapWriter             *self);

/* One that has been written, or NULL if there is none just now. */
PcapChunk *  pcap_writer_take_used_chunk (PcapWriter        *self);

/* Waits until it is worth asking again. FALSE if the writing has failed. */
gboolean     pcap_writer_wait       (PcapWriter             *self);

/* While unlocked nobody waits: there is one chunk more instead. */
void         pcap_writer_set_unlocked (PcapWriter           *self,
                                     gboolean                unlocked);

/* From now on a pipe that nobody reads is given up. */
void         pcap_writer_set_impatient (PcapWriter          *self);

/* To the file; takes the chunk. With @flush, down to its last byte. */
void         pcap_writer_submit     (PcapWriter             *self,
                                     PcapChunk              *chunk,
                                     gboolean                flush);

/* After what has been submitted: closes the file, and opens the next one. */
void         pcap_writer_rotate     (PcapWriter             *self,
                                     const gchar            *pattern);

/* After what has been submitted: closes the file. */
void         pcap_writer_close      (PcapWriter             *self);

/* Waits until all that was asked for is done. FALSE if the writing has failed. */
gboolean     pcap_writer_drain      (PcapWriter             *self);

/* Has the tick function called at @time at the latest. */
void         pcap_writer_tick_by    (PcapWriter             *self,
                                     gint64                  time);

gboolean     pcap_writer_has_failed (PcapWriter             *self);

/* See pcap_files_is_slow(). */
gboolean     pcap_writer_is_slow    (PcapWriter             *self);

/* location is a copy. */
void         pcap_writer_get_stats  (PcapWriter             *self,
                                     PcapFilesStats         *stats);

G_END_DECLS
