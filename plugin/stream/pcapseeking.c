/* gst-afring: what a seek asks for
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcapseeking.h"

#define TRICK_MODES (GST_SEEK_FLAG_TRICKMODE | GST_SEEK_FLAG_TRICKMODE_KEY_UNITS \
    | GST_SEEK_FLAG_TRICKMODE_NO_AUDIO \
    | GST_SEEK_FLAG_TRICKMODE_FORWARD_PREDICTED)

/* From the end is from the duration. FALSE if that is not known. */
static gboolean
resolve (GstSeekType * type, gint64 * value, PcapDurationFunc get_duration,
    gpointer user_data)
{
  if (*type == GST_SEEK_TYPE_END) {
    GstClockTime duration = get_duration (user_data);

    if (!GST_CLOCK_TIME_IS_VALID (duration))
      return FALSE;
    *type = GST_SEEK_TYPE_SET;
    *value += (gint64) duration;
    *value = MAX (*value, 0);
  }
  return TRUE;
}

const gchar *
pcap_seeking_init (PcapSeeking * self, GstEvent * event,
    PcapDurationFunc get_duration, gpointer user_data)
{
  GstFormat format;

  gst_event_parse_seek (event, &self->rate, &format, &self->flags,
      &self->start_type, &self->start, &self->stop_type, &self->stop);
  self->seqnum = gst_event_get_seqnum (event);
  if (format != GST_FORMAT_TIME)
    return "it is not by time";
  if (self->rate <= 0.0)
    return "a capture is read forwards only";
  if (self->flags & GST_SEEK_FLAG_INSTANT_RATE_CHANGE)
    return "the rate changes only with a segment";
  if (self->flags & TRICK_MODES)
    return "trick modes leave out frames, and there are none: a rate alone is "
        "played";
  if (!resolve (&self->start_type, &self->start, get_duration, user_data)
      || !resolve (&self->stop_type, &self->stop, get_duration, user_data))
    return "it is from the end, and the duration is not known";
  if (self->start_type == GST_SEEK_TYPE_SET)
    self->start = MAX (self->start, 0);
  if (self->stop_type == GST_SEEK_TYPE_SET && self->stop != -1)
    self->stop = MAX (self->stop, 0);
  return NULL;
}

/* Without a start it goes on from where it is, and without a stop up to the same. */
gboolean
pcap_seeking_apply (const PcapSeeking * self, GstSegment * segment)
{
  GstClockTime start = self->start, stop = self->stop;

  if (self->start_type == GST_SEEK_TYPE_NONE)
    start = segment->position != GST_CLOCK_TIME_NONE ? segment->position :
        segment->start;
  if (self->stop_type == GST_SEEK_TYPE_NONE)
    stop = segment->stop;
  if (GST_CLOCK_TIME_IS_VALID (stop) && start > stop)
    return FALSE;
  if (segment->position == GST_CLOCK_TIME_NONE)
    segment->position = segment->start;
  return gst_segment_do_seek (segment, self->rate, GST_FORMAT_TIME,
      self->flags, GST_SEEK_TYPE_SET, start, GST_SEEK_TYPE_SET, stop, NULL);
}
