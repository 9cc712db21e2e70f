/* gst-afring: the bytes of one direction of a TCP connection, in order
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttcpstream.h"
#include "gsttcpwaiting.h"

/* No window that is in use is larger (RFC 7323 allows 1 GiB). */
#define FARTHEST (64 * 1024 * 1024)

/* Places are sequence numbers of 64 bits, which do not wrap: the first one of a stream is
 * so far from 0 that what comes before it has a place. */
#define FIRST_PLACE (G_GUINT64_CONSTANT (1) << 40)

struct _GstTcpStream
{
  GstTcpStreamFunc func;
  gpointer user_data;

  gboolean begun;
  gboolean has_syn;             /* the beginning is that of the connection */
  guint64 start;                /* place of the first byte, offset 0 */
  guint64 next;                 /* place of the byte that is to come */
  guint64 acknowledged;         /* place, 0: none */
  guint64 fin;                  /* place of the end, 0: not known */
  gboolean discont;             /* for the next piece */
  gboolean unknown;             /* nobody knows how much is missing before it */
  guint64 given;                /* offset of the end of the last one */
  GstClockTime time;            /* timestamp of the last one */
  GstTcpWaiting *waiting;       /* NULL: nothing has waited yet */

  /* One that may be where the stream goes on; without data: there is none. */
  GstTcpSegment stray;
  GstBuffer *stray_data;

  GstTcpStreamStats stats;
};

GstTcpStream *
gst_tcp_stream_new (GstTcpStreamFunc func, gpointer user_data)
{
  GstTcpStream *self = g_new0 (GstTcpStream, 1);

  self->func = func;
  self->user_data = user_data;
  self->time = GST_CLOCK_TIME_NONE;
  return self;
}

static void
clear_stray (GstTcpStream * self)
{
  gst_clear_buffer (&self->stray_data);
  self->stray.length = 0;
}

void
gst_tcp_stream_free (GstTcpStream * self)
{
  clear_stray (self);
  g_clear_pointer (&self->waiting, gst_tcp_waiting_free);
  g_free (self);
}

static guint64
get_place (const GstTcpStream * self, guint32 sequence)
{
  return self->next + (gint32) (sequence - (guint32) self->next);
}

static gboolean
is_near (const GstTcpStream * self, guint64 place)
{
  return place < self->next + FARTHEST && place + FARTHEST > self->next;
}

static const GstTcpStretch *
get_first (const GstTcpStream * self)
{
  return self->waiting != NULL ? gst_tcp_waiting_get_first (self->waiting) :
      NULL;
}

/* Giving out. */

static void
open_hole (GstTcpStream * self, guint64 size)
{
  if (!self->discont)
    self->stats.holes++;
  self->discont = TRUE;
  self->stats.missing += size;
  self->next += size;
  if (G_UNLIKELY (self->unknown))
    self->start += size;
}

/* Takes the data. */
static void
give (GstTcpStream * self, GstBuffer * data, gsize size)
{
  GST_BUFFER_OFFSET (data) = self->next - self->start;
  GST_BUFFER_OFFSET_END (data) = GST_BUFFER_OFFSET (data) + size;
  if (GST_CLOCK_TIME_IS_VALID (self->time)
      && GST_BUFFER_PTS (data) < self->time)
    GST_BUFFER_PTS (data) = GST_BUFFER_DTS (data) = self->time;
  if (GST_BUFFER_PTS_IS_VALID (data))
    self->time = GST_BUFFER_PTS (data);
  GST_BUFFER_FLAG_UNSET (data, GST_BUFFER_FLAG_DISCONT);
  if (G_UNLIKELY (self->discont))
    GST_BUFFER_FLAG_SET (data, GST_BUFFER_FLAG_DISCONT);
  self->discont = self->unknown = FALSE;
  self->given = GST_BUFFER_OFFSET_END (data);
  self->next += size;
  self->stats.bytes += size;
  self->func (data, self->user_data);
}

static void
give_stretch (GstTcpStream * self, GstTcpStretch * stretch)
{
  guint64 size = stretch->end - stretch->at;

  if (stretch->data != NULL)
    give (self, g_steal_pointer (&stretch->data), size);
  else
    open_hole (self, size);
}

