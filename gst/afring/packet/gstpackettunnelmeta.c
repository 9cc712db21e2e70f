/* gst-afring: which tunnels a packet came out of
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstpackettunnelmeta
 * @title: GstPacketTunnelMeta
 * @short_description: which tunnels a packet came out of
 */

#include "gstpackettunnelmeta.h"

static gboolean
gst_packet_tunnel_meta_init (GstMeta * meta, gpointer params,
    GstBuffer * buffer)
{
  ((GstPacketTunnelMeta *) meta)->n_layers = 0;
  return TRUE;
}

static GstPacketTunnelMeta *
ensure (GstBuffer * buffer)
{
  GstPacketTunnelMeta *self = gst_buffer_get_packet_tunnel_meta (buffer);

  if (self != NULL)
    return self;
  return (GstPacketTunnelMeta *) gst_buffer_add_meta (buffer,
      GST_PACKET_TUNNEL_META_INFO, NULL);
}

/* A buffer has at most one: copying onto one that has it replaces it. */
static gboolean
gst_packet_tunnel_meta_transform (GstBuffer * transbuf, GstMeta * meta,
    GstBuffer * buffer, GQuark type, gpointer data)
{
  const GstPacketTunnelMeta *self = (GstPacketTunnelMeta *) meta;
  GstPacketTunnelMeta *copy;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  copy = ensure (transbuf);
  if (copy == NULL)
    return FALSE;
  copy->n_layers = self->n_layers;
  for (guint i = 0; i < self->n_layers; i++)
    copy->layers[i] = self->layers[i];
  return TRUE;
}

/**
 * gst_packet_tunnel_meta_api_get_type:
 *
 * The API of #GstPacketTunnelMeta.
 *
 * Returns: the #GType
 */
GType
gst_packet_tunnel_meta_api_get_type (void)
{
  static GType type = 0;
  static const gchar *tags[] = { NULL };

  if (g_once_init_enter (&type)) {
    GType registered =
        gst_meta_api_type_register ("GstPacketTunnelMetaAPI", tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

/**
 * gst_packet_tunnel_meta_get_info:
 *
 * What GStreamer has to know of #GstPacketTunnelMeta.
 *
 * Returns: the registered #GstMetaInfo of #GstPacketTunnelMeta
 */
const GstMetaInfo *
gst_packet_tunnel_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info)) {
    const GstMetaInfo *registered =
        gst_meta_register (GST_PACKET_TUNNEL_META_API_TYPE,
        "GstPacketTunnelMeta", sizeof (GstPacketTunnelMeta),
        gst_packet_tunnel_meta_init, NULL, gst_packet_tunnel_meta_transform);

    g_once_init_leave (&info, registered);
  }
  return info;
}

/**
 * gst_buffer_add_packet_tunnel:
 * @buffer: a writable #GstBuffer
 * @tunnel: the tunnel that the packet was in
 * @id: what tells it from others of its kind
 *
 * Says of a packet that it was in a tunnel, which was in those that are known of it
 * already.
 *
 * Returns: %FALSE if it was in %GST_PACKET_TUNNEL_MOST_LAYERS others; nothing is
 *   changed then
 */
gboolean
gst_buffer_add_packet_tunnel (GstBuffer * buffer, GstPacketTunnel tunnel,
    guint32 id)
{
  GstPacketTunnelMeta *self;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), FALSE);

  self = ensure (buffer);
  if (self == NULL || self->n_layers == GST_PACKET_TUNNEL_MOST_LAYERS)
    return FALSE;
  self->layers[self->n_layers++] = (GstPacketTunnelLayer) { tunnel, id };
  return TRUE;
}

/**
 * gst_buffer_get_packet_tunnel_meta:
 * @buffer: a #GstBuffer
 *
 * The tunnels that a packet was taken out of.
 *
 * Returns: (transfer none) (nullable): the buffer's #GstPacketTunnelMeta, if any
 */
GstPacketTunnelMeta *
gst_buffer_get_packet_tunnel_meta (GstBuffer * buffer)
{
  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  return (GstPacketTunnelMeta *) gst_buffer_get_meta (buffer,
      GST_PACKET_TUNNEL_META_API_TYPE);
}
