/* gst-afring: reading many files, from the first to the end
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findrun.h"
#include "findextent.h"
#include "common/streamcaps.h"

#include <gst/afring/packet/gstpacketmeta.h>

struct _FindRun
{
  GstElement *element;          /* borrowed, and so is the timeline */
  PcapTimeline *timeline;

  gchar **locations;
  FindContext context;
  FindMerge *merge;
  gchar *filter;
  gboolean use_index;
  gboolean begun;

  GMutex lock;                  /* of what follows */
  gboolean looked;              /* not for files that are followed */
  GstClockTime first, last;
  GstClockTime base;            /* of the first packet, once that is known */
};

void
find_settings_clear (FindSettings * self)
{
  g_free (self->location);
  g_strfreev (self->locations);
  g_free (self->start_time);
  g_free (self->stop_time);
  g_free (self->filter);
}

/* Without a query for each file: who has many of them wants to know of the first. */
static void
tell_of_trouble (const gchar * path, gboolean lost, const gchar * words,
    gpointer user_data)
{
  FindRun *self = user_data;

  if (lost)
    GST_ELEMENT_WARNING (self->element, RESOURCE, NOT_FOUND,
        ("\"%s\" has vanished before it was read to its end; going on without it",
            path), ("%s", words));
  else
    GST_ELEMENT_WARNING (self->element, STREAM, DECODE,
        ("\"%s\" cannot be read to its end: %s; going on without the rest of it",
            path, words), (NULL));
}

static gchar **
collect_locations (const FindSettings * settings)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  gchar **locations;

  if (settings->location != NULL)
    g_strv_builder_add (builder, settings->location);
  if (settings->locations != NULL)
    g_strv_builder_addv (builder, (const gchar **) settings->locations);
  locations = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return locations;
}

/* Where everything is wanted, an index is of no use. */
static void
ask_index (FindRun * self)
{
  FindQuery *query = &self->context.query;
  GstClockTime from = MAX (query->from, query->times.start);
  gboolean has_stop = query->times.stop != GST_CLOCK_TIME_NONE;

  g_clear_pointer (&query->indexed, gst_pcap_index_query_unref);
  if (!self->use_index || (from == 0 && !has_stop
          && !find_filter_has_expression (self->context.filter)))
    return;
  query->indexed = gst_pcap_index_query_new (self->filter, TRUE,
      from > 0 ? from : GST_CLOCK_TIME_NONE, has_stop ? query->times.stop - 1 :
      GST_CLOCK_TIME_NONE, NULL);
}

static gboolean
read_settings (FindRun * self, const FindSettings * settings, GError ** error)
{
  FindQuery *query = &self->context.query;

  self->locations = collect_locations (settings);
  if (self->locations[0] == NULL) {
    g_set_error_literal (error, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NOT_FOUND,
        "No location was set: a file, a folder, or a pattern");
    return FALSE;
  }
  query->trust_order = settings->trust_order;
  if (!find_times_parse (&query->times, settings->start_time,
          settings->stop_time, error))
    return FALSE;
  self->context.filter = find_filter_new (settings->filter, error);
  if (self->context.filter == NULL)
    return FALSE;
  self->filter = g_strdup (settings->filter);
  self->use_index = settings->use_index;
  ask_index (self);
  return TRUE;
}

FindRun *
find_run_new (GstElement * element, PcapTimeline * timeline,
    const FindSettings * settings, FindCounts * counts, GError ** error)
{
  FindRun *self = g_new0 (FindRun, 1);

  self->element = element;
  self->timeline = timeline;
  self->base = GST_CLOCK_TIME_NONE;
  g_mutex_init (&self->lock);
  self->context.interfaces = find_interfaces_new ();
  self->context.counts = counts;
  self->context.follow = self->context.query.follow = settings->follow;
  if (!read_settings (self, settings, error)) {
    find_run_free (self);
    return NULL;
  }
  self->merge = find_merge_new (&self->context,
      (const gchar * const *) self->locations, tell_of_trouble, self);
  return self;
}

