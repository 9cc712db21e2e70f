/* gst-afring: the settings of the recorder and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcaprecording.h"
#include "pcapsinkenums.h"

G_BEGIN_DECLS

/* Locked by the element. */
typedef struct
{
  gchar *location;
  PcapSinkFormat format;
  GstPcapTimestampPrecision precision;
  guint64 max_file_size;
  guint64 max_file_duration;
  guint64 max_file_packets;
  guint64 rotate_at;
  guint max_files;
  PcapDirectIo direct_io;
  PcapSyncMode sync_mode;
  guint64 flush_interval;
  PcapOnDiskFull on_disk_full;
  guint stop_after_files;
  gboolean make_folders;
  gboolean recover;
  guint64 pre_roll_time;
  guint64 pre_roll_bytes;
  guint64 post_roll_time;
  GstPcapCompression compression;
  gint compression_level;
  gboolean index;
} PcapSinkSettings;

/* The properties have the ids from 1 to PCAP_SINK_SETTINGS_N - 1. */
#define PCAP_SINK_SETTINGS_N 22

void     pcap_sink_settings_install_properties (GObjectClass           *klass);

/* The defaults, which stay where a first value is refused. */
void     pcap_sink_settings_init               (PcapSinkSettings       *self);

void     pcap_sink_settings_clear              (PcapSinkSettings       *self);

/* FALSE if there is no property @id. */
gboolean pcap_sink_settings_set_property       (PcapSinkSettings       *self,
                                                guint                   id,
                                                const GValue           *value);

gboolean pcap_sink_settings_get_property       (PcapSinkSettings       *self,
                                                guint                   id,
                                                GValue                 *value);

/* FALSE, after an error of @element, if a recording cannot be made with them. @named:
 * somebody else may name the files. */
gboolean pcap_sink_settings_check              (const PcapSinkSettings *self,
                                                GstElement             *element,
                                                gboolean                named);

/* What a recording is to be. */
void     pcap_sink_settings_get_config         (const PcapSinkSettings *self,
                                                PcapRecordingConfig    *config);

/* Of the file that is begun next. */
GstPcapFormat pcap_sink_settings_get_format    (const PcapSinkSettings *self);

G_END_DECLS
