/* gst-afring: packets to the bytes of a capture file (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/capture/gstcapturepacket.h>
#include <gst/afring/pcap/gstpcapwriter.h>

G_BEGIN_DECLS

/**
 * GstPcapFormat:
 * @GST_PCAP_FORMAT_PCAP: classic pcap, one link type a file
 * @GST_PCAP_FORMAT_PCAPNG: pcapng
 *
 * Formats of a capture file.
 */
typedef enum
{
  GST_PCAP_FORMAT_PCAP,
  GST_PCAP_FORMAT_PCAPNG
} GstPcapFormat;

typedef struct
{
  guint32 interface_id;
  guint32 link_type;
  GstClockTime time;            /* nanoseconds since 1970, or NONE */
  GstPacketType type;
  const guint8 *data;
  guint32 captured_length;
  guint32 wire_length;
} GstPcapPacket;

/* One capture file's worth of state: which interfaces have been described in it.
 * All functions append bytes to an array; there is no I/O here. */
typedef struct _GstPcapEncoder GstPcapEncoder;

GST_AFRING_API
GstPcapEncoder * gst_pcap_encoder_new            (GstPcapFormat               format,
                                                  GstPcapTimestampPrecision   precision,
                                                  const gchar                *application);

GST_AFRING_API
void             gst_pcap_encoder_free           (GstPcapEncoder             *self);

/* What packets with this id that come from now on are from. */
GST_AFRING_API
void             gst_pcap_encoder_set_interface  (GstPcapEncoder             *self,
                                                  const GstCaptureInterface  *iface);

/* Written at the end; the last ones count. */
GST_AFRING_API
void             gst_pcap_encoder_set_statistics (GstPcapEncoder             *self,
                                                  const GstCaptureStatistics *statistics);

/* What a file of the format can begin with before any packet is known. */
GST_AFRING_API
void             gst_pcap_encoder_append_start   (GstPcapEncoder             *self,
                                                  GByteArray                 *out);

/* FALSE if the packet cannot stand in this file: classic pcap has one link type
 * for all. Nothing is appended then. */
GST_AFRING_API
gboolean         gst_pcap_encoder_append_packet  (GstPcapEncoder             *self,
                                                  GByteArray                 *out,
                                                  const GstPcapPacket        *packet);

/* Headers that no packet has made necessary, and statistics. @link_type is for a
 * file in which there is no packet and of whose interface nothing is known. */
GST_AFRING_API
void             gst_pcap_encoder_append_end     (GstPcapEncoder             *self,
                                                  GByteArray                 *out,
                                                  guint32                     link_type);

G_END_DECLS
