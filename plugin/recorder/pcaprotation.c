/* gst-afring: when a file of a recording has had its time
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pcaprotation.h"

/* A clock can be set, and a machine can sleep: how often to look at it. */
#define LOOK_INTERVAL G_TIME_SPAN_MINUTE

void
pcap_rotation_init (PcapRotation * self, GstClockTime max_duration,
    GstClockTime rotate_at)
{
  self->max_duration = max_duration;
  self->rotate_at = rotate_at;
  self->end = self->boundary = G_MAXINT64;
}

static gint64
get_time (GDateTime * time)
{
  return g_date_time_to_unix (time) * G_USEC_PER_SEC
      + g_date_time_get_microsecond (time);
}

static GDateTime *
make_midnight (GDateTime * day)
{
  return g_date_time_new (g_date_time_get_timezone (day),
      g_date_time_get_year (day), g_date_time_get_month (day),
      g_date_time_get_day_of_month (day), 0, 0, 0);
}

gint64
pcap_rotation_get_boundary (GDateTime * now, GstClockTime interval)
{
  g_autoptr (GDateTime) tomorrow = g_date_time_add_days (now, 1);
  g_autoptr (GDateTime) before = make_midnight (now);
  g_autoptr (GDateTime) after = make_midnight (tomorrow);
  gint64 step = MAX (interval / GST_USECOND, 1);
  gint64 start = get_time (before);
  gint64 next = start + ((get_time (now) - start) / step + 1) * step;

  return MIN (next, get_time (after));
}

static void
find_boundary (PcapRotation * self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  self->begun = get_time (now);
  self->boundary = pcap_rotation_get_boundary (now, self->rotate_at);
}

void
pcap_rotation_begin (PcapRotation * self)
{
  if (self->max_duration > 0)
    self->end = g_get_monotonic_time ()
        + (gint64) GST_TIME_AS_USECONDS (self->max_duration);
  if (self->rotate_at > 0)
    find_boundary (self);
}

gboolean
pcap_rotation_is_due (PcapRotation * self)
{
  gint64 now;

  /* asked for each list: without a limit no clock is read */
  if (self->end != G_MAXINT64 && g_get_monotonic_time () >= self->end)
    return TRUE;
  if (self->rotate_at == 0)
    return FALSE;
  now = g_get_real_time ();
  /* set back since then: what was found is of another time */
  if (now < self->begun)
    find_boundary (self);
  return now >= self->boundary;
}

gint64
pcap_rotation_get_next (PcapRotation * self)
{
  gint64 left;

  if (self->rotate_at == 0)
    return self->end;
  left = CLAMP (self->boundary - g_get_real_time (), 0, LOOK_INTERVAL);
  return MIN (self->end, g_get_monotonic_time () + left);
}
