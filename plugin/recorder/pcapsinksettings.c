/* gst-afring: the settings of the recorder and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsinksettings.h"

#include <gst/afring/afring-enumtypes.h>
#include <gst/afring/capture/gstcapturelink.h>
#include <string.h>

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

/* Of a file: what is less is seconds taken for nanoseconds. */
#define LEAST_DURATION GST_MSECOND

enum
{
  PROP_LOCATION = 1,
  PROP_FORMAT,
  PROP_TIMESTAMP_PRECISION,
  PROP_MAX_FILE_SIZE,
  PROP_MAX_FILE_DURATION,
  PROP_MAX_FILE_PACKETS,
  PROP_ROTATE_AT,
  PROP_MAX_FILES,
  PROP_DIRECT_IO,
  PROP_SYNC_MODE,
  PROP_FLUSH_INTERVAL,
  PROP_ON_DISK_FULL
};

G_STATIC_ASSERT (PROP_ON_DISK_FULL + 1 == PCAP_SINK_SETTINGS_N);

static GType
register_enum (gsize * type, const gchar * name, const GEnumValue * values)
{
  if (g_once_init_enter (type)) {
    GType registered = g_enum_register_static (name, values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (type, registered);
  }
  return *type;
}

static GType
format_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {PCAP_SINK_FORMAT_AUTO, "By the extension of the location, else pcapng",
        "auto"},
    {PCAP_SINK_FORMAT_PCAP, "Classic pcap", "pcap"},
    {PCAP_SINK_FORMAT_PCAPNG, "pcapng", "pcapng"},
    {0, NULL, NULL}
  };

  return register_enum (&type, "GstPcapSinkFormat", values);
}

static GType
direct_io_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {PCAP_DIRECT_IO_AUTO, "Where the filesystem takes it", "auto"},
    {PCAP_DIRECT_IO_NEVER, "Through the page cache", "never"},
    {PCAP_DIRECT_IO_ALWAYS, "Fail where the filesystem does not take it",
        "always"},
    {0, NULL, NULL}
  };

  return register_enum (&type, "GstPcapSinkDirectIo", values);
}

static GType
sync_mode_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {PCAP_SYNC_NEVER, "Leave it to the system", "never"},
    {PCAP_SYNC_FILE, "At the end of each file", "file"},
    {PCAP_SYNC_INTERVAL, "With each flush", "interval"},
    {0, NULL, NULL}
  };

  return register_enum (&type, "GstPcapSinkSyncMode", values);
}

static GType
on_disk_full_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {PCAP_ON_DISK_FULL_ERROR, "End with an error", "error"},
    {PCAP_ON_DISK_FULL_DROP_OLDEST, "Delete the oldest file and go on",
        "drop-oldest"},
    {0, NULL, NULL}
  };

  return register_enum (&type, "GstPcapSinkOnDiskFull", values);
}

static void
install_file_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_LOCATION,
      g_param_spec_string ("location", "Location",
          "File to record into; it is named LOCATION.part until it is complete. "
          "An existing file is replaced, and a symbolic link followed. What is set "
          "while PLAYING is for the next file. With several files %05d stands for the "
          "number of the file, from 0 on, and strftime(3) conversions for the "
          "time at which it is opened; a name that has been used gets a number "
          "before its extension", NULL, FLAGS));
  g_object_class_install_property (klass, PROP_FORMAT,
      g_param_spec_enum ("format", "Format",
          "Format of the file; auto: classic pcap if location ends in .pcap or "
          ".cap, in any case, else pcapng", format_get_type (), PCAP_SINK_FORMAT_AUTO, FLAGS));
  g_object_class_install_property (klass, PROP_TIMESTAMP_PRECISION,
      g_param_spec_enum ("timestamp-precision", "Timestamp precision",
          "Precision of timestamps in a classic pcap file; pcapng has "
          "nanoseconds always", GST_TYPE_PCAP_TIMESTAMP_PRECISION,
          GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND, FLAGS));
}

