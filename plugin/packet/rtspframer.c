/* gst-afring: RTP that is interleaved with RTSP
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "rtspframer.h"

#include <gst/afring/packet/gstpacketmeta.h>
#include <gst/base/gstadapter.h>
#include <string.h>

#define HEADER 4

/* A report without anything in it is not shorter. */
#define SHORTEST_PACKET 8

/* Bytes for which it waits after it has waited in vain. */
#define PATIENCE 4096

/* The headers of a message, and what they announce. */
#define LONGEST_HEADERS 65536
#define LONGEST_BODY (16 * 1024 * 1024)

struct _RtspFramer
{
  RtspFramerFunc func;
  gpointer user_data;
  GstAdapter *adapter;
  gboolean synced;              /* what is first in it begins something */
  guint64 skip;                 /* bytes that belong to what has been seen */
  gsize wanted;                 /* so many are needed to go on */
  gsize scanned;                /* in these no headers end */
  guint holes;
  RtspFramerStats stats;
};

typedef enum
{
  FOUND_NO,
  FOUND_YES,
  FOUND_PERHAPS                 /* more bytes will tell */
} Found;

RtspFramer *
rtsp_framer_new (RtspFramerFunc func, gpointer user_data)
{
  RtspFramer *self = g_new0 (RtspFramer, 1);

  self->func = func;
  self->user_data = user_data;
  self->adapter = gst_adapter_new ();
  return self;
}

void
rtsp_framer_free (RtspFramer * self)
{
  g_object_unref (self->adapter);
  g_free (self);
}

void
rtsp_framer_clear (RtspFramer * self)
{
  gst_adapter_clear (self->adapter);
  self->synced = FALSE;
  self->skip = 0;
  self->wanted = self->scanned = 0;
}

guint
rtsp_framer_count_holes (const RtspFramer * self)
{
  return self->holes;
}

const RtspFramerStats *
rtsp_framer_get_stats (const RtspFramer * self)
{
  return &self->stats;
}

static void
flush (RtspFramer * self, gsize n)
{
  gst_adapter_flush (self->adapter, n);
  self->wanted = self->scanned = 0;
}

static void
lose_sync (RtspFramer * self)
{
  if (self->synced)
    self->stats.resyncs++;
  self->synced = FALSE;
}

/* What things look like. */

/* Whether a message begins here: a response, or a request by its method. */
static Found
look_for_message (const guint8 * data, gsize size)
{
  static const gchar *const starts[] = { "RTSP/", "OPTIONS ", "DESCRIBE ",
    "ANNOUNCE ", "SETUP ", "PLAY ", "PLAY_NOTIFY ", "PAUSE ", "RECORD ",
    "REDIRECT ", "TEARDOWN ", "GET_PARAMETER ", "SET_PARAMETER "
  };

  if (!g_ascii_isupper (data[0]))
    return FOUND_NO;
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++) {
    gsize length = strlen (starts[i]);

    if (memcmp (data, starts[i], MIN (length, size)) == 0)
      return size >= length ? FOUND_YES : FOUND_PERHAPS;
  }
  return FOUND_NO;
}

/* The same of a packet, of which not all need be there. */
static Found
look_for_start (const guint8 * data, gsize size)
{
  if (data[0] != '$')
    return FOUND_NO;
  if (size >= HEADER && GST_READ_UINT16_BE (data + 2) < SHORTEST_PACKET)
    return FOUND_NO;
  if (size > HEADER)
    return data[HEADER] >> 6 == 2 ? FOUND_YES : FOUND_NO;
  return FOUND_PERHAPS;
}

/* Whether there is a packet with something behind it. So many bytes are @wanted to say
 * that. */
static Found
look_for_packet (const guint8 * data, gsize size, gboolean at_end,
    gsize * wanted)
{
  Found found = look_for_start (data, size);
  gsize end;

  *wanted = HEADER + 1;
  if (found != FOUND_YES)
    return at_end ? FOUND_NO : found;
  end = HEADER + GST_READ_UINT16_BE (data + 2);
  *wanted = end + HEADER + 1;
  if (at_end && size == end)
    return FOUND_YES;
  if (size <= end)
    return at_end ? FOUND_NO : FOUND_PERHAPS;
  found = look_for_start (data + end, size - end);
  if (found == FOUND_NO) {
    found = look_for_message (data + end, size - end);
    *wanted = end + 16;
  }
  return found == FOUND_PERHAPS && at_end ? FOUND_NO : found;
}

/* Going on. */

/* Steps over what makes no sense. FALSE: more bytes are needed. */
static gboolean
search (RtspFramer * self, gsize size, gboolean at_end)
{
  const guint8 *data;
  gboolean waited = self->wanted > 0;
  Found found = FOUND_NO;
  gsize at = 0, wanted = 0;

  if (size < self->wanted && !at_end)
    return FALSE;
  data = gst_adapter_map (self->adapter, size);
  for (; at < size; at++) {
    found = data[at] == '$' ?
        look_for_packet (data + at, size - at, at_end, &wanted) :
        look_for_message (data + at, size - at);
    if (found != FOUND_NO)
      break;
  }
  if (found == FOUND_PERHAPS && data[at] != '$')
    wanted = size - at + 1;
  /* who makes it wait in vain makes it look at few bytes again and again */
  if (waited && at > 0)
    wanted = MAX (wanted, size - at + PATIENCE);
  gst_adapter_unmap (self->adapter);
  if (at > 0)
    flush (self, at);
  self->stats.skipped += at;
  self->synced = found == FOUND_YES;
  self->wanted = found == FOUND_PERHAPS ? wanted : 0;
  return self->synced;
}

