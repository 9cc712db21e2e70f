/* gst-afring: what is known of a packet besides its bytes
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstpacketmeta
 * @title: GstPacketMeta
 * @short_description: what is known of a packet besides its bytes
 */

#include "gstpacketmeta.h"

static gboolean
gst_packet_meta_init (GstMeta * meta, gpointer params, GstBuffer * buffer)
{
  GstPacketMeta *self = (GstPacketMeta *) meta;

  self->capture_time = GST_CLOCK_TIME_NONE;
  self->wire_length = 0;
  self->interface_id = 0;
  self->packet_type = GST_PACKET_TYPE_UNKNOWN;
  self->network_offset = GST_CAPTURE_NO_IP_OFFSET;
  self->vlan_tci = 0;
  self->vlan_tpid = 0;
  self->rx_hash = 0;
  self->flags = GST_PACKET_FLAG_NONE;
  return TRUE;
}

static gboolean
gst_packet_meta_transform (GstBuffer * transbuf, GstMeta * meta,
    GstBuffer * buffer, GQuark type, gpointer data)
{
  const GstPacketMeta *self = (GstPacketMeta *) meta;
  GstPacketMeta *copy;
  GstMeta own;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;

  /* a buffer has at most one: copying onto one that has it replaces it */
  copy = gst_buffer_get_packet_meta (transbuf);
  if (copy == NULL)
    copy = gst_buffer_add_packet_meta (transbuf);
  if (copy == NULL)
    return FALSE;

  own = copy->meta;
  *copy = *self;
  copy->meta = own;

  if (copy->network_offset != GST_CAPTURE_NO_IP_OFFSET) {
    gsize start = ((GstMetaTransformCopy *) data)->offset;

    copy->network_offset = start <= self->network_offset ?
        self->network_offset - start : GST_CAPTURE_NO_IP_OFFSET;
  }
  return TRUE;
}

/**
 * gst_packet_meta_api_get_type:
 *
 * The API of #GstPacketMeta.
 *
 * Returns: the #GType
 */
GType
gst_packet_meta_api_get_type (void)
{
  static GType type = 0;
  static const gchar *tags[] = { NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register ("GstPacketMetaAPI", tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

/**
 * gst_packet_meta_get_info:
 *
 * What GStreamer has to know of #GstPacketMeta.
 *
 * Returns: the registered #GstMetaInfo of #GstPacketMeta
 */
const GstMetaInfo *
gst_packet_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *registered =
        gst_meta_register (GST_PACKET_META_API_TYPE, "GstPacketMeta",
        sizeof (GstPacketMeta), gst_packet_meta_init, NULL,
        gst_packet_meta_transform);

    g_once_init_leave (&info, registered);
  }
  return info;
}

/**
 * gst_buffer_add_packet_meta:
 * @buffer: a writable #GstBuffer
 *
 * Adds a #GstPacketMeta in which nothing is known yet.
 *
 * Returns: (transfer none): the meta, to be filled
 */
GstPacketMeta *
gst_buffer_add_packet_meta (GstBuffer * buffer)
{
  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  return (GstPacketMeta *) gst_buffer_add_meta (buffer, GST_PACKET_META_INFO,
      NULL);
}

/**
 * gst_buffer_get_packet_meta:
 * @buffer: a #GstBuffer
 *
 * What is known of a packet. To be called with a buffer that nobody else changes.
 *
 * Returns: (transfer none) (nullable): the buffer's #GstPacketMeta, if any
 */
GstPacketMeta *
gst_buffer_get_packet_meta (GstBuffer * buffer)
{
  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  return (GstPacketMeta *) gst_buffer_get_meta (buffer,
      GST_PACKET_META_API_TYPE);
}