static void
install_rotation_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_MAX_FILE_SIZE,
      g_param_spec_uint64 ("max-file-size", "Maximum file size",
          "Bytes of a file, after which the next one is begun; no file is "
          "bigger, unless a single packet is; 0: no limit",
          0, G_MAXUINT64, 0, FLAGS));
  g_object_class_install_property (klass, PROP_MAX_FILE_DURATION,
      g_param_spec_uint64 ("max-file-duration", "Maximum file duration",
          "Nanoseconds after which the next file is begun, whether packets come "
          "or not; 0: no limit", 0, G_MAXUINT64, 0, FLAGS));
  g_object_class_install_property (klass, PROP_MAX_FILE_PACKETS,
      g_param_spec_uint64 ("max-file-packets", "Maximum packets of a file",
          "Packets in a file, after which the next one is begun; 0: no limit",
          0, G_MAXUINT64, 0, FLAGS));
  g_object_class_install_property (klass, PROP_ROTATE_AT,
      g_param_spec_uint64 ("rotate-at", "Rotate at",
          "Nanoseconds: the next file is begun at each multiple of it since midnight, "
          "local time, and at midnight, whether packets come or not. 3600000000000 is "
          "at each full hour; 0: not by the clock", 0, G_MAXUINT64, 0, FLAGS));
  g_object_class_install_property (klass, PROP_MAX_FILES,
      g_param_spec_uint ("max-files", "Maximum files",
          "Keep the newest so many files of this recording, with the one that is "
          "being written, and delete the oldest; 0: keep all",
          0, G_MAXUINT, 0, FLAGS));
}

static void
install_disk_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_DIRECT_IO,
      g_param_spec_enum ("direct-io", "Direct I/O",
          "Whether to write with O_DIRECT, that is past the page cache",
          direct_io_get_type (), PCAP_DIRECT_IO_AUTO, FLAGS));
  g_object_class_install_property (klass, PROP_SYNC_MODE,
      g_param_spec_enum ("sync-mode", "Sync mode",
          "When to wait until the disk has everything (fsync)",
          sync_mode_get_type (), PCAP_SYNC_FILE, FLAGS));
  g_object_class_install_property (klass, PROP_FLUSH_INTERVAL,
      g_param_spec_uint64 ("flush-interval", "Flush interval",
          "Nanoseconds after which a packet can be read from the file at the "
          "latest; a reader finds whole records up to there",
          0, G_MAXUINT64, GST_SECOND, FLAGS));
  g_object_class_install_property (klass, PROP_ON_DISK_FULL,
      g_param_spec_enum ("on-disk-full", "On disk full",
          "What to do when the disk is full: end, with a file that is cut to "
          "whole packets, or delete the oldest file of this recording and go on "
          "(needs max-files)", on_disk_full_get_type (),
          PCAP_ON_DISK_FULL_ERROR, FLAGS));
}

void
pcap_sink_settings_install_properties (GObjectClass * klass)
{
  install_file_properties (klass);
  install_rotation_properties (klass);
  install_disk_properties (klass);
}

void
pcap_sink_settings_clear (PcapSinkSettings * self)
{
  g_clear_pointer (&self->location, g_free);
}

