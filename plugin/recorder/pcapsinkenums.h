/* gst-afring: the kinds of settings of the recorder
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

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

GType pcap_sink_format_get_type       (void);
GType pcap_sink_direct_io_get_type    (void);
GType pcap_sink_sync_mode_get_type    (void);
GType pcap_sink_on_disk_full_get_type (void);
GType pcap_sink_compression_get_type  (void);

G_END_DECLS
