/* gst-afring: many files as one
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findmerge.h"
#include "findbounds.h"
#include "findfolder.h"
#include "findheads.h"
#include "findorigin.h"
#include "findset.h"
#include "pcaplist.h"

#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/capture/gstcaptureerror.h>
#include <string.h>

/* Of so many files the heads are merged from the start, where it is not known which packet
 * is their earliest: as mergecap does it. Of more, each waits for the time of its first. */
#define MOST_AT_ONCE 64

/* So many files ahead the disk is told what is wanted of them. */
#define AHEAD 16

/* How often a folder that is followed is looked at, microseconds. */
#define LOOK_INTERVAL (100 * 1000)

struct _FindMerge
{
  FindContext *context;         /* borrowed */
  FindTroubleFunc trouble;
  gpointer user_data;

  FindSet *set;
  GPtrArray *pending;           /* FindFile, not opened yet, the earliest last */
  gboolean few;                 /* files whose earliest packet is not known */
  FindHeads *heads;             /* readers that have a packet at hand */
  GPtrArray *fresh;             /* FindReader, whose next packet is not at hand */
  GPtrArray *idle;              /* FindReader, followed, at the end for now */
  gint64 look_due;              /* followed: monotonic */

  PcapList list;                /* that is being put together of several */
  guint32 list_type;            /* its link type */
  GstEvent *event;              /* that comes behind it, or NULL */
  guint32 link_type;
};

FindMerge *
find_merge_new (FindContext * context, const gchar * const *locations,
    FindTroubleFunc trouble, gpointer user_data)
{
  FindMerge *self = g_new0 (FindMerge, 1);

  self->context = context;
  self->trouble = trouble;
  self->user_data = user_data;
  self->set = find_set_new (locations);
  self->pending = g_ptr_array_new ();
  self->heads = find_heads_new ();
  self->fresh =
      g_ptr_array_new_with_free_func ((GDestroyNotify) find_reader_free);
  self->idle =
      g_ptr_array_new_with_free_func ((GDestroyNotify) find_reader_free);
  self->link_type = GST_CAPTURE_LINK_TYPE_ETHERNET;
  return self;
}

static void
drop_readers (FindMerge * self)
{
  find_heads_clear (self->heads);
  g_ptr_array_set_size (self->fresh, 0);
  g_ptr_array_set_size (self->idle, 0);
  g_ptr_array_set_size (self->pending, 0);
  pcap_list_clear (&self->list);
  gst_clear_event (&self->event);
}

void
find_merge_free (FindMerge * self)
{
  drop_readers (self);
  find_heads_free (self->heads);
  g_ptr_array_unref (self->fresh);
  g_ptr_array_unref (self->idle);
  g_ptr_array_unref (self->pending);
  find_set_free (self->set);
  g_free (self);
}

guint32
find_merge_get_link_type (FindMerge * self)
{
  return self->link_type;
}

/* What is wrong with files. */

static void
fail (FindMerge * self, FindFile * file, gboolean lost, const gchar * words)
{
  FindCounts *counts = self->context->counts;

  find_count_add (lost ? &counts->files_vanished : &counts->files_failed, 1);
  self->trouble (file->path, lost, words, self->user_data);
  file->failed = TRUE;
  find_file_close (file);
}

/* The others of a folder are of no interest, unless their name says that they are. */
static void
fail_as_none (FindMerge * self, FindFile * file)
{
  if (file->named || find_folder_is_capture_name (file->path))
    fail (self, file, FALSE, file->bounds.size == 0 ? "it is empty" :
        "it is neither a pcap nor a pcapng file, or ends before its header does");
  file->failed = TRUE;
  find_file_close (file);
}

/* Files that wait for their time. */

static gboolean
is_certain (FindMerge * self, const FindFile * file)
{
  return file->bounds.exact || self->context->query.trust_order;
}

/* When it has to be open: a clock can have been set back in it. */
static GstClockTime
get_due (FindMerge * self, const FindFile * file)
{
  return self->few && !is_certain (self, file) ? 0 : file->bounds.least;
}

static gint
compare_pending (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const FindFile *first = *(FindFile * const *) a;
  const FindFile *second = *(FindFile * const *) b;
  GstClockTime first_due = get_due (user_data, first);
  GstClockTime second_due = get_due (user_data, second);

  if (first_due != second_due)
    return first_due < second_due ? 1 : -1;
  return first->number < second->number ? 1 : -1;
}

static void
sort_pending (FindMerge * self)
{
  guint n = 0;

  for (guint i = 0; i < self->pending->len; i++)
    n += !is_certain (self, g_ptr_array_index (self->pending, i));
  self->few = n <= MOST_AT_ONCE;
  g_ptr_array_sort_with_data (self->pending, compare_pending, self);
}

static void
open_reader (FindMerge * self, FindFile * file)
{
  g_ptr_array_add (self->fresh, find_reader_new (file, self->context));
}

static void
count_index (FindMerge * self, FindFile * file)
{
  if (file->plan == NULL)
    return;
  find_count_add (&self->context->counts->files_indexed, 1);
  find_count_add (&self->context->counts->bytes_skipped, file->skipped);
}

