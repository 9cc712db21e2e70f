/* What the instruments have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"
#include "allocations.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define STATE_LIMIT (10 * GST_SECOND)
#define END_LIMIT (30 * GST_SECOND)
#define METER_LIMIT (30 * G_TIME_SPAN_SECOND)

void
bench_fail (const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  exit (1);
}

/* Starting. */

/* The environment of a test has G_SLICE=always-malloc, and GLib has read it. */
static void
restart_with_slices (char **argv)
{
  if (g_getenv ("G_SLICE") == NULL)
    return;
  g_unsetenv ("G_SLICE");
  execv ("/proc/self/exe", argv);
}

static void
find_plugin (void)
{
  g_autofree gchar *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree gchar *directory = g_path_get_dirname (program);
  g_autofree gchar *plugins =
      g_build_filename (directory, "..", "..", "plugin", NULL);
  g_autofree gchar *registry =
      g_build_filename (directory, "registry.bin", NULL);

  g_setenv ("GST_PLUGIN_PATH", plugins, FALSE);
  g_setenv ("GST_REGISTRY", registry, FALSE);
}

void
bench_init (int *argc, char ***argv, const GOptionEntry * options,
    const gchar * summary)
{
  GOptionContext *context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  restart_with_slices (*argv);
  find_plugin ();
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    bench_fail ("%s", error->message);
  g_option_context_free (context);
  gst_init (NULL, NULL);
  setvbuf (stdout, NULL, _IOLBF, 0);
}

static gchar *
get_processor (void)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GRegex) regex =
      g_regex_new ("^model name\\s*:\\s*(.+)$", G_REGEX_MULTILINE, 0, NULL);

  if (g_file_get_contents ("/proc/cpuinfo", &text, NULL, NULL)
      && g_regex_match (regex, text, 0, &match))
    return g_match_info_fetch (match, 1);
  return g_strdup ("unknown processor");
}

void
bench_print_machine (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree gchar *date = g_date_time_format (now, "%F");
  g_autofree gchar *processor = get_processor ();
  g_autofree gchar *gstreamer = gst_version_string ();
  g_autoptr (GstPlugin) plugin =
      gst_registry_find_plugin (gst_registry_get (), "afring");
  struct utsname machine;

  if (plugin == NULL)
    bench_fail ("The plugin afring is not to be found: set GST_PLUGIN_PATH");
  uname (&machine);
  printf ("%s; %s %s %s; %s, %u processors\n", date, machine.sysname,
      machine.release, machine.machine, processor, g_get_num_processors ());
  printf ("%s, GLib %u.%u.%u, gst-afring %s (%s)\n", gstreamer,
      glib_major_version, glib_minor_version, glib_micro_version,
      gst_plugin_get_version (plugin), BENCH_BUILD_TYPE);
}

GArray *
bench_parse_numbers (const gchar * text)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_auto (GStrv) words = g_strsplit (text, ",", -1);

  for (guint i = 0; words[i] != NULL; i++) {
    guint64 number;
    guint narrow;

    if (!g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXUINT, &number, NULL))
      bench_fail ("Not a list of numbers: %s", text);
    narrow = number;
    g_array_append_val (numbers, narrow);
  }
  return numbers;
}

/* Pipelines. */

GstElement *
bench_parse_launch (const gchar * format, ...)
{
  g_autofree gchar *line = NULL;
  g_autoptr (GError) error = NULL;
  GstElement *element, *pipeline;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  element = gst_parse_launch (line, &error);
  if (error != NULL)
    bench_fail ("%s: %s", line, error->message);
  if (GST_IS_PIPELINE (element))
    return element;
  pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (pipeline), element);
  return pipeline;
}

static void
fail_with_message (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message =
      gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (message != NULL)
    gst_message_parse_error (message, &error, NULL);
  bench_fail ("The pipeline fails: %s",
      error != NULL ? error->message : "nobody says why");
}

void
bench_set_state (GstElement * element, GstState state)
{
  gst_element_set_state (element, state);
  if (gst_element_get_state (element, NULL, NULL, STATE_LIMIT) ==
      GST_STATE_CHANGE_FAILURE)
    fail_with_message (element);
}

void
bench_end (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_send_event (pipeline, gst_event_new_eos ());
  message = gst_bus_timed_pop_filtered (bus, END_LIMIT, GST_MESSAGE_EOS);
  if (message == NULL)
    fail_with_message (pipeline);
}

/* Measuring. */

static gint64
get_clock (clockid_t id)
{
  struct timespec now;

  clock_gettime (id, &now);
  return GST_TIMESPEC_TO_TIME (now);
}

void
bench_get_time (BenchTime * time)
{
  time->wall = get_clock (CLOCK_MONOTONIC);
  time->cpu = get_clock (CLOCK_PROCESS_CPUTIME_ID);
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

BenchSpread
bench_get_spread (GArray * values)
{
  const gdouble *sorted = (const gdouble *) values->data;
  guint n = values->len;

  if (n == 0)
    return (BenchSpread) { NAN, NAN, NAN };
  g_array_sort (values, compare);
  return (BenchSpread) { (sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0],
    sorted[n - 1]
  };
}

void
bench_meter_init (BenchMeter * self, guint64 warm_up, guint64 packets,
    gboolean count_allocations)
{
  memset (self, 0, sizeof (*self));
  self->next = warm_up;
  self->packets = packets;
  self->allocations_only = count_allocations;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
}

void
bench_meter_clear (BenchMeter * self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static void
begin (BenchMeter * self)
{
  self->measuring = TRUE;
  self->began_n = self->n;
  self->next = self->n + self->packets;
  bench_get_time (&self->began);
  if (self->allocations_only)
    allocations_start ();
}

static void
finish (BenchMeter * self)
{
  gdouble n = self->n - self->began_n;
  BenchTime now;

  if (self->allocations_only)
    self->allocations = allocations_stop () / n;
  bench_get_time (&now);
  self->wall = (now.wall - self->began.wall) / n;
  self->cpu = (now.cpu - self->began.cpu) / n;
  self->next = G_MAXUINT64;

  g_mutex_lock (&self->lock);
  self->done = TRUE;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

void
bench_meter_pass (BenchMeter * self)
{
  if (self->measuring)
    finish (self);
  else
    begin (self);
}

static GstPadProbeReturn
count_buffers (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  guint n = 1;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    n = gst_buffer_list_length (GST_PAD_PROBE_INFO_BUFFER_LIST (info));
  bench_meter_count (user_data, n);
  return GST_PAD_PROBE_OK;
}

void
bench_meter_probe (BenchMeter * self, GstPad * pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, count_buffers, self, NULL);
}

gboolean
bench_meter_wait (BenchMeter * self)
{
  gint64 limit = g_get_monotonic_time () + METER_LIMIT;
  gboolean done;

  g_mutex_lock (&self->lock);
  while (!self->done && g_cond_wait_until (&self->cond, &self->lock, limit));
  done = self->done;
  g_mutex_unlock (&self->lock);
  return done;
}
