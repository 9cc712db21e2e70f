/* gst-afring: segments of TCP that wait for what comes before them
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsttcpwaiting.h"
#include "gstpacketmeta.h"

/* What a stretch takes besides its bytes: a GstBuffer with two metas, a GstMemory, a node
 * of the tree, and what malloc() adds to each. */
#define OVERHEAD 1024

struct _GstTcpWaiting
{
  GSequence *stretches;         /* of GstTcpStretch */
  gsize memory;
  gboolean unshares;
};

GstBuffer *
gst_tcp_cut (GstBuffer * data, gsize start, gsize size)
{
  GstBuffer *part;
  GstPacketMeta *meta;

  if (start == 0 && size == gst_buffer_get_size (data))
    return gst_buffer_ref (data);
  part = gst_buffer_copy_region (data, GST_BUFFER_COPY_ALL, start, size);
  GST_BUFFER_PTS (part) = GST_BUFFER_PTS (data);
  GST_BUFFER_DTS (part) = GST_BUFFER_DTS (data);
  meta = gst_buffer_get_packet_meta (part);
  if (meta != NULL)
    meta->wire_length = size;
  return part;
}

static void
stretch_free (gpointer data)
{
  GstTcpStretch *stretch = data;

  gst_clear_buffer (&stretch->data);
  g_free (stretch);
}

GstTcpWaiting *
gst_tcp_waiting_new (void)
{
  GstTcpWaiting *self = g_new0 (GstTcpWaiting, 1);

  self->stretches = g_sequence_new (stretch_free);
  return self;
}

void
gst_tcp_waiting_free (GstTcpWaiting * self)
{
  g_sequence_free (self->stretches);
  g_free (self);
}

static gsize
get_memory (const GstTcpStretch * stretch)
{
  return (stretch->data != NULL ? stretch->end - stretch->at : 0) + OVERHEAD;
}

/* Those that begin where another does are behind it. */
static gint
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const GstTcpStretch *one = a, *other = b;

  return one->at < other->at ? -1 : one->at > other->at;
}

/* The first one that ends behind the beginning of @stretch. */
static GSequenceIter *
find (GstTcpWaiting * self, const GstTcpStretch * stretch)
{
  GSequenceIter *iter = g_sequence_search (self->stretches, (gpointer) stretch,
      compare, NULL);
  GSequenceIter *before = g_sequence_iter_prev (iter);
  const GstTcpStretch *found;

  if (before == iter)
    return iter;
  found = g_sequence_get (before);
  return found->end > stretch->at ? before : iter;
}

static void
copy_data (GstTcpStretch * stretch)
{
  GstBuffer *copy;

  if (stretch->data == NULL)
    return;
  copy = gst_buffer_copy_deep (stretch->data);
  gst_buffer_unref (stretch->data);
  stretch->data = copy;
}

static void
insert (GstTcpWaiting * self, GSequenceIter * before,
    const GstTcpStretch * whole, guint64 at, guint64 end)
{
  GstTcpStretch *stretch = g_new (GstTcpStretch, 1);

  *stretch = *whole;
  stretch->at = at;
  stretch->end = end;
  stretch->data = whole->data == NULL ? NULL :
      gst_tcp_cut (whole->data, at - whole->at, end - at);
  if (self->unshares)
    copy_data (stretch);
  g_sequence_insert_before (before, stretch);
  self->memory += get_memory (stretch);
}

guint64
gst_tcp_waiting_add (GstTcpWaiting * self, const GstTcpStretch * stretch)
{
  GSequenceIter *iter = find (self, stretch);
  guint64 at = stretch->at, added = 0;

  while (at < stretch->end) {
    const GstTcpStretch *next =
        g_sequence_iter_is_end (iter) ? NULL : g_sequence_get (iter);
    guint64 end =
        next != NULL ? MIN (stretch->end, next->at) : stretch->end;

    if (end > at) {
      insert (self, iter, stretch, at, end);
      added += end - at;
    }
    if (next == NULL)
      break;
    at = MAX (at, next->end);
    iter = g_sequence_iter_next (iter);
  }
  return added;
}

const GstTcpStretch *
gst_tcp_waiting_get_first (const GstTcpWaiting * self)
{
  GSequenceIter *iter = g_sequence_get_begin_iter (self->stretches);

  return g_sequence_iter_is_end (iter) ? NULL : g_sequence_get (iter);
}

void
gst_tcp_waiting_pop (GstTcpWaiting * self, GstTcpStretch * stretch)
{
  GSequenceIter *iter = g_sequence_get_begin_iter (self->stretches);
  GstTcpStretch *first = g_sequence_get (iter);

  *stretch = *first;
  self->memory -= get_memory (first);
  first->data = NULL;
  g_sequence_remove (iter);
  if (g_sequence_is_empty (self->stretches))
    self->unshares = FALSE;
}

void
gst_tcp_waiting_clear (GstTcpWaiting * self)
{
  g_sequence_remove_range (g_sequence_get_begin_iter (self->stretches),
      g_sequence_get_end_iter (self->stretches));
  self->memory = 0;
  self->unshares = FALSE;
}

static void
copy_each (gpointer stretch, gpointer user_data)
{
  copy_data (stretch);
}

void
gst_tcp_waiting_unshare (GstTcpWaiting * self)
{
  if (self->unshares || g_sequence_is_empty (self->stretches))
    return;
  self->unshares = TRUE;
  g_sequence_foreach (self->stretches, copy_each, NULL);
}

gsize
gst_tcp_waiting_get_memory (const GstTcpWaiting * self)
{
  return self->memory;
}
