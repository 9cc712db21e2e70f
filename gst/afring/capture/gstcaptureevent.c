/* gst-afring: what a stream of packets says of its source
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstcaptureevent
 * @title: Capture events
 * @short_description: what a stream of packets says of its source
 *
 * Two custom downstream events, by which a recorder learns what it writes into
 * a file besides the packets.
 *
 * The interface event is sticky and named `GstCaptureInterface` followed by the
 * interface's number modulo 64, so that a pad keeps one for each of the 64
 * interfaces that were described last: who is linked later learns of those, and
 * who is there of all. A file can describe a million, and to look for the same name
 * among all that a pad keeps takes longer the more there are.
 *
 * What an event says is UTF-8: bytes of a name or a filter that are not are
 * replaced by U+FFFD. The
 * statistics event, `GstCaptureStatistics`, is sent before EOS and, while
 * packets flow, about once a second.
 */

#include "gstcaptureevent-private.h"

#include <string.h>

#define INTERFACE_PREFIX "GstCaptureInterface"
#define MOST_KEPT 64

/* GStreamer loses a string that is not UTF-8, with a warning. */
static gchar *
make_valid (const gchar * text)
{
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

/**
 * gst_event_new_capture_interface:
 * @iface: the interface
 *
 * Describes an interface that packets come from, to whoever is downstream. It is
 * sticky by the id of the interface.
 *
 * Returns: (transfer full): a sticky event that describes an interface
 */
GstEvent *
gst_event_new_capture_interface (const GstCaptureInterface * iface)
{
  g_autofree gchar *event_name = NULL, *name = NULL, *filter = NULL;

  g_return_val_if_fail (iface != NULL, NULL);

  event_name = g_strdup_printf (INTERFACE_PREFIX "%u", iface->id % MOST_KEPT);
  name = make_valid (iface->name);
  filter = make_valid (iface->filter);
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM_STICKY,
      gst_structure_new (event_name,
          "id", G_TYPE_UINT, iface->id,
          "link-type", G_TYPE_UINT, iface->link_type,
          "snaplen", G_TYPE_UINT, iface->snaplen,
          "name", G_TYPE_STRING, name, "filter", G_TYPE_STRING, filter, NULL));
}

/**
 * gst_event_parse_capture_interface:
 * @event: any #GstEvent
 * @iface: (out caller-allocates): filled with what the event says; its strings
 *   are interned (g_intern_string()) and stay
 *
 * Takes such an event apart.
 *
 * Returns: %FALSE if the event is another one
 */
gboolean
gst_event_parse_capture_interface (GstEvent * event,
    GstCaptureInterface * iface)
{
  const GstStructure *structure;

  g_return_val_if_fail (GST_IS_EVENT (event), FALSE);
  g_return_val_if_fail (iface != NULL, FALSE);

  if (GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_DOWNSTREAM_STICKY)
    return FALSE;
  structure = gst_event_get_structure (event);
  if (!g_str_has_prefix (gst_structure_get_name (structure), INTERFACE_PREFIX))
    return FALSE;

  memset (iface, 0, sizeof (*iface));
  gst_structure_get_uint (structure, "snaplen", &iface->snaplen);
  iface->name =
      g_intern_string (gst_structure_get_string (structure, "name"));
  iface->filter =
      g_intern_string (gst_structure_get_string (structure, "filter"));
  return gst_structure_get_uint (structure, "id", &iface->id)
      && gst_structure_get_uint (structure, "link-type", &iface->link_type);
}

GstStructure *
gst_capture_statistics_to_structure (const GstCaptureStatistics * statistics)
{
  return gst_structure_new (GST_CAPTURE_STATISTICS_NAME,
      "id", G_TYPE_UINT, statistics->id,
      "start-time", G_TYPE_UINT64, statistics->start_time,
      "time", G_TYPE_UINT64, statistics->time,
      "packets-received", G_TYPE_UINT64, statistics->packets_received,
      "packets-dropped", G_TYPE_UINT64, statistics->packets_dropped, NULL);
}

gboolean
gst_capture_statistics_from_structure (const GstStructure * structure,
    GstCaptureStatistics * statistics)
{
  return gst_structure_get_uint (structure, "id", &statistics->id)
      && gst_structure_get_uint64 (structure, "start-time",
      &statistics->start_time)
      && gst_structure_get_uint64 (structure, "time", &statistics->time)
      && gst_structure_get_uint64 (structure, "packets-received",
      &statistics->packets_received)
      && gst_structure_get_uint64 (structure, "packets-dropped",
      &statistics->packets_dropped);
}

/**
 * gst_event_new_capture_statistics:
 * @statistics: the counters
 *
 * Says how many packets of an interface came and were lost up to now.
 *
 * Returns: (transfer full): an event that tells how complete a stream is
 */
GstEvent *
gst_event_new_capture_statistics (const GstCaptureStatistics * statistics)
{
  g_return_val_if_fail (statistics != NULL, NULL);

  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_capture_statistics_to_structure (statistics));
}

/**
 * gst_event_parse_capture_statistics:
 * @event: any #GstEvent
 * @statistics: (out caller-allocates): filled with what the event says
 *
 * Takes such an event apart.
 *
 * Returns: %FALSE if the event is another one
 */
gboolean
gst_event_parse_capture_statistics (GstEvent * event,
    GstCaptureStatistics * statistics)
{
  g_return_val_if_fail (GST_IS_EVENT (event), FALSE);
  g_return_val_if_fail (statistics != NULL, FALSE);

  return GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM
      && gst_event_has_name (event, GST_CAPTURE_STATISTICS_NAME)
      && gst_capture_statistics_from_structure (gst_event_get_structure (event),
      statistics);
}