static void
announce (FindMerge * self, FindFile * file)
{
  if (self->context->blocks != NULL && file->head != NULL)
    find_origin_announce (self->context->interfaces, self->context->blocks,
        file->head);
}

/* Of one that is being written there may be no packet yet. */
static void
add_pending (FindMerge * self, FindFile * file)
{
  if (file->failed)
    return;
  if (!find_bounds_read_start (file)) {
    file->bounds.read = FALSE;
    fail (self, file, find_file_is_gone (file), find_file_get_error (file));
  } else if (self->context->follow && !file->bounds.has_packets) {
    if (file->bounds.is_capture || file->bounds.size == 0)
      open_reader (self, file);
    else
      fail_as_none (self, file);
  } else if (!file->bounds.is_capture && !(find_file_is_part (file)
          && file->bounds.size == 0)) {
    fail_as_none (self, file);
  } else if (file->bounds.is_capture) {
    if (find_plan_make (file, &self->context->query)) {
      announce (self, file);
      g_ptr_array_add (self->pending, file);
    }
    count_index (self, file);
  }
}

/* A disk has several requests at hand at once, and of one file each depends on the one
 * before. */
static void
add_all (FindMerge * self, GPtrArray * files)
{
  gboolean indexed = self->context->query.indexed != NULL;
  guint ahead = 0;

  for (guint i = 0; i < files->len; i++) {
    for (; indexed && ahead < files->len && ahead <= i + AHEAD; ahead++)
      find_file_read_ahead (g_ptr_array_index (files, ahead));
    add_pending (self, g_ptr_array_index (files, i));
  }
  sort_pending (self);
}

static void
count_files (FindMerge * self, GPtrArray * files)
{
  find_count_add (&self->context->counts->files, files->len);
  for (guint i = 0; i < files->len; i++)
    find_count_add (&self->context->counts->bytes_total,
        ((FindFile *) g_ptr_array_index (files, i))->size);
}

gboolean
find_merge_begin (FindMerge * self, GError ** error)
{
  GPtrArray *files = find_set_get_files (self->set);

  if (!find_set_look (self->set, NULL, error))
    return FALSE;
  if (files->len == 0 && !self->context->follow) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
        "There is no file in the folder, or none that the pattern is of");
    return FALSE;
  }
  count_files (self, files);
  add_all (self, files);
  self->look_due = g_get_monotonic_time () + LOOK_INTERVAL;
  return TRUE;
}

void
find_merge_rewind (FindMerge * self)
{
  drop_readers (self);
  add_all (self, find_set_get_files (self->set));
}

gboolean
find_merge_is_all_failed (FindMerge * self)
{
  GPtrArray *files = find_set_get_files (self->set);

  for (guint i = 0; i < files->len; i++)
    if (!((FindFile *) g_ptr_array_index (files, i))->failed)
      return FALSE;
  return files->len > 0;
}

/* Readers. */

static void
end_reader (FindMerge * self, FindReader * reader)
{
  FindFile *file = find_reader_get_file (reader);

  self->link_type = find_reader_get_last_link_type (reader);
  if (find_reader_is_torn (reader) && !find_file_is_part (file)) {
    find_count_add (&self->context->counts->files_torn, 1);
    self->trouble (file->path, FALSE, "it was cut off: its last record is not whole",
        self->user_data);
  }
  find_file_close (file);
  find_reader_free (reader);
}

/* What is at the end of what there is. */
static void
wait_for (FindMerge * self, FindReader * reader)
{
  gboolean final = find_reader_get_file (reader)->final;

  if (final)
    find_reader_finish (reader);
  g_ptr_array_add (final ? self->fresh : self->idle, reader);
}

/* It has been renamed since its folder was looked at. */
static gboolean
find_again (FindMerge * self, FindFile * file)
{
  g_autofree gchar *path = g_strdup (file->path);
  g_autoptr (GPtrArray) added = g_ptr_array_new ();

  if (!find_set_look (self->set, added, NULL))
    return FALSE;
  if (self->context->follow)
    add_all (self, added);
  return file->seen && strcmp (file->path, path) != 0;
}

static void
fail_reader (FindMerge * self, FindReader * reader, const GError * error)
{
  FindFile *file = find_reader_get_file (reader);
  gboolean lost = g_error_matches (error, GST_CAPTURE_ERROR,
      GST_CAPTURE_ERROR_NOT_FOUND);

  if (lost && find_again (self, file)) {
    g_ptr_array_add (self->fresh, reader);
    return;
  }
  self->link_type = find_reader_get_last_link_type (reader);
  fail (self, file, lost, error->message);
  find_reader_free (reader);
}

