/* bench-pipeline: what a packet costs on its way through a pipeline.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads a mock ring that is handed over again and again, into several sinks. For
 * comparison there is a source as one would write it in an afternoon: a buffer
 * made and pushed for each packet. Sinks take turns over the rounds. */

#include "bench.h"
#include "bpfalone.h"
#include "flows.h"
#include "meter.h"
#include "tcpsource.h"
#include "tunnelfile.h"

#include <stdio.h>

#define MIB (1024 * 1024)

/* Of the ring, and of the naive source. */
#define BLOCK_SIZE MIB
#define BLOCK_COUNT 64
#define SLOT_HEADER 82          /* what the kernel puts before an Ethernet frame */

typedef struct
{
  const gchar *name;
  const gchar *line;            /* NULL: the naive source */
  const gchar *location;        /* NULL: writes nothing */
  guint flows;                  /* in the ring; 0: one, that the source makes */
  const gchar *tunnel;          /* that they are in, or NULL */
  gboolean tcp;                 /* the line is for a flowdemux of TCP */
  BpfAlone alone;               /* no pipeline at all */
} Sink;

#define EXPRESSION "udp port 5004"

/* An element "last" without a source pad ends the pipeline, a pad that counts
 * is put behind any other. */
static const Sink sinks[] = {
  {"counting pad", "name=last", NULL},
  {"fakesink", "! fakesink name=last", NULL},
  {"packetdepay ! counting pad", "! packetdepay name=last", NULL},
  {"packetfilter ! counting pad", "! packetfilter name=last "
        "filter=\"" EXPRESSION "\"", NULL, 1},
  {"packetfilter's BPF alone", NULL, NULL, 1, .alone = BPF_ALONE_OURS},
  {"packetfilter: libpcap's alone", NULL, NULL, 1, .alone = BPF_ALONE_LIBPCAP},
  {"flowdemux, 16 flows", "! flowdemux name=last", NULL, 16},
  {"flowdemux, 10000 flows", "! flowdemux name=last max-flows=20000", NULL,
      10000},
  {"packetdecap ! counting pad", "! packetdecap name=last", NULL},
  {"packetdecap, VXLAN", "! packetdecap name=last", NULL, 0, "vxlan"},
  {"packetdecap, GRE", "! packetdecap name=last", NULL, 0, "gre"},
  {"packetdecap, IP in IP", "! packetdecap name=last", NULL, 0, "ip"},
  {"packetdedup ! counting pad", "! packetdedup name=last", NULL},
  {"pcapsink, /dev/null", "! pcapsink name=last", "/dev/null"},
  {"pcapsink, disk", "! pcapsink name=last max-file-size=268435456 max-files=2",
      "bench-%d.pcapng"},
  {"flowdemux, TCP", "name=demux protocol=tcp", NULL,
      .tcp = TRUE},
  {"flowdemux, TCP in order", "name=demux protocol=tcp tcp-reassembly=true", NULL,
      .tcp = TRUE},
  {"naive source ! counting pad", NULL, NULL},
};

#define N_SINKS G_N_ELEMENTS (sinks)     /* the naive source is the last */

static gint option_packets = 1000000;
static gint option_rounds = 5;
static gchar *option_sizes = "60,512,1514";
static gchar *option_directory;
static gchar *option_only;

static gchar *directory;        /* for files, of our own */

static const GOptionEntry options[] = {
  {"packets", 0, 0, G_OPTION_ARG_INT, &option_packets,
      "Packets that are measured in each round (1000000)", "N"},
  {"rounds", 0, 0, G_OPTION_ARG_INT, &option_rounds, "Rounds (5)", "N"},
  {"sizes", 0, 0, G_OPTION_ARG_STRING, &option_sizes,
      "Bytes of a packet (60,512,1514)", "N,..."},
  {"directory", 0, 0, G_OPTION_ARG_FILENAME, &option_directory,
      "Where to write files, which are removed (the temporary one)", "NAME"},
  {"only", 0, 0, G_OPTION_ARG_STRING, &option_only,
      "Only sinks whose name begins so", "TEXT"},
  {NULL}
};

/* The naive source. */

typedef struct
{
  guint8 *data;
  guint packets;
  gint refs;
} NaiveBlock;

typedef struct
{
  NaiveBlock blocks[BLOCK_COUNT];
  guint size;
  GstPad *pad;
  gint stopping;                /* atomic */
} NaiveSource;

static guint
get_slot_size (guint size)
{
  return GST_ROUND_UP_16 (SLOT_HEADER + size);
}

