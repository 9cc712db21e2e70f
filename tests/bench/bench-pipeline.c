/* bench-pipeline: what a packet costs on its way through a pipeline.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reads a mock ring that is handed over again and again, into several sinks. For
 * comparison there is a source as one would write it in an afternoon: a buffer
 * made and pushed for each packet. Sinks take turns over the rounds. */

#include "bench.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define MIB (1024 * 1024)
#define DISK_FILE_SIZE (256 * MIB)      /* two are kept */

/* Of the ring, and of the naive source. */
#define BLOCK_SIZE MIB
#define BLOCK_COUNT 64
#define SLOT_HEADER 82          /* what the kernel puts before an Ethernet frame */

typedef struct
{
  const gchar *name;
  const gchar *line;            /* NULL: the naive source */
  gboolean writes;
} Sink;

/* An element "last" without a source pad ends the pipeline, a pad that counts
 * is put behind any other. */
static const Sink sinks[] = {
  {"counting pad", "name=last", FALSE},
  {"fakesink", "! fakesink name=last", FALSE},
  {"packetdepay ! counting pad", "! packetdepay name=last", FALSE},
  {"pcapsink, /dev/null", "! pcapsink name=last location=/dev/null", TRUE},
  {"pcapsink, disk", "! pcapsink name=last max-files=2 max-file-size="
        G_STRINGIFY (DISK_FILE_SIZE) " location=bench-pipeline-%d.pcapng", TRUE},
  {"naive source ! counting pad", NULL, FALSE},
};

#define NAIVE (G_N_ELEMENTS (sinks) - 1)

typedef struct
{
  GArray *wall;
  GArray *cpu;
  gdouble allocations;
} Result;

static gint option_packets = 1000000;
static gint option_rounds = 5;
static gchar *option_sizes = "60,512,1514";
static gchar *option_directory;
static gchar *option_only;

static const GOptionEntry options[] = {
  {"packets", 0, 0, G_OPTION_ARG_INT, &option_packets,
      "Packets that are measured in each round (1000000)", "N"},
  {"rounds", 0, 0, G_OPTION_ARG_INT, &option_rounds, "Rounds (5)", "N"},
  {"sizes", 0, 0, G_OPTION_ARG_STRING, &option_sizes,
      "Bytes of a packet (60,512,1514)", "N,..."},
  {"directory", 0, 0, G_OPTION_ARG_FILENAME, &option_directory,
      "Where to write files, which are removed (the temporary one)", "NAME"},
  {"only", 0, 0, G_OPTION_ARG_STRING, &option_only,
      "Only sinks whose name has this in it", "TEXT"},
  {NULL}
};

/* The counting pad. */

static GstFlowReturn
count_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  bench_meter_count (gst_pad_get_element_private (pad), 1);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
count_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  bench_meter_count (gst_pad_get_element_private (pad),
      gst_buffer_list_length (list));
  gst_buffer_list_unref (list);
  return GST_FLOW_OK;
}

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

static GstPad *
counting_pad_new (BenchMeter * meter)
{
  GstPad *pad = gst_pad_new ("count", GST_PAD_SINK);

  gst_object_ref_sink (pad);
  gst_pad_set_element_private (pad, meter);
  gst_pad_set_chain_function (pad, count_chain);
  gst_pad_set_chain_list_function (pad, count_chain_list);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_active (pad, TRUE);
  return pad;
}

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

static gboolean
run_naive (BenchMeter * meter, guint size)
{
  NaiveSource source = {.size = size };
  GstPad *sink = counting_pad_new (meter);
  GThread *thread;
  gboolean done;

  for (guint i = 0; i < BLOCK_COUNT; i++)
    naive_block_fill (&source.blocks[i], size);
  source.pad = gst_object_ref_sink (gst_pad_new ("src", GST_PAD_SRC));
  gst_pad_set_active (source.pad, TRUE);
  gst_pad_link (source.pad, sink);
  thread = g_thread_new ("naive", naive_source_run, &source);

  done = bench_meter_wait (meter);
  g_atomic_int_set (&source.stopping, TRUE);
  g_thread_join (thread);
  gst_object_unref (source.pad);
  gst_object_unref (sink);
  for (guint i = 0; i < BLOCK_COUNT; i++)
    g_free (source.blocks[i].data);
  return done;
}

/* The ring. */

static GstPad *
attach_meter (GstElement * pipeline, BenchMeter * meter)
{
  g_autoptr (GstElement) last =
      gst_bin_get_by_name (GST_BIN (pipeline), "last");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (last, "src");
  GstPad *counting_pad;

  if (pad == NULL) {
    pad = gst_element_get_static_pad (last, "sink");
    bench_meter_probe (meter, pad);
    return NULL;
  }
  counting_pad = counting_pad_new (meter);
  if (gst_pad_link (pad, counting_pad) != GST_PAD_LINK_OK)
    bench_fail ("The counting pad cannot be linked");
  return counting_pad;
}