void
find_run_free (FindRun * self)
{
  g_clear_pointer (&self->merge, find_merge_free);
  g_clear_pointer (&self->context.filter, find_filter_free);
  find_interfaces_free (self->context.interfaces);
  g_clear_pointer (&self->context.query.indexed, gst_pcap_index_query_unref);
  g_clear_pointer (&self->context.blocks, find_blocks_free);
  g_free (self->filter);
  g_strfreev (self->locations);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
find_run_set_in_blocks (FindRun * self, gboolean in_blocks)
{
  g_clear_pointer (&self->context.blocks, find_blocks_free);
  if (in_blocks)
    self->context.blocks = find_blocks_new ();
  pcap_timeline_set_arrange (self->timeline, in_blocks ? find_blocks_join :
      NULL, NULL);
}

void
find_run_interrupt (FindRun * self, gboolean interrupt)
{
  g_atomic_int_set (&self->context.interrupted, interrupt);
}

/* FALSE: there is nothing to be read; an error has been posted. */
static gboolean
begin (FindRun * self)
{
  g_autoptr (GError) error = NULL;

  if (self->begun)
    return TRUE;
  if (find_merge_begin (self->merge, &error)) {
    self->begun = TRUE;
    return TRUE;
  }
  GST_ELEMENT_ERROR (self->element, RESOURCE, NOT_FOUND, ("%s",
          error->message), ("location \"%s\"", self->locations[0]));
  pcap_timeline_end (self->timeline);
  return FALSE;
}

static void
tell_of_refusals (FindRun * self)
{
  gchar *words;

  while ((words = find_filter_pop_refusal (self->context.filter)) != NULL) {
    GST_ELEMENT_WARNING (self->element, RESOURCE, SETTINGS, ("Filter %s",
            words), (NULL));
    g_free (words);
  }
}

/* What comes before packets in a stream of blocks, with caps if it is a header. */
static GstFlowReturn
push_before (FindRun * self)
{
  GstBuffer *before = find_blocks_take_before (self->context.blocks);
  GstFlowReturn ret = GST_FLOW_OK;

  if (before == NULL)
    return GST_FLOW_OK;
  if (GST_BUFFER_FLAG_IS_SET (before, GST_BUFFER_FLAG_HEADER)) {
    g_autoptr (GstCaps) caps = stream_caps_new (PCAPNG_MEDIA_TYPE, before);

    /* caps keep it: it is shared by then */
    before = gst_buffer_make_writable (before);
    ret = pcap_timeline_set_caps (self->timeline, caps);
  }
  if (ret == GST_FLOW_OK)
    return pcap_timeline_push_bytes (self->timeline, before);
  gst_buffer_unref (before);
  return ret;
}

static void
end_blocks (FindRun * self)
{
  GstBuffer *end;

  if (pcap_timeline_has_ended (self->timeline)
      || push_before (self) != GST_FLOW_OK)
    return;
  end = find_blocks_make_end (self->context.blocks,
      find_merge_get_link_type (self->merge));
  if (end != NULL)
    pcap_timeline_push_bytes (self->timeline, end);
}

void
find_run_end (FindRun * self)
{
  /* also a stream without packets has caps and a segment */
  if (self->context.blocks != NULL)
    end_blocks (self);
  else if (!pcap_timeline_has_packets (self->timeline))
    pcap_timeline_set_link_type (self->timeline,
        find_merge_get_link_type (self->merge));
  pcap_timeline_end (self->timeline);
}

static GstFlowReturn
finish (FindRun * self)
{
  if (find_merge_is_all_failed (self->merge)
      && !pcap_timeline_has_packets (self->timeline)) {
    GST_ELEMENT_ERROR (self->element, STREAM, WRONG_TYPE,
        ("Not one of the files could be read as a capture"),
        ("location \"%s\"", self->locations[0]));
    pcap_timeline_end (self->timeline);
    return GST_FLOW_ERROR;
  }
  find_run_end (self);
  return GST_FLOW_EOS;
}

static void
keep_base (FindRun * self)
{
  g_mutex_lock (&self->lock);
  self->base = pcap_timeline_get_first (self->timeline);
  g_mutex_unlock (&self->lock);
}

/* NONE: no packet of it has a time. */
static GstClockTime
get_first_time (GstBufferList * list)
{
  GstClockTime first = GST_CLOCK_TIME_NONE;
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n && first == GST_CLOCK_TIME_NONE; i++)
    first = gst_buffer_get_packet_meta (gst_buffer_list_get (list,
            i))->capture_time;
  return first;
}

