/* What a packet costs as a recording has more and more files.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "scale.h"
#include "bench.h"
#include "meter.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PACKET_SIZE 512
#define FILE_SIZE 524288        /* bytes; small, so that there are many soon */
#define KEPT 50                 /* files, where the oldest are deleted */
#define TIME_LIMIT (60 * G_TIME_SPAN_SECOND)

/* Measured is the cost of so many files from here on. */
static const guint at_files[] = { 1, 100, 1000 };

#define WINDOW 40

#define N_PLACES G_N_ELEMENTS (at_files)
#define LAST_FILE (at_files[N_PLACES - 1] + WINDOW)

/* 0: all files are kept. */
static const guint max_files[] = { 0, KEPT };

#define N_WAYS G_N_ELEMENTS (max_files)

/* Where a recording is when a file is closed; files count from 1. */
typedef struct
{
  BenchTime time;
  guint64 packets;
  gdouble memory;               /* MiB */
} Mark;

typedef struct
{
  Mark marks[1100];
  guint closed;
  guint64 packets;
  GMutex lock;
  GCond cond;
} Recording;

typedef struct
{
  BenchCost cost;
  GArray *memory;
} Result;

static gdouble
get_memory (void)
{
  g_autofree gchar *text = NULL;
  const gchar *resident;

  if (!g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    return 0;
  resident = strchr (text, ' ');
  return g_ascii_strtod (resident, NULL) * sysconf (_SC_PAGESIZE) / 1048576;
}

static void
file_closed (Recording * self, const GstStructure * structure)
{
  guint64 packets = 0;

  gst_structure_get_uint64 (structure, "packets", &packets);
  g_mutex_lock (&self->lock);
  self->packets += packets;
  if (++self->closed < G_N_ELEMENTS (self->marks)) {
    Mark *mark = &self->marks[self->closed];

    bench_get_time (&mark->time);
    mark->packets = self->packets;
    mark->memory = get_memory ();
  }
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* On the thread that closes the file. */
static GstBusSyncReply
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && gst_structure_has_name (structure, "GstPcapSinkFileClosed"))
    file_closed (user_data, structure);
  return GST_BUS_PASS;
}

static void
await_files (Recording * self)
{
  gint64 limit = g_get_monotonic_time () + TIME_LIMIT;

  g_mutex_lock (&self->lock);
  while (self->closed < LAST_FILE
      && g_cond_wait_until (&self->cond, &self->lock, limit));
  if (self->closed < LAST_FILE)
    bench_fail ("After a minute there are only %u files", self->closed);
  g_mutex_unlock (&self->lock);
}

static void
add_results (const Recording * recording, Result * results)
{
  for (guint i = 0; i < N_PLACES; i++) {
    const Mark *from = &recording->marks[at_files[i]];
    const Mark *to = &recording->marks[at_files[i] + WINDOW];

    bench_cost_add (&results[i].cost, &from->time, &to->time,
        to->packets - from->packets);
    g_array_append_val (results[i].memory, to->memory);
  }
}

static void
measure (guint most, const gchar * parent, Result * results)
{
  gchar *directory = bench_make_directory (parent);
  GstElement *pipeline = bench_parse_launch ("afringmocksrc drain=false "
      "packet-size=%u ! pcapsink max-file-size=%u max-files=%u "
      "location=%s/%%05d.pcapng", PACKET_SIZE, FILE_SIZE, most, directory);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  Recording recording = { 0, };

  g_mutex_init (&recording.lock);
  g_cond_init (&recording.cond);
  gst_bus_set_sync_handler (bus, take_message, &recording, NULL);
  bench_play (pipeline);
  await_files (&recording);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_object_unref (pipeline);
  g_mutex_clear (&recording.lock);
  g_cond_clear (&recording.cond);
  bench_remove_directory (directory);
  add_results (&recording, results);
}

static void
print_table (Result results[N_WAYS][N_PLACES])
{
  printf ("%-16s %8s %s %9s %7s\n", "", "file", BENCH_COST_NAMES, "resident",
      "CPU to");
  printf ("%-16s %8s %s %9s %7s\n", "", "", BENCH_COST_UNITS, "MiB", "first");
  for (guint i = 0; i < N_WAYS * N_PLACES; i++) {
    const Result *result = &results[i / N_PLACES][i % N_PLACES];
    gdouble first = bench_cost_get_cpu (&results[i / N_PLACES][0].cost);
    guint most = max_files[i / N_PLACES];
    g_autofree gchar *name = most > 0 ?
        g_strdup_printf ("newest %u kept", most) : g_strdup ("all kept");

    printf ("%-16s %8u ", name, at_files[i % N_PLACES]);
    bench_cost_print (&result->cost);
    printf (" %9.1f %7.2f\n", bench_get_spread (result->memory).median,
        bench_cost_get_cpu (&result->cost) / first);
  }
}

void
scale_recording (guint rounds, const gchar * directory)
{
  Result results[N_WAYS][N_PLACES];

  printf ("\nRecording: files of %d KiB, packets of %d bytes from the mock ring, "
      "over %d files each\n", FILE_SIZE / 1024, PACKET_SIZE, WINDOW);
  for (guint i = 0; i < N_WAYS * N_PLACES; i++) {
    Result *result = &results[i / N_PLACES][i % N_PLACES];

    bench_cost_init (&result->cost);
    result->memory = g_array_new (FALSE, FALSE, sizeof (gdouble));
  }
  for (guint round = 0; round < rounds; round++) {
    for (guint i = 0; i < N_WAYS; i++)
      measure (max_files[i], directory, results[i]);
  }
  print_table (results);
  for (guint i = 0; i < N_WAYS * N_PLACES; i++) {
    bench_cost_clear (&results[i / N_PLACES][i % N_PLACES].cost);
    g_array_unref (results[i / N_PLACES][i % N_PLACES].memory);
  }
}
