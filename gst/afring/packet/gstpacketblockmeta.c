/* gst-afring: what is known of a block of packets besides its bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstpacketblockmeta
 * @title: GstPacketBlockMeta
 * @short_description: what is known of a block of packets besides its bytes
 */

#include "gstpacketblockmeta.h"

static gboolean
gst_packet_block_meta_init (GstMeta * meta, gpointer params,
    GstBuffer * buffer)
{
  GstPacketBlockMeta *self = (GstPacketBlockMeta *) meta;

  self->packets = 0;
  self->first_time = self->last_time = GST_CLOCK_TIME_NONE;
  return TRUE;
}

static gboolean
gst_packet_block_meta_transform (GstBuffer * transbuf, GstMeta * meta,
    GstBuffer * buffer, GQuark type, gpointer data)
{
  const GstPacketBlockMeta *self = (GstPacketBlockMeta *) meta;

  if (!GST_META_TRANSFORM_IS_COPY (type)
      || ((GstMetaTransformCopy *) data)->region)
    return FALSE;
  gst_buffer_add_packet_block_meta (transbuf, self->packets, self->first_time,
      self->last_time);
  return TRUE;
}

/**
 * gst_packet_block_meta_api_get_type:
 *
 * The API of #GstPacketBlockMeta.
 *
 * Returns: the #GType
 */
GType
gst_packet_block_meta_api_get_type (void)
{
  static GType type = 0;
  static const gchar *tags[] = { NULL };

  if (g_once_init_enter (&type)) {
    GType registered =
        gst_meta_api_type_register ("GstPacketBlockMetaAPI", tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

/**
 * gst_packet_block_meta_get_info:
 *
 * What GStreamer has to know of #GstPacketBlockMeta.
 *
 * Returns: the registered #GstMetaInfo of #GstPacketBlockMeta
 */
const GstMetaInfo *
gst_packet_block_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *registered =
        gst_meta_register (GST_PACKET_BLOCK_META_API_TYPE,
        "GstPacketBlockMeta", sizeof (GstPacketBlockMeta),
        gst_packet_block_meta_init, NULL, gst_packet_block_meta_transform);

    g_once_init_leave (&info, registered);
  }
  return info;
}

/**
 * gst_buffer_add_packet_block_meta:
 * @buffer: a writable #GstBuffer
 * @packets: how many packets are in it
 * @first_time: capture time of the first, nanoseconds since 1970
 * @last_time: capture time of the last
 *
 * Says of a buffer what is in it.
 *
 * Returns: (transfer none): the meta
 */
GstPacketBlockMeta *
gst_buffer_add_packet_block_meta (GstBuffer * buffer, guint32 packets,
    GstClockTime first_time, GstClockTime last_time)
{
  GstPacketBlockMeta *self;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  self = (GstPacketBlockMeta *) gst_buffer_add_meta (buffer,
      GST_PACKET_BLOCK_META_INFO, NULL);
  self->packets = packets;
  self->first_time = first_time;
  self->last_time = last_time;
  return self;
}

/**
 * gst_buffer_get_packet_block_meta:
 * @buffer: a #GstBuffer
 *
 * What was said of a buffer with gst_buffer_add_packet_block_meta().
 *
 * Returns: (transfer none) (nullable): the buffer's #GstPacketBlockMeta, if any
 */
GstPacketBlockMeta *
gst_buffer_get_packet_block_meta (GstBuffer * buffer)
{
  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  return (GstPacketBlockMeta *) gst_buffer_get_meta (buffer,
      GST_PACKET_BLOCK_META_API_TYPE);
}
