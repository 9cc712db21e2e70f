/* gst-afring: the caps of packets and of capture streams
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "streamcaps.h"

GstCaps *
stream_caps_new_packets (guint link_type)
{
  return gst_caps_new_simple (PACKET_MEDIA_TYPE, "link-type", G_TYPE_INT,
      link_type, NULL);
}

gboolean
stream_caps_parse_link_type (GstEvent * event, gint * link_type)
{
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  return gst_structure_get_int (gst_caps_get_structure (caps, 0), "link-type",
      link_type);
}

GstCaps *
stream_caps_new (const gchar * media_type, GstBuffer * header)
{
  GstCaps *caps = gst_caps_new_empty_simple (media_type);
  GValue headers = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&headers, GST_TYPE_ARRAY);
  g_value_init (&value, GST_TYPE_BUFFER);
  gst_value_set_buffer (&value, header);
  gst_value_array_append_and_take_value (&headers, &value);
  gst_structure_take_value (gst_caps_get_structure (caps, 0), "streamheader",
      &headers);
  return caps;
}
