/* A source of TCP that never ends, for bench-pipeline.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "tcpsource.h"
#include "bench.h"

#include <string.h>

#define HEADERS (14 + 20 + 20)
#define SEQUENCE (14 + 20 + 4)
#define N_PACKETS 256

typedef struct
{
  guint8 *data;
  guint size;
  guint32 sequence;
  guint refs;                   /* segments that are somewhere */
  GstPad *pad;
  gint stopping;                /* atomic */
} TcpSource;

static void
fill (TcpSource * self)
{
  static const guint8 headers[HEADERS] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
    0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
    0, 80, 0x9c, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 0x50, 0x10, 16, 0, 0, 0, 0, 0
  };

  self->data = g_malloc0 (N_PACKETS * self->size);
  for (guint i = 0; i < N_PACKETS; i++) {
    memcpy (self->data + i * self->size, headers, HEADERS);
    GST_WRITE_UINT16_BE (self->data + i * self->size + 16, self->size - 14);
  }
}

static void
unref_segment (gpointer data)
{
  ((TcpSource *) data)->refs--;
}

/* All of them come back with the push, so that they can be written again. */
static void
push_list (TcpSource * self)
{
  GstBufferList *list = gst_buffer_list_new_sized (N_PACKETS);
  GstClockTime time = gst_util_get_timestamp ();

  g_assert (self->refs == 0);
  for (guint i = 0; i < N_PACKETS; i++) {
    guint8 *packet = self->data + i * self->size;
    GstBuffer *buffer;

    GST_WRITE_UINT32_BE (packet + SEQUENCE, self->sequence);
    self->sequence += self->size - HEADERS;
    self->refs++;
    buffer = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY, packet,
        self->size, 0, self->size, self, unref_segment);
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = time;
    gst_buffer_list_add (list, buffer);
  }
  gst_pad_push_list (self->pad, list);
}

static gpointer
run (gpointer data)
{
  TcpSource *self = data;
  GstSegment segment;
  GstCaps *caps = gst_caps_from_string ("application/x-packet, link-type=1");

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("tcp"));
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
  while (!g_atomic_int_get (&self->stopping))
    push_list (self);
  return NULL;
}

static void
link_pad (GstElement * element, GstPad * pad, gpointer counting_pad)
{
  if (gst_pad_link (pad, counting_pad) != GST_PAD_LINK_OK)
    bench_fail ("The counting pad cannot be linked");
}

void
tcp_source_run (BenchMeter * meter, const gchar * properties, guint size)
{
  TcpSource source = {.size = MAX (size, HEADERS + 6) };
  GstElement *demux = bench_parse_launch ("flowdemux %s", properties);
  GstElement *element = gst_bin_get_by_name (GST_BIN (demux), "demux");
  GstPad *counting_pad = bench_meter_pad_new (meter);
  GstPad *sink_pad = gst_element_get_static_pad (element, "sink");
  GThread *thread;

  fill (&source);
  g_signal_connect (element, "pad-added", G_CALLBACK (link_pad), counting_pad);
  source.pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_active (source.pad, TRUE);
  gst_pad_link_full (source.pad, sink_pad, GST_PAD_LINK_CHECK_NOTHING);
  gst_element_set_state (demux, GST_STATE_PLAYING);
  thread = g_thread_new ("tcp", run, &source);

  bench_meter_wait (meter);
  g_atomic_int_set (&source.stopping, TRUE);
  g_thread_join (thread);
  gst_element_set_state (demux, GST_STATE_NULL);
  gst_object_unref (source.pad);
  gst_object_unref (sink_pad);
  gst_object_unref (element);
  gst_object_unref (demux);
  gst_object_unref (counting_pad);
  g_free (source.data);
}
