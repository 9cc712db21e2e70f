/* gst-afring: a capture file while it is being written
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapchunk.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  PCAP_DIRECT_IO_AUTO,
  PCAP_DIRECT_IO_NEVER,
  PCAP_DIRECT_IO_ALWAYS
} PcapDirectIo;

typedef enum
{
  PCAP_SYNC_NEVER,
  PCAP_SYNC_FILE,
  PCAP_SYNC_INTERVAL
} PcapSyncMode;

/* Asked when the disk is full: TRUE if something was removed. */
typedef gboolean (*PcapFileMakeSpaceFunc) (gpointer user_data);

typedef struct
{
  PcapDirectIo direct_io;
  PcapSyncMode sync_mode;
  gboolean make_folders;        /* those of a location that are not there */
  gboolean keep_parts;          /* a NAME.part that is there is set aside */
  GCancellable *cancellable;    /* ends a write to a pipe that nobody reads */
  PcapFileMakeSpaceFunc make_space;
  gpointer user_data;
} PcapFileConfig;

/* A file is NAME.part, and locked, until it is complete and is then renamed to NAME, so
 * that whoever finds NAME finds it whole. A link is followed: NAME is the file that it
 * leads to, whether that is there or not. What is not a regular file (a pipe, a
 * device) is written as it is. Errors are of G_FILE_ERROR. */
typedef struct _PcapFile PcapFile;

/* FALSE if it leads to a pipe or a device. */
gboolean      pcap_file_is_regular   (const gchar   *location);

/* TRUE if there is a folder for a file of that name in which it may be made. */
gboolean      pcap_file_check        (const gchar   *location,
                                      const PcapFileConfig *config,
                                      GError       **error);

/* Never waits for the reader of a pipe: its first write does. */
PcapFile *    pcap_file_new          (const gchar   *location,
                                      const PcapFileConfig *config,
                                      GError       **error);

/* Writes a chunk at the end of the file. Without @flush the last bytes may be
 * kept back until the next call. On an error *@done is how many bytes of the
 * chunk stand in the file. */
gboolean      pcap_file_write        (PcapFile      *self,
                                      PcapChunk     *chunk,
                                      gboolean       flush,
                                      gsize         *done,
                                      GError       **error);

/* Writes chunks that follow each other and are buffers, from where they lie, at once.
 * Returns how many of them are whole in the file: not all, or none, where they have
 * to be written one by one. */
guint         pcap_file_write_buffers (PcapFile     *self,
                                      PcapChunk    **chunks,
                                      guint          n);

/* Cuts the file, if it can be cut, to its first @size bytes. */
void          pcap_file_cut          (PcapFile      *self,
                                      guint64        size);

/* With PCAP_SYNC_INTERVAL: waits until the disk has what was written. */
gboolean      pcap_file_sync         (PcapFile      *self,
                                      GError       **error);

/* What it will be named: the location, or where that leads. */
const gchar * pcap_file_get_target   (PcapFile      *self);

/* Closes and renames, and unless with PCAP_SYNC_NEVER waits before and after until
 * the disk has it; frees in any case. */
gboolean      pcap_file_finish       (PcapFile      *self,
                                      GError       **error);

/* Closes and removes, so that a NAME that was there before stays; frees. */
void          pcap_file_abandon      (PcapFile      *self);

G_END_DECLS