/* What waited for this. Nothing that waits has come before. */
static void
drain (GstTcpStream * self)
{
  const GstTcpStretch *first;
  GstTcpStretch stretch;

  while ((first = get_first (self)) != NULL && first->at == self->next) {
    gst_tcp_waiting_pop (self->waiting, &stretch);
    give_stretch (self, &stretch);
  }
}

gboolean
gst_tcp_stream_skip (GstTcpStream * self)
{
  const GstTcpStretch *first = get_first (self);

  if (first == NULL && self->stray_data == NULL)
    return FALSE;
  if (first == NULL) {
    clear_stray (self);
    return TRUE;
  }
  open_hole (self, first->at - self->next);
  drain (self);
  return TRUE;
}

/* Nobody will send again what the receiver has. */
static void
skip_acknowledged (GstTcpStream * self)
{
  const GstTcpStretch *first;

  while ((first = get_first (self)) != NULL
      && self->acknowledged > first->at)
    gst_tcp_stream_skip (self);
}

void
gst_tcp_stream_acknowledge (GstTcpStream * self, guint32 sequence)
{
  guint64 place;

  if (!self->begun)
    return;
  place = get_place (self, sequence);
  if (place <= self->acknowledged || !is_near (self, place))
    return;
  self->acknowledged = place;
  if (G_UNLIKELY (self->waiting != NULL))
    skip_acknowledged (self);
}

void
gst_tcp_stream_finish (GstTcpStream * self)
{
  guint64 end;

  while (gst_tcp_stream_skip (self));
  clear_stray (self);
  /* an acknowledged FIN counts as a byte, which is none */
  end = self->fin != 0 ? self->fin : self->acknowledged;
  if (end > self->next)
    open_hole (self, end - self->next);
}

void
gst_tcp_stream_restart (GstTcpStream * self)
{
  clear_stray (self);
  if (self->waiting != NULL)
    gst_tcp_waiting_clear (self->waiting);
  self->begun = self->has_syn = self->discont = self->unknown = FALSE;
  self->given = 0;
  self->acknowledged = self->fin = 0;
  self->time = GST_CLOCK_TIME_NONE;
}

/* Segments. */

static void
begin (GstTcpStream * self, const GstTcpSegment * segment)
{
  self->begun = TRUE;
  self->has_syn = (segment->flags & GST_TCP_SYN) != 0;
  self->start = self->next = FIRST_PLACE | segment->sequence;
}

gboolean
gst_tcp_stream_is_over (const GstTcpStream * self,
    const GstTcpSegment * segment)
{
  return self->begun && (segment->flags & GST_TCP_SYN)
      && segment->sequence != (guint32) self->start;
}

/* The stream goes on at the stray one, with offsets that go on too. */
static void
go_on_at_stray (GstTcpStream * self)
{
  GstBuffer *data = g_steal_pointer (&self->stray_data);
  GstTcpSegment segment = self->stray;
  guint64 place;

  gst_tcp_stream_finish (self);
  place = get_place (self, segment.sequence);
  if (place > self->next) {
    open_hole (self, place - self->next);
  } else {
    open_hole (self, 0);
    self->unknown = TRUE;
    self->next = FIRST_PLACE | segment.sequence;
    self->start = self->next - self->given;
  }
  self->acknowledged = self->fin = 0;
  self->stats.strays--;
  gst_tcp_stream_take (self, &segment, data);
}

/* FALSE: it is kept, and nothing else. */
static gboolean
take_stray (GstTcpStream * self, const GstTcpSegment * segment,
    GstBuffer * data)
{
  if (self->stray.length > 0
      && segment->sequence == self->stray.sequence +
      (guint32) self->stray.length) {
    go_on_at_stray (self);
    return TRUE;
  }
  clear_stray (self);
  self->stats.strays++;
  self->stray = *segment;
  /* who knows for how long */
  if (data != NULL) {
    self->stray_data = gst_buffer_copy_deep (data);
    gst_buffer_unref (data);
  }
  return FALSE;
}

/* Nothing new is in it. */
static void
note_old (GstTcpStream * self, guint64 at, guint64 end)
{
  if (end == self->next && end - at == 1)
    self->stats.keep_alives++;
  else
    self->stats.retransmitted += end - at;
}

