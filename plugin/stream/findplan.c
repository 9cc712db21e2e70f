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
static gboolean
may_have (FindFile * file, const FindQuery * query)
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

/* Of all packets, if it has all: then the file is opened when its earliest one is due, and
 * not the first. */
static void
learn_times (FindFile * file, GstPcapIndex * index)
{
  GstClockTime least = GST_CLOCK_TIME_NONE, greatest = 0;
  guint n = gst_pcap_index_get_n_ranges (index);
  GstPcapIndexRange range;

  for (guint i = 0; i < n; i++) {
    gst_pcap_index_get_range (index, i, &range);
    if (!range.indexed)
      return;
    if (range.packets == 0)
      continue;
    if (range.first == GST_CLOCK_TIME_NONE || range.last == GST_CLOCK_TIME_NONE)
      return;
    least = MIN (least, range.first);
    greatest = MAX (greatest, range.last);
  }
  if (least == GST_CLOCK_TIME_NONE)
    return;
  file->bounds.least = least;
  file->bounds.greatest = greatest;
  file->bounds.exact = file->bounds.end_read = TRUE;
}

static void
plan_by_index (FindFile * file, GstPcapIndex * index, guint64 size,
    GstPcapIndexQuery * query)
{
  g_autoptr (GArray) ranges = gst_pcap_index_select (index, query);
  GArray *before = NULL;
  guint64 skipped = size;

  file->plan = g_array_new (FALSE, FALSE, sizeof (FindSpan));
  for (guint i = 0; i < ranges->len; i++) {
    GstPcapIndexRange *range = &g_array_index (ranges, GstPcapIndexRange, i);

    skipped -= MIN (skipped, range->length);
    add_range (file->plan, index, range, i + 1 == ranges->len, &before);
  }
  g_clear_pointer (&before, g_array_unref);
  /* on the disk */
  file->skipped = gst_util_uint64_scale (skipped, file->bounds.size, size);
}

/* What is behind the last piece that is known of, and what comes there: interfaces can have
 * been described in it. */
static void
leave_open (GArray * plan, GstPcapIndex * index)
{
  FindSpan *last = plan->len > 0 ? &g_array_index (plan, FindSpan,
      plan->len - 1) : NULL;
  guint n = gst_pcap_index_get_n_ranges (index);
  GArray *before = NULL;
  GstPcapIndexRange range;

  gst_pcap_index_get_range (index, n - 1, &range);
  if (last == NULL || last->end != range.offset + range.length) {
    add_range (plan, index, &range, TRUE, &before);
    g_array_unref (before);
    last = &g_array_index (plan, FindSpan, plan->len - 1);
    last->offset = last->end;
  }
  last->end = FIND_TO_THE_END;
}

static gboolean
plan_to_follow (FindFile * file, const FindQuery * query)
{
  g_autoptr (GstPcapIndex) index = NULL;
  guint64 size;

  if (query->indexed == NULL || (index = find_index_read (file,
              &size)) == NULL)
    return TRUE;
  plan_by_index (file, index, size, query->indexed);
  leave_open (file->plan, index);
  return TRUE;
}

gboolean
find_plan_make (FindFile * file, const FindQuery * query)
{
  g_autoptr (GstPcapIndex) index = NULL;
  guint64 size = 0;

  g_clear_pointer (&file->plan, g_array_unref);
  if (query->follow)
    return plan_to_follow (file, query);
  if (query->indexed != NULL && (index = find_index_read (file,
              &size)) != NULL)
    learn_times (file, index);
  if (!may_have (file, query))
    return FALSE;
  if (index != NULL)
    plan_by_index (file, index, size, query->indexed);
  return file->plan == NULL || file->plan->len > 0;
}

GArray *
find_plan_take (FindFile * file, const FindQuery * query)
{
  GArray *plan = g_steal_pointer (&file->plan);
  GstClockTime from = query->trust_order ? MAX (query->from,
      query->times.start) : query->from;
  guint64 start, place;

  if (plan != NULL)
    return plan;
  plan = g_array_new (FALSE, FALSE, sizeof (FindSpan));
  if (from > 0 && find_bounds_find_time (file, from, &start, &place)) {
    add (plan, 0, start, TRUE);
    add (plan, place, FIND_TO_THE_END, TRUE);
  } else {
    add (plan, 0, FIND_TO_THE_END, TRUE);
  }
  return plan;
}
