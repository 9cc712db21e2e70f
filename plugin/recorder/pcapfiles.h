/* gst-afring: the files of a recording, one after the other
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapcompressor.h"
#include "pcapfile.h"

G_BEGIN_DECLS

typedef struct
{
  PcapDirectIo direct_io;
  PcapSyncMode sync_mode;
  guint max_files;              /* 0: keep all */
  gboolean drop_oldest;         /* when the disk is full */
  gboolean make_folders;
  gboolean keep_parts;
  PcapCompressorConfig compressor;      /* of GST_PCAP_COMPRESSION_NONE: none */
} PcapFilesConfig;

/* What stands in a file, or in all of them. */
typedef struct
{
  gchar *location;
  guint64 packets;
  guint64 bytes;
  guint64 disk_bytes;           /* of the file: other than those where it is compressed */
  GstClockTime first_time;
  GstClockTime last_time;
} PcapFileReport;

typedef struct
{
  guint64 packets;              /* in all files */
  guint64 bytes;
  guint64 disk_bytes;
  guint64 stored_bytes;         /* for which there was no time to compress them */
  guint64 files;
  PcapFileReport file;          /* the current one, or the last */
} PcapFilesStats;

/* Called without locks, on the thread that opens, writes and closes. */
typedef struct
{
  /* The name of file number @index; NULL: make it from the pattern. */
  gchar * (*name)   (guint                 index,
                     gpointer              user_data);
  void    (*opened) (const gchar          *location,
                     gpointer              user_data);
  void    (*closed) (const PcapFileReport *report,
                     gpointer              user_data);
  /* Nothing is written any more. */
  void    (*failed) (const GError         *error,
                     gpointer              user_data);
} PcapFilesFuncs;

/* Opens, writes and closes files, names them, counts what stands in them and deletes
 * old ones. Of one thread at a time, but for what is said to be of any. */
typedef struct _PcapFiles PcapFiles;

PcapFiles * pcap_files_new       (const PcapFilesConfig *config,
                                  const PcapFilesFuncs  *funcs,
                                  gpointer               user_data,
                                  GCancellable          *cancellable);

void        pcap_files_free      (PcapFiles             *self);

/* Says so if a file named by @pattern, unless that is NULL, could not be written. */
gboolean    pcap_files_check     (PcapFiles             *self,
                                  const gchar           *pattern,
                                  GError               **error);

/* The next one, by @pattern if nobody names it otherwise. */
gboolean    pcap_files_open      (PcapFiles             *self,
                                  const gchar           *pattern,
                                  GError               **error);

/* Complete up to where it is; after a failure it is removed if it holds nothing. */
gboolean    pcap_files_close     (PcapFiles             *self,
                                  gboolean               failed,
                                  GError               **error);

/* Closes and removes the file. */
void        pcap_files_abandon   (PcapFiles             *self);

/* Into the open file; with @flush, down to the last byte. What has not got in is
 * cut off, to whole records. */
gboolean    pcap_files_write     (PcapFiles             *self,
                                  PcapChunk             *chunk,
                                  gboolean               flush,
                                  GError               **error);

/* The same, of a recording that is compressed: @frame is what comes of the chunk. */
gboolean    pcap_files_write_frame (PcapFiles           *self,
                                  PcapChunk             *chunk,
                                  PcapFrame             *frame,
                                  gboolean               flush,
                                  GError               **error);

/* Buffers that follow each other, from where they lie; how many are in the file and
 * emptied. The others are left to do one by one. */
guint       pcap_files_write_buffers (PcapFiles         *self,
                                  PcapChunk            **chunks,
                                  guint                  n);

/* Any thread: TRUE if the disk has kept a write waiting for long, lately. */
gboolean    pcap_files_is_slow   (PcapFiles             *self);

/* Any thread; location is a copy. */
void        pcap_files_get_stats (PcapFiles             *self,
                                  PcapFilesStats        *stats);

G_END_DECLS
