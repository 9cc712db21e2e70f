/* gst-afring: which pieces of a file are read
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findplan.h"
#include "findbounds.h"
#include "findindex.h"

#include <string.h>

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

/* Each piece behind what it needs, unless that is what the one before it needed. */
static void
add_range (GArray * plan, GstPcapIndex * index, const GstPcapIndexRange * range,
    gboolean last, GArray ** before)
{
  GArray *prelude = gst_pcap_index_get_prelude (index, range);

  if (*before == NULL || (*before)->len != prelude->len
      || memcmp ((*before)->data, prelude->data,
          prelude->len * sizeof (GstPcapIndexSpan)) != 0)
    for (guint i = 0; i < prelude->len; i++) {
      GstPcapIndexSpan *span = &g_array_index (prelude, GstPcapIndexSpan, i);

      add (plan, span->offset, span->offset + span->length, TRUE);
    }
  g_clear_pointer (before, g_array_unref);
  *before = prelude;
  add (plan, range->offset, range->offset + range->length, range->indexed
      || last);
}

/* FALSE: the file has none. */
static gboolean
plan_by_index (GArray * plan, FindFile * file, const FindQuery * query,
    gint64 * skipped)
{
  g_autoptr (GstPcapIndex) index = find_index_read (file);
  g_autoptr (GArray) ranges = NULL;
  GArray *before = NULL;
  guint64 left = file->bounds.size;

  if (index == NULL)
    return FALSE;
  ranges = gst_pcap_index_select (index, query->indexed);
  for (guint i = 0; i < ranges->len; i++) {
    GstPcapIndexRange *range = &g_array_index (ranges, GstPcapIndexRange, i);

    left -= MIN (left, range->length);
    add_range (plan, index, range, i + 1 == ranges->len, &before);
  }
  g_clear_pointer (&before, g_array_unref);
  *skipped = left;
  return TRUE;
}

GArray *
find_plan_new (FindFile * file, const FindQuery * query, gint64 * skipped)
{
  GArray *plan = g_array_new (FALSE, FALSE, sizeof (FindSpan));
  GstClockTime from = query->trust_order ? MAX (query->from,
      query->times.start) : query->from;
  guint64 start, place;

  *skipped = -1;
  if (query->indexed != NULL && plan_by_index (plan, file, query, skipped))
    return plan;
  if (from > 0 && find_bounds_find_time (file, from, &start, &place)) {
    add (plan, 0, start, TRUE);
    add (plan, place, FIND_TO_THE_END, TRUE);
  } else {
    add (plan, 0, FIND_TO_THE_END, TRUE);
  }
  return plan;
}