static void
naive_block_fill (NaiveBlock * self, guint size)
{
  guint slot = get_slot_size (size);

  self->data = g_malloc0 (BLOCK_SIZE);
  self->packets = BLOCK_SIZE / slot;
  for (guint i = 0; i < self->packets; i++)
    GST_WRITE_UINT32_LE (self->data + i * slot, slot);
}

static void
naive_block_unref (gpointer data)
{
  g_atomic_int_add (&((NaiveBlock *) data)->refs, -1);
}

static void
naive_source_push_block (NaiveSource * self, NaiveBlock * block,
    GstClockTime time)
{
  guint8 *slot = block->data;

  for (guint i = 0; i < block->packets; i++) {
    GstBuffer *buffer;

    g_atomic_int_inc (&block->refs);
    buffer = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY,
        slot + SLOT_HEADER, self->size, 0, self->size, block,
        naive_block_unref);
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = time;
    gst_pad_push (self->pad, buffer);
    slot += GST_READ_UINT32_LE (slot);
  }
}

static gpointer
naive_source_run (gpointer data)
{
  NaiveSource *self = data;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("naive"));
  gst_pad_push_event (self->pad,
      gst_event_new_caps (gst_static_pad_template_get_caps
          (&(GstStaticPadTemplate) GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC,
                  GST_PAD_ALWAYS,
                  GST_STATIC_CAPS ("application/x-packet, link-type=1")))));
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));

  for (guint i = 0; !g_atomic_int_get (&self->stopping);
      i = (i + 1) % BLOCK_COUNT) {
    g_assert (g_atomic_int_get (&self->blocks[i].refs) == 0);
    naive_source_push_block (self, &self->blocks[i],
        gst_util_get_timestamp ());
  }
  return NULL;
}

static void
run_naive (BenchMeter * meter, guint size)
{
  NaiveSource source = {.size = size };
  GstPad *sink = bench_meter_pad_new (meter);
  GThread *thread;

  for (guint i = 0; i < BLOCK_COUNT; i++)
    naive_block_fill (&source.blocks[i], size);
  source.pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_active (source.pad, TRUE);
  gst_pad_link (source.pad, sink);
  thread = g_thread_new ("naive", naive_source_run, &source);

  bench_meter_wait (meter);
  g_atomic_int_set (&source.stopping, TRUE);
  g_thread_join (thread);
  gst_object_unref (source.pad);
  gst_object_unref (sink);
  for (guint i = 0; i < BLOCK_COUNT; i++)
    g_free (source.blocks[i].data);
}

/* The ring. */

static GstPad *
attach_meter (GstElement * pipeline, BenchMeter * meter,
    const gchar * location)
{
  g_autoptr (GstElement) last =
      gst_bin_get_by_name (GST_BIN (pipeline), "last");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (last, "src");
  GstPad *counting_pad;

  if (location != NULL) {
    g_autofree gchar *path = g_canonicalize_filename (location, directory);

    g_object_set (last, "location", path, NULL);
  }
  if (pad == NULL) {
    pad = gst_element_get_static_pad (last, "sink");
    bench_meter_probe (meter, pad);
    return NULL;
  }
  counting_pad = bench_meter_pad_new (meter);
  if (gst_pad_link (pad, counting_pad) != GST_PAD_LINK_OK)
    bench_fail ("The counting pad cannot be linked");
  return counting_pad;
}

/* Each flow is on a pad of its own, and all come in the thread of the source. */
static void
flow_comes (GstElement * element, GstPad * pad, gpointer meter)
{
  GstPad *counting_pad = bench_meter_pad_new (meter);

  gst_pad_link (pad, counting_pad);
  g_object_set_data_full (G_OBJECT (pad), "meter", counting_pad,
      gst_object_unref);
}

/* What the source has: packets that it makes, or a file of ours. */
static gchar *
make_packets (const Sink * sink, guint size)
{
  g_autofree gchar *file = NULL;

  if (sink->tunnel != NULL)
    file = tunnel_file_write (directory, sink->tunnel, size);
  else if (sink->flows > 0)
    file = flows_write (directory, sink->flows, size);
  else
    return g_strdup_printf ("packet-size=%u", size);
  return g_strdup_printf ("location=\"%s\"%s", file,
      sink->flows > 0 ? " loop=-1" : "");
}

