/* gst-afring: where a reader is, and how long its stream
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapplaces.h"

static gboolean
query_position (const GstSegment * segment, GstQuery * query)
{
  GstFormat format;

  gst_query_parse_position (query, &format, NULL);
  if (format != GST_FORMAT_TIME || segment->position == GST_CLOCK_TIME_NONE)
    return FALSE;
  gst_query_set_position (query, format, segment->position);
  return TRUE;
}

static gboolean
query_duration (GstQuery * query, PcapDurationFunc get_duration,
    gpointer user_data)
{
  GstClockTime time;
  GstFormat format;

  gst_query_parse_duration (query, &format, NULL);
  if (format != GST_FORMAT_TIME
      || (time = get_duration (user_data)) == GST_CLOCK_TIME_NONE)
    return FALSE;
  gst_query_set_duration (query, format, time);
  return TRUE;
}

static gboolean
query_segment (const GstSegment * segment, GstQuery * query)
{
  gint64 start, stop;

  start = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      segment->start);
  stop = segment->stop == GST_CLOCK_TIME_NONE ? -1 :
      (gint64) gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      segment->stop);
  gst_query_set_segment (query, segment->rate, GST_FORMAT_TIME, start, stop);
  return TRUE;
}

gboolean
pcap_places_query (PcapTimeline * timeline, GstQuery * query,
    PcapDurationFunc get_duration, gpointer user_data)
{
  GstSegment segment;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_POSITION:
      pcap_timeline_get_segment (timeline, &segment);
      return query_position (&segment, query);
    case GST_QUERY_DURATION:
      return query_duration (query, get_duration, user_data);
    case GST_QUERY_SEGMENT:
      pcap_timeline_get_segment (timeline, &segment);
      return query_segment (&segment, query);
    default:
      return FALSE;
  }
}
