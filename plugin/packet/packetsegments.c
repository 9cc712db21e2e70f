/* gst-afring: datagrams that the kernel or an adapter has put together
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetsegments.h"
#include "rtpheader.h"
#include "common/packetbuffer.h"

#include <gst/afring/packet/gstpacketmeta.h>

/* Whether packets of one sender, numbered on from the first, lie in it, one each @step. */
static gboolean
has_step (const RtpHeader * first, const guint8 * data, gsize size, gsize step)
{
  guint16 number = first->seqnum;
  RtpHeader header;

  for (gsize at = step; at < size; at += step) {
    if (!rtp_header_read (&header, data + at, MIN (step, size - at))
        || header.ssrc != first->ssrc || header.seqnum != ++number)
      return FALSE;
  }
  return TRUE;
}

/* The size of the RTP packets in it, or @size if there is one, or none. */
static gsize
find_rtp_size (const guint8 * data, gsize size)
{
  RtpHeader first;

  if (!rtp_header_read (&first, data, size))
    return size;
  for (gsize step = RTP_HEADER_SIZE; step + RTP_HEADER_SIZE <= size; step++) {
    if (data[step] >> 6 == 2
        && GST_READ_UINT32_BE (data + step + 8) == first.ssrc
        && has_step (&first, data, size, step))
      return step;
  }
  return size;
}

static gsize
find_size (const PacketSegments * self, GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer);
  PacketMap map;

  if (self->size > 0)
    return self->size;
  if (!packet_buffer_map (buffer, &map))
    return size;
  size = find_rtp_size (map.data, map.size);
  packet_buffer_unmap (buffer, &map);
  return size;
}

static void
append (PacketSegments * self, GstBufferList * list, GstBuffer * buffer,
    gsize step)
{
  gsize size = gst_buffer_get_size (buffer);

  for (gsize at = 0; at < size; at += step) {
    gsize n = MIN (step, size - at);
    GstBuffer *part = packet_buffer_copy_part (buffer, at, n);
    GstPacketMeta *meta = gst_buffer_get_packet_meta (part);

    if (meta != NULL)
      meta->wire_length = n;
    /* what is missing is missing before the first */
    if (at > 0)
      GST_BUFFER_FLAG_UNSET (part, GST_BUFFER_FLAG_DISCONT);
    gst_buffer_list_add (list, part);
    self->segments++;
  }
  self->split++;
}

GstBufferList *
packet_segments_split (PacketSegments * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);
  GstBufferList *all = gst_buffer_list_new_sized (n);

  for (guint i = 0; i < n; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    gsize step = find_size (self, buffer);

    if (step < gst_buffer_get_size (buffer))
      append (self, all, buffer, step);
    else
      gst_buffer_list_add (all, gst_buffer_ref (buffer));
  }
  gst_buffer_list_unref (list);
  return all;
}
