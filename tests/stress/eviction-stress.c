/* eviction-stress: many threads use packets whose blocks are evicted under them.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Usage: eviction-stress [--interface NAME] [SECONDS] [THREADS]
 *
 * Threads map, check, share, split, pin, hand on and drop the buffers of a source
 * at random, and keep each for a random time. A copy of each packet that is made
 * on arrival tells what its bytes have to be. The source is afringmocksrc or, with
 * --interface, afringsrc on an interface on which somebody sends.
 *
 * Exits with 1 at the first wrong byte, when the mock stands still, or when at the
 * end memory or mappings are not back where they were. */

#include "stressworkers.h"

#include <gst/afring/afring.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
/* its memory is not the program's own */
#define SANITIZED TRUE
#else
#define SANITIZED FALSE
#endif

#ifdef AFRING_STATIC
/* the elements are built into this program */
/* *INDENT-OFF* */
GST_ELEMENT_REGISTER_DECLARE (afringmocksrc)
GST_ELEMENT_REGISTER_DECLARE (afringsrc)
/* *INDENT-ON* */
#endif

#define PACKET_SIZE 128
#define RING "block-size=32768 block-count=16 max-evicted-bytes=268435456"

#define MAX_THREADS 64
#define STANDSTILL (10 * G_TIME_SPAN_SECOND)
#define PAUSE_INTERVAL (500 * G_TIME_SPAN_MILLISECOND)
#define WARM_UP (G_TIME_SPAN_SECOND / 2)
#define MAPS_SLACK 16
#define RSS_SLACK (32 * 1024)   /* KiB */

typedef struct
{
  gboolean mock;
  StressWorkers *workers;

  /* of the streaming thread */
  GRand *random;
  guint keep_one_of;
  guint64 kept;
  GMutex lock;
  guint64 arrived;              /* lock */
} Stress;

/* Looks at a packet as it comes; some are kept. */
static void
receive (Stress * stress, GstBuffer * buffer, guint64 number)
{
  const GstPacketMeta *meta = gst_buffer_get_packet_meta (buffer);
  StressItem *item;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    stress_die ("packet %" G_GUINT64_FORMAT " cannot be mapped", number);
  if (stress->mock)
    stress_check_synthetic (&map, PACKET_SIZE, number);
  if (meta == NULL || meta->wire_length < map.size)
    stress_die ("packet %" G_GUINT64_FORMAT " has a wrong meta", number);
  gst_buffer_unmap (buffer, &map);

  if (g_rand_int_range (stress->random, 0, stress->keep_one_of) != 0)
    return;
  item = stress_item_new (buffer, number);
  if (stress_workers_give (stress->workers, stress->random, item))
    stress->kept++;
  else
    stress_item_free (item);
}

static GstPadProbeReturn
receive_list (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  Stress *stress = user_data;
  guint n = gst_buffer_list_length (list);

  /* of some blocks many, of others one, or none */
  stress->keep_one_of = 8 << g_rand_int_range (stress->random, 0, 6);
  for (guint i = 0; i < n; i++)
    receive (stress, gst_buffer_list_get (list, i), stress->arrived + i);
  g_mutex_lock (&stress->lock);
  stress->arrived += n;
  g_mutex_unlock (&stress->lock);
  return GST_PAD_PROBE_OK;
}

static guint64
get_arrived (Stress * stress)
{
  guint64 arrived;

  g_mutex_lock (&stress->lock);
  arrived = stress->arrived;
  g_mutex_unlock (&stress->lock);
  return arrived;
}

static guint64
get_stat (GstElement * src, const gchar * field)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (src, "stats", &stats, NULL);
  gst_structure_get_uint64 (stats, field, &value);
  return value;
}

static void
check_bus (GstBus * bus)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  GError *error = NULL;

  if (message == NULL)
    return;
  gst_message_parse_error (message, &error, NULL);
  stress_die ("%s", error->message);
}

/* Plays for @duration, with a pause now and then; the most that was evicted. */
static guint64
play (Stress * stress, GstElement * pipeline, GstElement * src, gint64 duration)
{
  gint64 now = g_get_monotonic_time (), end = now + duration;
  gint64 pause = now + PAUSE_INTERVAL, moved = now;
  GstBus *bus = gst_element_get_bus (pipeline);
  guint64 arrived = 0, peak = 0;

  for (; now < end; now = g_get_monotonic_time ()) {
    guint64 n = get_arrived (stress);

    g_usleep (2000);
    check_bus (bus);
    peak = MAX (peak, get_stat (src, "evicted-bytes"));
    if (n != arrived)
      moved = now;
    else if (stress->mock && now - moved > STANDSTILL)
      stress_die ("nothing comes after packet %" G_GUINT64_FORMAT, n);
    arrived = n;
    if (now >= pause) {
      gst_element_set_state (pipeline, GST_STATE_PAUSED);
      gst_element_set_state (pipeline, GST_STATE_PLAYING);
      pause = now + PAUSE_INTERVAL;
    }
  }
  gst_object_unref (bus);
  return peak;
}

