/* gst-afring: frames out of an interface, whatever stands in the way
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "sinksender.h"

#include <errno.h>
#include <gst/afring/capture/gstcaptureerror.h>

/* A queue that has no room says so, and not when it has: that is asked again. */
#define FULL_WAIT (50 * GST_USECOND)

/* Nothing has left for so long: it will not. Microseconds. */
#define PATIENCE (10 * G_TIME_SPAN_SECOND)

/* What is refused says the same as a queue that is full: a rule of nft or tc, a shaper whose
 * burst is smaller than the packet. Where nothing else of this socket is under way, the
 * packet itself is the reason if it is so for so long, asked again each so often. */
#define REFUSAL (100 * G_TIME_SPAN_MILLISECOND)
#define REFUSAL_WAIT GST_MSECOND

/* A queue without a carrier takes packets and throws them away without a word
 * (sch_generic.c, noop_enqueue): so what rtnetlink says is looked at, each so many
 * microseconds. */
#define LOOK_INTERVAL 1000

struct _SinkSender
{
  SinkLink *link;
  SinkBatch *batch;
  SinkCounters *counters;       /* not its own */
  SinkNewsFunc news;
  gpointer user_data;
  SinkOnFull on_full;
  SinkOnLinkDown on_link_down;

  gint64 next_look;
  gint64 stands_since;          /* 0: it does not */
  gint64 refused_since;         /* 0: the first that is left is not */
  gboolean waiting;             /* for the link; it was told */
  gboolean waited;
  gboolean told_standing;
  gboolean told_refused;
};

SinkSender *
sink_sender_new (SinkCounters * counters, SinkNewsFunc news,
    gpointer user_data)
{
  SinkSender *self = g_new0 (SinkSender, 1);

  self->link = sink_link_new ();
  self->batch = sink_batch_new ();
  self->counters = counters;
  self->news = news;
  self->user_data = user_data;
  return self;
}

void
sink_sender_free (SinkSender * self)
{
  sink_batch_free (self->batch);
  sink_link_free (self->link);
  g_free (self);
}

SinkLink *
sink_sender_get_link (SinkSender * self)
{
  return self->link;
}

SinkBatch *
sink_sender_get_batch (SinkSender * self)
{
  return self->batch;
}

void
sink_sender_set_policy (SinkSender * self, SinkOnFull on_full,
    SinkOnLinkDown on_link_down)
{
  self->on_full = on_full;
  self->on_link_down = on_link_down;
}

gboolean
sink_sender_open (SinkSender * self, const GstAfringAccess * access,
    const gchar * interface, gboolean qdisc_bypass, GError ** error)
{
  self->next_look = self->stands_since = self->refused_since = 0;
  self->waiting = self->waited = FALSE;
  self->told_standing = self->told_refused = FALSE;
  return sink_link_open (self->link, access, interface, qdisc_bypass, error);
}

void
sink_sender_close (SinkSender * self)
{
  sink_link_close (self->link);
}

/* It goes on from here with patience. */
static void
forget_standing (SinkSender * self)
{
  self->stands_since = self->refused_since = 0;
}

static void
wait_for (SinkSender * self, SinkLinkEvents events, GstClockTime timeout)
{
  self->waited = TRUE;
  sink_link_wait (self->link, events, timeout);
}

static void
give_up (SinkSender * self, SinkFate fate, guint n)
{
  sink_counters_add (self->counters, fate, n);
  sink_batch_skip (self->batch, n);
}

static SinkSenderResult
fail_gone (SinkSender * self, GError ** error)
{
  g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_NOT_FOUND,
      "The interface %s has been removed", sink_link_get_name (self->link));
  return SINK_SENDER_FAILED;
}

/* FALSE with an error: it has gone. */
static gboolean
look (SinkSender * self, GError ** error)
{
  self->next_look = g_get_monotonic_time () + LOOK_INTERVAL;
  switch (sink_link_look (self->link)) {
    case SINK_LINK_CHANGED:
      self->news (SINK_NEWS_LINK, self->user_data);
      return TRUE;
    case SINK_LINK_GONE:
      fail_gone (self, error);
      return FALSE;
    case SINK_LINK_SAME:
    default:
      return TRUE;
  }
}

/* The link is down, or has no carrier. */
static SinkSenderResult
do_without_link (SinkSender * self, GError ** error)
{
  forget_standing (self);
  switch (self->on_link_down) {
    case SINK_ON_LINK_DOWN_ERROR:
      g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_LINK_DOWN,
          sink_link_is_up (self->link) ? "The interface %s has no carrier" :
          "The interface %s is down", sink_link_get_name (self->link));
      return SINK_SENDER_FAILED;
    case SINK_ON_LINK_DOWN_DROP:
      give_up (self, SINK_LINK_DOWN, sink_batch_get_left (self->batch));
      return SINK_SENDER_SENT;
    case SINK_ON_LINK_DOWN_WAIT:
    default:
      if (!self->waiting)
        self->news (SINK_NEWS_WAITING_FOR_LINK, self->user_data);
      self->waiting = TRUE;
      wait_for (self, SINK_LINK_SAID, GST_CLOCK_TIME_NONE);
      return look (self, error) ? SINK_SENDER_SENT : SINK_SENDER_FAILED;
  }
}

