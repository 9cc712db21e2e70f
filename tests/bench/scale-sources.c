/* One and two sources on one interface, into one file and into two.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scale.h"
#include "bench.h"
#include "meter.h"
#include "sender.h"

#include <stdio.h>

#define FRAME_SIZE 60
#define FLOWS 16                /* the sources share them */
#define MARGIN (300 * 1000)     /* microseconds, before the first and after the last */

#define SOURCE "afringsrc interface=" SENDER_PEER
#define SHARED(mode) SOURCE " fanout-group=7 fanout-mode=" mode
#define INTO_ONE(mode) "funnel name=f ! pcapsink name=a " \
    SHARED (mode) " ! f. " SHARED (mode) " ! f."
#define INTO_TWO(mode) SHARED (mode) " ! pcapsink name=a " \
    SHARED (mode) " ! pcapsink name=b"

typedef struct
{
  const gchar *name;
  const gchar *line;
} Setup;

static const Setup setups[] = {
  {"1 source, 1 file", SOURCE " ! pcapsink name=a"},
  {"2, hash, funnel, 1 file", INTO_ONE ("hash")},
  {"2, hash, 2 files", INTO_TWO ("hash")},
  {"2, load-balance, 1 file", INTO_ONE ("load-balance")},
  {"2, load-balance, 2 files", INTO_TWO ("load-balance")},
};

#define N_SETUPS G_N_ELEMENTS (setups)

typedef struct
{
  BenchCost cost;
  GArray *lost;
} Result;

static void
set_location (GstElement * pipeline, const gchar * name,
    const gchar * directory)
{
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autofree gchar *file = g_strconcat (name, ".pcap", NULL);
  g_autofree gchar *path = g_build_filename (directory, file, NULL);

  if (sink != NULL)
    g_object_set (sink, "location", path, NULL);
}

static guint64
count_packets (GstElement * pipeline, const gchar * name)
{
  g_autoptr (GstElement) sink =
      gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstStructure) stats = NULL;
  guint64 packets = 0;

  if (sink == NULL)
    return 0;
  g_object_get (sink, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, "packets", &packets);
  return packets;
}

static void
measure (const Setup * setup, guint64 frames, const gchar * directory,
    Result * result)
{
  GstElement *pipeline = bench_parse_launch ("%s", setup->line);
  BenchTime before, after;
  guint64 packets;
  gdouble lost;

  set_location (pipeline, "a", directory);
  set_location (pipeline, "b", directory);
  bench_play (pipeline);
  g_usleep (MARGIN);
  bench_get_time (&before);
  sender_send (frames, FRAME_SIZE, FLOWS, 0);
  g_usleep (MARGIN);
  bench_end (pipeline);
  bench_get_time (&after);

  packets = count_packets (pipeline, "a") + count_packets (pipeline, "b");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);

  lost = (gdouble) frames - packets;
  bench_cost_add (&result->cost, &before, &after, packets);
  g_array_append_val (result->lost, lost);
}

static void
print_table (Result * results)
{
  gdouble one = bench_cost_get_cpu (&results[0].cost);

  printf ("%-28s %8s %7s %7s %8s %7s %7s %7s\n", "", "CPU ns", "least", "most",
      "lost", "least", "most", "CPU to");
  printf ("%-28s %8s %7s %7s %8s %7s %7s %7s\n", "", "a packet", "", "",
      "packets", "", "", "first");
  for (guint i = 0; i < N_SETUPS; i++) {
    BenchSpread cpu = bench_get_spread (results[i].cost.cpu);
    BenchSpread lost = bench_get_spread (results[i].lost);

    printf ("%-28s %8.1f %7.1f %7.1f %8.0f %7.0f %7.0f %7.2f\n",
        setups[i].name, cpu.median, cpu.least, cpu.most, lost.median,
        lost.least, lost.most, cpu.median / one);
  }
}

void
scale_sources (guint rounds, guint64 frames, const gchar * directory)
{
  Result results[N_SETUPS];

  printf ("\nSources: %" G_GUINT64_FORMAT " frames of %d bytes, %d flows\n",
      frames, FRAME_SIZE, FLOWS);
  for (guint i = 0; i < N_SETUPS; i++) {
    bench_cost_init (&results[i].cost);
    results[i].lost = g_array_new (FALSE, FALSE, sizeof (gdouble));
  }
  for (guint round = 0; round < rounds; round++) {
    for (guint i = 0; i < N_SETUPS; i++)
      measure (&setups[i], frames, directory, &results[i]);
  }
  print_table (results);
  for (guint i = 0; i < N_SETUPS; i++) {
    bench_cost_clear (&results[i].cost);
    g_array_unref (results[i].lost);
  }
}