/* Of the source, while it is there. */
static void
print_blocks (Stress * stress, GstElement * src, guint64 peak)
{
  printf ("packets: %" G_GUINT64_FORMAT " arrived, %" G_GUINT64_FORMAT
      " dropped, %" G_GUINT64_FORMAT " kept\n", stress->arrived,
      get_stat (src, "packets-dropped"), stress->kept);
  printf ("blocks: %" G_GUINT64_FORMAT " read, %" G_GUINT64_FORMAT " evicted, %"
      G_GUINT64_FORMAT " bytes at most\n", get_stat (src, "blocks"),
      get_stat (src, "evicted-blocks"), peak);
}

/* From the first packet to the last buffer, which outlives the element. */
static void
run (const gchar * interface, guint n_workers, gint64 duration, gboolean quiet)
{
  g_autofree gchar *source = interface != NULL ?
      g_strdup_printf ("afringsrc interface=%s", interface) :
      g_strdup_printf ("afringmocksrc packet-size=%u", PACKET_SIZE);
  g_autofree gchar *line = g_strdup_printf ("%s name=src " RING " ! fakesink "
      "async=false sync=false enable-last-sample=false", source);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error), *src;
  Stress stress = {.mock = interface == NULL,.random = g_rand_new () };
  guint64 peak;
  GstPad *pad;

  if (error != NULL)
    stress_die ("%s", error->message);
  g_mutex_init (&stress.lock);
  stress.workers = stress_workers_new (n_workers);
  src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
  pad = gst_element_get_static_pad (src, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER_LIST, receive_list, &stress,
      NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  peak = play (&stress, pipeline, src, duration);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (!quiet && stress.arrived == 0)
    stress_die ("nothing came");
  if (!quiet)
    print_blocks (&stress, src, peak);
  gst_object_unref (pad);
  gst_object_unref (src);
  gst_object_unref (pipeline);

  g_usleep (50000);
  stress_workers_join (stress.workers);
  if (!quiet)
    stress_workers_print (stress.workers);
  stress_workers_free (stress.workers);
  g_rand_free (stress.random);
  g_mutex_clear (&stress.lock);
}

/* Lines of a file of this process that begin with @prefix, or the number behind
 * it. */
static guint64
read_proc (const gchar * name, const gchar * prefix)
{
  g_autofree gchar *path = g_build_filename ("/proc/self", name, NULL);
  g_autofree gchar *contents = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &contents, NULL, NULL))
    stress_die ("cannot read %s", path);
  lines = g_strsplit (contents, "\n", -1);
  if (prefix == NULL)
    return g_strv_length (lines);
  for (gchar ** line = lines; *line != NULL; line++) {
    if (g_str_has_prefix (*line, prefix))
      return g_ascii_strtoull (g_strchug (*line + strlen (prefix)), NULL, 10);
  }
  return 0;
}

static void
measure (guint64 * maps, guint64 * rss)
{
  malloc_trim (0);
  *maps = read_proc ("maps", NULL);
  *rss = read_proc ("status", "VmRSS:");
}

int
main (int argc, char *argv[])
{
  gchar *interface = NULL;
  GOptionEntry entries[] = {
    {"interface", 'i', 0, G_OPTION_ARG_STRING, &interface,
        "Capture on an interface instead of the mock ring", "NAME"},
    {NULL}
  };
  GOptionContext *context = g_option_context_new ("[SECONDS] [THREADS]");
  guint64 maps_before, maps, rss_before, rss;
  gint64 duration;
  guint n_workers;
  GError *error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error))
    stress_die ("%s", error->message);
  g_option_context_free (context);
#ifdef AFRING_STATIC
  GST_ELEMENT_REGISTER (afringmocksrc, NULL);
  GST_ELEMENT_REGISTER (afringsrc, NULL);
#endif
  duration = (argc > 1 ? g_ascii_strtod (argv[1], NULL) : 10) *
      G_TIME_SPAN_SECOND;
  n_workers = CLAMP (argc > 2 ? atoi (argv[2]) : 4, 1, MAX_THREADS);

  /* libraries, heaps and stacks of threads stay */
  run (interface, n_workers, WARM_UP, TRUE);
  measure (&maps_before, &rss_before);
  run (interface, n_workers, duration, FALSE);
  measure (&maps, &rss);
  printf ("process: %" G_GUINT64_FORMAT " mappings, %" G_GUINT64_FORMAT
      " before; %" G_GUINT64_FORMAT " KiB, %" G_GUINT64_FORMAT " before\n", maps,
      maps_before, rss, rss_before);
  if (!SANITIZED && maps > maps_before + MAPS_SLACK)
    stress_die ("mappings are left behind");
  if (!SANITIZED && rss > rss_before + RSS_SLACK)
    stress_die ("memory is left behind");
  g_free (interface);
  return 0;
}
