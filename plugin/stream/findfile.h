/* gst-afring: one of many capture files on the disk
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcapbytes.h"

G_BEGIN_DECLS

/* The descriptors of all files together: the ones that were not read for longest are
 * closed, and opened again when they are needed. Of one thread. */
typedef struct _FindHandles FindHandles;

FindHandles * find_handles_new   (guint             most);
void          find_handles_free  (FindHandles      *self);

/* What is known of when the packets of a file are. NONE: not known. */
typedef struct
{
  gboolean read;                /* its start has been looked at */
  gboolean is_capture;
  gboolean seekable;            /* here and there, and not only from its start */
  gboolean exact;               /* the times are those of all packets, not of a few */
  gboolean has_packets;
  guint64 size;                 /* of the file then */
  GstClockTime first;           /* of the first packet */
  GstClockTime least;
  gboolean end_read;            /* its end has been looked at, for: */
  GstClockTime greatest;
} FindBounds;

typedef struct _FindFile FindFile;

struct _FindFile
{
  gchar *path;
  guint64 device, inode;
  guint64 born;
  guint number;                 /* in the order in which the files are given */
  FindBounds bounds;
  guint64 size;                 /* when the folder was looked at last */
  gboolean seen;                /* then */
  gboolean final;               /* nothing is written to it any more */
  gboolean failed;              /* nothing more is to be had of it */
  gboolean named;               /* by the user: it has to be a capture */
  GBytes *head;                 /* its bytes up to its first packet, or NULL */
  GArray *plan;                 /* FindSpan: that its index has made; or NULL */
  guint64 skipped;              /* bytes that are not in it */
  guint64 n_read;               /* bytes that were read, all told */

  /*< private >*/
  FindHandles *handles;
  int fd;                       /* or -1 */
  GList link;                   /* of the handles */
  gint error;                   /* errno of the last read that failed */
};

FindFile *    find_file_new      (FindHandles      *handles,
                                  const gchar      *path,
                                  guint64           device,
                                  guint64           inode);
void          find_file_free     (FindFile         *self);

/* Its descriptor is not needed for a while. */
void          find_file_close    (FindFile         *self);

gboolean      find_file_get_size (FindFile         *self,
                                  guint64          *size);

/* So many bytes, or as many as there are; GST_FLOW_EOS: none. GST_FLOW_ERROR: see
 * find_file_get_error(). */
GstFlowReturn find_file_read     (FindFile         *self,
                                  guint64           offset,
                                  guint             size,
                                  GstBuffer       **buffer);

/* Has the system read the start and the end of it, and does not wait for that. */
void          find_file_read_ahead (const FindFile *self);

/* TRUE if it is not there any more, or another one is in its place. */
gboolean      find_file_is_gone  (const FindFile   *self);
const gchar * find_file_get_error (const FindFile  *self);

/* It is being written by pcapsink. */
gboolean      find_file_is_part  (const FindFile   *self);

PcapBytes *   find_file_new_bytes (FindFile        *self);

G_END_DECLS
