/* gst-afring: how complete a capture is, at this moment
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstcapturequery
 * @title: Capture queries
 * @short_description: how complete a capture is, at this moment
 *
 * A custom query, upstream, that is called `GstCaptureStatistics` as the event is
 * which says the same about once a second. Each source of packets adds its counters
 * to it and passes it on as if it could not answer: so several that an element such as
 * funnel puts together are all asked, and what the query returns says nothing.
 * What the counters count may still be on its way.
 */

#include "gstcapturequery.h"
#include "gstcaptureevent-private.h"

#define ANSWERS "answers"

/**
 * gst_query_new_capture_statistics:
 *
 * To be sent upstream, from a pad or an element, on any thread.
 *
 * Returns: (transfer full): a query for the counters of each capture upstream
 */
GstQuery *
gst_query_new_capture_statistics (void)
{
  return gst_query_new_custom (GST_QUERY_CUSTOM,
      gst_structure_new_empty (GST_CAPTURE_STATISTICS_NAME));
}

/**
 * gst_query_is_capture_statistics:
 * @query: any #GstQuery
 *
 * Other custom queries have other names.
 *
 * Returns: %TRUE if it is one of gst_query_new_capture_statistics()
 */
gboolean
gst_query_is_capture_statistics (GstQuery * query)
{
  g_return_val_if_fail (GST_IS_QUERY (query), FALSE);

  return GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM
      && gst_structure_has_name (gst_query_get_structure (query),
      GST_CAPTURE_STATISTICS_NAME);
}

/**
 * gst_query_add_capture_statistics:
 * @query: one of gst_query_new_capture_statistics()
 * @statistics: the counters
 *
 * What a source answers. It is not to return %TRUE then, but to leave the query to the
 * default, so that other sources are asked, too.
 */
void
gst_query_add_capture_statistics (GstQuery * query,
    const GstCaptureStatistics * statistics)
{
  GstStructure *answers;
  const GValue *before;
  GValue list = G_VALUE_INIT, item = G_VALUE_INIT;

  g_return_if_fail (gst_query_is_capture_statistics (query));
  g_return_if_fail (statistics != NULL);

  answers = gst_query_writable_structure (query);
  before = gst_structure_get_value (answers, ANSWERS);
  g_value_init (&list, GST_TYPE_LIST);
  if (before != NULL)
    g_value_copy (before, &list);
  g_value_init (&item, GST_TYPE_STRUCTURE);
  g_value_take_boxed (&item, gst_capture_statistics_to_structure (statistics));
  gst_value_list_append_and_take_value (&list, &item);
  gst_structure_take_value (answers, ANSWERS, &list);
}

static const GValue *
get_answers (GstQuery * query)
{
  const GValue *answers = gst_structure_get_value (gst_query_get_structure
      (query), ANSWERS);

  return answers != NULL && GST_VALUE_HOLDS_LIST (answers) ? answers : NULL;
}

/**
 * gst_query_get_n_capture_statistics:
 * @query: one of gst_query_new_capture_statistics()
 *
 * More than one where an element such as funnel puts captures together.
 *
 * Returns: how many captures have answered
 */
guint
gst_query_get_n_capture_statistics (GstQuery * query)
{
  const GValue *answers;

  g_return_val_if_fail (gst_query_is_capture_statistics (query), 0);

  answers = get_answers (query);
  return answers != NULL ? gst_value_list_get_size (answers) : 0;
}

/**
 * gst_query_parse_nth_capture_statistics:
 * @query: one of gst_query_new_capture_statistics()
 * @index: which answer, from 0 on
 * @statistics: (out caller-allocates): filled with the counters
 *
 * The answers are in the order in which the sources were asked.
 *
 * Returns: %FALSE if there are not so many answers
 */
gboolean
gst_query_parse_nth_capture_statistics (GstQuery * query, guint index,
    GstCaptureStatistics * statistics)
{
  const GValue *item;

  g_return_val_if_fail (gst_query_is_capture_statistics (query), FALSE);
  g_return_val_if_fail (statistics != NULL, FALSE);

  if (index >= gst_query_get_n_capture_statistics (query))
    return FALSE;
  item = gst_value_list_get_value (get_answers (query), index);
  return GST_VALUE_HOLDS_STRUCTURE (item)
      && gst_capture_statistics_from_structure (gst_value_get_structure (item),
      statistics);
}
