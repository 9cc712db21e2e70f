/* What the instruments have in common.
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#define END_LIMIT (30 * GST_SECOND)

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

/* Files. */

static GSList *directories;     /* names, the newest first */

static void
empty_directory (const gchar * name)
{
  g_autoptr (GDir) directory = g_dir_open (name, 0, NULL);
  const gchar *entry;

  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL) {
    g_autofree gchar *file = g_build_filename (name, entry, NULL);

    g_unlink (file);
  }
}

static void
remove_directories (void)
{
  while (directories != NULL)
    bench_remove_directory (directories->data);
}

static gpointer
await_interrupt (gpointer signals)
{
  int number;

  sigwait (signals, &number);
  exit (128 + number);
}

/* Whoever is interrupted does not leave gigabytes behind. */
static void
remove_at_exit (void)
{
  static sigset_t signals;

  atexit (remove_directories);
  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  g_thread_unref (g_thread_new ("interrupt", await_interrupt, &signals));
}

gchar *
bench_make_directory (const gchar * parent)
{
  static gboolean once;
  gchar *name = g_build_filename (parent != NULL ? parent : g_get_tmp_dir (),
      "gst-afring-bench-XXXXXX", NULL);

  if (!once)
    remove_at_exit ();
  once = TRUE;
  if (g_mkdtemp (name) == NULL)
    bench_fail ("%s: %s", name, g_strerror (errno));
  directories = g_slist_prepend (directories, name);
  return name;
}

void
bench_remove_directory (gchar * name)
{
  directories = g_slist_remove (directories, name);
  empty_directory (name);
  g_rmdir (name);
  g_free (name);
}

gchar *
bench_get_filesystem (const gchar * path)
{
  const gchar *argv[] = { "findmnt", "-no", "FSTYPE", "-T", path, NULL };
  gchar *name = NULL;

  if (!g_spawn_sync (NULL, (gchar **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
          NULL, &name, NULL, NULL, NULL))
    return g_strdup ("an unknown filesystem");
  return g_strchomp (name);
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
bench_play (GstElement * pipeline)
{
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING) ==
      GST_STATE_CHANGE_FAILURE)
    fail_with_message (pipeline);
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