/* What @reader has next. FALSE: somebody waits. */
static gboolean
make_ready (FindMerge * self, FindReader * reader)
{
  g_autoptr (GError) error = NULL;

  switch (find_reader_ready (reader, &error)) {
    case FIND_READER_ITEM:
      self->event = find_reader_pop_event (reader);
      if (self->event != NULL)
        g_ptr_array_add (self->fresh, reader);
      else
        find_heads_add (self->heads, reader);
      return TRUE;
    case FIND_READER_INTERRUPTED:
      g_ptr_array_add (self->fresh, reader);
      return FALSE;
    case FIND_READER_WAITING:
      wait_for (self, reader);
      return TRUE;
    case FIND_READER_END:
      end_reader (self, reader);
      return TRUE;
    case FIND_READER_FAILED:
    default:
      fail_reader (self, reader, error);
      return TRUE;
  }
}

/* Files whose time has come are opened, and all that are open have a packet at hand. FALSE:
 * somebody waits. */
static gboolean
prepare (FindMerge * self)
{
  while (self->event == NULL) {
    FindFile *file;

    if (self->fresh->len > 0) {
      if (!make_ready (self, g_ptr_array_steal_index (self->fresh,
                  self->fresh->len - 1)))
        return FALSE;
      continue;
    }
    if (self->pending->len == 0)
      return TRUE;
    file = g_ptr_array_index (self->pending, self->pending->len - 1);
    if (!find_heads_is_empty (self->heads)
        && find_heads_get_time (self->heads) < get_due (self, file))
      return TRUE;
    g_ptr_array_set_size (self->pending, self->pending->len - 1);
    open_reader (self, file);
  }
  return TRUE;
}

/* Following. */

static void
look (FindMerge * self)
{
  g_autoptr (GPtrArray) added = g_ptr_array_new ();
  gint64 now = g_get_monotonic_time ();

  if (now < self->look_due)
    return;
  self->look_due = now + LOOK_INTERVAL;
  /* a folder that is not there now can be there again */
  if (!find_set_look (self->set, added, NULL))
    return;
  count_files (self, added);
  add_all (self, added);
  for (guint i = self->idle->len; i-- > 0;) {
    FindReader *reader = g_ptr_array_index (self->idle, i);
    FindFile *file = find_reader_get_file (reader);

    /* one that was removed: what is left of it, if it is still open */
    file->final |= !file->seen;
    if (file->final || file->size > find_reader_get_offset (reader))
      g_ptr_array_add (self->fresh, g_ptr_array_steal_index_fast (self->idle,
              i));
  }
}

/* Packets. */

static FindMergeResult
give_list (FindMerge * self, GstBufferList * list, GstBufferList ** out)
{
  FindCounts *counts = self->context->counts;

  find_count_add (&counts->packets, gst_buffer_list_length (list));
  find_count_add (&counts->bytes, gst_buffer_list_calculate_size (list));
  *out = list;
  return FIND_MERGE_PACKETS;
}

/* Of the first reader, one packet; where it is then is seen to. */
static void
take_packet (FindMerge * self)
{
  FindReader *reader = find_heads_get_first (self->heads);

  self->list_type = find_reader_get_link_type (reader);
  pcap_list_add (&self->list, find_reader_pop (reader),
      find_heads_get_time (self->heads));
  if (find_reader_has_packet (reader))
    find_heads_update_first (self->heads);
  else
    g_ptr_array_add (self->fresh, find_heads_remove_first (self->heads));
}

/* All of the item at hand comes before anything else. */
static gboolean
is_alone (FindMerge * self)
{
  GstClockTime limit = find_heads_get_second_time (self->heads);

  if (self->list.list != NULL)
    return FALSE;
  if (self->pending->len > 0)
    limit = MIN (limit, get_due (self, g_ptr_array_index (self->pending,
                self->pending->len - 1)));
  return limit == GST_CLOCK_TIME_NONE
      || find_reader_is_before (find_heads_get_first (self->heads), limit);
}

/* The packet that comes next belongs into the list that is being made. */
static gboolean
goes_on (FindMerge * self)
{
  return self->list.list == NULL
      || (find_reader_get_link_type (find_heads_get_first (self->heads))
      == self->list_type && !pcap_list_is_full (&self->list,
          find_heads_get_time (self->heads)));
}

FindMergeResult
find_merge_next (FindMerge * self, GstBufferList ** list, guint32 * link_type,
    GstEvent ** event)
{
  for (;;) {
    if (self->context->follow)
      look (self);
    if (!prepare (self))
      return FIND_MERGE_INTERRUPTED;
    if (self->list.list != NULL && (self->event != NULL
            || find_heads_is_empty (self->heads) || !goes_on (self))) {
      *link_type = self->list_type;
      return give_list (self, pcap_list_take (&self->list), list);
    }
    if (self->event != NULL) {
      *event = g_steal_pointer (&self->event);
      return FIND_MERGE_EVENT;
    }
    if (find_heads_is_empty (self->heads))
      return self->context->follow ? FIND_MERGE_WAITING : FIND_MERGE_END;
    if (is_alone (self)) {
      FindReader *reader = find_heads_get_first (self->heads);

      *link_type = find_reader_get_link_type (reader);
      give_list (self, find_reader_pop_list (reader), list);
      g_ptr_array_add (self->fresh, find_heads_remove_first (self->heads));
      return FIND_MERGE_PACKETS;
    }
    take_packet (self);
  }
}
