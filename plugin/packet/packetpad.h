/* gst-afring: what downstream of a pad has been told
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A source pad through which only some of the packets go that come in: it tells
 * downstream that some were lost (DISCONT) though the buffer that said it has stayed
 * behind, and that time passes (GAP) though nothing comes. A sink that has to have
 * something before a pipeline starts, and a mixer that waits for all of its inputs,
 * go on then.
 *
 * For the streaming thread. */
typedef struct
{
  GstPad *pad;                  /* borrowed */
  gboolean discont;             /* the next buffer that goes out has to say it */
  gboolean begun;               /* a buffer has gone out since the last reset */
  GstClockTime position;        /* so far downstream knows; NONE: of nothing yet */
  GstClockTime silent_since;    /* before there is a position */
  guint withheld;               /* packets, in that time */
} PacketPad;

/* Silence in stream time after which there is a GAP. A default queue holds ten times
 * that: whoever is not silent is not stopped by it. */
#define PACKET_PAD_SILENCE (100 * GST_MSECOND)

void          packet_pad_init        (PacketPad     *self,
                                      GstPad        *pad);

/* After a flush, and for a new stream: nothing has been told, and what comes next
 * does not go with what came before. */
void          packet_pad_reset       (PacketPad     *self);

/* Timestamps count from elsewhere. */
void          packet_pad_new_segment (PacketPad     *self);

/* Pushes, takes the buffers. */
GstFlowReturn packet_pad_push        (PacketPad     *self,
                                      GstBuffer     *buffer);
GstFlowReturn packet_pad_push_list   (PacketPad     *self,
                                      GstBufferList *list);

/* The stream has come to @now, and @withheld packets have come that do not go out:
 * pushes a GAP if downstream has heard nothing for long. Before the first buffer it
 * waits for some packets, at most for that time: who waits for data first is better
 * off with it, and with its caps. */
void          packet_pad_advance     (PacketPad     *self,
                                      GstClockTime   now,
                                      guint          withheld);

/* Whether that would be the first that downstream hears, and now. */
gboolean      packet_pad_begins_with_gap (const PacketPad *self,
                                      GstClockTime   now,
                                      guint          withheld);

/* Upstream has pushed a GAP: notes it, and says whether it may go on. */
gboolean      packet_pad_note_gap    (PacketPad     *self,
                                      GstEvent      *event);

/* The same for any event that passes a pad whose packets go out as they come: what it
 * changes of the above is seen to. */
void          packet_pad_note_event  (PacketPad     *self,
                                      GstEvent      *event);

/* A packet stays behind. */
static inline void
packet_pad_withhold (PacketPad * self, GstBuffer * buffer)
{
  if (G_UNLIKELY (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT)))
    self->discont = TRUE;
}

/* A buffer that nobody else has is going to be pushed, maybe in a list. */
static inline void
packet_pad_mark (PacketPad * self, GstBuffer * buffer)
{
  if (G_UNLIKELY (self->discont)) {
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    self->discont = FALSE;
  }
}

/* The same for one that others may have: takes it, and gives it or a copy. */
static inline GstBuffer *
packet_pad_mark_shared (PacketPad * self, GstBuffer * buffer)
{
  if (G_UNLIKELY (self->discont)) {
    buffer = gst_buffer_make_writable (buffer);
    packet_pad_mark (self, buffer);
  }
  return buffer;
}

G_END_DECLS
