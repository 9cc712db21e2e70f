/* gst-afring: a packet as a buffer, and as a record of a capture file
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetbuffer.h"

static gboolean
map_memory (GstMemory * memory, PacketMap * map)
{
  map->data = gst_afring_memory_peek (memory);
  map->size = memory->size;
  map->kind = PACKET_MAP_NOTHING;
  if (map->data != NULL)
    return TRUE;

  map->kind = PACKET_MAP_MEMORY;
  if (!gst_memory_map (memory, &map->info, GST_MAP_READ))
    return FALSE;
  map->data = map->info.data;
  map->size = map->info.size;
  return TRUE;
}

gboolean
packet_buffer_map (GstBuffer * buffer, PacketMap * map)
{
  map->slot = gst_afring_slot_peek (buffer);
  if (map->slot != NULL) {
    map->data = map->slot->memory.data + map->slot->memory.mem.offset;
    map->size = map->slot->memory.mem.size;
    map->kind = PACKET_MAP_NOTHING;
    return TRUE;
  }
  if (gst_buffer_n_memory (buffer) == 1)
    return map_memory (gst_buffer_peek_memory (buffer, 0), map);

  map->kind = PACKET_MAP_BUFFER;
  if (!gst_buffer_map (buffer, &map->info, GST_MAP_READ))
    return FALSE;
  map->data = map->info.data;
  map->size = map->info.size;
  return TRUE;
}

void
packet_buffer_unmap (GstBuffer * buffer, PacketMap * map)
{
  if (map->kind == PACKET_MAP_MEMORY)
    gst_memory_unmap (map->info.memory, &map->info);
  else if (map->kind == PACKET_MAP_BUFFER)
    gst_buffer_unmap (buffer, &map->info);
}

void
packet_buffer_resize (GstBuffer * buffer, gsize start, gsize size)
{
  GstMemory *memory = gst_buffer_n_memory (buffer) == 1 ?
      gst_buffer_peek_memory (buffer, 0) : NULL;

  if (memory != NULL && GST_MINI_OBJECT_REFCOUNT_VALUE (memory) == 1)
    gst_memory_resize (memory, start, size);
  else
    gst_buffer_resize (buffer, start, size);
}

/* GStreamer gives times only to a part that begins where the buffer does. */
GstBuffer *
packet_buffer_copy_part (GstBuffer * buffer, gsize start, gsize size)
{
  GstBuffer *part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, start,
      size);

  GST_BUFFER_PTS (part) = GST_BUFFER_PTS (buffer);
  GST_BUFFER_DTS (part) = GST_BUFFER_DTS (buffer);
  GST_BUFFER_DURATION (part) = GST_BUFFER_DURATION (buffer);
  GST_BUFFER_OFFSET (part) = GST_BUFFER_OFFSET (buffer);
  GST_BUFFER_OFFSET_END (part) = GST_BUFFER_OFFSET_END (buffer);
  return part;
}

GstClockTime
packet_buffer_get_time (GstBuffer * buffer)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);

  if (meta != NULL && meta->capture_time != GST_CLOCK_TIME_NONE)
    return meta->capture_time;
  return GST_BUFFER_PTS (buffer);
}

/* A buffer without the meta comes from an element that knows nothing of capture
 * times: its timestamp is better than none. */
const GstPacketMeta *
packet_buffer_describe (GstBuffer * buffer, const PacketMap * map,
    guint32 link_type, GstPcapPacket * packet)
{
  const GstPacketMeta *meta = packet_map_get_meta (map, buffer);

  packet->link_type = link_type;
  packet->data = map->data;
  packet->captured_length = map->size;
  if (meta != NULL) {
    packet->interface_id = meta->interface_id;
    packet->time = meta->capture_time;
    packet->type = meta->packet_type;
    packet->wire_length = MAX (meta->wire_length, map->size);
  } else {
    packet->interface_id = 0;
    packet->time = GST_BUFFER_PTS (buffer);
    packet->type = GST_PACKET_TYPE_UNKNOWN;
    packet->wire_length = map->size;
  }
  return meta;
}
