/* gst-afring: the packets of one of many files
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "findreader.h"
#include "findbounds.h"
#include "findorigin.h"
#include "pcapfeed.h"
#include "pcapstream.h"

#include <gst/afring/capture/gstcaptureerror.h>
#include <gst/afring/capture/gstcapturelink.h>
#include <gst/afring/packet/gstpacketmeta.h>

#define READ_SIZE (256 * 1024)

/* In a file that is in order, neighbours may be out of it by less. */
#define DISORDER GST_SECOND

struct _FindReader
{
  FindFile *file;               /* borrowed, and so is the context */
  FindContext *context;

  PcapBytes *bytes;
  PcapFeed *feed;
  PcapStream *stream;
  FindOrigin origin;

  GArray *plan;                 /* FindSpan */
  guint at_span;
  guint64 offset;               /* of the next piece */
  gboolean finished;            /* the end of it went through */
  gboolean past;                /* nothing that is wanted follows */
  GError *failure;              /* behind the items, or NULL */

  GQueue items;                 /* of GstMiniObject: events, and lists with packets */
  guint32 link_type;            /* of what comes now */
  GArray *link_types;           /* guint32: of the items */
  guint at;                     /* in the first one */
  GstClockTime time;            /* of the packet before */

  /* Of all packets that were read, for the bounds of the file. */
  GstClockTime least, greatest;
  guint64 n_read;
};

/* What the stream consists of. */

static void
push_item (FindReader * self, gpointer item)
{
  g_queue_push_tail (&self->items, item);
  g_array_append_val (self->link_types, self->link_type);
}

static GstFlowReturn
set_link_type (guint32 link_type, gpointer user_data)
{
  ((FindReader *) user_data)->link_type = link_type;
  return GST_FLOW_OK;
}

static GstFlowReturn
take_packets (GstBufferList * list, gpointer user_data)
{
  FindReader *self = user_data;

  push_item (self, find_origin_number (&self->origin, list));
  return GST_FLOW_OK;
}

static void
take_event (GstEvent * event, gpointer user_data)
{
  FindReader *self = user_data;
  GstEvent *own = find_origin_take_event (&self->origin, event);

  if (own != NULL)
    push_item (self, own);
}

static void
take_block (const guint8 * block, gsize length, gpointer user_data)
{
  find_origin_take_block (&((FindReader *) user_data)->origin, block, length);
}

static void
begin_section (gpointer user_data)
{
  find_origin_begin_section (&((FindReader *) user_data)->origin);
}

/* pcapdec warns of it; what is looked for here is packets. */
static void
pass_over (gpointer user_data)
{
}

static gboolean
is_wanted (const GstPcapPacket * packet, gpointer user_data)
{
  FindReader *self = user_data;
  const FindQuery *query = &self->context->query;
  GstClockTime time = packet->time;

  self->n_read++;
  if (G_LIKELY (time != GST_CLOCK_TIME_NONE)) {
    self->least = MIN (self->least, time);
    self->greatest = MAX (self->greatest, time);
    if (time < query->from)
      return FALSE;
  } else {
    self->least = 0;
  }
  if (!find_times_has (&query->times, time)) {
    if (query->trust_order && time != GST_CLOCK_TIME_NONE
        && query->times.stop != GST_CLOCK_TIME_NONE
        && time >= query->times.stop + DISORDER)
      self->past = TRUE;
    return FALSE;
  }
  return find_filter_match (self->context->filter, packet);
}

FindReader *
find_reader_new (FindFile * file, FindContext * context)
{
  static const PcapStreamFuncs funcs = { set_link_type, take_packets,
    take_event, begin_section, pass_over, pass_over, is_wanted,
    take_block
  };
  FindReader *self = g_new0 (FindReader, 1);

  self->file = file;
  self->context = context;
  self->bytes = find_file_new_bytes (file);
  self->feed = pcap_feed_new ();
  self->stream = pcap_stream_new (&funcs, self);
  pcap_stream_set_in_blocks (self->stream, context->blocks != NULL);
  find_origin_init (&self->origin, context->interfaces, context->blocks);
  self->plan = find_plan_take (file, &context->query);
  self->offset = g_array_index (self->plan, FindSpan, 0).offset;
  g_queue_init (&self->items);
  self->link_types = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->least = GST_CLOCK_TIME_NONE;
  return self;
}