/* What was captured of it, and what was not. */
static guint64
add_waiting (GstTcpStream * self, guint64 at, guint64 end,
    const GstTcpSegment * segment, GstBuffer * data)
{
  guint64 cut = end - (segment->length - segment->captured), added = 0;
  GstTcpStretch stretch = { at, cut, data, segment->time };

  if (self->waiting == NULL)
    self->waiting = gst_tcp_waiting_new ();
  if (cut > at)
    added = gst_tcp_waiting_add (self->waiting, &stretch);
  stretch.at = MAX (at, cut);
  stretch.end = end;
  stretch.data = NULL;
  if (end > stretch.at)
    added += gst_tcp_waiting_add (self->waiting, &stretch);
  return added;
}

/* Takes the data. */
static void
take_new (GstTcpStream * self, guint64 at, guint64 end,
    const GstTcpSegment * segment, GstBuffer * data)
{
  guint64 old = at < self->next ? self->next - at : 0, added;
  GstBuffer *rest = data;

  if (at > self->next)
    self->stats.out_of_order++;
  if (old > 0 && data != NULL) {
    rest = old < segment->captured ?
        gst_tcp_cut (data, old, segment->captured - old) : NULL;
    gst_buffer_unref (data);
  }
  added = add_waiting (self, at + old, end, segment, rest);
  gst_clear_buffer (&rest);
  if (added == 0)
    self->stats.retransmitted += end - at;
  else
    self->stats.overlapping += end - at - added;
  drain (self);
  skip_acknowledged (self);
}

/* Takes the data. */
static void
take_data (GstTcpStream * self, guint64 at, const GstTcpSegment * segment,
    GstBuffer * data)
{
  guint64 end = at + segment->length;

  self->stats.segments++;
  if (G_LIKELY (at == self->next && segment->captured == segment->length
          && get_first (self) == NULL)) {
    give (self, data, segment->length);
  } else if (end <= self->next) {
    note_old (self, at, end);
    gst_clear_buffer (&data);
  } else {
    take_new (self, at, end, segment, data);
  }
}

/* A capture can begin with a keep-alive, which is one byte before what is to come. */
static gboolean
began_with_keep_alive (const GstTcpStream * self, guint64 at)
{
  return !self->has_syn && at == self->next + 1 && self->next == self->start;
}

void
gst_tcp_stream_take (GstTcpStream * self, const GstTcpSegment * segment,
    GstBuffer * data)
{
  guint64 at;

  if (G_UNLIKELY (!self->begun))
    begin (self, segment);
  at = get_place (self, segment->sequence);
  if (G_UNLIKELY (segment->length > 0 && !is_near (self, at))) {
    if (!take_stray (self, segment, data))
      return;
    at = get_place (self, segment->sequence);
  }
  /* nobody sends more than he has ended with */
  if (G_UNLIKELY (self->fin != 0 && at + segment->length > self->fin)) {
    self->stats.strays++;
    gst_clear_buffer (&data);
    return;
  }
  if (G_UNLIKELY (began_with_keep_alive (self, at) && segment->length > 0
          && get_first (self) == NULL))
    self->start = self->next = at;
  if (segment->length > 0)
    take_data (self, at, segment, data);
  else if (at + 1 == self->next && self->next != self->start)
    self->stats.keep_alives++;
  if (G_UNLIKELY ((segment->flags & GST_TCP_FIN) && self->fin == 0
          && is_near (self, at)))
    self->fin = at + segment->length;
}

/* What is known. */

void
gst_tcp_stream_unshare (GstTcpStream * self)
{
  if (self->waiting != NULL)
    gst_tcp_waiting_unshare (self->waiting);
}

gsize
gst_tcp_stream_get_held (const GstTcpStream * self)
{
  gsize held =
      self->waiting != NULL ? gst_tcp_waiting_get_memory (self->waiting) : 0;

  return held + (self->stray_data != NULL ? self->stray.captured : 0);
}

GstClockTime
gst_tcp_stream_get_waiting_since (const GstTcpStream * self)
{
  const GstTcpStretch *first = get_first (self);

  if (first != NULL)
    return first->time;
  return self->stray_data != NULL ? self->stray.time : GST_CLOCK_TIME_NONE;
}

guint64
gst_tcp_stream_get_offset (const GstTcpStream * self)
{
  return self->next - self->start;
}

gboolean
gst_tcp_stream_has_ended (const GstTcpStream * self)
{
  return self->fin != 0 && self->next >= self->fin;
}

const GstTcpStreamStats *
gst_tcp_stream_get_stats (const GstTcpStream * self)
{
  return &self->stats;
}