static void
run_pipeline (BenchMeter * meter, const Sink * sink, guint size)
{
  g_autofree gchar *packets = make_packets (sink, size);
  GstElement *pipeline = bench_parse_launch ("afringmocksrc drain=false %s "
      "block-size=%u block-count=%u %s", packets, BLOCK_SIZE, BLOCK_COUNT,
      sink->line);
  g_autoptr (GstElement) last =
      gst_bin_get_by_name (GST_BIN (pipeline), "last");
  GstPad *counting_pad = NULL;

  if (g_str_has_prefix (sink->name, "flowdemux"))
    g_signal_connect (last, "pad-added", G_CALLBACK (flow_comes), meter);
  else
    counting_pad = attach_meter (pipeline, meter, sink->location);
  bench_play (pipeline);
  bench_meter_wait (meter);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  gst_clear_object (&counting_pad);
}

static void
run_alone (BenchMeter * meter, const Sink * sink, guint size)
{
  g_autofree gchar *file = flows_write (directory, sink->flows, size);

  bpf_alone_run (meter, sink->alone, file, EXPRESSION);
}

/* Of what it costs to write, a gigabyte tells enough. */
static guint64
get_packets (const Sink * sink, guint size)
{
  guint64 most = G_MAXUINT64;

  if (sink->location != NULL)
    most = 1024 * MIB / size;
  return MIN ((guint64) option_packets, most);
}

static void
run (const Sink * sink, guint size, gboolean count_allocations,
    BenchCost * cost)
{
  /* the ring once and a half, so that all of it has been touched */
  guint64 warm_up = BLOCK_SIZE / get_slot_size (size) * BLOCK_COUNT * 3 / 2;
  BenchMeter meter;

  bench_meter_init (&meter, cost, warm_up, get_packets (sink, size),
      count_allocations);
  if (sink->alone != BPF_ALONE_NONE)
    run_alone (&meter, sink, size);
  else if (sink->line == NULL)
    run_naive (&meter, size);
  else if (sink->tcp)
    tcp_source_run (&meter, sink->line, size);
  else
    run_pipeline (&meter, sink, size);
  bench_meter_clear (&meter);
}

/* Pads, from which on GStreamer takes so long to add them that it has to be asked for. */
#define MANY 10000

static gboolean
is_wanted (const Sink * sink)
{
  if (sink->flows >= MANY && option_only == NULL)
    return FALSE;
  return option_only == NULL || g_str_has_prefix (sink->name, option_only);
}

static void
print_table (guint size, const BenchCost * costs)
{
  gdouble naive = bench_cost_get_cpu (&costs[N_SINKS - 1]);

  printf ("\n%-28s %s %9s %9s %7s\n", "", BENCH_COST_NAMES, "million/s",
      "alloc.", "CPU to");
  printf ("%4u%-24s %s %9s %9s %7s\n", size, " bytes, into", BENCH_COST_UNITS,
      "packets", "a packet", "naive");
  for (guint i = 0; i < N_SINKS; i++) {
    gdouble wall = bench_get_spread (costs[i].wall).median;

    if (!is_wanted (&sinks[i]))
      continue;
    printf ("%-28s ", sinks[i].name);
    bench_cost_print (&costs[i]);
    printf (" %9.2f %9.3f %7.2f\n", 1000 / wall, costs[i].allocations,
        bench_cost_get_cpu (&costs[i]) / naive);
  }
}

static void
measure_size (guint size)
{
  BenchCost costs[N_SINKS];

  for (guint i = 0; i < N_SINKS; i++)
    bench_cost_init (&costs[i]);
  for (gint round = -1; round < option_rounds; round++) {
    for (guint i = 0; i < N_SINKS; i++) {
      if (is_wanted (&sinks[i]))
        run (&sinks[i], size, round < 0, &costs[i]);
    }
  }
  print_table (size, costs);
  for (guint i = 0; i < N_SINKS; i++)
    bench_cost_clear (&costs[i]);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *filesystem = NULL;
  g_autoptr (GArray) sizes = NULL;

  bench_init (&argc, &argv, options,
      "Measures what a packet costs on its way through a pipeline.");
  sizes = bench_parse_numbers (option_sizes);
  directory = bench_make_directory (option_directory);
  filesystem = bench_get_filesystem (directory);
  bench_print_machine ();
  printf ("%d packets in each of %d rounds; ring of %d blocks of %d MiB; files "
      "on %s\n", option_packets, option_rounds, BLOCK_COUNT, BLOCK_SIZE / MIB,
      filesystem);
  for (guint i = 0; i < sizes->len; i++)
    measure_size (g_array_index (sizes, guint, i));
  return 0;
}
