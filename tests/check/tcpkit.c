/* Segments of TCP made by hand.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tcpkit.h"

#include <string.h>

#define HEADERS (14 + 20 + 20)

static void
write_headers (guint8 * bytes, const KitSegment * segment, gsize size)
{
  static const guint8 client[] = { 10, 0, 0, 1 }, server[] = { 10, 0, 0, 2 };
  guint16 port = segment->client_port != 0 ? segment->client_port : 40000;
  guint8 *ip = bytes + 14, *tcp = ip + 20;

  GST_WRITE_UINT16_BE (bytes + 12, 0x0800);
  ip[0] = 0x45;
  GST_WRITE_UINT16_BE (ip + 2, 40 + size);
  ip[8] = 64;
  ip[9] = 6;
  memcpy (ip + 12, segment->from_server ? server : client, 4);
  memcpy (ip + 16, segment->from_server ? client : server, 4);
  GST_WRITE_UINT16_BE (tcp, segment->from_server ? 80 : port);
  GST_WRITE_UINT16_BE (tcp + 2, segment->from_server ? port : 80);
  GST_WRITE_UINT32_BE (tcp + 4, segment->sequence);
  GST_WRITE_UINT32_BE (tcp + 8, segment->acknowledged);
  tcp[12] = 5 << 4;
  tcp[13] = segment->flags;
}

GstBuffer *
kit_make_tcp (const KitSegment * segment)
{
  gsize size = segment->size != 0 || segment->data == NULL ? segment->size :
      strlen (segment->data);
  guint8 *bytes = g_malloc0 (HEADERS + size);
  GstPacketMeta *meta;
  GstBuffer *buffer;

  write_headers (bytes, segment, size);
  if (segment->data != NULL)
    memcpy (bytes + HEADERS, segment->data, MIN (size, strlen (segment->data)));
  buffer = gst_buffer_new_wrapped_full (0, bytes, HEADERS + size, 0,
      HEADERS + size - segment->cut, bytes, g_free);
  meta = gst_buffer_add_packet_meta (buffer);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = segment->time;
  meta->capture_time = KIT_START + segment->time;
  meta->wire_length = HEADERS + size;
  return buffer;
}

gchar *
kit_pad_get_stream (KitPad * self)
{
  GString *text = g_string_new (NULL);
  guint64 offset = 0;
  GstBuffer *buffer;

  for (guint i = 0; (buffer = kit_pad_get_buffer (self, i)) != NULL; i++) {
    guint64 at = GST_BUFFER_OFFSET (buffer);
    gboolean discont = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless (map.size > 0);
    fail_unless (at >= offset);
    /* a pad's first one has it anyway */
    fail_unless (discont || at == offset);
    if (at > offset)
      g_string_append_printf (text, "[%" G_GUINT64_FORMAT "]", at - offset);
    else if (discont && i > 0)
      g_string_append (text, "[?]");
    g_string_append_len (text, (const gchar *) map.data, map.size);
    offset = at + map.size;
    fail_unless (GST_BUFFER_OFFSET_END (buffer) == offset);
    gst_buffer_unmap (buffer, &map);
  }
  return g_string_free (text, FALSE);
}

guint64
kit_run_get_flow_stat (KitRun * self, guint flow, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  const GValue *flows;
  guint64 value;

  g_object_get (self->element, "stats", &stats, NULL);
  flows = gst_structure_get_value (stats, "flows");
  fail_unless (flow < gst_value_list_get_size (flows));
  fail_unless (gst_structure_get_uint64 (gst_value_get_structure
          (gst_value_list_get_value (flows, flow)), field, &value), "%s",
      field);
  return value;
}