void
find_reader_free (FindReader * self)
{
  g_clear_error (&self->failure);
  g_queue_clear_full (&self->items, (GDestroyNotify) gst_mini_object_unref);
  g_array_unref (self->link_types);
  g_array_unref (self->plan);
  find_origin_clear (&self->origin);
  pcap_stream_free (self->stream);
  pcap_feed_free (self->feed);
  pcap_bytes_free (self->bytes);
  g_free (self);
}

FindFile *
find_reader_get_file (FindReader * self)
{
  return self->file;
}

guint64
find_reader_get_offset (FindReader * self)
{
  return self->offset;
}

gboolean
find_reader_is_torn (FindReader * self)
{
  return !self->past && (pcap_stream_is_torn (self->stream)
      || pcap_feed_is_torn (self->feed));
}

guint32
find_reader_get_last_link_type (FindReader * self)
{
  const GstCaptureInterface *iface = gst_pcap_decoder_get_last_interface
      (pcap_stream_get_decoder (self->stream));

  return iface != NULL ? iface->link_type : GST_CAPTURE_LINK_TYPE_ETHERNET;
}

/* Going through it. */

static const FindSpan *
get_span (FindReader * self)
{
  return &g_array_index (self->plan, FindSpan, self->at_span);
}

/* The next piece of the plan. FALSE: there is none. */
static gboolean
begin_span (FindReader * self)
{
  const FindSpan *before = get_span (self), *span;

  /* it goes on where it should have ended: what was said of the file is not true */
  if (!before->sure && pcap_stream_is_torn (self->stream)) {
    FindSpan rest = { self->offset, FIND_TO_THE_END, TRUE };

    g_array_set_size (self->plan, self->at_span + 1);
    g_array_append_val (self->plan, rest);
  }
  if (self->at_span + 1 == self->plan->len)
    return FALSE;
  self->at_span++;
  span = get_span (self);
  if (span->offset != self->offset) {
    pcap_feed_flush (self->feed);
    pcap_stream_jump (self->stream, span->offset);
    self->offset = span->offset;
  }
  return TRUE;
}

/* What would only be stepped over is not read, but for its last byte: that shows whether
 * the file has it. */
static void
step_over (FindReader * self)
{
  GstPcapDecoder *decoder = pcap_stream_get_decoder (self->stream);
  guint64 skipped = gst_pcap_decoder_get_step (decoder);

  if (skipped <= READ_SIZE || pcap_feed_is_compressed (self->feed)
      || skipped > get_span (self)->end - self->offset)
    return;
  gst_pcap_decoder_step (decoder, skipped - 1);
  self->offset += skipped - 1;
}

static gboolean
set_read_error (FindReader * self, GError ** error)
{
  g_set_error (error, GST_CAPTURE_ERROR, find_file_is_gone (self->file) ?
      GST_CAPTURE_ERROR_NOT_FOUND : GST_CAPTURE_ERROR_FAILED, "%s",
      find_file_get_error (self->file));
  return FALSE;
}

/* @ended: there is no more, for now. FALSE with an error. */
static gboolean
pull_piece (FindReader * self, gboolean * ended, GError ** error)
{
  GstBuffer *buffer = NULL;
  GstFlowReturn ret;
  guint64 left, before;

  *ended = FALSE;
  while (self->offset >= get_span (self)->end) {
    if (!begin_span (self)) {
      *ended = TRUE;
      return TRUE;
    }
  }
  step_over (self);
  left = get_span (self)->end - self->offset;
  before = self->file->n_read;
  ret = pcap_bytes_read (self->bytes, self->offset, MIN (left, READ_SIZE),
      &buffer, error);
  find_count_add (&self->context->counts->bytes_read,
      self->file->n_read - before);
  if (ret == GST_FLOW_OK) {
    /* a frame of compressed data can be larger than what was asked for */
    if (gst_buffer_get_size (buffer) > left)
      gst_buffer_set_size (buffer, left);
    self->offset += gst_buffer_get_size (buffer);
    pcap_feed_push (self->feed, buffer);
    return TRUE;
  }
  *ended = ret == GST_FLOW_EOS;
  if (*ended || *error != NULL)
    return *ended;
  return set_read_error (self, error);
}

static void
count_read (FindReader * self)
{
  if (self->n_read == 0)
    return;
  find_count_add (&self->context->counts->packets_read, self->n_read);
  self->n_read = 0;
}

