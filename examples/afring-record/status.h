/* afring-record: what it says
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What was counted up to now, of all interfaces and files. */
typedef struct
{
  guint64 captured;             /* packets */
  guint64 bytes;                /* of packets */
  guint64 ring_dropped;         /* for want of room in a ring */
  guint64 interface_dropped;    /* by the adapter, before any capture could see them */
  guint64 discarded;            /* nobody got them, because of a stop */
  guint64 kept_bytes;           /* memory beside the rings */
  guint64 recorded;             /* packets in files */
  guint64 file_bytes;           /* before they are compressed */
  guint64 disk_bytes;
  guint64 stored_bytes;         /* for which there was no time to compress them */
  guint64 files;
  guint64 disk_free;            /* bytes, where the files are */
  gint64 last_packet;           /* when it was seen, microseconds since 1970; 0: never */

  gboolean has_preroll;
  gboolean armed;               /* nothing is written */
  guint64 triggers;
  guint64 held_packets;
  guint64 held_bytes;
  GstClockTime held_time;
  guint64 aged_out;             /* packets, as the next */
  guint64 cut;
} RecordCounts;

/* One line on a terminal that is written again and again. */
typedef struct
{
  gboolean on;
  gboolean shown;               /* it stands there */
  gint64 started;               /* monotonic, microseconds, as the next */
  gint64 looked;
  RecordCounts before;          /* at the last look */
} RecordStatus;

void record_status_init    (RecordStatus       *self,
                            gboolean            quiet);

/* Room for files in the folder of @file, in bytes. */
guint64 record_status_get_disk_free (const gchar *file);

/* @file: being written; NULL: none yet. */
void record_status_show    (RecordStatus       *self,
                            const RecordCounts *counts,
                            const gchar        *file);

/* Takes the line away, for something else to be printed. */
void record_status_hide    (RecordStatus       *self);

/* What was recorded, in some lines. */
void record_status_summarize (RecordStatus     *self,
                            const RecordCounts *counts);

G_END_DECLS
