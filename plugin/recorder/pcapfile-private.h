/* gst-afring: the ways to write a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapfile.h"

G_BEGIN_DECLS

/* One way to write a file. */
typedef struct
{
  gsize size;                   /* of its struct, which begins with a PcapFile */

  /* The chunk, whose bytes are at @data; with errno if it is not all. */
  gboolean (*write)         (PcapFile   *self,
                             PcapChunk  *chunk,
                             guint8     *data,
                             gboolean    flush,
                             gsize      *done);

  /* TRUE if a buffer whose bytes are at @data can be written from there; NULL: always. */
  gboolean (*takes_buffer)  (PcapFile   *self,
                             PcapChunk  *chunk,
                             const guint8 *data);

  /* See pcap_file_write_buffers(); @chunks are mapped. NULL: one by one. */
  gssize   (*write_buffers) (PcapFile   *self,
                             PcapChunk **chunks,
                             const GstMapInfo *maps,
                             guint       n);

  void     (*close)         (PcapFile   *self);

  GstMapFlags map_flags;
} PcapFileClass;

struct _PcapFile
{
  const PcapFileClass *klass;
  PcapFileConfig config;
  gchar *location;              /* as it was asked for */
  gchar *target;                /* where that leads */
  gchar *part;                  /* NULL: not a regular file */
  int fd;                       /* -1: a pipe that nobody has opened yet */
  guint64 size;                 /* bytes in the file, and kept back for it */
  guint64 allocated;            /* up to here there is space on the disk */
};

/* Through the page cache; past it, with O_DIRECT; what cannot seek. */
extern const PcapFileClass pcap_file_cached_class;
extern const PcapFileClass pcap_file_direct_class;
extern const PcapFileClass pcap_file_stream_class;

/* Makes a cached file a direct one. FALSE if O_DIRECT cannot be had; with an error if
 * it has to be. */
gboolean pcap_file_direct_open  (PcapFile     *self,
                                 GError      **error);

gboolean pcap_file_stream_open  (PcapFile     *self,
                                 GError      **error);

/* From errno. FALSE. */
gboolean pcap_file_set_error    (GError      **error,
                                 const gchar  *what,
                                 const gchar  *name);

gboolean pcap_file_is_full      (gint          error);

/* All of it through @fd; a full disk may get room meanwhile. *@done counts what was
 * written. */
gboolean pcap_file_write_all    (PcapFile     *self,
                                 int           fd,
                                 const guint8 *data,
                                 gsize         length,
                                 guint64       offset,
                                 gsize        *done);

G_END_DECLS