gboolean
pcap_sink_settings_set_property (PcapSinkSettings * self, guint id,
    const GValue * value)
{
  switch (id) {
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      return TRUE;
    case PROP_FORMAT:
      self->format = g_value_get_enum (value);
      return TRUE;
    case PROP_TIMESTAMP_PRECISION:
      self->precision = g_value_get_enum (value);
      return TRUE;
    case PROP_MAX_FILE_SIZE:
      self->max_file_size = g_value_get_uint64 (value);
      return TRUE;
    case PROP_MAX_FILE_DURATION:
      self->max_file_duration = g_value_get_uint64 (value);
      return TRUE;
    case PROP_MAX_FILE_PACKETS:
      self->max_file_packets = g_value_get_uint64 (value);
      return TRUE;
    case PROP_ROTATE_AT:
      self->rotate_at = g_value_get_uint64 (value);
      return TRUE;
    case PROP_MAX_FILES:
      self->max_files = g_value_get_uint (value);
      return TRUE;
    case PROP_DIRECT_IO:
      self->direct_io = g_value_get_enum (value);
      return TRUE;
    case PROP_SYNC_MODE:
      self->sync_mode = g_value_get_enum (value);
      return TRUE;
    case PROP_FLUSH_INTERVAL:
      self->flush_interval = g_value_get_uint64 (value);
      return TRUE;
    case PROP_ON_DISK_FULL:
      self->on_disk_full = g_value_get_enum (value);
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
pcap_sink_settings_get_property (const PcapSinkSettings * self, guint id,
    GValue * value)
{
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      return TRUE;
    case PROP_FORMAT:
      g_value_set_enum (value, self->format);
      return TRUE;
    case PROP_TIMESTAMP_PRECISION:
      g_value_set_enum (value, self->precision);
      return TRUE;
    case PROP_MAX_FILE_SIZE:
      g_value_set_uint64 (value, self->max_file_size);
      return TRUE;
    case PROP_MAX_FILE_DURATION:
      g_value_set_uint64 (value, self->max_file_duration);
      return TRUE;
    case PROP_MAX_FILE_PACKETS:
      g_value_set_uint64 (value, self->max_file_packets);
      return TRUE;
    case PROP_ROTATE_AT:
      g_value_set_uint64 (value, self->rotate_at);
      return TRUE;
    case PROP_MAX_FILES:
      g_value_set_uint (value, self->max_files);
      return TRUE;
    case PROP_DIRECT_IO:
      g_value_set_enum (value, self->direct_io);
      return TRUE;
    case PROP_SYNC_MODE:
      g_value_set_enum (value, self->sync_mode);
      return TRUE;
    case PROP_FLUSH_INTERVAL:
      g_value_set_uint64 (value, self->flush_interval);
      return TRUE;
    case PROP_ON_DISK_FULL:
      g_value_set_enum (value, self->on_disk_full);
      return TRUE;
    default:
      return FALSE;
  }
}

static gboolean
has_suffix (const gchar * name, const gchar * suffix)
{
  gsize length = strlen (name), n = strlen (suffix);

  return length >= n && g_ascii_strcasecmp (name + length - n, suffix) == 0;
}

GstPcapFormat
pcap_sink_settings_get_format (const PcapSinkSettings * self)
{
  if (self->format == PCAP_SINK_FORMAT_AUTO)
    return self->location != NULL && (has_suffix (self->location, ".pcap")
        || has_suffix (self->location, ".cap")) ? GST_PCAP_FORMAT_PCAP :
        GST_PCAP_FORMAT_PCAPNG;
  return self->format == PCAP_SINK_FORMAT_PCAP ? GST_PCAP_FORMAT_PCAP :
      GST_PCAP_FORMAT_PCAPNG;
}

static gboolean
check_duration (GstElement * element, const gchar * name, GstClockTime duration)
{
  if (duration == 0 || duration >= LEAST_DURATION)
    return TRUE;
  GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
      ("%s is in nanoseconds: %" G_GUINT64_FORMAT " is too short, a minute is "
          "60000000000", name, duration), (NULL));
  return FALSE;
}

gboolean
pcap_sink_settings_check (const PcapSinkSettings * self, GstElement * element,
    gboolean named)
{
  if (!named && (self->location == NULL || self->location[0] == '\0')) {
    GST_ELEMENT_ERROR (element, RESOURCE, NOT_FOUND,
        ("No file to record into: set the property \"location\""), (NULL));
    return FALSE;
  }
  if (self->on_disk_full == PCAP_ON_DISK_FULL_DROP_OLDEST
      && self->max_files == 0) {
    GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
        ("on-disk-full=drop-oldest deletes files of the recording: say with "
            "max-files how many there may be"), (NULL));
    return FALSE;
  }
  return check_duration (element, "max-file-duration", self->max_file_duration)
      && check_duration (element, "rotate-at", self->rotate_at);
}

void
pcap_sink_settings_get_config (const PcapSinkSettings * self,
    PcapRecorderConfig * config)
{
  memset (config, 0, sizeof (*config));
  config->precision = self->precision;
  config->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  config->max_size = self->max_file_size;
  config->max_duration = self->max_file_duration;
  config->rotate_at = self->rotate_at;
  config->max_packets = self->max_file_packets;
  config->flush_interval = self->flush_interval;
  config->files.direct_io = self->direct_io;
  config->files.sync_mode = self->sync_mode;
  config->files.max_files = self->max_files;
  config->files.drop_oldest =
      self->on_disk_full == PCAP_ON_DISK_FULL_DROP_OLDEST;
}
