/* gst-afring: the settings of the recorder and their properties
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsinksettings.h"
#include "common/valuefield.h"

#include <gst/afring/pcap-enumtypes.h>
#include <gst/afring/capture/gstcapturelink.h>
#include <string.h>

#define FLAGS (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

/* Of a file: what is less is seconds taken for nanoseconds. */
#define LEAST_DURATION GST_MSECOND

#define MOST_LEVEL 22           /* of zstd, which has most */
#define DEFAULT_FLUSH_INTERVAL GST_SECOND
#define DEFAULT_PRE_ROLL_BYTES (G_GUINT64_CONSTANT (1) << 30)
/* Two pieces of the smallest size. */
#define LEAST_PRE_ROLL_BYTES (128 * 1024)

/* A file of less is read in no time. */
#define LEAST_INDEXED (1024 * 1024)

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
  PROP_ON_DISK_FULL,
  PROP_STOP_AFTER_FILES,
  PROP_MAKE_FOLDERS,
  PROP_RECOVER,
  PROP_PRE_ROLL_TIME,
  PROP_PRE_ROLL_BYTES,
  PROP_POST_ROLL_TIME,
  PROP_COMPRESSION,
  PROP_COMPRESSION_LEVEL,
  PROP_INDEX
};

G_STATIC_ASSERT (PROP_INDEX + 1 == PCAP_SINK_SETTINGS_N);

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
          ".cap, in any case, else pcapng", pcap_sink_format_get_type (), PCAP_SINK_FORMAT_AUTO, FLAGS));
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
install_stop_property (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_STOP_AFTER_FILES,
      g_param_spec_uint ("stop-after-files", "Stop after files",
          "The stream ends (EOS) where the next file would begin after so many; 0: it "
          "does not", 0, G_MAXUINT, 0, FLAGS));
}

static void
install_disk_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_DIRECT_IO,
      g_param_spec_enum ("direct-io", "Direct I/O",
          "Whether to write with O_DIRECT, that is past the page cache",
          pcap_sink_direct_io_get_type (), PCAP_DIRECT_IO_AUTO, FLAGS));
  g_object_class_install_property (klass, PROP_SYNC_MODE,
      g_param_spec_enum ("sync-mode", "Sync mode",
          "When to wait until the disk has everything (fsync)",
          pcap_sink_sync_mode_get_type (), PCAP_SYNC_FILE, FLAGS));
  g_object_class_install_property (klass, PROP_FLUSH_INTERVAL,
      g_param_spec_uint64 ("flush-interval", "Flush interval",
          "Nanoseconds after which a packet can be read from the file at the "
          "latest; a reader finds whole records up to there",
          0, G_MAXUINT64, DEFAULT_FLUSH_INTERVAL, FLAGS));
  g_object_class_install_property (klass, PROP_ON_DISK_FULL,
      g_param_spec_enum ("on-disk-full", "On disk full",
          "What to do when the disk is full: end, with a file that is cut to "
          "whole packets, or delete the oldest file of this recording and go on "
          "(needs max-files)", pcap_sink_on_disk_full_get_type (),
          PCAP_ON_DISK_FULL_ERROR, FLAGS));
  g_object_class_install_property (klass, PROP_MAKE_FOLDERS,
      g_param_spec_boolean ("make-folders", "Make folders",
          "Make the folders of a location that are not there, for each file; those who "
          "may read the files may look into them", FALSE, FLAGS));
  g_object_class_install_property (klass, PROP_RECOVER,
      g_param_spec_boolean ("recover", "Recover",
          "Complete, while this one records, what earlier recordings left as "
          "LOCATION.part: cut to whole records and named LOCATION-recovered; FALSE: "
          "one that is in the way is overwritten", TRUE, FLAGS));
}

static void
install_index_property (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_INDEX,
      g_param_spec_boolean ("index", "Index",
          "Write an index into files of pcapng, with which packets are found without "
          "reading all: of each MiB, the times and what is in the headers. Other "
          "programs pass over it. Not where files are compressed with gzip, or "
          "max-file-size is below 1 MiB", TRUE, FLAGS));
}