static GstFlowReturn
push (FindRun * self, GstBufferList * list, guint32 link_type)
{
  GstFlowReturn ret;

  /* a seek can come while what is before the list is pushed, and wants to know */
  if (G_UNLIKELY (pcap_timeline_get_first (self->timeline) ==
          GST_CLOCK_TIME_NONE))
    pcap_timeline_set_first (self->timeline, get_first_time (list));
  ret = self->context.blocks != NULL ? push_before (self) :
      pcap_timeline_set_link_type (self->timeline, link_type);
  if (ret != GST_FLOW_OK) {
    gst_buffer_list_unref (list);
    return ret;
  }
  ret = pcap_timeline_push (self->timeline, list);
  if (G_UNLIKELY (self->base == GST_CLOCK_TIME_NONE))
    keep_base (self);
  if (ret == GST_FLOW_EOS)
    find_run_end (self);
  return ret;
}

GstFlowReturn
find_run_step (FindRun * self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  GstBufferList *list;
  guint32 link_type;
  GstEvent *event;

  if (!begin (self))
    return GST_FLOW_ERROR;
  switch (find_merge_next (self->merge, &list, &link_type, &event)) {
    case FIND_MERGE_PACKETS:
      ret = push (self, list, link_type);
      break;
    case FIND_MERGE_EVENT:
      pcap_timeline_push_event (self->timeline, event);
      break;
    case FIND_MERGE_WAITING:
      ret = FIND_RUN_WAITING;
      break;
    case FIND_MERGE_END:
      ret = finish (self);
      break;
    case FIND_MERGE_INTERRUPTED:
    default:
      break;
  }
  tell_of_refusals (self);
  return ret;
}

/* The packets come once more. */
static GstClockTime
find_first (FindRun * self)
{
  GstClockTime first = GST_CLOCK_TIME_NONE;
  GstBufferList *list;
  guint32 link_type;
  GstEvent *event;

  while (first == GST_CLOCK_TIME_NONE) {
    switch (find_merge_next (self->merge, &list, &link_type, &event)) {
      case FIND_MERGE_PACKETS:
        first = get_first_time (list);
        gst_buffer_list_unref (list);
        break;
      case FIND_MERGE_EVENT:
        pcap_timeline_push_event (self->timeline, event);
        break;
      default:
        return first;
    }
  }
  return first;
}

GstClockTime
find_run_get_first (FindRun * self)
{
  GstClockTime first = pcap_timeline_get_first (self->timeline);

  if (first != GST_CLOCK_TIME_NONE || !begin (self))
    return first;
  first = find_first (self);
  if (first == GST_CLOCK_TIME_NONE)
    return first;
  pcap_timeline_set_first (self->timeline, first);
  keep_base (self);
  return first;
}

void
find_run_move (FindRun * self, const GstSegment * segment)
{
  GstClockTime first = pcap_timeline_get_first (self->timeline);

  /* at its start, also what is older than the first packet */
  self->context.query.from = segment->start > 0 ? first + segment->start : 0;
  ask_index (self);
  if (self->context.blocks != NULL)
    find_blocks_restart (self->context.blocks);
  find_merge_rewind (self->merge);
}

GstClockTime
find_run_get_duration (FindRun * self)
{
  GstClockTime first, duration = GST_CLOCK_TIME_NONE;

  g_mutex_lock (&self->lock);
  if (!self->looked || self->context.follow)
    self->looked = find_extent_read ((const gchar * const *) self->locations,
        &self->context.query.times, &self->first, &self->last);
  first = self->base != GST_CLOCK_TIME_NONE ? self->base : self->first;
  if (self->looked)
    duration = self->last > first ? self->last - first : 0;
  g_mutex_unlock (&self->lock);
  return duration;
}
