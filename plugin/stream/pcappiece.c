/* gst-afring: a piece of a capture stream, and what packets have of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappiece.h"

#include <gst/afring/pcap/gstpcapngcopy.h>
#include <string.h>

/* A GstMiniObject counts who shares it in 16 bits; what comes behind so many
 * packets of one piece is copied. */
#define MOST_SHARES 32768

gboolean
pcap_piece_set (PcapPiece * self, GstBuffer * buffer, GError ** error)
{
  GstMemory *memory = gst_buffer_get_all_memory (buffer);

  gst_buffer_unref (buffer);
  pcap_piece_drop (self);
  if (memory == NULL)
    return TRUE;
  if (!gst_memory_map (memory, &self->map, GST_MAP_READ)) {
    gst_memory_unref (memory);
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
        "Cannot map a piece of the stream");
    return FALSE;
  }
  self->memory = memory;
  self->shares = 0;
  return TRUE;
}

void
pcap_piece_drop (PcapPiece * self)
{
  if (self->memory == NULL)
    return;
  gst_memory_unmap (self->memory, &self->map);
  g_clear_pointer (&self->memory, gst_memory_unref);
}

static GstMemory *
copy_bytes (const guint8 * data, gsize size)
{
  GstMemory *memory;
  GstMapInfo map;

  if (size == 0)
    return NULL;
  memory = gst_allocator_alloc (NULL, size, NULL);
  gst_memory_map (memory, &map, GST_MAP_WRITE);
  memcpy (map.data, data, size);
  gst_memory_unmap (memory, &map);
  return memory;
}

static GstMemory *
get_bytes (PcapPiece * self, const guint8 * data, gsize size, gboolean kept)
{
  if (size == 0)
    return NULL;
  if (kept || self->shares >= MOST_SHARES
      || GST_MEMORY_IS_NO_SHARE (self->memory))
    return copy_bytes (data, size);
  self->shares++;
  return gst_memory_share (self->memory, data - self->map.data, size);
}

GstMemory *
pcap_piece_get_content (PcapPiece * self, const guint8 * record, gsize length,
    const GstPcapPacket * packet, gboolean kept)
{
  g_autoptr (GByteArray) block = NULL;

  if (G_LIKELY (!self->in_blocks))
    return get_bytes (self, packet->data, packet->captured_length, kept);
  if (gst_pcapng_is_packet (record, length))
    return get_bytes (self, record, length, kept);
  block = g_byte_array_new ();
  gst_pcapng_append_packet_of (block, record, length, packet);
  return copy_bytes (block->data, block->len);
}
