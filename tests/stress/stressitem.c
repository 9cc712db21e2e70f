/* A part of a packet that a thread has, and what its bytes have to be.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "stressitem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a synthetic packet. */
#define LINK_HEADER_LENGTH 14
#define NUMBER_AT 42
#define PORT 5004

void
stress_die (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  fflush (NULL);
  _Exit (1);
}

static void
check_bytes (StressItem * item)
{
  const guint8 *expected = item->packet->bytes + item->offset;
  const GstMapInfo *map = &item->map;

  if (map->size != item->size)
    stress_die ("packet %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT
        " bytes instead of %" G_GSIZE_FORMAT, item->packet->number, map->size,
        item->size);
  for (gsize i = 0; i < map->size; i++) {
    guint8 byte = map->data[i];

    if (byte != expected[i])
      stress_die ("packet %" G_GUINT64_FORMAT ", byte %" G_GSIZE_FORMAT
          " at %p: %02x instead of %02x", item->packet->number,
          item->offset + i, map->data + i, byte, expected[i]);
  }
}

void
stress_item_map (StressItem * item, GstMapFlags flags)
{
  if (!gst_buffer_map (item->buffer, &item->map, GST_MAP_READ | flags))
    stress_die ("packet %" G_GUINT64_FORMAT " cannot be mapped",
        item->packet->number);
  item->mapped = TRUE;
  check_bytes (item);
}

void
stress_item_unmap (StressItem * item)
{
  check_bytes (item);
  gst_buffer_unmap (item->buffer, &item->map);
  item->mapped = FALSE;
}

StressItem *
stress_item_new (GstBuffer * buffer, guint64 number)
{
  gsize size = gst_buffer_get_size (buffer);
  StressPacket *packet = g_malloc (sizeof (StressPacket) + size);
  StressItem *item = g_new0 (StressItem, 1);

  packet->refs = 1;
  packet->number = number;
  packet->size = size;
  gst_buffer_extract (buffer, 0, packet->bytes, size);
  item->buffer = gst_buffer_ref (buffer);
  item->packet = packet;
  item->size = size;
  return item;
}

StressItem *
stress_item_share (StressItem * item, gsize offset, gsize size, gboolean bare)
{
  StressItem *part = g_new0 (StressItem, 1);

  g_atomic_int_inc (&item->packet->refs);
  part->packet = item->packet;
  part->offset = item->offset + offset;
  part->size = size;
  if (bare) {
    part->buffer = gst_buffer_new ();
    gst_buffer_append_memory (part->buffer, gst_memory_share
        (gst_buffer_peek_memory (item->buffer, 0), offset, size));
  } else {
    part->buffer = gst_buffer_copy_region (item->buffer, GST_BUFFER_COPY_ALL,
        offset, size);
  }
  return part;
}

void
stress_item_free (StressItem * item)
{
  if (item == NULL)
    return;
  if (!item->mapped)
    stress_item_map (item, 0);
  stress_item_unmap (item);
  gst_buffer_unref (item->buffer);
  if (g_atomic_int_dec_and_test (&item->packet->refs))
    g_free (item->packet);
  g_free (item);
}

void
stress_check_synthetic (const GstMapInfo * map, gsize size, guint64 number)
{
  const guint8 *ip = map->data + LINK_HEADER_LENGTH, *udp = ip + 20;
  guint length = size - LINK_HEADER_LENGTH;

  if (map->size != size)
    stress_die ("packet %" G_GUINT64_FORMAT " has %" G_GSIZE_FORMAT " bytes",
        number, map->size);
  if (GST_READ_UINT32_BE (map->data + NUMBER_AT) != (guint32) number)
    stress_die ("packet %" G_GUINT64_FORMAT " has the number %u", number,
        GST_READ_UINT32_BE (map->data + NUMBER_AT));
  if (GST_READ_UINT16_BE (ip - 2) != 0x0800 || ip[0] != 0x45 || ip[9] != 17
      || GST_READ_UINT16_BE (ip + 2) != length
      || GST_READ_UINT16_BE (udp + 2) != PORT
      || GST_READ_UINT16_BE (udp + 4) != length - 20)
    stress_die ("packet %" G_GUINT64_FORMAT " is not UDP", number);
  for (gsize i = NUMBER_AT + 4; i < size; i++) {
    if (map->data[i] != 0)
      stress_die ("packet %" G_GUINT64_FORMAT ", byte %" G_GSIZE_FORMAT
          " is %02x instead of 00", number, i, map->data[i]);
  }
}
