/* Segments of TCP, put together: each byte says its place, so what comes out is in order,
 * each byte once, and holes are as large as they are said to be.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz.h"

#include <gst/afring/packet/gsttcpstream.h>

/* What is kept of one segment beside its bytes is less. */
#define OVERHEAD 4096

typedef struct
{
  gboolean begun;
  guint64 end;                  /* offset */
  guint8 next;                  /* byte that is to come */
  GstClockTime time;
  guint64 bytes;
} Reader;

static void
take_piece (GstBuffer * piece, gpointer user_data)
{
  gboolean discont = GST_BUFFER_FLAG_IS_SET (piece, GST_BUFFER_FLAG_DISCONT);
  guint64 at = GST_BUFFER_OFFSET (piece);
  Reader *reader = user_data;
  GstMapInfo map;

  fuzz_check (gst_buffer_map (piece, &map, GST_MAP_READ));
  fuzz_check (map.size > 0);
  fuzz_check (GST_BUFFER_OFFSET_END (piece) == at + map.size);
  fuzz_check (at >= reader->end);
  fuzz_check (discont || at == reader->end);
  fuzz_check (GST_BUFFER_PTS (piece) >= reader->time);
  /* where nobody knows how much is missing, any byte can be the next */
  if (reader->begun && (!discont || at > reader->end))
    fuzz_check (map.data[0] == (guint8) (reader->next + (at - reader->end)));
  for (gsize i = 1; i < map.size; i++)
    fuzz_check (map.data[i] == (guint8) (map.data[0] + i));
  reader->begun = TRUE;
  reader->end = at + map.size;
  reader->next = map.data[map.size - 1] + 1;
  reader->time = GST_BUFFER_PTS (piece);
  reader->bytes += map.size;
  gst_buffer_unmap (piece, &map);
  gst_buffer_unref (piece);
}

static GstBuffer *
make_data (const GstTcpSegment * segment)
{
  guint8 *bytes = g_malloc (segment->captured);
  GstBuffer *data;

  for (gsize i = 0; i < segment->captured; i++)
    bytes[i] = segment->sequence + i;
  data = gst_buffer_new_wrapped (bytes, segment->captured);
  GST_BUFFER_PTS (data) = segment->time;
  return data;
}

/* Two bytes of a place near to the last one, seldom far from it. */
static guint32
take_sequence (FuzzInput * input, guint32 last)
{
  guint high = fuzz_take_byte (input), low = fuzz_take_byte (input);

  if (high == 255)
    return last + (low << 24) + (low << 3);
  if (high == 254)
    return last + (low << 18);
  return last + (gint8) high * 4 + low % 4;
}

static guint
take_segment (GstTcpStream * stream, FuzzInput * input, guint32 last, guint n)
{
  GstTcpSegment segment = {.sequence = take_sequence (input, last),.time = n };
  guint kind = fuzz_take_byte (input);

  segment.length = fuzz_take_byte (input) % 64;
  segment.captured = segment.length;
  if (kind % 8 == 7)
    segment.captured -= segment.captured / 3;
  if (kind % 32 == 31)
    segment.flags |= GST_TCP_FIN;
  if (kind % 16 == 14)
    gst_tcp_stream_acknowledge (stream, segment.sequence);
  else if (kind == 64)
    gst_tcp_stream_unshare (stream);
  else if (kind == 65)
    gst_tcp_stream_skip (stream);
  else
    gst_tcp_stream_take (stream, &segment,
        segment.captured > 0 ? make_data (&segment) : NULL);
  return segment.sequence + segment.length;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  FuzzInput input = { data, size };
  Reader reader = { 0, };
  const GstTcpStreamStats *stats;
  GstTcpStream *stream;
  guint32 last;
  guint n = 0;

  fuzz_init ();
  stream = gst_tcp_stream_new (take_piece, &reader);
  last = (guint32) fuzz_take_byte (&input) << 24;
  while (input.size > 0) {
    guint32 next = take_segment (stream, &input, last, n++);

    if ((gint32) (next - last) > 0)
      last = next;
    fuzz_check (gst_tcp_stream_get_held (stream) <= (gsize) n * 64 * OVERHEAD);
  }
  gst_tcp_stream_finish (stream);
  fuzz_check (gst_tcp_stream_get_held (stream) == 0);
  stats = gst_tcp_stream_get_stats (stream);
  fuzz_check (stats->bytes == reader.bytes);
  fuzz_check (gst_tcp_stream_get_offset (stream) >= reader.end);
  gst_tcp_stream_free (stream);
  return 0;
}
