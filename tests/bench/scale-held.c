/* What a packet costs as more and more buffers are kept downstream.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scale.h"
#include "bench.h"
#include "meter.h"

#include <stdio.h>

#define PACKET_SIZE 60
#define RING_PACKETS 500000     /* more than there are in the ring */

static const guint counts[] = { 0, 1000, 100000, 1000000 };

#define N_COUNTS G_N_ELEMENTS (counts)

/* Whether the first buffers are kept, as somebody does who never lets go, or the
 * newest, as a queue does. */
static const gchar *names[] = { "the first", "the newest" };

#define N_WAYS G_N_ELEMENTS (names)

typedef struct
{
  GstBuffer **buffers;
  guint size;
  guint at;
  gboolean newest;
} Holder;

typedef struct
{
  BenchCost cost;
  guint64 evicted_blocks;
  guint64 evicted_bytes;
} Result;

static void
hold (Holder * self, GstBuffer * buffer)
{
  if (self->at == self->size) {
    if (!self->newest)
      return;
    self->at = 0;
  }
  if (self->buffers[self->at] != NULL)
    gst_buffer_unref (self->buffers[self->at]);
  self->buffers[self->at++] = gst_buffer_ref (buffer);
}

static GstPadProbeReturn
list_passes (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  guint n = gst_buffer_list_length (list);

  for (guint i = 0; i < n; i++)
    hold (user_data, gst_buffer_list_get (list, i));
  return GST_PAD_PROBE_OK;
}

static void
get_evicted (GstElement * source, Result * result)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (source, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "evicted-blocks", &result->evicted_blocks);
  gst_structure_get_uint64 (stats, "evicted-bytes", &result->evicted_bytes);
}

/* Runs until as many are held as is wanted, and the ring has come around since. */
static void
measure (Holder * holder, guint64 packets, gboolean count_allocations,
    Result * result)
{
  GstElement *pipeline = bench_parse_launch ("afringmocksrc name=source "
      "drain=false packet-size=%u", PACKET_SIZE);
  g_autoptr (GstElement) source =
      gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");
  BenchMeter meter;
  GstPad *end;

  bench_meter_init (&meter, &result->cost, holder->size + RING_PACKETS, packets,
      count_allocations);
  end = bench_meter_pad_new (&meter);
  gst_pad_link (pad, end);
  if (holder->size > 0)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, list_passes, holder,
        NULL);
  bench_play (pipeline);
  bench_meter_wait (&meter);
  get_evicted (source, result);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  gst_object_unref (end);
  bench_meter_clear (&meter);
}

static void
run (guint count, gboolean newest, guint64 packets, gboolean count_allocations,
    Result * result)
{
  Holder holder = {.size = count,.newest = newest };

  holder.buffers = g_new0 (GstBuffer *, MAX (count, 1));
  measure (&holder, packets, count_allocations, result);
  for (guint i = 0; i < count; i++)
    gst_clear_buffer (&holder.buffers[i]);
  g_free (holder.buffers);
}

static void
print_table (Result results[N_WAYS][N_COUNTS])
{
  printf ("%-11s %8s %s %9s %8s %8s %7s\n", "", "held", BENCH_COST_NAMES,
      "alloc.", "evicted", "MiB", "CPU to");
  printf ("%-11s %8s %s %9s %8s %8s %7s\n", "", "buffers", BENCH_COST_UNITS,
      "a packet", "blocks", "evicted", "0 held");
  for (guint i = 0; i < N_WAYS * N_COUNTS; i++) {
    const Result *result = &results[i / N_COUNTS][i % N_COUNTS];
    gdouble none = bench_cost_get_cpu (&results[i / N_COUNTS][0].cost);

    printf ("%-11s %8u ", names[i / N_COUNTS], counts[i % N_COUNTS]);
    bench_cost_print (&result->cost);
    printf (" %9.3f %8" G_GUINT64_FORMAT " %8.1f %7.2f\n",
        result->cost.allocations, result->evicted_blocks,
        result->evicted_bytes / 1048576.0,
        bench_cost_get_cpu (&result->cost) / none);
  }
}

void
scale_held (guint rounds, guint64 packets)
{
  Result results[N_WAYS][N_COUNTS] = { 0, };

  printf ("\nHeld buffers: %" G_GUINT64_FORMAT " packets of %d bytes from the "
      "mock ring\n", packets, PACKET_SIZE);
  for (guint i = 0; i < N_WAYS * N_COUNTS; i++)
    bench_cost_init (&results[i / N_COUNTS][i % N_COUNTS].cost);
  for (gint round = -1; round < (gint) rounds; round++) {
    for (guint i = 0; i < N_WAYS * N_COUNTS; i++)
      run (counts[i % N_COUNTS], i / N_COUNTS == 1, packets, round < 0,
          &results[i / N_COUNTS][i % N_COUNTS]);
  }
  print_table (results);
  for (guint i = 0; i < N_WAYS * N_COUNTS; i++)
    bench_cost_clear (&results[i / N_COUNTS][i % N_COUNTS].cost);
}