/* The queue of the interface, or what the socket may have in it. */
static void
do_when_full (SinkSender * self, SinkLinkEvents events, GstClockTime wait)
{
  gint64 now = g_get_monotonic_time ();

  if (self->on_full == SINK_ON_FULL_DROP) {
    give_up (self, SINK_QUEUE_FULL, 1);
    return;
  }
  if (self->stands_since == 0)
    self->stands_since = now;
  if (now - self->stands_since < PATIENCE) {
    wait_for (self, events, wait);
    return;
  }
  give_up (self, SINK_QUEUE_FULL, 1);
  if (!self->told_standing)
    self->news (SINK_NEWS_QUEUE_STANDS, self->user_data);
  self->told_standing = TRUE;
}

/* No room, or no permission: the kernel does not say which. */
static void
do_when_not_taken (SinkSender * self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->on_full == SINK_ON_FULL_DROP
      || sink_link_has_queued (self->link)) {
    do_when_full (self, 0, FULL_WAIT);
    return;
  }
  if (self->refused_since == 0)
    self->refused_since = now;
  if (now - self->refused_since < REFUSAL) {
    wait_for (self, 0, REFUSAL_WAIT);
    return;
  }
  give_up (self, SINK_REFUSED, 1);
  self->refused_since = 0;
  if (!self->told_refused)
    self->news (SINK_NEWS_REFUSED, self->user_data);
  self->told_refused = TRUE;
}

/* It says of what is wrong with a frame only that it does not take it. */
static void
give_up_frame (SinkSender * self, gint reason)
{
  gboolean big = reason == EMSGSIZE
      || (sink_batch_get_flags (self->batch) & SINK_BATCH_SEGMENTS) != 0;

  give_up (self, big ? SINK_TOO_BIG : SINK_TOO_SHORT, 1);
}

/* Of the first that is left. */
static SinkSenderResult
do_about (SinkSender * self, gint reason, GError ** error)
{
  switch (reason) {
    case EINTR:
      break;
    case EAGAIN:
      do_when_full (self, SINK_LINK_WRITABLE | SINK_LINK_SAID, GST_SECOND);
      return look (self, error) ? SINK_SENDER_SENT : SINK_SENDER_FAILED;
    case EMSGSIZE:
    case EINVAL:
      give_up_frame (self, reason);
      break;
    case ENETDOWN:
      /* a socket of somebody else can have it from earlier: that is said once */
      wait_for (self, SINK_LINK_SAID, FULL_WAIT);
      return look (self, error) ? SINK_SENDER_SENT : SINK_SENDER_FAILED;
    case ENOBUFS:
    case ENOMEM:
      if (!look (self, error))
        return SINK_SENDER_FAILED;
      if (sink_link_has_carrier (self->link))
        do_when_not_taken (self);
      break;
    case ENXIO:
    case ENODEV:
      return fail_gone (self, error);
    default:
      g_set_error (error, GST_CAPTURE_ERROR, GST_CAPTURE_ERROR_FAILED,
          "Cannot send on %s: %s", sink_link_get_name (self->link),
          g_strerror (reason));
      return SINK_SENDER_FAILED;
  }
  return SINK_SENDER_SENT;
}

static SinkSenderResult
send_some (SinkSender * self, GError ** error)
{
  SinkSent sent;

  if (g_get_monotonic_time () >= self->next_look && !look (self, error))
    return SINK_SENDER_FAILED;
  if (G_UNLIKELY (!sink_link_has_carrier (self->link)))
    return do_without_link (self, error);
  self->waiting = FALSE;
  if (!sink_batch_send (self->batch, sink_link_get_fd (self->link), &sent))
    return do_about (self, errno, error);
  sink_counters_add_sent (self->counters, &sent);
  forget_standing (self);
  return SINK_SENDER_SENT;
}

SinkSenderResult
sink_sender_send (SinkSender * self, GError ** error)
{
  SinkSenderResult result = SINK_SENDER_SENT;

  while (result == SINK_SENDER_SENT && sink_batch_get_left (self->batch) > 0) {
    if (sink_link_is_unblocked (self->link)) {
      forget_standing (self);
      self->waited = TRUE;
      return SINK_SENDER_UNBLOCKED;
    }
    result = send_some (self, error);
  }
  return result;
}

gboolean
sink_sender_take_waited (SinkSender * self)
{
  gboolean waited = self->waited;

  self->waited = FALSE;
  return waited;
}
