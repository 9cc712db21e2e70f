/* gst-afring tests: a file read piece by piece
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "indexkit.h"

#include <gst/afring/pcap/gstpcapdecoder.h>
#include <gst/check/gstcheck.h>
#include <string.h>

/* Reading. */

typedef struct
{
  guint64 packets;
  guint64 sum;                  /* of their bytes and times */
  gboolean whole;               /* it ended where it was to */
} Seen;

static void
see (Seen * seen, const GstPcapPacket * packet)
{
  seen->packets++;
  for (guint i = 0; i < packet->captured_length; i++)
    seen->sum = seen->sum * 31 + packet->data[i];
  seen->sum = seen->sum * 31 + packet->time + packet->link_type;
}

static void
read_on (GstPcapDecoder * decoder, const guint8 * data, gsize length,
    Seen * seen)
{
  GstPcapDecoderResult result;
  GstPcapPacket packet;
  gsize at = 0, used;

  for (;;) {
    g_autoptr (GError) error = NULL;

    result = gst_pcap_decoder_next (decoder, data + at, length - at, &used,
        &packet, &error);
    if (result == GST_PCAP_DECODER_MORE || result == GST_PCAP_DECODER_ERROR)
      break;
    if (result == GST_PCAP_DECODER_PACKET)
      see (seen, &packet);
    at += used;
  }
  seen->whole = at == length;
}

static void
read_all (const GByteArray * file, Seen * seen)
{
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();

  memset (seen, 0, sizeof (*seen));
  read_on (decoder, file->data, file->len, seen);
  gst_pcap_decoder_free (decoder);
}

/* Each range by itself, as somebody does who reads only some: with what has to be read
 * before it. */
static void
read_range (GstPcapIndex * index, const GByteArray * file,
    const GstPcapIndexRange * range, Seen * seen)
{
  g_autoptr (GArray) prelude = gst_pcap_index_get_prelude (index, range);
  GstPcapDecoder *decoder = gst_pcap_decoder_new ();

  fail_unless (range->offset + range->length <= file->len);
  for (guint i = 0; i < prelude->len; i++) {
    const GstPcapIndexSpan *span = &g_array_index (prelude, GstPcapIndexSpan, i);

    fail_unless (span->offset + span->length <= file->len);
    read_on (decoder, file->data + span->offset, span->length, seen);
    fail_unless (seen->whole);
  }
  read_on (decoder, file->data + range->offset, range->length, seen);
  gst_pcap_decoder_free (decoder);
}

/* All ranges, one by one, are all packets of the file. Where a block is broken whoever
 * reads it from its beginning gets no farther. */
GstPcapIndex *
kit_check_file (const GByteArray * file)
{
  GstPcapIndex *index = kit_open ((GByteArray *) file);
  guint n = gst_pcap_index_get_n_ranges (index);
  Seen all, pieces = { 0, };

  read_all (file, &all);
  for (guint i = 0; i < n; i++) {
    GstPcapIndexRange range;
    guint64 before = pieces.packets;

    fail_unless (gst_pcap_index_get_range (index, i, &range));
    read_range (index, file, &range, &pieces);
    if (range.indexed) {
      fail_unless (pieces.whole);
      fail_unless_equals_uint64 (pieces.packets - before, range.packets);
    }
  }
  fail_unless (pieces.packets >= all.packets);
  if (all.whole || n == 1) {
    fail_unless_equals_uint64 (pieces.packets, all.packets);
    fail_unless_equals_uint64 (pieces.sum, all.sum);
  }
  return index;
}

guint64
kit_get_unindexed (GstPcapIndex * index)
{
  guint64 bytes = 0;
  GstPcapIndexRange range;

  for (guint i = 0; gst_pcap_index_get_range (index, i, &range); i++)
    bytes += range.indexed ? 0 : range.length;
  return bytes;
}