/* All that has been read so far, up to an item. */
static void
decode (FindReader * self)
{
  GError **error = &self->failure;
  GstFlowReturn ret = pcap_stream_next (self->stream, error);

  while (ret == PCAP_STREAM_HUNGRY) {
    GstBuffer *buffer = pcap_feed_pop (self->feed, error);

    if (buffer == NULL || !pcap_stream_feed (self->stream, buffer, error))
      break;
    ret = pcap_stream_next (self->stream, error);
    count_read (self);
    if (g_atomic_int_get (&self->context->interrupted) || self->past)
      break;
  }
  count_read (self);
}

/* Of a file that was read as a whole, all is known now. */
static void
keep_bounds (FindReader * self)
{
  FindBounds *bounds = &self->file->bounds;

  if (self->plan->len > 1 || get_span (self)->end != FIND_TO_THE_END || self->past
      || self->context->follow
      || self->least == GST_CLOCK_TIME_NONE)
    return;
  bounds->least = self->least;
  bounds->greatest = self->greatest;
  bounds->exact = bounds->end_read = TRUE;
}

void
find_reader_finish (FindReader * self)
{
  pcap_feed_finish (self->feed);
  self->finished = TRUE;
}

FindReaderResult
find_reader_ready (FindReader * self, GError ** error)
{
  GError *reason = NULL;
  gboolean ended = FALSE;

  while (g_queue_is_empty (&self->items)) {
    if (g_atomic_int_get (&self->context->interrupted))
      return FIND_READER_INTERRUPTED;
    if (self->failure == NULL)
      decode (self);
    if (!g_queue_is_empty (&self->items))
      break;
    if (self->failure != NULL) {
      g_propagate_error (error, g_steal_pointer (&self->failure));
      return FIND_READER_FAILED;
    }
    if (self->finished || self->past) {
      keep_bounds (self);
      return FIND_READER_END;
    }
    if (!pull_piece (self, &ended, &reason)) {
      g_propagate_error (error, reason);
      return FIND_READER_FAILED;
    }
    if (ended && self->context->follow)
      return FIND_READER_WAITING;
    if (ended)
      find_reader_finish (self);
  }
  return FIND_READER_ITEM;
}

/* Items. */

static void
drop_item (FindReader * self)
{
  g_queue_pop_head (&self->items);
  g_array_remove_index (self->link_types, 0);
  self->at = 0;
}

GstEvent *
find_reader_pop_event (FindReader * self)
{
  gpointer item = g_queue_peek_head (&self->items);

  if (!GST_IS_EVENT (item))
    return NULL;
  drop_item (self);
  return item;
}

static GstBuffer *
peek (FindReader * self)
{
  return gst_buffer_list_get (g_queue_peek_head (&self->items), self->at);
}

GstClockTime
find_reader_get_time (FindReader * self)
{
  GstClockTime time = gst_buffer_get_packet_meta (peek (self))->capture_time;

  if (time != GST_CLOCK_TIME_NONE)
    self->time = time;
  return self->time;
}

guint32
find_reader_get_link_type (FindReader * self)
{
  return g_array_index (self->link_types, guint32, 0);
}

GstBuffer *
find_reader_pop (FindReader * self)
{
  GstBufferList *list = g_queue_peek_head (&self->items);
  GstBuffer *buffer = gst_buffer_ref (peek (self));

  if (++self->at == gst_buffer_list_length (list)) {
    drop_item (self);
    gst_buffer_list_unref (list);
  }
  return buffer;
}

gboolean
find_reader_has_packet (FindReader * self)
{
  gpointer item = g_queue_peek_head (&self->items);

  return item != NULL && !GST_IS_EVENT (item);
}

gboolean
find_reader_is_before (FindReader * self, GstClockTime time)
{
  GstBufferList *list = g_queue_peek_head (&self->items);
  guint n = gst_buffer_list_length (list);

  for (guint i = self->at; i < n; i++) {
    GstClockTime captured =
        gst_buffer_get_packet_meta (gst_buffer_list_get (list, i))->capture_time;

    if (captured != GST_CLOCK_TIME_NONE && captured >= time)
      return FALSE;
  }
  return TRUE;
}

GstBufferList *
find_reader_pop_list (FindReader * self)
{
  GstBufferList *list = g_queue_peek_head (&self->items);

  if (self->at > 0) {
    list = gst_buffer_list_make_writable (list);
    gst_buffer_list_remove (list, 0, self->at);
  }
  drop_item (self);
  return list;
}
