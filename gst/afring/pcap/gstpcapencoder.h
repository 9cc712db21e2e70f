/* gst-afring: packets to the bytes of a capture file (not installed)
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/capture/gstcaptureevent.h>
#include <gst/afring/capture/gstcapturepacket.h>
#include <gst/afring/pcap/gstpcapinterfaces.h>
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
 * There is no I/O here. A file is: its start, packets, each after what it needs
 * before it, and its end. */
typedef struct _GstPcapEncoder GstPcapEncoder;

GST_AFRING_API
GstPcapEncoder * gst_pcap_encoder_new            (GstPcapFormat               format,
                                                  GstPcapTimestampPrecision   precision,
                                                  const gchar                *application);

GST_AFRING_API
void             gst_pcap_encoder_free           (GstPcapEncoder             *self);

/* Before anything is written. */
GST_AFRING_API
void             gst_pcap_encoder_set_format     (GstPcapEncoder             *self,
                                                  GstPcapFormat               format);

/* What it knows of interfaces. */
GST_AFRING_API
GstPcapInterfaces * gst_pcap_encoder_get_interfaces (GstPcapEncoder          *self);

/* The next file: nothing is written in it, what is known of interfaces stays. */
GST_AFRING_API
void             gst_pcap_encoder_restart        (GstPcapEncoder             *self);

/* Comments in the section header, NULL-terminated, or NULL; copied. */
GST_AFRING_API
void             gst_pcap_encoder_set_comments   (GstPcapEncoder             *self,
                                                  const gchar *const         *comments);

GST_AFRING_API
const gchar * const * gst_pcap_encoder_get_comments (GstPcapEncoder          *self);

/* What packets with this id that come from now on are from. */
GST_AFRING_API
void             gst_pcap_encoder_set_interface  (GstPcapEncoder             *self,
                                                  const GstCaptureInterface  *iface);

/* Written at the end; the last ones count. They are of the interface that was set
 * last with their id. */
GST_AFRING_API
void             gst_pcap_encoder_set_statistics (GstPcapEncoder             *self,
                                                  const GstCaptureStatistics *statistics);

/* What a file of the format can begin with before any packet is known: with the
 * descriptions of at most GST_PCAP_MOST_AT_START interfaces. */
GST_AFRING_API
void             gst_pcap_encoder_append_start   (GstPcapEncoder             *self,
                                                  GByteArray                 *out);

/* What has to stand in the file before the packet: mostly nothing. FALSE if the
 * packet cannot stand in this file: classic pcap has one link type for all. */
GST_AFRING_API
gboolean         gst_pcap_encoder_append_before  (GstPcapEncoder             *self,
                                                  GByteArray                 *out,
                                                  const GstPcapPacket        *packet);

/* TRUE if gst_pcap_encoder_append_before() would append something. */
GST_AFRING_API
gboolean         gst_pcap_encoder_needs_before   (GstPcapEncoder             *self,
                                                  const GstPcapPacket        *packet);

/* The packet's own record: how long it is, and its bytes. */
GST_AFRING_API
gsize            gst_pcap_encoder_get_packet_size (GstPcapEncoder            *self,
                                                  const GstPcapPacket        *packet);

GST_AFRING_API
void             gst_pcap_encoder_write_packet   (GstPcapEncoder             *self,
                                                  guint8                     *out,
                                                  const GstPcapPacket        *packet);

/* The last two together with what is needed before. */
GST_AFRING_API
gboolean         gst_pcap_encoder_append_packet  (GstPcapEncoder             *self,
                                                  GByteArray                 *out,
                                                  const GstPcapPacket        *packet);

/* Headers that no packet has made necessary, unless they stand in a file before, and
 * statistics. @link_type is for a
 * file in which there is no packet and of whose interface nothing is known. */
GST_AFRING_API
void             gst_pcap_encoder_append_end     (GstPcapEncoder             *self,
                                                  GByteArray                 *out,
                                                  guint32                     link_type);

/* How long that would be now, at most. */
GST_AFRING_API
gsize            gst_pcap_encoder_get_end_size   (GstPcapEncoder             *self);

G_END_DECLS
