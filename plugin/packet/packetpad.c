/* gst-afring: what downstream of a pad has been told
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetpad.h"

/* Packets that are waited for before the first GAP: fewer than a default queue of
 * another branch holds. */
#define PATIENCE 100

void
packet_pad_init (PacketPad * self, GstPad * pad)
{
  self->pad = pad;
  packet_pad_reset (self);
}

void
packet_pad_reset (PacketPad * self)
{
  self->discont = TRUE;
  packet_pad_new_segment (self);
}

void
packet_pad_new_segment (PacketPad * self)
{
  self->position = self->silent_since = GST_CLOCK_TIME_NONE;
  self->withheld = 0;
}

static void
note_position (PacketPad * self, GstClockTime time)
{
  if (GST_CLOCK_TIME_IS_VALID (time)
      && (!GST_CLOCK_TIME_IS_VALID (self->position) || time > self->position))
    self->position = time;
}

GstFlowReturn
packet_pad_push (PacketPad * self, GstBuffer * buffer)
{
  buffer = packet_pad_mark_shared (self, buffer);
  note_position (self, GST_BUFFER_PTS (buffer));
  return gst_pad_push (self->pad, buffer);
}

GstFlowReturn
packet_pad_push_list (PacketPad * self, GstBufferList * list)
{
  guint n = gst_buffer_list_length (list);

  if (G_UNLIKELY (n == 0))
    return gst_pad_push_list (self->pad, list);
  if (G_UNLIKELY (self->discont)) {
    list = gst_buffer_list_make_writable (list);
    packet_pad_mark (self, gst_buffer_list_get_writable (list, 0));
  }
  note_position (self, GST_BUFFER_PTS (gst_buffer_list_get (list, n - 1)));
  return gst_pad_push_list (self->pad, list);
}

/* Only a stream that counts time, and forwards, has gaps in it. */
static gboolean
has_time (GstPad * pad)
{
  GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;
  gboolean ok;

  if (event == NULL)
    return FALSE;
  gst_event_parse_segment (event, &segment);
  ok = segment->format == GST_FORMAT_TIME && segment->rate > 0.0;
  gst_event_unref (event);
  return ok;
}

static void
push_gap (PacketPad * self, GstClockTime from, GstClockTime to)
{
  if (has_time (self->pad))
    gst_pad_push_event (self->pad, gst_event_new_gap (from,
            to > from ? to - from : GST_CLOCK_TIME_NONE));
  self->position = MAX (from, to);
}

void
packet_pad_advance (PacketPad * self, GstClockTime now, guint withheld)
{
  if (!GST_CLOCK_TIME_IS_VALID (now))
    return;
  if (GST_CLOCK_TIME_IS_VALID (self->position)) {
    if (now >= self->position + PACKET_PAD_SILENCE)
      push_gap (self, self->position, now);
    return;
  }
  if (!GST_CLOCK_TIME_IS_VALID (self->silent_since))
    self->silent_since = now;
  self->withheld += withheld;
  if (self->withheld >= PATIENCE
      || now >= self->silent_since + PACKET_PAD_SILENCE)
    push_gap (self, self->silent_since, now);
}

void
packet_pad_note_gap (PacketPad * self, GstEvent * event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  if (GST_CLOCK_TIME_IS_VALID (duration))
    time += duration;
  note_position (self, time);
}
