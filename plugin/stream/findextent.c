/* gst-afring: from when to when many files are
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findextent.h"
#include "findbounds.h"
#include "findset.h"

static gboolean
read_all (GPtrArray * files, GstClockTime * first, GstClockTime * last)
{
  gboolean known = FALSE;

  *first = GST_CLOCK_TIME_NONE;
  *last = 0;
  for (guint i = 0; i < files->len; i++) {
    FindFile *file = g_ptr_array_index (files, i);

    if (!find_bounds_read_start (file) || !file->bounds.has_packets)
      continue;
    find_bounds_read_end (file);
    find_file_close (file);
    if (file->bounds.greatest == GST_CLOCK_TIME_NONE)
      return FALSE;
    known = TRUE;
    *first = MIN (*first, file->bounds.least);
    *last = MAX (*last, file->bounds.greatest);
  }
  return known;
}

gboolean
find_extent_read (const gchar * const *locations, const FindTimes * times,
    GstClockTime * first, GstClockTime * last)
{
  FindSet *set = find_set_new (locations);
  gboolean known = find_set_look (set, NULL, NULL)
      && read_all (find_set_get_files (set), first, last);

  find_set_free (set);
  if (!known)
    return FALSE;
  *first = MAX (*first, times->start);
  if (times->stop != GST_CLOCK_TIME_NONE)
    *last = MIN (*last, times->stop - 1);
  return *first <= *last;
}