static gboolean
run_pipeline (BenchMeter * meter, const gchar * line, guint size)
{
  GstElement *pipeline = bench_parse_launch ("afringmocksrc drain=false "
      "packet-size=%u block-size=%u block-count=%u %s", size, BLOCK_SIZE,
      BLOCK_COUNT, line);
  GstPad *counting_pad = attach_meter (pipeline, meter);
  gboolean done;

  bench_set_state (pipeline, GST_STATE_PLAYING);
  done = bench_meter_wait (meter);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  gst_clear_object (&counting_pad);
  return done;
}

/* Of what it costs to write, a gigabyte tells enough. */
static guint64
get_packets (const Sink * sink, guint size)
{
  guint64 most = G_MAXUINT64;

  if (sink->writes)
    most = 1024 * MIB / size;
  return MIN ((guint64) option_packets, most);
}

static void
run (const Sink * sink, guint size, gboolean count_allocations,
    Result * result)
{
  /* the ring once and a half, so that all of it has been touched */
  guint64 warm_up = BLOCK_SIZE / get_slot_size (size) * BLOCK_COUNT * 3 / 2;
  BenchMeter meter;
  gboolean done;

  bench_meter_init (&meter, warm_up, get_packets (sink, size),
      count_allocations);
  if (sink->line == NULL)
    done = run_naive (&meter, size);
  else
    done = run_pipeline (&meter, sink->line, size);
  if (!done)
    bench_fail ("%s, %u bytes: too slow, fewer packets may help", sink->name,
        size);

  if (count_allocations) {
    result->allocations = meter.allocations;
  } else {
    g_array_append_val (result->wall, meter.wall);
    g_array_append_val (result->cpu, meter.cpu);
  }
  bench_meter_clear (&meter);
}

static gboolean
is_wanted (const Sink * sink)
{
  return option_only == NULL || strstr (sink->name, option_only) != NULL;
}

static void
print_result (const Sink * sink, Result * result, gdouble naive)
{
  BenchSpread wall = bench_get_spread (result->wall);
  BenchSpread cpu = bench_get_spread (result->cpu);

  printf ("%-28s %8.1f %7.1f %7.1f  %8.1f %7.1f %7.1f %9.2f %9.3f %7.2f\n",
      sink->name, wall.median, wall.least, wall.most, cpu.median, cpu.least,
      cpu.most, 1000 / wall.median, result->allocations, cpu.median / naive);
}

static void
measure_size (guint size)
{
  Result results[G_N_ELEMENTS (sinks)] = { 0, };

  for (guint i = 0; i < G_N_ELEMENTS (sinks); i++) {
    results[i].wall = g_array_new (FALSE, FALSE, sizeof (gdouble));
    results[i].cpu = g_array_new (FALSE, FALSE, sizeof (gdouble));
  }
  for (gint round = -1; round < option_rounds; round++) {
    for (guint i = 0; i < G_N_ELEMENTS (sinks); i++) {
      if (is_wanted (&sinks[i]))
        run (&sinks[i], size, round < 0, &results[i]);
    }
  }

  printf ("\n%-28s %8s %7s %7s  %8s %7s %7s %9s %9s %7s\n", "", "wall ns",
      "least", "most", "CPU ns", "least", "most", "million/s", "alloc.",
      "CPU to");
  printf ("%4u%-24s %8s %7s %7s  %8s %7s %7s %9s %9s %7s\n", size, " bytes, into",
      "a packet", "", "", "a packet", "", "", "packets", "a packet", "naive");
  for (guint i = 0; i < G_N_ELEMENTS (sinks); i++) {
    if (is_wanted (&sinks[i]))
      print_result (&sinks[i], &results[i],
          bench_get_spread (results[NAIVE].cpu).median);
    g_array_unref (results[i].wall);
    g_array_unref (results[i].cpu);
  }
}

static gchar *
enter_directory (void)
{
  g_autofree gchar *template = g_build_filename (option_directory != NULL ?
      option_directory : g_get_tmp_dir (), "bench-pipeline-XXXXXX", NULL);

  if (g_mkdtemp (template) == NULL || g_chdir (template) != 0)
    bench_fail ("Cannot write in %s", template);
  return g_steal_pointer (&template);
}

static void
remove_directory (const gchar * name)
{
  g_autoptr (GDir) directory = g_dir_open (name, 0, NULL);
  const gchar *file;

  while ((file = g_dir_read_name (directory)) != NULL)
    g_unlink (file);
  g_rmdir (name);
}

int
main (int argc, char **argv)
{
  g_autofree gchar *directory = NULL;
  g_autoptr (GArray) sizes = NULL;

  bench_init (&argc, &argv, options,
      "Measures what a packet costs on its way through a pipeline.");
  sizes = bench_parse_numbers (option_sizes);
  directory = enter_directory ();
  bench_print_machine ();
  printf ("%d packets in each of %d rounds; ring of %d blocks of %d MiB; files "
      "on %s\n", option_packets, option_rounds, BLOCK_COUNT, BLOCK_SIZE / MIB,
      bench_get_filesystem ("."));
  for (guint i = 0; i < sizes->len; i++)
    measure_size (g_array_index (sizes, guint, i));
  remove_directory (directory);
  return 0;
}
