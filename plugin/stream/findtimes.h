/* gst-afring: times as people write them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* From one time up to, and without, the other. */
typedef struct
{
  GstClockTime start;           /* 0: from the beginning */
  GstClockTime stop;            /* NONE: to the end */
} FindTimes;

/* Nanoseconds since 1970: "1764424800000000000"; ISO 8601 with or without a zone, without
 * one of local time: "2026-11-28T14:00:00.5Z", "2026-11-28 14:00", "2026-11-28"; seconds
 * since 1970 with a point or with "@": "1764424800.25", "@1764424800". */
gboolean find_time_parse  (const gchar  *text,
                           GstClockTime *time,
                           GError      **error);

/* The stop may also be "+5m": so long (ns, us, ms, s, m, h, d; seconds without a unit) after
 * the start. Either may be NULL or "". */
gboolean find_times_parse (FindTimes    *self,
                           const gchar  *start,
                           const gchar  *stop,
                           GError      **error);

/* A packet without a time is in no range but that of all. */
static inline gboolean
find_times_has (const FindTimes * self, GstClockTime time)
{
  return time >= self->start && (time < self->stop
      || self->stop == GST_CLOCK_TIME_NONE)
      && (time != GST_CLOCK_TIME_NONE || self->start == 0);
}

G_END_DECLS
