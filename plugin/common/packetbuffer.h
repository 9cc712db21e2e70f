/* gst-afring: a packet as a buffer, and as a record of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/afring/pcap/gstpcapencoder.h>
#include <gst/afring/ring/gstafringslots.h>

G_BEGIN_DECLS

/* What has been mapped to get at the bytes of a packet. */
typedef enum
{
  PACKET_MAP_NOTHING,           /* a packet in a ring or a file needs none */
  PACKET_MAP_MEMORY,
  PACKET_MAP_BUFFER
} PacketMapKind;

/* The bytes of a packet. */
typedef struct
{
  const guint8 *data;
  gsize size;
  GstAfringSlot *slot;          /* of a buffer that has the memory which it was made with, or NULL */
  /*< private >*/
  GstMapInfo info;
  PacketMapKind kind;
} PacketMap;

/* As gst_buffer_map() for reading, and faster for a packet in one memory, which
 * nearly all are, and for one in a ring or a file. */
gboolean packet_buffer_map   (GstBuffer     *buffer,
                              PacketMap     *map);

void     packet_buffer_unmap (GstBuffer     *buffer,
                              PacketMap     *map);

/* What is known of a packet that is mapped; NULL: nothing. A slot has nothing that would
 * have to be looked for. */
static inline GstPacketMeta *
packet_map_get_meta (const PacketMap * self, GstBuffer * buffer)
{
  return self->slot != NULL ? self->slot->meta :
      gst_buffer_get_packet_meta (buffer);
}

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

/* A mapped packet of @link_type, as it is recorded, and what is known of it, or NULL. */
const GstPacketMeta * packet_buffer_describe (GstBuffer *buffer,
                             const PacketMap *map,
                             guint32        link_type,
                             GstPcapPacket *packet);

G_END_DECLS
