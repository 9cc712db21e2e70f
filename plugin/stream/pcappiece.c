/* gst-afring: a piece of a capture stream, and what packets have of it
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcappiece.h"

#include <gst/afring/pcap/gstpcapngcopy.h>
#include <string.h>

/* In whatever thread has the last packet of it. */
static void
end_lease (gpointer data)
{
  PcapPieceLease *self = data;

  gst_memory_unmap (self->memory, &self->map);
  if (self->locked)
    gst_memory_unlock (self->memory, GST_LOCK_FLAG_EXCLUSIVE);
  gst_memory_unref (self->memory);
  g_free (self);
}

gboolean
pcap_piece_set (PcapPiece * self, GstBuffer * buffer, GError ** error)
{
  GstMemory *memory = gst_buffer_get_all_memory (buffer);
  PcapPieceLease *lease;
  GstMapInfo map;

  gst_buffer_unref (buffer);
  pcap_piece_drop (self);
  if (memory == NULL)
    return TRUE;
  if (!gst_memory_map (memory, &map, GST_MAP_READ)) {
    gst_memory_unref (memory);
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED,
        "Cannot map a piece of the stream");
    return FALSE;
  }
  lease = g_new (PcapPieceLease, 1);
  gst_afring_lease_init_foreign (&lease->lease, end_lease);
  lease->memory = memory;
  lease->map = map;
  /* as gst_memory_share() does */
  lease->locked = gst_memory_lock (memory, GST_LOCK_FLAG_EXCLUSIVE);
  self->lease = lease;
  return TRUE;
}

void
pcap_piece_drop (PcapPiece * self)
{
  PcapPieceLease *lease = g_steal_pointer (&self->lease);

  if (lease != NULL)
    gst_afring_lease_unref (&lease->lease);
}

static PcapContent
copy_bytes (const guint8 * data, gsize size)
{
  PcapContent content = { NULL, size, NULL };
  GstMapInfo map;

  if (size == 0)
    return content;
  content.memory = gst_allocator_alloc (NULL, size, NULL);
  gst_memory_map (content.memory, &map, GST_MAP_WRITE);
  memcpy (map.data, data, size);
  gst_memory_unmap (content.memory, &map);
  return content;
}

static PcapContent
get_bytes (PcapPiece * self, const guint8 * data, gsize size, gboolean kept)
{
  if (size == 0 || kept || GST_MEMORY_IS_NO_SHARE (self->lease->memory))
    return copy_bytes (data, size);
  return (PcapContent) { data, size, NULL };
}

PcapContent
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
