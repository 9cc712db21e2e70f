/* gst-afring: the kinds of settings of the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapsinkenums.h"

#include "pcapfile.h"

#include <gst/afring/pcap/gstpcapcompression.h>

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

GType
pcap_sink_format_get_type (void)
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

GType
pcap_sink_direct_io_get_type (void)
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

GType
pcap_sink_sync_mode_get_type (void)
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

GType
pcap_sink_on_disk_full_get_type (void)
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

GType
pcap_sink_compression_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_PCAP_COMPRESSION_NONE, "As they are", "none"},
    {GST_PCAP_COMPRESSION_GZIP, "gzip (RFC 1952), a member each megabyte: "
          "slower, and Wireshark opens it as it is", "gzip"},
    {GST_PCAP_COMPRESSION_ZSTD, "Zstandard (RFC 8878), a frame each megabyte and a "
          "seek table: pcapdec goes to any time of it, Wireshark wants it "
          "decompressed", "zstd"},
    {0, NULL, NULL}
  };

  return register_enum (&type, "GstPcapSinkCompression", values);
}
