/* gst-afring: what downstream of a pad has been told
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "packetpad.h"

/* Packets that are waited for before the first GAP: fewer than a default queue of
 * another branch holds. */
#define PATIENCE 100

/* Elements from here to a muxer. */
#define DEPTH 32

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
  self->begun = FALSE;
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
  self->begun = TRUE;
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
  self->begun = TRUE;
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

static gboolean
is_rtp (GstPad * pad)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  gboolean ok = caps != NULL && gst_structure_has_name (
      gst_caps_get_structure (caps, 0), "application/x-rtp");

  gst_clear_caps (&caps);
  return ok;
}

/* Muxers and mixers give out all their sink pads on request. */
static gboolean
joins_streams (GstElement * element)
{
  const GList *item =
      gst_element_class_get_pad_template_list (GST_ELEMENT_GET_CLASS (element));
  gboolean joins = FALSE;

  for (; item != NULL; item = item->next) {
    if (GST_PAD_TEMPLATE_DIRECTION (item->data) != GST_PAD_SINK)
      continue;
    if (GST_PAD_TEMPLATE_PRESENCE (item->data) != GST_PAD_REQUEST)
      return FALSE;
    joins = TRUE;
  }
  return joins;
}

typedef struct
{
  guint depth;                  /* elements that are looked at yet */
  gboolean found;
} Search;

static gboolean search_joiner (GstElement * element, GstPad * pad, Search *);

/* Whether what goes out at @pad comes to one of them. There is no circle, but nobody
 * promises it: at most @depth elements. */
static gboolean
leads_to_joiner (GstPad * pad, guint depth)
{
  g_autoptr (GstPad) peer = depth > 0 ? gst_pad_get_peer (pad) : NULL;
  g_autoptr (GstObject) parent =
      peer != NULL ? gst_object_get_parent (GST_OBJECT (peer)) : NULL;
  Search search = { depth - 1, FALSE };

  /* out of a bin */
  if (GST_IS_PAD (parent))
    return leads_to_joiner (GST_PAD (parent), depth - 1);
  if (!GST_IS_ELEMENT (parent))
    return FALSE;
  if (joins_streams (GST_ELEMENT (parent)))
    return TRUE;
  gst_element_foreach_src_pad (GST_ELEMENT (parent),
      (GstElementForeachPadFunc) search_joiner, &search);
  return search.found;
}

static gboolean
search_joiner (GstElement * element, GstPad * pad, Search * search)
{
  search->found = leads_to_joiner (pad, search->depth);
  return !search->found;
}

/* RTP depayloaders keep the segment back until their first buffer, and pass a GAP before
 * it (GstRTPBaseDepayload, up to 1.28 at least). A sink and a decoder go on with that;
 * what joins streams cannot place it, and says so by a CRITICAL. */
static gboolean
takes_gap (PacketPad * self)
{
  return self->begun || !is_rtp (self->pad)
      || !leads_to_joiner (self->pad, DEPTH);
}

static void
push_gap (PacketPad * self, GstClockTime from, GstClockTime to)
{
  if (has_time (self->pad) && takes_gap (self))
    gst_pad_push_event (self->pad, gst_event_new_gap (from,
            to > from ? to - from : GST_CLOCK_TIME_NONE));
  self->position = MAX (from, to);
}

gboolean
packet_pad_begins_with_gap (const PacketPad * self, GstClockTime now,
    guint withheld)
{
  return GST_CLOCK_TIME_IS_VALID (now)
      && !GST_CLOCK_TIME_IS_VALID (self->position)
      && (self->withheld + withheld >= PATIENCE
      || (GST_CLOCK_TIME_IS_VALID (self->silent_since)
          && now >= self->silent_since + PACKET_PAD_SILENCE));
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
  if (packet_pad_begins_with_gap (self, now, withheld))
    push_gap (self, self->silent_since, now);
  self->withheld += withheld;
}

gboolean
packet_pad_note_gap (PacketPad * self, GstEvent * event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  if (GST_CLOCK_TIME_IS_VALID (duration))
    time += duration;
  note_position (self, time);
  return takes_gap (self);
}

void
packet_pad_note_event (PacketPad * self, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      packet_pad_reset (self);
      break;
    case GST_EVENT_SEGMENT:
      packet_pad_new_segment (self);
      break;
    case GST_EVENT_GAP:
      packet_pad_note_gap (self, event);
      break;
    default:
      break;
  }
}
