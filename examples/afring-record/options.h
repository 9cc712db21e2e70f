/* afring-record: what it is to do
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapcompression.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  gchar **interfaces;           /* or NULL */
  gchar *filter;
  gchar *location;
  gchar *snaplen;
  gchar *buffer_size;
  gchar *count;
  gchar **rotation;             /* of -b, as typed */
  gchar **ends;                 /* of -a, as typed */
  gchar *netns;
  gchar *time_stamp_type;
  gchar *mode;
  gchar *pre_roll;
  gchar *pre_roll_size;
  gchar *post_roll;
  gchar *trigger;
  gboolean trigger_loss;
  gchar *exec;
  gchar *metrics;
  gchar *user;
  gchar *recover;
  gchar *compress;
  gboolean make_folders;
  gboolean list;
  gboolean not_promiscuous;
  gboolean thread;
  gboolean quiet;
  gboolean pcap;
  gboolean pcapng;
  gboolean version;

  /* What that means; 0: no limit. */
  guint64 max_size, max_packets, max_files;
  GstClockTime max_duration, rotate_at;
  guint64 end_size, end_packets, end_files;
  GstClockTime pre_roll_time, post_roll_time;
  guint64 pre_roll_bytes;
  GstClockTime end_duration;
  guint64 ring_bytes;
  guint64 snaplen_bytes;
  guint umask;
  const gchar *timestamp_source;
  GstPcapCompression compression;
  gint compression_level;       /* -1: as the processors allow */
} RecordOptions;

/* FALSE with an error that is one of G_OPTION_ERROR. */
gboolean record_options_parse (RecordOptions *self,
                               int           *argc,
                               char        ***argv,
                               GError       **error);

void     record_options_clear (RecordOptions *self);

/* More than one file is made. */
gboolean record_options_rotates (const RecordOptions *self);

G_END_DECLS
