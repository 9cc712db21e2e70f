/* gst-afring: a packet as a buffer, and as a record of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/pcap/gstpcapencoder.h>

G_BEGIN_DECLS

/* What has been mapped to get at the bytes of a packet. */
typedef enum
{
  PACKET_MAP_NOTHING,           /* a packet in the ring needs none */
  PACKET_MAP_MEMORY,
  PACKET_MAP_BUFFER
} PacketMapKind;

/* The bytes of a packet. */
typedef struct
{
  const guint8 *data;
  gsize size;
  /*< private >*/
  GstMapInfo info;
  PacketMapKind kind;
} PacketMap;

/* As gst_buffer_map() for reading, and faster for a packet in one memory, which
 * nearly all are, and for one in the ring. */
gboolean packet_buffer_map   (GstBuffer     *buffer,
                              PacketMap     *map);

void     packet_buffer_unmap (GstBuffer     *buffer,
                              PacketMap     *map);

/* @size bytes from @start on are left of a buffer that nobody else has; in the memory
 * itself where nobody shares it, which spares GStreamer's checks. */
void     packet_buffer_resize (GstBuffer    *buffer,
                              gsize          start,
                              gsize          size);

/* A part of a packet, in its memory, with its times and metas. */
GstBuffer * packet_buffer_copy_part (GstBuffer *buffer,
                              gsize          start,
                              gsize          size);

/* When a packet was captured, nanoseconds since 1970; its timestamp if that is not
 * known. */
GstClockTime packet_buffer_get_time (GstBuffer *buffer);

/* Fills in all but the data of a packet of @link_type that has @size bytes. */
void packet_buffer_describe (GstBuffer     *buffer,
                             guint32        link_type,
                             gsize          size,
                             GstPcapPacket *packet);

G_END_DECLS