static void
install_pre_roll_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_PRE_ROLL_TIME,
      g_param_spec_uint64 ("pre-roll-time", "Pre-roll time",
          "Nanoseconds. Above 0 nothing is written until a trigger: the file begins "
          "with what was captured so long before it; 0: record what comes",
          0, G_MAXINT64, 0, FLAGS));
  g_object_class_install_property (klass, PROP_PRE_ROLL_BYTES,
      g_param_spec_uint64 ("pre-roll-bytes", "Pre-roll bytes",
          "Memory for it, in bytes, at most. Armed and full, what is oldest goes "
          "earlier; while it is written, what comes has to fit too",
          LEAST_PRE_ROLL_BYTES, G_MAXINT64, DEFAULT_PRE_ROLL_BYTES, FLAGS));
  g_object_class_install_property (klass, PROP_POST_ROLL_TIME,
      g_param_spec_uint64 ("post-roll-time", "Post-roll time",
          "Nanoseconds after the last trigger at which the file ends and the next one "
          "is waited for; 0: at the signal stop, or the end of the stream",
          0, G_MAXINT64, 0, FLAGS));
}

static void
install_compression_properties (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_COMPRESSION,
      g_param_spec_enum ("compression", "Compression",
          "Compress the files, on threads of its own. Where the processors do not keep "
          "up, pieces are only stored, and nothing is dropped; limits are of what is "
          "not compressed yet", pcap_sink_compression_get_type (),
          GST_PCAP_COMPRESSION_NONE, FLAGS));
  g_object_class_install_property (klass, PROP_COMPRESSION_LEVEL,
      g_param_spec_int ("compression-level", "Compression level",
          "1 to 9 for gzip, 1 to 22 for zstd; 0: stored; -1: what the processors can "
          "do just now", PCAP_COMPRESSOR_CHOOSE, MOST_LEVEL, PCAP_COMPRESSOR_CHOOSE,
          FLAGS));
}

void
pcap_sink_settings_install_properties (GObjectClass * klass)
{
  install_file_properties (klass);
  install_rotation_properties (klass);
  install_stop_property (klass);
  install_disk_properties (klass);
  install_pre_roll_properties (klass);
  install_compression_properties (klass);
  install_index_property (klass);
}

void
pcap_sink_settings_init (PcapSinkSettings * self)
{
  *self = (PcapSinkSettings) {
    .precision = GST_PCAP_TIMESTAMP_PRECISION_NANOSECOND,
    .sync_mode = PCAP_SYNC_FILE,
    .flush_interval = DEFAULT_FLUSH_INTERVAL,
    .recover = TRUE,
    .pre_roll_bytes = DEFAULT_PRE_ROLL_BYTES,
    .compression_level = PCAP_COMPRESSOR_CHOOSE,
    .index = TRUE,
  };
}

void
pcap_sink_settings_clear (PcapSinkSettings * self)
{
  g_clear_pointer (&self->location, g_free);
}

/* Where the value of a property is; of those that are no strings. */
static gpointer
get_field (PcapSinkSettings * self, guint id)
{
  switch (id) {
    case PROP_LOCATION:
      return &self->location;
    case PROP_FORMAT:
      return &self->format;
    case PROP_TIMESTAMP_PRECISION:
      return &self->precision;
    case PROP_MAX_FILE_SIZE:
      return &self->max_file_size;
    case PROP_MAX_FILE_DURATION:
      return &self->max_file_duration;
    case PROP_MAX_FILE_PACKETS:
      return &self->max_file_packets;
    case PROP_ROTATE_AT:
      return &self->rotate_at;
    case PROP_MAX_FILES:
      return &self->max_files;
    case PROP_DIRECT_IO:
      return &self->direct_io;
    case PROP_SYNC_MODE:
      return &self->sync_mode;
    case PROP_FLUSH_INTERVAL:
      return &self->flush_interval;
    case PROP_ON_DISK_FULL:
      return &self->on_disk_full;
    case PROP_STOP_AFTER_FILES:
      return &self->stop_after_files;
    case PROP_MAKE_FOLDERS:
      return &self->make_folders;
    case PROP_RECOVER:
      return &self->recover;
    case PROP_PRE_ROLL_TIME:
      return &self->pre_roll_time;
    case PROP_PRE_ROLL_BYTES:
      return &self->pre_roll_bytes;
    case PROP_POST_ROLL_TIME:
      return &self->post_roll_time;
    case PROP_COMPRESSION:
      return &self->compression;
    case PROP_COMPRESSION_LEVEL:
      return &self->compression_level;
    case PROP_INDEX:
      return &self->index;
    default:
      return NULL;
  }
}