/* Of several buffers GStreamer gives it the metas of all, one over the other. */
static void
keep_first_meta (RtspFramer * self, GstBuffer * packet)
{
  GstBuffer *first = gst_adapter_get_buffer_fast (self->adapter, 1);
  const GstPacketMeta *before = gst_buffer_get_packet_meta (first);
  GstPacketMeta *meta;

  while ((meta = gst_buffer_get_packet_meta (packet)) != NULL)
    gst_buffer_remove_meta (packet, (GstMeta *) meta);
  if (before != NULL) {
    meta = gst_buffer_add_packet_meta (packet);
    meta->capture_time = before->capture_time;
    meta->interface_id = before->interface_id;
    meta->packet_type = before->packet_type;
    meta->flags = before->flags;
  }
  gst_buffer_unref (first);
}

static gboolean
take_packet (RtspFramer * self, gsize size)
{
  GstClockTime pts = gst_adapter_prev_pts (self->adapter, NULL);
  GstBuffer *packet;
  guint8 header[HEADER];
  gsize length;

  if (size < HEADER)
    return FALSE;
  gst_adapter_copy (self->adapter, header, 0, HEADER);
  length = GST_READ_UINT16_BE (header + 2);
  if (size < HEADER + length)
    return FALSE;
  flush (self, HEADER);
  if (length == 0)
    return TRUE;
  packet = gst_adapter_get_buffer_fast (self->adapter, length);
  if (gst_adapter_available_fast (self->adapter) < length)
    keep_first_meta (self, packet);
  flush (self, length);
  GST_BUFFER_PTS (packet) = GST_BUFFER_DTS (packet) = pts;
  GST_BUFFER_OFFSET (packet) = GST_BUFFER_OFFSET_END (packet) =
      GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_FLAG_UNSET (packet, GST_BUFFER_FLAG_DISCONT);
  self->stats.packets++;
  self->func (header[1], packet, self->user_data);
  return TRUE;
}

/* What is behind the headers: G_MAXUINT64 if that cannot be. */
static guint64
get_body_length (const gchar * headers, gsize size)
{
  static const gchar name[] = "content-length:";
  g_autofree gchar *text = g_strndup (headers, size);
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  guint64 length = 0;

  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_ascii_strncasecmp (lines[i], name, strlen (name)) == 0
        && !g_ascii_string_to_unsigned (g_strstrip (lines[i] + strlen (name)),
            10, 0, LONGEST_BODY, &length, NULL))
      return G_MAXUINT64;
  }
  return length;
}

static gboolean
take_message (RtspFramer * self, gsize size)
{
  gssize end = size < 4 ? -1 : gst_adapter_masked_scan_uint32 (self->adapter,
      0xffffffff, 0x0d0a0d0a, self->scanned, size - self->scanned);
  guint64 body;

  if (end < 0) {
    self->scanned = size < 4 ? 0 : size - 3;
    if (size <= LONGEST_HEADERS)
      return FALSE;
    /* all of it, or who repeats the start of a message has it scanned each time */
    lose_sync (self);
    flush (self, size);
    self->stats.skipped += size;
    return TRUE;
  }
  body = get_body_length (gst_adapter_map (self->adapter, end), end);
  gst_adapter_unmap (self->adapter);
  flush (self, end + 4);
  self->stats.messages++;
  if (body == G_MAXUINT64)
    lose_sync (self);
  else
    self->skip = body;
  return TRUE;
}

/* What begins where it is known that something does. FALSE: more bytes are needed. */
static gboolean
take_next (RtspFramer * self, gsize size)
{
  guint8 start[16];

  gst_adapter_copy (self->adapter, start, 0, MIN (size, sizeof (start)));
  if (start[0] == '$')
    return take_packet (self, size);
  if (start[0] == '\r' || start[0] == '\n') {
    flush (self, 1);
    return TRUE;
  }
  switch (look_for_message (start, MIN (size, sizeof (start)))) {
    case FOUND_YES:
      return take_message (self, size);
    case FOUND_PERHAPS:
      return FALSE;
    default:
      lose_sync (self);
      return TRUE;
  }
}

static void
go_on (RtspFramer * self, gboolean at_end)
{
  gboolean more = TRUE;
  gsize size;

  while (more && (size = gst_adapter_available (self->adapter)) > 0) {
    if (self->skip > 0) {
      gsize n = MIN (self->skip, size);

      flush (self, n);
      self->skip -= n;
    } else if (self->synced) {
      more = take_next (self, size);
    } else {
      more = search (self, size, at_end);
    }
  }
}

void
rtsp_framer_take (RtspFramer * self, GstBuffer * bytes)
{
  gst_adapter_push (self->adapter, bytes);
  go_on (self, FALSE);
}

/* Throws away what waits. Returns how many bytes there are still to come of it, as far as
 * that is known. */
static guint64
drop (RtspFramer * self)
{
  gsize size = gst_adapter_available (self->adapter);
  guint64 rest = self->skip;
  guint8 header[HEADER];

  if (self->synced && rest == 0 && size >= HEADER) {
    gst_adapter_copy (self->adapter, header, 0, HEADER);
    if (header[0] == '$') {
      rest = HEADER + GST_READ_UINT16_BE (header + 2) - size;
      self->stats.cut++;
    }
  }
  if (rest == 0)
    self->stats.skipped += size;
  gst_adapter_clear (self->adapter);
  self->skip = 0;
  self->wanted = self->scanned = 0;
  return rest;
}

void
rtsp_framer_note_hole (RtspFramer * self, guint64 missing)
{
  guint64 rest = drop (self);

  self->holes++;
  if (self->synced && missing > 0 && missing <= rest)
    self->skip = rest - missing;
  else
    lose_sync (self);
}

void
rtsp_framer_finish (RtspFramer * self)
{
  go_on (self, TRUE);
  drop (self);
  rtsp_framer_clear (self);
}
