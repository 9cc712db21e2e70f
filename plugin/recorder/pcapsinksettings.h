/* gst-afring: the settings of the recorder and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "pcaprecorder.h"

G_BEGIN_DECLS

typedef enum
{
  PCAP_SINK_FORMAT_AUTO,
  PCAP_SINK_FORMAT_PCAP,
  PCAP_SINK_FORMAT_PCAPNG
} PcapSinkFormat;

typedef enum
{
  PCAP_ON_DISK_FULL_ERROR,
  PCAP_ON_DISK_FULL_DROP_OLDEST
} PcapOnDiskFull;

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
} PcapSinkSettings;

/* The properties have the ids from 1 to PCAP_SINK_SETTINGS_N - 1. */
#define PCAP_SINK_SETTINGS_N 13

void     pcap_sink_settings_install_properties (GObjectClass           *klass);

void     pcap_sink_settings_clear              (PcapSinkSettings       *self);

/* FALSE if there is no property @id. */
gboolean pcap_sink_settings_set_property       (PcapSinkSettings       *self,
                                                guint                   id,
                                                const GValue           *value);

gboolean pcap_sink_settings_get_property       (const PcapSinkSettings *self,
                                                guint                   id,
                                                GValue                 *value);

/* FALSE, after an error of @element, if a recording cannot be made with them. @named:
 * somebody else may name the files. */
gboolean pcap_sink_settings_check              (const PcapSinkSettings *self,
                                                GstElement             *element,
                                                gboolean                named);

/* What a recorder is to do. */
void     pcap_sink_settings_get_config         (const PcapSinkSettings *self,
                                                PcapRecorderConfig     *config);

/* Of the file that is begun next. */
GstPcapFormat pcap_sink_settings_get_format    (const PcapSinkSettings *self);

G_END_DECLS