gboolean
pcap_sink_settings_set_property (PcapSinkSettings * self, guint id,
    const GValue * value)
{
  gpointer field = get_field (self, id);

  if (field == NULL)
    return FALSE;
  value_field_set (field, value);
  return TRUE;
}

gboolean
pcap_sink_settings_get_property (PcapSinkSettings * self, guint id,
    GValue * value)
{
  gconstpointer field = get_field (self, id);

  if (field == NULL)
    return FALSE;
  value_field_get (field, value);
  return TRUE;
}

/* That of a compression may follow it. */
static gboolean
has_extension (const gchar * name, const gchar * extension)
{
  const gchar *found = gst_pcap_compression_find_extension (name);
  gsize n = strlen (extension);

  return g_ascii_strncasecmp (found, extension, n) == 0 && (found[n] == '\0'
      || found[n] == '.');
}

GstPcapFormat
pcap_sink_settings_get_format (const PcapSinkSettings * self)
{
  if (self->format == PCAP_SINK_FORMAT_AUTO)
    return self->location != NULL && (has_extension (self->location, ".pcap")
        || has_extension (self->location, ".cap")) ? GST_PCAP_FORMAT_PCAP :
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

static gboolean
check_compression (const PcapSinkSettings * self, GstElement * element)
{
  gint most = gst_pcap_frame_get_most_level (self->compression);
  const gchar *name = gst_pcap_compression_get_name (self->compression);

  if (self->compression == GST_PCAP_COMPRESSION_NONE) {
    if (self->location != NULL && gst_pcap_compression_from_name
        (self->location) != GST_PCAP_COMPRESSION_NONE)
      GST_ELEMENT_WARNING (element, RESOURCE, SETTINGS,
          ("\"%s\" is named as if it were compressed, and is not: set "
              "\"compression\"", self->location), (NULL));
    return TRUE;
  }
  if (most == 0)
    GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
        ("compression=%s: gst-afring was built without the library for it", name),
        ("meson's option -D%s=enabled", name));
  else if (self->compression_level > most)
    GST_ELEMENT_ERROR (element, RESOURCE, SETTINGS,
        ("compression-level=%d: %s has levels from 1 to %d",
            self->compression_level, name, most), (NULL));
  return most > 0 && self->compression_level <= most;
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
      && check_duration (element, "pre-roll-time", self->pre_roll_time)
      && check_duration (element, "post-roll-time", self->post_roll_time)
      && check_duration (element, "rotate-at", self->rotate_at)
      && check_compression (self, element);
}

void
pcap_sink_settings_get_config (const PcapSinkSettings * self,
    PcapRecordingConfig * config)
{
  PcapRecorderConfig *recorder = &config->recorder;

  memset (config, 0, sizeof (*config));
  recorder->precision = self->precision;
  recorder->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  recorder->max_size = self->max_file_size;
  recorder->max_duration = self->max_file_duration;
  recorder->rotate_at = self->rotate_at;
  recorder->max_packets = self->max_file_packets;
  recorder->most_files = self->stop_after_files;
  recorder->flush_interval = self->flush_interval;
  recorder->index = self->index
      /* whose places nobody can go to */
      && self->compression != GST_PCAP_COMPRESSION_GZIP
      && (self->max_file_size == 0 || self->max_file_size >= LEAST_INDEXED);
  recorder->files.direct_io = self->direct_io;
  recorder->files.sync_mode = self->sync_mode;
  recorder->files.max_files = self->max_files;
  recorder->files.make_folders = self->make_folders;
  recorder->files.keep_parts = self->recover;
  recorder->files.drop_oldest =
      self->on_disk_full == PCAP_ON_DISK_FULL_DROP_OLDEST;
  recorder->files.compressor = (PcapCompressorConfig) {
    self->compression, self->compression_level
  };
  config->recover = self->recover ? self->location : NULL;
  config->preroll = (PcapPrerollConfig) {
    self->pre_roll_time, self->pre_roll_bytes, self->post_roll_time
  };
}
