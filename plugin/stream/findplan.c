/* gst-afring: which pieces of a file are read
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findplan.h"
#include "findbounds.h"

static void
add (GArray * plan, guint64 offset, guint64 end, gboolean sure)
{
  FindSpan span = { offset, end, sure };

  g_array_append_val (plan, span);
}

/* The times of a few packets at the end are those of all only if somebody says that the
 * file is in order, or for a seek, which is for what follows its place. */
gboolean
find_plan_may_have (FindFile * file, const FindQuery * query)
{
  FindBounds *bounds = &file->bounds;
  gboolean trusted = query->trust_order || bounds->exact;

  if (trusted && query->times.stop != GST_CLOCK_TIME_NONE
      && bounds->least != GST_CLOCK_TIME_NONE
      && bounds->least >= query->times.stop)
    return FALSE;
  if (query->from == 0 && !(trusted && query->times.start > 0))
    return TRUE;
  find_bounds_read_end (file);
  if (bounds->greatest == GST_CLOCK_TIME_NONE)
    return TRUE;
  return bounds->greatest >= query->from
      && !(trusted && bounds->greatest < query->times.start);
}

GArray *
find_plan_new (FindFile * file, const FindQuery * query)
{
  GArray *plan = g_array_new (FALSE, FALSE, sizeof (FindSpan));
  GstClockTime from = query->trust_order ? MAX (query->from,
      query->times.start) : query->from;
  guint64 start, place;

  if (from > 0 && find_bounds_find_time (file, from, &start, &place)) {
    add (plan, 0, start, TRUE);
    add (plan, place, FIND_TO_THE_END, TRUE);
  } else {
    add (plan, 0, FIND_TO_THE_END, TRUE);
  }
  return plan;
}
